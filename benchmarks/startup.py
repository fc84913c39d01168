"""What importing and `--help` cost, as ratios of whole processes: ``python benchmarks/startup.py``."""

from __future__ import annotations

import sys

from ratios import process_ratio, python

ROUNDS = 21
CLI = [sys.executable, "-m", "aitbc_hooks"]

CASES = [
    ("`import aitbc_hooks`", python("import aitbc_hooks"), "`import pluggy`", "pluggy", 1.5),
    (
        "`from aitbc_hooks import HookManager`",
        python("from aitbc_hooks import HookManager"),
        "`import pluggy`",
        "pluggy",
        None,
    ),
    ("`aitbc-hooks --help`", [*CLI, "--help"], "`import click`", "click", 2.0),
    ("`aitbc-hooks list`", [*CLI, "list"], "`import click`", "click", None),
]
LIST, VERSION = [*CLI, "list"], [*CLI, "--version"]


def main() -> None:
    print("| candidate | floor | CPU | wall | target |\n|---|---|---|---|---|")
    for name, command, floor_name, module, target in CASES:
        cpu, wall = process_ratio(command, python(f"import {module}"), rounds=ROUNDS)
        print(
            f"| {name} | {floor_name} | {cpu:.2f} | {wall:.2f} | {f'≤ {target}' if target else ''} |"
        )
    cpu, wall = process_ratio(LIST, VERSION, rounds=ROUNDS)
    print(
        f"| `aitbc-hooks list`, warm | `aitbc-hooks --version` | {cpu:.2f} | {wall:.2f} | ≤ 1.6 |"
    )


if __name__ == "__main__":
    main()
