"""The templates, filled in: path -> text of every file of a new plugin.

Templates are package data, ``templates/<kind>/<path>.in``; what all kinds share is in ``common``.
A placeholder is one of `string.Template`: ``$class_name``. An unknown one is an error here, so no
file is ever written with a hole in it.
"""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.errors import MetadataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from aitbc_hooks.scaffold.kinds import Kind
    from aitbc_hooks.scaffold.names import Names

__all__ = ["Order", "render"]

_SUFFIX: Final = ".in"
_SHARED: Final = "common"

#: The part of ``docs/README.md`` that differs from kind to kind.
_USAGE: Final = "_usage.md"


def _printable(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not value.strip() or not value.isprintable():
        raise MetadataError(f"{attribute.name}: expected one line of text, got {value!r}.")


def _spdx(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    """Refuse what no build backend would take; packaging knows the list from 24.2 on."""
    try:
        from packaging.licenses import (  # noqa: PLC0415 - for new plugins only
            InvalidLicenseExpression,
            canonicalize_license_expression,
        )
    except ImportError:
        return
    try:
        canonicalize_license_expression(value)
    except InvalidLicenseExpression:
        raise MetadataError(
            f"{attribute.name}: expected an SPDX expression, got {value!r}.",
            hint="Such as MIT, Apache-2.0, or LicenseRef-Proprietary.",
        ) from None


@attrs.frozen
class Order:
    """What is to be written.

    Attributes:
        names: The names in it.
        kind: Which example it is.
        host_version: The version of the host that it is written for: ``0.1.0``.
        author: Its author's name.
        license: An SPDX expression.

    Raises:
        MetadataError: `author` is not one line of text, or `license` no licence (``AITBC-P04``).
    """

    names: Names
    kind: Kind
    host_version: str
    author: str = attrs.field(validator=_printable)
    license: str = attrs.field(default="MIT", validator=[_printable, _spdx])


def render(order: Order) -> dict[str, str]:
    """Return the files of a new plugin: path relative to its folder -> text."""
    root = files("aitbc_hooks.scaffold") / "templates"
    own = dict(_templates(root / order.kind.name))
    values = _values(order)
    values["usage"] = _filled(own.pop(_USAGE), values)
    templates = {**dict(_templates(root / _SHARED)), **own}
    rendered = {path: _filled(template, values) for path, template in templates.items()}
    return {**rendered, "plugin.toml": _manifest(order, values)}


def _templates(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            yield from _templates(item, f"{prefix}{item.name}/")
        elif item.name.endswith(_SUFFIX):
            yield prefix + item.name.removesuffix(_SUFFIX), item


def _filled(template: Traversable, values: dict[str, str]) -> str:
    return Template(template.read_text("utf-8")).substitute(values)


def _values(order: Order) -> dict[str, str]:
    """Return what the placeholders stand for."""
    low = ".".join(order.host_version.split(".")[:2])
    entry = Template(order.kind.entry).substitute(class_name=order.names.class_name)
    return {
        **attrs.asdict(order.names),
        "entry": entry,
        "entry_point": f"{order.names.package}.{entry}",
        "description": order.kind.description,
        "host": low,
        "author": order.author,
        "author_literal": _literal(order.author),
        "author_toml": _toml(order.author),
        "license": order.license,
        "license_literal": _literal(order.license),
        "license_toml": _toml(order.license),
    }


def _literal(text: str) -> str:
    """Return a string of Python, quoted as formatters quote it."""
    quoted = repr(text)
    return f'"{quoted[1:-1]}"' if quoted[0] == "'" and '"' not in text else quoted


def _toml(text: str) -> str:
    """Return a string of TOML."""
    import tomli_w  # noqa: PLC0415 - for new plugins only

    return tomli_w.dumps({"v": text}).partition(" = ")[2].rstrip("\n")


def _manifest(order: Order, values: dict[str, str]) -> str:
    """Return ``plugin.toml``, which has what `get_metadata` says, and what the host asks first."""
    import tomli_w  # noqa: PLC0415 - for new plugins only

    def filled(text: str) -> str:
        return Template(text).substitute(values)

    kind = order.kind
    plugin: dict[str, Any] = {
        "name": order.names.plugin,
        "version": "0.1.0",
        "description": kind.description,
        "author": order.author,
        "license": order.license,
        "entry": values["entry"],
        "requires_aitbc": f">={values['host']}",
        "interfaces": list(kind.interfaces),
        "hooks": list(kind.hooks),
        "activation": [filled(each) for each in kind.activation],
    }
    if kind.has_commands:
        plugin["commands"] = {order.names.command: f"{kind.description}."}
    return tomli_w.dumps({"plugin": plugin})
