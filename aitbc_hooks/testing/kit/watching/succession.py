"""A new instance that takes the place of one that was stopped, as at a reload."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.testing.kit.interfaces.calls import require_json
from aitbc_hooks.testing.kit.trials.small_host import Wrong

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.trials.trial import Trial

__all__ = ["hand_over"]


async def hand_over(trial: Trial) -> None:
    """Let a new instance take over from one that was stopped, then end.

    The steps are a host's at a reload: the new one is initialized before the old one is cleaned up,
    and has the same `data_dir`.

    Raises:
        Violation: One of them fails, or the old one takes something from the new one.
    """
    successor = trial.another("successor")
    successor.context.data_dir = trial.context.data_dir
    successor.activity = trial.activity
    try:
        await _take_over(trial, successor)
    except Wrong as wrong:
        raise Wrong("succeeded", f"when a new instance takes over: {wrong.message}") from None
    finally:
        await successor.dispose()


async def _take_over(trial: Trial, successor: Trial) -> None:
    before = _files_in(trial.context.data_dir)
    await successor.load()
    await _hand_state_over(trial, successor)
    await successor.start()
    written = _files_in(trial.context.data_dir).items() - before.items()
    await trial.unload()
    left = _files_in(trial.context.data_dir)
    if taken := sorted(path for path, _ in written if path not in left):
        raise Wrong(
            "taken",
            "expected that cleanup() of the old one leaves alone what the new one has written; "
            f"it removed {taken[0]!r} from data_dir.",
        )
    await successor.health()
    await successor.expect_noted_activity()
    await successor.stop()
    await successor.unload()


async def _hand_state_over(trial: Trial, successor: Trial) -> None:
    """Hand the state over as JSON, if they have both of the methods for it."""
    methods = [(trial.plugin, "export_state"), (successor.plugin, "import_state")]
    if any(inspect.getattr_static(plugin, name, None) is None for plugin, name in methods):
        return
    state = await trial.ask("export_state")
    require_json("export_state()", state)
    answer = await successor.ask("import_state", json.loads(json.dumps(state)))
    if answer is not None and answer is not True:
        raise Wrong("failed", f"import_state(): expected True or None, got {shown(answer)}.")


def _files_in(folder: str) -> dict[str, Any]:
    """Return path -> what tells that a file was written anew."""
    found = {}
    for path in Path(folder).rglob("*"):
        if path.is_file():
            status = path.stat()
            found[path.relative_to(folder).as_posix()] = (status.st_ino, status.st_mtime_ns)
    return found
