"""A plugin that makes its host hard to end."""

from __future__ import annotations

import signal

from planted import Sound


class Plugin(Sound):
    """Ignores the signals that ask for an end."""

    async def initialize(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        return True
