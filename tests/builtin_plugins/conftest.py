"""The marker ``peer``: tests that talk to a program which is not a Python package.

Without the program they are deselected; with ``AITBC_REQUIRE_PEERS=1`` they run, and their
fixture fails. A test is never skipped.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("AITBC_REQUIRE_PEERS") == "1":
        return
    away = [item for item in items if not _has_peer(item)]
    if away:
        config.hook.pytest_deselected(items=away)
        items[:] = [item for item in items if item not in away]


def _has_peer(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("peer")
    return marker is None or any(shutil.which(program) for program in marker.args)
