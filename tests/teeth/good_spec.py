"""The plugin that SPEC.md prints, and what an author makes of it in the first hour."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata

_SPEC = Path(__file__).parents[1] / "spec" / "SPEC.md"


def _printed(name: str) -> type[BasePlugin]:
    """Return a class as the specification prints it; its source is in no Python file."""
    blocks = re.findall(
        r"^```python\n(.*?)^```$", _SPEC.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    (block,) = [block for block in blocks if f"class {name}(BasePlugin)" in block]
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(compile(block, str(_SPEC), "exec", dont_inherit=True), namespace)
    cls: type[BasePlugin] = namespace[name]
    return cls


MyPlugin = good()(_printed("MyPlugin"))


@good()
class FirstSteps(BasePlugin):
    """The printed plugin with every optional method; attributes appear as they are needed."""

    def get_metadata(self):
        return PluginMetadata(
            name="first-steps",
            version="0.1.0-alpha.1+build.7",
            description="My first plugin",
            author="Developer Name",
            license="MIT",
            homepage="https://plugins.example/first-steps",
            keywords=["example", "tutorial"],
            min_aitbc_version="0.0.1",
            supported_platforms=["Linux", "macOS", "Windows"],
        )

    def get_config_schema(self):
        return {
            "type": "object",
            "properties": {"greeting": {"type": "string", "default": "hello"}},
        }

    async def initialize(self):
        self.greeting = self.context.config.get("greeting", "hello")
        self.greeted = []
        return True

    async def start(self):
        self.context.logger.info("first-steps says %s", self.greeting)
        return True

    async def handle_event(self, event_type, data):
        if event_type == "user_login" and "user" in data:
            self.greeted.append(f"{self.greeting}, {data['user']}")

    async def health_check(self):
        health = await super().health_check()
        health["greeted"] = len(getattr(self, "greeted", []))
        return health

    async def stop(self):
        self.context.logger.info("first-steps greeted %d users", len(self.greeted))
        return True

    async def cleanup(self):
        return True


@good()
class OneLiners(FirstSteps):
    """Inherits from another concrete plugin and replaces what differs."""

    def get_metadata(self):
        return PluginMetadata("one-liners", "2.0.0", "", "somebody", "Apache-2.0 OR MIT")

    async def start(self):
        return await super().start()

    async def cleanup(self):
        self.greeted = []
        return await super().cleanup()
