"""Hook dispatch: a drop-in for `pluggy.PluginManager` that awaits async hookspecs.

`typed` has the signatures of all hooks, for type checkers.
"""

from aitbc_hooks.dispatch.addressed import AddressedPlugin
from aitbc_hooks.dispatch.contract import UnmarkedHookWarning
from aitbc_hooks.dispatch.failures import HookFailure
from aitbc_hooks.dispatch.manager import HookManager
from aitbc_hooks.dispatch.recording import Recorder, Tallies, Tally

__all__ = [
    "AddressedPlugin",
    "HookFailure",
    "HookManager",
    "Recorder",
    "Tallies",
    "Tally",
    "UnmarkedHookWarning",
]
