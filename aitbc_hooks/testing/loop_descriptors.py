"""Which of a loop's file descriptors something outside the loop may still make ready."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
import struct
import termios
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Sequence
    from selectors import SelectorKey

__all__ = ["descriptors_at_work"]

#: A pipe has two ends, which are one file.
_ENDS: Final = 2

#: struct ucred of unix(7): process, user, group.
_CREDENTIALS: Final = struct.Struct("3i")


def descriptors_at_work(
    registered: Sequence[SelectorKey],
) -> Iterator[tuple[Hashable, int | None]]:
    """Tell which descriptors may become ready by something that is not on this loop.

    A listening socket has no peer to wait for. What one socket of the loop sends to another has
    arrived, unless the system says that it is still under way.

    Args:
        registered: All descriptors of the loop.

    Yields:
        A key for the descriptor together with what is registered for it, and the number of the
        child process that it stands for, if it stands for one.
    """
    files = {key.fd: file for key in registered if (file := _file(key.fd)) is not None}
    pipes = [file.st_ino for file in files.values() if stat.S_ISFIFO(file.st_mode)]
    sockets = [fd for fd, file in files.items() if stat.S_ISSOCK(file.st_mode)]
    names = {name for fd in sockets if (name := _name(fd))}
    for key in registered:
        if key.fd in sockets:
            outside = _peer_is_outside(key.fd, names)
        else:
            outside = key.fd in files and pipes.count(files[key.fd].st_ino) != _ENDS
        if outside:
            yield (key.fd, _registration(key)), _child(key.fd)


def _file(descriptor: int) -> os.stat_result | None:
    try:
        return os.fstat(descriptor)
    except OSError:  # its owner has closed it and left it registered
        return None


def _registration(key: SelectorKey) -> Hashable:
    # Descriptors are used again; what is registered for them is new each time.
    reader, writer = key.data
    return weakref.ref(reader or writer)


def _child(descriptor: int) -> int | None:
    try:
        lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text("ascii").splitlines()
    except OSError:
        return None
    pids = [int(line.split()[1]) for line in lines if line.startswith("Pid:")]  # proc(5)
    return pids[0] if pids and pids[0] > 0 else None


@contextmanager
def _socket(descriptor: int) -> Iterator[socket.socket]:
    borrowed = socket.socket(fileno=descriptor)
    try:
        yield borrowed
    finally:
        borrowed.detach()


def _name(descriptor: int) -> Any:
    with _socket(descriptor) as own:
        return own.getsockname()


def _peer_is_outside(descriptor: int, names: Collection[Any]) -> bool:
    with _socket(descriptor) as own:
        if own.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return False
        if own.family == socket.AF_UNIX and _peer_process(own) == os.getpid():
            # One end of a pair without a name may have been left to a child process.
            return not (own.getsockname() or own.getpeername()) and _has_children()
        try:
            peer = own.getpeername()
        except OSError:  # it is being connected, or takes datagrams from anybody
            return True
        return peer not in names or _is_sending(own)


def _peer_process(own: socket.socket) -> int:
    credentials = own.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process: int = _CREDENTIALS.unpack(credentials)[0]
    return process


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _is_sending(own: socket.socket) -> bool:
    return any(fcntl.ioctl(own.fileno(), termios.TIOCOUTQ, bytes(4)))
