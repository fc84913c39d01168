"""Of two plugins that conflict, only one is ACTIVE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.errors import VersionError
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle import Failure
from aitbc_hooks.versions import RequirementKind, Version, canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from aitbc_hooks.hosting.plugin import HostedPlugin
    from aitbc_hooks.versions import Requirement

__all__ = ["Conflicts", "fits"]


class Conflicts:
    """Refuses the start of a plugin that does not go with one that is up.

    It does not matter which of the two has declared the conflict: the one that comes second is
    refused. A plugin is up from when it was admitted to its start until it is not ACTIVE any more.

    Args:
        find: Returns the plugin of a name; None if there is none.
    """

    def __init__(self, find: Callable[[str], HostedPlugin | None]) -> None:
        self._find = find
        self._starting: set[HostedPlugin] = set()
        self._objecting: dict[HostedPlugin, list[Requirement]] = {}

    def admit(self, hosted: HostedPlugin) -> Failure | None:
        """Return why a plugin cannot start; else count it as up until `settle` is called."""
        failure = self.reason(hosted)
        if failure is None:
            self._starting.add(hosted)
            if conflicts := _conflicts(hosted):
                self._objecting[hosted] = conflicts
        return failure

    def settle(self, hosted: HostedPlugin) -> None:
        """Let the plugin's status decide from now on: its start has ended."""
        self._starting.discard(hosted)

    def hand_on(self, successor: HostedPlugin, hosted: HostedPlugin) -> None:
        """Let what a successor objects to count for the plugin that has its instance now."""
        self._objecting.pop(hosted, None)
        if conflicts := self._objecting.pop(successor, None):
            self._objecting[hosted] = conflicts

    def reason(self, hosted: HostedPlugin) -> Failure | None:
        """Return why a plugin cannot be ACTIVE beside those that are up."""
        for requirement in _conflicts(hosted):
            other = self._find(requirement.name)
            if other not in (None, hosted) and self._is_up(other) and fits(requirement, other):
                what = f"does not work beside {_about(requirement)}, and {_shown(other)} is active"
                return _failure(hosted, other, what)
        self._objecting = {
            other: conflicts for other, conflicts in self._objecting.items() if self._is_up(other)
        }
        for other, conflicts in self._objecting.items():
            for requirement in conflicts:
                same = canonical_name(requirement.name) == canonical_name(hosted.name)
                if same and other is not hosted and fits(requirement, hosted):
                    what = f"{other.name}, which is active, does not work beside "
                    what += f"{_about(requirement)}, and this is {_shown(hosted)}"
                    return _failure(hosted, other, what)
        return None

    def _is_up(self, hosted: HostedPlugin) -> bool:
        return hosted.lifecycle.status is PluginStatus.ACTIVE or hosted in self._starting


def fits(requirement: Requirement, other: HostedPlugin) -> bool:
    """Whether the version that a plugin has is in a requirement's range.

    The plugin is not chosen here, it is there: a pre-release counts by its order.
    """
    if requirement.range.is_any:
        return True
    try:
        return requirement.allows(Version.parse(other.version), prereleases=True)
    except VersionError:
        return False


def _conflicts(hosted: HostedPlugin) -> list[Requirement]:
    return [each for each in hosted.requirements if each.kind is RequirementKind.CONFLICT]


def _about(requirement: Requirement) -> str:
    return str(requirement).removeprefix(requirement.kind.value)


def _shown(hosted: HostedPlugin) -> str:
    return f"{hosted.name} {hosted.version or ''}".rstrip()


def _failure(hosted: HostedPlugin, other: HostedPlugin, what: str) -> Failure:
    return Failure("AITBC-D06", f"{what}. Stop {other.name} first.", hosted.name)
