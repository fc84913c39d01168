"""Which functions a strict manager takes for implementations, or for forgotten ones, at the edges."""

from __future__ import annotations

import functools
import types
import warnings
from unittest.mock import call

import pytest
from dispatch_plugins import Plugin, hookimpl, hookspec, manager_of, plugin, sync_spec
from sound_plugin import Sound

from aitbc.plugins import AIPlugin
from aitbc_hooks.adapter import PluginHooks
from aitbc_hooks.errors import AitbcError


class Callable:
    def __call__(self, arg):
        return f"called with {arg}"


class Mistaken:
    def __call__(self, wrong): ...


def static(function):
    """Return a plugin whose only implementation is a static one that need not be a function."""
    return type("Static", (), {"hook": hookimpl(staticmethod(function))})()


def test_an_implementation_may_be_an_object_that_is_called():
    manager = manager_of(static(Callable()), spec=sync_spec, strict=True)
    assert manager.hook.hook(arg=1) == ["called with 1"]


def test_an_object_that_is_called_with_other_arguments_is_refused_without_a_name_of_its_own():
    manager = manager_of(spec=sync_spec, strict=True)
    with pytest.raises(AitbcError) as caught:
        manager.register(static(Mistaken()), "bad")
    assert str(caught.value).splitlines() == [
        "[AITBC-P08] plugin 'bad': hook 'hook': the hookspec has no argument 'wrong'.",
        "  hookspec:       def sync_spec(arg)",
        "  implementation: def <function>(wrong)",
        "  The hook has arg; remove or rename 'wrong'.",
    ]


class Awaited:
    async def __call__(self, arg): ...


class Keyword:
    def __call__(self, *, arg): ...


def both(arg, other): ...


def keyword_after_default(other=None, *, arg): ...


@pytest.mark.parametrize(
    ("called", "problem", "fix"),
    [
        (
            Awaited(),
            "the implementation is async, but the hook is called synchronously.",
            "Drop the `async`, or ask for an `async def` hookspec.",
        ),
        (
            Keyword(),
            "argument 'arg' is keyword-only, but hook arguments are passed by position.",
            "Take the `*` before 'arg' away.",
        ),
        (
            keyword_after_default,
            "argument 'arg' is keyword-only, but hook arguments are passed by position.",
            "Take the `*` before 'arg' away.",
        ),
        (
            functools.partial(both, 1),
            "argument 'other' of a partial stays unseen, so nothing is passed for it.",
            "Write a function that calls it.",
        ),
    ],
    ids=["async", "keyword-only", "keyword-only after a default", "partial"],
)
def test_an_object_that_is_called_is_held_to_what_a_function_is(called, problem, fix):
    manager = manager_of(spec=sync_spec, strict=True)
    with pytest.raises(AitbcError) as caught:
        manager.register(static(called), "bad")
    lines = str(caught.value).splitlines()
    assert lines[0] == f"[AITBC-P08] plugin 'bad': hook 'hook': {problem}"
    assert lines[-1].strip() == fix


def defaults_only(arg=1): ...


@pytest.mark.parametrize("spec", [sync_spec, defaults_only])
def test_arguments_that_have_names_are_not_collected(spec):
    def collecting(*args): ...

    manager = manager_of(spec=spec, strict=True)
    with pytest.raises(AitbcError) as caught:
        manager.register(plugin(collecting), "bad")
    assert "*args would stay empty: only named arguments are given." in str(caught.value)


def test_where_there_are_no_arguments_an_implementation_may_collect_them():
    def collecting(*args, **kwargs):
        return args, kwargs

    def spec(): ...

    manager = manager_of(plugin(collecting), spec=spec, strict=True)
    assert manager.hook.hook() == [((), {})]


# Functions that look like implementations


def lazy():
    """Return a module that lists a name and makes what it stands for when it is asked for."""
    module = types.ModuleType("lazy")
    module.__dir__ = lambda: ["hook", "marked"]
    module.__getattr__ = lambda name: sync_spec
    module.marked = hookimpl(specname="hook")(lambda arg: "marked")
    return module


class Anything:
    """Has every attribute, and cannot be called."""

    def __getattr__(self, name):
        return self


@pytest.mark.parametrize(
    "each",
    [
        lazy(),
        Plugin(
            hook=hookspec(lambda arg: None),
            marked=hookimpl(specname="hook")(lambda arg: "marked"),
        ),
        Plugin(hook=Anything(), marked=hookimpl(specname="hook")(lambda arg: "marked")),
        Plugin(hook=call, marked=hookimpl(specname="hook")(lambda arg: "marked")),
    ],
    ids=["not there yet", "a hookspec", "no function", "wraps without end"],
)
def test_what_else_has_the_name_of_a_hook_is_not_warned_of(each):
    manager = manager_of(spec=sync_spec, strict=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        manager.register(each, "plugin")
    assert caught == []
    assert manager.hook.hook(arg=1) == ["marked"]


# Methods that are implementations without a marker


class Oracle(Sound, AIPlugin):
    async def predict(self, input_data):
        return {}

    async def train(self, training_data):
        return True

    def get_model_info(self):
        return {}


@pytest.mark.parametrize(("value", "kind"), [(5, "int"), (property(lambda self: 1), "property")])
def test_something_else_in_the_place_of_a_method_is_refused(value, kind):
    odd = type("Odd", (Oracle,), {"predict": value})(None)
    with pytest.raises(AitbcError) as caught:
        PluginHooks().register(odd, "odd")
    assert str(caught.value) == (
        f"[AITBC-P08] Odd.predict is of type {kind}, where the interface has a method. "
        "Make it a method."
    )


def test_a_static_method_in_the_place_of_a_method_needs_no_marker_either():
    async def predict(input_data):
        return {"seen": input_data}

    hooks = PluginHooks()
    hooks.register(type("Static", (Oracle,), {"predict": staticmethod(predict)})(None), "static")
    assert "predict" in hooks.capabilities("static")
