"""Entering and leaving the wrappers of a synchronous call, by the rules of pluggy's call loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from types import CodeType

__all__ = ["enter", "leave", "misbehaved"]


def misbehaved(code: CodeType, what: str) -> RuntimeError:
    """Return the error for a wrapper with the wrong number of yields, in pluggy's words."""
    return RuntimeError(
        f"wrap_controller at {code.co_name!r} {code.co_filename}:{code.co_firstlineno} {what}"
    )


def enter(wrapper: Any) -> Any:
    """Run a wrapper up to its yield.

    Raises:
        RuntimeError: There was none.
    """
    __tracebackhide__ = True
    try:
        next(wrapper)
    except StopIteration:
        raise misbehaved(wrapper.gi_code, "did not yield") from None
    return wrapper


def leave(entered: Sequence[Any], result: Any, exception: BaseException | None) -> Any:
    """Run wrappers from their yield to their end, innermost first.

    Args:
        entered: The wrappers, outermost first.
        result: The result of the call, if nothing was raised.
        exception: What was raised.

    Returns:
        What the outermost wrapper makes of the result; what it raises or lets through is raised.
    """
    __tracebackhide__ = True
    for wrapper in reversed(entered):
        try:
            if exception is None:
                wrapper.send(result)
            elif _cannot_pass(wrapper, exception):
                continue
            wrapper.close()
        except StopIteration as stop:
            result, exception = stop.value, None
        except BaseException as error:  # noqa: BLE001 - it is the new outcome
            exception = error
        else:
            # The wrappers around it are left to the garbage collector, as pluggy leaves them.
            raise misbehaved(wrapper.gi_code, "has second yield")
    if exception is None:
        return result
    try:
        raise exception
    finally:
        # Its traceback holds this frame, which must not hold it in turn.
        exception = None


def _cannot_pass(wrapper: Generator[None, Any, Any], exception: BaseException) -> bool:
    """Throw an exception into a wrapper.

    Returns:
        Whether it is a StopIteration that the wrapper tried to let through. No generator can
        (pluggy#544), so it remains the outcome of the call.
    """
    __tracebackhide__ = True
    try:
        wrapper.throw(exception)
    except RuntimeError as error:
        if isinstance(exception, StopIteration) and error.__cause__ is exception:
            wrapper.close()
            return True
        raise
    return False
