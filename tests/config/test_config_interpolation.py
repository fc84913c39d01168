from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.config import HostConfig, InvalidConfigError
from aitbc_hooks.config.interpolation import InterpolationError, has_placeholder, interpolate

ENVIRON = {"SET": "value", "EMPTY": "", "TRICK": "${SET} $$ }", "N": "5"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${SET}", "value"),
        ("<${SET}|${N}>", "<value|5>"),
        ("${EMPTY}", ""),
        ("${SET:-d}", "value"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${NO:-d}", "d"),
        ("${NO-d}", "d"),
        ("${NO:-}", ""),
        ("${SET:?m}", "value"),
        ("${EMPTY?m}", ""),
        ("${SET:+alt}", "alt"),
        ("${EMPTY:+alt}", ""),
        ("${EMPTY+alt}", "alt"),
        ("${NO:+alt}", ""),
        ("${NO+alt}", ""),
        ("${NO:-<${SET}>}", "<value>"),
        ("${NO:-${ALSO_NO:-deep}}", "deep"),
        ("${SET:-${NO}}", "value"),
        ("${NO:+${NO}}", ""),
        ("${NO:-a$$b}", "a$b"),
        ("$$", "$"),
        ("$${SET}", "${SET}"),
        ("$$$${SET}", "$${SET}"),
        ("$5 and $SET and $", "$5 and $SET and $"),
        ("} {", "} {"),
        ("${TRICK}", "${SET} $$ }"),
        ("${NO:-http://host:80/?q=1}", "http://host:80/?q=1"),
    ],
)
def test_placeholders_follow_the_rules_of_compose(text, expected):
    assert interpolate(text, ENVIRON).text == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${NO}", "the environment variable NO is not set"),
        ("${NO:?give it}", "the environment variable NO is not set: give it"),
        ("${EMPTY:?give it}", "the environment variable EMPTY is empty: give it"),
        ("${NO?see ${SET}}", "the environment variable NO is not set: see ${…}"),
        ("${NO:-${ALSO_NO}}", "the environment variable ALSO_NO is not set"),
        ("${SET", "no closing '}'"),
        ("${SET:-${N}", "no closing '}'"),
        ("${}", "name of a variable"),
        ("${5}", "name of a variable"),
        ("${a-b c}", "a is not set|^$"),
        ("${SET!x}", "must be followed by"),
        ("${SET:x}", "must be followed by"),
        ("${ SET}", "name of a variable"),
        ("${SET:-${bad", "no closing"),
        ("${A:-" * 40 + "}" * 40, "nested deeper"),
    ],
)
def test_what_cannot_be_replaced_says_why(text, message):
    if text == "${a-b c}":
        assert interpolate(text, ENVIRON).text == "b c"
        return
    with pytest.raises(InterpolationError, match=re.escape(message)):
        interpolate(text, ENVIRON)


names = st.sampled_from(["SET", "EMPTY", "NO", "TRICK"])
literals = st.text("ab$-:?+ ", max_size=4)


def reference(tree, environ):
    """Evaluate a tree as the rules are written, with no text in between."""
    out = ""
    for node in tree:
        if isinstance(node, str):
            out += node
            continue
        name, operator, inner = node
        isset = name in environ
        full = isset and environ[name] != ""
        good = full if operator[:1] == ":" else isset
        match operator[-1:]:
            case "" | "?":
                if not good:
                    raise LookupError
                out += environ[name]
            case "-":
                out += environ[name] if good else reference(inner, environ)
            case "+":
                out += reference(inner, environ) if good else ""
    return out


def written(tree):
    return "".join(
        node.replace("$", "$$")
        if isinstance(node, str)
        else "${" + node[0] + node[1] + (written(node[2]) if node[1] else "") + "}"
        for node in tree
    )


operators = st.sampled_from(["", "-", ":-", "?", ":?", "+", ":+"])
trees = st.recursive(
    st.lists(literals, max_size=2),
    lambda inner: st.lists(literals | st.tuples(names, operators, inner), max_size=4),
    max_leaves=8,
)


@given(trees, st.dictionaries(names, st.sampled_from(["", "x", "${SET}", "$$", "}"])))
def test_any_template_means_what_the_reference_says(tree, environ):
    try:
        expected = reference(tree, environ)
    except LookupError:
        with pytest.raises(InterpolationError):
            interpolate(written(tree), environ)
    else:
        assert interpolate(written(tree), environ).text == expected


@given(st.text("${}AB:-?+ ", max_size=20))
def test_any_text_is_replaced_or_refused_and_text_without_placeholders_stays(text):
    try:
        outcome = interpolate(text, {"A": "a"})
    except InterpolationError:
        assert has_placeholder(text)
    else:
        assert has_placeholder(text) or outcome.text == text
        assert outcome.whole <= outcome.replaced


def configure(config, environ, *, enabled=True):
    plugins = {"p": {"enabled": enabled, "config": config}}
    return HostConfig.from_mapping({"plugins": plugins}, environ=environ).plugin("p").config


def test_only_string_values_are_replaced_never_keys_and_never_twice():
    config = {"${A}": ["${A}", {"k": "x${A}"}], "n": 5, "none": None}
    assert configure(config, {"A": "${B}\nplugins: {}", "B": "no"}) == {
        "${A}": ["${B}\nplugins: {}", {"k": "x${B}\nplugins: {}"}],
        "n": 5,
        "none": None,
    }


def test_a_disabled_plugin_s_block_is_left_alone():
    config = {"a": "${UNSET}", "b": "$$", "c": "${malformed"}
    assert configure(config, {}, enabled=False) == config


def test_every_unset_variable_is_reported_at_its_place():
    with pytest.raises(InvalidConfigError) as caught:
        configure({"a": "${X}", "b": ["${Y:?say so}"], "c": "${"}, {})
    assert [(p.code, p.where) for p in caught.value.problems] == [
        ("AITBC-C07", "/plugins/p/config/a"),
        ("AITBC-C07", "/plugins/p/config/b/0"),
        ("AITBC-C07", "/plugins/p/config/c"),
    ]
    assert "Y is not set: say so" in str(caught.value)


def test_paths_of_the_host_are_replaced_too(tmp_path):
    config = HostConfig.from_mapping(
        {"plugin_paths": ["${ROOT}/p", "q"], "state_dir": "${ROOT}/s", "host_version": "${V}"},
        base=tmp_path,
        environ={"ROOT": "/r", "V": "1.2.3"},
    )
    assert [str(path) for path in config.plugin_paths] == ["/r/p", str(tmp_path / "q")]
    assert str(config.state_dir) == "/r/s"
    assert config.host_version == "1.2.3"
