"""The strategies for one schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, Phase, errors, find, settings

from aitbc_hooks.testing.strategies.json_schema.drawing import values_of
from aitbc_hooks.testing.strategies.json_schema.errors import (
    InvalidSchemaError,
    UnsatisfiableSchemaError,
)
from aitbc_hooks.testing.strategies.json_schema.formats import standard_formats
from aitbc_hooks.testing.strategies.json_schema.nodes import Graph, Node
from aitbc_hooks.testing.strategies.json_schema.parts import Part, made
from aitbc_hooks.testing.strategies.json_schema.reading import Reader
from aitbc_hooks.testing.strategies.json_schema.referee import Referee

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

__all__ = ["OBJECT", "Source", "configs", "found", "from_schema", "probe"]

OBJECT: Final = made(frozenset({"object"}))
_HELP: Final = (
    "If there is one, say what it looks like: with a strategy of your own (config=), with "
    "formats={name: strategy}, or by 'default' and 'examples' in the schema."
)


class Source:
    """Where the values of one schema come from.

    Args:
        schema: The schema; it is copied.
        formats: A strategy for each format that is the author's own, or meant otherwise.
        parts: What is to hold besides.

    Attributes:
        referee: Has the last word.
        root: The schema, read.
        node: What the values are.

    Raises:
        InvalidSchemaError: The schema cannot be used.
    """

    def __init__(
        self,
        schema: Any,
        formats: Mapping[str, SearchStrategy[str]] | None,
        *parts: Part,
    ) -> None:
        self.referee = Referee(schema)
        self.graph = Graph({**standard_formats(), **(formats or {})})
        self.root = Reader(self.referee).root
        _read_all(self.root)
        self.node: Node = self.graph.node((self.root, *parts))

    def values(self) -> SearchStrategy[Any]:
        """Return the values.

        Raises:
            UnsatisfiableSchemaError: There are none.
        """
        if self.node.height is None:
            raise UnsatisfiableSchemaError(f"no value can satisfy the schema. {_HELP}")
        return values_of(self.node).filter(self.referee.is_valid)


def from_schema(
    schema: Any, *, formats: Mapping[str, SearchStrategy[str]] | None = None
) -> SearchStrategy[Any]:
    """Return the JSON values that a schema allows.

    Every value is valid by `jsonschema`, formats included. Values shrink towards few keys, few
    items, zero and empty; ``default`` and ``examples`` are tried as they are. Integers are within
    2**53 and unknown keys are few, unless the schema wants otherwise.

    Args:
        schema: A JSON Schema of draft 4, 6, 7 (if it names none), 2019-09 or 2020-12.
        formats: A strategy for each format that is the author's own, or meant otherwise.

    Raises:
        InvalidSchemaError: It is none, or refers to a schema that is not inside it.
        UnsatisfiableSchemaError: No value satisfies it, as can be seen without a search; `probe`
            searches.
    """
    return Source(schema, formats).values()


def configs(
    schema: Any, *, formats: Mapping[str, SearchStrategy[str]] | None = None
) -> SearchStrategy[dict[str, Any]]:
    """Return the configurations that a plugin's schema allows: `from_schema`, dicts only.

    Args:
        schema: What the plugin's ``get_config_schema()`` returns (SPEC.md, Base Plugin Interface).
        formats: A strategy for each format that is the author's own, or meant otherwise.

    Raises:
        InvalidSchemaError: It is no JSON Schema, or refers to a schema that is not inside it.
        UnsatisfiableSchemaError: No configuration satisfies it, as can be seen without a search.
    """
    return Source(schema, formats, OBJECT).values()


def probe(schema: Any, *, formats: Mapping[str, SearchStrategy[str]] | None = None) -> Any:
    """Return a simple configuration that a schema allows, or raise if none is found.

    Hypothesis lets no search be made inside a test of its own: call it before.

    Args:
        schema: As for `configs`.
        formats: As for `configs`.

    Raises:
        InvalidSchemaError: It is no JSON Schema, or refers to a schema that is not inside it.
        UnsatisfiableSchemaError: None was found among a few hundred candidates.
    """
    return found(configs(schema, formats=formats))


def found(strategy: SearchStrategy[Any]) -> Any:
    """Return a value of a strategy, the simplest if that is one.

    Raises:
        UnsatisfiableSchemaError: None was found.
    """
    try:
        return find(strategy, lambda _: True, settings=_SEARCH)
    except (errors.NoSuchExample, errors.Unsatisfiable):
        raise UnsatisfiableSchemaError(
            f"no value that satisfies the schema was found. {_HELP}"
        ) from None


_SEARCH: Final = settings(
    max_examples=200,
    database=None,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
)


def _read_all(root: Part) -> None:
    """Read everything that can be reached, so that what cannot be read is told at once."""
    waiting, seen = [root], {root}
    try:
        while waiting:
            for part in waiting.pop().keywords.parts():
                # A contrary says nothing that the part itself does not say.
                read = part.contrary if part.place is None and part.contrary else part
                if read not in seen:
                    seen.add(read)
                    waiting.append(read)
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        if isinstance(error, InvalidSchemaError):
            raise
        raise InvalidSchemaError(f"a part of the schema cannot be read: {error}") from error
