"""`PluginTestCase`: the test class of SPEC.md, Plugin Testing Framework."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from aitbc_hooks.interfaces import BasePlugin, PluginMetadata
from aitbc_hooks.testing.bench import Bench
from aitbc_hooks.testing.runnable import make_runnable

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

    from aitbc_hooks.interfaces import PluginContext
    from aitbc_hooks.testing.doubles import TemporaryContext

__all__ = ["PluginTestCase"]

_P = TypeVar("_P", bound=BasePlugin)


class PluginTestCase:
    """Base of a test class: makes plugins, and runs asynchronous tests.

    ``async def test_…`` methods run on an event loop of their own, without any pytest plugin for
    asyncio; fixtures, parametrisation and ``@given`` work as on other tests, and one that is
    marked for another runner is left to it. ``asyncSetUp`` and ``asyncTearDown`` run around each
    test, on its loop. With ``unittest.TestCase`` as another base, ``python -m unittest`` runs the
    tests too.

    Plugins that a test leaves loaded are stopped and cleaned up after it, the last one first, on
    the same loop. A test that passed fails if that does, if a plugin leaves tasks or threads
    behind, if an event handler raised what nobody was told of, or if a request had no answer.

    Attributes:
        loop_factory: Makes the event loop of each test; None for the default. With `DetLoop` time
            is virtual.
        allow_leftovers: Whether plugins may leave tasks and threads behind after cleanup().
    """

    loop_factory: ClassVar[Callable[[], asyncio.AbstractEventLoop] | None] = None
    allow_leftovers: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        make_runnable(cls)

    @overload
    def create_plugin(
        self,
        plugin_class: Callable[[PluginContext], _P],
        config: dict[str, Any] | None = None,
        *,
        context: PluginContext | None = None,
        check: bool = True,
    ) -> _P: ...

    @overload
    def create_plugin(
        self,
        plugin_class: object,
        config: dict[str, Any] | None = None,
        *,
        context: PluginContext | None = None,
        check: bool = True,
    ) -> Any: ...

    def create_plugin(
        self,
        plugin_class: object,
        config: dict[str, Any] | None = None,
        *,
        context: PluginContext | None = None,
        check: bool = True,
    ) -> Any:
        """Make a plugin that lives under the lifecycle's rules.

        Its `initialize`, `start`, `stop` and `cleanup` go through the driver that the host uses:
        they move ``plugin.status``, and an order that the lifecycle forbids raises
        `LifecycleError`. What the plugin's own methods return or raise is passed on.

        Args:
            plugin_class: The plugin's class, a factory that takes the context, or an instance; a
                module or an object with hookimpls.
            config: The plugin's configuration block. As in a host, it must satisfy the plugin's
                schema, whose defaults are filled in.
            context: The whole context, of one plugin at a time; by default `make_context` makes
                one.
            check: False makes a plugin that a host would refuse for its configuration, its
                metadata or a method's signature; no defaults are filled in.

        Returns:
            The plugin itself; of a module or an object with hookimpls a stand-in with the
            lifecycle's methods and ``status``, whose other attributes are the plugin's.

        Raises:
            PluginError: A host would refuse the plugin: it is abstract, has no valid metadata, or
                a method does not fit its hookspec.
            ConfigError: A host would refuse the configuration.
            TypeError: Both `config` and `context` are given.
        """
        if context is not None and config is not None:
            raise TypeError("give create_plugin() a config or a context; a context has a config.")
        name = _name_of(plugin_class)
        context = context or self.make_context(config, name=name)
        return self._aitbc_bench.make_plugin(plugin_class, context, name, check=check)

    def make_context(
        self,
        config: dict[str, Any] | None = None,
        *,
        name: str = "test",
        folder: str | Path | None = None,
    ) -> TemporaryContext:
        """Make a context with empty directories, a `RecordingBus` and a `RecordingClient`.

        The directories are removed after the test. All contexts of a test share one bus, as all
        plugins of a host do.

        Args:
            config: The plugin's configuration block; it is copied.
            name: The plugin's name, for its logger ``aitbc.plugins.<name>`` and its events.
            folder: Where to make the directories, which then stay.
        """
        return self._aitbc_bench.make_context(config, name=name, folder=folder)

    async def broadcast(self, event_type: str, data: dict[str, Any]) -> None:
        """Hand an event to every plugin of the test that is ACTIVE, as a host does.

        Raises:
            BaseException: What a handler raised; a group where several did.
        """
        await self._aitbc_bench.events.broadcast(event_type, data)

    async def send_event(self, plugin: object, event_type: str, data: dict[str, Any]) -> bool:
        """Call one plugin's `handle_event` if it is ACTIVE; return whether it is.

        Raises:
            LookupError: The plugin was not made by `create_plugin` of this test.
            Exception: What the handler raised.
        """
        return await self._aitbc_bench.driven(plugin).send_event(event_type, data)

    @property
    def _aitbc_bench(self) -> Bench:
        # Not made in __init__: pytest collects no class that has one.
        bench: Bench | None = self.__dict__.get("_aitbc_bench_made")
        if bench is None:
            bench = self.__dict__["_aitbc_bench_made"] = Bench(self)
            if register := getattr(self, "addAsyncCleanup", None):
                register(bench.close)  # unittest.IsolatedAsyncioTestCase runs the tests itself
        return bench


def _name_of(target: object) -> str:
    """Return a plugin's name as its metadata say; else the name of the class or function.

    `get_metadata` rarely needs its instance: it is asked on one that was never initialised.
    """
    name = getattr(target, "__name__", type(target).__name__)
    if isinstance(target, type) and issubclass(target, BasePlugin):
        try:
            metadata: object = object.__new__(target).get_metadata()
        except (Exception, SystemExit):  # noqa: BLE001 - it needs its instance after all
            return name
        if isinstance(metadata, PluginMetadata):
            return str(metadata.name)
        if inspect.iscoroutine(metadata):
            metadata.close()  # refused when it is held against its hookspec
    return str(name)
