"""A JSON-RPC server in this process, for what a real node will not do on request."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

import attrs

from aitbc.plugins import BasePlugin, PluginContext

if TYPE_CHECKING:
    import ssl

TIP = "aa" * 32
TXID = "cd" * 32
#: Well-formed addresses of different kinds (BIP 173, BIP 350 and the first block's).
ADDRESS = "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4".lower()

Behaviour = Callable[[asyncio.StreamWriter, Any], Awaitable[None]]


@attrs.frozen
class Fault:
    """An answer that is an error."""

    code: int
    message: str


@attrs.frozen
class Computed:
    """A result that depends on the call's parameters."""

    function: Callable[[Any], Any]


@attrs.frozen
class Seen:
    """A request that arrived whole."""

    path: str
    authorization: str | None
    payload: Any
    text: str


def frame(body: bytes, status: str = "200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def sends(data: bytes) -> Behaviour:
    """Answer with these bytes and close."""

    async def behave(writer: asyncio.StreamWriter, _: Any) -> None:
        writer.write(data)
        await writer.drain()

    return behave


async def never(_: asyncio.StreamWriter, __: Any) -> None:
    """Do not answer and keep the connection open."""
    await asyncio.Event().wait()


def slowly(data: bytes) -> Behaviour:
    """Send some bytes and never the rest."""

    async def behave(writer: asyncio.StreamWriter, _: Any) -> None:
        writer.write(data[:-1])
        await never(writer, _)

    return behave


class FakeNode:
    """Answers as a healthy node does, unless a test says otherwise.

    ``answers[method]`` is a result, `Computed`, a `Fault`, or a behaviour that writes bytes itself;
    ``behaviour`` replaces every answer; ``authorization`` is demanded when set.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.answers: dict[str, Any] = {}
        self.behaviour: Behaviour | None = None
        self.authorization: str | None = None
        self.seen: list[Seen] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.set_tip(100, TIP)
        self.answers["getnetworkinfo"] = {"subversion": "/Fake:1.0.0/"}
        self.answers["validateaddress"] = {"isvalid": True, "scriptPubKey": "0014ab"}
        self.answers["sendtoaddress"] = TXID

    def set_tip(self, height: int, tip: str) -> None:
        self.answers["getblockcount"] = height
        self.answers["getblockchaininfo"] = {
            "chain": "regtest",
            "blocks": height,
            "bestblockhash": tip,
            "initialblockdownload": False,
        }

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, ssl=self._tls
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def methods(self) -> list[str]:
        """The methods called so far, those of batches included."""
        payloads = [seen.payload for seen in self.seen]
        calls = [c for p in payloads for c in (p if isinstance(p, list) else [p])]
        return [call["method"] for call in calls]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        given = next((ln[15:] for ln in head if ln.lower().startswith("authorization: ")), None)
        text = (await reader.readexactly(int(headers["content-length"]))).decode()
        payload = json.loads(text, parse_float=Decimal)
        self.seen.append(Seen(head[0].split()[1], given, payload, text))
        method = "" if isinstance(payload, list) else payload["method"]
        answer = self.behaviour or self.answers.get(method)
        if self.authorization is not None and given != self.authorization:
            writer.write(frame(b"", "401 Unauthorized"))
        elif callable(answer):
            await answer(writer, payload)
        else:
            writer.write(self._json_rpc(payload))
        await writer.drain()

    def _json_rpc(self, payload: Any) -> bytes:
        if isinstance(payload, list):
            return frame(json.dumps([self._one(call) for call in payload]).encode())
        answer = self._one(payload)
        status = "500 Internal Server Error" if answer["error"] else "200 OK"
        return frame(json.dumps(answer).encode(), status)

    def _one(self, call: dict[str, Any]) -> dict[str, Any]:
        result = self.answers.get(call["method"], Fault(-32601, "Method not found"))
        if isinstance(result, Computed):
            result = result.function(call["params"])
        if isinstance(result, Fault):
            error = {"code": result.code, "message": result.message}
            return {"result": None, "error": error, "id": call["id"]}
        return {"result": result, "error": None, "id": call["id"]}


def watching_tasks() -> list[asyncio.Task[Any]]:
    """The plugin's background tasks that are still there."""
    return [task for task in asyncio.all_tasks() if "bitcoin-integration" in task.get_name()]


async def until(condition: Callable[[], Any]) -> None:
    """Return when the condition holds; what it looks at has no event to wait for."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def becomes(plugin: BasePlugin, status: str) -> None:
    """Return when the plugin's health has this status."""
    async with asyncio.timeout(60):
        while (await plugin.health_check())["status"] != status:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class Bus:
    """An event bus that keeps what is published."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.published: list[tuple[str, dict[str, Any]]] = []
        self._failure = failure

    async def publish(self, event_type: str, data: dict[str, Any]) -> None:
        self.published.append((event_type, data))
        if self._failure is not None:
            raise self._failure


def context(config: dict[str, Any], bus: Any = None) -> PluginContext:
    logger = logging.getLogger("aitbc.plugins.bitcoin-integration")
    return PluginContext(config, "data", "temp", logger, bus, None)
