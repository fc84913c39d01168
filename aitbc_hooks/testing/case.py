"""`PluginTestCase`: the test class of SPEC.md, Plugin Testing Framework."""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from aitbc_hooks.awaiting import awaited
from aitbc_hooks.events import EventBus, Owner, PluginBus
from aitbc_hooks.interfaces import BasePlugin, PluginContext, PluginStatus
from aitbc_hooks.lifecycle import OPERATION_OF, Failure, Lifecycle, Listener, Subject

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

__all__ = ["PluginTestCase"]

_P = TypeVar("_P", bound=BasePlugin)

#: Marks of other plugins that run asynchronous tests: who uses one has asked for that plugin.
_RUNNERS: Final = frozenset({"asyncio", "anyio", "trio"})


class PluginTestCase:
    """Base of a test class: makes plugins, and runs asynchronous tests.

    ``async def test_…`` methods run on an event loop of their own, without any pytest plugin for
    asyncio; fixtures, parametrisation and ``@given`` work as on other tests, and one that is
    marked for another runner is left to it. Plugins that a test leaves loaded are stopped and
    cleaned up after it, on the same loop; a test that passed fails if that does.

    Attributes:
        loop_factory: Makes the event loop of each test; None for the default.
    """

    loop_factory: ClassVar[Callable[[], asyncio.AbstractEventLoop] | None] = None

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        for name in dir(cls):
            # Tests of mixins too, which know nothing of this class.
            if name.startswith("test"):
                function = inspect.getattr_static(cls, name)
                runnable = _runnable(function)
                if runnable is not function:
                    setattr(cls, name, runnable)

    def create_plugin(
        self,
        plugin_class: Callable[[PluginContext], _P],
        config: dict[str, Any] | None = None,
        *,
        context: PluginContext | None = None,
    ) -> _P:
        """Make a plugin that lives under the lifecycle's rules.

        Its `initialize`, `start`, `stop` and `cleanup` go through the driver that the host uses:
        they move ``plugin.status``, and an order that the lifecycle forbids raises
        `LifecycleError`. What the plugin's own methods return or raise is passed on.

        Args:
            plugin_class: The plugin's class, or a factory.
            config: The plugin's configuration block.
            context: The whole context; by default `make_context` makes one.
        """
        plugin = plugin_class(context or self.make_context(config))
        self._driven.append(_Driven(plugin))
        return plugin

    def make_context(self, config: dict[str, Any] | None = None) -> PluginContext:
        """Make a context with empty directories of its own and an event bus.

        The directories are removed with the test.
        """
        folder = tempfile.mkdtemp(prefix="aitbc-test-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        for name in ("data", "temp"):
            Path(folder, name).mkdir()
        return PluginContext(
            config=dict(config or {}),
            data_dir=str(Path(folder, "data")),
            temp_dir=str(Path(folder, "temp")),
            logger=logging.getLogger("aitbc.plugins.test"),
            event_bus=PluginBus(EventBus(), Owner("test", granted=True)),
            api_client=None,
        )

    @property
    def _driven(self) -> list[_Driven]:
        # Not made in __init__: pytest collects no class that has one.
        driven: list[_Driven] = self.__dict__.setdefault("_driven_plugins", [])
        return driven

    async def _run(self, test: Callable[..., Awaitable[object]], *args: Any, **kwargs: Any) -> None:
        try:
            await test(self, *args, **kwargs)
        except BaseException:
            await self._dispose()
            raise
        for failure in await self._dispose():
            raise AssertionError(f"after the test: {failure}\n{failure.traceback}")

    async def _dispose(self) -> list[Failure]:
        """Unload what the test has left loaded; return what failed thereby."""
        failures: list[Failure] = []
        while self._driven:
            failures += await self._driven.pop().dispose()
        return failures


class _Driven(Listener):
    """A plugin whose lifecycle methods go through a driver when they are called directly."""

    def __init__(self, plugin: BasePlugin) -> None:
        self._outcomes: dict[str, object] = {}
        self._failures: list[Failure] = []
        own = Subject.of(plugin)
        self._subject = Subject(
            plugin,
            {
                name: functools.partial(self._record, name, method)
                for name, method in own.methods.items()
            },
        )
        self._lifecycle = Lifecycle(type(plugin).__name__, lambda: self._subject, listener=self)
        self._bind()

    def released(self) -> None:
        """Stay bound: a test may call a method after `cleanup`, to see it refused."""
        self._bind()

    def failed(self, failure: Failure) -> None:
        """Keep failures for `dispose`; those of direct calls are raised to the test."""
        self._failures.append(failure)

    async def dispose(self) -> list[Failure]:
        """Unload the plugin if the test has not; return what failed thereby."""
        self._failures.clear()
        if self._lifecycle.status is not PluginStatus.UNLOADED:
            await self._lifecycle.unload()
        return self._failures

    def _bind(self) -> None:
        self._subject.bind(lambda name: functools.partial(self._drive, name))

    async def _drive(self, name: str) -> object:
        if await self._lifecycle.perform(OPERATION_OF[name]):
            return True
        outcome = self._outcomes.get(name)
        if isinstance(outcome, BaseException):
            raise outcome
        failure = self._lifecycle.failure
        if failure is not None and failure.code != "AITBC-L03":
            raise TimeoutError(str(failure))
        return outcome

    async def _record(self, name: str, method: Callable[[], Any]) -> object:
        self._outcomes[name] = None
        try:
            self._outcomes[name] = await awaited(method())
        except BaseException as error:
            self._outcomes[name] = error
            raise
        return self._outcomes[name]


def _runnable(function: Any) -> Any:
    """Return an asynchronous test as one that pytest, and unittest, can call."""
    marks = {mark.name for mark in getattr(function, "pytestmark", ())}
    if marks & _RUNNERS:
        return function
    hypothesis = getattr(function, "hypothesis", None)
    if hypothesis is not None and inspect.iscoroutinefunction(hypothesis.inner_test):
        hypothesis.inner_test = _synchronous(hypothesis.inner_test)
        return function
    return _synchronous(function) if inspect.iscoroutinefunction(function) else function


def _synchronous(test: Callable[..., Coroutine[Any, Any, object]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(self: PluginTestCase, *args: Any, **kwargs: Any) -> None:
        cls: Any = type(self)  # a function in a class body is not to be bound
        with asyncio.Runner(loop_factory=cls.loop_factory) as runner:
            runner.run(self._run(test, *args, **kwargs))

    # pytest and inspect would see the coroutine function through the wrapper.
    run.__signature__ = inspect.signature(test)  # type: ignore[attr-defined]
    del run.__wrapped__
    return run
