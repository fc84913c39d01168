"""What the host tells plugins. Nothing is asked back: results and errors change nothing.

Announcements are made after the fact and in order, from a task of the host's own, so an
implementation may call any operation of the manager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aitbc_hookspecs._markers import hookspec

if TYPE_CHECKING:
    from aitbc_hooks.interfaces import PluginStatus
    from aitbc_hooks.lifecycle import Failure


@hookspec(on_error="isolate", deadline=30)
async def plugin_transitioned(plugin_name: str, old: PluginStatus, new: PluginStatus) -> None:
    """A plugin's status has changed.

    Args:
        plugin_name: The plugin.
        old: Its status before.
        new: Its status after; it may have moved on since.
    """


@hookspec(on_error="isolate", deadline=30)
async def plugin_failed(plugin_name: str, failure: Failure) -> None:
    """A plugin has failed: a lifecycle method, or the unloading that followed.

    Args:
        plugin_name: The plugin.
        failure: Code, message, method, traceback and time; the same record as in
            ``PluginManager.report(plugin_name).failure``.
    """


@hookspec(on_error="isolate", deadline=30)
async def plugin_health_changed(plugin_name: str, health: dict[str, Any]) -> None:
    """The word under ``status`` in a plugin's health differs from that of the check before.

    Args:
        plugin_name: The plugin.
        health: What its ``health_check()`` returned; with the status ``degraded`` and a reason
            where the host knows that events do not reach the plugin.
    """


@hookspec(on_error="isolate", deadline=30)
async def host_started(plugin_names: list[str]) -> None:
    """The host has started everything that is enabled.

    Args:
        plugin_names: The plugins that are ACTIVE, in start order.
    """


@hookspec(on_error="isolate", deadline=30)
async def host_stopping(plugin_names: list[str]) -> None:
    """The host is about to stop; no plugin has been stopped yet.

    Args:
        plugin_names: The plugins that are ACTIVE, in the order in which they will be stopped.
    """
