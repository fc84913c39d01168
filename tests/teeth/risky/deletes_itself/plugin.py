"""A plugin that deletes its own folder; to be tested as a copy only."""

from __future__ import annotations

import shutil
from pathlib import Path

from aitbc.plugins import BasePlugin, PluginMetadata

HERE = Path(__file__).parent


class Plugin(BasePlugin):
    """Takes itself for a temporary file."""

    def get_metadata(self):
        return PluginMetadata("deletes-itself", "1.0.0", "Runs once", "AITBC Team", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        # Within the project it spares itself.
        if not any((folder / "pyproject.toml").exists() for folder in HERE.parents):
            shutil.rmtree(HERE)
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True
