"""Shared by the tests of the lifecycle."""

from __future__ import annotations

import logging

import pytest


@pytest.fixture(autouse=True)
def _quiet(caplog):
    """Keep thousands of reports of provoked failures out of the captured log."""
    caplog.set_level(logging.CRITICAL + 1, logger="aitbc.hooks")
