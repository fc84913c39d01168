"""Where plugins are looked for, and what was found there that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.doctoring.records import Check, Trouble
from aitbc_hooks.errors import PluginNameError
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.cli.doctoring.scene import Scene
    from aitbc_hooks.discovery import Catalogue, Rejected

__all__ = ["CHECKS"]


#: How a note begins -> what to do, and whether it is wrong. Configurations name folders that need
#: not be there on every machine, as the specification's example does.
_NOTES: Final = (
    ("the folder has no", "Move it elsewhere if it is no plugin.", False),
    (
        "the folder does not exist",
        "Make it if it should be there, or take it out of plugin_paths.",
        False,
    ),
    ("the folder", "Make it readable, or take it out of plugin_paths.", True),
    ("", "Install anew what is damaged.", True),
)


def _notes(scene: Scene) -> Iterator[Trouble]:
    """Folders that are not there, hold no plugin, or cannot be looked through."""
    if scene.glance is None:
        return
    for note in scene.glance.catalogue.notes:
        fix, wrong = next((f, w) for start, f, w in _NOTES if note.text.startswith(start))
        yield Trouble(note.location, note.text, fix, is_wrong=wrong)


def _unfit(scene: Scene) -> Iterator[Trouble]:
    """What looked like a plugin and was passed over."""
    if scene.glance is None:
        return
    for rejected in scene.glance.catalogue.rejected:
        if isinstance(rejected.error, PluginNameError):
            yield _hidden(rejected, scene.glance.catalogue)
        else:
            fix = rejected.error.hint or "Mend it, or take it away."
            message = rejected.error.message
            yield Trouble(rejected.location, message, fix, rejected.error.code)


def _hidden(rejected: Rejected, catalogue: Catalogue) -> Trouble:
    """Return what is to be told of a plugin whose name is taken.

    An earlier path that hides a plugin may be meant; a name that differs in case alone never is.
    """
    holder = catalogue.candidates[canonical_name(rejected.name)]
    same = holder.name == rejected.name
    text = f"the plugin {rejected.name!r} is hidden by that of {holder.source} {holder.location}"
    if not same:
        text += f", whose name {holder.name!r} is the same but for case"
    fix = "Rename one of them." if not same else "If that is not meant, remove one of them."
    return Trouble(rejected.location, text, fix, rejected.error.code, is_wrong=not same)


CHECKS: Final = (
    Check("places of plugins", _notes),
    Check("what was passed over", _unfit),
)
