"""The help of a plugin's command comes from its manifest, word for word as the command's own."""

from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_hooks.cli.told import ToldGroup
from aitbc_hooks.hosting.describing.commands import command_record

WORDS = st.from_regex(r"[a-z]{2,8}", fullmatch=True)
HELPS = st.sampled_from(
    [None, "One line.", "Two\nlines of it.", "A line.\n\nAnd a paragraph of text."]
)
KINDS = st.sampled_from(
    [
        str,
        int,
        float,
        bool,
        click.Choice(["a", "b"]),
        click.IntRange(0, 9),
        click.Path(),
        click.UUID,
    ]
)


@st.composite
def options(draw):
    word = draw(WORDS)
    shape = draw(st.sampled_from(["plain", "flag", "pair", "count", "many", "two", "hidden"]))
    settings = {"help": draw(HELPS), "required": shape != "hidden" and draw(st.booleans())}
    if shape == "pair":
        return click.Option([f"--{word}/--no-{word}"], help=settings["help"])
    if shape in ("flag", "count"):
        extra = {"is_flag": True} if shape == "flag" else {"count": True}
        return click.Option([f"--{word}", f"-{word[0]}"], help=settings["help"], **extra)
    if shape == "two":
        return click.Option([f"--{word}"], nargs=2, type=str, **settings)
    if not settings["required"] and draw(st.booleans()):
        settings |= {"default": "7", "show_default": True, "type": int}
    else:
        settings |= {"type": draw(KINDS)}
    if shape == "many":
        settings |= {"multiple": True}
        settings.pop("default", None)
    return click.Option([f"--{word}"], hidden=shape == "hidden", **settings)


@st.composite
def arguments(draw):
    count = draw(st.integers(0, 2))
    return [
        click.Argument(
            [f"{draw(WORDS)}_{n}"],
            required=draw(st.booleans()),
            nargs=draw(st.sampled_from([1, 2])),
        )
        for n in range(count)
    ]


@st.composite
def commands(draw, depth=2):
    params = [
        *draw(st.lists(options(), max_size=3, unique_by=lambda o: o.name[0])),
        *draw(arguments()),
    ]
    texts = {"help": draw(HELPS), "epilog": draw(st.none() | st.just("The end.")), "params": params}
    if depth and draw(st.booleans()):
        names = draw(st.lists(WORDS, max_size=3, unique=True))
        texts["params"] = [each for each in params if isinstance(each, click.Option)]
        inner = {name: draw(commands(depth - 1)) for name in names}
        for name, command in inner.items():
            command.name = name
        return click.Group("group", inner, **texts)
    return click.Command("command", callback=lambda **_: click.echo("ran"), **texts)


def real(inner, name="tool"):
    return click.Group(name, {inner.name: inner}, help="Tools.")


def told(group, loaded):
    def load():
        loaded.append(group.name)
        return group

    return ToldGroup(
        group.name, command_record(group, click.Context(group, info_name=group.name)), load
    )


def run(command, line):
    result = CliRunner().invoke(click.Group("root", {command.name: command}), [command.name, *line])
    return result.exit_code, result.output


def lines(command, before=()):
    yield [*before, "--help"]
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from lines(inner, [*before, name])


@given(commands())
@settings(max_examples=150)
def test_every_help_is_the_commands_own_and_needs_no_plugin(command):
    group = real(command)
    for line in lines(group):
        loaded = []
        said = run(told(group, loaded), line)
        assert said == run(group, line)
        # Where an option is required before the word --help, the command itself has to say so.
        assert loaded == [] or said[0] != 0


@click.group()
@click.option("--level", type=int, required=True)
def tool(level):
    """Tools."""


@tool.command()
@click.option("--name")
@click.argument("place", type=int)
def show(name, place):
    """Show."""
    click.echo(f"{name} {place}")


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["show"],
        ["--level", "1", "show", "5"],
        ["--level", "1", "show", "--name", "--help", "5"],
        ["--level", "1", "show", "five"],
        ["--level", "x", "show", "5"],
        ["--wrong"],
        ["--wrong", "--help"],
        ["show", "--wrong"],
        ["nothing"],
        ["--level", "1", "show", "--", "--help"],
    ],
)
def test_everything_but_help_is_the_commands_own_business(line):
    loaded = []
    assert run(told(tool, loaded), line) == run(tool, line)
    assert loaded == ["tool"]


def test_help_of_a_command_is_shown_without_importing_its_plugin(tmp_path):
    code = (
        "import sys\n"
        "from aitbc_hooks.cli import main\n"
        "try:\n"
        "    main(['agent', 'create', '--help'])\n"
        "finally:\n"
        "    print([name for name in sys.modules if name.startswith('aitbc_builtin_plugins')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Agent name: unique, case aside." in done.stdout
    assert done.stdout.rstrip().endswith("[]")
