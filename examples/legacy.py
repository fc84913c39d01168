"""A plugin that predates the interface, brought into it by LegacyPluginAdapter."""

import asyncio
import tempfile
import warnings

from aitbc.plugins import LegacyPluginAdapter, PluginMetadata
from aitbc_hooks import PluginManager


class Mailer:
    """Knows nothing of the host: other names, nothing asynchronous, nothing returned."""

    def setup(self) -> None:
        """Open the mailbox."""
        print("mailbox opened")

    def close(self) -> None:
        """Close the mailbox."""
        print("mailbox closed")


async def main() -> None:
    """Host the mailer."""
    with warnings.catch_warnings():
        # The adapter says what to do instead; here that is known.
        warnings.simplefilter("ignore", DeprecationWarning)
        mailer = LegacyPluginAdapter(
            Mailer(),
            metadata=PluginMetadata("mailer", "0.9.0", "Sends mail", "AITBC Team", "MIT"),
            methods={"initialize": "setup", "cleanup": "close"},
        )
    with tempfile.TemporaryDirectory() as state:
        manager = PluginManager({"state_dir": state})
        manager.register(mailer)
        async with manager:
            print(manager.report("mailer").status.name)


if __name__ == "__main__":
    asyncio.run(main())
