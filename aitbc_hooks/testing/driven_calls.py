"""How a test's calls of a plugin's lifecycle methods reach the driver."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, cast

import attrs

from aitbc_hooks.lifecycle import LIFECYCLE_METHODS, Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from aitbc_hooks.interfaces import PluginContext, PluginStatus
    from aitbc_hooks.testing.driven import Driven

__all__ = ["BoundSubject", "DrivenHooks"]


@attrs.define(eq=False)
class BoundSubject(Subject):
    """A plugin's instance that takes no refusal: what is bound to it is there, and stays.

    A host can do without; a test whose calls went past the driver would see no status.
    """

    _bound: dict[str, Callable[[], Any]] = attrs.field(factory=dict, init=False)

    def mark(self, name: str, value: object) -> None:
        """Set an attribute on the plugin if it has it already."""
        with contextlib.suppress(Exception):
            if hasattr(self.plugin, name):
                _put(self.plugin, name, value)

    def bind(self, drive: Callable[[str], Callable[[], Any]]) -> None:
        """Let calls such as ``plugin.stop()`` go through the driver.

        Raises:
            TypeError: The class does not let a method be replaced on its instance.
        """
        self._bound = {name: drive(name) for name in LIFECYCLE_METHODS}
        for name, call in self._bound.items():
            if not _put(self.plugin, name, call):
                raise TypeError(
                    f"{type(self.plugin).__qualname__}.{name} cannot be replaced on the instance, "
                    "so the lifecycle could not follow its calls. Make it a plain method."
                )

    def bind_again(self) -> None:
        """Put back what the plugin's own code has replaced: a host calls what it found first."""
        for name, call in self._bound.items():
            _put(self.plugin, name, call)

    def unbind(self) -> None:
        """Stay bound: a test may call a method after `cleanup`, to see it refused."""


def _put(plugin: object, name: str, value: object) -> bool:
    """Set an attribute, past the plugin's own `__setattr__` if that refuses; return if it is."""
    for put in (setattr, object.__setattr__):
        with contextlib.suppress(Exception):
            put(plugin, name, value)
            if getattr(plugin, name) is value:
                return True
    return False


class DrivenHooks:
    """A module or object with hookimpls, as a test calls it.

    Its lifecycle methods go through the driver, and take no context: the plugin gets its own.
    All other attributes are the plugin's.

    Attributes:
        plugin: The module or object itself.
        context: What it is given.
    """

    def __init__(self, driven: Driven) -> None:
        self._driven = driven
        self.plugin: object = driven.plugin
        self.context: PluginContext = driven.context

    @property
    def status(self) -> PluginStatus:
        """The lifecycle status."""
        return self._driven.status

    async def initialize(self) -> bool:
        """Run the plugin's own ``initialize``; True if it has none."""
        return cast("bool", await self._driven.drive("initialize"))

    async def start(self) -> bool:
        """Run the plugin's own ``start``; True if it has none."""
        return cast("bool", await self._driven.drive("start"))

    async def stop(self) -> bool:
        """Run the plugin's own ``stop``; True if it has none."""
        return cast("bool", await self._driven.drive("stop"))

    async def cleanup(self) -> bool:
        """Run the plugin's own ``cleanup``; True if it has none."""
        return cast("bool", await self._driven.drive("cleanup"))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # copy and pickle ask before there is a plugin
            raise AttributeError(name)
        return getattr(self.plugin, name)
