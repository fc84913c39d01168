"""What one test works with: its loop, its plugins and contexts, and the account at its end."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import traceback
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.awaiting import awaited
from aitbc_hooks.hosting.leftovers import ThreadCensus
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.testing.doubles import LoudBus, RecordingBus, RecordingClient, make_context
from aitbc_hooks.testing.driven import Driven, loop_runs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterator

    from aitbc_hooks.interfaces import PluginContext
    from aitbc_hooks.testing.case import PluginTestCase
    from aitbc_hooks.testing.doubles import TemporaryContext

__all__ = ["Bench"]

#: Seconds that what is left in a test's loop has to end, tasks first and then threads.
_PATIENCE: Final = 2.0

# Tasks that ignore their cancellation. asyncio itself holds tasks weakly, and would complain.
_stubborn: set[asyncio.Task[Any]] = set()


class Bench:
    """Runs the test functions of one test case, and puts away what they have made.

    Args:
        case: The test case.

    Attributes:
        events: The bus behind the context of every plugin of the test.
    """

    def __init__(self, case: PluginTestCase) -> None:
        self.events = LoudBus()
        self._case = case
        self._census = ThreadCensus()
        self._plugins: list[Driven] = []
        self._contexts: list[PluginContext] = []
        self._closing: list[TemporaryContext] = []
        self._runner: asyncio.Runner | None = None
        self._busy = self._on_loop = self._has_loop = False

    # What a test makes.

    def make_context(self, config: dict[str, Any] | None, **named: Any) -> TemporaryContext:
        """Make a context on the bus of the test; it is closed when the test ends."""
        context = make_context(config, events=self.events, **named)
        self._contexts.append(context)
        self._closing.append(context)
        return context

    def make_plugin(self, target: object, context: PluginContext, name: str, *, check: bool) -> Any:
        """Make a plugin that is unloaded when the test ends; return what the test calls."""
        self._contexts.append(context)
        plugin = Driven(
            target,
            context,
            name,
            events=self.events,
            census=self._census,
            others=self._others,
            check=check,
        )
        self._plugins.append(plugin)
        return plugin.face

    def driven(self, face: object) -> Driven:
        """Return the plugin behind what `make_plugin` has returned.

        Raises:
            LookupError: It is none of this test.
        """
        for plugin in self._plugins:
            if plugin.face is face:
                return plugin
        raise LookupError(f"{face!r:.200} was not made by create_plugin() of this test.")

    def _others(self) -> Iterator[object]:
        """Yield those in whose packages a thread may run without being a given plugin's."""
        yield self._case
        for driven in self._plugins:
            yield driven.plugin

    # Running a test function.

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Surround a test function by all that comes with it; one inside another by nothing.

        Raises:
            AssertionError: The test function has passed, and the account says what has not.
        """
        if self._busy:
            yield
            return
        with self._occupied():
            self._runner = asyncio.Runner(loop_factory=self._loop_factory)
            try:
                self.complete(self._own("asyncSetUp"))
                try:
                    yield
                finally:
                    self.complete(self._own("asyncTearDown"))
            except BaseException as error:
                _annotate(error, self._put_away(self._runner))
                raise
            else:
                _complain(self._put_away(self._runner))

    @contextlib.asynccontextmanager
    async def at_work_elsewhere(self) -> AsyncIterator[None]:
        """Do as `at_work` for a test function that another runner runs on its own loop."""
        if self._busy:
            yield
            return
        with self._occupied():
            self._on_loop = True
            try:
                await awaited(self._own("asyncSetUp"))
                try:
                    yield
                finally:
                    await awaited(self._own("asyncTearDown"))
            except BaseException as error:
                _annotate(error, await self._dispose())
                raise
            else:
                _complain(await self._dispose())

    async def close(self) -> None:
        """Put away what a test has made whose class runs the test functions itself."""
        with self._occupied(of_all=True):
            _complain(await self._dispose())

    def complete(self, result: Any) -> Any:
        """Bring what a test function has returned to its end, on the test's loop if need be."""
        if not inspect.isawaitable(result):
            return result
        if self._on_loop:  # it was called by a test function that runs, and awaits it
            return result
        if loop_runs():
            if inspect.iscoroutine(result):
                result.close()
            raise RuntimeError(
                "asynchronous test functions run on a loop of their own, and in this thread "
                "another loop is running."
            )
        return self._run(result)

    def _run(self, work: Awaitable[Any]) -> Any:
        assert self._runner is not None  # noqa: S101 - for mypy: `at_work` surrounds it
        self._on_loop = True
        try:
            return self._runner.run(awaited(work))
        finally:
            self._on_loop = False

    def _own(self, method: str) -> object:
        """Call a method of the test case, if it has it."""
        call = getattr(self._case, method, None)
        return None if call is None else call()

    def _loop_factory(self) -> asyncio.AbstractEventLoop:
        # Never None for asyncio.Runner, which would then set the thread's current loop.
        case: Any = self._case
        make = vars(case).get("loop_factory") or type(case).loop_factory  # not to be bound
        self._has_loop = True
        return asyncio.new_event_loop() if make is None else make()

    @contextlib.contextmanager
    def _occupied(self, *, of_all: bool = False) -> Iterator[None]:
        """Let the test work; then drop what it has made, but not what was there before."""
        made: list[list[Any]] = [self._plugins, self._contexts, self._closing]
        before = [0 if of_all else len(things) for things in made]
        self._busy, self._has_loop = True, False
        try:
            yield
        finally:
            self._busy = self._on_loop = False
            self._runner = None
            for context in reversed(self._closing[before[-1] :]):
                context.close()
            for things, older in zip(made, before, strict=True):
                del things[older:]

    # The account.

    def _put_away(self, runner: asyncio.Runner) -> list[str]:
        """Unload what the test has left loaded, end its loop, and return what is to be said."""
        loaded = any(plugin.status is not PluginStatus.UNLOADED for plugin in self._plugins)
        if not (loaded or self._has_loop):
            return self._account()
        left: list[str] = []
        try:
            complaints: list[str] = self._run(self._dispose())
            left = self._run(_wind_up())
        finally:
            if left:
                runner.get_loop().close()
            else:
                runner.close()
        return complaints + left

    async def _dispose(self) -> list[str]:
        for plugin in reversed(self._plugins):
            await plugin.unload()
        return self._account()

    def _account(self) -> list[str]:
        failures = [failure for plugin in reversed(self._plugins) for failure in plugin.account()]
        if self._case.allow_leftovers:
            failures = [failure for failure in failures if failure.code != "AITBC-L10"]
        return [
            *(f"{failure}\n{failure.traceback}".rstrip() for failure in failures),
            *self._unheard(),
            *self._unanswered(),
        ]

    def _unheard(self) -> Iterator[str]:
        """Yield what event handlers have raised that nobody waited for."""
        own = [context.event_bus for context in self._contexts]
        buses = [self.events, *(bus.events for bus in own if isinstance(bus, RecordingBus))]
        for bus in buses:
            while bus.failures:
                failure = bus.failures.pop(0)
                yield f"{failure}\n{''.join(traceback.format_exception(failure.error))}".rstrip()

    def _unanswered(self) -> Iterator[str]:
        """Yield the requests that the test has no answers for: a plugin may have hushed it up."""
        for context in self._contexts:
            client = context.api_client
            while isinstance(client, RecordingClient) and client.unscripted:
                yield f"no answer was scripted for {client.unscripted.pop(0)}."


def _annotate(error: BaseException, complaints: list[str]) -> None:
    for complaint in complaints:
        error.add_note(f"after the test: {complaint}")


def _complain(complaints: list[str]) -> None:
    if complaints:
        raise AssertionError("\n".join(f"after the test: {each}" for each in complaints))


async def _wind_up() -> list[str]:
    """Cancel every task, let the executor's threads end; return what does neither in time.

    `asyncio.Runner` itself would wait for ever.
    """
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_PATIENCE)
    stubborn = [task for task in tasks if not task.done()]
    _stubborn.update(stubborn)
    ending = asyncio.create_task(asyncio.get_running_loop().shutdown_default_executor())
    await asyncio.wait({ending}, timeout=_PATIENCE)
    left = [f"task {task.get_name()} ignores its cancellation." for task in stubborn]
    if not ending.done():
        _stubborn.add(ending)
        left.append("a thread of asyncio.to_thread() goes on.")
    return left
