"""``docs/migration.md``: its examples and its table."""

from __future__ import annotations

import re
import types
import warnings
from pathlib import Path

import pluggy
import pytest
from migration_corpus import BY_HAND, MECHANICAL

from aitbc_hooks import HookManager
from aitbc_hooks.migration.scanning import findings_in
from aitbc_hooks.testing import conformance

PAGE = (Path(__file__).parents[2] / "docs" / "migration.md").read_text("utf-8")


def block(language, word):
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    (found,) = [each for each in blocks if word in each]
    return found


def test_the_deprecation_is_told_as_the_page_says():
    namespace = {}
    exec(block("python", "Deprecated("), namespace)
    manager = HookManager("weather")
    manager.add_hookspecs(namespace["Specs"])
    hookimpl = pluggy.HookimplMarker("weather")

    class Frogs:
        @hookimpl
        def predict_weather(self, place): ...

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        manager.register(Frogs(), "frogs")
    told = "".join(f"{each.message}\n" for each in caught)
    assert told == block("text", "frogs")


def test_the_service_of_the_page_is_trusted():
    module = types.ModuleType("doubler")
    exec(block("python", "class Doubler"), vars(module))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        report = conformance(module.create_plugin, examples=5)
    assert report.verdict.value.startswith("CONFORMANT"), report.table()


def test_every_rule_is_in_the_table():
    told = {
        finding.rule
        for name, text, _ in [*MECHANICAL.values(), *BY_HAND.values()]
        for finding in findings_in(Path(name), text, is_main=True)
    }
    listed = set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"(?m)^\| (`.*?) \|", PAGE))))
    assert listed == told | {"deprecated"}


@pytest.mark.parametrize("command", re.findall(r"(?m)^aitbc-hooks (.*)$", PAGE))
def test_its_commands_work(command, tmp_path, monkeypatch):
    from click.testing import CliRunner

    from aitbc_hooks.cli.root import root

    monkeypatch.chdir(tmp_path)
    Path("my-plugin").mkdir()
    Path("my-plugin/plugin.py").write_text(MECHANICAL["lifecycle"][1], "utf-8")
    Path("aitbc.yaml").write_text(MECHANICAL["yaml"][1], "utf-8")
    done = CliRunner().invoke(root, command.split())
    assert done.exit_code == ("--write" not in command)
    assert "mechanical" in done.output
