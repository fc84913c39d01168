"""A real host for one good plugin: no plugin, a helper."""

from __future__ import annotations

import json
from pathlib import Path

from aitbc_hooks import PluginManager


def manager_of(good, folder):
    """Return a manager that knows this one plugin, with its example configuration."""
    config = {
        "state_dir": str(folder),
        "plugins": {good.id: {"enabled": True, "config": dict(good.example)}},
    }
    if isinstance(good.target, Path):
        return PluginManager(config | {"plugin_paths": [str(good.target.parent)]})
    manager = PluginManager(config)
    manager.register(good.target, name=good.id)
    return manager


async def succeed(manager, good, *operations):
    """Perform operations, each of which must succeed and leave the plugin in good health."""
    for operation in operations:
        done = await getattr(manager, f"{operation}_plugin")(good.id)
        assert done is True, (operation, manager.report(good.id).failure)
        health = dict(await manager.check_health(good.id))
        assert json.loads(json.dumps(health)) == health
        assert isinstance(health["status"], str)
        assert health["status"] != "error", health
