"""Hooks of one directory: pytest calls them for the tests in it alone."""

from __future__ import annotations


def pytest_dropin_answer(question):
    return f"inner: {question}" if question == "what" else None
