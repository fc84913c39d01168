"""What a manifest says of the host is held against it before anything is imported."""

from __future__ import annotations

import asyncio
import sys

import pytest

from aitbc_hooks import PluginManager, PluginStatus

SOURCE = """
from aitbc.plugins import PluginMetadata, hookimpl

@hookimpl
def get_metadata():
    return PluginMetadata("picky", "1.0.0", "Is picky", "Ada", "MIT")
"""


def report_of(tmp_path, manifest):
    folder = tmp_path / "plugins" / "picky"
    folder.mkdir(parents=True)
    (folder / "plugin.py").write_text(SOURCE)
    (folder / "plugin.toml").write_text(f'[plugin]\nname = "picky"\n{manifest}\n')
    config = {
        "plugin_paths": [str(tmp_path / "plugins")],
        "state_dir": str(tmp_path / "state"),
        "host_version": "1.4.0",
        "plugins": {"picky": {"enabled": True}},
    }

    async def main():
        async with PluginManager(config) as manager:
            imported = [name for name in sys.modules if name.startswith("aitbc_plugin_picky")]
            return manager.report("picky"), bool(imported)

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ('requires_aitbc = ">=2"', "it works with host versions >=2; this is 1.4.0."),
        ('requires_aitbc = "~1.3"', "it works with host versions ~1.3; this is 1.4.0."),
        ('interface = "2.0"', "it is written for interface 2.0; this host has "),
        ('min_aitbc_version = "1.5.0"', "it supports host versions 1.5.0 to any; this is 1.4.0."),
        ('max_aitbc_version = "1.3.9"', "it supports host versions any to 1.3.9; this is 1.4.0."),
        ('supported_platforms = ["plan9"]', "it supports plan9; this is "),
    ],
)
def test_a_plugin_that_does_not_fit_is_refused_and_not_imported(manifest, message, tmp_path):
    report, imported = report_of(tmp_path, manifest)
    assert (report.status, report.failure.code) == (PluginStatus.ERROR, "AITBC-D05")
    assert report.failure.message.startswith(message)
    assert not imported


@pytest.mark.parametrize(
    "manifest",
    [
        'requires_aitbc = ">=1.2,<2"',
        'min_aitbc_version = "1.4.0"\nmax_aitbc_version = "1.4.0"',
        'supported_platforms = ["any"]',
        "",
    ],
)
def test_one_that_fits_is_started(manifest, tmp_path):
    report, imported = report_of(tmp_path, manifest)
    assert report.status is PluginStatus.ACTIVE
    assert imported


@pytest.mark.parametrize(("version", "warned"), [("1.0.0", False), ("1.1.0", True)])
def test_a_manifest_of_another_version_is_warned_of(version, warned, tmp_path, caplog):
    report, _ = report_of(tmp_path, f'version = "{version}"')
    assert (report.status, report.version) == (PluginStatus.ACTIVE, "1.0.0")
    assert (f"plugin picky is 1.0.0, and its manifest says {version}" in caplog.text) is warned


def test_what_a_manifest_says_it_needs_counts_before_it_is_loaded(tmp_path):
    for name, needs in (("one", '["two"]'), ("two", "[]")):
        folder = tmp_path / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "plugin.toml").write_text(f'[plugin]\nname = "{name}"\ndependencies = {needs}\n')
    manager = PluginManager({"plugin_paths": [str(tmp_path / "plugins")]})
    names = [report.name for report in manager.reports() if report.name in ("one", "two")]
    assert names == ["two", "one"]
    assert manager.report("one").dependencies == ("two",)
