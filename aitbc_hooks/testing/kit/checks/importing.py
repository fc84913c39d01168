"""IMP: what importing a plugin's module does."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.outcomes import Inconclusive, Level, NotApplicable, Violation

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen

_SECONDS: Final = 20.0

#: Imports a module, or a folder, in a fresh interpreter, and tells what that did.
_PROGRAM: Final = """
import json, os, sys, threading
import aitbc.plugins
where, name, sys.path[:] = json.loads(sys.argv[1])
from aitbc_hooks.testing.kit.watching.surroundings import Surroundings
from aitbc_hooks.testing.kit.watching.holdings import Holdings
from aitbc_hooks.discovery.importing import import_folder
from pathlib import Path
import importlib
before, held = Surroundings(), Holdings.now()
print("<import>", flush=True)
print("<import>", file=sys.stderr, flush=True)
try:
    keep = import_folder(Path(where), name, "plugin") if where else importlib.import_module(name)
except Exception as error:
    done = f"{type(error).__name__}: {error}"
else:
    done = [f"it changes {what}" for what in before.changes()]
    done += [f"it holds a {what}" for what in Holdings.now().beyond(held)]
print("</import>", flush=True)
print(json.dumps(done), flush=True)
os._exit(0)
"""


@check(
    "IMP-01",
    Level.SHOULD,
    "Importing it is silent and inert.",
    sentence="Plugin discovery and metadata loading",
    source="SPEC.md, Lifecycle Methods, 1; DESIGN.md, 2",
    fix="Keep the module to imports, constants, classes and functions; work belongs into "
    "`initialize()` and `start()`.",
    example="""
    print("greeter is imported")


    class Loud(Sound):
        pass
    """,
)
def import_is_inert(specimen: Specimen) -> None:
    """A host imports a plugin to look at it; what is printed ends in the output of a command."""
    printed, done = imported_anew(specimen)
    if printed:
        raise Violation(f"expected a silent import; it prints {printed[:200]!r}.")
    if done:
        raise Violation(f"expected an inert import; {done[0]}.")


def imported_anew(specimen: Specimen) -> tuple[str, list[str]]:
    """Import the plugin's module in a fresh interpreter.

    Returns:
        What that prints, and what else it does, in words.
    """
    where, name = _place(specimen)
    argument = json.dumps([where, name, [path for path in sys.path if path]])
    command = [sys.executable, "-c", _PROGRAM, argument]
    try:
        ended = subprocess.run(  # noqa: S603 - the author's own module
            command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise Violation(f"importing it did not end within {_SECONDS:g} s.") from None
    out, mark, rest = ended.stdout.decode("utf-8", "replace").rpartition("</import>\n")
    printed = (out if mark else rest).partition("<import>\n")[2]
    printed += ended.stderr.decode("utf-8", "replace").partition("<import>\n")[2]
    if not mark:
        raise Violation(f"importing it ended the process with status {ended.returncode}.")
    done: Any = json.loads(rest.splitlines()[-1])
    if isinstance(done, str):
        raise Inconclusive(f"it cannot be imported by itself: {done}")
    return printed, done


def _place(specimen: Specimen) -> tuple[str | None, str]:
    """Return a folder and the module in it, or None and a module's dotted name."""
    if specimen.folder is not None:
        return specimen.folder, specimen.entry
    plugin: Any = specimen.plugin
    name = plugin.__name__ if isinstance(plugin, ModuleType) else plugin.__module__
    module = sys.modules.get(name)
    if name == "__main__" or getattr(module, "__file__", None) is None:
        raise NotApplicable("it does not live in a module that can be imported.")
    return None, name
