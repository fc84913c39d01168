"""What holds for every test."""

from __future__ import annotations

import gc
import os
import signal
import sys

import pytest
from hypothesis import settings

# A slow machine is no failing test. In CI, Hypothesis itself chooses fixed examples.
settings.register_profile("project", settings(), deadline=None, print_blob=True)
settings.load_profile("project")


@pytest.fixture(autouse=True, scope="session")
def _cache_of_its_own(tmp_path_factory):
    """Keep the index of plugins out of the user's cache directory, in child processes too."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture(autouse=True)
def _forget_imported_plugins():
    """Keep the modules of plugins that a test has loaded out of the next test."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith(("aitbc_plugin_", "installed_")):
            del sys.modules[name]


@pytest.fixture
def sigint_is_heard():
    """Let this process and its children hear Ctrl-C, though shells have background jobs ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def only_counting_references():
    """Let objects be forgotten with the last reference to them, and not by the collector."""
    gc.disable()
    yield
    gc.enable()
