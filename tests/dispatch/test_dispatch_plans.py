"""Plans of every shape give what pluggy gives, in the first call, the later ones and stale ones.

The first call of a hook makes its plan; only from the second on is a plan what is tested.
"""

from __future__ import annotations

import copy
import functools
import inspect
import warnings

import pluggy
import pytest
from dispatch_plugins import Plugin, hookimpl, hookspec, manager_of, plugin, sync_spec
from dispatch_scenarios import place

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.recording import SAMPLE, Tallies


def goes_by_plan(caller):
    return caller.__call__.__module__ in {
        "aitbc_hooks.dispatch.plans",
        "aitbc_hooks.dispatch.async_plans",
    }


def function_of(parameters, name="impl", *, is_async=False, gives="value"):
    """Return a function of these parameters that gives its name and what it got."""
    names = [parameter.partition("=")[0] for parameter in parameters.split(", ") if parameter]
    seen = "".join(f"{each}, " for each in names)
    value = f"({name!r}, ({seen}))" if gives == "value" else "None"
    scope = {}
    code = f"{'async ' * is_async}def hook({parameters}): return {value}"
    exec(code, scope)
    return scope["hook"]


def wrapping(parameters):
    """Return a wrapper of these parameters that adds what it got."""
    seen = "".join(f"{each}, " for each in parameters.split(", ") if each)
    scope = {}
    exec(
        f"def hook({parameters}):\n    result = yield\n    return ('wrapped', ({seen}), result)",
        scope,
    )
    return scope["hook"]


#: Name: the parameters of the hookspec, of the implementations, of the wrappers.
SHAPES = {
    "none": ("", [""], []),
    "none, several": ("", ["", "", ""], []),
    "one": ("a", ["a"], []),
    "one, several": ("a", ["a", "a", "a"], []),
    "one, some without": ("a", ["a", "", "a"], []),
    "one, wrapped": ("a", ["a", "a"], ["a", ""]),
    "two": ("a, b", ["a, b"], []),
    "two, several": ("a, b", ["a, b", "a, b", "a, b"], []),
    "two, all with one of them": ("a, b", ["b", "b"], []),
    "two, swapped": ("a, b", ["b, a", "b, a"], []),
    "two, mixed": ("a, b", ["a, b", "b, a", "a", "b", ""], []),
    "two, with a default": ("a, b", ["a, b=7", "a=5, b=6", "b=1"], []),
    "two, wrapped": ("a, b", ["a, b", "a, b"], ["b, a"]),
    "two, mixed and wrapped": ("a, b", ["b", "a, b"], ["", "b"]),
    "three": ("a, b, c", ["a, b, c"], []),
    "three, mixed": ("a, b, c", ["c, a", "a, b, c", "", "b", "c, b, a"], []),
    "five": ("a, b, c, d, e", ["a, b, c, d, e", "e, a", "c"], ["d"]),
    "no implementation": ("a, b", [], []),
    "only a wrapper": ("a, b", [], ["a"]),
    "a default in the hookspec": ("a, b=20", ["a, b", "b", "b, a"], []),
    "only defaults in the hookspec": ("a=10, b=20", ["a, b", "a, b"], []),
    "a default in the hookspec, wrapped": ("a, b=20", ["a, b"], ["b"]),
}
shapes = pytest.mark.parametrize("shape", SHAPES)


def populate(manager, shape, *, gives="value", **options):
    spec, impls, wrappers = SHAPES[shape]
    function = hookspec(**options)(function_of(spec))
    manager.add_hookspecs(type("Specs", (), {"hook": staticmethod(function)}))
    for index, parameters in enumerate(impls):
        manager.register(plugin(function_of(parameters, f"p{index}", gives=gives)), f"p{index}")
    for index, parameters in enumerate(wrappers):
        manager.register(plugin(wrapping(parameters), wrapper=True), f"w{index}")
    return manager


def observe(call):
    """Return what a call gave or raised, and its warnings with file and line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            outcome = call()
        except Exception as error:  # noqa: BLE001
            outcome = type(error), str(error), type(error.__cause__)
    return outcome, [(w.category, str(w.message), *place(w)) for w in caught]


ARGUMENTS = {
    "all": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5},
    "extra": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "another": 6},
    "only b": {"b": 2},
    "none": {},
    "nothing but None": dict.fromkeys("abcde"),
}


def called(manager, shape, change=lambda manager: None):
    """Call the hook with all kinds of arguments, again and again, and with what it takes last."""
    names = [name.partition("=")[0] for name in SHAPES[shape][0].split(", ") if name]
    whole = {name: index for index, name in enumerate(names)}
    seen = []
    for arguments in [whole, whole, *ARGUMENTS.values(), whole]:
        for again in (False, True):
            if not again:
                change(manager)
            seen.append(observe(lambda: manager.hook.hook(**arguments)))  # noqa: B023
    return seen


@shapes
@pytest.mark.parametrize("firstresult", [False, True])
@pytest.mark.parametrize("gives", ["value", "none"])
def test_fresh_and_planned_calls_give_what_pluggy_gives(shape, firstresult, gives):
    ours = populate(HookManager("dispatch"), shape, firstresult=firstresult, gives=gives)
    theirs = populate(pluggy.PluginManager("dispatch"), shape, firstresult=firstresult, gives=gives)

    assert called(ours, shape) == called(theirs, shape)
    assert goes_by_plan(ours.hook.hook)


@shapes
def test_a_stale_plan_gives_what_pluggy_gives(shape):
    def change(manager):
        manager.register(plugin(function_of("", "passing")), "passing")
        manager.unregister(name="passing")

    ours = populate(HookManager("dispatch"), shape)
    theirs = populate(pluggy.PluginManager("dispatch"), shape)

    assert called(ours, shape, change) == called(theirs, shape, change)


@shapes
def test_a_plan_that_someone_kept_gives_what_the_present_one_gives(shape):
    manager = populate(HookManager("dispatch"), shape)
    twin = populate(pluggy.PluginManager("dispatch"), shape)
    arguments = dict.fromkeys("abcde", 1)
    for each in (manager, twin):
        each.hook.hook(**arguments)
    kept = manager.hook.hook.__call__
    assert kept.__module__ == "aitbc_hooks.dispatch.plans"
    for each in (manager, twin):
        each.register(plugin(function_of("", "late")), "late")

    for given in [arguments, {"b": 1}, arguments]:
        calls = [lambda: kept(**given), lambda: twin.hook.hook(**given)]  # noqa: B023
        (ours, our_warnings), (theirs, their_warnings) = map(observe, calls)
        assert ours == theirs
        assert [each[:3] for each in our_warnings] == [each[:3] for each in their_warnings]


@shapes
@pytest.mark.parametrize("firstresult", [False, True])
@pytest.mark.parametrize("gives", ["value", "none"])
def test_a_recorder_changes_nothing_also_in_calls_that_are_timed(shape, firstresult, gives):
    options = {"firstresult": firstresult, "gives": gives}
    ours = populate(HookManager("dispatch", recorder=Tallies()), shape, **options)
    theirs = populate(pluggy.PluginManager("dispatch"), shape, **options)
    arguments = dict.fromkeys("abcde", 1)

    expected = theirs.hook.hook(**arguments)
    assert [ours.hook.hook(**arguments) for _ in range(SAMPLE + 1)] == [expected] * (SAMPLE + 1)
    assert called(ours, shape) == called(theirs, shape)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("parameters", ["a", "a, b", "b, a", "a, b, c", ""])
@pytest.mark.parametrize("error", [ValueError, StopIteration, KeyError, KeyboardInterrupt])
def test_an_exception_ends_a_planned_call_as_it_ends_pluggys(count, parameters, error):
    class Flaky:
        def __init__(self):
            self.seen, self.armed = [], False

        def make(self, name):
            def act():
                self.seen.append(name)
                if self.armed and name == "p1":
                    raise error("broken")
                return name

            scope = {"act": act}
            exec(f"def hook({parameters}): return act()", scope)
            return plugin(scope["hook"])

    def run(manager):
        flaky = Flaky()
        manager.add_hookspecs(
            type("Specs", (), {"hook": staticmethod(hookspec(function_of("a, b, c")))})
        )
        for index in range(1, 1 + count):
            manager.register(flaky.make(f"p{index}"))
        outcomes = []
        for armed in (False, False, True, True, False):
            flaky.armed = armed
            try:
                outcomes.append(manager.hook.hook(a=1, b=2, c=3))
            except BaseException as caught:  # noqa: BLE001
                outcomes.append((type(caught), caught.args))
        return outcomes, flaky.seen

    assert run(HookManager("dispatch")) == run(pluggy.PluginManager("dispatch"))


@pytest.mark.parametrize("parameters", ["a", "a, b", "b, a"])
def test_one_function_that_two_plugins_share_is_called_for_each(parameters):
    reports = []
    shared = function_of(parameters)
    manager = HookManager("dispatch", on_error=reports.append)
    spec = hookspec(on_error="isolate")(function_of("a, b" if "b" in parameters else "a"))
    manager.add_hookspecs(type("Specs", (), {"hook": staticmethod(spec)}))

    scope = {}
    exec(f"def broken({parameters}): raise ValueError", scope)

    for name in ("one", "two"):
        manager.register(Plugin(hook=hookimpl(shared)), name)
    for _ in range(3):
        assert len(manager.hook.hook(a=1, b=2)) == 2

    for name in ("bad one", "bad two"):
        manager.register(Plugin(hook=hookimpl(scope["broken"])), name)
    for _ in range(3):
        reports.clear()
        assert len(manager.hook.hook(a=1, b=2)) == 2
        assert [each.plugin_name for each in reports] == ["bad two", "bad one"]


def test_methods_that_are_equal_are_told_apart_by_identity():
    class Shared:
        @hookimpl
        def hook(self, arg):
            raise ValueError

    shared, reports = Shared(), []
    plugins = [Plugin(hook=shared.hook), Plugin(hook=shared.hook)]
    manager = manager_of(*plugins, spec=sync_spec, report=reports.append, on_error="isolate")

    for _ in range(3):
        reports.clear()
        manager.hook.hook(arg=1)
        assert [each.plugin_name for each in reports] == ["p1", "p0"]


def keyword_only(function):
    """Decorate a function so that it takes what has a default by name only."""

    @functools.wraps(function)
    def inner(a, **kwargs):
        return ("decorated", function(a, **kwargs), kwargs)

    return inner


def starred(function):
    """Decorate a function so that it can tell how its arguments were given."""

    @functools.wraps(function)
    def inner(*args, **kwargs):
        return ("decorated", args, kwargs)

    return inner


@pytest.mark.parametrize("decorator", [keyword_only, starred])
@pytest.mark.parametrize("parameters", ["a", "a, b=5", "a, b"])
def test_a_decorated_implementation_gets_its_arguments_as_pluggy_gives_them(decorator, parameters):
    def run(manager):
        spec = hookspec(function_of("a, b"))
        manager.add_hookspecs(type("Specs", (), {"hook": staticmethod(spec)}))
        manager.register(plugin(decorator(function_of(parameters))))
        manager.register(plugin(function_of("a, b")))
        return [observe(lambda: manager.hook.hook(a=1, b=2)) for _ in range(3)]

    ours = run(HookManager("dispatch"))
    assert ours == run(pluggy.PluginManager("dispatch"))


def test_methods_of_every_kind_are_planned():
    class Kinds:
        @hookimpl(specname="hook")
        def method(self, arg):
            return "method"

        @hookimpl(specname="hook")
        @classmethod
        def of_class(cls, arg):
            return "class method"

        @hookimpl(specname="hook")
        @staticmethod
        def static(arg):
            return "static method"

    def run(manager):
        manager.add_hookspecs(type("Specs", (), {"hook": staticmethod(hookspec(sync_spec))}))
        manager.register(Kinds())
        return [manager.hook.hook(arg=1) for _ in range(3)]

    assert run(HookManager("dispatch")) == run(pluggy.PluginManager("dispatch"))


def test_any_callable_may_be_a_method_of_call_extra():
    class Callable:
        def __call__(self, arg, other="default"):
            return "object", arg, other

    extras = [
        Callable(),
        functools.partial(lambda first, arg: ("partial", first), "bound"),
        keyword_only(function_of("a, b=5")),
    ]

    def run(manager):
        manager.add_hookspecs(type("Specs", (), {"hook": staticmethod(hookspec(sync_spec))}))
        manager.register(plugin(function_of("arg")))
        call = manager.hook.hook.call_extra
        arguments = {"arg": 1, "a": 2, "b": 3}
        return [observe(lambda: call(extras, arguments)) for _ in range(3)]

    for recorder in (None, Tallies()):
        ours = run(HookManager("dispatch", recorder=recorder))
        assert ours == run(pluggy.PluginManager("dispatch"))


def test_positional_arguments_are_a_type_error_before_and_after_the_plan():
    manager = manager_of(plugin(lambda arg: arg), spec=sync_spec)

    for _ in range(2):
        with pytest.raises(TypeError, match="positional"):
            manager.hook.hook(1)
        manager.hook.hook(arg=1)


@pytest.mark.parametrize("planned", [False, True])
def test_a_caller_looks_like_pluggys(planned):
    theirs = populate(pluggy.PluginManager("dispatch"), "two").hook.hook
    ours = populate(HookManager("dispatch"), "two").hook.hook
    if planned:
        ours(a=1, b=2)

    assert isinstance(ours, pluggy.HookCaller)
    assert callable(ours)
    assert repr(ours) == repr(theirs)
    assert inspect.signature(ours) == inspect.signature(theirs)
    assert (
        str(inspect.signature(type(ours)))
        == "(plain: 'pluggy.HookCaller', roster: 'Roster') -> 'None'"
    )


def test_a_copy_of_a_caller_calls_what_the_caller_calls():
    recorder = Tallies()
    manager = populate(HookManager("dispatch", recorder=recorder), "one")
    caller = manager.hook.hook
    caller(a=1)
    twin = copy.copy(caller)

    assert twin(a=2) == caller(a=2)
    manager.register(plugin(function_of("a", "late")), "late")
    assert twin(a=3) == caller(a=3) == [("late", (3,)), ("p0", (3,))]
    assert recorder.tally("p0", "hook").calls == 5
    assert recorder.tally("late", "hook").calls == 2


def test_what_has_no_plan_never_gets_one():
    historic = populate(HookManager("dispatch"), "one", historic=True)
    historic.hook.hook.call_historic(kwargs={"a": 1})
    without_spec = HookManager("dispatch")
    without_spec.register(plugin(lambda arg: arg))

    def wrapper(a):
        yield

    old_style = populate(HookManager("dispatch"), "one")
    old_style.register(plugin(wrapper, hookwrapper=True))

    for _ in range(2):
        assert without_spec.hook.hook(arg=1) == [1]
        old_style.hook.hook(a=1)
    for manager in (historic, without_spec, old_style):
        assert not goes_by_plan(manager.hook.hook)


def test_a_wrong_number_of_yields_is_an_error_in_a_planned_call_too():
    log = []

    def twice(arg):
        try:
            yield
            yield
        finally:
            log.append("closed")

    def never(arg):
        if arg is None:
            yield

    for function, match in [(twice, "has second yield"), (never, "did not yield")]:
        manager = manager_of(plugin(lambda arg: 1), plugin(function, wrapper=True), spec=sync_spec)
        for _ in range(3):
            with pytest.raises(RuntimeError, match=match):
                manager.hook.hook(arg=1)
    assert log == ["closed"] * 3


def test_a_method_with_a_default_goes_by_plan():
    class Methods:
        @hookimpl
        def hook(self, a, b=5):
            return a, b

    manager = HookManager("dispatch")
    manager.add_hookspecs(type("Specs", (), {"hook": staticmethod(hookspec(function_of("a, b")))}))
    manager.register(Methods())

    assert manager.hook.hook(a=1, b=2) == [(1, 2)]
    assert goes_by_plan(manager.hook.hook)
