"""YAML with positions: PyYAML's node graph, walked once under a budget.

The graph is walked rather than constructed because only the nodes know their positions and their
duplicates, and because an alias that costs nothing in the graph may expand without limit. The
tags are those of YAML's JSON-like core; readings of YAML 1.1 that surprise are reported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs
import yaml

from aitbc_hooks.config.document import MAX_DEPTH, Budget, Document, Origin, Span
from aitbc_hooks.config.problems import InvalidConfigError, KeyPath, Problem, dotted
from aitbc_hooks.config.secrets import is_secret_path

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["parse", "parse_flow", "parse_scalar"]

_TOO_DEEP: Final = f"the configuration is nested deeper than {MAX_DEPTH} levels"

# The C parser is several times faster and is part of every published wheel of PyYAML.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OCTAL: Final = re.compile(r"[-+]?0[0-7_]+")
_TAG: Final = "tag:yaml.org,2002:"
#: Longer numbers are replaced by one that is certainly refused: int() has a limit of its own.
_LONGEST_NUMBER: Final = 400
_REFUSED_NUMBER: Final = 1 << 2000


def parse(text: str, document: Document) -> None:
    """Fill `document` from YAML `text`.

    Raises:
        InvalidConfigError: The text is not well-formed, or is too deep or too large.
    """
    root = _compose(text, document)
    if root is None or (isinstance(root, yaml.ScalarNode) and root.tag == _TAG + "null"):
        return
    if not isinstance(root, yaml.MappingNode):
        message = "the configuration must be a mapping with keys such as 'plugins'"
        raise document.fail("AITBC-C06", (), message)
    document.data = _Walk(document).value(root, ())


def parse_scalar(text: str) -> Any:
    """Return what a plain YAML scalar `text` means: a boolean, a number, None, else the text."""
    resolver: Any = yaml.SafeLoader("")
    node = yaml.ScalarNode(resolver.resolve(yaml.ScalarNode, text, (True, False)), text)
    reading = _read_scalar(node)
    return text if reading.trap else reading.value


def parse_flow(text: str) -> Any:
    """Return what YAML `text` such as ``[a, b]`` means.

    Raises:
        InvalidConfigError: The text is not well-formed.
    """
    document = Document()
    root = _compose(text, document)
    data = _Walk(document).value(root, ()) if root is not None else None
    if document.problems:
        raise InvalidConfigError(document.problems)
    return data


def _compose(text: str, document: Document) -> Any:
    """Parse `text` into one node, refusing depth before anything recurses into it."""
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                mark: Any = event.start_mark
                raise _at(document, "AITBC-C02", mark.line, mark.column, _TOO_DEEP)
        return yaml.compose(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
        message = "the text has a control character that YAML does not allow"
        raise _at(document, "AITBC-C03", line, column, message) from None
    except yaml.MarkedYAMLError as error:
        found = error.problem_mark or error.context_mark
        line, column = (found.line, found.column) if found else (0, 0)
        if "nesting depth" in (error.problem or ""):  # libyaml's own limit, since PyYAML 6.0.4
            raise _at(document, "AITBC-C02", line, column, _TOO_DEEP) from None
        raise _at(document, "AITBC-C03", line, column, _syntax_message(error)) from None


def _at(document: Document, code: str, line: int, column: int, message: str) -> InvalidConfigError:
    problem = Problem(code, document.source, line + 1, column + 1, (), message)
    return InvalidConfigError([*document.problems, problem])


def _syntax_message(error: yaml.MarkedYAMLError) -> str:
    """Word a syntax error without the text it is about: that text may be a secret."""
    problem = error.problem or "the text is malformed"
    if "undefined alias" in problem:
        return "not well-formed YAML: undefined alias; quote a value that begins with '*'"
    if "tag handle" in problem:
        return "not well-formed YAML: undefined tag; quote a value that begins with '!'"
    if "another document" in problem:
        return "the file must hold one YAML document, found a second one"
    context = f" {error.context}" if error.context else ""
    return f"not well-formed YAML: {problem}{context}"


@attrs.frozen
class _Reading:
    value: Any
    trap: str | None = None


def _read_scalar(node: Any) -> _Reading:
    """Return the value of a scalar node, and what is wrong with it if anything is."""
    tag, text = node.tag.removeprefix(_TAG), node.value
    if tag == "str":
        return _Reading(text)
    if tag in {"null", "bool", "int", "float"}:
        return _read_core(tag, node)
    if tag == "timestamp":
        return _Reading(None, "is read by YAML as a date; put it in quotes to make it a string")
    if not node.tag.startswith(_TAG):
        return _Reading(None, "has a tag of its own; quote a value that begins with '!'")
    return _Reading(None, f"has the tag '!!{tag}', which a configuration may not use")


def _read_core(tag: str, node: Any) -> _Reading:
    text = node.value
    if tag in {"int", "float"} and ":" in text:
        trap = "is read by YAML 1.1 as a number in base 60; put it in quotes to make it a string"
        return _Reading(None, trap)
    if tag == "int" and _OCTAL.fullmatch(text):
        trap = "is read by YAML 1.1 as octal; drop the leading zero, or quote it as a string"
        return _Reading(None, trap)
    if tag == "int" and len(text) > _LONGEST_NUMBER:
        return _Reading(_REFUSED_NUMBER)
    constructor = yaml.constructor.SafeConstructor()
    try:
        return _Reading(constructor.construct_object(node))
    except (ValueError, KeyError, IndexError):
        return _Reading(None, f"has the tag '!!{tag}', which its text does not fit")


@attrs.define
class _Walk:
    """One pass over the node graph that fills a document's data, origins, spans and texts."""

    document: Document
    budget: Budget = attrs.Factory(Budget)

    def value(self, node: Any, path: KeyPath) -> Any:
        self._spend(path)
        flow = bool(getattr(node, "flow_style", False))
        self.document.spans[path] = Span(node.start_mark.index, node.end_mark.index, flow=flow)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if not node.tag.startswith((_TAG + "map", _TAG + "seq")):
            message = f"{dotted(path)} has a YAML tag, which a configuration may not use"
            self.document.report("AITBC-C06", path, message)
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        for index, item in enumerate(node.value):
            self._mark((*path, index), item)
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _spend(self, path: KeyPath, deeper: int = 0) -> None:
        if reason := self.budget.spend(len(path) + deeper):
            raise self.document.fail("AITBC-C02", path, reason)

    def _mapping(self, node: Any, path: KeyPath) -> dict[str, Any]:
        own: dict[str, tuple[Any, Any]] = {}
        for key, value in node.value:
            if key.tag == _TAG + "merge":
                continue
            name = self._key(key, path)
            if name in own:
                first = own[name][0].start_mark
                message = f"duplicate key {name!r} (first at {first.line + 1}:{first.column + 1})"
                self._mark((*path, name), key)
                self.document.report("AITBC-C04", (*path, name), message)
            own[name] = (key, value)
        pairs = {**dict(self._merged(node, path, 0)), **own}
        for name, (key, _) in pairs.items():
            self._mark((*path, name), key)
        return {name: self.value(value, (*path, name)) for name, (_, value) in pairs.items()}

    def _merged(self, node: Any, path: KeyPath, depth: int) -> Iterator[tuple[str, Any]]:
        """Yield what ``<<`` brings into a mapping, the weakest first."""
        self._spend(path, depth)
        for sources in [value for key, value in node.value if key.tag == _TAG + "merge"]:
            listed = sources.value if isinstance(sources, yaml.SequenceNode) else [sources]
            # YAML's merge key: an earlier mapping of the list overrides a later one.
            for source in reversed(listed):
                if not isinstance(source, yaml.MappingNode):
                    self.document.report("AITBC-C06", (*path, "<<"), "'<<' must name a mapping")
                    continue
                yield from self._merged(source, path, depth + 1)
                for key, value in source.value:
                    self._spend(path, depth)
                    if key.tag != _TAG + "merge":
                        yield self._key(key, path), (key, value)

    def _key(self, key: Any, path: KeyPath) -> str:
        if key.tag == _TAG + "str":
            return str(key.value)
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        self._mark((*path, name), key)
        message = f"the key {name!r} is not a string to YAML; put it in quotes"
        self.document.report("AITBC-C06", (*path, name), message)
        return str(name)

    def _mark(self, path: KeyPath, node: Any) -> None:
        mark = node.start_mark
        self.document.origins[path] = Origin(
            self.document.source or "", mark.line + 1, mark.column + 1
        )

    def _scalar(self, node: Any, path: KeyPath) -> Any:
        reading = _read_scalar(node)
        if reading.trap:
            # Which settings of a plugin are secret is not known yet.
            hidden = is_secret_path(path) or path[2:3] == ("config",)
            shown = "" if hidden else f" {node.value[:40]!r}"
            self.document.report("AITBC-C06", path, f"{dotted(path)}{shown} {reading.trap}")
        elif not isinstance(reading.value, str):
            self.document.texts[path] = node.value
        return reading.value
