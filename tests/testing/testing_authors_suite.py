"""The kinds of test that authors write, run by `test_testing_case_runners.py` in many ways.

Each ends in ``assert not BROKEN``: in the twin of this file, where BROKEN is True, all must fail.
"""

from __future__ import annotations

import asyncio
import unittest

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from aitbc.plugins import BasePlugin, PluginMetadata, PluginStatus
from aitbc.plugins.testing import PluginTestCase

BROKEN = False
QUICK = settings(max_examples=3, database=None, derandomize=True, phases=[Phase.generate])


class Plugin(BasePlugin):
    def get_metadata(self):
        return PluginMetadata("plugin", "1.0.0", "A plugin", "Dev", "MIT")

    async def initialize(self):
        await asyncio.sleep(0)
        return True

    async def start(self):
        self.beat = asyncio.create_task(asyncio.sleep(3600))
        return True

    async def stop(self):
        self.beat.cancel()
        return True

    async def cleanup(self):
        return True


@pytest.fixture
def seven():
    return 7


class Mixin:
    async def test_inherited(self):
        await self.go()
        assert not BROKEN

    def test_inherited_synchronous(self):
        assert self.create_plugin(Plugin).status is PluginStatus.UNLOADED
        assert not BROKEN


class TestKinds(Mixin, PluginTestCase):
    async def go(self):
        plugin = self.create_plugin(Plugin)
        await plugin.initialize()
        await plugin.start()
        assert plugin.status is PluginStatus.ACTIVE
        return plugin

    def test_synchronous(self):
        assert self.create_plugin(Plugin).metadata.name == "plugin"
        assert not BROKEN

    async def test_asynchronous(self):
        await self.go()
        assert not BROKEN

    async def test_with_fixtures(self, seven, tmp_path):
        await self.go()
        assert (seven, tmp_path.is_dir(), BROKEN) == (7, True, False)

    @pytest.mark.parametrize("number", [1, 2])
    async def test_parametrised(self, number, seven):
        await self.go()
        assert not BROKEN

    @QUICK
    @given(number=st.integers())
    async def test_given(self, number):
        await self.go()
        assert isinstance(number, int)
        assert not BROKEN

    @QUICK
    @given(number=st.integers())
    def test_given_synchronous(self, number):
        assert isinstance(number, int)
        assert not BROKEN

    @staticmethod
    def test_static():
        assert not BROKEN


class TestSetUpAround(PluginTestCase):
    @pytest.fixture(autouse=True)
    def around(self):
        self.fixed = True

    def setup_method(self):
        self.plugin = self.create_plugin(Plugin)

    async def asyncSetUp(self):
        await self.plugin.initialize()
        self.loop = asyncio.get_running_loop()

    async def asyncTearDown(self):
        assert asyncio.get_running_loop() is self.loop
        await self.plugin.cleanup()

    def teardown_method(self):
        assert self.plugin.status is PluginStatus.UNLOADED

    async def test_asynchronous(self):
        assert (self.fixed, asyncio.get_running_loop()) == (True, self.loop)
        assert self.plugin.status is PluginStatus.LOADED
        assert not BROKEN

    def test_synchronous(self):
        assert self.plugin.status is PluginStatus.LOADED
        assert not BROKEN


class TestOverriding(TestSetUpAround):
    async def test_asynchronous(self):
        await super().test_asynchronous()
        assert not BROKEN

    def test_synchronous(self):
        super().test_synchronous()
        super().test_asynchronous()  # by a synchronous test, it runs to its end
        assert not BROKEN


class TestUnderUnittest(PluginTestCase, unittest.TestCase):
    async def test_asynchronous(self):
        plugin = self.create_plugin(Plugin)
        assert await plugin.initialize()
        assert not BROKEN

    def test_synchronous(self):
        assert not BROKEN


class TestIsolated(PluginTestCase, unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.plugin = self.create_plugin(Plugin)
        await self.plugin.initialize()
        self.loop = asyncio.get_running_loop()

    async def asyncTearDown(self):
        await self.plugin.stop()

    async def test_asynchronous(self):
        await self.plugin.start()
        assert asyncio.get_running_loop() is self.loop
        assert not BROKEN

    def test_synchronous(self):
        assert self.plugin.status is PluginStatus.LOADED
        assert not BROKEN
