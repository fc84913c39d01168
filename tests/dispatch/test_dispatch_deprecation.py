"""What will go is told to whoever implements it: once, with the replacement and the release."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from dispatch_plugins import Plugin, hookimpl, hookspec, manager_of, plugin, sync_spec

from aitbc.plugins import BasePlugin, PluginMetadata
from aitbc_hooks.adapter import PluginHooks
from aitbc_hooks.dispatch import HookManager, InterfaceDeprecationWarning
from aitbc_hooks.errors import ContractError
from aitbc_hookspecs import Deprecated
from aitbc_hookspecs import hookspec as host_hookspec

OLD = Deprecated(since="1.2", removed_in="2.0", use="new_hook")


def told(act):
    """Return the warnings of an act: (message, file, line)."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        act()
    assert all(each.category is InterfaceDeprecationWarning for each in caught)
    return [(str(each.message), each.filename, each.lineno) for each in caught]


@pytest.mark.parametrize("strict", [False, True])
def test_a_deprecated_hook_is_told_where_it_is_implemented(strict):
    def implementation(arg): ...

    manager = manager_of(spec=sync_spec, strict=strict, deprecated=OLD)
    ((message, file, line),) = told(lambda: manager.register(plugin(implementation), "mine"))
    assert message == (
        "plugin 'mine': hook 'hook' is deprecated since 1.2 and goes with 2.0; implement "
        "'new_hook' instead."
    )
    assert (file, line) == (__file__, implementation.__code__.co_firstlineno)


def test_without_a_replacement_the_message_says_so():
    manager = manager_of(spec=sync_spec, deprecated=Deprecated("1.2", "2.0"))
    ((message, _, _),) = told(lambda: manager.register(plugin(lambda arg: None), "mine"))
    assert message.endswith("is deprecated since 1.2 and goes with 2.0, without replacement.")


def test_a_deprecated_argument_is_told_to_those_who_take_it():
    def spec(old, new): ...

    manager = manager_of(spec=spec, deprecated_args={"old": Deprecated("1.1", "2.0", "new")})
    assert told(lambda: manager.register(plugin(lambda new: None), "modern")) == []
    ((message, _, _),) = told(lambda: manager.register(plugin(lambda old: None), "mine"))
    assert message == (
        "plugin 'mine': argument 'old' of hook 'hook' is deprecated since 1.1 and goes with 2.0; "
        "take 'new' instead."
    )


def test_it_is_told_once_also_when_the_plugin_is_loaded_again_under_another_name():
    def make():
        def implementation(arg): ...

        return plugin(implementation)

    manager = manager_of(spec=sync_spec, deprecated=OLD)
    first = make()
    assert len(told(lambda: manager.register(first, "mine"))) == 1
    assert told(lambda: manager.register(make(), "mine (new)")) == []
    manager.unregister(first)
    assert told(lambda: manager.register(make(), "mine")) == []


def test_what_a_plugin_uses_in_addition_when_it_is_loaded_again_is_told_of():
    def spec(old): ...

    def implementation(): ...

    former = plugin(implementation)

    def implementation(old): ...

    manager = manager_of(spec=spec, deprecated=OLD, deprecated_args={"old": OLD})
    ((message, _, _),) = told(lambda: manager.register(former, "mine"))
    assert message.startswith("plugin 'mine': hook 'hook'")
    ((message, _, _),) = told(lambda: manager.register(plugin(implementation), "mine (new)"))
    assert message.startswith("plugin 'mine (new)': argument 'old' of hook 'hook'")


class Callable:
    def __call__(self, arg): ...


@pytest.mark.parametrize(
    ("function", "place"),
    [(Callable(), __name__), ([].append, "<plugin>"), ((5).__add__, "<plugin>")],
    ids=["module known", "no module", "no attribute"],
)
def test_what_is_no_function_is_told_of_by_its_module_as_far_as_that_is_known(function, place):
    each = type("Static", (), {"hook": hookimpl(staticmethod(function))})()
    manager = manager_of(spec=sync_spec, deprecated=OLD)
    ((message, file, line),) = told(lambda: manager.register(each, "mine"))
    assert message.startswith("plugin 'mine': hook 'hook' is deprecated")
    assert (file, line) == (place, 1)


def test_two_plugins_are_told_of_separately():
    manager = manager_of(spec=sync_spec, deprecated=OLD)
    assert len(told(lambda: manager.register(plugin(lambda arg: 1), "one"))) == 1

    def other(arg): ...

    assert len(told(lambda: manager.register(plugin(other), "two"))) == 1


def test_a_plugin_that_was_there_before_the_hookspec_is_told_of_too():
    manager = HookManager("dispatch")
    manager.register(Plugin(hook=hookimpl(lambda arg: None)), "early")
    specs = type("Specs", (), {"hook": staticmethod(hookspec(deprecated=OLD)(sync_spec))})
    ((message, _, _),) = told(lambda: manager.add_hookspecs(specs))
    assert message.startswith("plugin 'early': hook 'hook' is deprecated")


def test_what_is_not_deprecated_is_not_told_of():
    manager = manager_of(spec=sync_spec)
    assert told(lambda: manager.register(plugin(lambda arg: None), "mine")) == []


def test_a_deprecated_argument_that_there_is_not_is_refused():
    with pytest.raises(ContractError, match="deprecates 'other', which is no argument") as caught:
        manager_of(spec=sync_spec, deprecated_args={"other": OLD})
    assert caught.value.code == "AITBC-P12"


class Quiet(BasePlugin):
    """Overrides nothing that is optional."""

    def get_metadata(self):
        return PluginMetadata("quiet", "1.0.0", "Does nothing", "Ann", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


class Listening(Quiet):
    async def handle_event(self, event_type, data): ...


def test_a_class_is_told_of_what_it_overrides_and_not_of_what_it_inherits(monkeypatch):
    """As if the interface deprecated `handle_event`, which every `BasePlugin` has."""
    import aitbc_hookspecs

    async def handle_event(event_type, data): ...

    marked = host_hookspec(deprecated=OLD)(handle_event)
    monkeypatch.setattr(aitbc_hookspecs.events, "handle_event", marked)
    hooks = PluginHooks()
    assert told(lambda: hooks.register(Quiet(None), "quiet")) == []
    ((message, file, _),) = told(lambda: hooks.register(Listening(None), "listening"))
    assert message.startswith("plugin 'listening': hook 'handle_event' is deprecated since 1.2")
    assert Path(file) == Path(__file__)


def test_the_warning_is_one_of_deprecation_so_that_filters_know_it():
    assert issubclass(InterfaceDeprecationWarning, DeprecationWarning)
