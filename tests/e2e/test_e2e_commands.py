"""Commands that need a process of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from e2e_host import COMMAND, PLUGIN

GROUP = '''
import click
from aitbc.plugins import hookimpl

@hookimpl
def get_commands():
    @click.group("{group}")
    def group():
        """Says things."""

    @group.command()
    def hello():
        note("hello")
        click.echo("hello from {name}")

    @group.command()
    def loop():
        async def inner():
            return 7
        click.echo(asyncio.run(inner()))

    @group.command()
    def fail():
        raise click.ClickException("as it should")

    @group.command()
    def leave():
        raise SystemExit(5)

    @group.command()
    def bug():
        raise RuntimeError("a bug")

    @group.command()
    def interrupt():
        raise KeyboardInterrupt

    return [group]
'''


def _offering(home, name, group, *, manifest=True):
    toml = f'[plugin]\nname = "{name}"\n[plugin.commands]\n{group} = "Says things."\n'
    home.plugin(name, PLUGIN + GROUP.format(name=name, group=group), toml if manifest else None)


def _enable(home, *names):
    blocks = ", ".join(f"{name}: {{enabled: true}}" for name in names)
    home.config(f"plugins: {{{blocks}}}\nplugin_paths: [plugins]\n")


def test_agents_outlive_the_process_that_created_them(home):
    create = ("agent", "create", "--name")
    done = home.call(*create, "alice")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Created agent alice (chat).\n", "")
    listed = json.loads(home.call("agent", "list", "--json").stdout)
    assert [agent["name"] for agent in listed["agents"]] == ["alice"]
    assert (home.path / "data" / "aitbc-hooks" / "plugins" / "agent-cli").is_dir()
    full = home.call("--set", "plugins.agent-cli.config.max_agents=1", *create, "bob")
    assert full.stderr == "Error: There is 1 agent, and max_agents allows no more.\n"
    assert home.call("agent", "show", "bob").returncode == 3
    assert home.call("agent").returncode == 2
    assert "aitbc-hooks agent create" in home.call("agent", "create", "--help").stdout


def test_state_dir_moves_the_data(home):
    home.call("--state-dir", "elsewhere $HOME", "agent", "create", "--name", "alice")
    assert (home.path / "elsewhere $HOME" / "plugins" / "agent-cli").is_dir()


def test_a_plugins_command_runs_while_only_that_plugin_is_active(home):
    _offering(home, "talker", "talk")
    home.plugin("other")
    _enable(home, "talker", "other")
    done = home.call("talk", "hello")
    assert (done.returncode, done.stdout, done.stderr) == (0, "hello from talker\n", "")
    words = ["initialize", "start", "hello", "stop", "cleanup"]
    assert home.journal() == [f"talker {word}" for word in words]


def test_a_command_may_run_a_loop_of_its_own(home):
    _offering(home, "talker", "talk")
    _enable(home, "talker")
    assert home.call("talk", "loop").stdout == "7\n"


def test_a_plugin_is_unloaded_however_its_command_ends_and_the_status_is_the_commands(home):
    _offering(home, "talker", "talk")
    _enable(home, "talker")
    for command, status, said in (
        ("fail", 1, "Error: as it should"),
        ("leave", 5, ""),
        ("bug", 1, "[AITBC-H07] plugin 'talker': its command raised RuntimeError: a bug\n"),
        ("interrupt", 130, ""),
        ("unknown", 2, "No such command 'unknown'"),
    ):
        (home.path / "journal").unlink(missing_ok=True)
        done = home.call("talk", command)
        assert (command, done.returncode) == (command, status), done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert home.journal()[-2:] == ["talker stop", "talker cleanup"]


def test_what_a_plugins_command_raises_has_its_traceback_under_v(home):
    _offering(home, "talker", "talk")
    _enable(home, "talker")
    assert 'raise RuntimeError("a bug")' in home.call("-v", "talk", "bug").stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("word", ["start", "hello"])
def test_a_signal_during_a_plugins_command_unloads_the_plugin_and_is_the_status(home, word, number):
    _offering(home, "talker", "talk")
    path = home.path / "plugins" / "talker" / "plugin.py"
    waiting = {"start": "await asyncio.sleep(25)", "hello": "__import__('time').sleep(25)"}[word]
    path.write_text(
        path.read_text()
        .replace(f'    note("{word}")\n', f'    note("{word}"); {waiting}\n')
        .replace(f'        note("{word}")\n', f'        note("{word}"); {waiting}\n')
    )
    _enable(home, "talker")
    process = home.start("talk", "hello")
    home.wait_for(f"talker {word}")
    status, _, err = process.finish(number)
    assert (status, err) == (128 + number, "")
    assert home.journal()[-1] == "talker cleanup"


def test_a_second_signal_leaves_a_plugins_command_at_once(home):
    body = PLUGIN.replace('note("stop")', 'note("stop"); await asyncio.sleep(25)')
    manifest = '[plugin]\nname = "talker"\n[plugin.commands]\ntalk = "x"\n'
    home.plugin("talker", body + GROUP.format(name="talker", group="talk"), manifest)
    _enable(home, "talker")
    process = home.start("talk", "hello")
    home.wait_for("talker stop")
    status, _, _ = process.finish(signal.SIGTERM, signal.SIGHUP)
    assert status in {128 + signal.SIGTERM, 128 + signal.SIGHUP}
    assert "talker cleanup" not in home.journal()


def test_warnings_and_other_libraries_logs_of_a_command_are_masked_and_go_to_stderr(home):
    talk = GROUP.format(name="talker", group="talk").replace(
        'note("hello")',
        "import logging, warnings; logging.getLogger('lib').warning('key %s', 'hunter2hunter2')\n"
        "        warnings.simplefilter('always'); warnings.warn('old')",
    )
    manifest = '[plugin]\nname = "talker"\n[plugin.commands]\ntalk = "x"\n'
    home.plugin("talker", PLUGIN + talk, manifest)
    home.config(
        "plugins: {talker: {enabled: true, config: {password: hunter2hunter2}}}\n"
        "plugin_paths: [plugins]\n"
    )
    done = home.call("talk", "hello")
    assert (done.returncode, done.stdout) == (0, "hello from talker\n")
    assert "WARNING lib: key **********" in done.stderr
    assert "WARNING py.warnings: " in done.stderr
    assert "hunter2" not in done.stderr


def test_a_slip_in_a_commands_name_loads_no_plugin(home):
    _offering(home, "silent", "whisper", manifest=False)
    _enable(home, "silent", "agent-cli")
    for typed, meant in (("lst", "list"), ("agnet", "agent")):
        done = home.call(typed)
        assert done.returncode == 2
        assert f"No such command {typed!r}. Did you mean {meant!r}?" in done.stderr
    assert home.journal() == []


def test_a_disabled_plugins_command_is_no_slip_however_near_another_one_is(home):
    _offering(home, "lister", "lists")
    _enable(home, "other")
    done = home.call("lists")
    assert done.returncode == 3
    assert "[AITBC-H02] plugin 'lister'" in done.stderr


def test_the_command_of_a_blocked_plugin_says_that_it_is_blocked(home):
    for name in ("agent", "agent-cli:agent"):
        done = home.call("-p", "no:agent-cli", name, "list")
        assert done.returncode == 3
        assert "plugin 'agent-cli': it" in done.stderr
        assert "is blocked. Drop no:agent-cli." in done.stderr


def test_a_plugins_invalid_settings_are_told_on_one_line_that_has_each_code_once(home):
    home.config(
        "plugins: {agent-cli: {enabled: true, config: {max_agents: x, default_agent_type: 3}}}\n"
    )
    done = home.call("agent", "list")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.count("AITBC-C08") == 1
    assert "; " in done.stderr


@pytest.mark.parametrize(
    ("command", "unbuffered"),
    [(["list"], ""), (["list"], "1"), (["--help"], ""), (["agent", "list"], "")],
)
def test_a_stdout_that_is_full_is_one_line_and_status_1(home, command, unbuffered):
    with Path("/dev/full").open("w") as full:
        process = home.spawn(
            *command, environ={"PYTHONUNBUFFERED": unbuffered}, stdout=full, stderr=subprocess.PIPE
        )
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err == "Error: [AITBC-S02] stdout cannot be written: No space left on device.\n"


def test_a_closed_stdout_is_one_line_and_status_1(home):
    process = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *COMMAND, "list"],
        cwd=home.path,
        env=home.environ,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 1
    assert process.stderr == "Error: [AITBC-S02] stdout cannot be written: it is closed.\n"


def test_a_plugin_without_a_manifest_is_asked_only_for_names_that_no_manifest_has(home):
    _offering(home, "talker", "talk")
    _offering(home, "silent", "whisper", manifest=False)
    _enable(home, "talker", "silent")
    home.call("talk", "hello")
    assert not any(line.startswith("silent") for line in home.journal())
    done = home.call("whisper", "hello")
    assert (done.returncode, done.stdout) == (0, "hello from silent\n")


def test_a_name_that_two_plugins_offer_is_refused_and_each_can_be_named(home):
    _offering(home, "one", "talk")
    _offering(home, "two", "talk")
    _enable(home, "one", "two")
    done = home.call("talk", "hello")
    assert done.returncode == 6
    assert "[AITBC-P11]" in done.stderr
    assert "one:talk, two:talk" in done.stderr
    assert home.journal() == []
    assert home.call("two:talk", "hello").stdout == "hello from two\n"
    assert "[AITBC-P11]" in home.call("--help").stdout


def test_a_plugin_cannot_take_a_command_of_the_host(home):
    _offering(home, "taker", "list")
    _enable(home, "taker")
    done = home.call("list")
    assert "taker" in done.stdout
    assert "[AITBC-P11]" in done.stderr
    assert home.journal() == []
    assert home.call("taker:list", "hello").stdout == "hello from taker\n"


def test_a_disabled_plugins_command_says_how_to_enable_it(home):
    _offering(home, "talker", "talk")
    _enable(home, "other")
    for name in ("talk", "talker:talk"):
        done = home.call(name, "hello")
        assert done.returncode == 3
        assert "[AITBC-H02] plugin 'talker'" in done.stderr
        assert "aitbc-hooks enable talker" in done.stderr
    assert home.call("enable", "talker").returncode == 0
    assert home.call("talk", "hello").returncode == 0


def test_a_plugin_that_fails_to_load_is_one_message_and_status_1(home):
    manifest = '[plugin]\nname = "broken"\n[plugin.commands]\ntalk = "x"\n'
    home.plugin("broken", "raise RuntimeError('at import')\n", manifest)
    _enable(home, "broken")
    done = home.call("talk", "hello")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("at import") == 1
    assert done.stderr.startswith("Error: [AITBC-P02] plugin 'broken'")
    assert "Traceback" not in done.stderr
    assert "Traceback" in home.call("-v", "talk", "hello").stderr


def test_a_manifest_that_promises_a_command_too_many_is_an_error(home):
    manifest = '[plugin]\nname = "talker"\n[plugin.commands]\nsing = "x"\n'
    home.plugin("talker", PLUGIN + GROUP.format(name="talker", group="talk"), manifest)
    _enable(home, "talker")
    done = home.call("sing")
    assert done.returncode == 1
    assert "[AITBC-H01] plugin 'talker'" in done.stderr
    assert home.journal()[-1] == "talker cleanup"


def test_get_commands_has_to_return_named_click_groups(home):
    body = PLUGIN + "\n@hookimpl\ndef get_commands():\n    return ['talk']\n"
    home.plugin("talker", body, '[plugin]\nname = "talker"\n[plugin.commands]\ntalk = "x"\n')
    _enable(home, "talker")
    done = home.call("talk")
    assert done.returncode == 1
    assert "[AITBC-P08] plugin 'talker'" in done.stderr


def test_listing_help_and_info_import_no_plugin(home):
    home.plugin("first", "raise SystemExit('imported')\n")
    _enable(home, "first")
    code = (
        "import sys\n"
        "from aitbc_hooks.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit as end:\n    status = end.code\n"
        "names = [n for n in sys.modules if n.startswith(('aitbc_plugin_', 'aitbc_builtin'))]\n"
        "assert not names, names\n"
        "heavy = {'pluggy', 'jsonschema', 'cattrs', 'asyncio', 'aitbc_hooks.manager'}\n"
        "assert sys.argv[1] != '--help' or not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "sys.exit(status)\n"
    )
    for command in (["list"], ["list", "--all", "--json"], ["info", "first"], ["--help"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *command],
            cwd=home.path,
            env=home.environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""


def test_a_reader_that_goes_away_is_no_error(home):
    process = home.spawn("config", "schema", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")


def test_names_that_the_terminal_cannot_write_are_escaped(home):
    home.config("plugins: {agent-cli: {enabled: true, config: {default_agent_type: '☕'}}}\n")
    done = home.call("config", "show", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert "\\u2615" in done.stdout


def test_a_stubborn_task_does_not_hold_up_a_command_either(home):
    stubborn = """
async def never():
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass
"""
    body = stubborn + PLUGIN.replace(
        'note("start")', "globals().update(t=asyncio.create_task(never()))"
    )
    manifest = '[plugin]\nname = "talker"\n[plugin.commands]\ntalk = "x"\n'
    home.plugin("talker", body + GROUP.format(name="talker", group="talk"), manifest)
    _enable(home, "talker")
    done = home.call("talk", "hello")
    assert (done.returncode, done.stdout) == (0, "hello from talker\n")
    assert "Leaving without: task" in done.stderr


def test_python_m_and_the_version(home):
    assert COMMAND[-2:] == ["-m", "aitbc_hooks"]
    assert home.call("--version").stdout.startswith("aitbc-hooks, version ")
