"""Events: the in-process bus, and its face for a plugin.

* What programs and plugins use: `bus`, `plugin_bus`, and the `records` that they give and take.
* Who receives: a `subscription` has a mailbox and a `breaker`'s consent; `routes` resolves
  `patterns` once for each event type.
* Getting there: a `publication` is an event on its way; `delivery` hands it over at once or through
  the mailboxes, in a `sweep`; a handler that suspends goes on in a `standby`, a task of its own.
* `running` says in whose name code runs; `waiting` lets nobody wait in a circle.
"""

from aitbc_hooks.events.bus import EventBus
from aitbc_hooks.events.patterns import compile_pattern
from aitbc_hooks.events.plugin_bus import PluginBus
from aitbc_hooks.events.records import Event, EventLimits, EventStatistics
from aitbc_hooks.events.running import Errand, owner_in, running
from aitbc_hooks.events.standby import Standby
from aitbc_hooks.events.subscription import Handler, Owner, Subscription

__all__ = [
    "Errand",
    "Event",
    "EventBus",
    "EventLimits",
    "EventStatistics",
    "Handler",
    "Owner",
    "PluginBus",
    "Standby",
    "Subscription",
    "compile_pattern",
    "owner_in",
    "running",
]
