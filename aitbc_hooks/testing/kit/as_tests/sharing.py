"""Examinations that the tests of a class share: one for each plugin and configuration."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest

from aitbc_hooks.testing.kit.running import Examination
from aitbc_hooks.testing.kit.searching import Clock
from aitbc_hooks.testing.kit.specimen import Specimen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aitbc_hooks.testing.kit.checking import Check
    from aitbc_hooks.testing.kit.outcomes import Result

__all__ = ["SharedExamination", "shared_examination"]


class SharedExamination:
    """An examination whose budget is spent only while it works: other tests may run between.

    Args:
        specimen: The plugin.
        checks: Identifier -> check.
    """

    def __init__(self, specimen: Specimen, checks: Mapping[str, Check]) -> None:
        self._clock = _StopWatch(specimen.clock.budget)
        specimen.clock = self._clock
        self._examination = Examination(specimen, checks)

    def result(self, id: str) -> Result:  # noqa: A002 - the reader's word for it
        """Return what a check comes to; run it, and those that it needs, if that is still to do."""
        with self._clock.running():
            return self._examination.result(id)


@attrs.frozen
class _Entry:
    plugin: object
    config: object
    examination: SharedExamination

    def is_of(self, plugin: object, config: object) -> bool:
        return self.plugin is plugin and (self.config is config or bool(self.config == config))


_ENTRIES: Final = pytest.StashKey[list[_Entry]]()


def shared_examination(
    item: pytest.Item, plugin: object, config: object, checks: Mapping[str, Check], **options: Any
) -> SharedExamination:
    """Return the examination of a plugin that the tests of a class share.

    Args:
        item: One of the tests.
        plugin: The plugin.
        config: Its configuration, or a strategy of configurations, or None.
        checks: Identifier -> check.
        options: As `Specimen` describes them.
    """
    entries = (item.getparent(pytest.Class) or item).stash.setdefault(_ENTRIES, [])
    for entry in entries:
        if entry.is_of(plugin, config):
            return entry.examination
    specimen = Specimen(plugin, config=config, **options)  # type: ignore[arg-type]  # the author's
    entries.append(_Entry(plugin, config, SharedExamination(specimen, checks)))
    return entries[-1].examination


class _StopWatch(Clock):
    """A budget of which nothing is spent while nobody works."""

    def __init__(self, budget: float) -> None:
        super().__init__(budget)
        self._used = 0.0
        self._since: float | None = None

    @property
    def spent(self) -> bool:
        running = 0.0 if self._since is None else time.monotonic() - self._since
        return self._used + running > self.budget

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self._since = began = time.monotonic()
        try:
            yield
        finally:
            self._used += time.monotonic() - began
            self._since = None
