"""Who sets the status? Odd plugins, each under `create_plugin`: the status is right in all."""

from __future__ import annotations

import copy
import functools

import pytest

from aitbc.plugins import BasePlugin, PluginMetadata
from aitbc.plugins import PluginStatus as S
from aitbc.plugins.testing import PluginTestCase
from aitbc_hooks.errors import ContractError, LifecycleError

METHODS = ("initialize", "start", "stop", "cleanup")
WHOLE_LIFE = [S.LOADED, S.ACTIVE, S.INACTIVE, S.UNLOADED]


class Base(BasePlugin):
    def __init__(self, context):
        super().__init__(context)
        self.called = []

    def get_metadata(self):
        return PluginMetadata("beast", "1.0.0", "One of the zoo", "the tests", "MIT")

    async def initialize(self):
        self.called.append("initialize")
        return True

    async def start(self):
        self.called.append("start")
        return True

    async def stop(self):
        self.called.append("stop")
        return True

    async def cleanup(self):
        self.called.append("cleanup")
        return True


class SuperChain(Base):
    async def start(self):
        return await super().start()


class LongerChain(SuperChain):
    async def start(self):
        return await super().start()

    async def cleanup(self):
        return await super().cleanup()


class Starting:
    async def start(self):
        self.called.append("start")
        return True


class FromMixin(Starting, Base):
    pass


class Slots(Base):
    __slots__ = ("called",)


class InstanceMethod(Base):
    def __init__(self, context):
        super().__init__(context)
        self.start = self._go

    async def _go(self):
        self.called.append("start")
        return True


class SyncReturningAwaitable(Base):
    def start(self):
        return self._go()

    async def _go(self):
        self.called.append("start")
        return True


class Synchronous(Base):
    def start(self):
        self.called.append("start")
        return True


class PartialMethod(Base):
    async def _go(self, name):
        self.called.append(name)
        return True

    start = functools.partialmethod(_go, "start")


class ClassMethod(Base):
    @classmethod
    async def _noted(cls, instance):
        instance.called.append("start")
        return True

    async def start(self):
        return await self._noted(self)


class LazilyInitialised(Base):
    ready = False

    async def initialize(self):
        if not self.ready:
            self.ready = True
            await super().initialize()
        return True

    async def start(self):
        if not self.ready:
            await self.initialize()
        return await super().start()


class WritesStatus(Base):
    async def initialize(self):
        self.status = S.ACTIVE
        return await super().initialize()

    async def start(self):
        self.status = "running"
        return await super().start()

    async def stop(self):
        self.status = S.ERROR
        return await super().stop()

    async def cleanup(self):
        self.status = None
        return await super().cleanup()


class NoSuperInit(Base):
    def __init__(self, context):
        self.called = []


class GetAttr(Base):
    def __getattr__(self, name):
        return f"something called {name}"


class FrozenSetattr(Base):
    def __setattr__(self, name, value):
        if "called" in vars(self):
            raise AttributeError(f"{name} is frozen")
        object.__setattr__(self, name, value)


class DeafSetattr(Base):
    def __setattr__(self, name, value):
        if "called" not in vars(self):
            object.__setattr__(self, name, value)


class ReplacesItself(Base):
    async def initialize(self):
        self.start = self.stop = None
        return await super().initialize()


WELL_BEHAVED = [
    Base,
    SuperChain,
    LongerChain,
    FromMixin,
    Slots,
    InstanceMethod,
    SyncReturningAwaitable,
    Synchronous,
    PartialMethod,
    ClassMethod,
    LazilyInitialised,
    WritesStatus,
    NoSuperInit,
    GetAttr,
    FrozenSetattr,
    DeafSetattr,
    ReplacesItself,
]


#: A host asks for plain methods.
REFUSED = {PartialMethod}


class ChildSaysFalse(Base):
    async def start(self):
        return not await super().start()


class TestTheZoo(PluginTestCase):
    @pytest.mark.parametrize("beast", WELL_BEHAVED)
    async def test_direct_calls_move_the_status_and_call_each_method_once(self, beast):
        before = dict(vars(beast))
        plugin = self.create_plugin(beast, check=beast not in REFUSED)
        seen = []
        for method in METHODS:
            assert await getattr(plugin, method)() is True
            seen.append(plugin.status)
        assert seen == WHOLE_LIFE
        assert plugin.called == list(METHODS)
        assert type(plugin) is beast
        assert dict(vars(beast)) == before

    @pytest.mark.parametrize("beast", WELL_BEHAVED)
    async def test_the_health_tells_the_status(self, beast):
        plugin = self.create_plugin(beast, check=beast not in REFUSED)
        await plugin.initialize()
        await plugin.start()
        health = await plugin.health_check()
        assert (health["status"], health["error_count"]) == ("active", 0)
        assert health["uptime"] >= 0
        assert health["memory_usage"] > 0

    @pytest.mark.parametrize("beast", WELL_BEHAVED)
    async def test_an_illegal_order_is_refused(self, beast):
        plugin = self.create_plugin(beast, check=beast not in REFUSED)
        with pytest.raises(LifecycleError, match=r"'beast'.*cannot start in status UNLOADED"):
            await plugin.start()
        assert (plugin.called, plugin.status) == ([], S.UNLOADED)

    async def test_a_child_that_says_false_after_its_parent_said_true_has_failed(self):
        plugin = self.create_plugin(ChildSaysFalse)
        await plugin.initialize()
        assert await plugin.start() is False
        assert plugin.status is S.ERROR

    async def test_a_plugin_that_calls_its_own_lifecycle_in_a_transition_is_refused_as_in_a_host(
        self,
    ):
        class Impatient(Base):
            async def start(self):
                return await self.stop()

        plugin = self.create_plugin(Impatient)
        await plugin.initialize()
        with pytest.raises(LifecycleError, match="inside the plugin's own transition"):
            await plugin.start()
        assert plugin.status is S.ERROR

    async def test_a_status_of_the_plugins_own_making_is_left_to_it(self):
        class OwnStatus(Base):
            @property
            def status(self):
                return "splendid"

            @status.setter
            def status(self, value):
                pass

        plugin = self.create_plugin(OwnStatus)
        assert await plugin.initialize() is True
        assert plugin.status == "splendid"
        assert await plugin.cleanup() is True
        with pytest.raises(LifecycleError, match="cannot stop in status UNLOADED"):
            await plugin.stop()

    def test_a_method_that_cannot_be_replaced_is_named(self):
        class Fixed(Base):
            @property
            def start(self):
                return self._go

            async def _go(self):
                return True

        with pytest.raises(TypeError, match=r"Fixed\.start cannot be replaced .* plain method"):
            self.create_plugin(Fixed, check=False)

    def test_a_plugin_that_a_host_refuses_is_refused_in_the_same_words(self):
        class Fixed(Base):
            start = True

        with pytest.raises(ContractError, match=r"Fixed\.start is of type bool.*Make it a method"):
            self.create_plugin(Fixed)

    async def test_a_copy_has_the_same_life(self):
        plugin = self.create_plugin(Base)
        await copy.copy(plugin).initialize()
        assert plugin.status is S.LOADED

    async def test_two_instances_of_one_class_have_lives_of_their_own(self):
        first, second = self.create_plugin(Base), self.create_plugin(Base)
        await first.initialize()
        assert (first.status, second.status) == (S.LOADED, S.UNLOADED)
