"""``pytest --aitbc-plugin``: the checks of named plugins as pytest items, run in child processes.

Only a run that has the option imports this module.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aitbc_hooks.errors import AitbcError
from aitbc_hooks.testing.kit.as_tests.concluding import (
    Kind,
    concluded,
    properties,
    untested_label,
    untested_reason,
)
from aitbc_hooks.testing.kit.as_tests.orders import PLACE, Orders
from aitbc_hooks.testing.kit.checks import CHECKS
from aitbc_hooks.testing.kit.finding import place_named
from aitbc_hooks.testing.kit.processes.child import examine_in_child
from aitbc_hooks.testing.kit.untested import UNTESTED

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from aitbc_hooks.testing.kit.outcomes import Result
    from aitbc_hooks.testing.kit.report import Report

__all__ = ["Targets"]


class Targets:
    """The pytest plugin of a run that examines named plugins.

    Args:
        config: That of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._orders = Orders.of(config)
        self._nodes: list[Target] = []
        if config.args_source is not config.ArgsSource.ARGS:
            config.args[:] = []  # without paths of its own the run has these items alone

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Give the session a collector for each named plugin."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            root = collector.config.rootpath
            self._nodes = [
                Target.from_parent(
                    collector, name=name, nodeid=_node_id(name, root), orders=self._orders
                )
                for name in self._orders.targets
            ]
            report.result = [*(report.result or ()), *self._nodes]
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Say how long the check took, and not how long was waited for it."""
        report = yield
        if isinstance(item, CheckItem) and call.when == "call":
            report.duration = item.seconds
        return report

    def pytest_report_header(self) -> str:
        """Say what has to be the same for another run to be the same."""
        orders = self._orders
        return f"aitbc: {', '.join(orders.targets)}; level {orders.level.value}, seed {orders.seed}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell the verdicts that were found, and the files that were written."""
        if lines := [line for node in self._nodes for line in node.told]:
            terminalreporter.section("conformance", "-")
            terminalreporter.write_line("\n".join(lines))


def _node_id(target: str, root: Path) -> str:
    """Return what stands before the checks: of a path, the way from the root, as pytest has it."""
    path, colon, attribute = target.partition(":")
    if os.sep not in path and not Path(path).exists():
        return target
    way = os.path.relpath(path, root)
    if way == os.curdir:
        way = root.name
    return way.replace(os.sep, "/") + colon + attribute


class _EnoughError(Exception):
    """Nobody asks for the results that are still to come."""


class Target(pytest.Collector):
    """A named plugin: the collector of its checks, and what they came to."""

    def __init__(self, *, orders: Orders, **options: Any) -> None:
        super().__init__(**options)
        self.orders = orders
        self.told: list[str] = []
        self._results: dict[str, Result] = {}
        self._trouble: Exception | None = None
        self._wanted: frozenset[str] = frozenset()

    def collect(self) -> Iterator[pytest.Item]:
        try:
            place_named(self.name)
        except AitbcError as error:
            raise self.CollectError(str(error)) from None
        for check in CHECKS.values():
            yield CheckItem.from_parent(self, name=check.label, check_id=check.id)
        for sentence in UNTESTED:
            yield UntestedItem.from_parent(
                self, name=untested_label(sentence), reason=untested_reason(sentence)
            )

    def result(self, id: str) -> Result:  # noqa: A002 - the reader's word for it
        """Return what a check came to; the first call runs them, and waits for what is wanted."""
        if id not in self._results and self._trouble is None:
            try:
                self._examine()
            except (AitbcError, OSError, RuntimeError) as error:
                self._trouble = error
        if id not in self._results and self._trouble is not None:
            raise self._trouble
        return self._results[id]

    def _examine(self) -> None:
        orders = self.orders
        self._wanted = frozenset(self._selected())
        try:
            report = examine_in_child(
                self.name,
                level=orders.level,
                seed=orders.seed,
                provides=orders.provides,
                samples=orders.samples,
                on_result=self._take,
            )
        except _EnoughError:
            return
        self.told.append(f"{report.plugin}: {report.verdict.value}")
        for path in orders.reports:
            self._write(report, path)

    def _selected(self) -> Iterator[str]:
        """Yield the checks that somebody will ask for: a report has them all."""
        if self.orders.reports:
            yield from CHECKS
        for item in self.session.items:
            if isinstance(item, CheckItem) and item.parent is self:
                yield item.check_id

    def _take(self, result: Result) -> None:
        self._results[result.id] = result
        asked = [self.conclusion(self._results[id]) for id in self._wanted & self._results.keys()]  # noqa: A001
        failures = sum(conclusion.kind is Kind.FAILED for conclusion in asked)
        complete = len(asked) == len(self._wanted) < len(CHECKS)
        if complete or (not self.orders.reports and 0 < self.orders.maxfail <= failures):
            raise _EnoughError

    def conclusion(self, result: Result) -> Any:
        """Return what a result comes to as a test."""
        return concluded(
            result, level=self.orders.level, expected=self.orders.xfails.get(result.id)
        )

    def _write(self, report: Report, path: Path) -> None:
        name = re.sub(r"[^\w.-]+", "-", report.plugin)
        path = path.with_name(path.name.replace(PLACE, name))
        report.write(path)
        self.told.append(f"{report.plugin}: {path} written")


class _Item(pytest.Item):
    """A test that has no place in a file."""

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        return self.path, None, self.nodeid


class CheckItem(_Item):
    """A check of a named plugin, as a test."""

    def __init__(self, *, check_id: str, **options: Any) -> None:
        super().__init__(**options)
        self.check_id = check_id
        self.seconds = 0.0

    def runtest(self) -> None:
        assert isinstance(self.parent, Target)  # noqa: S101 - nobody else makes such items
        result = self.parent.result(self.check_id)
        self.seconds = result.seconds
        self.user_properties.extend(properties(result))
        self.parent.conclusion(result).conclude()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, (AitbcError, OSError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class UntestedItem(_Item):
    """A sentence that no check decides, as a test that is always skipped."""

    def __init__(self, *, reason: str, **options: Any) -> None:
        super().__init__(**options)
        self._reason = reason

    def runtest(self) -> None:
        pytest.skip(self._reason)
