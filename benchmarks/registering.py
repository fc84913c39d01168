"""What registering costs, against pluggy: ``python benchmarks/registering.py``.

Plugins of five hooks, each of a class of its own. CPU time of one thread; candidate and peer in
turn in every round; medians of the paired ratios. Memory is what `tracemalloc` sees.
"""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from types import ModuleType
from typing import TYPE_CHECKING

import pluggy

import aitbc_hookspecs
from aitbc_hooks import HookManager
from aitbc_hooks.adapter import PluginHooks

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
PROJECT = "bench"
HOOKS = ("add", "subtract", "multiply", "divide", "negate")
spec, impl = pluggy.HookspecMarker(PROJECT), pluggy.HookimplMarker(PROJECT)
SPECS = ModuleType("specs")
for name in HOOKS:
    setattr(SPECS, name, spec(lambda a, b: (a, b)))


def class_plugin() -> object:
    """Return an object of a new class with five marked methods."""

    class Plugin:
        @impl
        def add(self, a, b):
            return a + b

        @impl
        def subtract(self, a, b):
            return a - b

        @impl
        def multiply(self, a, b):
            return a * b

        @impl
        def divide(self, a, b):
            return a / b

        @impl
        def negate(self, a):
            return -a

    return Plugin()


def module_plugin() -> ModuleType:
    """Return a new module with five marked functions, and what else a module has."""
    module = ModuleType("plugin")
    vars(module).update(json=statistics, constant=1, helper=lambda: None, Some=ROUNDS)
    for hook in HOOKS:
        setattr(module, hook, impl(lambda a, b: (a, b)))
    return module


def host_plugin() -> object:
    """Return an object of a new class with five marked methods that this host calls."""
    mark = aitbc_hookspecs.hookimpl

    class Plugin:
        @mark
        async def initialize(self, context):
            return context is not None

        @mark
        async def start(self):
            return True

        @mark
        async def stop(self):
            return True

        @mark
        async def cleanup(self):
            return True

        @mark
        async def handle_event(self, event_type, data):
            pass

    return Plugin()


def manager(make: Callable[[], pluggy.PluginManager], *specs: ModuleType) -> pluggy.PluginManager:
    made = make()
    for each in specs:
        made.add_hookspecs(each)
    return made


def register(made: pluggy.PluginManager, plugins: list[object]) -> pluggy.PluginManager:
    for number, each in enumerate(plugins):
        made.register(each, f"p{number}")
    return made


def unregister(made: pluggy.PluginManager, plugins: list[object]) -> None:
    for each in plugins:
        made.unregister(each)


def cpu(function: Callable[..., object], *arguments: object) -> float:
    gc.collect()
    began = time.thread_time()
    function(*arguments)
    return time.thread_time() - began


def plain() -> pluggy.PluginManager:
    return manager(lambda: pluggy.PluginManager(PROJECT), SPECS)


def ours() -> pluggy.PluginManager:
    return manager(lambda: HookManager(PROJECT), SPECS)


def strict() -> pluggy.PluginManager:
    return manager(lambda: HookManager(PROJECT, strict=True), SPECS)


def plain_host() -> pluggy.PluginManager:
    project = aitbc_hookspecs.PROJECT_NAME
    return manager(lambda: pluggy.PluginManager(project), *aitbc_hookspecs.SPEC_MODULES)


def times_faster(
    ours: Callable[[], pluggy.PluginManager],
    theirs: Callable[[], pluggy.PluginManager],
    plugin: Callable[[], object],
    count: int,
) -> tuple[float, float]:
    """Return how many times faster than `theirs` registering and unregistering are."""
    rounds = []
    for _ in range(ROUNDS):
        plugins = [plugin() for _ in range(count)]
        pair = ours(), theirs()
        rounds.append(
            [[cpu(action, made, plugins) for made in pair] for action in (register, unregister)]
        )
    registering, unregistering = (
        statistics.median(their / our for our, their in action)
        for action in zip(*rounds, strict=True)
    )
    return registering, unregistering


def growth(make: Callable[[], pluggy.PluginManager], few: int, many: int) -> tuple[float, float]:
    """Return the ratios of the costs of `many` plugins and of `few`."""
    rounds = []
    for _ in range(ROUNDS):
        sizes = [[class_plugin() for _ in range(count)] for count in (few, many)]
        managers = [make() for _ in sizes]
        rounds.append(
            [
                [cpu(action, made, plugins) for made, plugins in zip(managers, sizes, strict=True)]
                for action in (register, unregister)
            ]
        )
    registering, unregistering = (
        statistics.median(large / small for small, large in action)
        for action in zip(*rounds, strict=True)
    )
    return registering, unregistering


def memory(make: Callable[[], pluggy.PluginManager], count: int) -> float:
    """Return the bytes that a registered plugin takes, its own object aside."""
    plugins = [class_plugin() for _ in range(count)]
    names = [f"p{number}" for number in range(count)]
    made = make()
    gc.collect()
    tracemalloc.start()
    for name, each in zip(names, plugins, strict=True):
        made.register(each, name)
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return taken / count


def main() -> None:
    print(
        "| times as fast as pluggy, 1000 plugins of 5 hooks | registering | unregistering |\n|---|---|---|"
    )
    for what, make, peer, plugin in (
        ("`HookManager`", ours, plain, class_plugin),
        ("`HookManager`, strict", strict, plain, class_plugin),
        ("`HookManager`, modules", ours, plain, module_plugin),
        ("`PluginHooks`, strict", PluginHooks, plain_host, host_plugin),
    ):
        registering, unregistering = times_faster(make, peer, plugin, 1000)
        print(f"| {what} | {registering:.1f} | {unregistering:.1f} |")
    print("\n| growth from 1000 to 4000 | registering | unregistering |\n|---|---|---|")
    for what, make in (("`HookManager`", ours), ("strict", strict), ("pluggy", plain)):
        print("| {} | {:.1f} | {:.1f} |".format(what, *growth(make, 1000, 4000)))
    print("\n| memory of a plugin of 5 hooks | bytes |\n|---|---|")
    for what, make in (("`HookManager`", ours), ("strict", strict), ("pluggy", plain)):
        print(f"| {what} | {memory(make, 1000):.0f} |")


if __name__ == "__main__":
    main()
