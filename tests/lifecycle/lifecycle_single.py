"""One driver with a hand-made subject, for tests that look at a single rule."""

from __future__ import annotations

import asyncio
import contextlib

from aitbc_hooks.lifecycle import LIFECYCLE_METHODS, Lifecycle, Listener, Subject
from aitbc_hooks.testing.loop import DetLoop


def run(main):
    """Do as `asyncio.run`, on a virtual clock."""
    with asyncio.Runner(loop_factory=DetLoop) as runner:
        return runner.run(main)


class Recorder(Listener):
    def __init__(self):
        self.transitions = []
        self.failures = []

    def transitioned(self, old, new):
        self.transitions.append((old.name, new.name))

    def failed(self, failure):
        self.failures.append(failure.code)


class Single:
    """A lifecycle whose methods return True, but for those that are given.

    Args:
        plugin: The instance that each load gets; a fresh one by default.
    """

    def __init__(self, listener=None, plugin=None, **methods):
        self.plugin = plugin
        self.called = []
        self.methods = methods
        self.listener = listener or Recorder()
        self.lifecycle = Lifecycle(
            "ant",
            self._make,
            timeouts=dict.fromkeys((*LIFECYCLE_METHODS, "export_state"), 1.0),
            listener=self.listener,
        )

    def _make(self):
        return Subject(
            self.plugin or object(), {name: self._method(name) for name in LIFECYCLE_METHODS}
        )

    def _method(self, name):
        def call():
            self.called.append(name)
            return self.methods[name]() if name in self.methods else True

        return call

    async def reach(self, *operations):
        for operation in operations:
            assert await getattr(self.lifecycle, operation)() is True
        self.called.clear()


class Gate:
    """A method that tells when it is entered, and waits to be let go."""

    def __init__(self, *, value=True, stubborn=False):
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()
        self.value = value
        self.stubborn = stubborn
        self.cancellations = 0

    async def __call__(self):
        self.entered.set()
        while not self.opened.is_set():
            with contextlib.suppress(*[asyncio.CancelledError] * self.stubborn):
                await self.opened.wait()
        return self.value


async def hang():
    await asyncio.get_running_loop().create_future()


def raising(error):
    async def method():
        raise error

    return method


async def cancel(task):
    """Cancel a task, and return once it has ended so."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
