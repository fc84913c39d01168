"""`aitbc-hooks run`, as a process."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest
from e2e_host import PLUGIN

REVERSE = ["second stop", "second cleanup", "first stop", "first cleanup"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_and_unloads_everything_in_reverse_order_with_status_0(home, number):
    home.plugin("first")
    home.plugin("second")
    home.enable("first", "second")
    process = home.start("run", "aitbc.yaml")
    home.wait_for("second start")
    status, out, err = process.finish(number)
    assert status == 0, err
    started = ["first start", "second start"]
    assert [line for line in home.journal() if "start" in line] == started
    assert [line for line in home.journal() if "stop" in line or "cleanup" in line] == REVERSE
    assert out.splitlines()[-1] == "Stopped."
    assert "Traceback" not in err


def test_without_a_terminal_a_table_comes_first_and_then_a_line_for_each_change(home):
    home.plugin("first")
    home.plugin("broken", "raise RuntimeError('no')\n")
    home.enable("first", "broken")
    process = home.start("run")
    process.wait_out("broken ")
    _, out, err = process.finish(signal.SIGINT)
    lines = out.splitlines()
    assert lines[0] == f"Starting the host on {home.path / 'aitbc.yaml'}."
    assert lines[1].split() == ["NAME", "VERSION", "STATUS", "HEALTH", "SINCE", "REASON"]
    rows = {line.split()[0]: line for line in lines[2:4]}
    assert rows["first"].split()[2] == "ACTIVE"
    assert rows["broken"].split()[2] == "ERROR"
    assert "[AITBC-P02]" in rows["broken"]
    assert lines.index("Stopping.") > 3
    assert any(line.endswith("first: ACTIVE -> INACTIVE") for line in lines)
    assert "\x1b" not in out + err
    assert "[AITBC-P02] plugin 'broken'" in err


def test_json_is_one_document_in_a_line_for_each_change_and_nothing_else_on_stdout(home):
    home.plugin("first")
    home.enable("first", extra="health_check_interval: 1\n")
    process = home.start("run", "--json")
    process.wait_out('"event": "health"')
    _, out, _ = process.finish(signal.SIGINT)
    events = [json.loads(line) for line in out.splitlines()]
    assert {event["schema_version"] for event in events} == {1}
    moves = [(e["old"], e["new"]) for e in events if e["event"] == "transition"]
    assert moves == [
        ("unloaded", "loading"),
        ("loading", "loaded"),
        ("loaded", "active"),
        ("active", "inactive"),
        ("inactive", "unloading"),
        ("unloading", "unloaded"),
    ]
    (started,) = [event for event in events if event["event"] == "started"]
    assert [(p["name"], p["status"]) for p in started["plugins"]] == [("first", "active")]
    assert events[-1]["event"] == "stopped"


def test_a_failure_stands_in_the_json_with_its_code(home):
    home.plugin("liar", PLUGIN.replace("return True", "return 1", 1))
    home.enable("liar")
    process = home.start("run", "--json")
    process.wait_out('"event": "started"')
    _, out, _ = process.finish(signal.SIGINT)
    failures = [e for e in map(json.loads, out.splitlines()) if e["event"] == "failure"]
    assert [(e["plugin"], e["code"], e["method"]) for e in failures] == [
        ("liar", "AITBC-L03", "initialize")
    ]


def _on_a_terminal(home, *args, **options):
    ours, theirs = pty.openpty()
    process = home.spawn(*args, stdout=theirs, stderr=theirs, **options)
    os.close(theirs)
    return process, ours


def _read(descriptor, until, seconds=30):
    os.set_blocking(descriptor, False)
    text, end = "", time.monotonic() + seconds
    while until not in text:
        assert time.monotonic() < end, text
        try:
            text += os.read(descriptor, 65536).decode(errors="replace")
        except BlockingIOError:
            time.sleep(0.02)
    return text


def test_on_a_terminal_the_table_is_redrawn_in_its_place_below_the_log(home, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    body = PLUGIN.replace('note("start")', 'note("start"); log("hello from first")').replace(
        "def note",
        "import logging\ndef log(text): logging.getLogger('aitbc.plugins.first').info(text)\n\ndef note",
    )
    home.plugin("first", body)
    home.enable("first")
    process, ours = _on_a_terminal(home, "run")
    screen = _read(ours, "Ctrl-C stops the host.")
    assert "hello from first" in screen
    assert "\x1b[J" in screen
    process.send_signal(signal.SIGINT)
    rest = _read(ours, "Stopped.")
    assert "\x1b[3F\x1b[J" in rest, "three lines up: headings, one plugin, the last line"
    assert "UNLOADED" in rest
    assert process.wait(20) == 0
    os.close(ours)


def test_no_color_leaves_colours_out_on_a_terminal(home, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    home.plugin("first")
    home.enable("first")
    for option, colored in (("never", False), ("always", True)):
        process, ours = _on_a_terminal(home, "--color", option, "run")
        screen = _read(ours, "Ctrl-C stops the host.")
        assert ("\x1b[32mACTIVE" in screen) is colored
        process.send_signal(signal.SIGINT)
        _read(ours, "Stopped.")
        process.wait(20)
        os.close(ours)


def test_a_second_signal_within_the_stop_leaves_at_once_with_status_130(home):
    home.plugin("slow", PLUGIN.replace('note("stop")', 'note("stop"); await asyncio.sleep(25)'))
    home.enable("slow")
    process = home.start("run")
    home.wait_for("slow start")
    process.process.send_signal(signal.SIGINT)
    home.wait_for("slow stop")
    begun = time.monotonic()
    status, _, err = process.finish(signal.SIGINT)
    assert status == 130
    assert "Forced to leave" in err
    assert time.monotonic() - begun < 20, "it did not wait for the plugin"
    assert "slow cleanup" not in home.journal()


def test_a_second_signal_leaves_even_while_a_plugin_blocks_the_loop(home):
    body = PLUGIN.replace('note("stop")', 'note("stop"); __import__("time").sleep(25)')
    home.plugin("blocking", body)
    home.enable("blocking")
    process = home.start("run")
    home.wait_for("blocking start")
    process.process.send_signal(signal.SIGTERM)
    home.wait_for("blocking stop")
    status, _, _ = process.finish(signal.SIGTERM)
    assert status == 130


def test_a_signal_during_the_start_ends_the_start_and_unloads_what_was_loaded(home):
    home.plugin("slow", PLUGIN.replace('note("start")', 'note("start"); await asyncio.sleep(25)'))
    home.enable("slow")
    process = home.start("run")
    home.wait_for("slow start")
    status, _, err = process.finish(signal.SIGINT)
    assert status == 0, err
    assert home.journal()[-1] == "slow cleanup"
    assert "Traceback" not in err


def test_a_task_that_ignores_its_cancellation_does_not_hold_up_the_exit(home):
    stubborn = """
async def never():
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass
"""
    body = PLUGIN.replace(
        'note("start")', 'globals().update(task=asyncio.create_task(never())); note("start")'
    )
    home.plugin("stubborn", stubborn + body)
    home.plugin("other")
    home.enable("stubborn", "other")
    process = home.start("run")
    home.wait_for("other start")
    status, out, err = process.finish(signal.SIGINT)
    assert status == 0, err
    assert "Stopped." in out
    assert "[AITBC-L10] plugin 'stubborn'" in err
    assert "Leaving without: task" in err


def test_a_thread_that_never_ends_does_not_hold_up_the_exit(home):
    body = PLUGIN.replace(
        'note("start")',
        'import threading; threading.Thread(target=threading.Event().wait, name="mine").start()\n'
        '    note("start")',
    )
    home.plugin("threaded", body)
    home.enable("threaded")
    process = home.start("run")
    home.wait_for("threaded start")
    status, _, err = process.finish(signal.SIGINT)
    assert status == 0, err
    assert "Leaving without: thread mine." in err


def test_a_plugin_that_calls_sys_exit_at_import_stops_nothing_else(home):
    home.plugin("quitter", "import sys\nsys.exit(7)\n")
    home.plugin("first")
    home.config(
        "plugins: {quitter: {enabled: true}, first: {enabled: true}}\nplugin_paths: [plugins]\n"
    )
    process = home.start("run")
    home.wait_for("first start")
    status, _, err = process.finish(signal.SIGINT)
    assert status == 0
    assert "[AITBC-P02] plugin 'quitter'" in err
    assert "first cleanup" in home.journal()


def test_a_host_without_an_active_plugin_says_so_and_runs(home):
    home.config("plugins: {}\n")
    process = home.start("run")
    process.wait_out("No plugin is active; the host runs all the same.")
    status, _, _ = process.finish(signal.SIGINT)
    assert status == 0


def test_an_invalid_configuration_is_status_4_with_every_problem_and_its_place(home):
    home.config("plugins:\n  first:\n    enabled: maybe\n    priorty: 3\nauto_lod: true\n")
    done = home.call("run", "aitbc.yaml")
    assert done.returncode == 4
    assert done.stdout == ""
    assert "Error: 3 problems in the configuration:" in done.stderr
    assert "aitbc.yaml:3:5: " in done.stderr
    assert "did you mean 'priority'" in done.stderr
    assert "Traceback" not in done.stderr


def test_when_the_reader_of_stdout_goes_the_host_stops_quietly(home):
    home.plugin("first")
    home.enable("first")
    process = home.spawn("run", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(30) == 0
    err = process.stderr.read()
    process.stderr.close()
    assert "Broken" not in err
    assert "Traceback" not in err
    assert home.journal()[-1] == "first cleanup"


def test_a_module_named_with_p_lives_the_same_lifecycle_and_no_blocks_a_plugin(home):
    home.module("pressed_in", "NAME = 'pressed-in'\n" + PLUGIN)
    home.plugin("first")
    home.enable("first")
    process = home.start("run", "-p", "pressed_in", "-p", "no:first")
    home.wait_for("pressed-in start")
    status, out, _ = process.finish(signal.SIGINT)
    assert status == 0
    assert home.journal()[-1] == "pressed-in cleanup"
    assert not any(line.startswith("first ") for line in home.journal())
    assert "first" not in out


def test_a_plugin_announced_as_an_entry_point_lives_the_same_lifecycle(home):
    home.module("announced", "NAME = 'announced-plugin'\n" + PLUGIN)
    info = home.path / "modules" / "announced-1.2.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: announced\nVersion: 1.2.3\n")
    (info / "entry_points.txt").write_text("[aitbc.plugins]\nannounced-plugin = announced\n")
    home.config("plugins: {announced-plugin: {enabled: true}}\n")
    process = home.start("run")
    process.wait_out("announced-plugin  1.2.3")
    status, out, _ = process.finish(signal.SIGINT)
    assert status == 0
    assert home.journal()[-1] == "announced-plugin cleanup"
    assert "announced-plugin  1.2.3" in out


def test_secrets_of_the_configuration_are_masked_in_logs(home):
    body = PLUGIN.replace(
        'note("start")',
        "import logging; logging.getLogger('aitbc.plugins.first').warning('with hunter2hunter2')\n"
        '    note("start")',
    )
    home.plugin("first", body)
    home.config(
        "plugins: {first: {enabled: true, config: {password: hunter2hunter2}}}\n"
        "plugin_paths: [plugins]\n"
    )
    process = home.start("run")
    home.wait_for("first start")
    _, _, err = process.finish(signal.SIGINT)
    assert "with **********" in err
    assert "hunter2" not in err


PRINTING = PLUGIN.replace(
    'note("start")',
    """note("start")
    import logging, os, subprocess, sys, warnings
    print("first half,", end=" ")
    print("second half of hunter2hunter2")
    sys.stderr.write("on stderr\\n\\x1b[2J\\asteering")
    subprocess.run(["echo", "from a child"], stdout=sys.stdout, check=True)
    sys.stdout.buffer.write(b"bytes\\n")
    logging.getLogger("lib").warning("key %s", "hunter2hunter2")
    warnings.simplefilter("always"); warnings.warn("old")
    print("no end", end="")""",
)


def _printing(home):
    home.plugin("first", PRINTING)
    home.config(
        "plugins: {first: {enabled: true, config: {password: hunter2hunter2}}}\n"
        "plugin_paths: [plugins]\n"
    )


def test_what_plugins_print_and_other_libraries_log_goes_to_the_log_in_whole_lines(home):
    _printing(home)
    process = home.start("run", "--json")
    process.wait_out('"event": "started"')
    _, out, err = process.finish(signal.SIGINT)
    assert [json.loads(line)["event"] for line in out.splitlines()][-1] == "stopped"
    lines = err.splitlines()
    for line in ("first half, second half of **********", "on stderr", "from a child", "no end"):
        assert line in lines
    assert r"\x07steeringbytes" in lines
    assert any(line.endswith("WARNING lib: key **********") for line in lines)
    assert "WARNING py.warnings: " in err
    assert "hunter2" not in out + err


def test_what_plugins_print_stands_above_the_live_table(home, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    _printing(home)
    process, ours = _on_a_terminal(home, "run")
    screen = _read(ours, "Ctrl-C stops the host.")
    assert "\x1b[Jfirst half, second half of **********\r\nNAME " in screen
    process.send_signal(signal.SIGINT)
    assert "no end\r\n" in screen + _read(ours, "Stopped.") + _rest(ours)
    process.wait(20)
    os.close(ours)


def _rest(descriptor, seconds=20):
    text, end = "", time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            text += os.read(descriptor, 65536).decode(errors="replace")
        except BlockingIOError:
            time.sleep(0.02)
        except OSError:
            break  # the other end is closed
    return text


def test_a_stdout_that_is_full_ends_the_host_properly_with_status_1(home):
    home.plugin("first")
    home.enable("first")
    with Path("/dev/full").open("w") as full:
        process = home.spawn("run", stdout=full, stderr=subprocess.PIPE)
        _, err = process.communicate(timeout=40)
    assert process.returncode == 1
    assert err.splitlines()[-1] == (
        "Error: [AITBC-S02] stdout cannot be written: No space left on device."
    )
    assert "Traceback" not in err
    if home.journal():
        assert home.journal()[-1] == "first cleanup"


ABSENT = "plugins: {agent-cl: {enabled: true}, empty: {enabled: true}, gone: {enabled: true}}\n"


def test_what_is_enabled_and_not_there_has_a_row_with_the_reason(home):
    (home.path / "plugins" / "empty").mkdir(parents=True)
    (home.path / "plugins" / "empty" / "plugin.toml").write_text("[plugin\n")
    home.config(ABSENT + "plugin_paths: [plugins]\n")
    process = home.start("run", "-p", "no:gone")
    process.wait_out("No plugin is active")
    _, out, err = process.finish(signal.SIGINT)
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert "UNKNOWN" in rows["agent-cl"]
    assert "[AITBC-P01] no plugin of that name is known. Did you mean 'agent-cli'?" in out
    assert "PASSED OVER" in rows["empty"]
    assert "[AITBC-P09]" in rows["empty"]
    assert "gone" not in rows, "it is blocked"
    assert "no:gone" not in err, "the configuration knows it"
    process = home.start("run", "--json", "-p", "no:gone")
    process.wait_out('"event": "started"')
    _, out, _ = process.finish(signal.SIGINT)
    (started,) = [e for e in map(json.loads, out.splitlines()) if e["event"] == "started"]
    said = [(p["name"], p["status"], p["failure"]["code"]) for p in started["absent"]]
    assert said == [("agent-cl", "unknown", "AITBC-P01"), ("empty", "passed over", "AITBC-P09")]


def test_a_reason_is_one_line_with_all_problems_of_a_configuration_and_each_code_once(home):
    home.config(
        "plugins: {agent-cli: {enabled: true, config: {max_agents: x, default_agent_type: 3}}}\n"
    )
    process = home.start("run")
    process.wait_out("No plugin is active")
    _, out, _ = process.finish(signal.SIGINT)
    (row,) = [line for line in out.splitlines() if line.startswith("agent-cli ")]
    assert row.count("AITBC-C08") == 1
    assert "; " in row


def test_a_terminal_that_has_no_ellipsis_shows_dots_and_keeps_the_width(home, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    home.plugin("first", "raise RuntimeError('☕ ' * 30)\n")
    home.enable("first")
    process, ours = _on_a_terminal(home, "run", environ={"COLUMNS": "40"})
    screen = _read(ours, "the host runs al...")
    assert "\\u2026" not in screen
    process.send_signal(signal.SIGINT)
    _read(ours, "Stopped.")
    process.wait(20)
    os.close(ours)
