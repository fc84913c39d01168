"""``context.api_client`` for tests: scripted answers, and a record of the requests."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from aitbc_hooks.awaiting import awaited

__all__ = ["Answer", "RecordingClient", "Request", "copied"]

_T = TypeVar("_T")

_METHODS: Final = ("GET", "POST", "PUT", "DELETE")


def copied(value: _T) -> _T:
    """Return a deep copy, so that a record stays as it was; of what takes no copy, itself."""
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - of a lock, say, which the real thing takes too
        return value


@attrs.frozen
class Request:
    """One request of a plugin to its `RecordingClient`.

    Attributes:
        method: ``GET``, ``POST``, ``PUT`` or ``DELETE``.
        endpoint: The endpoint.
        args: What followed by position.
        kwargs: What followed by name.
    """

    method: str
    endpoint: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = attrs.field(factory=dict)

    def __str__(self) -> str:
        named = [f"{key}={value!r}" for key, value in self.kwargs.items()]
        return f"{self.method} {self.endpoint} ({', '.join([*map(repr, self.args), *named])})"


#: What a scripted request comes to: a dict, an exception, or a function that returns a dict.
Answer: TypeAlias = (
    dict[str, Any]
    | BaseException
    | type[BaseException]
    | Callable[[Request], dict[str, Any] | Awaitable[dict[str, Any]]]
)


class RecordingClient:
    """``context.api_client`` with scripted answers.

    Attributes:
        requests: Every request, in order.
        unscripted: Those that had no answer; `PluginTestCase` fails a test that leaves any, for
            a plugin may have caught what was raised.

    Example:
        >>> client = RecordingClient()
        >>> client.answer("GET", "/height", {"height": 7})
        >>> asyncio.run(client.get("/height"))
        {'height': 7}
        >>> print(*client.requests)
        GET /height ()
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.unscripted: list[Request] = []
        self._script: dict[tuple[str, str], list[Answer]] = {}

    def answer(self, method: str, endpoint: str, *answers: Answer) -> None:
        """Say what requests of an endpoint come to; what was said of it before is forgotten.

        Args:
            method: ``GET``, ``POST``, ``PUT`` or ``DELETE``.
            endpoint: The endpoint, exactly as the plugin names it.
            answers: One for each request, the last for all others: a dict, an exception that is
                raised, or a function that is called with the `Request` and returns the dict.

        Raises:
            ValueError: There is no such method, or no answer.
            TypeError: An answer is none of these.
        """
        if method.upper() not in _METHODS:
            raise ValueError(f"expected one of {', '.join(_METHODS)}, got {method!r}.")
        if not answers:
            raise ValueError(f"{method} {endpoint}: no answer is given.")
        for answer in answers:
            if not isinstance(answer, dict | BaseException) and not callable(answer):
                raise TypeError(
                    f"{method} {endpoint}: expected a dict, an exception or a function as answer, "
                    f"got {answer!r:.200}."
                )
        self._script[method.upper(), endpoint] = [
            copied(answer) if isinstance(answer, dict) else answer for answer in answers
        ]

    async def get(self, endpoint: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Answer as scripted for ``GET``."""
        return await self._request("GET", endpoint, args, kwargs)

    async def post(self, endpoint: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Answer as scripted for ``POST``."""
        return await self._request("POST", endpoint, args, kwargs)

    async def put(self, endpoint: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Answer as scripted for ``PUT``."""
        return await self._request("PUT", endpoint, args, kwargs)

    async def delete(self, endpoint: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Answer as scripted for ``DELETE``."""
        return await self._request("DELETE", endpoint, args, kwargs)

    async def _request(
        self, method: str, endpoint: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        request = Request(method, endpoint, copied(args), copied(kwargs))
        self.requests.append(request)
        answer: Any = self._next(request)
        await asyncio.sleep(0)  # a request takes time: others have their turn meanwhile
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, type) and issubclass(answer, BaseException):
            raise answer
        result = await awaited(answer(request)) if callable(answer) else copied(answer)
        if not isinstance(result, dict):
            raise TypeError(f"{request}: expected a dict as answer, got {result!r:.200}.")
        return result

    def _next(self, request: Request) -> Answer:
        answers = self._script.get((request.method, request.endpoint))
        if answers is None:
            self.unscripted.append(request)
            raise AssertionError(
                f"no answer was scripted for {request}; say "
                f"client.answer({request.method!r}, {request.endpoint!r}, {{...}})."
            )
        return answers.pop(0) if len(answers) > 1 else answers[0]
