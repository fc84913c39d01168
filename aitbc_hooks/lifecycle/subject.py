"""One instance of a plugin as the lifecycle sees it: four methods, and marks to leave on it."""

from __future__ import annotations

import contextlib
import inspect
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aitbc_hooks.interfaces import PluginStatus

__all__ = ["LIFECYCLE_METHODS", "Subject"]

#: The methods that only the driver calls.
LIFECYCLE_METHODS: Final = ("initialize", "start", "stop", "cleanup")

_ABSENT: Final = object()


@attrs.define(eq=False)
class Subject:
    """A plugin's instance with the methods that the driver calls on it.

    Attributes:
        plugin: The instance: an object, or a module.
        methods: Method name -> the plugin's own code, called without arguments. A name that is
            missing succeeds.
    """

    plugin: object
    methods: Mapping[str, Callable[[], Any]]
    _shadowed: dict[str, object] = attrs.field(factory=dict, init=False)

    @classmethod
    def of(cls, plugin: object) -> Subject:
        """Take the methods of an instance of `BasePlugin` as they are now."""
        return cls(plugin, {name: getattr(plugin, name) for name in LIFECYCLE_METHODS})

    def mirror(self, status: PluginStatus) -> None:
        """Show the driver's status on the plugin; one that takes no attributes goes without."""
        self.mark("status", status)

    def mark(self, name: str, value: object) -> None:
        """Set an attribute on the plugin if it has it already, and takes it."""
        with contextlib.suppress(Exception):
            if hasattr(self.plugin, name):
                setattr(self.plugin, name, value)

    def bind(self, drive: Callable[[str], Callable[[], Any]]) -> None:
        """Let calls such as ``plugin.stop()`` go through the driver.

        The class is untouched: the four methods are shadowed on this instance alone, and only
        where it accepts attributes.

        Args:
            drive: Method name -> what a direct call of it runs instead.
        """
        for name in LIFECYCLE_METHODS:
            with contextlib.suppress(Exception):
                before = _own(self.plugin, name)
                setattr(self.plugin, name, drive(name))
                self._shadowed[name] = before

    def unbind(self) -> None:
        """Take back what `bind` has put on the instance."""
        for name, before in self._shadowed.items():
            with contextlib.suppress(Exception):
                if before is _ABSENT:
                    delattr(self.plugin, name)
                else:
                    setattr(self.plugin, name, before)
        self._shadowed.clear()


def _own(plugin: object, name: str) -> object:
    """Return what an instance itself has under a name, in a slot or in its dictionary.

    Raises:
        TypeError: It has neither.
    """
    if hasattr(inspect.getattr_static(type(plugin), name, None), "__set__"):
        return getattr(plugin, name, _ABSENT)
    return vars(plugin).get(name, _ABSENT)
