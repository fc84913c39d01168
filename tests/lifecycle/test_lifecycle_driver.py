"""Single rules of the driver: cancellation, deadlines, abandonment, interrupts, turns."""

from __future__ import annotations

import asyncio

import pytest
from lifecycle_single import Gate, Recorder, Single, cancel, hang, raising, run

from aitbc_hooks.errors import LifecycleError
from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hooks.lifecycle import Failure, Lifecycle, Subject


def test_a_caller_that_is_cancelled_before_the_plugin_is_entered_changes_nothing():
    async def main():
        single = Single()
        task = asyncio.create_task(single.lifecycle.load())
        await asyncio.sleep(0)
        asyncio.get_running_loop().choose = lambda ready: ready - 1  # the caller before the method
        await cancel(task)
        assert single.called == []
        assert single.lifecycle.status is S.UNLOADED
        assert single.lifecycle.failure is None

    run(main())


def test_a_caller_that_is_cancelled_while_it_waits_for_its_turn_changes_nothing():
    async def main():
        gate = Gate()
        single = Single(start=gate)
        await single.reach("load")
        first = asyncio.create_task(single.lifecycle.start())
        await gate.entered.wait()
        second = asyncio.create_task(single.lifecycle.stop())
        await asyncio.sleep(0)
        await cancel(second)
        gate.opened.set()
        assert await first is True
        assert single.called == ["start"]
        assert single.lifecycle.status is S.ACTIVE
        assert single.lifecycle.failure is None

    run(main())


def test_a_turn_is_not_lost_with_the_caller_that_waited_for_it():
    async def main():
        gate = Gate()
        single = Single(start=gate)
        await single.reach("load")
        tasks = [asyncio.create_task(single.lifecycle.start()) for _ in range(3)]
        await gate.entered.wait()
        await cancel(tasks[1])
        gate.opened.set()
        assert [await tasks[0], await tasks[2]] == [True, True]

    run(main())


@pytest.mark.parametrize(
    ("before", "operation", "method", "goal"),
    [
        ([], "load", "initialize", S.LOADED),
        (["load"], "start", "start", S.ACTIVE),
        (["load", "start"], "stop", "stop", S.INACTIVE),
    ],
)
def test_a_method_that_succeeds_in_spite_of_the_cancellation_has_succeeded(
    before, operation, method, goal
):
    async def main():
        gate = Gate()

        async def saves_itself():
            try:
                await gate()
            except asyncio.CancelledError:
                await asyncio.sleep(0.1)
            return True

        single = Single(**{method: saves_itself})
        await single.reach(*before)
        task = asyncio.create_task(getattr(single.lifecycle, operation)())
        await gate.entered.wait()
        await cancel(task)
        assert single.lifecycle.status is goal
        assert single.lifecycle.failure is None

    run(main())


def test_a_result_that_came_before_the_cancellation_landed_is_the_truth():
    async def main():
        gate = Gate()
        single = Single(start=gate)
        await single.reach("load")
        task = asyncio.create_task(single.lifecycle.start())
        await gate.entered.wait()
        gate.opened.set()
        await asyncio.sleep(0)  # start() returns True now
        await cancel(task)
        assert single.lifecycle.status is S.ACTIVE

    run(main())


def test_a_method_that_ends_with_its_cancelled_caller_has_failed():
    async def main():
        gate = Gate()
        single = Single(start=gate)
        await single.reach("load")
        task = asyncio.create_task(single.lifecycle.start())
        await gate.entered.wait()
        await cancel(task)
        assert single.lifecycle.status is S.ERROR
        assert single.lifecycle.failure.code == "AITBC-L08"
        assert await single.lifecycle.unload() is True
        assert single.called == ["start", "cleanup"]

    run(main())


def test_an_unload_that_has_begun_completes_before_its_cancellation_is_raised():
    async def main():
        stop, cleanup = Gate(), Gate()
        single = Single(stop=stop, cleanup=cleanup)
        await single.reach("load", "start")
        task = asyncio.create_task(single.lifecycle.unload())
        for gate in (stop, cleanup):
            await gate.entered.wait()
            task.cancel()
            await asyncio.sleep(0.1)
            assert not task.done()
            gate.opened.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert single.called == ["stop", "cleanup"]
        assert single.lifecycle.status is S.UNLOADED
        assert single.lifecycle.failure is None

    run(main())


def test_a_timeout_of_the_callers_own_around_an_unload_waits_for_it_and_then_is_a_timeout():
    async def main():
        async def slow():
            await asyncio.sleep(0.5)
            return True

        single = Single(cleanup=slow)
        await single.reach("load")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await single.lifecycle.unload()
        assert single.lifecycle.status is S.UNLOADED

    run(main())


def test_a_passed_deadline_cancels_the_method_and_is_a_failure():
    async def main():
        single = Single(start=hang)
        await single.reach("load")
        assert await single.lifecycle.start() is False
        assert asyncio.get_running_loop().time() == pytest.approx(1.0)
        assert single.lifecycle.status is S.ERROR
        assert single.lifecycle.failure.code == "AITBC-L05"
        assert single.lifecycle.failure.method == "start"

    run(main())


def test_success_after_the_deadline_is_a_failure_all_the_same():
    async def main():
        async def late():
            try:
                await hang()
            except asyncio.CancelledError:
                await asyncio.sleep(1)
            return True

        single = Single(start=late)
        await single.reach("load")
        assert await single.lifecycle.start() is False
        assert single.lifecycle.failure.code == "AITBC-L05"

    run(main())


def test_a_method_that_ignores_its_cancellation_is_abandoned_and_its_instance_left_alone():
    async def main():
        gate = Gate(stubborn=True)
        single = Single(stop=gate)
        await single.reach("load", "start")
        assert await single.lifecycle.stop() is False
        assert asyncio.get_running_loop().time() == pytest.approx(1.0 + 5.0)
        assert single.lifecycle.status is S.ERROR
        assert single.lifecycle.failure.code == "AITBC-L06"
        assert "its deadline of 1 s" in single.lifecycle.failure.message
        assert await single.lifecycle.unload() is False
        assert single.called == ["stop"]
        assert single.lifecycle.status is S.UNLOADED
        assert single.lifecycle.failure.code == "AITBC-L06"
        gate.opened.set()  # what was abandoned ends with True, and nobody cares
        await asyncio.sleep(1)
        assert single.lifecycle.status is S.UNLOADED
        assert await single.lifecycle.load() is True

    run(main())


@pytest.mark.parametrize("method", ["initialize", "cleanup"])
def test_an_instance_that_is_handed_over_again_is_not_entered_beside_its_abandoned_call(method):
    async def main():
        gate, plugin = Gate(stubborn=True), object()
        single = Single(plugin=plugin, **{method: gate})
        await single.lifecycle.load()
        assert await single.lifecycle.unload() is False
        single.called.clear()
        single.methods.clear()
        assert await single.lifecycle.load() is False
        assert single.lifecycle.status is S.ERROR
        assert single.lifecycle.failure.code == "AITBC-L06"
        assert await single.lifecycle.unload() is False
        assert single.called == []
        gate.opened.set()

    run(main())


def test_a_call_that_outlives_its_cancelled_caller_is_not_blamed_on_a_deadline():
    async def main():
        gate = Gate(stubborn=True)
        single = Single(start=gate)
        await single.reach("load")
        task = asyncio.create_task(single.lifecycle.start())
        await gate.entered.wait()
        await cancel(task)
        assert single.lifecycle.failure.code == "AITBC-L06"
        assert "cancelled by its caller" in single.lifecycle.failure.message
        gate.opened.set()

    run(main())


def test_an_exit_is_a_failure_and_does_not_end_the_loop():
    async def main():
        single = Single(start=raising(SystemExit(3)))
        await single.reach("load")
        assert await single.lifecycle.start() is False
        assert single.lifecycle.status is S.ERROR
        assert single.lifecycle.failure.code == "AITBC-L07"
        assert single.lifecycle.failure.message == "SystemExit: 3"

    run(main())


def test_a_keyboard_interrupt_propagates_when_the_status_is_right():
    single = Single(start=raising(KeyboardInterrupt()))

    async def main():
        await single.reach("load")
        await single.lifecycle.start()

    with pytest.raises(KeyboardInterrupt):
        run(main())
    assert single.lifecycle.status is S.ERROR
    assert single.lifecycle.failure.code == "AITBC-L04"


def test_a_keyboard_interrupt_in_stop_keeps_no_unload_from_its_end():
    single = Single(stop=raising(KeyboardInterrupt()))

    async def main():
        await single.reach("load", "start")
        await single.lifecycle.unload()

    with pytest.raises(KeyboardInterrupt):
        run(main())
    assert single.called == ["stop", "cleanup"]
    assert single.lifecycle.status is S.UNLOADED


@pytest.mark.parametrize("operation", ["start", "unload"])
def test_a_keyboard_interrupt_is_not_lost_in_a_cancellation(operation):
    async def interrupt():
        try:
            await asyncio.sleep(0.1)
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        raise KeyboardInterrupt

    single = Single(start=interrupt, cleanup=interrupt)
    tasks = []

    async def main():
        await single.reach("load")
        tasks.append(asyncio.create_task(getattr(single.lifecycle, operation)()))
        await asyncio.sleep(0.05)
        tasks[0].cancel()
        await asyncio.sleep(1)

    with pytest.raises(KeyboardInterrupt):
        run(main())
    assert isinstance(tasks[0].exception(), KeyboardInterrupt)


def test_cleanup_is_called_once_even_if_it_fails_and_the_plugin_is_rid_of():
    async def main():
        single = Single(cleanup=lambda: False)
        await single.reach("load")
        assert await single.lifecycle.unload() is False
        assert await single.lifecycle.unload() is True
        assert single.called == ["cleanup"]
        assert single.lifecycle.failure.code == "AITBC-L03"
        assert single.listener.transitions[-2:] == [
            ("LOADED", "UNLOADING"),
            ("UNLOADING", "UNLOADED"),
        ]

    run(main())


def test_event_handlers_that_end_slowly_leave_cleanup_its_whole_deadline():
    class Slow(Recorder):
        async def quiesce(self):
            await asyncio.sleep(3)

    async def main():
        single = Single(listener=Slow())
        await single.reach("load")
        assert await single.lifecycle.unload() is True
        assert single.called == ["cleanup"]
        assert single.lifecycle.failure is None

    run(main())


def test_an_instance_that_cannot_be_made_is_an_error_that_owes_nothing():
    def make():
        raise ValueError("no such device")

    async def main():
        lifecycle = Lifecycle("ant", make)
        assert await lifecycle.load() is False
        assert lifecycle.status is S.ERROR
        assert lifecycle.failure.method is None
        assert lifecycle.failure.message == "ValueError: no such device"
        assert "ValueError" in lifecycle.failure.traceback
        assert await lifecycle.unload() is True

    run(main())


def test_a_method_that_is_missing_succeeds():
    async def main():
        lifecycle = Lifecycle("ant", lambda: Subject(object(), {}))
        for operation in ("load", "start", "stop", "unload"):
            assert await getattr(lifecycle, operation)() is True

    run(main())


def test_a_method_may_be_synchronous():
    async def main():
        single = Single()
        await single.reach("load", "start", "stop", "unload")
        single.methods["start"] = lambda: 1
        await single.reach("load")
        assert await single.lifecycle.start() is False
        assert single.lifecycle.failure.message == "expected True, got 1."

    run(main())


@pytest.mark.parametrize("operation", ["load", "start", "stop", "unload"])
def test_an_operation_from_inside_the_own_transition_is_refused_at_once(operation):
    async def main():
        async def asks():
            with pytest.raises(LifecycleError) as caught:
                await getattr(single.lifecycle, operation)()
            assert caught.value.code == "AITBC-L02"
            return True

        single = Single(start=asks)
        await single.reach("load")
        assert await single.lifecycle.start() is True
        assert asyncio.get_running_loop().time() == pytest.approx(0)

    run(main())


def test_a_task_that_was_started_in_a_transition_may_ask_for_another_when_that_is_over():
    async def main():
        tasks = []

        async def background():
            await asyncio.sleep(0.5)
            return await single.lifecycle.stop()

        async def start():
            tasks.append(asyncio.create_task(background()))
            return True

        single = Single(start=start)
        await single.reach("load")
        assert await single.lifecycle.start() is True
        assert await tasks[0] is True
        assert single.lifecycle.status is S.INACTIVE

    run(main())


def test_operations_are_served_in_the_order_in_which_they_came():
    async def main():
        gate = Gate()
        single = Single(initialize=gate)
        names = ["load", "start", "stop", "start", "unload", "load"]
        tasks = [asyncio.create_task(getattr(single.lifecycle, name)()) for name in names]
        await gate.entered.wait()
        gate.opened.set()
        assert await asyncio.gather(*tasks) == [True] * 6
        assert single.called == [
            "initialize",
            "start",
            "stop",
            "start",
            "stop",
            "cleanup",
            "initialize",
        ]

    run(main())


def test_legality_is_judged_when_the_turn_has_come():
    async def main():
        gate = Gate(value=False)
        single = Single(start=gate)
        await single.reach("load")
        first = asyncio.create_task(single.lifecycle.start())
        await gate.entered.wait()
        second = asyncio.create_task(single.lifecycle.start())
        gate.opened.set()
        assert await first is False
        with pytest.raises(LifecycleError, match="AITBC-L01"):
            await second

    run(main())


def test_a_guard_that_objects_is_recorded_and_the_plugin_keeps_its_status():
    async def main():
        single = Single()
        await single.reach("load")

        async def guard():
            return Failure("AITBC-D03", "needs bee, which is not active.", "ant")

        assert await single.lifecycle.start(guard) is False
        assert single.called == []
        assert single.lifecycle.status is S.LOADED
        assert single.lifecycle.failure.code == "AITBC-D03"
        assert single.listener.failures == ["AITBC-D03"]

    run(main())
