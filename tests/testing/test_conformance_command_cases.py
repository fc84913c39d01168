"""Which command lines a plugin's commands are tried with."""

from __future__ import annotations

import enum

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.testing.kit.interfaces.command_cases import (
    lines_of,
    plain_line,
    telling_lines,
    wrong_lines,
)
from aitbc_hooks.testing.kit.interfaces.commands import entries_of


class Colour(enum.Enum):
    RED = "#f00"


def tree(command, *groups):
    """Return the entry of a command within groups, the outermost first."""
    for group in reversed(groups):
        group.add_command(command)
        command = group
    return entries_of([command])[-1]


def option(*names, **details):
    return click.Option(names, help="An option.", **details)


def go(*params, **details):
    return click.Command("go", params=[*params], help="Go.", **details)


def parsed(entry, line):
    """Return the parameters of the innermost command, as click reads them from a line."""
    seen = []
    entry.command.callback = lambda **params: seen.append(params)
    top = entry.groups[0][1] if entry.groups else entry.command
    root = click.Group("root", commands=[top])
    root.main(line, standalone_mode=False)
    return seen[0]


def test_a_line_leads_to_its_command():
    entry = tree(go(), click.Group("box"), click.Group("lid"))
    assert plain_line(entry) == ["box", "lid", "go"]
    assert str(entry) == "box lid go"


def test_a_line_has_what_the_groups_on_the_way_demand():
    shelf = option("--shelf", type=click.Choice(["upper"]), required=True)
    entry = tree(go(), click.Group("box", params=[shelf]))
    assert plain_line(entry) in (["box", "--shelf", "upper", "go"], ["box", "--shelf=upper", "go"])


@given(st.data())
def test_generated_lines_are_understood_by_every_group_on_the_way(data):
    box = click.Group("box", params=[option("--shelf", type=int), click.Argument(["name"])])
    lid = click.Group("lid", params=[option("--open/--shut", required=True)])
    entry = tree(go(option("--count", type=click.IntRange(1, 3))), box, lid)
    count = parsed(entry, data.draw(lines_of(entry)))["count"]
    assert count in (None, 1, 2, 3)


@given(st.data())
def test_no_generated_word_leads_out_of_the_directory(data):
    entry = tree(go(option("-o", "--out"), click.Argument(["words"], nargs=-1)), click.Group("box"))
    for word in data.draw(lines_of(entry)):
        assert not word.startswith(("/", "~", "-o/", "-o~", "--out=/", "--out=~"))
        assert ".." not in word


def test_a_group_is_tried_without_its_commands():
    box = click.Group("box", commands=[go()], invoke_without_command=True)
    entry = entries_of([box])[0]
    assert telling_lines(entry) == [["box"]]


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"type": click.Choice(["a", "b"])}, [["--it", "a"], ["--it", "b"]]),
        ({"type": click.Choice(Colour)}, [["--it", "RED"]]),
        ({"type": click.IntRange(2, 9)}, [["--it", "2"], ["--it", "9"]]),
        ({"type": click.IntRange(0, 9, max_open=True)}, [["--it", "0"]]),
        ({"type": click.FloatRange(min=-1.5)}, [["--it", "-1.5"], ["--it", "0"]]),
        ({"type": int}, [["--it", "0"], ["--it", "-1"]]),
        ({"is_flag": True}, [["--it"]]),
        ({"count": True}, [["--it"]]),
        ({"type": str}, []),
        ({"nargs": 2, "type": int}, []),
        ({"required": True, "type": click.Choice(["a"])}, []),
    ],
)
def test_each_option_is_tried_at_the_ends_of_what_it_may_be(details, words):
    entry = tree(go(option("--it", **details)), click.Group("box"))
    simplest, *others = telling_lines(entry)
    assert simplest[:2] == ["box", "go"]
    assert [line[2 : len(line) - len(simplest) + 2] for line in others] == words


def test_a_switch_is_tried_both_ways():
    entry = tree(go(option("--on/--off")), click.Group("box"))
    assert [line[-1] for line in telling_lines(entry)] == ["go", "--on", "--off"]


def test_the_simplest_line_has_what_the_command_demands():
    entry = tree(go(click.Argument(["name"])), click.Group("box"))
    (line,) = telling_lines(entry)
    assert len(line) == 3


def test_a_wrong_line_has_an_option_or_a_command_that_is_not_there():
    box = click.Group("box", params=[click.Argument(["name"])])
    entry = tree(go(), box)
    assert next(wrong_lines(entry))[-1] == "--no-such-option"
    group = entries_of([box])[0]
    option_line, command_line = wrong_lines(group)
    assert option_line == ["box", "--no-such-option"]
    assert command_line[-1] == "no-such-command"
    assert len(command_line) == 3


def test_what_a_command_passes_on_is_not_wrong():
    words = click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)
    entry = tree(go(words, context_settings={"ignore_unknown_options": True}), click.Group("box"))
    assert list(wrong_lines(entry)) == []


def test_a_command_that_stands_twice_is_one_entry():
    box = click.Group("box")
    command = go()
    box.add_command(command)
    box.add_command(command, "run")
    assert [str(entry) for entry in entries_of([box])] == ["box", "box go"]
