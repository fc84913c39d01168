"""What hook calls come to: per plugin and hook how many, how many failed, how long they took.

Counting must cost next to nothing to be always on. So a call plan counts its calls once, not once
per implementation, and notes where a call ended early; what an implementation has seen is worked
out when somebody asks. A running call is known by its iterator over the implementations, which
says how far it has come. Asynchronous implementations are timed around the await, each time; of
the calls of a synchronous hook one in `SAMPLE` is timed, because reading the clock costs more
than many an implementation.
"""

from __future__ import annotations

import copy
import functools
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Protocol

from aitbc_hooks.dispatch.failures import ISOLATED, HookFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pluggy

__all__ = ["SAMPLE", "Account", "Recorder", "Tallies", "Tally", "watch"]

#: Of so many calls of a synchronous hook one is timed; a power of two.
SAMPLE: Final = 64


class Recorder(Protocol):
    """Where the counts of a manager's hook calls go; see `Tallies` for the simplest one."""

    def tally(self, plugin_name: str, hook_name: str) -> Tally:
        """Return the tally of a plugin's implementations of a hook, the same one each time.

        Asked whenever call plans are made, never in a call.
        """
        ...


class Tallies:
    """A recorder that keeps one `Tally` for each plugin and hook, in memory."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], Tally] = {}

    def tally(self, plugin_name: str, hook_name: str) -> Tally:
        """Return the tally of a plugin's implementations of a hook."""
        key = plugin_name, hook_name
        found = self._tallies.get(key)
        if found is None:
            found = self._tallies.setdefault(key, Tally(plugin_name, hook_name))
        return found

    def of(self, plugin_name: str) -> list[Tally]:
        """Return a plugin's tallies, by name of the hook."""
        return sorted(
            (tally for (name, _), tally in self._tallies.items() if name == plugin_name),
            key=lambda tally: tally.hook_name,
        )

    def __iter__(self) -> Iterator[Tally]:
        return iter(tuple(self._tallies.values()))


class Tally:
    """What the calls of one plugin's implementations of one hook have come to. Wrappers are none.

    Attributes:
        plugin_name: Name of the plugin.
        hook_name: Name of the hook.
        errors: How many calls raised, whatever became of it.
        clocked: How many calls were timed one by one.
        seconds: How long the timed calls took together, waiting included.
    """

    __slots__ = ("_accounts", "_before", "clocked", "errors", "hook_name", "plugin_name", "seconds")

    def __init__(self, plugin_name: str, hook_name: str) -> None:
        self.plugin_name = plugin_name
        self.hook_name = hook_name
        self.errors = 0
        self.clocked = 0
        self.seconds = 0.0
        self._before = 0
        self._accounts: list[tuple[Account, int]] = []

    @property
    def calls(self) -> int:
        """How many calls were begun.

        While a call of a synchronous hook runs, it counts as if none of its implementations would
        end it.
        """
        return self._before + sum(account.begun(place) for account, place in tuple(self._accounts))

    @property
    def in_flight(self) -> int:
        """How many calls of an async hook have begun and not ended."""
        return sum(account.running_at(place) for account, place in tuple(self._accounts))

    @property
    def timed(self) -> int:
        """How many calls were timed: of an async hook all that have ended, else one in `SAMPLE`."""
        return self.clocked + sum(
            account.timed_at(place) for account, place in tuple(self._accounts)
        )

    @property
    def mean(self) -> float | None:
        """Seconds that a call took, on the average of the timed ones; None without any."""
        timed = self.timed
        return self.seconds / timed if timed else None

    def join(self, account: Account, place: int) -> None:
        """Count the calls of the implementation at `place` of a plan."""
        self._accounts.append((account, place))

    def leave(self, account: Account, place: int) -> None:
        """Keep what a plan has counted so far, and forget the plan."""
        self._before += account.begun(place)
        self.clocked += account.timed_at(place)
        self._accounts.remove((account, place))

    def begin(self) -> None:
        """Count a call that is made without a plan."""
        self._before += 1

    def end(self, seconds: float) -> None:
        """Take note of how long a call without a plan took."""
        self.clocked += 1
        self.seconds += seconds

    def take_back(self) -> None:
        """Count one call less: the call of a forgotten plan did not come this far."""
        self._before -= 1

    def __repr__(self) -> str:
        return (
            f"<Tally {self.hook_name!r} of {self.plugin_name!r}: {self.calls} calls, "
            f"{self.errors} errors>"
        )


class Account:
    """What the calls of one call plan have come to, and what becomes of their failures.

    Args:
        hook_name: Name of the hook.
        impls: The plan's implementations without the wrappers, in the order of calls.
        report: Receives what implementations raise; without it, that ends the call.
        recorder: Whose tallies get the counts.
        is_async: Whether the hook is async, so that each call is timed.

    Attributes:
        names: The plugin of each implementation.
        calls: How many calls were begun.
        running: An iterator over the implementations for each call that is being recorded; it
            has given out the implementation that runs.
        tallies: A tally for each implementation; empty without a recorder.
        closing: `close` has been called; a call that is still to begin opens the account again.
    """

    __slots__ = (
        "_ended",
        "_hook_name",
        "_is_async",
        "_open",
        "_report",
        "calls",
        "closing",
        "names",
        "running",
        "tallies",
    )

    def __init__(
        self,
        hook_name: str,
        impls: Sequence[pluggy.HookImpl],
        report: Callable[[HookFailure], None] | None,
        recorder: Recorder | None = None,
        *,
        is_async: bool = False,
    ) -> None:
        self.calls = 0
        self.closing = False
        self.running: set[Iterator[Any]] = set()
        self.tallies: tuple[Tally, ...] = ()
        self._hook_name = hook_name
        self._is_async = is_async
        self.names = [impl.plugin_name for impl in impls]
        self._report = report
        self._ended: dict[int, int] = {}  # place of an implementation -> calls that ended there
        self._open = False
        if recorder is not None:
            self.tallies = tuple(recorder.tally(impl.plugin_name, hook_name) for impl in impls)

    def open(self) -> None:
        """Have the tallies count what this account counts from now on."""
        if self._open:
            return
        self._open = True
        for place, tally in enumerate(self.tallies):
            tally.join(self, place)

    def late(self, call: Callable[..., Any], arguments: Mapping[str, object]) -> Any:
        """Make a call after `close`: one of its wrappers has changed the manager."""
        __tracebackhide__ = True
        self.open()
        try:
            return call(None, **arguments)
        finally:
            self.close()

    def enter(self, pending: Iterator[Any]) -> float:
        """Let an async call begin, and return the time; 0 if nobody wants to know."""
        if not self.tallies:
            return 0.0
        self.open()
        self.calls += 1
        self.running.add(pending)
        return perf_counter()

    def took(self, place: int, began: float) -> float:
        """Take note that an implementation of an async call has ended, and return the time."""
        now = perf_counter()
        self.tallies[place].seconds += now - began
        return now

    def leave(self, pending: Iterator[Any]) -> None:
        """Let an async call end."""
        self.running.discard(pending)
        if self.closing:
            self.close()

    def place(self, pending: Iterator[Any]) -> int:
        """Return how far an iterator over the implementations has come."""
        left: int = pending.__length_hint__()  # type: ignore[attr-defined]
        return len(self.names) - left - 1

    def tolerates(self, place: int, error: BaseException) -> bool:
        """Take note of what the implementation at `place` has raised; return if the call goes on."""
        if self.tallies:
            self.tallies[place].errors += 1
        if self._report is None or not isinstance(error, ISOLATED):
            self.ended(place)
            return False
        try:
            self._report(HookFailure(self.names[place], self._hook_name, error))
        except BaseException:
            self.ended(place)
            raise
        return True

    def ended(self, place: int) -> None:
        """Take note that a call has ended with the implementation at `place`."""
        if not self.tallies:
            return
        if self._open:
            self._ended[place] = self._ended.get(place, 0) + 1
        else:
            for tally in self.tallies[place + 1 :]:
                tally.take_back()

    def close(self) -> None:
        """Hand the counts over to the tallies: no further call will begin.

        While a call is running nothing happens yet; the last to end closes the account.
        """
        self.closing = True
        if self.running or not self._open:
            return
        for place, tally in enumerate(self.tallies):
            tally.leave(self, place)
        self._open = False
        self.calls = 0
        self._ended.clear()

    def begun(self, place: int) -> int:
        """Return how many calls have come as far as the implementation at `place`."""
        # Copies, because a thread that reads counts is not the one that makes calls.
        short = sum(count for ended, count in tuple(self._ended.items()) if ended < place)
        return self.calls - short - sum(self.place(it) < place for it in tuple(self.running))

    def running_at(self, place: int) -> int:
        """Return how many async calls are in the implementation at `place` now."""
        return sum(self.place(pending) == place for pending in tuple(self.running))

    def timed_at(self, place: int) -> int:
        """Return how many calls of the implementation at `place` were timed as a matter of course."""
        return self.begun(place) - self.running_at(place) if self._is_async else 0


def watch(
    impl: pluggy.HookImpl,
    hook_name: str,
    report: Callable[[HookFailure], None] | None,
    recorder: Recorder | None,
) -> pluggy.HookImpl:
    """Return a twin of a sync implementation for calls that have no plan.

    With `report` the twin returns None where the implementation raises. Where nobody wants to
    know, the implementation itself is returned, and a wrapper always: what it raises is the
    outcome of the call.

    Args:
        impl: The implementation.
        hook_name: Name of the hook.
        report: Receives what it raises; without it, that is raised.
        recorder: Whose tally counts the calls.
    """
    if impl.wrapper or impl.hookwrapper or (report is None and recorder is None):
        return impl
    function = impl.function
    tally = recorder.tally(impl.plugin_name, hook_name) if recorder is not None else None

    @functools.wraps(function)
    def call(*args: object, **kwargs: object) -> object:
        __tracebackhide__ = True
        if tally is not None:
            tally.begin()
        began = perf_counter()
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            if tally is not None:
                tally.errors += 1
            if report is None or not isinstance(error, ISOLATED):
                raise
            report(HookFailure(impl.plugin_name, hook_name, error))
            return None
        finally:
            if tally is not None:
                tally.end(perf_counter() - began)

    twin = copy.copy(impl)
    object.__setattr__(twin, "function", call)
    return twin
