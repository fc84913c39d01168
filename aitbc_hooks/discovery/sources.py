"""Plugins that come with this distribution, and those that are named one by one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from aitbc_hooks.discovery.index import Index
from aitbc_hooks.discovery.manifest.indexed import indexed_manifest, manifest_in
from aitbc_hooks.discovery.manifest.reading import built_in_folders
from aitbc_hooks.discovery.records import Candidate, Finding
from aitbc_hooks.discovery.schemas import schema_beside, schema_of_module
from aitbc_hooks.errors import PluginLoadError
from aitbc_hooks.versions import PLUGIN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from aitbc_hooks.discovery.index import Entry

__all__ = ["find_built_ins", "find_named", "importer"]


def find_built_ins(index: Index | None = None) -> Iterator[Finding]:
    """Find the plugins that come with this distribution, from their manifests.

    Args:
        index: What is known of them from before.
    """
    index = Index() if index is None else index
    for folder in built_in_folders():
        said = indexed_manifest(str(folder), "built-in", folder.name, index)
        if said is not None:
            yield _built_in(folder, said)


def _built_in(folder: Path, said: Entry) -> Candidate:
    manifest = functools.cache(lambda: manifest_in(said))
    entry = f"aitbc_builtin_plugins.{folder.name}.{manifest().entry}"
    return Candidate(
        said.name,
        "built-in",
        entry,
        importer(entry, said.name),
        manifest,
        lambda: schema_beside(folder, manifest().entry),
    )


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
        yield Candidate(
            name,
            "command line",
            dotted,
            importer(dotted, name),
            find_schema=functools.partial(schema_of_module, dotted),
        )


def importer(entry: str, name: str) -> Callable[[], object]:
    """Return a call that imports an entry; the importing itself is imported when it is made."""

    def resolve() -> object:
        from aitbc_hooks.discovery.importing import import_entry  # noqa: PLC0415 - the contract

        return import_entry(entry, name)

    return resolve
