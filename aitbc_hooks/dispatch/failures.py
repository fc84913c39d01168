"""The failure policies ``isolate`` and ``group``: what becomes of what an implementation raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import pluggy

from aitbc_hooks.errors import HookError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

__all__ = [
    "ISOLATED",
    "FailureCollector",
    "HookFailure",
    "log_failure",
    "unregistered_impl",
]

#: What isolation holds back. KeyboardInterrupt, CancelledError and GeneratorExit are not the
#: plugin's to answer for: they always pass.
ISOLATED: Final = (Exception, SystemExit)


@attrs.frozen
class HookFailure:
    """An implementation has raised, and the hook call went on without it.

    Attributes:
        plugin_name: Name of the plugin, or ``<temp>`` for a method given to ``call_extra``.
        hook_name: Name of the hook.
        exception: What it raised: an `Exception`, or a `SystemExit`.
    """

    plugin_name: str
    hook_name: str
    exception: Exception | SystemExit


def log_failure(failure: HookFailure) -> None:
    """Log a failure with its traceback; what a manager without ``on_error`` does with it."""
    import logging  # noqa: PLC0415 - only a failure pays for it

    logging.getLogger("aitbc_hooks.dispatch").error(
        "plugin %r failed in hook %r",
        failure.plugin_name,
        failure.hook_name,
        exc_info=failure.exception,
    )


def unregistered_impl(
    name: str, function: Callable[..., Any], *, wrapper: bool = False
) -> pluggy.HookImpl:
    """Return an implementation that takes part in one call and belongs to no plugin."""
    options = pluggy.HookimplOpts(
        wrapper=wrapper,
        hookwrapper=False,
        optionalhook=False,
        tryfirst=False,
        trylast=False,
        specname=None,
    )
    return pluggy.HookImpl(None, name, function, options)


@attrs.define(eq=False)
class FailureCollector:
    """Reports the failures of one call, and raises them together at its end.

    Args:
        hook_name: Name of the hook.
        report: Receives each failure when it happens.
    """

    hook_name: str
    report: Callable[[HookFailure], None]
    _exceptions: list[Exception] = attrs.field(init=False, factory=list)

    def __call__(self, failure: HookFailure) -> None:
        """Report a failure, and keep it for the end."""
        self.report(failure)
        error = failure.exception
        if isinstance(error, SystemExit):
            # Only a BaseExceptionGroup could hold it, which no `except Exception` would catch.
            exit_error = HookError(
                f"called sys.exit({error.code!r}) in hook {self.hook_name!r}.",
                plugin=failure.plugin_name,
                code="AITBC-H06",
            )
            exit_error.__cause__ = error
            error = exit_error
        note = f"raised by plugin {failure.plugin_name!r} in hook {self.hook_name!r}"
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)
        self._exceptions.append(error)

    def join(self, impls: Iterable[pluggy.HookImpl]) -> list[pluggy.HookImpl]:
        """Return the implementations with this collector as their innermost wrapper.

        So wrappers see the group, as they see any other exception, and may handle it.
        """
        joined = list(impls)
        position = sum(not (impl.wrapper or impl.hookwrapper) for impl in joined)
        joined.insert(position, unregistered_impl("<failures>", self._finish, wrapper=True))
        return joined

    def _finish(self) -> Generator[None, Any, Any]:
        result = yield
        if self._exceptions:
            raise ExceptionGroup(
                f"{len(self._exceptions)} implementation(s) of hook {self.hook_name!r} failed",
                self._exceptions,
            )
        return result
