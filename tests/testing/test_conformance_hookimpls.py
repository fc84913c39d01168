"""The checks of whether what a plugin implements are hooks that exist, as they are."""

from __future__ import annotations

import warnings

from conformance_making import module, plugin
from conformance_trying import fails_without_program, passes


def test_an_implementation_that_does_not_fit_is_shown_beside_its_hookspec():
    async def handle_event(self, event, payload):
        """Do nothing."""

    fails_without_program(
        "HOOK-01",
        plugin(handle_event=handle_event),
        "[AITBC-P08] plugin 'plugin': hook 'handle_event': the hookspec has no argument 'event'.\n"
        "  hookspec:       async def handle_event(event_type: str, data: dict[str, Any]) -> None\n"
        "  implementation: async def handle_event(event, payload)\n"
        "  Did you mean 'event_type'?",
    )


async def initialize():
    return True


def test_what_is_marked_and_bears_a_hooks_name_fits_and_is_no_surprise():
    passes("HOOK-01", module(initialize))
    passes("HOOK-02", module(initialize))


def test_a_function_with_a_hooks_name_and_no_mark_is_named_and_nothing_is_printed():
    async def start():
        return True

    piece = module(initialize, unmarked=[start])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        passes("HOOK-01", piece)
        fails_without_program(
            "HOOK-02",
            piece,
            f"plugin 'plugin': {start.__qualname__} has the name of hook 'start', but is not "
            "marked with @hookimpl, so it is never called. Mark it, or rename it.",
        )
