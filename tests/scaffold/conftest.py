"""One generated plugin of each kind, for all tests that only read or copy it."""

from __future__ import annotations

import pytest
from scaffold_orders import NAMED, generate


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """Return kind -> the folder of a new plugin."""
    root = tmp_path_factory.mktemp("plugins")
    return {kind: generate(root, kind, name) for kind, name in NAMED.items()}
