"""The checks of a plugin's hook wrappers."""

from __future__ import annotations

import contextlib
from types import ModuleType

import pytest
from conformance_trying import fails, is_not_applicable, passes, steps_of, tried

from aitbc.plugins import hookimpl
from aitbc_hooks.testing.kit import Outcome
from aitbc_hooks.testing.kit.interfaces.wrapping import OCCASIONS
from aitbc_hooks.testing.kit.sound import Sound

WRAP = ["WRAP-01", "WRAP-02", "WRAP-03"]


def wrapping(**wrappers):
    """Return a plugin with wrappers, each a generator function."""
    marked = {name: hookimpl(wrapper=True)(function) for name, function in wrappers.items()}
    return type("Wrapping", (Sound,), marked)


@hookimpl(wrapper=True)
def get_model_info(self):
    return (yield)


@hookimpl(wrapper=True)
async def predict(self, input_data):
    yield


@hookimpl(hookwrapper=True)
def train(self, training_data):
    yield


@pytest.mark.parametrize("check", WRAP)
@pytest.mark.parametrize("wrapper", [get_model_info, predict, train])
def test_a_wrapper_that_changes_nothing_passes(check, wrapper):
    passes(check, type("Wrapping", (Sound,), {wrapper.__name__: wrapper}), examples=3)


@pytest.mark.parametrize("check", WRAP)
def test_a_module_may_wrap_hooks(check):
    @hookimpl(wrapper=True)
    def predict(input_data):
        return (yield)

    module = ModuleType("watcher")
    predict.__module__ = module.__name__
    module.predict = predict
    passes(check, module, examples=3)


@pytest.mark.parametrize("check", WRAP)
def test_a_plugin_without_wrappers_is_no_concern(check):
    is_not_applicable(check, Sound, "it wraps no hooks.")


# WRAP-01


def never(self):
    if False:
        yield


def twice(self):
    yield
    yield


def breaking(self):
    yield
    raise LookupError("no result")


async def thrice(self):
    yield
    yield
    yield


@pytest.mark.parametrize(
    ("wrapper", "message"),
    [
        (never, "the wrapper of get_model_info() never yields."),
        (twice, "the wrapper of get_model_info() yields twice."),
        (breaking, "the wrapper of get_model_info() raised LookupError: no result"),
    ],
)
def test_a_wrapper_yields_once(wrapper, message):
    fails("WRAP-01", wrapping(get_model_info=wrapper), message)


def test_a_program_drives_the_wrapper_alone():
    program = tried("WRAP-01", wrapping(get_model_info=never)).program
    assert steps_of(program) == ["load()", "start()", "drive_wrapper('get_model_info', {})"]


def test_each_wrapper_is_driven():
    def fine(self):
        return (yield)

    plugin = wrapping(get_command_help=fine, get_model_info=twice)
    fails("WRAP-01", plugin, "the wrapper of get_model_info() yields twice.")


def test_a_wrapper_is_driven_with_arguments_of_anybody():
    def predict(self, input_data):
        if "text" not in input_data:
            yield
        return (yield)

    plugin = wrapping(predict=predict)
    fails("WRAP-01", plugin, "the wrapper of predict() yields twice.")
    assert steps_of(tried("WRAP-01", plugin).program) == [
        "load()",
        "start()",
        "drive_wrapper('predict', {'input_data': {}})",
    ]


def test_a_key_that_the_plugin_handles_is_tried_on_its_wrappers():
    class Thermometer(Sound):
        async def handle_event(self, event_type, data):
            self.seen = data.get("temperature")

        @hookimpl(wrapper=True)
        def predict(self, input_data):
            if any(key.startswith("temp") and len(key) > 4 for key in input_data):
                yield
            return (yield)

    assert tried("WRAP-01", Thermometer).detail == "the wrapper of predict() yields twice."


def test_a_key_that_only_the_wrapper_names_is_tried():
    def predict(self, input_data):
        if "kelvin" in input_data:
            yield
        return (yield)

    assert tried("WRAP-01", wrapping(predict=predict)).detail == (
        "the wrapper of predict() yields twice."
    )


def test_what_a_wrapper_makes_of_the_arguments_of_anybody_is_the_business_of_others():
    def predict(self, input_data):
        result = yield
        input_data["text"]
        return result

    passes("WRAP-01", wrapping(predict=predict), examples=5)


def test_arguments_that_are_no_dicts_stay_as_they_are():
    def get_balance(self, address):
        assert address == "a"
        return (yield)

    def plugin_transitioned(self, plugin_name, old, new):
        assert (plugin_name, old.name, new.name) == ("p", "LOADED", "ACTIVE")
        return (yield)

    def get_contract_events(self, contract_address, event_name, from_block):
        assert (contract_address, event_name, from_block) == ("c", "e", 1)
        return (yield)

    plugin = wrapping(
        get_balance=get_balance,
        plugin_transitioned=plugin_transitioned,
        get_contract_events=get_contract_events,
    )
    passes("WRAP-01", plugin)


def test_a_program_writes_members_of_enumerations_as_python_does():
    def plugin_transitioned(self, plugin_name, old, new):
        yield
        raise LookupError(new.name)

    result = tried("WRAP-01", wrapping(plugin_transitioned=plugin_transitioned))
    assert "from aitbc.plugins import PluginStatus" in result.program
    compile(result.program, "program", "exec")


# WRAP-02


async def silent(self):
    try:
        yield
    except Exception:  # noqa: BLE001 - the fault
        return


def returning_nothing(self):
    try:
        return (yield)
    except Exception:  # noqa: BLE001 - the fault
        return None


def hiding(self):
    counts = {}
    try:
        counts["results"] = len((yield))
    finally:
        self.context.logger.debug("%d results", counts["results"])


def returning_a_text(self):
    try:
        return (yield)
    except Exception:  # noqa: BLE001 - the fault
        return ""


@pytest.mark.parametrize(
    ("wrapper", "message"),
    [
        (
            returning_a_text,
            (
                "expected that the wrapper of get_model_info() returns a list if it returns "
                "something in the place of an error; it returned ''."
            ),
        ),
        (
            returning_nothing,
            "the wrapper of get_model_info() swallowed the error of what it wraps, for nothing.",
        ),
        (
            hiding,
            "the wrapper of get_model_info() hid the error behind KeyError: 'results'",
        ),
    ],
)
def test_a_wrapper_does_not_lose_an_error(wrapper, message):
    plugin = wrapping(get_model_info=wrapper)
    fails("WRAP-02", plugin, message)
    assert steps_of(tried("WRAP-02", plugin).program) == [
        "load()",
        "start()",
        "expect_error_through_wrapper('get_model_info')",
    ]


@pytest.mark.parametrize(("hook", "result"), [("get_model_info", []), ("train", False)])
def test_a_result_may_stand_in_the_place_of_an_error(hook, result):
    def wrapper(self):
        try:
            return (yield)
        except RuntimeError:
            raise
        except Exception:  # noqa: BLE001 - a fallback
            return result

    passes("WRAP-02", wrapping(**{hook: wrapper}))


# WRAP-03


def returning_one(self):
    yield
    return {}


def test_a_wrapper_returns_a_result_of_the_hooks_shape():
    plugin = wrapping(get_model_info=returning_one)
    fails(
        "WRAP-03",
        plugin,
        "expected that the wrapper of get_model_info() returns a list for a list; it returned {}.",
    )
    assert steps_of(tried("WRAP-03", plugin).program) == [
        "load()",
        "start()",
        "expect_result_through_wrapper('get_model_info')",
    ]


@pytest.mark.parametrize("check", ["WRAP-02", "WRAP-03"])
def test_each_wrapper_is_called(check):
    def fine(self):
        return (yield)

    def lossy(self):
        with contextlib.suppress(Exception):
            yield

    plugin = wrapping(get_command_help=fine, get_model_info=lossy)
    assert tried(check, plugin).outcome is Outcome.FAIL
    assert "get_model_info" in tried(check, plugin).detail


@pytest.mark.parametrize("hook", OCCASIONS)
def test_every_hook_that_can_be_wrapped_is_looked_at(hook):
    wrapper = hookimpl(wrapper=True, specname=hook)(never)
    plugin = type("Wrapping", (Sound,), {"wrap": wrapper})
    assert tried("WRAP-01", plugin).detail == f"the wrapper of {hook}() never yields."
