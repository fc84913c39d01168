"""Programs from the package index, each in a virtual environment, on either manager."""

from __future__ import annotations

import difflib
import os
import pprint
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HERE = Path(__file__).parent
#: What differs from one run to the next, whichever manager there is.
VARIABLE = (
    (r"\d\d\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d([.,]\d+)?(\+00:00)?", "<date>"),
    (r"\[\d\d/\d\d/\d\d \d\d:\d\d:\d\d\]| {19}(?= [A-Z]{4,7} )", "<date>"),
    (r"\d+\.\d+=setup\[.*?\] seconds|\b\d+\.\d+(?=s\b)", "<time>"),
    (r"\b\d+(\.\d+)? ?(s|ms|seconds?)\b", "<time>"),
    (r"\b0x[0-9a-f]{6,}", "<address>"),
    (r"\b[0-9a-z]{26}\b", "<ulid>"),
    (r"pid=\d+|id='\d+'|^ {4}\d{12,}", "<number>"),
    (r"([=_-])\1{4,}", r"\1\1\1\1"),
    (r" +$", ""),
)
#: Directories of runs, and whether pluggy's manager is replaced; rich wraps paths by their length.
PLACES = {"old": False, "new": True}


@attrs.frozen
class Run:
    """What a command has done.

    Attributes:
        status: Its exit status.
        output: What it printed, without what differs from run to run.
        errors: The same of its standard error.
        notes: What the plugins wrote down.
        managers: The base classes of the managers that they met.
    """

    status: int
    output: str
    errors: str
    notes: list[str]
    managers: list[list[str]]

    def lines(self) -> list[object]:
        """Return what has to be the same on every manager."""
        return [self.status, *self.output.splitlines(), *self.errors.splitlines(), *self.notes]


@attrs.frozen
class Program:
    """A program in a virtual environment.

    Attributes:
        environment: The environment's directory.
    """

    environment: Path

    @classmethod
    def install(cls, environment: Path, wheels: Path, requirements: Sequence[str]) -> Program:
        """Make the environment; the versions are those of ``constraints.txt``."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
        pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python")]
        options = ["-qq", "--constraint", str(HERE / "constraints.txt")]
        ours = map(str, wheels.glob("*.whl"))
        subprocess.run([*pip, "install", *options, *ours, *requirements], check=True)
        return cls(environment)

    def run(
        self,
        command: Sequence[str],
        directory: Path,
        *,
        replaced: bool,
        env: Mapping[str, str] | None = None,
    ) -> Run:
        """Run a command of the program; its home is beside its working directory."""
        home = directory.parent / "home"
        home.mkdir(exist_ok=True)
        notes = directory.parent / "notes"
        notes.write_text("")
        variables = {
            "PATH": f"{self.environment / 'bin'}{os.pathsep}{os.defpath}",
            "HOME": str(home),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "COLUMNS": "200",
            "DO_NOT_TRACK": "1",
            "DROPIN_NOTES": str(notes),
            "PYTHONHASHSEED": "0",
            "REPLACE_PLUGGY": "1" if replaced else "",
            **(env or {}),
        }
        done = subprocess.run(
            [str(self.environment / "bin" / command[0]), *command[1:]],
            cwd=directory,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        lines = notes.read_text("utf-8").splitlines()
        managers = [line.split()[1:] for line in lines if line.startswith("manager ")]
        return Run(
            done.returncode,
            _constant(done.stdout, directory.parent),
            _constant(done.stderr, directory.parent),
            [line for line in lines if not line.startswith("manager ")],
            managers,
        )


def _constant(text: str, directory: Path) -> str:
    text = text.replace(str(directory), "<directory>")
    for pattern, placeholder in VARIABLE:
        text = re.sub(pattern, placeholder, text, flags=re.MULTILINE)
    return text


@attrs.frozen
class Comparison:
    """A program that runs on both managers, in the same project.

    Attributes:
        program: The program.
        project: The directory that each run gets a copy of; None for an empty one.
        directory: An empty directory for the copies.
    """

    program: Program
    project: Path | None
    directory: Path

    def __attrs_post_init__(self) -> None:
        for place in PLACES:
            copy = self.directory / place / "project"
            if self.project is None:
                copy.mkdir(parents=True)
            else:
                shutil.copytree(self.project, copy)

    def same(
        self,
        *command: str,
        env: Mapping[str, str] | None = None,
        reading: Callable[[Run], object] = Run.lines,
    ) -> Run:
        """Run a command on pluggy's manager and on this package's, and compare.

        Args:
            command: The command and its arguments.
            env: Further environment variables.
            reading: Gives what has to be the same, where the program itself leaves an order open.

        Returns:
            The run on this package's manager.
        """
        theirs, ours = (
            self.program.run(
                command, self.directory / place / "project", replaced=replaced, env=env
            )
            for place, replaced in PLACES.items()
        )
        assert all("HookManager" not in bases for bases in theirs.managers)
        assert all("HookManager" in bases for bases in ours.managers)
        assert bool(theirs.managers) == bool(ours.managers)
        difference = difflib.unified_diff(_lines(reading(theirs)), _lines(reading(ours)), n=1)
        assert not (lines := list(difference)), "\n".join(lines)
        return ours


def _lines(thing: object) -> list[str]:
    return pprint.pformat(thing, width=100).splitlines()
