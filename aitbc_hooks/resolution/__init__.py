"""Which versions of which plugins go together, in which order they start, or why they cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.lazy import lazy_names

if TYPE_CHECKING:
    from aitbc_hooks.resolution.order import Node, StartOrder, start_order
    from aitbc_hooks.resolution.request import BUDGET, HOST, Release, Request
    from aitbc_hooks.resolution.resolving import resolve
    from aitbc_hooks.resolution.results import (
        Change,
        ChangeKind,
        GaveUp,
        Refutation,
        Resolution,
        Solution,
    )
    from aitbc_hooks.resolution.walk import in_order

__all__ = [
    "BUDGET",
    "HOST",
    "Change",
    "ChangeKind",
    "GaveUp",
    "Node",
    "Refutation",
    "Release",
    "Request",
    "Resolution",
    "Solution",
    "StartOrder",
    "in_order",
    "resolve",
    "start_order",
]

_HOMES = {
    "BUDGET": "aitbc_hooks.resolution.request",
    "HOST": "aitbc_hooks.resolution.request",
    "Change": "aitbc_hooks.resolution.results",
    "ChangeKind": "aitbc_hooks.resolution.results",
    "GaveUp": "aitbc_hooks.resolution.results",
    "Node": "aitbc_hooks.resolution.order",
    "Refutation": "aitbc_hooks.resolution.results",
    "Release": "aitbc_hooks.resolution.request",
    "Request": "aitbc_hooks.resolution.request",
    "Resolution": "aitbc_hooks.resolution.results",
    "Solution": "aitbc_hooks.resolution.results",
    "StartOrder": "aitbc_hooks.resolution.order",
    "in_order": "aitbc_hooks.resolution.walk",
    "resolve": "aitbc_hooks.resolution.resolving",
    "start_order": "aitbc_hooks.resolution.order",
}

if not TYPE_CHECKING:  # else every misspelt name would type-check
    __getattr__ = lazy_names(__name__, _HOMES)
