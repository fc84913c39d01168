"""Hook dispatch: a drop-in for `pluggy.PluginManager` that awaits async hookspecs.

* What programs use: `manager`, `addressed`, `typed` (signatures for type checkers), and from
  `recording` the tallies.
* Registering: `marking` finds implementations, `contract` judges them, `deprecation` warns of what
  will go, `ordering` and `identity` find their place; the `roster` knows who is there.
* Calling: `callers` is the seam to pluggy; `planning` makes a plan of one of the shapes in `plans`
  or `async_plans`; what has no plan is pluggy's, or the `engine`'s if it is async. `wrapping`,
  `deadline`, `concurrency` and `failures` are its parts; `traits` is what a hookspec says.
"""

from aitbc_hooks.dispatch.addressed import AddressedPlugin
from aitbc_hooks.dispatch.contract import UnmarkedHookWarning
from aitbc_hooks.dispatch.deprecation import InterfaceDeprecationWarning
from aitbc_hooks.dispatch.failures import HookFailure
from aitbc_hooks.dispatch.manager import HookManager
from aitbc_hooks.dispatch.recording import Recorder, Tallies, Tally

__all__ = [
    "AddressedPlugin",
    "HookFailure",
    "HookManager",
    "InterfaceDeprecationWarning",
    "Recorder",
    "Tallies",
    "Tally",
    "UnmarkedHookWarning",
]
