"""What is counted of each call, however it ends, and what is not."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import pluggy
import pytest
from dispatch_plugins import Plugin, async_spec, hookimpl, hookspec, plugin, specify, sync_spec
from dispatch_scenarios import drive, pause

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.recording import SAMPLE, Tallies

both = pytest.mark.parametrize("spec", [sync_spec, async_spec])


def recording(*plugins, spec=sync_spec, report=None, **options):
    """Return a manager of plugins p0, p1, … (the last is called first), and its tallies."""
    tallies = Tallies()
    manager = HookManager("dispatch", on_error=report, recorder=tallies)
    specify(manager, spec, **options)
    for index, each in enumerate(plugins):
        manager.register(each, f"p{index}")
    return manager, tallies


def call(manager, **arguments):
    outcome = manager.hook.hook(**(arguments or {"arg": 1}))
    return drive(outcome) if hasattr(outcome, "__await__") else outcome


def counts(tallies, count=2):
    """Return (calls, errors, in flight, timed) of p0, p1, …."""
    found = [tallies.tally(f"p{index}", "hook") for index in range(count)]
    return [(each.calls, each.errors, each.in_flight, each.timed) for each in found]


def raising(error):
    def hook(arg):
        raise error

    return plugin(hook)


def silent():
    return plugin(lambda arg: None)


def answering(value=1):
    return plugin(lambda arg: value)


@both
def test_a_failure_ends_the_count_of_those_after_it(spec):
    manager, tallies = recording(silent(), raising(ValueError()), silent(), spec=spec)

    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011
            call(manager)

    assert [each[:2] for each in counts(tallies, 3)] == [(0, 0), (3, 3), (3, 0)]


@both
def test_an_answer_ends_the_count_of_those_after_it_where_the_first_result_counts(spec):
    manager, tallies = recording(silent(), answering(), silent(), spec=spec, firstresult=True)

    for _ in range(3):
        assert call(manager) == 1

    assert [each[:2] for each in counts(tallies, 3)] == [(0, 0), (3, 0), (3, 0)]


@both
@pytest.mark.parametrize("calls", [1, SAMPLE + 2])
def test_a_receiver_that_raises_ends_the_count_of_those_after_it(spec, calls):
    def report(failure):
        raise KeyError

    manager, tallies = recording(
        silent(), raising(ValueError()), spec=spec, report=report, on_error="isolate"
    )

    for _ in range(calls):
        with pytest.raises(KeyError):
            call(manager)

    assert [each[:2] for each in counts(tallies)] == [(0, 0), (calls, calls)]


@both
def test_an_isolated_failure_ends_nothing(spec):
    manager, tallies = recording(
        silent(), raising(SystemExit(3)), spec=spec, report=lambda _: None, on_error="isolate"
    )

    for _ in range(3):
        call(manager)

    assert [each[:2] for each in counts(tallies)] == [(3, 0), (3, 3)]


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("error", [None, ValueError])
def test_implementations_are_not_counted_when_a_wrapper_does_not_let_the_call_in(
    asynchronous, error
):
    def wrapper(arg):
        if error is not None:
            raise error
        if arg is None:
            yield

    manager, tallies = recording(silent(), silent(), spec=async_spec if asynchronous else sync_spec)
    call(manager)
    manager.register(plugin(wrapper, wrapper=True), "w")

    for _ in range(3):
        with pytest.raises(error or RuntimeError):
            call(manager)

    assert [each[:2] for each in counts(tallies)] == [(1, 0), (1, 0)]


def test_implementations_are_not_counted_while_an_async_wrapper_is_on_its_way_in():
    async def wrapper(arg):
        await pause()
        yield

    manager, tallies = recording(silent(), plugin(wrapper, wrapper=True), spec=async_spec)
    running = manager.hook.hook(arg=1)
    running.send(None)
    assert counts(tallies, 1) == [(0, 0, 0, 0)]
    with pytest.raises(StopIteration):
        running.send(None)
    assert counts(tallies, 1) == [(1, 0, 0, 1)]


@both
@pytest.mark.parametrize("planned", [False, True])
def test_a_missing_argument_is_no_call_of_who_needs_it_or_comes_after(spec, planned):
    manager, tallies = recording(silent(), silent(), plugin(lambda: None), spec=spec)
    if planned:
        call(manager)

    for _ in range(2):
        with (
            pytest.warns(UserWarning, match="cannot be found"),
            pytest.raises(pluggy.HookCallError),
        ):
            call(manager, other=1)

    assert [each[:2] for each in counts(tallies, 3)] == [
        (int(planned), 0),
        (int(planned), 0),
        (2 + planned, 0),
    ]


@both
@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("change", ["unregister", "inactive"])
def test_a_wrapper_may_change_the_manager_and_the_call_is_counted_all_the_same(spec, where, change):
    manager, tallies = recording(silent(), raising(ValueError()), silent(), spec=spec)
    armed = []

    def act():
        if armed:
            if change == "unregister":
                manager.unregister(name="p2")
            else:
                manager.set_active("p2", active=False)
            armed.clear()
            with pytest.raises(ValueError):  # noqa: PT011
                call(manager)

    def wrapper(arg):
        if where == "before":
            act()
        try:
            return (yield)
        finally:
            if where == "after":
                act()

    manager.register(plugin(wrapper, wrapper=True), "w")
    for _ in range(3):
        armed.append(1)
        if not manager.is_active("p2"):
            if change == "unregister":
                manager.register(silent(), "p2")
            else:
                manager.set_active("p2", active=True)
        with pytest.raises(ValueError):  # noqa: PT011
            call(manager)

    # Outer calls enter p2 (it was theirs when they began); inner ones do not.
    seen = counts(tallies, 3)
    assert seen[0][:3] == (0, 0, 0)
    assert seen[1][:3] == (6, 6, 0)
    assert seen[2][:3] == (3, 0, 0)


@both
@pytest.mark.parametrize("quiet", [0, 3])
def test_what_was_counted_before_a_wrapper_changes_the_manager_is_counted_once(spec, quiet):
    def wrapper(arg):
        if arg == "change":
            manager.unregister(name="p1")
        return (yield)

    manager, tallies = recording(silent(), silent(), plugin(wrapper, wrapper=True), spec=spec)
    for _ in range(quiet):
        call(manager)
    call(manager, arg="change")

    assert [each[0] for each in counts(tallies)] == [quiet + 1, quiet + 1]


@both
@pytest.mark.parametrize("quiet", [0, 3])
@pytest.mark.parametrize("end", ["failure", "result"])
def test_a_call_that_changes_the_manager_and_ends_early_is_counted_to_its_end(spec, quiet, end):
    def hook(arg):
        if arg == "change":
            manager.unregister(name="p2")
            call(manager)
            if end == "failure":
                raise ValueError
            return 1
        return None

    manager, tallies = recording(
        silent(), plugin(hook), silent(), spec=spec, firstresult=end == "result"
    )
    for _ in range(quiet):
        call(manager)
    if end == "failure":
        with pytest.raises(ValueError):  # noqa: PT011
            call(manager, arg="change")
    else:
        call(manager, arg="change")

    assert [each[0] for each in counts(tallies, 3)] == [quiet + 1, quiet + 2, quiet + 1]


def test_a_failing_call_of_an_async_hook_is_timed_too(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr("aitbc_hooks.dispatch.recording.perf_counter", lambda: next(clock))
    monkeypatch.setattr("aitbc_hooks.dispatch.async_plans.perf_counter", lambda: next(clock))

    async def hook(arg):
        raise ValueError

    for each in (plugin(hook), raising(ValueError())):
        manager, tallies = recording(each, spec=async_spec)
        for _ in range(2):
            with pytest.raises(ValueError):  # noqa: PT011
                call(manager)
        tally = tallies.tally("p0", "hook")
        assert (tally.timed, tally.seconds, tally.mean) == (2, 2, 1)


def test_of_a_sync_hook_the_first_call_and_then_one_in_a_sample_is_timed(monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr("aitbc_hooks.dispatch.plans.perf_counter", lambda: next(clock))
    manager, tallies = recording(silent(), silent())

    for number in range(1, 3 * SAMPLE + 1):
        call(manager)
        assert counts(tallies) == [(number, 0, 0, (number - 1) // SAMPLE + 1)] * 2
    assert [each.seconds for each in tallies] == [3, 3]
    assert [each.mean for each in tallies] == [1, 1]


def test_of_a_sync_hook_without_a_plan_each_call_is_timed(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr("aitbc_hooks.dispatch.recording.perf_counter", lambda: next(clock))
    manager, tallies = recording(silent())
    manager.enable_tracing()
    for _ in range(3):
        call(manager)

    [tally] = tallies
    assert (tally.timed, tally.seconds, tally.mean) == (3, 3, 1)


@both
@pytest.mark.parametrize("kind", ["wrapper", "hookwrapper"])
def test_wrappers_are_not_counted(spec, kind):
    def wrapper(arg):
        return (yield)

    manager, tallies = recording(silent(), plugin(wrapper, **{kind: True}), spec=spec)
    call(manager)

    assert [(each.plugin_name, each.calls) for each in tallies] == [("p0", 1)]


def test_a_timed_call_that_fails_is_timed_to_its_end():
    manager, tallies = recording(silent(), raising(ValueError()))
    for _ in range(SAMPLE):
        with pytest.raises(ValueError):  # noqa: PT011
            call(manager)

    assert counts(tallies) == [(0, 0, 0, 0), (SAMPLE, SAMPLE, 0, 1)]


@both
def test_a_call_without_a_plan_counts_from_its_begin_on(spec):
    seen = []
    manager, tallies = recording(
        plugin(lambda arg: seen.append(tallies.tally("p0", "hook").calls)), spec=spec
    )
    undo = manager.enable_tracing()
    call(manager)
    undo()
    call(manager)

    assert seen == [1, 2]


def test_without_calls_there_is_no_mean():
    manager, tallies = recording(silent())
    manager.hook.hook.live()

    assert tallies.tally("p0", "hook").mean is None


def test_calls_under_way_are_in_flight_where_they_are():
    async def hook(arg):
        await pause()

    manager, tallies = recording(plugin(hook), plugin(hook), spec=async_spec)
    calls = [manager.hook.hook(arg=1) for _ in range(3)]
    for running in calls:
        running.send(None)
    calls[0].send(None)
    assert counts(tallies) == [(1, 0, 1, 0), (3, 0, 2, 1)]

    manager.unregister(name="p0")
    assert counts(tallies) == [(1, 0, 1, 0), (3, 0, 2, 1)]
    call(manager)
    assert counts(tallies) == [(1, 0, 1, 0), (4, 0, 2, 2)]

    calls[1].close()
    assert counts(tallies) == [(1, 0, 1, 0), (4, 1, 1, 3)]
    with pytest.raises(StopIteration):
        calls[0].send(None)
    calls[2].send(None)
    with pytest.raises(StopIteration):
        calls[2].send(None)
    assert counts(tallies) == [(2, 0, 0, 2), (4, 1, 0, 4)]


def test_a_call_that_is_never_begun_leaves_no_trace():
    manager, tallies = recording(silent(), silent(), spec=async_spec)
    call(manager)
    accounts = [len(each._accounts) for each in tallies]

    for _ in range(5):
        manager.hook.hook(arg=1).close()
        manager.hook.hook.call_extra([lambda arg: None], {"arg": 1}).close()
        manager.subset_hook_caller("hook", [manager.get_plugin("p0")])(arg=1).close()

    assert counts(tallies) == [(1, 0, 0, 1)] * 2
    assert [len(tallies.tally(f"p{n}", "hook")._accounts) for n in range(2)] == accounts


@both
def test_calls_of_every_kind_leave_no_more_than_one_account(spec):
    manager, tallies = recording(silent(), silent(), spec=spec)

    def finish(outcome):
        return drive(outcome) if hasattr(outcome, "__await__") else outcome

    for number in range(20):
        call(manager)
        finish(manager.hook.hook.call_extra([lambda arg: None], {"arg": 1}))
        finish(manager.addressed("p0").hook(1))
        manager.register(answering(), "new")
        call(manager)
        manager.unregister(name="new")
        manager.set_active("p1", active=bool(number % 2))
    call(manager)

    assert all(len(tally._accounts) <= 1 for tally in tallies)


def test_two_implementations_of_one_plugin_are_counted_together():
    @hookimpl(specname="hook")
    def one(arg):
        pass

    @hookimpl(specname="hook")
    def two(arg):
        if arg == "fail":
            raise ValueError

    manager, tallies = recording(Plugin(one=one, two=two))
    call(manager)
    with pytest.raises(ValueError):  # noqa: PT011
        call(manager, arg="fail")

    (tally,) = tallies
    assert tally.errors == 1
    # `two` comes first: pluggy registers by name, and calls the last registered first.
    assert tally.calls == 3


def test_a_tally_keeps_its_counts_and_not_its_plugin():
    class Sound:
        @hookimpl
        def hook(self, arg):
            return arg

    manager, tallies = recording(Sound())
    call(manager)
    call(manager)
    tally = tallies.tally("p0", "hook")
    freed = weakref.ref(manager.get_plugin("p0"))
    manager.unregister(name="p0")
    gc.collect()

    assert freed() is None
    assert tally.calls == 2
    manager.register(silent(), "p0")
    call(manager)
    assert tally.calls == 3
    assert repr(tally) == "<Tally 'hook' of 'p0': 3 calls, 0 errors>"


def test_tallies_are_found_by_plugin_in_the_order_of_their_hooks():
    tallies = Tallies()
    manager = HookManager("dispatch", recorder=tallies)

    class Specs:
        @hookspec
        def second(self): ...

        @hookspec
        def first(self): ...

    manager.add_hookspecs(Specs)
    manager.register(Plugin(second=hookimpl(lambda: 1), first=hookimpl(lambda: 2)), "p")
    manager.register(Plugin(second=hookimpl(lambda: 1)), "q")
    manager.hook.second()
    manager.hook.first()

    assert [each.hook_name for each in tallies.of("p")] == ["first", "second"]
    assert len(list(tallies)) == 3


def test_counts_can_be_read_from_another_thread_while_calls_run():
    async def hook(arg):
        await asyncio.sleep(0)

    manager, tallies = recording(plugin(hook), plugin(hook), spec=async_spec)
    problems, stop = [], threading.Event()

    def reading():
        while not stop.is_set():
            try:
                counts(tallies)
            except RuntimeError as error:
                problems.append(error)

    async def main():
        for _ in range(12):
            await asyncio.gather(*(manager.hook.hook(arg=1) for _ in range(60)))
            manager.set_active("p0", active=True)

    reader = threading.Thread(target=reading)
    reader.start()
    asyncio.run(main())
    stop.set()
    reader.join()

    assert problems == []
    assert counts(tallies) == [(720, 0, 0, 720)] * 2


def test_threads_that_call_lose_no_count():
    manager, tallies = recording(silent(), silent())
    workers = [
        threading.Thread(target=lambda: [call(manager) for _ in range(2000)]) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [each.calls for each in tallies] == [8000, 8000]


def test_concurrent_implementations_are_counted_each_for_itself():
    async def slow(arg):
        await asyncio.sleep(60)

    async def failing(arg):
        await asyncio.sleep(0)
        raise ValueError

    async def never(arg): ...

    manager, tallies = recording(
        plugin(never), plugin(slow), plugin(failing), spec=async_spec, concurrent=2
    )
    for _ in range(2):
        with pytest.raises(ValueError):  # noqa: PT011
            asyncio.run(_run(manager))

    assert counts(tallies, 3) == [(0, 0, 0, 0), (2, 2, 0, 2), (2, 2, 0, 2)]


async def _run(manager):
    return await manager.hook.hook(arg=1)


@both
def test_calls_that_were_timed_stay_so_whatever_plugins_come_later(spec):
    manager, tallies = recording(silent(), spec=spec)
    for name in ("one", "two", "three"):
        call(manager)
        manager.register(silent(), name)
    call(manager)

    assert counts(tallies, 1) == [(4, 0, 0, 4)]


@both
def test_a_failure_leaves_nothing_in_the_results_also_of_calls_that_are_timed(spec):
    manager, _ = recording(
        answering(), raising(ValueError()), spec=spec, report=lambda _: None, on_error="isolate"
    )

    assert [call(manager) for _ in range(SAMPLE + 2)] == [[1]] * (SAMPLE + 2)
