"""Real processes of the command line, each with a home of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import attrs

import aitbc_builtin_plugins
import aitbc_hooks
import aitbc_hookspecs

#: The folders that hold the packages, installed or not.
ROOTS = [
    str(Path(package.__file__).parent.parent)
    for package in (aitbc_hooks, aitbc_hookspecs, aitbc_builtin_plugins)
]

COMMAND = [sys.executable, "-W", "error", "-m", "aitbc_hooks"]

#: A plugin that writes down which of its methods were called.
PLUGIN = """
import asyncio, os
from aitbc.plugins import hookimpl

def note(word):
    with open(os.environ["JOURNAL"], "a") as file:
        file.write(f"{NAME} {word}\\n")

@hookimpl
async def initialize():
    note("initialize")
    return True

@hookimpl
async def start():
    note("start")
    return True

@hookimpl
async def stop():
    note("stop")
    return True

@hookimpl
async def cleanup():
    note("cleanup")
    return True
"""


def _heed_signals() -> None:
    """Undo what nohup, or a shell that runs the tests in the background, has the tests ignore."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@attrs.define
class Home:
    """A folder to work in, with everything that a process may touch."""

    path: Path

    @property
    def environ(self) -> dict[str, str]:
        """The environment of every process."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AITBC")}
        for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            kept.pop(name, None)
        return kept | {
            "HOME": str(self.path),
            "XDG_CONFIG_HOME": str(self.path / "config"),
            "XDG_DATA_HOME": str(self.path / "data"),
            "PYTHONPATH": os.pathsep.join([*ROOTS, str(self.path / "modules")]),
            "PYTHONUNBUFFERED": "",
            "JOURNAL": str(self.path / "journal"),
        }

    def plugin(self, name: str, body: str = PLUGIN, manifest: str | None = None) -> None:
        """Write a plugin's folder."""
        folder = self.path / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "plugin.py").write_text(f"NAME = {name!r}\n{body}")
        if manifest is not None:
            (folder / "plugin.toml").write_text(manifest)

    def module(self, name: str, body: str) -> None:
        """Write a module that can be imported."""
        (self.path / "modules").mkdir(exist_ok=True)
        (self.path / "modules" / f"{name}.py").write_text(body)

    def config(self, text: str) -> Path:
        """Write the configuration."""
        path = self.path / "aitbc.yaml"
        path.write_text(text)
        return path

    def enable(self, *names: str, extra: str = "") -> Path:
        """Write a configuration in which each plugin needs the one before it."""
        blocks = [
            f"  {name}:\n    enabled: true\n"
            + (f"    dependencies: [{names[index - 1]}]\n" if index else "")
            for index, name in enumerate(names)
        ]
        return self.config(f"plugins:\n{''.join(blocks)}plugin_paths: [./plugins]\n{extra}")

    def journal(self) -> list[str]:
        """Return what plugins have written down."""
        path = self.path / "journal"
        return path.read_text().splitlines() if path.exists() else []

    def call(self, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*COMMAND, *args],
            cwd=self.path,
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def spawn(
        self, *args: str, environ: dict[str, str] | None = None, **streams: object
    ) -> subprocess.Popen[str]:
        """Start a command with streams of the caller's choice."""
        return subprocess.Popen(
            [*COMMAND, *args],
            cwd=self.path,
            env=self.environ | (environ or {}),
            stdin=subprocess.DEVNULL,
            text=True,
            preexec_fn=_heed_signals,  # noqa: PLW1509 - no thread runs here
            **streams,
        )

    def start(self, *args: str) -> Running:
        """Start a command that prints into files."""
        out, err = self.path / "stdout", self.path / "stderr"
        with out.open("w") as out_file, err.open("w") as err_file:
            return Running(self.spawn(*args, stdout=out_file, stderr=err_file), out, err)

    def wait_for(self, line: str, seconds: float = 30) -> None:
        """Wait until a plugin has written a line down."""
        end = time.monotonic() + seconds
        while line not in self.journal():
            assert time.monotonic() < end, (line, self.journal())
            time.sleep(0.02)


@attrs.define
class Running:
    """A process that runs, and the files that it prints into."""

    process: subprocess.Popen[str]
    out: Path
    err: Path

    def wait_out(self, text: str, seconds: float = 30) -> None:
        """Wait until the process has printed a text on stdout."""
        end = time.monotonic() + seconds
        while text not in self.out.read_text():
            assert time.monotonic() < end, (self.out.read_text(), self.err.read_text())
            time.sleep(0.02)

    def finish(self, *signals: int) -> tuple[int, str, str]:
        """Send signals, wait for the end; return status, stdout and stderr."""
        for number in signals:
            self.process.send_signal(number)
        try:
            status = self.process.wait(timeout=40)
        finally:
            self.process.kill()
        return status, self.out.read_text(), self.err.read_text()
