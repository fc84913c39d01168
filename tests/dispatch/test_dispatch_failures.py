"""The failure policies, for sync and async hooks alike."""

from __future__ import annotations

import asyncio
import logging

import pluggy
import pytest
from dispatch_plugins import async_spec, hookimpl, manager_of, plugin, sync_spec
from dispatch_scenarios import drive

from aitbc_hooks.dispatch import HookFailure, HookManager
from aitbc_hooks.errors import ContractError, HookError

both = pytest.mark.parametrize("spec", [sync_spec, async_spec])


def call(manager, arguments={"arg": 1}):  # noqa: B006 - never changed
    outcome = manager.hook.hook(**arguments)
    return drive(outcome) if asyncio.iscoroutine(outcome) else outcome


def answer(value):
    return plugin(lambda arg: value)


def raising(error):
    def hook(arg):
        raise error

    return plugin(hook)


def group_of(manager):
    with pytest.raises(ExceptionGroup) as caught:
        call(manager)
    return caught.value


@both
@pytest.mark.parametrize("error", [ValueError("broken"), SystemExit(3)])
def test_an_isolated_failure_is_reported_and_the_call_goes_on(spec, error):
    failures = []
    manager = manager_of(
        answer(1),
        raising(error),
        answer(2),
        spec=spec,
        report=failures.append,
        on_error="isolate",
    )

    assert call(manager) == [2, 1]
    assert failures == [HookFailure("p1", "hook", error)]


def test_a_failure_of_an_awaited_implementation_is_isolated_too():
    failures = []
    error = ValueError("broken")

    async def hook(arg):
        raise error

    manager = manager_of(answer(1), plugin(hook), report=failures.append, on_error="isolate")

    assert call(manager) == [1]
    assert failures == [HookFailure("p1", "hook", error)]


@both
@pytest.mark.parametrize("policy", ["isolate", "group"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, asyncio.CancelledError, GeneratorExit])
def test_no_policy_holds_back_what_is_not_the_plugins_to_answer_for(spec, policy, error):
    failures = []
    manager = manager_of(
        answer(1), raising(error()), spec=spec, report=failures.append, on_error=policy
    )

    with pytest.raises(error):
        call(manager)
    assert failures == []


@both
def test_without_a_policy_the_first_failure_ends_the_call(spec):
    failures = []
    manager = manager_of(answer(1), raising(ValueError("x")), spec=spec, report=failures.append)

    with pytest.raises(ValueError, match="x"):
        call(manager)
    assert failures == []


@both
def test_a_firstresult_hook_takes_the_next_answer_after_an_isolated_failure(spec):
    manager = manager_of(
        answer("next"),
        raising(ValueError()),
        spec=spec,
        report=lambda failure: None,
        on_error="isolate",
        firstresult=True,
    )

    assert call(manager) == "next"


@both
@pytest.mark.parametrize("policy", ["isolate", "group"])
def test_what_a_wrapper_raises_is_the_outcome_whatever_the_policy(spec, policy):
    def wrapper(arg):
        yield
        raise KeyError("wrapper")

    failures = []
    manager = manager_of(
        answer(1),
        plugin(wrapper, wrapper=True),
        spec=spec,
        report=failures.append,
        on_error=policy,
    )

    with pytest.raises(KeyError):
        call(manager)
    assert failures == []


@both
def test_a_missing_argument_is_the_callers_failure_and_never_isolated(spec):
    manager = manager_of(
        spec=spec, report=lambda failure: pytest.fail("reported"), on_error="isolate"
    )
    manager.register(answer(1))

    with (
        pytest.warns(UserWarning, match="cannot be found in this hook call"),
        pytest.raises(pluggy.HookCallError),
    ):
        call(manager, {})


@both
def test_group_raises_all_failures_together_after_every_implementation_ran(spec):
    ran = []
    failures = []
    first, second = ValueError("first"), KeyError("second")

    def last(arg):
        ran.append("last")

    manager = manager_of(
        plugin(last),
        raising(second),
        raising(first),
        spec=spec,
        report=failures.append,
        on_error="group",
    )
    group = group_of(manager)

    assert group.exceptions == (first, second)
    assert first.__notes__ == ["raised by plugin 'p2' in hook 'hook'"]
    assert ran == ["last"]
    assert [failure.exception for failure in failures] == [first, second]


@both
def test_group_returns_the_results_when_nothing_failed(spec):
    assert call(manager_of(answer(1), answer(2), spec=spec, on_error="group")) == [2, 1]


@both
def test_group_names_an_exit_by_its_code_in_an_error_that_except_exception_catches(spec):
    error = SystemExit(3)
    group = group_of(
        manager_of(raising(error), spec=spec, report=lambda failure: None, on_error="group")
    )

    assert isinstance(group.exceptions[0], HookError)
    assert group.exceptions[0].code == "AITBC-H06"
    assert str(group.exceptions[0]) == (
        "[AITBC-H06] plugin 'p0': called sys.exit(3) in hook 'hook'."
    )
    assert group.exceptions[0].__cause__ is error


@both
def test_group_raises_also_when_a_firstresult_hook_got_an_answer_after_a_failure(spec):
    manager = manager_of(
        answer("next"),
        raising(ValueError()),
        spec=spec,
        report=lambda failure: None,
        on_error="group",
        firstresult=True,
    )

    assert len(group_of(manager).exceptions) == 1


@both
def test_wrappers_see_the_group_and_may_handle_it(spec):
    def wrapper(arg):
        try:
            return (yield)
        except ExceptionGroup as group:
            return f"{len(group.exceptions)} failed"

    manager = manager_of(
        raising(ValueError()),
        plugin(wrapper, wrapper=True),
        spec=spec,
        report=lambda failure: None,
        on_error="group",
    )

    assert call(manager) == "1 failed"


@both
def test_who_monitors_calls_sees_what_makes_the_group_inside_the_wrappers(spec):
    def wrapper(arg):
        return (yield)

    seen = []
    manager = manager_of(
        answer(1), plugin(wrapper, wrapper=True), answer(2), spec=spec, on_error="group"
    )
    manager.add_hookcall_monitoring(
        lambda _name, impls, _arguments: seen.extend(impl.plugin_name for impl in impls),
        lambda *_: None,
    )

    assert call(manager) == [2, 1]
    assert seen == ["p0", "p2", "<failures>", "p1"]


@both
def test_calls_do_not_share_the_failures_of_a_group(spec):
    error = ValueError("x")
    manager = manager_of(raising(error), spec=spec, report=lambda failure: None, on_error="group")

    assert len(group_of(manager).exceptions) == 1
    assert len(group_of(manager).exceptions) == 1
    assert len(error.__notes__) == 1


@both
def test_without_a_receiver_a_failure_is_logged_with_its_traceback(spec, caplog):
    error = ValueError("broken")

    with caplog.at_level(logging.ERROR):
        assert call(manager_of(raising(error), spec=spec, on_error="isolate")) == []
    [record] = caplog.records
    assert record.name == "aitbc_hooks.dispatch"
    assert record.getMessage() == "plugin 'p0' failed in hook 'hook'"
    assert record.exc_info[1] is error


@both
def test_what_the_receiver_raises_ends_the_call(spec):
    def report(failure):
        raise RuntimeError("receiver")

    with pytest.raises(RuntimeError, match="receiver"):
        call(manager_of(raising(ValueError()), spec=spec, report=report, on_error="isolate"))


def test_an_isolated_method_keeps_its_arguments_and_defaults():
    class Methods:
        @hookimpl
        def hook(self, arg, other="default"):
            return self, arg, other

    each = Methods()

    assert call(manager_of(each, spec=sync_spec, on_error="isolate")) == [(each, 1, "default")]


def test_an_isolated_call_extra_method_may_be_any_callable():
    class Extra:
        def __call__(self, arg):
            return f"extra {arg}"

    manager = manager_of(spec=sync_spec, on_error="isolate")

    assert manager.hook.hook.call_extra([Extra()], {"arg": 1}) == ["extra 1"]


def test_a_historic_hook_isolates_its_replay_too():
    failures = []
    manager = manager_of(
        raising(ValueError("now")),
        spec=sync_spec,
        report=failures.append,
        on_error="isolate",
        historic=True,
    )
    manager.hook.hook.call_historic(kwargs={"arg": 1})
    manager.register(raising(ValueError("replay")), "late")

    assert [(each.plugin_name, str(each.exception)) for each in failures] == [
        ("p0", "now"),
        ("late", "replay"),
    ]


@pytest.mark.parametrize(
    ("spec", "options", "match"),
    [
        (async_spec, {"on_error": "ignore"}, "on_error='ignore'"),
        (sync_spec, {"deadline": 1.0}, "only an async hookspec"),
        (async_spec, {"deadline": 0}, "positive number"),
    ],
)
def test_a_hookspec_whose_options_make_no_sense_is_refused(spec, options, match):
    with pytest.raises(ContractError, match=match) as caught:
        manager_of(spec=spec, **options)
    assert caught.value.code == "AITBC-P12"


def test_the_options_of_pluggys_own_marker_are_enough():
    manager = HookManager("dispatch")

    class Specs:
        @pluggy.HookspecMarker("dispatch")
        def hook(self, arg): ...

    manager.add_hookspecs(Specs)

    assert manager.hook.hook(arg=1) == []
