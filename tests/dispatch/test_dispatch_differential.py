"""pluggy is the oracle: the same plugins and calls give the same in both managers."""

from __future__ import annotations

import inspect
import warnings

import attrs
import pluggy
from dispatch_scenarios import (
    ERRORS,
    WRAPPER_ACTIONS,
    World,
    calls,
    drive,
    fitting,
    impl_source,
    impls,
    place,
    spec_source,
    specs,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.recording import Tallies

indexes = st.integers(0, 5)
some = st.lists(indexes, max_size=3, unique=True)
calling = st.one_of(
    st.tuples(st.just("call"), calls),
    st.tuples(st.just("repeat"), calls, st.integers(2, 4)),
    st.tuples(st.just("call extra"), some, calls),
    st.tuples(st.just("call subset"), some, calls),
    st.tuples(st.just("call historic"), calls, st.booleans()),
)
changing = st.one_of(
    st.tuples(st.just("register"), indexes),
    st.tuples(st.just("register"), indexes),
    st.tuples(st.just("unregister"), indexes),
    st.tuples(st.just("block"), indexes),
    st.tuples(st.just("unblock"), indexes),
    st.tuples(st.just("monitor")),
    st.tuples(st.just("trace")),
    st.tuples(st.just("undo")),
    st.tuples(st.just("add hookspecs")),
)
steps = st.one_of(
    calling,
    changing,
    st.tuples(st.just("have done in a call"), st.one_of(changing, calling)),
    st.tuples(st.just("have done in a call"), st.one_of(changing, calling)),
    st.tuples(st.just("check pending")),
    st.tuples(st.just("look")),
)
histories = st.tuples(
    st.just([("add hookspecs",)]) | st.just([]),
    st.lists(indexes, unique=True).map(lambda found: [("register", index) for index in found]),
    st.lists(steps, max_size=10),
    calling.map(lambda step: [step]),
).map(lambda parts: [step for part in parts for step in part])


class Run:
    """Takes steps in a world, and writes down whatever can be observed."""

    def __init__(self, world: World, *, is_async: bool = False, located: bool = True) -> None:
        self.world = world
        self.manager = world.manager
        self.is_async = is_async
        self.located = located  # whether warnings have their place
        self.undos = []

    def observe(self, history):
        return [self._outcome(step) for step in history]

    def _outcome(self, step):
        before = len(self.world.log)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                outcome = ("returned", self._take(*step))
            except BaseException as error:  # noqa: BLE001
                outcome = ("raised", type(error), str(error), type(error.__cause__))
        seen = [(w.category, str(w.message), *(place(w) if self.located else ())) for w in caught]
        log = self.world.log.copy()
        del self.world.log[before:]
        return step, outcome, log[before:], seen

    def _await(self, result):
        return drive(result) if self.is_async else result

    def _take(self, action, *details):
        return getattr(self, "_" + action.replace(" ", "_"))(*details)

    def _call(self, arguments):
        return self._await(self.manager.hook.hook(**arguments))

    def _repeat(self, arguments, times):
        return [self._outcome(("call", arguments)) for _ in range(times)]

    def _have_done_in_a_call(self, step):
        self.world.pending.append(lambda: self._take(*step))

    def _call_extra(self, methods, arguments):
        functions = [
            function
            for function in (self.world.plugins[index].hook for index in methods)
            if not (inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function))
        ]
        return self._await(self.manager.hook.hook.call_extra(functions, arguments))

    def _call_subset(self, without, arguments):
        plugins = [self.world.plugins[index] for index in without]
        caller = self.manager.subset_hook_caller("hook", plugins)
        results = self._await(caller(**arguments))
        return (
            repr(caller),
            caller.name,
            [impl.plugin_name for impl in caller.get_hookimpls()],
            results,
        )

    def _call_historic(self, arguments, with_callback):
        callback = (
            (lambda result: self.world.log.append(("callback", result))) if with_callback else None
        )
        return self.manager.hook.hook.call_historic(callback, arguments)

    def _register(self, index):
        return self.manager.register(self.world.plugins[index], f"plugin{index}")

    def _unregister(self, index):
        return repr(self.manager.unregister(name=f"plugin{index}"))

    def _block(self, index):
        self.manager.set_blocked(f"plugin{index}")

    def _unblock(self, index):
        return self.manager.unblock(f"plugin{index}")

    def _monitor(self):
        log = self.world.log

        def before(name, impls, arguments):
            log.append(("before", name, [impl.plugin_name for impl in impls], dict(arguments)))

        def after(outcome, name, impls, arguments):
            log.append(("after", name, repr(outcome.exception), repr(outcome._result)))

        self.undos.append(self.manager.add_hookcall_monitoring(before, after))

    def _trace(self):
        self.manager.trace.root.setwriter(lambda text: self.world.log.append(("trace", text)))
        self.undos.append(self.manager.enable_tracing())

    def _undo(self):
        if self.undos:
            self.undos.pop()()

    def _add_hookspecs(self):
        self.manager.add_hookspecs(self.world.spec)

    def _check_pending(self):
        self.manager.check_pending()

    def _look(self):
        manager = self.manager
        hooks = {
            name: (
                repr(caller),
                caller.has_spec(),
                caller.is_historic(),
                [i.plugin_name for i in caller.get_hookimpls()],
            )
            for name, caller in vars(manager.hook).items()
        }
        return (
            hooks,
            manager.list_name_plugin().__repr__(),
            sorted(map(repr, manager.get_plugins())),
        )


def quiet_when_skipped(plugins):
    """Leave beside a wrapper that yields twice only wrappers that the collector ends silently.

    pluggy skips the wrappers around it, and whenever they are collected is no one's promise.
    """
    if not any(impl.kind == "wrapper" and impl.action == "twice" for impl in plugins):
        return plugins
    return [
        impl
        if impl.kind == "plain" or (impl.kind == "wrapper" and impl.action == "twice")
        else attrs.evolve(impl, kind="wrapper", action="pass")
        for impl in plugins
    ]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    spec=specs,
    plugins=st.lists(impls(), min_size=6, max_size=6),
    history=histories,
    plannable=st.booleans(),
)
def test_a_hook_manager_does_what_pluggy_does(spec, plugins, history, plannable):
    plugins = quiet_when_skipped(fitting(plugins, spec, plannable=plannable))
    sources = [impl_source(impl, f"p{index}") for index, impl in enumerate(plugins)]

    def observe(manager):
        return Run(World(manager, sources, spec_source(spec))).observe(history)

    expected = observe(pluggy.PluginManager("dispatch"))
    assert observe(HookManager("dispatch")) == expected
    assert observe(HookManager("dispatch", recorder=Tallies())) == expected


twin_steps = st.lists(
    st.one_of(
        st.tuples(st.just("call"), calls),
        st.tuples(st.just("repeat"), calls, st.integers(2, 4)),
        st.tuples(st.just("have done in a call"), changing),
        st.tuples(st.just("have done in a call"), st.tuples(st.just("call"), calls)),
        st.tuples(st.just("call extra"), st.lists(indexes, max_size=1), calls),
        st.tuples(st.just("call subset"), some, calls),
        st.tuples(st.just("unregister"), indexes),
        st.tuples(st.just("register"), indexes),
        st.tuples(st.just("monitor")),
        st.tuples(st.just("trace")),
        st.tuples(st.just("undo")),
    ),
    min_size=1,
    max_size=6,
)
# A coroutine cannot raise StopIteration, and pluggy skips teardowns after a second yield: the
# engine's way with both is in test_dispatch_async.py.
twin_impls = impls(
    errors=[error for error in ERRORS if error != "StopIteration"],
    wrapper_actions=[action for action in WRAPPER_ACTIONS if action != "twice"],
    is_async=True,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    spec=specs,
    plugins=st.lists(twin_impls, min_size=6, max_size=6),
    history=twin_steps,
    plannable=st.booleans(),
)
def test_an_async_hook_does_what_pluggy_does_with_its_sync_twin(spec, plugins, history, plannable):
    plugins = fitting(plugins, spec, plannable=plannable)
    history = [
        ("add hookspecs",),
        *(("register", index) for index in range(6)),
        *history,
        ("call", {"a": 1, "b": 2, "c": 3}),
    ]

    def observe(manager, *, is_async):
        sources = [
            impl_source(impl, f"p{index}", is_async=is_async) for index, impl in enumerate(plugins)
        ]
        plain = spec_source(spec, is_async=is_async).replace("historic=True", "historic=False")
        world = World(manager, sources, plain)
        return Run(world, is_async=is_async, located=False).observe(history)

    twin = observe(pluggy.PluginManager("dispatch"), is_async=False)
    assert observe(HookManager("dispatch"), is_async=True) == twin
    assert observe(HookManager("dispatch", recorder=Tallies()), is_async=True) == twin
