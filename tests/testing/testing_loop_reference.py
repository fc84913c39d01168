"""What `DetLoop` is compared with: asyncio's own loop, with nothing but its clock replaced."""

from __future__ import annotations

import asyncio
import itertools
import selectors


class ReferenceLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop; tasks are hashed by a count, or it would not repeat itself."""

    def __init__(self):
        self.now = 0.0
        super().__init__(_JumpingSelector(self))
        self._count = itertools.count(1)
        self.set_task_factory(self._counted)

    def _counted(self, loop, coro, **options):
        number = next(self._count)
        return type("Counted", (asyncio.Task,), {"__hash__": lambda task: number})(
            coro, loop=loop, **options
        )

    def time(self):
        return self.now


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, loop):
        super().__init__()
        self._loop = loop

    def select(self, timeout=None):
        assert timeout is not None, "the program waits for ever"
        events = super().select(0)
        if not events:
            self._loop.now += timeout
        return events


def run(factory, program):
    """Do as `asyncio.run`; return what the program returns, with its loop's time at the end."""
    with asyncio.Runner(loop_factory=factory) as runner:
        result = runner.run(program())
        return result, runner.get_loop().time()


def trace(loop, program):
    """Return what `program(log)` logs on `loop`, which is closed."""
    log = []
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(program(log.append))
    return log
