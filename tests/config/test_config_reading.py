from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest
import tomli_w
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.config import InvalidConfigError, load_config
from aitbc_hooks.config.document import MAX_BYTES
from aitbc_hooks.config.reading import parse_text
from aitbc_hooks.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "examples" / "aitbc.yaml"


def problems(tmp_path, text, suffix=".yaml"):
    path = tmp_path / f"aitbc{suffix}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_config(path, environ={})
    assert all(str(path) in str(problem) for problem in caught.value.problems)
    return [(p.code[-3:], p.line, p.column, p.message) for p in caught.value.problems]


def only(tmp_path, text, suffix=".yaml"):
    (found,) = problems(tmp_path, text, suffix)
    return found


def test_the_specification_s_example_is_accepted():
    config = load_config(EXAMPLE, environ={"HOME": "/home/u"})
    assert list(config.plugins) == ["agent-cli", "bitcoin-integration", "translation-ai"]
    assert config.plugin("bitcoin-integration").config["rpc_user"] == "bitcoin"
    assert config.plugin_paths == (
        Path("/opt/aitbc/plugins"),
        Path("/home/u/.aitbc/plugins"),
        EXAMPLE.parent / "plugins",
    )
    assert config.plugin("translation-ai").config["api_key"] == "${OPENAI_API_KEY}"


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".toml", ".json", ".YAML"])
@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff"])
def test_an_empty_file_is_an_empty_configuration(tmp_path, suffix, text):
    path = tmp_path / f"aitbc{suffix}"
    path.write_text(text, encoding="utf-8")
    assert load_config(path, environ={"HOME": "/h"}).plugins == {}


def test_a_file_of_comments_is_an_empty_configuration(tmp_path):
    for suffix in (".yaml", ".toml"):
        path = tmp_path / f"aitbc{suffix}"
        path.write_text("# nothing\n", encoding="utf-8")
        assert load_config(path, environ={}).plugins == {}


@pytest.mark.parametrize(
    ("suffix", "text", "place"),
    [
        (".yaml", "plugins:\n  a:\n    enabled: true\n    priority: 0\n", (4, 5)),
        (".yaml", "{plugins: {a: {enabled: true,\n priority: 0}}}", (2, 2)),
        (".toml", "[plugins.a]\nenabled = true\n  priority = 0\n", (3, 3)),
        (".toml", "[plugins]\na = { enabled = true, priority = 0 }\n", (2, 23)),
        (".toml", "plugins.a.enabled = true\nplugins.a.priority = 0", (2, 11)),
        (".toml", "[plugins.'a']\r\nenabled = true\r\n\"priority\" = 0\r\n", (3, 1)),
        (".json", '{"plugins": {"a": {"enabled": true,\n\t"priority": 0}}}', (2, 2)),
        (".json", '\ufeff{"plugins": {"a": {"enabled": true, "priority": 0}}}', (1, 37)),
    ],
)
def test_a_problem_is_placed_at_its_key_in_every_format(tmp_path, suffix, text, place):
    code, line, column, message = only(tmp_path, text, suffix)
    assert (code, (line, column)) == ("C06", place)
    assert message == "plugins.a.priority must be at least 1, got an integer, 0"


@pytest.mark.parametrize(
    ("suffix", "text", "place"),
    [
        (".yaml", "plugin_paths:\n  - ./a\n  - 7\n", (3, 5)),
        (".toml", "plugin_paths = [\n  './a', # one\n  7,\n]\n", (3, 3)),
        (".json", '{"plugin_paths": ["./a",\n 7]}', (2, 2)),
    ],
)
def test_a_problem_in_a_list_is_placed_at_the_item(tmp_path, suffix, text, place):
    code, line, column, message = only(tmp_path, text, suffix)
    assert (code, (line, column)) == ("C06", place)
    assert message.startswith("plugin_paths[1] must be a string, got an integer, 7")


def test_a_duplicate_key_is_reported_with_both_places(tmp_path):
    twice = "plugins:\n  a:\n    enabled: true\n    enabled: false\n"
    assert only(tmp_path, twice) == ("C04", 4, 5, "duplicate key 'enabled' (first at 3:5)")
    twice = '{"auto_load": true, "plugins": {},\n "auto_load": true}'
    assert only(tmp_path, twice, ".json") == (
        "C04",
        2,
        2,
        "duplicate key 'auto_load' (first at 1:2)",
    )
    twice = "auto_load = true\n# again\nauto_load = false\n"
    assert only(tmp_path, twice, ".toml") == (
        "C04",
        3,
        1,
        "duplicate key 'auto_load' (first at 1:1)",
    )
    twice = "[plugins.a]\nenabled = true\n[plugins.a]\n"
    assert only(tmp_path, twice, ".toml") == ("C04", 3, 1, "duplicate key 'a' (first at 1:1)")
    twice = "plugins = {a = {enabled = true, enabled = true}}\n"
    assert only(tmp_path, twice, ".toml")[:3] == ("C04", 1, 33)


def test_a_table_that_toml_calls_closed_is_a_duplicate(tmp_path):
    code, line, _, _ = only(tmp_path, "plugins.a = {enabled = true}\n[plugins.a.config]\n", ".toml")
    assert (code, line) == ("C04", 2)


def test_keys_below_a_duplicate_are_not_duplicates_themselves(tmp_path):
    text = '{"plugins": {"a": {"enabled": true}}, "plugins": {"a": {"enabled": true}}}'
    assert [p[0] for p in problems(tmp_path, text, ".json")] == ["C04"]


@pytest.mark.parametrize(
    ("suffix", "text", "place"),
    [
        (".yaml", "plugins: {\n", (2, 1)),
        (".yaml", "a: 1\nb: c: d\n", (2, 5)),
        (".yaml", "plugins: *nowhere\n", (1, 10)),
        (".yaml", "plugins: {}\n---\nplugins: {}\n", (2, 1)),
        (".yaml", "a: \x01\n", (1, 4)),
        (".yaml", "x: 1\nplugins: !handle!tag {}\n", (2, 10)),
        (".toml", "plugins = \n", (1, 11)),
        (".toml", "a = 1\nb = 'x", (2, 7)),
        (".json", '{"plugins": {},}', (1, 16)),
        (".json", "{'a': 1}", (1, 2)),
    ],
)
def test_text_that_is_not_well_formed_has_its_place(tmp_path, suffix, text, place):
    code, line, column, _ = only(tmp_path, text, suffix)
    assert code == "C03"
    assert (line, abs(column - place[1]) <= 1) == (place[0], True)


@pytest.mark.parametrize(
    "text",
    [
        "k: 1\npassword: *hunter2-value\n",
        "password: !hunter2-value x\n",
        "password: !hunter2-value!x y\n",
        "password: 'hunter2-value\n",
        "plugins: {a: {enabled: true, config: {password: !hunter2-value}}}\n",
        "plugins: {a: {enabled: true, config: {password: !!hunter2-value x}}}\n",
        "plugins: {a: {enabled: true, config: {api_key: 2024-01-01}}}\n",
    ],
)
def test_a_syntax_error_shows_nothing_of_a_secret(tmp_path, text):
    for found in problems(tmp_path, text):
        assert "hunter2" not in found[3] or "!!" in text
        assert "2024" not in found[3]


@pytest.mark.parametrize("tag", ["!!python/object:os.system", "!!python/name:os.system", "!own"])
def test_a_yaml_tag_is_refused(tmp_path, tag):
    for value in ("x", "[x]", "{x: y}"):
        text = f"plugins:\n  a:\n    enabled: true\n    config:\n      k: {tag} {value}\n"
        code, line, column, message = only(tmp_path, text)
        assert (code, line, column) == ("C06", 5, 7)
        assert "tag" in message


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("2024-01-01", "as a date"),
        ("2024-01-01 10:00:00", "as a date"),
        ("12:30:45", "base 60"),
        ("010", "octal"),
        (".nan", "finite"),
        (".inf", "finite"),
        ("9" * 5000, "too large"),
        ("0x" + "f" * 5000, "too large"),
        ("!!int abc", "does not fit"),
        ("!!bool abc", "does not fit"),
        ("!!binary aGVsbG8=", "!!binary"),
        ("!!set {a}", "tag"),
    ],
)
def test_what_yaml_reads_unexpectedly_is_one_clear_problem(tmp_path, value, word):
    text = f"plugins:\n  a:\n    enabled: true\n    config:\n      k: {value}\n"
    code, line, column, message = only(tmp_path, text)
    assert (code, line, column) == ("C06", 5, 7)
    assert word in message


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".toml", f"[plugins.a]\nenabled = true\n[plugins.a.config]\nk = {'9' * 5000}\n"),
        (".toml", "[plugins.a]\nenabled = true\n[plugins.a.config]\nk = 1979-05-27 07:32:00\n"),
        (".toml", "[plugins.a]\nenabled = true\n[plugins.a.config]\nk = nan\n"),
        (
            ".json",
            f'{{"plugins": {{"a": {{"enabled": true,\n "config":\n {{\n"k": {"9" * 5000}}}}}}}}}',
        ),
        (".json", '{"plugins": {"a": {"enabled": true,\n "config":\n {\n"k": NaN}}}}'),
        (".json", '{"plugins": {"a": {"enabled": true,\n "config":\n {\n"k": 1e999}}}}'),
    ],
)
def test_values_that_json_cannot_hold_are_refused(tmp_path, suffix, text):
    code, line, _, _ = only(tmp_path, text, suffix)
    assert (code, line) == ("C06", 4)


def test_yes_and_on_are_booleans_where_one_is_wanted(tmp_path):
    path = tmp_path / "aitbc.yaml"
    path.write_text("plugins: {a: {enabled: on}}\nauto_load: no\n", encoding="utf-8")
    config = load_config(path, environ={})
    assert (config.plugin("a").enabled, config.auto_load) == (True, False)


def test_yes_and_on_are_to_be_quoted_where_text_is_wanted(tmp_path):
    code, line, column, message = only(tmp_path, "plugin_paths: [./a, no]\n")
    assert (code, line, column) == ("C06", 1, 21)
    assert message.endswith('; put it in quotes to make it a string: "no"')


def test_a_key_that_yaml_takes_for_a_boolean_is_to_be_quoted(tmp_path):
    text = "plugins:\n  a:\n    enabled: true\n    config:\n      on: x\n"
    assert only(tmp_path, text)[:3] == ("C06", 5, 7)


def test_merge_keys_work_and_are_overridden_by_the_mapping_itself(tmp_path):
    path = tmp_path / "aitbc.yaml"
    path.write_text(
        "plugins:\n"
        "  a: &base\n    enabled: true\n    priority: 7\n"
        "  b:\n    <<: *base\n    priority: 8\n"
        "  c:\n    <<: [{priority: 1}, *base]\n",
        encoding="utf-8",
    )
    config = load_config(path, environ={})
    assert [config.plugin(name).priority for name in "abc"] == [7, 8, 1]
    assert config.plugin("c").enabled


def bomb(levels: int) -> str:
    lines = ["x0: &x0 [a, a, a, a, a, a, a, a, a]"]
    lines += [
        f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 9)}]" for level in range(1, levels)
    ]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".yaml", bomb(9)),
        (".yaml", "a: &a [*a]\n"),
        (".yaml", "a: &a {<<: *a}\n"),
        (".yaml", "a: " + "[" * 65 + "]" * 65),
        (".yaml", "[" * 100_000),
        (".yaml", "".join(f"{' ' * i}a:\n" for i in range(70))),
        (".json", '{"a": ' + "[" * 65 + "]" * 65 + "}"),
        (".json", "[" * 100_000),
        (".json", '{"a":' * 100_000),
        (".toml", "a = " + "[" * 65 + "]" * 65),
        (".toml", "a = " + "[" * 100_000 + "]" * 100_000),
        (".toml", "[" + ".".join("a" * 70) + "]\n"),
        (".json", '{"a": [' + "1," * 100_000 + "1]}"),
        (".yaml", "#" * (MAX_BYTES + 1)),
        (".json", " " * (MAX_BYTES + 1)),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_what_is_too_large_or_too_deep_is_refused(tmp_path, suffix, text):
    found = problems(tmp_path, text, suffix)
    assert [problem[0] for problem in found] == ["C02"]


def test_five_hundred_plugins_are_not_too_many(tmp_path):
    block = "{enabled: true, priority: 3, config: {a: 1, b: [1, 2, 3], c: {d: x}}}"
    path = tmp_path / "aitbc.yaml"
    path.write_text(
        "plugins:\n" + "".join(f"  p{i}: {block}\n" for i in range(500)), encoding="utf-8"
    )
    assert len(load_config(path, environ={}).plugins) == 500


@pytest.mark.parametrize("suffix", [".yaml", ".toml", ".json"])
def test_text_that_is_not_utf8_has_its_place(tmp_path, suffix):
    assert only(tmp_path, b"# \xc3\xa9\nab \xff", suffix)[:3] == ("C03", 2, 4)


@pytest.mark.parametrize("text", ["[1, 2]", "just text", "7", "true"])
@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_a_document_that_is_no_mapping_is_refused(tmp_path, text, suffix):
    if suffix == ".json" and text.startswith("just"):
        text = '"just text"'
    assert only(tmp_path, text, suffix)[0] == "C06"


def test_a_path_that_cannot_be_read_is_one_problem(tmp_path):
    locked = tmp_path / "nul\0.yaml"
    (tmp_path / "folder.yaml").mkdir()
    for path in (tmp_path / "no.yaml", tmp_path / "folder.yaml", locked):
        with pytest.raises(InvalidConfigError) as caught:
            load_config(path, environ={})
        assert caught.value.code == "AITBC-C01"
        assert "cannot be read" in str(caught.value)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_path_that_is_no_file_is_refused_and_never_waited_for(tmp_path, make):
    path = tmp_path / "aitbc.yaml"
    make(path)
    with pytest.raises(InvalidConfigError, match="no regular file") as caught:
        load_config(path, environ={})
    assert caught.value.code == "AITBC-C01"


@pytest.mark.parametrize("name", ["aitbc.ini", "aitbc"])
def test_an_unknown_suffix_is_refused(tmp_path, name):
    (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(InvalidConfigError, match="suffix") as caught:
        load_config(tmp_path / name, environ={})
    assert caught.value.code == "AITBC-C01"


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.text(max_size=6)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)
mappings = st.dictionaries(st.text(max_size=5), plain, max_size=4)


def leaves(value, path=()):
    yield path, value
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))


def line_of(text, origin):
    return text.split("\n")[origin.line - 1][origin.column - 1 :]


@given(mappings, st.sampled_from([None, 2]), st.booleans())
def test_json_is_read_as_the_standard_library_reads_it_with_every_key_placed(data, indent, ascii_):
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_)
    document = parse_text(Path("a.json"), text)
    assert document.data == data
    assert not document.problems
    for path, value in leaves(data):
        span = document.spans[path]
        assert json.loads(text[span.start : span.end]) == value
        if path and isinstance(path[-1], str):
            key = json.dumps(path[-1], ensure_ascii=ascii_)
            assert line_of(text, document.origins[path]).startswith(key)


def without_none(value):
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_none(item) for item in value]
    return "" if value is None else value


@given(mappings.map(without_none), st.booleans())
def test_toml_is_read_as_the_standard_library_reads_it_with_every_value_placed(data, multiline):
    text = tomli_w.dumps(data, multiline_strings=multiline)
    document = parse_text(Path("a.toml"), text)
    assert document.data == tomllib.loads(text)
    assert not document.problems
    for path, value in leaves(document.data):
        assert path in document.origins
        if not isinstance(value, dict | list):
            span = document.spans[path]
            assert tomllib.loads(f"x = {text[span.start : span.end]}")["x"] == value


@given(mappings, st.booleans(), st.booleans())
def test_yaml_is_read_as_pyyaml_reads_it_with_every_key_placed(data, flow, unicode_):
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=unicode_)
    document = parse_text(Path("a.yaml"), text)
    assert not document.problems
    assert document.data == yaml.safe_load(text)
    for path, value in leaves(document.data):
        assert path in document.origins
        if isinstance(value, bool | int) and not isinstance(value, str):
            span = document.spans[path]
            assert yaml.safe_load(text[span.start : span.end]) == value


@given(
    st.binary(max_size=60) | st.text("{}[]:,\"'\\\n\t #-&*!|>=.a1${}", max_size=40).map(str.encode)
)
def test_no_text_gives_anything_but_a_configuration_or_a_configuration_error(tmp_path_factory, raw):
    folder = tmp_path_factory.getbasetemp()
    for suffix in (".yaml", ".toml", ".json"):
        path = folder / f"any{suffix}"
        path.write_bytes(raw)
        try:
            load_config(path, environ={})
        except ConfigError as error:
            assert error.problems
