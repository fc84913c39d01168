"""What a plugin does while it runs: what it writes, whom it connects to, where it blocks.

CPython tells its audit hooks (PEP 578) of most of it. A hook cannot be removed again, so there is
one for the whole process, which does nothing while nobody watches.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import sys
import sysconfig
import threading
import time
import warnings
from typing import TYPE_CHECKING, Any, Final

import aitbc_hooks
from aitbc_hooks.testing.kit.trials.scratch import SCRATCH
from aitbc_hooks.testing.kit.watching.contacts import note_contact

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from aitbc_hooks.testing.kit.trials.halting import HaltingLoop

__all__ = ["UNKNOWN", "Witness", "place_of"]

#: The place of a frame that is none of the plugin's.
UNKNOWN: Final = "an unknown place"

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NOT_FILES: Final = ("/dev/", "/proc/", "pipe:", "socket:")
_LIBRARY: Final = sysconfig.get_paths()["stdlib"]
#: The folder of the host's own code, the kit's and the loop's among it.
_OWN: Final = os.path.join(os.path.dirname(aitbc_hooks.__file__), "")  # noqa: PTH118, PTH120
_WAITING_CALLS: Final = frozenset({"run", "call", "check_call", "check_output", "getoutput"})
_UNAWAITED: Final = "was never awaited"
_OFFLINE: Final = "the conformance kit keeps the network away"


class Witness:
    """Watches what happens in one trial.

    Args:
        loop: The loop that the plugin runs on, in this thread.
        folders: Where the plugin may write.
        protected: Folders that nothing may be removed from or overwritten in meanwhile; who tries
            gets a `PermissionError`.

    Attributes:
        blocks: Where the plugin blocked the loop, and by what.
        writes: Paths outside of `folders` that it wrote, made, moved or removed.
        network: Whom it spoke to, or tried to.
        offline: Whether nobody can be reached: who tries gets an `OSError`, but for sockets of
            this machine that have a path.
        confined: Whether nothing can be written outside of `folders`, and there is no terminal:
            who tries gets an `OSError`.
        loop_errors: What the loop's exception handler was told.
        unawaited: Coroutines that were made and never awaited.
    """

    def __init__(
        self, loop: HaltingLoop, folders: Iterable[str], protected: Iterable[str] = ()
    ) -> None:
        self.loop = loop
        self.folders = tuple(map(os.path.realpath, folders))
        self.protected = tuple(map(os.path.realpath, protected))
        self.blocks: list[str] = []
        self.writes: list[str] = []
        self.network: list[str] = []
        self.offline = False
        self.confined = False
        self.loop_errors: list[str] = []
        self.unawaited: list[str] = []
        self._thread = threading.get_ident()
        self._strangers: frozenset[int | None] = frozenset()

    @contextlib.contextmanager
    def watching(self) -> Iterator[Witness]:
        """Watch during the body of the ``with`` statement."""
        _install_audit_hook()
        self._strangers = frozenset(
            thread.ident for thread in threading.enumerate() if thread.ident != self._thread
        )
        self.loop.set_exception_handler(self._note_loop_error)
        real_sleep = time.sleep
        _watchers.append(self)
        time.sleep = self._sleeping(real_sleep)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                warnings.simplefilter("ignore", ResourceWarning)
                warnings.simplefilter("always", RuntimeWarning)
                warnings.showwarning = self._note_warning
                yield self
        finally:
            time.sleep = real_sleep
            _watchers.remove(self)

    def note(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take note of an audit event; who it does not concern is told apart here."""
        handler = _HANDLERS.get(event)
        if handler is None or threading.get_ident() in self._strangers:
            return
        handler(self, arguments)

    @property
    def _on_loop(self) -> bool:
        return threading.get_ident() == self._thread and self.loop.is_running()

    def _sleeping(self, real: Callable[[float], None]) -> Callable[[Any], None]:
        def sleep(seconds: Any, /) -> None:
            if not self._on_loop:
                real(seconds)
                return
            self._block(f"time.sleep({seconds:g})")
            self.loop.advance(max(0.0, seconds))
            real(min(max(0.0, seconds), 0.001))  # what it may be waiting for goes on

        return sleep

    def _block(self, what: str) -> None:
        self.blocks.append(f"{what} at {place_of(sys._getframe(2))}")  # noqa: SLF001 - documented for it

    def _note_loop_error(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if "destroyed but it is pending" in context["message"]:
            return  # the kit says of it which task was left
        told = f"{type(error).__name__}: {error}" if error is not None else context["message"]
        self.loop_errors.append(told)

    def _note_warning(self, message: Warning | str, *_details: Any, **_more: Any) -> None:
        if _UNAWAITED in (text := str(message)):
            self.unawaited.append(text)

    # What the audit hook tells of.

    def note_open(self, arguments: tuple[Any, ...]) -> None:
        """Note a file that is opened for writing."""
        path, _, flags = arguments
        if self.confined and path == "/dev/tty":
            raise OSError(errno.ENXIO, "there is no terminal", path)
        if isinstance(flags, int) and flags & _WRITING:
            self._note_write(path, None, destroys=bool(flags & os.O_TRUNC))

    def note_change(self, arguments: tuple[Any, ...]) -> None:
        """Note a path that is made or changed."""
        self._note_write(arguments[0], _folder_in(arguments), destroys=False)

    def note_removal(self, arguments: tuple[Any, ...]) -> None:
        """Note a path that is removed."""
        self._note_write(arguments[0], _folder_in(arguments), destroys=True)

    def note_rename(self, arguments: tuple[Any, ...]) -> None:
        """Note a path that is moved, and where to."""
        source, target, *folders = arguments
        for path, folder in zip((source, target), (*folders, None, None), strict=False):
            self._note_write(path, folder, destroys=True)

    def note_connect(self, arguments: tuple[Any, ...]) -> None:
        """Note a connection, and whether the loop waits for it."""
        sock, address = arguments
        if not isinstance(address, (tuple, str, bytes)):
            return
        self._note_contact(f"connect to {_address(address)}")
        if self.offline and isinstance(address, tuple):
            raise ConnectionRefusedError(errno.ECONNREFUSED, _OFFLINE)
        if self._on_loop and sock.gettimeout() != 0:
            self._block(f"a blocking connect to {_address(address)}")

    def note_datagram(self, arguments: tuple[Any, ...]) -> None:
        """Note a datagram that is sent."""
        self._note_contact(f"datagram to {_address(arguments[1])}")
        if self.offline and isinstance(arguments[1], tuple):
            raise OSError(errno.ENETUNREACH, _OFFLINE)

    def note_look_up(self, arguments: tuple[Any, ...]) -> None:
        """Note a look-up of a host's name, and whether the loop waits for it."""
        host = arguments[0]
        if host is None or _is_numeric(host):
            return
        self._note_contact(f"look-up of {host!s}")
        if self.offline:
            raise socket.gaierror(socket.EAI_AGAIN, _OFFLINE)
        if self._on_loop:
            self._block(f"a blocking look-up of {host!s}")

    def note_process(self, _arguments: tuple[Any, ...]) -> None:
        """Note whether the loop waits for a process to end."""
        if self._on_loop and _waits_for_process(sys._getframe(2)):  # noqa: SLF001 - documented for it
            self._block("a process that is waited for")

    def note_system(self, _arguments: tuple[Any, ...]) -> None:
        """Note a shell that the loop waits for."""
        if self._on_loop:
            self._block("os.system()")

    def note_sleep(self, arguments: tuple[Any, ...]) -> None:
        """Note a sleep that was bound before it was replaced (told of since Python 3.13)."""
        if self._on_loop and not _is_own(sys._getframe(3)):  # noqa: SLF001 - documented for it
            self._block(f"time.sleep({arguments[0]})")

    def _note_contact(self, what: str) -> None:
        self.network.append(what)
        note_contact(what)

    def _note_write(self, path: Any, folder: int | None, *, destroys: bool) -> None:
        full = _full_path(path, folder)
        if full is None or self._may_write(full):
            return
        if self.confined:
            raise PermissionError(errno.EACCES, "the conformance kit keeps it in its folders", full)
        destroys = destroys and os.path.lexists(full)
        if destroys and any(_is_below(full, protected) for protected in self.protected):
            self.writes.append(full)
            raise PermissionError(f"the conformance kit protects {full}")
        self.writes.append(full)

    def _may_write(self, path: str) -> bool:
        return (
            path.startswith(_NOT_FILES)
            or "/__pycache__" in path
            or SCRATCH in path  # that of an earlier trial is removed when it is forgotten
            or any(_is_below(path, folder) for folder in self.folders)
        )


_HANDLERS: Final[dict[str, Callable[[Witness, tuple[Any, ...]], None]]] = {
    "open": Witness.note_open,
    "sqlite3.connect": Witness.note_change,
    "os.mkdir": Witness.note_change,
    "os.symlink": lambda witness, arguments: witness.note_change(arguments[1:]),
    "os.link": lambda witness, arguments: witness.note_change(arguments[1:]),
    "os.truncate": lambda witness, arguments: witness.note_removal(arguments[:1]),
    "os.remove": Witness.note_removal,
    "os.rmdir": Witness.note_removal,
    "shutil.rmtree": Witness.note_removal,
    "os.rename": Witness.note_rename,
    "socket.connect": Witness.note_connect,
    "socket.sendto": Witness.note_datagram,
    "socket.getaddrinfo": Witness.note_look_up,
    "socket.gethostbyname": Witness.note_look_up,
    "subprocess.Popen": Witness.note_process,
    "os.system": Witness.note_system,
    "time.sleep": Witness.note_sleep,
}

_watchers: Final[list[Witness]] = []
_installed = threading.Event()


def _install_audit_hook() -> None:
    if not _installed.is_set():
        _installed.set()
        sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _watchers:
        _watchers[-1].note(event, arguments)


def _folder_in(arguments: tuple[Any, ...]) -> int | None:
    """Return the descriptor of the folder that a path is relative to; None for the current one."""
    last = arguments[-1] if len(arguments) > 1 else None
    return last if isinstance(last, int) else None


def _full_path(path: Any, folder: int | None) -> str | None:
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    path = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(path, str) or path == ":memory:" or path.startswith("file:"):
        return None
    with contextlib.suppress(OSError, ValueError):
        relative = folder is not None and folder >= 0
        base = os.readlink(f"/proc/self/fd/{folder}") if relative else ""  # noqa: PTH115
        return os.path.realpath(os.path.join(base, path))  # noqa: PTH118 - a hook is to be quick
    return None


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _address(address: Any) -> str:
    if isinstance(address, tuple):
        return ":".join(map(str, address[:2]))
    return os.fsdecode(address) if isinstance(address, (str, bytes)) else str(address)


def _is_numeric(host: Any) -> bool:
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except (ValueError, UnicodeError):
        return False
    return True


def _waits_for_process(frame: FrameType | None) -> bool:
    """Whether a process is started by a function of `subprocess` that waits for its end."""
    while frame is not None:
        if (
            frame.f_globals.get("__name__") == "subprocess"
            and frame.f_code.co_name in _WAITING_CALLS
        ):
            return True
        frame = frame.f_back
    return False


def _is_own(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_code.co_filename.startswith(_OWN)


def place_of(frame: FrameType | None) -> str:
    """Return where the plugin's own code stands, innermost: file, line and function."""
    while frame is not None:
        file = frame.f_code.co_filename
        installed = "site-packages" in file  # which lies in the library's folder
        if not file.startswith((_OWN, "<frozen")) and (installed or not file.startswith(_LIBRARY)):
            name = os.path.basename(file)  # noqa: PTH119 - a hook is to be quick
            return f"{name}:{frame.f_lineno} in {frame.f_code.co_name}()"
        frame = frame.f_back
    return UNKNOWN
