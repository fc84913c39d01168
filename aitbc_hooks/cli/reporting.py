"""How ``run`` tells what happens: a live table, lines of text, or lines of JSON."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

import click

from aitbc_hooks.cli.absent import absent_record
from aitbc_hooks.cli.exits import drop_output
from aitbc_hooks.cli.output import STATUS_COLORS, brief, json_line, report_record
from aitbc_hooks.cli.table import clip, cut_mark, printable, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aitbc_hooks.cli.absent import Absent
    from aitbc_hooks.interfaces import PluginStatus
    from aitbc_hooks.lifecycle import Failure
    from aitbc_hooks.manager import PluginReport

__all__ = ["JsonReporter", "LineReporter", "LiveReporter", "Reporter"]

_HEADINGS = ("NAME", "VERSION", "STATUS", "HEALTH", "SINCE", "REASON")


class Reporter:
    """Prints on stdout what happens to the plugins; logs go to stderr.

    It prints on the streams that were there when it was made, whatever takes their place later.
    Nothing that it prints can fail: once it cannot be written, it is silent.

    Args:
        redact: Removes secrets from a text.
        color: Whether to use colours; None asks the stream.

    Attributes:
        silenced: Nothing can be written on stdout any more.
        fault: The reason, unless it is that the reader has left.
        absent: What is enabled and not there.
    """

    absent: Sequence[Absent] = ()

    def __init__(self, redact: Callable[[str], str], *, color: bool | None = None) -> None:
        self.silenced = False
        self.fault: OSError | None = None
        self._out, self._err = sys.stdout, sys.stderr
        self._redact = redact
        self._color = self._out.isatty() if color is None else color
        # Plugins' threads log, too; a signal's handler may come in between.
        self._lock = threading.RLock()

    def opening(self, source: str) -> None:
        """Tell which configuration is about to be started."""

    def transition(self, plugin: str, old: PluginStatus, new: PluginStatus) -> None:
        """Tell of a transition."""

    def failure(self, plugin: str, failure: Failure) -> None:
        """Tell of a failure; it is in the log already."""

    def health(self, report: PluginReport) -> None:
        """Tell that a plugin's word for its health is another one than before."""

    def reloaded(self, plugin: str, seconds: float, failure: Failure | None) -> None:
        """Tell what has become of a reload: how long it took, and why if it failed."""

    def refresh(self, reports: Sequence[PluginReport]) -> None:
        """Take note of what all plugins are now; called once a second, and after changes."""

    def started(self, reports: Sequence[PluginReport]) -> None:
        """Tell that everything that can be started has been."""

    def stopping(self) -> None:
        """Tell that the host was told to stop."""

    def stopped(self) -> None:
        """Tell that everything has been unloaded."""

    def close(self) -> None:
        """Leave the terminal in order."""

    def log(self, text: str) -> None:
        """Print a text of the log."""
        if self._err is None:  # the process was started with it closed
            return
        with contextlib.suppress(OSError):
            self._err.write(text)
            self._err.flush()

    def printed(self, line: str) -> None:
        """Tell what a plugin has printed: as a line of the log."""
        self.log(self._redact(line))

    @property
    def log_descriptor(self) -> int | None:
        """The file descriptor of the log; None where it has none."""
        try:
            return self._err.fileno()
        except (AttributeError, OSError):
            return None

    def _print(self, text: str) -> None:
        if self.silenced:
            return
        with self._lock:
            try:
                self._out.write(self._redact(text))
                self._out.flush()
            except OSError as error:
                self.silenced = True
                self.fault = None if isinstance(error, BrokenPipeError) else error
                drop_output(self._out)

    def _style(self, text: str, color: str | None) -> str:
        return click.style(text, fg=color) if color and self._color else text


class JsonReporter(Reporter):
    """One JSON document in a line for each change; `docs/cli.md` has the shapes."""

    def transition(self, plugin: str, old: PluginStatus, new: PluginStatus) -> None:
        """Print ``transition``."""
        self._event("transition", plugin=plugin, old=old.value, new=new.value)

    def failure(self, plugin: str, failure: Failure) -> None:
        """Print ``failure``."""
        self._event(
            "failure",
            plugin=plugin,
            code=failure.code,
            message=failure.message,
            method=failure.method,
        )

    def health(self, report: PluginReport) -> None:
        """Print ``health``."""
        self._event("health", plugin=report.name, health=dict(report.health or {}))

    def reloaded(self, plugin: str, seconds: float, failure: Failure | None) -> None:
        """Print ``reloaded``."""
        reason = failure and {"code": failure.code, "message": failure.message}
        self._event("reloaded", plugin=plugin, seconds=round(seconds, 3), failure=reason)

    def started(self, reports: Sequence[PluginReport]) -> None:
        """Print ``started`` with all plugins."""
        self._event(
            "started",
            plugins=[_running_record(report) for report in _shown(reports)],
            absent=[absent_record(absent) for absent in self.absent],
        )

    def stopping(self) -> None:
        """Print ``stopping``."""
        self._event("stopping")

    def stopped(self) -> None:
        """Print ``stopped``."""
        self._event("stopped")

    def _event(self, event: str, **fields: Any) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._print(json_line({"event": event, "time": now, **fields}) + "\n")


class LineReporter(Reporter):
    """A table when the host has started, and then a line for each change."""

    def __init__(self, redact: Callable[[str], str], *, color: bool | None = None) -> None:
        super().__init__(redact, color=color)
        self._begun = False

    def opening(self, source: str) -> None:
        """Print which configuration it is."""
        self._print(f"Starting the host on {source}.\n")

    def transition(self, plugin: str, old: PluginStatus, new: PluginStatus) -> None:
        """Print a line, once the table is there."""
        if self._begun:
            self._line(plugin, f"{old.name} -> {new.name}", new.name)

    def health(self, report: PluginReport) -> None:
        """Print a line, once the table is there."""
        if self._begun:
            word = _health(report)
            reason = _reason(report)
            self._line(report.name, f"health {word}" + (f": {reason}" if reason else ""), word)

    def reloaded(self, plugin: str, seconds: float, failure: Failure | None) -> None:
        """Print a line."""
        if failure is None:
            self._line(plugin, f"reloaded in {seconds:.2f} s", "active")
        else:
            self._line(plugin, f"[{failure.code}] {brief(failure.code, failure.message)}", "error")

    def started(self, reports: Sequence[PluginReport]) -> None:
        """Print the table."""
        self._print("".join(line + "\n" for line in self._table(reports, None)))
        if not any(report.status.value == "active" for report in reports):
            self._print("No plugin is active; the host runs all the same.\n")
        self._begun = True

    def stopping(self) -> None:
        """Print a line."""
        self._begun = True
        self._print("Stopping.\n")

    def stopped(self) -> None:
        """Print a line."""
        self._print("Stopped.\n")

    def _line(self, plugin: str, text: str, word: str) -> None:
        clock = datetime.now().astimezone().strftime("%H:%M:%S")
        self._print(
            f"{clock} {plugin}: {self._style(printable(text), STATUS_COLORS.get(word.lower()))}\n"
        )

    def _table(self, reports: Sequence[PluginReport], width: int | None) -> list[str]:
        rows = [*map(_row, _shown(reports)), *map(_absent_row, self.absent)]
        columns = len(_HEADINGS) if any(row[-1] for row in rows) else len(_HEADINGS) - 1
        return table(
            _HEADINGS[:columns],
            [row[:columns] for row in rows],
            width=width,
            encoding=self._out.encoding,
            style=lambda _, cell, padded: self._style(padded, STATUS_COLORS.get(cell.lower())),
        )


class LiveReporter(LineReporter):
    """The table, redrawn in its place; what is logged stands above it."""

    def __init__(self, redact: Callable[[str], str], *, color: bool | None = None) -> None:
        super().__init__(redact, color=color)
        self._reports: Sequence[PluginReport] = ()
        self._lines: list[str] = []
        self._drawn = 0
        self._footer = "Starting."

    @staticmethod
    def suits(stream: TextIO) -> bool:
        """Whether a stream is a terminal on which lines can be redrawn."""
        return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"

    def transition(self, plugin: str, old: PluginStatus, new: PluginStatus) -> None:
        """Do nothing: the table shows it."""

    def health(self, report: PluginReport) -> None:
        """Do nothing: the table shows it."""

    def refresh(self, reports: Sequence[PluginReport]) -> None:
        """Redraw the table."""
        self._reports = reports
        width, height = shutil.get_terminal_size()
        mark = cut_mark(self._out.encoding)
        lines = [*self._table(reports, width), clip(self._footer, width, mark)]
        if len(lines) > height - 1:
            more = f"{mark} and {len(lines) - height + 1} more"
            lines = [*lines[: max(height - 3, 0)], more, lines[-1]]
        with self._lock:
            self._lines = lines
            self._redraw()

    def started(self, reports: Sequence[PluginReport]) -> None:
        """Say how to stop."""
        active = any(report.status.value == "active" for report in reports)
        self._footer = "Ctrl-C stops the host."
        if not active:
            self._footer = f"No plugin is active; the host runs all the same. {self._footer}"
        self.refresh(reports)

    def stopping(self) -> None:
        """Say how to force."""
        self._footer = "Stopping; Ctrl-C again leaves at once."
        self.refresh(self._reports)

    def stopped(self) -> None:
        """Leave the last table on the screen."""
        self._footer = "Stopped."
        self.refresh(self._reports)
        self.close()

    def _line(self, plugin: str, text: str, word: str) -> None:
        """Print a line above the table."""
        with self._lock:
            self._print(self._erase())
            self._drawn = 0
            super()._line(plugin, text, word)
            self._redraw()

    def log(self, text: str) -> None:
        """Print above the table, if both are on the terminal."""
        with self._lock:
            if self._err is None or not self._err.isatty():
                super().log(text)
                return
            self._print(self._erase())
            self._drawn = 0
            super().log(text)
            self._redraw()

    def close(self) -> None:
        """Let whatever comes next begin below the table."""
        self._lines, self._drawn = [], 0

    def _redraw(self) -> None:
        text = self._erase() + "".join(line + "\n" for line in self._lines)
        self._drawn = len(self._lines)
        self._print(text)

    def _erase(self) -> str:
        """Return what moves the cursor to the table's first line and clears from there."""
        return f"\x1b[{self._drawn}F\x1b[J" if self._drawn else ""


def _shown(reports: Sequence[PluginReport]) -> list[PluginReport]:
    """Return the plugins that the host runs, or has been asked to run."""
    return [r for r in reports if r.enabled or r.status.value != "unloaded" or r.failure]


def _row(report: PluginReport) -> tuple[str, ...]:
    return (
        report.name,
        report.version or "-",
        report.status.name,
        _health(report),
        _since(report.since),
        _reason(report),
    )


def _absent_row(absent: Absent) -> tuple[str, ...]:
    reason = f"[{absent.code}] {brief(absent.code, absent.message)}"
    return (absent.name, "-", absent.status.upper(), "-", "-", reason)


def _health(report: PluginReport) -> str:
    if report.health is None or report.status.value != "active":
        return "-"  # what it once was says nothing
    return str(report.health.get("status", "unknown"))


def _reason(report: PluginReport) -> str:
    if report.failure is not None:
        return f"[{report.failure.code}] {brief(report.failure.code, report.failure.message)}"
    if report.waits_for:
        return f"waits for {', '.join(report.waits_for)}"
    if report.health is None or report.status.value != "active":
        return ""
    return brief("", str(report.health.get("reason") or ""))


def _since(moment: datetime) -> str:
    local, now = moment.astimezone(), datetime.now().astimezone()
    return local.strftime("%H:%M:%S" if local.date() == now.date() else "%Y-%m-%d %H:%M")


def _running_record(report: PluginReport) -> dict[str, Any]:
    """Return a plugin with what it is at the moment, as JSON values."""
    failure = report.failure
    return report_record(report) | {
        "status": report.status.value,
        "since": report.since.isoformat(timespec="milliseconds"),
        "health": None if report.health is None else dict(report.health),
        "failure": failure and {"code": failure.code, "message": failure.message},
        "error_count": report.error_count,
        "waits_for": list(report.waits_for),
    }
