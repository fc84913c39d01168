"""The record of one failure, shared by reports, logs and announcements."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.errors import AitbcError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Failure", "shown"]


def shown(value: object, show: Callable[[object], str] = repr) -> str:
    """Return what a plugin's object says of itself; what it raises stays here."""
    try:
        return f"{show(value):.200}"
    except Exception as error:  # noqa: BLE001 - it is foreign code
        return f"<{type(value).__name__}: {show.__name__}() raised {type(error).__name__}>"


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.frozen
class Failure:
    """What went wrong with a plugin.

    Attributes:
        code: A key of `aitbc_hooks.errors.CODES`.
        message: One sentence: what was expected and what was seen.
        plugin: The plugin's name.
        method: The plugin's method in which it happened; None outside of any.
        traceback: The formatted traceback; empty where nothing was raised.
        at: When it was recorded, in UTC.
    """

    code: str
    message: str
    plugin: str
    method: str | None = None
    traceback: str = attrs.field(default="", repr=False)
    at: datetime = attrs.field(factory=_now, eq=False)

    @classmethod
    def from_exception(
        cls, error: BaseException, *, plugin: str, method: str | None, code: str
    ) -> Failure:
        """Record what a method raised; an error of this package brings its own code."""
        own = isinstance(error, AitbcError)
        message = (
            " ".join(filter(None, [error.message, error.hint]))
            if isinstance(error, AitbcError)
            else f"{type(error).__name__}: {shown(error, str)}".removesuffix(": ")
        )
        return cls(
            code=error.code if own else code,  # type: ignore[attr-defined]
            message=message,
            plugin=plugin,
            method=method,
            traceback="".join(traceback.format_exception(error)),
        )

    def __str__(self) -> str:
        where = f" in {self.method}()" if self.method else ""
        return f"[{self.code}] plugin {self.plugin!r}{where}: {self.message}"
