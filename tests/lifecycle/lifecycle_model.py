"""What DESIGN.md, section 3, says, as a slow and sequential program that owes the host nothing.

Its table is that of `lifecycle_rules`.
"""

from __future__ import annotations

import copy
from collections import Counter

import attrs
from lifecycle_faults import CUT_SHORT, LASTING, RAISES, RETURNS, Fault
from lifecycle_rules import DONE_ALREADY, ROWS

from aitbc_hooks.interfaces import PluginStatus as S


class RefusedError(Exception):
    """The model's LifecycleError."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class InterruptError(Exception):
    """The model's KeyboardInterrupt."""


@attrs.define(eq=False)
class ModelPlugin:
    name: str
    needs: tuple[str, ...]
    declared: bool  # whether the needs are known while there is no instance
    status: S = S.UNLOADED
    path: tuple[S, ...] = ()  # the statuses since the last load began
    instance: bool = False
    owes_cleanup: bool = False
    quarantined: bool = False
    receives: bool = False
    deaf: bool = False  # a handler was abandoned
    withdrawing: int = 0
    failure: str | None = None
    errors: int = 0

    def move(self, status):
        if status is not self.status:
            self.status = status
            self.path = (*self.path, status)


class Model:
    """Performs operations one after another.

    Args:
        needs: Plugin -> the plugins that it needs.
        behaviour: (plugin, method) -> what that method does now.
        declared: Whether the configuration tells of the needs, or the instances do.

    Attributes:
        calls: (plugin, method) of every call, in order.
        answers: What requests from inside a plugin came to.
        reached: (operation, status, outcome) of everything that was judged.
        exact: Whether no request was made by one of several plugins that act concurrently, in
            which case the outcome depends on who is first.
    """

    def __init__(self, needs, behaviour, *, declared):
        self.plugins = {name: ModelPlugin(name, needs[name], declared) for name in needs}
        self.calls = []
        self.answers = Counter()
        self.reached = set()
        self.exact = True
        self._behaviour = behaviour
        self._concurrent = 0

    def twin(self, behaviour):
        """Return a model in the same state, with a record of its own and plugins that do `behaviour`."""
        twin = Model({}, behaviour, declared=False)
        twin.plugins = {name: copy.copy(plugin) for name, plugin in self.plugins.items()}
        return twin

    def perform(self, operation, name, inside=()):
        """Return True or False as the manager should; raise `RefusedError` or `InterruptError`."""
        plugin = self.plugins[name]
        dependents = self._dependents(plugin) if operation in ("stop", "unload") else []
        leaving = [plugin, *dependents]
        if any(other.name in inside for other in leaving):
            raise RefusedError("AITBC-L02")
        if operation in ("load", "start"):
            return self._in_turn(operation, plugin, inside)
        for other in leaving:
            other.withdrawing += 1
        try:
            self._stop_all(dependents, inside)
            return self._in_turn(operation, plugin, inside)
        finally:
            for other in leaving:
                other.withdrawing -= 1

    def broadcast(self, inside=()):
        """Deliver one event."""
        plugins = self.plugins.values()
        receivers = [plugin for plugin in plugins if plugin.receives and not plugin.deaf]
        for plugin in receivers:
            self.calls.append((plugin.name, "handle_event"))
            behaviour = self._behaviour(plugin.name, "handle_event")
            if behaviour.request is not None:
                self._answer(behaviour.request, inside)
            if behaviour.fault in RAISES or behaviour.fault in LASTING:
                plugin.errors += 1
            plugin.deaf = behaviour.fault is Fault.STUBBORN

    def _in_turn(self, operation, plugin, inside):
        status = plugin.status
        row = ROWS.get((operation, status))
        if row is None:
            if (operation, status) not in DONE_ALREADY:
                self.reached.add((operation, status, "refused"))
                raise RefusedError("AITBC-L01")
            self.reached.add((operation, status, "nothing to do"))
            return True
        success = False
        try:
            success = getattr(self, f"_{operation}")(plugin, row, (*inside, plugin.name))
        finally:
            self.reached.add((operation, status, "success" if success else "failure"))
        return success

    def _load(self, plugin, row, inside):
        plugin.path, plugin.failure, plugin.errors = (), None, 0
        plugin.move(S.LOADING)
        code, interrupted = self._construct(plugin)
        if code is None:
            plugin.instance = plugin.owes_cleanup = True
            code, interrupted = self._call(plugin, "initialize", inside)
        return self._arrive(plugin, row, code, interrupted)

    def _start(self, plugin, row, inside):
        failure = self._bring_up_needs(plugin, inside)
        if failure is not None:
            self._record(plugin, failure)
            return False
        return self._arrive(plugin, row, *self._call(plugin, "start", inside))

    def _stop(self, plugin, row, inside):
        plugin.receives = False
        return self._arrive(plugin, row, *self._call(plugin, "stop", inside))

    def _unload(self, plugin, row, inside):
        interrupted = False
        if plugin.status is S.ACTIVE:
            try:
                self._stop(plugin, ROWS["stop", S.ACTIVE], inside)
            except InterruptError:
                interrupted = True
        plugin.move(S.UNLOADING)
        code = None
        if plugin.quarantined:
            code = "AITBC-L06"
        elif plugin.owes_cleanup:
            plugin.owes_cleanup = False
            code, again = self._call(plugin, "cleanup", inside)
            interrupted = interrupted or again
        plugin.instance = plugin.owes_cleanup = plugin.quarantined = plugin.deaf = False
        return self._arrive(plugin, row, code, interrupted)

    def _arrive(self, plugin, row, code, interrupted):
        _, _, success, failure = row
        plugin.move(success if code is None else failure)
        plugin.receives = plugin.status is S.ACTIVE
        if code is not None:
            self._record(plugin, code)
        if interrupted:
            raise InterruptError
        return code is None

    def _record(self, plugin, code):
        plugin.failure = code
        plugin.errors += 1

    def _construct(self, plugin):
        fault = self._behaviour(plugin.name, "construct").fault
        if fault is Fault.INTERRUPTS:
            return "AITBC-L04", True
        return ("AITBC-P03" if fault in RAISES else None), False

    def _call(self, plugin, method, inside):
        """Return the code of the call's failure, and whether it was a KeyboardInterrupt."""
        self.calls.append((plugin.name, method))
        behaviour = self._behaviour(plugin.name, method)
        if behaviour.request is not None:
            try:
                self._answer(behaviour.request, inside)
            except InterruptError:
                return "AITBC-L04", True
        fault = behaviour.fault
        if fault is CUT_SHORT:
            return "AITBC-L08", False
        if fault in LASTING:
            plugin.quarantined = plugin.quarantined or fault is Fault.STUBBORN
            return ("AITBC-L06" if fault is Fault.STUBBORN else "AITBC-L05"), False
        if fault in RETURNS:
            return "AITBC-L03", False
        if fault in RAISES:
            code = "AITBC-L07" if fault is Fault.EXITS else "AITBC-L04"
            return code, fault is Fault.INTERRUPTS
        return None, False

    def _answer(self, request, inside):
        if self._concurrent:
            self.exact = False
        try:
            if request.operation == "broadcast":
                answer = self.broadcast(inside)
            else:
                answer = self.perform(request.operation, request.target, inside)
        except RefusedError as refusal:
            answer = refusal.code
        self.answers[request.operation, request.target, answer] += 1

    def _dependents(self, plugin):
        """Return what needs the plugin, directly or not, as far as that can be known now."""
        found = []
        for other in self.plugins.values():  # dependencies come before their dependents
            if other.declared or other.instance:
                found += [other] * any(each.name in other.needs for each in (plugin, *found))
        return found

    def _stop_all(self, dependents, inside):
        """Stop the last first; an interrupt comes through when all have been stopped."""
        layers = [len(self._dependents(dependent)) for dependent in dependents]
        concurrent = len(set(layers)) < len(layers)
        self._concurrent += concurrent
        interrupted = False
        for dependent in reversed(dependents):
            try:
                self._in_turn("stop", dependent, inside)
            except RefusedError:
                pass  # it is UNLOADED or in ERROR, and needs nothing
            except InterruptError:
                interrupted = True
        self._concurrent -= concurrent
        if interrupted:
            raise InterruptError

    def _bring_up_needs(self, plugin, inside):
        """Return the code of what keeps the plugin from starting."""
        for name in plugin.needs:
            if not self._serves(name) and not self._bring_up(name, inside):
                return "AITBC-D03"
        return None if all(map(self._serves, plugin.needs)) else "AITBC-D03"

    def _bring_up(self, name, inside):
        try:
            return self.perform("load", name, inside) and self.perform("start", name, inside)
        except RefusedError:
            return False

    def _serves(self, name):
        plugin = self.plugins[name]
        return plugin.status is S.ACTIVE and not plugin.withdrawing
