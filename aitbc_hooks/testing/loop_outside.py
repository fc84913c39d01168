"""How long a loop with a virtual clock waits in real time for what happens outside it.

Each thread and descriptor that may still wake the loop has a budget of silence. Waiting uses it
up, a sign of life renews it. So a job, a child process or a peer that is busy is waited for; one
that only lives on costs its budget once, not whenever the loop has nothing to do.
"""

from __future__ import annotations

import threading
import weakref
from collections import defaultdict
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.frames import frames_of_others
from aitbc_hooks.testing.loop_descriptors import descriptors_at_work
from aitbc_hooks.testing.loop_states import process_works, thread_works
from aitbc_hooks.testing.loop_threads import Kind, thread_at_work

if TYPE_CHECKING:
    from collections.abc import Hashable

    from aitbc_hooks.testing.loop import DetLoop
    from aitbc_hooks.testing.loop_threads import AtWork

__all__ = ["Outside"]

#: Real seconds of the first wait, and of the longest; after each the loop looks who is at work.
_GLANCE: Final = 0.001
_SLICE: Final = 0.02

#: Real seconds in which the thread that has waited for a child process tells the loop of its end.
_HAND_OVER: Final = 0.005

#: A job or a child process will end: before it is called a deadlock it has so many times longer.
_SURE: Final = 10

#: A thread that was there before the loop, or whose like has kept silent, has so much less.
_STRANGE: Final = 0.2

#: Real seconds that a thread has which has just begun, whatever its like have used up.
_BEGINNING: Final = 0.03

#: Somebody has so many times that in all while they work but keep silent, and threads of one kind
#: however often they speak.
_TOTAL: Final = 10

#: The threads of whoever runs the tests.
_INFRASTRUCTURE: Final = frozenset(threading.enumerate())


@attrs.define
class _Account:
    """What has been spent on waiting for one party.

    Attributes:
        since: Real seconds since it last gave a sign of life.
        in_all: Real seconds on this loop.
    """

    since: float = 0.0
    in_all: float = 0.0


@attrs.frozen
class _Party:
    """Somebody who may wake the loop.

    Attributes:
        budget: For how many real seconds they may keep silent.
        works: Whether the system says that they are doing something, which is no silence.
        is_child: Whether it is a child process, or a thread that waits for one.
    """

    budget: float
    works: bool
    is_child: bool = False


class Outside:
    """The threads and descriptors around one loop."""

    def __init__(self, loop: DetLoop) -> None:
        self._loop: DetLoop = weakref.proxy(loop)  # no cycle: many loops are made
        self._before = frozenset(threading.enumerate())
        self._heard: set[int | None] = set()
        self._familiar: set[threading.Thread] = set()
        self._met: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        self._accounts: defaultdict[Hashable, _Account] = defaultdict(_Account)
        self._waited = 0.0
        self._time = 0.0
        self._busy_since = inf

    def heard(self, thread: int) -> None:
        """Note a sign of life from a thread; may be called in that thread."""
        self._heard.add(thread)

    def wait(self, gap: float) -> bool:
        """Wait in real time for what may come before the next timer.

        While the clock stands still it waits for `gap` in all, however often it is called.

        Args:
            gap: Seconds to that timer; infinity if there is none.

        Returns:
            Whether the loop has something to run.
        """
        if not self._loop.is_polled() and threading.active_count() == 1:
            return self._loop.is_ready()
        self._waited, self._busy_since = self._since_the_clock_moved(), inf
        final, pause, glanced = gap == inf, _GLANCE, False
        while True:
            parties = self._parties(final=final)
            left = min(gap - self._waited, self._left(parties))
            if left <= 0:
                if glanced or not self._deserves_a_glance(final=final):
                    return self._loop.is_ready()
                glanced, left = True, _GLANCE if final else 0.0
                if any(party.is_child for party in parties.values()):
                    left = _HAND_OVER
            pause = min(pause, left)
            self._listen(pause, parties)
            if self._loop.is_ready():
                self._busy_since = monotonic()
                return True
            pause = min(2 * pause + _GLANCE, _SLICE)

    def is_overdue(self, gap: float) -> bool:
        """Tell whether what comes from outside has kept the loop busy beyond the next timer.

        Args:
            gap: Virtual seconds to that timer.
        """
        longest = max(gap, self._loop.patience)
        return self._since_the_clock_moved() > longest and bool(self._parties(final=False))

    def _since_the_clock_moved(self) -> float:
        """Return for how many real seconds the loop has waited, or worked on what came."""
        if self._time != self._loop.time():
            self._time, self._waited, self._busy_since = self._loop.time(), 0.0, inf
        return self._waited + max(0.0, monotonic() - self._busy_since)

    def _deserves_a_glance(self, *, final: bool) -> bool:
        return self._loop.is_polled() or (final and bool(_others()))

    def _parties(self, *, final: bool) -> dict[Hashable, _Party]:
        """Return who may wake the loop, by the keys of their accounts."""
        parties: dict[Hashable, _Party] = {}
        threads = _others()
        frames = frames_of_others() if threads else {}
        for thread in threads:
            work = thread_at_work(thread, frames)
            self._greet(thread, work)
            if work is not None:
                works = thread_works(thread) or any(map(process_works, work.children))
                budget = self._budget(thread, work, final=final)
                self._meet(thread, work.key, budget)
                parties[work.key] = _Party(budget, works, bool(work.children))
        for key, child in descriptors_at_work(self._loop.registered()):
            budget = self._loop.patience * (_SURE if child and final else 1)
            parties[key] = _Party(
                budget, child is not None and process_works(child), child is not None
            )
        return parties

    def _greet(self, thread: threading.Thread, work: AtWork | None) -> None:
        """Renew the budget of a thread that has spoken, or that has come to something else."""
        if work is None:
            self._renew(thread)  # for its next job
            return
        naps = isinstance(work.key, Kind) and work.key.naps
        if isinstance(work.key, Kind) and naps:
            self._renew(attrs.evolve(work.key, naps=False))
        if thread.ident in self._heard:
            self._heard.discard(thread.ident)
            self._familiar.add(thread)
            if not naps:
                self._renew(work.key)

    def _meet(self, thread: threading.Thread, key: Hashable, budget: float) -> None:
        """Leave a thread that is seen for the first time something of the budget of its kind."""
        if thread in self._met:
            return
        self._met.add(thread)
        if key in self._accounts and thread not in self._before:
            account = self._accounts[key]
            account.since = min(account.since, max(budget - _BEGINNING, 0.0))
            account.in_all = min(account.in_all, _TOTAL * self._loop.patience - _BEGINNING)

    def _renew(self, key: Hashable) -> None:
        self._loop.quiet.discard(key)
        if key in self._accounts:
            self._accounts[key].since = 0.0

    def _budget(self, thread: threading.Thread, work: AtWork, *, final: bool) -> float:
        patience = self._loop.patience
        familiar = thread in self._familiar or thread not in self._before
        if work.sure:  # of a thread that was there before: perhaps not this loop's job
            return patience * (_SURE if final and familiar else 1)
        if not familiar and thread in _INFRASTRUCTURE:
            return 0.0
        return patience * (1 if familiar and work.key not in self._loop.quiet else _STRANGE)

    def _left(self, parties: dict[Hashable, _Party]) -> float:
        return max((self._left_for(key, party) for key, party in parties.items()), default=0.0)

    def _left_for(self, key: Hashable, party: _Party) -> float:
        account = self._accounts[key]
        in_all = _TOTAL * self._loop.patience - account.in_all
        silence = 0.0 if party.works and in_all > 0 else account.since
        left = party.budget - silence
        return min(left, in_all) if isinstance(key, Kind) else left

    def _listen(self, seconds: float, parties: dict[Hashable, _Party]) -> None:
        began = monotonic()
        for descriptor in self._loop.poll(seconds):
            for key, account in self._accounts.items():
                if isinstance(key, tuple) and key[0] == descriptor:
                    account.since = 0.0
        # In silence what was asked for, not what has passed: on a busy machine it lasts longer.
        spent = min(seconds, monotonic() - began) if self._loop.is_ready() else seconds
        self._waited += spent
        for key, party in parties.items():
            self._charge(key, party, spent)

    def _charge(self, key: Hashable, party: _Party, seconds: float) -> None:
        account, patience = self._accounts[key], self._loop.patience
        if not party.works or account.in_all >= _TOTAL * patience:
            account.since += seconds
        account.in_all += seconds
        if isinstance(key, Kind) and account.since >= patience:
            self._loop.quiet.add(key)


def _others() -> list[threading.Thread]:
    own = threading.get_ident()
    return [
        thread
        for thread in threading.enumerate()
        if thread.ident != own and not getattr(thread, "looks_on", False)
    ]
