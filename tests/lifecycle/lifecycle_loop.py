"""An event loop whose clock jumps: deadlines and grace periods cost no time."""

from __future__ import annotations

import asyncio
import selectors


class StuckError(AssertionError):
    """Nothing is ready, no timer runs: whatever is being waited for will never come."""


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.now = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self):
        return self.now

    def finish(self, work):
        """Run `work` to its end, through every KeyboardInterrupt on the way.

        Returns:
            Whether there was one.
        """
        interrupted = False
        task = self.create_task(work)
        while not task.done():
            try:
                self.run_until_complete(task)
            except KeyboardInterrupt:
                interrupted = True
        task.result()
        return interrupted


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, loop):
        super().__init__()
        self._loop = loop

    def select(self, timeout=None):
        if timeout is None:
            waiting = sorted(task.get_name() for task in asyncio.all_tasks(self._loop))
            raise StuckError(f"nothing will ever wake {', '.join(waiting)}")
        self._loop.now += timeout
        return super().select(0)


def run(main):
    """Do as `asyncio.run`, on a virtual clock."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
