"""What a plugin says of itself, and what the host hands to it (SPEC.md, Base Plugin Interface)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.errors import MetadataError, VersionError
from aitbc_hooks.versions import PLUGIN_NAME, Requirement, Version

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PluginContext", "PluginMetadata"]


def _text(field: str, value: object) -> None:
    if not isinstance(value, str):
        raise MetadataError(f"{field}: expected a string, got {value!r}.")


def _optional_text(field: str, value: object) -> None:
    if value is not None:
        _text(field, value)


def _non_empty(field: str, value: object) -> None:
    _text(field, value)
    if not str(value).strip():
        raise MetadataError(f"{field}: expected a non-empty string.")


def _name(field: str, value: object) -> None:
    _text(field, value)
    if not PLUGIN_NAME.fullmatch(str(value)):
        raise MetadataError(
            f"{field}: expected a letter followed by letters, digits and '-', got {value!r}."
        )


def _version(field: str, value: object) -> None:
    try:
        Version.parse(value)
    except VersionError as error:
        raise MetadataError(f"{field}: {error.message}") from None


def _optional_version(field: str, value: object) -> None:
    if value is not None:
        _version(field, value)


def _texts(field: str, value: object) -> None:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise MetadataError(f"{field}: expected a list of strings, got {value!r}.")


def _requirements(field: str, value: object) -> None:
    _texts(field, value)
    for entry in value:  # type: ignore[attr-defined]  # _texts has seen that it is a list
        try:
            Requirement.parse(entry)
        except VersionError as error:
            raise MetadataError(f"{field}: {error.message}") from None


@dataclass
class PluginMetadata:
    """Plugin metadata structure.

    Lists given as None are read as empty. The version bounds are inclusive; None is unbounded.

    Raises:
        MetadataError: A field is invalid; the message begins with the field's name.
    """

    name: str
    version: str
    description: str
    author: str
    license: str
    homepage: str | None = None
    repository: str | None = None
    keywords: list[str] = None  # type: ignore[assignment]  # the specification's own default
    dependencies: list[str] = None  # type: ignore[assignment]
    min_aitbc_version: str | None = None
    max_aitbc_version: str | None = None
    supported_platforms: list[str] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        for field in ("keywords", "dependencies", "supported_platforms"):
            if getattr(self, field) is None:
                setattr(self, field, [])
        for field, check in _CHECKS.items():
            check(field, getattr(self, field))


_CHECKS: Final[dict[str, Callable[[str, object], None]]] = {
    "name": _name,
    "version": _version,
    "description": _text,
    "author": _text,
    "license": _non_empty,
    "homepage": _optional_text,
    "repository": _optional_text,
    "keywords": _texts,
    "dependencies": _requirements,
    "min_aitbc_version": _optional_version,
    "max_aitbc_version": _optional_version,
    "supported_platforms": _texts,
}


@dataclass
class PluginContext:
    """Runtime context provided to plugins.

    Attributes:
        config: The plugin's own ``config`` block, schema defaults filled in; a private copy.
        data_dir: Directory that the plugin may keep data in; it survives restarts.
        temp_dir: Directory for scratch files; removed after the plugin was unloaded.
        logger: A `logging.Logger` named ``aitbc.plugins.<name>``.
        event_bus: ``publish(event_type, data)``, ``subscribe(pattern, handler)`` and
            ``unsubscribe(subscription)``; subscriptions end with the plugin.
        api_client: The embedding host's asynchronous client (``get/post/put/delete(endpoint,
            …) -> dict``), or None where the host has none.

    Raises:
        TypeError: `config` is not a dict, or a directory is not a string.
    """

    config: dict[str, Any]
    data_dir: str
    temp_dir: str
    logger: Any
    event_bus: Any
    api_client: Any

    def __post_init__(self) -> None:
        for field, kind in (("config", dict), ("data_dir", str), ("temp_dir", str)):
            value = getattr(self, field)
            if not isinstance(value, kind):
                raise TypeError(
                    f"PluginContext.{field}: expected {kind.__name__}, got {type(value).__name__}."
                )
