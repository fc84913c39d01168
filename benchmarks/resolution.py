"""What solving costs: ``python benchmarks/resolution.py``.

Processor time and wall time of whole calls of `resolve`, releases given as records; medians. A
refusal includes its proof, the sentences and the changes that are tried. The floor is what merely
reading costs: parsing the versions and requirements of the same releases.
"""

from __future__ import annotations

import random
import statistics
import time
from typing import TYPE_CHECKING

from aitbc_hooks.resolution import Release, Request, Solution, resolve
from aitbc_hooks.versions import Requirement

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
Texts = list[tuple[str, str, list[str]]]


def layered(plugins: int, versions: int, *, seed: int = 5) -> Texts:
    """Plugins that need three of those after them, newer ones in newer versions."""
    draw = random.Random(seed)
    found: Texts = []
    for number in range(plugins):
        later = range(number + 1, min(number + 60, plugins))
        needed = draw.sample(later, min(3, len(later)))
        for minor in range(versions):
            low = [draw.randint(0, minor) for _ in needed]
            needs = [f"p{n} >=1.{least},<2" for n, least in zip(needed, low, strict=True)]
            found.append((f"p{number}", f"1.{minor}.0", needs))
    return found


def clashing(plugins: int, versions: int) -> Texts:
    """The same, but what two of them need excludes each other, in every version."""
    found = layered(plugins, versions)
    for number, wanted in ((plugins - 7, "<1.5"), (plugins - 11, ">=1.5")):
        for name, _, needs in found:
            if name == f"p{number}":
                needs.append(f"p{plugins - 1} {wanted}")
    return found


def hidden(plugins: int, versions: int) -> Texts:
    """Plugins in a row: each version allows several of the next, and only the ends clash.

    Trying one version after another goes through versions ** plugins sets.
    """
    found: Texts = []
    for number in range(plugins):
        for minor in range(versions):
            needs = [f"p{number + 1}"] if number + 1 < plugins else []
            if number == 0:
                needs.append("shared <1.1")
            if number + 1 == plugins:
                needs.append("shared >=1.1")
            found.append((f"p{number}", f"1.{minor}.0", needs))
    return [*found, ("shared", "1.0.0", []), ("shared", "1.1.0", [])]


def tangled(plugins: int, versions: int, *, seed: int) -> Texts:
    """Plugins that all need each other, each version in a window of the other's versions."""
    draw = random.Random(seed)
    found: Texts = []
    for number in range(plugins):
        for minor in range(versions):
            needs = []
            for other in range(plugins):
                start = draw.randrange(versions)
                if other != number:
                    needs.append(f"p{other} >=1.{start},<1.{start + versions // 2 + 1}")
            found.append((f"p{number}", f"1.{minor}.0", needs))
    return found


def measured(call: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float, object]:
    """Return the processor time and the wall time of a call in seconds, and its result."""
    cpu, wall = [], []
    for _ in range(rounds):
        began = time.process_time(), time.perf_counter()
        result = call()
        cpu.append(time.process_time() - began[0])
        wall.append(time.perf_counter() - began[1])
    return statistics.median(cpu), statistics.median(wall), result


def read(texts: Texts) -> list[Release]:
    return [Release.of(name, version, needs) for name, version, needs in texts]


def show(what: str, texts: Texts, roots: list[str], target: str) -> None:
    floor, _, _ = measured(lambda: read(texts), rounds=3)
    request = Request([Requirement.parse(root) for root in roots], read(texts))
    cpu, wall, result = measured(lambda: resolve(request))
    kind = type(result).__name__
    size = len(result.releases) if isinstance(result, Solution) else len(result.steps)
    print(
        f"| {what} | {kind}, {size} | {cpu * 1000:.1f} | {wall * 1000:.1f} "
        f"| {cpu / floor:.2f} | {target} |"
    )


def main() -> None:
    print("| case | answer, its plugins or steps | CPU ms | wall ms | CPU / reading | target |")
    print("|---|---|---|---|---|---|")
    twenty = [f"p{number}" for number in range(0, 200, 10)]
    show("1000 plugins x 10 versions", layered(1000, 10), twenty, "≤ 1 s")
    show("the same, impossible", clashing(1000, 10), twenty, "≤ 1 s")
    show("hidden clash, 6 x 8", hidden(6, 8), ["p0"], "≤ 50 ms")
    for seed in (1, 2, 3):
        roots = [f"p{number}" for number in range(6)]
        show(f"tangle {seed}, 6 x 8", tangled(6, 8, seed=seed), roots, "≤ 50 ms")


if __name__ == "__main__":
    main()
