"""The project's hooks."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.name)


@pytest.fixture
def answer(request):
    """Ask the directory's own hooks."""
    return request.node.ihook.pytest_dropin_answer(question="what")


@pytest.fixture
def broken():
    """Fail."""
    raise ValueError("in the fixture")
