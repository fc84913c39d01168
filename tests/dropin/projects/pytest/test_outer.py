"""Tests outside."""

from __future__ import annotations

import warnings

import pytest


def test_the_directorys_hook_is_not_called_here(answer):
    assert answer == "plugin: what"


@pytest.mark.xfail(strict=True)
def test_that_fails_as_expected():
    raise AssertionError


def test_that_fails(mocker):
    thing = mocker.Mock(return_value=1)
    assert thing() == 2


def test_that_raises_in_a_fixture(nowhere):
    pass


def test_hook_calls_are_recorded(pytester):
    pytester.makepyfile("def test_inside(): pass")
    recorder = pytester.inline_run()
    recorder.assertoutcome(passed=1)
    assert len(recorder.getcalls("pytest_runtest_logreport")) == 3


def test_warnings_are_reported():
    warnings.warn("of the test", UserWarning, stacklevel=1)
