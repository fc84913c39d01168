"""EVT: what a plugin does with events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.adapter import overrides_event_handler
from aitbc_hooks.interfaces import BasePlugin
from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.generating import Event, events, try_telling_events
from aitbc_hooks.testing.kit.outcomes import Level
from aitbc_hooks.testing.kit.trials.steps import LOAD, START, STOP, UNLOAD, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aitbc_hooks.testing.kit.specimen import Specimen


def _ignores_events(specimen: Specimen) -> str | None:
    plugin = specimen.probe
    if isinstance(plugin, BasePlugin):
        return None if overrides_event_handler(plugin) else "it handles no events."
    return None if specimen.implements("handle_event") else "it handles no events."


@check(
    "EVT-01",
    Level.SHOULD,
    "handle_event() copes with every event type and JSON payload, and ends.",
    sentence="Handle system events (optional)",
    source="SPEC.md, Base Plugin Interface; Best Practices, 2",
    needs=["LIFE-01"],
    concern=_ignores_events,
    fix="Ignore events that do not concern the plugin, and ask for keys with `data.get(...)`: any "
    "plugin may publish any payload.",
    example="""
    class Trusting(Sound):
        async def handle_event(self, event_type, data):
            if event_type == "user_login":
                self.last = data["user"]
    """,
)
def copes_with_events(specimen: Specimen) -> None:
    """A handler that raises loses the event, and one that keeps failing is paused."""
    kinds = {"raised", "hung"}
    deliver = _deliver(specimen, [LOAD, START], kinds)
    try_telling_events(specimen, deliver)
    specimen.for_all(events(specimen), deliver)
    again = _deliver(specimen, [LOAD, START, STOP, START], kinds)
    try_telling_events(specimen, again, most=3)


@check(
    "EVT-02",
    Level.MUST,
    "handle_event() returns None and leaves the payload as it is.",
    sentence="The payload, shared by all receivers: read it, do not change it.",
    source="hookspec handle_event; SPEC.md, Base Plugin Interface",
    needs=["LIFE-01"],
    concern=_ignores_events,
    fix="Copy the payload before changing it: `data = dict(data)`, or `copy.deepcopy(data)`.",
    example="""
    class Greedy(Sound):
        async def handle_event(self, event_type, data):
            self.user = data.pop("user", None)
    """,
)
def leaves_the_payload(specimen: Specimen) -> None:
    """All receivers see one payload; what one of them changes, the next one misses."""
    deliver = _deliver(specimen, [LOAD, START], {"returned", "changed"})
    try_telling_events(specimen, deliver)
    specimen.for_all(events(specimen), deliver)


def _deliver(
    specimen: Specimen, before: Iterable[Step], kinds: Iterable[str]
) -> Callable[[list[Event]], None]:
    """Return what delivers events after some steps, and looks for violations of some kinds."""

    def try_one(case: list[Event]) -> None:
        steps = [Step("event", event) for event in case]
        specimen.play([*before, *steps, UNLOAD], kinds=kinds)

    return try_one
