"""Folders of plugins for the commands that look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from pathlib import Path

CODE = """
from aitbc.plugins import hookimpl

@hookimpl
async def initialize():
    return True
"""


@attrs.frozen
class Folders:
    """A folder with plugins, and the configuration of a host that looks there."""

    path: Path

    def plugin(self, name, text="", *, code=CODE, folder=None, **facts):
        """Write a plugin with a manifest; `facts` are its keys."""
        where = self.path / "plugins" / (folder or name)
        where.mkdir(parents=True)
        (where / "plugin.py").write_text(code)
        lines = [f"name = {name!r}", *(f"{key} = {value!r}" for key, value in facts.items())]
        (where / "plugin.toml").write_text("\n".join(["[plugin]", *lines, text]))
        return where

    def bare(self, name, code):
        """Write a plugin without a manifest."""
        where = self.path / "plugins" / name
        where.mkdir(parents=True)
        (where / "plugin.py").write_text(code)
        return where

    def config(self, *enabled, extra="", **others):
        """Write the configuration; `others` are blocks in YAML's flow style."""
        blocks = dict.fromkeys(enabled, "{enabled: true}") | others
        (self.path / "plugins").mkdir(exist_ok=True)
        text = "".join(f"  {name}: {block}\n" for name, block in blocks.items())
        path = self.path / "aitbc.yaml"
        path.write_text(f"plugin_paths: [plugins]\nplugins:\n{text or '  {}'}\n{extra}")
        return path
