"""The import path of the testing framework that SPEC.md prints; the names live elsewhere."""

from typing import TYPE_CHECKING

from aitbc_hooks.lazy import lazy_names

if TYPE_CHECKING:
    from aitbc_hooks.testing import PluginTestCase, RecordingBus, RecordingClient, make_context

__all__ = ["PluginTestCase", "RecordingBus", "RecordingClient", "make_context"]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(__name__, dict.fromkeys(__all__, "aitbc_hooks.testing"))
