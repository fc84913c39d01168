"""All that the host knows of a plugin at one moment, as one record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import attrs

from aitbc_hooks.events import EventStatistics

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from aitbc_hooks.dispatch import Tally
    from aitbc_hooks.hosting.plugin import HostedPlugin
    from aitbc_hooks.interfaces import PluginStatus
    from aitbc_hooks.lifecycle import Failure

__all__ = ["HookCalls", "PluginReport"]


@attrs.frozen
class HookCalls:
    """What the calls of one of a plugin's hooks have come to since the host was made.

    Attributes:
        hook: The hook. Events are in `PluginReport.events`.
        calls: How many calls were begun.
        errors: How many of them raised, whatever became of it.
        in_flight: How many of an async hook have not ended.
        mean: Seconds that a call took on the average, waiting included; None while no call was
            timed (`aitbc_hooks.dispatch.Tally`).
    """

    hook: str
    calls: int
    errors: int
    in_flight: int
    mean: float | None

    @classmethod
    def of(cls, tally: Tally) -> Self:
        """Take the record of a tally as it is now."""
        return cls(tally.hook_name, tally.calls, tally.errors, tally.in_flight, tally.mean)


@attrs.frozen
class PluginReport:
    """All that the host knows of a plugin at one moment.

    Attributes:
        name: Its name.
        status: Its lifecycle status.
        since: When it became that, in UTC.
        failure: What went wrong last with this instance or its unloading.
        version: Its version; None if that is not known without importing it.
        description: One sentence, likewise.
        source: The kind of place where it was found, and `location` the place.
        location: The folder, entry point or module.
        enabled: Whether the host starts it by itself.
        priority: 1 to 100; lower comes first.
        dependencies: ``name`` or ``name range`` of what it needs.
        health: What its last health check returned; None before the first.
        error_count: Failures recorded for this instance.
        events: What has become of the events for this instance.
        calls: What calls of its hooks have come to; the hooks that were called, by name.
        isolation: Where its code runs: ``none`` is in the host's own process.
        waits_for: What starts it, if it is one that is started on demand and waits for that.
    """

    name: str
    status: PluginStatus
    since: datetime
    failure: Failure | None
    version: str | None
    description: str | None
    source: str
    location: str
    enabled: bool
    priority: int
    dependencies: tuple[str, ...]
    health: Mapping[str, Any] | None
    error_count: int
    events: EventStatistics = attrs.field(factory=EventStatistics)
    calls: tuple[HookCalls, ...] = ()
    isolation: str = "none"
    waits_for: tuple[str, ...] = ()

    @classmethod
    def of(cls, hosted: HostedPlugin, *, enabled: bool, waits_for: tuple[str, ...] = ()) -> Self:
        """Take the record of a plugin as it is now."""
        candidate, lifecycle, metadata = hosted.candidate, hosted.lifecycle, hosted.metadata
        return cls(
            name=hosted.name,
            status=lifecycle.status,
            since=lifecycle.since,
            failure=lifecycle.failure,
            version=hosted.version,
            description=metadata.description if metadata else candidate.description,
            source=candidate.source,
            location=candidate.location,
            enabled=enabled,
            priority=hosted.settings.priority,
            dependencies=tuple(str(requirement) for requirement in hosted.requirements),
            health=hosted.health,
            error_count=lifecycle.error_count,
            events=hosted.events,
            calls=tuple(HookCalls.of(tally) for tally in hosted.tallies if tally.calls),
            waits_for=waits_for,
        )
