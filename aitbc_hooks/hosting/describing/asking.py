"""The host's side: a process for each question, with a deadline, whose end nobody waits for."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.discovery import keep_description, said_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aitbc_hooks.discovery import Candidate, Index

__all__ = ["DEADLINE", "Description", "describe", "describe_all", "untried"]

#: Seconds that a plugin has to be imported and constructed in, and to say what it is.
DEADLINE: Final = 10.0

_LARGEST: Final = 1 << 20
_ANSWERING: Final = "aitbc_hooks.hosting.describing.answering"


@attrs.frozen
class Description:
    """What asking has come to.

    Attributes:
        table: A manifest's table; None if there is no answer.
        problem: Why there is none; None if there is one.
    """

    table: Mapping[str, Any] | None = None
    problem: str | None = None


def describe_all(
    candidates: Iterable[Candidate], index: Index, *, deadline: float = DEADLINE
) -> dict[str, str]:
    """Describe the plugins that nothing is known of, each once for as long as its code is the same.

    Args:
        candidates: Those that have a folder and no manifest are described; the others pass.
        index: Where descriptions are kept, failures too.
        deadline: Seconds for each.

    Returns:
        Name -> why the plugin could not be described.
    """
    known = list(candidates)
    unknown = untried(known, index)
    problems = {}
    for candidate in _bare(known):
        said = said_before(_folder(candidate), index)
        if said is not None and said.problem:
            problems[candidate.name] = said.problem
    if not unknown:
        return problems
    with ThreadPoolExecutor(min(len(unknown), os.cpu_count() or 1)) as pool:
        found = pool.map(lambda candidate: _of(candidate, deadline), unknown)
        for candidate, description in zip(unknown, found, strict=True):
            table, problem = description.table, description.problem
            keep_description(_folder(candidate), index, candidate.name, table, problem)
            if problem is not None:
                problems[candidate.name] = problem
    index.save()
    return problems


def untried(candidates: Iterable[Candidate], index: Index) -> list[Candidate]:
    """Return the plugins that have no manifest and were not described as they are now."""
    return [each for each in _bare(candidates) if said_before(_folder(each), index) is None]


def _bare(candidates: Iterable[Candidate]) -> list[Candidate]:
    return [c for c in candidates if c.source == "directory" and c.manifest is None]


def _folder(candidate: Candidate) -> Path:
    return Path(candidate.location)


def _of(candidate: Candidate, deadline: float) -> Description:
    return describe({"name": candidate.name, "folder": candidate.location}, deadline=deadline)


def describe(question: Mapping[str, str], *, deadline: float = DEADLINE) -> Description:
    """Ask one plugin what it is, in a process of its own.

    Args:
        question: ``name``, ``folder`` and, if it is not ``plugin``, ``entry``; without a folder the
            entry is absolute.
        deadline: Seconds.

    Returns:
        The answer; whatever the plugin does to its process is a problem, told in one line.
    """
    with contextlib.ExitStack() as ending:
        try:
            # What the process does not remove itself, as one that is ended, is removed with it.
            room = ending.enter_context(
                tempfile.TemporaryDirectory(prefix="aitbc-describe-", ignore_cleanup_errors=True)
            )
            child = ending.enter_context(_started(room))
        except OSError as error:
            return Description(problem=f"no process could be made for it: {error}.")
        ending.callback(_end, child)
        assert child.stdin is not None  # noqa: S101 - both are pipes
        assert child.stdout is not None  # noqa: S101 - likewise
        with contextlib.suppress(BrokenPipeError):  # it has ended: that is told below
            child.stdin.write(json.dumps(dict(question)).encode())
            child.stdin.close()
        answer = _line(child.stdout.fileno(), deadline)
        if isinstance(answer, Description):
            return answer
        if not answer.endswith(b"\n"):
            return Description(problem=_ended(child))
    return _understood(answer)


def _started(room: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-m", _ANSWERING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=_environment(room),
    )


def _line(source: int, deadline: float) -> bytes | Description:
    """Read a line, or what there is before the end; a description of why if neither comes."""
    until = time.monotonic() + deadline
    data = b""
    while not data.endswith(b"\n"):
        ready, _, _ = select.select([source], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return Description(problem=f"it has not said what it is within {deadline:g} s.")
        if not (more := os.read(source, 1 << 16)):
            break
        data += more
        if len(data) > _LARGEST:
            return Description(problem=f"its description is larger than {_LARGEST} bytes.")
    return data


def _ended(child: subprocess.Popen[bytes]) -> str:
    try:
        status = child.wait(1)
    except subprocess.TimeoutExpired:
        return "its process has closed the line and said nothing."
    if status >= 0:
        return f"its process exited with status {status} and said nothing."
    with contextlib.suppress(ValueError):
        return f"its process was ended by {signal.Signals(-status).name}."
    return f"its process was ended by signal {-status}."


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the process and what it has started, whatever it is doing."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.kill()


def _understood(answer: bytes) -> Description:
    try:
        said: dict[str, Any] = json.loads(answer)
        return Description(said.get("table"), said.get("problem"))
    except (ValueError, AttributeError, RecursionError):
        return Description(problem="it has written into the line that its description is told on.")


def _environment(room: str) -> dict[str, str]:
    """Return the environment of this process, with its import path: it may be an embedded one."""
    return os.environ | {
        "TMPDIR": room,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
