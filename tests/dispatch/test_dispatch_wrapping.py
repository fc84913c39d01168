"""What becomes of an exception on its way out through a wrapper of a synchronous hook."""

from __future__ import annotations

import pluggy
import pytest
from dispatch_plugins import plugin, specify, sync_spec

from aitbc_hooks.dispatch import HookManager


def lets_through(arg):
    return (yield)


def translates(arg):
    try:
        yield
    except Exception as error:
        raise RuntimeError("translated") from error


def yields_again(arg):
    try:
        yield
    except Exception:  # noqa: BLE001 - whatever it is
        yield


def raised(manager, wrapper, error):
    """Return what comes out of a wrapper, and through another one around it."""
    passed = []

    def hook(arg):
        raise error

    def outer(arg):
        try:
            return (yield)
        except BaseException as exception:
            passed.append(exception)
            raise

    specify(manager, sync_spec)
    manager.register(plugin(hook))
    manager.register(plugin(wrapper, wrapper=True))
    manager.register(plugin(outer, wrapper=True))
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - it is compared
        manager.hook.hook(arg=1)
    seen = [type(exception) for exception in passed]
    return type(caught.value), str(caught.value), type(caught.value.__cause__), seen


@pytest.mark.parametrize("error", [ValueError, StopIteration, KeyboardInterrupt])
@pytest.mark.parametrize("wrapper", [lets_through, translates, yields_again])
def test_an_exception_leaves_a_wrapper_as_it_does_in_pluggy(wrapper, error):
    ours = raised(HookManager("dispatch"), wrapper, error("broken"))
    assert ours == raised(pluggy.PluginManager("dispatch"), wrapper, error("broken"))


def test_an_exception_that_a_wrapper_has_translated_is_no_more_than_its_cause():
    ours = raised(HookManager("dispatch"), translates, ValueError("broken"))
    assert ours == (RuntimeError, "translated", ValueError, [RuntimeError])


def test_the_end_of_an_iteration_passes_a_wrapper_although_no_generator_lets_it_through():
    ours = raised(HookManager("dispatch"), lets_through, StopIteration("broken"))
    assert ours == (StopIteration, "broken", type(None), [StopIteration])
