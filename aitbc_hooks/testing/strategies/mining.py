"""The strings that a plugin's event handler knows, read out of its code.

Branches such as ``if event_type == "job.new"`` are not reached by chance. What is followed: the
handler's constants and nested code, the helpers, tables and enumerations that it names in its class,
its instance and its module, what a decorator wraps, and the methods that fill a table.
"""

from __future__ import annotations

import dis
import enum
import functools
import inspect
import re
import types
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.interfaces import BasePlugin, LegacyPluginAdapter

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["mined_strings"]

_HANDLER: Final = "handle_event"
#: Name of the attribute that ``hookimpl`` sets on a function.
_MARK: Final = "aitbc_impl"
#: What is longer, or has blanks, is a message.
_WORD: Final = re.compile(r"\S{1,64}")
#: Tables that are longer than this are data.
_LONG: Final = 500
#: What the framework itself brings: its methods know no event. By identity, since a class that is
#: made by calling ``type`` may say that it is of the module ``abc``.
_FRAMEWORK: Final = frozenset(BasePlugin.__mro__)


def mined_strings(plugin: object) -> list[str]:
    """Return the strings that a plugin's event handler knows, sorted.

    Args:
        plugin: A plugin, its class, a module with hook implementations, or a handler itself.
    """
    miner = _Miner()
    for handler, owner in _handlers(plugin):
        miner.visit(handler, owner)
    return sorted(text for text in miner.found if _WORD.fullmatch(text))


def _handlers(plugin: object) -> Iterator[tuple[object, object]]:
    """Yield what handles events, with the object that it is looked up on."""
    if isinstance(plugin, LegacyPluginAdapter):
        # Only the adapter knows which method of the legacy object takes events.
        yield plugin._methods[_HANDLER], plugin.legacy  # noqa: SLF001 - see above
        return
    named = inspect.getattr_static(plugin, _HANDLER, None)
    if named is not None:
        yield from ((found, plugin) for found in _definitions(plugin, _HANDLER))
    elif callable(plugin) and not isinstance(plugin, type):
        yield plugin, None
    for name in dir(plugin):
        function = inspect.getattr_static(plugin, name, None)
        options = getattr(function, _MARK, None)
        if isinstance(options, Mapping) and options.get("specname") == _HANDLER:
            yield function, plugin


def _definitions(owner: object, name: str) -> Iterator[object]:
    """Yield what a name means on an object: its own value, and those of its classes."""
    classes = owner.__mro__ if isinstance(owner, type) else type(owner).__mro__
    spaces = [] if isinstance(owner, type) else [getattr(owner, "__dict__", {})]
    spaces += [vars(cls) for cls in classes if cls not in _FRAMEWORK]
    yield from (space[name] for space in spaces if name in space)


class _Miner:
    """Follows code and data, each object once.

    Attributes:
        found: The strings.
    """

    def __init__(self) -> None:
        self.found: set[str] = set()
        self._seen: dict[int, object] = {}  # holds them, so that an id stays theirs

    def visit(self, thing: object, owner: object = None) -> None:
        """Follow an object.

        Args:
            thing: The object.
            owner: What ``self`` is in it.
        """
        if isinstance(thing, str):
            self.found.add(thing)
            return
        if id(thing) in self._seen:
            return
        self._seen[id(thing)] = thing
        for part, its_owner in self._parts(thing, owner):
            self.visit(part, its_owner)

    def _parts(self, thing: Any, owner: object) -> Iterator[tuple[object, object]]:
        if isinstance(thing, types.FunctionType):
            yield from self._parts_of_function(thing, owner)
        elif isinstance(thing, types.CodeType):
            yield from ((const, owner) for const in thing.co_consts)
        elif isinstance(thing, types.MethodType):
            yield thing.__func__, thing.__self__
        elif isinstance(thing, functools.partial | functools.partialmethod):
            yield from ((part, owner) for part in (thing.func, thing.args, thing.keywords))
        elif isinstance(thing, staticmethod | classmethod):
            yield thing.__func__, owner
        elif isinstance(thing, type):
            yield from ((value, None) for value in _constants_of(thing))
        elif isinstance(thing, enum.Enum):
            yield thing.value, None
        elif isinstance(thing, Mapping | tuple | list | set | frozenset) and len(thing) <= _LONG:
            values = thing.values() if isinstance(thing, Mapping) else ()
            yield from ((item, owner) for item in (*thing, *values))
        elif call := _own_call(thing):
            yield call, thing

    def _parts_of_function(
        self, function: types.FunctionType, owner: object
    ) -> Iterator[tuple[object, object]]:
        codes = list(_codes(function.__code__))
        for code in codes:
            consts = [const for const in code.co_consts if const != function.__doc__]
            yield from ((const, owner) for const in consts if not isinstance(const, types.CodeType))
        names = {name for code in codes for name in code.co_names}
        for name in sorted(names):
            yield from self._named(name, function, owner)
        yield from ((value, owner) for value in _enclosed(function))

    def _named(
        self, name: str, function: types.FunctionType, owner: object
    ) -> Iterator[tuple[object, object]]:
        known = function.__globals__.get(name)
        if _is_of_module(known, function.__module__):
            yield known, None
        if owner is None:
            return
        definitions = list(_definitions(owner, name))
        yield from ((thing, owner) for thing in definitions)
        if not definitions:
            yield from ((code, owner) for code in _filling(owner, name))


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield a code object and those inside it: of comprehensions, inner functions, lambdas."""
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from _codes(const)


def _enclosed(function: types.FunctionType) -> Iterator[object]:
    """Yield what a decorator has wrapped, and other values that a function encloses."""
    yield getattr(function, "__wrapped__", None)
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not filled yet
            continue


def _is_of_module(thing: object, module: str) -> bool:
    """Return whether a global is data, or code of the same module."""
    if isinstance(thing, str | tuple | list | set | frozenset | Mapping):
        return True
    is_code = isinstance(thing, types.FunctionType | functools.partial | type)
    return is_code and getattr(thing, "__module__", module) == module


def _constants_of(cls: type) -> Iterable[object]:
    """Return the values of an enumeration, or the texts that a class holds."""
    if issubclass(cls, enum.Enum):
        return [member.value for member in cls]
    own = {name: value for name, value in vars(cls).items() if not name.startswith("__")}
    return [value for value in own.values() if isinstance(value, str)]


def _filling(owner: object, name: str) -> Iterator[types.CodeType]:
    """Yield the methods that assign an attribute, such as ``self.handlers`` in ``__init__``."""
    cls = owner if isinstance(owner, type) else type(owner)
    for function in (value for base in cls.__mro__ for value in vars(base).values()):
        if not isinstance(function, types.FunctionType):
            continue
        stores = (i for i in dis.get_instructions(function) if i.opname == "STORE_ATTR")
        if any(instruction.argval == name for instruction in stores):
            yield function.__code__


def _own_call(thing: object) -> object:
    """Return the ``__call__`` that a class defines in Python, or None."""
    call = inspect.getattr_static(type(thing), "__call__", None)
    return call if isinstance(call, types.FunctionType) else None
