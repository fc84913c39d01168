"""Installed plugins are known by the manifests that their distributions carry, once read."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys

import pytest

from aitbc_hooks.discovery import Rejected
from aitbc_hooks.discovery.index import Index
from aitbc_hooks.discovery.installed import find_installed

METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: 2.0.1\nSummary: Of the distribution\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on sys.path for distributions."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def install(site, *names, dist="dist"):
    """Announce plugins `name = installed_name:Plugin`; return the metadata folder."""
    info = site / f"{dist}-2.0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA.format(dist))
    lines = [f"{name} = installed_{name}.code:Plugin" for name in names]
    (info / "entry_points.txt").write_text("[aitbc.plugins]\n" + "\n".join(lines) + "\n")
    return info


def manifest(name, description="Of the manifest"):
    return f'[plugin]\nname = "{name}"\nversion = "3.0.0"\ndescription = "{description}"\n'


def said(index=None):
    return {
        finding.name: finding.error.message
        if isinstance(finding, Rejected)
        else (finding.version, finding.description)
        for finding in find_installed(index)
    }


OF_THE_MANIFEST = ("3.0.0", "Of the manifest")
OF_THE_DISTRIBUTION = ("2.0.1", "Of the distribution")


@pytest.mark.parametrize("place", ["plugin.toml", "one.plugin.toml", "extra_metadata/plugin.toml"])
def test_a_manifest_in_the_metadata_folder_counts(site, place):
    path = install(site, "one") / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(manifest("one"))
    assert said() == {"one": OF_THE_MANIFEST}


def test_a_manifest_beside_the_module_counts_and_nothing_is_imported(site):
    install(site, "one")
    package = site / "installed_one"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError")
    (package / "plugin.toml").write_text(manifest("one"))
    assert said() == {"one": OF_THE_MANIFEST}
    assert "installed_one" not in sys.modules


def test_without_a_manifest_the_distribution_speaks_and_commands_are_unknown(site):
    install(site, "one")
    (candidate,) = find_installed()
    assert (candidate.version, candidate.description) == OF_THE_DISTRIBUTION
    assert candidate.commands is None


def test_several_plugins_of_one_distribution_have_a_manifest_each(site):
    info = install(site, "one", "two", "three")
    (info / "one.plugin.toml").write_text(manifest("one", "First"))
    (info / "plugin.toml").write_text(manifest("two", "Second"))
    assert said() == {
        "one": ("3.0.0", "First"),
        "two": ("3.0.0", "Second"),
        "three": OF_THE_DISTRIBUTION,
    }


def test_a_manifest_of_another_name_is_refused(site):
    info = install(site, "one")
    (info / "one.plugin.toml").write_text(manifest("other"))
    path = info / "one.plugin.toml"
    assert said() == {"one": f"{path}: name: expected 'one', got 'other'."}


def test_a_damaged_manifest_is_told_and_the_others_are_found(site):
    info = install(site, "one", "two")
    (info / "one.plugin.toml").write_bytes(b"\xff")
    found = said()
    assert found["one"] == f"{info / 'one.plugin.toml'}: byte 0 is not UTF-8."
    assert found["two"] == OF_THE_DISTRIBUTION


# Once read.


@pytest.fixture
def asked(monkeypatch):
    """Count how often the distributions are asked, which takes long."""
    calls = []
    real = importlib.metadata.entry_points

    def entry_points(**group):
        calls.append(group)
        return real(**group)

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    return calls


def looked(tmp_path):
    index = Index(tmp_path / "index.json")
    found = said(index)
    index.save()
    return found


def test_distributions_are_asked_once(site, asked, tmp_path):
    (install(site, "one") / "plugin.toml").write_text(manifest("one"))
    for _ in range(3):
        assert looked(tmp_path) == {"one": OF_THE_MANIFEST}
    assert len(asked) == 1


def test_an_installation_and_a_removal_are_noticed(site, asked, tmp_path):
    assert looked(tmp_path) == {}
    step_back(site)
    info = install(site, "one")
    assert looked(tmp_path) == {"one": OF_THE_DISTRIBUTION}
    shutil.rmtree(info)
    assert looked(tmp_path) == {}
    assert len(asked) == 3


def step_back(path):
    """Give a path an older time: two changes may fall into one step of the clock."""
    found = path.stat()
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns - 10**10))


def test_a_manifest_that_has_changed_is_read_again(site, tmp_path):
    path = install(site, "one") / "plugin.toml"
    path.write_text(manifest("one"))
    step_back(path)
    looked(tmp_path)
    path.write_text(manifest("one", "New"))
    assert looked(tmp_path) == {"one": ("3.0.0", "New")}


def test_a_plugin_of_a_wheel_is_known_by_the_manifest_in_it(tmp_path):
    pytest.importorskip("hatchling", reason="hatchling is missing; the extra dev has it")
    # A real build: hatchling puts further metadata into a folder of its own.
    project = tmp_path / "project"
    package = project / "installed_market"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError")
    (package / "plugin.toml").write_text(manifest("market"))
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "market"\nversion = "2.0.1"\n'
        '[project.entry-points."aitbc.plugins"]\nmarket = "installed_market:Plugin"\n'
        "[tool.hatch.build.targets.wheel]\n"
        'packages = ["installed_market"]\n'
        "[tool.hatch.build.targets.wheel.extra-metadata]\n"
        '"installed_market/plugin.toml" = "plugin.toml"\n'
    )
    dist = tmp_path / "dist"
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "-q", "-w", dist, project], check=True)
    site = tmp_path / "site"
    (wheel,) = dist.glob("*.whl")
    shutil.unpack_archive(wheel, site, "zip")
    assert list(site.glob("*.dist-info/extra_metadata/plugin.toml"))
    shutil.rmtree(site / "installed_market")  # nothing is left but the metadata
    code = (
        "from aitbc_hooks.discovery import discover\n"
        "print(discover().get('market').version, discover().get('market').description)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(site), *sys.path])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "3.0.0 Of the manifest\n"
