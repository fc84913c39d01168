"""Calls of one plugin inside the wrappers of all."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pickle

import pytest
from dispatch_plugins import (
    Plugin,
    async_spec,
    hookimpl,
    hookspec,
    manager_of,
    plugin,
    specify,
    sync_spec,
)
from dispatch_scenarios import drive

from aitbc_hooks.dispatch import AddressedPlugin, HookManager
from aitbc_hooks.errors import (
    CapabilityError,
    HookError,
    PluginInactiveError,
    PluginNotFoundError,
)

both = pytest.mark.parametrize("spec", [sync_spec, async_spec])


def finish(outcome):
    return drive(outcome) if asyncio.iscoroutine(outcome) else outcome


def call(manager, name, *args, **kwargs):
    return finish(manager.addressed(name).hook(*(args or () if kwargs else args or (1,)), **kwargs))


def answer(value):
    return plugin(lambda arg: value)


@both
@pytest.mark.parametrize("firstresult", [False, True])
def test_an_addressed_call_gives_the_single_result_of_that_plugin(spec, firstresult):
    manager = manager_of(answer("a"), answer("b"), spec=spec, firstresult=firstresult)

    assert call(manager, "p0") == "a"
    assert call(manager, "p1") == "b"


def test_a_call_of_a_sync_hook_gives_the_value_and_of_an_async_hook_an_awaitable():
    assert manager_of(answer("a"), spec=sync_spec).addressed("p0").hook(1) == "a"
    waiting = manager_of(answer("a"), spec=async_spec).addressed("p0").hook(1)
    assert inspect.isawaitable(waiting)
    assert drive(waiting) == "a"


@both
def test_a_plugin_that_answers_none_gives_none(spec):
    assert call(manager_of(answer(None), spec=spec), "p0") is None


@both
def test_all_active_wrappers_run_and_see_the_usual_list(spec):
    seen = []

    def wrapper(arg):
        results = yield
        seen.append(results)
        return [f"wrapped {results[0]}"]

    manager = manager_of(answer("a"), plugin(wrapper, wrapper=True), spec=spec)
    assert call(manager, "p0") == "wrapped a"
    assert seen == [["a"]]

    manager.set_active("p1", active=False)
    assert call(manager, "p0") == "a"
    assert seen == [["a"]]


def test_wrappers_of_a_firstresult_hook_see_the_single_result():
    def wrapper(arg):
        return f"wrapped {yield}"

    manager = manager_of(
        answer("a"), plugin(wrapper, wrapper=True), spec=sync_spec, firstresult=True
    )

    assert call(manager, "p0") == "wrapped a"


def test_what_a_wrapper_puts_in_the_place_of_the_list_is_the_result():
    def wrapper(arg):
        yield
        return "replaced"

    assert call(manager_of(answer("a"), plugin(wrapper, wrapper=True), spec=sync_spec), "p0") == (
        "replaced"
    )


@both
@pytest.mark.parametrize("policy", ["isolate", "group"])
def test_what_the_plugin_raises_is_raised_whatever_the_policy(spec, policy):
    def hook(arg):
        raise ValueError("own")

    manager = manager_of(
        plugin(hook), spec=spec, report=lambda failure: pytest.fail("reported"), on_error=policy
    )

    with pytest.raises(ValueError, match="own"):
        call(manager, "p0")


def test_the_deadline_counts_for_an_addressed_call():
    async def hook(arg):
        await asyncio.sleep(3600)

    manager = manager_of(plugin(hook), deadline=0.01)

    async def main():
        await manager.addressed("p0").hook(1)

    with pytest.raises(HookError, match="AITBC-H05"):
        asyncio.run(main())


def test_monitoring_sees_an_addressed_call():
    seen = []
    manager = manager_of(answer("a"), answer("b"))
    manager.add_hookcall_monitoring(
        lambda name, impls, arguments: seen.append([impl.plugin_name for impl in impls]),
        lambda outcome, *_: seen.append(outcome.get_result()),
    )
    call(manager, "p0")

    assert seen == [["p0"], ["a"]]


# Arguments


def three(first, second, third="default"): ...


def argued():
    manager = HookManager("dispatch")
    specify(manager, three)
    manager.register(plugin(lambda first, second, third: (first, second, third)), "p0")
    return manager.addressed("p0").hook


@pytest.mark.parametrize(
    ("args", "kwargs", "bound"),
    [
        ((1, 2, 3), {}, (1, 2, 3)),
        ((1, 2), {}, (1, 2, "default")),
        ((1,), {"second": 2}, (1, 2, "default")),
        ((), {"third": 3, "second": 2, "first": 1}, (1, 2, 3)),
    ],
)
def test_arguments_are_bound_to_the_names_of_the_hookspec(args, kwargs, bound):
    assert argued()(*args, **kwargs) == bound


@pytest.mark.parametrize(
    ("args", "kwargs", "problem"),
    [
        ((1, 2, 3, 4), {}, "takes 3 arguments, got 4"),
        ((1, 2), {"first": 1}, "got argument 'first' twice"),
        ((1, 2), {"forth": 1}, "has no argument 'forth'"),
        ((1,), {}, "lacks argument 'second'"),
    ],
)
def test_arguments_that_are_not_those_of_the_hookspec_are_refused(args, kwargs, problem):
    with pytest.raises(HookError, match=problem) as caught:
        argued()(*args, **kwargs)
    assert caught.value.code == "AITBC-H04"
    assert "(first, second, third)" in str(caught.value)


def test_arguments_of_an_async_hook_are_refused_before_there_is_a_coroutine():
    with pytest.raises(HookError, match="AITBC-H04"):
        manager_of(answer(1)).addressed("p0").hook()


def test_a_hook_without_a_hookspec_takes_named_arguments_only():
    manager = HookManager("dispatch")
    manager.register(plugin(lambda arg: arg), "p0")

    assert manager.addressed("p0").hook(arg=5) == 5
    with pytest.raises(HookError, match="AITBC-H04"):
        manager.addressed("p0").hook(5)


# Who cannot be called


def test_an_unknown_plugin_is_an_error_with_the_nearest_name():
    manager = manager_of(answer(1))
    manager.set_blocked("blocked")

    with pytest.raises(PluginNotFoundError, match="Did you mean 'p0'"):
        manager.addressed("pp0")
    with pytest.raises(PluginNotFoundError):
        manager.addressed("blocked")


def test_a_plugin_that_was_unregistered_meanwhile_is_an_error():
    manager = manager_of(answer(1))
    addressed = manager.addressed("p0")
    hook = addressed.hook
    manager.unregister(name="p0")

    with pytest.raises(PluginNotFoundError):
        hook(1)
    with pytest.raises(PluginNotFoundError):
        _ = addressed.hook


def test_an_inactive_plugin_is_an_error_at_the_call():
    manager = manager_of(answer(1))
    hook = manager.addressed("p0").hook
    manager.set_active("p0", active=False)

    with pytest.raises(PluginInactiveError, match="AITBC-H02"):
        hook(1)
    with pytest.raises(PluginInactiveError):
        manager.addressed("p0").hook(1)

    manager.set_active("p0", active=True)
    assert drive(hook(1)) == 1


def test_a_missing_capability_names_what_there_is_and_is_an_attribute_error():
    manager = manager_of(answer(1))

    with pytest.raises(CapabilityError, match=r"implements hook\. Did you mean 'hook'") as caught:
        _ = manager.addressed("p0").hok
    assert caught.value.code == "AITBC-H01"
    assert not hasattr(manager.addressed("p0"), "hok")


def test_a_plugin_that_only_wraps_a_hook_does_not_implement_it():
    manager = manager_of(answer(1), plugin(lambda arg: (yield), wrapper=True))

    with pytest.raises(CapabilityError, match="it implements no hooks"):
        _ = manager.addressed("p1").hook


def test_a_hook_of_the_driver_is_refused_at_the_call():
    manager = manager_of(answer(1), driver_only=True)

    with pytest.raises(HookError, match="only the lifecycle driver") as caught:
        manager.addressed("p0").hook(1)
    assert caught.value.code == "AITBC-H03"
    assert manager.capabilities("p0") == []


@both
@pytest.mark.parametrize(
    ("option", "match"),
    [
        ("addressed", r"manager\.plugin\(name\)\.hook\(\.\.\.\)"),
        ("driver_only", "lifecycle driver"),
    ],
)
@pytest.mark.parametrize("way", ["call", "call_extra", "subset"])
def test_a_restricted_hook_cannot_be_called_on_all_plugins(spec, option, match, way):
    each = answer(1)
    manager = manager_of(each, spec=spec, **{option: True})
    hook = manager.hook.hook
    ways = {
        "call": lambda: hook(arg=1),
        "call_extra": lambda: hook.call_extra([], {"arg": 1}),
        "subset": lambda: manager.subset_hook_caller("hook", [each])(arg=1),
    }

    with pytest.raises(HookError, match=match) as caught:
        ways[way]()
    assert caught.value.code == "AITBC-H03"


def test_an_addressed_hook_can_be_called_on_one_plugin():
    assert call(manager_of(answer(1), addressed=True), "p0") == 1


# What is kept is never stale


def test_a_kept_hook_follows_registrations_and_activity():
    manager = manager_of(answer("a"), spec=sync_spec)
    hook = manager.addressed("p0").hook
    assert hook(1) == "a"

    def wrapper(arg):
        yield
        return ["wrapped"]

    manager.register(plugin(wrapper, wrapper=True), "wrapper")
    assert hook(1) == "wrapped"
    manager.set_active("wrapper", active=False)
    assert hook(1) == "a"
    manager.set_active("wrapper", active=True)
    manager.unregister(name="p0")
    manager.register(answer("new"), "p0")
    manager.unregister(name="wrapper")
    assert hook(1) == "new"


def test_an_addressed_plugin_can_be_looked_at():
    manager = manager_of(
        Plugin(hook=hookimpl(lambda arg: 1), zulu=hookimpl(lambda: 2)), spec=sync_spec
    )
    addressed = manager.addressed("p0")

    assert repr(addressed) == "<AddressedPlugin 'p0'>"
    assert repr(addressed.hook) == "<AddressedHook 'hook' of 'p0'>"
    assert {"hook", "zulu"} <= set(dir(addressed))
    assert manager.capabilities("p0") == ["hook", "zulu"]
    assert inspect.unwrap(addressed) is addressed
    assert not inspect.iscoroutinefunction(addressed)


def test_an_addressed_plugin_can_be_copied_and_has_no_private_hooks():
    addressed = manager_of(answer(1), spec=sync_spec).addressed("p0")

    assert copy.copy(addressed).hook(1) == 1
    for name in ["__setstate__", "_hook", "__deepcopy__"]:
        with pytest.raises(AttributeError, match="'AddressedPlugin' object has no") as caught:
            getattr(addressed, name)
        assert not isinstance(caught.value, CapabilityError)
    # The protocol's own look-ups must not recurse on an object that has no state yet.
    assert not hasattr(AddressedPlugin.__new__(AddressedPlugin), "__setstate__")
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        pickle.dumps(addressed)


def test_several_implementations_of_one_plugin_are_called_and_the_first_result_counts():
    each = Plugin(
        hook=hookimpl(lambda arg: "plain"),
        other=hookimpl(specname="hook", tryfirst=True)(lambda arg: "first"),
    )

    assert call(manager_of(each, answer("else"), spec=sync_spec), "p0") == "first"


def test_hooks_of_the_contract_are_addressed_as_design_prints_it():
    import aitbc_hookspecs

    manager = HookManager("aitbc", strict=True)
    for module in aitbc_hookspecs.SPEC_MODULES:
        manager.add_hookspecs(module)

    class Translation:
        @aitbc_hookspecs.hookimpl
        async def predict(self, input_data):
            return {"translated_text": input_data["text"].upper()}

    manager.register(Translation(), "translation-ai")

    assert drive(manager.addressed("translation-ai").predict({"text": "a"})) == {
        "translated_text": "A"
    }
    assert drive(manager.hook.predict(input_data={"text": "b"})) == [{"translated_text": "B"}]
    with pytest.raises(HookError, match="AITBC-H03"):
        manager.hook.train(training_data=[])


def test_a_class_of_hookspecs_may_use_the_marker_with_and_without_options():
    class Specs:
        @hookspec
        def bare(self): ...

        @hookspec(addressed=True)
        def with_options(self): ...

    manager = HookManager("dispatch")
    manager.add_hookspecs(Specs)

    assert manager.hook.bare() == []
    with pytest.raises(HookError):
        manager.hook.with_options()


def test_the_error_names_a_hook_that_has_no_hookspec_too():
    manager = HookManager("dispatch")
    manager.register(answer(1), "p0")
    call = manager.addressed("p0").hook
    manager.set_active("p0", active=False)
    with pytest.raises(PluginInactiveError, match="its 'hook' cannot be called"):
        call(arg=1)


def test_a_call_that_was_made_before_the_plugin_became_inactive_does_not_enter_it_after():
    log = []

    async def hook(arg):
        log.append(arg)

    manager = manager_of(plugin(hook))
    name = manager.list_name_plugin()[0][0]
    made = manager.addressed(name).hook(arg=1)
    manager.set_active(name, active=False)
    with pytest.raises(PluginInactiveError):
        asyncio.run(made)
    assert log == []
