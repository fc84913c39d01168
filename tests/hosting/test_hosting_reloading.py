"""A reload ends with the new instance or with the old one, whatever fails and whenever."""

import asyncio
import contextlib
import tempfile
from pathlib import Path

import pytest
from hosting_reloads import NAME, Reloads, run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aitbc_hooks import PluginStatus

S = PluginStatus

BESIDE = ("import", "construct", "metadata", "config", "contract")
LATER = ("initialize", "import_state", "start")
WAYS = {
    **dict.fromkeys(BESIDE, ("raise",)),
    "import": ("raise", "exit", "interrupt"),
    "construct": ("raise", "exit", "interrupt"),
    "initialize": ("raise", "false", "hang", "exit", "interrupt"),
    "start": ("raise", "false", "hang", "exit", "interrupt"),
    "import_state": ("raise", "false", "exit", "interrupt"),
}
FAULTS = [(None, "raise"), *((fault, way) for fault, ways in WAYS.items() for way in ways)]
OLD_FAULTS = (None, "stop", "export_state", "restart", "cleanup")
FORMER = ("LOADED", "ACTIVE", "INACTIVE", "ERROR", "NEVER LOADED", "UNLOADED")


async def bring_to(reloads, former):
    """Write generation 1 as it is to be, and bring the subject into a status."""
    manager = reloads.manager
    if former in ("ERROR", "NEVER LOADED"):
        reloads.write(1, "start" if former == "ERROR" else "import")
    await reloads.load_all()
    if former == "UNLOADED":
        await manager.unload_plugin(NAME)
    if former in ("ACTIVE", "INACTIVE", "ERROR"):
        await manager.start_plugin(NAME)
    if former == "ACTIVE":
        assert await manager.start_plugin("dependent")
    if former == "INACTIVE":
        await manager.stop_plugin(NAME)


def expected(former, fault, old_fault):
    """Return whether the new generation takes over, and the subject's status afterwards."""
    if (former, old_fault) == ("INACTIVE", "stop"):  # it never became that
        former = "ERROR"
    old_is_whole = former in ("LOADED", "ACTIVE", "INACTIVE")
    stop_fails = former == "ACTIVE" and old_fault == "stop"
    old_is_whole &= not stop_fails
    reached = fault in BESIDE or fault == "initialize"
    reached |= fault == "start" and former == "ACTIVE"
    reached |= fault == "import_state" and old_is_whole
    export_fails = (
        old_is_whole and old_fault == "export_state" and fault not in (*BESIDE, "initialize")
    )
    if not reached and not export_fails:
        return True, S.ACTIVE if former == "ACTIVE" else S.LOADED
    if former != "ACTIVE":
        return False, S.ERROR if former == "NEVER LOADED" else S[former]
    if fault in BESIDE:
        return False, S.ACTIVE
    return False, S.ERROR if stop_fails or old_fault == "restart" else S.ACTIVE


@settings(max_examples=150)
@given(st.sampled_from(FAULTS), st.sampled_from(OLD_FAULTS), st.sampled_from(FORMER))
@example((None, "raise"), None, "ACTIVE")
@example(("start", "interrupt"), None, "ACTIVE")
@example(("start", "hang"), "restart", "ACTIVE")
@example((None, "raise"), "stop", "ACTIVE")
@example(("contract", "raise"), None, "UNLOADED")
def test_a_reload_ends_with_the_new_instance_or_with_the_old_one(fault, old_fault, former):
    with tempfile.TemporaryDirectory() as path:
        run(lambda: reload_once(Path(path), *fault, old_fault, former))


async def reload_once(path, fault, how, old_fault, former):
    reloads = Reloads(path)
    manager = reloads.manager
    reloads.write(1, old_fault, "false" if old_fault == "stop" else "raise")
    await bring_to(reloads, former)
    order, before = reloads.order(), manager.plugins.get(NAME)
    dependents_rest = manager.get_plugin_status("dependent")
    reloads.write(2, fault, how)

    succeeded = await reloads.reload()

    takes_over, status = expected(former, fault, old_fault)
    assert (succeeded, reloads.status) == (takes_over, status)
    instance = manager.plugins.get(NAME)
    assert (instance is before) is (not takes_over)
    assert instance is None or instance.status is status
    serving = [2 if takes_over else 1] if status is S.ACTIVE else []
    assert reloads.answers() == ["last", *serving, "first"]
    assert before is None or reloads.order() == order
    if dependents_rest is S.ACTIVE and status is not S.ACTIVE:
        dependents_rest = S.INACTIVE
    assert manager.get_plugin_status("dependent") is dependents_rest
    assert_is_gone(reloads, 1 if takes_over else 2)
    if not takes_over:
        assert instance is None or "cleanup" not in reloads.calls(1)
        assert reloads.failure.code == (
            "AITBC-L12" if former == "ACTIVE" and status is S.ERROR else "AITBC-L11"
        )
    assert len(reloads.packages()) == (instance is not None)
    assert f"{NAME} (new)" not in dict(manager.hooks.list_name_plugin())

    reloads.write(3)
    left = None if takes_over or instance is None else old_fault
    assert (await reloads.reload(), reloads.status) == expected(status.name, None, left)
    for name in ("dependent", NAME, "first", "last"):
        await manager.unload_plugin(name)
    for generation in (1, 2, 3):
        assert_is_gone(reloads, generation)
    assert manager.events.subscriptions == ()
    assert reloads.modules() == []


def assert_is_gone(reloads, generation):
    """What was owed to a generation has been called, once each, and cleanup at the end."""
    notes, calls = reloads.notes(generation), reloads.calls(generation)
    assert calls.count("initialize") <= 1
    assert calls.count("cleanup") == calls.count("initialize")
    assert calls.count("stop") == notes.count("start is done")
    assert calls[-1:] in ([], ["cleanup"])


@pytest.mark.parametrize("fault", [None, "import", "initialize", "import_state", "start"])
def test_cancelled_at_any_moment_it_does_nothing_or_completes(fault, tmp_path):
    """Each step of the loop is a moment; a reload that has begun lasts some dozens."""

    async def cancel_after(steps):
        reloads = Reloads(tmp_path / str(steps))
        reloads.write(1)
        await bring_to(reloads, "ACTIVE")
        reloads.write(2, fault)
        reload = asyncio.create_task(reloads.manager.reload_plugin(NAME))
        for _ in range(steps):
            await asyncio.sleep(0)
        cancelled = reload.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reload
        assert reload.cancelled() is cancelled
        assert reloads.status is S.ACTIVE
        assert reloads.manager.get_plugin_status("dependent") is S.ACTIVE
        answers = reloads.answers()
        for name in ("dependent", NAME):
            await reloads.manager.unload_plugin(name)
        assert_is_gone(reloads, 1)
        assert_is_gone(reloads, 2)
        assert reloads.modules() == []
        return cancelled, answers

    seen = [run(lambda: cancel_after(steps)) for steps in range(60)]  # noqa: B023 - run at once
    old, new = ["last", 1, "first"], ["last", 2 if fault is None else 1, "first"]
    assert seen[0] == (True, old)
    assert seen[1:] == sorted(seen[1:], reverse=True), "first cancelled, then too late"
    assert {answers for _, answers in map(_hashable, seen[1:])} == {tuple(new)}
    assert seen[-1] == (False, new), "sixty steps are enough"


def _hashable(seen):
    return seen[0], tuple(seen[1])


def test_an_interrupt_is_raised_when_everything_is_in_order(tmp_path):
    async def scenario():
        reloads = Reloads(tmp_path)
        reloads.write(1)
        await bring_to(reloads, "ACTIVE")
        reloads.write(2, "start", "interrupt")
        with pytest.raises(KeyboardInterrupt):
            await reloads.manager.reload_plugin(NAME)
        return reloads.status, reloads.answers(), reloads.manager.get_plugin_status("dependent")

    assert run(scenario) == (S.ACTIVE, ["last", 1, "first"], S.ACTIVE)
