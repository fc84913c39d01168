"""Interleaved measurement: candidate and floor in turn, the median of paired ratios."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def process_ratio(candidate: list[str], floor: list[str], *, rounds: int) -> tuple[float, float]:
    """Return candidate/floor in CPU time and in wall time, of whole processes."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    for command in (candidate, floor):  # byte-compile and warm the caches
        _run(command, environment)
    cpu, wall = [], []
    for _ in range(rounds):
        a, b = _run(candidate, environment), _run(floor, environment)
        cpu.append(a[0] / b[0])
        wall.append(a[1] / b[1])
    return statistics.median(cpu), statistics.median(wall)


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def cpu_ratios(
    floor: Callable[[], object], others: list[Callable[[], object]], *, rounds: int = 31
) -> list[float]:
    """Return others/floor in this thread's CPU time."""
    for function in (floor, *others):
        function()
    taken = [(_cpu(floor), [_cpu(other) for other in others]) for _ in range(rounds)]
    return [
        statistics.median(times[index] / base for base, times in taken)
        for index in range(len(others))
    ]


def _cpu(function: Callable[[], object]) -> float:
    began = time.thread_time()
    function()
    return time.thread_time() - began


def timed_inside(set_up: str, code: str, environ: dict[str, str]) -> float:
    """Return the CPU time of `code` in a fresh process, after what it needs was imported."""
    program = (
        f"{set_up}\nimport time\ncode = compile({code!r}, '<timed>', 'exec')\n"
        "began = time.thread_time()\nexec(code)\nprint(time.thread_time() - began)"
    )
    done = subprocess.run(
        python(program), env=os.environ | environ, check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def median_of_ratios(
    candidate: Callable[[], float], floor: Callable[[], float], *, rounds: int
) -> float:
    """Return candidate/floor of what two functions measure, in turn."""
    return statistics.median(candidate() / floor() for _ in range(rounds))
