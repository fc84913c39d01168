"""A new plugin in a host: what its README says is what happens."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import textwrap
from decimal import Decimal

import pytest
from scaffold_orders import NAMED, python

from aitbc_hooks import PluginManager, load_config


@pytest.fixture
def config(generated, tmp_path):
    """Return a configuration that knows the folder of the plugins, and runs all of them."""
    path = tmp_path / "aitbc.yaml"
    lines = [f"plugin_paths: ['{generated['cli'].parent}']", f"state_dir: '{tmp_path}/state'"]
    lines += ["plugins:", *(f"  {name}: {{enabled: true}}" for name in NAMED.values())]
    path.write_text("\n".join(lines), "utf-8")
    return path


def example(folder, language):
    """Return the first example of a language in a plugin's README."""
    readme = (folder / "docs" / "README.md").read_text("utf-8")
    return re.search(rf"```{language}\n(.*?)```", readme, re.DOTALL)[1]


@pytest.mark.parametrize("kind", ["blockchain", "ai", "hooks"])
def test_the_example_in_the_readme_gives_what_stands_there(generated, config, kind):
    code = example(generated[kind], "python")
    *lines, comment = code.rstrip().splitlines()
    call = next(
        i for i, line in enumerate(lines) if line.startswith("await") and i + 1 == len(lines)
    )
    lines[call] = f"return {lines[call]}"
    namespace = {}
    exec("async def run(manager):\n" + textwrap.indent("\n".join(lines), "    "), namespace)

    async def main():
        async with PluginManager(load_config(config)) as manager:
            return await namespace["run"](manager)

    expected = eval(comment.removeprefix("# "), {"Decimal": Decimal})
    assert asyncio.run(main()) == expected


def test_the_commands_in_the_readme_work(generated, config, tmp_path):
    printed = []
    for line in example(generated["cli"], "console").splitlines():
        program, *arguments = shlex.split(line)
        assert program == "aitbc-hooks"
        done = python("aitbc_hooks", "--config", str(config), *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert printed == ["notes: 1\n", "buy milk\n"]


def test_the_settings_in_the_documentation_are_accepted(generated, tmp_path):
    blocks = [
        example_of_settings(folder).partition("plugins:\n")[2] for folder in generated.values()
    ]
    path = tmp_path / "aitbc.yaml"
    path.write_text(
        f"plugin_paths: ['{generated['cli'].parent}']\nplugins:\n" + "".join(blocks), "utf-8"
    )
    done = python("aitbc_hooks", "config", "validate", str(path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    wrong = path.read_text("utf-8").replace("max_notes: 20", "max_notes: none")
    path.write_text(wrong, "utf-8")
    done = python("aitbc_hooks", "config", "validate", str(path), cwd=tmp_path)
    assert done.returncode == 4
    assert "max_notes" in done.stderr


def example_of_settings(folder):
    text = (folder / "docs" / "configuration.md").read_text("utf-8")
    return re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1]


def test_help_names_its_command_without_importing_it(generated, config, tmp_path):
    environment = {**os.environ, "PYTHONVERBOSE": "1"}
    done = python("aitbc_hooks", "--config", str(config), "--help", cwd=tmp_path, env=environment)
    assert re.search(r"my-notes +Keeps notes", done.stdout)
    assert "aitbc_hooks.cli" in done.stderr
    assert str(generated["cli"]) not in done.stderr
