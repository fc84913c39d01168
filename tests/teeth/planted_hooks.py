"""Faults in hook implementations: their signatures, and modules in the style of pytest."""

from __future__ import annotations

from planted import Sound, planted
from planted_cli import SoundCli, book

from aitbc.plugins import hookimpl


@planted("HOOK-01", "EVT-02", "EVT-01")
class EventArgumentIsRenamed(Sound):
    """handle_event() calls its second argument otherwise than the hookspec does."""

    async def handle_event(self, event_type, payload):
        self.context.logger.debug("%s: %d keys", event_type, len(payload))


@planted("HOOK-01", "CLI-01")
class CommandsAreAsync(SoundCli):
    """get_commands() is async, and the hook is called synchronously."""

    async def get_commands(self):
        return [book()]


@planted("HOOK-01", "LIFE-01")
class WrapsLifecycle(Sound):
    """start() is a hook wrapper around the start of all plugins."""

    @hookimpl(wrapper=True)
    async def start(self):
        yield
        self.context.logger.debug("one more has started")


def planted_module(name, *killers, what):
    planted.add(name.replace("_", "-"), f"subjects.{name}", *killers, what=what)


planted_module(
    "hooks_unknown_argument", "HOOK-01", what="An implementation takes an argument of its own."
)
planted_module(
    "hooks_unknown_name", "HOOK-01", what="A function is marked, and there is no hook of its name."
)
planted_module("hooks_async_info", "HOOK-01", what="The implementation of a sync hook is async.")
planted_module(
    "hooks_keyword_only", "HOOK-01", what="An argument without a default is keyword-only."
)
planted_module(
    "hooks_collects_arguments", "HOOK-01", what="A decorator without wraps() hides the arguments."
)
planted_module(
    "hooks_unmarked", "HOOK-02", what="A function bears a hook's name, and was not marked."
)
planted_module(
    "hooks_initialize_none", "LIFE-01", what="initialize() of the module returns nothing."
)
planted_module(
    "hooks_second_load",
    "LIFE-01",
    "ISO-01",
    "LIFE-02",
    "LIFE-06",
    what="State of the module outlives cleanup(), so a second load fails.",
)
planted_module(
    "hooks_start_twice", "LIFE-02", "LIFE-06", what="start() of the module works only once a load."
)
planted_module(
    "hooks_leaves_task", "RES-01", what="stop() of the module does not end the task of start()."
)
planted_module("hooks_marks_payload", "EVT-02", what="The module's handler changes the payload.")
planted_module("hooks_health_is_true", "HLTH-01", what="The module's health is True.")
