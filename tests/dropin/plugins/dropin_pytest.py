"""A plugin of pytest: a hook of its own, wrappers in both styles, historic hooks."""

from __future__ import annotations

import pytest
from dropin_notes import note, note_manager


class Specs:
    """The hook that this plugin adds."""

    @pytest.hookspec(firstresult=True)
    def pytest_dropin_answer(self, question):
        """Answer."""


def pytest_addoption(parser):
    parser.addoption("--dropin", default="unset", help="shown in the header")


def pytest_addhooks(pluginmanager):
    pluginmanager.add_hookspecs(Specs)


def pytest_configure(config):
    note_manager(config.pluginmanager)


def pytest_plugin_registered(plugin_name):
    if plugin_name.endswith("conftest.py"):
        note("conftest registered")


def pytest_report_header(config):
    return f"drop-in: {config.getoption('--dropin')}"


@pytest.hookimpl(trylast=True)
def pytest_dropin_answer(question):
    return f"plugin: {question}"


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    note(f"before {pyfuncitem.name}")
    try:
        return (yield)
    finally:
        note(f"after {pyfuncitem.name}")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    note(f"report {item.name} {call.when}: {outcome.get_result().outcome}")
