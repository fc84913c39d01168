"""Waiting, and being interrupted while waiting: deadlines, back-off, cancellation, shields."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import itertools
from pathlib import Path

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata


class _Lifecycle(BasePlugin):
    """The steps that a plugin of this module has nothing to say about."""

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


@good()
class SlowStarter(_Lifecycle):
    """Slow but legal: two seconds are far below the deadline of a start."""

    def get_metadata(self):
        return PluginMetadata("slow-starter", "1.0.0", "Takes its time", "AITBC Team", "MIT")

    async def start(self):
        await asyncio.sleep(2)
        return True


@good()
class RetryingConnector(_Lifecycle):
    """The first two attempts of each start fail; the third succeeds."""

    def get_metadata(self):
        return PluginMetadata("retrying-connector", "1.0.0", "Tries again", "AITBC Team", "MIT")

    async def start(self):
        attempts = itertools.count(1)
        delay = 0.01
        while True:
            try:
                self.session = await self._dial(next(attempts))
            except OSError as error:
                self.context.logger.info("no connection yet: %s", error, extra={"delay": delay})
                await asyncio.sleep(delay)
                delay *= 2
            else:
                return True

    async def _dial(self, attempt):
        await asyncio.sleep(0)
        if attempt < 3:
            raise ConnectionRefusedError(f"attempt {attempt} was refused")
        return f"session-{attempt}"


@good()
class ImpatientPoller(_Lifecycle):
    """Asks something that sometimes never answers; its own deadline passes again and again."""

    _task = None

    def get_metadata(self):
        return PluginMetadata("impatient-poller", "1.0.0", "Gives up early", "AITBC Team", "MIT")

    async def start(self):
        self.answers = self.timeouts = 0
        self._task = asyncio.create_task(self._poll())
        return True

    async def stop(self):
        await self._give_up()
        return True

    async def cleanup(self):
        await self._give_up()
        return True

    async def _give_up(self):
        if (task := self._task) is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _poll(self):
        for number in itertools.count():
            try:
                async with asyncio.timeout(0.05):
                    await self._ask(number)
                self.answers += 1
            except TimeoutError:
                self.timeouts += 1

    async def _ask(self, number):
        if number % 3:
            await asyncio.sleep(0.01)
        else:
            await asyncio.get_running_loop().create_future()


@good()
class CarefulStart(_Lifecycle):
    """A start that is cancelled gives back what it has taken, and lets the cancellation go on."""

    def get_metadata(self):
        return PluginMetadata("careful-start", "1.0.0", "Gives back", "AITBC Team", "MIT")

    async def initialize(self):
        self.held = []
        return True

    async def start(self):
        try:
            for resource in ("lease", "slot", "ticket"):
                self.held.append(resource)
                await asyncio.sleep(0.002)
        except asyncio.CancelledError:
            await self._give_back()
            raise
        return True

    async def stop(self):
        await self._give_back()
        return True

    async def cleanup(self):
        await self._give_back()
        return True

    async def _give_back(self):
        while self.held:
            self.held.pop()
            await asyncio.sleep(0)


@good()
class ShieldedFlush(_Lifecycle):
    """What has been noted is written, even if stop is cancelled while it writes."""

    def get_metadata(self):
        return PluginMetadata("shielded-flush", "1.0.0", "Loses nothing", "AITBC Team", "MIT")

    async def initialize(self):
        self._lines = []
        self._path = Path(self.context.data_dir, "noted.txt")
        return True

    async def handle_event(self, event_type, data):
        self._lines.append(event_type)

    async def stop(self):
        flush = asyncio.create_task(self._flush())
        try:
            await asyncio.shield(flush)
        except asyncio.CancelledError:
            await flush
            raise
        return True

    async def _flush(self):
        lines, self._lines = self._lines, []
        await asyncio.sleep(0.002)
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(f"{line!a}\n" for line in lines)


_request: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="-")


@good()
class RequestContext(_Lifecycle):
    """A context variable, set and reset within one call: methods run in contexts of their own."""

    def get_metadata(self):
        return PluginMetadata("request-context", "1.0.0", "Tags its log", "AITBC Team", "MIT")

    async def initialize(self):
        self._serial = itertools.count(1)
        return True

    async def handle_event(self, event_type, data):
        token = _request.set(f"request-{next(self._serial)}")
        try:
            await self._log(event_type)
        finally:
            _request.reset(token)

    async def _log(self, event_type):
        await asyncio.sleep(0)
        extra = {"request": _request.get(), "event": event_type}
        self.context.logger.debug("handled", extra=extra)


@good()
class ExitStack(_Lifecycle):
    """Everything that start opens is closed by one stack, in the reverse order."""

    def __init__(self, context):
        super().__init__(context)
        self._stack = contextlib.AsyncExitStack()
        self.open = []

    def get_metadata(self):
        return PluginMetadata("exit-stack", "1.0.0", "Closes in order", "AITBC Team", "MIT")

    async def start(self):
        for name in ("pool", "session", "channel"):
            await self._stack.enter_async_context(self._opened(name))
        self._stack.callback(self.context.logger.debug, "closing")
        return True

    async def stop(self):
        await self._stack.aclose()
        return True

    async def cleanup(self):
        await self._stack.aclose()
        return not self.open

    @contextlib.asynccontextmanager
    async def _opened(self, name):
        await asyncio.sleep(0.001)
        self.open.append(name)
        try:
            yield
        finally:
            self.open.remove(name)
            await asyncio.sleep(0.001)
