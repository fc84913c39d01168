"""`aitbc-hooks run --watch`, as a process, with files that are really edited."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import time

import pytest
from e2e_host import PLUGIN


def edition(number, body=PLUGIN):
    """Return a source that tells its edition when it starts; all of one size."""
    return body.replace('note("start")', f'note("start {number}")')


@pytest.fixture
def folder(home):
    home.plugin("first", edition(1))
    home.enable("first")
    return home.path / "plugins" / "first"


def write(folder, text, name="plugin.py"):
    (folder / name).write_text(f"NAME = 'first'\n{text}" if name == "plugin.py" else text)


def test_a_plugin_that_is_edited_is_reloaded_and_one_line_says_so(home, folder):
    home.plugin("other")
    home.enable("first", "other")
    process = home.start("run", "--watch")
    home.wait_for("other start")
    process.wait_out("other ")
    write(folder, edition(2))
    process.wait_out("first: reloaded in ")
    home.wait_for("first start 2")
    status, out, err = process.finish(signal.SIGINT)
    assert status == 0, err
    assert out.count("reloaded in") == 1
    assert "Traceback" not in err
    calls = [line for line in home.journal() if line.startswith("first ")]
    swap = ["first stop", "first initialize", "first start 2", "first cleanup"]
    assert calls == ["first initialize", "first start 1", *swap, "first stop", "first cleanup"]
    others = [line for line in home.journal() if line.startswith("other ")]
    assert others.count("other start") == 2, "it needs the first"
    assert others.count("other initialize") == 1


def test_code_that_fails_keeps_the_old_one_until_it_is_mended(home, folder):
    process = home.start("run", "--watch", "--json")
    process.wait_out('"event": "started"')
    write(folder, "def (")
    process.wait_out('"event": "reloaded"')
    write(folder, edition(2).replace("return True", "return False", 1))
    process.wait_out("initialize(): expected True, got False")
    write(folder, edition(3))
    home.wait_for("first start 3")
    process.wait_out('"failure": null}')
    _, out, err = process.finish(signal.SIGINT)
    events = [json.loads(line) for line in out.splitlines()]
    reloads = [event for event in events if event["event"] == "reloaded"]
    codes = [event["failure"] and event["failure"]["code"] for event in reloads]
    assert codes == ["AITBC-L11", "AITBC-L11", None]
    assert "the old one goes on: [AITBC-P02]" in reloads[0]["failure"]["message"]
    assert "[AITBC-L11] plugin 'first'" in err
    starts = [line for line in home.journal() if "start" in line]
    assert starts == ["first start 1", "first start 1", "first start 3"]


def test_a_plugin_that_could_not_be_started_is_started_once_it_is_mended(home, folder):
    write(folder, "raise RuntimeError('unfinished')")
    process = home.start("run", "--watch")
    process.wait_out("No plugin is active")
    write(folder, edition(2))
    home.wait_for("first start 2")
    process.wait_out("first: reloaded in ")
    assert process.finish(signal.SIGINT)[0] == 0


def test_schema_and_manifest_count_and_other_files_do_not(home, folder):
    process = home.start("run", "--watch")
    process.wait_out("first ")
    for name in ("notes.txt", "data.json", ".hidden.pyc"):
        write(folder, "x", name)
    (folder / ".git").mkdir()
    write(folder / ".git", "x = 1", "hook.py")
    write(folder, '{"required": ["key"]}', "config_schema.json")
    process.wait_out("the old one goes on: [AITBC-C08]")
    write(folder, "{}", "config_schema.json")
    process.wait_out("reloaded in")
    write(folder, '[plugin]\nname = "first"\nentry = "second"\n', "plugin.toml")
    process.wait_out("the old one goes on: [AITBC-P02]")
    _, out, _ = process.finish(signal.SIGINT)
    assert out.count("reloaded in") == 1
    assert out.count("the old one goes on") == 2


def test_a_folder_that_vanishes_and_comes_back_ends_nothing(home, folder):
    process = home.start("run", "--watch")
    process.wait_out("first ")
    shutil.move(folder, home.path / "away")
    process.wait_out("the old one goes on: [AITBC-P06]")
    shutil.move(home.path / "away", folder)
    write(folder, edition(2))
    home.wait_for("first start 2")
    process.wait_out("reloaded in")
    assert process.finish(signal.SIGINT)[0] == 0


def test_without_watch_nothing_is_reloaded(home, folder):
    process = home.start("run")
    process.wait_out("first ")
    write(folder, edition(2))
    home.call("list")  # takes longer than a reload
    process.finish(signal.SIGINT)
    assert [line for line in home.journal() if "start" in line] == ["first start 1"]


def test_on_a_terminal_the_line_stands_above_the_table(home, folder, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    process = home.spawn("run", "--watch", stdout=theirs, stderr=theirs)
    os.close(theirs)
    _read(ours, "Ctrl-C stops the host.")
    write(folder, edition(2))
    screen = _read(ours, "reloaded in ")
    assert "\x1b[J" in screen
    _read(ours, "Ctrl-C stops the host.")
    process.send_signal(signal.SIGINT)
    _read(ours, "Stopped.")
    assert process.wait(20) == 0
    os.close(ours)


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
