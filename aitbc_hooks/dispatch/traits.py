"""What a hookspec says about its calls, as one record: pluggy's options and this host's own."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.errors import ContractError, HookError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["HookTraits"]

_POLICIES: Final = ("raise", "isolate", "group")


@attrs.frozen
class HookTraits:
    """How a hook is called; the fields are those of `aitbc_hookspecs.HookspecMarker`.

    Attributes:
        name: The hook's name.
        is_async: The hookspec is a coroutine function.
        restricted: The hook cannot be called on all plugins at once.
    """

    name: str
    is_async: bool = False
    firstresult: bool = False
    on_error: str = "raise"
    deadline: float | None = None
    concurrent: int | None = None
    addressed: bool = False
    driver_only: bool = False
    restricted: bool = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        # Kept, not computed: every call of a hook asks.
        object.__setattr__(self, "restricted", self.addressed or self.driver_only)

    @classmethod
    def read(
        cls, name: str, function: Callable[..., object], options: Mapping[str, Any]
    ) -> HookTraits:
        """Read the traits of a hookspec; options that a foreign marker lacks have defaults.

        Raises:
            ContractError: The options contradict each other (``AITBC-P12``).
        """
        traits = cls(
            name,
            inspect.iscoroutinefunction(inspect.unwrap(function)),
            bool(options.get("firstresult")),
            options.get("on_error", "raise"),
            options.get("deadline"),
            options.get("concurrent"),
            bool(options.get("addressed")),
            bool(options.get("driver_only")),
        )
        problem = traits._contradiction(historic=bool(options.get("historic"))) or (
            _deprecation_problem(function, options.get("deprecated_args") or {})
        )
        if problem is not None:
            raise ContractError(f"hookspec {name!r} {problem}", code="AITBC-P12")
        return traits

    def _contradiction(self, *, historic: bool) -> str | None:
        if historic and self.is_async:
            return (
                "is both historic and async: a replay happens inside register(), which cannot "
                "wait. Make it a plain function, or drop historic=True."
            )
        if self.on_error not in _POLICIES:
            return f"has on_error={self.on_error!r}; it is one of {', '.join(_POLICIES)}."
        if self.deadline is not None:
            if not self.is_async:
                return (
                    "has a deadline, but only an async hookspec's implementations can be stopped."
                )
            if self.deadline <= 0:
                return f"has deadline={self.deadline!r}; it is a positive number of seconds."
        return self._concurrency_problem()

    def _concurrency_problem(self) -> str | None:
        if self.concurrent is None:
            return None
        if type(self.concurrent) is not int or self.concurrent < 1:
            return f"has concurrent={self.concurrent!r}; it is a positive whole number."
        if not self.is_async:
            return "has concurrent=..., but only an async hookspec's implementations can wait."
        if self.firstresult:
            return "has both concurrent and firstresult: the first result ends a call in its order."
        return None

    def refuse_broadcast(self) -> HookError:
        """Return the error for a call of a restricted hook on all plugins at once."""
        if self.driver_only:
            return self.refuse_outsider()
        return HookError(
            f"hook {self.name!r} is called on one plugin at a time, never on all.",
            hint=f"Call manager.plugin(name).{self.name}(...).",
            code="AITBC-H03",
        )

    def refuse_outsider(self) -> HookError:
        """Return the error for a call of a driver's hook by anyone else."""
        return HookError(
            f"only the lifecycle driver calls hook {self.name!r}.",
            hint="Use the operations of the PluginManager instead.",
            code="AITBC-H03",
        )


def _deprecation_problem(
    function: Callable[..., object], deprecated: Mapping[str, object]
) -> str | None:
    if not deprecated:
        return None
    known = inspect.signature(function).parameters
    missing = [name for name in deprecated if name not in known]
    return f"deprecates {missing[0]!r}, which is no argument of it." if missing else None
