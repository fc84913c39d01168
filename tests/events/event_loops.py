"""The event loops and task factories that the bus is tried under."""

from __future__ import annotations

import asyncio
import contextlib

FACTORIES = {"asyncio": asyncio.new_event_loop}
with contextlib.suppress(ImportError):
    import uvloop

    FACTORIES["uvloop"] = uvloop.new_event_loop
if hasattr(asyncio, "eager_task_factory"):

    def eager_loop():
        loop = asyncio.new_event_loop()
        loop.set_task_factory(asyncio.eager_task_factory)
        return loop

    FACTORIES["eager"] = eager_loop


def run(scenario, factory=asyncio.new_event_loop):
    """Run a scenario to its end, in 20 s at most."""

    async def guarded():
        async with asyncio.timeout(20):
            return await scenario()

    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(guarded())
