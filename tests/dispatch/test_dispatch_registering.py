"""Registering and unregistering have pluggy's results for every kind of plugin."""

from __future__ import annotations

import gc
import types
import weakref

import attrs
import pluggy
import pytest
from dispatch_plugins import (
    Plugin,
    hookimpl,
    hookspec,
    manager_of,
    plugin,
    specify,
    sync_spec,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.identity import PluginIndex

HOOKS = ("hook", "other", "unspecified")


def implement(number, options):
    def function(arg):
        return number

    return hookimpl(**options)(function)


@attrs.define
class ByValue:
    """A plugin that is equal to others of its value; its hash is not used."""

    value: int
    __hash__ = None

    @hookimpl
    def hook(self, arg): ...


class AlmostByIdentity:
    def __ne__(self, other):
        return not isinstance(other, AlmostByIdentity)

    @hookimpl
    def hook(self, arg): ...


class Slotted:
    __slots__ = ("hook", "unmarked")

    def __init__(self, function):
        self.hook = function


def _as_method(function):
    def method(self, arg):
        return function(arg)

    method.dispatch_impl = function.dispatch_impl
    return method


def module(number, functions):
    made = types.ModuleType(f"module{number}")
    vars(made).update(functions)
    return made


def instance(number, attributes, wrap=lambda function: function, bases=()):
    return type(f"Class{number}", bases, {n: wrap(f) for n, f in attributes.items()})()


def inherited(number, functions):
    parent = type(instance(number, functions, _as_method))
    return instance(number, {}, bases=(parent,))


#: Each makes a plugin of a number, and of functions by the names of its attributes.
KINDS = {
    "module": module,
    "class": lambda number, functions: type(f"Class{number}", (), functions),
    "object": lambda number, functions: instance(number, functions, _as_method),
    "inherited": inherited,
    "attributes": lambda number, functions: Plugin(**functions),
    "slots": lambda number, functions: Slotted(next(iter(functions.values()))),
    "static methods": lambda number, functions: instance(number, functions, staticmethod),
    "class methods": lambda number, functions: instance(
        number, functions, lambda function: classmethod(_as_method(function))
    ),
    "by value": lambda number, functions: ByValue(number % 2),
    "almost by identity": lambda number, functions: AlmostByIdentity(),
}
options = st.fixed_dictionaries(
    {"tryfirst": st.booleans(), "trylast": st.booleans()},
    optional={"specname": st.sampled_from(HOOKS)},
)
recipes = st.tuples(
    st.sampled_from(sorted(KINDS)),
    st.dictionaries(st.sampled_from(["hook", "other", "extra"]), options, min_size=1),
)
indexes = st.integers(0, 5)
steps = st.one_of(
    st.tuples(st.just("register"), indexes, st.none() | indexes.map("p{}".format)),
    st.tuples(st.just("register"), indexes, indexes.map("p{}".format)),
    st.tuples(st.just("unregister"), indexes, st.none() | indexes.map("p{}".format)),
    st.tuples(st.just("unregister by name"), indexes.map("p{}".format)),
    st.tuples(st.just("block"), indexes.map("p{}".format)),
    st.tuples(st.just("revalue"), indexes),
)


class History:
    """Takes steps on a manager, and looks at everything after each of them."""

    def __init__(self, manager, plugins):
        self.manager = manager
        self.plugins = plugins
        specify(manager, sync_spec)

    def take(self, action, *details):
        manager = self.manager
        try:
            outcome = getattr(self, "_" + action.replace(" ", "_"))(*details)
        except (ValueError, AssertionError) as error:
            outcome = (type(error), str(error))
        return (
            outcome,
            list(map(repr, manager.list_name_plugin())),
            [manager.get_name(each) for each in (*self.plugins, None, object())],
            [manager.is_registered(each) for each in self.plugins],
            [self._callers(each) for each in self.plugins],
            {name: self._impls(caller) for name, caller in vars(manager.hook).items()},
        )

    def _callers(self, each):
        callers = self.manager.get_hookcallers(each)
        return callers and [caller.name for caller in callers]

    def _impls(self, caller):
        return [
            (impl.plugin_name, id(impl.plugin), impl.function, impl.argnames, impl.opts)
            for impl in caller.get_hookimpls()
        ]

    def _register(self, index, name):
        return self.manager.register(self.plugins[index], name)

    def _unregister(self, index, name):
        return id(self.manager.unregister(self.plugins[index], name))

    def _unregister_by_name(self, name):
        return id(self.manager.unregister(name=name))

    def _block(self, name):
        self.manager.set_blocked(name)

    def _revalue(self, index):
        if isinstance(self.plugins[index], ByValue):
            self.plugins[index].value = 1 - self.plugins[index].value


@settings(max_examples=200, deadline=None)
@given(
    recipes=st.lists(recipes, min_size=6, max_size=6),
    history=st.lists(steps, min_size=5, max_size=15),
)
def test_registering_and_unregistering_do_what_pluggy_does(recipes, history):
    plugins = [
        KINDS[kind](number, {n: implement(number, chosen) for n, chosen in functions.items()})
        for number, (kind, functions) in enumerate(recipes)
    ]
    values = [each.value if isinstance(each, ByValue) else None for each in plugins]

    def observe(manager):
        for each, value in zip(plugins, values, strict=True):
            if value is not None:
                each.value = value
        run = History(manager, plugins)
        return [run.take(*step) for step in history]

    assert observe(HookManager("dispatch")) == observe(pluggy.PluginManager("dispatch"))


def managers():
    for manager in (HookManager("dispatch"), pluggy.PluginManager("dispatch")):
        specify(manager, sync_spec)
        yield manager


def test_a_plugin_that_is_equal_to_a_registered_one_is_refused_in_pluggys_words():
    words = []
    for manager in managers():
        manager.register(ByValue(1), "one")
        with pytest.raises(ValueError, match="already registered under a different name") as caught:
            manager.register(ByValue(1), "two")
        words.append(str(caught.value))
        assert manager.register(ByValue(2), "two") == "two"
    assert words[0] == words[1]


def test_a_plain_plugin_is_refused_if_a_registered_one_says_that_they_are_equal():
    class Greedy:
        def __eq__(self, other):
            return True

        __hash__ = None

    for manager in managers():
        manager.register(Greedy(), "greedy")
        with pytest.raises(ValueError, match="under a different name"):
            manager.register(plugin(lambda arg: 1), "plain")
        assert manager.get_name(object()) == "greedy"


def test_a_plain_plugin_may_be_replaced_by_another_after_it_is_gone():
    manager = manager_of(spec=sync_spec)
    for _ in range(50):  # so that some object gets the identity of an earlier one
        each = plugin(lambda arg: 1)
        manager.register(each, "each")
        manager.unregister(each)
        assert manager.get_name(each) is None
        del each
    assert manager.hook.hook(arg=1) == []


def test_unregistering_takes_away_what_a_plugin_does_not_differ_from():
    for manager in managers():
        first, second = AlmostByIdentity(), AlmostByIdentity()
        manager.register(first, "first")
        manager.register(second, "second")
        manager.unregister(first)

        assert manager.hook.hook.get_hookimpls() == []
        assert manager.get_hookcallers(second) == []


def test_a_plugin_that_compares_by_value_is_not_kept_after_it_is_gone():
    manager = manager_of(spec=sync_spec)
    each = ByValue(1)
    manager.register(each, "each")
    manager.unregister(each)
    reference = weakref.ref(each)
    del each
    gc.collect()

    assert reference() is None
    assert manager.get_name(plugin(lambda arg: 1)) is None


def test_an_index_forgets_what_it_is_told_to():
    index, each = PluginIndex(), plugin(lambda arg: 1)
    index.add("each", each)
    assert index.name(each) == "each"

    index.discard(each)
    assert index.name(each) is None


def test_a_plugin_that_someone_takes_out_of_pluggys_own_table_has_no_name():
    manager = manager_of(spec=sync_spec)
    each = plugin(lambda arg: 1)
    manager.register(each, "each")
    del manager._name2plugin["each"]

    assert manager.get_name(each) is None
    assert manager.get_hookcallers(each) is None


def test_a_hookspec_that_a_replay_adds_is_held_against_the_rest_of_the_plugin():
    for manager in (HookManager("dispatch"), pluggy.PluginManager("dispatch")):
        specify(manager, sync_spec, historic=True)
        manager.hook.hook.call_historic(kwargs={"arg": 1})

        def hook(arg, manager=manager):
            late = {"late": staticmethod(hookspec(lambda other: None))}
            manager.add_hookspecs(type("Late", (), late))

        manager.register(Plugin(late=hookimpl(optionalhook=True)(lambda: None)), "before")
        with pytest.raises(pluggy.PluginValidationError, match="'wrong'"):
            manager.register(
                Plugin(hook=hookimpl(hook), late=hookimpl(lambda wrong: None)), "partial"
            )
        assert manager.has_plugin("partial")


class Claiming:
    """Counts methods as marked that have no marker, by the documented way."""

    def parse_hookimpl_opts(self, each, name):
        return {"tryfirst": True} if name == "hook" else super().parse_hookimpl_opts(each, name)


@pytest.mark.parametrize("base", [HookManager, pluggy.PluginManager])
def test_a_subclass_decides_which_attributes_are_implementations(base):
    manager = type("Mine", (Claiming, base), {})("dispatch")
    specify(manager, sync_spec)
    manager.register(Plugin(hook=lambda arg: "counted"), "first")
    manager.register(plugin(lambda arg: "marked"), "second")

    assert manager.hook.hook(arg=1) == ["marked", "counted"]
    assert all(impl.tryfirst for impl in manager.hook.hook.get_hookimpls())


@pytest.mark.parametrize("base", [HookManager, pluggy.PluginManager])
def test_an_attribute_that_only_a_subclass_calls_an_implementation_must_be_a_function(base):
    manager = type("Mine", (Claiming, base), {})("dispatch")

    with pytest.raises(AssertionError, match=r"\.hook is not a hookable attribute"):
        manager.register(Plugin(hook=3), "odd")
    assert not manager.has_plugin("odd")


def test_a_manager_whose_parsing_is_replaced_asks_the_replacement():
    manager = manager_of(spec=sync_spec)
    manager.parse_hookimpl_opts = lambda each, name: None
    manager.register(plugin(lambda arg: 1), "none")

    assert manager.hook.hook(arg=1) == []


@pytest.mark.parametrize("base", [HookManager, pluggy.PluginManager])
def test_a_subclass_may_name_plugins_and_verify_them_in_its_own_way(base):
    seen = []

    class Mine(base):
        def get_canonical_name(self, each):
            return "mine"

        def _verify_hook(self, hook, hookimpl):
            seen.append((hook.name, hookimpl.plugin_name))
            super()._verify_hook(hook, hookimpl)

    manager = Mine("dispatch")
    specify(manager, sync_spec)

    assert manager.register(plugin(lambda arg: 1)) == "mine"
    assert seen == [("hook", "mine")]


def test_a_plugin_that_implements_a_hook_twice_is_removed_with_both():
    for manager in managers():
        twice = Plugin(
            hook=hookimpl(lambda arg: "plain"),
            last=hookimpl(specname="hook", trylast=True)(lambda arg: "last"),
            also=hookimpl(specname="hook")(lambda arg: "also"),
        )
        manager.register(plugin(lambda arg: "before"), "before")
        manager.register(twice, "twice")
        manager.register(plugin(lambda arg: "after"), "after")
        assert manager.hook.hook(arg=1) == ["after", "plain", "also", "before", "last"]

        manager.unregister(twice)
        assert manager.hook.hook(arg=1) == ["after", "before"]


def test_plugins_that_were_registered_inside_each_other_are_removed_in_any_order():
    def nest(manager):
        specify(manager, sync_spec, historic=True)
        manager.hook.hook.call_historic(kwargs={"arg": 1})
        pending = [plugin(lambda arg: None) for _ in range(2)]

        def hook(arg):
            if pending:
                manager.register(pending.pop(), f"nested{len(pending)}")

        manager.register(plugin(lambda arg: None), "before")
        manager.register(Plugin(hook=hookimpl(hook), zzz=hookimpl(specname="hook")(hook)), "outer")
        manager.register(plugin(lambda arg: None), "after")
        return manager.hook.hook

    def names(caller):
        return [impl.plugin_name for impl in caller.get_hookimpls()]

    for name in ("outer", "nested0", "nested1", "before", "after"):
        outcomes = []
        for manager in (HookManager("dispatch"), pluggy.PluginManager("dispatch")):
            caller = nest(manager)
            manager.unregister(name=name)
            outcomes.append(names(caller))
        assert outcomes[0] == outcomes[1]
        assert name not in outcomes[0]
