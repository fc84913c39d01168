"""What goes from an old instance to the one that replaces it: state, and the count of events."""

from __future__ import annotations

import contextlib
import json
import logging
from typing import TYPE_CHECKING, Any

from aitbc_hooks.events import EventStatistics, Owner
from aitbc_hooks.interfaces import PluginStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.events import EventBus
    from aitbc_hooks.hosting.plugin import HostedPlugin
    from aitbc_hooks.lifecycle import Failure

__all__ = ["counting_missed_events", "hand_state_over"]

_log = logging.getLogger("aitbc.hooks")

_HAS_STATE = (PluginStatus.LOADED, PluginStatus.INACTIVE)


async def hand_state_over(old: HostedPlugin, new: HostedPlugin) -> Failure | None:
    """Give what ``export_state()`` of the old instance returns to ``import_state()`` of the new.

    Both are optional, and only called if both are there and the old instance is whole. The state
    is copied as JSON: nothing of the old code can come along with it.

    Returns:
        Why one of them failed.

    Raises:
        KeyboardInterrupt: One of them raised it.
    """
    export_state, import_state = old.own_method("export_state"), new.own_method("import_state")
    if export_state is None or import_state is None or old.lifecycle.status not in _HAS_STATE:
        return None
    state: Any = None

    async def give() -> bool:
        nonlocal state
        state = json.loads(json.dumps(await export_state()))
        return True

    async def take() -> object:
        answer = await import_state(state)
        return True if answer is None else answer

    return await old.lifecycle.ask("export_state", give) or await new.lifecycle.ask(
        "import_state", take
    )


@contextlib.contextmanager
def counting_missed_events(hosted: HostedPlugin, bus: EventBus) -> Iterator[None]:
    """Log how many events do not reach a plugin while the body of the ``with`` statement lasts.

    They are those that waited for the old instance, and those that are published meanwhile.
    """
    owner = hosted.owner
    if not isinstance(owner, Owner) or not owner.granted:
        yield
        return
    before = bus.statistics(owner)
    passing = Owner(None, granted=True)
    for subscription in owner.subscriptions:
        bus.subscribe(subscription.pattern, _ignore, owner=passing)
    try:
        yield
    finally:
        after, passed = bus.statistics(owner), bus.statistics(passing)
        bus.forget(passing)
        reached = _offered(after) - _offered(before)
        missed = _offered(passed) - reached + after.dropped - before.dropped
        if missed > 0:
            _log.warning(
                "plugin %r: %d events did not reach it while it was reloaded", hosted.name, missed
            )


def _ignore(_event_type: str, _data: dict[str, Any]) -> None:
    pass


def _offered(statistics: EventStatistics) -> int:
    return statistics.accepted + statistics.refused + statistics.paused
