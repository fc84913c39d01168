"""The plugin: imports its own modules relatively; its schema lies beside it as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aitbc.plugins import BasePlugin, PluginMetadata

from . import __name__ as package_name
from .book import Book


class LedgerNotes(BasePlugin):
    """Notes what is paid, and keeps the last notes over restarts."""

    book: Book | None = None

    def get_metadata(self) -> PluginMetadata:
        """Return plugin metadata, the same as in ``plugin.toml``."""
        return PluginMetadata(
            name="ledger-notes",
            version="1.2.3",
            description="Notes beside a ledger",
            author="Folder Author",
            license="MIT",
        )

    async def initialize(self) -> bool:
        """Read the notes of the last time."""
        self.context.logger.debug("running from %s", package_name)
        config = self.context.config
        self.book = Book(
            Path(self.context.data_dir, "notes.jsonl"),
            keep=int(config.get("keep", 100)),
            currency=config.get("currency", "EUR"),
        )
        return True

    async def start(self) -> bool:
        """Begin to note."""
        return self.book is not None

    async def handle_event(self, event_type: str, data: dict[str, Any]) -> None:
        """Note every amount."""
        if self.book is not None and "amount" in data:
            self.book.note(event_type, data["amount"])

    async def health_check(self) -> dict[str, Any]:
        """Return the default health and the number of notes."""
        return {**await super().health_check(), "notes": len(self.book or ())}

    async def stop(self) -> bool:
        """Save what was noted."""
        if self.book is not None:
            self.book.save()
        return True

    async def cleanup(self) -> bool:
        """Let go of the notes."""
        self.book = None
        return True
