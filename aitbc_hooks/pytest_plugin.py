"""The pytest plugin: ``pytest --aitbc-plugin my_package:MyPlugin`` examines plugins.

Every pytest run in an environment with this distribution imports this module, so it imports
nothing that a run without the option does not need.
"""

from __future__ import annotations

import pytest

__all__ = ["pytest_addoption", "pytest_configure"]

_LEVELS = ("MUST", "SHOULD", "MAY")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("aitbc", "aitbc: does a plugin keep the contract?")
    group.addoption(
        "--aitbc-plugin",
        action="append",
        default=[],
        metavar="TARGET",
        help="examine a plugin, in a process of its own: a path, package.module:Class, or the "
        "name of an installed one. May be given several times; without paths nothing else runs",
    )
    group.addoption(
        "--aitbc-level",
        type=str.upper,
        choices=_LEVELS,
        default="MUST",
        help="the lowest level whose failures fail a test; default: MUST",
    )
    group.addoption(
        "--aitbc-seed",
        type=int,
        default=0,
        metavar="N",
        help="of what is generated; one seed gives one report; default: 0",
    )
    group.addoption(
        "--aitbc-provides",
        action="append",
        default=[],
        metavar="NAME",
        help="a capability that is there while the checks run, such as network. May be given "
        "several times",
    )
    group.addoption(
        "--aitbc-sample",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what only the author knows, such as address=… or tx_data={…}. May be given several "
        "times",
    )
    group.addoption(
        "--aitbc-xfails",
        metavar="FILE",
        help="checks that are expected to fail: lines such as 'LIFE-04 see #12'",
    )
    group.addoption(
        "--aitbc-report",
        action="append",
        default=[],
        metavar="FILE",
        help="write a report: .json, .xml (JUnit), .svg (badge) or .txt; {plugin} in the name "
        "stands for the plugin's. May be given several times",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Examine plugins in this run, if it is asked for."""
    if config.getoption("aitbc_plugin"):
        config.pluginmanager.register(_targets(config), "aitbc-targets")


def _targets(config: pytest.Config) -> object:
    try:
        from aitbc_hooks.testing.kit.as_tests.targets import (  # noqa: PLC0415 - hypothesis, the kit
            Targets,
        )
    except ModuleNotFoundError as error:
        raise pytest.UsageError(
            f"--aitbc-plugin needs {error.name}: pip install 'aitbc-hooks[test]'"
        ) from None
    return Targets(config)
