"""Every error that the host raises or reports, in one hierarchy with stable codes.

The hierarchy follows what the *reader* can do: mend a configuration, mend a plugin, call
something else. A code is for machines and for searching; it never changes its meaning.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CODES",
    "AitbcError",
    "CapabilityError",
    "ConfigError",
    "ContractError",
    "DependencyError",
    "EventError",
    "HookError",
    "LifecycleError",
    "MetadataError",
    "PluginError",
    "PluginInactiveError",
    "PluginLoadError",
    "PluginNameError",
    "PluginNotFoundError",
    "RegistryFormatError",
    "StateError",
    "VersionError",
]

#: Code -> what it means, in one sentence. ``docs/errors.md`` is checked against this table.
CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AITBC-C01": "The configuration file is missing or cannot be read.",
        "AITBC-C02": "The configuration file is larger or deeper than the host accepts.",
        "AITBC-C03": "The configuration file is not well-formed YAML, TOML or JSON.",
        "AITBC-C04": "A key stands twice in one mapping of the configuration.",
        "AITBC-C05": "The configuration has a key that the host does not know.",
        "AITBC-C06": "A value in the configuration has the wrong type or is out of range.",
        "AITBC-C07": "A ${VARIABLE} in the configuration is unset or malformed.",
        "AITBC-C08": "A plugin's own config block does not satisfy the plugin's schema.",
        "AITBC-C09": "An override (AITBC_… variable or --set) names no setting or has no value.",
        "AITBC-C10": "A plugin's configuration schema is not a valid JSON Schema.",
        "AITBC-C11": "The configuration file cannot be edited without changing more than was asked.",
        "AITBC-D01": "A dependency is not known to the host.",
        "AITBC-D02": "Dependencies form a cycle.",
        "AITBC-D03": "A dependency is known but not active.",
        "AITBC-D04": "A dependency is present in a version outside the required range.",
        "AITBC-D05": "The plugin does not fit this host: version or platform.",
        "AITBC-D06": "The plugin conflicts with one that is active.",
        "AITBC-E01": "A receiver's mailbox is full, and it refuses events then.",
        "AITBC-E02": "A plugin that has been unloaded tried to subscribe to events.",
        "AITBC-H01": "A plugin was asked for something that it does not implement.",
        "AITBC-H02": "A plugin was called while it is not active.",
        "AITBC-H03": "A hook that only the host's driver may call was called directly.",
        "AITBC-H04": "A hook call had arguments that the hook does not take.",
        "AITBC-H05": "A hook implementation passed its deadline.",
        "AITBC-H06": "A hook implementation called sys.exit().",
        "AITBC-H07": "A command of a plugin raised.",
        "AITBC-L01": "The operation is not in the lifecycle table for the plugin's status.",
        "AITBC-L02": "A plugin asked for a transition of itself from inside its own transition.",
        "AITBC-L03": "A lifecycle method returned something other than True.",
        "AITBC-L04": "A lifecycle method raised.",
        "AITBC-L05": "A lifecycle method passed its deadline.",
        "AITBC-L06": "A lifecycle method ignored its cancellation and was abandoned.",
        "AITBC-L07": "A lifecycle method called sys.exit().",
        "AITBC-L08": "A lifecycle method was cancelled with its caller.",
        "AITBC-L09": "The plugin blocked the event loop.",
        "AITBC-L10": "The plugin left tasks or threads behind after cleanup().",
        "AITBC-L11": "The plugin could not be reloaded; it is as it was before.",
        "AITBC-L12": "The plugin could not be reloaded, and the old one could not be started again.",
        "AITBC-P01": "No plugin of that name is known.",
        "AITBC-P02": "Importing the plugin failed.",
        "AITBC-P03": "Constructing the plugin failed.",
        "AITBC-P04": "The plugin's metadata is missing or invalid.",
        "AITBC-P05": "The plugin's metadata names another plugin than the one that was asked for.",
        "AITBC-P06": "The place holds no plugin, or more than one.",
        "AITBC-P07": "Two plugins have one name.",
        "AITBC-P08": "A method does not fit the hookspec that it implements.",
        "AITBC-P09": "The plugin's manifest cannot be read.",
        "AITBC-P10": "The plugin's class leaves abstract methods unimplemented.",
        "AITBC-P11": "Two plugins offer a command of one name, or one the host has itself.",
        "AITBC-P12": "A hookspec's options contradict each other or the function.",
        "AITBC-R01": "The registry's document does not have the registry format.",
        "AITBC-S01": "The host's own data (state, a plugin's store) cannot be read or written.",
        "AITBC-S02": "What the command line prints cannot be written.",
        "AITBC-S03": "A file or folder that a command is to write cannot be written, or is there already.",
        "AITBC-V01": "A version or a version range is not well-formed.",
    }
)


class AitbcError(Exception):
    """Base of every error of this package.

    Args:
        message: What happened, what was expected and what was seen.
        plugin: Name of the plugin that it happened to, if any.
        hint: What to do next, as an imperative sentence, if the host knows.
        code: A key of `CODES`; each class has its own default.
    """

    default_code: ClassVar[str] = "AITBC-S01"

    def __init__(
        self,
        message: str,
        *,
        plugin: str | None = None,
        hint: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.plugin = plugin
        self.hint = hint
        self.code = code or self.default_code

    def __str__(self) -> str:
        where = f"plugin {self.plugin!r}: " if self.plugin else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"[{self.code}] {where}{self.message}{hint}"


class ConfigError(AitbcError):
    """The configuration has to be mended (codes ``AITBC-C…``)."""

    default_code = "AITBC-C06"


class StateError(AitbcError):
    """The host's own files, or those that a command writes, cannot be used (``AITBC-S01``, ``-S03``)."""


class VersionError(AitbcError, ValueError):
    """A version or range is not well-formed (``AITBC-V01``)."""

    default_code = "AITBC-V01"


class RegistryFormatError(AitbcError, ValueError):
    """A registry document does not have the format of SPEC.md (``AITBC-R01``)."""

    default_code = "AITBC-R01"


class PluginError(AitbcError):
    """A plugin, or the wish for one, has to be mended (codes ``AITBC-P…``)."""

    default_code = "AITBC-P03"


class PluginNotFoundError(PluginError, LookupError):
    """No plugin of that name is known (``AITBC-P01``)."""

    default_code = "AITBC-P01"


class PluginNameError(PluginError, ValueError):
    """A name is taken or collides (``AITBC-P07``, ``AITBC-P11``)."""

    default_code = "AITBC-P07"


class PluginLoadError(PluginError):
    """The plugin's code cannot be imported or constructed (``AITBC-P02``, ``-P03``, ``-P06``)."""

    default_code = "AITBC-P02"


class MetadataError(PluginError, ValueError):
    """A metadata field is invalid; the message begins with the field's name (``AITBC-P04``)."""

    default_code = "AITBC-P04"


class ContractError(PluginError, TypeError):
    """A method does not fit its hookspec; the message has both signatures (``AITBC-P08``)."""

    default_code = "AITBC-P08"


class DependencyError(PluginError):
    """Dependencies are missing, cyclic, inactive or unsuitable (codes ``AITBC-D…``)."""

    default_code = "AITBC-D01"


class LifecycleError(AitbcError, RuntimeError):
    """The operation is not legal now; nothing was called (``AITBC-L01``, ``AITBC-L02``)."""

    default_code = "AITBC-L01"


class HookError(AitbcError):
    """A hook was called in a way that cannot work (codes ``AITBC-H…``)."""

    default_code = "AITBC-H04"


class CapabilityError(HookError, AttributeError):
    """The plugin does not implement that hook (``AITBC-H01``)."""

    default_code = "AITBC-H01"


class PluginInactiveError(HookError):
    """The plugin is not ACTIVE, so its hooks cannot be called (``AITBC-H02``)."""

    default_code = "AITBC-H02"


class EventError(AitbcError):
    """Events do not go where they were to (``AITBC-E01``: not to all receivers)."""

    default_code = "AITBC-E01"
