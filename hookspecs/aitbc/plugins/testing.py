"""The import path of the testing framework that SPEC.md prints."""

from aitbc_hooks.testing import PluginTestCase

__all__ = ["PluginTestCase"]
