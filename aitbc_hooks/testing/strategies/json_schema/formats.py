"""Strings of the formats that JSON Schema names (2020-12 validation, 7.3)."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from aitbc_hooks.testing.strategies.texts import matching

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

__all__ = ["standard_formats"]

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?"
_HOST: Final = rf"(?:{_LABEL}\.){{0,2}}[a-z](?:[a-z0-9]{{0,5}}[a-z0-9])?"
_PATH: Final = r"(?:/[A-Za-z0-9._~-]{0,8}){0,3}"
_TAIL: Final = r"(?:\?[a-z]{1,5}=[a-z0-9]{0,5})?(?:#[a-z0-9]{0,5})?"
_URI: Final = rf"(?:https?|ftp|file)://{_HOST}(?::[1-9][0-9]{{0,3}})?{_PATH}{_TAIL}|urn:{_LABEL}"
_REFERENCE: Final = rf"[a-z0-9]{{0,8}}{_PATH}{_TAIL}"
_MAIL: Final = rf"[A-Za-z0-9][A-Za-z0-9+_-]{{0,8}}(?:\.[A-Za-z0-9]{{1,6}})?@{_HOST}"
_POINTER: Final = r"(?:/(?:[A-Za-z0-9 _.-]|~0|~1){0,6}){0,3}"
_DURATION: Final = (
    r"P(?:[1-9][0-9]?W|[1-9][0-9]?D(?:T[1-9][0-9]?H)?|T(?:[1-9]?[0-9]M)?[1-9]?[0-9]S)"
)
_TEMPLATE: Final = r"(?:/[a-z]{1,6}|/\{[a-z]{1,6}\}){0,3}"
_REGEXES: Final = (r"", r".", r"^[a-z]+$", r"\d{1,3}", r"(a|b)*c?", r"^[^@\s]+@[^@\s]+$", r"x\.y")
_OFFSETS: Final = ("Z", "+00:00", "-00:30", "+05:45", "-12:00", "+14:00")


@cache
def standard_formats() -> Mapping[str, SearchStrategy[str]]:
    """Return a strategy for each format, by its name in any draft."""
    mail, host, uri, reference = map(matching, (_MAIL, _HOST, _URI, _REFERENCE))
    time = st.builds(_with_offset, st.times().map(dt.time.isoformat), st.sampled_from(_OFFSETS))
    moment = st.builds(
        _with_offset, st.datetimes().map(dt.datetime.isoformat), st.sampled_from(_OFFSETS)
    )
    v4, v6 = (st.ip_addresses(v=version).map(str) for version in (4, 6))
    return {
        "date": st.dates().map(dt.date.isoformat),
        "time": time,
        "date-time": moment,
        "duration": matching(_DURATION),
        "email": mail,
        "idn-email": mail,
        "hostname": host,
        "idn-hostname": host,
        "ipv4": v4,
        "ipv6": v6,
        "uri": uri,
        "uri-reference": reference,
        "iri": uri,
        "iri-reference": reference,
        "uri-template": matching(_TEMPLATE),
        "uuid": st.uuids().map(str),
        "json-pointer": matching(_POINTER),
        "relative-json-pointer": matching(rf"(?:0|[1-9][0-9]?)(?:#|{_POINTER})"),
        "regex": st.sampled_from(_REGEXES),
    }


def _with_offset(time: str, offset: str) -> str:
    """Complete a time as RFC 3339 has it."""
    return f"{time}{offset}"
