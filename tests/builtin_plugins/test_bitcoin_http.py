from __future__ import annotations

import asyncio
import contextlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_builtin_plugins.bitcoin.errors import ProtocolError
from aitbc_builtin_plugins.bitcoin.http1 import Endpoint, Response, read_response


def read(pieces, *, limit=1000):
    """Read one answer from a stream that delivers it in these pieces."""

    async def scenario():
        reader = asyncio.StreamReader()

        async def feed():
            for piece in pieces:
                reader.feed_data(piece)
                await asyncio.sleep(0)
            reader.feed_eof()

        feeding = asyncio.create_task(feed())
        try:
            return await read_response(reader, limit=limit)
        finally:
            await feeding

    return asyncio.run(scenario())


def cut(data, places):
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges) if a < b]


def with_length(body):
    return b"HTTP/1.1 200 OK\r\nDate: today\r\ncontent-LENGTH:  %d \r\n\r\n%s" % (len(body), body)


def chunked(chunks, trailer=b""):
    parts = [b"%x;name=value\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks if chunk]
    head = b"HTTP/1.1 500 Sorry\r\nTransfer-Encoding: Chunked\r\n\r\n"
    return head + b"".join(parts) + b"0\r\n" + trailer + b"\r\n"


PLACES = st.lists(st.integers(0, 10_000), max_size=8)


@settings(deadline=None)
@given(st.binary(max_size=200), PLACES)
def test_a_body_with_a_length_arrives_however_it_is_cut(body, places):
    assert read(cut(with_length(body), places)) == Response(200, body)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=50), max_size=6), PLACES, st.sampled_from([b"", b"A: b\r\n"]))
def test_a_chunked_body_arrives_however_it_is_cut(chunks, places, trailer):
    assert read(cut(chunked(chunks, trailer), places)) == Response(500, b"".join(chunks))


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=50), st.booleans(), st.data())
def test_a_body_that_breaks_off_anywhere_is_never_taken_for_whole(body, in_chunks, data):
    whole = chunked([body]) if in_chunks else with_length(body)
    end = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ProtocolError):
        read([whole[:end]])


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_garbage_is_a_protocol_error_and_nothing_else(garbage):
    with pytest.raises(ProtocolError):
        read([garbage])


@settings(deadline=None)
@given(st.binary(max_size=100))
def test_garbage_after_a_good_status_line_gives_an_answer_or_a_protocol_error(garbage):
    with contextlib.suppress(ProtocolError):
        assert read([b"HTTP/1.1 200 OK\r\n", garbage]).status == 200


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"Content-Length: 3\r\nContent-Length: 3\r\n",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: -3\r\n",
        b"Content-Length: +3\r\n",
        b"Content-Length: 3 3\r\n",
        b"Content-Length : 3\r\n",
        b"no colon\r\n",
        b": no name\r\n",
        b"A: b\r\n" * 200,
        b"A: " + b"b" * 100_000 + b"\r\n",
    ],
)
def test_a_head_that_leaves_the_bodys_length_in_doubt_is_refused(head):
    with pytest.raises(ProtocolError):
        read([b"HTTP/1.1 200 OK\r\n" + head + b"\r\nabc"])


def test_a_length_and_chunks_at_once_are_refused_though_either_would_do():
    body = b"1\r\na\r\n0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n"
    with pytest.raises(ProtocolError, match="how long"):
        read([head % len(body) + body])


@pytest.mark.parametrize(
    "line", [b"HTTP/2 200 OK", b"HTTP/1.1 20 OK", b"HTTP/1.1 2000", b"ICY 200 OK", b"HTTP/1.1  200"]
)
def test_another_protocol_is_refused(line):
    with pytest.raises(ProtocolError, match="not HTTP"):
        read([line + b"\r\nContent-Length: 0\r\n\r\n"])


@pytest.mark.parametrize(
    "chunk", [b"g\r\n", b"-1\r\n", b"123456789\r\n", b"\r\n", b"1\r\naXX0\r\n"]
)
def test_a_malformed_chunk_is_refused(chunk):
    with pytest.raises(ProtocolError):
        read([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + b"\r\n0\r\n\r\n"])


def test_an_answer_above_the_limit_is_refused_before_it_is_read():
    with pytest.raises(ProtocolError, match="larger than 10 bytes"):
        read([b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"], limit=10)
    with pytest.raises(ProtocolError, match="larger than 10 bytes"):
        read([chunked([b"123456", b"78901"])], limit=10)
    assert read([chunked([b"123456", b"7890"])], limit=10).body == b"1234567890"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8332", Endpoint("localhost", 8332, tls=False, path="")),
        ("http://localhost:8332/", Endpoint("localhost", 8332, tls=False, path="")),
        ("https://node.example/rpc/", Endpoint("node.example", 443, tls=True, path="/rpc")),
        ("http://[::1]:18443", Endpoint("::1", 18443, tls=False, path="")),
        ("HTTP://HOST", Endpoint("host", 80, tls=False, path="")),
    ],
)
def test_an_address_is_read_into_its_parts(url, expected):
    assert Endpoint.parse(url) == expected


def test_an_endpoint_writes_itself_as_a_host_header():
    assert str(Endpoint.parse("http://[::1]:18443")) == "[::1]:18443"
    assert str(Endpoint.parse("http://node.example:1")) == "node.example:1"
