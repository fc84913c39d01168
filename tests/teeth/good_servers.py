"""Servers on the loopback interface: TCP, HTTP, UNIX sockets, UDP, and sockets by hand.

`asyncio.start_server` makes a turn of the loop after it has begun to listen; a start that is
cancelled in that turn loses the server. So these make the server first and serve afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from pathlib import Path

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata

LOOPBACK = "127.0.0.1"


class StreamServer(BasePlugin):
    """A server of streams: subclasses listen, and serve one connection."""

    def __init__(self, context):
        super().__init__(context)
        self.server = None
        self._connections = set()

    async def initialize(self):
        return True

    async def start(self):
        self.server = await self.listen()
        await self.server.start_serving()
        return True

    async def stop(self):
        await self._close()
        return True

    async def cleanup(self):
        await self._close()
        return True

    async def listen(self):
        raise NotImplementedError

    async def serve(self, reader, writer):
        raise NotImplementedError

    async def accept(self, reader, writer):
        task = asyncio.current_task()
        self._connections.add(task)
        try:
            await self.serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ValueError) as error:
            self.context.logger.debug("connection ended: %r", error)
        finally:
            self._connections.discard(task)
            writer.close()

    async def _close(self):
        if self.server is None:
            return
        self.server.close()
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)
        await self.server.wait_closed()
        self.server = None


@good()
class EchoServer(StreamServer):
    """A TCP server on a port that the system chooses."""

    def get_metadata(self):
        return PluginMetadata("echo-server", "1.0.0", "Echoes lines", "Net Author", "MIT")

    async def listen(self):
        return await asyncio.start_server(self.accept, LOOPBACK, 0, start_serving=False)

    async def serve(self, reader, writer):
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()

    async def health_check(self):
        health = await super().health_check()
        port = self.server.sockets[0].getsockname()[1] if self.server else None
        return health | {"port": port, "connections": len(self._connections)}


@good()
class TinyHttp(StreamServer):
    """An HTTP server, and a client that asks it within start whether it answers."""

    def get_metadata(self):
        return PluginMetadata("tiny-http", "1.2.0", "Serves its status", "Net Author", "MIT")

    async def listen(self):
        listener = socket.create_server((LOOPBACK, 0))
        return await asyncio.start_server(self.accept, sock=listener, start_serving=False)

    async def start(self):
        self.requests = 0
        await super().start()
        status, body = await self._get("/status")
        return status == 200 and body["requests"] == 1

    async def serve(self, reader, writer):
        request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.requests += 1
        found = request.startswith("GET /status ")
        body = json.dumps({"requests": self.requests}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\n" if found else b"HTTP/1.1 404 Not Found\r\n")
        writer.write(b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()

    async def _get(self, path):
        port = self.server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            async with asyncio.timeout(5):
                answer = await reader.read()
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)


@good()
class UnixServer(StreamServer):
    """A socket in temp_dir, whose path must be short enough for the system: 107 bytes."""

    def get_metadata(self):
        return PluginMetadata("unix-server", "1.0.0", "Takes orders", "Net Author", "MIT")

    async def listen(self):
        self._path = Path(self.context.temp_dir, "control.sock")
        return await asyncio.start_unix_server(self.accept, self._path, start_serving=False)

    async def serve(self, reader, writer):
        async for line in reader:
            writer.write(b"ok " + line)
            await writer.drain()

    async def stop(self):
        await super().stop()
        self._path.unlink(missing_ok=True)
        return True


@good(config={"host": LOOPBACK, "port": 0, "greeting": "hello"})
class ConfiguredServer(StreamServer):
    """Host and port come from the configuration: no generator can know which port is free."""

    def get_metadata(self):
        return PluginMetadata("configured-server", "1.0.0", "Greets callers", "Net Author", "MIT")

    def get_config_schema(self):
        return {
            "type": "object",
            "properties": {
                "host": {"type": "string", "format": "hostname", "default": "localhost"},
                "port": {"type": "integer", "minimum": 0, "maximum": 65535, "default": 7000},
                "greeting": {"type": "string"},
            },
            "required": ["greeting"],
        }

    async def listen(self):
        config = self.context.config
        return await asyncio.start_server(
            self.accept, config["host"], config["port"], start_serving=False
        )

    async def serve(self, reader, writer):
        writer.write(self.context.config["greeting"].encode())
        await writer.drain()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, owner):
        self.owner = owner
        self.closed = asyncio.Event()

    def datagram_received(self, data, addr):
        self.owner.received += len(data)

    def connection_lost(self, exc):
        self.closed.set()


@good()
class UdpCounter(BasePlugin):
    """A datagram endpoint, closed when the protocol has been told so."""

    _transport = None

    def get_metadata(self):
        return PluginMetadata("udp-counter", "1.0.0", "Counts bytes", "Net Author", "MIT")

    async def initialize(self):
        self.received = 0
        return True

    async def start(self):
        loop = asyncio.get_running_loop()
        self._transport, self._protocol = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self), local_addr=(LOOPBACK, 0)
        )
        self._transport.sendto(b"hello", self._transport.get_extra_info("sockname"))
        return True

    async def stop(self):
        await self._close()
        return True

    async def cleanup(self):
        await self._close()
        return True

    async def _close(self):
        if self._transport is not None:
            self._transport.close()
            await self._protocol.closed.wait()


@good()
class SocketPair(BasePlugin):
    """Sockets by hand: a reader callback on the loop, and `sock_recv` in a task."""

    def get_metadata(self):
        return PluginMetadata("socket-pair", "1.0.0", "Wakes itself", "Net Author", "MIT")

    async def initialize(self):
        self._pair = ()
        self.wakes = 0
        return True

    async def start(self):
        self._pair = near, far = socket.socketpair()
        for end in self._pair:
            end.setblocking(False)  # noqa: FBT003 - the socket's own argument
        loop = asyncio.get_running_loop()
        loop.add_reader(near, self._woken, near)
        await loop.sock_sendall(far, b"!")
        return True

    async def handle_event(self, event_type, data):
        with contextlib.suppress(BlockingIOError):
            self._pair[1].send(b"!")

    async def stop(self):
        self._close()
        return True

    async def cleanup(self):
        self._close()
        return True

    def _woken(self, near):
        self.wakes += len(near.recv(4096))

    def _close(self):
        for end in self._pair:
            if end.fileno() >= 0:
                asyncio.get_running_loop().remove_reader(end)
                end.close()
