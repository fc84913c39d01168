"""Faults in what a plugin says of itself: construction, metadata, manifest, schema."""

from __future__ import annotations

import itertools
import json
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from planted import HERE, Sound, card, planted, settings

from aitbc.plugins import BasePlugin


@planted("META-01")
class MisspellsCleanup(BasePlugin):
    """One of the abstract methods has another name, so the class stays abstract."""

    def get_metadata(self):
        return card("misspells-cleanup")

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def clean_up(self):
        return True


@planted("META-01")
class ConstructorRaises(Sound):
    """The constructor reads something that no context has."""

    def __init__(self, context):
        super().__init__(context)
        self._clock = context.clock


@planted("META-01")
class TakesNoContext(Sound):
    """The constructor has no parameter for the context."""

    def __init__(self):
        super().__init__(None)


planted.add(
    "import-fails",
    "subjects.import_fails:Plugin",
    "META-01",
    what="The module imports a package that is not installed.",
)


@planted("META-02")
class MetadataIsNone(Sound):
    """get_metadata() makes the metadata and forgets to return them."""

    def get_metadata(self):
        self.metadata = card("metadata-is-none")


@planted("META-02")
class MetadataIsADict(Sound):
    """get_metadata() returns the content of a JSON file as it is."""

    def get_metadata(self):
        return {"name": "metadata-is-a-dict", "version": "1.0.0", "license": "MIT"}


@dataclass
class Card:
    name: str
    version: str
    description: str
    author: str
    license: str
    keywords: tuple[str, ...] = ()


@planted("META-02")
class MetadataLookAlike(Sound):
    """get_metadata() returns a class of the plugin's own that has the same fields."""

    def get_metadata(self):
        return Card("metadata-look-alike", "1.0.0", "Counts", "AITBC Team", "MIT")


@planted("META-02", "META-01")
class VersionIsNotSemver(Sound):
    """The version has two numbers, which is not SemVer."""

    def get_metadata(self):
        return card("version-is-not-semver", version="1.0")


@planted("META-02")
class NameIsChangedLater(Sound):
    """The name is changed after the metadata were made, to one that is not allowed."""

    def get_metadata(self):
        metadata = card("name-is-changed-later")
        metadata.name = metadata.name.replace("-", "_")
        return metadata


@planted("META-03")
class VersionCounts(Sound):
    """The version goes up with each call of get_metadata()."""

    _build = 0

    def get_metadata(self):
        self._build += 1
        return card("version-counts", version=f"1.0.{self._build}")


@planted("META-03")
class NumbersItsInstances(Sound):
    """Each instance has a name of its own."""

    _numbers = itertools.count(1)

    def __init__(self, context):
        self._number = next(self._numbers)
        super().__init__(context)

    def get_metadata(self):
        return card(f"worker-{self._number}")


@planted("META-03")
class DescribesItsStatus(Sound):
    """The description tells the status, so it differs from status to status."""

    def get_metadata(self):
        return card("describes-its-status", description=f"Polls a feed ({self.status.value})")


@planted("META-04", "RES-02")
class ConstructorStartsThread(Sound):
    """The constructor starts a thread, which cleanup() ends."""

    def __init__(self, context):
        super().__init__(context)
        self._ended = threading.Event()
        threading.Thread(target=self._ended.wait, args=(20,), daemon=True).start()

    async def cleanup(self):
        self._ended.set()
        return True


@planted("META-04")
class ConstructorWritesFile(Sound):
    """The constructor writes a file to the data directory."""

    def __init__(self, context):
        super().__init__(context)
        Path(context.data_dir, "instance.json").write_text(json.dumps({"schema": 2}))


planted.add(
    "manifest-version-differs",
    HERE / "subjects" / "manifest_version_differs",
    "META-05",
    what="plugin.toml was not told of the last release: it has the version before.",
)
planted.add(
    "manifest-name-differs",
    HERE / "subjects" / "manifest_name_differs",
    "META-05",
    what="The plugin was renamed, and plugin.toml was not.",
)
planted.add(
    "manifest-promises-command",
    HERE / "subjects" / "manifest_promises_command",
    "META-05",
    what="plugin.toml names a command group that the code does not have.",
)


@planted("CFG-01")
class SchemaHasUnknownType(Sound):
    """A property's type is 'int', which JSON Schema does not know."""

    schema: ClassVar[dict[str, Any]] = settings(port={"type": "int", "default": 8080})


@planted("CFG-01")
class SchemaIsText(Sound):
    """get_config_schema() returns JSON text instead of a dict."""

    def get_config_schema(self):
        return json.dumps(self.schema)


@planted("CFG-01")
class SchemaHasFreshDefault(Sound):
    """A default is made up anew on each call."""

    def get_config_schema(self):
        return settings(node_id={"type": "string", "default": uuid.uuid4().hex})


@planted("CFG-01")
class SchemaGrows(Sound):
    """The one schema that all calls return gets longer in place."""

    schema: ClassVar[dict[str, Any]] = settings(mode={"enum": ["fast"]})

    def get_config_schema(self):
        modes = self.schema["properties"]["mode"]["enum"]
        modes.append(f"custom-{len(modes)}")
        return self.schema


@planted("CFG-01")
class SchemaNeedsInitialize(Sound):
    """get_config_schema() reads what only initialize() sets."""

    async def initialize(self):
        self._modes = ["fast", "safe"]
        return True

    def get_config_schema(self):
        return settings(mode={"enum": self._modes})


@planted("CFG-02")
class InitializePopsConfig(Sound):
    """initialize() takes a setting out of the configuration."""

    schema: ClassVar[dict[str, Any]] = settings(["interval"], interval={"type": "integer"})

    async def initialize(self):
        self._interval = self.context.config.pop("interval", 60)
        return True


@planted("CFG-02")
class StartExtendsList(Sound):
    """start() appends to a list within the configuration."""

    schema: ClassVar[dict[str, Any]] = settings(
        ["endpoints"], endpoints={"type": "array", "items": {"type": "string"}}
    )

    async def start(self):
        self._endpoints = self.context.config["endpoints"]
        self._endpoints.append("local")
        return True

    async def stop(self):
        self._endpoints = []
        return True


@planted("CFG-02")
class CleanupClearsConfig(Sound):
    """cleanup() empties the configuration."""

    schema: ClassVar[dict[str, Any]] = settings(["token"], token={"type": "string"})

    async def cleanup(self):
        self.context.config.clear()
        return True
