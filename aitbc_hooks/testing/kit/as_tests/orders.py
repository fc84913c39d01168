"""What the command line asks ``pytest --aitbc-plugin`` for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest

from aitbc_hooks.testing.kit.as_tests.declared import declared, read_declared
from aitbc_hooks.testing.kit.checks import CHECKS
from aitbc_hooks.testing.kit.forms import FORMS
from aitbc_hooks.testing.kit.outcomes import Level
from aitbc_hooks.testing.kit.samples import read_samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["PLACE", "Orders"]

#: Stands for the plugin's name in the names of report files.
PLACE: Final = "{plugin}"


@attrs.frozen
class Orders:
    """What the command line asks for.

    Attributes:
        targets: The plugins, as they are named.
        level: The lowest level whose failures fail a test.
        seed: Of what is generated.
        provides: Capabilities that are there.
        samples: Argument name -> values, for what only the author knows.
        xfails: Identifier -> why the check is expected to fail.
        reports: Files that are written, for each plugin.
        maxfail: After so many failures pytest stops; 0 for never.
    """

    targets: tuple[str, ...]
    level: Level
    seed: int
    provides: tuple[str, ...]
    samples: Mapping[str, list[Any]]
    xfails: Mapping[str, str]
    reports: tuple[Path, ...]
    maxfail: int

    @classmethod
    def of(cls, config: pytest.Config) -> Orders:
        """Read the options.

        Raises:
            pytest.UsageError: They make no sense.
        """
        asked = config.option
        targets = tuple(dict.fromkeys(asked.aitbc_plugin))
        return cls(
            targets=targets,
            level=Level(asked.aitbc_level),
            seed=asked.aitbc_seed,
            provides=tuple(asked.aitbc_provides),
            samples=_samples(asked.aitbc_sample),
            xfails=_xfails(asked.aitbc_xfails),
            reports=tuple(_reports(asked.aitbc_report, len(targets))),
            maxfail=config.getoption("maxfail", None) or 0,  # pytest-xdist takes it from workers
        )


def _samples(texts: Iterable[str]) -> dict[str, list[Any]]:
    try:
        return read_samples(texts)
    except ValueError as error:
        raise pytest.UsageError(f"--aitbc-sample: {error}") from None


def _xfails(name: str | None) -> dict[str, str]:
    if name is None:
        return {}
    try:
        return declared(read_declared(Path(name)), CHECKS)
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"--aitbc-xfails: {error}") from None


def _reports(names: Iterable[str], targets: int) -> Iterator[Path]:
    for name in names:
        path = Path(name).absolute()
        if path.suffix.lower() not in FORMS:
            raise pytest.UsageError(f"--aitbc-report: {name} has to end in {', '.join(FORMS)}.")
        if targets > 1 and PLACE not in path.name:
            raise pytest.UsageError(
                f"--aitbc-report: {name} would be written for {targets} plugins; "
                f"put {PLACE} into the name."
            )
        if not path.parent.is_dir():
            raise pytest.UsageError(f"--aitbc-report: {path.parent} is no folder.")
        yield path
