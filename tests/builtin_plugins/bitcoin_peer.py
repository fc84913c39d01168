"""A real node in regression-test mode, its data in a directory of the test."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING, Any

from aitbc_builtin_plugins.bitcoin.errors import BitcoinError
from aitbc_builtin_plugins.bitcoin.rpc import RPCClient
from aitbc_builtin_plugins.bitcoin.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

#: Debian's litecoind (a fork of Bitcoin Core with the same protocol) is called past its wrapper,
#: which writes into the home directory.
PROGRAMS = ("bitcoind", "/usr/lib/litecoin/litecoind")
USER, PASSWORD = "tester", "canary-password-of-the-test"
WALLET = "test wallet"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Peer:
    """One node; it may be killed and started again on the same data and port.

    Without `password` the node writes a cookie.
    """

    def __init__(self, directory: Path, *, password: str | None = None) -> None:
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise AssertionError(f"AITBC_REQUIRE_PEERS is set, and none of {PROGRAMS} is here")
        directory.mkdir(exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.cookie_file = directory / "regtest" / ".cookie"
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None
        quiet = [
            "listen=0",
            "dnsseed=0",
            "maxconnections=0",
            "printtoconsole=0",
        ]
        rpc = ["server=1", "rpcbind=127.0.0.1", "rpcallowip=127.0.0.1", f"rpcport={self.port}"]
        rpc += [f"rpcuser={USER}", f"rpcpassword={password}"] if password else []
        options = [*quiet, *rpc, "fallbackfee=0.0001", f"datadir={directory}"]
        self._command = [program, "-regtest", *(f"-{option}" for option in options)]

    def config(self, **more: Any) -> dict[str, Any]:
        if self._password:
            return {"rpc_url": self.url, "rpc_user": USER, "rpc_password": self._password, **more}
        return {"rpc_url": self.url, "rpc_cookie_file": str(self.cookie_file), **more}

    def client(self, **more: Any) -> RPCClient:
        return RPCClient(Settings.from_config(self.config(**more)))

    def start(self) -> None:
        self.spawn()
        asyncio.run(self.ready())

    async def ready(self) -> None:
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(BitcoinError):
                    await self.client().call("getblockcount")
                    return
                await asyncio.sleep(0.1)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def spawn(self) -> None:
        """Start the process and return at once; also after `kill`."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
