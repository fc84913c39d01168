"""Logs go to stderr, without secrets."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.output import STATUS_COLORS
from aitbc_hooks.cli.session import wants_color

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aitbc_hooks.cli.session import Session

__all__ = ["logging_to_stderr"]

_LEVELS: Final = (logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG)
_COLORS: Final = {logging.WARNING: "degraded", logging.ERROR: "error", logging.CRITICAL: "error"}


@contextmanager
def logging_to_stderr(
    session: Session,
    *,
    normally: int = logging.WARNING,
    write: Callable[[str], None] | None = None,
    failures: bool = True,
) -> Iterator[None]:
    """Send all that is logged, warnings included, to stderr, inside a ``with`` statement.

    Of what is neither the host's nor given to plugins by it, a level less is told.

    Args:
        session: Its configuration, already read, knows the secrets; its verbosity the level.
        normally: The level without ``-q`` and ``-v``.
        write: Prints a text; by default to stderr.
        failures: Print plugins' failures; without it the command itself tells of them.
    """
    handler = _Handler(write or _to_stderr)
    handler.setFormatter(_Formatter(color=_colors(session)))
    handler.addFilter(session.config().redactor.filter())
    if not failures:
        handler.addFilter(lambda record: not hasattr(record, "aitbc_failure"))
    # The host's loggers, and those that it gives to plugins, are children of the second one.
    everyone, ours = logging.getLogger(), logging.getLogger("aitbc")
    before = everyone.level, ours.level
    everyone.addHandler(handler)
    everyone.setLevel(_level(logging.WARNING, session.verbosity))
    ours.setLevel(_level(normally, session.verbosity))
    logging.captureWarnings(capture=True)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        everyone.removeHandler(handler)
        everyone.setLevel(before[0])
        ours.setLevel(before[1])


def _level(normally: int, verbosity: int) -> int:
    return _LEVELS[max(0, min(_LEVELS.index(normally) + verbosity, len(_LEVELS) - 1))]


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _colors(session: Session) -> bool:
    wanted = wants_color(session.color)
    return sys.stderr.isatty() if wanted is None else wanted


class _Handler(logging.Handler):
    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._write(self.format(record) + "\n")
        except OSError:
            return  # nobody reads it any more
        except Exception:  # noqa: BLE001 - logging's own rule: never raise where something is logged
            self.handleError(record)


class _Formatter(logging.Formatter):
    def __init__(self, *, color: bool) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
        self._color = color

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        word = _COLORS.get(record.levelno)
        if not self._color or word is None:
            return text
        import click  # noqa: PLC0415 - it is there already

        return click.style(text, fg=STATUS_COLORS[word])
