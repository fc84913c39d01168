"""The checks of what a plugin leaves behind."""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
from pathlib import Path

import pytest
from conformance_trying import fails, passes, plans_of, steps_of, tried

from aitbc_hooks.testing.kit import Outcome
from aitbc_hooks.testing.kit.sound import Sound

RES = ["RES-01", "RES-02", "RES-03", "RES-04"]
LOOKS = {
    "RES-01": ["expect_no_tasks_left()", "expect_nothing_unheard()"],
    "RES-02": ["expect_nothing_held()"],
    "RES-03": ["expect_surroundings()"],
    "RES-04": ["expect_writes_inside()"],
}
LIFE = ["load()", "start()", "stop()", "unload()"]


@pytest.mark.parametrize("check", RES)
def test_a_sound_plugin_passes(check):
    passes(check, Sound)


NUMBERS = itertools.count()


def leave_task(plugin):
    plugin.task = asyncio.create_task(asyncio.sleep(3600))


def forget_to_await(plugin):
    asyncio.sleep(1)


def leave_file(plugin):
    plugin.file = Path(os.devnull).open()  # noqa: SIM115 - it is held


def settle(plugin):
    os.environ["SETTLED"] = str(next(NUMBERS))


def write(plugin):
    Path("elsewhere").write_text("here")


LEFT = [
    ("RES-01", leave_task, "expected no tasks after cleanup(); left: task sleep."),
    (
        "RES-01",
        forget_to_await,
        "expected nothing unretrieved or never awaited; got: coroutine 'sleep' was never awaited",
    ),
    (
        "RES-02",
        leave_file,
        "expected nothing to be held after cleanup(); held: file descriptor on /dev/null.",
    ),
    (
        "RES-03",
        settle,
        "expected the process as it was; changed: the environment (os.environ): SETTLED.",
    ),
    (
        "RES-04",
        write,
        "expected that it writes below data_dir and temp_dir only; it wrote {folder}/elsewhere.",
    ),
]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SETTLED", "not yet")  # and is put back, whatever a printed program does


@pytest.mark.parametrize(("check", "leave", "message"), LEFT)
def test_a_life_leaves_nothing_behind(check, leave, message, tmp_path):
    class Leaving(Sound):
        async def stop(self):
            leave(self)
            return True

    fails(check, Leaving, message.format(folder=tmp_path))
    looks = LOOKS[check]
    steps = [step for step in steps_of(tried(check, Leaving).program) if step not in looks]
    assert steps == [step for step in LIFE if check != "RES-03" or step != "stop()"]


def test_what_is_changed_once_and_for_good_is_seen():
    class Settled(Sound):
        async def cleanup(self):
            os.environ["SETTLED"] = "yes"
            return True

    fails(
        "RES-03",
        Settled,
        "expected the process as it was; changed: the environment (os.environ): SETTLED.",
    )


@pytest.mark.parametrize(
    ("check", "leave", "message"), [case for case in LEFT if case[1] in (leave_task, settle, write)]
)
def test_an_event_leaves_nothing_behind(check, leave, message, tmp_path, monkeypatch):
    monkeypatch.setattr("aitbc_hooks.testing.kit.searching._SHRINKS", 5)

    class Leaving(Sound):
        async def handle_event(self, event_type, data):
            leave(self)

    result = tried(check, Leaving)
    assert (result.outcome, result.detail) == (Outcome.FAIL, message.format(folder=tmp_path))
    steps = [step for step in steps_of(result.program) if not step.startswith("send(")]
    *life, look = steps
    assert life == ["load()", "start()", "stop()", "start()", "unload()"]
    assert look == LOOKS[check][0]
    assert len(steps_of(result.program)) > len(steps)
    assert plans_of(check, Sound)[0][-len(LOOKS[check]) - 1 :] == ["unload()", *LOOKS[check]]


def test_no_configuration_makes_it_leave_something(monkeypatch):
    monkeypatch.setattr("aitbc_hooks.testing.kit.searching._SHRINKS", 5)

    class Leaving(Sound):
        def get_config_schema(self):
            return {
                "type": "object",
                "properties": {"keep": {"type": "boolean"}},
                "required": ["keep"],
                "additionalProperties": False,
            }

        async def initialize(self):
            if self.context.config["keep"]:
                leave_task(self)
            return True

    result = tried("RES-01", Leaving)
    assert (result.outcome, result.detail) == (
        Outcome.FAIL,
        "expected no tasks after cleanup(); left: task sleep.",
    )
    assert result.program.endswith("Trial.run(Leaving, main, config={'keep': True})\n")


@pytest.mark.parametrize("method", ["initialize", "start"])
def test_the_process_is_left_alone_meanwhile_too(method):
    async def change(self):
        self.before = os.getcwd()  # noqa: PTH109 - as authors write
        os.chdir("/")
        return True

    async def change_back(self):
        os.chdir(self.before)
        return True

    end = {"initialize": "cleanup", "start": "stop"}[method]
    plugin = type("Wandering", (Sound,), {method: change, end: change_back})
    fails("RES-03", plugin, "expected the process as it was; changed: the working directory.")


@pytest.mark.parametrize("check", RES)
def test_what_else_an_event_comes_to_is_the_business_of_others(check):
    class Failing(Sound):
        async def handle_event(self, event_type, data):
            data["seen"] = True
            raise LookupError("no such user")

    passes(check, Failing)


def test_a_thread_that_ends_soon_is_not_left():
    class Ending(Sound):
        async def start(self):
            threading.Thread(target=threading.Event().wait, args=(0.03,)).start()
            return True

    passes("RES-02", Ending)


@pytest.mark.parametrize("check", ["RES-01", "RES-02", "RES-03", "RES-04", "LOOP-01"])
def test_more_examples_are_more_lives(check):
    """At least five, and one for five others."""
    lives = []

    class Living(Sound):
        async def initialize(self):
            lives.append(self)
            return True

    counts = []
    for examples in (1, 25, 50):
        lives.clear()
        passes(check, Living, examples=examples)
        counts.append(len(lives))
    few, usual, more = counts
    assert few == usual
    assert more - usual == 5


@pytest.mark.parametrize("check", ["RES-01", "RES-02", "RES-03", "RES-04"])
def test_a_restart_that_fails_is_the_business_of_others(check):
    class Once(Sound):
        started = False

        async def start(self):
            first, self.started = not self.started, True
            return first

    passes(check, Once, examples=1)
