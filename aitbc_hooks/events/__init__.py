"""Events: the in-process bus, and its face for a plugin."""

from aitbc_hooks.events.bus import EventBus
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
    "owner_in",
    "running",
]
