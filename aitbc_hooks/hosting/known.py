"""The plugins of one host: found or handed over, enabled or not, blocked or not."""

from __future__ import annotations

import difflib
import functools
import logging
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.discovery import Catalogue, Index, add, discover, find_named, index_for
from aitbc_hooks.errors import AitbcError, PluginNameError, PluginNotFoundError
from aitbc_hooks.hosting.naming import own_name
from aitbc_hooks.hosting.plugin import HostedPlugin
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aitbc_hooks.discovery import Candidate
    from aitbc_hooks.hosting.plugin import HostServices

__all__ = ["KnownPlugins"]

_log = logging.getLogger("aitbc.hooks")

#: Sources whose plugins count as enabled: somebody has handed them over.
_GIVEN: Final = frozenset({"registered", "command line"})


class KnownPlugins:
    """Finds plugins by name, and keeps one `HostedPlugin` for each that was asked for.

    Nothing is discovered before it is needed, and discovering imports no plugin.

    Args:
        services: What the host shares with its plugins.
        drive: See `HostedPlugin`.
        cached: Keep what was read of plugins in the user's cache directory.
    """

    def __init__(
        self,
        services: HostServices,
        drive: Callable[[HostedPlugin, str], Callable[[], Any]],
        *,
        cached: bool = True,
    ) -> None:
        self._services = services
        self._cached = cached
        self._drive = drive
        self._catalogue = Catalogue()
        self._discovered = False
        self._hosted: dict[str, HostedPlugin] = {}
        self._blocked: set[str] = set()
        self._listed = {canonical_name(name) for name in services.config.plugins}

    def __iter__(self) -> Iterator[HostedPlugin]:
        """Iterate over the plugins that were asked for so far, over a copy."""
        return iter(list(self._hosted.values()))

    @property
    def catalogue(self) -> Catalogue:
        """Everything there is, whether it was asked for or not."""
        if not self._discovered:
            self._discovered = True
            paths = self._services.config.plugin_paths
            discover(paths, into=self._catalogue, index=self.index)
        return self._catalogue

    @functools.cached_property
    def index(self) -> Index:
        """What was read of plugins before."""
        return index_for(self._services.config.plugin_paths) if self._cached else Index()

    def name(self, items: Iterable[str]) -> None:
        """Take ``package.module`` and ``no:NAME`` as given to ``-p`` on the command line.

        As in pytest, a module is imported at once: only it can say what its plugin is called.
        One that cannot be imported goes by its module's name, and fails when it is loaded.
        """
        for item in items:
            if item.startswith("no:"):
                self._blocked.add(canonical_name(item.removeprefix("no:")))
            else:
                for candidate in find_named([item]):
                    self.add(_under_its_own_name(candidate))

    def add(self, candidate: Candidate) -> None:
        """Enter a plugin that was handed over; it comes before one that is merely found.

        Raises:
            PluginNameError: The name belongs to another one that was handed over, or is loaded.
        """
        key = canonical_name(candidate.name)
        holder = self._catalogue.candidates.get(key)
        hosted = self._hosted.get(key)
        loaded = hosted is not None and hosted.lifecycle.status is not PluginStatus.UNLOADED
        if holder is not None and (loaded or holder.source in _GIVEN):
            raise PluginNameError(
                f"the name is taken by the plugin of {holder.source} {holder.location}.",
                plugin=candidate.name,
                hint="Pass another name.",
            )
        self._hosted.pop(key, None)
        self._catalogue.candidates[key] = candidate
        if holder is not None:
            add(self._catalogue, holder)

    def forget(self, hosted: HostedPlugin) -> None:
        """Take back a plugin that was handed over; one that was found stays."""
        key = canonical_name(hosted.name)
        self._hosted.pop(key, None)
        if hosted.candidate.source in _GIVEN:
            self._catalogue.candidates.pop(key, None)

    def find(self, name: str) -> HostedPlugin | None:
        """Return the plugin of a name, whatever its case; None if it is unknown or blocked."""
        key = canonical_name(name)
        hosted = self._hosted.get(key)
        if hosted is None and key not in self._blocked:
            candidate = self._catalogue.get(key) or self.catalogue.get(key)
            if candidate is not None:
                hosted = self._hosted[key] = HostedPlugin(candidate, self._services, self._drive)
        return hosted

    def get(self, name: str) -> HostedPlugin:
        """Return the plugin of a name, whatever its case.

        Raises:
            PluginNotFoundError: It is unknown or blocked; the message says what comes close.
        """
        hosted = self.find(name)
        if hosted is None:
            raise self._not_found(name)
        return hosted

    def everything(self) -> list[HostedPlugin]:
        """Return every plugin that is known and not blocked."""
        names = [candidate.name for candidate in self.catalogue.candidates.values()]
        return [hosted for name in names if (hosted := self.find(name)) is not None]

    def is_enabled(self, hosted: HostedPlugin) -> bool:
        """Whether the host starts the plugin by itself."""
        given = hosted.candidate.source in _GIVEN
        return hosted.settings.enabled or (
            given and canonical_name(hosted.name) not in self._listed
        )

    def enabled(self) -> list[HostedPlugin]:
        """Return what is enabled and known, by priority and name."""
        given = [c.name for c in self._catalogue.candidates.values() if c.source in _GIVEN]
        found = {
            canonical_name(name): hosted
            for name in (*given, *self._services.config.plugins)
            if (hosted := self.find(name)) is not None and self.is_enabled(hosted)
        }
        return sorted(found.values(), key=lambda h: (h.settings.priority, canonical_name(h.name)))

    def log_problems(self) -> None:
        """Log what the configuration enables and nobody knows, or several places have."""
        for name, settings in self._services.config.plugins.items():
            blocked = canonical_name(name) in self._blocked
            if settings.enabled and not blocked and self.find(name) is None:
                _log.error("%s", self._not_found(name))
        for rejected in self.catalogue.rejected:
            hosted = self.find(rejected.name)
            shadowed = isinstance(rejected.error, PluginNameError)
            if shadowed and hosted is not None and self.is_enabled(hosted):
                _log.warning("%s is passed over: %s", rejected.location, rejected.error)

    def _not_found(self, name: str) -> PluginNotFoundError:
        key = canonical_name(name)
        if key in self._blocked:
            return PluginNotFoundError("it is blocked.", plugin=name, hint=f"Drop no:{name}.")
        for rejected in self.catalogue.rejected:
            if canonical_name(rejected.name) == key:
                return PluginNotFoundError(
                    f"{rejected.location} was passed over: {rejected.error}", plugin=name
                )
        candidates = self.catalogue.candidates
        close = difflib.get_close_matches(key, candidates, n=1) or [
            known for known in candidates if key and known.startswith(key)
        ]
        return PluginNotFoundError(
            "no plugin of that name is known.",
            plugin=name,
            hint=f"Did you mean {candidates[close[0]].name!r}?" if close else None,
        )


def _under_its_own_name(candidate: Candidate) -> Candidate:
    try:
        name = own_name(candidate.resolve())
    except AitbcError:
        return candidate
    return attrs.evolve(candidate, name=name) if name else candidate
