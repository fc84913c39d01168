"""Finding the smallest set of plugins with which a command breaks."""

from aitbc_hooks.cli.bisecting.concluding import conclusion
from aitbc_hooks.cli.bisecting.halving import smallest_breaking
from aitbc_hooks.cli.bisecting.searching import Finding, Outcome, Search
from aitbc_hooks.cli.bisecting.trying import Run, Trial, ending_on_signals

__all__ = [
    "Finding",
    "Outcome",
    "Run",
    "Search",
    "Trial",
    "conclusion",
    "ending_on_signals",
    "smallest_breaking",
]
