"""The runner: what `examine_in_child` starts. It reads a request and writes a line for each step."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import attrs

from aitbc_hooks.errors import AitbcError
from aitbc_hooks.testing.kit.checks import CHECKS
from aitbc_hooks.testing.kit.finding import Place, place_named
from aitbc_hooks.testing.kit.outcomes import Outcome, Result
from aitbc_hooks.testing.kit.processes.descendants import adopt
from aitbc_hooks.testing.kit.running import Examination, scrubbed
from aitbc_hooks.testing.kit.samples import strategies_of
from aitbc_hooks.testing.kit.specimen import Specimen

_NOT_COPIED = (".git", ".hg", "__pycache__", ".venv", "venv", "node_modules", ".tox", ".mypy_cache")


@attrs.define
class _Teller:
    """Writes lines to the parent."""

    descriptor: int
    last: float = 0.0

    def tell(self, **said: Any) -> None:
        os.write(self.descriptor, json.dumps(said).encode() + b"\n")

    def doing(self, program: str) -> None:
        """Tell what is tried now: if it is the end of this process, the parent knows of what."""
        self.tell(program=program)


def main() -> None:
    """Run the checks that the request asks for."""
    teller = _Teller(int(sys.argv[1]))
    os.set_inheritable(teller.descriptor, False)  # noqa: FBT003 - the name of it says what
    request = json.load(sys.stdin)
    _take_precautions()
    place = _copied(place_named(request["target"]))
    plugin = _load(place, teller)
    if plugin is None:
        return
    specimen = Specimen(
        plugin,
        config=request["config"],
        samples=strategies_of(request["samples"]),
        provides=request["provides"],
        examples=request["examples"],
        random_seed=request["seed"],
        budget=request["budget"],
        where=request["named"],
        folder=str(place.folder) if place.folder else None,
        entry=place.entry,
        protected=[] if place.folder else _own_folders(plugin),  # of a folder this is a copy
    )
    specimen.on_try = teller.doing
    _examine(specimen, request["done"], teller)


def _take_precautions() -> None:
    """Leave no core dump, and see the processes that daemonise themselves."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    adopt()


def _copied(place: Place) -> Place:
    """Return the place of a copy of the plugin's folder: what it does to that harms nobody."""
    if place.folder is None:
        return place
    copy = Path(tempfile.mkdtemp(prefix="aitbc-plugin-"), place.folder.name)
    shutil.copytree(place.folder, copy, symlinks=True, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    return attrs.evolve(place, folder=copy)


def _own_folders(plugin: object) -> list[str]:
    """Return the folder that the plugin's code lies in."""
    module = sys.modules.get(getattr(plugin, "__module__", "") or getattr(plugin, "__name__", ""))
    source = getattr(module, "__file__", None)
    return [str(Path(source).parent)] if source else []


def _load(place: Place, teller: _Teller) -> object:
    try:
        return place.load()
    except AitbcError as error:
        _tell(teller, Result(CHECKS["META-01"], Outcome.FAIL, scrubbed(str(error))))
    for check in CHECKS.values():
        if check.id != "META-01":
            _tell(teller, Result.blocked(check, "META-01"))
    return None


def _examine(specimen: Specimen, done: dict[str, str], teller: _Teller) -> None:
    examination = Examination(
        specimen,
        CHECKS,
        {id: Result(CHECKS[id], Outcome(outcome)) for id, outcome in done.items()},  # noqa: A001
    )
    examination.on_begin = lambda check: teller.tell(begin=check.id)
    examination.on_result = lambda result: _tell(teller, result)
    for id in CHECKS:  # noqa: A001 - the reader's word
        examination.result(id)
    teller.tell(name=specimen.name)


def _tell(teller: _Teller, result: Result) -> None:
    told = [result.outcome.value, result.detail, result.program, result.blocked_by, result.seconds]
    teller.tell(id=result.id, result=told)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # threads that the plugin has left do not keep the parent waiting
