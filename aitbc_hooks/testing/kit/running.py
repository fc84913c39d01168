"""Running checks: each once, after those that it needs."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import re
import tempfile
import time
import traceback
import warnings
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.errors import AitbcError
from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.testing.kit.outcomes import (
    Inconclusive,
    NotApplicable,
    Outcome,
    Result,
    Violation,
)
from aitbc_hooks.testing.kit.storage import stored_aside
from aitbc_hooks.testing.kit.watching.surroundings import preserved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from aitbc_hooks.testing.kit.checking import Check
    from aitbc_hooks.testing.kit.specimen import Specimen

__all__ = ["Examination", "scrubbed"]

_NOISY: Final = ("aitbc", "asyncio")
#: More objects than are frozen when an interpreter starts: 375 on Python 3.12, none on others.
_FROZEN_AT_START: Final = 1_000
#: What differs from run to run, and what stands in its place.
_VOLATILE: Final = (
    (
        re.compile(
            re.escape(os.path.realpath(tempfile.gettempdir()))
            + r"/aitbc-(?:trial|plugin|test)-\w+(?:/aitbc-(?:trial|plugin)-\w+)?"
        ),
        "<folder>",
    ),
    (re.compile(r"\b0x[0-9a-f]{6,}\b"), "0x…"),
    (re.compile(r"\bThread-\d+"), "Thread-N"),
    (re.compile(r"\bThreadPoolExecutor-\d+"), "ThreadPoolExecutor-N"),
    (re.compile(r"\btmp[a-z0-9_]{8}\b"), "tmp…"),
)


@attrs.define
class Examination:
    """The checks of one plugin: each is run when its result is asked for, and only then.

    Attributes:
        specimen: The plugin.
        checks: Identifier -> check.
        results: Identifier -> what has come of it so far.
        on_begin: Told of each check that is begun.
        on_result: Told of each result.
    """

    specimen: Specimen
    checks: Mapping[str, Check]
    results: dict[str, Result] = attrs.field(factory=dict)
    on_begin: Callable[[Check], None] = attrs.field(default=lambda _: None)
    on_result: Callable[[Result], None] = attrs.field(default=lambda _: None)

    def result(self, id: str) -> Result:  # noqa: A002 - the reader's word for it
        """Return what a check comes to; run it, and those that it needs, if that is still to do."""
        if id not in self.results:
            check = self.checks[id]
            self.results[id] = self._forestalled(check) or self._examine(check)
            self.on_result(self.results[id])
        return self.results[id]

    def _examine(self, check: Check) -> Result:
        self.on_begin(check)
        began = time.perf_counter()
        with preserved(), stored_aside(), _quiet(), _collecting_what_is_new():
            outcome, detail, program = _judge(check, self.specimen)
        seconds = time.perf_counter() - began
        return Result(check, outcome, scrubbed(detail), scrubbed(program), seconds=seconds)

    def _forestalled(self, check: Check) -> Result | None:
        """Return what a check comes to that is not run; None if it is to be run."""
        for need in check.needs:
            outcome = self.result(need).outcome
            if outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE):
                return self._unconcerned(check) or Result.blocked(check, need, outcome)
        if missing := sorted(check.provides - self.specimen.provides):
            names = ", ".join(map(repr, missing))
            return Result(check, Outcome.NOT_APPLICABLE, f"needs provides={{{names}}}.")
        return None

    def _unconcerned(self, check: Check) -> Result | None:
        """Return that a check does not concern the plugin; None if it does, or nobody knows."""
        with preserved(), stored_aside(), _quiet():
            try:
                reason = check.concern(self.specimen) if check.concern is not None else None
            except Exception:  # noqa: BLE001 - whatever is wrong, a check that it needs says it
                reason = None
        return None if reason is None else Result(check, Outcome.NOT_APPLICABLE, scrubbed(reason))


def _judge(check: Check, specimen: Specimen) -> tuple[Outcome, str, str]:
    program = ""
    try:
        specimen.clock.check()
        reason = check.concern(specimen) if check.concern is not None else None
        if reason is not None:
            raise NotApplicable(reason)  # noqa: TRY301 - one place says what each outcome is
        check.examine(specimen)
    except NotApplicable as reason:
        outcome, detail = Outcome.NOT_APPLICABLE, str(reason)
    except Inconclusive as reason:
        outcome, detail = Outcome.INCONCLUSIVE, str(reason)
    except Violation as violation:
        outcome, detail, program = Outcome.FAIL, violation.message, violation.program
    except AitbcError as error:
        outcome, detail = Outcome.FAIL, str(error)
    except Exception as error:  # noqa: BLE001 - a fault of the kit is no verdict on the plugin
        where = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {shown(error, str)} ({where.name}, line {where.lineno})"
        outcome, detail = Outcome.INCONCLUSIVE, f"the kit itself failed: {told}"
    else:
        outcome, detail = Outcome.PASS, ""
    return outcome, detail, program


def scrubbed(text: str) -> str:
    """Return a text without what differs from run to run: folders, addresses, numbers of threads."""
    for pattern, stand_in in _VOLATILE:
        text = pattern.sub(stand_in, text)
    return text


@contextlib.contextmanager
def _collecting_what_is_new() -> Iterator[None]:
    """Keep the garbage collector off what is there: checks call it often, a test run holds much.

    What the plugin has left complains at the end, and not in a test of the author's.
    """
    others = gc.get_freeze_count() > _FROZEN_AT_START  # frozen by others; all is thawed at once
    if not others:
        gc.freeze()
    try:
        yield
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
        if not others:
            gc.unfreeze()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the records of thousands of trials out of the author's log."""
    loggers = [logging.getLogger(name) for name in _NOISY]
    before = [(each.propagate, list(each.handlers), each.level) for each in loggers]
    for logger in loggers:
        logger.propagate = False
        logger.handlers[:] = [logging.NullHandler()]
    try:
        yield
    finally:
        for logger, (propagate, handlers, level) in zip(loggers, before, strict=True):
            logger.propagate, logger.handlers[:] = propagate, handlers
            logger.setLevel(level)
