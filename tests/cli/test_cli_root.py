"""Help, global options, colours, unknown commands."""

from __future__ import annotations

import os

import pytest

from aitbc_hooks.cli.exits import Status, describe_error, status_of
from aitbc_hooks.cli.offers import DEFAULT_ENABLED
from aitbc_hooks.cli.root import COMMANDS, root
from aitbc_hooks.cli.session import wants_color
from aitbc_hooks.config import load_config
from aitbc_hooks.errors import (
    AitbcError,
    ConfigError,
    DependencyError,
    LifecycleError,
    PluginNotFoundError,
)


def test_help_names_every_command_the_plugins_commands_and_the_configuration(cli):
    done = cli("--help")
    assert done.status == 0
    for name, (_, text) in COMMANDS.items():
        assert f"  {name}" in done.out
        assert text in done.out
    assert "Commands of plugins:\n  agent  Agent management commands" in done.out
    assert "The embedded default." in done.out


def test_help_says_which_configuration_was_found_and_why(cli, tmp_path, monkeypatch):
    (tmp_path / "aitbc.yaml").write_text("plugins: {}\n")
    found = cli("--help").out
    assert "aitbc.yaml\n" in found
    assert "It was found in the working directory." in found
    assert "agent  " not in found, "nothing is enabled there"
    monkeypatch.setenv("AITBC_CONFIG", str(tmp_path / "aitbc.yaml"))
    assert "It is named by AITBC_CONFIG." in cli("--help").out
    assert "It is named on the command line." in cli("--config", "other.toml", "--help").out


@pytest.mark.parametrize(
    ("text", "args", "mounted"),
    [
        ("plugins: {agent-cli: {enabled: true}}", (), True),
        ("plugins: {agent-cli: {enabled: false}}", (), False),
        ("plugins: {}", ("--set", "plugins.agent-cli.enabled=true"), True),
        ("plugins: {AGENT-cli: {enabled: true}}", ("-p", "no:agent-CLI"), False),
        ("plugins: [agent-cli]", (), False),
    ],
)
def test_help_has_the_commands_of_enabled_plugins_only(cli, tmp_path, text, args, mounted):
    (tmp_path / "aitbc.yaml").write_text(text)
    assert ("Commands of plugins" in cli(*args, "--help").out) is mounted


def test_help_finds_plugins_in_the_configured_folders(cli, tmp_path):
    folder = tmp_path / "here" / "greeter"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(
        '[plugin]\nname = "greeter"\n[plugin.commands]\nhi = "Hi."\n'
    )
    text = 'auto_load = true\nplugin_paths = ["${HOME}/here", "${UNSET_ONE}"]\n'
    (tmp_path / "aitbc.toml").write_text(text + "[plugins.greeter]\nenabled = true\n")
    assert "  hi  Hi." in cli("--help").out


def test_help_works_with_a_configuration_that_cannot_be_read(cli, tmp_path):
    (tmp_path / "aitbc.yaml").write_text("plugins: {\n")
    done = cli("--help")
    assert done.status == 0
    assert "It cannot be read; aitbc-hooks config validate says why." in done.out


def test_what_the_default_configuration_enables_is_what_help_takes_for_granted(cli):
    enabled = {name for name, block in load_config().plugins.items() if block.enabled}
    assert enabled == DEFAULT_ENABLED


def test_an_unknown_command_is_wrong_usage_and_the_nearest_is_named(cli):
    for typed, meant in (("lits", "list"), ("agnt", "agent")):
        done = cli(typed)
        assert done.status == 2
        assert f"No such command {typed!r}. Did you mean {meant!r}?" in done.err


@pytest.mark.parametrize(
    "args", [("--bogus",), ("info",), ("--color", "blue", "list"), ("-p", "no:", "list")]
)
def test_wrong_usage_is_status_2(cli, args):
    assert cli(*args).status == 2


def test_global_options_may_stand_after_the_command_too(cli, tmp_path):
    path = tmp_path / "other.yaml"
    path.write_text("plugins: {bitcoin-integration: {enabled: true}}\n")
    for args in (("--config", str(path), "list"), ("list", "--config", str(path))):
        assert "bitcoin-integration" in cli(*args).out
        assert "agent-cli" not in cli(*args).out
    both = cli("--set", "health_check_interval=5", "config", "show", "--set", "auto_load=false")
    assert "health_check_interval: 5" in both.out
    assert "auto_load: false" in both.out


def test_blocking_a_plugin_that_is_not_known_is_warned_of(cli):
    done = cli("-p", "no:agent-clu", "list")
    assert done.status == 0
    assert done.err.count("Warning: -p no:agent-clu blocks nothing") == 1
    assert "Did you mean 'agent-cli'?" in done.err
    assert cli("-p", "no:Agent-CLI", "list").err == ""


def test_the_beginning_of_a_plugins_name_is_enough_for_a_suggestion(cli):
    done = cli("info", "bitcoin")
    assert done.status == Status.NOT_FOUND
    assert "Did you mean 'bitcoin-integration'?" in done.err


def test_whether_a_configuration_can_be_read_is_found_by_reading_it(cli, tmp_path, monkeypatch):
    (tmp_path / "aitbc.yaml").write_text("plugins: {}\nx: 1\n")
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    assert cli("--config", "aitbc.yaml", "list").status == Status.CONFIG
    assert cli("run", "aitbc.yaml").status == Status.CONFIG


def test_p_blocks_and_adds_plugins(cli):
    assert "agent-cli" not in cli("-p", "no:agent-cli", "list").out
    assert "command line" in cli("-p", "some.module", "list").out


@pytest.mark.parametrize(
    ("choice", "environ", "wanted"),
    [
        ("auto", {}, None),
        ("auto", {"NO_COLOR": "1"}, False),
        ("auto", {"NO_COLOR": ""}, None),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_the_option_comes_before_no_color_and_that_before_force_color(choice, environ, wanted):
    assert wants_color(choice, environ) is wanted


def test_errors_are_coloured_when_colours_are_wanted(cli, monkeypatch):
    assert "\x1b" not in cli("info", "nobody").err
    assert "\x1b[31m" in cli("--color", "always", "info", "nobody").err
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31m" in cli("info", "nobody").err
    assert "\x1b" not in cli("--color", "never", "info", "nobody").err


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AitbcError("x"), Status.FAILED),
        (LifecycleError("x"), Status.FAILED),
        (PluginNotFoundError("x"), Status.NOT_FOUND),
        (ConfigError("x"), Status.CONFIG),
        (DependencyError("x"), Status.UNSATISFIED),
    ],
)
def test_the_class_of_an_error_gives_the_exit_status(error, status):
    assert status_of(error) is status
    assert describe_error(error).startswith(f"Error: [{error.code}]")


def test_a_known_error_has_a_traceback_only_when_asked_for(cli):
    assert "Traceback" not in cli("info", "nobody").err
    assert "Traceback" in cli("-v", "info", "nobody").err


def test_shell_completion_knows_plugins_commands(cli, monkeypatch):
    monkeypatch.setenv("_AITBC_HOOKS_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "aitbc-hooks a")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert cli().out == "plain,agent\n"


def test_every_command_has_help(cli):
    def walk(command, path):
        done = cli(*path, "--help")
        assert done.status == 0
        assert done.out.startswith(f"Usage: {' '.join(['aitbc-hooks', *path])} ")
        for name, sub in getattr(command, "commands", {}).items():
            walk(sub, [*path, name])

    for name in COMMANDS:
        walk(root.get_command(None, name), [name])
