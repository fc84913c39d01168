"""What the parts of a call plan cost: ``python benchmarks/ablation.py``.

The plan of two arguments, written out once more with one thing different at a time, against the
floor of `benchmarks/dispatch.py`. A copy, not the plan itself: what is measured is the price of
its parts, which cannot be taken out of it.
"""

from __future__ import annotations

import asyncio
from operator import itemgetter
from typing import Any

from ratios import cpu_ratios


class Clock:
    __slots__ = ("calls", "version")

    def __init__(self) -> None:
        self.version = self.calls = 0


class Caller:
    """Something that is called through its own slot, as `aitbc_hooks.dispatch` does it."""

    __slots__ = ("__call__",)

    def __init__(self, function: Any) -> None:
        self.__call__ = function


class Relay:
    def __init__(self, hook: Any) -> None:
        self.hook = hook


def plugin() -> Any:
    class Plugin:
        def add(self, a, b):
            return a + b

        async def aadd(self, a, b):
            return a + b

    return Plugin()


def plans(functions: tuple[Any, ...]) -> dict[str, Any]:  # noqa: C901 - one small function per row
    clock, version, first, second = Clock(), 0, "a", "b"
    pick, mask, alone = itemgetter("a", "b"), 63, functions[0] if len(functions) == 1 else None

    def run(pending, a, b):
        results = []
        for function in pending:
            value = function(a, b)
            if value is not None:
                results.append(value)
        return results

    def plan(**kwargs):
        if clock.version == version:
            a, b = kwargs[first], kwargs[second]
            if alone is not None:
                value = alone(a, b)
                return [] if value is None else [value]
            results = []
            for function in functions:
                value = function(a, b)
                if value is not None:
                    results.append(value)
            return results
        return None

    def no_version(**kwargs):
        a, b = kwargs[first], kwargs[second]
        if alone is not None:
            value = alone(a, b)
            return [] if value is None else [value]
        results = []
        for function in functions:
            value = function(a, b)
            if value is not None:
                results.append(value)
        return results

    def counting(**kwargs):
        if clock.version == version:
            a, b = kwargs[first], kwargs[second]
            clock.calls = number = clock.calls + 1
            if number & mask == mask + 1:
                return None
            if alone is not None:
                value = alone(a, b)
                return [] if value is None else [value]
            results = []
            for function in functions:
                value = function(a, b)
                if value is not None:
                    results.append(value)
            return results
        return None

    def generic(**kwargs):
        if clock.version == version:
            values = pick(kwargs)
            if alone is not None:
                value = alone(*values)
                return [] if value is None else [value]
            results = []
            for function in functions:
                value = function(*values)
                if value is not None:
                    results.append(value)
            return results
        return None

    def factored(**kwargs):
        if clock.version == version:
            return run(functions, kwargs[first], kwargs[second])
        return None

    def empty(**kwargs):
        pass

    return {
        "the plan": Caller(plan),
        "no version check": Caller(no_version),
        "counting each call": Caller(counting),
        "`itemgetter`, `function(*values)`": Caller(generic),
        "the loop in a function of its own": Caller(factored),
        "a plain function in the place of the caller": plan,
        "an empty call": Caller(empty),
    }


def async_plans(functions: tuple[Any, ...]) -> dict[str, Any]:  # noqa: C901
    clock, version, first, second = Clock(), 0, "a", "b"
    alone = functions[0] if len(functions) == 1 else None

    async def plan(**kwargs):
        if clock.version == version:
            a, b = kwargs[first], kwargs[second]
            if alone is not None:
                value = await alone(a, b)
                return [] if value is None else [value]
            results = []
            for function in functions:
                value = await function(a, b)
                if value is not None:
                    results.append(value)
            return results
        return None

    async def stepped(**kwargs):
        if clock.version == version:
            a, b = kwargs[first], kwargs[second]
            results = []
            for function in functions:
                try:
                    function(a, b).send(None)
                except StopIteration as stop:
                    if stop.value is not None:
                        results.append(stop.value)
            return results
        return None

    async def empty(**kwargs):
        pass

    return {
        "async: the plan": Caller(plan),
        "async: each coroutine stepped by hand": Caller(stepped),
        "async: a plain function in the place of the caller": plan,
        "async: an empty call": Caller(empty),
    }


def sync_column(size: int) -> dict[str, float]:
    functions = tuple(plugin().add for _ in range(size))
    calls = max(20, 40_000 // size)

    def loop(a, b):
        for function in functions:
            function(a, b)

    def floor():
        for _ in range(calls):
            loop(1, 2)

    def timed(hook):
        relay = Relay(hook)

        def run():
            for _ in range(calls):
                relay.hook(a=1, b=2)

        return run

    rows = plans(functions)
    ratios = cpu_ratios(floor, [timed(hook) for hook in rows.values()])
    return dict(zip(rows, ratios, strict=True))


def async_column(size: int) -> dict[str, float]:
    functions = tuple(plugin().aadd for _ in range(size))
    calls = max(20, 20_000 // size)

    async def loop(a, b):
        for function in functions:
            await function(a, b)

    async def floor():
        for _ in range(calls):
            await loop(1, 2)

    async def run(relay):
        for _ in range(calls):
            await relay.hook(a=1, b=2)

    rows = async_plans(functions)
    with asyncio.Runner() as runner:
        relays = [Relay(hook) for hook in rows.values()]
        others = [lambda relay=relay: runner.run(run(relay)) for relay in relays]
        ratios = cpu_ratios(lambda: runner.run(floor()), others)
    return dict(zip(rows, ratios, strict=True))


def main() -> None:
    sizes = (1, 10, 100)
    columns = [sync_column(size) | async_column(size) for size in sizes]
    print("| in floors, N = | " + " | ".join(map(str, sizes)) + " |\n|---|---|---|---|")
    for row in columns[0]:
        print(f"| {row} | " + " | ".join(f"{column[row]:.2f}" for column in columns) + " |")


if __name__ == "__main__":
    main()
