"""``run --watch``: reloads the plugins whose folders are edited."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from aitbc_hooks.discovery import CONFIG_SCHEMA, MANIFEST
from aitbc_hooks.errors import LifecycleError
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle import Failure

if TYPE_CHECKING:
    from aitbc_hooks.cli.reporting import Reporter
    from aitbc_hooks.manager import PluginManager

__all__ = ["FolderWatch", "look"]

#: Seconds between two looks. Editors write several files, and some write each twice: what has
#: changed is reloaded once it has not changed any more from one look to the next.
_PERIOD: Final = 0.3

_NOT_ALL: Final = "was reloaded; of the plugins that need it, not all could be started again."

#: Path -> what `os.stat` says of the file: its size, and two times.
Look = dict[str, tuple[int, int, int]]


def look(folder: Path) -> Look:
    """Look at the files of a plugin's folder whose edit means a reload; {} if it is gone.

    These are sources, manifests and schemas, at any depth; bytecode, data and hidden folders such
    as those of version control are not.
    """
    found: Look = {}
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        for name in files:
            if name.endswith(".py") or name in (MANIFEST, CONFIG_SCHEMA):
                path = os.path.join(place, name)  # noqa: PTH118 - called several times a second
                try:
                    stat = os.stat(path)  # noqa: PTH116 - the same
                except OSError:
                    continue  # it has just been removed
                found[path] = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    return found


class FolderWatch:
    """Reloads enabled plugins of ``plugin_paths`` when their files change.

    An asynchronous context manager. What it compares with is how the folders are when it is made,
    which should be before the plugins are loaded.

    Args:
        manager: The host.
        reporter: Told what has become of each reload.
    """

    def __init__(self, manager: PluginManager, reporter: Reporter) -> None:
        self._manager = manager
        self._reporter = reporter
        self._folders = {
            report.name: Path(report.location)
            for report in manager.reports()
            if report.enabled and report.source == "directory"
        }
        self._loaded = {name: look(folder) for name, folder in self._folders.items()}
        self._last = dict(self._loaded)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch(), name="aitbc-hooks:watch-folders")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})  # a reload that has begun completes

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_PERIOD)
            for name, folder in self._folders.items():
                now = await asyncio.to_thread(look, folder)
                settled = now == self._last[name]
                self._last[name] = now
                if settled and now != self._loaded[name]:
                    self._loaded[name] = now
                    await self._reload(name)

    async def _reload(self, name: str) -> None:
        clock = asyncio.get_running_loop().time
        manager, begin = self._manager, clock()
        if manager.report(name).waits_for:
            return  # it is started on demand, and imported then
        was_up = manager.get_plugin_status(name) not in (PluginStatus.ERROR, PluginStatus.UNLOADED)
        succeeded = await manager.reload_plugin(name)
        if succeeded and not was_up:
            # It was to run, and could not until it was mended.
            with contextlib.suppress(LifecycleError):  # somebody else has unloaded it meanwhile
                succeeded = await manager.start_plugin(name)
        failure = manager.report(name).failure or Failure("AITBC-D03", _NOT_ALL, name)
        self._reporter.reloaded(name, clock() - begin, None if succeeded else failure)
