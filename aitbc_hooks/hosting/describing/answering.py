"""The process's side: load one plugin, construct it, ask what it is, say so, and end.

It reads a question from stdin and writes one line of JSON to what is its stdout at the start; what
the plugin prints goes nowhere. `initialize()` is not called: what a plugin is must not depend on it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.errors import AitbcError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["answer", "main", "table_of"]

#: What every plugin has or may have, and what says nothing of it.
_COMMON: Final = frozenset(
    {"get_metadata", "get_config_schema", "initialize", "start", "stop", "cleanup", "health_check"}
)


def main() -> None:
    """Answer one question; end the process, whatever the plugin has left running."""
    line = os.dup(1)
    question = json.loads(sys.stdin.buffer.read())
    _hush()
    said = answer(question)
    with os.fdopen(line, "wb") as out:
        out.write(json.dumps(said).encode() + b"\n")
    os._exit(0)


def _hush() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)


def answer(question: Mapping[str, str]) -> dict[str, Any]:
    """Return ``{"table": …}`` or ``{"problem": …}``; an interrupt passes."""
    try:
        return {"table": table_of(question)}
    except AitbcError as error:
        return {"problem": f"[{error.code}] {error.message}"}
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - it is the plugin's
        return {"problem": f"describing it raised {type(error).__name__}: {error}"[:2000]}


def table_of(question: Mapping[str, str]) -> dict[str, Any]:
    """Return the manifest's table of a plugin, from its code.

    Args:
        question: See `describe`.

    Raises:
        AitbcError: The plugin cannot be loaded, or does not fit the contract.
    """
    from aitbc_hooks.discovery import to_table  # noqa: PLC0415 - after the streams are put aside

    name, entry = question["name"], question.get("entry", "plugin")
    folder = Path(question["folder"]).resolve() if "folder" in question else None
    with _context() as context:
        return to_table(_manifest(name, entry, folder, context))


@contextlib.contextmanager
def _context() -> Iterator[Any]:
    from aitbc_hooks.interfaces import PluginContext  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory() as room:
        data, temp = Path(room, "data"), Path(room, "temp")
        data.mkdir()
        temp.mkdir()
        logger = logging.getLogger("aitbc.plugins.described")
        yield PluginContext({}, str(data), str(temp), logger, None, None)


def _manifest(name: str, entry: str, folder: Path | None, context: Any) -> Any:
    from aitbc_hooks.adapter import PluginHooks  # noqa: PLC0415 - as above
    from aitbc_hooks.discovery import CONFIG_SCHEMA, Manifest, import_entry, import_folder  # noqa: PLC0415
    from aitbc_hooks.hosting.construction import construct, read_metadata, read_schema  # noqa: PLC0415

    target = import_entry(entry, name) if folder is None else import_folder(folder, entry, name)
    plugin = construct(target, context, name)
    hooks = PluginHooks()
    hooks.register(plugin, name, active=False)
    facts: dict[str, Any] = {}
    if get_metadata := hooks.implementation(plugin, "get_metadata"):
        metadata = read_metadata(get_metadata, name)
        facts = {key: _settled(value) for key, value in vars(metadata).items()}
    if get_schema := hooks.implementation(plugin, "get_config_schema"):
        schema = read_schema(get_schema, name)
        beside = folder is not None and (folder / CONFIG_SCHEMA).is_file()
        if schema and not beside:
            facts["config_schema"] = schema
    if get_commands := hooks.implementation(plugin, "get_commands"):
        from aitbc_hooks.hosting.describing.commands import command_records  # noqa: PLC0415 - click

        facts["commands"] = command_records(get_commands())
    implemented = _implemented(hooks, plugin)
    return Manifest(
        **({"name": name} | facts),
        entry=entry,
        interfaces=_interfaces(plugin),
        hooks=tuple(sorted(implemented - _COMMON)),
    )


def _settled(value: object) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _implemented(hooks: Any, plugin: object) -> set[str]:
    """Return the hooks that a plugin implements; one that is only inherited does nothing."""
    from aitbc_hooks.adapter import overrides_event_handler  # noqa: PLC0415 - as above
    from aitbc_hooks.interfaces import BasePlugin  # noqa: PLC0415 - as above

    found = {caller.name for caller in hooks.get_hookcallers(plugin) or ()}
    if isinstance(plugin, BasePlugin) and not overrides_event_handler(plugin):
        found.discard("handle_event")
    return found


def _interfaces(plugin: object) -> tuple[str, ...]:
    from aitbc_hooks.interfaces import AIPlugin, BasePlugin, BlockchainPlugin, CLIPlugin  # noqa: PLC0415

    kinds = {"base": BasePlugin, "cli": CLIPlugin, "blockchain": BlockchainPlugin, "ai": AIPlugin}
    found = tuple(name for name, kind in kinds.items() if isinstance(plugin, kind))
    return found[1:] or found  # the specialised ones say more


if __name__ == "__main__":
    main()
