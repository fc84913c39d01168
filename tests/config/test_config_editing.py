from __future__ import annotations

import json
import os
import stat
import tomllib
from pathlib import Path

import pytest
import tomli_w
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.config import load_config, set_enabled
from aitbc_hooks.config.editing import _Edit
from aitbc_hooks.config.reading import parse_text
from aitbc_hooks.errors import ConfigError

ROOT = Path(__file__).parents[2]


def edit(tmp_path, text, name="b", *, suffix=".yaml", enabled=True):
    path = tmp_path / f"aitbc{suffix}"
    path.write_bytes(text.encode())
    assert set_enabled(path, name, enabled=enabled) == path
    assert list(tmp_path.iterdir()) == [path]
    return path.read_bytes().decode()


@pytest.mark.parametrize(
    ("suffix", "before", "after"),
    [
        # the one scalar is replaced
        (".yaml", "plugins:\n  b:   # why\n    enabled:   no   # later\n",
         "plugins:\n  b:   # why\n    enabled:   true   # later\n"),
        (".yaml", "plugins: {a: {enabled: no}, B: {enabled: off}}", "plugins: {a: {enabled: no}, B: {enabled: true}}"),
        (".yaml", "\ufeffplugins:\r\n  b:\r\n    enabled: false\r\n", "\ufeffplugins:\r\n  b:\r\n    enabled: true\r\n"),
        (".yaml", "# \U0001f600 é\nplugins:\n  b: {enabled: !!bool false}\n", "# \U0001f600 é\nplugins:\n  b: {enabled: true}\n"),
        (".toml", "[plugins.b]\nenabled = false # no\npriority = 3\n", "[plugins.b]\nenabled = true # no\npriority = 3\n"),
        (".toml", "plugins.b.enabled=false", "plugins.b.enabled=true"),
        (".toml", "plugins = { b = { enabled = false } } # x\n", "plugins = { b = { enabled = true } } # x\n"),
        (".json", '{"plugins":\n\t{"b": {"enabled": false, "x": "enabled"}}}', '{"plugins":\n\t{"b": {"enabled": true, "x": "enabled"}}}'),
        # a block gets the key
        (".yaml", "plugins:\n  b: # c\n    # d\n    priority: 3\n", "plugins:\n  b: # c\n    enabled: true\n    # d\n    priority: 3\n"),
        (".yaml", "plugins:\n  b: {priority: 3}\n", "plugins:\n  b: {enabled: true, priority: 3}\n"),
        (".yaml", "plugins:\n  b:\n", "plugins:\n  b:\n    enabled: true\n"),
        (".toml", "[plugins.b] # c\npriority = 3\n", "[plugins.b] # c\nenabled = true\npriority = 3\n"),
        (".toml", "plugins.b = {}\n", "plugins.b = {enabled = true}\n"),
        (".json", '{"plugins": {"b": {}}}', '{"plugins": {"b": {"enabled": true}}}'),
        # the plugins get a block
        (".yaml", "plugins:\n    # the first\n    a:\n        enabled: true\n",
         "plugins:\n    b:\n      enabled: true\n    # the first\n    a:\n        enabled: true\n"),
        (".yaml", "plugins: {}\nx: 1\n", "plugins: {b: {enabled: true}}\nx: 1\n"),
        (".yaml", "plugins:\nx: 1\n", "plugins:\n  b:\n    enabled: true\nx: 1\n"),
        (".toml", "[plugins.a]\nenabled = true\n", "[plugins.a]\nenabled = true\n\n[plugins.b]\nenabled = true\n"),
        (".toml", "plugins = {a = {enabled = true}} # c\n", "plugins = {b = {enabled = true}, a = {enabled = true}} # c\n"),
        (".json", '{"plugins": {"a": {"enabled": true}}}', '{"plugins": {"b": {"enabled": true}, "a": {"enabled": true}}}'),
        # there are no plugins yet
        (".yaml", "auto_load: true # c", "auto_load: true # c\nplugins:\n  b:\n    enabled: true\n"),
        (".yaml", "# only this\r\n", "# only this\r\nplugins:\r\n  b:\r\n    enabled: true\r\n"),
        (".yaml", "", "plugins:\n  b:\n    enabled: true\n"),
        (".yaml", "{}", "{plugins: {b: {enabled: true}}}"),
        (".toml", "auto_load = true # c", "auto_load = true # c\n\n[plugins.b]\nenabled = true\n"),
        (".toml", "", "[plugins.b]\nenabled = true\n"),
        (".json", "{}", '{"plugins": {"b": {"enabled": true}}}'),
        (".json", "", '{"plugins": {"b": {"enabled": true}}}\n'),
        (".yaml", "plugins: {b: {enabled: 1}}", "plugins: {b: {enabled: true}}"),
    ],
)  # fmt: skip
def test_only_what_has_to_change_changes(tmp_path, suffix, before, after):
    assert edit(tmp_path, before, suffix=suffix) == after


def test_the_specification_s_example_keeps_every_other_byte(tmp_path):
    text = (ROOT / "examples" / "aitbc.yaml").read_text(encoding="utf-8")
    new = edit(tmp_path, text, "translation-AI")
    at = text.index("enabled: false")
    assert new == text[:at] + "enabled: true" + text[at + len("enabled: false") :]


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".yaml", "plugins: {b: {enabled: yes}} # c"),
        (".toml", "plugins.b.enabled = true"),
        (".json", '{"plugins": {"b": {"enabled": true}}}'),
    ],
)
def test_a_file_that_says_so_already_is_not_written(tmp_path, suffix, text):
    path = tmp_path / f"aitbc{suffix}"
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1, 1))
    set_enabled(path, "b", enabled=True)
    assert path.read_text(encoding="utf-8") == text
    assert path.stat().st_mtime == 1


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".yaml", "plugins:\n  a: &x\n    enabled: false\n  b: *x\n"),
        (".yaml", "plugins:\n  a:\n    enabled: &x false\n  b:\n    enabled: *x\n"),
        (".yaml", "plugins: [b]\n"),
        (".yaml", "plugins:\n  b: on\n"),
        (".json", '{"plugins": {"b": 7}}'),
        (".toml", "[[plugins.b]] # c\nenabled = false\n"),
    ],
)
def test_an_edit_that_would_touch_more_is_refused(tmp_path, suffix, text):
    path = tmp_path / f"aitbc{suffix}"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        set_enabled(path, "b", enabled=True)
    assert caught.value.code == "AITBC-C11"
    assert path.read_text(encoding="utf-8") == text


def test_toml_is_written_anew_only_when_it_has_no_comment_to_lose(tmp_path):
    text = '[x]\ny = "# no comment"\n[plugins]\nb.priority = 3\n'
    assert tomllib.loads(edit(tmp_path, text, suffix=".toml")) == {
        "x": {"y": "# no comment"},
        "plugins": {"b": {"priority": 3, "enabled": True}},
    }
    path = tmp_path / "aitbc.toml"
    path.write_text(text + "# a comment\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        set_enabled(path, "b", enabled=True)
    assert caught.value.code == "AITBC-C11"
    assert path.read_text(encoding="utf-8") == text + "# a comment\n"


def test_a_broken_file_is_never_written(tmp_path):
    for text in ("plugins: {", "plugins: {b: {enabled: no, enabled: no}}"):
        path = tmp_path / "aitbc.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError):
            set_enabled(path, "b", enabled=True)
        assert path.read_text(encoding="utf-8") == text


def test_a_name_that_is_none_is_refused(tmp_path):
    with pytest.raises(ConfigError) as caught:
        set_enabled(tmp_path / "aitbc.yaml", "b\n", enabled=True)
    assert caught.value.code == "AITBC-C06"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".yaml", ".toml", ".json"])
def test_a_missing_file_begins_with_the_embedded_default(tmp_path, suffix):
    path = tmp_path / "new" / f"aitbc{suffix}"
    set_enabled(path, "agent-cli", enabled=False)
    config = load_config(path, environ={})
    assert not config.plugin("agent-cli").enabled
    assert config.plugin("translation-ai").config == {"provider": "local"}


def test_the_mode_is_kept_and_a_link_is_followed(tmp_path):
    folder = tmp_path / "real"
    folder.mkdir()
    real = folder / "file.yaml"
    real.write_text("plugins: {b: {enabled: false}}", encoding="utf-8")
    real.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    set_enabled(link, "b", enabled=True)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "true" in real.read_text(encoding="utf-8")
    assert list(folder.iterdir()) == [real]


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError) as caught:
        set_enabled(tmp_path / "file" / "aitbc.yaml", "b", enabled=True)
    assert caught.value.code == "AITBC-C01"


names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,4}", fullmatch=True)
settings = st.dictionaries(
    st.sampled_from(["enabled", "x", "plugins", "a b", "ü", "#"]),
    st.booleans() | st.integers(0, 9) | st.sampled_from(["true", "# no", "'", '"', "a: b", "\u2028é\U0001f600"])
    | st.lists(st.booleans(), max_size=2),
    max_size=3,
)  # fmt: skip
# A file that names one plugin twice, as `F` and `f`, is refused when it is read.
plugins = st.lists(
    st.tuples(names, st.fixed_dictionaries({}, optional={
        "enabled": st.booleans(), "priority": st.integers(1, 9), "config": settings})),
    max_size=3,
    unique_by=lambda item: item[0].lower(),
).map(dict)  # fmt: skip
files = st.fixed_dictionaries(
    {}, optional={"plugins": plugins, "auto_load": st.booleans(), "plugin_paths": st.just(["./p"])}
)


def as_yaml(data, draw):
    style = draw(st.sampled_from([None, False, True]))
    indent = draw(st.integers(2, 5))
    return yaml.safe_dump(data, default_flow_style=style, allow_unicode=True, indent=indent)


def as_json(data, draw):
    return json.dumps(data, indent=draw(st.sampled_from([None, 1, "\t"])), ensure_ascii=False)


def as_toml(data, draw):
    return tomli_w.dumps(data)


def commented(text, draw):
    """Put a comment behind and between lines; the generated scalars have no line of their own."""
    lines = []
    for number, line in enumerate(text.split("\n")):
        if draw(st.booleans()) and line and "\u2028" not in line:
            lines.append(f"# between {number}")
        lines.append(line)
    return "\n".join(lines)


@given(st.data(), files, names, st.booleans(), st.sampled_from(["yaml", "json", "toml"]))
def test_over_generated_files_that_value_alone_changes_and_comments_stay(  # noqa: PLR0917
    tmp_path_factory, data, content, name, enabled, kind
):
    text = {"yaml": as_yaml, "json": as_json, "toml": as_toml}[kind](content, data.draw)
    if kind != "json":
        text = commented(text, data.draw)
    known = {key.lower(): key for key in content.get("plugins", {})}
    if known and data.draw(st.booleans()):
        name = data.draw(st.sampled_from(sorted(known)))
    path = tmp_path_factory.getbasetemp() / f"generated.{kind}"
    path.write_bytes(text.encode())
    before = parse_text(path, text).data
    try:
        set_enabled(path, name, enabled=enabled)
    except ConfigError as error:
        assert error.code == "AITBC-C11"
        assert path.read_bytes().decode() == text
        # In-place editing covers these formats but for names that YAML reads as something else,
        # and commented TOML whose plugins are neither tables nor one inline table.
        assert kind == "toml" or name.lower() in {
            "on",
            "off",
            "yes",
            "no",
            "y",
            "n",
            "true",
            "null",
        }
        return
    after = path.read_bytes().decode()
    expected = json.loads(json.dumps(before))
    block = expected.setdefault("plugins", {}).setdefault(known.get(name.lower(), name), {})
    block["enabled"] = enabled
    assert parse_text(path, after).data == expected
    assert [line for line in after.split("\n") if line.startswith("# between")] == [
        line for line in text.split("\n") if line.startswith("# between")
    ]


def test_a_wrong_candidate_is_caught_by_reading_it_back(monkeypatch, tmp_path):
    text = "plugins: {a: {enabled: false}, b: {enabled: false}}"
    monkeypatch.setattr(_Edit, "_candidates", lambda _: iter([text.replace("false", "true")]))
    path = tmp_path / "aitbc.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be changed"):
        set_enabled(path, "b", enabled=True)
    assert path.read_text(encoding="utf-8") == text
