"""Plugins with nothing wrong: what the examples of the checks differ from.

Each check has an example, the source of a plugin that fails this check and no other. An example
is executed with the names in `NAMES`, and derives from `Sound`, `SoundCLI`, `SoundChain` or
`SoundAI`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import tempfile
import threading
import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from aitbc_hooks.interfaces import (
    AIPlugin,
    BasePlugin,
    BlockchainPlugin,
    CLIPlugin,
    PluginMetadata,
    PluginStatus,
)
from aitbc_hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

__all__ = ["NAMES", "Sound", "SoundAI", "SoundCLI", "SoundChain", "samples"]

_ADDRESS: Final = re.compile(r"tc1[0-9a-f]{8}")
_ADDRESSES: Final = ("tc1a0b1c2d3", "tc1ffffffff")
#: Block, contract, event, transaction.
_HISTORY: Final = tuple(
    (block, _ADDRESSES[block % 2], "Transfer", f"{block:02x}ab") for block in range(8)
)


class Sound(BasePlugin):
    """Does nothing, and nothing wrong."""

    def get_metadata(self) -> PluginMetadata:
        """Return plugin metadata; the name is the class's."""
        return PluginMetadata(type(self).__name__, "1.0.0", "A sound plugin", "AITBC Team", "MIT")

    async def initialize(self) -> bool:
        """Succeed."""
        return True

    async def start(self) -> bool:
        """Succeed."""
        return True

    async def stop(self) -> bool:
        """Succeed."""
        return True

    async def cleanup(self) -> bool:
        """Succeed."""
        return True


class SoundCLI(Sound, CLIPlugin):
    """Has a group ``notes`` with two commands, which keep notes in the plugin's data directory."""

    def get_commands(self) -> list[click.Group]:
        """Return the group, made anew."""
        path = Path(self.context.data_dir, "notes.json")

        def kept() -> list[str]:
            return list(json.loads(path.read_text("utf-8"))) if path.exists() else []

        @click.group()
        def notes() -> None:
            """Keep notes."""

        @notes.command()
        @click.argument("text")
        @click.option("--copies", type=click.IntRange(1, 9), default=1, help="How often.")
        def add(text: str, copies: int) -> None:
            """Add a note."""
            path.write_text(json.dumps(kept() + [text] * copies), encoding="utf-8")

        @notes.command("list")
        @click.option("--limit", type=click.IntRange(min=0), help="At most so many.")
        def list_(limit: int | None) -> None:
            """List the notes."""
            for note in kept()[:limit]:
                click.echo(note)

        return [notes]

    def get_command_help(self) -> str:
        """Return one line of help."""
        return "Keep notes"


class SoundChain(Sound, BlockchainPlugin):
    """Has a small chain in memory; addresses are ``tc1`` and eight hexadecimal digits."""

    async def connect(self, config: dict[str, Any]) -> bool:
        """Succeed: there is nobody to connect to."""
        return isinstance(config, dict)

    async def get_balance(self, address: str) -> dict[str, Any]:
        """Return a balance that depends on the address."""
        self.check_address(address)
        return {"address": address, "balance": Decimal(int(address[3:], 16)) / 100, "unit": "TC"}

    async def send_transaction(self, tx_data: dict[str, Any]) -> str:
        """Return a hash."""
        self.check_address(tx_data.get("to"))
        amount = self.read_amount(tx_data.get("amount"))
        return hashlib.sha256(f"{tx_data['to']} {amount}".encode()).hexdigest()

    async def get_contract_events(
        self, contract_address: str, event_name: str, from_block: int | None = None
    ) -> list[dict[str, Any]]:
        """Return the events of the chain."""
        self.check_address(contract_address)
        return [
            {"block": block, "transaction": transaction}
            for block, contract, event, transaction in _HISTORY
            if (contract, event) == (contract_address, event_name) and block >= (from_block or 0)
        ]

    def check_address(self, address: object) -> None:
        """Raise `ValueError` for a malformed address."""
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
            raise ValueError(f"expected tc1 and eight hexadecimal digits, got {address!r}")

    def read_amount(self, amount: object) -> Decimal:
        """Return an amount; raise `ValueError` if it is malformed."""
        if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
            raise ValueError(f"expected an amount, got {amount!r}")  # noqa: TRY004 - the contract
        try:
            number = Decimal(amount)
        except InvalidOperation:
            raise ValueError(f"expected an amount, got {amount!r}") from None
        if not number.is_finite() or number <= 0:
            raise ValueError(f"expected an amount above 0, got {amount!r}")
        return number


class SoundAI(Sound, AIPlugin):
    """Learns which words it has seen, and how long texts are."""

    words: frozenset[str] = frozenset()
    trained = False

    async def predict(self, input_data: dict[str, Any]) -> dict[str, Any]:
        """Return which of the words of ``text`` are known."""
        words = self.read_text(input_data).split()
        return {"words": len(words), "known": sum(word in self.words for word in words)}

    async def train(self, training_data: list[dict[str, Any]]) -> bool:
        """Learn the words of every ``text``."""
        texts = [self.read_text(example) for example in training_data]
        self.words = self.words.union(*(text.split() for text in texts))
        self.trained = True
        return True

    def get_model_info(self) -> dict[str, Any]:
        """Describe the model."""
        return {"name": "known words", "trained": self.trained, "words": len(self.words)}

    def read_text(self, data: dict[str, Any]) -> str:
        """Return ``text``; raise `ValueError` where there is none."""
        text = data.get("text")
        if not isinstance(text, str):
            raise ValueError(f"text: expected a string, got {text!r}")  # noqa: TRY004 - the contract's word
        return text


def samples() -> Mapping[str, SearchStrategy[Any]]:
    """Return ``samples=`` for plugins that derive from those here."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the plugins do not need it

    text = st.fixed_dictionaries({"text": st.text(max_size=20)})
    address = st.sampled_from(_ADDRESSES)
    return {
        "address": address,
        "contract_address": address,
        "event_name": st.just("Transfer"),
        "from_block": st.integers(0, len(_HISTORY) + 1),
        "tx_data": st.fixed_dictionaries({"to": address, "amount": st.integers(1, 99)}),
        "input_data": text | st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
        "training_data": st.lists(text, max_size=4),
    }


#: The names that an example may use.
NAMES: Final[Mapping[str, Any]] = {
    "AIPlugin": AIPlugin,
    "BasePlugin": BasePlugin,
    "BlockchainPlugin": BlockchainPlugin,
    "CLIPlugin": CLIPlugin,
    "Decimal": Decimal,
    "PluginMetadata": PluginMetadata,
    "PluginStatus": PluginStatus,
    "Sound": Sound,
    "SoundAI": SoundAI,
    "SoundCLI": SoundCLI,
    "SoundChain": SoundChain,
    "asyncio": asyncio,
    "click": click,
    "hookimpl": hookimpl,
    "os": os,
    "tempfile": tempfile,
    "threading": threading,
    "time": time,
}
