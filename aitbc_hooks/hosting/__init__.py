"""Where plugins' code runs: today in this process; `docs/decisions/0003-isolation.md`."""

from aitbc_hooks.hosting.activation import Activation, SleepingPlugin
from aitbc_hooks.hosting.announcer import Announcer
from aitbc_hooks.hosting.dependencies import Dependencies
from aitbc_hooks.hosting.health import HealthWatch
from aitbc_hooks.hosting.known import KnownPlugins
from aitbc_hooks.hosting.naming import name_of, place_of
from aitbc_hooks.hosting.origin import running_as
from aitbc_hooks.hosting.plugin import HostedPlugin, HostServices
from aitbc_hooks.hosting.reloading import Reloader
from aitbc_hooks.hosting.report import HookCalls, PluginReport
from aitbc_hooks.hosting.schemas import mark_known_secrets
from aitbc_hooks.hosting.stalls import STALL, Stall, StallWatch, find_culprit

__all__ = [
    "STALL",
    "Activation",
    "Announcer",
    "Dependencies",
    "HealthWatch",
    "HookCalls",
    "HostServices",
    "HostedPlugin",
    "KnownPlugins",
    "PluginReport",
    "Reloader",
    "SleepingPlugin",
    "Stall",
    "StallWatch",
    "find_culprit",
    "mark_known_secrets",
    "name_of",
    "place_of",
    "running_as",
]
