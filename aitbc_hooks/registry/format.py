"""Registry documents as records (SPEC.md, Registry Format)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.errors import RegistryFormatError, VersionError
from aitbc_hooks.versions import PLUGIN_NAME, Version, canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Compatibility", "PluginRegistry", "RegistryEntry"]


@attrs.frozen
class Compatibility:
    """The host versions that a release supports, both inclusive; None is unbounded."""

    min_aitbc_version: str | None = None
    max_aitbc_version: str | None = None


@attrs.frozen
class RegistryEntry:
    """One release of a plugin, as a registry lists it.

    Attributes:
        checksum: ``sha256:`` and what follows; it is not judged here. Installing needs 64
            hexadecimal digits, listing does not.
        download_url: A file, or a project page on which the checksum selects the file.
    """

    name: str
    version: str
    description: str
    author: str
    license: str
    repository: str | None = None
    download_url: str | None = None
    checksum: str | None = None
    tags: tuple[str, ...] = ()
    compatibility: Compatibility = Compatibility()


class PluginRegistry:
    """The releases that a registry offers; empty until a document is parsed into it.

    Args:
        entries: Releases to begin with.
    """

    def __init__(self, entries: Iterable[RegistryEntry] = ()) -> None:
        self.entries: tuple[RegistryEntry, ...] = tuple(entries)

    @classmethod
    def parse(cls, document: str | bytes) -> PluginRegistry:
        """Parse a registry document.

        Raises:
            RegistryFormatError: It is not JSON, or has not the registry's format; the message
                begins with the place, such as ``plugins[0].version``.
        """
        try:
            data = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise RegistryFormatError(f"expected a JSON document: {error}.") from None
        return cls(
            _entry(item, f"plugins[{index}]")
            for index, item in enumerate(_field(data, "plugins", list, ""))
        )

    def find(self, name: str) -> tuple[RegistryEntry, ...]:
        """Return the releases of one plugin, newest first."""
        wanted = canonical_name(name)
        found = (entry for entry in self.entries if canonical_name(entry.name) == wanted)
        return tuple(sorted(found, key=lambda e: Version.parse(e.version), reverse=True))


def _entry(item: object, place: str) -> RegistryEntry:
    texts = {
        field: _field(item, field, str, place)
        for field in ("name", "version", "description", "author", "license")
    }
    optional = {
        field: _field(item, field, str, place, None)
        for field in ("repository", "download_url", "checksum")
    }
    if not PLUGIN_NAME.fullmatch(texts["name"]):
        raise RegistryFormatError(f"{place}.name: {texts['name']!r} cannot be a plugin's name.")
    _check_version(texts["version"], f"{place}.version")
    tags = _field(item, "tags", list, place, [])
    if not all(isinstance(tag, str) for tag in tags):
        raise RegistryFormatError(f"{place}.tags: expected strings, got {tags!r}.")
    return RegistryEntry(
        **texts,
        **optional,
        tags=tuple(tags),
        compatibility=_compatibility(_field(item, "compatibility", dict, place, {}), place),
    )


def _compatibility(item: Mapping[str, object], place: str) -> Compatibility:
    place = f"{place}.compatibility"
    bounds = {
        field: _field(item, field, str, place, None)
        for field in ("min_aitbc_version", "max_aitbc_version")
    }
    for field, bound in bounds.items():
        if bound is not None:
            _check_version(bound, f"{place}.{field}")
    return Compatibility(**bounds)


def _check_version(text: str, place: str) -> None:
    try:
        Version.parse(text)
    except VersionError as error:
        raise RegistryFormatError(f"{place}: {error.message}") from None


_REQUIRED = object()


def _field(item: object, field: str, kind: type, place: str, default: object = _REQUIRED) -> Any:
    """Return ``item[field]``, which has to be of `kind`."""
    where = f"{place}.{field}" if place else field
    if not isinstance(item, dict):
        raise RegistryFormatError(f"{place or 'the document'}: expected an object, got {item!r}.")
    value = item.get(field, default)
    if value is _REQUIRED:
        raise RegistryFormatError(f"{where}: is missing.")
    if value is not default and not isinstance(value, kind):
        raise RegistryFormatError(f"{where}: expected {kind.__name__}, got {value!r:.200}.")
    return value
