"""Events: the in-process bus, and its face for a plugin."""

from aitbc_hooks.events.bus import EventBus, Owner, Subscription
from aitbc_hooks.events.mailbox import Event
from aitbc_hooks.events.plugin_bus import PluginBus

__all__ = ["Event", "EventBus", "Owner", "PluginBus", "Subscription"]
