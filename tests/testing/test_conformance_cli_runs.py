"""CLI-06: what commands do when they run."""

from __future__ import annotations

import ast
import asyncio
import functools
import getpass
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import click
import pytest
from conformance_boxes import command, group, plugin
from conformance_trying import fails, passes, plans_of, replayed, steps_of, tried

from aitbc_hooks.errors import PluginError
from aitbc_hooks.testing.kit import Outcome
from aitbc_hooks.testing.kit.checks import cli
from aitbc_hooks.testing.kit.sound import SoundCLI
from aitbc_hooks.testing.kit.trials import trial as trial_module
from aitbc_hooks.testing.kit.trials.alarm import alarm

# Where they run.


def running(function, **options):
    """Return what CLI-06 says of a command without parameters."""
    function.__doc__ = "Do it."
    return tried("CLI-06", plugin(function), **options)


def ends_well(function, **options):
    result = running(function, **options)
    assert (result.outcome, result.detail) == (Outcome.PASS, "")


def ends_badly(function, message, **options):
    result = running(function, **options)
    assert result.outcome is Outcome.FAIL
    assert message in result.detail


def test_no_loop_runs_while_a_command_does():
    seen = []

    def go():
        seen.append(asyncio._get_running_loop())
        asyncio.run(asyncio.sleep(0))

    ends_well(go)
    assert set(seen) == {None}


def test_the_plugin_is_active_and_its_tasks_stand_still_while_a_command_runs():
    seen = []

    class Beating(SoundCLI):
        beats = 0

        async def start(self):
            self.task = asyncio.create_task(self.beat())
            return True

        async def beat(self):
            while True:
                self.beats += 1
                await asyncio.sleep(0.001)

        async def stop(self):
            self.task.cancel()
            return True

        def get_commands(self):
            def go():
                """Look."""
                before = self.beats
                time.sleep(0.01)
                seen.append((self.status.value, self.beats - before))

            return [group(go)]

    passes("CLI-06", Beating)
    assert set(seen) == {("active", 0)}


def test_a_command_runs_in_an_empty_directory_of_its_own():
    seen = []
    here = Path.cwd()

    def go():
        seen.append((Path.cwd(), Path.home(), Path(tempfile.gettempdir())))
        Path("made.txt").write_text("x")
        Path.home().joinpath(".config").mkdir(exist_ok=True)
        tempfile.TemporaryFile().close()

    ends_well(go)
    assert all(here != folder == home == temp for folder, home, temp in seen)
    assert Path.cwd() == here
    assert not any(Path(folder, "made.txt").exists() for folder, _, _ in seen)


def test_the_standard_input_is_empty():
    def go():
        assert sys.stdin.read() == ""
        assert not sys.stdin.isatty()
        assert os.read(0, 1) == b""
        try:
            input("Name: ")
        except EOFError:
            return

        raise AssertionError("somebody has answered")

    ends_well(go)


@pytest.mark.parametrize(
    "ask",
    [
        functools.partial(click.prompt, "Name"),
        functools.partial(click.prompt, "Password", hide_input=True),
        functools.partial(click.confirm, "Sure?"),
        click.getchar,
        lambda: getpass.getpass("Password: "),
        functools.partial(input, "Name: "),
    ],
)
def test_nobody_is_there_to_be_asked(ask):
    def go():
        ask()

    ends_well(go)


@pytest.mark.filterwarnings("ignore::getpass.GetPassWarning")
def test_there_is_no_terminal_for_a_function_that_was_imported_before():
    ask = getpass.getpass

    def go():
        with pytest.raises(OSError, match="there is no terminal"), Path("/dev/tty").open():
            pass
        ask()

    ends_well(go)


def test_children_of_a_command_have_the_same_streams(capfd):
    def go():
        subprocess.run(["sh", "-c", "cat; echo child; echo child >&2"], check=True)
        subprocess.run(["echo", "child"], check=True, stdout=sys.stdout)
        sys.stdout.write("command")
        sys.stderr.write("command")

    ends_well(go)
    assert capfd.readouterr() == ("", "")


def test_the_process_is_afterwards_as_it_was():
    def state():
        return (
            os.environ.copy(),
            sys.stdin,
            sys.stdout,
            sys.stderr,
            Path("/proc/self/fd/1").readlink(),
        )

    before = state()

    def go():
        os.environ["BOX"] = "1"
        sys.stdout = sys.stderr

    ends_well(go)
    assert state() == before
    assert getpass.getpass.__module__ == "getpass"
    assert click.termui._getchar is None
    assert time.sleep.__module__ == "time"


# How they may end.


@pytest.mark.parametrize(
    "error",
    [
        click.ClickException("no box"),
        click.UsageError("no box"),
        click.Abort(),
        click.exceptions.Exit(7),
        SystemExit(3),
        SystemExit("no box"),
        SystemExit(None),
        PluginError("no box"),
    ],
    ids=repr,
)
def test_an_exit_status_is_no_violation(error):
    def go():
        raise error

    ends_well(go)


def test_any_other_exception_is_one():
    def go():
        raise KeyError("box")

    result = running(go)
    assert result.detail.startswith(
        "box go: expected an exit status; it raised KeyError: 'box' at test_conformance_cli_runs.py:"
    )
    assert result.detail.endswith(" in go().")


def test_an_error_that_cannot_be_shown_is_one():
    class Wordless(click.ClickException):
        def format_message(self):
            return self.message.upper()

    def go():
        raise Wordless(None)

    ends_badly(go, "raised AttributeError: 'NoneType' object has no attribute 'upper'")


def test_a_coroutine_is_no_command():
    async def go():
        """Go."""

    fails(
        "CLI-06",
        plugin(go),
        "box go: expected an exit status; it returned a coroutine, which nobody awaits.",
    )


def runs_of(program):
    """Return the command lines of a program that CLI-06 has printed."""
    load, start, *runs = steps_of(program)
    assert (load, start) == ("load()", "start()")
    lines = [run.removeprefix("run_command(").removesuffix(")") for run in runs]
    return [" ".join(ast.literal_eval(line)) for line in lines]


def test_nothing_is_held_after_the_life_in_which_commands_are_run():
    begin, end = ["load()", "start()"], ["unload()", "expect_nothing_held()"]
    plans = plans_of("CLI-06", SoundCLI)
    assert {(*plan[:2], *plan[-2:]) for plan in plans} == {(*begin, *end)}


class Dividing(SoundCLI):
    def get_commands(self):
        def show(columns):
            """Show things."""
            click.echo(80 // columns)

        option = click.Option(["--columns"], type=int, default=2, help="How many.")
        return [group(command(show, params=[option]))]


def test_a_bad_argument_is_found_and_its_program_shows_it():
    result = tried("CLI-06", Dividing)
    assert "box show --columns" in result.detail
    assert "ZeroDivisionError" in result.detail
    assert replayed(result.program, Dividing) == result.detail
    assert runs_of(result.program) == ["box show --columns 0"]


@pytest.mark.parametrize("others", [0, 1])
def test_a_second_command_is_run_after_a_first(others):
    class Once(SoundCLI):
        opened = False

        def get_commands(self):
            def show():
                """Show things."""
                if self.opened:
                    raise LookupError("it is open already")
                self.opened = True

            def leave():
                """Do nothing."""

            return [group(show, *[leave] * others)]

    result = tried("CLI-06", Once)
    assert "box show: expected an exit status; it raised LookupError" in result.detail
    assert replayed(result.program, Once) == result.detail
    assert runs_of(result.program) == ["box show", "box show"]


def test_what_goes_wrong_only_when_the_telling_lines_follow_each_other_is_found():
    most = 10**9 + 7

    class Remembering(SoundCLI):
        counts = ()

        def get_commands(self):
            def go(count):
                """Count."""
                self.counts += (count,)
                if self.counts == (5, 3, most):
                    raise LookupError

            count = click.Option(
                ["--count"], type=click.IntRange(3, most), default=5, help="How many."
            )
            return [group(command(go, params=[count]))]

    result = tried("CLI-06", Remembering, examples=1)
    assert runs_of(result.program) == ["box go", "box go --count 3", f"box go --count {most}"]


def test_a_command_that_sleeps_for_long_is_ended_at_once():
    def go():
        time.sleep(3600)

    ends_badly(go, "box go: expected an exit status; it sleeps for 3600 s at test_conformance_cli")


def test_a_command_that_reads_past_the_end_is_ended_at_once():
    def go():
        while not sys.stdin.readline():
            pass

    ends_badly(go, "box go: expected an exit status; it reads its standard input again and again")


def test_a_command_that_never_ends_is_ended_once(monkeypatch):
    calls = []
    monkeypatch.setattr(trial_module, "alarm", functools.partial(alarm, 0.3))
    monkeypatch.setattr(cli, "PATIENCE", 0.2)

    def go(rounds):
        """Turn round."""
        if rounds > 9:
            calls.append(rounds)
            while True:
                pass

    rounds = click.Option(["--rounds"], type=int, default=0, help="How often.")
    result = tried("CLI-06", plugin(command(go, params=[rounds])), examples=25)
    assert "expected that it gives control back; it held on to it at test_conf" in result.detail
    assert len(calls) == 1


def test_commands_that_take_long_together_are_not_endless(monkeypatch):
    monkeypatch.setattr(trial_module, "alarm", functools.partial(alarm, 0.3))
    monkeypatch.setattr(cli, "PATIENCE", 0.25)

    def go(tasks):
        """Work for a while."""
        time.sleep(0.1)

    tasks = click.Option(["--tasks"], type=click.IntRange(0, 9), default=0, help="How many.")
    passes("CLI-06", plugin(command(go, params=[tasks])))


def test_many_commands_share_the_lines_that_are_tried_even_if_that_does_not_come_out_even():
    passes("CLI-06", plugin(*[click.Command(f"go{n}", help="Go.") for n in range(4)]), examples=17)


class Wall:
    """A clock on the wall, which commands move."""

    now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def wall(monkeypatch):
    clock = Wall()
    monkeypatch.setattr(cli, "time", clock)
    return clock


def test_what_goes_wrong_when_two_commands_take_long_together_is_no_fault_of_one(wall):
    class Tiring(SoundCLI):
        began = None

        def get_commands(self):
            def go(fast):
                """Work for a while."""
                self.began = self.began or wall.now
                wall.now += 3
                if wall.now > self.began + 5:
                    raise TimeoutError

            return [group(command(go, params=[click.Option(["--fast"], is_flag=True, help="F.")]))]

    passes("CLI-06", Tiring, examples=1)


def test_what_takes_long_together_is_tried_singly(wall):
    most = 10**9

    def go(count):
        """Work for a while."""
        wall.now += 2
        if count == most:
            raise LookupError

    params = [click.Option(["--count"], type=click.IntRange(1, most), default=1, help="How many.")]
    result = tried("CLI-06", plugin(command(go, params=params)), examples=1)
    assert runs_of(result.program) == [f"box go --count {most}"]


def test_a_group_that_is_a_command_by_itself_is_run_after_itself():
    class Once(SoundCLI):
        opened = False

        def get_commands(self):
            @click.group(invoke_without_command=True)
            def box():
                """Open the box."""
                if self.opened:
                    raise LookupError
                self.opened = True

            return [box]

    result = tried("CLI-06", Once, examples=5)
    assert runs_of(result.program) == ["box", "box"]


def test_command_lines_are_tried_until_fifteen_seconds_are_spent(wall):
    lines = []

    def go(text):
        """Take five seconds."""
        lines.append(text)
        wall.now += 5

    passes("CLI-06", plugin(command(go, params=[click.Argument(["text"])])))
    assert len(lines) == 4


# What they leave behind.


def test_a_thread_is_left():
    done = threading.Event()

    def go():
        threading.Thread(target=done.wait, name="left", daemon=True).start()

    try:
        ends_badly(go, "held: thread left")
    finally:
        done.set()


def test_a_thread_that_ends_is_not_left():
    def go():
        threading.Thread(target=time.sleep, args=(0.01,)).start()

    ends_well(go)


def test_a_descriptor_is_left():
    left = []

    def go():
        left.append(os.open(os.devnull, os.O_RDONLY))

    try:
        ends_badly(go, "held: file descriptor on /dev/null")
    finally:
        for number in left:
            os.close(number)


def test_a_child_is_left():
    left = []

    def go():
        left.append(subprocess.Popen(["sleep", "20"]))

    try:
        ends_badly(go, "held: child process sleep")
    finally:
        for child in left:
            child.kill()
            child.wait()


def test_what_the_plugin_itself_closes_is_not_left():
    class Keeping(SoundCLI):
        kept = None

        def get_commands(self):
            def go():
                """Open it."""
                self.kept = self.kept or os.open(os.devnull, os.O_RDONLY)

            return [group(go)]

        async def cleanup(self):
            if self.kept:
                os.close(self.kept)
            return True

    passes("CLI-06", Keeping)


def test_another_working_directory_is_left():
    def go():
        os.chdir("/")

    ends_badly(go, "box go: expected the working directory as it was; it became /.")


def test_a_command_writes_nowhere_else(tmp_path):
    place = tmp_path / "index"

    def go():
        place.write_text("x")

    ends_badly(
        go,
        f"raised PermissionError: [Errno 13] the conformance kit keeps it in its folders: '{place}'",
    )
    assert not place.exists()


def test_a_command_copes_with_a_place_that_cannot_be_written(tmp_path):
    def go():
        try:
            (tmp_path / "index").mkdir()
        except OSError as error:
            raise click.FileError("index") from error

    ends_well(go)
    assert list(tmp_path.iterdir()) == []


def test_a_command_writes_where_the_configuration_says(tmp_path):
    class Configured(SoundCLI):
        def get_commands(self):
            def go():
                """Write."""
                Path(self.context.config["places"][0], "index").write_text("x")

            return [group(go)]

    passes("CLI-06", Configured, config={"places": [str(tmp_path)]})
    assert (tmp_path / "index").exists()


# The network.


def call_out():
    with socket.socket() as peer:
        peer.connect(("127.0.0.1", 1))


def test_a_command_that_finds_no_network_is_forgiven():
    def go():
        call_out()

    ends_well(go)


def test_a_command_that_has_a_network_has_to_cope_with_it():
    def go():
        call_out()

    ends_badly(
        go,
        "box go: expected an exit status; it raised ConnectionRefusedError",
        provides={"network"},
    )


def test_a_fault_is_no_less_one_for_a_network_that_is_not_there():
    def go():
        try:
            call_out()
        except OSError:
            raise LookupError("no answer") from None

    ends_badly(go, "raised LookupError: no answer", provides={"network"})
