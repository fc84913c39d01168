"""HOOK: whether what a plugin implements are hooks that exist, as they are."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from aitbc_hooks.adapter import PluginHooks
from aitbc_hooks.dispatch.contract import UnmarkedHookWarning
from aitbc_hooks.errors import AitbcError
from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.outcomes import Level, Violation

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen


@check(
    "HOOK-01",
    Level.MUST,
    "Every implementation fits its hookspec: name, arguments, `async` only where it may be.",
    sentence="Always implement the required interface methods",
    source="SPEC.md, Best Practices, 1; DESIGN.md, 4",
    needs=["META-01"],
    fix="The message has both signatures: take the hookspec's arguments by their names, or fewer.",
    example="""
    class Misread(Sound):
        async def handle_event(self, event, payload):
            self.last = event
    """,
)
def implementations_fit(specimen: Specimen) -> None:
    """A host refuses at registration what could never be called."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnmarkedHookWarning)
        try:
            PluginHooks().register(specimen.probe, "plugin")
        except AitbcError as error:
            raise Violation(str(error)) from None


@check(
    "HOOK-02",
    Level.SHOULD,
    "No function bears a hook's name without being marked as its implementation.",
    sentence="A method that bears a hook's name without the marker, on a pytest-style plugin, is "
    "warned about.",
    source="DESIGN.md, 4",
    needs=["HOOK-01"],
    fix="Mark it with `@hookimpl`, or give it another name.",
    example="""
    @hookimpl
    async def initialize(context):
        return True


    async def handle_event(event_type, data):
        print(event_type)
    """,
)
def nothing_is_unmarked(specimen: Specimen) -> None:
    """An implementation that was forgotten to be marked is never called, and nothing says so."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UnmarkedHookWarning)
        PluginHooks().register(specimen.probe, "plugin")
    for warning in told:
        if issubclass(warning.category, UnmarkedHookWarning):
            raise Violation(str(warning.message))
