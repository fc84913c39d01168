"""The table in code is the table of the design, and the manager does what it says."""

from __future__ import annotations

import attrs
import pytest
from lifecycle_faults import OPERATIONS, Behaviour, Fault
from lifecycle_rules import DONE_ALREADY, ROWS
from lifecycle_single import Single, run
from lifecycle_states import ASKS, WAYS
from lifecycle_world import World
from lifecycle_wrong_tables import DONE
from lifecycle_wrong_tables import ROWS as PLACE

from aitbc_hooks.errors import LifecycleError
from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hooks.lifecycle import NOTHING_TO_DO, TABLE, Operation, find_transition

CODES = {
    Fault.NONE: None,
    Fault.FALSE: "AITBC-L03",
    Fault.NOTHING: "AITBC-L03",
    Fault.ONE: "AITBC-L03",
    Fault.RAISES: "AITBC-L04",
    Fault.EXITS: "AITBC-L07",
    Fault.INTERRUPTS: "AITBC-L04",
    Fault.CANCELS_ITSELF: "AITBC-L04",
    Fault.HANGS: "AITBC-L05",
    Fault.LATE: "AITBC-L05",
    Fault.STUBBORN: "AITBC-L06",
}
#: What is called in which resting state, where that is not what the operation asks of everybody.
CALLED = {
    ("load", "unloaded"): ["initialize"],
    ("unload", "loaded"): ["cleanup"],
    ("unload", "inactive"): ["cleanup"],
    ("unload", "error"): ["cleanup"],
    ("unload", "error without an instance"): [],
    ("unload", "error with an abandoned call"): [],
}
LEGAL = {
    S.UNLOADED: "Legal here: load.",
    S.LOADED: "Legal here: start, unload.",
    S.INACTIVE: "Legal here: start, unload.",
    S.ACTIVE: "Legal here: stop, unload.",
    S.ERROR: "Legal here: unload.",
}


class One:
    """One plugin in a resting state."""

    def __init__(self, state_dir, state):
        self.world = World({"ant": ()}, declared=False, state_dir=state_dir)
        steps, fault = WAYS[state]
        self.world.plan = {("ant", fault[0]): Behaviour(fault[1])} if fault else {}
        for operation in steps:
            self.world.run(operation, "ant")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.world.close()

    @property
    def report(self):
        return self.world.manager.report("ant")

    def run(self, operation, **faults):
        """Return the outcome, and the methods that were called."""
        self.world.plan = {("ant", method): Behaviour(fault) for method, fault in faults.items()}
        count = len(self.world.journal)
        outcome = self.world.run(operation, "ant")
        return outcome.result, [entry.method for entry in self.world.journal[count:]]


def test_the_table_in_code_is_the_table_of_the_design():
    rows = {
        (row.operation.value, source): (row.via or source, row.method, row.success, row.failure)
        for row in TABLE
        for source in row.sources
    }
    assert rows == ROWS
    first = [(row.operation.value, row.sources, row.first.value) for row in TABLE if row.first]
    assert first == [("unload", {S.ACTIVE}, "stop")]


def test_what_is_done_already_in_code_is_what_the_design_calls_idempotent():
    pairs = {(op.value, status) for op, statuses in NOTHING_TO_DO.items() for status in statuses}
    assert pairs == DONE_ALREADY


@pytest.mark.parametrize("state", WAYS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_in_every_status_with_every_fault(operation, state, tmp_path):
    with One(tmp_path, state) as one:
        status, before = one.report.status, one.report
        row = ROWS.get((operation, status))
        if row is None:
            assert_nothing_is_called(one, operation, before)
            return
    for fault in Fault:
        assert_the_row_holds(tmp_path, operation, state, row, fault)


def assert_nothing_is_called(one, operation, before):
    result, called = one.run(operation)
    done = (operation, before.status) in DONE_ALREADY
    assert result == (True if done else "AITBC-L01")
    assert called == []
    assert one.report == before


def assert_the_row_holds(tmp_path, operation, state, row, fault):
    _, method, success, failure = row
    called = CALLED.get((operation, state), list(ASKS[operation]))
    code = CODES[fault] if method in called else None
    if state == "error with an abandoned call":
        code = "AITBC-L06"
    with One(tmp_path, state) as one:
        errors = one.report.error_count
        result, calls = one.run(operation, **{method: fault})
        assert calls == called
        interrupted = fault is Fault.INTERRUPTS and method in called
        assert result is (KeyboardInterrupt if interrupted else code is None)
        assert one.report.status is (failure if code else success)
        if code is not None:
            assert one.report.failure.code == code
            assert one.report.failure.method == method
            assert one.report.error_count == (errors if operation != "load" else 0) + 1


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.NONE])
def test_a_stop_that_fails_in_an_unload_is_recorded_and_only_abandonment_spares_cleanup(
    fault, tmp_path
):
    with One(tmp_path, "active") as one:
        result, called = one.run("unload", stop=fault)
        abandoned = fault is Fault.STUBBORN
        assert called == (["stop"] if abandoned else ["stop", "cleanup"])
        assert result is (KeyboardInterrupt if fault is Fault.INTERRUPTS else not abandoned)
        assert one.report.status is S.UNLOADED
        assert one.report.failure.code == CODES[fault]


@pytest.mark.parametrize("fault", [Fault.RAISES, Fault.EXITS, Fault.CANCELS_ITSELF])
def test_what_a_constructor_raises_is_an_error_that_owes_no_cleanup(fault, tmp_path):
    with One(tmp_path, "unloaded") as one:
        assert one.run("load", construct=fault) == (False, [])
        assert one.report.status is S.ERROR
        assert one.report.failure.code == "AITBC-P03"
        assert one.run("unload") == (True, [])
        assert one.report.status is S.UNLOADED


@pytest.mark.parametrize("state", ["unloaded", "error"])
@pytest.mark.parametrize("operation", ["start", "stop"])
def test_the_message_names_what_is_legal(operation, state, tmp_path):
    with One(tmp_path, state) as one:

        async def operate():
            with pytest.raises(LifecycleError) as caught:
                await one.world.perform(operation, "ant")
            return str(caught.value)

        message = one.world.loop.run_until_complete(operate())
        assert message == (
            f"[AITBC-L01] plugin 'ant': cannot {operation} in status {one.report.status.name}. "
            + LEGAL[one.report.status]
        )


@pytest.mark.parametrize("status", LEGAL)
def test_the_message_would_name_all_that_is_legal_if_nothing_were_done_already(status, monkeypatch):
    monkeypatch.setattr(DONE, dict.fromkeys(Operation, frozenset()))
    for operation in Operation:
        if (operation.value, status) not in ROWS:
            with pytest.raises(LifecycleError) as caught:
                find_transition(operation, status, "ant")
            assert caught.value.hint == LEGAL[status]


@pytest.mark.parametrize(("result", "status"), [(True, S.INACTIVE), (False, S.ERROR)])
def test_an_unload_ends_where_the_table_says(result, status, monkeypatch):
    row = find_transition(Operation.UNLOAD, S.LOADED, "ant")
    row = attrs.evolve(row, success=S.INACTIVE, failure=S.ERROR)

    async def main():
        single = Single(cleanup=lambda: result)
        await single.reach("load")
        monkeypatch.setattr(PLACE, {(Operation.UNLOAD, S.LOADED): row})
        assert await single.lifecycle.unload() is result
        assert single.lifecycle.status is status

    run(main())


def test_a_fresh_load_makes_a_fresh_instance_and_forgets_the_failure(tmp_path):
    with One(tmp_path, "error") as one:
        first = one.world.manager.plugins["ant"]
        one.run("unload", cleanup=Fault.FALSE)
        assert one.report.failure.method == "cleanup"
        assert one.run("load") == (True, ["initialize"])
        assert one.world.manager.plugins["ant"] is not first
        assert one.report.failure is None
        assert one.report.error_count == 0
