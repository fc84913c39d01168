"""What the pytest plugin costs a run that does not use it: ``python benchmarks/pytest_plugin.py``.

A run of one empty test with the plugin, as its entry point brings it, and without (``-p
no:aitbc``), in turn; medians of the paired ratios and differences, and the quartiles of the latter,
which say how far a busy machine lets them be trusted.
"""

from __future__ import annotations

import importlib.metadata
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from ratios import _run

ROUNDS = 61
TARGET = 20.0
NAME = "aitbc"


def command(folder: Path, *options: str) -> list[str]:
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return [*pytest, *options, f"--rootdir={folder}", str(folder)]


def environment() -> dict[str, str]:
    ignored = {"PYTEST_ADDOPTS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_PLUGINS"}
    kept = {key: value for key, value in os.environ.items() if key not in ignored}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "", "PYTHONWARNINGS": "ignore"}


def require_entry_point(folder: Path) -> None:
    if not importlib.metadata.entry_points(group="pytest11", name=NAME):
        sys.exit(f"No distribution has the pytest11 entry point {NAME!r}: install this one.")
    words = ["--aitbc-plugin"]
    for options, there in (((), True), (("-p", f"no:{NAME}"), False)):
        text = subprocess.run(
            [*command(folder, *options), "--help"],
            check=True,
            capture_output=True,
            text=True,
            env=environment(),
        ).stdout
        assert all((word in text) is there for word in words), options


def measure(folder: Path) -> list[tuple[list[float], list[float]]]:
    """Return (CPU, wall) seconds of each round, with the plugin and without."""
    with_plugin, without = command(folder), command(folder, "-p", f"no:{NAME}")
    for warm in (with_plugin, without):
        _run(warm, environment())
    taken = []
    for number in range(ROUNDS):
        order = (with_plugin, without) if number % 2 else (without, with_plugin)
        seconds = {id(each): _run(each, environment()) for each in order}
        taken.append((list(seconds[id(with_plugin)]), list(seconds[id(without)])))
    return taken


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_empty.py").write_text("def test_nothing():\n    pass\n")
        require_entry_point(folder)
        taken = measure(folder)
    print(
        "| a run of one empty test | without | with / without | difference | its quartiles | target |"
    )
    print("|---|---|---|---|---|---|")
    for index, name in enumerate(("CPU", "wall")):
        print(row(name, [(a[index], b[index]) for a, b in taken]))


def row(name: str, pairs: list[tuple[float, float]]) -> str:
    base = statistics.median(b for _, b in pairs) * 1000
    ratio = statistics.median(a / b for a, b in pairs)
    low, middle, high = (
        value * 1000 for value in statistics.quantiles((a - b for a, b in pairs), n=4)
    )
    return (
        f"| {name} | {base:.0f} ms | {ratio:.2f} | {middle:.1f} ms | {low:.1f} to {high:.1f} ms "
        f"| ≤ {TARGET:.0f} ms |"
    )


if __name__ == "__main__":
    main()
