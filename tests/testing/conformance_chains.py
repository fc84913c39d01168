"""Blockchain plugins, and whom they speak to, for the tests of their checks."""

from __future__ import annotations

import asyncio

from aitbc_hooks.testing.kit.sound import SoundChain, samples

SAMPLES = samples()
ADDRESS = "tc1a0b1c2d3"
#: Nobody listens there.
NODE = ("127.0.0.1", 1)


async def speak(node=NODE):
    """Speak to a node that is not there."""
    _, writer = await asyncio.open_connection(*node)
    writer.close()


async def look_up():
    await asyncio.get_running_loop().getaddrinfo("node.example", 80)


class Remote(SoundChain):
    """Asks a node for everything, after a look at the arguments."""

    async def get_balance(self, address):
        self.check_address(address)
        await speak()

    async def send_transaction(self, tx_data):
        await super().send_transaction(tx_data)
        await speak()

    async def get_contract_events(self, contract_address, event_name, from_block=None):
        await speak()
