"""The command group ``agent``: what it prints, how it exits, what it asks."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from aitbc.plugins import PluginContext
from aitbc_builtin_plugins import agent_cli
from aitbc_builtin_plugins.agent_cli.plugin import AgentCLIPlugin

README = Path(agent_cli.__file__).parent / "docs" / "README.md"
COMMANDS = ("create", "list", "show", "update", "delete")


def make_plugin(data_dir, **settings):
    context = PluginContext(
        config=settings,
        data_dir=str(data_dir),
        temp_dir=str(data_dir),
        logger=logging.getLogger("aitbc.plugins.agent-cli"),
        event_bus=None,
        api_client=None,
    )
    return AgentCLIPlugin(context)


@pytest.fixture
def plugin(tmp_path):
    plugin = make_plugin(tmp_path, default_agent_type="batch", max_agents=2)
    asyncio.run(plugin.initialize())
    return plugin


@pytest.fixture
def agent(plugin):
    """Runs one command and returns click's result."""

    def run(*words):
        (group,) = plugin.get_commands()
        return CliRunner().invoke(group, words, prog_name="agent")

    return run


def answer(result):
    """The JSON on standard output of a command that succeeded."""
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def test_a_created_agent_is_listed_by_a_plugin_that_starts_later(agent, plugin, tmp_path):
    assert agent("create", "--name", "alice").stdout == "Created agent alice (batch).\n"
    asyncio.run(plugin.cleanup())
    later = make_plugin(tmp_path)
    asyncio.run(later.initialize())
    result = CliRunner().invoke(later.get_commands()[0], ["list"])
    assert re.fullmatch(
        r"NAME   TYPE   STATUS  UPDATED               DESCRIPTION\n"
        r"alice  batch  active  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n",
        result.stdout,
    )


def test_a_type_that_is_given_is_used(agent):
    assert answer(agent("create", "--name", "alice", "--type", "chat", "--json"))["type"] == "chat"


def test_every_command_prints_one_record_shape(agent):
    created = answer(agent("create", "--name", "alice", "--description", "día ☀", "--json"))
    assert list(created) == ["name", "type", "description", "status", "created", "updated"]
    assert created["description"] == "día ☀"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", created["created"])
    assert answer(agent("show", "ALICE", "--json")) == created
    assert answer(agent("list", "--json")) == {"schema_version": 1, "agents": [created]}
    updated = answer(agent("update", "alice", "--rename", "bob", "--json"))
    assert updated == created | {"name": "bob", "updated": updated["updated"]}
    assert answer(agent("delete", "bob", "--yes", "--json")) == updated
    assert answer(agent("list", "--json")) == {"schema_version": 1, "agents": []}


def test_an_empty_list_says_so(agent):
    assert agent("list").stdout == "No agents.\n"


def test_list_shows_the_agents_of_one_type(agent):
    agent("create", "--name", "alice", "--type", "chat")
    agent("create", "--name", "bob")
    names = [a["name"] for a in answer(agent("list", "--type", "CHAT", "--json"))["agents"]]
    assert names == ["alice"]


def test_show_prints_a_line_for_each_field(agent):
    agent("create", "--name", "alice", "--description", "Answers")
    lines = agent("show", "alice").stdout.splitlines()
    assert lines[:4] == [
        "name:        alice",
        "type:        batch",
        "description: Answers",
        "status:      active",
    ]
    assert [line.split(":")[0] for line in lines[4:]] == ["created", "updated"]


def test_text_from_an_agent_cannot_steer_the_terminal(agent):
    agent("create", "--name", "alice", "--description", "red\x1b[31m\nand more" + "x" * 100)
    assert "red\\x1b[31m\\nand more" in agent("show", "alice").stdout
    last = agent("list").stdout.splitlines()[-1]
    assert last.endswith("  red\\x1b[31m and more" + "x" * 37 + "...")


def test_update_changes_what_is_given(agent):
    agent("create", "--name", "alice", "--description", "old")
    words = ("--type", "chat", "--status", "inactive", "--description", "")
    assert agent("update", "alice", *words).stdout == "Updated agent alice.\n"
    record = answer(agent("show", "alice", "--json"))
    assert (record["type"], record["status"], record["description"]) == ("chat", "inactive", "")


@pytest.mark.parametrize(
    "words",
    [
        ("create",),
        ("create", "--name", "1st"),
        ("create", "--name", "bob", "--type", "a b"),
        ("create", "--name", "bob", "--description", "x" * 10_001),
        ("create", "--name", "bob", "--description", "\udcff"),
        ("list", "--type", ""),
        ("show",),
        ("update", "alice"),
        ("update", "alice", "--rename", "a/b"),
        ("update", "alice", "--status", "asleep"),
        ("delete", "alice"),  # no terminal here, and no --yes
        ("forget", "alice"),
    ],
)
def test_wrong_usage_exits_2_with_a_message_and_changes_nothing(agent, words):
    agent("create", "--name", "alice")
    before = agent("list", "--json").stdout
    result = agent(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr
    assert agent("list", "--json").stdout == before


def test_delete_without_a_terminal_names_the_way_out(agent):
    assert "give --yes" in agent("delete", "alice").stderr


@pytest.mark.parametrize(
    "words",
    [("show", "nobody"), ("update", "nobody", "--type", "x"), ("delete", "nobody", "--yes")],
)
def test_an_agent_that_does_not_exist_exits_3(agent, words):
    result = agent(*words)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "Error: There is no agent 'nobody'.\n"


def test_a_name_that_is_taken_exits_1(agent):
    agent("create", "--name", "alice")
    agent("create", "--name", "bob")
    for words in (("create", "--name", "ALICE"), ("update", "bob", "--rename", "Alice")):
        result = agent(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "There is an agent 'alice' already" in result.stderr


def test_one_agent_more_than_max_agents_exits_1(agent):
    agent("create", "--name", "a")
    agent("create", "--name", "b")
    result = agent("create", "--name", "c")
    assert result.exit_code == 1
    assert result.stderr == "Error: There are 2 agents, and max_agents allows no more.\n"


@pytest.mark.parametrize(
    "words", [("list",), ("create", "--name", "x"), ("delete", "x", "--yes"), ("show", "x")]
)
def test_an_unusable_store_exits_1_with_its_code(agent, tmp_path, words):
    (tmp_path / "agents.sqlite3").write_bytes(b"no database" * 1000)
    result = agent(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: [AITBC-S01] The agent store ")


def test_commands_of_a_plugin_that_was_cleaned_up_exit_1_with_the_code(agent, plugin):
    asyncio.run(plugin.cleanup())
    result = agent("list")
    assert result.exit_code == 1
    assert result.stderr == "Error: [AITBC-H02] plugin 'agent-cli': its store is not open.\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_json(agent, command):
    text = agent(command, "--help").stdout
    assert f"Example:\n    aitbc-hooks agent {command}" in text
    assert "--json" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_in_the_help_works(agent, command):
    example = agent(command, "--help").stdout.split("aitbc-hooks agent ")[1].split()
    if command != "create":
        agent("create", "--name", "alice")
    assert agent(*example).exit_code == 0


def test_the_documented_record_has_the_fields_of_a_real_one(agent):
    documented = json.loads(
        re.search(r"```json\n(.*?)```", README.read_text("utf-8"), re.DOTALL)[1]
    )
    real = answer(agent("create", "--name", "alice", "--json"))
    assert documented.keys() == real.keys()


def test_the_documentation_has_every_option_of_every_command(plugin):
    (group,) = plugin.get_commands()
    rows = dict(re.findall(r"^\| `(\w+) (.*?)` \|", README.read_text("utf-8"), re.MULTILINE))
    for command in group.commands.values():
        options = {option for p in command.params for option in p.opts if option.startswith("--")}
        assert set(re.findall(r"--\w+", rows.pop(command.name))) == options - {"--json"}
    assert rows == {}


@pytest.mark.parametrize(("reply", "code", "left"), [("y", 0, []), ("n", 1, ["alice"])])
def test_delete_asks_on_a_terminal_and_obeys(agent, tmp_path, reply, code, left):
    agent("create", "--name", "alice")
    script = (
        "import sys; sys.path[:0] = sys.argv.pop(1).split(chr(10)); "
        "from test_agent_cli_commands import asyncio, make_plugin; "
        "plugin = make_plugin(sys.argv.pop(1)); asyncio.run(plugin.initialize()); "
        "plugin.get_commands()[0].main(['delete', 'ALICE', '--json'])"
    )
    paths = "\n".join([str(Path(__file__).parent), *filter(None, sys.path)])
    terminal, stdin = pty.openpty()
    try:
        os.write(terminal, f"{reply}\n".encode())
        result = subprocess.run(
            [sys.executable, "-c", script, paths, str(tmp_path)],
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        os.close(terminal)
        os.close(stdin)
    assert result.returncode == code, result.stderr
    assert "Delete agent alice? [y/N]:" in result.stderr
    assert (json.loads(result.stdout)["name"] == "alice") if code == 0 else not result.stdout
    assert [a["name"] for a in answer(agent("list", "--json"))["agents"]] == left
