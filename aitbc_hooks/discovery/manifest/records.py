"""What a manifest says of a plugin, as records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["INTERFACES", "ON_START", "Command", "Manifest", "Parameter", "restore"]

#: What ``interfaces`` may name: the classes of SPEC.md, Specialized Plugin Interfaces.
INTERFACES: Final = ("base", "cli", "blockchain", "ai")

#: The activation of a plugin that runs as long as the host does.
ON_START: Final = "on_start"


@attrs.frozen
class Parameter:
    """One parameter of a command, as far as its help shows it.

    Attributes:
        declarations: An option's spellings as click has them declared, such as
            ``("--name", "-n")`` or ``("--yes/--no",)``; an argument's name.
        kind: ``option`` or ``argument``.
        metavar: What stands for its value in the help; empty for a flag.
        help: As it is shown, with what click adds to it; empty if there is none.
        required: Whether the command cannot do without it.
        multiple: Whether it may be given more than once.
    """

    declarations: tuple[str, ...]
    kind: str = "option"
    metavar: str = ""
    help: str = ""
    required: bool = False
    multiple: bool = False


@attrs.frozen
class Command:
    """A command, or a group of commands.

    Attributes:
        help: Its help; the first line stands in lists.
        parameters: Its own parameters, in the order of its help; without ``--help``.
        commands: A group's commands; None for a command that is no group.
        epilog: What stands at the end of its help.
    """

    help: str = ""
    parameters: tuple[Parameter, ...] = ()
    commands: Mapping[str, Command] | None = None
    epilog: str = ""

    @property
    def summary(self) -> str:
        """The first line of the help."""
        return self.help.strip().partition("\n")[0]


@attrs.frozen(kw_only=True)
class Manifest:
    """All that a ``plugin.toml`` says.

    The fields of `PluginMetadata` have its names and its meaning (SPEC.md, Base Plugin Interface).

    Attributes:
        entry: ``module[:attribute]`` of the plugin's class, factory or hookimpls; relative to the
            folder, or absolute in the manifest of an installed distribution.
        interface: Version of the interface that it is written for, MAJOR.MINOR.
        requires_aitbc: Range of host versions; empty allows every one.
        interfaces: Of `INTERFACES`.
        hooks: Names of the hooks that the plugin implements.
        activation: When the host starts it: ``on_start``, ``on_hook:NAME``,
            ``on_event:PATTERN``, ``on_command:NAME``. Empty means ``on_start``.
        commands: The command groups that it offers.
        config_schema: JSON Schema of its configuration, or a file's name relative to the folder;
            None leaves it to ``config_schema.json`` and to the code.
        permissions: Area and verb, such as ``net.connect`` -> scopes.
        optional_permissions: Likewise; the plugin can do without them.
        limits: Resource, such as ``memory`` -> amount.
        unknown: Keys that this host does not know, in order.
        is_complete: False where only a distribution's own metadata is known: no commands, no
            hooks, nothing that the host would have to take as their absence.
    """

    name: str
    version: str | None = None
    description: str | None = None
    author: str | None = None
    license: str | None = None
    homepage: str | None = None
    repository: str | None = None
    keywords: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    min_aitbc_version: str | None = None
    max_aitbc_version: str | None = None
    supported_platforms: tuple[str, ...] = ()
    entry: str = "plugin"
    interface: str | None = None
    requires_aitbc: str = ""
    interfaces: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    activation: tuple[str, ...] = ()
    commands: Mapping[str, Command] = attrs.field(factory=dict)
    config_schema: Mapping[str, Any] | str | None = None
    permissions: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    optional_permissions: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    limits: Mapping[str, str | int] = attrs.field(factory=dict)
    unknown: tuple[str, ...] = ()
    is_complete: bool = True

    @property
    def starts_with_host(self) -> bool:
        """Whether the host starts the plugin when it starts itself."""
        return not self.activation or ON_START in self.activation

    @property
    def helps(self) -> dict[str, str] | None:
        """Name of each command group -> one line of help; None if that is not known."""
        if not self.is_complete:
            return None
        return {name: command.summary for name, command in self.commands.items()}


def restore(table: Mapping[str, Any]) -> Manifest:
    """Return what a table says that was checked before; in a tenth of the time of checking it."""
    fields: dict[str, Any] = {}
    unknown = []
    for key, value in table.items():
        if key not in _FIELDS:
            unknown.append(key)
        elif key == "commands":
            fields[key] = {name: _command(command) for name, command in value.items()}
        elif key in _PERMISSIONS:
            fields[key] = {
                f"{area}.{verb}": tuple(scopes)
                for area, verbs in value.items()
                for verb, scopes in verbs.items()
            }
        else:
            fields[key] = tuple(value) if isinstance(value, list) else value
    return Manifest(**fields, unknown=tuple(unknown))


_FIELDS: Final = frozenset(field.name for field in attrs.fields(Manifest)) - {
    "unknown",
    "is_complete",
}
_PERMISSIONS: Final = ("permissions", "optional_permissions")


def _command(told: str | Mapping[str, Any], depth: int = 1) -> Command:
    if isinstance(told, str):
        return Command(told, commands={} if depth == 1 else None)
    inner = told.get("commands")
    return Command(
        told.get("help", ""),
        tuple(_parameter(parameter) for parameter in told.get("parameters", ())),
        None
        if inner is None
        else {name: _command(command, depth + 1) for name, command in inner.items()},
        told.get("epilog", ""),
    )


def _parameter(told: Mapping[str, Any]) -> Parameter:
    known = {
        field.name: told[field.name] for field in attrs.fields(Parameter) if field.name in told
    }
    return Parameter(**known | {"declarations": tuple(told["declarations"])})
