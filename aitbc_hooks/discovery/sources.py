"""The places where plugins are found. Each yields findings, and none imports a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.discovery.manifest import Manifest, built_in_manifests, read_manifest
from aitbc_hooks.discovery.records import Candidate, Finding, Note, Rejected
from aitbc_hooks.discovery.schemas import schema_beside, schema_of_module
from aitbc_hooks.errors import AitbcError, PluginError, PluginLoadError
from aitbc_hooks.versions import PLUGIN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from importlib.metadata import EntryPoint
    from pathlib import Path

__all__ = [
    "ENTRY_POINT_GROUP",
    "find_built_ins",
    "find_in_folder",
    "find_installed",
    "find_named",
]

#: The entry-point group in which a distribution announces its plugins.
ENTRY_POINT_GROUP: Final = "aitbc.plugins"

_MODULE: Final = "plugin.py"


def find_in_folder(folder: Path) -> Iterator[Finding]:
    """Find the plugins in one of the configuration's ``plugin_paths``.

    A plugin is a subfolder with a ``plugin.py`` or a manifest (SPEC.md, Plugin Structure).
    Hidden and private folders, plain files and folders without either are none of ours.
    """
    try:
        children = sorted(folder.iterdir())
    except FileNotFoundError:
        yield Note(str(folder), "the folder does not exist")
        return
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = error.strerror if isinstance(error, OSError) else error
        yield Note(str(folder), f"the folder cannot be read: {why}")
        return
    for child in children:
        if child.name.startswith((".", "_")):
            continue
        try:
            yield from _find_plugin(child)
        except OSError as error:
            reason = PluginError(f"{child}: {error.strerror}.", code="AITBC-P09")
            yield Rejected(child.name, "directory", str(child), reason)


def _find_plugin(child: Path) -> Iterator[Finding]:
    if not child.is_dir():
        if child.suffix == ".py":
            yield Rejected(child.stem, "directory", str(child), _not_a_folder(child))
        return
    name = child.name.replace("_", "-")
    try:
        manifest = read_manifest(child)
        if manifest is None:
            if not (child / _MODULE).is_file():
                yield Note(str(child), f"the folder has no {_MODULE} and no manifest")
                return
            _check_name(name, child)
            manifest = Manifest(name)
            commands = None
        else:
            commands = manifest.commands
    except AitbcError as error:
        yield Rejected(name, "directory", str(child), error)
        return
    folder = child.resolve()
    resolve = _importer("import_folder", folder, manifest.entry, manifest.name)
    yield Candidate(
        manifest.name,
        "directory",
        str(child),
        resolve,
        manifest.version,
        manifest.description,
        commands,
        schema_beside(folder, manifest.entry),
    )


def _not_a_folder(path: Path) -> PluginError:
    return PluginLoadError(
        f"{path.name} is a file; a plugin is a folder.",
        hint=f"Move it to {path.stem}/{_MODULE}.",
        code="AITBC-P06",
    )


def _check_name(name: str, path: Path) -> None:
    if not PLUGIN_NAME.fullmatch(name):
        raise PluginLoadError(
            f"{path.name!r} cannot be a plugin's name.",
            hint="Rename the folder: a letter, then letters, digits and '-'.",
            code="AITBC-P06",
        )


def find_built_ins() -> Iterator[Finding]:
    """Find the plugins that come with this distribution, from their manifests."""
    for folder, manifest in built_in_manifests():
        entry = f"aitbc_builtin_plugins.{folder.name}.{manifest.entry}"
        yield Candidate(
            manifest.name,
            "built-in",
            entry,
            _importer("import_entry", entry, manifest.name),
            manifest.version,
            manifest.description,
            manifest.commands,
            schema_beside(folder, manifest.entry),
        )


def find_installed() -> Iterator[Finding]:
    """Find the plugins that installed distributions announce as entry points."""
    import importlib.metadata  # noqa: PLC0415 - costs as much as the rest of this package

    try:
        entry_points = importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)
    except Exception as error:  # noqa: BLE001 - one damaged distribution among hundreds suffices
        yield Note("entry points", f"installed plugins cannot be listed: {error!r}")
        return
    for entry_point in entry_points:
        yield _installed(entry_point)


def _installed(entry_point: EntryPoint) -> Finding:
    name = entry_point.name
    if not PLUGIN_NAME.fullmatch(name):
        error = PluginLoadError(
            f"the entry point's name {name!r} cannot be a plugin's name.", code="AITBC-P06"
        )
        return Rejected(name, "entry point", entry_point.value, error)
    version, description = _facts(entry_point)
    entry = entry_point.value.partition("[")[0].strip()  # extras are the installer's business
    return Candidate(
        name,
        "entry point",
        entry_point.value,
        _importer("import_entry", entry, name),
        version,
        description,
        schema=schema_of_module(entry),
    )


def _facts(entry_point: EntryPoint) -> tuple[str | None, str | None]:
    """Return the version and summary of an entry point's distribution, as far as it tells."""
    try:
        meta: Any = entry_point.dist.metadata if entry_point.dist else {}
        return meta.get("Version"), meta.get("Summary")
    except Exception:  # noqa: BLE001 - a damaged distribution may hold a sound plugin
        return None, None


def find_named(names: Iterable[str]) -> Iterator[Candidate]:
    """Find plugins by the dotted names given on the command line (``-p package.module``).

    Raises:
        PluginLoadError: The last word of one cannot be a plugin's name (``AITBC-P06``).
    """
    for dotted in names:
        module, _, attribute = dotted.partition(":")
        name = (attribute or module).rpartition(".")[2].replace("_", "-")
        if not PLUGIN_NAME.fullmatch(name):
            raise PluginLoadError(
                f"{name!r}, as -p {dotted} would name it, cannot be a plugin's name.",
                hint="Name a module: a letter, then letters, digits and '_'.",
                code="AITBC-P06",
            )
        resolve = _importer("import_entry", dotted, name)
        schema = schema_of_module(dotted)
        yield Candidate(name, "command line", dotted, resolve, schema=schema)


def _importer(function: str, *arguments: object) -> Callable[[], object]:
    """Return a call of a function of `importing`, which is imported only when it is made."""

    def resolve() -> object:
        from aitbc_hooks.discovery import importing  # noqa: PLC0415 - it needs the whole contract

        return getattr(importing, function)(*arguments)

    return resolve
