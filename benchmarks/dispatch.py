"""What hook calls cost, against bare loops, pluggy and others: ``python benchmarks/dispatch.py``.

CPU time of one thread; candidate, peers and floor in turn in every round; medians of the paired
ratios. The floor is the loop that a program without hooks would have, as a function that is called
once where the hook is called once. Each plugin has a class of its own, or the interpreter would
make the floor unlike any real program.
"""

from __future__ import annotations

import asyncio
import functools
import sys
from typing import Any

import apluggy
import pluggy
from ratios import cpu_ratios

from aitbc_hooks import HookManager
from aitbc_hooks.dispatch import Tallies
from aitbc_hookspecs import HookspecMarker

PROJECT = "bench"
spec, impl = HookspecMarker(PROJECT), pluggy.HookimplMarker(PROJECT)


class Specs:
    @spec
    def add(self, a, b):
        """Add."""

    @spec
    def mix(self, a, b):
        """Add what an implementation takes."""

    @spec(on_error="isolate")
    async def aadd(self, a, b):
        """Add, asynchronously."""

    @spec(on_error="isolate", deadline=30)
    async def dadd(self, a, b):
        """Add, asynchronously, within a deadline."""


def plugin(number: int) -> Any:
    class Plugin:
        @impl
        def add(self, a, b):
            return a + b

        @impl
        async def aadd(self, a, b):
            return a + b

        @impl
        async def dadd(self, a, b):
            return a + b

    class Left(Plugin):
        @impl
        def mix(self, a):
            return a + 1

    class Both(Plugin):
        @impl
        def mix(self, a, b):
            return a + b

    class Right(Plugin):
        @impl
        def mix(self, b):
            return b + 1

    return (Left, Both, Right)[number % 3]()


class Around:
    @impl(wrapper=True)
    def add(self):
        return (yield)


def manager(cls: type[pluggy.PluginManager], plugins: list[Any], **options: Any) -> Any:
    made = cls(PROJECT, **options)
    made.add_hookspecs(Specs)
    for number, item in enumerate(plugins):
        made.register(item, f"p{number}")
    return made


def times(count: int, size: int) -> int:
    return max(20, count // size)


def sync_case(size: int, *, wrapped: bool = False) -> list[float]:
    plugins = [plugin(number) for number in range(size)]
    functions = [item.add for item in reversed(plugins)]
    calls = times(40_000, size)

    def loop(a, b):
        for function in functions:
            function(a, b)

    def floor():
        for _ in range(calls):
            loop(1, 2)

    def run(hook):
        for _ in range(calls):
            hook.add(a=1, b=2)

    everything = plugins + [Around()] * wrapped
    return cpu_ratios(floor, [functools.partial(run, hook) for hook in sync_hooks(everything)])


def mixed_case(size: int) -> list[float]:
    plugins = [plugin(number) for number in range(size)]
    functions = [item.mix for item in plugins]
    lefts, boths, rights = functions[0::3], functions[1::3], functions[2::3]
    calls = times(40_000, size)

    def loop(a, b):  # the fastest that a program could write that knows its functions
        for function in lefts:
            function(a)
        for function in boths:
            function(a, b)
        for function in rights:
            function(b)

    def floor():
        for _ in range(calls):
            loop(1, 2)

    def run(hook):
        for _ in range(calls):
            hook.mix(a=1, b=2)

    return cpu_ratios(floor, [functools.partial(run, hook) for hook in sync_hooks(plugins)])


def sync_hooks(plugins: list[Any]) -> list[Any]:
    return [
        manager(HookManager, plugins).hook,
        manager(HookManager, plugins, recorder=Tallies()).hook,
        manager(pluggy.PluginManager, plugins).hook,
    ]


def async_case(size: int) -> list[float]:  # noqa: C901 - one small function per column
    plugins = [plugin(number) for number in range(size)]
    functions = [item.aadd for item in reversed(plugins)]
    calls = times(20_000, size)

    async def loop(a, b):
        for function in functions:
            await function(a, b)

    async def floor():
        for _ in range(calls):
            await loop(1, 2)

    async def quick(hook):
        for _ in range(calls):
            await hook.aadd(a=1, b=2)

    async def limited(hook):
        for _ in range(calls):
            await hook.dadd(a=1, b=2)

    async def peer(hook):
        for _ in range(calls // 10):
            await hook.aadd(a=1, b=2)

    hook = manager(HookManager, plugins).hook
    recorded = manager(HookManager, plugins, recorder=Tallies()).hook
    apluggys = manager(apluggy.PluginManager, plugins).ahook
    with asyncio.Runner() as runner:
        *ratios, tenth = cpu_ratios(
            lambda: runner.run(floor()),
            [
                lambda: runner.run(quick(hook)),
                lambda: runner.run(quick(recorded)),
                lambda: runner.run(limited(hook)),
                lambda: runner.run(peer(apluggys)),
            ],
        )
    return [*ratios, 10 * tenth]


def addressed_case() -> list[float]:
    plugins = [plugin(number) for number in range(100)]
    made = manager(HookManager, plugins)
    function = plugins[50].add
    calls = 20_000

    def floor():
        for _ in range(calls):
            function(1, 2)

    def run():
        one = made.addressed("p50")
        for _ in range(calls):
            one.add(1, 2)

    def kept():
        add = made.addressed("p50").add
        for _ in range(calls):
            add(1, 2)

    return cpu_ratios(floor, [run, kept])


class Empty:
    """The least that a hook can be if it is an object."""

    def __call__(self, **kwargs):
        pass


class EmptyAsync:
    async def __call__(self, **kwargs):
        pass


def empty_case() -> list[float]:  # noqa: C901
    """Return what an empty hook costs, sync and async, against the floor of one function."""
    (item,) = [plugin(0)]
    sync_hook, async_hook, calls = Empty(), EmptyAsync(), 40_000

    def loop(a, b):
        for function in (item.add,):
            function(a, b)

    async def aloop(a, b):
        for function in (item.aadd,):
            await function(a, b)

    def floor():
        for _ in range(calls):
            loop(1, 2)

    def empty():
        for _ in range(calls):
            sync_hook(a=1, b=2)

    async def afloor():
        for _ in range(calls):
            await aloop(1, 2)

    async def aempty():
        for _ in range(calls):
            await async_hook(a=1, b=2)

    with asyncio.Runner() as runner:
        (sync_ratio,) = cpu_ratios(floor, [empty])
        (async_ratio,) = cpu_ratios(lambda: runner.run(afloor()), [lambda: runner.run(aempty())])
    return [sync_ratio, async_ratio]


def show(what: str, size: int, ratios: list[float], targets: str) -> None:
    print(f"| {what} | {size} | " + " | ".join(f"{r:.2f}" for r in ratios) + f" | {targets} |")
    sys.stdout.flush()


def main() -> None:
    print("| synchronous | N | HookManager | with recorder | pluggy | target |")
    print("|---|---|---|---|---|---|")
    for size, target in [(1, 4), (10, 2.0), (100, 1.7), (1000, 1.6)]:
        show("same signature", size, sync_case(size), f"≤ {target}")
    for size, target in [(10, 4.5), (100, 2.3)]:
        show("one wrapper", size, sync_case(size, wrapped=True), f"≤ {target}")
    for size, target in [(10, 2.7), (100, 2.1)]:
        show("mixed signatures", size, mixed_case(size), f"≤ {target}")
    print("\n| asynchronous | N | isolated | with recorder | with deadlines | apluggy | target |")
    print("|---|---|---|---|---|---|---|")
    for size, target in [(1, 2.0), (10, 1.5), (100, 1.35)]:
        show("quick coroutines", size, async_case(size), f"≤ {target}")
    print("\n| of 100 plugins one, addressed | looked up each time | kept |\n|---|---|---|")
    print("| sync, two arguments | " + " | ".join(f"{r:.1f}" for r in addressed_case()) + " |")
    print("\n| N = 1: an object with an empty `__call__` | sync | async |\n|---|---|---|")
    print("| | " + " | ".join(f"{r:.2f}" for r in empty_case()) + " |")


if __name__ == "__main__":
    main()
