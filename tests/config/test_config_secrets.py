from __future__ import annotations

import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.config import (
    HostConfig,
    InvalidConfigError,
    Redactor,
    check_plugin_config,
    load_config,
    mark_secrets,
)
from aitbc_hooks.config.secrets import MASK, is_secret_name, mask


@pytest.mark.parametrize(
    "name",
    ["password", "rpc_password", "PASSWD", "dbPassword", "secret", "client-secret", "token",
     "access_token", "API_KEY", "apiKey", "api-key", "apikey", "APIKey", "private_key", "privateKey",
     "credentials", "credential_file", "secretKey", "passphrase", "tokens"],
)  # fmt: skip
def test_names_that_hold_secrets_are_known(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["rpc_user", "rpc_url", "key", "keyboard", "max_tokens", "secretary", "passwordless", "monkey",
     "api_url", "public_key", "provider", "default_agent_type", ""],
)  # fmt: skip
def test_names_that_only_look_alike_are_not(name):
    assert not is_secret_name(name)


def host(config, environ=(), name="p"):
    mapping = {"plugins": {name: {"enabled": True, "config": config}}}
    return HostConfig.from_mapping(mapping, environ=dict(environ))


def test_the_effective_configuration_masks_by_name_and_by_origin():
    config = host(
        {
            "api_key": "k",
            "url": "http://${U}",
            "credentials": {"user": "bob", "ids": [1, 2], "none": None},
            "list": ["${U}", "open"],
            "token": 7,
        },
        {"U": "host"},
    )
    assert config.to_mapping()["plugins"]["p"]["config"] == {
        "api_key": MASK,
        "url": MASK,
        "credentials": {"user": MASK, "ids": [MASK, MASK], "none": None},
        "list": [MASK, "open"],
        "token": MASK,
    }
    assert config.plugin("p").config["url"] == "http://host"
    assert config.to_mapping(masked=False)["plugins"]["p"]["config"] == config.plugin("p").config


def test_a_plugin_s_name_makes_no_secret_of_its_block():
    config = host({"k": "open"}, name="token-shop")
    assert config.to_mapping()["plugins"]["token-shop"]["config"] == {"k": "open"}


def test_a_dollar_sign_alone_makes_no_secret():
    assert host({"k": "5 $$"}).to_mapping()["plugins"]["p"]["config"] == {"k": "5 $"}


def test_a_disabled_block_is_masked_by_name_but_its_placeholder_is_no_secret_text(tmp_path):
    path = tmp_path / "a.json"
    block = {"enabled": False, "config": {"api_key": "${KEY}", "password": "hunter2!"}}
    path.write_text(json.dumps({"plugins": {"p": block}}), encoding="utf-8")
    config = load_config(path, environ={"KEY": "from-environment"})
    assert config.to_mapping()["plugins"]["p"]["config"] == {"api_key": MASK, "password": MASK}
    assert config.redactor.redact("${KEY} hunter2!") == f"${{KEY}} {MASK}"


def test_no_record_shows_a_setting():
    config = host({"api_key": "sesame-1", "x": "${V}"}, {"V": "sesame-2"})
    assert "sesame" not in repr(config) + str(config) + repr(config.plugin("p"))
    assert "sesame" not in repr(config.redactor)


def test_masking_keeps_the_shape():
    assert mask({"a": [1, "x", None, {"b": True}]}) == {"a": [MASK, MASK, None, {"b": MASK}]}


def test_the_redactor_leaves_short_and_common_values_in_text():
    config = host(
        {"password": "abc", "api_key": "Password", "token": 12345, "secret": True, "passwd": "  "},
        {},
    )
    text = "abc password Password 12345 True secret"
    assert config.redactor.redact(text) == text


def test_the_redactor_masks_a_secret_however_it_is_spelled():
    redactor = Redactor()
    redactor.learn("p/w \"ü\n'x")
    redactor.learn(123456789)
    redactor.learn({"a": ["nested-secret"]})
    spellings = ["p/w \"ü\n'x", "nested-secret", "123456789"]
    spellings += [repr(spellings[0]), json.dumps(spellings[0]), "p%2Fw%20%22%C3%BC%0A%27x"]
    for spelling in spellings:
        shown = redactor.redact(f"<{spelling}>")
        assert MASK in shown
        assert "nested" not in shown
        assert "w" not in shown
        assert "234" not in shown


def test_the_longer_of_two_secrets_is_masked_as_one():
    redactor = Redactor()
    redactor.learn("sesame")
    redactor.learn("sesame-open")
    assert redactor.redact("sesame-open sesame") == f"{MASK} {MASK}"


@pytest.fixture
def log():
    redactor = Redactor()
    redactor.learn("open-sesame")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(redactor.filter())
    logger = logging.Logger("test")  # noqa: LOG001 - a logger of its own, outside the tree
    logger.addHandler(handler)
    return logger, stream


def test_the_filter_masks_message_arguments_traceback_and_stack(log):
    logger, stream = log
    logger.info("a %s", "open-sesame")
    logger.info({"k": "open-sesame"})
    logger.info("%(k)s", {"k": "open-sesame"})
    logger.info("stays %d", 5, stack_info=True)
    try:
        int("open-sesame")
    except ValueError:
        logger.exception("failed")
    logger.info("wrong %d arguments", "open-sesame", "open-sesame")  # noqa: PLE1205 - on purpose
    written = stream.getvalue()
    assert "sesame" not in written
    assert written.count(MASK) >= 5
    assert "stays 5" in written
    assert "Traceback" in written


def test_the_filter_leaves_a_clean_record_as_it_was(log):
    logger, _ = log
    records = []
    logger.addFilter(lambda record: records.append(record) or True)
    logger.info("clean %s", "argument")
    assert records[0].args == ("argument",)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://bob:sesame-1@host:80/a@b", "http://**********@host:80/a@b"),
        ("postgres://bob:sesame-%40@host,other", "postgres://**********@host,other"),
        ("https://sesame-token@host", "https://**********@host"),
        ("https://sesame-token:@host", "https://**********@host"),
        (
            "see ws://a:sesame@x@h and ws://b:sesame2@h",
            "see ws://**********@h and ws://**********@h",
        ),
        ("http://host/?mail=sesame@host", "http://host/?mail=sesame@host"),
        ("bob@host", "bob@host"),
    ],
)
def test_credentials_in_a_url_are_masked_and_the_rest_is_shown(url, shown):
    config = host({"peers": [url]})
    assert config.to_mapping()["plugins"]["p"]["config"] == {"peers": [shown]}
    assert config.to_mapping(masked=False)["plugins"]["p"]["config"] == {"peers": [url]}
    assert check_plugin_config("p", config.plugin("p").config, {}, host=config) == {"peers": [url]}


def test_the_password_of_a_url_is_found_in_any_text():
    config = host({"url": "http://bob:op%40n-sesame@host", "dsn": "https://3f9a7c@host/1"})
    text = config.redactor.redact("bob, op@n-sesame, op%40n-sesame, https://3f9a7c@host/2")
    assert "sesame" not in text
    assert "3f9a7c" not in text
    assert text.startswith("bob, ")


def test_the_password_of_a_url_is_in_no_error_message():
    config = host({"url": "http://bob:sesame@host"})
    for schema in ({"type": "integer"}, {"enum": ["http://bob@host"]}, {"maxLength": 3}):
        with pytest.raises(InvalidConfigError) as caught:
            check_plugin_config(
                "p", config.plugin("p").config, {"properties": {"url": schema}}, host=config
            )
        assert "sesame" not in str(caught.value)
    with pytest.raises(InvalidConfigError) as caught:
        HostConfig.from_mapping({"state_dir": "x", "auto_load": "http://bob:sesame@host"})
    assert "sesame" not in str(caught.value)


def test_a_schema_that_forbids_every_item_shows_none():
    config = host({"list": ["${V}"]}, {"V": "sesame"})
    schema = {"properties": {"list": {"items": False}}}
    with pytest.raises(InvalidConfigError, match="holds a string, which the schema forbids"):
        check_plugin_config("p", config.plugin("p").config, schema, host=config)


def test_secrets_can_be_marked_before_the_settings_are_checked():
    config = host({"pin": "sesame", "many": [{"pin": "open"}], "size": "not a number"})
    schema = {
        "properties": {
            "pin": {"writeOnly": True},
            "many": {"items": {"properties": {"pin": {"format": "password"}}}},
            "size": {"type": "integer"},
        }
    }
    mark_secrets("P", config.plugin("p").config, schema, host=config)
    assert config.to_mapping()["plugins"]["p"]["config"] == {
        "pin": MASK,
        "many": [{"pin": MASK}],
        "size": "not a number",
    }
    assert config.redactor.redact("sesame") == MASK


SECRET = "S3CR3T-" + "x" * 9
keys = st.sampled_from(["api_key", "password", "plain", "nested"])
shapes = st.recursive(
    st.sampled_from(["${V}", "pre-${V}-post", "${NO:-${V}}", "${V:-d}", "open", 5, None]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
schemas = st.recursive(
    st.sampled_from(
        [{}, {"type": "integer"}, {"type": "boolean"}, {"type": "array"}, {"maxLength": 2},
         {"enum": ["a", "b"]}, {"const": "z"}, {"pattern": "^q$"}, {"not": {}}, {"format": "ipv4"},
         {"oneOf": [{"type": "integer"}, {"type": "string", "maxLength": 1}]}, {"minProperties": 9},
         {"type": ["integer", "null"]}, {"uniqueItems": True, "minItems": 9}, False]
    ),
    lambda inner: st.fixed_dictionaries({"properties": st.dictionaries(keys, inner, max_size=4)})
    | st.fixed_dictionaries({"additionalProperties": inner})
    | st.fixed_dictionaries({"items": inner})
    | st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=2)})
    | st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)}),
    max_leaves=6,
)  # fmt: skip


@given(st.dictionaries(keys, shapes, min_size=1, max_size=4), schemas)
def test_a_secret_is_in_no_output_whatever_is_wrong_with_it(config, schema):
    plugins = host(config, {"V": SECRET})
    outputs = [repr(plugins), json.dumps(plugins.to_mapping())]
    outputs.append(plugins.redactor.redact(str(plugins.plugin("p").config)))
    try:
        schema = schema if isinstance(schema, dict) else {"not": {}}
        check_plugin_config("p", plugins.plugin("p").config, schema, host=plugins)
    except InvalidConfigError as error:
        outputs += [str(error), repr(error), repr(error.problems)]
    assert SECRET not in "".join(outputs)


@given(st.dictionaries(keys, st.just(SECRET) | st.lists(st.just(SECRET)), min_size=1), st.data())
def test_host_errors_show_no_value_of_a_secret_key(config, data):
    where = data.draw(st.sampled_from(["plugin", "top", "bad-name"]))
    block = {"enabled": True, **config}
    mapping = {
        "plugin": {"plugins": {"p": block}},
        "top": config,
        "bad-name": {"plugins": {"_": block}},
    }[where]
    with pytest.raises(InvalidConfigError) as caught:
        HostConfig.from_mapping(mapping, environ={})
    assert SECRET not in str(caught.value)
