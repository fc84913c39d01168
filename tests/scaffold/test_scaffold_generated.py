"""What was generated works as it is: its tests, the conformance kit, the tools, a wheel."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile

import pytest
from scaffold_orders import NAMED, generate, python

from aitbc_hooks.scaffold import KINDS, Names

kinds = pytest.mark.parametrize("kind", KINDS)

#: Kind -> a command that runs the code of the plugin where it is installed.
USES = {
    "cli": ("--set", "plugins.my-notes.enabled=true", "my-notes", "add", "buy milk"),
    "blockchain": ("test", "devnet", "--examples", "1"),
    "ai": ("test", "Text-Sorter2", "--examples", "1"),
    "hooks": ("test", "json", "--examples", "1"),
}


@kinds
def test_its_own_tests_pass(generated, kind):
    done = python("pytest", "-q", "-p", "no:cacheprovider", cwd=generated[kind])
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


@kinds
def test_its_tests_fail_where_the_plugin_is_broken(generated, kind, tmp_path):
    broken = shutil.copytree(generated[kind], tmp_path / generated[kind].name)
    path = broken / "plugin.py"
    path.write_text(path.read_text("utf-8").replace("return True", "return None"), "utf-8")
    done = python("pytest", "-q", "-p", "no:cacheprovider", "tests/test_plugin.py", cwd=broken)
    assert done.returncode == 1, done.stdout + done.stderr


@kinds
def test_the_conformance_kit_trusts_it(generated, kind):
    done = python("aitbc_hooks", "test", str(generated[kind]), cwd=generated[kind].parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{NAMED[kind]}: CONFORMANT" in done.stdout


@kinds
def test_its_manifest_says_what_its_code_says(generated, kind):
    done = python("aitbc_hooks", "manifest", "check", str(generated[kind]), cwd=generated[kind])
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{NAMED[kind]}: manifest and code agree." in done.stdout


@pytest.mark.parametrize("kind", ["cli", "hooks"])
def test_it_may_grow_by_modules_with_relative_imports(generated, kind, tmp_path):
    grown = shutil.copytree(generated[kind], tmp_path / generated[kind].name)
    path = grown / "plugin.py"
    future = "from __future__ import annotations\n"
    text = path.read_text("utf-8").replace(future, f"{future}\nfrom .more import MORE  # noqa\n")
    path.write_text(text, "utf-8")
    (grown / "more.py").write_text("MORE = 1\n", "utf-8")
    for command in (["pytest", "-q", "tests/test_plugin.py"], ["aitbc_hooks", "test", str(grown)]):
        done = python(*command, cwd=grown)
        assert done.returncode == 0, done.stdout + done.stderr


@kinds
def test_ruff_has_nothing_to_say(generated, kind):
    pytest.importorskip("ruff", reason="ruff is missing; the extra dev has it")
    for command in (["check", "--no-cache", "."], ["format", "--no-cache", "--check", "."]):
        done = python("ruff", *command, cwd=generated[kind])
        assert done.returncode == 0, done.stdout + done.stderr


@kinds
def test_mypy_has_nothing_to_say(generated, kind, tmp_path_factory):
    pytest.importorskip("mypy", reason="mypy is missing; the extra dev has it")
    cache = tmp_path_factory.getbasetemp() / "mypy"
    done = python("mypy", "--cache-dir", str(cache), ".", cwd=generated[kind])
    assert done.returncode == 0, done.stdout + done.stderr


@kinds
def test_a_host_finds_the_wheel_that_is_built_from_it(tmp_path, kind):
    setuptools = pytest.importorskip("setuptools", reason="the extra dev has it")
    if int(setuptools.__version__.partition(".")[0]) < 77:
        pytest.skip("setuptools is older than the extra dev has it")
    folder = generate(tmp_path, kind, NAMED[kind])
    names = Names.of(NAMED[kind])
    build = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(folder)]
    done = python("pip", "wheel", "-q", *build, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    about = f"{names.package}-0.1.0.dist-info"
    assert {path.name for path in (site / names.package).iterdir()} == {
        "__init__.py",
        "plugin.py",
        "plugin.toml",
        "config_schema.json",
    }
    assert (site / about / "plugin.toml").is_file()
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    environment["PYTHONPATH"] = os.pathsep.join([str(site), *sys.path])
    done = python("aitbc_hooks", "info", "--json", NAMED[kind], cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    known = json.loads(done.stdout)["plugin"]
    assert (known["source"], known["version"]) == ("entry point", "0.1.0")
    assert known["description"] == KINDS[kind].description
    done = python("aitbc_hooks", *USES[kind], cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
