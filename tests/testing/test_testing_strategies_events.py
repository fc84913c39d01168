"""Types of events and keys of payloads, mined from handlers of every kind."""

from __future__ import annotations

import enum
import functools
import math
import subprocess
import sys
import types
import warnings

import pytest
from testing_strategies_examples import examples, simplest

from aitbc.plugins import BasePlugin, PluginMetadata, hookimpl
from aitbc_hooks import LegacyPluginAdapter
from aitbc_hooks.testing.strategies import event_types, json_values, payload_keys, payloads
from aitbc_hooks.testing.strategies.mining import mined_strings

TABLE = {"table.global": "on_global"}
NAME = "name.global"


class Kind(enum.Enum):
    ADDED = "enum.added"
    GONE = "enum.gone"


class Names:
    FIRST = "names.first"


def helper(event_type):
    return event_type == "helper.global"


def logged(function):
    """Decorate without `functools.wraps`."""

    def call(*arguments):
        return function(*arguments)

    return call


def traced(function):
    @functools.wraps(function)
    def call(*arguments):
        return function(*arguments)

    return call


class Plugin(BasePlugin):
    """Knows events in every way that occurs to an author."""

    HANDLERS = {"table.class": "on_class"}  # noqa: RUF012 - as authors write it

    def __init__(self, context):
        super().__init__(context)
        self.routes = {"table.instance": self.on_instance}

    def get_metadata(self):
        return PluginMetadata("p", "1.0.0", "P", "A", "MIT")

    async def initialize(self):
        return True

    start = stop = cleanup = initialize

    async def handle_event(self, event_type, data):
        """Documentation is no event."""
        if event_type == "equal":
            return
        if event_type in ("in.tuple", "in.tuple.too") or event_type in {"in.set", "in.set.too"}:
            return
        match event_type:
            case "match.one" | "match.two":
                return
        match data:
            case {"matched": _}:
                return
        if event_type.startswith("prefix."):
            data["subscript"] = data.get("got")
        if any(item == "nested" for item in data):
            self.later(lambda: data.pop("popped"))
        self.help(event_type)
        self.static(event_type)
        if event_type in (Kind.ADDED.value, Names.FIRST, NAME) or helper(event_type):
            TABLE[event_type], self.HANDLERS[event_type], self.routes[event_type]()

    def later(self, call):
        call()

    def help(self, event_type):
        return event_type == "helper.method"

    @staticmethod
    def static(event_type):
        return event_type == "helper.static"

    def on_instance(self):
        return self.context["from.table"]

    def unrelated(self):
        return "elsewhere"


CLASS_KNOWS = {
    *(
        "equal",
        "in.tuple",
        "in.tuple.too",
        "in.set",
        "in.set.too",
        "match.one",
        "match.two",
        "matched",
    ),
    *("prefix.", "subscript", "got", "nested", "popped", "helper.method", "helper.static"),
    *("helper.global", "enum.added", "enum.gone", "names.first", "name.global", "table.global"),
    *("table.class", "table.instance"),
}


def test_what_a_class_knows_is_found():
    known = set(mined_strings(Plugin))
    assert known >= CLASS_KNOWS
    assert not known & {"Documentation is no event.", "elsewhere", "1.0.0"}


def test_documentation_is_not_what_a_handler_knows():
    def handle_event(event_type, data):
        """Handles."""
        return event_type == "known"

    assert mined_strings(handle_event) == ["known"]


def test_what_an_instance_knows_is_found():
    known = set(mined_strings(Plugin(None)))
    assert known >= CLASS_KNOWS | {"from.table"}


class Derived(Plugin):
    async def handle_event(self, event_type, data):
        if event_type == "derived":
            return
        await super().handle_event(event_type, data)


def test_what_a_base_class_knows_is_found():
    assert set(mined_strings(Derived)) >= CLASS_KNOWS | {"derived"}


def test_what_a_class_knows_that_is_made_by_a_call_is_found():
    made = type("Made", (BasePlugin,), {"handle_event": Derived.handle_event})
    assert mined_strings(made) == ["derived"]


class Wrapped(Plugin):
    @logged
    @traced
    async def handle_event(self, event_type, data):
        return event_type == "decorated"


class Partial(Plugin):
    def _handle(self, level, event_type, data):
        return event_type == "partial.method"

    handle_event = functools.partialmethod(_handle, 1)


class Callable:
    def __call__(self, event_type, data):
        return event_type == "callable.object"


class Holder:
    handle_event = Callable()


def known_to_a_function(event_type, data):
    return event_type == "function"


@pytest.mark.parametrize(
    ("plugin", "expected"),
    [
        (Wrapped, "decorated"),
        (Partial, "partial.method"),
        (Holder(), "callable.object"),
        (known_to_a_function, "function"),
        (functools.partial(known_to_a_function, data={}), "function"),
        (logged(known_to_a_function), "function"),
        (Plugin(None).help, "helper.method"),
        (types.SimpleNamespace(handle_event=known_to_a_function), "function"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_a_handler_of_any_kind_knows_is_found(plugin, expected):
    assert expected in mined_strings(plugin)


def test_what_a_module_with_a_hook_implementation_knows_is_found():
    plugin = types.ModuleType("plugin")

    @hookimpl
    async def handle_event(event_type):
        return event_type == "module"

    plugin.handle_event = handle_event
    assert mined_strings(plugin) == ["module"]


def test_an_implementation_under_another_name_is_found():
    plugin = types.ModuleType("plugin")

    @hookimpl(specname="handle_event")
    async def react(event_type):
        return event_type == "renamed"

    plugin.react = react
    assert mined_strings(plugin) == ["renamed"]


def test_what_a_legacy_object_knows_is_found():
    class Old:
        def on_message(self, kind, body):
            return kind == "legacy"

    card = PluginMetadata("old", "1.0.0", "Old", "A", "MIT")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        adapter = LegacyPluginAdapter(Old(), metadata=card, methods={"handle_event": "on_message"})
        deaf = LegacyPluginAdapter(Old(), metadata=card)
    assert mined_strings(adapter) == ["legacy"]
    assert mined_strings(deaf) == []


@pytest.mark.parametrize("plugin", [BasePlugin, object(), 3, None, types.ModuleType("empty"), int])
def test_where_nothing_is_known_any_dotted_name_comes(plugin):
    assert mined_strings(plugin) == []
    for name in examples(event_types(plugin), 50):
        assert name.replace(".", "").replace("_", "a").isalpha()


def test_looking_does_not_run_the_plugins_code():
    class Trap:
        @property
        def handle_event(self):
            raise AssertionError("was called")

        def __getattr__(self, name):
            raise AssertionError("was asked for " + name)

    assert mined_strings(Trap()) == []


def test_every_name_that_is_known_occurs_and_so_do_others():
    names = set(examples(event_types(Plugin), 400))
    assert len(CLASS_KNOWS & names) > 0.8 * len(CLASS_KNOWS)
    assert any(not any(known in name for known in CLASS_KNOWS) for name in names)


@pytest.mark.parametrize("known", [["prefix."], [f"{name}." for name in CLASS_KNOWS]])
def test_a_name_goes_on_after_what_is_known(known):
    def goes_on(name):
        return any(name.startswith(text) and len(name) > len(text) for text in known)

    assert goes_on(simplest(event_types(Plugin), goes_on))


def test_a_branch_of_a_handler_is_reached():
    assert simplest(event_types(Plugin), lambda name: name == "helper.static") == "helper.static"


def test_the_star_of_a_pattern_is_a_word():
    def handle_event(event_type, data):
        return ["blocks.*", event_type]

    assert "blocks.x" in examples(event_types(handle_event))


def test_keys_are_drawn_for_payloads():
    drawn = examples(payloads(keys=payload_keys(Plugin)), 300)
    for key in ("got", "subscript", "matched"):
        assert any(key in payload for payload in drawn)
    assert any(set(payload) - set(mined_strings(Plugin)) for payload in drawn)


def test_a_plugin_that_knows_no_key_has_payloads_all_the_same():
    assert any(examples(payloads(keys=payload_keys(BasePlugin))))


def test_keys_may_be_listed():
    assert any("user" in payload for payload in examples(payloads(keys=["user", "user"])))
    assert examples(payloads(keys=[]), 5)


def test_the_order_of_what_is_found_does_not_depend_on_the_hash_seed():
    program = (
        "from aitbc_hooks.testing.strategies.mining import mined_strings\n"
        "def handle_event(event_type, data):\n"
        "    return event_type in {'a.b', 'c', 'd.e', 'f', 'g'}\n"
        "print(mined_strings(handle_event))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


# JSON


def scalars(value):
    if isinstance(value, dict):
        return [*value, *(inner for item in value.values() for inner in scalars(item))]
    if isinstance(value, list):
        return [inner for item in value for inner in scalars(item)]
    return [value]


def test_json_values_are_what_every_reader_keeps():
    values = [inner for value in examples(json_values(), 300) for inner in scalars(value)]
    for value in values:
        if isinstance(value, float):
            assert math.isfinite(value)
        elif isinstance(value, str):
            value.encode("utf-8")
        else:
            assert value is None or abs(value) <= 2**53
    assert {type(value) for value in values} == {type(None), bool, int, float, str}


def test_json_values_have_every_kind_and_odd_text():
    values = examples(json_values(), 300)
    assert {type(value) for value in values} >= {dict, list, str, int, float, bool, type(None)}
    texts = "".join(str(inner) for value in values for inner in scalars(value))
    assert any(ord(char) > 0xFFFF for char in texts)


def test_a_payload_is_a_small_dict():
    for payload in examples(payloads(), 200):
        assert isinstance(payload, dict)
        assert len(payload) <= 5
        assert len(scalars(payload)) < 60
