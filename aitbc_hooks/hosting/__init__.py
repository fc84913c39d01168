"""Where plugins' code runs: today in this process; `docs/decisions/0003-isolation.md`."""

from aitbc_hooks.hosting.announcer import Announcer
from aitbc_hooks.hosting.dependencies import Dependencies
from aitbc_hooks.hosting.health import HealthWatch
from aitbc_hooks.hosting.known import KnownPlugins
from aitbc_hooks.hosting.naming import name_of, place_of
from aitbc_hooks.hosting.plugin import HostedPlugin, HostServices
from aitbc_hooks.hosting.stalls import STALL, StallWatch

__all__ = [
    "STALL",
    "Announcer",
    "Dependencies",
    "HealthWatch",
    "HostServices",
    "HostedPlugin",
    "KnownPlugins",
    "StallWatch",
    "name_of",
    "place_of",
]
