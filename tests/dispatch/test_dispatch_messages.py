"""What a refusal says, word for word: to which plugin, expected and seen, what to do next."""

from __future__ import annotations

import functools
import types

import pytest
from dispatch_plugins import (
    Plugin,
    async_spec,
    call,
    hookimpl,
    manager_of,
    plugin,
    sync_spec,
)

from aitbc_hooks.dispatch import UnmarkedHookWarning
from aitbc_hooks.errors import AitbcError


async def coroutine(arg: int) -> None: ...


async def generator(arg):
    yield


def keyword(a, *, arg): ...


@functools.wraps(keyword)
def decorated(*args, **kwargs): ...


def collects(*args): ...


def collects_names(**kwargs): ...


def typo(ar): ...


def strange(zzz): ...


def no_arguments(): ...


def two_arguments(one, two): ...


def wrapper(arg):
    yield


def unmarked(arg): ...


def no_generator(arg): ...


REFUSALS = {
    "async implementation": (
        sync_spec,
        {},
        plugin(coroutine),
        "the implementation is async, but the hook is called synchronously.",
        ("def sync_spec(arg)", "async def coroutine(arg: int) -> None"),
        "Drop the `async`, or ask for an `async def` hookspec.",
    ),
    "async wrapper": (
        sync_spec,
        {},
        plugin(generator, wrapper=True),
        "an async generator cannot take part in a hook that is called synchronously.",
        ("def sync_spec(arg)", "async def generator(arg)"),
        "Drop the `async`; a wrapper of this hook is a plain generator function.",
    ),
    "keyword only": (
        sync_spec,
        {},
        plugin(keyword),
        "argument 'arg' is keyword-only, but hook arguments are passed by position.",
        ("def sync_spec(arg)", "def keyword(a, *, arg)"),
        "Take the `*` before 'arg' away.",
    ),
    "keyword only inside a decorator": (
        sync_spec,
        {},
        plugin(decorated),
        "argument 'arg' is keyword-only, but hook arguments are passed by position.",
        ("def sync_spec(arg)", "def keyword(a, *, arg)"),
        "Take the `*` before 'arg' away.",
    ),
    "positions": (
        sync_spec,
        {},
        plugin(collects),
        "*args would stay empty: only named arguments are given.",
        ("def sync_spec(arg)", "def collects(*args)"),
        "Name the arguments; in a decorator, use functools.wraps.",
    ),
    "names": (
        sync_spec,
        {},
        plugin(collects_names),
        "**kwargs would stay empty: only named arguments are given.",
        ("def sync_spec(arg)", "def collects_names(**kwargs)"),
        "Name the arguments; in a decorator, use functools.wraps.",
    ),
    "typo": (
        sync_spec,
        {},
        plugin(typo),
        "the hookspec has no argument 'ar'.",
        ("def sync_spec(arg)", "def typo(ar)"),
        "Did you mean 'arg'?",
    ),
    "strange argument": (
        sync_spec,
        {},
        plugin(strange),
        "the hookspec has no argument 'zzz'.",
        ("def sync_spec(arg)", "def strange(zzz)"),
        "The hook has arg; remove or rename 'zzz'.",
    ),
    "argument of a hook that has two": (
        two_arguments,
        {},
        plugin(strange),
        "the hookspec has no argument 'zzz'.",
        ("def two_arguments(one, two)", "def strange(zzz)"),
        "The hook has one, two; remove or rename 'zzz'.",
    ),
    "argument of a hook that has none": (
        no_arguments,
        {},
        plugin(strange),
        "the hookspec has no argument 'zzz'.",
        ("def no_arguments()", "def strange(zzz)"),
        "The hook has no arguments; remove or rename 'zzz'.",
    ),
    "wrapper of the driver's": (
        async_spec,
        {"driver_only": True},
        plugin(wrapper, wrapper=True),
        "the lifecycle driver calls it on one plugin alone, so it cannot be wrapped.",
        ("async def async_spec(arg)", "def wrapper(arg)"),
        "To watch other plugins, implement the hooks that announce their transitions.",
    ),
    "wrapper that pluggy refuses": (
        sync_spec,
        {},
        plugin(no_generator, wrapper=True),
        ("Declared as wrapper=True or hookwrapper=True but function is not a generator function."),
        ("def sync_spec(arg)", "def no_generator(arg)"),
        "See pluggy's documentation.",
    ),
}


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS)
def test_what_does_not_fit_is_refused_with_both_signatures_and_the_fix(case):
    spec, options, each, problem, (specified, implemented), fix = case
    manager = manager_of(spec=spec, strict=True, **options)
    with pytest.raises(AitbcError) as caught:
        manager.register(each, "bad")
    assert str(caught.value).splitlines() == [
        f"[AITBC-P08] plugin 'bad': hook 'hook': {problem}",
        f"  hookspec:       {specified}",
        f"  implementation: {implemented}",
        f"  {fix}",
    ]


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("hok", "Did you mean 'hook'?"),
        ("xyzzy", "Mark it with optionalhook=True if other hosts have that hook."),
    ],
)
def test_a_hook_that_there_is_not_is_refused_with_what_comes_close(name, fix):
    manager = manager_of(spec=sync_spec, strict=True)
    with pytest.raises(AitbcError) as caught:
        manager.register(Plugin(**{name: hookimpl(coroutine)}), "bad")
    assert str(caught.value).splitlines() == [
        f"[AITBC-P08] plugin 'bad': there is no hook {name!r}.",
        "  hookspec:       none of that name",
        "  implementation: async def coroutine(arg: int) -> None",
        f"  {fix}",
    ]


def test_a_forgotten_marker_is_warned_of():
    def unmarked(arg): ...

    module = types.ModuleType("module")
    module.hook = unmarked
    with pytest.warns(UnmarkedHookWarning) as caught:
        manager_of(spec=sync_spec, strict=True).register(module, "module")
    assert str(caught[0].message) == (
        f"plugin 'module': {unmarked.__qualname__} has the name of hook 'hook', but is not marked "
        "with @hookimpl, so it is never called. Mark it, or rename it."
    )


def answers(arg): ...


@pytest.fixture
def manager():
    manager = manager_of(spec=sync_spec)
    manager.register(plugin(answers), "p")
    manager.register(plugin(unmarked), "off", active=False)
    manager.register(Plugin(one=hookimpl(answers), two=hookimpl(answers)), "q")
    return manager


CALLS = {
    "an unknown plugin": (
        lambda m: m.require("pp"),
        "[AITBC-P01] no plugin named 'pp' is registered. Did you mean 'p'?",
    ),
    "a plugin that is like no other": (
        lambda m: m.addressed("zzz"),
        "[AITBC-P01] no plugin named 'zzz' is registered.",
    ),
    "a plugin to be activated": (
        lambda m: m.set_active("zzz", active=True),
        "[AITBC-P01] no plugin named 'zzz' is registered.",
    ),
    "an inactive plugin": (
        lambda m: m.require_active("off", "hook"),
        "[AITBC-H02] plugin 'off': is not active, so its 'hook' cannot be called. Start it first.",
    ),
    "a call of an inactive plugin": (
        lambda m: m.addressed("off").hook(1),
        "[AITBC-H02] plugin 'off': is not active, so its 'hook' cannot be called. Start it first.",
    ),
    "a capability": (
        lambda m: m.addressed("p").hok,
        (
            "[AITBC-H01] plugin 'p': does not implement 'hok'; it implements hook. "
            "Did you mean 'hook'?"
        ),
    ),
    "too many": (
        lambda m: m.addressed("p").hook(1, 2),
        "[AITBC-H04] the call of hook 'hook' takes 1 argument, got 2 by position; it has (arg).",
    ),
    "twice": (
        lambda m: m.addressed("p").hook(1, arg=2),
        "[AITBC-H04] the call of hook 'hook' got argument 'arg' twice; it has (arg).",
    ),
    "another": (
        lambda m: m.addressed("p").hook(ag=2),
        "[AITBC-H04] the call of hook 'hook' has no argument 'ag'; it has (arg).",
    ),
    "none": (
        lambda m: m.addressed("p").hook(),
        "[AITBC-H04] the call of hook 'hook' lacks argument 'arg'; it has (arg).",
    ),
    "by position without a hookspec": (
        lambda m: m.addressed("q").one(1),
        "[AITBC-H04] hook 'one' has no hookspec: name the arguments.",
    ),
}


@pytest.mark.parametrize("case", CALLS.values(), ids=CALLS)
def test_a_call_that_cannot_be_made_says_why(case, manager):
    act, message = case
    with pytest.raises(AitbcError) as caught:
        act(manager)
    assert str(caught.value) == message


def test_a_kept_hook_says_what_the_plugin_of_that_name_implements_now(manager):
    kept = manager.addressed("p").hook
    manager.swap("p", "q")
    with pytest.raises(AitbcError) as caught:
        kept(1)
    assert str(caught.value) == (
        "[AITBC-H01] plugin 'p': does not implement 'hook'; it implements one, two."
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"driver_only": True},
            (
                "[AITBC-H03] only the lifecycle driver calls hook 'hook'. "
                "Use the operations of the PluginManager instead."
            ),
        ),
        (
            {"addressed": True},
            (
                "[AITBC-H03] hook 'hook' is called on one plugin at a time, never on all. "
                "Call manager.plugin(name).hook(...)."
            ),
        ),
    ],
    ids=str,
)
def test_a_hook_that_is_not_called_on_all_says_who_calls_it(options, message):
    with pytest.raises(AitbcError) as caught:
        manager_of(spec=async_spec, **options).hook.hook(arg=1)
    assert str(caught.value) == message


SPECS = {
    "policy": (
        {"on_error": "ignore"},
        "has on_error='ignore'; it is one of raise, isolate, group.",
    ),
    "no time": ({"deadline": 0}, "has deadline=0; it is a positive number of seconds."),
    "nobody": ({"concurrent": 0}, "has concurrent=0; it is a positive whole number."),
    "first of many": (
        {"concurrent": 2, "firstresult": True},
        "has both concurrent and firstresult: the first result ends a call in its order.",
    ),
    "history": (
        {"historic": True},
        (
            "is both historic and async: a replay happens inside register(), which cannot wait. "
            "Make it a plain function, or drop historic=True."
        ),
    ),
}


@pytest.mark.parametrize("case", SPECS.values(), ids=SPECS)
def test_a_hookspec_that_contradicts_itself_says_where(case):
    options, problem = case
    with pytest.raises(AitbcError) as caught:
        manager_of(spec=async_spec, **options)
    assert str(caught.value) == f"[AITBC-P12] hookspec 'hook' {problem}"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"deadline": 1},
            "has a deadline, but only an async hookspec's implementations can be stopped.",
        ),
        (
            {"concurrent": 2},
            "has concurrent=..., but only an async hookspec's implementations can wait.",
        ),
    ],
    ids=str,
)
def test_a_synchronous_hookspec_says_what_it_cannot_have(options, problem):
    with pytest.raises(AitbcError) as caught:
        manager_of(spec=sync_spec, **options)
    assert str(caught.value) == f"[AITBC-P12] hookspec 'hook' {problem}"


def never(arg):
    return
    yield


def twice(arg):
    yield
    yield


async def async_never(arg):
    return
    yield


async def thrice(arg):
    yield
    yield
    yield


@pytest.mark.parametrize(
    ("spec", "function", "problem"),
    [
        (sync_spec, never, "did not yield"),
        (sync_spec, twice, "has second yield"),
        (async_spec, never, "did not yield"),
        (async_spec, twice, "has second yield"),
        (async_spec, async_never, "did not yield"),
        (async_spec, thrice, "has third yield"),
    ],
)
def test_a_wrapper_with_a_wrong_number_of_yields_is_named_with_its_place(spec, function, problem):
    manager = manager_of(plugin(function, wrapper=True), spec=spec)
    code = function.__code__
    for _ in range(2):
        with pytest.raises(RuntimeError) as caught:
            call(manager) if spec is async_spec else manager.hook.hook(arg=1)
        assert str(caught.value) == (
            f"wrap_controller at {code.co_name!r} {code.co_filename}:{code.co_firstlineno} "
            f"{problem}"
        )
