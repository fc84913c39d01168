"""A program that embeds the host, with a plugin of its own and the built-in translation."""

import asyncio
import tempfile
from typing import Any

from aitbc.plugins import BasePlugin, PluginMetadata
from aitbc_hooks import PluginManager


class Ledger(BasePlugin):
    """Adds up what is paid."""

    total = 0

    def get_metadata(self) -> PluginMetadata:
        """Say who this is."""
        return PluginMetadata("ledger", "1.0.0", "Adds up payments", "AITBC Team", "MIT")

    async def initialize(self) -> bool:
        """Set up."""
        return True

    async def start(self) -> bool:
        """Begin serving."""
        return True

    async def stop(self) -> bool:
        """End serving."""
        return True

    async def cleanup(self) -> bool:
        """Release everything."""
        return True

    async def handle_event(self, event_type: str, data: dict[str, Any]) -> None:
        """Take payments."""
        if event_type == "transaction_completed":
            self.total += data["amount"]


async def main() -> None:
    """Start, use and stop a host."""
    with tempfile.TemporaryDirectory() as state:
        manager = PluginManager(
            {"plugins": {"translation-ai": {"enabled": True}}, "state_dir": state}
        )
        manager.register(Ledger)
        async with manager:
            await manager.broadcast_event("transaction_completed", {"amount": 3})
            await manager.broadcast_event("transaction_completed", {"amount": 4})
            print("total:", manager.plugins["ledger"].total)
            answer = await manager.plugin("translation-ai").predict(
                input_data={"text": "the house"}
            )
            print(answer["translated_text"], "with confidence", answer["confidence"])
            for report in manager.reports():
                print(f"{report.name:20} {report.status.name}")


if __name__ == "__main__":
    asyncio.run(main())
