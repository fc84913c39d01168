"""Command lines: click itself takes every one of them."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import enum
import os
import tempfile
import types
import uuid
from pathlib import Path

import click
import pytest
from click.shell_completion import CompletionItem
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from testing_strategies_examples import examples, simplest

from aitbc_builtin_plugins.agent_cli.plugin import AgentCLIPlugin
from aitbc_hooks.cli.root import COMMANDS, root
from aitbc_hooks.testing.strategies import command_lines, furnish


@contextlib.contextmanager
def furnished():
    """Go where the files are that command lines name."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        furnish(folder)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def run(command, line):
    """Run a command; return what its callbacks were given."""
    seen = []
    with furnished():
        result = CliRunner().invoke(command, line, obj=seen, catch_exceptions=False)
    assert result.exit_code == 0, (line, result.output)
    return seen


@click.pass_obj
def note(seen, **values):
    seen.append({key: getattr(value, "name", value) for key, value in values.items()})


def command(*parameters, **settings_):
    return click.Command("command", params=list(parameters), callback=note, **settings_)


def option(*names, **settings_):
    return click.Option(names, **settings_)


def argument(name, **settings_):
    return click.Argument([name], **settings_)


def given_values(*parameters, count=100, **settings_):
    """Return the values of the parameters over many lines."""
    made = command(*parameters, **settings_)
    lines = examples(command_lines(made), count)
    return [run(made, line)[0] for line in lines]


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


TYPES = {
    "text": (click.STRING, str, lambda v: v.startswith("-")),
    "unprocessed": (click.UNPROCESSED, str, None),
    "int": (click.INT, int, lambda v: v < 0),
    "float": (click.FLOAT, float, lambda v: v < 0),
    "bool": (click.BOOL, bool, lambda v: v),
    "uuid": (click.UUID, uuid.UUID, None),
    "range": (click.IntRange(2, 4), int, lambda v: v == 4),
    "open range": (click.IntRange(2, 4, min_open=True, max_open=True), int, lambda v: v == 3),
    "half range": (click.IntRange(min=10**20), int, None),
    "clamped": (click.IntRange(0, 10, clamp=True), int, lambda v: v == 10),
    "float range": (click.FloatRange(0, 1, min_open=True, max_open=True), float, None),
    "float clamped": (click.FloatRange(0, 1, clamp=True), float | int, lambda v: v == 1),
    "choice": (click.Choice(["-a", "B", ""]), str, lambda v: v == "-a"),
    "choice without case": (click.Choice(["Fast", "SAFE"], case_sensitive=False), str, None),
    "enumeration": (click.Choice(Colour), str, lambda v: v == "BLUE"),
    "date": (click.DateTime(), dt.datetime, None),
    "date of another form": (click.DateTime(["%d.%m.%y %H:%M %z"]), dt.datetime, None),
    "existing file": (click.Path(exists=True, dir_okay=False), str, lambda v: "inner" in v),
    "existing folder": (click.Path(exists=True, file_okay=False), str, lambda v: v == "."),
    "path": (click.Path(path_type=Path), str, lambda v: v == "absent.txt"),
    "program": (click.Path(executable=True, dir_okay=False), str, None),
    "file": (click.File(), str, None),
    "new file": (click.File("x"), str, None),
    "written file": (click.File("w", lazy=False), str, None),
    "added file": (click.File("ab"), str, None),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_has_values_as_argument_and_as_option(name):
    kind, cls, wanted = TYPES[name]
    parameters = [argument("a", type=kind), option("--long", "-s", type=kind, required=True)]
    values = [item for seen in given_values(*parameters) for item in (seen["a"], seen["long"])]
    assert all(isinstance(value, cls) for value in values)
    assert len(set(map(str, values))) > 1 or name in {"open range", "program"}
    assert wanted is None or any(map(wanted, values))


def test_a_choice_without_case_comes_in_every_case():
    kind = click.Choice(["Fast", "safe"], case_sensitive=False)
    words = {
        word for line in examples(command_lines(command(argument("x", type=kind)))) for word in line
    }
    assert words == {"Fast", "fast", "FAST", "safe", "SAFE"}


def test_several_values_of_several_types_are_given_at_once():
    kinds = (int, click.Choice(["x", "-y"]), str)
    seen = given_values(
        option("--three", type=kinds, required=True),
        option("--two", nargs=2, type=float),
        argument("pair", type=(click.BOOL, int)),
    )
    assert all(isinstance(values["three"][0], int) for values in seen)
    assert any(values["three"][1] == "-y" for values in seen)
    assert {values["two"] is None for values in seen} == {True, False}
    assert all(isinstance(values["pair"][0], bool) for values in seen)


def test_flags_counts_and_repetitions_occur():
    seen = given_values(
        option("--shout/--whisper", " /-w", default=None),
        option("-v", "--verbose", count=True),
        option("--tag", "-t", multiple=True),
        option("--point", multiple=True, nargs=2, type=int),
        option("--upper", "mode", flag_value="upper"),
        option("--lower", "mode", flag_value="lower"),
    )
    assert {values["shout"] for values in seen} == {True, False, None}
    assert {values["verbose"] for values in seen} >= {0, 1, 3}
    assert {len(values["tag"]) for values in seen} >= {0, 1, 3}
    assert {len(values["point"]) for values in seen} >= {0, 2}
    assert {values["mode"] for values in seen} >= {"upper", "lower", None}


def test_a_value_that_may_be_left_out_is_left_out_and_given():
    seen = given_values(
        option("--colour", is_flag=False, flag_value="auto", default="never"),
        argument("word", required=False),
    )
    values = {item["colour"] for item in seen}
    assert {"auto", "never"} < values
    assert any(item["word"] is not None and item["colour"] == "auto" for item in seen)


def test_what_would_ask_is_given():
    seen = given_values(
        option("--name", prompt=True),
        option("--password", prompt=True, hide_input=True, confirmation_prompt=True),
        option("--seldom", prompt=True, prompt_required=False),
        option("--port", prompt=True, type=int, default=3),
        option("--sure/--unsure", prompt=True),
        count=50,
    )
    assert all(isinstance(values["password"], str) for values in seen)
    assert {values["sure"] for values in seen} == {True, False}


def test_a_confirmation_is_given():
    @click.command()
    @click.confirmation_option()
    def drop():
        """Drop it."""

    assert examples(command_lines(drop), 5) == [["--yes"]]


def test_what_only_prints_is_left_out_and_what_is_hidden_is_not():
    @click.command()
    @click.version_option("1.0")
    @click.help_option("-h", "--help")
    @click.option("--about", is_flag=True, expose_value=False, callback=lambda *_: None)
    @click.option("--hidden", hidden=True)
    @click.option("--config", is_eager=True, type=int)
    def tool(**_):
        pass

    words = {word.partition("=")[0] for line in examples(command_lines(tool)) for word in line}
    assert {"--hidden", "--config"} <= words
    assert not words & {"--version", "-h", "--help", "--about"}


ARGUMENTS = {
    "required and optional": [
        argument("a"),
        argument("b", required=False),
        argument("c", default=1),
    ],
    "optional before required": [argument("a", required=False), argument("b", type=int)],
    "many": [argument("a", nargs=-1, type=int)],
    "many, at least one": [argument("a", nargs=-1, required=True)],
    "many before one": [argument("a", nargs=-1, type=int), argument("b", type=click.BOOL)],
    "many between": [
        argument("a"),
        argument("b", nargs=-1),
        argument("c", type=int, required=False),
    ],
    "fixed numbers": [argument("a", nargs=2), argument("b", nargs=3, type=int, required=False)],
}


@pytest.mark.parametrize("parameters", ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_of_any_number_come_to_their_places(parameters):
    seen = given_values(*parameters)
    for name in seen[0]:
        values = [item[name] for item in seen]
        assert any(value not in (None, ()) for value in values)
    optional = [p.name for p in parameters if not p.required and p.nargs > 0]
    if all(p.nargs > 0 for p in parameters) and not parameters[-1].required:
        assert any(item[optional[-1]] in (None, 1) for item in seen)


def test_other_marks_of_options_are_minded():
    seen = given_values(
        option("/v", "verbose", is_flag=True),
        option("+x", "extra"),
        argument("word", type=click.Choice(["/v", "+x", "-q", "plain", "-", "--"])),
    )
    assert {item["word"] for item in seen} == {"/v", "+x", "-q", "plain", "-", "--"}
    assert any((item["extra"] or "").startswith("-") for item in seen)


def test_a_command_that_shows_its_help_without_words_gets_some():
    made = command(option("--a"), no_args_is_help=True)
    assert all(examples(command_lines(made)))
    assert run(made, simplest(command_lines(made))) == [{"a": None}]


def test_types_of_the_authors_own_have_values_that_they_convert():
    class Even(click.ParamType):
        name = "even"

        def convert(self, value, param, ctx):
            if int(value) % 2:
                self.fail("odd")
            return int(value)

    class Host(click.ParamType):
        name = "host"
        examples = ("web-1", "web-2")

        def convert(self, value, param, ctx):
            if value not in {"web-1", "db-1"}:
                self.fail("unknown")
            return value

        def shell_complete(self, ctx, param, incomplete):
            return [CompletionItem("db-1")]

    def words_of(kind, **more):
        made = command(option("--x", type=kind, required=True, **more))
        return [line[-1].removeprefix("--x=") for line in examples(command_lines(made))]

    assert "0" in words_of(Even())
    assert {"web-1", "db-1"} <= set(words_of(Host()))
    assert "web-2" not in words_of(Host())
    assert "1.5" in words_of(decimal.Decimal)
    assert "12:30" in words_of(dt.time.fromisoformat, default="12:30")


def test_a_type_that_breaks_when_it_is_asked_has_text():
    class Broken(click.ParamType):
        name = "broken"

        def convert(self, value, param, ctx):
            raise ZeroDivisionError

        def shell_complete(self, ctx, param, incomplete):
            raise ZeroDivisionError

    assert examples(command_lines(command(argument("x", type=Broken()))), 5)


class Port(click.IntRange):
    """A built-in type that an author has changed."""

    def convert(self, value, param, ctx):
        return super().convert(value, param, ctx) + 1000


def test_a_changed_built_in_type_keeps_its_values():
    words = examples(command_lines(command(argument("x", type=Port(7, 9)))))
    assert {word for line in words for word in line} >= {"7", "8", "9"}


# Groups


def group(**settings_):
    return click.Group("group", callback=lambda **_: None, **settings_)


def test_a_group_gets_a_subcommand_with_its_own_line():
    tree = group(params=[option("--debug/--no-debug"), argument("target"), option("+p", "plus")])
    inner = group()
    tree.add_command(command(option("--n", type=int, required=True)), "one")
    tree.add_command(inner, "two")
    inner.add_command(command(argument("word"), argument("rest", nargs=-1)), "three")
    lines = examples(command_lines(tree))
    seen = [run(tree, line)[0] for line in lines]
    assert {"n", "word"} <= {key for values in seen for key in values}
    assert any("+p" in line for line in lines)


def test_a_group_that_needs_no_subcommand_may_get_none():
    tree = group(invoke_without_command=True)
    tree.add_command(command(), "one")
    assert {tuple(line) for line in examples(command_lines(tree), 10)} == {(), ("one",)}


def test_a_group_without_subcommands_has_no_line():
    assert command_lines(group()).is_empty


def test_commands_that_chain_follow_one_another():
    tree = group(chain=True)
    tree.add_command(command(option("-q", is_flag=True), argument("x", required=False)), "one")
    tree.add_command(command(argument("y", nargs=-1, type=int)), "many")
    lines = examples(command_lines(tree))
    runs = [run(tree, line) for line in lines]
    assert {len(seen) for seen in runs} == {1, 2, 3}
    assert any("y" in seen[-1] for seen in runs)


# Commands that are really there


def leaf(context):
    """Follow a line through the groups, without running anything."""
    while isinstance(context.command, click.Group):
        words = [*context._protected_args, *context.args]
        if not words:
            return context
        name, sub, rest = context.command.resolve_command(context, words)
        context = sub.make_context(name, rest, parent=context)
    return context


def real_commands():
    context = types.SimpleNamespace(config={})
    yield from AgentCLIPlugin(context).get_commands()
    yield from (root.get_command(click.Context(root), name) for name in COMMANDS)


@pytest.mark.parametrize("made", list(real_commands()), ids=lambda made: made.name)
def test_only_their_own_checks_refuse_lines_of_real_commands(made, tmp_path, monkeypatch):
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    taken = 0
    for line in examples(command_lines(made), 40):
        try:
            with made.make_context(made.name, list(line)) as context:
                assert not isinstance(leaf(context).command, click.Group)
                taken += 1
        except click.BadParameter as error:
            assert error.param.callback is not None
    assert taken > 5


# Commands that nobody has thought of

NAMES = st.from_regex(r"[a-z]{2,6}", fullmatch=True)
KINDS = st.one_of(
    # One option given twice may well name one file twice, which cannot be created twice.
    st.sampled_from([kind for name, (kind, _, _) in TYPES.items() if name != "new file"]),
    st.lists(NAMES, min_size=1, unique=True).map(click.Choice),
    st.tuples(st.integers(-9, 9), st.integers(10, 99)).map(lambda pair: click.IntRange(*pair)),
)


@st.composite
def options(draw, name):
    names = draw(
        st.sampled_from([[f"--{name}"], [f"-{name[0]}", f"--{name}"], [f"--{name}", name]])
    )
    shape = draw(st.sampled_from(["flag", "pair", "count", "value", "values", "bare"]))
    if shape == "flag":
        return option(*names, is_flag=True)
    if shape == "pair":
        return option(f"--{name}/--no-{name}", required=draw(st.booleans()))
    if shape == "count":
        return option(*names, count=True)
    if shape == "bare":
        return option(*names, is_flag=False, flag_value="bare")
    return option(
        *names,
        type=draw(KINDS),
        nargs=2 if shape == "values" else 1,
        multiple=draw(st.booleans()),
        required=draw(st.booleans()),
    )


@st.composite
def commands(draw, depth=1):
    names = draw(st.lists(NAMES, unique_by=lambda name: name[0], max_size=4))
    parameters = [draw(options(name)) for name in names]
    if depth and draw(st.booleans()):
        tree = group(params=parameters, invoke_without_command=draw(st.booleans()))
        for name in draw(st.lists(NAMES, min_size=1, max_size=2, unique=True)):
            tree.add_command(draw(commands(depth=depth - 1)), name)
        return tree
    counts = draw(st.lists(st.sampled_from([1, 1, 2, -1]), max_size=3))
    for index, count in enumerate(counts):
        if count < 0 and -1 in counts[:index]:
            continue
        kind, required = draw(KINDS), draw(st.booleans())
        parameters.append(argument(f"a{index}", nargs=count, type=kind, required=required))
    return command(*parameters, no_args_is_help=draw(st.booleans()))


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(commands(), st.data())
def test_click_takes_every_line_of_every_command(made, data):
    run(made, data.draw(command_lines(made)))


def test_the_folder_has_what_the_lines_name(tmp_path):
    furnish(str(tmp_path))
    furnish(tmp_path)
    assert (tmp_path / "folder/inner.txt").read_text("utf-8")
    assert os.access(tmp_path / "program", os.X_OK)
    assert not (tmp_path / "absent.txt").exists()
