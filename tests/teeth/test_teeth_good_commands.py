"""The commands of good plugins, run as the host does: in the main thread with no loop running."""

from __future__ import annotations

import asyncio

import pytest
from click.testing import CliRunner
from corpus import load
from good_host import manager_of, succeed

from aitbc.plugins import CLIPlugin

GOOD = {each.id: each for each in load()}
COMMAND_LINES = {
    "todo-cli": [
        ("todo add milk -p 1 --tag a --tag b", 0),
        ("todo list --json --no-sort", 0),
        ("todo add milk -p 10", 2),
        ("todo clear", 1),
        ("todo clear --yes", 0),
    ],
    "report-cli": [
        ("reports write summary --lines 5000", 0),
        ("reports count summary.txt summary.txt", 0),
        ("reports copy summary.txt other.txt", 0),
        ("reports copy summary.txt .", 1),
        ("reports count", 3),
        ("reports write ../x", 1),
        ("reports archive --year 2000 show --from 2000-02-03", 0),
        ("reports archive show --from 2000-02-03", 2),
        ("paints", 0),
        ("paints mix 255 0 0 --shade DARK -vv --dry", 0),
        ("paints mix 1 2", 2),
    ],
    "account-cli": [
        ("account create --name a --password b", 0),
        ("account create --name a --password b", 1),
        ("account create --name a", 1),
        ("account delete a", 1),
    ],
    "async-cli": [
        ("fetch pages --times 3 slowly", 0),
        ("fetch slowly --timeout 0.000001", 2),
        ("fetch", 2),
    ],
    "agent-cli": [("agent create --name alice", 0), ("agent delete alice", 2)],
}


def subcommands(command, path=()):
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from subcommands(inner, (*path, name))


@pytest.mark.parametrize("good", [GOOD[name] for name in COMMAND_LINES], ids=list(COMMAND_LINES))
def test_its_commands_end_with_the_status_that_belongs_to_them(good, tmp_path, monkeypatch):
    terminal = CliRunner()
    manager = manager_of(good, tmp_path / "state")
    monkeypatch.chdir(tmp_path)
    with asyncio.Runner() as loop:
        loop.run(succeed(manager, good, "load", "start"))
        groups = {group.name: group for group in manager.plugin(good.id).get_commands()}
        for line, status in COMMAND_LINES[good.id]:
            name, *arguments = line.split()
            result = terminal.invoke(groups[name], arguments)
            assert (line, result.exit_code) == (line, status), result.output
            assert isinstance(result.exception, SystemExit | None)
        for group in groups.values():
            for path in subcommands(group):
                assert terminal.invoke(group, [*path, "--help"]).exit_code == 0
                assert terminal.invoke(group, [*path, "--no-such-option"]).exit_code == 2
        assert "\n" not in manager.plugin(good.id).get_command_help()
        loop.run(succeed(manager, good, "unload"))


def test_every_command_line_plugin_has_its_commands_run_here():
    classes = [each for each in GOOD.values() if isinstance(each.target, type)]
    assert {each.id for each in classes if issubclass(each.target, CLIPlugin)} == set(COMMAND_LINES)
