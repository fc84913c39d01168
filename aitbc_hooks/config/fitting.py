"""A plugin's block made to fit its schema: defaults filled in, text cast, secrets marked.

Only the parts of a schema that certainly apply are followed: ``properties``,
``patternProperties``, ``additionalProperties``, ``items``, ``allOf`` and ``$ref`` inside the
schema. What stands under ``anyOf``, ``oneOf`` or ``if`` may not apply, so it gives no default; a
secret that is declared there is a secret all the same.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.config.document import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aitbc_hooks.config.problems import KeyPath

__all__ = ["Fitter"]

_BRANCHES: Final = ("anyOf", "oneOf")
_CONDITIONAL: Final = ("if", "then", "else", "not")
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,300}")
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?")


@attrs.define
class Fitter:
    """Makes one block fit one schema.

    Args:
        schema: The whole schema; ``$ref`` is looked up in it.
        texts: Path in the block -> the text of a value that came as text (a whole ``${…}``, an
            environment variable, ``--set``) and may be cast to what the schema wants.
        filled: Paths that were filled with a default.
        secrets: Paths that the schema declares secret.
    """

    schema: dict[str, Any]
    texts: Mapping[KeyPath, str]
    filled: set[KeyPath] = attrs.Factory(set)
    secrets: set[KeyPath] = attrs.Factory(set)

    def fit(self, block: dict[str, Any]) -> dict[str, Any]:
        """Return a deep copy of `block` that fits as far as it can be made to."""
        fitted: dict[str, Any] = self._value(copy.deepcopy(block), [self.schema], ())
        return fitted

    def _value(self, value: Any, schemas: list[Any], path: KeyPath) -> Any:
        if len(path) > MAX_DEPTH:
            return value
        parts = [part for schema in schemas for part in self._parts(schema, ())]
        certain = [part for part, sure in parts if sure]
        if any(map(_declares_secret, (part for part, _ in parts))):
            self.secrets.add(path)
        if path in self.texts:
            value = _cast(value, self.texts[path], certain)
        if isinstance(value, dict):
            # A value that is a default is complete already.
            if not any(path[:end] in self.filled for end in range(1, len(path) + 1)):
                self._fill(value, certain, path)
            for key in value:
                value[key] = self._value(value[key], _schemas_of(key, parts), (*path, key))
        elif isinstance(value, list):
            items = [
                part["items"] if sure else {"anyOf": [part["items"]]}
                for part, sure in parts
                if isinstance(part.get("items"), dict)
            ]
            value = [self._value(item, items, (*path, i)) for i, item in enumerate(value)]
        return value

    def _parts(self, schema: Any, refs: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], bool]]:
        """Yield each schema that applies here, and whether it certainly does."""
        if not isinstance(schema, dict):
            return
        yield schema, True
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in refs:
            yield from self._parts(self._resolve(reference), (*refs, reference))
        for part in schema.get("allOf", ()):
            yield from self._parts(part, refs)
        branches = [part for name in _BRANCHES for part in schema.get(name, ())]
        branches += [schema[name] for name in _CONDITIONAL if name in schema]
        for branch in branches:
            yield from ((part, False) for part, _ in self._parts(branch, refs))

    def _resolve(self, reference: str) -> Any:
        """Follow a JSON Pointer inside the schema; the check itself reports one that is broken."""
        if not reference.startswith("#"):
            return None
        found: Any = self.schema
        for token in filter(None, reference[1:].split("/")):
            key = token.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def _fill(self, value: dict[str, Any], schemas: list[dict[str, Any]], path: KeyPath) -> None:
        for schema in schemas:
            for key, sub in schema.get("properties", {}).items():
                if key not in value:
                    filled = self._default(sub, (*path, key), ())
                    if filled is not _NOTHING:
                        value[key] = filled
                        self.filled.add((*path, key))

    def _default(self, schema: Any, path: KeyPath, refs: tuple[int, ...]) -> Any:
        """Return the default for a missing value: its own, completed, or one made of its keys'."""
        parts = [part for part, sure in self._parts(schema, ()) if sure]
        own: Any = next((part["default"] for part in parts if "default" in part), _NOTHING)
        if own is not _NOTHING and not isinstance(own, dict):
            return copy.deepcopy(own)
        made: Any = {} if own is _NOTHING else copy.deepcopy(own)
        # A schema that contains itself would be followed for ever.
        if len(path) <= MAX_DEPTH and not any(id(part) in refs for part in parts):
            inside = (*refs, *map(id, parts))
            for part in parts:
                for key, sub in part.get("properties", {}).items():
                    inner = _NOTHING if key in made else self._default(sub, (*path, key), inside)
                    if inner is not _NOTHING:
                        made[key] = inner
        # Without its required keys the mapping would be an error that nobody wrote.
        required = {key for part in parts for key in part.get("required", ())}
        return made if own is not _NOTHING or (made and required <= made.keys()) else _NOTHING


_NOTHING: Final = object()


def _declares_secret(schema: dict[str, Any]) -> bool:
    return schema.get("writeOnly") is True or schema.get("format") == "password"


def _schemas_of(key: str, parts: list[tuple[dict[str, Any], bool]]) -> list[Any]:
    """Return the schemas of `key`, those of uncertain parts only as far as they mark secrets."""
    found: list[Any] = []
    for part, sure in parts:
        own = part.get("properties", {})
        matching = [
            schema
            for pattern, schema in part.get("patternProperties", {}).items()
            if re.search(pattern, key)
        ]
        if key in own:
            matching.append(own[key])
        if not matching and isinstance(part.get("additionalProperties"), dict):
            matching.append(part["additionalProperties"])
        # "anyOf" of one is how an uncertain schema is passed on as uncertain.
        found += matching if sure else [{"anyOf": [schema]} for schema in matching]
    return found


def _cast(value: Any, text: str, schemas: list[dict[str, Any]]) -> Any:
    """Return what `text` means under the types that `schemas` allow, else `value` as it is."""
    declared = [schema["type"] for schema in schemas if "type" in schema]
    if not declared:
        return value
    types = set(declared[0]) if isinstance(declared[0], list) else {declared[0]}
    if isinstance(value, str):
        return value if "string" in types else _from_text(text.strip(), types, value)
    if "string" in types and not any(_is(value, name) for name in types):
        return text
    return value


def _from_text(text: str, types: set[str], otherwise: Any) -> Any:
    if "boolean" in types and text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if types & {"integer", "number"} and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    return otherwise


def _is(value: Any, name: str) -> bool:
    kinds = {"boolean": bool, "object": dict, "array": list, "null": type(None)}
    if name in kinds:
        return isinstance(value, kinds[name])
    numeric = {"integer": int, "number": int | float}.get(name)
    return numeric is not None and isinstance(value, numeric) and not isinstance(value, bool)
