"""A module whose start() works once after each initialize()."""

from __future__ import annotations

from aitbc.plugins import hookimpl

_tokens: list[str] = []


@hookimpl
async def initialize(context):
    _tokens[:] = [context.data_dir]
    return True


@hookimpl
async def start():
    _tokens.pop()
    return True
