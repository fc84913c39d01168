"""Objects: which keys there may be, and what stands under each."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from aitbc_hooks.testing.strategies.json_schema.parts import Part, made
from aitbc_hooks.testing.strategies.json_schema.spans import Span
from aitbc_hooks.testing.strategies.json_schema.strings import StringRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aitbc_hooks.testing.strategies.json_schema.nodes import Graph, Node
    from aitbc_hooks.testing.strategies.json_schema.parts import ObjectRules

__all__ = ["ObjectShape"]

#: Stands for all keys that no schema knows.
_UNKNOWN: Final = "\N{LATIN SMALL LETTER TURNED M WITH LONG LEG}"
_NAME: Final = r"^[a-z][a-z0-9_]{0,7}$"


class ObjectShape:
    """The objects that satisfy several schemas at once.

    Args:
        graph: Has the nodes of the values.
        scopes: The rules, each with the part that they are of.

    Attributes:
        required: The keys that every object has, those that come with them included.
        forbidden: The keys that none has.
        sizes: How many keys there may be.
    """

    def __init__(self, graph: Graph, scopes: Sequence[tuple[Part, ObjectRules]]) -> None:
        self._graph = graph
        self._scopes = scopes
        rules = [rules for _, rules in scopes]
        self._dependent = [rule.dependent for rule in rules if rule.dependent]
        self._names = [rule.names for rule in rules if rule.names is not None]
        self.forbidden = {name for rule in rules for name in rule.forbidden}
        self.required = self.with_dependents(name for rule in rules for name in rule.required)
        self.sizes = Span()
        for rule in rules:
            self.sizes = self.sizes.meet(rule.sizes)
        self._nodes: dict[str, Node] = {}

    def with_dependents(self, names: Iterable[str]) -> list[str]:
        """Return keys with those that must be there if they are."""
        found: dict[str, None] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop(0)
            if name not in found:
                found[name] = None
                waiting += [other for rule in self._dependent for other in rule.get(name, ())]
        return list(found)

    @cached_property
    def optional(self) -> list[str]:
        """The keys that the schemas know and that an object may have or not."""
        known = dict.fromkeys(name for _, rules in self._scopes for name in rules.properties)
        return [name for name in known if name not in self.required and self.may_have(name)]

    def may_have(self, name: str) -> bool:
        """Return whether an object may have a key."""
        return name not in self.forbidden and all(
            self._graph.node((part,)).merged.allows(name) for part in self._names
        )

    def node(self, name: str) -> Node:
        """Return the node of the value under a key."""
        if name not in self._nodes:
            self._nodes[name] = self._graph.node(self.parts_of(name))
        return self._nodes[name]

    def parts_of(self, name: str) -> list[Part]:
        """Return what holds for the value under a key."""
        found: list[Part] = []
        for part, rules in self._scopes:
            own = _own(rules, name)
            if not own and rules.additional is not None:
                own = [rules.additional]
            found += own
            if rules.unevaluated is not None and not self._is_evaluated(name, part):
                found.append(rules.unevaluated)
        return found

    def _is_evaluated(self, name: str, outer: Part) -> bool:
        """Return whether a schema inside `outer` knows a key (2020-12 core, 11.3)."""
        inside = [(p, rules) for p, rules in self._scopes if outer in p.lineage()]
        return any(
            _own(rules, name)
            or rules.additional is not None
            or (rules.unevaluated is not None and part is not outer)
            for part, rules in inside
        )

    def needed(self) -> list[list[Part]] | None:
        """Return what holds for each value that every object has; None if there is no object."""
        full = self.sizes.high is not None and len(self.required) > self.sizes.high
        if full or self.sizes.is_empty or not all(map(self.may_have, self.required)):
            return None
        return [self.parts_of(name) for name in self.required]

    def fits(self, height: int) -> bool:
        """Return whether there is an object with no more levels than `height`."""
        if self.needed() is None or not self._fit(self.required, height):
            return False
        lacking = self.sizes.low - len(self.required)
        if lacking <= 0:
            return True
        more = [name for name in self.optional if self._fit([name], height)]
        return len(more) >= lacking or any(
            self._fit_value(node, height) for _, node in self.strangers
        )

    def _fit(self, names: Iterable[str], height: int) -> bool:
        return all(self._fit_value(self.node(name), height) for name in names)

    @staticmethod
    def _fit_value(node: Node, height: int) -> bool:
        return height > 0 and node.fits(height - 1)

    def extended(self, names: list[str], name: str, height: int) -> list[str]:
        """Return keys with one more and what comes with it; as they are if that cannot be.

        Args:
            names: The keys.
            name: The one more.
            height: How many levels the object may have.
        """
        more = self.with_dependents([*names, name])
        added = more[len(names) :]
        full = self.sizes.high is not None and len(more) > self.sizes.high
        if full or not all(map(self.may_have, added)) or not self._fit(added, height):
            return names
        return more

    @cached_property
    def strangers(self) -> list[tuple[Node, Node]]:
        """Where keys come from that no ``properties`` name: nodes of the keys and of the values.

        A value may be of the object's own schema: it is asked what it fits, never how high it is.
        """
        known: dict[str, list[Part]] = {}
        for _, rules in self._scopes:
            for pattern, part in rules.patterns:
                known.setdefault(pattern, []).append(part)
        unknown = self._graph.node(self.parts_of(_UNKNOWN))
        sources = [(self._keys(_NAME), unknown), (self._keys(None), unknown)]
        sources += [(self._keys(pattern), self._graph.node(known[pattern])) for pattern in known]
        return [(key, value) for key, value in sources if key.fits(0)]

    def _keys(self, pattern: str | None) -> Node:
        rules = StringRules(patterns=() if pattern is None else (pattern,))
        return self._graph.node((*self._names, made(frozenset({"string"}), strings=rules)))


def _own(rules: ObjectRules, name: str) -> list[Part]:
    """Return what ``properties`` and ``patternProperties`` say of a key."""
    own = [rules.properties[name]] if name in rules.properties else []
    return own + [part for pattern, part in rules.patterns if re.search(pattern, name)]
