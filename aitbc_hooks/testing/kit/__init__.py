"""The conformance kit: whether a host can trust a plugin, and which sentence of the contract it breaks.

    report = conformance(MyPlugin)
    print(report.table())

The same checks run as pytest tests (`ConformanceSuite`, ``pytest --aitbc-plugin``) and from the
command line (``aitbc-hooks test``). The names below are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.lazy import lazy_names

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.as_tests.suite import ConformanceSuite
    from aitbc_hooks.testing.kit.checking import Check, Registry, Untested, check
    from aitbc_hooks.testing.kit.checks import CHECKS
    from aitbc_hooks.testing.kit.examining import conformance
    from aitbc_hooks.testing.kit.finding import find_plugin
    from aitbc_hooks.testing.kit.outcomes import (
        Inconclusive,
        Level,
        NotApplicable,
        Outcome,
        Result,
        Verdict,
        Violation,
    )
    from aitbc_hooks.testing.kit.processes.child import examine_in_child
    from aitbc_hooks.testing.kit.report import Report
    from aitbc_hooks.testing.kit.running import Examination
    from aitbc_hooks.testing.kit.specimen import Specimen
    from aitbc_hooks.testing.kit.trials.trial import Trial
    from aitbc_hooks.testing.kit.untested import UNTESTED

__all__ = [
    "CHECKS",
    "UNTESTED",
    "Check",
    "ConformanceSuite",
    "Examination",
    "Inconclusive",
    "Level",
    "NotApplicable",
    "Outcome",
    "Registry",
    "Report",
    "Result",
    "Specimen",
    "Trial",
    "Untested",
    "Verdict",
    "Violation",
    "check",
    "conformance",
    "examine_in_child",
    "find_plugin",
]

_PACKAGE = __name__ + "."
_HOMES = {
    "CHECKS": "checks",
    "UNTESTED": "untested",
    "Check": "checking",
    "ConformanceSuite": "as_tests.suite",
    "Examination": "running",
    "Inconclusive": "outcomes",
    "Level": "outcomes",
    "NotApplicable": "outcomes",
    "Outcome": "outcomes",
    "Registry": "checking",
    "Report": "report",
    "Result": "outcomes",
    "Specimen": "specimen",
    "Trial": "trials.trial",
    "Untested": "checking",
    "Verdict": "outcomes",
    "Violation": "outcomes",
    "check": "checking",
    "conformance": "examining",
    "examine_in_child": "processes.child",
    "find_plugin": "finding",
}

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {name: _PACKAGE + home for name, home in _HOMES.items()},
        extra="test",
        brings=("hypothesis", "pytest"),
    )
