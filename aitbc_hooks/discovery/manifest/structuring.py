"""From the table ``[plugin]`` to a `Manifest`; the first thing that is wrong is told by its key.

Written by hand rather than with cattrs, whose import alone takes as long as reading 400 manifests.
What it accepts is what ``manifest.schema.json`` describes; a property test holds the two together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.discovery.manifest.records import (
    INTERFACES,
    ON_START,
    Command,
    Manifest,
    Parameter,
)
from aitbc_hooks.errors import MetadataError, VersionError
from aitbc_hooks.versions import PLUGIN_NAME, Requirement, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["check", "structure"]

_DOTTED: Final = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_ENTRY: Final = re.compile(rf"{_DOTTED}(?::{_DOTTED})?")
_INTERFACE: Final = re.compile(r"[0-9]+\.[0-9]+")
_HOOK: Final = re.compile(r"[a-z_][a-z0-9_]*")
#: Several at once, between commas.
_HOOKS: Final = re.compile(rf"{_HOOK.pattern}(?:,{_HOOK.pattern})*")
_TRIGGER: Final = re.compile(r"on_start|on_hook:[a-z_][a-z0-9_]*|on_(?:event|command):\S+")
_COMMAND: Final = re.compile(r"[^\s:-][^\s:]*")
_RESOURCE: Final = re.compile(r"[a-z][a-z_]*")
_PERMISSION: Final = re.compile(r"[a-z]+\.[a-z]+")
#: Groups within groups; click's own help has no limit, a file that somebody sends has one.
_DEEPEST: Final = 8
_PARAMETER_KINDS: Final = ("option", "argument")


def structure(table: Mapping[str, Any]) -> Manifest:
    """Return what a table says.

    Raises:
        MetadataError: Something is missing, or is not what it has to be (``AITBC-P04``); the
            message begins with the key.
    """
    fields = check(table)
    return Manifest(**fields, unknown=tuple(key for key in table if key not in fields))


def check(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the record that a table stands for.

    Raises:
        MetadataError: As `structure` does.
    """
    fields = {key: _CHECKS[key](key, value) for key, value in table.items() if key in _CHECKS}
    if "name" not in fields:
        raise MetadataError("name: is missing.")
    return fields


def _wrong(key: str, expected: str, value: object) -> MetadataError:
    return MetadataError(f"{key}: expected {expected}, got {_shown(value)}.")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - about a line


def _text(key: str, value: object) -> str:
    if type(value) is not str:
        raise _wrong(key, "a string", value)
    return value


def _matching(expected: str, pattern: re.Pattern[str]) -> Callable[[str, object], str]:
    fullmatch = pattern.fullmatch

    def check(key: str, value: object) -> str:
        if type(value) is not str or not fullmatch(value):
            raise _wrong(key, expected, value)
        return value

    return check


def _version(key: str, value: object) -> str:
    if Version.is_version(value):
        return str(value)
    try:
        Version.parse(value)
    except VersionError as error:
        raise MetadataError(f"{key}: {error.message}") from None
    return str(value)


def _range(key: str, value: object) -> str:
    try:
        Requirement.parse(f"aitbc {_text(key, value)}")
    except VersionError as error:
        raise MetadataError(f"{key}: {error.message}") from None
    return str(value)


def _requirement(key: str, value: object) -> str:
    if type(value) is str and Requirement.is_requirement(value):
        return value
    try:
        Requirement.parse(_text(key, value))
    except VersionError as error:
        raise MetadataError(f"{key}: {error.message}") from None
    return str(value)


def _interface(key: str, value: object) -> str:
    if value not in INTERFACES:
        raise _wrong(key, f"one of {', '.join(INTERFACES)}", value)
    return str(value)


def _texts(key: str, value: object) -> tuple[str, ...]:
    """The same as each of them by itself, for the many that are in order."""
    if type(value) is list and not set(map(type, value)) - {str}:
        return tuple(value)
    return _each(_text)(key, value)


def _known_interfaces(key: str, value: object) -> tuple[str, ...]:
    try:
        if type(value) is list and not set(value).difference(INTERFACES):
            return tuple(value)
    except TypeError:  # what cannot be in a set is none
        pass
    return _each(_interface)(key, value)


def _hooks(key: str, value: object) -> tuple[str, ...]:
    try:
        if type(value) is list and _HOOKS.fullmatch(",".join(value)):
            return tuple(value)
    except TypeError:  # what cannot be joined is no name
        pass
    return _each(_hook)(key, value)


def _each(check: Callable[[str, object], str]) -> Callable[[str, object], tuple[str, ...]]:
    def check_list(key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise _wrong(key, "a list", value)
        try:
            return tuple([check(key, item) for item in value])
        except MetadataError:  # again, and this time with the place
            return tuple([check(f"{key}[{index}]", item) for index, item in enumerate(value)])

    return check_list


def _table(key: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(key, "a table", value)
    return value


def _schema(key: str, value: object) -> Mapping[str, Any] | str:
    if isinstance(value, str) and value and not value.startswith(("/", "\\")) and ".." not in value:
        return value
    if isinstance(value, dict):
        return value
    raise _wrong(key, "a table, or the name of a file in the plugin's folder", value)


def _permissions(key: str, value: object) -> dict[str, tuple[str, ...]]:
    """Read ``net.connect = ["host:port"]``, which TOML makes a table within a table of."""
    found = {}
    for area, verbs in _table(key, value).items():
        for verb, scopes in _table(f"{key}.{area}", verbs).items():
            name = f"{area}.{verb}"
            if not _PERMISSION.fullmatch(name):
                raise _wrong(key, "an area and a verb such as net.connect", name)
            found[name] = _each(_text)(f"{key}.{name}", scopes)
    return found


def _limits(key: str, value: object) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    for resource, amount in _table(key, value).items():
        if not _RESOURCE.fullmatch(resource):
            raise _wrong(key, "a resource such as memory", resource)
        if type(amount) is not str and (type(amount) is not int or amount < 0):
            raise _wrong(f"{key}.{resource}", 'an amount such as "256MiB"', amount)
        found[resource] = amount
    return found


def _commands(key: str, value: object, depth: int = 1) -> dict[str, Command]:
    if depth > _DEEPEST:
        raise MetadataError(f"{key}: expected at most {_DEEPEST} groups within each other.")
    return {
        _matching("a command's name", _COMMAND)(key, name): _command(f"{key}.{name}", item, depth)
        for name, item in _table(key, value).items()
    }


def _command(key: str, value: object, depth: int) -> Command:
    if isinstance(value, str):  # the short form: name = "help"
        return Command(value, commands={} if depth == 1 else None)
    if not isinstance(value, dict):
        raise _wrong(key, "a help text or a table", value)
    fields: dict[str, Any] = {}
    for name, item in value.items():
        if name in ("help", "epilog"):
            fields[name] = _text(f"{key}.{name}", item)
        elif name == "parameters":
            fields[name] = _parameters(f"{key}.parameters", item)
        elif name == "commands":
            fields[name] = _commands(f"{key}.commands", item, depth + 1)
    return Command(**fields)


def _parameters(key: str, value: object) -> tuple[Parameter, ...]:
    if not isinstance(value, list):
        raise _wrong(key, "a list of tables", value)
    return tuple(_parameter(f"{key}[{index}]", item) for index, item in enumerate(value))


def _parameter(key: str, value: object) -> Parameter:
    fields: dict[str, Any] = {}
    for name, item in _table(key, value).items():
        if check := _PARAMETER_CHECKS.get(name):
            fields[name] = check(f"{key}.{name}", item)
    if not fields.get("declarations"):
        raise MetadataError(f"{key}.declarations: expected at least one.")
    return Parameter(**fields)


def _flag(key: str, value: object) -> bool:
    if type(value) is not bool:
        raise _wrong(key, "true or false", value)
    return value


def _parameter_kind(key: str, value: object) -> str:
    if value not in _PARAMETER_KINDS:
        raise _wrong(key, "option or argument", value)
    return str(value)


_hook = _matching("a hook's name", _HOOK)

_PARAMETER_CHECKS: Final[dict[str, Callable[[str, object], object]]] = {
    "declarations": _each(_text),
    "kind": _parameter_kind,
    "metavar": _text,
    "help": _text,
    "required": _flag,
    "multiple": _flag,
}

_CHECKS: Final[dict[str, Callable[[str, object], object]]] = {
    "name": _matching("a letter, then letters, digits and '-'", PLUGIN_NAME),
    "version": _version,
    "description": _text,
    "author": _text,
    "license": _text,
    "homepage": _text,
    "repository": _text,
    "keywords": _texts,
    "dependencies": _each(_requirement),
    "min_aitbc_version": _version,
    "max_aitbc_version": _version,
    "supported_platforms": _texts,
    "entry": _matching("module or module:attribute", _ENTRY),
    "interface": _matching("MAJOR.MINOR", _INTERFACE),
    "requires_aitbc": _range,
    "interfaces": _known_interfaces,
    "hooks": _hooks,
    "activation": _each(
        _matching(f"{ON_START}, on_hook:NAME, on_event:PATTERN or on_command:NAME", _TRIGGER)
    ),
    "commands": _commands,
    "config_schema": _schema,
    "permissions": _permissions,
    "optional_permissions": _permissions,
    "limits": _limits,
}
