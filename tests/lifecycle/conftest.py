"""Shared by the tests of the lifecycle."""

from __future__ import annotations

import logging
import os
import tempfile

import pytest

pytest.register_assert_rewrite(
    "lifecycle_bench", "lifecycle_histories", "lifecycle_laws", "lifecycle_machine"
)


@pytest.fixture(autouse=True)
def _quiet(caplog):
    """Keep thousands of reports of provoked failures out of the captured log."""
    caplog.set_level(logging.CRITICAL + 1, logger="aitbc.hooks")


@pytest.fixture(autouse=True)
def state_dir(monkeypatch, tmp_path_factory):
    """Keep thousands of short-lived folders together, in memory where that is possible."""
    tmp_path_factory.getbasetemp()  # pytest's own folders stay where they are
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield folder
