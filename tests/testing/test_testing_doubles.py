"""The stand-ins for what a host gives to a plugin, without any test case."""

from __future__ import annotations

import asyncio
import dataclasses
import doctest
import gc
import logging
import threading
from pathlib import Path

import pytest

from aitbc_hooks.errors import EventError
from aitbc_hooks.events import PluginBus
from aitbc_hooks.interfaces import PluginContext
from aitbc_hooks.testing import (
    LoudBus,
    RecordingBus,
    RecordingClient,
    Request,
    doubles_client,
    make_context,
)


async def ignore(event_type, data):
    pass


async def fail(event_type, data):
    raise ValueError(event_type)


class TestRecordingBus:
    def test_it_is_the_bus_that_a_plugin_has(self):
        assert isinstance(RecordingBus(), PluginBus)

    def test_what_is_published_is_kept_as_it_was(self):
        bus = RecordingBus()
        data = {"list": [1]}

        async def main():
            await bus.publish("a.b", data)
            data["list"].append(2)
            await bus.publish("c", {})

        asyncio.run(main())
        assert bus.published == [("a.b", {"list": [1]}), ("c", {})]

    def test_data_that_take_no_copy_are_kept_themselves(self):
        bus, lock = RecordingBus(), threading.Lock()
        asyncio.run(bus.publish("a", {"lock": lock}))
        assert bus.published == [("a", {"lock": lock})]

    @pytest.mark.parametrize(("event_type", "data"), [("", {}), (1, {}), ("a", [])])
    def test_what_is_no_event_is_refused_and_not_recorded(self, event_type, data):
        bus = RecordingBus()
        with pytest.raises(TypeError):
            asyncio.run(bus.publish(event_type, data))
        assert bus.published == []

    def test_subscribers_receive_what_is_published_and_what_is_delivered(self):
        bus, heard = RecordingBus(), []
        bus.subscribe("a.*", lambda *event: heard.append(event))

        async def main():
            await bus.publish("a.b", {"n": 1})
            await bus.settle()
            await bus.deliver("a.c", {"n": 2})
            await bus.deliver("other", {})

        asyncio.run(main())
        assert heard == [("a.b", {"n": 1}), ("a.c", {"n": 2})]
        assert bus.published == [("a.b", {"n": 1})]

    def test_subscriptions_are_listed_until_they_end(self):
        bus = RecordingBus()
        first, second = bus.subscribe("a", ignore), bus.subscribe("b.#", ignore)
        assert bus.subscriptions == (first, second)
        bus.unsubscribe(first)
        assert [subscription.pattern for subscription in bus.subscriptions] == ["b.#"]
        bus.close()
        assert bus.subscriptions == ()

    def test_nothing_can_be_subscribed_to_after_the_end_but_after_another_beginning(self):
        bus = RecordingBus("greeter")
        bus.close()
        with pytest.raises(EventError, match="'greeter' has been unloaded"):
            bus.subscribe("a", ignore)
        bus.reopen()
        assert bus.subscribe("a", ignore) in bus.subscriptions

    def test_nothing_is_heard_between_withdrawal_and_grant(self):
        bus, heard = RecordingBus(), []
        bus.subscribe("#", lambda event_type, _: heard.append(event_type))

        async def main():
            bus.withdraw()
            await bus.deliver("withdrawn", {})
            bus.grant()
            await bus.deliver("granted", {})

        asyncio.run(main())
        assert heard == ["granted"]

    def test_what_handlers_raise_is_raised_to_who_delivers(self):
        bus = RecordingBus()
        bus.subscribe("a", fail)

        async def main():
            with pytest.raises(ValueError, match="a"):
                await bus.deliver("a", {})
            bus.subscribe("a", fail)
            with pytest.raises(ExceptionGroup, match=r"handlers of event 'a'"):
                await bus.deliver("a", {})

        asyncio.run(main())
        assert bus.events.failures == []

    def test_what_handlers_of_a_published_event_raise_is_kept(self):
        bus, counted = RecordingBus("greeter"), []
        bus.subscribe("a", fail)
        bus.events.count_failures(bus.owner, lambda: counted.append(1))

        async def main():
            await bus.publish("a", {"n": 1})
            await bus.settle()
            await bus.deliver("b", {})  # another event does not raise it

        asyncio.run(main())
        (failure,) = bus.events.failures
        assert str(failure) == "plugin 'greeter' failed to handle event 'a': ValueError: a"
        assert (failure.owner, failure.event.data) == (bus.owner, {"n": 1})
        assert counted == [1]

    def test_plugins_that_share_a_bus_hear_each_other(self):
        shared, heard = LoudBus(), []
        first, second = RecordingBus("first", events=shared), RecordingBus("second", events=shared)
        second.subscribe("#", lambda event_type, _: heard.append(event_type))

        async def main():
            await first.publish("a", {})
            await first.settle()

        asyncio.run(main())
        assert (heard, first.published, second.published) == (["a"], [("a", {})], [])


class TestRecordingClient:
    @pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
    def test_a_scripted_request_is_answered_and_recorded(self, method):
        client = RecordingClient()
        client.answer(method, "/x", {"ok": True})
        answer = asyncio.run(getattr(client, method)("/x", {"a": 1}, timeout=3))
        assert answer == {"ok": True}
        assert client.requests == [Request(method.upper(), "/x", ({"a": 1},), {"timeout": 3})]
        assert str(client.requests[0]) == f"{method.upper()} /x ({{'a': 1}}, timeout=3)"

    def test_answers_are_given_in_turn_and_the_last_again_and_again(self):
        client = RecordingClient()
        client.answer("GET", "/x", {"n": 1}, {"n": 2})

        async def main():
            return [(await client.get("/x"))["n"] for _ in range(4)]

        assert asyncio.run(main()) == [1, 2, 2, 2]

    def test_a_later_script_replaces_an_earlier_one_of_the_same_endpoint(self):
        client = RecordingClient()
        client.answer("GET", "/x", {"n": 1}, {"n": 2})
        client.answer("GET", "/y", {"n": 5})
        client.answer("GET", "/x", {"n": 3})
        assert asyncio.run(client.get("/x")) == {"n": 3}
        assert asyncio.run(client.get("/y")) == {"n": 5}

    def test_neither_side_can_change_what_the_other_has(self):
        client = RecordingClient()
        script, sent = {"list": [1]}, {"list": [1]}
        client.answer("POST", "/x", script)

        async def main():
            script["list"].append(2)
            (await client.post("/x", sent))["list"].append(3)
            sent["list"].append(2)
            return await client.post("/x", sent)

        assert asyncio.run(main()) == {"list": [1]}
        assert client.requests[0].args == ({"list": [1]},)

    def test_a_function_answers_from_the_request(self):
        client = RecordingClient()

        async def echo(request):
            await asyncio.sleep(0)
            return {"sent": request.args}

        client.answer("POST", "/x", echo, lambda request: {"to": request.endpoint})

        async def main():
            return [await client.post("/x", 1), await client.post("/x", 2)]

        assert asyncio.run(main()) == [{"sent": (1,)}, {"to": "/x"}]

    @pytest.mark.parametrize("error", [ConnectionError("refused"), ConnectionError])
    def test_a_scripted_error_is_raised(self, error):
        client = RecordingClient()
        client.answer("GET", "/x", error, {"ok": True})

        async def main():
            with pytest.raises(ConnectionError):
                await client.get("/x")
            return await client.get("/x")

        assert asyncio.run(main()) == {"ok": True}

    def test_a_request_without_an_answer_fails_in_one_sentence_and_is_kept(self):
        client = RecordingClient()
        client.answer("GET", "/x", {})
        with pytest.raises(AssertionError) as failed:
            asyncio.run(client.post("/x", {"a": 1}))
        assert str(failed.value) == (
            "no answer was scripted for POST /x ({'a': 1}); say client.answer('POST', '/x', {...})."
        )
        assert client.unscripted == client.requests == [Request("POST", "/x", ({"a": 1},))]

    def test_a_request_gives_others_their_turn(self):
        client, order = RecordingClient(), []
        client.answer("GET", "/x", {})

        async def ask(name):
            order.append(f"{name} asks")
            await client.get("/x")
            order.append(f"{name} has it")

        async def main():
            await asyncio.gather(ask("one"), ask("two"))

        asyncio.run(main())
        assert order[:2] == ["one asks", "two asks"]

    @pytest.mark.parametrize(
        ("arguments", "error", "sentence"),
        [
            (("PATCH", "/x", {}), ValueError, "expected one of GET, POST, PUT, DELETE"),
            (("GET", "/x"), ValueError, "GET /x: no answer is given"),
            (("GET", "/x", [1]), TypeError, r"GET /x: expected a dict.* got \[1\]"),
        ],
    )
    def test_a_script_that_cannot_be_followed_is_refused(self, arguments, error, sentence):
        with pytest.raises(error, match=sentence):
            RecordingClient().answer(*arguments)

    def test_a_function_that_returns_no_dict_is_refused(self):
        client = RecordingClient()
        client.answer("GET", "/x", lambda _: [1])
        with pytest.raises(TypeError, match=r"GET /x \(\): expected a dict as answer, got \[1\]"):
            asyncio.run(client.get("/x"))

    def test_its_example_is_true(self):
        assert doctest.testmod(doubles_client).attempted > 2
        assert doctest.testmod(doubles_client).failed == 0


class TestContexts:
    def test_it_is_what_a_host_gives(self):
        with make_context({"a": [1]}, name="greeter") as context:
            assert isinstance(context, PluginContext)
            assert context.config == {"a": [1]}
            assert context.logger is logging.getLogger("aitbc.plugins.greeter")
            assert context.event_bus.owner.name == "greeter"
            assert isinstance(context.event_bus, RecordingBus)
            assert isinstance(context.api_client, RecordingClient)
            for folder in (context.data_dir, context.temp_dir):
                assert list(Path(folder).iterdir()) == []

    def test_the_configuration_is_a_private_copy(self):
        config = {"a": [1]}
        with make_context(config) as context:
            context.config["a"].append(2)
        assert config == {"a": [1]}

    def test_a_configuration_that_is_no_dict_is_refused(self):
        with pytest.raises(TypeError, match=r"PluginContext\.config: expected dict, got list"):
            make_context([])

    def test_the_directories_go_when_it_is_closed_with_all_that_is_in_them(self):
        context = make_context()
        Path(context.data_dir, "file").write_text("x")
        context.event_bus.subscribe("a", ignore)
        context.close()
        context.close()
        assert not Path(context.data_dir).parent.exists()
        assert context.event_bus.subscriptions == ()

    def test_the_directories_go_when_it_is_forgotten(self):
        context = make_context()
        folder = Path(context.data_dir)
        del context
        gc.collect()
        assert not folder.exists()

    def test_a_folder_of_the_authors_choice_stays(self, tmp_path):
        with make_context(folder=tmp_path / "new") as context:
            Path(context.data_dir, "file").write_text("x")
        assert (tmp_path / "new" / "data" / "file").read_text() == "x"
        with make_context(folder=str(tmp_path / "new")) as again:
            assert Path(again.data_dir, "file").exists()

    def test_contexts_may_share_a_bus(self):
        shared = LoudBus()
        with make_context(events=shared) as first, make_context(events=shared) as second:
            assert first.event_bus.events is second.event_bus.events is shared

    def test_parts_of_it_may_be_replaced(self):
        with make_context() as context:
            context.api_client = None
            changed = dataclasses.replace(context, event_bus=None)
            changed.close()
            assert Path(context.data_dir).is_dir()
