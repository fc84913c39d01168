"""Services of the old kind: ``setup()``, ``execute(request)``, ``cleanup()``, ``health_check()``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aitbc_hooks.errors import PluginError, PluginInactiveError
from aitbc_hooks.interfaces.legacy import LegacyPluginAdapter
from aitbc_hooks.interfaces.legacy_calls import call_legacy

if TYPE_CHECKING:
    from aitbc_hooks.interfaces.records import PluginMetadata

__all__ = ["LegacyServiceAdapter"]


class LegacyServiceAdapter(LegacyPluginAdapter):
    """Presents a service as a `BasePlugin`.

    ===================== ============================================
    a service's method    is called
    ===================== ============================================
    ``setup()``           by `initialize`, if there is one
    ``execute(request)``  for each request
    ``cleanup()``         by `cleanup`, if there is one
    ``health_check()``    by `health_check`, if there is one; a bool
    ===================== ============================================

    Each may be synchronous or asynchronous; synchronous ones run in a thread. A request is an event
    ``<name>.execute``, whose data go to ``execute``; what that returns is published as
    ``<name>.executed`` with ``request`` and ``result``. The embedding host may call `execute`
    itself. Requests are executed one after another, as services of that kind expect.

    Args:
        service: The service.
        metadata: What to report as the plugin's metadata; by default the service's own
            ``get_metadata()`` or ``metadata``.

    Raises:
        PluginError: The service has no method ``execute``.
        MetadataError: Neither `metadata` nor the service says what the plugin is.

    Example:
        >>> import asyncio, warnings
        >>> from aitbc_hooks.interfaces.records import PluginMetadata
        >>> class Doubler:
        ...     def execute(self, request): return 2 * request
        >>> card = PluginMetadata("doubler", "1.0.0", "Doubles", "AITBC Team", "MIT")
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore", DeprecationWarning)
        ...     plugin = LegacyServiceAdapter(Doubler(), metadata=card)
        >>> async def main():
        ...     await plugin.initialize()
        ...     return await plugin.execute(21)
        >>> asyncio.run(main())
        42
    """

    _turn: asyncio.Lock | None = None

    def __init__(self, service: object, *, metadata: PluginMetadata | None = None) -> None:
        has_setup = callable(getattr(service, "setup", None))
        methods = {"initialize": "setup"} if has_setup else {}
        super().__init__(service, metadata=metadata, methods=methods, stacklevel=3)
        execute = getattr(service, "execute", None)
        if not callable(execute):
            raise PluginError(
                f"{type(service).__qualname__} has no method 'execute'.",
                plugin=self.metadata.name,
                hint="Adapt it with LegacyPluginAdapter instead.",
            )
        self._execute = execute

    async def initialize(self) -> bool:
        """Set the service up."""
        # A lock belongs to the loop of this life.
        self._turn = asyncio.Lock()
        return await super().initialize()

    async def cleanup(self) -> bool:
        """Clean the service up, after the request that is being executed."""
        turn, self._turn = self._turn, None
        if turn is None:
            return await super().cleanup()
        async with turn:
            return await super().cleanup()

    async def execute(self, request: Any) -> Any:
        """Execute one request.

        Raises:
            PluginInactiveError: The service is not set up (``AITBC-H02``).
        """
        turn = self._turn
        if turn is None:
            raise PluginInactiveError(
                "its service is not set up.", plugin=self.metadata.name, hint="Start it first."
            )
        async with turn:
            if self._turn is not turn:  # it was cleaned up while this request waited
                return await self.execute(request)
            return await call_legacy(self._execute, request)

    async def handle_event(self, event_type: str, data: dict[str, Any]) -> None:
        """Execute a request that comes as an event; pass other events on, as any adapter does."""
        name = self.metadata.name
        if event_type != f"{name}.execute":
            await super().handle_event(event_type, data)
            return
        answer = {"request": data, "result": await self.execute(data)}
        await self.context.event_bus.publish(f"{name}.executed", answer)

    async def health_check(self) -> dict[str, Any]:
        """Return the default health; ``degraded`` where the service's own check says False."""
        health = await super().health_check()
        if health.get("healthy") is False:
            reason = "the service's own health_check() returned False."
            return {**health, "status": "degraded", "reason": reason}
        return health
