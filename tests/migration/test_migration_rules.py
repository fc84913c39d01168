"""What single rules say, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

import aitbc_hookspecs
from aitbc.plugins import LegacyServiceAdapter
from aitbc_hooks.errors import PluginNotFoundError
from aitbc_hooks.interfaces.compatibility import interface_problem
from aitbc_hooks.migration import scan
from aitbc_hooks.migration.scanning import findings_in
from aitbc_hookspecs import INTERFACE_VERSION, Deprecated, hookspec


def told(text, name="plugin.py", *, is_main=True):
    return [str(each) for each in findings_in(Path(name), text, is_main=is_main)]


def test_a_finding_says_file_line_what_and_how():
    text = "\n\nfrom aitbc_hooks.interfaces import BasePlugin\n"
    (finding,) = findings_in(Path("plugin.py"), text, is_main=True)
    assert str(finding) == (
        "plugin.py:3: from aitbc_hooks.interfaces import …: import from aitbc.plugins. "
        "[import-path, mechanical]"
    )
    assert finding.why.startswith("Inner modules move;")


def test_only_the_module_that_holds_the_plugin_needs_an_adapter():
    text = "class S:\n    def setup(self): ...\n    def execute(self, request): ...\n"
    assert len(told(text)) == 1
    assert told(text, is_main=False) == []


def test_what_an_adapter_would_have_to_be_told_is_named():
    (said,) = told("class S:\n    def setup(self): ...\n    def execute(self, request): ...\n")
    assert f"needs {LegacyServiceAdapter.__name__} in a create_plugin(context)" in said
    assert "no `metadata = PluginMetadata(...)`" in said
    (said,) = told("import click\n@click.group()\ndef plugin_command(): ...\n__author__ = ''\n")
    assert "no __version__, __license__;" in said


@pytest.fixture
def deprecated(monkeypatch):
    """The interface as it might be one day."""

    async def predict(input_data, raw): ...

    old = Deprecated("1.2", "2.0", use="infer")
    raw = {"raw": Deprecated("1.1", "2.0")}
    marked = hookspec(deprecated=old, deprecated_args=raw)(predict)
    monkeypatch.setattr(aitbc_hookspecs.ai, "predict", marked)


@pytest.mark.parametrize(
    "text",
    [
        "from aitbc.plugins import AIPlugin\nclass M(AIPlugin):\n    async def predict(self, raw): ...\n",
        "from aitbc.plugins import hookimpl\n@hookimpl\nasync def predict(raw): ...\n",
        "import aitbc.plugins\n\n@aitbc.plugins.hookimpl(tryfirst=True)\ndef predict(raw): ...\n",
        "from aitbc.plugins import hookimpl\n@hookimpl(specname='predict')\ndef other(raw): ...\n",
    ],
)
def test_what_is_deprecated_is_told_with_its_replacement(deprecated, text):
    found = findings_in(Path("plugin.py"), text, is_main=True)
    line = [line.lstrip().startswith(("def", "async")) for line in text.splitlines()].index(
        True
    ) + 1
    assert [(each.line, each.what, each.mechanical) for each in found] == [
        (line, "hook predict: implement infer instead.", False),
        (line, "argument raw of hook predict: nothing takes its place.", False),
    ]
    assert found[0].why == "Deprecated since 1.2; it goes with 2.0."


def test_functions_that_only_share_a_deprecated_hooks_name_are_left_alone(deprecated):
    assert told("def predict(raw): ...\nclass M:\n    def predict(self, raw): ...\n") == []


@pytest.mark.parametrize(
    ("declared", "offered", "fits"),
    [
        ("1.0", "1.0", True),
        ("1.0", "1.4", True),
        ("1.4", "1.4", True),
        ("1.5", "1.4", False),
        ("1.10", "1.9", False),
        ("2.0", "1.4", False),
        ("1.4", "2.0", False),
    ],
)
def test_a_plugin_fits_a_host_of_its_major_version_that_is_not_older(declared, offered, fits):
    problem = interface_problem(declared, offered)
    assert (problem is None) is fits
    assert fits or problem == f"it is written for interface {declared}; this host has {offered}."


@pytest.mark.parametrize("declared", [1, 1.0, "1", "1.0.0", "v1.0", ""])
def test_an_interface_version_has_two_numbers(declared):
    assert "of the form MAJOR.MINOR" in interface_problem(declared)


def test_the_hosts_own_interface_version_has_them():
    assert interface_problem(INTERFACE_VERSION) is None


def test_a_folder_is_looked_through_without_what_is_not_the_authors(tmp_path):
    old = "from aitbc_hooks.interfaces import BasePlugin\n"
    for name in ("plugin.py", "tests/test_x.py", "build/x.py", ".venv/x.py", "x.egg-info/x.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(old, "utf-8")
    (tmp_path / "link.py").symlink_to(tmp_path / "plugin.py")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "notes.txt").write_text(old, "utf-8")
    (tmp_path / "data.json").write_text("{", "utf-8")
    found = [str(report.path.relative_to(tmp_path)) for report in scan(tmp_path)]
    assert found == ["plugin.py", "tests/test_x.py"]


def test_the_manifest_says_which_module_holds_the_plugin(tmp_path):
    service = "class S:\n    def setup(self): ...\n    def execute(self, request): ...\n"
    (tmp_path / "plugin.toml").write_text('[plugin]\nname = "s"\nentry = "main:S"\n', "utf-8")
    (tmp_path / "main.py").write_text(service, "utf-8")
    (tmp_path / "plugin.py").write_text(service, "utf-8")
    assert [report.path.name for report in scan(tmp_path)] == ["main.py"]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"# coding: nonsense\n", "cannot be decoded"),
        (b"x = '\xff'\n", "cannot be decoded"),
        (b"x = '\0'\n", "cannot be parsed"),
        (b"(" * 2000, "cannot be parsed"),
        (b"#" * (2 << 20), "it is no file of at most"),
    ],
    ids=["coding", "bytes", "null", "deep", "large"],
)
def test_a_module_that_cannot_be_understood_is_told_and_the_others_are_looked_at(
    tmp_path, raw, words
):
    (tmp_path / "odd.py").write_bytes(raw)
    (tmp_path / "plugin.py").write_text("import aitbc_hooks.interfaces\n", "utf-8")
    odd, other = scan(tmp_path)
    assert [each.rule for each in odd.findings] == ["unreadable"]
    assert words in odd.findings[0].what
    assert [each.rule for each in other.findings] == ["import-path"]


@pytest.mark.parametrize("name", ["nothing", "notes.txt"])
def test_what_is_none_of_these_is_refused(tmp_path, name):
    (tmp_path / "notes.txt").write_text("", "utf-8")
    with pytest.raises(PluginNotFoundError, match="is no folder, no module and no configuration"):
        scan(tmp_path / name)


def test_nothing_of_a_plugin_is_run(tmp_path):
    code = f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit\n"
    (tmp_path / "plugin.py").write_text(code, "utf-8")
    assert scan(tmp_path) == []
    assert not (tmp_path / "ran").exists()
