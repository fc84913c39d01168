"""A module with an async implementation of a sync hook."""

from __future__ import annotations

from aitbc.plugins import hookimpl


@hookimpl
async def predict(input_data):
    return {"keys": len(input_data)}


@hookimpl
async def get_model_info():
    return {"name": "key counter", "trained": True}
