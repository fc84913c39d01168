"""The programs of docs/dropin.md run as they are printed."""

from __future__ import annotations

import asyncio
import re
import types

import pluggy
import pytest
from dropin_programs import HERE

PAGE = (HERE.parents[1] / "docs" / "dropin.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
REQUIREMENTS = ["llm"]


def test_the_program_with_one_line_changed_greets_and_fetches(capsys):
    module = types.ModuleType("program")
    exec(compile(BLOCKS[0], "dropin.md", "exec", dont_inherit=True), vars(module))

    assert capsys.readouterr().out == "hello, alice\n"
    assert isinstance(module.manager, pluggy.PluginManager)
    assert asyncio.run(module.manager.hook.fetch(url="x")) == ["contents of x"]


@pytest.mark.dropin
def test_the_launcher_runs_a_program_of_someone_else(program, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "with_hook_manager.py").write_text(BLOCKS[1])
    command = [
        "python",
        "with_hook_manager.py",
        *PAGE.split("with_hook_manager.py ")[1].split()[:2],
    ]
    run = program.run(command, project, replaced=False)

    assert (run.status, '"dropin-plugins"' in run.output) == (0, True), run.errors
    assert [bases[0] for bases in run.managers] == ["HookManager"]
