"""What a failure of the driver says, word for word: what happened, to which plugin, what to do."""

from __future__ import annotations

import asyncio

import pytest
from lifecycle_single import Gate, Single, cancel, hang, raising, run

from aitbc_hooks.errors import LifecycleError
from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hooks.lifecycle import Lifecycle, Operation, find_transition

ABANDONED = (
    "[AITBC-L06] plugin 'ant' in {method}(): was cancelled by {why} and did not end within 5 s "
    "after that; it was abandoned, and nothing of this instance is called any more."
)
NOT_CALLED = (
    "[AITBC-L06] plugin 'ant' in {method}(): was not called: an earlier method of this instance "
    "was abandoned and may still be running."
)


@pytest.mark.parametrize(
    ("method", "text"),
    [
        (lambda: None, "[AITBC-L03] plugin 'ant' in start(): expected True, got None."),
        (
            raising(ValueError("no such device")),
            "[AITBC-L04] plugin 'ant' in start(): ValueError: no such device",
        ),
        (
            hang,
            "[AITBC-L05] plugin 'ant' in start(): did not end within its deadline of 1 s.",
        ),
        (raising(SystemExit(3)), "[AITBC-L07] plugin 'ant' in start(): SystemExit: 3"),
    ],
)
def test_a_failure_says_what_the_method_did(method, text):
    async def main():
        single = Single(start=method)
        await single.reach("load")
        assert await single.lifecycle.start() is False
        assert str(single.lifecycle.failure) == text

    run(main())


def test_a_failure_to_make_an_instance_names_no_method():
    def make():
        raise ValueError("no such device")

    async def main():
        lifecycle = Lifecycle("ant", make)
        assert await lifecycle.load() is False
        assert str(lifecycle.failure) == "[AITBC-L04] plugin 'ant': ValueError: no such device"

    run(main())


def test_a_failure_says_of_what_was_abandoned_that_nothing_is_called_any_more():
    async def main():
        gate, plugin = Gate(stubborn=True), object()
        single = Single(plugin=plugin, start=gate)
        await single.reach("load")
        said = []
        for operation in ("start", "unload", "load"):
            assert await getattr(single.lifecycle, operation)() is False
            said.append(str(single.lifecycle.failure))
        assert said == [
            ABANDONED.format(method="start", why="its deadline of 1 s"),
            NOT_CALLED.format(method="cleanup"),
            NOT_CALLED.format(method="initialize") + " Register a fresh one.",
        ]
        gate.opened.set()

    run(main())


@pytest.mark.parametrize(
    ("stubborn", "text"),
    [
        (False, "[AITBC-L08] plugin 'ant' in start(): was cancelled with its caller."),
        (True, ABANDONED.format(method="start", why="its caller")),
    ],
)
def test_a_failure_says_whether_the_method_heeded_its_callers_cancellation(stubborn, text):
    async def main():
        gate = Gate(stubborn=stubborn)
        single = Single(start=gate)
        await single.reach("load")
        task = asyncio.create_task(single.lifecycle.start())
        await gate.entered.wait()
        await cancel(task)
        assert str(single.lifecycle.failure) == text
        gate.opened.set()

    run(main())


@pytest.mark.parametrize("operation", Operation)
def test_a_refusal_inside_its_own_transition_names_the_plugin_and_what_to_do(operation):
    async def main():
        refusals = []

        async def asks():
            with pytest.raises(LifecycleError) as caught:
                await single.lifecycle.perform(operation)
            refusals.append(str(caught.value))
            return True

        single = Single(start=asks)
        await single.reach("load", "start")
        [text] = refusals
        assert text == (
            f"[AITBC-L02] plugin 'ant': {operation.value} was asked for inside the plugin's own "
            "transition and would wait for itself. Return from the lifecycle method first."
        )

    run(main())


@pytest.mark.parametrize("status", [S.LOADING, S.UNLOADING])
@pytest.mark.parametrize("operation", Operation)
def test_a_refusal_in_the_middle_of_a_transition_says_that_it_has_to_end(operation, status):
    with pytest.raises(LifecycleError) as caught:
        find_transition(operation, status, "ant")
    assert str(caught.value) == (
        f"[AITBC-L01] plugin 'ant': cannot {operation.value} in status {status.name}. "
        "Legal here: nothing until the transition has ended."
    )
