"""A sweep: one loop over all receivers of an event, stepped as a whole.

The handlers of a sweep are awaited one after another in one coroutine, which is begun by hand. As
long as none suspends, an event costs what a loop over its handlers costs. The first that suspends
keeps the coroutine, and a task (see `standby`); the receivers after it get a sweep of their own at
once, so receivers do not wait for one another.
"""

from __future__ import annotations

import asyncio
from asyncio.tasks import _enter_task, _leave_task
from time import perf_counter
from typing import TYPE_CHECKING, Any

from aitbc_hooks.dispatch.recording import SAMPLE
from aitbc_hooks.events.running import publication as brought_by
from aitbc_hooks.events.running import running
from aitbc_hooks.events.standby import Standby

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from aitbc_hooks.events.publication import Publication
    from aitbc_hooks.events.subscription import Subscription

    Due = Callable[[Subscription, Publication], bool]
    Raised = Callable[[Subscription, Publication, BaseException], None]

__all__ = ["Sweeper"]


async def _sweep(publication: Publication, due: Due, raised: Raised) -> None:
    """Hand an event to every receiver that is reached.

    This loop is what an event costs; whatever is out of the ordinary is asked of `due` and told to
    `raised`.
    """
    event_type, data, enter = publication.type, publication.data, running.set
    brought_by.set(publication)
    for receiver in publication.rest:
        if receiver.turn is not None and not due(receiver, publication):
            continue
        enter(receiver)
        handler = receiver.handler
        try:
            await handler(event_type, data)
        except BaseException as error:  # noqa: BLE001 - whoever is told decides
            raised(receiver, publication, error)


async def _timed_sweep(publication: Publication, due: Due, raised: Raised) -> None:
    """Do the same by the clock: a handler's time is that around its await, waiting included."""
    event_type, data, enter = publication.type, publication.data, running.set
    brought_by.set(publication)
    for receiver in publication.rest:
        if receiver.turn is not None and not due(receiver, publication):
            continue
        enter(receiver)
        began = perf_counter()
        try:
            await receiver.handler(event_type, data)
        except BaseException as error:  # noqa: BLE001 - whoever is told decides
            raised(receiver, publication, error)
        finally:
            receiver.timed += 1
            receiver.seconds += perf_counter() - began


class Sweeper:
    """Makes sweeps, and has tasks stand by for them.

    Args:
        raised: Told of what a handler raises, in the sweep; what it raises itself ends the sweep.
        suspended: Told of the task that goes on with a handler.
        abandoned: Told of a task whose handler ignores its cancellation.
        ended: Told of a task whose handler has ended.

    Attributes:
        active: The publications whose sweeps run now, each inside the one before it.
    """

    def __init__(
        self,
        *,
        raised: Raised,
        suspended: Callable[[Standby], None],
        abandoned: Callable[[Standby], None],
        ended: Callable[[Standby], None],
    ) -> None:
        self.active: list[Publication] = []
        self._raised = raised
        self._suspended = suspended
        self._abandoned = abandoned
        self._ended = ended
        self._pool: list[Standby] = []
        self._runs = 0

    def run(
        self,
        publication: Publication,
        receivers: Iterable[Subscription],
        due: Due,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """Hand an event to receivers, up to the first suspension of each handler.

        Args:
            publication: Brings the event.
            receivers: Those to reach.
            due: Says of a receiver that has a turn whether its handler is to be called now.
            loop: The running loop.
        """
        outer = asyncio.current_task(loop)
        publication.rest = iter(receivers)
        sweep = _sweep if self._runs % SAMPLE else _timed_sweep
        self._runs += 1
        self.active.append(publication)
        if outer is not None:
            _leave_task(loop, outer)
        try:
            while self._step(publication, sweep(publication, due, self._raised), loop):
                pass
        finally:
            if outer is not None:
                _enter_task(loop, outer)
            self.active.pop()

    def _step(
        self,
        publication: Publication,
        coroutine: Coroutine[Any, Any, None],
        loop: asyncio.AbstractEventLoop,
    ) -> bool:
        """Sweep until a handler suspends; return whether receivers remain."""
        standby = self._stand_by(loop)
        standby.lent = publication
        _enter_task(loop, standby)
        try:
            signal: Any = publication.context.run(coroutine.send, None)
        except StopIteration:
            self._pool.append(standby)
            return standby.spent and publication.cut()
        finally:
            _leave_task(loop, standby)
            standby.lent = None
        self._detach(standby, publication, coroutine, signal)
        return publication.cut()

    def _detach(
        self, standby: Standby, publication: Publication, coroutine: Any, signal: Any
    ) -> None:
        """Let a standby go on with the handler that has suspended."""
        receiver = publication.at
        if receiver is None:  # the handler that suspends was reached
            return
        standby.receiver, standby.publication = receiver, publication
        standby.set_name(f"aitbc-hooks:{receiver.owner.name or 'host'}:event:{publication.type}")
        standby.carry(coroutine, publication.context, signal, receiver.owner.deadline)
        # The context stays with the handler: it says in whose name it runs.
        publication.context = publication.context.copy()
        self._suspended(standby)

    def _stand_by(self, loop: asyncio.AbstractEventLoop) -> Standby:
        while self._pool:
            standby = self._pool.pop()
            if standby.loop is loop and not standby.spent:
                return standby
        return Standby(loop, self._abandoned, self._ended)
