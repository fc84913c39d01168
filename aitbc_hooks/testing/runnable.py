"""Test functions made so that everything which calls test functions can call them.

A synchronous function around an asynchronous test is what pytest, every plugin of it for asyncio
in each of its modes, and unittest take for a test like any other, and run once.
"""

from __future__ import annotations

import functools
import inspect
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aitbc_hooks.testing.case import PluginTestCase

__all__ = ["make_runnable"]

#: Marks of other plugins that run asynchronous tests: who uses one has asked for that plugin.
_RUNNERS: Final = frozenset({"asyncio", "anyio", "trio"})

_PARTIAL: Final = functools.partial | functools.partialmethod

_SETTING_UP: Final = (
    "setup_method",
    "teardown_method",
    "setUp",
    "tearDown",
    "setup_class",
    "teardown_class",
    "setUpClass",
    "tearDownClass",
)


def make_runnable(cls: type[PluginTestCase]) -> None:
    """Replace the tests of a class by functions that any runner can call.

    Those of mixins too, which know nothing of `PluginTestCase`, and those of base classes, which
    may have been replaced for another kind of class. `unittest.IsolatedAsyncioTestCase` runs
    asynchronous tests itself: its are left as they are.

    Raises:
        TypeError: Something is asynchronous that nobody would await.
    """
    isolated = hasattr(cls, "addAsyncCleanup")
    _check(cls, isolated=isolated)
    marks = set(_marks_around(cls))
    for name in dir(cls):
        if not name.startswith("test"):
            continue
        function = inspect.getattr_static(cls, name)
        elsewhere = bool((marks | set(_marks(_innermost(function)))) & _RUNNERS)
        if not elsewhere and _is_asynchronous(function) and not _is_plain(function):
            raise TypeError(
                f"{cls.__qualname__}.{name} is asynchronous, but no plain method. Make it one that "
                "takes self and yields nothing."
            )
        runnable = _bare(function) if isolated else _wrapped(function, elsewhere=elsewhere)
        if runnable is not function:
            setattr(cls, name, runnable)


def _check(cls: type[PluginTestCase], *, isolated: bool) -> None:
    for name in _SETTING_UP:
        if _is_asynchronous(inspect.getattr_static(cls, name, None)):
            raise TypeError(
                f"{cls.__qualname__}.{name} is asynchronous, and nobody awaits it. Call it "
                "asyncSetUp or asyncTearDown; these run on the loop of each test."
            )
    loop_factory = inspect.getattr_static(cls, "loop_factory")
    if isolated and loop_factory is not None and sys.version_info < (3, 13):
        raise TypeError(
            f"{cls.__qualname__}: IsolatedAsyncioTestCase takes no loop_factory before Python "
            "3.13. Derive from unittest.TestCase instead: asynchronous tests run there too."
        )


def _innermost(function: Any) -> Any:
    """Return what a static method, a class method or a partial one is of."""
    while isinstance(function, _PARTIAL | staticmethod | classmethod):
        inner = "func" if isinstance(function, _PARTIAL) else "__func__"
        function = getattr(function, inner)
    return function


def _is_asynchronous(function: Any) -> bool:
    function = _innermost(function)
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _is_plain(function: Any) -> bool:
    return inspect.isfunction(function) and not inspect.isasyncgenfunction(function)


def _marks_around(cls: type) -> Iterator[str]:
    """Yield the names of pytest's marks on a class, its bases and its module."""
    module = sys.modules.get(cls.__module__)
    for holder in (*cls.__mro__, module):
        yield from _marks(holder)


def _marks(holder: object) -> Iterator[str]:
    own = getattr(holder, "__dict__", {}).get("pytestmark", ())
    for mark in own if isinstance(own, list | tuple) else (own,):
        yield str(getattr(mark, "name", ""))


def _bare(function: Any) -> Any:
    """Return the author's own function."""
    made, test = getattr(function, "_aitbc_made_of", (None, None))
    return test if made is function else function  # a decorator copies attributes


def _wrapped(function: Any, *, elsewhere: bool) -> Any:
    """Return a test function that is surrounded by what `PluginTestCase` does for it."""
    test = _bare(function)
    if not _is_plain(test) or inspect.isgeneratorfunction(test):
        return function
    hypothesis = getattr(test, "hypothesis", None)
    if hypothesis is not None:  # each example is a test of its own
        hypothesis.inner_test = _around(_bare(hypothesis.inner_test), elsewhere=elsewhere)
        return function
    return _around(test, elsewhere=elsewhere)


def _around(test: Callable[..., Any], *, elsewhere: bool) -> Callable[..., Any]:
    asynchronous = elsewhere and inspect.iscoroutinefunction(test)
    run: Any = _asynchronous(test) if asynchronous else _synchronous(test)
    run._aitbc_made_of = (run, test)  # noqa: SLF001 - nobody else's
    return run  # type: ignore[no-any-return]


def _synchronous(test: Callable[..., Any]) -> Callable[..., Any]:
    # functools.wraps keeps __wrapped__: by it pytest knows where the test stands.
    @functools.wraps(test)
    def run(self: PluginTestCase, *args: Any, **kwargs: Any) -> Any:
        bench = self._aitbc_bench
        with bench.at_work():
            return bench.complete(test(self, *args, **kwargs))

    return run


def _asynchronous(test: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(test)
    async def run(self: PluginTestCase, *args: Any, **kwargs: Any) -> Any:
        async with self._aitbc_bench.at_work_elsewhere():
            return await test(self, *args, **kwargs)

    return run
