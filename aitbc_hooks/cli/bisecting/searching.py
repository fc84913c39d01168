"""The search: first whether there is anything to find, then what, then whether it is so again."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.cli.bisecting.halving import smallest_breaking

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aitbc_hooks.cli.bisecting.trying import Run

__all__ = ["Finding", "Outcome", "Search"]


class Outcome(enum.Enum):
    """What a search comes to."""

    #: A smallest set was found, and has broken the command once more.
    FOUND = "found"
    #: The command works with all plugins: there is nothing to look for.
    WORKS = "works with all plugins"
    #: The command breaks with none of them, too.
    ALWAYS = "breaks without any plugin"
    #: What has broken the command does not do so each time.
    FLAKY = "does not break each time"


@attrs.frozen
class Finding:
    """The result.

    Attributes:
        outcome: What the search has come to.
        culprits: The smallest set that was found, without what its members need.
        along: What they need.
        runs: Every run of the command, in order.
    """

    outcome: Outcome
    culprits: tuple[str, ...]
    along: tuple[str, ...]
    runs: tuple[Run, ...]


@attrs.define
class Search:
    """Looks for the smallest set of plugins with which a command breaks.

    Attributes:
        names: The plugins.
        needs: Name -> what it needs among them, directly or not.
        run: Runs the command with a set of them.
        tell: Told of each run when it has ended.
    """

    names: Sequence[str]
    needs: Mapping[str, frozenset[str]]
    run: Callable[[frozenset[str]], Run]
    tell: Callable[[int, Run], None]
    _runs: list[Run] = attrs.field(init=False, factory=list)

    def search(self) -> Finding:
        """Run the command until it is known what breaks it, or that this cannot be found out."""
        everything = frozenset(self.names)
        if not self._breaks(everything):
            return self._found(Outcome.WORKS, frozenset())
        if not self.names or self._breaks(frozenset()):
            return self._found(Outcome.ALWAYS, frozenset())
        smallest = smallest_breaking(self.names, self._breaks, self.needs)
        # It was seen to break before; a command that breaks by chance is seen through here.
        again = self._breaks(smallest)
        return self._found(Outcome.FOUND if again else Outcome.FLAKY, smallest)

    def _breaks(self, plugins: frozenset[str]) -> bool:
        run = self.run(plugins)
        self._runs.append(run)
        self.tell(len(self._runs), run)
        return run.breaks

    def _found(self, outcome: Outcome, smallest: frozenset[str]) -> Finding:
        along = {name for name in smallest if self._comes_along(name, smallest)}
        return Finding(
            outcome,
            tuple(name for name in self.names if name in smallest - along),
            tuple(name for name in self.names if name in along),
            tuple(self._runs),
        )

    def _comes_along(self, name: str, plugins: frozenset[str]) -> bool:
        """Whether a plugin is needed by one of these that it does not need itself, as in a cycle."""
        none: frozenset[str] = frozenset()
        return any(
            name in self.needs.get(other, none) and other not in self.needs.get(name, none)
            for other in plugins
        )
