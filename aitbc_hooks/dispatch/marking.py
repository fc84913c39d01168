"""A quick look for the implementations in a plugin, with pluggy's answer.

pluggy 1.7 looks each attribute up with `inspect.getattr_static`, most of the time of a
registration. Most plugins are modules or plain objects, where one look into the namespaces is
enough. Nothing is cached, so the answer holds for plugins and classes that change.
"""

from __future__ import annotations

from abc import ABCMeta
from operator import itemgetter
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["UNDECIDED", "UNMARKED", "Found", "find_marked", "quick_options"]

#: The answer that only pluggy can give.
UNDECIDED: Final[Any] = object()

#: The options of an implementation without a marker.
UNMARKED: Final = {
    "wrapper": False,
    "hookwrapper": False,
    "optionalhook": False,
    "tryfirst": False,
    "trylast": False,
    "specname": None,
}

_OTHER_METHODS: Final = (staticmethod, classmethod, MethodType)
_HOOKABLE: Final = (FunctionType, *_OTHER_METHODS)


class Found(NamedTuple):
    """An attribute of a plugin that is an implementation, or that only pluggy can judge.

    Attributes:
        name: The attribute's name.
        options: The marker's options, or `UNDECIDED`.
        function: What is called; None, or meaningless, if undecided.
    """

    name: str
    options: Any
    function: Any


def quick_options(plugin: object, name: str, marker: str) -> Any:
    """Return the options of an implementation, None if there is no marker, or `UNDECIDED`.

    Static and class methods, plugins that are classes, and classes of unusual metaclasses are
    left to pluggy.

    Args:
        plugin: The plugin.
        name: The attribute's name.
        marker: Name of the attribute that the marker sets on a function.
    """
    own = _own_namespace(plugin)
    if own is None:
        return UNDECIDED
    if name in own:
        return _options_of_own(plugin, name, own[name], marker)
    for base in type(plugin).__mro__:
        if name in base.__dict__:
            return _options_of_attribute(plugin, base.__dict__[name], marker)
    return None


def find_marked(plugin: object, marker: str, implied: Collection[str]) -> list[Found] | None:
    """Return the implementations in a plugin, sorted by name, or None if it is an unusual one.

    Args:
        plugin: The plugin.
        marker: Name of the attribute that the marker sets on a function.
        implied: Names of attributes of the plugin's class that need no marker.
    """
    own = _own_namespace(plugin)
    if own is None or not _has_plain_dir(plugin, own):
        return None
    found = list(_find_own(plugin, own, marker, implied))
    if type(plugin) is not ModuleType:
        found.extend(_find_in_class(plugin, own, marker, implied))
    found.sort(key=itemgetter(0))
    return found


def _find_own(
    plugin: object, own: Mapping[str, object], marker: str, implied: Collection[str]
) -> Iterator[Found]:
    for name, value in own.items():
        if name in implied:
            yield Found(name, UNDECIDED, None)
        elif isinstance(value, _HOOKABLE):
            options = _options_of_own(plugin, name, value, marker)
            if options is not None:
                yield Found(name, options, value)


def _find_in_class(
    plugin: object, own: Mapping[str, object], marker: str, implied: Collection[str]
) -> Iterator[Found]:
    namespace: dict[str, object] = {}
    for base in reversed(type(plugin).__mro__[:-1]):  # what `object` has is never marked
        namespace = namespace | base.__dict__
    for name, value in namespace.items():
        if name in own:
            continue
        options = _options_of_attribute(plugin, value, marker)
        if type(value) is FunctionType:
            if not options and name in implied:
                options = dict(UNMARKED)
            if options is not None:
                yield Found(name, options, MethodType(value, plugin))
        elif options is not None or name in implied:
            yield Found(name, UNDECIDED, None)


def _own_namespace(plugin: object) -> dict[str, Any] | None:
    """Return what is stored in the plugin itself, or None if it is an unusual one."""
    cls = type(plugin)
    if type(cls) not in (type, ABCMeta):
        return None
    if cls is not ModuleType and isinstance(plugin, (type, ModuleType)):
        return None
    try:
        own = object.__getattribute__(plugin, "__dict__")
    except AttributeError:
        return {}
    return own if type(own) is dict else None


def _has_plain_dir(plugin: object, own: Mapping[str, object]) -> bool:
    """Return whether `dir` lists all that is in the plugin and its class."""
    cls = type(plugin)
    if cls is ModuleType:
        return "__dir__" not in own
    return (
        cls.__dir__ is object.__dir__
        and cls.__getattribute__ is object.__getattribute__
        and plugin.__class__ is cls
    )


def _options_of_own(plugin: object, name: str, value: object, marker: str) -> Any:
    """Return the options of what is stored in a plugin under a name."""
    options = _options_of_value(value, marker)
    if options is not None and type(plugin) is ModuleType and name in vars(ModuleType):
        return UNDECIDED  # it may be hidden by what all modules have
    return options


def _options_of_value(value: object, marker: str) -> Any:
    """Return the options of a value that is called as it is, where no descriptor is heeded."""
    if type(value) is MethodType:
        return _options_of_function(value.__func__, marker)
    if type(value) is FunctionType:
        return _options_of_function(value, marker)
    return UNDECIDED if isinstance(value, (staticmethod, classmethod)) else None


def _options_of_attribute(plugin: object, value: object, marker: str) -> Any:
    """Return the options of an attribute of a plugin's class."""
    if type(value) is FunctionType:
        return _options_of_function(value, marker)
    if type(value) is MemberDescriptorType:
        try:
            stored = value.__get__(plugin, type(plugin))
        except AttributeError:
            return None
        return _options_of_value(stored, marker)
    return UNDECIDED if isinstance(value, _OTHER_METHODS) else None


def _options_of_function(function: object, marker: str) -> Any:
    options = getattr(function, marker, None)
    if options is None and hasattr(function, "__func__"):
        return UNDECIDED
    return options if isinstance(options, dict) else None
