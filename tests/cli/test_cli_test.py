"""``aitbc-hooks test``, as its users call it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from importlib import resources

import jsonschema
import pytest

from aitbc_hooks.cli import main

SOUND = """\
from aitbc_hooks.testing.kit.sound import Sound


class Mine(Sound):
    pass
"""
SILENT = SOUND.replace("    pass\n", "    async def start(self):\n        self.on = True\n")


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text):
        folder = tmp_path / "mine"
        folder.mkdir()
        (folder / "plugin.py").write_text(text, "utf-8")
        return "mine"

    return write


def run(*args):
    with pytest.raises(SystemExit) as ended:
        main(["test", *args, "--examples", "5"])
    return ended.value.code


def test_a_conformant_plugin_ends_with_0_and_says_so_last(mine, capfd):
    assert run(mine(SOUND)) == 0
    assert capfd.readouterr().out.splitlines()[-1] == "Mine: CONFORMANT"


def test_a_plugin_that_is_not_ends_with_1_and_a_program_that_shows_it(mine, capfd, tmp_path):
    assert run(mine(SILENT)) == 1
    out = capfd.readouterr().out
    assert "expected True, got None" in " ".join(out.split())
    assert "plugin = find_plugin('mine')" in out
    assert out.splitlines()[-1] == "Mine: NON-CONFORMANT"


def test_a_spent_budget_ends_with_8(mine):
    assert run(mine(SOUND), "--budget", "0") == 8


def test_json_is_as_its_schema_describes_it(mine, capfd):
    assert run(mine(SOUND), "--json") == 0
    document = json.loads(capfd.readouterr().out)
    schema = resources.files("aitbc_hooks.testing.kit").joinpath("report.schema.json")
    jsonschema.validate(document, json.loads(schema.read_text("utf-8")))
    assert document["verdict"] == "CONFORMANT"


def test_reports_are_written_in_the_form_of_their_suffix(mine, tmp_path):
    assert (
        run(mine(SOUND), *(x for n in ("r.json", "j.xml", "b.svg") for x in ("--report", n))) == 0
    )
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["plugin"] == "Mine"
    assert ET.parse(tmp_path / "j.xml").getroot().tag == "testsuites"
    assert "aitbc" in (tmp_path / "b.svg").read_text("utf-8")


def test_a_form_that_there_is_not_is_refused_before_anything_runs(mine, capfd):
    assert run(mine(SOUND), "--report", "report.pdf") == 2
    assert "expected one of .json, .xml, .svg, .txt" in capfd.readouterr().err


def test_a_plugin_that_is_not_there_is_not_found(capfd):
    assert run("./nowhere") == 3
    assert "does not exist" in capfd.readouterr().err


def test_settings_are_read_from_a_file(mine, tmp_path):
    (tmp_path / "settings.yaml").write_text("port: 1\n", "utf-8")
    needs = SOUND.replace(
        "    pass\n",
        "    async def start(self):\n        return self.context.config['port'] == 1\n",
    )
    assert run(mine(needs), "--settings", "settings.yaml") == 0


def test_a_plugin_of_the_configured_folders_is_found_by_its_name(mine, tmp_path, capfd):
    mine(SOUND)
    config = tmp_path / "aitbc.yaml"
    config.write_text("plugin_paths: ['.']\nplugins: {mine: {enabled: true}}\n", "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(config), "test", "Mine", "--examples", "5"])
    assert ended.value.code == 0


def test_it_runs_in_this_process_if_asked(mine, capfd):
    assert run(mine(SOUND), "--in-process") == 0
    assert "Mine: CONFORMANT" in capfd.readouterr().out


def test_a_missing_extra_is_said_with_what_to_install(mine, capfd, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run(mine(SOUND)) == 1
    assert 'pip install "aitbc-hooks[test]"' in capfd.readouterr().err


# What only the author knows.

CHAIN = """\
from aitbc_hooks.testing.kit.sound import SoundChain


class Mine(SoundChain):
    async def get_balance(self, address):
        self.check_address(address)
        return {"address": address, "balance": 0.1, "unit": "TC"}
"""


@pytest.mark.parametrize("more", [[], ["--in-process"]], ids=["child", "here"])
def test_samples_reach_the_plugin(mine, capfd, more):
    plugin = mine(CHAIN)
    assert run(plugin, *more) == 0
    assert "needs samples={'address': ...}." in capfd.readouterr().out
    assert run(plugin, "--sample", "address=tc1a0b1c2d3", *more) == 1
    assert "balance('tc1a0b1c2d3')" in capfd.readouterr().out


def test_a_sample_that_is_none_is_refused_before_anything_runs(mine, capfd):
    assert run(mine(SOUND), "--sample", "adress=tc1a0b1c2d3") == 2
    assert "expected NAME=VALUE, where NAME is one of address" in capfd.readouterr().err
