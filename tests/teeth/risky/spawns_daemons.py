"""A plugin whose helpers leave its process group and are nobody's children."""

from __future__ import annotations

import asyncio

from planted import Sound


class Plugin(Sound):
    """Starts a daemon each time, which ends by itself after a while."""

    async def start(self):
        shell = await asyncio.create_subprocess_exec(
            "sh", "-c", "sleep 15 >/dev/null 2>&1 &", start_new_session=True
        )
        return await shell.wait() == 0
