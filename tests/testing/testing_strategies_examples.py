"""What a strategy draws, as a list; Hypothesis' health checks hold for it."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, find, given, settings

COUNT = 100
_QUIET = {
    "database": None,
    "deadline": None,
    "derandomize": True,
    # A slow machine is no failure. That little is filtered is: the other checks stay.
    "suppress_health_check": [HealthCheck.too_slow],
}


def examples(strategy, count=COUNT):
    """Return what a test would get."""
    found = []

    @settings(max_examples=count, phases=[Phase.generate], **_QUIET)
    @given(strategy)
    def collect(value):
        found.append(value)

    collect()
    return found


def simplest(strategy, condition=lambda _: True):
    """Return what a failing test would shrink to."""
    phases = [Phase.generate, Phase.shrink]
    return find(strategy, condition, settings=settings(max_examples=500, phases=phases, **_QUIET))
