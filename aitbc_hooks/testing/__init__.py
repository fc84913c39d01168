"""What a plugin author tests with. Needs the extra ``test``: pytest, and hypothesis."""

from aitbc_hooks.testing.case import PluginTestCase

__all__ = ["PluginTestCase"]
