"""Write `@check(...)` above a function as `check(...)(function)` below it, in a copy of the sources.

mutmut leaves functions with decorators alone, and each check of the kit is one.

    python .ci/mutation/undecorate.py FOLDER
"""

import ast
import sys
from pathlib import Path


def undecorated(source: str) -> str:
    lines = source.splitlines()
    # From the end, so that lines above keep their numbers.
    for node in reversed(ast.parse(source).body):
        match node:
            case ast.FunctionDef(name=name, decorator_list=[ast.Call(func=ast.Name("check"))]):
                above = slice(node.decorator_list[0].lineno - 1, node.lineno - 1)
                decorator = "\n".join(lines[above])
                lines[node.end_lineno : node.end_lineno] = ["", f"{decorator[1:]}({name})"]
                del lines[above]
    return "\n".join(lines) + "\n"


for path in Path(sys.argv[1]).glob("*.py"):
    path.write_text(undecorated(path.read_text("utf-8")), "utf-8")
