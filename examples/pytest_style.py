"""A plugin in the style of pytest: functions marked @hookimpl, no class.

Run it as a program, or in the host: ``aitbc-hooks -p examples.pytest_style run``.
"""

import asyncio
import sys
import tempfile
from typing import Any

from aitbc.plugins import PluginContext, hookimpl
from aitbc_hooks import PluginManager

greetings: list[str] = []


@hookimpl
async def start(context: PluginContext) -> bool:
    """Begin serving."""
    context.logger.info("hello")
    return True


@hookimpl
def handle_event(event_type: str, data: dict[str, Any]) -> None:
    """Greet whoever logs in."""
    if event_type == "user_login":
        greetings.append(f"hello, {data['user']}")


@hookimpl
async def predict(input_data: dict[str, Any]) -> dict[str, Any]:
    """Answer like any model."""
    return {"echo": input_data}


async def main() -> None:
    """Host this very module."""
    with tempfile.TemporaryDirectory() as state:
        manager = PluginManager({"state_dir": state})
        manager.register(sys.modules[__name__], name="pytest-style")
        async with manager:
            await manager.broadcast_event("user_login", {"user": "alice"})
            print(greetings, await manager.hook.predict(input_data={"text": "hi"}))


if __name__ == "__main__":
    asyncio.run(main())
