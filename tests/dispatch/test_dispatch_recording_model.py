"""Tallies agree with implementations that count themselves, through everything that may happen."""

from __future__ import annotations

import contextlib
import types
from collections import Counter

import pluggy
import pytest
from dispatch_plugins import Plugin, hookimpl, hookspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.recording import Tallies

SYNC = ("plain", "first", "safe")
ASYNC = ("aplain", "afirst", "asafe", "agroup", "atwo", "alimited")
NAMES = ("p", "q", "r")
ERRORS = (ValueError, SystemExit, KeyboardInterrupt, GeneratorExit)

names = st.sampled_from(NAMES)
#: What each of the implementations does in a call, in the order of calls.
actions = st.lists(
    st.sampled_from(["value", "none", "none", "suspend", "raise", "exit", "interrupt", "change"]),
    max_size=6,
)


class Specs:
    @hookspec
    def plain(self, script): ...

    @hookspec(firstresult=True)
    def first(self, script): ...

    @hookspec(on_error="isolate")
    def safe(self, script, other=None): ...

    @hookspec(historic=True)
    def past(self, script): ...

    @hookspec
    async def aplain(self, script): ...

    @hookspec(firstresult=True)
    async def afirst(self, script): ...

    @hookspec(on_error="isolate")
    async def asafe(self, script, other): ...

    @hookspec(on_error="group")
    async def agroup(self, script): ...

    @hookspec
    async def atwo(self, script, other): ...

    @hookspec(deadline=60)
    async def alimited(self, script): ...


@types.coroutine
def suspend():
    yield


class Reference:
    """Counts what enters, leaves and fails, by plugin and hook."""

    def __init__(self):
        self.entries, self.exits, self.errors = Counter(), Counter(), Counter()

    @contextlib.contextmanager
    def counted(self, key):
        self.entries[key] += 1
        try:
            yield
        except BaseException:
            self.errors[key] += 1
            raise
        finally:
            self.exits[key] += 1


class Recording(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.tallies = Tallies()
        self.manager = HookManager("dispatch", on_error=lambda _: None, recorder=self.tallies)
        self.manager.add_hookspecs(Specs)
        self.reference = Reference()
        self.running = []
        self.undos = []
        self.depth = 0
        self.changes = []

    # Plugins

    def _act(self, script):
        action = script.pop(0) if script else "none"
        if action == "raise":
            raise ValueError
        if action == "exit":
            raise SystemExit
        if action == "interrupt":
            raise KeyboardInterrupt
        if action == "change" and self.changes:
            self.changes.pop()()
        return 1 if action == "value" else None

    def _extra(self, script):
        return self._act(script)

    def _implementation(self, name, hook, parameters, *, is_async):
        def hooked(script):
            with self.reference.counted((name, hook)):
                return self._act(script)

        async def awaited(script):
            with self.reference.counted((name, hook)):
                while script and script[0] == "suspend":
                    script.pop(0)
                    await suspend()
                return self._act(script)

        scope = {"inner": awaited if is_async else hooked}
        call = "return await inner(script)" if is_async else "return inner(script)"
        exec(f"{'async ' * is_async}def hook({parameters}):\n    {call}", scope)
        return hookimpl(specname=hook)(scope["hook"])

    def _plugin(self, name, *, is_async, twice, wrapper):
        functions = {}
        for hook in (*SYNC, "past"):
            functions[hook] = self._implementation(name, hook, "script", is_async=False)
        for hook in ASYNC:
            parameters = "script, other" if hook in {"atwo", "asafe"} else "script"
            functions[hook] = self._implementation(name, hook, parameters, is_async=is_async)
        if twice:
            for hook in ("plain", "first", "aplain"):
                functions[f"{hook}2"] = self._implementation(name, hook, "script", is_async=False)
        if wrapper:
            for hook in ("plain", "safe", "aplain", "afirst"):
                functions[f"{hook}_wrapper"] = self._wrapper(hook)
        return Plugin(**functions)

    def _wrapper(self, hook):
        def wrapping(script):
            self._act(script)
            result = yield
            self._act(script)
            return result

        return hookimpl(specname=hook, wrapper=True)(wrapping)

    def _change(self, name, kind, options):
        """Change something in whatever state the manager is."""
        registered = self.manager.has_plugin(name)
        if kind == "register" and not registered:
            # A replay of history may fail; the plugin is registered then all the same.
            with contextlib.suppress(ValueError, SystemExit, KeyboardInterrupt):
                self.manager.register(self._plugin(name, **options), name)
        elif kind == "unregister" and registered:
            self.manager.unregister(name=name)
        elif kind == "switch" and registered:
            self.manager.set_active(name, active=not self.manager.is_active(name))
        elif kind == "call":
            self._call("plain", ["none", "value"])
        elif kind == "trace":
            self.undos.append(self.manager.enable_tracing())
        elif kind == "untrace" and self.undos:
            self.undos.pop()()

    kinds = st.sampled_from(
        ["register", "register", "unregister", "switch", "call", "trace", "untrace"]
    )
    options = st.fixed_dictionaries(
        {"is_async": st.booleans(), "twice": st.booleans(), "wrapper": st.booleans()}
    )

    @rule(name=names, kind=kinds, options=options)
    def change(self, name, kind, options):
        self._change(name, kind, options)

    @rule(name=names, kind=kinds, options=options)
    def change_later(self, name, kind, options):
        """The next implementation that is told to will make the change, inside its call."""
        self.changes.append(lambda: self._change(name, kind, options))

    # Calls

    def _call(self, hook, script):
        self.depth += 1
        try:
            return getattr(self.manager.hook, hook)(script=list(script))
        except (ValueError, SystemExit, KeyboardInterrupt):
            return None
        finally:
            self.depth -= 1

    @rule(hook=st.sampled_from(SYNC), script=actions, times=st.sampled_from([1, 1, 2, 70]))
    def call(self, hook, script, times):
        for _ in range(times):
            self._call(hook, script)

    @rule(script=actions)
    def call_with_history(self, script):
        with contextlib.suppress(ValueError, SystemExit, KeyboardInterrupt):
            self.manager.hook.past.call_historic(kwargs={"script": script})

    @rule(hook=st.sampled_from(SYNC), script=actions)
    def call_extra(self, hook, script):
        with contextlib.suppress(ValueError, SystemExit, KeyboardInterrupt):
            method = getattr(self.manager.hook, hook).call_extra
            method([self._extra], {"script": list(script)})

    @rule(hook=st.sampled_from(SYNC), script=actions, without=names)
    def call_subset(self, hook, script, without):
        plugins = [self.manager.get_plugin(without)]
        with contextlib.suppress(ValueError, SystemExit, KeyboardInterrupt):
            self.manager.subset_hook_caller(hook, plugins)(script=list(script))

    @rule(hook=st.sampled_from(SYNC), script=actions, name=names)
    def call_one(self, hook, script, name):
        if self.manager.is_active(name) and hook in self.manager.capabilities(name):
            with contextlib.suppress(ValueError, SystemExit, KeyboardInterrupt):
                getattr(self.manager.addressed(name), hook)(list(script))

    @rule(hook=st.sampled_from(SYNC))
    def call_without_arguments(self, hook):
        with (
            pytest.warns(UserWarning, match="cannot be found"),
            contextlib.suppress(pluggy.HookCallError),
        ):
            getattr(self.manager.hook, hook)()

    # Calls of async hooks, which may lie over each other

    def _begin(self, running):
        self.running.append(running)
        self._step(running, None)

    def _step(self, running, error):
        try:
            if error is None:
                running.send(None)
            elif error is GeneratorExit:
                running.close()
                self.running.remove(running)
            else:
                running.throw(error)
        except (StopIteration, ValueError, SystemExit, KeyboardInterrupt, ExceptionGroup):
            self.running.remove(running)

    @rule(
        hook=st.sampled_from(ASYNC[:-1]),
        script=actions,
        way=st.sampled_from(["call", "call", "extra", "subset"]),
        name=names,
    )
    def begin(self, hook, script, way, name):
        caller = getattr(self.manager.hook, hook)
        arguments = {"script": list(script), "other": 1}
        if way == "call":
            running = caller(**arguments)
        elif way == "extra":
            running = caller.call_extra([self._extra], arguments)
        else:
            plugins = [self.manager.get_plugin(name)]
            running = self.manager.subset_hook_caller(hook, plugins)(**arguments)
        self._begin(running)

    @rule(script=actions.filter(lambda script: "suspend" not in script))
    def begin_within_a_deadline(self, script):
        """It takes an event loop only where something suspends."""
        self._begin(self.manager.hook.alimited(script=list(script)))

    @rule(hook=st.sampled_from(ASYNC[:-1]), script=actions, name=names)
    def begin_one(self, hook, script, name):
        if self.manager.is_active(name) and hook in self.manager.capabilities(name):
            method = getattr(self.manager.addressed(name), hook)
            self._begin(
                method(script=list(script), **({"other": 1} if "other" in _names(method) else {}))
            )

    @rule(hook=st.sampled_from(ASYNC[:-1]))
    def make_and_forget(self, hook):
        getattr(self.manager.hook, hook)(script=[], other=1).close()

    @precondition(lambda self: self.running)
    @rule(index=st.integers(0, 5), error=st.sampled_from([None, None, *ERRORS]))
    def step(self, index, error):
        self._step(self.running[index % len(self.running)], error)

    # What holds after each step

    @invariant()
    def tallies_agree(self):
        reference = self.reference
        for name in NAMES:
            for hook in (*SYNC, "past", *ASYNC):
                tally, key = self.tallies.tally(name, hook), (name, hook)
                entries, exits = reference.entries[key], reference.exits[key]
                seen = tally.calls, tally.errors, tally.in_flight
                assert seen == (entries, reference.errors[key], entries - exits), key
                if hook in ASYNC:
                    assert tally.timed == exits
                else:
                    assert tally.timed <= entries

    @invariant()
    def nothing_piles_up(self):
        assert all(len(tally._accounts) <= 4 + 2 * len(self.running) for tally in self.tallies)

    def teardown(self):
        for running in self.running:
            running.close()
        self.running.clear()
        self.tallies_agree()


def _names(method):
    spec = method._caller.spec
    return (*spec.argnames, *spec.kwargnames)


Recording.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_tallies_agree_with_implementations_that_count_themselves = Recording.TestCase
