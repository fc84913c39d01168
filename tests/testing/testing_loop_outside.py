"""What happens outside a `DetLoop` while a test watches how long it waits."""

from __future__ import annotations

import asyncio
import subprocess
import threading
import time

import pytest

from aitbc_hooks.testing.loop import DetLoop

#: Of real seconds: long for a computer, short for a test.
A_WHILE = 0.15


class WatchedLoop(DetLoop):
    """Adds up for how many real seconds it has waited, by its own choice."""

    def __init__(self, choose=None):
        self.waited = 0.0
        super().__init__(choose)

    def poll(self, timeout):
        began = time.monotonic()
        try:
            return super().poll(timeout)
        finally:
            self.waited += min(timeout, time.monotonic() - began)


def run(program, **settings):
    """Run `program` and return what it returns, with the loop."""
    loop = WatchedLoop()
    for name, value in settings.items():
        setattr(loop, name, value)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(program()), loop


@pytest.fixture
def threads():
    """Start threads that run until the end of the test, or until they are done."""
    stop = threading.Event()
    started = []

    def start(target):
        thread = threading.Thread(target=target, args=[stop], daemon=True)
        thread.start()
        started.append(thread)

    yield start
    stop.set()
    for thread in started:
        thread.join()


def greets_later(output):
    return subprocess.Popen(["sh", "-c", f"sleep {A_WHILE}; echo hello"], stdout=output)


def sleeps(stop):
    while not stop.is_set():
        time.sleep(0.001)


def polls(stop):
    while not stop.wait(0.001):
        pass
