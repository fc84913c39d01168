"""A home for every test."""

from __future__ import annotations

import pytest
from e2e_host import Home


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)
