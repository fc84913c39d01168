"""docs/cli.md against the commands."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from aitbc_hooks.cli.exits import Status
from aitbc_hooks.cli.root import COMMANDS, root

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def _commands():
    for name in COMMANDS:
        command = root.get_command(click.Context(root), name)
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", cmd) for sub, cmd in command.commands.items())
        else:
            yield name, command


@pytest.mark.parametrize(("name", "command"), [*_commands(), ("", root)])
def test_every_command_and_option_is_documented(name, command):
    text = PAGE.read_text(encoding="utf-8")
    section = text.partition("## Commands\n")[0] if not name else ""
    if name:
        (heading,) = [
            line for line in text.splitlines() if line[:4] == "### " and f"`{name}" in line
        ]
        section = heading
    for option in (p for p in command.params if isinstance(p, click.Option) and not p.hidden):
        for spelling in option.opts:
            assert spelling in section, (name, spelling)


def test_every_exit_status_is_documented():
    text = PAGE.read_text(encoding="utf-8").partition("## Exit statuses")[2]
    for status in Status:
        assert f"\n| {status.value} | " in text
