"""``aitbc-hooks run``: the host, until somebody tells it to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aitbc_hooks.cli.absent import find_absent
from aitbc_hooks.cli.exits import Status, end_now, unwritable
from aitbc_hooks.cli.logs import logging_to_stderr
from aitbc_hooks.cli.loop import HostLoop
from aitbc_hooks.cli.options import as_json, pass_session, with_global_options
from aitbc_hooks.cli.prints import prints_as_lines
from aitbc_hooks.cli.reloading import FolderWatch
from aitbc_hooks.cli.reporting import JsonReporter, LineReporter, LiveReporter, Reporter
from aitbc_hooks.cli.signals import TERMINATING, handling
from aitbc_hooks.cli.watching import Watcher

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from types import FrameType

    from aitbc_hooks.cli.session import Session
    from aitbc_hooks.manager import PluginManager

__all__ = ["run"]


@with_global_options
@click.command("run")
@click.argument(
    "path",
    metavar="[CONFIG]",
    required=False,
    type=click.Path(path_type=Path, readable=False),
)
@click.option("--watch", is_flag=True, help="Reload plugins whose files are edited.")
@as_json
@pass_session
def run(session: Session, path: Path | None, *, as_json: bool, watch: bool) -> None:
    """Run the host until it is told to stop.

    Starts what the configuration (CONFIG, or what is found) enables and shows how the plugins
    fare: a live table on a terminal, else a line for each change. Ctrl-C, SIGTERM or SIGHUP stops
    and unloads everything, in the reverse order; a second one while that lasts ends the process
    at once, with exit status 130. What plugins print goes to the log.

    With --watch, enabled plugins of the configuration's plugin_paths are reloaded when their
    sources, manifest or schema are edited; where the new code fails, the old goes on.
    """
    if path is not None:
        session.config_path = path
    settings = session.config()
    reporter = _reporter(session, as_json=as_json)
    with (
        prints_as_lines(reporter.printed, reporter.log_descriptor),
        logging_to_stderr(session, normally=logging.INFO, write=reporter.log),
        HostLoop(session) as loop,
    ):
        manager = session.manager()
        reporter.absent = find_absent(manager, session.blocked())
        reporter.opening(str(settings.source or "the embedded default"))
        loop.run(_host(manager, reporter, watch=watch))
    if reporter.fault is not None:
        raise unwritable(reporter.fault.strerror or str(reporter.fault))


def _reporter(session: Session, *, as_json: bool) -> Reporter:
    if as_json:
        return JsonReporter(session.redact)
    color = click.get_current_context().color
    return (LiveReporter if LiveReporter.suits(sys.stdout) else LineReporter)(
        session.redact, color=color
    )


async def _host(manager: PluginManager, reporter: Reporter, *, watch: bool) -> None:
    """Start the host, wait for a signal, stop the host."""
    stop = _Stop(reporter)
    folders = FolderWatch(manager, reporter) if watch else nullcontext()
    with stop.on_signals():
        async with Watcher(manager, reporter, on_silence=stop.asked.set):
            try:
                await stop.unless(manager.start())
                if not stop.asked.is_set():
                    reporter.started(manager.reports())
                async with folders:
                    await stop.asked.wait()
            finally:
                reporter.stopping()
                await manager.stop()
        reporter.stopped()


class _Stop:
    """The wish that the host stop: the first signal asks, the second ends the process.

    Made inside the running loop.

    Args:
        reporter: Leaves the terminal in order when the process is ended.

    Attributes:
        asked: Somebody has asked.
    """

    def __init__(self, reporter: Reporter) -> None:
        self.asked = asyncio.Event()
        self._signals = 0
        self._reporter = reporter
        self._loop = asyncio.get_running_loop()

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Listen to signals, by Python's handlers and not the loop's.

        They run while a plugin blocks the loop, too.
        """
        with handling(self._handle, (signal.SIGINT, *TERMINATING)):
            yield

    async def unless(self, work: Coroutine[Any, Any, None]) -> None:
        """Await `work`, or cancel it when somebody asks."""
        working = asyncio.create_task(work)
        asking = asyncio.create_task(self.asked.wait())
        await asyncio.wait({working, asking}, return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})
        if not working.cancelled():
            working.result()

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        if self._signals > 1:
            self._reporter.close()
            click.echo("Forced to leave; plugins may not have been stopped.", err=True)
            end_now(Status.INTERRUPTED)
        self._loop.call_soon_threadsafe(self.asked.set)
