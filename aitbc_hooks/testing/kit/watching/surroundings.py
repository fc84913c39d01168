"""The state of the process that plugins share: photographed, compared, put back."""

from __future__ import annotations

import contextlib
import logging
import operator
import os
import random
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Surroundings", "preserved"]

#: What pytest itself sets and resets around every test.
_NOT_THE_PLUGINS: Final = frozenset({"PYTEST_CURRENT_TEST"})
#: Words that a generator of random numbers makes at once, and how often it may have done so.
_BLOCK: Final = 624
_BLOCKS: Final = 3_000
#: For the moment in which the umask is read, which is by setting it.
_STRICT: Final = 0o077


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in _NOT_THE_PLUGINS}


def _restore_environment(before: dict[str, str]) -> None:
    for key in os.environ.keys() - before.keys() - _NOT_THE_PLUGINS:
        del os.environ[key]
    os.environ.update(before)


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - the string itself is compared
    except OSError:
        return None


def _restore_folder(before: str | None) -> None:
    if before is not None:
        os.chdir(before)


def _signals() -> dict[int, Any]:
    return {number: signal.getsignal(number) for number in signal.valid_signals()}


def _restore_signals(before: dict[int, Any]) -> None:
    for number, handler in before.items():
        if handler is not None and signal.getsignal(number) is not handler:
            with contextlib.suppress(OSError, ValueError):  # not for SIGKILL, nor in a thread
                signal.signal(number, handler)


def _umask() -> int:
    mask = os.umask(_STRICT)
    os.umask(mask)
    return mask


def _restore_umask(before: int) -> None:
    os.umask(before)


def _root_logging() -> tuple[int, int, tuple[logging.Handler, ...]]:
    root = logging.getLogger()
    return root.level, logging.root.manager.disable, tuple(root.handlers)


def _restore_root_logging(before: tuple[int, int, tuple[logging.Handler, ...]]) -> None:
    root = logging.getLogger()
    root.setLevel(before[0])
    logging.disable(before[1])
    root.handlers[:] = before[2]


def _are_drawn(before: tuple[Any, ...], now: tuple[Any, ...]) -> bool:
    """Return whether drawing numbers leads from one state of the generator to the other."""
    generator = random.Random()  # noqa: S311 - it is the state that counts
    generator.setstate(before)
    for _ in range(_BLOCKS):
        if generator.getstate()[1][:_BLOCK] == now[1][:_BLOCK]:
            return True
        generator.getrandbits(32 * _BLOCK)
    return False


def _restore_list(target: list[Any]) -> Callable[[tuple[Any, ...]], None]:
    def restore(before: tuple[Any, ...]) -> None:
        target[:] = before

    return restore


@attrs.frozen
class _Part:
    """One part of the state.

    Attributes:
        read: Returns how it is.
        write: Makes it as it was.
        leads_to: Whether a plugin that leaves it alone may have led from one way to another.
    """

    read: Callable[[], Any]
    write: Callable[[Any], object]
    leads_to: Callable[[Any, Any], bool] = operator.eq


def _attribute(owner: object, name: str) -> _Part:
    return _Part(lambda: getattr(owner, name), lambda before: setattr(owner, name, before))


#: What it is -> how it is handled.
_PARTS: Final[dict[str, _Part]] = {
    "the environment (os.environ)": _Part(_environment, _restore_environment),
    "the working directory": _Part(_folder, _restore_folder),
    "signal handlers": _Part(_signals, _restore_signals),
    "sys.path": _Part(lambda: tuple(sys.path), _restore_list(sys.path)),
    "sys.meta_path": _Part(lambda: tuple(sys.meta_path), _restore_list(sys.meta_path)),
    "sys.stdin": _attribute(sys, "stdin"),
    "sys.stdout": _attribute(sys, "stdout"),
    "sys.stderr": _attribute(sys, "stderr"),
    "sys.excepthook": _attribute(sys, "excepthook"),
    "threading.excepthook": _attribute(threading, "excepthook"),
    "the recursion limit": _Part(sys.getrecursionlimit, sys.setrecursionlimit),
    "the umask": _Part(_umask, _restore_umask),
    "the root logger": _Part(_root_logging, _restore_root_logging),
    "the seed of random": _Part(random.getstate, random.setstate, _are_drawn),
    "the default socket timeout": _Part(socket.getdefaulttimeout, socket.setdefaulttimeout),
}


class Surroundings:
    """The process state at one moment."""

    def __init__(self) -> None:
        self._parts = {what: part.read() for what, part in _PARTS.items()}

    def changes(self) -> list[str]:
        """Say what is different by now, a phrase each."""
        return [
            _difference(what, before, now)
            for what, before in self._parts.items()
            if not _PARTS[what].leads_to(before, now := _PARTS[what].read())
        ]

    def restore(self) -> None:
        """Put back what is different by now."""
        for what, before in self._parts.items():
            part = _PARTS[what]
            if part.read() != before:
                part.write(before)


def _difference(what: str, before: Any, now: Any) -> str:
    if isinstance(before, dict):
        keys = [key for key in before.keys() | now.keys() if before.get(key) != now.get(key)]
        names = [
            signal.Signals(key).name if isinstance(key, int) else str(key) for key in sorted(keys)
        ]
        return f"{what}: {', '.join(names)}"
    return what


@contextlib.contextmanager
def preserved() -> Iterator[Surroundings]:
    """Put the process state back after the body of the ``with`` statement."""
    before = Surroundings()
    try:
        yield before
    finally:
        before.restore()
