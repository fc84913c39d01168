"""Tests that are marked for the runner RUNNER, run by `test_testing_case_runners.py`."""

from __future__ import annotations

import asyncio

import pytest

from aitbc.plugins import BasePlugin, PluginMetadata
from aitbc.plugins.testing import PluginTestCase

BROKEN = False
log = []


class Plugin(BasePlugin):
    def get_metadata(self):
        return PluginMetadata("plugin", "1.0.0", "A plugin", "Dev", "MIT")

    async def initialize(self):
        self.loop = asyncio.get_running_loop()
        return True

    async def start(self):
        return True

    async def stop(self):
        log.append(asyncio.get_running_loop() is self.loop)
        return True

    async def cleanup(self):
        return not BROKEN


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def use(case):
    log.clear()
    plugin = case.create_plugin(Plugin)
    await plugin.initialize()
    await plugin.start()


class TestMarked(PluginTestCase):
    @pytest.mark.RUNNER
    async def test_marked(self):
        await use(self)

    def test_its_plugin_was_stopped_on_the_runners_own_loop(self):
        assert log == [True]


class TestMarkedAsAClass(PluginTestCase):
    pytestmark = pytest.mark.RUNNER

    async def test_marked(self):
        await use(self)


class TestInherited(TestMarkedAsAClass):
    async def test_marked(self):
        await super().test_marked()
