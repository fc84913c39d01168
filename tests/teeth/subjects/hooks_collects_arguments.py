"""A module with a decorator that hides the arguments of what it decorates."""

from __future__ import annotations

from aitbc.plugins import hookimpl

calls: list[str] = []


def counted(function):
    def call(*args, **kwargs):
        calls.append(function.__name__)
        return function(*args, **kwargs)

    return call


@hookimpl(specname="handle_event")
@counted
def on_event(event_type, data):
    """Count it."""
