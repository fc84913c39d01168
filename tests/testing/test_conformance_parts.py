"""The small parts of the kit: what it watches, searches, prints and puts back."""

from __future__ import annotations

import ast
import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import types

import pytest
from conformance_trying import passes
from hypothesis import strategies as st
from hypothesis.configuration import storage_directory

from aitbc_hooks.errors import PluginLoadError, PluginNotFoundError
from aitbc_hooks.testing.kit import Inconclusive, Violation
from aitbc_hooks.testing.kit.finding import find_plugin, place_named
from aitbc_hooks.testing.kit.running import scrubbed
from aitbc_hooks.testing.kit.searching import Clock, search
from aitbc_hooks.testing.kit.sound import Sound
from aitbc_hooks.testing.kit.storage import stored_aside
from aitbc_hooks.testing.kit.trials.halting import HaltingLoop
from aitbc_hooks.testing.kit.trials.scratch import Scratch
from aitbc_hooks.testing.kit.trials.steps import CYCLE, Step, program
from aitbc_hooks.testing.kit.trials.suspending import Watched
from aitbc_hooks.testing.kit.watching.holdings import Holdings, children_of
from aitbc_hooks.testing.kit.watching.surroundings import Surroundings, preserved
from aitbc_hooks.testing.kit.watching.witness import Witness

# Surroundings


CHANGES = {
    "the environment (os.environ): AITBC_X": lambda: os.environ.update(AITBC_X="1"),
    "the working directory": lambda: os.chdir("/"),
    "signal handlers: SIGUSR1": lambda: signal.signal(signal.SIGUSR1, signal.SIG_IGN),
    "sys.path": lambda: sys.path.append("/nowhere"),
    "sys.stdout": lambda: setattr(sys, "stdout", sys.__stderr__),
    "sys.excepthook": lambda: setattr(sys, "excepthook", print),
    "the recursion limit": lambda: sys.setrecursionlimit(sys.getrecursionlimit() + 1),
    "the umask": lambda: os.umask(0o077),
    "the root logger": lambda: logging.getLogger().addHandler(logging.NullHandler()),
    "the default socket timeout": lambda: socket.setdefaulttimeout(7),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_the_process_is_named_and_put_back(what):
    with preserved() as before:
        assert before.changes() == []
        CHANGES[what]()
        assert before.changes() == [what]
    assert before.changes() == []


def test_a_process_that_is_left_alone_has_no_changes():
    before = Surroundings()
    asyncio.run(asyncio.sleep(0))
    assert before.changes() == []


# Holdings


def test_a_child_process_is_held_until_it_has_been_waited_for():
    before = Holdings.now()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert any("child process" in what for what in Holdings.now().beyond(before))
        assert child.pid in children_of()
    finally:
        child.communicate(b"\n")
    assert Holdings.now().beyond(before) == []


def test_a_thread_is_held_until_it_has_ended():
    before, go = Holdings.now(), threading.Event()
    thread = threading.Thread(target=go.wait, name="worker")
    thread.start()
    assert Holdings.now().beyond(before) == ["thread worker"]
    go.set()
    thread.join()
    assert Holdings.now().beyond(before) == []


# The witness


def watched(work, tmp_path, **options):
    """Run a coroutine function on a watched loop; return what the witness has seen."""
    loop = HaltingLoop()
    witness = Witness(loop, [str(tmp_path)], **options)
    try:
        with witness.watching():
            loop.run_until_complete(work())
    finally:
        loop.close()
    return witness


def test_a_protected_folder_cannot_be_emptied(tmp_path):
    treasure = tmp_path / "own" / "plugin.py"
    treasure.parent.mkdir()
    treasure.write_text("")
    (tmp_path / "scratch").mkdir()

    async def destroy():
        for harm in (treasure.unlink, treasure.parent.rmdir, lambda: treasure.write_text("x")):
            with pytest.raises(PermissionError, match="protects"):
                harm()

    witness = watched(destroy, tmp_path / "scratch", protected=[str(treasure.parent)])
    assert treasure.read_text() == ""
    assert len(witness.writes) == 3


def test_a_connection_is_noted_and_blocks_only_if_the_socket_does(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        async def connect():
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()

        async def connect_blocking():
            socket.create_connection(("127.0.0.1", port)).close()

        patient = watched(connect, tmp_path)
        hasty = watched(connect_blocking, tmp_path)
    assert patient.network == [f"connect to 127.0.0.1:{port}"]
    assert patient.blocks == []
    assert [what.partition(" at ")[0] for what in hasty.blocks] == [
        f"a blocking connect to 127.0.0.1:{port}"
    ]


def test_a_program_that_is_waited_for_blocks_and_one_that_is_awaited_does_not(tmp_path):
    async def run():
        subprocess.run([sys.executable, "-c", ""], check=True)

    async def begin():
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
        await process.wait()

    assert len(watched(run, tmp_path).blocks) == 1
    assert watched(begin, tmp_path).blocks == []


# Suspensions


def test_each_suspension_is_seen_before_it_takes_effect():
    seen = []

    async def work():
        for number in range(3):
            seen.append(number)
            await asyncio.sleep(0)
        return "done"

    async def main():
        return await Watched(work(), lambda: seen.append("suspends"))

    assert asyncio.run(main()) == "done"
    assert seen == [0, "suspends", 1, "suspends", 2, "suspends"]


def test_what_is_thrown_in_reaches_the_work():
    async def work():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "tidied"

    async def main():
        task = asyncio.current_task()
        return await Watched(work(), task.cancel)

    assert asyncio.run(main()) == "tidied"


# Searching


def find(strategy, test, *, seed=0, examples=200, budget=60.0):
    search(strategy, test, examples=examples, random_seed=seed, clock=Clock(budget))


def breaks_above(limit, tried=None):
    def test(number):
        if tried is not None:
            tried.append(number)
        if number > limit:
            raise Violation(f"{number} is too large", program=str(number))

    return test


def test_the_simplest_violation_is_raised():
    with pytest.raises(Violation, match=r"^101 is too large$"):
        find(st.integers(0, 10**6), breaks_above(100))


def test_one_seed_tries_the_same_cases():
    first, second, other = [], [], []
    find(st.integers(), breaks_above(float("inf"), first), seed=1)
    find(st.integers(), breaks_above(float("inf"), second), seed=1)
    find(st.integers(), breaks_above(float("inf"), other), seed=2)
    assert first == second != other


def test_a_spent_budget_leaves_it_undecided():
    with pytest.raises(Inconclusive, match="the budget of -1 s is spent"):
        find(st.integers(), breaks_above(0), budget=-1)


def test_a_violation_that_comes_and_goes_is_a_violation():
    told = []

    def test(number):
        if not told:
            told.append(number)
            raise Violation("once")

    with pytest.raises(Violation, match="once"):
        find(st.integers(), test)


def test_what_a_plugin_learns_meanwhile_does_not_change_what_is_tried():
    learnt = {}

    class Learner(Sound):
        async def handle_event(self, event_type, data):
            learnt[event_type] = len(learnt)

    passes("LIFE-06", Learner, examples=40)


def test_a_search_stores_nothing_in_the_authors_folder(tmp_path):
    program = """
        import sys
        from aitbc_hooks.testing import conformance
        from aitbc_hooks.testing.kit.sound import Sound
        sys.exit(conformance(Sound, examples=2).exit_status)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=tmp_path, check=False
    )
    assert done.returncode == 0
    assert not list(tmp_path.iterdir())


def test_without_the_extra_one_sentence_says_what_is_missing(tmp_path):
    (tmp_path / "hypothesis.py").write_text("raise ModuleNotFoundError(name='hypothesis')\n")
    done = subprocess.run(
        [sys.executable, "-c", "from aitbc_hooks.testing import conformance"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: aitbc_hooks.testing.conformance needs hypothesis: "
        "python -m pip install 'aitbc-hooks[test]'"
    )


def test_where_hypothesis_stores_is_as_it_was_afterwards(tmp_path):
    before = storage_directory().home_directory
    with stored_aside():
        aside = storage_directory().home_directory
    assert before != aside
    assert not aside.exists()
    assert storage_directory().home_directory == before


def test_nothing_that_could_be_tried_is_undecided():
    with pytest.raises(Inconclusive, match="could be generated"):
        find(st.integers().filter(lambda _: False), breaks_above(0))


# Programs


def test_a_program_is_python_that_imports_the_plugin_and_takes_the_steps():
    steps = [*CYCLE, Step("cancel", ("start",), {"at": 2})]
    text = program(Sound, steps, config={"port": 1}, schedule={3: 1})
    ast.parse(text)
    assert text == (
        "from aitbc_hooks.testing import Trial\n"
        "from aitbc_hooks.testing.kit.sound import Sound\n\n\n"
        "async def main(trial):\n"
        "    await trial.load()\n    await trial.start()\n    await trial.stop()\n"
        "    await trial.unload()\n    await trial.cancel('start', at=2)\n\n\n"
        "Trial.run(Sound, main, config={'port': 1}, schedule={3: 1})\n"
    )


def test_a_program_names_a_plugin_as_the_command_line_did():
    assert 'find_plugin("./mailer")'.replace('"', "'") in program(Sound, CYCLE, where="./mailer")


def test_a_program_says_what_cannot_be_imported():
    local = type("Local", (Sound,), {"__module__": "__main__"})
    assert "# Local is the plugin under test." in program(local, CYCLE)


def test_a_step_leaves_its_arguments_as_they_are():
    payload = {"user": "alice"}
    step = Step("event", ("x", payload))

    class Trial:
        async def event(self, event_type, data):
            data.clear()

    asyncio.run(step.perform(Trial()))
    assert payload == {"user": "alice"}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("<Foo object at 0x7f3a2b1c>", "<Foo object at 0x…>"),
        ("thread Thread-12 (wait)", "thread Thread-N (wait)"),
        ("thread ThreadPoolExecutor-4_1", "thread ThreadPoolExecutor-N_1"),
        ("0x12 is no address", "0x12 is no address"),
    ],
)
def test_a_report_has_nothing_that_differs_from_run_to_run(text, clean):
    assert scrubbed(text) == clean


def test_a_report_names_no_folder_of_a_trial():
    with_folder = f"wrote {Scratch().path}/data/x"
    assert scrubbed(with_folder) == "wrote <folder>/data/x"


def test_a_scratch_folder_is_emptied_whatever_is_in_it():
    scratch = Scratch()
    (scratch.path / "data" / "deep").mkdir(parents=True)
    (scratch.path / "data" / "deep" / "file").write_text("x")
    (scratch.path / "other").mkdir()
    (scratch.path / "link").symlink_to("/")
    scratch.empty()
    assert [path.name for path in scratch.path.rglob("*")] == ["data"]
    scratch.path.joinpath("data").rmdir()
    scratch.empty()
    assert list(scratch.path.iterdir()) == []
    scratch.remove()
    assert not scratch.path.exists()


# Finding


PLUGIN = (
    "from aitbc_hooks.testing.kit.sound import Sound\n\n\n"
    "class Mailer(Sound):\n    pass\n\n\nclass Other(Sound):\n    pass\n"
)


@pytest.fixture
def mailer(tmp_path):
    folder = tmp_path / "mailer"
    folder.mkdir()
    (folder / "plugin.py").write_text(PLUGIN)
    return folder


@pytest.mark.parametrize("named", ["{0}:Mailer", "{0}/plugin.py:Mailer"])
def test_a_plugin_is_found_by_its_place(named, mailer):
    assert find_plugin(named.format(mailer)).__name__ == "Mailer"


def test_a_manifest_says_which_module_it_is(mailer):
    (mailer / "plugin.toml").write_text('[plugin]\nname = "mailer"\nentry = "plugin:Other"\n')
    assert find_plugin(str(mailer)).__name__ == "Other"


def test_a_plugin_is_found_by_its_module():
    named = "aitbc_hooks.testing.kit.sound:Sound"
    assert find_plugin(named) is Sound
    assert place_named(named).folder is None


def test_a_module_beside_the_author_is_found(tmp_path, monkeypatch):
    (tmp_path / "beside_the_author.py").write_text(PLUGIN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert find_plugin("beside_the_author:Mailer").__name__ == "Mailer"


def test_an_installed_plugin_is_found_by_its_name():
    assert find_plugin("agent-cli").__name__ == "AgentCLIPlugin"


@pytest.mark.parametrize(
    ("named", "error", "told"),
    [
        ("agent-clo", PluginNotFoundError, "Did you mean 'agent-cli'"),
        ("./nowhere", PluginNotFoundError, "does not exist"),
        ("{0}", PluginLoadError, r"has no plugin\.py and no plugin\.toml"),
        ("no.such.module", PluginLoadError, "ModuleNotFoundError"),
    ],
)
def test_what_cannot_be_found_is_said_with_what_to_do(named, error, told, tmp_path):
    with pytest.raises(error, match=told):
        find_plugin(named.format(tmp_path))


def test_a_module_is_a_plugin_too():
    module = types.ModuleType("functions")
    assert "import functions" in program(module, CYCLE)
