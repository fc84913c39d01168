"""The markers of the project ``aitbc``: pluggy's, with the options that this host adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, overload

import pluggy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PROJECT_NAME", "Deprecated", "HookspecMarker", "hookimpl", "hookspec"]

#: pluggy's project name, and the prefix of its marker attributes.
PROJECT_NAME: Final = "aitbc"

_F = TypeVar("_F", bound="Callable[..., Any]")

OnError = Literal["raise", "isolate", "group"]


@dataclass(frozen=True)
class Deprecated:
    """A part of the interface that will go: a hookspec, or one of its arguments.

    Attributes:
        since: The interface version that deprecated it, such as ``1.2``.
        removed_in: The interface version without it, such as ``2.0``.
        use: The hook, or the argument, that takes its place; None if nothing does.
    """

    since: str
    removed_in: str
    use: str | None = None


class HookspecMarker:
    """Like `pluggy.HookspecMarker`, with the options of this host.

    Options, beside pluggy's own (``firstresult``, ``historic``, ``warn_on_impl``,
    ``warn_on_impl_args``):

    * ``on_error``: ``"raise"`` is pluggy's way; ``"isolate"`` records what an implementation
      raised and goes on; ``"group"`` goes on too, and raises one `ExceptionGroup` at the end.
    * ``deadline``: seconds that each asynchronous implementation may take; None is no deadline.
    * ``concurrent``: so many asynchronous implementations may run side by side, each in a task;
      None is one after another, in the caller's task. The results have their order either way.
      The first that raises ends the others before the caller sees its exception.
    * ``addressed``: the hook is called on one plugin at a time, never on all of them.
    * ``driver_only``: only the host's lifecycle driver calls it.
    * ``deprecated``: the hook will go; whoever implements it is warned once for each plugin, with
      what to implement instead and until when.
    * ``deprecated_args``: argument -> likewise, for those who take it.

    pluggy keeps the options in the attribute ``<project>_spec``, a dict that is public through
    `pluggy.PluginManager.parse_hookspec_opts`; the additional ones lie beside pluggy's there.

    Args:
        project_name: pluggy's project name.
    """

    def __init__(self, project_name: str) -> None:
        self._pluggy = pluggy.HookspecMarker(project_name)
        self._attribute = project_name + "_spec"

    @overload
    def __call__(self, function: _F) -> _F: ...

    @overload
    def __call__(
        self,
        *,
        firstresult: bool = ...,
        historic: bool = ...,
        warn_on_impl: Warning | None = ...,
        warn_on_impl_args: dict[str, Warning] | None = ...,
        on_error: OnError = ...,
        deadline: float | None = ...,
        concurrent: int | None = ...,
        addressed: bool = ...,
        driver_only: bool = ...,
        deprecated: Deprecated | None = ...,
        deprecated_args: Mapping[str, Deprecated] | None = ...,
    ) -> Callable[[_F], _F]: ...

    def __call__(
        self,
        function: _F | None = None,
        *,
        firstresult: bool = False,
        historic: bool = False,
        warn_on_impl: Warning | None = None,
        warn_on_impl_args: dict[str, Warning] | None = None,
        on_error: OnError = "raise",
        deadline: float | None = None,
        concurrent: int | None = None,
        addressed: bool = False,
        driver_only: bool = False,
        deprecated: Deprecated | None = None,
        deprecated_args: Mapping[str, Deprecated] | None = None,
    ) -> _F | Callable[[_F], _F]:
        """Mark a function as a hookspec; usable with and without arguments."""
        mark = self._pluggy(
            firstresult=firstresult,
            historic=historic,
            warn_on_impl=warn_on_impl,
            warn_on_impl_args=warn_on_impl_args,
        )

        def decorate(function: _F) -> _F:
            mark(function)
            getattr(function, self._attribute).update(
                on_error=on_error,
                deadline=deadline,
                concurrent=concurrent,
                addressed=addressed,
                driver_only=driver_only,
                deprecated=deprecated,
                deprecated_args=deprecated_args,
            )
            return function

        return decorate if function is None else decorate(function)


hookspec: Final = HookspecMarker(PROJECT_NAME)
#: Marks a function of a plugin as the implementation of a hook.
hookimpl: Final = pluggy.HookimplMarker(PROJECT_NAME)
