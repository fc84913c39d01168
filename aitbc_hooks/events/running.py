"""In whose name code runs, and inside which handlers: what tasks inherit from those who make them.

One context variable is set for each handler, because that is what a quick handler can afford.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from contextvars import Context

    from aitbc_hooks.events.publication import Publication
    from aitbc_hooks.events.subscription import Subscription

__all__ = ["Errand", "Turn", "owner_in", "publication", "receiver_in", "running", "turns"]


class Errand:
    """Something that is run in somebody's name.

    Args:
        owner: In whose name; None is the host.

    Attributes:
        receiver: Whose handler has begun it, if any has.
    """

    __slots__ = ("owner", "receiver")

    def __init__(self, owner: object) -> None:
        self.owner = owner
        self.receiver = _receiver_of(running.get())


#: A receiver that handles an event: the receiver, and the publication that brought the event.
Turn: TypeAlias = "tuple[Subscription, Publication]"

#: What the current code runs for: a receiver's handler, or an errand.
running: ContextVar[Errand | Subscription | None] = ContextVar(
    "aitbc_hooks_events_running", default=None
)
#: What has brought the event to the innermost handler.
publication: ContextVar[Publication] = ContextVar("aitbc_hooks_events_publication")


def owner_in(context: Context) -> object:
    """Return in whose name code runs in a context; None for the host."""
    entered = context.get(running)
    return None if entered is None else entered.owner


def receiver_in(context: Context) -> Subscription | None:
    """Return whose handler runs in a context, whatever errands it has begun."""
    return _receiver_of(context.get(running))


def turns() -> tuple[Turn, ...]:
    """Return the turns that the current code was called in, or its task was made in.

    They may have ended since.
    """
    receiver = _receiver_of(running.get())
    if receiver is None:
        return ()
    brought = publication.get()
    return (*brought.inside, (receiver, brought))


def _receiver_of(entered: Errand | Subscription | None) -> Subscription | None:
    return entered.receiver if isinstance(entered, Errand) else entered
