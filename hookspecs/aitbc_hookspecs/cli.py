"""Commands that a plugin adds to the host's command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hookspecs._markers import hookspec

if TYPE_CHECKING:
    from click import Group


@hookspec(addressed=True)
def get_commands() -> list[Group]:  # type: ignore[empty-body]
    """Return the plugin's command groups.

    The host mounts each under its name, and refuses a name that it or another plugin has
    already (``AITBC-P11``). Called when the plugin is ACTIVE; commands run while it is.

    Returns:
        click groups, each with a name that is unique among all plugins.
    """


@hookspec(addressed=True)
def get_command_help() -> str:  # type: ignore[empty-body]
    """Return one line of help, shown beside the plugin's commands.

    Returns:
        Plain text without a line break.
    """
