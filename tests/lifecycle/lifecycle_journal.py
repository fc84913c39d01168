"""The calls of a plugin's methods, and what they say of whoever made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from lifecycle_faults import DEADLINE, METHODS, Behaviour, Fault

from aitbc_hooks.interfaces import PluginStatus as S

if TYPE_CHECKING:
    import asyncio

    from lifecycle_scripted import ScriptedPlugin


@attrs.define(eq=False)
class Entry:
    """One call of one method of one instance."""

    plugin: ScriptedPlugin
    method: str
    began: float
    task: asyncio.Task
    behaviour: Behaviour
    event: int | None = None  # its number
    ended: float | None = None
    value: object = None
    error: BaseException | None = None
    released: bool = False

    def __str__(self):
        return f"{self.plugin.name}.{self.method}()"

    @property
    def abandoned(self):
        """Whether it outlived its operation; to be asked when no operation is under way."""
        return self.released or self.ended is None

    @property
    def in_time(self):
        return self.ended is not None and self.ended - self.began < DEADLINE

    @property
    def good(self):
        return self.in_time and self.error is None and self.value is True


def author_contract(entries, method):
    """Yield every rule of the author's contract, and whether calling `method` now breaks it."""
    called = [entry.method for entry in entries]
    running = is_running(entries)
    lifecycle = [entry for entry in entries if entry.method in METHODS]
    if method == "handle_event":
        yield "before start() had succeeded or after stop()", not running
        return
    yield "C1: while another method ran", any(entry.abandoned for entry in lifecycle)
    if method == "initialize":
        yield "C2: twice", "initialize" in called
    elif method == "start":
        initialized = [entry for entry in entries if entry.method == "initialize"]
        yield "C3: before initialize()", not any(entry.good for entry in initialized)
        yield "C4: while running", running
        yield "C5: after cleanup()", "cleanup" in called
    elif method == "stop":
        yield "C6: without a successful start()", not running
    else:
        yield "C7: before initialize()", "initialize" not in called
        yield "C8: while running", running
        yield "C9: twice", "cleanup" in called
        yield "while it handled an event", any(_still_handles(entry) for entry in entries)


def _still_handles(entry):
    """Whether an event is being handled by what could have been ended, and does not wait itself."""
    heeds = entry.behaviour.fault is not Fault.STUBBORN and entry.behaviour.request is None
    return entry.method == "handle_event" and entry.ended is None and heeds


def is_running(entries):
    """Whether an instance's last start() succeeded, and stop() was not entered since."""
    for entry in reversed(entries):
        if entry.method in ("start", "stop"):
            return entry.method == "start" and entry.good
    return False


def told_by(entries):
    """Return the status that an instance's calls have led to; None where it was let go."""
    status = S.LOADING
    goals = {"initialize": S.LOADED, "start": S.ACTIVE, "stop": S.INACTIVE}
    for entry in entries:
        if entry.method == "cleanup":
            return S.UNLOADED
        if entry.method in goals:
            status = goals[entry.method] if entry.good else S.ERROR
    return status
