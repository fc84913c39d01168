"""What the checks try on a plugin, beside its configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from aitbc_hooks.testing.strategies import event_types, payload_keys, payloads

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen

__all__ = ["Event", "events", "one_event"]

#: Event type and payload.
Event = tuple[str, dict[str, Any]]


def one_event(specimen: Specimen) -> st.SearchStrategy[Event]:
    """An event as any plugin may publish it; likely ones are among them."""
    keys = payload_keys(specimen.probe)
    return st.tuples(event_types(specimen.probe), payloads(keys=keys))


def events(specimen: Specimen) -> st.SearchStrategy[list[Event]]:
    """Some events."""
    return st.lists(one_event(specimen), min_size=1, max_size=4)
