"""What every plugin answers: who it is, and the four methods of its lifecycle.

The driver alone calls these, on one plugin at a time and in the order of the lifecycle table;
they cannot be wrapped. To watch other plugins' transitions, implement the hooks of
`aitbc_hookspecs.host`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aitbc_hookspecs._markers import hookspec

if TYPE_CHECKING:
    from aitbc_hooks.interfaces import PluginContext, PluginMetadata


@hookspec(addressed=True)
def get_metadata() -> PluginMetadata:  # type: ignore[empty-body]
    """Return the plugin's metadata.

    The host calls it once after construction and refuses the plugin if the name differs from
    the one it was found under (``AITBC-P05``) or the host's version or platform does not fit
    (``AITBC-D05``). A plugin of functions may leave it out.

    Returns:
        The metadata; the same on every call.
    """


@hookspec(addressed=True)
def get_config_schema() -> dict[str, Any]:  # type: ignore[empty-body]
    """Return the JSON Schema of the plugin's own ``config`` block.

    The host validates the block against it before the plugin is initialised, fills in the
    schema's defaults, and prefers it to a ``config_schema.json`` beside the code.

    Returns:
        A JSON Schema (draft 7 unless ``$schema`` says otherwise); ``{}`` accepts everything.
    """


@hookspec(driver_only=True)
async def initialize(context: PluginContext) -> bool:  # type: ignore[empty-body]
    """Set the plugin up: open files and connections, check what it depends on.

    Called once for each instance, with the status LOADING. Its deadline is 30 s unless the
    configuration says otherwise.

    Args:
        context: What the host gives to the plugin.

    Returns:
        True for success (LOADED). Anything else, or an exception, is a failure (ERROR).
    """


@hookspec(driver_only=True)
async def start(context: PluginContext) -> bool:  # type: ignore[empty-body]
    """Begin serving. Hook calls and events reach the plugin once it has returned True.

    Args:
        context: The one that `initialize` was given.

    Returns:
        True for success (ACTIVE). Anything else, or an exception, is a failure (ERROR).
    """


@hookspec(driver_only=True)
async def stop(context: PluginContext) -> bool:  # type: ignore[empty-body]
    """End what `start` began. Hook calls and events are withheld before it is called.

    Called exactly once for each `start` that returned True.

    Args:
        context: The one that `initialize` was given.

    Returns:
        True for success (INACTIVE). Anything else, or an exception, is a failure (ERROR).
    """


@hookspec(driver_only=True)
async def cleanup(context: PluginContext) -> bool:  # type: ignore[empty-body]
    """Release everything. Must cope with a partial `initialize` and a failed `stop`.

    Called once for each instance whose `initialize` was entered, whatever happened since.

    Args:
        context: The one that `initialize` was given.

    Returns:
        True for success. A failure is recorded and reported; the plugin is unloaded all the same.
    """


@hookspec(addressed=True)
async def health_check() -> dict[str, Any]:  # type: ignore[empty-body]
    """Return the plugin's health; called every ``health_check_interval`` seconds while ACTIVE.

    Returns:
        JSON values. ``status`` is the lifecycle status or a word of the plugin's own
        (``degraded`` with a ``reason`` is shown as a warning); ``uptime`` in seconds;
        ``memory_usage`` in bytes; ``error_count``. Other keys are kept and shown.
    """
