"""Keeps what plugins of these tests import out of the other tests."""

import sys

import pytest


@pytest.fixture(autouse=True)
def _clean_modules():
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith(("aitbc_plugin_", "installed_")):
            del sys.modules[name]
