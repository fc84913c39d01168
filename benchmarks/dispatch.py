"""What a hook call costs, against pluggy and against a bare loop: ``python benchmarks/dispatch.py``.

CPU time of one thread; candidate, peer and floor in turn in every round; medians of the paired
ratios. Each plugin has a class of its own, or the interpreter would make the floor unlike any
real program.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING

import pluggy

from aitbc_hooks import HookManager
from aitbc_hookspecs import HookspecMarker

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 11
PROJECT = "bench"
spec, impl = HookspecMarker(PROJECT), pluggy.HookimplMarker(PROJECT)


class Specs:
    @spec
    def add(self, a, b):
        """Add."""

    @spec(on_error="isolate")
    async def aadd(self, a, b):
        """Add, asynchronously."""


def plugin() -> object:
    class Plugin:
        @impl
        def add(self, a, b):
            return a + b

        @impl
        async def aadd(self, a, b):
            return a + b

    return Plugin()


def manager(cls: type[pluggy.PluginManager], plugins: list[object]) -> pluggy.PluginManager:
    made = cls(PROJECT)
    made.add_hookspecs(Specs)
    for number, item in enumerate(plugins):
        made.register(item, f"p{number}")
    return made


def cpu(function: Callable[[], object]) -> float:
    began = time.thread_time()
    function()
    return time.thread_time() - began


def ratios(floor: Callable[[], object], others: list[Callable[[], object]]) -> list[float]:
    rounds = [(cpu(floor), [cpu(other) for other in others]) for _ in range(ROUNDS)]
    return [
        statistics.median(times[index] / base for base, times in rounds)
        for index in range(len(others))
    ]


def sync_case(count: int) -> list[float]:
    plugins = [plugin() for _ in range(count)]
    functions = [item.add for item in reversed(plugins)]
    ours, theirs = manager(HookManager, plugins), manager(pluggy.PluginManager, plugins)
    calls = max(20, 20_000 // count)

    def floor():
        for _ in range(calls):
            for function in functions:
                function(1, 2)

    def run(hook):
        for _ in range(calls):
            hook(a=1, b=2)

    return ratios(floor, [lambda: run(ours.hook.add), lambda: run(theirs.hook.add)])


def async_case(count: int) -> list[float]:
    plugins = [plugin() for _ in range(count)]
    functions = [item.aadd for item in reversed(plugins)]
    ours = manager(HookManager, plugins)
    calls = max(20, 10_000 // count)
    runner = asyncio.Runner()

    async def floor():
        for _ in range(calls):
            for function in functions:
                await function(1, 2)

    async def run():
        for _ in range(calls):
            await ours.hook.aadd(a=1, b=2)

    async def gather():
        for _ in range(calls):
            await asyncio.gather(*(function(1, 2) for function in functions))

    with runner:
        return ratios(
            lambda: runner.run(floor()), [lambda: runner.run(run()), lambda: runner.run(gather())]
        )


def registering(count: int) -> list[float]:
    plugins = [plugin() for _ in range(count)]
    return ratios(
        lambda: manager(pluggy.PluginManager, plugins), [lambda: manager(HookManager, plugins)]
    )


def main() -> None:
    print("| what | N | HookManager | peer | floor |\n|---|---|---|---|---|")
    for count in (1, 10, 100):
        ours, theirs = sync_case(count)
        print(f"| sync call | {count} | {ours:.1f} | pluggy {theirs:.1f} | bare loop |")
    for count in (1, 10, 100):
        ours, theirs = async_case(count)
        print(f"| async call | {count} | {ours:.1f} | gather {theirs:.1f} | bare await loop |")
    (ours,) = registering(300)
    print(f"| registering, 2 hooks | 300 | {ours:.2f} | | pluggy |")


if __name__ == "__main__":
    main()
