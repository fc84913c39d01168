"""Faults that reach beyond the plugin: the process, the file system, the import."""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
from pathlib import Path

from planted import Sound, planted


@planted("RES-03")
class SetsEnvironment(Sound):
    """start() passes a path on to a library through the environment."""

    async def start(self):
        os.environ["PLANTED_CACHE"] = self.context.temp_dir
        return True


@planted("RES-03")
class ChangesDirectory(Sound):
    """initialize() makes the data directory the working directory of the whole host."""

    async def initialize(self):
        os.chdir(self.context.data_dir)
        return True


@planted("RES-03")
class TakesSignal(Sound):
    """start() takes SIGTERM for itself."""

    async def start(self):
        signal.signal(signal.SIGTERM, self._terminate)
        return True

    def _terminate(self, _number, _frame):
        self.context.logger.warning("asked to end")


class Tee:
    def __init__(self, stream, logger):
        self._stream = stream
        self._logger = logger

    def write(self, text):
        self._logger.debug("printed: %s", text)
        return self._stream.write(text)

    def __getattr__(self, name):
        return getattr(self._stream, name)


@planted("RES-03")
class ReplacesStdout(Sound):
    """start() puts an object of its own in the place of sys.stdout."""

    async def start(self):
        sys.stdout = Tee(sys.stdout, self.context.logger)
        return True


@planted("RES-03")
class ConfiguresLogging(Sound):
    """initialize() sets up logging as if the program were its own."""

    async def initialize(self):
        root = logging.getLogger()
        root.addHandler(logging.StreamHandler())
        root.setLevel(logging.DEBUG)
        return True


@planted("RES-03")
class ExtendsImportPath(Sound):
    """initialize() adds a directory to sys.path."""

    async def initialize(self):
        sys.path.append(str(Path(self.context.data_dir, "scripts")))
        return True


@planted("RES-03")
class SetsUmask(Sound):
    """start() narrows the umask, to write one file, and leaves it so."""

    async def start(self):
        os.umask(0o077)
        Path(self.context.data_dir, "secret").touch()
        return True


# The files are taken away again: they lie where other people have theirs.


@planted("RES-03")
class SeedsRandom(Sound):
    """The numbers that everybody in the process draws are the same from now on."""

    async def start(self):
        random.seed(20240229)
        self.jitter = random.random()
        return True


@planted("RES-04")
class WritesToHome(Sound):
    """A lock file lies in the user's home directory while the plugin is active."""

    _lock: Path | None = None

    async def start(self):
        self._lock = Path.home() / f".{self.metadata.name}.lock"
        self._lock.write_text(str(os.getpid()))
        return True

    async def stop(self):
        return await self._release()

    async def _release(self):
        if self._lock is not None:
            self._lock.unlink(missing_ok=True)
        return True

    async def cleanup(self):
        return await self._release()


@planted("RES-04")
class WritesToWorkingDirectory(Sound):
    """A file is made in the working directory and moved to its place later."""

    async def initialize(self):
        self._make_index(Path(f"{self.metadata.name}.part"))
        return True

    def _make_index(self, part):
        part.write_text("{}")
        Path(self.context.data_dir, "index.json").write_text(part.read_text())
        part.unlink()


@planted("RES-04")
class WritesBesideItsCode(Sound):
    """A cache lies in the folder of the plugin's own code."""

    _cache = Path(__file__).with_name("writes_beside_its_code.cache")

    async def start(self):
        self._cache.write_text("{}")
        return True

    async def stop(self):
        return await self._release()

    async def _release(self):
        self._cache.unlink(missing_ok=True)
        return True

    async def cleanup(self):
        return await self._release()


planted.add(
    "import-prints",
    "subjects.import_prints:Plugin",
    "IMP-01",
    what="The module greets on import.",
)
planted.add(
    "import-starts-thread",
    "subjects.import_starts_thread:Plugin",
    "IMP-01",
    what="The module starts a thread on import.",
)
