"""What a strict manager refuses, and what it only warns about."""

from __future__ import annotations

import functools
import inspect
import types
import warnings

import pluggy
import pytest
from dispatch_plugins import (
    Plugin,
    async_spec,
    hookimpl,
    hookspec,
    manager_of,
    plugin,
    specify,
    sync_spec,
)

from aitbc_hooks.dispatch import HookManager, UnmarkedHookWarning
from aitbc_hooks.errors import ContractError


def strict(spec=sync_spec, **options):
    return manager_of(spec=spec, strict=True, **options)


def refused(manager, each):
    """Return the message of the refusal, after which nothing may be registered."""
    before = dict(vars(manager.hook))
    with pytest.raises(ContractError) as caught:
        manager.register(each, "bad", priority=3, active=False)
    assert isinstance(caught.value, pluggy.PluginValidationError)
    assert (caught.value.code, caught.value.plugin) == ("AITBC-P08", "bad")
    assert not manager.has_plugin("bad")
    assert vars(manager.hook) == before
    assert all(not caller.get_hookimpls() for caller in before.values())
    return str(caught.value)


async def _coroutine(arg): ...


async def _generator(arg):
    yield


@pytest.mark.parametrize(
    ("function", "options", "fix"),
    [
        (_coroutine, {}, "Drop the `async`, or ask for an `async def` hookspec"),
        (_generator, {"wrapper": True}, "wrapper of this hook is a plain generator"),
        (_generator, {}, "Drop the `async`"),
        (_coroutine, {"wrapper": True}, "Drop the `async`"),
    ],
)
def test_an_async_implementation_of_a_sync_hook_is_refused_with_both_signatures(
    function, options, fix
):
    message = refused(strict(), plugin(function, **options))

    assert "hookspec:       def sync_spec(arg)" in message
    assert f"implementation: async def {function.__name__}(arg)" in message
    assert fix in message


@pytest.mark.parametrize("function", [_coroutine, lambda arg: None])
def test_an_async_hook_takes_sync_and_async_implementations(function):
    assert strict(async_spec).register(plugin(function), "good") == "good"


@pytest.mark.parametrize("function", [_generator, lambda arg: (yield)])
def test_an_async_hook_takes_generators_and_async_generators_as_wrappers(function):
    assert strict(async_spec).register(plugin(function, wrapper=True), "good") == "good"


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (_generator, {"hookwrapper": True}),
        (_coroutine, {"wrapper": True}),
        (lambda arg: None, {"wrapper": True}),
    ],
)
def test_what_pluggy_refuses_is_refused_with_both_signatures_too(function, options):
    message = refused(strict(async_spec), plugin(function, **options))

    assert "not a generator function" in message
    assert "hookspec:       async def async_spec(arg)" in message


def test_a_wrapper_of_both_styles_is_refused_also_if_it_is_an_async_generator():
    message = refused(strict(async_spec), plugin(_generator, wrapper=True, hookwrapper=True))

    assert "implementation:" in message


def test_a_keyword_only_argument_without_a_default_is_refused():
    def hook(*, arg): ...

    message = refused(strict(), plugin(hook))

    assert "argument 'arg' is keyword-only" in message
    assert "def hook(*, arg)" in message


def test_a_keyword_only_argument_with_a_default_is_accepted():
    def hook(arg, *, verbose=False): ...

    assert strict().register(plugin(hook), "good") == "good"


def test_an_argument_that_the_hookspec_does_not_have_is_refused_with_the_nearest_name():
    def spec(input_data: dict[str, int], other: str = "x") -> None: ...

    def hook(inputdata): ...

    message = refused(strict(spec), plugin(hook))

    assert "no argument 'inputdata'" in message
    assert "def spec(input_data: dict[str, int], other: str = 'x') -> None" in message
    assert "Did you mean 'input_data'?" in message


def test_an_argument_that_is_like_no_other_is_refused_with_what_there_is():
    assert "The hook has arg; remove or rename 'zzz'." in refused(
        strict(), plugin(lambda zzz: None)
    )


def test_a_method_is_shown_as_its_callers_see_it():
    class Methods:
        @hookimpl
        def hook(self, wrong): ...

    assert "implementation: def hook(wrong)" in refused(strict(), Methods())


def test_a_hook_that_no_hookspec_has_is_refused_with_the_nearest_name():
    message = refused(strict(), Plugin(hok=hookimpl(lambda arg: None)))

    assert "there is no hook 'hok'" in message
    assert "Did you mean 'hook'?" in message


def test_a_hook_that_no_hookspec_has_is_accepted_if_it_is_optional():
    each = Plugin(elsewhere=hookimpl(optionalhook=True)(lambda: None))

    assert strict().register(each, "good") == "good"


def test_the_name_of_a_hook_is_its_specname():
    each = Plugin(other=hookimpl(specname="hok")(lambda arg: None))

    assert "there is no hook 'hok'" in refused(strict(), each)


@pytest.mark.parametrize("style", ["wrapper", "hookwrapper"])
def test_a_hook_of_the_lifecycle_driver_cannot_be_wrapped(style):
    message = refused(
        strict(async_spec, driver_only=True), plugin(lambda arg: (yield), **{style: True})
    )

    assert "cannot be wrapped" in message


def test_an_addressed_hook_can_be_wrapped():
    manager = strict(async_spec, addressed=True)

    assert manager.register(plugin(lambda arg: (yield), wrapper=True), "good") == "good"


def test_one_bad_implementation_refuses_the_whole_plugin():
    manager = strict()
    each = Plugin(hook=hookimpl(lambda arg: None), zzz=hookimpl(lambda: None))

    refused(manager, each)
    assert manager.hook.hook(arg=1) == []


def test_a_hookspec_that_an_earlier_optional_implementation_does_not_fit_is_taken_back():
    manager = HookManager("dispatch", strict=True)
    manager.register(plugin(_coroutine, optionalhook=True), "early")

    with pytest.raises(ContractError, match="'early'"):
        specify(manager, sync_spec)
    assert not manager.hook.hook.has_spec()


def test_without_strict_pluggys_own_checks_are_made():
    manager = manager_of(spec=sync_spec)
    manager.register(plugin(_coroutine), "async")
    manager.register(Plugin(zzz=hookimpl(lambda: None)), "unknown")

    with pytest.raises(pluggy.PluginValidationError) as caught:
        manager.register(plugin(lambda wrong: None))
    assert not isinstance(caught.value, ContractError)
    [coroutine] = manager.hook.hook(arg=1)
    coroutine.close()


# Functions that look like implementations


def module(**functions):
    each = types.ModuleType("some_plugin")
    vars(each).update(functions)
    return each


def forgotten(arg): ...


def test_an_unmarked_function_of_a_module_with_a_hooks_name_is_warned_about_where_it_stands():
    with pytest.warns(UnmarkedHookWarning, match="forgotten has the name of hook 'hook'") as caught:
        strict().register(module(hook=forgotten), "module")
    assert caught[0].filename == __file__
    assert caught[0].lineno == forgotten.__code__.co_firstlineno


@pytest.mark.parametrize("wrap", [lambda f: f, staticmethod, classmethod])
def test_an_unmarked_method_is_warned_about_if_others_are_marked(wrap):
    class Some:
        hook = wrap(forgotten)

        @hookimpl(specname="hook")
        def marked(self, arg): ...

    with pytest.warns(UnmarkedHookWarning):
        strict().register(Some(), "object")


def test_nothing_is_registered_when_the_warning_is_an_error():
    manager = strict()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnmarkedHookWarning):
            manager.register(module(hook=forgotten), "module")
    assert not manager.has_plugin("module")


def test_an_object_without_any_implementation_may_have_methods_of_any_name():
    assert strict().register(Plugin(hook=forgotten), "object") == "object"


@pytest.mark.parametrize("value", [hookspec(lambda arg: None), None, int])
def test_a_hookspec_or_something_else_under_a_hooks_name_is_no_forgotten_implementation(value):
    assert strict().register(module(hook=value), "module") == "module"


class Adapting(HookManager):
    """Counts whatever is named ``hook`` as an implementation."""

    def parse_hookimpl_opts(self, plugin, name):
        return {} if name == "hook" else super().parse_hookimpl_opts(plugin, name)


def adapting():
    manager = Adapting("dispatch", strict=True)
    specify(manager, sync_spec)
    return manager


def test_a_subclass_may_count_unmarked_methods_as_implementations():
    manager = adapting()
    manager.register(module(hook=lambda arg: "counted"), "module")

    assert manager.hook.hook(arg=1) == ["counted"]


def test_without_strict_nothing_is_warned_about():
    assert manager_of(spec=sync_spec).register(module(hook=forgotten), "module") == "module"


@pytest.mark.parametrize("collecting", ["*args", "**kwargs"])
def test_a_parameter_that_collects_arguments_is_refused_because_it_would_stay_empty(collecting):
    namespace = {}
    exec(f"def hook({collecting}): ...", namespace)

    message = refused(strict(), plugin(namespace["hook"]))

    assert f"{collecting} would stay empty" in message
    assert "functools.wraps" in message


def test_a_decorator_that_wraps_keeps_the_names_of_the_arguments():
    def decorate(function):
        @functools.wraps(function)
        def call(*args, **kwargs):
            return function(*args, **kwargs)

        return call

    @decorate
    def hook(arg):
        return arg

    manager = strict()
    manager.register(plugin(hook), "good")
    assert manager.hook.hook(arg=3) == [3]


def test_a_function_that_declares_another_signature_is_judged_by_that():
    def hook(arg): ...

    def declared(**anything): ...

    hook.__signature__ = inspect.signature(declared)

    assert "**anything would stay empty" in refused(strict(), plugin(hook))


def test_the_signature_that_a_function_declares_counts_without_a_marker_too():
    def hook(arg): ...

    def declared(**anything): ...

    hook.__signature__ = inspect.signature(declared)

    assert "**anything would stay empty" in refused(adapting(), module(hook=hook))


def test_a_function_may_have_attributes_of_any_name():
    def hook(arg): ...

    hook.a = hook._b = hook.c_d = 1

    assert strict().register(plugin(hook), "good") == "good"


def test_a_function_that_a_module_does_not_list_is_no_forgotten_implementation(recwarn):
    each = module(hook=forgotten, __dir__=lambda: ["another"])

    assert strict().register(each, "module") == "module"
    assert list(recwarn) == []
