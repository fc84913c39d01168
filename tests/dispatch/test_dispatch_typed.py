"""The typed faces of the hooks cannot drift from the hookspecs."""

from __future__ import annotations

import inspect

import pytest

from aitbc_hooks.dispatch.typed import Addressed, Hooks
from aitbc_hookspecs import SPEC_MODULES


def _hookspecs():
    for module in SPEC_MODULES:
        for name, function in vars(module).items():
            options = getattr(function, "aitbc_spec", None)
            if options is not None:
                yield name, function, options


def _methods(face):
    return {
        name: method
        for name, method in vars(face).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }


SPECS = {name: (function, options) for name, function, options in _hookspecs()}
BROADCAST = {
    name
    for name, (_, options) in SPECS.items()
    if not options["addressed"] and not options["driver_only"]
}
ADDRESSED = {name for name, (_, options) in SPECS.items() if not options["driver_only"]}


def test_hooks_has_exactly_the_hooks_that_can_be_called_on_all_plugins():
    assert set(_methods(Hooks)) == BROADCAST


def test_addressed_has_exactly_the_hooks_that_the_driver_does_not_keep_for_itself():
    assert set(_methods(Addressed)) == ADDRESSED


def _parameters(function, *, skip_self=False):
    parameters = list(inspect.signature(function).parameters.values())
    return parameters[1:] if skip_self else parameters


@pytest.mark.parametrize("name", sorted(BROADCAST))
def test_a_broadcast_hook_takes_the_hookspecs_arguments_by_keyword_and_returns_a_list(name):
    spec, options = SPECS[name]
    method = _methods(Hooks)[name]

    assert _parameters(method, skip_self=True) == [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in _parameters(spec)
    ]
    single = spec.__annotations__["return"]
    expected = f"{single} | None" if options["firstresult"] else f"list[{single}]"
    assert method.__annotations__["return"] == expected
    assert inspect.iscoroutinefunction(method) is inspect.iscoroutinefunction(spec)


@pytest.mark.parametrize("name", sorted(ADDRESSED))
def test_an_addressed_hook_has_the_hookspecs_own_signature(name):
    spec, _ = SPECS[name]
    method = _methods(Addressed)[name]

    assert _parameters(method, skip_self=True) == _parameters(spec)
    assert method.__annotations__["return"] == spec.__annotations__["return"]
    assert inspect.iscoroutinefunction(method) is inspect.iscoroutinefunction(spec)
