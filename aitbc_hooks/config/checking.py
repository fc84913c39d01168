"""JSON Schema errors in the words of a configuration: every error at once, no secret in any.

`jsonschema` decides; this module words the outcome, because its own messages print the offending
value, name no line, and leave a reader to find the key that was meant.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

import attrs
import jsonschema
import referencing
import referencing.exceptions

from aitbc_hooks.config.problems import KeyPath, describe, dotted, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aitbc_hooks.config.document import Document

__all__ = ["BadSchemaError", "SchemaCheck", "schema_check"]

_DIALECTS: Final[dict[str, Any]] = {
    str(cls.META_SCHEMA.get("$id", cls.META_SCHEMA.get("id"))).rstrip("#"): cls
    for cls in (
        jsonschema.Draft4Validator,
        jsonschema.Draft6Validator,
        jsonschema.Draft7Validator,
        jsonschema.Draft201909Validator,
        jsonschema.Draft202012Validator,
    )
}
_NAMES: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


class BadSchemaError(Exception):
    """The schema itself cannot be used; the message says why."""


def _is_integer(_: object, value: object) -> bool:
    # JSON Schema takes 1.0 for an integer; a configuration that says 1.0 does not mean 1.
    return isinstance(value, int) and not isinstance(value, bool)


def schema_check(schema: Any) -> SchemaCheck:
    """Return the check of values against `schema`, by the dialect that its ``$schema`` names.

    Raises:
        BadSchemaError: The schema is not a valid JSON Schema, or of an unknown dialect.
    """
    if not isinstance(schema, dict):
        raise BadSchemaError(f"a schema must be a mapping, got {describe(schema)}")
    dialect = str(schema.get("$schema", jsonschema.Draft7Validator.META_SCHEMA["$id"])).rstrip("#")
    base = _DIALECTS.get(dialect)
    if base is None:
        raise BadSchemaError(f"'$schema' names no known dialect of JSON Schema: {dialect!r}")
    try:
        base.check_schema(schema)
    except jsonschema.SchemaError as error:
        place = dotted(tuple(error.absolute_path)) if error.absolute_path else "the schema"
        raise BadSchemaError(f"{place}: {error.message}") from None
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BadSchemaError(f"the schema is not plain JSON: {error}") from None
    # A registry that retrieves nothing: a schema must not make the host open a URL.
    validator = _strict(base)(
        schema, registry=referencing.Registry(), format_checker=base.FORMAT_CHECKER
    )
    return SchemaCheck(validator)


@functools.cache
def _strict(base: Any) -> Any:
    """Return a dialect's validator class with our integers; making one costs milliseconds."""
    return jsonschema.validators.extend(  # type: ignore[no-untyped-call]
        base, type_checker=base.TYPE_CHECKER.redefine("integer", _is_integer)
    )


@attrs.frozen
class _Finding:
    """One error: where in the checked value, and what; `key` is a key that is one too many."""

    path: KeyPath
    message: str


@attrs.frozen
class SchemaCheck:
    """A schema that is ready to check values."""

    _validator: Any

    def report(
        self,
        value: Any,
        document: Document,
        *,
        code: str,
        base: KeyPath = (),
        is_secret: Callable[[KeyPath], bool],
        hint_unknown: Callable[[KeyPath, str], str] | None = None,
        hint_missing: Callable[[KeyPath, str], str] | None = None,
    ) -> None:
        """Add a problem to `document` for every error of `value`, which stands at `base`.

        Args:
            value: What is checked.
            document: Gives the places, and takes the problems.
            code: The problems' code; an unknown key of the host's own has ``AITBC-C05``.
            base: Path of `value` in the document.
            is_secret: Whether the value at a path of the document must not be shown.
            hint_unknown: What to add to the message about an unknown key without a near neighbour.
            hint_missing: What to add to the message about a required key that is missing.

        Raises:
            BadSchemaError: The schema turns out to be unusable.
        """
        wording = _Wording(document, base, is_secret, hint_unknown, hint_missing)
        try:
            for error in self._validator.iter_errors(value):
                for path, message, unknown in wording.findings(error):
                    if unknown and document.is_reported(path):
                        continue
                    own = "AITBC-C05" if unknown and code == "AITBC-C06" else code
                    document.report(own, path, message)
        except referencing.exceptions.Unresolvable as error:
            raise BadSchemaError(f"'$ref' leads nowhere: {error.ref!r}") from None
        except RecursionError:
            raise BadSchemaError("the schema refers to itself without end") from None
        except re.error as error:
            raise BadSchemaError(f"a pattern is not a regular expression: {error}") from None


@attrs.frozen
class _Wording:
    """Turns jsonschema's errors into paths of the document and messages."""

    document: Document
    base: KeyPath
    is_secret: Callable[[KeyPath], bool]
    hint_unknown: Callable[[KeyPath, str], str] | None
    hint_missing: Callable[[KeyPath, str], str] | None

    def findings(self, error: Any) -> Iterator[tuple[KeyPath, str, bool]]:
        """Yield path, message, and whether it is about an unknown key."""
        path = (*self.base, *error.absolute_path)
        if error.validator == "additionalProperties" and error.validator_value is False:
            for key in _unknown_keys(error):
                known = error.schema.get("properties", {})
                near = suggest(key, known)
                hint = near or (self.hint_unknown(path, key) if self.hint_unknown else "")
                yield (*path, key), f"unknown key {key!r}{hint}", True
        elif error.validator == "required":
            for key in error.validator_value:
                if key not in error.instance:
                    hint = self.hint_missing(path, key) if self.hint_missing else ""
                    message = f"{dotted(path)} lacks the required key {key!r}{hint}"
                    yield (*path, key), message, False
        else:
            yield path, f"{dotted(path)} {self.message(error, path)}", False

    def message(self, error: Any, path: KeyPath) -> str:
        """Say what the value at `path` must be, and what it is unless it is secret."""
        word = _WORDS.get(error.validator)
        if error.validator in {"anyOf", "oneOf"} and error.context:
            return self._alternatives(error, path)
        if (
            error.validator is None
        ):  # the schema `false`, whose error lacks the last step of its path
            return f"holds {describe(error.instance, secret=True)}, which the schema forbids"
        seen = describe(error.instance, secret=self.is_secret(path))
        if error.validator == "type":
            return (
                f"must be {_type_names(error.validator_value)}, got {seen}{self._hint(error, path)}"
            )
        if error.validator == "enum":
            near = (
                suggest(error.instance, _strings(error)) if isinstance(error.instance, str) else ""
            )
            near = "" if self.is_secret(path) else near
            return f"must be one of {_shown(error.validator_value)}, got {seen}{near}"
        if word is None:
            return f"does not satisfy the schema's {error.validator!r}, got {seen}"
        return f"{word.format(error.validator_value)}, got {seen}"

    def _alternatives(self, error: Any, path: KeyPath) -> str:
        """Word ``anyOf``: each alternative's own complaints about this very value."""
        own = [sub for sub in error.context if not sub.relative_path]
        messages = dict.fromkeys(self.message(sub, path) for sub in own if sub.validator == "type")
        if messages and len(own) == len(error.context):
            wanted = [_type_names(s.validator_value) for s in own if s.validator == "type"]
            seen = describe(error.instance, secret=self.is_secret(path))
            return f"must be {' or '.join(dict.fromkeys(wanted))}, got {seen}"
        return "has none of the forms that the schema allows"

    def _hint(self, error: Any, path: KeyPath) -> str:
        """Tell a reader whose text YAML took for something else to put it in quotes."""
        text = self.document.texts.get(path)
        if text is None or "string" not in _listed(error.validator_value):
            return " (write '{}' for none)" if error.instance is None and text is not None else ""
        shown = "" if self.is_secret(path) or len(text) > 40 else f': "{text}"'  # noqa: PLR2004
        return f"; put it in quotes to make it a string{shown}"


_WORDS: Final = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "multipleOf": "must be a multiple of {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "pattern": "must match the pattern {!r}",
    "format": "must have the format {!r}",
    "minItems": "must have at least {} items",
    "maxItems": "must have at most {} items",
    "uniqueItems": "must not have an item twice",
    "minProperties": "must have at least {} keys",
    "maxProperties": "must have at most {} keys",
    "const": "must be {!r}",
}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _type_names(value: Any) -> str:
    return " or ".join(_NAMES.get(name, str(name)) for name in _listed(value))


def _strings(error: Any) -> list[str]:
    return [choice for choice in error.validator_value if isinstance(choice, str)]


def _shown(choices: list[Any]) -> str:
    return ", ".join(map(repr, choices))


def _unknown_keys(error: Any) -> list[str]:
    patterns = error.schema.get("patternProperties", {})
    return [
        key
        for key in error.instance
        if key not in error.schema.get("properties", {})
        and not any(re.search(pattern, key) for pattern in patterns)
    ]
