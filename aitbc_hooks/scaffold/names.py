"""What a new plugin's name makes of its class, its package, its distribution and its commands."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final, Self

import attrs

from aitbc_hooks.errors import MetadataError
from aitbc_hooks.versions import PLUGIN_NAME

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Names"]

#: The prefix of a plugin's distribution (SPEC.md, Registry Format: ``aitbc-agent-cli``). With it,
#: a package can be no keyword of Python and no module of its library, whatever the plugin is called.
_PREFIX: Final = "aitbc"

_SUFFIX: Final = "plugin"

#: Packages that come with the host.
_TAKEN_PACKAGES: Final = frozenset({"aitbc_hooks", "aitbc_hookspecs", "aitbc_builtin_plugins"})

#: What a folder beside a plugin's folder must never be taken for.
_MODULES: Final = sys.stdlib_module_names | {
    *("aitbc", "attr", "attrs", "cattr", "cattrs", "click", "hypothesis", "jsonschema"),
    *("packaging", "pip", "pluggy", "pytest", "setuptools", "wheel", "yaml"),
}

#: Classes that the new module imports, or that its readers would take for the contract's.
_TAKEN_CLASSES: Final = frozenset(
    {"AIPlugin", "BasePlugin", "BlockchainPlugin", "CLIPlugin", "LegacyPlugin"}
)


@attrs.frozen
class Names:
    """The names in a new plugin.

    Attributes:
        plugin: The plugin's own name: ``my-plugin``.
        folder: Its folder's: the same, unless that would stand before a module of Python's library
            or of the host wherever the folder's parent is on `sys.path`, as under ``python -m``.
        class_name: ``MyPlugin``.
        package: What a wheel installs: ``aitbc_my_plugin``.
        distribution: What the wheel is called: ``aitbc-my-plugin``.
        command: The command group of a plugin for the command line: ``my-plugin``.
    """

    plugin: str
    folder: str
    class_name: str
    package: str
    distribution: str
    command: str

    @classmethod
    def of(cls, plugin: str, *, reserved: Collection[str] = ()) -> Self:
        """Derive the names from that of the plugin.

        Args:
            plugin: The plugin's name.
            reserved: Commands that the host has itself.

        Raises:
            MetadataError: It cannot be a plugin's name (``AITBC-P04``).
        """
        if not PLUGIN_NAME.fullmatch(plugin):
            guess = re.sub(r"[^A-Za-z0-9]+", "-", plugin).strip("-")
            raise MetadataError(
                f"name: expected a letter followed by letters, digits and '-', got {plugin!r}.",
                hint=f"Call it {guess!r}." if PLUGIN_NAME.fullmatch(guess) else None,
            )
        words = re.findall(r"[A-Za-z0-9]+", plugin)
        package = _package(words)
        return cls(
            plugin=plugin,
            folder=f"{plugin}-{_SUFFIX}" if plugin.lower() in _MODULES else plugin,
            class_name=_class_name(words),
            package=package,
            distribution=package.replace("_", "-"),
            command=f"{plugin}-{_SUFFIX}" if plugin in reserved else plugin,
        )


def _package(words: list[str]) -> str:
    lower = [word.lower() for word in words]
    if lower[0] != _PREFIX or len(lower) == 1:
        lower.insert(0, _PREFIX)
    package = "_".join(lower)
    return f"{package}_{_SUFFIX}" if package in _TAKEN_PACKAGES else package


def _class_name(words: list[str]) -> str:
    name = "".join(word[0].upper() + word[1:] for word in words)
    if not name.lower().endswith(_SUFFIX):
        name += _SUFFIX.capitalize()
    return f"My{name}" if name in _TAKEN_CLASSES or name == "Plugin" else name
