"""A manifest is read into a record, or refused in one line that begins with the key at fault."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from aitbc_hooks.discovery import (
    Command,
    Manifest,
    Parameter,
    built_in_manifests,
    manifest_schema,
    read_manifest,
    to_table,
    to_toml,
)
from aitbc_hooks.discovery.manifest.records import restore
from aitbc_hooks.discovery.manifest.structuring import structure
from aitbc_hooks.errors import MetadataError, PluginError

SCHEMA = Draft202012Validator(manifest_schema())

WHOLE = """
[plugin]
name = "market-watch"
version = "1.4.0"
description = "Watches markets"
author = "Ada"
license = "MIT"
homepage = "https://example.org"
repository = "https://example.org/git"
keywords = ["market"]
dependencies = ["wallet >=1.2,<2", "charts"]
min_aitbc_version = "0.1.0"
max_aitbc_version = "2.0.0"
supported_platforms = ["linux"]
entry = "plugin:MarketWatch"
interface = "1.0"
requires_aitbc = ">=0.1,<2"
interfaces = ["cli", "ai"]
hooks = ["get_commands", "predict"]
activation = ["on_hook:predict", "on_event:order.*", "on_command:market"]

[plugin.commands]
quick = "One line"

[plugin.commands.market]
help = "Markets.\\n\\nMore."

[plugin.commands.market.commands.show]
help = "Show one."
parameters = [
    { declarations = ["--name", "-n"], metavar = "TEXT", help = "Which.", required = true },
    { declarations = ["place"], kind = "argument", metavar = "PLACE", multiple = true },
]

[plugin.config_schema]
type = "object"

[plugin.permissions]
net.connect = ["api.example.org:443"]
secrets.use = ["API_KEY"]

[plugin.optional_permissions]
fs.read = ["/srv"]

[plugin.limits]
memory = "256MiB"
files = 64
"""


def read(folder, text):
    (folder / "plugin.toml").write_text(text, "utf-8")
    return read_manifest(folder)


def test_everything_that_a_manifest_can_say_is_in_its_record(tmp_path):
    manifest = read(tmp_path, WHOLE)
    assert manifest == Manifest(
        name="market-watch",
        version="1.4.0",
        description="Watches markets",
        author="Ada",
        license="MIT",
        homepage="https://example.org",
        repository="https://example.org/git",
        keywords=("market",),
        dependencies=("wallet >=1.2,<2", "charts"),
        min_aitbc_version="0.1.0",
        max_aitbc_version="2.0.0",
        supported_platforms=("linux",),
        entry="plugin:MarketWatch",
        interface="1.0",
        requires_aitbc=">=0.1,<2",
        interfaces=("cli", "ai"),
        hooks=("get_commands", "predict"),
        activation=("on_hook:predict", "on_event:order.*", "on_command:market"),
        commands={
            "quick": Command("One line", commands={}),
            "market": Command(
                "Markets.\n\nMore.",
                commands={
                    "show": Command(
                        "Show one.",
                        (
                            Parameter(("--name", "-n"), "option", "TEXT", "Which.", required=True),
                            Parameter(("place",), "argument", "PLACE", multiple=True),
                        ),
                    )
                },
            ),
        },
        config_schema={"type": "object"},
        permissions={"net.connect": ("api.example.org:443",), "secrets.use": ("API_KEY",)},
        optional_permissions={"fs.read": ("/srv",)},
        limits={"memory": "256MiB", "files": 64},
    )
    assert SCHEMA.is_valid(tomllib.loads(WHOLE))


def test_help_is_told_by_its_first_line(tmp_path):
    assert read(tmp_path, WHOLE).helps == {"quick": "One line", "market": "Markets."}


def test_a_plugin_starts_with_the_host_unless_something_else_starts_it():
    assert Manifest(name="a").starts_with_host
    assert Manifest(name="a", activation=("on_hook:predict", "on_start")).starts_with_host
    assert not Manifest(name="a", activation=("on_hook:predict",)).starts_with_host


def test_what_this_host_does_not_know_is_kept_by_name(tmp_path):
    manifest = read(tmp_path, '[plugin]\nname = "a"\nmood = "fine"\n[plugin.later]\nx = 1')
    assert manifest.unknown == ("mood", "later")
    assert SCHEMA.is_valid({"plugin": {"name": "a", "mood": "fine"}})


def test_a_folder_without_a_manifest_has_none(tmp_path):
    assert read_manifest(tmp_path) is None


def test_the_manifests_of_the_built_in_plugins_keep_the_schema():
    for folder, manifest in built_in_manifests():
        document = tomllib.loads((folder / "plugin.toml").read_text("utf-8"))
        assert SCHEMA.is_valid(document)
        assert manifest.unknown == ()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "name: is missing."),
        ("name = 3", "name: expected a letter, then letters, digits and '-', got 3."),
        ('name = "a_b"', "name: expected a letter, then letters, digits and '-', got 'a_b'."),
        ('name = "a\\n"', "name: expected a letter, then letters, digits and '-', got 'a\\n'."),
        ('name = "a"\nversion = "1"', "version: expected a SemVer 2.0 version"),
        ('name = "a"\nversion = 1.0', "version: expected a SemVer 2.0 version"),
        ('name = "a"\nauthor = ["x"]', "author: expected a string, got ['x']."),
        ('name = "a"\nkeywords = "x"', "keywords: expected a list, got 'x'."),
        ('name = "a"\nkeywords = ["x", 1]', "keywords[1]: expected a string, got 1."),
        ('name = "a"\ndependencies = ["b >="]', "dependencies[0]: expected"),
        ('name = "a"\nrequires_aitbc = "1,2 3"', "requires_aitbc: expected"),
        ('name = "a"\nentry = "plugin.py"', None),
        ('name = "a"\nentry = "plugin-x"', "entry: expected module or module:attribute, got"),
        ('name = "a"\ninterfaces = ["web"]', "interfaces[0]: expected one of base, cli, "),
        ('name = "a"\nhooks = ["On Event"]', "hooks[0]: expected a hook's name, got 'On Event'."),
        ('name = "a"\nactivation = ["sometimes"]', "activation[0]: expected on_start, on_hook:"),
        ('name = "a"\nactivation = ["on_hook:"]', "activation[0]: expected on_start, on_hook:"),
        ('name = "a"\ncommands = ["x"]', "commands: expected a table, got ['x']."),
        ('name = "a"\n[plugin.commands]\n"x y" = ""', "commands: expected a command's name"),
        ('name = "a"\n[plugin.commands]\nx = 1', "commands.x: expected a help text or a table"),
        ('name = "a"\n[plugin.commands.x]\nhelp = 1', "commands.x.help: expected a string, got 1."),
        (
            'name = "a"\n[plugin.commands.x]\nparameters = [{}]',
            "commands.x.parameters[0].declarations: expected at least one.",
        ),
        (
            'name = "a"\n[plugin.commands.x]\nparameters = [{declarations=["x"], kind="flag"}]',
            "commands.x.parameters[0].kind: expected option or argument, got 'flag'.",
        ),
        ('name = "a"\nconfig_schema = "../x.json"', "config_schema: expected a table, or the name"),
        ('name = "a"\nconfig_schema = "/x.json"', "config_schema: expected a table, or the name"),
        ('name = "a"\npermissions = ["net"]', "permissions: expected a table, got ['net']."),
        ('name = "a"\npermissions.net = "x"', "permissions.net: expected a table, got 'x'."),
        ('name = "a"\npermissions.net.connect = "x"', "permissions.net.connect: expected a list"),
        ('name = "a"\npermissions.Net.connect = []', "permissions: expected an area and a verb"),
        ('name = "a"\nlimits.memory = -1', 'limits.memory: expected an amount such as "256MiB"'),
        ('name = "a"\nlimits.memory = true', 'limits.memory: expected an amount such as "256MiB"'),
        ('name = "a"\nlimits."2" = 1', "limits: expected a resource such as memory, got '2'."),
    ],
)
def test_what_is_wrong_is_told_by_its_key(table, message, tmp_path):
    if message is None:
        assert read(tmp_path, f"[plugin]\n{table}").name == "a"
        return
    with pytest.raises(PluginError) as caught:
        read(tmp_path, f"[plugin]\n{table}")
    assert caught.value.code == "AITBC-P09"
    assert caught.value.message.startswith(f"{tmp_path / 'plugin.toml'}: {message}")
    assert "\n" not in caught.value.message


def test_groups_within_groups_have_an_end():
    table = {"help": "x"}
    for _ in range(12):
        table = {"commands": {"x": table}}
    with pytest.raises(MetadataError, match="at most 8 groups within each other"):
        structure({"name": "a", "commands": {"x": table}})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "byte 0 is not UTF-8."),
        (b"[plugin", "Expected ']' at the end of a table declaration (at end of document)."),
        (b"plugin = 1", "expected a table [plugin]."),
        (b"", "expected a table [plugin]."),
        (b"#" * (10 << 20), f"it has {10 << 20} bytes, and may have at most {256 << 10}."),
    ],
)
def test_what_cannot_be_a_manifest_is_told_in_one_line(content, message, tmp_path):
    (tmp_path / "plugin.toml").write_bytes(content)
    with pytest.raises(PluginError) as caught:
        read_manifest(tmp_path)
    assert caught.value.message == f"{tmp_path / 'plugin.toml'}: {message}"


def test_a_folder_in_the_place_of_a_manifest_is_told(tmp_path):
    (tmp_path / "plugin.toml").mkdir()
    with pytest.raises(PluginError, match=r"plugin\.toml: it is no file\."):
        read_manifest(tmp_path)


# Laws.

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True)
LISTS = st.lists(TEXTS, max_size=3).map(tuple)
PARAMETERS = st.builds(
    Parameter,
    st.lists(TEXTS, min_size=1, max_size=2).map(tuple),
    st.sampled_from(["option", "argument"]),
    TEXTS,
    TEXTS,
    st.booleans(),
    st.booleans(),
)


def groups(inner):
    return st.builds(
        Command,
        TEXTS,
        st.lists(PARAMETERS, max_size=2).map(tuple),
        st.dictionaries(NAMES, inner, max_size=2),
    )


COMMANDS = st.recursive(
    st.builds(Command, TEXTS, st.lists(PARAMETERS, max_size=2).map(tuple)), groups, max_leaves=4
)
PERMISSIONS = st.dictionaries(
    st.sampled_from(["net.connect", "net.listen", "fs.read"]), LISTS, max_size=2
)
MANIFESTS = st.builds(
    Manifest,
    name=st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True),
    version=st.none() | st.sampled_from(["1.0.0", "0.0.1-rc.1+b"]),
    description=st.none() | TEXTS,
    keywords=LISTS,
    dependencies=st.lists(st.sampled_from(["a", "b >=1.2,<2", "c ^1"]), max_size=2).map(tuple),
    interfaces=st.lists(st.sampled_from(["cli", "ai"]), max_size=2).map(tuple),
    activation=st.lists(st.sampled_from(["on_start", "on_event:a.*"]), max_size=2).map(tuple),
    commands=st.dictionaries(NAMES, groups(COMMANDS), max_size=2),
    config_schema=st.none() | st.just("schema.json") | st.dictionaries(NAMES, TEXTS),
    permissions=PERMISSIONS,
    optional_permissions=PERMISSIONS,
    limits=st.dictionaries(st.sampled_from(["memory", "cpu"]), st.integers(0, 9) | TEXTS),
)


@given(MANIFESTS)
@example(Manifest(name="a", description="one\r\ntwo\n"))
def test_a_manifest_that_is_written_reads_as_it_was(manifest):
    document = tomllib.loads(to_toml(manifest))
    assert structure(document["plugin"]) == manifest
    assert SCHEMA.is_valid(document)
    table = to_table(manifest)
    assert structure(table) == manifest
    # What was checked before is told from the index without checking it again, and says the same.
    assert restore(json.loads(json.dumps(table))) == manifest


#: For each key: values of every kind, right and wrong.
ANYTHING = st.sampled_from(
    [
        "",
        "a",
        "plugin:Plugin",
        "1.0.0",
        "on_start",
        "on_hook:predict",
        "/absolute",
        "a/../b",
        "cli",
        0,
        -1,
        1.5,
        True,
        [],
        ["a"],
        ["on_event:x", "on_start"],
        ["cli", 1],
        {},
        {"a": "help"},
        {"a": 1},
        {"a": {"help": "x", "parameters": [{"declarations": ["x"]}]}},
        {"a": {"parameters": [{"declarations": []}]}},
        {"a": {"commands": {"b": {"help": 1}}}},
        {"-a": "help"},
        {"net": {"connect": ["x"]}},
        {"net": {"connect": "x"}},
        {"Net": {"connect": []}},
        {"memory": "1MiB"},
    ]
)
#: What the schema leaves to the reader: the grammar of versions and requirements.
GRAMMARS = {"version", "min_aitbc_version", "max_aitbc_version", "dependencies", "requires_aitbc"}
KEYS = [key for key in manifest_schema()["$defs"]["plugin"]["properties"] if key not in GRAMMARS]


@given(st.dictionaries(st.sampled_from([*KEYS, "unheard-of"]), ANYTHING, max_size=3))
@settings(max_examples=1500)
def test_the_reader_accepts_what_the_schema_does(table):
    try:
        structure(table)
        accepted = True
    except MetadataError:
        accepted = False
    assert accepted is SCHEMA.is_valid({"plugin": table})


def test_the_schema_describes_every_field_of_the_record():
    described = manifest_schema()["$defs"]["plugin"]["properties"].keys()
    fields = {name for name in Manifest.__slots__ if not name.startswith("__")}
    assert described == fields - {"unknown", "is_complete"}


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(manifest_schema())
