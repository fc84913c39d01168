"""`BasePlugin` methods presented to pluggy as hookimpls: unmarked, checked, and nothing more."""

import asyncio
import gc
import inspect
import weakref

import pytest
from sound_plugin import Sound

from aitbc_hooks import (
    AIPlugin,
    CLIPlugin,
    LegacyPluginAdapter,
    hookimpl,
)
from aitbc_hooks.adapter import PluginHooks, overrides_event_handler
from aitbc_hooks.errors import ContractError

LIFECYCLE = {"initialize", "start", "stop", "cleanup"}
BASE = LIFECYCLE | {"get_metadata", "health_check", "handle_event", "get_config_schema"}


class Oracle(Sound, AIPlugin):
    async def predict(self, input_data):
        return {"from": type(self).__name__}

    async def train(self, training_data):
        return True

    def get_model_info(self):
        return {}


def registered(plugin, name="sound"):
    hooks = PluginHooks()
    hooks.register(plugin, name)
    return hooks


def implemented(hooks, plugin):
    return {caller.name for caller in hooks.get_hookcallers(plugin)}


def test_the_methods_of_the_interfaces_are_implementations_without_marks():
    plugin, oracle = Sound(None), Oracle(None)
    assert implemented(registered(plugin), plugin) == BASE
    assert implemented(registered(oracle), oracle) == BASE | {
        "predict",
        "train",
        "get_model_info",
    }


def test_a_method_named_like_a_hook_of_another_interface_is_none():
    class Diviner(Sound):
        async def predict(self, input_data):
            return {}

    plugin = Diviner(None)
    with pytest.warns(UserWarning, match="predict"):
        hooks = registered(plugin)
    assert implemented(hooks, plugin) == BASE


def test_a_marked_method_of_another_interface_is_an_implementation():
    class Diviner(Sound):
        @hookimpl
        async def predict(self, input_data):
            return {"yes": True}

    plugin = Diviner(None)
    hooks = registered(plugin)
    assert "predict" in implemented(hooks, plugin)
    assert asyncio.run(hooks.addressed("sound").predict({})) == {"yes": True}


def test_a_subclass_of_a_subclass_implements_what_both_do():
    class Deeper(Oracle):
        async def predict(self, input_data):
            return {**await super().predict(input_data), "deeper": True}

    hooks = registered(Deeper(None))
    assert asyncio.run(hooks.addressed("sound").predict({})) == {"from": "Deeper", "deeper": True}


def test_what_is_known_of_one_class_is_not_taken_for_another():
    class Both(Oracle, CLIPlugin):
        def get_commands(self):
            return []

        def get_command_help(self):
            return ""

    hooks = PluginHooks()
    plugins = {"oracle": Oracle(None), "sound": Sound(None), "both": Both(None)}
    for name, plugin in plugins.items():
        hooks.register(plugin, name)
    assert "predict" not in implemented(hooks, plugins["sound"])
    assert "get_commands" not in implemented(hooks, plugins["oracle"])
    assert {"get_commands", "predict"} <= implemented(hooks, plugins["both"])


def test_a_class_that_is_not_used_any_more_is_not_kept():
    hooks = PluginHooks()

    def come_and_go():
        cls = type("Passing", (Sound,), {})
        hooks.register(cls(None), "passing")
        hooks.unregister(name="passing")
        return weakref.ref(cls)

    reference = come_and_go()
    for function in vars(inspect).values():
        if hasattr(function, "cache_clear"):  # CPython 3.12.0 and 3.12.1 keep classes there
            function.cache_clear()
    gc.collect()
    assert reference() is None


# Signatures.


def predict_with(function):
    return type("Odd", (Oracle,), {"predict": function})(None)


async def too_many(self, input_data, more): ...


async def another_name(self, data): ...


async def keyword_only(self, *, input_data): ...


@pytest.mark.parametrize("function", [too_many, another_name, keyword_only])
def test_a_method_that_does_not_fit_is_refused_with_both_signatures(function):
    plugin = predict_with(function)
    hooks = PluginHooks()
    with pytest.raises(ContractError) as caught:
        hooks.register(plugin, "odd")
    assert caught.value.code == "AITBC-P08"
    assert caught.value.plugin == "odd"
    assert "async def predict(input_data: dict[str, Any])" in caught.value.message
    assert f"def {function.__name__}" in caught.value.message
    assert not hooks.has_plugin("odd")


async def fewer(self):
    return {"ok": 1}


async def with_default(self, input_data, more=None):
    return {"ok": 1}


def synchronous(self, input_data):
    return {"ok": 1}


@pytest.mark.parametrize("function", [fewer, with_default, synchronous])
def test_a_method_that_takes_less_or_has_defaults_or_is_sync_fits(function):
    hooks = registered(predict_with(function))
    assert asyncio.run(hooks.addressed("sound").predict({})) == {"ok": 1}


def test_an_async_method_of_a_sync_hook_is_refused():
    async def get_model_info(self):
        return {}

    with pytest.raises(ContractError, match="async"):
        registered(type("Odd", (Oracle,), {"get_model_info": get_model_info})(None))


@pytest.mark.parametrize("value", [None, 5, property(lambda self: 1 / 0), object])
def test_something_else_than_a_method_is_refused(value):
    plugin = type("Odd", (Oracle,), {"predict": value})(None)
    with pytest.raises(ContractError) as caught:
        registered(plugin)
    assert caught.value.code == "AITBC-P08"
    assert "Odd.predict" in caught.value.message


@pytest.mark.parametrize("value", [None, 5, object])
def test_something_else_in_the_instance_is_refused_too(value):
    plugin = Oracle(None)
    plugin.get_model_info = plugin.predict = value
    with pytest.raises(ContractError) as caught:
        registered(plugin)
    assert caught.value.code == "AITBC-P08"
    assert "Oracle.get_model_info" in caught.value.message


async def without_self(input_data):
    return {"ok": 1}


async def of_class(cls, input_data):
    return {"ok": 1}


@pytest.mark.parametrize("method", [staticmethod(without_self), classmethod(of_class)])
def test_static_and_class_methods_are_methods(method):
    hooks = registered(predict_with(method))
    assert asyncio.run(hooks.addressed("sound").predict({})) == {"ok": 1}


def test_functions_in_the_instance_take_the_place_of_the_methods():
    plugin = Oracle(None)
    plugin.get_model_info = lambda: {"by": "the instance"}
    plugin.predict = without_self
    hooks = registered(plugin)
    assert hooks.addressed("sound").get_model_info() == {"by": "the instance"}
    assert asyncio.run(hooks.addressed("sound").predict({})) == {"ok": 1}


# Options.


def test_a_mark_on_an_interfaces_method_gives_its_options():
    order = []

    def oracle(name, **options):
        async def predict(self, input_data):
            order.append(name)
            return {}

        return type(name, (Oracle,), {"predict": hookimpl(**options)(predict)})(None)

    hooks = PluginHooks()
    hooks.register(oracle("last", trylast=True), "last")
    hooks.register(oracle("first", tryfirst=True), "first")
    hooks.register(oracle("plain"), "plain")
    traits = {impl.plugin_name: impl for impl in hooks.hook.predict.get_hookimpls()}
    assert traits["first"].tryfirst
    assert traits["last"].trylast
    for name in ("first", "plain", "last"):
        asyncio.run(hooks.addressed(name).predict({}))
    assert order == ["first", "plain", "last"]


def test_a_method_marked_as_a_wrapper_wraps_the_others():
    class Wrapping(Oracle):
        @hookimpl(wrapper=True)
        async def predict(self, input_data):
            result = yield
            yield [{**result[0], "wrapped": True}]

    hooks = PluginHooks()
    wrapping = Wrapping(None)
    hooks.register(Oracle(None), "oracle")
    hooks.register(wrapping, "wrapping")
    answer = asyncio.run(hooks.addressed("oracle").predict({}))
    assert answer == {"from": "Oracle", "wrapped": True}
    assert hooks.implementation(wrapping, "predict") is None


def test_a_wrapper_is_not_taken_for_the_plugins_own_implementation():
    class Wrapping:
        @hookimpl(wrapper=True)
        async def health_check(self):
            yield (yield)

        @hookimpl(specname="health_check")
        async def own(self):
            return {"own": True}

    plugin = Wrapping()
    hooks = registered(plugin)
    assert asyncio.run(hooks.implementation(plugin, "health_check")()) == {"own": True}


def test_of_several_functions_for_a_hook_the_one_that_is_called_last_is_its_implementation():
    class Twice:
        @hookimpl(tryfirst=True)
        async def health_check(self):
            return {"first": True}

        @hookimpl(specname="health_check")
        async def later(self):
            return {"later": True}

    plugin = Twice()
    hooks = registered(plugin)
    assert asyncio.run(hooks.implementation(plugin, "health_check")()) == {"later": True}


def test_a_plugin_has_no_implementations_before_and_after_it_is_registered():
    plugin = Oracle(None)
    hooks = PluginHooks()
    assert hooks.implementation(plugin, "predict") is None

    hooks.register(plugin, "oracle")
    assert hooks.implementation(plugin, "predict") == plugin.predict
    hooks.unregister(plugin)
    assert hooks.implementation(plugin, "predict") is None
    assert hooks.subject(plugin, None).methods == {}


# Unusual plugins.


def test_a_plugin_with_slots_is_a_plugin():
    class Slotted(Oracle):
        __slots__ = ("value",)

    plugin = Slotted(None)
    assert "predict" in implemented(registered(plugin), plugin)


def test_a_plugin_whose_getattr_answers_everything_implements_its_methods_only():
    class Yes(Sound):
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return lambda *args, **kwargs: self

    plugin = Yes(None)
    assert implemented(registered(plugin), plugin) == BASE


def test_properties_that_raise_are_not_evaluated():
    class Touchy(Sound):
        @property
        def value(self):
            raise RuntimeError("touched")

    plugin = Touchy(None)
    assert implemented(registered(plugin), plugin) == BASE


def test_a_legacy_adapter_is_a_plugin_like_any_other():
    with pytest.warns(DeprecationWarning, match="legacy"):
        plugin = LegacyPluginAdapter(object(), metadata=Sound(None).get_metadata())
    assert implemented(registered(plugin), plugin) == BASE


def test_the_lifecycle_methods_are_handed_to_the_driver_as_they_are():
    class Functions:
        @hookimpl
        async def start(self, context):
            return context

        @hookimpl
        def stop(self):
            return "stopped"

    plugin, context = Functions(), object()
    subject = registered(plugin).subject(plugin, context)
    assert set(subject.methods) == {"start", "stop"}
    assert asyncio.run(subject.methods["start"]()) is context
    assert subject.methods["stop"]() == "stopped"


def test_only_a_plugin_that_overrides_it_has_an_event_handler():
    class Listening(Sound):
        async def handle_event(self, event_type, data): ...

    assert not overrides_event_handler(Sound(None))
    assert overrides_event_handler(Listening(None))
