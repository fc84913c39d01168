"""Making plugins for the tests of checks: a sound class with other methods, or a module."""

from __future__ import annotations

from types import ModuleType

from aitbc.plugins import hookimpl
from aitbc_hooks.testing.kit.sound import Sound


def plugin(**methods):
    """Return a class with other methods than the sound one's."""
    return type("Plugin", (Sound,), methods)


def module(*functions, unmarked=()):
    """Return a module with these functions as implementations of hooks, and others as they are."""
    made = ModuleType("piece")
    for function in (*functions, *unmarked):
        function.__module__ = made.__name__
        marked = function not in unmarked
        setattr(made, function.__name__, hookimpl(function) if marked else function)
    return made
