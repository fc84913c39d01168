"""Events that reach a plugin."""

from __future__ import annotations

from typing import Any

from aitbc_hookspecs._markers import hookspec


@hookspec(driver_only=True)
async def handle_event(event_type: str, data: dict[str, Any]) -> None:
    """Handle one event, broadcast by the host or published by another plugin.

    The bus calls it, only on ACTIVE plugins: one event at a time and in order for each plugin,
    independently of other plugins. What it raises is recorded as the plugin's error and goes no
    further. To send an event, use ``PluginManager.broadcast_event`` or
    ``context.event_bus.publish``.

    Args:
        event_type: A dotted name such as ``transaction_completed`` or ``blocks.new``.
        data: The payload, shared by all receivers: read it, do not change it.
    """
