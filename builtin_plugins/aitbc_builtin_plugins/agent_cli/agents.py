"""What an agent is: the record, what its fields may hold, and what can go wrong with one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MAX_DESCRIPTION_BYTES",
    "STATUSES",
    "Agent",
    "AgentError",
    "AgentExistsError",
    "AgentLimitError",
    "AgentNotFoundError",
    "InvalidAgentError",
    "check_description",
    "check_name",
    "check_status",
    "check_type",
    "rfc3339",
]

#: The statuses of an agent; a new one has the first.
STATUSES: Final = ("active", "inactive")

#: The longest description, in bytes of UTF-8.
MAX_DESCRIPTION_BYTES: Final = 10_000

# ASCII, so that "compared without case" means the same to Python, SQLite and the reader.
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")


class AgentError(Exception):
    """Base of what can go wrong with an agent; the text is a sentence for the user."""


class InvalidAgentError(AgentError, ValueError):
    """A field holds what it may not hold."""


class AgentNotFoundError(AgentError, LookupError):
    """No agent has that name."""


class AgentExistsError(AgentError):
    """Another agent has that name, in this or another case."""


class AgentLimitError(AgentError):
    """As many agents exist as may."""


def check_name(value: str) -> str:
    """Return `value` if it can name an agent: a letter, then up to 63 of ``A-Za-z0-9._-``.

    Raises:
        InvalidAgentError: It cannot.
    """
    return _matching("name", value)


def check_type(value: str) -> str:
    """Return `value` if it can be a type of agents; the grammar is that of names.

    Raises:
        InvalidAgentError: It cannot.
    """
    return _matching("type", value)


def check_status(value: str) -> str:
    """Return `value` if it is one of `STATUSES`.

    Raises:
        InvalidAgentError: It is not.
    """
    if value not in STATUSES:
        raise InvalidAgentError(f"A status is one of {', '.join(STATUSES)}; got {value!r:.80}.")
    return value


def check_description(value: str) -> str:
    """Return `value` if it is Unicode text of at most `MAX_DESCRIPTION_BYTES`.

    Raises:
        InvalidAgentError: It is longer, or has code points that UTF-8 cannot encode.
    """
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise InvalidAgentError("A description is text that UTF-8 can encode.") from None
    if size > MAX_DESCRIPTION_BYTES:
        raise InvalidAgentError(
            f"A description has at most {MAX_DESCRIPTION_BYTES} bytes of UTF-8; got {size}."
        )
    return value


def rfc3339(moment: datetime, timespec: str = "microseconds") -> str:
    """Return an aware `moment` as RFC 3339 in UTC, for instance ``2026-01-31T12:00:00.000000Z``."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def _matching(field: str, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise InvalidAgentError(
            f"A {field} is a letter, then up to 63 letters (A-Z), digits, '.', '_' or '-'; "
            f"got {value!r:.80}."
        )
    return value


def _checked_by(check: Callable[[str], str]) -> Any:
    def validate(_agent: object, _field: object, value: str) -> None:
        check(value)

    return attrs.field(validator=validate)


@attrs.frozen(kw_only=True)
class Agent:
    """One agent, as it was at one moment.

    Attributes:
        name: Unique among all agents, case aside.
        type: What kind of agent it is, for instance ``chat``.
        description: Free text, possibly empty.
        status: One of `STATUSES`.
        created: When it was created, in UTC.
        updated: When it was last changed, in UTC; never before `created`.

    Raises:
        InvalidAgentError: A field holds what it may not hold.
    """

    name: str = _checked_by(check_name)
    type: str = _checked_by(check_type)
    description: str = _checked_by(check_description)
    status: str = _checked_by(check_status)
    created: datetime
    updated: datetime

    def as_json(self) -> dict[str, str]:
        """Return the record that ``--json`` prints; times are RFC 3339 in UTC."""
        record = attrs.asdict(self)
        return record | {"created": rfc3339(self.created), "updated": rfc3339(self.updated)}
