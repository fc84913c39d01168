"""SPEC.md's definitions, executed as printed and held against what the package offers."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
from typing import Any, Optional

import click
import pytest
from blocks import blocks, python_block

import aitbc.plugins
from aitbc_hooks import PluginManager, PluginRegistry


def run(block: str, **names: Any) -> dict[str, Any]:
    namespace: dict[str, Any] = {
        **{name: getattr(aitbc.plugins, name) for name in aitbc.plugins.__all__},
        "Dict": dict,
        "Any": Any,
        "Optional": Optional,
        "List": list,
        "abstractmethod": __import__("abc").abstractmethod,
        "click": click,
        "PluginRegistry": PluginRegistry,
        "__name__": "specification",
        **names,
    }
    exec(compile(block, "SPEC.md", "exec", dont_inherit=True), namespace)
    return namespace


def shape(function: Any) -> tuple[bool, list[tuple[str, Any, Any]]]:
    parameters = inspect.signature(function).parameters.values()
    return (
        inspect.iscoroutinefunction(function),
        [(p.name, p.kind, p.default) for p in parameters],
    )


def methods(cls: type) -> dict[str, Any]:
    return {name: value for name, value in vars(cls).items() if inspect.isfunction(value)}


def assert_same_methods(printed: type, ours: type) -> None:
    for name, function in methods(printed).items():
        assert shape(getattr(ours, name)) == shape(function), name
    assert getattr(printed, "__abstractmethods__", None) == getattr(
        ours, "__abstractmethods__", None
    )


def test_every_python_block_is_accounted_for():
    assert len(blocks("python")) == 8


def test_the_statuses_are_the_printed_ones():
    printed = run(python_block("class PluginStatus"))["PluginStatus"]
    assert {s.name: s.value for s in printed} == {
        s.name: s.value for s in aitbc.plugins.PluginStatus
    }


@pytest.mark.parametrize("name", ["PluginMetadata", "PluginContext"])
def test_the_records_have_the_printed_fields_and_defaults(name):
    printed = run(python_block("class PluginStatus"))[name]
    ours = getattr(aitbc.plugins, name)
    assert [(f.name, f.default) for f in dataclasses.fields(ours)] == [
        (f.name, f.default) for f in dataclasses.fields(printed)
    ]


def test_the_base_interface_has_the_printed_methods():
    printed = run(python_block("class PluginStatus"))["BasePlugin"]
    assert_same_methods(printed, aitbc.plugins.BasePlugin)


@pytest.mark.parametrize("name", ["CLIPlugin", "BlockchainPlugin", "AIPlugin"])
def test_the_specialised_interfaces_have_the_printed_methods(name, monkeypatch):
    with_web3(monkeypatch)
    printed = run(python_block(f"class {name}(BasePlugin)"))[name]
    assert issubclass(printed, aitbc.plugins.BasePlugin)
    assert_same_methods(printed, getattr(aitbc.plugins, name))


@pytest.mark.parametrize(
    ("example", "interface", "lacks"),
    [
        ("AgentCLIPlugin", "CLIPlugin", "get_command_help"),
        ("BitcoinPlugin", "BlockchainPlugin", "get_balance"),
        ("TranslationAIPlugin", "AIPlugin", "get_model_info"),
    ],
)
def test_a_printed_example_says_what_it_lacks_when_it_is_made(
    example, interface, lacks, monkeypatch
):
    with_web3(monkeypatch)
    namespace = run(python_block(f"class {example}"))
    metadata = namespace[example].get_metadata(None)
    assert isinstance(metadata, aitbc.plugins.PluginMetadata)
    with pytest.raises(TypeError, match=lacks):
        namespace[example](None)


def test_the_printed_agent_example_builds_its_command_group():
    namespace = run(python_block("class AgentCLIPlugin"))
    (group,) = namespace["AgentCLIPlugin"].get_commands(None)
    assert isinstance(group, click.Group)
    assert list(group.commands) == ["create"]


def test_the_manager_has_the_printed_methods_and_attributes():
    printed = run(python_block("class PluginManager"))["PluginManager"]
    for name, function in methods(printed).items():
        if name != "__init__":  # ours takes further keyword-only arguments
            assert shape(getattr(PluginManager, name)) == shape(function), name
    config: dict[str, Any] = {}
    theirs, ours = printed(config), PluginManager(config)
    for attribute, value in vars(theirs).items():
        assert isinstance(getattr(ours, attribute), type(value)), attribute
    assert ours.config is config


def test_the_printed_adapter_is_accepted_as_a_subclass_and_needs_no_context():
    namespace = run(python_block("class LegacyPluginAdapter(BasePlugin)"))
    printed = namespace["LegacyPluginAdapter"]

    class Complete(printed):
        def get_metadata(self):
            return aitbc.plugins.PluginMetadata("old", "1.0.0", "", "", "MIT")

        async def start(self):
            return True

        async def stop(self):
            return True

        async def cleanup(self):
            return True

    plugin = Complete(namespace["LegacyPlugin"]())
    assert plugin.status is aitbc.plugins.PluginStatus.UNLOADED
    assert plugin.context is None
    assert plugin.metadata is None
    assert plugin.legacy.old_method() is None


def with_web3(monkeypatch):
    """The blockchain block imports web3, which the contract does not use."""
    web3 = types.ModuleType("web3")
    web3.Web3 = object
    monkeypatch.setitem(sys.modules, "web3", web3)
