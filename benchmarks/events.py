"""What an event costs, against a bare await loop and blinker: ``python benchmarks/events.py``.

CPU time of one thread; candidates, peer and floor in turn in every round; medians of the paired
ratios. The floor is a coroutine function that awaits the same handlers one after another, called
once for each event. Each plugin has a class of its own.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from typing import TYPE_CHECKING, Any

import blinker

from aitbc_hooks import BasePlugin, PluginManager, PluginMetadata

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROUNDS = 11
EVENT, DATA = "transaction_completed", {"amount": 1}


def plugin(name: str) -> type[BasePlugin]:
    class Summing(BasePlugin):
        total = 0

        def get_metadata(self) -> PluginMetadata:
            return PluginMetadata(
                name=name, version="1.0.0", description="Sums.", author="a", license="MIT"
            )

        async def initialize(self) -> bool:
            return True

        async def start(self) -> bool:
            return True

        async def stop(self) -> bool:
            return True

        async def cleanup(self) -> bool:
            return True

        async def handle_event(self, event_type: str, data: dict[str, Any]) -> None:  # noqa: ARG002
            self.total += data["amount"]

    return Summing


def bare_loop(handlers: list[Callable[..., Awaitable[None]]]) -> Callable[..., Awaitable[None]]:
    async def send(event_type: str, data: dict[str, Any]) -> None:
        for handler in handlers:
            await handler(event_type, data)

    return send


def blinker_send(handlers: list[Callable[..., Awaitable[None]]]) -> Callable[..., Awaitable[None]]:
    signal = blinker.Signal()

    # blinker calls handler(sender, data=...): the handlers take just that, without another call.
    for handler in handlers:
        signal.connect(handler)

    async def send(event_type: str, data: dict[str, Any]) -> None:
        await signal.send_async(event_type, data=data)

    return send


async def cpu(send: Callable[..., Awaitable[None]], events: int) -> float:
    began = time.thread_time()
    for _ in range(events):
        await send(EVENT, DATA)
    return time.thread_time() - began


async def cost(count: int) -> list[float]:
    """Return broadcast/floor, publish/floor and blinker/floor for `count` plugins."""
    with tempfile.TemporaryDirectory() as state:
        manager = PluginManager({"state_dir": state, "auto_load": True})
        names = [f"p{number}" for number in range(count)]
        for name in names:
            manager.register(plugin(name), name)
        async with manager:
            handlers = [manager.plugins[name].handle_event for name in names]

            async def publish(event_type: str, data: dict[str, Any]) -> None:
                await manager.events.publish(event_type, data)
                await asyncio.sleep(0)

            floor = bare_loop(handlers)
            others = [manager.broadcast_event, publish, blinker_send(handlers)]
            events = max(30, 10_000 // count)
            rounds = []
            for _ in range(ROUNDS):
                base = await cpu(floor, events)
                rounds.append([await cpu(other, events) / base for other in others])
            await manager.events.settle()
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


async def waiting(count: int, seconds: float) -> float:
    """Return the wall time of a broadcast to handlers that wait, in units of their waiting."""
    with tempfile.TemporaryDirectory() as state:
        manager = PluginManager({"state_dir": state})

        async def handler(event_type: str, data: dict[str, Any]) -> None:  # noqa: ARG001
            await asyncio.sleep(seconds)

        for _ in range(count):
            manager.events.subscribe("#", handler)
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await manager.broadcast_event(EVENT, DATA)
            times.append(time.perf_counter() - began)
    return statistics.median(times) / seconds


def main() -> None:
    print("| event to N plugins | floor | broadcast | publish | blinker | blinker / broadcast |")
    print("|---|---|---|---|---|---|")
    for count in (1, 10, 100):
        broadcast, publish, peer = asyncio.run(cost(count))
        print(
            f"| {count} | 1 | {broadcast:.2f} | {publish:.2f} | {peer:.2f} "
            f"| {peer / broadcast:.1f} |"
        )
    print(
        f"\n10 handlers that wait 5 ms: {asyncio.run(waiting(10, 0.005)):.2f} x 5 ms of wall time"
    )


if __name__ == "__main__":
    main()
