"""The checks in a process of their own: whatever the plugin does to it, the kit goes on.

The parent starts a runner, which writes a line for each thing that it begins or has found out.
Where the runner dies or keeps silent, the check that it was at has failed, and another runner
goes on with the rest.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import signal
import site
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.testing.kit.checks import CHECKS
from aitbc_hooks.testing.kit.outcomes import Level, Outcome, Result
from aitbc_hooks.testing.kit.processes.descendants import adopting, end_descendants
from aitbc_hooks.testing.kit.report import Report
from aitbc_hooks.testing.kit.specimen import BUDGET, EXAMPLES
from aitbc_hooks.testing.kit.untested import UNTESTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from subprocess import Popen

__all__ = ["examine_in_child"]

#: Real seconds without a sign of life after which the runner is killed.
_SILENCE: Final = 20.0
#: What is kept of the runner's output, for its last words.
_LAST_LINES: Final = 200
_FIRST_CHECK: Final = "META-01"
_FRAME: Final = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+) in (?P<function>\S+)')


def examine_in_child(
    target: str,
    *,
    level: Level | str = Level.MUST,
    seed: int = 0,
    examples: int = EXAMPLES,
    budget: float = BUDGET,
    provides: Iterable[str] = (),
    config: Mapping[str, Any] | None = None,
    samples: Mapping[str, Sequence[Any]] | None = None,
    on_result: Callable[[Result], None] | None = None,
    silence: float = _SILENCE,
) -> Report:
    """Run all checks on a plugin in a process of their own.

    Args:
        target: How the plugin is named: see `find_plugin`.
        level: The lowest level whose failures make the plugin non-conformant.
        seed: Of what is generated.
        examples: Cases that a check tries.
        budget: Real seconds for all checks together.
        provides: Capabilities that are there.
        config: The plugin's configuration; by default configurations are generated.
        samples: Argument name -> JSON values, for what only the author knows.
        on_result: Told of each result as soon as it is there.
        silence: Real seconds without a sign of life after which the runner is killed.

    Returns:
        What each check came to.

    Raises:
        PluginNotFoundError: There is nothing of that name.
    """
    from aitbc_hooks.testing.kit.finding import place_named  # noqa: PLC0415 - early refusal

    place = place_named(target)
    request = {
        "target": _absolute(target) if place.folder else target,
        "named": target,
        "seed": seed,
        "examples": examples,
        "budget": budget,
        "provides": sorted(provides),
        "config": None if config is None else dict(config),
        "samples": {name: list(values) for name, values in (samples or {}).items()},
        "path": [path or str(Path.cwd()) for path in ["", *sys.path]],
    }
    examiner = _Examiner(request, on_result or (lambda _: None), silence)
    examiner.run(time.monotonic() + budget)
    results = tuple(examiner.results[id] for id in CHECKS)  # noqa: A001 - the reader's word
    return Report(
        examiner.name or target, results, seed=seed, untested=UNTESTED, level=Level(level)
    )


def _absolute(named: str) -> str:
    """Return a path, and what may follow it, such that it holds in another working directory."""
    path, colon, attribute = named.partition(":")
    return f"{Path(path).resolve()}{colon}{attribute}"


@attrs.define
class _Examiner:
    """The parent's side: starts runners until every check has a result."""

    request: dict[str, Any]
    on_result: Callable[[Result], None]
    silence: float
    results: dict[str, Result] = attrs.field(factory=dict)
    name: str = ""
    begun: str | None = None
    program: str = ""

    def run(self, end: float) -> None:
        while self._open():
            before = len(self.results)
            self.begun, self.program = None, ""
            left = max(0.0, end - time.monotonic())
            with _runner({**self.request, "budget": left, "done": self._done()}) as runner:
                why = self._listen(runner)
            if self._open():
                self._blame(why)
            if len(self.results) == before:
                raise RuntimeError(f"the conformance kit's runner cannot work: {why}")

    def _open(self) -> list[str]:
        return [id for id in CHECKS if id not in self.results]  # noqa: A001 - the reader's word

    def _done(self) -> dict[str, str]:
        return {id: result.outcome.value for id, result in self.results.items()}  # noqa: A001

    def _listen(self, runner: _Runner) -> str:
        """Take in what the runner says until it ends; return how it ended, in words."""
        while (line := runner.next_line(self.silence)) is not None:
            self._take(json.loads(line))
        if runner.silent:
            return f"it held on to the process: no sign of life for {self.silence:g} s"
        return runner.how_it_ended()

    def _take(self, said: dict[str, Any]) -> None:
        self.name = said.get("name", self.name)
        self.begun = said.get("begin", self.begun)
        self.program = said.get("program", self.program)
        if "result" in said:
            outcome, *rest = said["result"]
            self._enter(Result(CHECKS[said["id"]], Outcome(outcome), *rest))

    def _blame(self, why: str) -> None:
        """Enter what the check that the runner was at came to: the plugin ended it."""
        if self.begun in self._open():
            self._enter(self._failure(self.begun, f"{why} while this check ran."))
            return
        # It cannot even be imported, and no other runner will fare better.
        if _FIRST_CHECK in self._open():
            self._enter(self._failure(_FIRST_CHECK, f"{why} when it was imported."))
        for id in self._open():  # noqa: A001 - the reader's word
            self._enter(Result.blocked(CHECKS[id], _FIRST_CHECK))

    def _failure(self, id: str, why: str) -> Result:  # noqa: A002 - the reader's word
        return Result(CHECKS[id], Outcome.FAIL, why, self.program)

    def _enter(self, result: Result) -> None:
        self.results[result.id] = result
        self.begun, self.program = None, ""
        self.on_result(result)


class _Runner:
    """The runner's process, as the parent sees it."""

    def __init__(self, process: Popen[bytes], results: int) -> None:
        self.silent = False
        self._process = process
        self._results = results
        self._buffer = b""
        self._words: deque[bytes] = deque(maxlen=_LAST_LINES)
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()

    def _drain(self) -> None:
        """Read what the plugin prints, however much; keep the last of it."""
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        for line in iter(lambda: self._process.stdout.readline(10_000), b""):  # type: ignore[union-attr]
            self._words.append(line)

    def next_line(self, silence: float) -> bytes | None:
        """Return the next line; None at the end, or after a silence."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._results, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not selector.select(silence):
                    self.silent = True
                    return None
                if not (read := os.read(self._results, 1 << 16)):
                    return None
                self._buffer += read
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def how_it_ended(self) -> str:
        """Say how the process ended, and where in the plugin that was, as far as is known."""
        status = self._process.wait()
        if status >= 0:
            return f"it ended the process with status {status}"
        self._reader.join(1.0)
        name = signal.Signals(-status).name
        return f"the process was killed by {name}{self._last_place()}"

    def _last_place(self) -> str:
        """Return the innermost of the plugin's own lines in what `faulthandler` has written."""
        own = str(Path(__file__).parents[2])
        for line in self._words:
            found = _FRAME.search(line.decode("utf-8", "replace"))
            if found and not found["file"].startswith((own, sys.prefix, sys.base_prefix)):
                return f" at {Path(found['file']).name}:{found['line']} in {found['function']}()"
        return ""

    def end(self) -> None:
        """Kill it, and all that it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._results)
        end_descendants()
        self._reader.join(1.0)
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextlib.contextmanager
def _runner(request: dict[str, Any]) -> Iterator[_Runner]:
    """Run the checks in a process whose home and working directory are its own."""
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory(prefix="aitbc-test-", ignore_cleanup_errors=True) as folder:
        command = [sys.executable, "-m", "aitbc_hooks.testing.kit.processes.runner", str(writing)]
        with adopting():
            process = subprocess.Popen(  # noqa: S603 - this interpreter, this package
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=_environment(folder, request["path"]),
                pass_fds=[writing],
                start_new_session=True,
            )
            os.close(writing)
            runner = _Runner(process, reading)
            try:
                with contextlib.suppress(BrokenPipeError):
                    assert process.stdin is not None  # noqa: S101 - it was asked for
                    process.stdin.write(json.dumps(request).encode())
                    process.stdin.close()
                yield runner
            finally:
                runner.end()


def _environment(folder: str, path: Iterable[str]) -> dict[str, str]:
    """Return the environment of a runner: what would be written at home lands in `folder`."""
    return {
        **os.environ,
        "HOME": folder,
        "TMPDIR": folder,
        "XDG_CACHE_HOME": f"{folder}/cache",
        "XDG_CONFIG_HOME": f"{folder}/config",
        "XDG_DATA_HOME": f"{folder}/data",
        "XDG_STATE_HOME": f"{folder}/state",
        "PYTHONUSERBASE": site.getuserbase(),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONFAULTHANDLER": "1",
        "PYTHONUNBUFFERED": "1",
    }
