"""Registration finds what pluggy finds, however a plugin carries its implementations."""

from __future__ import annotations

import abc
import enum
import functools
import types
from unittest import mock

import attrs
import pluggy
import pytest
from dispatch_plugins import hookimpl

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.marking import UNDECIDED, find_marked, quick_options


@hookimpl
def marked(self=None): ...


def unmarked(self=None): ...


class Base:
    @hookimpl(tryfirst=True)
    def inherited(self): ...

    @hookimpl
    def overridden(self): ...

    def gets_marked(self): ...

    constant = 1
    nested = int


class Child(Base):
    def overridden(self): ...

    @staticmethod
    @hookimpl
    def static_inside(): ...

    @hookimpl
    @staticmethod
    def static_outside(): ...

    @classmethod
    @hookimpl
    def class_inside(cls): ...

    @property
    @hookimpl
    def prop(self):
        raise AssertionError("a property is not evaluated")

    partial = functools.partial(marked)
    wrapped = functools.wraps(marked)(lambda self: None)
    bound = marked.__get__(object())


class Slots:
    __slots__ = ("empty", "filled", "marked_slot")

    def __init__(self):
        self.filled = unmarked
        self.marked_slot = marked

    @hookimpl
    def method(self): ...


class Abstract(abc.ABC):
    @abc.abstractmethod
    @hookimpl
    def method(self): ...


class Concrete(Abstract):
    def method(self): ...

    @hookimpl
    def other(self): ...


class Meta(type):
    @hookimpl
    def of_the_metaclass(cls): ...


class ShadowingMeta(type):
    __dict__ = property(lambda cls: {"method": marked})


class Shadowed(metaclass=ShadowingMeta):
    def method(self): ...


class WithMeta(metaclass=Meta):
    @hookimpl
    def method(self): ...


class Colour(enum.Enum):
    RED = 1

    @hookimpl
    def method(self): ...


@attrs.frozen(eq=False)
class Frozen:
    field: object = marked

    @hookimpl
    def method(self): ...


class OddDir:
    def __dir__(self):
        return ["method", "not_there", "__class__"]

    @hookimpl
    def method(self): ...


class Modest:
    def __dir__(self):
        return ["method"]

    @hookimpl
    def method(self): ...

    @hookimpl
    def unlisted(self): ...


class Getattr:
    def __getattr__(self, name):
        return marked

    def __dir__(self):
        return ["anything", "__init__"]


class Inventing:
    """Has no namespace of its own, but claims to have one."""

    __slots__ = ()

    def __getattr__(self, name):
        return {"invented": marked} if name == "__dict__" else None

    @hookimpl
    def method(self): ...


class Hiding:
    def __getattribute__(self, name):
        return {} if name == "__dict__" else object.__getattribute__(self, name)

    @hookimpl
    def method(self): ...


class Disguised:
    __class__ = Base

    @hookimpl
    def method(self): ...


class Left(Base):
    inherited = None
    constant = marked


class Right(Base):
    @hookimpl(trylast=True)
    def gets_marked(self): ...


class Diamond(Left, Right): ...


class Doubtful:
    @hookimpl
    def a(self): ...

    b = staticmethod(marked)

    @hookimpl
    def c(self): ...


def hiding_instance():
    each = Hiding()
    object.__getattribute__(each, "__dict__")["hidden"] = marked
    return each


def module_with_methods():
    each = types.ModuleType("some_module")
    each.bound = types.MethodType(marked, each)
    each.static = staticmethod(marked)
    each.of_class = classmethod(marked)
    each.callable_inside = types.MethodType(functools.partial(marked), each)
    each.__repr__ = each.__annotations__ = hookimpl(specname="hook")(lambda: None)
    return each


def module_with_dir():
    each = types.ModuleType("some_module")
    each.listed = each.unlisted = marked
    each.__dir__ = lambda: ["listed", "absent"]
    return each


def with_instance_attributes():
    each = Child()
    each.constant = marked
    each.inherited = unmarked
    each.own = marked
    each.own_bound = types.MethodType(marked, each)
    return each


def module():
    each = types.ModuleType("some_module")
    each.function = marked
    each.other = unmarked
    each.klass = Base
    return each


def function_with_odd_attributes():
    def odd(self): ...

    odd.__func__ = marked
    not_options = functools.wraps(unmarked)(lambda self: None)
    not_options.dispatch_impl = "not a dict"
    return type("Odd", (), {"odd": odd, "not_options": not_options})()


PLUGINS = [
    Base(),
    Child(),
    Child,
    Slots(),
    Concrete(),
    WithMeta(),
    Shadowed(),
    WithMeta,
    Colour.RED,
    Colour,
    Frozen(),
    OddDir(),
    Modest(),
    Getattr(),
    Inventing(),
    Hiding(),
    hiding_instance(),
    Disguised(),
    Diamond(),
    Doubtful(),
    module_with_methods(),
    module_with_dir(),
    with_instance_attributes(),
    module(),
    function_with_odd_attributes(),
    mock.Mock(spec=Child),
    marked,
    object(),
    5,
]


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: type(plugin).__name__)
def test_every_attribute_has_the_options_that_pluggy_finds(plugin):
    ours, pluggys = HookManager("dispatch"), pluggy.PluginManager("dispatch")

    for name in dir(plugin):
        assert ours.parse_hookimpl_opts(plugin, name) is pluggys.parse_hookimpl_opts(plugin, name)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: type(plugin).__name__)
def test_a_plugin_has_the_implementations_that_pluggy_finds_in_its_order(plugin):
    def names_and_functions(manager):
        manager.register(plugin, "plugin")
        return [
            (hook, impl.function, impl.opts, impl.argnames, impl.kwargnames)
            for hook, caller in vars(manager.hook).items()
            for impl in caller.get_hookimpls()
        ]

    ours, pluggys = HookManager("dispatch"), pluggy.PluginManager("dispatch")
    assert names_and_functions(ours) == names_and_functions(pluggys)


@pytest.mark.parametrize("plugin", [Base(), Concrete(), Diamond(), module()], ids=repr)
def test_the_whole_of_a_module_or_plain_object_is_decided_without_pluggy(plugin):
    found = find_marked(plugin, "dispatch_impl", ())

    assert found
    assert all(each.options is not UNDECIDED for each in found)


def test_a_marker_that_a_class_gets_later_is_found():
    class Late:
        def hook(self): ...

    manager = HookManager("dispatch")
    assert manager.parse_hookimpl_opts(Late(), "hook") is None

    hookimpl(Late.hook)
    assert manager.parse_hookimpl_opts(Late(), "hook") is not None

    Late.hook = unmarked
    assert manager.parse_hookimpl_opts(Late(), "hook") is None


def test_the_methods_of_a_plain_object_are_decided_without_pluggy():
    each = Child()
    options = {name: quick_options(each, name, "dispatch_impl") for name in dir(each)}

    for name in ["overridden", "gets_marked", "constant", "nested", "prop", "__eq__"]:
        assert options[name] is None
    assert options["inherited"]["tryfirst"] is True
    for name in ["static_inside", "static_outside", "class_inside", "bound"]:
        assert options[name] is UNDECIDED


def test_what_is_stored_in_an_object_is_decided_without_pluggy():
    each = with_instance_attributes()
    each.number = 5

    assert quick_options(each, "own", "dispatch_impl") is marked.dispatch_impl
    assert quick_options(each, "own_bound", "dispatch_impl") is marked.dispatch_impl
    assert quick_options(each, "number", "dispatch_impl") is None
