"""Hold the mutants that no test has killed against the page that gives a reason for each.

Prints those that the page does not have, as the page would have them, and those of the mutated
modules that it has in vain. Exit status 1 if there are any of the first kind.

    python .ci/mutation/survivors.py MUTANTS PAGE < NAMES

MUTANTS is mutmut's folder with the mutated sources, NAMES a mutant's name a line.
"""

from __future__ import annotations

import ast
import difflib
import functools
import re
import sys
from pathlib import Path

_NAME = re.compile(r"(?P<module>[\w.]+)\.x(?:_|ǁ(?P<cls>\w+)ǁ)(?P<function>\w+)__mutmut_\d+")
_BLOCK = re.compile(r"^```diff\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@functools.cache
def functions(path: Path) -> dict[str, list[str]]:
    """Return the lines of each function of a mutated module."""
    source = path.read_text("utf-8")
    lines = source.splitlines()
    return {
        node.name: lines[node.lineno - 1 : node.end_lineno]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def block(mutants: Path, name: str) -> str:
    """Return what a mutant changes: the function, then what went and what came, line by line."""
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise SystemExit(f"{name}: not the name of a mutant")
    module = parts["module"]
    path = mutants / (module.replace(".", "/") + ".py")
    found = functions(path if path.exists() else path.with_suffix("") / "__init__.py")
    mutant = name.rpartition(".")[2]
    original = re.sub(r"\d+$", "orig", mutant)
    function = ".".join(filter(None, [parts["cls"], parts["function"]]))
    changes = [
        f"{line[0]} {line[1:].strip()}"
        for line in difflib.unified_diff(found[original], found[mutant], n=0, lineterm="")
        if line[:2] not in ("--", "++", "@@") and "__mutmut_" not in line
    ]
    return "\n".join([f"{module.removeprefix('aitbc_hooks.')} {function}", *changes, ""])


def was_mutated(mutants: Path, listed: str) -> bool:
    """Return whether the module of a listed mutant is there."""
    module = Path("aitbc_hooks", *listed.partition(" ")[0].split("."))
    return (mutants / module).is_dir() or (mutants / module.with_suffix(".py")).is_file()


def main(mutants: str, page: str) -> int:
    alive = {block(Path(mutants), name) for name in sys.stdin.read().split()}
    blocks = _BLOCK.findall(Path(page).read_text("utf-8"))
    listed = {each for each in blocks if was_mutated(Path(mutants), each)}
    for missing in sorted(alive - listed):
        print(f"alive, and {page} gives no reason:\n\n```diff\n{missing}```\n")
    for spare in sorted(listed - alive):
        print(f"in {page}, and dead:\n\n```diff\n{spare}```\n")
    return 1 if alive - listed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
