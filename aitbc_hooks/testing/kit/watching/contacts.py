"""Whom one call of a plugin speaks to, told apart from what its other tasks do meanwhile."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["AnsweringClient", "contacts", "note_contact"]

# A task and a thread of `asyncio.to_thread` have the context of who started them.
_CONTACTS: Final[ContextVar[list[str] | None]] = ContextVar("contacts", default=None)


@contextlib.contextmanager
def contacts() -> Iterator[list[str]]:
    """Collect whom the body of the ``with`` statement speaks to, and what it starts."""
    found: list[str] = []
    token = _CONTACTS.set(found)
    try:
        yield found
    finally:
        _CONTACTS.reset(token)


def note_contact(what: str) -> None:
    """Take note of a contact, if somebody collects them."""
    found = _CONTACTS.get()
    if found is not None:
        found.append(what)


class AnsweringClient:
    """The API client of a platform that has nothing to say; its requests are contacts."""

    async def get(self, endpoint: str, **_arguments: Any) -> dict[str, Any]:
        """Answer a request."""
        note_contact(f"request of {endpoint} to the platform")
        return {}

    post = put = delete = get
