"""Whether what has happened could have happened one after another, in the eyes of the model."""

from __future__ import annotations

import asyncio
from itertools import permutations

import attrs
from lifecycle_faults import CUT_SHORT, LASTING, METHODS, RAISES, Behaviour, Fault
from lifecycle_model import InterruptError, RefusedError

_FAILING = (*RAISES, *LASTING)


@attrs.frozen
class Seen:
    """What became of operations on one plugin that were asked for together.

    Attributes:
        name: The plugin.
        asked: The operations; events may be among them.
        outcomes: What each came to.
        entries: The calls of the plugin's methods, event handlers included.
        report: What the manager reports of the plugin now; see `lifecycle_laws.reports`.
        path: The statuses that the youngest instance has seen; None if there is none.
    """

    name: str
    asked: tuple
    outcomes: tuple
    entries: tuple
    report: tuple
    path: tuple | None

    @property
    def operations(self):
        """The indices of what is no event."""
        return tuple(i for i, ask in enumerate(self.asked) if ask.operation != "broadcast")

    @property
    def events(self):
        """How many events were asked for."""
        return len(self.asked) - len(self.operations)

    @property
    def calls(self):
        """The calls of lifecycle methods."""
        return [entry for entry in self.entries if entry.method in METHODS]

    @property
    def handlings(self):
        """The calls of the event handler."""
        return [entry for entry in self.entries if entry.method == "handle_event"]


def histories(model, behaviour, seen, *, in_order):
    """Yield every sequential history that the outcomes may allow, the shortest first.

    What was not cancelled has happened. What was cancelled has had no effect, or has happened.

    Args:
        model: As things stood before.
        behaviour: (plugin, method) -> what the method was to do.
        seen: What has become of it.
        in_order: Whether operations come in the order in which they were asked for.
    """
    orders = [seen.operations] if in_order else permutations(seen.operations)
    for order in orders:
        begun = tuple(index for index in order if not seen.outcomes[index].cancelled)
        if begun != order:
            yield History(model, behaviour, seen, begun)
        yield History(model, behaviour, seen, order)


def explain(model, behaviour, seen, *, in_order):
    """Return the first history to which nothing objects; the arguments are those of `histories`."""
    refuted = []
    for history in histories(model, behaviour, seen, in_order=in_order):
        objection = history.objection(seen)
        if objection is None:
            history.model.plugins[seen.name].errors = seen.report[2]
            return history
        refuted.append(f"in the order {history.order}: {objection}")
    raise AssertionError("\n".join(["no sequential history explains it", *refuted]))


class History:
    """Operations performed one after another by a model of one's own.

    Attributes:
        model: As things stand after it.
        order: The operations that it consists of.
    """

    def __init__(self, model, behaviour, seen, order):
        self.model = model.twin(self._do)
        self.order = order
        self._behaviour = behaviour
        self._calls = seen.calls
        self._cancelled = False
        self._results = [asyncio.CancelledError if o.cancelled else None for o in seen.outcomes]
        for index in order:
            self._perform(index, seen.asked[index], seen.outcomes[index])

    def objection(self, seen):
        """Return what speaks against it; None if nothing does."""
        model = self.model.plugins[seen.name]
        status, failure, errors, instance = seen.report
        failing = sum(entry.behaviour.fault in _FAILING for entry in seen.handlings)
        # A transition may forget, or come before, what handlers fail to do at the same time.
        least = model.errors if seen.operations else model.errors + failing
        pairs = {
            "results": ([outcome.result for outcome in seen.outcomes], self._results),
            "calls": ([entry.method for entry in seen.calls], [m for _, m in self.model.calls]),
            "status": (status, model.status),
            "failure": (failure, model.failure),
            "instance": (instance, model.instance),
            "errors": (errors, min(max(errors, least), model.errors + failing)),
            "path": (seen.path, model.path if seen.path is not None else None),
        }
        wrong = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
        if not wrong:
            return None
        return "; ".join(f"{key}: saw {saw}, not {said}" for key, (saw, said) in wrong.items())

    def _perform(self, index, ask, outcome):
        # An unload that has begun is none of its caller's business any more.
        self._cancelled = outcome.cancelled and ask.operation != "unload"
        result = perform(self.model, ask.operation, ask.name)
        if not outcome.cancelled or result is KeyboardInterrupt:
            self._results[index] = result

    def _do(self, name, method):
        planned = self._behaviour(name, method)
        at = len(self.model.calls) - 1
        if not self._cancelled or not 0 <= at < len(self._calls):
            return planned
        return _in_spite_of_cancellation(planned, self._calls[at])


def _in_spite_of_cancellation(planned, call):
    """Return what a method has done that was cancelled with its caller: that is the truth."""
    if call.abandoned:
        return Behaviour(Fault.STUBBORN)
    if isinstance(call.error, asyncio.CancelledError) and planned.fault is not Fault.CANCELS_ITSELF:
        return Behaviour(CUT_SHORT)
    return Behaviour() if planned.fault is Fault.LATE and call.good else planned


def perform(model, operation, name):
    """Return what the manager should return, or the code or class of what it should raise."""
    try:
        return model.perform(operation, name)
    except RefusedError as refusal:
        return refusal.code
    except InterruptError:
        return KeyboardInterrupt
