"""A plugin that is started on demand is started by the first call or event that needs it, once."""

from __future__ import annotations

import asyncio
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks import PluginManager, PluginStatus
from aitbc_hooks.errors import PluginInactiveError
from aitbc_hooks.testing import DetLoop
from aitbc_hooks.testing.strategies import drawn

SOURCE = """
import asyncio
from aitbc.plugins import AIPlugin, PluginMetadata

log = {log!r}


def note(word):
    with open(log, "a") as file:
        file.write(word + "\\n")


note("import {name}")


class Model(AIPlugin):
    def get_metadata(self):
        return PluginMetadata("{name}", "1.0.0", "A model", "Ada", "MIT")

    async def initialize(self):
        note("initialize {name}")
        await asyncio.sleep(0)
        {initialize}
        return True

    async def start(self):
        note("start {name}")
        await asyncio.sleep(0)
        {start}
        return True

    async def stop(self):
        note("stop {name}")
        return True

    async def cleanup(self):
        return True

    async def predict(self, input_data):
        return {{"by": "{name}"}}

    async def train(self, training_data):
        return True

    def get_model_info(self):
        return {{}}

    async def handle_event(self, event_type, data):
        note(f"event {name} {{event_type}} {{data.get('n')}}")
        for _ in range(4):
            await asyncio.sleep(0)
"""


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


class World:
    """A folder of plugins, and what they have noted."""

    def __init__(self, folder):
        self.folder = folder
        self.log = folder / "log"
        self.log.touch()
        self.names = []
        self.patience = 30

    def add(self, name, *activation, initialize="pass", start="pass", **more):
        place = self.folder / "plugins" / name
        place.mkdir(parents=True, exist_ok=True)
        source = SOURCE.format(log=str(self.log), name=name, initialize=initialize, start=start)
        (place / "plugin.py").write_text(source)
        lines = [f"activation = {list(activation)}"]
        lines += [f"{key} = {value!r}" for key, value in more.items()]
        (place / "plugin.toml").write_text(f'[plugin]\nname = "{name}"\n' + "\n".join(lines))
        self.names.append(name)

    def manager(self):
        plugins = {
            name: {"enabled": True, "timeouts": {"start": self.patience}} for name in self.names
        }
        config = {
            "plugin_paths": [str(self.folder / "plugins")],
            "state_dir": str(self.folder / "state"),
            "plugins": plugins,
        }
        return PluginManager(config, cache=False)

    @property
    def noted(self):
        return self.log.read_text().splitlines()

    def run(self, main):
        async def go():
            async with self.manager() as manager:
                await main(manager)

        asyncio.run(go())


def test_a_plugin_that_waits_is_not_imported(world):
    world.add("lazy", "on_hook:predict")

    async def main(manager):
        report = manager.report("lazy")
        assert report.status is PluginStatus.UNLOADED
        assert report.waits_for == ("on_hook:predict",)
        assert manager.list_plugins() == []
        assert world.noted == []

    world.run(main)
    assert world.noted == []


def test_a_call_of_its_hook_starts_it_and_has_its_answer(world):
    world.add("lazy", "on_hook:predict")
    world.add("other", "on_hook:train")

    async def main(manager):
        assert await manager.hook.predict(input_data={}) == [{"by": "lazy"}]
        assert world.noted == ["import lazy", "initialize lazy", "start lazy"]
        assert manager.report("lazy").waits_for == ()
        assert manager.get_plugin_status("other") is PluginStatus.UNLOADED
        assert await manager.hook.predict(input_data={}) == [{"by": "lazy"}]

    world.run(main)
    assert world.noted.count("start lazy") == world.noted.count("stop lazy") == 1


def test_several_are_started_by_one_call_in_their_order(world):
    for name in ("one", "two", "three"):
        world.add(name, "on_hook:predict")

    async def main(manager):
        answers = await manager.hook.predict(input_data={})
        assert sorted(answer["by"] for answer in answers) == ["one", "three", "two"]

    world.run(main)


def test_other_hooks_and_other_events_do_not_wake_it(world):
    world.add("lazy", "on_hook:train", "on_event:order.*")

    async def main(manager):
        assert await manager.hook.predict(input_data={}) == []
        await manager.broadcast_event("user.login", {})
        await manager.broadcast_event("order.new.big", {})
        assert manager.hook.get_model_info() == []
        assert world.noted == []

    world.run(main)


def test_an_event_starts_it_and_is_handled_before_the_broadcast_returns(world):
    world.add("lazy", "on_event:order.*")

    async def main(manager):
        await manager.broadcast_event("order.new", {"n": 1})
        assert world.noted[1:] == ["initialize lazy", "start lazy", "event lazy order.new 1"]
        await manager.broadcast_event("user.login", {"n": 2})  # now it gets everything
        assert world.noted[-1] == "event lazy user.login 2"

    world.run(main)


def test_an_event_that_several_patterns_match_is_handled_once(world):
    world.add("lazy", "on_event:order.*", "on_event:order.new", "on_event:#")

    async def main(manager):
        await manager.broadcast_event("order.new", {"n": 1})

    world.run(main)
    assert world.noted.count("event lazy order.new 1") == 1


def test_a_call_of_the_plugin_alone_starts_it(world):
    world.add("lazy", "on_event:never")

    async def main(manager):
        plugin = manager.plugin("lazy")
        assert await plugin.predict({}) == {"by": "lazy"}
        assert await plugin.predict(input_data={}) == {"by": "lazy"}  # kept from before
        assert await manager.plugin("lazy").train([]) is True

    world.run(main)
    assert world.noted.count("start lazy") == 1


def test_what_cannot_be_awaited_says_how_to_start_it(world):
    world.add("lazy", "on_hook:predict")

    async def main(manager):
        with pytest.raises(PluginInactiveError, match=r"Await manager\.activate_plugin\(\) first"):
            manager.plugin("lazy").get_model_info()
        assert await manager.activate_plugin("lazy") is True
        assert manager.plugin("lazy").get_model_info() == {}

    world.run(main)


def test_a_hook_that_is_not_asynchronous_has_the_plugin_start_with_the_host(world, caplog):
    world.add("eager", "on_hook:get_model_info")

    async def main(manager):
        assert manager.get_plugin_status("eager") is PluginStatus.ACTIVE
        assert "'eager' starts with the host" in caplog.text

    world.run(main)


def test_on_start_beside_others_starts_with_the_host(world):
    world.add("eager", "on_hook:predict", "on_start")

    async def main(manager):
        assert manager.get_plugin_status("eager") is PluginStatus.ACTIVE

    world.run(main)


def test_a_plugin_that_another_one_needs_is_started_for_it(world):
    world.add("lazy", "on_event:never")
    world.add("needy")
    path = world.folder / "plugins" / "needy" / "plugin.py"
    path.write_text(path.read_text().replace('"MIT")', '"MIT", dependencies=["lazy"])'))

    async def main(manager):
        assert manager.get_plugin_status("lazy") is PluginStatus.ACTIVE
        assert manager.get_plugin_status("needy") is PluginStatus.ACTIVE

    world.run(main)


def test_one_that_is_loaded_by_hand_does_not_wait(world):
    world.add("lazy", "on_hook:predict", "on_event:a")

    async def main(manager):
        assert await manager.load_plugin("lazy")
        assert await manager.start_plugin("lazy")
        await manager.broadcast_event("a", {"n": 1})
        await manager.broadcast_event("b", {"n": 2})
        assert await manager.hook.predict(input_data={}) == [{"by": "lazy"}]

    world.run(main)
    events = [line for line in world.noted if line.startswith("event")]
    assert events == ["event lazy a 1", "event lazy b 2"]
    assert world.noted.count("start lazy") == 1


# Failures.


def test_a_plugin_that_fails_is_recorded_and_told_to_who_called_it(world):
    world.add("lazy", "on_hook:predict", start="raise ValueError('no luck')")

    async def main(manager):
        with pytest.raises(PluginInactiveError, match="no luck") as caught:
            await manager.plugin("lazy").predict({})
        assert (caught.value.code, caught.value.plugin) == ("AITBC-L04", "lazy")
        assert manager.report("lazy").failure.code == "AITBC-L04"
        assert manager.get_plugin_status("lazy") is PluginStatus.ERROR

    world.run(main)


def test_of_a_hook_whose_failures_are_raised_the_caller_is_told(world):
    world.add("lazy", "on_hook:predict", initialize="return False")
    world.add("sound", "on_hook:predict")

    async def main(manager):
        assert manager.hooks.raises("predict")
        with pytest.raises(PluginInactiveError) as caught:
            await manager.hook.predict(input_data={})
        assert (caught.value.code, caught.value.plugin) == ("AITBC-L03", "lazy")
        # The failure is told once; the others go on.
        assert await manager.hook.predict(input_data={}) == [{"by": "sound"}]

    world.run(main)
    assert world.noted.count("initialize lazy") == 1


def test_an_event_that_starts_a_plugin_in_vain_harms_nobody(world):
    world.add("lazy", "on_event:a", start="raise ValueError('no luck')")
    world.add("sound")

    async def main(manager):
        await manager.broadcast_event("a", {"n": 1})
        await manager.broadcast_event("a", {"n": 2})
        assert manager.report("lazy").failure.code == "AITBC-L04"

    world.run(main)
    assert [line for line in world.noted if "event" in line] == [
        "event sound a 1",
        "event sound a 2",
    ]
    assert world.noted.count("start lazy") == 1


def test_a_plugin_that_was_removed_meanwhile_is_a_failure_like_any_other(world):
    world.add("lazy", "on_hook:predict")

    async def main(manager):
        assert manager.report("lazy").waits_for
        for path in (world.folder / "plugins" / "lazy").iterdir():
            path.unlink()
        with pytest.raises(PluginInactiveError, match="ModuleNotFoundError"):
            await manager.plugin("lazy").predict({})

    world.run(main)


# At the same time.


@pytest.mark.parametrize("others", [1, 5, 50])
def test_however_many_need_it_at_once_it_is_started_once(world, others):
    world.add("lazy", "on_hook:predict", "on_event:order")

    async def main(manager):
        calls = [manager.hook.predict(input_data={}) for _ in range(others)]
        calls += [manager.plugin("lazy").predict({}) for _ in range(others)]
        calls += [manager.broadcast_event("order", {"n": n}) for n in range(others)]
        await asyncio.gather(*calls)

    world.run(main)
    assert [line for line in world.noted if "event" not in line] == [
        "import lazy",
        "initialize lazy",
        "start lazy",
        "stop lazy",
    ]
    events = [line for line in world.noted if "event" in line]
    assert events == [f"event lazy order {n}" for n in range(others)]


@pytest.mark.parametrize("tick", range(8))
def test_a_caller_whose_patience_ends_leaves_it_to_the_others(world, tick):
    world.add("lazy", "on_hook:predict")

    async def main(manager):
        first = asyncio.ensure_future(manager.hook.predict(input_data={}))
        for _ in range(tick):
            await asyncio.sleep(0)
        first.cancel()
        second = await manager.hook.predict(input_data={})
        assert second == [{"by": "lazy"}]
        with pytest.raises(asyncio.CancelledError):
            await first

    world.run(main)
    assert world.noted.count("start lazy") == 1


def test_the_callers_deadline_holds_while_a_plugin_is_started(world):
    world.add("lazy", "on_hook:predict", start="await asyncio.sleep(3600)")
    world.patience = 0.5

    async def main(manager):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await manager.hook.predict(input_data={})
        assert manager.get_plugin_status("lazy") is PluginStatus.LOADED
        with pytest.raises(PluginInactiveError, match=r"0\.5 s"):
            await manager.hook.predict(input_data={})

    world.run(main)


@pytest.mark.parametrize("tick", range(0, 12, 2))
def test_a_host_that_stops_meanwhile_leaves_nothing_running(world, tick):
    world.add("lazy", "on_hook:predict", "on_event:order")

    async def main():
        manager = world.manager()
        await manager.start()
        calls = [
            asyncio.ensure_future(manager.plugin("lazy").predict({})),
            asyncio.ensure_future(manager.broadcast_event("order", {})),
        ]
        for _ in range(tick):
            await asyncio.sleep(0)
        await manager.stop()
        await asyncio.wait(calls)
        for call in calls:
            if not call.cancelled() and call.exception() is not None:
                assert isinstance(call.exception(), PluginInactiveError)
        assert manager.get_plugin_status("lazy") is PluginStatus.UNLOADED
        assert world.noted.count("start lazy") <= 1

    asyncio.run(main())
    assert not [name for name in sys.modules if name.startswith("aitbc_plugin_lazy")]


def test_a_host_that_is_started_again_puts_it_to_sleep_again(world):
    world.add("lazy", "on_hook:predict")

    async def main():
        manager = world.manager()
        for turn in (1, 2):
            async with manager:
                assert manager.report("lazy").waits_for
                assert await manager.hook.predict(input_data={}) == [{"by": "lazy"}]
            assert world.noted.count("start lazy") == turn

    asyncio.run(main())


def test_an_event_that_comes_while_others_are_handed_on_comes_after_them(world):
    world.add("lazy", "on_event:order")

    async def main(manager):
        first = [asyncio.ensure_future(manager.events.publish("order", {"n": n})) for n in (0, 1)]
        while "event lazy order 0" not in world.noted:  # noqa: ASYNC110 - what it writes to a file
            await asyncio.sleep(0)
        await manager.broadcast_event("order", {"n": 2})
        assert "event lazy order 2" in world.noted
        await asyncio.gather(*first)

    world.run(main)
    events = [line for line in world.noted if line.startswith("event")]
    assert events == [f"event lazy order {n}" for n in range(3)]


@given(
    data=st.data(),
    kinds=st.lists(st.sampled_from(["publish", "broadcast", "yield", "call"]), max_size=40),
)
def test_events_arrive_once_and_in_their_order_whatever_runs_when(data, kinds, tmp_path_factory):
    world = World(tmp_path_factory.mktemp("world"))
    world.add("lazy", "on_event:order", "on_hook:predict")

    async def main():
        sent, waiting = 0, []
        async with world.manager() as manager:
            for kind in kinds:
                if kind == "call":
                    waiting.append(asyncio.ensure_future(manager.hook.predict(input_data={})))
                elif kind == "yield":
                    await asyncio.sleep(0)
                else:
                    event = manager.events.publish if kind == "publish" else manager.broadcast_event
                    waiting.append(asyncio.ensure_future(event("order", {"n": sent})))
                    await asyncio.sleep(0)  # let it be sent before the next
                    sent += 1
            await asyncio.gather(*waiting)
            await manager.events.settle()
        return sent

    with asyncio.Runner(loop_factory=lambda: DetLoop(drawn(data))) as runner:
        sent = runner.run(main())
    events = [line for line in world.noted if line.startswith("event")]
    assert sorted(events) == sorted(f"event lazy order {n}" for n in range(sent))
    assert world.noted.count("start lazy") <= 1


def test_nothing_is_left_of_waking(world):
    world.add("lazy", "on_event:order")

    async def main(manager):
        before = len(manager.events.subscriptions)
        await manager.broadcast_event("order", {})
        assert len(manager.events.subscriptions) == before  # its own instead of the stand-in's
        assert not [t for t in asyncio.all_tasks() if "wake" in t.get_name()]

    world.run(main)
