"""What `create_plugin` takes and refuses, and the events of a test."""

from __future__ import annotations

import asyncio
import copy
import logging
import types

import pytest

from aitbc.plugins import (
    BasePlugin,
    LegacyPluginAdapter,
    PluginContext,
    PluginMetadata,
    PluginStatus,
    hookimpl,
)
from aitbc.plugins.testing import PluginTestCase, make_context
from aitbc_hooks import ConfigError, ContractError, MetadataError, PluginLoadError
from aitbc_hooks.config import InvalidConfigError

SCHEMA = {
    "type": "object",
    "properties": {
        "greeting": {"type": "string", "default": "hello"},
        "times": {"type": "integer", "minimum": 1},
    },
    "required": ["greeting"],
    "additionalProperties": False,
}


class Plugin(BasePlugin):
    def __init__(self, context):
        super().__init__(context)
        self.seen = []

    def get_metadata(self):
        return PluginMetadata("greeter", "1.0.0", "Greets", "the tests", "MIT")

    def get_config_schema(self):
        return SCHEMA

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True

    async def handle_event(self, event_type, data):
        self.seen.append((event_type, data))


class Other(Plugin):
    def get_metadata(self):
        return PluginMetadata("other", "1.0.0", "Another", "the tests", "MIT")


class Quiet(Plugin):
    handle_event = BasePlugin.handle_event


class Unfinished(Plugin):
    start = BasePlugin.start
    cleanup = BasePlugin.cleanup

    async def work(self): ...


class Mailer:
    def __init__(self):
        self.mails = []

    def setup(self):
        self.mails.append("setup")

    def handle_event(self, event_type, data):
        self.mails.append(event_type)


class Clock:
    """A plugin in pytest's style: no base class, some hooks."""

    def __init__(self):
        self.log = []

    @hookimpl
    async def initialize(self, context):
        self.log.append(context.config["zone"])
        return True

    @hookimpl
    def start(self):
        self.log.append("start")
        return True

    @hookimpl
    def handle_event(self, event_type):
        self.log.append(event_type)

    @hookimpl
    def get_config_schema(self):
        return {"properties": {"zone": {"type": "string", "default": "UTC"}}}

    def now(self):
        return 7


def as_module(plugin):
    module = types.ModuleType("clock_plugin")
    names = ("initialize", "start", "handle_event", "get_config_schema", "now", "log")
    vars(module).update({name: getattr(plugin, name) for name in names})
    return module


async def activate(case, target, *args, **named):
    plugin = case.create_plugin(target, *args, **named)
    assert await plugin.initialize() is True
    assert await plugin.start() is True
    return plugin


class TestWhatAPluginIsMadeOf(PluginTestCase):
    def test_a_class_gets_a_context_and_stays_itself(self):
        plugin = self.create_plugin(Plugin)
        assert type(plugin) is Plugin
        assert plugin.context.logger is logging.getLogger("aitbc.plugins.greeter")

    async def test_a_factory_makes_a_plugin_with_what_it_likes(self):
        plugin = await activate(self, lambda context: Plugin(context))  # noqa: PLW0108 - a factory
        assert plugin.status is PluginStatus.ACTIVE

    async def test_an_instance_gets_its_context(self):
        plugin = await activate(self, Plugin(None))
        assert plugin.context.config == {"greeting": "hello"}

    async def test_a_legacy_object_lives_through_its_adapter(self):
        mailer = Mailer()
        card = PluginMetadata("mailer", "1.0.0", "Sends mail", "the tests", "MIT")
        with pytest.warns(DeprecationWarning, match="legacy"):
            plugin = await activate(
                self,
                lambda _: LegacyPluginAdapter(
                    mailer, metadata=card, methods={"initialize": "setup"}
                ),
            )
        await self.broadcast("mail.sent", {})
        assert mailer.mails == ["setup", "mail.sent"]
        assert plugin.status is PluginStatus.ACTIVE
        assert isinstance(plugin.context, PluginContext)

    @pytest.mark.parametrize("shape", [lambda clock: clock, as_module], ids=["object", "module"])
    async def test_hookimpls_are_driven_through_a_stand_in(self, shape):
        clock = Clock()
        target = shape(clock)
        before = dict(vars(target))
        plugin = self.create_plugin(target)
        assert plugin.status is PluginStatus.UNLOADED
        assert await plugin.initialize() is True
        assert await plugin.start() is True
        assert plugin.status is PluginStatus.ACTIVE
        await self.broadcast("tick", {})
        assert await self.send_event(plugin, "tock", {})
        assert await plugin.stop() is True  # it has none
        assert await plugin.cleanup() is True
        assert plugin.status is PluginStatus.UNLOADED
        assert clock.log == ["UTC", "start", "tick", "tock"]
        assert (plugin.now(), plugin.plugin, plugin.context.config) == (7, target, {"zone": "UTC"})
        assert dict(vars(target)) == before
        with pytest.raises(AttributeError, match="missing"):
            _ = plugin.missing

    def test_a_stand_in_may_be_copied(self):
        assert copy.copy(self.create_plugin(Clock())).now() == 7

    async def test_a_factory_may_return_an_object_with_hookimpls(self):
        plugin = await activate(self, lambda _: Clock())
        assert plugin.log == ["UTC", "start"]

    def test_an_abstract_class_names_what_is_missing_in_one_sentence(self):
        with pytest.raises(PluginLoadError) as refused:
            self.create_plugin(Unfinished)
        assert str(refused.value) == (
            "[AITBC-P10] plugin 'Unfinished': Unfinished leaves abstract methods unimplemented: "
            "cleanup, start."
        )

    @pytest.mark.parametrize(
        ("target", "sentence"),
        [
            (Mailer, "Mailer is a class, and no subclass of BasePlugin"),
            (Mailer(), "has no method marked @hookimpl"),
            (lambda _: 1, "1 is no instance of BasePlugin"),
        ],
        ids=["class", "object", "factory"],
    )
    def test_what_is_no_plugin_is_refused_as_by_a_host(self, target, sentence):
        with pytest.raises(PluginLoadError, match=sentence):
            self.create_plugin(target)

    def test_a_constructor_that_raises_is_told_with_its_cause(self):
        class Raising(Plugin):
            def __init__(self, context):
                raise OSError("no room")

        with pytest.raises(PluginLoadError, match=r"'greeter'.*raised OSError: no room") as refused:
            self.create_plugin(Raising)
        assert isinstance(refused.value.__cause__, OSError)

    def test_a_method_that_does_not_fit_its_hookspec_is_refused_as_by_a_host(self):
        class Wrong(Plugin):
            async def handle_event(self, kind, payload): ...

        with pytest.raises(ContractError, match="handle_event"):
            self.create_plugin(Wrong)
        assert self.create_plugin(Wrong, check=False).metadata.name == "greeter"

    def test_metadata_that_are_none_are_refused_as_by_a_host(self):
        class Nameless(Plugin):
            def get_metadata(self):
                return {"name": "nameless"}

        with pytest.raises(MetadataError, match="expected PluginMetadata, got"):
            self.create_plugin(Nameless)
        plugin = self.create_plugin(Nameless, check=False)
        assert plugin.context.logger.name == "aitbc.plugins.Nameless"

    def test_asynchronous_metadata_are_refused_without_a_coroutine_left_over(self):
        class Asynchronous(Plugin):
            def __init__(self, context):
                self.context = context

            async def get_metadata(self): ...

        with pytest.raises(ContractError, match="get_metadata"):
            self.create_plugin(Asynchronous)


class TestConfigurations(PluginTestCase):
    def test_defaults_are_filled_in_and_the_authors_dict_stays_as_it_was(self):
        config = {"times": 2}
        plugin = self.create_plugin(Plugin, config)
        assert plugin.context.config == {"times": 2, "greeting": "hello"}
        assert config == {"times": 2}

    def test_the_constructor_sees_the_checked_configuration(self):
        class Early(Plugin):
            def __init__(self, context):
                super().__init__(context)
                self.greeting = context.config["greeting"]

        assert self.create_plugin(Early).greeting == "hello"

    def test_a_schema_that_needs_its_instance_counts_too(self):
        class Late(Plugin):
            def get_config_schema(self):
                return {**SCHEMA, "description": f"for {self.context.logger.name}"}

        assert self.create_plugin(Late).context.config == {"greeting": "hello"}
        with pytest.raises(InvalidConfigError):
            self.create_plugin(Late, {"times": 0})

    def test_every_problem_is_told_as_by_a_host(self):
        with pytest.raises(InvalidConfigError) as refused:
            self.create_plugin(Plugin, {"times": 0, "colour": "red"})
        assert [problem.code for problem in refused.value.problems] == ["AITBC-C08"] * 2
        assert "must be at least 1, got an integer, 0" in str(refused.value)
        assert "unknown key 'colour'" in str(refused.value)

    def test_an_invalid_schema_is_refused(self):
        class Invalid(Plugin):
            def get_config_schema(self):
                return {"type": "nonsense"}

        with pytest.raises(ConfigError, match="AITBC-C10"):
            self.create_plugin(Invalid, {"times": 1})

    def test_a_configuration_that_a_host_refuses_may_be_given_all_the_same(self):
        plugin = self.create_plugin(Plugin, {"times": 0}, check=False)
        assert plugin.context.config == {"times": 0}

    def test_the_configuration_of_a_whole_context_is_checked_too(self):
        context = self.make_context({"times": 3})
        plugin = self.create_plugin(Plugin, context=context)
        assert plugin.context is context
        assert context.config == {"times": 3, "greeting": "hello"}

    def test_a_configuration_beside_a_context_is_an_error(self):
        with pytest.raises(TypeError, match="a config or a context"):
            self.create_plugin(Plugin, {}, context=self.make_context())

    async def test_a_context_of_the_authors_own_will_do(self, tmp_path):
        context = PluginContext(
            {}, str(tmp_path), str(tmp_path), logging.getLogger("x"), None, None
        )
        plugin = await activate(self, Plugin, context=context)
        await self.broadcast("a", {})
        assert plugin.seen == [("a", {})]


class TestEvents(PluginTestCase):
    async def test_a_plugin_hears_events_while_it_is_active_as_in_a_host(self):
        plugin = self.create_plugin(Plugin)
        for method in ("initialize", "start", "stop", "start", "cleanup"):
            await self.broadcast(f"before.{method}", {"n": 1})
            assert await self.send_event(plugin, f"sent.{method}", {}) is (
                method in {"stop", "cleanup"}
            )
            await getattr(plugin, method)()
        await self.broadcast("after", {})
        assert [event_type for event_type, _ in plugin.seen] == [
            "before.stop",
            "sent.stop",
            "before.cleanup",
            "sent.cleanup",
        ]

    async def test_subscriptions_hear_while_the_plugin_is_active_and_end_with_it(self):
        plugin = self.create_plugin(Plugin)
        bus = plugin.context.event_bus
        heard = []
        bus.subscribe("a.*", lambda event_type, _: heard.append(event_type))
        await self.broadcast("a.early", {})
        await plugin.initialize()
        await plugin.start()
        await self.broadcast("a.b", {})
        assert [subscription.pattern for subscription in bus.subscriptions] == ["a.*"]
        await plugin.cleanup()
        await self.broadcast("a.late", {})
        assert (heard, bus.subscriptions) == (["a.b"], ())

    async def test_plugins_of_one_test_hear_each_other(self):
        first, second = await activate(self, Plugin), await activate(self, Other)
        await first.context.event_bus.publish("greeted", {"user": "alice"})
        await first.context.event_bus.settle()
        assert second.seen == first.seen == [("greeted", {"user": "alice"})]
        assert first.context.event_bus.published == [("greeted", {"user": "alice"})]
        assert second.context.event_bus.published == []

    async def test_an_event_that_is_sent_reaches_one_plugin_alone(self):
        first, second = await activate(self, Plugin), await activate(self, Other)
        assert await self.send_event(second, "a", {}) is True
        assert (first.seen, second.seen) == ([], [("a", {})])

    async def test_a_plugin_without_a_handler_is_sent_events_in_vain(self):
        plugin = await activate(self, Quiet)
        assert await self.send_event(plugin, "a", {}) is True
        await self.broadcast("a", {})
        assert (plugin.seen, plugin.context.event_bus.subscriptions) == ([], ())

    async def test_a_plugin_of_elsewhere_is_not_sent_events(self):
        with pytest.raises(LookupError, match="was not made by create_plugin"):
            await self.send_event(Plugin(make_context()), "a", {})

    async def test_what_a_handler_raises_is_raised_and_counted(self):
        class Raising(Plugin):
            async def handle_event(self, event_type, data):
                raise ValueError(event_type)

        plugin = await activate(self, Raising)
        with pytest.raises(ValueError, match="broadcast"):
            await self.broadcast("broadcast", {})
        with pytest.raises(ValueError, match="sent"):
            await self.send_event(plugin, "sent", {})
        assert (await plugin.health_check())["error_count"] == 2
        await activate(self, Raising)
        with pytest.raises(ExceptionGroup) as group:
            await self.broadcast("both", {})
        assert [str(error) for error in group.value.exceptions] == ["both", "both"]

    async def test_failing_handlers_are_not_paused_however_many_there_are(self):
        class Raising(Plugin):
            async def handle_event(self, event_type, data):
                raise ValueError(event_type)

        await activate(self, Raising)
        for _ in range(20):
            with pytest.raises(ValueError, match="again"):
                await self.broadcast("again", {})

    async def test_a_handler_that_still_runs_is_ended_before_the_cleanup(self):
        class Slow(Plugin):
            async def handle_event(self, event_type, data):
                try:
                    await asyncio.Event().wait()
                finally:
                    self.seen.append("ended")

            async def cleanup(self):
                self.seen.append("cleanup")
                return True

        plugin = await activate(self, Slow)
        await plugin.context.event_bus.publish("a", {})
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await plugin.cleanup()
        assert plugin.seen == ["ended", "cleanup"]

    async def test_a_handler_that_stops_its_own_plugin_makes_a_transition(self):
        class Stopping(Plugin):
            async def handle_event(self, event_type, data):
                self.seen.append(await self.stop())

        plugin = await activate(self, Stopping)
        await self.broadcast("evening", {})
        assert (plugin.seen, plugin.status) == ([True], PluginStatus.INACTIVE)
