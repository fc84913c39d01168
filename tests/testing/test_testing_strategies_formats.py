"""Texts of each format, read by something else that knows it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import uuid
from urllib.parse import urlsplit

import pytest
from testing_strategies_examples import examples

from aitbc_hooks.testing.strategies import from_schema
from aitbc_hooks.testing.strategies.json_schema.formats import standard_formats

LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
HOST = re.compile(rf"{LABEL}(\.{LABEL})*")
POINTER = re.compile(r"(/([^~/]|~[01])*)*")
DURATION = re.compile(r"P(?=.)(\d+W|(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?)")


def is_moment(text):
    assert "T" in text
    return dt.datetime.fromisoformat(text).tzinfo


def is_time(text):
    return dt.time.fromisoformat(text).tzinfo


def is_host(text):
    # RFC 1123, 2.1; the last label is not all digits, or it would be an address.
    return HOST.fullmatch(text) and len(text) <= 253 and not text.split(".")[-1].isdigit()


def is_mail(text):
    local, _, host = text.partition("@")
    return re.fullmatch(r"[\w+-]+(\.[\w+-]+)*", local, re.ASCII) and is_host(host)


def is_uri(text):
    parts = urlsplit(text)
    if parts.scheme == "urn":
        return parts.path
    return parts.netloc and is_host(parts.hostname) and (parts.port or 1) < 65536


def is_reference(text):
    return not urlsplit(text).scheme and re.fullmatch(r"[A-Za-z0-9._~/?#=-]*", text)


def is_relative_pointer(text):
    digits = re.match(r"0|[1-9]\d*", text)[0]
    return text[len(digits) :] == "#" or POINTER.fullmatch(text[len(digits) :])


JUDGES = {
    "date": dt.date.fromisoformat,
    "time": is_time,
    "date-time": is_moment,
    "duration": DURATION.fullmatch,
    "email": is_mail,
    "idn-email": is_mail,
    "hostname": is_host,
    "idn-hostname": is_host,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
    "uri": is_uri,
    "iri": is_uri,
    "uri-reference": is_reference,
    "iri-reference": is_reference,
    "uri-template": re.compile(r"(/[a-z]+|/\{[a-z]+\})*").fullmatch,
    "uuid": uuid.UUID,
    "json-pointer": POINTER.fullmatch,
    "relative-json-pointer": is_relative_pointer,
    "regex": re.compile,
}


@pytest.mark.parametrize("name", JUDGES)
def test_a_text_has_its_format(name):
    texts = examples(from_schema({"type": "string", "format": name}))
    assert len(set(texts)) > 5
    for text in texts:
        assert JUDGES[name](text), text


def test_every_format_is_judged():
    assert set(JUDGES) == set(standard_formats())


def test_a_format_that_nobody_knows_allows_every_text():
    texts = examples(from_schema({"type": "string", "format": "unheard-of"}))
    assert any(not text.isascii() for text in texts)
