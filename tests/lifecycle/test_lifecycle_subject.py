"""What the driver puts on a plugin's instance, and how it takes it back."""

from __future__ import annotations

import types

import pytest

from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hooks.lifecycle import LIFECYCLE_METHODS, Subject


class Ant:
    def __init__(self):
        self.status = None

    def initialize(self):
        return "initialize"

    def start(self):
        return "start"

    def stop(self):
        return "stop"

    def cleanup(self):
        return "cleanup"


class Slotted:
    __slots__ = ()

    def stop(self):
        return "stop"


def drive(name):
    return lambda: f"driven {name}"


def ask_all(plugin):
    return [getattr(plugin, name)() for name in LIFECYCLE_METHODS]


def test_a_subject_has_the_methods_that_the_instance_has_when_it_is_taken():
    plugin = Ant()
    plugin.stop = lambda: "its own stop"
    subject = Subject.of(plugin)
    del plugin.stop
    assert subject.plugin is plugin
    assert {name: method() for name, method in subject.methods.items()} == {
        "initialize": "initialize",
        "start": "start",
        "stop": "its own stop",
        "cleanup": "cleanup",
    }


def test_a_subject_goes_on_calling_the_plugins_own_code_when_calls_are_driven():
    plugin = Ant()
    subject = Subject.of(plugin)
    subject.bind(drive)
    assert ask_all(plugin) == [f"driven {name}" for name in LIFECYCLE_METHODS]
    assert [subject.methods[name]() for name in LIFECYCLE_METHODS] == list(LIFECYCLE_METHODS)


def test_an_instance_gets_back_what_it_had_of_its_own():
    plugin = Ant()
    plugin.stop = lambda: "its own stop"
    before = dict(vars(plugin))
    subject = Subject.of(plugin)
    subject.bind(drive)
    subject.unbind()
    assert vars(plugin) == before


def test_an_object_without_a_class_of_its_own_is_driven_too():
    plugin = types.SimpleNamespace(stop=lambda: "its own stop")
    subject = Subject(plugin, {})
    subject.bind(drive)
    assert ask_all(plugin) == [f"driven {name}" for name in LIFECYCLE_METHODS]
    subject.unbind()
    assert (list(vars(plugin)), plugin.stop()) == (["stop"], "its own stop")


class Pigeonhole:
    __slots__ = ("start", "stop")

    def __init__(self):
        self.stop = lambda: "its own stop"


def test_an_instance_gets_back_what_it_had_in_a_slot_and_no_more():
    plugin = Pigeonhole()
    subject = Subject(plugin, {})
    subject.bind(drive)
    assert (plugin.start(), plugin.stop()) == ("driven start", "driven stop")
    subject.unbind()
    assert plugin.stop() == "its own stop"
    assert not hasattr(plugin, "start")


def test_an_instance_that_has_thrown_a_driven_method_away_is_rid_of_the_others():
    plugin = Ant()
    subject = Subject.of(plugin)
    subject.bind(drive)
    del plugin.initialize
    subject.unbind()
    assert ask_all(plugin) == list(LIFECYCLE_METHODS)


def test_what_an_instance_assigns_after_it_was_let_go_stays():
    plugin = Ant()
    subject = Subject.of(plugin)
    subject.bind(drive)
    subject.unbind()
    plugin.stop = lambda: "its own stop"
    subject.unbind()
    assert plugin.stop() == "its own stop"


def test_an_instance_that_has_no_attributes_is_left_alone():
    plugin = Slotted()
    subject = Subject(plugin, {})
    subject.bind(drive)
    assert plugin.stop() == "stop"
    subject.unbind()
    assert plugin.stop() == "stop"


@pytest.mark.parametrize("name", ["status", "_start_time"])
def test_a_mark_is_left_only_on_what_the_instance_has(name):
    plugin = Ant()
    Subject.of(plugin).mark(name, S.ACTIVE)
    assert vars(plugin) == {"status": S.ACTIVE if name == "status" else None}
