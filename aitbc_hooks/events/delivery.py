"""Getting publications to their receivers: at once, or through their mailboxes and a pump."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from typing import TYPE_CHECKING, Final

from aitbc_hooks.events.running import turns
from aitbc_hooks.events.standby import Standby
from aitbc_hooks.events.subscription import HELD
from aitbc_hooks.events.sweep import Sweeper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aitbc_hooks.events.publication import Publication
    from aitbc_hooks.events.records import Event
    from aitbc_hooks.events.running import Turn
    from aitbc_hooks.events.subscription import Owner, Subscription

    OnFailure = Callable[[Owner, Event, BaseException], None]
    OnChange = Callable[[Owner], None]

__all__ = ["Delivery"]

_log = logging.getLogger("aitbc.hooks")

#: Broadcasts inside one another that are swept at once; deeper ones go through the mailboxes.
_DEPTH: Final = 8


class Delivery:
    """Hands events to receivers, one at a time and in order for each, and keeps their failures.

    Args:
        on_failure: Told of what a handler has raised.
        on_change: Told when an owner's events pause, go on, or end with an abandoned handler.
        clock: Seconds of a clock that never goes back.
    """

    def __init__(
        self, on_failure: OnFailure, on_change: OnChange | None, clock: Callable[[], float]
    ) -> None:
        self._on_failure = on_failure
        self._on_change = on_change
        self._clock = clock
        self._ready: dict[Subscription, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._standbys: set[Standby] = set()
        self._pumped_by: asyncio.AbstractEventLoop | None = None
        self._sweeper = Sweeper(
            raised=self._raised,
            suspended=self._suspended,
            abandoned=self._abandoned,
            ended=self._standby_ended,
        )

    # What the bus asks for.

    def hand_over(self, publication: Publication, receivers: Iterable[Subscription]) -> None:
        """Let handlers that are free handle an event now; let the event wait for the others."""
        loop = self.enter_loop()
        if self._sweeper.active:
            self.spill()
        if len(self._sweeper.active) < _DEPTH:
            self._sweep(publication, receivers, self._offer, loop)
        else:
            self.enqueue(publication, receivers)

    def enqueue(self, publication: Publication, receivers: Iterable[Subscription]) -> None:
        """Let an event wait in the mailboxes of its receivers."""
        self.enter_loop()
        self.spill()
        for receiver in receivers:
            self._accept(receiver, publication)

    def spill(self) -> None:
        """Let the events of sweeps that are under way wait for the receivers not yet reached.

        Whatever is published now comes after them; and nothing is handed to a receiver whose
        handler is at its first step.
        """
        for publication in self._sweeper.active:
            receiver = publication.at
            if receiver is not None and receiver.turn is None:
                receiver.turn = HELD
                publication.taken += (receiver,)
            if not publication.queued:
                self._keep(publication)

    def turns(self) -> tuple[Turn, ...]:
        """Return the turns that the current code runs in and that have not ended."""
        return tuple(turn for turn in turns() if self._lasts(*turn))

    def handles(self, receiver: Subscription) -> bool:
        """Whether a receiver's handler runs now."""
        return receiver.suspended or any(pub.at is receiver for pub in self._sweeper.active)

    def enter_loop(self) -> asyncio.AbstractEventLoop:
        """Return the running loop; if it is another than before, leave handlers of closed ones.

        No task of theirs will go on.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            self._leave_closed_loops()
        return loop

    def _leave_closed_loops(self) -> None:
        for standby in [standby for standby in self._standbys if standby.loop.is_closed()]:
            receiver = standby.receiver
            self._standbys.discard(standby)
            receiver.owner.standbys.discard(standby)
            if not standby.abandoned:
                receiver.dropped += 1
                receiver.waits.clear()
                receiver.turn = HELD
                receiver.update()
                if receiver.waiting:
                    self._make_ready(receiver)

    # On the way to a handler.

    def _offer(self, receiver: Subscription, publication: Publication) -> bool:
        """Let an event wait for a receiver that is held; whether it may be handled at once."""
        if (
            receiver.owner.breaker.is_open
            and receiver.receives
            and not receiver.waiting
            and not self.handles(receiver)
            and receiver.owner.breaker.admits(publication, self._clock())
        ):
            publication.taken += (receiver,)
            return True
        self._accept(receiver, publication)
        return False

    def _accept(
        self, receiver: Subscription, publication: Publication, *, limited: bool = True
    ) -> None:
        limits = receiver.limits
        if not receiver.receives:
            receiver.ignored += 1
            return
        breaker = receiver.owner.breaker
        if breaker.is_open and not breaker.admits(publication, self._clock()):
            receiver.paused += 1
            return
        if limited and len(receiver.waiting) >= limits.mailbox:
            if limits.when_full == "error":
                receiver.refused += 1
                publication.refused += (receiver,)
                return
            if limits.when_full == "drop_oldest":
                receiver.drop()
            else:
                publication.full += (receiver,)
        receiver.put(publication)
        self._make_ready(receiver)

    def _make_ready(self, receiver: Subscription) -> None:
        self._ready[receiver] = None
        loop = asyncio.get_running_loop()
        if self._pumped_by is not loop:
            self._pumped_by = loop
            loop.call_soon(self._pump, context=Context())

    def _pump(self) -> None:
        """Hand over one event to each receiver that is ready: the rest in the loop's next turn."""
        self._pumped_by = None
        loop = asyncio.get_running_loop()
        batches: dict[Publication, list[Subscription]] = {}
        for receiver in self._ready:
            if receiver.waiting and not receiver.suspended:
                batches.setdefault(receiver.waiting[0], []).append(receiver)
        self._ready.clear()
        try:
            while batches:
                publication = next(iter(batches))
                publication.queued = True
                self._sweep(publication, batches.pop(publication), self._take, loop)
        finally:  # an interrupt leaves some behind
            for receivers in batches.values():
                for receiver in receivers:
                    self._make_ready(receiver)

    def _keep(self, publication: Publication) -> None:
        """Let an event wait for the receivers that its sweep has not reached."""
        publication.cut()
        for receiver in publication.rest:
            if not publication.queued:
                self._accept(receiver, publication, limited=False)
            elif receiver.waiting:
                self._make_ready(receiver)

    def _take(self, receiver: Subscription, publication: Publication) -> bool:
        """Take an event out of the mailbox, unless it has been withdrawn meanwhile."""
        if not receiver.waiting or receiver.waiting[0] is not publication:
            return False
        receiver.take()
        publication.taken += (receiver,)
        return True

    def _sweep(
        self,
        publication: Publication,
        receivers: Iterable[Subscription],
        due: Callable[[Subscription, Publication], bool],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        try:
            self._sweeper.run(publication, receivers, due, loop)
        except BaseException:
            self._keep(publication)
            raise
        finally:
            if publication.taken:
                self._settle(publication)

    # At the end of a turn.

    def _settle(self, publication: Publication) -> None:
        """End the turns of a sweep that need looking after."""
        taken, publication.taken = publication.taken, ()
        for receiver in taken:
            if receiver.turn is not publication:
                self._turn_ended(receiver, publication)

    def _turn_ended(
        self, receiver: Subscription, publication: Publication, *, cut_off: bool = False
    ) -> None:
        owner = receiver.owner
        if not cut_off and owner.breaker.succeeded(publication):
            _log.info("the events of %s go on: it has handled one", owner)
            self.changed(owner)
        publication.resolve(receiver)
        receiver.update()
        if receiver.waiting:
            self._make_ready(receiver)

    def _raised(
        self, receiver: Subscription, publication: Publication, error: BaseException
    ) -> None:
        """Keep what a handler has raised; an interrupt is nobody's to keep."""
        if publication not in self._sweeper.active:
            # The handler had suspended: its task is judged when it ends.
            standby = _task_of(receiver)
            if standby is None:  # the loop is gone, and the collector ends the handler
                raise error
            standby.error = error
        elif isinstance(error, KeyboardInterrupt):
            self._interrupted(receiver, publication)
        else:
            self._failed(receiver, publication, error)
        if isinstance(error, KeyboardInterrupt):
            raise error

    def _interrupted(self, receiver: Subscription, publication: Publication) -> None:
        receiver.failed += 1
        receiver.owner.breaker.failed(publication, self._clock())

    def _failed(
        self, receiver: Subscription, publication: Publication, error: BaseException
    ) -> None:
        receiver.failed += 1
        owner = receiver.owner
        try:
            self._on_failure(owner, publication.event, error)
        except Exception:  # noqa: BLE001 - no failure may keep a broadcaster waiting
            _log.exception("a failure of %s could not be told", owner)
        if owner.breaker.failed(publication, self._clock()):
            _log.warning("%s: %s", owner, owner.trouble)
            for subscription in owner.subscriptions:
                subscription.clear()
            self.changed(owner)

    def changed(self, owner: Owner) -> None:
        """Tell that an owner's events pause or go on, or that a handler of it was abandoned."""
        for subscription in owner.subscriptions:
            subscription.update()
        if self._on_change is not None:
            self._on_change(owner)

    # Handlers that have suspended.

    def _suspended(self, standby: Standby) -> None:
        receiver, publication = standby.receiver, standby.publication
        receiver.turn = publication
        self._standbys.add(standby)
        receiver.owner.standbys.add(standby)
        publication.expect(receiver)

    def _abandoned(self, standby: Standby) -> None:
        """Leave a handler behind that ignores its cancellation; its receiver gets nothing more."""
        receiver, owner = standby.receiver, standby.receiver.owner
        receiver.open = False
        self._judge(standby)
        receiver.turn = HELD
        receiver.clear()
        owner.abandoned += (f"{receiver.pattern!r}",)
        self._turn_ended(receiver, standby.publication, cut_off=True)
        self.changed(owner)

    def _standby_ended(self, standby: Standby) -> None:
        receiver, publication = standby.receiver, standby.publication
        self._standbys.discard(standby)
        receiver.owner.standbys.discard(standby)
        if standby.abandoned:
            return
        receiver.turn = HELD
        cut_off = self._judge(standby)
        self._turn_ended(receiver, publication, cut_off=cut_off)

    def _judge(self, standby: Standby) -> bool:
        """Count what has become of a handler that had suspended; whether it was cut off."""
        receiver, error = standby.receiver, standby.error
        if standby.overdue:
            seconds = receiver.owner.deadline
            error = TimeoutError(f"did not end within its deadline of {seconds:g} s")
        elif standby.dismissed or (
            isinstance(error, asyncio.CancelledError) and standby.cancelling()
        ):
            receiver.dropped += 1
            return True
        if isinstance(error, KeyboardInterrupt):
            self._interrupted(receiver, standby.publication)
        elif error is not None:
            self._failed(receiver, standby.publication, error)
        return False

    def _lasts(self, receiver: Subscription, publication: Publication) -> bool:
        return receiver.turn is publication or (
            publication.at is receiver and publication in self._sweeper.active
        )


def _task_of(receiver: Subscription) -> Standby | None:
    """Return the current task if it carries a receiver's handler."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs
        return None
    own = isinstance(task, Standby) and getattr(task, "receiver", None) is receiver
    return task if own else None  # type: ignore[return-value]
