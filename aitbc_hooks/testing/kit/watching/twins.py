"""Two instances of one plugin side by side: what one says and does, alone and in company."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.testing.kit.trials.small_host import Wrong

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.trials.trial import Trial

__all__ = ["live_beside_another"]

_EVENT = ("user_login", {"user": "alice"})


@attrs.define
class _Account:
    """What can be seen of one instance's life, but for what differs from life to life."""

    health: dict[str, Any] = attrs.field(factory=dict)
    published: list[Any] = attrs.field(factory=list)
    files: list[str] = attrs.field(factory=list)

    def differs_from(self, other: _Account, stable: set[str]) -> str | None:
        """Say in what the accounts of two lives differ."""
        for key in sorted(stable):
            if self.health.get(key) != other.health.get(key):
                return (
                    f"health[{key!r}] was {self.health.get(key)!r}, alone {other.health.get(key)!r}"
                )
        if self.published != other.published:
            return f"it published {self.published!r}, alone {other.published!r}"
        if self.files != other.files:
            return f"its data_dir held {self.files!r}, alone {other.files!r}"
        return None


async def live_beside_another(trial: Trial) -> None:
    """Let two instances live one after the other, then side by side, and compare.

    Raises:
        Violation: One of them fails beside the other, or gives another account of itself.
    """
    first, second = trial.another("first"), trial.another("second")
    alone, again = await _live(first), await _live(second)
    stable = {key for key, value in alone.health.items() if again.health.get(key) == value}
    account = await _live_together(trial.another("third"), trial.another("fourth"))
    if alone.differs_from(again, stable):
        return  # no two lives of it are alike
    if difference := account.differs_from(alone, stable):
        raise Wrong(
            "disturbed",
            f"expected that an instance is the same beside another as it is alone; {difference}.",
        )


async def _live(trial: Trial) -> _Account:
    await trial.load()
    await trial.start()
    account = await _account_of(trial)
    await trial.stop()
    await trial.unload()
    return account


async def _live_together(one: Trial, other: Trial) -> _Account:
    """Return the account of the second one; the first one ends before it."""
    try:
        await one.load()
        await other.load()
        await one.start()
        await other.start()
        await _account_of(one)
        account = await _account_of(other)
        await one.stop()
        await one.unload()
        await _account_of(other)
        await other.stop()
        await other.unload()
    except Wrong as wrong:
        raise Wrong("disturbed", f"beside another instance: {wrong.message}") from None
    finally:
        await one.dispose()
        await other.dispose()
    return account


async def _account_of(trial: Trial) -> _Account:
    """Return what can be seen of an instance after an event; its failures are another check's."""
    event_type, data = _EVENT
    await trial.bus.broadcast(event_type, dict(data))
    await asyncio.sleep(1)
    files = sorted(os.listdir(trial.context.data_dir))  # noqa: PTH208 - no plugin waits for it
    return _Account(await trial.health(), list(trial.published), files)
