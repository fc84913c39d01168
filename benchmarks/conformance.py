"""What a verdict takes: ``python benchmarks/conformance.py``.

CPU time of whole processes: SPEC.md's MyPlugin through `conformance()` and through ``aitbc-hooks
test``, which checks it in a process of its own, beside a process that only imports what the kit is
built on. What is measured is the package as it is installed, and not the checkout: Hypothesis reads
the source of every module that is no installed one, for constants to try.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
from pathlib import Path

from ratios import _run, python

ROUNDS = 5
TARGET = 3.0
SPEC = Path(__file__).parents[1] / "tests" / "spec" / "SPEC.md"
LIBRARY = """\
import sys
sys.path.insert(0, {folder!r})
from plugin import MyPlugin
from aitbc_hooks.testing import conformance
assert conformance(MyPlugin).verdict.value == "CONFORMANT"
"""


def plugin_in(folder: Path) -> Path:
    printed = re.search(r"```python\n(# my-plugin/plugin\.py.*?)```", SPEC.read_text(), re.DOTALL)
    assert printed
    home = folder / "my-plugin"
    home.mkdir()
    (home / "plugin.py").write_text(printed[1])
    return home


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        home = plugin_in(Path(scratch))
        cases = {
            "`import hypothesis, pluggy, jsonschema`": python(
                "import hypothesis, pluggy, jsonschema"
            ),
            "`conformance(MyPlugin)`": python(LIBRARY.format(folder=str(home))),
            "`aitbc-hooks test my-plugin`": [
                sys.executable,
                "-m",
                "aitbc_hooks",
                "test",
                str(home),
            ],
        }
        os.chdir(scratch)  # else the checkout is imported
        taken = {
            name: [_run(command, dict(os.environ)) for _ in range(ROUNDS)]
            for name, command in cases.items()
        }
    print("| process | CPU s | wall s | target |\n|---|---|---|---|")
    for name, times in taken.items():
        cpu, wall = (statistics.median(each) for each in zip(*times, strict=True))
        target = "" if "import" in name else f"≤ {TARGET:g} s"
        print(f"| {name} | {cpu:.2f} | {wall:.2f} | {target} |")


if __name__ == "__main__":
    main()
