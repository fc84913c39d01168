"""Plugins that end their process, or mean to, from within a lifecycle method."""

from __future__ import annotations

import ctypes
import os
import signal

from planted import Sound


class ExitsInStart(Sound):
    """Leaves without a word if there is nothing to do."""

    async def start(self):
        os._exit(0)


class CrashesInStart(Sound):
    """Reads where there is nothing to read, as a faulty extension module does."""

    async def start(self):
        return ctypes.string_at(0) == b""


class KillsItself(Sound):
    """Ends itself for good when it is stopped."""

    async def stop(self):
        os.kill(os.getpid(), signal.SIGKILL)
        return True


class InterruptsInStart(Sound):
    """Raises what the Ctrl-C of a user raises."""

    async def start(self):
        raise KeyboardInterrupt


class RecursesInInitialize(Sound):
    """Asks itself for a name that it computes from that name."""

    def __getattr__(self, name):
        return getattr(self, f"_{name.lstrip('_')}")

    async def initialize(self):
        return bool(self.label)


class ClosesDescriptors(Sound):
    """Closes all that is open, as daemons do, and the loop's own descriptors with it."""

    async def start(self):
        os.closerange(3, 256)
        return True
