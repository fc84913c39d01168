from __future__ import annotations

import asyncio
import base64
import json
import ssl
import subprocess
from decimal import Decimal

import pytest
from bitcoin_fake_node import TXID, FakeNode, Fault, basic, frame, never, sends, slowly

from aitbc_builtin_plugins.bitcoin.errors import (
    InsufficientFundsError,
    InvalidAddressError,
    NodeConnectionError,
    NodeTimeoutError,
    NodeUnreachableError,
    ProtocolError,
    RPCError,
    UnauthorizedError,
    UnclearOutcomeError,
    WalletLockedError,
    WalletNotFoundError,
    WarmingUpError,
)
from aitbc_builtin_plugins.bitcoin.rpc import RPCClient
from aitbc_builtin_plugins.bitcoin.settings import Settings

CANARY = "canary-5up3r-53cr3t"


def with_node(scenario, **config):
    """Run ``scenario(node, client)``."""

    async def main():
        async with FakeNode() as node:
            await scenario(node, client_of(node, **config))

    asyncio.run(main())


def client_of(node, **config):
    return RPCClient(Settings.from_config({"rpc_url": node.url, "timeout": 5} | config))


def test_a_result_is_returned_with_decimals_for_fractions():
    async def scenario(node, client):
        body = b'{"jsonrpc":"2.0","result":{"amount":0.10000001,"height":7},"id":1}'
        node.behaviour = sends(frame(body))
        assert await client.call("x") == {"amount": Decimal("0.10000001"), "height": 7}

    with_node(scenario)


def test_a_request_carries_exact_amounts_and_the_wallets_path():
    async def scenario(node, client):
        await client.write("sendtoaddress", {"address": "a", "amount": Decimal("0.1")})
        await client.call("getblockcount")
        assert [seen.path for seen in node.seen] == ["/wallet/my%20%2F%20wallet", "/"]
        assert '"amount":0.10000000}' in node.seen[0].text
        assert node.seen[0].payload["jsonrpc"] == "2.0"

    with_node(scenario, wallet="my / wallet")


def test_a_chunked_answer_is_read():
    async def scenario(node, client):
        body = b'{"result":1,"error":null,"id":1}'
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        node.behaviour = sends(head + chunks + b"0\r\n\r\n")
        assert await client.call("x") == 1

    with_node(scenario)


def test_a_large_answer_is_read():
    async def scenario(node, client):
        node.answers["x"] = "a" * 3_000_000
        assert await client.call("x") == node.answers["x"]

    with_node(scenario)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-5, InvalidAddressError),
        (-6, InsufficientFundsError),
        (-13, WalletLockedError),
        (-18, WalletNotFoundError),
        (-19, WalletNotFoundError),
        (-28, WarmingUpError),
        (-1, RPCError),
    ],
)
def test_an_error_of_the_node_has_its_own_class(code, kind):
    async def scenario(node, client):
        node.answers["x"] = Fault(code, "the node's words\n\x1b[31m")
        for call in (client.call, client.write):
            with pytest.raises(RPCError) as caught:
                await call("x")
            assert type(caught.value) is kind
            assert caught.value.code == code
            assert caught.value.message == "the node's words  [31m"
            assert str(code) in str(caught.value)

    with_node(scenario)


def test_answers_of_a_batch_are_matched_by_id_in_any_order():
    async def scenario(node, client):
        async def reverse(writer, payload):
            answers = [{"result": call["method"], "id": call["id"]} for call in payload]
            writer.write(frame(json.dumps(answers[::-1]).encode()))

        node.behaviour = reverse
        assert await client.batch(("a", []), ("b", []), ("c", [])) == ["a", "b", "c"]
        assert len(node.seen) == 1

    with_node(scenario)


def test_a_batch_fails_with_the_first_error_in_it():
    async def scenario(node, client):
        node.answers |= {"a": 1, "b": Fault(-28, "Loading"), "c": Fault(-1, "no")}
        with pytest.raises(WarmingUpError):
            await client.batch(("a", []), ("b", []), ("c", []))
        node.behaviour = sends(frame(b'{"result":null,"error":{"code":-32600,"message":"no"}}'))
        with pytest.raises(RPCError, match="-32600"):
            await client.batch(("a", []))

    with_node(scenario)


BROKEN_ANSWERS = {
    "nothing": b"",
    "garbage": b"\x00\xff" * 50,
    "not JSON": frame(b"<html>It works!</html>"),
    "no body": frame(b""),
    "a list": frame(b"[]"),
    "another id": frame(b'{"result":1,"error":null,"id":999}'),
    "an id of another type": frame(b'{"result":1,"error":null,"id":true}'),
    "no id": frame(b'{"result":1,"error":null}'),
    "no result": frame(b'{"error":null,"id":1}'),
    "a malformed error": frame(b'{"error":"no","id":1}'),
    "an error whose code is no number": frame(b'{"error":{"code":"-6"},"id":1}'),
    "a truncated body": frame(b'{"result":1,"error":null,"id":1}')[:-1],
    "HTTP 500 without JSON": frame(b"oops", "500 Internal Server Error"),
    "HTTP 502": frame(b"", "502 Bad Gateway"),
    "HTTP 503": frame(b"Work queue depth exceeded", "503 Service Unavailable"),
    "a redirect": b"HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("answer", BROKEN_ANSWERS.values(), ids=BROKEN_ANSWERS.keys())
def test_a_broken_answer_is_a_protocol_error_to_a_read(answer):
    async def scenario(node, client):
        node.behaviour = sends(answer)
        with pytest.raises(ProtocolError):
            await client.call("x")
        assert len(node.seen) == 1

    with_node(scenario)


@pytest.mark.parametrize("answer", BROKEN_ANSWERS.values(), ids=BROKEN_ANSWERS.keys())
def test_after_a_broken_answer_a_write_is_unclear_and_was_sent_once(answer):
    async def scenario(node, client):
        node.behaviour = sends(answer)
        with pytest.raises(UnclearOutcomeError, match="may have been sent; look at listtransact"):
            await client.write("sendtoaddress")
        assert node.methods() == ["sendtoaddress"]

    with_node(scenario)


@pytest.mark.parametrize(
    "answers",
    [
        b'[{"result":1,"id":1}]',
        b'[{"result":1,"id":1},{"result":1,"id":1}]',
        b'[{"result":1,"id":1},{"result":1,"id":9}]',
        b'[{"result":1,"id":1},2]',
        b'{"result":1,"id":1}',
        b"null",
    ],
)
def test_a_batch_that_is_not_answered_call_by_call_is_refused(answers):
    async def scenario(node, client):
        node.behaviour = sends(frame(answers))
        with pytest.raises(ProtocolError):
            await client.batch(("a", []), ("b", []))

    with_node(scenario)


@pytest.mark.parametrize("silence", [never, slowly(frame(b'{"result":1,"error":null,"id":1}'))])
def test_a_node_that_does_not_answer_in_time_is_given_up(silence):
    async def scenario(node, client):
        node.behaviour = silence
        with pytest.raises(NodeTimeoutError, match=r"within 0\.05 s"):
            await client.call("x")
        with pytest.raises(UnclearOutcomeError, match="may have been sent"):
            await client.write("x")
        assert len(node.seen) == 2

    with_node(scenario, timeout=0.05)


def test_where_nobody_listens_nothing_was_sent():
    async def scenario(node, client):
        await node.stop()
        for call in (client.call, client.write):
            with pytest.raises(NodeUnreachableError, match="Connection refused"):
                await call("x")

    with_node(scenario)


def test_a_host_name_that_cannot_be_one_is_unreachable():
    client = RPCClient(Settings.from_config({"rpc_url": f"http://{'a' * 70}.example"}))
    with pytest.raises(NodeUnreachableError):
        asyncio.run(client.call("x"))


def test_plain_http_behind_an_https_address_is_unreachable_not_unclear():
    async def scenario(node, _):
        client = client_of(node, rpc_url=node.url.replace("http", "https"), timeout=0.2)
        with pytest.raises(NodeUnreachableError):
            await client.write("x")
        assert node.seen == []

    with_node(scenario)


@pytest.mark.peer("openssl")
def test_https_is_spoken_with_a_certificate_that_the_system_trusts_and_no_other(
    tmp_path, monkeypatch
):
    certificate, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command = ["openssl", "req", *kind, "-keyout", key, "-out", certificate, *subject]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def main():
        async with FakeNode(context) as node:
            with pytest.raises(NodeUnreachableError, match="certificate verify failed"):
                await client_of(node).call("getblockcount")
            assert node.seen == []
            monkeypatch.setenv("SSL_CERT_FILE", certificate)
            assert await client_of(node).call("getblockcount") == 100

    asyncio.run(main())


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_refused_login_is_clear_and_tells_what_to_set(status):
    async def scenario(node, client):
        node.behaviour = sends(frame(b"", status))
        for call in (client.call, client.write):
            with pytest.raises(UnauthorizedError, match=r"rpc_cookie_file|rpcallowip"):
                await call("x")
        assert len(node.seen) == 2

    with_node(scenario, rpc_user="u", rpc_password="wrong")


def test_user_and_password_are_sent_as_basic_authorization():
    async def scenario(node, client):
        node.authorization = basic("ü", "p:w")
        assert await client.call("getblockcount") == 100

    with_node(scenario, rpc_user="ü", rpc_password="p:w")


def test_a_read_finds_the_new_cookie_of_a_restarted_node(tmp_path):
    cookie = tmp_path / ".cookie"
    cookie.write_text("__cookie__:one\n")

    async def scenario(node, client):
        node.authorization = basic("__cookie__", "one")
        assert await client.call("getblockcount") == 100
        node.authorization = basic("__cookie__", "two")
        with pytest.raises(UnauthorizedError):
            await client.call("getblockcount")
        cookie.write_text("__cookie__:two")
        assert await client.call("getblockcount") == 100
        # One request, a refused one, and one that was repeated; the same cookie is not repeated.
        assert len(node.seen) == 1 + 1 + 2

    with_node(scenario, rpc_cookie_file=str(cookie))


def test_a_write_is_not_repeated_with_the_new_cookie_but_the_next_one_has_it(tmp_path):
    cookie = tmp_path / ".cookie"
    cookie.write_text("__cookie__:one")

    async def scenario(node, client):
        node.authorization = basic("__cookie__", "two")
        await asyncio.gather(client.call("x"), return_exceptions=True)
        cookie.write_text("__cookie__:two")
        with pytest.raises(UnauthorizedError):
            await client.write("sendtoaddress")
        assert node.methods().count("sendtoaddress") == 1
        assert await client.write("sendtoaddress") == TXID

    with_node(scenario, rpc_cookie_file=str(cookie))


@pytest.mark.parametrize("content", [None, b"", b"no colon", b"a:" + b"b" * 2000, b"\xff:\xff"])
def test_a_missing_or_strange_cookie_file_is_an_unreachable_node(tmp_path, content):
    cookie = tmp_path / ".cookie"
    if content is not None:
        cookie.write_bytes(content)

    async def scenario(node, client):
        with pytest.raises(NodeUnreachableError, match="cookie"):
            await client.call("x")
        assert node.seen == []

    with_node(scenario, rpc_cookie_file=str(cookie))


def echo(in_error):
    async def behave(writer, payload):
        text = f"canary is {CANARY}, {basic('user', CANARY)} of user:{CANARY}"
        answer = {"error": {"code": -1, "message": text}, "id": payload["id"]}
        writer.write(frame(json.dumps(answer).encode() if in_error else text.encode()))

    return behave


@pytest.mark.parametrize("in_error", [True, False])
def test_a_peer_that_repeats_the_secret_cannot_bring_it_into_an_error(in_error):
    async def scenario(node, client):
        node.behaviour = echo(in_error)
        for call in (client.call, client.write):
            with pytest.raises((RPCError, NodeConnectionError, UnclearOutcomeError)) as caught:
                await call("x")
            text = repr(caught.value) + str(caught.value) + repr(caught.value.__cause__)
            assert CANARY not in text
            assert base64.b64encode(f"user:{CANARY}".encode()).decode() not in text

    with_node(scenario, rpc_user="user", rpc_password=CANARY)


def test_no_object_shows_the_secret():
    settings = Settings.from_config({"rpc_user": "user", "rpc_password": CANARY})
    client = RPCClient(settings)
    client._credentials.header()
    for thing in (settings, client, client._credentials):
        assert CANARY not in repr(thing)


def test_a_float_never_leaves_the_house():
    async def scenario(node, client):
        with pytest.raises(TypeError):
            await client.write("sendtoaddress", ["a", 0.1])
        assert node.seen == []

    with_node(scenario)
