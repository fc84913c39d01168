"""CLI: the commands that a plugin adds to the host's command line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from aitbc_hooks.cli.root import COMMANDS
from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.checks.importing import imported_anew
from aitbc_hooks.testing.kit.interfaces.cases import network_of
from aitbc_hooks.testing.kit.interfaces.command_cases import (
    lines_of,
    plain_line,
    telling_lines,
    wrong_lines,
)
from aitbc_hooks.testing.kit.outcomes import Inconclusive, Level, NotApplicable, Violation
from aitbc_hooks.testing.kit.trials.alarm import PATIENCE
from aitbc_hooks.testing.kit.trials.steps import LOAD, START, UNLOAD, Step

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.interfaces.commands import Entry
    from aitbc_hooks.testing.kit.specimen import Specimen
    from aitbc_hooks.testing.kit.trials.trial import Trial

_INTERFACE: Final = "SPEC.md, CLI Plugin Interface"

#: Real seconds in which command lines are tried.
_SECONDS: Final = 15.0


def _adds_no_commands(specimen: Specimen) -> str | None:
    return None if specimen.implements("get_commands") else "it implements no get_commands()."


@check(
    "CLI-01",
    Level.MUST,
    "get_commands() returns click groups with names of their own, the same on every call.",
    sentence="Return CLI command groups",
    source=f"{_INTERFACE}; hookspec get_commands",
    needs=["LIFE-01"],
    concern=_adds_no_commands,
    fix="Return a list of `click.Group` objects, made anew on each call or kept, each with a name "
    "of letters, digits and `-`.",
    example='''
    class Bare(SoundCLI):
        def get_commands(self):
            @click.command()
            def ping():
                """Say that it is there."""

            return [ping]
    ''',
)
def commands_are_groups(specimen: Specimen) -> None:
    """The host mounts each group under its name, and asks for them whenever a command is called."""
    specimen.play([LOAD, START, Step("expect_same_commands"), UNLOAD])


@check(
    "CLI-02",
    Level.MUST,
    "Every group, command and option has a help text, and get_command_help() is one line.",
    sentence="Return help text for commands",
    source=f"{_INTERFACE}; Best Practices, 6",
    needs=["CLI-01"],
    concern=_adds_no_commands,
    fix="Give each function a docstring and each option `help=`. What is not meant for users may "
    "be `hidden=True`.",
    example='''
    class Mute(SoundCLI):
        def get_commands(self):
            @click.group()
            def notes():
                """Keep notes."""

            @notes.command()
            @click.option("--all", is_flag=True)
            def clear(all):
                """Remove notes."""

            return [notes]
    ''',
)
def everything_has_help(specimen: Specimen) -> None:
    """An operator meets the commands on a terminal first, with nothing but their help."""
    if specimen.implements("get_command_help"):
        specimen.play([LOAD, START, Step("expect_command_help"), UNLOAD])
    for entry in _entries(specimen):
        specimen.play([LOAD, START, Step("expect_described", entry.path), UNLOAD])


@check(
    "CLI-03",
    Level.MUST,
    "--help of each command exits with 0 and prints help.",
    sentence="Return help text for commands",
    source=f"{_INTERFACE}; Best Practices, 6",
    needs=["CLI-01"],
    concern=_adds_no_commands,
    fix="Leave `--help` to click; nothing that it shows may need what is not there, such as a "
    "file or a connection.",
    example='''
    class Terse(SoundCLI):
        def get_commands(self):
            @click.group()
            def notes():
                """Keep notes."""

            @notes.command(context_settings={"help_option_names": ["-h"]})
            def clear():
                """Remove all notes."""

            return [notes]
    ''',
)
def help_works(specimen: Specimen) -> None:
    """Help is asked for when something does not work: it has to work always."""
    for entry in _entries(specimen):
        line = plain_line(entry)
        specimen.play([LOAD, START, Step("expect_help", (line,)), UNLOAD])


@check(
    "CLI-04",
    Level.MUST,
    "An unknown option or command is wrong usage: exit status 2.",
    sentence="Implement proper error handling and logging",
    source="SPEC.md, Best Practices, 2; docs/cli.md, exit statuses",
    needs=["CLI-01"],
    concern=_adds_no_commands,
    fix="Let click refuse what it does not know. A command that passes options on to another "
    "program takes them as an argument: `nargs=-1, type=click.UNPROCESSED`.",
    example='''
    class Lenient(SoundCLI):
        def get_commands(self):
            @click.group()
            def notes():
                """Keep notes."""

            lenient = {"ignore_unknown_options": True, "allow_extra_args": True}

            @notes.command(context_settings=lenient)
            def clear():
                """Remove all notes."""

            return [notes]
    ''',
)
def slips_are_refused(specimen: Specimen) -> None:
    """A slip that is ignored does something else than was meant, and a script goes on."""
    for entry in _entries(specimen):
        for line in wrong_lines(entry):
            specimen.play([LOAD, START, Step("expect_usage_error", (line,)), UNLOAD])


@check(
    "CLI-05",
    Level.MUST,
    "Nothing is printed when it is imported or its commands are listed.",
    sentence="Return CLI command groups",
    source=f"{_INTERFACE}; DESIGN.md, 2",
    needs=["CLI-01"],
    concern=_adds_no_commands,
    fix="Print in commands only; elsewhere log through `self.context.logger`.",
    example="""
    class Talkative(SoundCLI):
        def get_commands(self):
            click.echo("notes are ready")
            return super().get_commands()
    """,
)
def listing_is_silent(specimen: Specimen) -> None:
    """What is printed there ends in the output of every command, also in that of `--json`."""
    specimen.play([LOAD, START, Step("expect_silent_commands"), UNLOAD])
    try:
        printed, _ = imported_anew(specimen)
    except (Inconclusive, NotApplicable, Violation):
        return  # another check says so
    if printed:
        raise Violation(f"expected a silent import; it prints {printed[:80]!r}.")


@check(
    "CLI-06",
    Level.MUST,
    "Commands end in time with an exit status, whatever their arguments, and leave nothing behind.",
    sentence="Implement proper error handling and logging",
    source="SPEC.md, Best Practices, 2 and 3; hookspec get_commands",
    needs=["CLI-01"],
    concern=_adds_no_commands,
    fix="Say what an argument may be (`type=click.IntRange(1)`, `click.Path(exists=True)`, a "
    "callback), raise `click.ClickException` for what only shows later, and close what was opened.",
    example='''
    class Fragile(SoundCLI):
        def get_commands(self):
            @click.group()
            def notes():
                """Keep notes."""

            @notes.command()
            @click.option("--columns", type=int, default=2, help="How many.")
            def show(columns):
                """Show the notes."""
                click.echo(f"{80 // columns} letters each")

            return [notes]
    ''',
)
def commands_end_well(specimen: Specimen) -> None:
    """A traceback tells a user nothing, and a command that hangs holds up the whole script."""
    attempts = _Attempts(specimen)
    entries = _entries(specimen)
    for entry in entries:
        attempts.each(telling_lines(entry))
        specimen.for_all(lines_of(entry), attempts.one, examples=attempts.share(entries))
    lines = st.lists(st.one_of([lines_of(entry) for entry in entries]), min_size=2, max_size=4)
    specimen.for_all(lines, attempts.all, examples=max(8, specimen.examples // 2))


@check(
    "CLI-07",
    Level.SHOULD,
    "Its groups have other names than the host's own commands.",
    sentence="The host mounts each under its name, and refuses a name that it or another plugin has "
    "already (``AITBC-P11``).",
    source="hookspec get_commands",
    needs=["CLI-01"],
    concern=_adds_no_commands,
    fix="Name the group after what it works on, such as `agent`. Until then it can be called as "
    "`plugin:group`.",
    example='''
    class Grabbing(SoundCLI):
        def get_commands(self):
            @click.group("list")
            def listing():
                """List notes."""

            return [listing]
    ''',
)
def names_are_free(specimen: Specimen) -> None:
    """The host's own command wins: the plugin's is out of reach by its name alone."""
    for entry in _entries(specimen):
        if not entry.groups and entry.name in COMMANDS:
            raise Violation(
                f"expected a name that the host has not; its own command {entry.name!r} hides the "
                "group."
            )


def _entries(specimen: Specimen) -> list[Entry]:
    """Return all commands; those of an instance that is gone, to be looked at only."""

    async def main(trial: Trial) -> list[Entry]:
        await trial.load()
        await trial.start()
        return await trial.entries()

    entries = specimen.attempt(main)
    if not entries:
        raise NotApplicable("it has no commands.")
    return entries


class _Attempts:
    """Runs command lines, each in a life of its own; after one that hung no more are run."""

    def __init__(self, specimen: Specimen) -> None:
        self._specimen = specimen
        self._network = network_of(specimen)
        self._left = _SECONDS

    def share(self, entries: list[Entry]) -> int:
        """Return how many lines of one command are tried."""
        return max(8, min(self._specimen.examples, 4 * self._specimen.examples // len(entries)))

    def each(self, lines: list[list[str]]) -> None:
        """Try command lines in one life, and where that does not go well each in one of its own."""
        together = None
        try:
            if self.all(lines):
                return
        except Violation as violation:
            together = violation
        for line in lines:
            self.one(line)
        if together is not None:
            raise together

    def one(self, line: list[str]) -> None:
        """Try one command line."""
        self.all([line])

    def all(self, lines: list[list[str]]) -> bool:
        """Try command lines, one after the other; return whether they came to their end in time."""
        self._specimen.clock.check()
        if self._left < 0:
            return True
        began = time.monotonic()
        runs = [Step("run_command", (line,), self._network) for line in lines]
        try:
            self._specimen.play([LOAD, START, *runs, UNLOAD, Step("expect_nothing_held")])
        except Violation:
            if len(lines) > 1 and time.monotonic() - began > PATIENCE:
                return False  # all together took too long, which is no fault of one
            self._left = -1.0 if time.monotonic() - began > PATIENCE else self._left
            raise
        else:
            return True
        finally:
            self._left -= time.monotonic() - began
