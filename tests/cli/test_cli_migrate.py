"""``aitbc-hooks migrate``: what it says, and what it does."""

from __future__ import annotations

import json
from pathlib import Path

OLD = """\
from aitbc_hooks.interfaces import BasePlugin


class Old(BasePlugin):
    async def start(self):
        self.status = None
        self.items = []
"""
NEW = OLD.replace("aitbc_hooks.interfaces", "aitbc.plugins") + "        return True\n"


def put(text, name="old/plugin.py"):
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_it_says_what_is_needed_and_changes_nothing(cli):
    path = put(OLD)
    done = cli("migrate", "old")
    assert done.status == 1
    lines = done.out.splitlines()
    first, second, third = [line for line in lines if line.startswith("old")]
    assert first == (
        "old/plugin.py:1: from aitbc_hooks.interfaces import …: import from aitbc.plugins. "
        "[import-path, mechanical]"
    )
    assert second == (
        "old/plugin.py:5: Old.start() returns nothing: end it with `return True`. "
        "[return-true, mechanical]"
    )
    assert third == (
        "old/plugin.py:6: Old assigns self.status: take the line away. [status, by hand]"
    )
    assert lines[-1] == "3 findings, 2 of them mechanical."
    assert path.read_text("utf-8") == OLD


def test_it_shows_a_diff_writes_and_says_what_is_left(cli):
    path = put(OLD)
    done = cli("migrate", "old", "--write")
    assert done.status == 1
    _, _, after = done.out.partition("3 findings, 2 of them mechanical.\n")
    assert after.startswith("--- old/plugin.py\n+++ old/plugin.py\n@@ ")
    assert "\n-from aitbc_hooks.interfaces import BasePlugin\n" in after
    assert "\n+        return True\n" in after
    assert after.endswith(
        "old/plugin.py is written; old/plugin.py.bak has what stood there before.\n"
        "1 finding left to do by hand.\n"
    )
    assert path.read_text("utf-8") == NEW
    assert Path("old/plugin.py.bak").read_text("utf-8") == OLD
    again = cli("migrate", "old", "--write")
    assert again.status == 1
    assert "---" not in again.out
    assert path.read_text("utf-8") == NEW


def test_when_nothing_is_left_the_status_is_0(cli):
    put("from aitbc_hooks.interfaces import BasePlugin\n")
    assert cli("migrate", "old").status == 1
    assert cli("migrate", "old", "--write").status == 0
    done = cli("migrate", "old")
    assert (done.status, done.out) == (0, "Nothing needs to be done.\n")


def test_it_prints_json(cli):
    put(OLD)
    done = cli("migrate", "old", "--write", "--json")
    record = json.loads(done.out)
    assert record["backups"] == {"old/plugin.py": "old/plugin.py.bak"}
    (finding,) = record["findings"]
    assert finding["rule"] == "status"
    assert (finding["file"], finding["line"], finding["mechanical"]) == ("old/plugin.py", 6, False)
    assert finding["what"]
    assert finding["why"]


def test_a_configuration_is_brought_up_to_date_and_accepted(cli):
    put("pluginPaths: []\nplugins:\n  agent_cli: {enabled: 'yes'}\n", "aitbc.yaml")
    assert cli("config", "validate", "aitbc.yaml").status == 4
    assert cli("migrate", "aitbc.yaml", "--write").status == 0
    assert cli("config", "validate", "aitbc.yaml").status == 0
    text = Path("aitbc.yaml").read_text("utf-8")
    assert text == "plugin_paths: []\nplugins:\n  agent-cli: {enabled: true}\n"


def test_a_path_that_is_not_there_is_wrong_usage(cli):
    assert cli("migrate", "nowhere").status == 2
