"""A quick look for the marker of an attribute, with pluggy's answer.

pluggy 1.7 looks each attribute up with `inspect.getattr_static`, most of the time of a
registration. Most attributes of a plain object need no more than one look at its class.
"""

from __future__ import annotations

from abc import ABCMeta
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, Final

__all__ = ["UNDECIDED", "quick_options"]

#: The answer that only pluggy can give.
UNDECIDED: Final[Any] = object()

_HOOKABLE: Final = (FunctionType, staticmethod, classmethod, MethodType, MemberDescriptorType)


def quick_options(plugin: object, name: str, marker: str) -> Any:
    """Return the options of an implementation, None if there is no marker, or `UNDECIDED`.

    Nothing is cached, so the answer holds for classes and instances that change. Modules,
    classes, attributes of the instance itself, slots, static and class methods, and classes of
    unusual metaclasses are left to pluggy.

    Args:
        plugin: The plugin.
        name: The attribute's name.
        marker: Name of the attribute that the marker sets on a function.
    """
    owner = type(plugin)
    if type(owner) not in (type, ABCMeta) or isinstance(plugin, (type, ModuleType)):
        return UNDECIDED
    try:
        own = object.__getattribute__(plugin, "__dict__")
    except AttributeError:
        own = {}
    if type(own) is not dict or name in own:
        return UNDECIDED
    for base in owner.__mro__:
        if name in base.__dict__:
            return _options_of(base.__dict__[name], marker)
    return None


def _options_of(found: object, marker: str) -> Any:
    if type(found) is FunctionType:
        options = getattr(found, marker, None)
        if options is None and hasattr(found, "__func__"):
            return UNDECIDED
        return options if isinstance(options, dict) else None
    return UNDECIDED if isinstance(found, _HOOKABLE) else None
