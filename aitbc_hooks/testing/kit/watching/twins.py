"""Two instances of one plugin side by side: what one says and does, alone and in company."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.testing.kit.trials.small_host import Wrong

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.trials.trial import Trial

__all__ = ["live_beside_another"]

#: What can be seen of one instance's life: what it is, in words -> what it was.
_Account = dict[str, Any]

_EVENT: Final = ("user_login", {"user": "alice"})
#: Virtual seconds after an event, in which it has its effect.
_SOON: Final = 1.0
#: So long that what comes with the time alone has come: longer than a life beside another.
_LATER: Final = 10.0


async def live_beside_another(trial: Trial) -> None:
    """Let two instances live one after the other, then side by side, and compare.

    Raises:
        Violation: One of them fails beside the other, or gives another account of itself.
    """
    alone = await _live(trial.another("first"), _SOON)
    longer = await _live(trial.another("second"), _LATER)
    together = await _live_together(trial.another("third"), trial.another("fourth"))
    for what, before in alone.items():
        differs = together.get(what) != before
        if differs and longer.get(what) == before:  # else no two lives of it are alike
            raise Wrong(
                "disturbed",
                "expected that an instance is the same beside another as it is alone; "
                f"{what} was {together.get(what)!r}, alone {before!r}.",
            )


async def _live(trial: Trial, seconds: float) -> _Account:
    await trial.load()
    await trial.start()
    account = await _account_of(trial, seconds)
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
        await _account_of(one, _SOON)
        account = await _account_of(other, _SOON)
        await one.stop()
        await one.unload()
        await _account_of(other, _SOON)
        await other.stop()
        await other.unload()
    except Wrong as wrong:
        raise Wrong("disturbed", f"beside another instance: {wrong.message}") from None
    finally:
        await one.dispose()
        await other.dispose()
    return account


async def _account_of(trial: Trial, seconds: float) -> _Account:
    """Return what can be seen of an instance some time after an event.

    That it may have failed at the event is another check's business.
    """
    event_type, data = _EVENT
    await trial.bus.broadcast(event_type, dict(data))
    await asyncio.sleep(seconds)
    health = await trial.health()
    return {
        **{f"health[{key!r}]": health[key] for key in sorted(health)},
        "what it published": list(trial.published),
        "its data_dir": sorted(os.listdir(trial.context.data_dir)),  # noqa: PTH208 - nobody waits
    }
