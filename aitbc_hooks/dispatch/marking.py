"""A quick answer to the question which attributes of a plugin bear no marker.

pluggy 1.7 looks each attribute up with `inspect.getattr_static`, most of the time of a
registration. Of a plain object's attributes most can be ruled out by one look at its class.
"""

from __future__ import annotations

from abc import ABCMeta
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Final

__all__ = ["certainly_unmarked"]

_HOOKABLE: Final = (FunctionType, staticmethod, classmethod, MethodType, MemberDescriptorType)


def certainly_unmarked(plugin: object, name: str, marker: str) -> bool:
    """Return True if pluggy would find no marker at an attribute; False if it has to look.

    Nothing is cached, so the answer holds for classes and instances that change. Modules,
    classes, attributes of the instance itself, slots and classes of unusual metaclasses are left
    to pluggy, as is everything that has a marker.

    Args:
        plugin: The plugin.
        name: The attribute's name.
        marker: Name of the attribute that the marker sets on a function.
    """
    owner = type(plugin)
    if type(owner) not in (type, ABCMeta) or isinstance(plugin, (type, ModuleType)):
        return False
    try:
        own = object.__getattribute__(plugin, "__dict__")
    except AttributeError:
        own = {}
    if type(own) is not dict or name in own:
        return False
    for base in owner.__mro__:
        if name in base.__dict__:
            found = base.__dict__[name]
            break
    else:
        return True
    if type(found) is FunctionType:
        return getattr(found, marker, None) is None and not hasattr(found, "__func__")
    return not isinstance(found, _HOOKABLE)
