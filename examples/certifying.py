"""Certify a plugin from a program, and find out what is wrong with another one."""

from __future__ import annotations

import asyncio

from aitbc.plugins import BasePlugin, PluginMetadata
from aitbc_hooks.testing import conformance


class Heartbeat(BasePlugin):
    """Counts the seconds that it has been active."""

    beats = 0
    task: asyncio.Task[None] | None = None

    def get_metadata(self) -> PluginMetadata:
        return PluginMetadata("heartbeat", "1.0.0", "Counts seconds", "AITBC Team", "MIT")

    async def initialize(self) -> bool:
        return True

    async def start(self) -> bool:
        self.task = asyncio.create_task(self.beat())
        return True

    async def beat(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.beats += 1

    async def stop(self) -> bool:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait({self.task})
        return True

    async def cleanup(self) -> bool:
        return await self.end()

    async def end(self) -> bool:
        if self.task is not None:
            self.task.cancel()
        return True


class Restless(Heartbeat):
    """Forgets its task when it is stopped."""

    async def stop(self) -> bool:
        self.task = None
        return True


def main() -> None:
    assert conformance(Heartbeat).verdict.value == "CONFORMANT"
    report = conformance(Restless)
    for result in report.failures():
        print(f"{result.label}: {result.detail}\n{result.program}")


if __name__ == "__main__":
    main()
