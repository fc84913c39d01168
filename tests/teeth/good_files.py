"""Files in data_dir and temp_dir."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import tempfile
from pathlib import Path

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata


class Idle(BasePlugin):
    """Succeeds at everything."""

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


@good()
class JsonState(Idle):
    """State that survives: read in initialize, replaced atomically in stop."""

    def get_metadata(self):
        return PluginMetadata("json-state", "1.0.0", "Remembers", "File Author", "MIT")

    @property
    def _path(self):
        return Path(self.context.data_dir) / "state.json"

    async def initialize(self):
        try:
            self.state = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self.state = {"starts": 0, "events": {}}
        return True

    async def start(self):
        self.state["starts"] += 1
        return True

    async def handle_event(self, event_type, data):
        self.state["events"][event_type] = self.state["events"].get(event_type, 0) + 1

    async def stop(self):
        await asyncio.to_thread(self._save, json.dumps(self.state))
        return True

    def _save(self, text):
        handle, name = tempfile.mkstemp(dir=self.context.data_dir, suffix=".new")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(name, self._path)  # noqa: PTH105 - as the standard library names it
        except BaseException:
            os.unlink(name)  # noqa: PTH108 - the same
            raise

    async def health_check(self):
        return {**await super().health_check(), "starts": getattr(self, "state", {}).get("starts")}


@good()
class ScratchFiles(Idle):
    """Temporary files and folders below temp_dir, in each start anew."""

    _scratch = None

    def get_metadata(self):
        return PluginMetadata("scratch-files", "1.0.0", "Scribbles", "File Author", "MIT")

    async def start(self):
        self._scratch = tempfile.TemporaryDirectory(dir=self.context.temp_dir, prefix="run-")
        with tempfile.NamedTemporaryFile(dir=self._scratch.name) as file:
            file.write(b"scratch")
            file.flush()
        return True

    async def stop(self):
        self._scratch.cleanup()
        return True

    async def cleanup(self):
        if self._scratch is not None:
            self._scratch.cleanup()
        return True


@good()
class OwnLogFile(Idle):
    """A handler on its own logger from initialize to cleanup; the root logger stays as it is."""

    _handler = None

    def get_metadata(self):
        return PluginMetadata("own-log-file", "1.0.0", "Logs to a file", "File Author", "MIT")

    async def initialize(self):
        path = Path(self.context.data_dir, "plugin.log")
        self._handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        self.context.logger.addHandler(self._handler)
        return True

    async def start(self):
        self.context.logger.warning("started")
        return True

    async def handle_event(self, event_type, data):
        self.context.logger.info("%s: %d keys", event_type, len(data))

    async def cleanup(self):
        if self._handler is not None:
            self.context.logger.removeHandler(self._handler)
            self._handler.close()
        return True


@good()
class Rotating(Idle):
    """Writes with pathlib on the loop, renames, and deletes what is old."""

    def get_metadata(self):
        return PluginMetadata("rotating", "1.0.0", "Keeps three files", "File Author", "MIT")

    async def initialize(self):
        self._folder = Path(self.context.data_dir, "rotation")
        self._folder.mkdir(exist_ok=True)
        return True

    async def start(self):
        for number in (2, 1):
            old = self._folder / f"{number}.txt"
            if old.exists():
                old.replace(self._folder / f"{number + 1}.txt")
        (self._folder / "1.txt").write_text("begun\n", encoding="utf-8")
        return True

    async def handle_event(self, event_type, data):
        with (self._folder / "1.txt").open("a", encoding="utf-8", errors="replace") as file:
            print(event_type, len(data), file=file)


@good()
class OpenAllTheTime(Idle):
    """A file that is open while the plugin is active, and a copy of it in the end."""

    _file = None

    def get_metadata(self):
        return PluginMetadata("open-all-the-time", "1.0.0", "Appends", "File Author", "MIT")

    async def start(self):
        self._file = Path(self.context.data_dir, "stream.bin").open("ab", buffering=0)  # noqa: SIM115 - closed in stop
        return True

    async def handle_event(self, event_type, data):
        self._file.write(json.dumps([event_type, data]).encode() + b"\n")

    async def stop(self):
        self._file.close()
        source = Path(self.context.data_dir, "stream.bin")
        await asyncio.to_thread(shutil.copyfile, source, source.with_suffix(".bak"))
        return True

    async def cleanup(self):
        if self._file is not None:
            self._file.close()
        return True
