"""The checks of the four methods of the lifecycle."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import threading
from pathlib import Path

import attrs
import pytest
from conformance_making import module, plugin
from conformance_trying import fails, is_not_applicable, passes, plans_of, steps_of, tried
from hypothesis import strategies as st

from aitbc.plugins import PluginStatus
from aitbc_hooks.testing.kit import CHECKS, Examination, Outcome, Specimen
from aitbc_hooks.testing.kit.sound import Sound

LIFE = [check for check in CHECKS if check.startswith("LIFE-")]
METHODS = ["initialize", "start", "stop", "cleanup"]
#: Operation -> the steps that lead to it.
WAY_TO = {"load": [], "start": ["load()"], "stop": ["load()", "start()"]}
OPERATION_OF = {"initialize": "load", "start": "start", "stop": "stop"}

waiting = pytest.mark.parametrize("method", OPERATION_OF)


def failed(method, seen="False"):
    return f"[AITBC-L03] plugin 'plugin' in {method}(): expected True, got {seen}."


def program_of(check, subject, **options):
    """Return the steps of the program that a check prints."""
    return steps_of(tried(check, subject, **options).program)


async def succeed(self):
    await asyncio.sleep(0)
    return True


@pytest.mark.parametrize("check", LIFE)
def test_a_plugin_that_waits_and_succeeds_passes(check):
    passes(check, plugin(**dict.fromkeys(METHODS, succeed)), examples=5)


# LIFE-01


@pytest.mark.parametrize("method", METHODS)
def test_each_method_says_that_it_has_succeeded(method):
    async def say_nothing(self):
        """Return None."""

    fails("LIFE-01", plugin(**{method: say_nothing}), failed(method, "None"))


RETRIES = {"type": "object", "properties": {"retries": {"type": "integer"}}}


@pytest.mark.parametrize("method", METHODS)
def test_each_method_succeeds_with_every_configuration(method):
    async def give_up(self):
        return not self.context.config.get("retries")

    subject = plugin(**{method: give_up}, get_config_schema=lambda self: RETRIES)
    fails("LIFE-01", subject, failed(method), examples=5)
    result = tried("LIFE-01", subject, examples=5)
    assert result.program.endswith("Trial.run(Plugin, main, config={'retries': 1})\n")


def test_every_two_values_are_tried_together():
    tried_together = set()

    class Replica(Sound):
        def get_config_schema(self):
            kinds = {key: {"enum": [1, 2, 3, 4]} for key in ("role", "level")}
            return {"type": "object", "properties": kinds, "required": ["role", "level"]}

        async def initialize(self):
            tried_together.add(tuple(self.context.config[key] for key in ("role", "level")))
            return True

    passes("LIFE-01", Replica, examples=1)
    assert len(tried_together) == 16


# LIFE-02


class Counting(Sound):
    """Fails when one of its methods is called the second time."""

    method = "start"

    def __init__(self, context):
        super().__init__(context)
        self.calls = {}

    def first(self, name):
        self.calls[name] = self.calls.get(name, 0) + 1
        return name != self.method or self.calls[name] == 1

    async def initialize(self):
        return self.first("initialize")

    async def start(self):
        return self.first("start")

    async def stop(self):
        return self.first("stop")


@pytest.mark.parametrize("method", ["start", "stop"])
def test_a_plugin_starts_and_stops_again(method):
    subject = type("Twice", (Counting,), {"method": method})
    fails("LIFE-02", subject, failed(method))


def test_a_plugin_is_loaded_again():
    loaded = []

    async def initialize():
        loaded.append(1)
        return len(loaded) == 1

    result = tried("LIFE-02", module(initialize))
    assert (result.outcome, result.detail) == (Outcome.FAIL, failed("initialize"))


def test_a_second_life_is_as_long_as_the_first():
    life = ["load()", "start()", "stop()"]
    assert plans_of("LIFE-02", Sound)[0] == [
        *life,
        "start()",
        "stop()",
        "unload()",
        *life,
        "unload()",
    ]


# LIFE-03


class Presuming(Sound):
    log = None

    async def start(self):
        self.log = []
        return True

    async def cleanup(self):
        return self.log is not None


def test_what_was_never_started_is_cleaned_up():
    fails("LIFE-03", Presuming, failed("cleanup"))
    assert program_of("LIFE-03", Presuming) == ["load()", "unload()"]


# LIFE-04


def test_a_second_cleanup_succeeds_too():
    class Brittle(Sound):
        is_open = True

        async def cleanup(self):
            was_open, self.is_open = self.is_open, False
            return was_open

    fails("LIFE-04", Brittle, "a second cleanup(): expected True, got False.")
    life = ["load()", "start()", "stop()", "unload()"]
    assert program_of("LIFE-04", Brittle) == [*life, "clean_up_again()"]


# LIFE-05 and LIFE-07: cancellation.


@pytest.mark.parametrize("check", ["LIFE-05", "LIFE-07"])
@pytest.mark.parametrize("ready", ["class", "module"])
def test_what_never_waits_cannot_be_cancelled(check, ready):
    async def initialize():
        return True

    subject = Sound if ready == "class" else module(initialize)
    is_not_applicable(check, subject, "initialize(), start() and stop() never wait.")


async def leave_a_task(self):
    await asyncio.sleep(0.1)
    task = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0.1)
    task.cancel()
    return True


async def leave_a_file(self):
    await asyncio.sleep(0.1)
    file = os.open(os.devnull, os.O_RDONLY)
    await asyncio.sleep(0.1)
    os.close(file)
    return True


NO_TASKS = ["expect_no_tasks_left()"]


@waiting
@pytest.mark.parametrize(
    ("work", "message", "looks"),
    [
        (leave_a_task, "expected no tasks after cleanup(); left: task sleep.", NO_TASKS),
        (
            leave_a_file,
            "expected nothing to be held after cleanup(); held: file descriptor on /dev/null.",
            [*NO_TASKS, "expect_nothing_held()"],
        ),
    ],
)
def test_nothing_is_left_of_a_method_that_is_cancelled(method, work, message, looks):
    fails("LIFE-05", plugin(**{method: work}), message)
    operation = OPERATION_OF[method]
    assert program_of("LIFE-05", plugin(**{method: work})) == [
        *WAY_TO[operation],
        f"cancel('{operation}', at=2)",
        "unload()",
        *looks,
    ]


@waiting
def test_what_was_cancelled_is_cleaned_up(method):
    async def work(self):
        self.busy = True
        await asyncio.sleep(0.1)
        self.busy = False
        return True

    async def cleanup(self):
        return not self.busy

    fails("LIFE-05", plugin(**{method: work, "cleanup": cleanup}, busy=False), failed("cleanup"))


async def calm(self):
    await asyncio.sleep(0.1)
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(0.1)
    return True


@waiting
def test_a_cancellation_that_is_swallowed_is_told_and_does_no_harm_otherwise(method):
    subject = plugin(**{method: calm})
    passes("LIFE-05", subject)
    fails("LIFE-07", subject, f"{method}() was cancelled, and returned all the same.")
    operation = OPERATION_OF[method]
    assert program_of("LIFE-07", subject) == [
        *WAY_TO[operation],
        f"cancel('{operation}', at=2)",
        f"expect_cancelled('{method}')",
    ]


def turning(turns):
    async def turn(self):
        for _ in range(turns):
            await asyncio.sleep(0)
        return True

    return turn


class Hurried(Specimen):
    """A plugin for which there is time for few trials."""

    def affordable(self, count):
        return min(count, 5)


def cancelled_at(check, subject, kind=Specimen):
    """Return at which points a check cancels which operations."""
    check = attrs.evolve(CHECKS[check], needs=())
    specimen = kind(subject)
    programs = []
    specimen.on_try = programs.append
    assert Examination(specimen, {check.id: check}).result(check.id).outcome is Outcome.PASS
    found = re.findall(r"cancel\('(\w+)', at=(\d+)\)", "".join(programs))
    return [(operation, int(at)) for operation, at in found]


@pytest.mark.parametrize("check", ["LIFE-05", "LIFE-07"])
def test_every_point_at_which_a_method_waits_is_tried(check):
    subject = plugin(initialize=turning(2), start=turning(3), stop=turning(1))
    assert cancelled_at(check, subject) == [
        ("load", 1),
        ("load", 2),
        ("start", 1),
        ("start", 2),
        ("start", 3),
        ("stop", 1),
    ]


@pytest.mark.parametrize(
    ("turns", "points"),
    [
        (40, [*range(1, 41)]),
        (41, [*range(1, 21), *range(21, 31), *range(32, 42)]),
        (100, [*range(1, 21), *range(24, 101, 4)]),
    ],
)
def test_of_many_points_the_first_half_and_some_of_the_rest_are_tried(turns, points):
    tried_at = cancelled_at("LIFE-07", plugin(start=turning(turns)))
    assert tried_at == [("start", at) for at in points]


@pytest.mark.parametrize(
    ("turns", "points"), [(5, [1, 2, 3, 4, 5]), (6, [1, 2, 4, 6]), (20, [1, 2, 11, 20])]
)
def test_fewer_points_are_tried_where_time_is_short(turns, points):
    tried_at = cancelled_at("LIFE-07", plugin(start=turning(turns)), Hurried)
    assert tried_at == [("start", at) for at in points]


# LIFE-06


async def take_over(self):
    self.status = PluginStatus.ERROR
    return {"status": "error"}


async def take_over_when_told(self, event_type, data):
    self.status = PluginStatus.ERROR


class Idling(Sound):
    """Takes its status over after a while."""

    task = None

    async def start(self):
        self.task = asyncio.create_task(self.run())
        return True

    async def run(self):
        await asyncio.sleep(0.5)
        self.status = PluginStatus.ERROR

    async def stop(self):
        self.task.cancel()
        await asyncio.wait({self.task})
        return True


@pytest.mark.parametrize(
    ("subject", "where"),
    [
        (plugin(health_check=take_over), r"after health_check\(\)"),
        (plugin(handle_event=take_over_when_told), r"after event '[\w.]+'"),
        (Idling, r"inside stop\(\)"),
    ],
)
def test_a_plugin_leaves_its_status_to_the_host_whatever_happens(subject, where):
    result = tried("LIFE-06", subject, config={}, examples=25)
    assert result.outcome is Outcome.FAIL
    assert re.fullmatch(
        rf"expected the host's status; {where} it was ERROR, not (LOADED|ACTIVE|INACTIVE)\.",
        result.detail,
    )
    *_, unload, expectation = steps_of(result.program)
    assert (unload, expectation) == ("unload()", "expect_honest_status()")


def test_an_operation_that_fails_later_is_found():
    class Tiring(Sound):
        starts = 0

        async def start(self):
            self.starts += 1
            return self.starts < 3

    fails("LIFE-06", Tiring, failed("start"), config={}, examples=25)


def test_an_operation_that_the_host_has_to_refuse_is_found():
    async def health_check(self):
        await self.cleanup()
        return {"status": "gone"}

    fails(
        "LIFE-06",
        plugin(health_check=health_check),
        "[AITBC-L01] plugin 'plugin': cannot start in status UNLOADED. Legal here: load.",
        config={},
        examples=25,
    )


def test_a_configuration_that_does_not_work_is_found_on_a_walk_too():
    async def stop(self):
        return self.context.config != {"retries": 7}

    fails(
        "LIFE-06",
        plugin(stop=stop),
        failed("stop"),
        config=st.sampled_from([{"retries": 0}, {"retries": 7}]),
        examples=25,
    )


def test_a_walk_that_does_not_end_is_the_business_of_others():
    async def start(self):
        for _ in itertools.count():
            await asyncio.sleep(0)

    assert tried("LIFE-01", plugin(start=start)).outcome is Outcome.FAIL
    passes("LIFE-06", plugin(start=start), examples=2)


# LIFE-08


async def wait_for_ever():
    await asyncio.Event().wait()


def begin_a_task(plugin):
    return asyncio.create_task(wait_for_ever()).cancel


def begin_a_timer(plugin):
    return asyncio.get_running_loop().call_later(3600, print).cancel


def begin_a_thread(plugin):
    done = threading.Event()
    threading.Thread(target=done.wait).start()
    return done.set


def begin_to_subscribe(plugin):
    bus = plugin.context.event_bus
    subscription = bus.subscribe("orders.*", print)
    return lambda: bus.unsubscribe(subscription)


async def begin_a_server(plugin):
    server = await asyncio.start_server(print, "127.0.0.1", 0, start_serving=False)
    await server.start_serving()
    return server.close


#: What goes on of itself -> what a plugin that no longer does it is without, in words.
ACTIVITIES = {
    begin_a_task: "the task wait_for_ever",
    begin_a_timer: "a timer",
    begin_a_thread: "a thread of its own",
    begin_to_subscribe: "the subscription to 'orders.*'",
    begin_a_server: "a connection, server or child process",
}


class Active(Sound):
    """Does something of itself from start() to stop(), at all starts or at the first one only."""

    begin = staticmethod(begin_a_task)
    again = True
    starts = 0
    end = None

    async def start(self):
        self.starts += 1
        if self.again or self.starts == 1:
            end = self.begin(self)
            self.end = await end if asyncio.iscoroutine(end) else end
        return True

    async def stop(self):
        end, self.end = self.end, None
        if end is not None:
            end()
        return True


def without(*what):
    return (
        "expected that it goes on as before once it is started again; it is without "
        f"{', '.join(what)}."
    )


@pytest.mark.parametrize("begin", ACTIVITIES)
def test_what_went_on_before_goes_on_when_it_is_started_again(begin):
    kept = {"begin": staticmethod(begin)}
    passes("LIFE-08", type("Again", (Active,), kept))
    fails("LIFE-08", type("Once", (Active,), kept | {"again": False}), without(ACTIVITIES[begin]))


class Remembering(Active):
    """Does nothing where it finds that it has been loaded before."""

    async def initialize(self):
        traces = Path(self.context.data_dir, "traces")
        self.was_here = traces.exists()
        traces.touch()
        return True

    async def start(self):
        return self.was_here or await super().start()


def test_it_goes_on_too_when_it_is_loaded_again():
    fails("LIFE-08", Remembering, without(ACTIVITIES[begin_a_task]))


def test_everything_that_is_missing_is_told():
    async def start(self):
        if self.first:
            self.ends = [begin_a_timer(self), begin_a_task(self)]
        self.first = False
        return True

    async def stop(self):
        for end in self.ends:
            end()
        return True

    subject = plugin(start=start, stop=stop, first=True)
    fails("LIFE-08", subject, without("a timer", "the task wait_for_ever"))


def test_it_is_started_again_and_loaded_again():
    active = ["start()", "expect_noted_activity()", "stop()"]
    assert plans_of("LIFE-08", Active)[0] == [
        "load()",
        "start()",
        "note_activity()",
        "stop()",
        *active,
        "unload()",
        "load()",
        *active,
        "unload()",
    ]


async def end_soon():
    await asyncio.sleep(5)


def begin_to_warm_up(plugin):
    return asyncio.create_task(end_soon()).cancel


def begin_a_short_thread(plugin):
    threading.Thread(target=lambda: threading.Event().wait(0.05)).start()
    return lambda: None


@pytest.mark.parametrize("begin", [begin_to_warm_up, begin_a_short_thread])
def test_what_ends_of_itself_need_not_be_done_again(begin):
    passes("LIFE-08", type("Once", (Active,), {"begin": staticmethod(begin), "again": False}))


def test_that_it_cannot_be_started_again_is_another_checks_business():
    passes("LIFE-08", type("Twice", (Counting,), {"method": "start"}))


# LIFE-09


class Heir(Sound):
    """Knows whether it is the new one of two instances: it finds what the old one has left."""

    is_new = False

    async def initialize(self):
        trace = Path(self.context.data_dir, "trace")
        self.is_new = trace.exists()
        trace.touch()
        return True


def heir(**methods):
    return type("Heir", (Heir,), methods)


def taking_over(message):
    return f"when a new instance takes over: {message}"


def test_one_object_has_no_successor():
    async def initialize():
        return True

    reason = "it is one object, and cannot be beside itself."
    is_not_applicable("LIFE-09", module(initialize), reason)


def test_the_program_hands_over_what_was_stopped():
    async def start(self):
        return not self.is_new

    assert program_of("LIFE-09", heir(start=start)) == [
        "load()",
        "start()",
        "note_activity()",
        "stop()",
        "hand_over()",
    ]


def test_the_new_instance_runs_before_the_old_one_is_cleaned_up():
    calls = []

    def noting(name):
        async def method(self):
            which = "new" if self.is_new else "old"
            calls.append(f"{name} {which}")
            return True

        return method

    methods = {name: noting(name) for name in ("start", "stop", "cleanup")}
    passes("LIFE-09", heir(**methods))
    assert calls == [
        "start old",
        "stop old",
        "start new",
        "cleanup old",
        "stop new",
        "cleanup new",
    ]


@pytest.mark.parametrize("method", ["start", "stop", "cleanup"])
@pytest.mark.parametrize("is_new", [False, True])
def test_both_instances_succeed_at_everything(method, is_new):
    async def fail(self):
        return self.is_new is not is_new

    failing = heir(**{method: fail})
    result = tried("LIFE-09", failing)
    who = "successor" if is_new else "plugin"
    message = f"[AITBC-L03] plugin {who!r} in {method}(): expected True, got False."
    hands_over = is_new or method == "cleanup"
    assert result.outcome is Outcome.FAIL
    assert result.detail == (taking_over(message) if hands_over else message)


def test_the_health_of_the_new_instance_is_looked_at():
    async def health_check(self):
        return {"status": "active"} if not self.is_new else None

    fails(
        "LIFE-09",
        heir(health_check=health_check),
        taking_over("health_check(): expected a dict, got None."),
    )


def test_what_the_old_instance_did_goes_on():
    async def start(self):
        if not self.is_new:
            self.end = begin_a_task(self)
        return True

    async def stop(self):
        if not self.is_new:
            self.end()
        return True

    fails(
        "LIFE-09",
        heir(start=start, stop=stop),
        taking_over(without(ACTIVITIES[begin_a_task])),
    )


@pytest.mark.parametrize("who", ["old", "new", "both"])
def test_cleanup_of_the_old_instance_leaves_alone_what_the_new_one_has_written(who):
    async def start(self):
        if who in ("both", "new" if self.is_new else "old"):
            Path(self.context.data_dir, "pid").write_text(str(self.is_new))
        return True

    async def cleanup(self):
        Path(self.context.data_dir, "pid").unlink(missing_ok=True)
        return True

    subject = heir(start=start, cleanup=cleanup)
    if who == "old":
        passes("LIFE-09", subject)
    else:
        message = (
            "expected that cleanup() of the old one leaves alone what the new one has written; "
            "it removed 'pid' from data_dir."
        )
        fails("LIFE-09", subject, taking_over(message))


def test_the_state_is_handed_over_as_a_copy_of_what_json_knows():
    given, taken = {"names": ("alice", "bob"), "counts": {1: 2}}, []

    async def export_state(self):
        return given

    def import_state(self, state):
        taken.append((self.is_new, state))

    passes("LIFE-09", heir(export_state=export_state, import_state=import_state))
    assert taken == [(True, {"names": ["alice", "bob"], "counts": {"1": 2}})]


def test_a_state_is_asked_for_where_somebody_takes_it():
    def refuse(self, *arguments):
        raise AssertionError("nobody needs it")

    passes("LIFE-09", heir(export_state=refuse))
    passes("LIFE-09", heir(import_state=refuse))


@pytest.mark.parametrize(
    ("given", "taken", "message"),
    [
        ({1}, True, "export_state(): expected JSON values, got {1} "),
        (None, 1, "import_state(): expected True or None, got 1."),
        (None, False, "import_state(): expected True or None, got False."),
        (ValueError("lost"), None, "export_state() raised ValueError: lost"),
        (None, ValueError("lost"), "import_state() raised ValueError: lost"),
    ],
)
def test_both_ends_of_the_state_do_their_part(given, taken, message):
    def answering(answer):
        def method(self, *arguments):
            if isinstance(answer, Exception):
                raise answer
            return answer

        return method

    subject = heir(export_state=answering(given), import_state=answering(taken))
    result = tried("LIFE-09", subject)
    assert result.outcome is Outcome.FAIL
    assert result.detail.startswith(taking_over(message))


@pytest.mark.parametrize("taken", [None, True])
def test_import_state_says_true_or_nothing(taken):
    methods = {"export_state": lambda self: {}, "import_state": lambda self, state: taken}
    passes("LIFE-09", heir(**methods))


def test_both_have_one_data_dir_and_each_a_temp_dir():
    folders = []

    async def start(self):
        folders.append((self.context.data_dir, self.context.temp_dir))
        return True

    passes("LIFE-09", heir(start=start))
    (old_data, old_temp), (new_data, new_temp) = folders
    assert old_data == new_data
    assert old_temp != new_temp
