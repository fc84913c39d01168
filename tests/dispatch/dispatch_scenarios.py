"""Random plugins as source text, so that two managers get the same ones, each with its own log."""

from __future__ import annotations

import os
import types
from typing import TYPE_CHECKING, Any

import attrs
import pluggy
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

#: Whether a warning's place can be compared: mutation testing puts frames of its own between.
LOCATED = "MUTANT_UNDER_TEST" not in os.environ

ARGUMENTS = ("a", "b", "c")
PLAIN_ACTIONS = ("value", "none", "arguments", "act", "error")
WRAPPER_ACTIONS = (
    "pass",
    "replace",
    "nothing",
    "swallow",
    "before",
    "after",
    "act before",
    "act after",
    "no yield",
    "twice",
)
ERRORS = ("ValueError", "StopIteration", "KeyboardInterrupt", "SystemExit", "KeyError")


def place(warning) -> tuple:
    """Return the file and line that a caught warning names."""
    return (warning.filename, warning.lineno) if LOCATED else ()


@attrs.frozen
class Impl:
    """One implementation; `suspends` and `is_async` count only where the hook is async."""

    kind: str
    action: str
    error: str
    arguments: tuple[str, ...]
    defaults: int
    tryfirst: bool
    trylast: bool
    is_async: bool = False
    suspends: bool = False


@attrs.frozen
class Spec:
    count: int
    firstresult: bool
    historic: bool
    default: bool
    warns: bool


def _subset(values):
    return st.lists(st.sampled_from(values), unique=True, max_size=len(values)).map(
        lambda chosen: tuple(value for value in values if value in chosen)
    )


@st.composite
def impls(draw, *, errors=ERRORS, wrapper_actions=WRAPPER_ACTIONS, is_async=False) -> Impl:
    kind = draw(st.sampled_from(["plain", "plain", "wrapper", "hookwrapper"]))
    action = draw(st.sampled_from(PLAIN_ACTIONS if kind == "plain" else wrapper_actions))
    arguments = draw(
        _subset((*ARGUMENTS, "d")) if draw(st.integers(0, 9)) == 0 else _subset(ARGUMENTS)
    )
    return Impl(
        kind=kind,
        action=action,
        error=draw(st.sampled_from(errors)),
        arguments=arguments,
        defaults=draw(st.integers(0, len(arguments))) if draw(st.booleans()) else 0,
        tryfirst=draw(st.booleans()),
        trylast=draw(st.booleans()),
        is_async=is_async and kind != "hookwrapper" and draw(st.booleans()),
        suspends=draw(st.booleans()) if is_async else False,
    )


specs = st.builds(
    Spec,
    count=st.integers(0, 3),
    firstresult=st.booleans(),
    historic=st.booleans(),
    default=st.booleans(),
    warns=st.booleans(),
).map(lambda spec: attrs.evolve(spec, firstresult=spec.firstresult and not spec.historic))

calls = st.fixed_dictionaries(
    {}, optional={name: st.integers(0, 9) for name in (*ARGUMENTS, "d")}
) | st.just({"a": 1, "b": 2, "c": 3})


def spec_source(spec: Spec, *, is_async: bool = False) -> str:
    arguments = ", ".join(ARGUMENTS[: spec.count])
    if spec.default and arguments:
        arguments += "=30"
    warning = "DeprecationWarning('old hook')" if spec.warns else None
    return (
        f"@spec(firstresult={spec.firstresult}, historic={spec.historic},"
        f" warn_on_impl={warning})\n"
        f"{'async ' if is_async else ''}def hook({arguments}): ...\n"
    )


def fitting(plugins: list[Impl], spec: Spec, *, plannable: bool) -> list[Impl]:
    """Return plugins that take no argument which the hookspec lacks, but for ``d``.

    If they are to be `plannable`, they are also none of those that keep a hook from having a plan.
    """
    known = ARGUMENTS[: spec.count] if plannable else (*ARGUMENTS[: spec.count], "d")
    fitted = []
    for impl in plugins:
        arguments = tuple(name for name in impl.arguments if name in known)
        defaults = min(impl.defaults, len(arguments))
        kind = "wrapper" if plannable and impl.kind == "hookwrapper" else impl.kind
        fitted.append(attrs.evolve(impl, kind=kind, arguments=arguments, defaults=defaults))
    return fitted


def impl_source(impl: Impl, name: str, *, is_async: bool = False) -> str:
    """Return a plugin class; the sync and the async form have the same line numbers."""
    is_async = is_async and impl.is_async
    start = len(impl.arguments) - impl.defaults
    parameters = [
        argument if index < start else f"{argument}='default'"
        for index, argument in enumerate(impl.arguments)
    ]
    seen = "".join(f"{argument}, " for argument in impl.arguments)
    pause = "await pause()" if is_async and impl.suspends else "pass"
    body = _plain_body(impl) if impl.kind == "plain" else _wrapper_body(impl, is_async=is_async)
    options = (
        f"tryfirst={impl.tryfirst}, trylast={impl.trylast}, "
        f"wrapper={impl.kind == 'wrapper'}, hookwrapper={impl.kind == 'hookwrapper'}"
    )
    lines = [
        "class Plugin:",
        f"    def __repr__(self): return {name!r}",
        f"    @impl({options})",
        f"    {'async ' if is_async else ''}def hook({', '.join(['self', *parameters])}):",
        f"        log.append(({name!r}, ({seen})))",
        f"        {pause}",
        *(f"        {line}" for line in body),
    ]
    return "\n".join(lines).replace("NAME", name) + "\n"


def _plain_body(impl: Impl) -> list[str]:
    seen = "".join(f"{argument}, " for argument in impl.arguments)
    return {
        "value": ["return 'NAME'"],
        "none": ["return None"],
        "arguments": [f"return ('NAME', ({seen}))"],
        "act": ["act()", "return 'NAME'"],
        "error": [f"raise {impl.error}('NAME')"],
    }[impl.action]


def _wrapper_body(impl: Impl, *, is_async: bool) -> list[str]:
    give = "yield" if is_async else "return"
    old = impl.kind == "hookwrapper"
    show = "outcome.exception or outcome.get_result()" if old else "outcome"
    enter = ["outcome = yield", f"log.append(('NAME', 'after', repr({show})))"]
    replace = "outcome.force_result(['NAME'])" if old else f"{give} ['NAME']"
    swallow = [
        "try:",
        "    outcome = yield",
        "except BaseException as error:",
        "    log.append(('NAME', 'caught', repr(error)))",
        f"    {give} 'caught by NAME'",
        "else:",
        f"    {give} outcome",
    ]
    return {
        "pass": [*enter, "pass" if old else f"{give} outcome"],
        "replace": [*enter, replace],
        "nothing": [*enter, "pass" if old else f"{give} None"],
        "swallow": [*enter, "outcome.force_exception(ValueError('NAME'))"] if old else swallow,
        "before": [f"raise {impl.error}('NAME')", "yield"],
        "after": [*enter, f"raise {impl.error}('NAME')"],
        "no yield": ["if False: yield"],
        "act before": ["act()", *enter, "pass" if old else f"{give} outcome"],
        "act after": [*enter, "act()", "pass" if old else f"{give} outcome"],
        "twice": [*enter, "yield 'again'", "log.append('never')"],
    }[impl.action]


@types.coroutine
def pause():
    yield


def drive(awaitable: Any) -> Any:
    """Run a coroutine to its end without an event loop."""
    coroutine = awaitable.__await__()
    try:
        while True:
            coroutine.send(None)
    except StopIteration as stop:
        return stop.value


class World:
    """One manager, its log, and the plugins made for it."""

    def __init__(self, manager: pluggy.PluginManager, sources: list[str], spec: str) -> None:
        self.manager = manager
        self.log: list[object] = []
        #: What implementations that act do next, the last first.
        self.pending: list[Callable[[], object]] = []
        marks = {
            "impl": pluggy.HookimplMarker("dispatch"),
            "spec": pluggy.HookspecMarker("dispatch"),
            "log": self.log,
            "pause": pause,
            "act": self.act,
        }
        self.spec = types.ModuleType("specification")
        vars(self.spec).update(marks)
        exec(compile(spec, "<spec>", "exec"), vars(self.spec))
        self.plugins = []
        for index, source in enumerate(sources):
            scope = dict(marks)
            exec(compile(source, f"<plugin {index}>", "exec"), scope)
            self.plugins.append(scope["Plugin"]())

    def act(self) -> None:
        if self.pending:
            self.log.append(("acted", self.pending.pop()()))
