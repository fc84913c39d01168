"""The files of a new plugin, as texts."""

from __future__ import annotations

import ast
import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from scaffold_orders import order

import aitbc_hookspecs
from aitbc_hooks.errors import MetadataError
from aitbc_hooks.scaffold import KINDS, render

#: SPEC.md, Plugin Structure, and the two files that make it installable and known.
STRUCTURE = {
    "__init__.py",
    "plugin.py",
    "config_schema.json",
    "tests/__init__.py",
    "tests/test_plugin.py",
    "docs/README.md",
    "docs/configuration.md",
    "requirements.txt",
    "setup.py",
    "pyproject.toml",
    "plugin.toml",
}
HOOKSPECS = {
    name
    for module in aitbc_hookspecs.SPEC_MODULES
    for name, value in vars(module).items()
    if hasattr(value, "aitbc_spec")
}
#: What every plugin answers, so that no manifest says it.
EVERY_PLUGINS = {name for name in vars(aitbc_hookspecs.lifecycle) if name in HOOKSPECS}


@pytest.fixture(params=KINDS)
def files(request):
    return render(order(request.param))


def test_the_structure_is_that_of_the_specification(files):
    assert files.keys() == STRUCTURE | {"tests/test_conformance.py"}


def test_every_file_of_python_parses_and_is_documented(files):
    for path, text in files.items():
        if path.endswith(".py"):
            assert ast.get_docstring(ast.parse(text, path)), path


def test_no_placeholder_is_left(files):
    for path, text in files.items():
        assert "$" not in text.replace("$MYPY_CONFIG_FILE_DIR", "").replace(
            '"$schema"', ""
        ).replace('$"', ""), path


def test_the_schema_is_one_and_has_defaults(files):
    schema = json.loads(files["config_schema.json"])
    Draft7Validator.check_schema(schema)
    assert all("default" in each for each in schema["properties"].values())


def test_the_manifest_names_exactly_the_hooks_that_the_code_defines(files):
    defined = {
        node.name
        for node in ast.walk(ast.parse(files["plugin.py"]))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    plugin = tomllib.loads(files["plugin.toml"])["plugin"]
    assert set(plugin["hooks"]) == (defined & HOOKSPECS) - EVERY_PLUGINS


@given(
    author=st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" ")).filter(str.strip),
    kind=st.sampled_from(list(KINDS)),
)
def test_any_author_is_the_same_in_all_files(author, kind):
    files = render(order(kind, author=author))
    assert tomllib.loads(files["plugin.toml"])["plugin"]["author"] == author
    assert tomllib.loads(files["pyproject.toml"])["project"]["authors"] == [{"name": author}]
    said = [
        ast.literal_eval(node.value)
        for node in ast.walk(ast.parse(files["plugin.py"]))
        if isinstance(node, ast.keyword) and node.arg == "author"
    ]
    assert said == [author]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"author": "two\nlines"}, "author: expected one line of text"),
        ({"author": " "}, "author: expected one line of text"),
        ({"author": "\udc80"}, "author: expected one line of text"),
        ({"license": "my own"}, "license: expected an SPDX expression, got 'my own'"),
    ],
)
def test_what_could_not_be_written_down_is_refused(settings, message):
    with pytest.raises(MetadataError) as caught:
        order(**settings)
    assert caught.value.message.startswith(message)
    assert caught.value.code == "AITBC-P04"


def test_the_manifest_asks_for_the_host_that_wrote_it():
    files = render(order(host_version="2.7.1"))
    plugin = tomllib.loads(files["plugin.toml"])["plugin"]
    assert plugin["requires_aitbc"] == ">=2.7"
    assert "aitbc-hooks>=2.7\n" in files["requirements.txt"]
