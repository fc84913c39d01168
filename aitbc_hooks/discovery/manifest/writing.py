"""Writing manifests: the table of a record, the file's text, and the schema of both."""

from __future__ import annotations

import json
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import attrs
import cattrs
import tomli_w

from aitbc_hooks.discovery.manifest.records import Command, Manifest, Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["manifest_schema", "to_table", "to_toml"]

_CONVERTER = cattrs.Converter(omit_if_default=True, unstruct_collection_overrides={tuple: list})


_EMPTY: Final = Manifest(name="")
#: What is about the record, not about the plugin.
_UNWRITTEN: Final = ("unknown", "is_complete")


def manifest_schema() -> dict[str, Any]:
    """Return the JSON Schema of a ``plugin.toml``."""
    text = resources.files(__package__ or "").joinpath("manifest.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def to_table(manifest: Manifest) -> dict[str, Any]:
    """Return the table ``[plugin]`` that `structure` reads the record from."""
    table: dict[str, Any] = {}
    for field in attrs.fields(Manifest):
        value = getattr(manifest, field.name)
        if field.name not in _UNWRITTEN and value != getattr(_EMPTY, field.name):
            write = _TABLES.get(field.name, _CONVERTER.unstructure)
            table[field.name] = write(value)
    return table


def to_toml(manifest: Manifest) -> str:
    """Return the text of a ``plugin.toml`` that says what the record does."""
    document = {"plugin": to_table(manifest)}
    text = tomli_w.dumps(document, multiline_strings=True)
    # Over several lines TOML knows but one end of a line; a text with another one is escaped.
    return text if tomllib.loads(text) == document else tomli_w.dumps(document)


def _command(command: Command, *, top: bool = False) -> dict[str, Any] | str:
    """Return a command's table; a plain group that is all help, as its help."""
    if top and command == Command(command.help, commands={}):
        return command.help
    texts = {"help": command.help, "epilog": command.epilog}
    table: dict[str, Any] = {key: text for key, text in texts.items() if text}
    if command.parameters:
        table["parameters"] = [_parameter(parameter) for parameter in command.parameters]
    if command.commands is not None:
        table["commands"] = {name: _command(sub) for name, sub in command.commands.items()}
    return table


def _parameter(parameter: Parameter) -> dict[str, Any]:
    table: dict[str, Any] = _CONVERTER.unstructure(parameter)
    return table


def _commands(commands: Mapping[str, Command]) -> dict[str, Any]:
    return {name: _command(command, top=True) for name, command in commands.items()}


def _permissions(permissions: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    table: dict[str, dict[str, list[str]]] = {}
    for name, scopes in permissions.items():
        area, _, verb = name.partition(".")
        table.setdefault(area, {})[verb] = list(scopes)
    return table


_TABLES: Final[dict[str, Callable[[Any], Any]]] = {
    "commands": _commands,
    "permissions": _permissions,
    "optional_permissions": _permissions,
}
