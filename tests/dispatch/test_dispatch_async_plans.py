"""Every plan of an async hook does what the engine does that has no plan."""

from __future__ import annotations

import asyncio
import functools
import itertools
import warnings

import pytest
from dispatch_plugins import call, hookimpl, hookspec, manager_of, plugin

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.recording import Tallies

HOOKS = {
    "a": "async def hook(a): ...",
    "a, b": "async def hook(a, b): ...",
    "a, b, c": "async def hook(a, b, c): ...",
}
ACTIONS = {
    "value": "return [name, {names}]",
    "none": "return None",
    "error": "raise ValueError(name)",
    "suspends": "await asyncio.sleep(0); return [name, {names}]",
    "errs late": "await asyncio.sleep(0); raise KeyError(name)",
    "quits": "raise SystemExit(name)",
    "interrupts": "raise KeyboardInterrupt(name)",
}
ARGUMENTS = {"a": [1], "b": [2], "c": [3]}


def function(code, **known):
    space = {"asyncio": asyncio, **known}
    exec(code, space)
    return space["hook"]


class Bench:
    """A manager of one hook, with implementations that note when they are called."""

    def __init__(self, names, takes, actions, *, planned, recorded, **options):
        self.failures, self.log = [], []
        self.tallies = Tallies() if recorded else None
        self.manager = HookManager(
            "dispatch", on_error=self._failed, recorder=self.tallies, strict=True
        )
        spec = hookspec(**options)(function(HOOKS[names]))
        self.manager.add_hookspecs(type("Specs", (), {"hook": staticmethod(spec)}))
        for index, action in enumerate(actions):
            code = f"async def hook({takes}):\n    log.append(name)\n    " + ACTIONS[action].format(
                names=takes or "0"
            )
            impl = function(code, name=f"p{index}", log=self.log)
            plugin = type("Plugin", (), {"hook": staticmethod(hookimpl(impl))})()
            self.manager.register(plugin, f"p{index}")
        if not planned:  # what is monitored has no plan
            self.manager.add_hookcall_monitoring(lambda *_: None, lambda *_: None)

    def _failed(self, failure):
        self.failures.append((failure.plugin_name, repr(failure.exception)))

    async def outcome(self, arguments):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = "returned", await self.manager.hook.hook(**arguments)
            except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001 - all of them
                result = type(error).__name__, str(error)
        log, failures = self.log.copy(), self.failures.copy()
        self.log.clear()
        self.failures.clear()
        return result, log, failures, [str(warning.message) for warning in caught]

    def counts(self):
        if self.tallies is None:
            return None
        return [
            (tally.plugin_name, tally.calls, tally.errors, tally.in_flight)
            for name, _ in self.manager.list_name_plugin()
            for tally in self.tallies.of(name)
        ]


def compare(names, takes, actions, **options):
    async def main():
        planned = Bench(names, takes, actions, planned=True, **options)
        engine = Bench(names, takes, actions, planned=False, **options)
        every = {key: ARGUMENTS[key] for key in names.split(", ")}
        rounds = [every, every, dict(list(every.items())[1:]), {**every, "more": 1}, every]
        for arguments in rounds:
            assert await planned.outcome(arguments) == await engine.outcome(arguments)
        assert planned.counts() == engine.counts()

    asyncio.run(main())


SHAPES = [
    ("a", "a"),
    ("a, b", "a, b"),
    ("a, b", "b, a"),
    ("a, b", "b"),
    ("a, b, c", "a, b, c"),
    ("a, b, c", "c, a"),
    ("a, b", ""),
]
CASTS = [
    ["value"],
    ["none"],
    ["error"],
    ["errs late"],
    ["quits"],
    ["interrupts"],
    ["value", "value"],
    ["none", "value", "suspends"],
    ["value", "error", "none"],
    ["errs late", "suspends"],
    ["value", "quits", "value"],
    ["suspends", "interrupts", "value"],
]
POLICIES = [
    {},
    {"firstresult": True},
    {"on_error": "isolate"},
    {"on_error": "isolate", "firstresult": True},
    {"on_error": "isolate", "deadline": 30},
    {"deadline": 30},
]


@pytest.mark.parametrize("recorded", [False, True], ids=["", "recorded"])
@pytest.mark.parametrize("options", POLICIES, ids=str)
@pytest.mark.parametrize(("names", "takes"), SHAPES, ids=lambda text: text or "nothing")
def test_a_plan_does_what_the_engine_does(names, takes, options, recorded):
    for actions in CASTS:
        compare(names, takes, actions, recorded=recorded, **options)


@pytest.mark.parametrize("recorded", [False, True], ids=["", "recorded"])
@pytest.mark.parametrize(("names", "takes"), SHAPES[:5], ids=str)
def test_a_cancelled_call_leaves_the_counts_right(names, takes, recorded):
    async def main():
        for planned in (True, False):
            bench = Bench(
                names, takes, ["value", "suspends", "value"], planned=planned, recorded=recorded
            )
            every = {key: ARGUMENTS[key] for key in names.split(", ")}
            await bench.outcome(every)
            call = asyncio.ensure_future(bench.manager.hook.hook(**every))
            await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert bench.log == ["p2", "p1"]
            counts.append(bench.counts())

    counts = []
    asyncio.run(main())
    planned, engine = counts
    assert planned == engine
    if recorded:
        assert {count[-1] for count in planned} == {0}


@pytest.mark.parametrize(("names", "takes"), SHAPES[:5], ids=str)
def test_calls_that_overlap_do_not_meet(names, takes):
    async def main():
        bench = Bench(
            names, takes, ["suspends", "value"], planned=True, recorded=True, on_error="isolate"
        )
        order = itertools.count()
        calls = [
            bench.manager.hook.hook(**{key: next(order) for key in names.split(", ")})
            for _ in range(3)
        ]
        results = await asyncio.gather(*calls)
        seen = [tuple(result[0][1:]) for result in results]
        assert len(set(seen)) == 3
        assert [count[1:] for count in bench.counts()] == [(3, 0, 0), (3, 0, 0)]

    asyncio.run(main())


def test_a_function_is_called_as_what_it_is_and_not_as_the_coroutine_function_that_it_decorates():
    async def decorated(arg): ...

    @functools.wraps(decorated)
    def hook(arg):
        return arg

    manager = manager_of(plugin(hook))

    assert [call(manager) for _ in range(3)] == [[1]] * 3
