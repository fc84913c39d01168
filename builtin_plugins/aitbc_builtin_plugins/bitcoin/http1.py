"""One HTTP/1.1 exchange over asyncio: a POST, its answer, and the end of the connection.

Each exchange has a connection of its own. Nothing can then be stale, so nothing is ever sent
twice, and a long request does not hold up others; on a local node a connection costs a fraction
of a millisecond. The reader is strict (RFC 9112): a body has a Content-Length or is chunked, a
body that just ends is refused, because it cannot be told from one that was cut off.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING, Final

import attrs

from .errors import MalformedError, NodeTimeoutError, NodeUnreachableError, ProtocolError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

__all__ = ["MAX_BODY", "Endpoint", "Response", "post", "read_response"]

#: Bytes in the largest answer that is read. A full block, decoded, stays below it.
MAX_BODY: Final = 64 * 1024 * 1024
_MAX_HEADERS: Final = 100
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?")
_LENGTH: Final = re.compile(rb"[0-9]{1,12}")
_CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")
_DEFAULT_PORT: Final = {"http": 80, "https": 443}
_LAST_PORT: Final = 65535
#: The same as `rpc_url` in `config_schema.json`, but for the port's range.
_ADDRESS: Final = re.compile(
    r"(?P<scheme>[Hh][Tt][Tt][Pp][Ss]?)://(?:(?P<name>[A-Za-z0-9._~-]+)|\[(?P<ipv6>[0-9A-Fa-f:.]+)\])"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>/[!-\"$->@-~]*)?"
)


@attrs.frozen
class Endpoint:
    """Where requests go; `path` has no slash at its end."""

    host: str
    port: int
    tls: bool
    path: str

    @classmethod
    def parse(cls, url: str) -> Endpoint:
        """Read an address such as ``https://node.example:8332/rpc``.

        Raises:
            MalformedError: It is not such an address. The message does not repeat it, since it may
                hold a password.
        """
        address = _ADDRESS.fullmatch(url)
        if address is None:
            raise MalformedError(f"rpc_url: {_why_no_address(url)}")
        scheme = address["scheme"].lower()
        port = int(address["port"] or _DEFAULT_PORT[scheme])
        if not 0 < port <= _LAST_PORT:
            raise MalformedError(f"rpc_url: a port is a number from 1 to {_LAST_PORT}.")
        host = address["name"] or address["ipv6"]
        path = (address["path"] or "").rstrip("/")
        return cls(host.lower(), port, scheme == "https", path)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def _why_no_address(url: str) -> str:
    if "@" in url:
        return "credentials belong in rpc_user and rpc_password."
    if "?" in url or "#" in url:
        return "a query or fragment has no meaning here."
    return "expected http://host:port or https://host:port."


@attrs.frozen
class Response:
    """The part of an answer that JSON-RPC needs."""

    status: int
    body: bytes = attrs.field(repr=False)


async def post(
    endpoint: Endpoint,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    within: float,
    tls: ssl.SSLContext | None = None,
) -> Response:
    """Send one request and read its answer.

    Args:
        endpoint: The peer.
        path: What follows the endpoint's own path.
        headers: Headers besides Host, Connection and Content-Length.
        body: The request's body.
        within: Seconds for the whole exchange.
        tls: How to check the peer's certificate; None for a plain connection.

    Raises:
        NodeUnreachableError: No connection came about, so nothing was sent.
        NodeTimeoutError: The answer was not complete in time.
        ProtocolError: The answer broke off or is not HTTP/1.1.
    """
    deadline = asyncio.get_running_loop().time() + within
    reader, writer = await _connect(endpoint, deadline, tls)
    try:
        async with asyncio.timeout_at(deadline):
            writer.write(_request(endpoint, path, headers, body))
            await writer.drain()
            return await read_response(reader)
    except TimeoutError:
        raise NodeTimeoutError(f"{endpoint} gave no whole answer within {within:g} s.") from None
    except OSError as error:
        raise ProtocolError(f"{endpoint} broke off the exchange: {_words(error)}.") from None
    finally:
        # Whatever there was to read has been read; a polite close could wait for the peer.
        writer.transport.abort()


async def read_response(reader: asyncio.StreamReader, *, limit: int = MAX_BODY) -> Response:
    """Read one answer.

    Raises:
        ProtocolError: It is not a whole HTTP/1.1 answer with a body of at most `limit` bytes.
    """
    try:
        status_line = _STATUS_LINE.fullmatch(await _line(reader))
        if status_line is None:
            raise ProtocolError("The answer is not HTTP/1.1.")
        headers = await _headers(reader)
        return Response(int(status_line[1]), await _body(reader, headers, limit))
    except asyncio.IncompleteReadError:
        raise ProtocolError("The answer broke off before its end.") from None
    except asyncio.LimitOverrunError:
        raise ProtocolError("The answer has a header line that is too long.") from None


async def _connect(
    endpoint: Endpoint, deadline: float, tls: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout_at(deadline):
            return await asyncio.open_connection(endpoint.host, endpoint.port, ssl=tls)
    except TimeoutError:
        raise NodeUnreachableError(f"{endpoint} did not accept a connection in time.") from None
    except (OSError, UnicodeError) as error:
        raise NodeUnreachableError(f"{endpoint} cannot be reached: {_words(error)}.") from None


def _words(error: Exception) -> str:
    """What went wrong in the system's words, where asyncio would say "Connect call failed"."""
    if isinstance(error, OSError) and error.errno and type(error).__module__ == "builtins":
        return os.strerror(error.errno)
    if str(error).startswith("Multiple exceptions"):  # a name with several addresses
        return "none of its addresses accepts a connection"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _request(endpoint: Endpoint, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [
        f"POST {endpoint.path}{path or '/'} HTTP/1.1",
        f"Host: {endpoint}",
        "Connection: close",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def _line(reader: asyncio.StreamReader) -> bytes:
    line = await reader.readuntil(b"\r\n")
    return line[:-2]


async def _headers(reader: asyncio.StreamReader) -> dict[bytes, bytes]:
    """Read headers (or trailers) up to the empty line; names in lower case."""
    headers: dict[bytes, bytes] = {}
    for _ in range(_MAX_HEADERS):
        line = await _line(reader)
        if not line:
            return headers
        name, colon, value = line.partition(b":")
        name = name.lower()
        # A second framing header is how one peer's answer is made to look like two (RFC 9112, 6.3).
        repeated = name in headers and name in (b"content-length", b"transfer-encoding")
        if not colon or not name or name.strip() != name or repeated:
            raise ProtocolError("The answer has a malformed header.")
        headers[name] = value.strip()
    raise ProtocolError(f"The answer has more than {_MAX_HEADERS} headers.")


async def _body(reader: asyncio.StreamReader, headers: dict[bytes, bytes], limit: int) -> bytes:
    length, coding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
    if coding is not None and length is None and coding.lower() == b"chunked":
        return await _chunks(reader, limit)
    if length is None or coding is not None or not _LENGTH.fullmatch(length):
        raise ProtocolError("The answer does not say how long it is.")
    if int(length) > limit:
        raise ProtocolError(f"The answer is larger than {limit} bytes.")
    return await reader.readexactly(int(length))


async def _chunks(reader: asyncio.StreamReader, limit: int) -> bytes:
    body = bytearray()
    while True:
        size_line = _CHUNK_SIZE.fullmatch(await _line(reader))
        if size_line is None:
            raise ProtocolError("The answer has a malformed chunk.")
        size = int(size_line[1], 16)
        if size == 0:
            await _headers(reader)
            return bytes(body)
        if len(body) + size > limit:
            raise ProtocolError(f"The answer is larger than {limit} bytes.")
        body += await reader.readexactly(size)
        if await reader.readexactly(2) != b"\r\n":
            raise ProtocolError("The answer has a malformed chunk.")
