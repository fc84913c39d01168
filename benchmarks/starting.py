"""How long many plugins take to start, against the sleep in their `start`.

``python benchmarks/starting.py``
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time

from aitbc.plugins import BasePlugin, PluginMetadata
from aitbc_hooks import PluginManager

SLEEP = 0.05
ROUNDS = 7


def plugin_class(name: str, needs: list[str]) -> type[BasePlugin]:
    class Sleeper(BasePlugin):
        def get_metadata(self):
            return PluginMetadata(name, "1.0.0", "", "", "MIT", dependencies=needs)

        async def initialize(self):
            return True

        async def start(self):
            await asyncio.sleep(SLEEP)
            return True

        async def stop(self):
            return True

        async def cleanup(self):
            return True

    return Sleeper


def manager_with(plugins: list[tuple[str, list[str]]], state: str) -> PluginManager:
    manager = PluginManager({"state_dir": state})
    for name, needs in plugins:
        manager.register(plugin_class(name, needs))
    return manager


async def once(plugins: list[tuple[str, list[str]]]) -> tuple[float, float]:
    """Return the seconds that loading and starting took."""
    with tempfile.TemporaryDirectory() as state:
        manager = manager_with(plugins, state)
        began = time.perf_counter()
        await manager.load_all()
        loaded = time.perf_counter()
        await manager.start_all()
        started = time.perf_counter()
        assert all(r.status.name == "ACTIVE" for r in manager.reports() if r.name[0] == "p")
        await manager.stop()
        return loaded - began, started - loaded


def main() -> None:
    independent = [(f"p{n}", []) for n in range(200)]
    chain = [(f"p{n}", [f"p{n - 1}"] if n else []) for n in range(10)]
    print("| what | floor | start | load | target (start) |\n|---|---|---|---|---|")
    for name, plugins, floor, target in [
        ("200 independent plugins", independent, SLEEP, 3.0),
        ("a chain of 10", chain, 10 * SLEEP, 1.3),
    ]:
        seconds = [asyncio.run(once(plugins)) for _ in range(ROUNDS)]
        load = statistics.median(s[0] for s in seconds) / floor
        start = statistics.median(s[1] for s in seconds) / floor
        print(f"| {name} | {floor * 1000:.0f} ms | {start:.2f} | {load:.2f} | ≤ {target} |")


if __name__ == "__main__":
    main()
