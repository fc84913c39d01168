"""Async hooks and the rest of pluggy: extra methods, subsets, late hookspecs, monitoring."""

from __future__ import annotations

import asyncio

import pytest
from dispatch_plugins import answering, call, failing, hookspec, manager_of, plugin, specify
from dispatch_scenarios import drive

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.errors import ContractError


def test_call_extra_awaits_the_additional_methods_first():
    async def extra(arg):
        await asyncio.sleep(0)
        return "extra"

    manager = manager_of(answering("plugin"))

    async def main():
        return await manager.hook.hook.call_extra([extra], {"arg": 1})

    assert asyncio.run(main()) == ["extra", "plugin"]


def test_a_subset_caller_awaits_the_plugins_that_remain():
    left_out = answering("left out")
    manager = manager_of(answering("kept"), left_out)
    caller = manager.subset_hook_caller("hook", [left_out])

    async def main():
        return await caller(arg=1)

    assert asyncio.run(main()) == ["kept"]
    assert repr(caller) == "<_SubsetHookCaller 'hook'>"


def test_an_async_hookspec_that_comes_after_its_implementations_is_awaited_all_the_same():
    manager = HookManager("dispatch")
    manager.register(answering(1), "early")

    async def spec(arg): ...

    specify(manager, spec)

    assert call(manager) == [1]


def test_monitoring_lies_around_the_awaited_call_and_sees_what_came_of_it():
    log = []

    async def hook(arg):
        log.append("begin")
        await asyncio.sleep(0)
        log.append("end")
        return arg

    manager = manager_of(plugin(hook))
    undo = manager.add_hookcall_monitoring(
        lambda name, impls, arguments: log.append(("before", name, len(impls), dict(arguments))),
        lambda outcome, name, impls, arguments: log.append(("after", outcome.get_result())),
    )

    assert call(manager) == [1]
    assert log == [("before", "hook", 1, {"arg": 1}), "begin", "end", ("after", [1])]

    undo()
    log.clear()
    assert call(manager) == [1]
    assert log == ["begin", "end"]


def test_monitoring_sees_after_a_call_what_it_has_seen_before_it():
    seen = []
    manager = manager_of(answering(1), answering(2))
    manager.add_hookcall_monitoring(
        lambda *known: seen.append(known), lambda outcome, *known: seen.append(known)
    )
    call(manager)

    expected = "hook", manager.hook.hook.live(), {"arg": 1}
    assert seen == [expected, expected]


def test_calls_without_a_plan_are_made_as_before_when_monitoring_has_ended():
    seen = []
    manager = manager_of(answering(1))
    manager.add_hookcall_monitoring(lambda *_: seen.append("before"), lambda *_: None)()

    assert drive(manager.hook.hook.call_extra([lambda arg: 2], {"arg": 1})) == [2, 1]
    assert seen == []


def test_a_call_without_a_plan_is_of_what_is_registered_when_it_begins():
    manager = manager_of(answering("early"))
    manager.add_hookcall_monitoring(lambda *_: None, lambda *_: None)  # no plans any more

    async def main():
        made = manager.hook.hook(arg=1)
        manager.register(answering("late"))
        return await made

    assert asyncio.run(main()) == ["late", "early"]


def test_monitoring_sees_the_exception_and_the_caller_gets_it():
    seen = []
    manager = manager_of(failing(ValueError("broken")))
    manager.add_hookcall_monitoring(
        lambda *_: None, lambda outcome, *_: seen.append(outcome.exception)
    )

    with pytest.raises(ValueError, match="broken") as caught:
        call(manager)
    assert seen == [caught.value]


def test_tracing_writes_the_awaited_result_and_can_be_undone():
    lines = []
    manager = manager_of(answering("value"))
    manager.trace.root.setwriter(lines.append)
    undo = manager.enable_tracing()
    call(manager)
    undo()
    call(manager)

    assert len(lines) == 2
    assert "finish hook --> ['value']" in lines[1]


def test_a_historic_async_hookspec_is_refused_and_nothing_of_the_call_remains():
    manager = HookManager("dispatch")

    class Specs:
        @hookspec
        def another(self): ...

        @hookspec(historic=True)
        async def hook(self, arg): ...

    with pytest.raises(ContractError, match="both historic and async") as caught:
        manager.add_hookspecs(Specs)
    assert caught.value.code == "AITBC-P12"
    assert vars(manager.hook) == {}


def test_a_refused_hookspec_leaves_a_hook_that_was_implemented_before_it_as_it_was():
    manager = HookManager("dispatch")
    manager.register(plugin(lambda arg: arg), "early")

    async def spec(arg): ...

    with pytest.raises(ContractError):
        specify(manager, spec, historic=True)
    assert not manager.hook.hook.has_spec()
    assert not manager.hook.hook.is_historic()
    assert manager.hook.hook(arg=5) == [5]


def test_many_calls_of_one_hook_run_concurrently_each_on_its_own():
    async def hook(arg):
        await asyncio.sleep(0)
        return arg

    async def wrapper(arg):
        result = yield
        await asyncio.sleep(0)
        yield [(arg, *result)]

    manager = manager_of(plugin(hook), plugin(wrapper, wrapper=True))

    async def main():
        return await asyncio.gather(*(manager.hook.hook(arg=index) for index in range(10)))

    assert asyncio.run(main()) == [[(index, index)] for index in range(10)]
