"""What a plugin's name makes of its class, its package and its commands."""

from __future__ import annotations

import builtins
import keyword
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.cli.root import COMMANDS
from aitbc_hooks.errors import MetadataError
from aitbc_hooks.scaffold import Names
from aitbc_hooks.versions import PLUGIN_NAME

plugin_names = st.from_regex(PLUGIN_NAME, fullmatch=True)
awkward = st.sampled_from([*keyword.kwlist, *keyword.softkwlist, *sys.stdlib_module_names])


@pytest.mark.parametrize(
    ("plugin", "class_name", "package"),
    [
        ("my-plugin", "MyPlugin", "aitbc_my_plugin"),
        ("agent-cli", "AgentCliPlugin", "aitbc_agent_cli"),
        ("class", "ClassPlugin", "aitbc_class"),
        ("json", "JsonPlugin", "aitbc_json"),
        ("None", "NonePlugin", "aitbc_none"),
        ("aitbc-notes", "AitbcNotesPlugin", "aitbc_notes"),
        ("aitbc", "AitbcPlugin", "aitbc_aitbc"),
        ("a--b-", "ABPlugin", "aitbc_a_b"),
        ("x2-3d", "X23dPlugin", "aitbc_x2_3d"),
        ("plugin", "MyPlugin", "aitbc_plugin"),
        ("base", "MyBasePlugin", "aitbc_base"),
        ("AI", "MyAIPlugin", "aitbc_ai"),
        ("hooks", "HooksPlugin", "aitbc_hooks_plugin"),
        ("builtin-plugins", "BuiltinPluginsPlugin", "aitbc_builtin_plugins_plugin"),
    ],
)
def test_a_name_gives_a_class_and_a_package(plugin, class_name, package):
    names = Names.of(plugin)
    assert (names.class_name, names.package) == (class_name, package)
    assert names.distribution == package.replace("_", "-")


@given(plugin_names | awkward.filter(PLUGIN_NAME.fullmatch))
def test_names_are_those_of_python_and_of_nobody_else(plugin):
    names = Names.of(plugin)
    for name in (names.class_name, names.package):
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert not keyword.issoftkeyword(name)
        assert not hasattr(builtins, name)
    assert names.package not in sys.stdlib_module_names
    assert names.package not in {"aitbc", "aitbc_hooks", "aitbc_hookspecs", "aitbc_builtin_plugins"}
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", names.distribution)


@given(plugin_names | st.sampled_from(list(COMMANDS)))
def test_a_command_group_has_the_plugins_name_unless_the_host_has_it(plugin):
    command = Names.of(plugin, reserved=COMMANDS).command
    assert command not in COMMANDS
    assert command == (f"{plugin}-plugin" if plugin in COMMANDS else plugin)


@pytest.mark.parametrize(
    ("plugin", "folder"),
    [
        ("my-plugin", "my-plugin"),
        ("class", "class"),
        ("json", "json-plugin"),
        ("JSON", "JSON-plugin"),
        ("click", "click-plugin"),
    ],
)
def test_a_folder_is_never_taken_for_a_module_that_python_needs(plugin, folder):
    assert Names.of(plugin).folder == folder


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("my_plugin", "Call it 'my-plugin'."),
        ("my plugin!", "Call it 'my-plugin'."),
        ("../evil", "Call it 'evil'."),
        ("2fast", None),
        ("", None),
        ("name\n", "Call it 'name'."),
        ("größe", "Call it 'gr-e'."),
    ],
)
def test_other_names_are_refused_with_one_that_would_do(wrong, hint):
    with pytest.raises(MetadataError) as caught:
        Names.of(wrong)
    assert caught.value.code == "AITBC-P04"
    assert repr(wrong) in caught.value.message
    assert caught.value.hint == hint
