"""The node's JSON-RPC (1.0 and 2.0) as a small asynchronous client.

Reads and writes differ in one point, what happens after a failure. A read is repeated once, when
the node refused an outdated cookie. A write is sent once and never again; when nobody can know
whether the node carried it out, the error says so.
"""

from __future__ import annotations

import asyncio
import itertools
import ssl
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from . import amounts
from .credentials import Credentials
from .errors import (
    BitcoinError,
    NodeUnreachableError,
    ProtocolError,
    RPCError,
    UnauthorizedError,
    UnclearOutcomeError,
    rpc_error,
)
from .http1 import Endpoint, Response, post

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .settings import Settings

    Params = Sequence[Any] | Mapping[str, Any]

__all__ = ["RPCClient"]

_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_OK: Final = 200
#: Larger answers are decoded in a thread: ten megabytes of JSON block for a tenth of a second.
_DECODE_IN_THREAD: Final = 1024 * 1024
_MAX_MESSAGE: Final = 500


class RPCClient:
    """A client of one node. It holds no connection, so there is nothing to close."""

    def __init__(self, settings: Settings) -> None:
        self._endpoint = Endpoint.parse(settings.rpc_url)
        # Made once: reading the system's certificates takes longer than an exchange.
        self._tls = ssl.create_default_context() if self._endpoint.tls else None
        self._credentials = Credentials(settings)
        self._timeout = settings.timeout
        self._wallet_path = f"/wallet/{quote(settings.wallet, safe='')}" if settings.wallet else ""
        self._ids = itertools.count(1)

    def __repr__(self) -> str:
        return f"<RPCClient {self._endpoint}>"

    async def call(self, method: str, params: Params = (), *, within: float | None = None) -> Any:
        """Call a method that changes nothing, such as ``getblockcount``.

        Args:
            method: The node's name of it.
            params: Positional or named parameters; amounts are Decimal.
            within: Seconds, where the settings' timeout does not fit.

        Returns:
            The result as JSON values, with Decimal for numbers that are not integers.

        Raises:
            RPCError: The node answered with an error; subclasses for the usual ones.
            NodeConnectionError: No usable answer came; subclasses say what happened.
        """
        request = self._request(method, params)
        answer = await self._exchange(request, "", within or self._timeout, repeat=True)
        return self._result(answer, request["id"])

    async def batch(self, *calls: tuple[str, Params]) -> list[Any]:
        """Call several methods that change nothing, in one request.

        Returns:
            Their results, in the order of `calls`.

        Raises:
            RPCError: The node answered one of them, or the whole, with an error; the first such.
            NodeConnectionError: As for `call`.
        """
        requests = [self._request(method, params) for method, params in calls]
        answers = await self._exchange(requests, "", self._timeout, repeat=True)
        if isinstance(answers, dict) and answers.get("error") is not None:
            raise self._error(answers["error"])
        if not isinstance(answers, list) or len(answers) != len(requests):
            raise ProtocolError("The node did not answer each call of a batch.")
        # In any order (JSON-RPC 2.0, section 6).
        by_id = {_id(answer): answer for answer in answers}
        return [self._result(by_id.get(request["id"]), request["id"]) for request in requests]

    async def write(self, method: str, params: Params = ()) -> Any:
        """Call a method of the wallet that moves money. It is sent at most once.

        Raises:
            RPCError: The node refused; nothing happened.
            NodeUnreachableError: Nothing was sent.
            UnauthorizedError: The node did not look at the request.
            UnclearOutcomeError: It was sent, and whether it was carried out is unknown.
        """
        request = self._request(method, params)
        try:
            answer = await self._exchange(request, self._wallet_path, self._timeout, repeat=False)
            return self._result(answer, request["id"])
        except (RPCError, NodeUnreachableError, UnauthorizedError):
            raise
        except BitcoinError as error:
            raise UnclearOutcomeError(
                f"{method}: {error} The transaction may have been sent; look at listtransactions "
                "before you send it again."
            ) from error

    def _request(self, method: str, params: Params) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}

    async def _exchange(self, request: object, path: str, within: float, *, repeat: bool) -> Any:
        body = amounts.encode(request).encode()
        response = await self._post(path, body, within)
        if response.status == _UNAUTHORIZED and self._credentials.refresh() and repeat:
            response = await self._post(path, body, within)
        if response.status in (_UNAUTHORIZED, _FORBIDDEN):
            raise UnauthorizedError(_REFUSALS[response.status].format(self._endpoint))
        return await self._decode(response)

    async def _post(self, path: str, body: bytes, within: float) -> Response:
        headers = {"Content-Type": "application/json"}
        authorization = self._credentials.header()
        if authorization is not None:
            headers["Authorization"] = authorization
        return await post(self._endpoint, path, headers, body, within=within, tls=self._tls)

    async def _decode(self, response: Response) -> Any:
        """Decode the body. Errors do not quote it: a confused peer may echo the request."""
        try:
            if len(response.body) > _DECODE_IN_THREAD:
                return await asyncio.to_thread(amounts.decode, response.body)
            return amounts.decode(response.body)
        except ValueError:
            what = "JSON" if response.status == _OK else f"JSON-RPC (HTTP status {response.status})"
            raise ProtocolError(f"The answer of {self._endpoint} is not {what}.") from None

    def _result(self, answer: Any, expected_id: int) -> Any:
        if _id(answer) != expected_id:
            raise ProtocolError(f"{self._endpoint} answered another request than the one sent.")
        if answer.get("error") is not None:
            raise self._error(answer["error"])
        if "result" not in answer:
            raise ProtocolError(f"The answer of {self._endpoint} has no result.")
        return answer["result"]

    def _error(self, error: Any) -> BitcoinError:
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, bool) or not isinstance(code, int):
            return ProtocolError(f"The answer of {self._endpoint} has a malformed error.")
        message = self._credentials.redact(str(error.get("message")))
        printable = "".join(c if c.isprintable() else " " for c in message)
        return rpc_error(code, printable[:_MAX_MESSAGE])


_REFUSALS: Final = {
    _UNAUTHORIZED: "{} refused the credentials; set rpc_user and rpc_password, or rpc_cookie_file.",
    _FORBIDDEN: "{} does not serve this machine; see rpcallowip in the node's configuration.",
}


def _id(answer: Any) -> int | None:
    """The id of an answer; None if it is none of ours (True is not 1)."""
    value = answer.get("id") if isinstance(answer, dict) else None
    return value if type(value) is int else None
