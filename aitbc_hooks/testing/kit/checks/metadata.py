"""META: what a plugin says of itself, and what making an instance of it does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from aitbc_hooks.discovery import Manifest, read_manifest
from aitbc_hooks.errors import AitbcError
from aitbc_hooks.hosting.construction import read_metadata
from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.outcomes import Level, Violation
from aitbc_hooks.testing.kit.watching.holdings import Holdings, running_tasks
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from aitbc_hooks.interfaces import PluginMetadata
    from aitbc_hooks.testing.kit.specimen import Specimen
    from aitbc_hooks.testing.kit.trials.trial import Trial


@check(
    "META-01",
    Level.MUST,
    "It can be constructed from a PluginContext.",
    sentence="Always implement the required interface methods",
    source="SPEC.md, Best Practices, 1",
    fix="Implement the methods that are named, take the context as the one argument of "
    "`__init__`, and pass it on with `super().__init__(context)`.",
    example="""
    class Unfinished(BasePlugin):
        def get_metadata(self):
            return PluginMetadata("unfinished", "1.0.0", "Lacks methods", "Me", "MIT")
    """,
)
def can_be_constructed(specimen: Specimen) -> None:
    """A host learns of a plugin by making an instance. One that cannot be made does not exist."""
    specimen.probe  # noqa: B018 - making it is the check


def says_nothing(specimen: Specimen) -> str | None:
    """Say why a check of metadata does not concern a plugin."""
    return None if specimen.implements("get_metadata") else "it implements no get_metadata()."


@check(
    "META-02",
    Level.MUST,
    "get_metadata() returns valid metadata.",
    sentence="Return plugin metadata",
    source="SPEC.md, Base Plugin Interface; DESIGN.md, 5",
    needs=["META-01"],
    concern=says_nothing,
    fix="Return a `PluginMetadata`; its constructor says which field is invalid. Versions are "
    "SemVer 2.0, names are letters, digits and `-`.",
    example="""
    class Anonymous(Sound):
        def get_metadata(self):
            return {"name": "anonymous", "version": "1.0.0"}
    """,
)
def metadata_are_valid(specimen: Specimen) -> None:
    """Name and version decide about dependencies, shadowing and updates before anything runs."""
    try:
        read_metadata(specimen.probe.get_metadata, "plugin")  # type: ignore[attr-defined]
    except AitbcError as error:
        raise Violation(error.message) from None


@check(
    "META-04",
    Level.SHOULD,
    "Constructing it starts nothing, opens nothing and writes nothing.",
    sentence="Plugin discovery and metadata loading",
    source="SPEC.md, Lifecycle Methods, 1; DESIGN.md, 2",
    needs=["META-01"],
    fix="Keep `__init__` to assignments; open, start and write in `initialize()` or `start()`.",
    example="""
    class Hasty(Sound):
        def __init__(self, context):
            super().__init__(context)
            with open(context.data_dir + "/log.txt", "w") as file:
                file.write("here I am")
    """,
)
def construction_is_inert(specimen: Specimen) -> None:
    """A host may make an instance only to read its metadata, and never call `cleanup()`."""

    async def main(trial: Trial) -> list[str]:
        before = Holdings.now()
        keep = trial.construct()
        done = [f"started task {t.get_name()}" for t in running_tasks(asyncio.get_running_loop())]
        done += [f"holds a {what}" for what in Holdings.now().beyond(before)]
        folders = map(Path, (trial.context.data_dir, trial.context.temp_dir))
        done += [f"wrote {path.name}" for folder in folders for path in sorted(folder.iterdir())]
        done += [f"wrote {path}" for path in trial.witness.writes]
        done += [f"made a {contact}" for contact in trial.witness.network]
        del keep
        return done

    if done := specimen.attempt(main):
        raise Violation(f"expected an inert construction; it {', '.join(done)}.")


def metadata_of(plugin: object) -> PluginMetadata:
    """Return what a plugin says of itself, checked."""
    return read_metadata(plugin.get_metadata, "plugin")  # type: ignore[attr-defined]


def _has_no_manifest(specimen: Specimen) -> str | None:
    if specimen.folder is None:
        return "it is not tried by its place."
    try:
        return None if read_manifest(Path(specimen.folder)) else "there is no plugin.toml."
    except AitbcError:
        return None


@check(
    "META-05",
    Level.MUST,
    "plugin.toml, where there is one, agrees with the code.",
    sentence="get_metadata() must agree with it",
    source="DESIGN.md, 5",
    needs=["META-02"],
    concern=_has_no_manifest,
    fix="Change the one that is wrong; the message names the field.",
    example="""
    # plugin.toml: name = "mailer", version = "1.0.0"
    class Mailer(Sound):
        def get_metadata(self):
            return PluginMetadata("mailer", "1.1.0", "Sends mail", "Me", "MIT")
    """,
)
def manifest_agrees(specimen: Specimen) -> None:
    """What is known of a plugin without running it decides whether it is ever run."""
    try:
        manifest = read_manifest(Path(specimen.folder or ""))
    except AitbcError as error:
        raise Violation(str(error)) from None
    if manifest is None:
        return
    metadata = metadata_of(specimen.probe)
    if canonical_name(manifest.name) != canonical_name(metadata.name):
        raise Violation(f"plugin.toml has the name {manifest.name!r}, the code {metadata.name!r}.")
    for field in ("version", "description"):
        said, told = getattr(manifest, field), getattr(metadata, field)
        if said is not None and said != told:
            raise Violation(f"plugin.toml has the {field} {said!r}, the code {told!r}.")
    _expect_commands(specimen, manifest)


def _expect_commands(specimen: Specimen, manifest: Manifest) -> None:
    """Expect that the command groups that the manifest promises are those that there are."""

    async def main(trial: Trial) -> set[str] | None:
        if not (await trial.lifecycle.load() and await trial.lifecycle.start()):
            return None  # another check says why
        groups = await trial.call("get_commands")
        return {str(group.name) for group in groups}

    if not specimen.implements("get_commands"):
        there: set[str] | None = set()
    else:
        there = specimen.attempt(main)
    if there is not None and there != set(manifest.commands):
        promised = ", ".join(sorted(manifest.commands)) or "none"
        raise Violation(
            f"plugin.toml promises the command groups {promised}; there are "
            f"{', '.join(sorted(there)) or 'none'}."
        )
