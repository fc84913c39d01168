"""From a document to a `HostConfig`: every check, ``${…}``, and the records."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import attrs
import cattrs

from aitbc_hooks.config.checking import SchemaCheck, schema_check
from aitbc_hooks.config.document import Document, Origin
from aitbc_hooks.config.interpolation import InterpolationError, has_placeholder, interpolate
from aitbc_hooks.config.layers import apply_environment, apply_overrides
from aitbc_hooks.config.locating import default_state_dir, expand, locate_config, straight
from aitbc_hooks.config.problems import (
    InvalidConfigError,
    KeyPath,
    describe,
    dotted,
    suggest,
)
from aitbc_hooks.config.reading import read_document
from aitbc_hooks.config.records import HostConfig, PluginConfig, Provenance
from aitbc_hooks.config.schema import host_schema
from aitbc_hooks.config.secrets import Redactor, is_secret_path
from aitbc_hooks.errors import VersionError
from aitbc_hooks.versions import PLUGIN_NAME, Requirement, Version, canonical_name

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DEFAULT_FILE", "config_from_mapping", "load_config"]

#: The configuration that is in force where there is no file.
DEFAULT_FILE: Final = Path(__file__).with_name("default.yaml")

_UNEVALUATED: Final = re.compile(r"\$\{\w+\}")


def load_config(
    path: Path | None = None,
    *,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> HostConfig:
    """Read the configuration: defaults, the file, ``AITBC_…`` variables, then `overrides`.

    Args:
        path: A YAML, TOML or JSON file; by default what `locate_config` finds.
        overrides: ``key=value``, as after ``--set``.
        environ: By default the process's own.

    Raises:
        InvalidConfigError: With every problem as ``file:line:column: message``.
    """
    environ = os.environ if environ is None else environ
    found = locate_config(environ).path if path is None else Path(path)
    if found is None:
        document = read_document(DEFAULT_FILE)
        document.origins = dict.fromkeys(document.origins, Origin("default"))
        base = Path.cwd()
    else:
        document = read_document(found)
        base = found.absolute().parent
    apply_environment(document, environ)
    apply_overrides(document, overrides)
    config = _Build(document, base, environ).config()
    return attrs.evolve(config, source=found and found.absolute())


def config_from_mapping(
    mapping: Mapping[str, Any],
    *,
    base: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> HostConfig:
    """Do the work of `HostConfig.from_mapping`."""
    document = Document()
    if not isinstance(cast("object", mapping), Mapping):
        message = f"the configuration must be a mapping, got {describe(mapping)}"
        raise document.fail("AITBC-C06", (), message)
    document.data = dict(mapping)
    environ = os.environ if environ is None else environ
    return _Build(document, (base or Path()).absolute(), environ).config()


@attrs.define
class _Build:
    """Checks one document and makes the records of it."""

    document: Document
    base: Path
    environ: Mapping[str, str]
    provenance: Provenance = attrs.field(init=False)
    redactor: Redactor = attrs.Factory(Redactor)

    def __attrs_post_init__(self) -> None:
        self.provenance = Provenance(self.document, castable=dict(self.document.overrides))

    def config(self) -> HostConfig:
        """Return the configuration.

        Raises:
            InvalidConfigError: With every problem there is.
        """
        document = self.document
        document.normalise()
        self._check_names()
        _host_check().report(
            document.data,
            document,
            code="AITBC-C06",
            is_secret=is_secret_path,
            hint_unknown=_unknown_key_hint,
            hint_missing=self._missing_key_hint,
        )
        self._interpolate()
        self._check_versions()
        if document.problems:
            raise InvalidConfigError(document.problems)
        self._learn_secrets()
        return self._records()

    def _plugins(self) -> dict[str, Any]:
        plugins = self.document.data.get("plugins")
        return plugins if isinstance(plugins, dict) else {}

    def _check_names(self) -> None:
        """Report what a schema cannot: a name's whole text, and two that differ only by case."""
        first: dict[str, str] = {}
        for name in self._plugins():
            path = ("plugins", name)
            if not PLUGIN_NAME.fullmatch(name):
                near = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-0123456789")
                hint = f", did you mean {near!r}?" if PLUGIN_NAME.fullmatch(near) else ""
                rule = "a letter, then letters, digits and hyphens"
                message = f"{name!r} is not a plugin's name ({rule}){hint}"
                self.document.report("AITBC-C05", path, message)
            other = first.setdefault(canonical_name(name), name)
            if other != name:
                origin = self.document.origin(("plugins", other))
                place = (
                    f" (first at {origin.line}:{origin.column})" if origin and origin.line else ""
                )
                message = f"plugin {name!r} is listed before as {other!r}{place}"
                self.document.report("AITBC-C04", path, message)

    def _missing_key_hint(self, path: KeyPath, _key: str) -> str:
        """Say what a variable or ``--set`` may have meant that has begun a plugin's block."""
        origin = self.document.origin(path)
        is_block = len(path) == 2 and path[0] == "plugins"  # noqa: PLR2004 - plugins.<name>
        if origin is None or origin.line or not is_block:
            return ""
        others = [name for name in self._plugins() if name != path[1]]
        near = suggest(str(path[1]), others)
        return f"; the configuration lists no such plugin{near}"

    def _interpolate(self) -> None:
        """Replace ``${…}`` in the settings of enabled plugins and in the host's own strings."""
        for name, block in self._plugins().items():
            if isinstance(block, dict) and block.get("enabled") is True and "config" in block:
                path = ("plugins", name, "config")
                block["config"] = self._replace(block["config"], path, secret=True)
        data = self.document.data
        for key in ("plugin_paths", "state_dir", "host_version"):
            if key in data:
                data[key] = self._replace(data[key], (key,), secret=False)

    def _replace(self, value: Any, path: KeyPath, *, secret: bool) -> Any:
        if path in self.document.verbatim:
            return value
        if isinstance(value, dict):
            return {k: self._replace(v, (*path, k), secret=secret) for k, v in value.items()}
        if isinstance(value, list):
            return [self._replace(v, (*path, i), secret=secret) for i, v in enumerate(value)]
        if not isinstance(value, str) or not has_placeholder(value):
            return value
        try:
            outcome = interpolate(value, self.environ)
        except InterpolationError as error:
            self.document.report("AITBC-C07", path, f"{dotted(path)}: {error}")
            return value
        if secret and outcome.replaced:
            self.provenance.secrets.add(path)
            for taken in outcome.values:
                self.redactor.learn(taken)
        if outcome.whole:
            self.provenance.castable[path] = outcome.text
        return outcome.text

    def _check_versions(self) -> None:
        for name, block in self._plugins().items():
            listed = block.get("dependencies") if isinstance(block, dict) else None
            for index, entry in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(entry, str):
                    self._parse(Requirement.parse, entry, ("plugins", name, "dependencies", index))
        version = self.document.data.get("host_version")
        if isinstance(version, str):
            self._parse(Version.parse, version, ("host_version",))

    def _parse(self, parse: Any, text: str, path: KeyPath) -> None:
        try:
            parse(text)
        except VersionError as error:
            self.document.report("AITBC-C06", path, f"{dotted(path)}: {error.message.rstrip('.')}")

    def _learn_secrets(self) -> None:
        """Tell the redactor what a key's name gives away as secret, and credentials in URLs."""
        pending: list[tuple[KeyPath, Any]] = [
            (("plugins", name, "config"), block.get("config"))
            for name, block in self._plugins().items()
        ]
        while pending:
            path, value = pending.pop()
            if isinstance(value, dict):
                pending += [((*path, key), item) for key, item in value.items()]
            elif isinstance(value, list):
                pending += [((*path, index), item) for index, item in enumerate(value)]
            # The placeholder in a disabled plugin's block is no secret yet.
            elif is_secret_path(path) and not _UNEVALUATED.fullmatch(str(value)):
                self.redactor.learn(value)
            elif isinstance(value, str):
                self.redactor.learn_urls(value)

    def _records(self) -> HostConfig:
        data = self.document.data
        converter = _converter()
        settings = {
            key: converter.structure(data[key], kind)
            for key, kind in _HOST_SETTINGS.items()
            if key in data
        }
        paths = data.get("plugin_paths", [])
        state = data.get("state_dir")
        return HostConfig(
            **settings,
            plugin_paths=tuple(
                self._path(text, ("plugin_paths", i)) for i, text in enumerate(paths)
            ),
            state_dir=(
                default_state_dir(self.environ)
                if state is None
                else self._path(state, ("state_dir",))
            ),
            redactor=self.redactor,
            provenance=self.provenance,
        )

    def _path(self, text: str, path: KeyPath) -> Path:
        """Return an absolute path; a relative one starts at the file that names it."""
        origin = self.document.origin(path)
        from_file = origin is None or origin.line > 0
        return straight((self.base if from_file else Path.cwd()) / expand(text, self.environ))


_HOST_SETTINGS: Final[dict[str, Any]] = {
    "plugins": dict[str, PluginConfig],
    "auto_load": bool,
    "health_check_interval": int,
    "events": dict[str, Any],
    "host_version": str,
}


@functools.cache
def _host_check() -> SchemaCheck:
    """Return the check of a whole configuration; the schema is the package's own and fixed."""
    return schema_check(host_schema())


def _unknown_key_hint(path: KeyPath, key: str) -> str:
    if len(path) == 2 and path[0] == "plugins":  # noqa: PLR2004 - plugins.<name>
        return "; a plugin's own settings belong under 'config'"
    return suggest(key, ("plugins",)) if not path else ""


def _converter() -> cattrs.Converter:
    """Return a converter that converts nothing: the schema has been satisfied already.

    cattrs' own scalars would turn ``"no"`` into True and ``"7"`` into 7.
    """
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind in (bool, int, str):
        converter.register_structure_hook(kind, _strictly(kind))
    converter.register_structure_hook(float, _number)
    return converter


def _strictly(kind: type) -> Any:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"expected {kind.__name__}, got {describe(value, secret=True)}")
        return value

    return structure


def _number(value: Any, _: Any) -> float:
    if type(value) not in {int, float}:
        raise TypeError(f"expected a number, got {describe(value, secret=True)}")
    return float(value)
