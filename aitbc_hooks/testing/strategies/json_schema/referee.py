"""The referee: `jsonschema` decides what is valid, as it does for a host.

Two things are as in ``aitbc_hooks.config``: formats count, and 1.0 is no integer. A value is valid
only if it is so with and without the second, so that it is whoever judges it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import jsonschema
import referencing
import referencing.exceptions
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.jsonschema import specification_with

from aitbc_hooks.testing.strategies.json_schema.errors import InvalidSchemaError
from aitbc_hooks.testing.strategies.json_schema.values import copied, has_whole_float

if TYPE_CHECKING:
    from collections.abc import Callable


__all__ = ["Referee"]

#: Stands for a schema without an identifier of its own.
_NAMELESS: Final = "urn:aitbc-hooks:schema-under-test"

#: A message that prints a longer value is cut.
_LONG: Final = 200


def _is_integer(_: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@functools.cache
def _strict(dialect: Any) -> Any:
    """Return a dialect's validator class with the host's integers; making one costs time."""
    return jsonschema.validators.extend(  # type: ignore[no-untyped-call]
        dialect, type_checker=dialect.TYPE_CHECKER.redefine("integer", _is_integer)
    )


class Referee:
    """Judges values by one schema.

    Args:
        schema: A JSON Schema, draft 4 to 2020-12; it is copied.

    Attributes:
        schema: The copy.
        dialect: The validator class of its dialect: draft 7 if it names none.
        resolver: Where references that stand at its root are looked up.

    Raises:
        InvalidSchemaError: It is none.
    """

    def __init__(self, schema: Any) -> None:
        self.schema = _plain(schema)
        self.dialect: Any = validator_for(self.schema, default=jsonschema.Draft7Validator)
        _check(self.schema, self.dialect)
        metaschema = self.dialect.META_SCHEMA
        identifier = str(metaschema.get("$id", metaschema.get("id")))
        self.specification: Any = specification_with(identifier)
        resource = self.specification.create_resource(self.schema)
        self._uri = resource.id() or _NAMELESS
        self.registry: Any = REGISTRY.combine(
            referencing.Registry().with_resource(self._uri, resource)
        ).crawl()
        self.resolver: Any = self.registry.resolver(self._uri)
        self._pointers: dict[str, dict[int, str]] = {}
        self._judges = self._validators(self.schema)

    def is_valid(self, value: Any) -> bool:
        """Return whether a value satisfies the schema."""
        return _accept(self._judges, value)

    def is_invalid(self, value: Any) -> bool:
        """Return whether a value violates the schema, whatever is taken for an integer."""
        return not any(_accept((judge,), value) for judge in self._judges)

    def complaint(self, value: Any) -> str:
        """Return what is wrong with a value that is not valid, and where."""
        error: Any = best_match(self._judges[0].iter_errors(value))
        message = error.message if len(error.message) <= _LONG else f"{error.message[:_LONG]}…"
        return f"{error.json_path.removeprefix('$').removeprefix('.')}: {message}".lstrip(": ")

    def judge(self, subschema: Any) -> Callable[[Any], bool] | None:
        """Return what judges values by a schema inside the schema, or None.

        Args:
            subschema: The very object inside `schema`, or inside what that refers to.
        """
        if (place := self._place(subschema)) is None:
            return None
        judges: list[Any] = []

        def accepts(value: Any) -> bool:
            if not judges:
                judges.extend(self._validators({"$ref": place}))
            return _accept(judges, value)

        return accepts

    def _validators(self, schema: Any) -> list[Any]:
        return [
            cls(schema, registry=self.registry, format_checker=self.dialect.FORMAT_CHECKER)
            for cls in (self.dialect, _strict(self.dialect))
        ]

    def _place(self, subschema: Any) -> str | None:
        for uri in (self._uri, *self.registry):
            if uri not in self._pointers:
                found: dict[int, str] = {}
                _collect(self.registry[uri].contents, "", found)
                self._pointers[uri] = found
            if (pointer := self._pointers[uri].get(id(subschema))) is not None:
                return f"{uri}#{pointer}"
        return None


def _plain(schema: Any) -> Any:
    if not isinstance(schema, bool | Mapping):
        raise InvalidSchemaError(f"a schema is a mapping, true or false: {schema!r}")
    try:
        return copied(schema)
    except RecursionError:
        raise InvalidSchemaError("the schema contains itself; refer to it with '$ref'.") from None


def _check(schema: Any, dialect: Any) -> None:
    if dialect is jsonschema.Draft3Validator:
        raise InvalidSchemaError("draft 3 of JSON Schema is not supported; use a later one.")
    try:
        dialect.check_schema(schema)
    except jsonschema.SchemaError as error:
        place = "/".join(map(str, error.absolute_path)) or "the schema"
        raise InvalidSchemaError(f"{place}: {error.message}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidSchemaError(f"the schema is not plain JSON: {error}") from None


def _accept(judges: Any, value: Any) -> bool:
    plain, *strict = judges
    try:
        return bool(plain.is_valid(value)) and (
            not has_whole_float(value) or all(judge.is_valid(value) for judge in strict)
        )
    except OverflowError:  # too large a number to be divided is no multiple
        return False
    except RecursionError:
        raise InvalidSchemaError("the schema refers to itself without end.") from None
    except Exception as error:
        raise InvalidSchemaError(
            f"the validator cannot apply the schema: {type(error).__name__}: {error}"
        ) from error


def _collect(contents: Any, pointer: str, found: dict[int, str]) -> None:
    """Note the JSON Pointer (RFC 6901) of everything inside a document."""
    if isinstance(contents, dict):
        pairs: Any = contents.items()
    elif isinstance(contents, list):
        pairs = enumerate(contents)
    else:
        return
    found.setdefault(id(contents), pointer)
    for key, item in pairs:
        token = str(key).replace("~", "~0").replace("/", "~1").replace("%", "%25")
        _collect(item, f"{pointer}/{token}", found)
