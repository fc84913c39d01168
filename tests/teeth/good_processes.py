"""Child processes: long and short, with and without pipes, all reaped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata

#: Ends its children, reaps them, and only then ends itself.
SCRIPT = """
trap 'kill -KILL $children; wait; exit' TERM
for _ in 1 2; do sleep 300 >/dev/null & children="$children $!"; done
echo ready
wait
"""


@good()
class SidecarProcess(BasePlugin):
    """A child for as long as the plugin is active: terminated, and killed if that does not help."""

    def __init__(self, context):
        super().__init__(context)
        self._process = None

    def get_metadata(self):
        return PluginMetadata("sidecar-process", "1.0.0", "Runs a sidecar", "AITBC Team", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        self._process = await asyncio.create_subprocess_exec(
            "sleep",
            "600",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.context.logger.info("sidecar runs as %d", self._process.pid)
        return True

    async def stop(self):
        await self._end()
        return True

    async def cleanup(self):
        await self._end()
        return True

    async def _end(self):
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(3):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._process = None

    async def health_check(self):
        health = await super().health_check()
        process = self._process
        return {**health, "pid": process.pid if process and process.returncode is None else None}


@good()
class LineFilter(BasePlugin):
    """A child that answers line by line; it ends when its standard input is closed."""

    _process = None

    def get_metadata(self):
        return PluginMetadata("line-filter", "2.1.0", "Filters lines", "P. Author", "GPL-3.0-only")

    async def initialize(self):
        self._turn = asyncio.Lock()
        return True

    async def start(self):
        self._process = await asyncio.create_subprocess_exec(
            "cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        return await self.ask("ready") == "ready"

    async def ask(self, line):
        async with self._turn:
            self._process.stdin.write(f"{line}\n".encode())
            await self._process.stdin.drain()
            return (await self._process.stdout.readline()).decode().rstrip("\n")

    async def handle_event(self, event_type, data):
        if event_type.isprintable() and event_type.isascii():
            await self.ask(event_type)

    async def stop(self):
        async with self._turn:
            self._process.stdin.close()
            await self._process.wait()
        return True

    async def cleanup(self):
        if self._process is not None and self._process.returncode is None:
            self._process.stdin.close()
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        return True


@good()
class KernelName(BasePlugin):
    """A short-lived child within start, killed if start is cancelled meanwhile."""

    def get_metadata(self):
        return PluginMetadata("kernel-name", "1.0.0", "Knows the kernel", "AITBC Team", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        process = await asyncio.create_subprocess_exec("uname", "-s", stdout=subprocess.PIPE)
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()
            raise
        self.kernel = output.decode().strip()
        return process.returncode == 0

    async def stop(self):
        return True

    async def cleanup(self):
        return True


@good()
class ToolCheck(BasePlugin):
    """`subprocess.run`, as in any script, but in a thread."""

    def get_metadata(self):
        return PluginMetadata("tool-check", "1.0.0", "Looks for a tool", "AITBC Team", "MIT")

    async def initialize(self):
        command = ["uname", "-r"]
        self._check = asyncio.create_task(
            asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=10)
        )
        done = await asyncio.shield(self._check)
        self.release = done.stdout.strip()
        return done.returncode == 0

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        # A thread cannot be cancelled, and neither can what it runs: both are waited for.
        await asyncio.gather(self._check, return_exceptions=True)
        return True


@good()
class ProcessGroup(BasePlugin):
    """A shell with children of its own in a session of its own, ended as a group."""

    _shell = None

    def get_metadata(self):
        return PluginMetadata("process-group", "1.0.0", "Runs a script", "P. Author", "MIT")

    async def initialize(self):
        return sys.platform != "win32"

    async def start(self):
        spawning = asyncio.create_task(
            asyncio.create_subprocess_shell(
                SCRIPT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
            )
        )
        try:
            self._shell = await asyncio.shield(spawning)
        except asyncio.CancelledError:
            # asyncio would kill the shell alone, and leave its children to nobody.
            self._shell = await spawning
            raise
        return await self._shell.stdout.readline() == b"ready\n"

    async def stop(self):
        await self._end()
        return True

    async def cleanup(self):
        await self._end()
        return True

    async def _end(self):
        if self._shell is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._shell.terminate()
        try:
            await asyncio.wait_for(self._shell.wait(), 1)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._shell.pid, signal.SIGKILL)
            await self._shell.wait()
        self._shell = None
