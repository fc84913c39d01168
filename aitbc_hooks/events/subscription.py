"""A receiver of events: one handler, with the events that wait for it."""

from __future__ import annotations

import enum
import inspect
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from aitbc_hooks.awaiting import awaited
from aitbc_hooks.events.breaker import Breaker
from aitbc_hooks.events.patterns import compile_pattern
from aitbc_hooks.events.records import EventLimits, EventStatistics

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aitbc_hooks.events.publication import Publication
    from aitbc_hooks.events.standby import Standby
    from aitbc_hooks.events.waiting import Wait

__all__ = ["HELD", "Handler", "Owner", "Subscription"]

#: What is called with an event's type and data.
Handler: TypeAlias = "Callable[[str, dict[str, Any]], Awaitable[object] | object]"


class _Held(enum.Enum):
    HELD = enum.auto()


#: In the place of a turn: no event may be handed over before something has been looked at.
HELD: Final = _Held.HELD


class Owner:
    """Somebody who receives events: a plugin, or the embedding program.

    Args:
        name: The plugin's name; None for the embedding program.
        deadline: Seconds that each of its handlers may take for one event.
        granted: Whether its handlers are called; a plugin's are while it is ACTIVE.
        limits: How many events may wait for each of its handlers, and what makes them pause.

    Attributes:
        subscriptions: What it has subscribed to and not ended.
        ended: Subscriptions that have ended while their handler ran.
        past: What became of the events of those before.
        standbys: The tasks of its handlers that have suspended.
        abandoned: Its handlers that were left behind, as text for the operator.
        gone: It cannot subscribe any more.
        held: Events reach it by `EventBus.deliver` alone: somebody else has received those before.
    """

    def __init__(
        self,
        name: str | None,
        *,
        deadline: float = 30.0,
        granted: bool = False,
        limits: EventLimits | None = None,
    ) -> None:
        self.name = name
        self.deadline = deadline
        self.granted = granted
        self.limits = limits or EventLimits()
        self.breaker = Breaker(self.limits)
        self.subscriptions: tuple[Subscription, ...] = ()
        self.standbys: set[Standby] = set()
        self.ended: tuple[Subscription, ...] = ()
        self.past = EventStatistics()
        self.abandoned: tuple[str, ...] = ()
        self.gone = False
        self.held = False

    def __str__(self) -> str:
        return f"plugin {self.name!r}" if self.name else "a subscriber"

    @property
    def trouble(self) -> str | None:
        """Why events do not reach it although they should, in words; None if they do."""
        reasons = [f"its handler of {what} was abandoned" for what in self.abandoned]
        if self.granted and self.breaker.is_open:
            limits = self.limits
            reasons.append(
                f"its events pause: {limits.max_failures} failed within "
                f"{limits.failure_window:g} s, and one is tried every {limits.retry_after:g} s"
            )
        return "; ".join(reasons) or None


class Subscription:
    """What `EventBus.subscribe` returns, to be given to `EventBus.unsubscribe`.

    Args:
        owner: On whose behalf.
        pattern: What it subscribes to.
        handler: Called with an event's type and data; what it returns is awaited if awaitable.
        serial: Its place among all subscriptions.

    Attributes:
        turn: None while an event may be handed over at once; `HELD`; or, while a handler that has
            suspended runs, the publication that has brought its event.
        waiting: The events that wait, oldest first.
        waits: What is being waited for in its turns: (turn, wait) pairs.
        watchers: Those who wait for it to rest, and `queuers` those who wait for room.
        timed: The events that were handled by the clock, and `seconds` how long that took.
        offered: The events that the routes had for it; `ignored` reached it when it was withdrawn.
    """

    __slots__ = (
        "dropped",
        "failed",
        "handler",
        "ignored",
        "limits",
        "matches",
        "offered",
        "open",
        "owner",
        "pattern",
        "paused",
        "queuers",
        "refused",
        "seconds",
        "serial",
        "timed",
        "turn",
        "waiting",
        "waits",
        "watchers",
    )

    def __init__(
        self, owner: Owner, pattern: str, handler: Handler, limits: EventLimits, serial: int
    ) -> None:
        self.owner = owner
        self.pattern = pattern
        self.matches = compile_pattern(pattern)
        self.handler = _made_async(handler)
        self.limits = limits
        self.serial = serial
        self.open = True
        self.turn: Publication | Literal[_Held.HELD] | None = None
        self.waiting: deque[Publication] = deque()
        self.waits: list[tuple[Publication, Wait]] = []
        self.watchers: list[Wait] = []
        self.queuers: list[Wait] = []
        self.offered = self.ignored = 0
        self.failed = self.dropped = self.refused = self.paused = 0
        self.timed, self.seconds = 0, 0.0

    def __repr__(self) -> str:
        return f"<Subscription {self.pattern!r} of {self.owner.name or 'the host'}>"

    @property
    def receives(self) -> bool:
        """Whether events may reach it at all."""
        return self.open and self.owner.granted

    @property
    def suspended(self) -> bool:
        """Whether its handler has suspended and not ended."""
        return self.turn is not None and self.turn is not HELD

    @property
    def rests(self) -> bool:
        """Whether nothing waits for it and its handler does not run, as far as one can see."""
        return not self.waiting and not self.suspended

    def put(self, publication: Publication) -> None:
        """Let an event wait, whatever the mailbox holds already."""
        self.waiting.append(publication)
        publication.expect(self)
        self.update()

    def take(self) -> Publication:
        """Return the event that has waited longest."""
        publication = self.waiting.popleft()
        if len(self.waiting) <= self.limits.mailbox:
            self._resolve(self.queuers)
        return publication

    def drop(self) -> None:
        """Withdraw the event that has waited longest; nobody waits for it any more."""
        self.dropped += 1
        self.take().resolve(self)

    def clear(self) -> None:
        """Withdraw all events that wait."""
        while self.waiting:
            self.drop()
        self.update()

    def update(self) -> None:
        """Let events through at once, or hold them, as things stand now."""
        if not self.suspended:
            free = self.receives and not self.waiting and not self.owner.breaker.is_open
            self.turn = None if free else HELD
        if self.rests:
            self._resolve(self.watchers)

    def count(self, *, running: bool) -> EventStatistics:
        """Return what has become of the events that were offered.

        Only what is out of the ordinary is counted where it happens: the rest was handled.

        Args:
            running: Whether its handler runs now.
        """
        other = EventStatistics(
            failed=self.failed,
            dropped=self.dropped,
            running=int(running),
            waiting=len(self.waiting),
            refused=self.refused,
            paused=self.paused,
            timed=self.timed,
            seconds=self.seconds,
        )
        missed = self.ignored + self.refused + self.paused + other.accepted
        return other + EventStatistics(handled=self.offered - missed)

    def _resolve(self, waits: list[Wait]) -> None:
        for wait in waits:
            wait.resolve(self)
        waits.clear()


def _made_async(handler: Handler) -> Callable[[str, dict[str, Any]], Awaitable[object]]:
    """Return a handler whose result is awaitable: the handler itself, where that is known."""
    if inspect.iscoroutinefunction(handler):
        return handler

    async def handle(event_type: str, data: dict[str, Any]) -> object:
        return await awaited(handler(event_type, data))

    return handle
