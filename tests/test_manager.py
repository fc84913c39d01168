"""`PluginManager`: SPEC.md's eight methods, and what the host does of itself."""

import asyncio
import types

import attrs
import pytest

from aitbc_hooks import (
    BasePlugin,
    LegacyPluginAdapter,
    PluginManager,
    PluginMetadata,
    PluginRegistry,
    PluginStatus,
    hookimpl,
)
from aitbc_hooks.errors import (
    CapabilityError,
    LifecycleError,
    MetadataError,
    PluginInactiveError,
    PluginNameError,
    PluginNotFoundError,
)


class Recording(BasePlugin):
    """Does nothing wrong, and writes down what is called."""

    name = "alpha"
    needs = ()
    log = None

    def get_metadata(self):
        return PluginMetadata(self.name, "1.2.3", "d", "a", "MIT", dependencies=list(self.needs))

    def _note(self, method):
        if self.log is not None:
            self.log.append(f"{self.name}.{method}")
        return True

    async def initialize(self):
        return self._note("initialize")

    async def start(self):
        return self._note("start")

    async def stop(self):
        return self._note("stop")

    async def cleanup(self):
        return self._note("cleanup")


def plugin(name, *needs, log=None, **members):
    return type("Made", (Recording,), {"name": name, "needs": needs, "log": log, **members})


def manager_of(tmp_path, *plugins, **config):
    manager = PluginManager({"state_dir": str(tmp_path / "state"), **config})
    for item in plugins:
        manager.register(item)
    return manager


def run(tmp_path, scenario, *plugins, **config):
    """Run `scenario` with a started host."""

    async def hosted():
        async with manager_of(tmp_path, *plugins, **config) as manager:
            return await scenario(manager)

    return asyncio.run(asyncio.wait_for(hosted(), 30))


# SPEC.md's interface.


def test_an_empty_configuration_is_enough(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    async def scenario():
        config = {}
        async with PluginManager(config) as manager:
            assert manager.config is config
            assert manager.plugins == {}
            assert isinstance(manager.plugin_registry, PluginRegistry)
            assert manager.list_plugins() == []

    asyncio.run(scenario())


def test_the_eight_methods_take_a_plugin_through_its_life(tmp_path):
    heard = []

    async def handle_event(self, event_type, data):
        heard.append((event_type, data))

    async def scenario():
        manager = manager_of(tmp_path, plugin("alpha", handle_event=handle_event))
        assert manager.get_plugin_status("alpha") is PluginStatus.UNLOADED
        assert await manager.load_plugin("alpha") is True
        assert manager.get_plugin_status("alpha") is PluginStatus.LOADED
        assert manager.list_plugins() == ["alpha"]
        assert await manager.start_plugin("alpha") is True
        assert manager.plugins["alpha"].status is PluginStatus.ACTIVE
        assert await manager.broadcast_event("hello", {"x": 1}) is None
        assert await manager.stop_plugin("alpha") is True
        await manager.broadcast_event("unheard", {})
        assert manager.get_plugin_status("alpha") is PluginStatus.INACTIVE
        assert await manager.unload_plugin("alpha") is True
        assert manager.list_plugins() == []
        assert manager.plugins == {}

    asyncio.run(scenario())
    assert heard == [("hello", {"x": 1})]


OPERATIONS = ["load_plugin", "unload_plugin", "start_plugin", "stop_plugin", "reload_plugin"]


@pytest.mark.parametrize("operation", [*OPERATIONS, "get_plugin_status", "report", "plugin"])
def test_an_unknown_name_is_told_with_what_comes_close(tmp_path, operation):
    async def scenario(manager):
        async def ask():
            result = getattr(manager, operation)("alhpa")
            return await result if operation in OPERATIONS else result

        with pytest.raises(PluginNotFoundError) as caught:
            await ask()
        assert caught.value.code == "AITBC-P01"
        assert "Did you mean 'alpha'?" in caught.value.hint

    run(tmp_path, scenario, plugin("alpha"))


def test_an_operation_that_the_table_does_not_have_raises(tmp_path):
    async def scenario():
        manager = manager_of(tmp_path, plugin("alpha"))
        with pytest.raises(LifecycleError, match="load"):
            await manager.start_plugin("alpha")

    asyncio.run(scenario())


# Registering.


def functions(name="functions"):
    module = types.ModuleType(name)

    @hookimpl
    async def start(context):
        return True

    @hookimpl
    def predict(input_data):
        return {"by": name}

    module.start, module.predict = start, predict
    return module


class WithHooks:
    @hookimpl
    def start(self):
        return True

    @hookimpl
    async def predict(self, input_data):
        return {"by": "object"}


def legacy():
    class Old:
        def start(self): ...

    metadata = PluginMetadata("old-one", "1.0.0", "d", "a", "MIT")
    with pytest.warns(DeprecationWarning, match="legacy"):
        return LegacyPluginAdapter(Old(), metadata=metadata)


def create_made(context):
    return plugin("create-made")(context)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: plugin("class-one"), "class-one"),
        (lambda: plugin("instance-one")(None), "instance-one"),
        (legacy, "old-one"),
        (lambda: functions("my_functions"), "my-functions"),
        (WithHooks, "with-hooks"),
        (lambda: create_made, "create-made"),
    ],
)
def test_everything_that_can_be_registered_has_a_name_and_lives(tmp_path, make, name):
    async def scenario():
        manager = manager_of(tmp_path)
        thing = make()
        thing = thing() if thing is WithHooks else thing
        assert manager.register(thing) == name
        async with manager:
            assert manager.get_plugin_status(name) is PluginStatus.ACTIVE
            assert manager.report(name).source == "registered"
        assert manager.report(name).failure is None

    asyncio.run(scenario())


def test_a_registered_plugin_can_be_disabled_by_the_configuration(tmp_path):
    async def scenario(manager):
        assert manager.get_plugin_status("alpha") is PluginStatus.UNLOADED
        assert not manager.report("alpha").enabled

    run(tmp_path, scenario, plugin("alpha"), plugins={"alpha": {"enabled": False}})


def test_plugins_that_are_equal_or_cannot_be_hashed_are_plugins(tmp_path):
    @attrs.define
    class Counter:
        step: int = 1

        @hookimpl
        async def predict(self, input_data):
            return {"step": self.step}

    async def scenario():
        manager = manager_of(tmp_path, plugin("alpha"))
        manager.register(Counter(1), "one")
        manager.register(Counter(2), "two")
        async with manager:
            assert await manager.plugin("two").predict({}) == {"step": 2}
            assert await manager.unload_plugin("one")
        assert [r.failure for r in manager.reports() if r.source == "registered"] == [None] * 3

    asyncio.run(scenario())


def test_a_name_may_be_given_and_has_to_be_one(tmp_path):
    manager = manager_of(tmp_path)
    assert manager.register(functions(), "other") == "other"
    for bad in ("a b", "1a", "a_b", "a\n"):
        with pytest.raises(MetadataError):
            manager.register(functions(), bad)


def test_a_name_can_be_taken_once(tmp_path):
    manager = manager_of(tmp_path, plugin("alpha"))
    with pytest.raises(PluginNameError) as caught:
        manager.register(plugin("ALPHA"))
    assert caught.value.code == "AITBC-P07"


def test_what_is_registered_comes_before_what_is_found_unless_that_is_loaded(tmp_path):
    folder = tmp_path / "paths" / "alpha"
    folder.mkdir(parents=True)
    (folder / "plugin.py").write_text(
        "from aitbc_hookspecs import hookimpl\n@hookimpl\ndef start(): return True\n"
    )

    async def scenario():
        manager = manager_of(tmp_path, plugin_paths=[str(folder.parent)])
        assert manager.report("alpha").source == "directory"
        manager.register(plugin("alpha"))
        assert manager.report("alpha").source == "registered"
        assert [r.error.code for r in manager.catalogue.rejected] == ["AITBC-P07"]
        other = manager_of(tmp_path, plugin_paths=[str(folder.parent)])
        await other.load_plugin("alpha")
        with pytest.raises(PluginNameError):
            other.register(plugin("alpha"))
        await other.stop()

    asyncio.run(scenario())


def test_plugins_can_be_named_and_blocked_as_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "named_plugin", functions("named_plugin"))

    async def scenario():
        config = {"state_dir": str(tmp_path)}
        manager = PluginManager(config, plugins=["named_plugin", "no:Alpha"])
        manager.register(plugin("alpha"))
        async with manager:
            assert manager.get_plugin_status("named-plugin") is PluginStatus.ACTIVE
            with pytest.raises(PluginNotFoundError, match="blocked"):
                manager.get_plugin_status("alpha")
            assert "alpha" not in [report.name for report in manager.reports()]

    asyncio.run(scenario())


def test_without_auto_load_nothing_is_loaded(tmp_path):
    async def scenario(manager):
        assert manager.list_plugins() == []

    run(tmp_path, scenario, plugin("alpha"), auto_load=False)


# Addressed calls.


def test_one_plugin_can_be_called_alone(tmp_path):
    async def scenario(manager):
        assert await manager.plugin("one").predict({}) == {"by": "one"}
        assert await manager.plugin("TWO").predict(input_data={}) == {"by": "two"}
        assert len(await manager.hook.predict(input_data={})) == 2

    run(tmp_path, scenario, functions("one"), functions("two"))


def test_what_cannot_be_called_is_told(tmp_path):
    async def scenario(manager):
        with pytest.raises(CapabilityError) as caught:
            manager.plugin("one").train([])
        assert caught.value.code == "AITBC-H01"
        addressed = manager.plugin("one")
        await manager.stop_plugin("one")
        with pytest.raises(PluginInactiveError) as inactive:
            await addressed.predict({})
        assert inactive.value.code == "AITBC-H02"
        await manager.unload_plugin("one")
        with pytest.raises(PluginInactiveError):
            manager.plugin("one")

    run(tmp_path, scenario, functions("one"))


# Order.


def test_dependencies_start_first_and_stop_last(tmp_path):
    log = []
    plugins = [plugin("a", "b", log=log), plugin("b", "c", log=log), plugin("c", log=log)]
    assert run(tmp_path, nothing, *plugins) is None
    assert [entry for entry in log if "start" in entry] == ["c.start", "b.start", "a.start"]
    assert [entry for entry in log if "stop" in entry] == ["a.stop", "b.stop", "c.stop"]
    assert [entry for entry in log if "cleanup" in entry] == ["a.cleanup", "b.cleanup", "c.cleanup"]


async def nothing(manager):
    return None


def test_priority_then_name_decide_among_independent_plugins(tmp_path):
    log = []
    blocks = {
        "late": {"enabled": True, "priority": 90},
        "early": {"enabled": True, "priority": 5},
    }
    names = ("late", "b", "early", "a")
    run(tmp_path, nothing, *(plugin(name, log=log) for name in names), plugins=blocks)
    started = [entry for entry in log if "start" in entry]
    assert started == ["early.start", "a.start", "b.start", "late.start"]


@pytest.mark.parametrize("method", ["initialize", "start", "stop", "cleanup"])
def test_independent_plugins_go_through_a_method_at_the_same_time(tmp_path, method):
    inside, most = 0, 0

    async def meeting(self):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        for _ in range(20):
            await asyncio.sleep(0)
        inside -= 1
        return True

    run(tmp_path, nothing, *(plugin(f"p{i}", **{method: meeting}) for i in range(5)))
    assert most == 5


def test_dependent_plugins_never_start_at_the_same_time(tmp_path):
    inside, most = 0, 0

    async def start(self):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.001)
        inside -= 1
        return True

    chain = [plugin(f"p{i}", *([f"p{i - 1}"] if i else []), start=start) for i in range(5)]
    run(tmp_path, nothing, *chain)
    assert most == 1


# Reloading.


def test_reloading_makes_a_fresh_instance_and_starts_what_needs_it_again(tmp_path):
    async def scenario(manager):
        before = dict(manager.plugins)
        assert await manager.reload_plugin("base") is True
        after = manager.plugins
        assert after["base"] is not before["base"]
        assert after["top"] is before["top"]
        for name in ("base", "middle", "top"):
            assert manager.get_plugin_status(name) is PluginStatus.ACTIVE

    run(tmp_path, scenario, plugin("top", "middle"), plugin("middle", "base"), plugin("base"))


def test_reloading_leaves_what_was_stopped_stopped(tmp_path):
    async def scenario(manager):
        await manager.stop_plugin("top")
        assert await manager.reload_plugin("base") is True
        assert manager.get_plugin_status("top") is PluginStatus.INACTIVE
        await manager.stop_plugin("base")
        assert await manager.reload_plugin("base") is True
        assert manager.get_plugin_status("base") is PluginStatus.LOADED

    run(tmp_path, scenario, plugin("top", "base"), plugin("base"))


def test_reloading_a_folders_plugin_sees_what_was_edited(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    folder = tmp_path / "paths" / "edited"
    folder.mkdir(parents=True)
    code = (
        "from aitbc_hookspecs import hookimpl\n@hookimpl\ndef predict(input_data): return {'v': %d}"
    )
    (folder / "plugin.py").write_text(code % 1)

    async def scenario(manager):
        assert await manager.plugin("edited").predict({}) == {"v": 1}
        (folder / "plugin.py").write_text(code % 2)
        assert await manager.reload_plugin("edited")
        assert await manager.plugin("edited").predict({}) == {"v": 2}
        (folder / "plugin.py").write_text("def (")
        assert not await manager.reload_plugin("edited")
        assert manager.report("edited").failure.code == "AITBC-L11"
        assert await manager.plugin("edited").predict({}) == {"v": 2}
        (folder / "plugin.py").write_text(code % 3)
        assert await manager.reload_plugin("edited")
        assert await manager.start_plugin("edited")
        assert await manager.plugin("edited").predict({}) == {"v": 3}

    blocks = {"edited": {"enabled": True}}
    run(tmp_path, scenario, plugin_paths=[str(folder.parent)], plugins=blocks)


def test_reloading_inside_a_cycle_ends(tmp_path):
    async def scenario(manager):
        assert await manager.reload_plugin("a") is True
        assert manager.get_plugin_status("a") is PluginStatus.LOADED

    run(tmp_path, scenario, plugin("a", "b"), plugin("b", "a"))


# The host as a whole.


def test_a_plugins_own_stop_is_a_transition_like_any_other(tmp_path):
    async def handle_event(self, event_type, data):
        await self.stop()

    async def scenario(manager):
        await manager.broadcast_event("stop", {})
        assert manager.get_plugin_status("alpha") is PluginStatus.INACTIVE

    run(tmp_path, scenario, plugin("alpha", handle_event=handle_event))


def test_a_hook_may_call_the_manager(tmp_path):
    async def scenario(manager):
        class Acting:
            @hookimpl
            async def predict(self, input_data):
                await manager.stop_plugin("acting")
                return {"stopped": await manager.stop_plugin("alpha")}

        manager.register(Acting())
        await manager.load_plugin("acting")
        await manager.start_plugin("acting")
        assert await manager.plugin("acting").predict({}) == {"stopped": True}
        assert manager.get_plugin_status("acting") is PluginStatus.INACTIVE

    run(tmp_path, scenario, plugin("alpha"))


def test_a_host_can_be_used_twice(tmp_path):
    log = []

    async def scenario():
        manager = manager_of(tmp_path, plugin("alpha", log=log))
        for _ in range(2):
            await manager.start()
            assert manager.get_plugin_status("alpha") is PluginStatus.ACTIVE
            await manager.stop()
            assert manager.get_plugin_status("alpha") is PluginStatus.UNLOADED
        await manager.stop()

    asyncio.run(scenario())
    assert log == [f"alpha.{m}" for m in ("initialize", "start", "stop", "cleanup")] * 2


def test_two_hosts_do_not_disturb_each_other(tmp_path):
    async def scenario():
        one = manager_of(tmp_path / "1", plugin("alpha"), functions("shared"))
        two = manager_of(tmp_path / "2", plugin("alpha"), functions("shared"))
        async with one, two:
            assert one.plugins["alpha"] is not two.plugins["alpha"]
            await one.unload_plugin("alpha")
            await one.stop_plugin("shared")
            assert two.get_plugin_status("alpha") is PluginStatus.ACTIVE
            assert len(await two.hook.predict(input_data={})) == 1
            assert await one.hook.predict(input_data={}) == []

    asyncio.run(scenario())


def test_a_start_that_is_cancelled_stops_what_was_started(tmp_path):
    log = []
    reached = asyncio.Event()

    async def start(self):
        reached.set()
        await asyncio.sleep(3600)

    manager = manager_of(tmp_path, plugin("alpha", log=log), plugin("slow", "alpha", start=start))

    async def scenario():
        async def use():
            async with manager:
                raise AssertionError("not reached")

        task = asyncio.create_task(use())
        await asyncio.wait_for(reached.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert manager.list_plugins() == []
        assert {task.get_name() for task in asyncio.all_tasks()} == {
            asyncio.current_task().get_name()
        }

    asyncio.run(scenario())
    assert log == [f"alpha.{m}" for m in ("initialize", "start", "stop", "cleanup")]


def test_a_stop_that_is_cancelled_leaves_no_task_of_the_host(tmp_path):
    reached = asyncio.Event()

    async def cleanup(self):
        reached.set()
        await asyncio.sleep(0.05)
        return True

    async def scenario():
        manager = manager_of(tmp_path, plugin("alpha", cleanup=cleanup))
        await manager.start()
        task = asyncio.create_task(manager.stop())
        await asyncio.wait_for(reached.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert manager.get_plugin_status("alpha") is PluginStatus.UNLOADED
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scenario())


def test_leaving_by_an_exception_stops_everything(tmp_path):
    log = []

    async def scenario():
        with pytest.raises(ZeroDivisionError):
            async with manager_of(tmp_path, plugin("alpha", log=log)):
                raise ZeroDivisionError

    asyncio.run(scenario())
    assert log[-2:] == ["alpha.stop", "alpha.cleanup"]


def test_a_report_holds_what_is_known(tmp_path):
    async def scenario(manager):
        report = manager.report("alpha")
        assert (report.name, report.version, report.description) == ("alpha", "1.2.3", "d")
        assert (report.source, report.priority, report.enabled) == ("registered", 7, True)
        assert report.dependencies == ("beta >=1.0.0",)
        assert report.failure is None
        assert report.isolation == "none"
        assert report.since.tzinfo is not None
        assert report.location.endswith("Made")

    blocks = {"alpha": {"enabled": True, "priority": 7}}
    run(tmp_path, scenario, plugin("alpha", "beta >=1.0.0"), plugin("beta"), plugins=blocks)


def test_a_report_holds_what_the_calls_of_the_hooks_have_come_to(tmp_path):
    class Guessing(WithHooks):
        @hookimpl
        async def predict(self, input_data):
            if not input_data:
                raise ValueError("nothing to go by")
            return {"guess": input_data["number"]}

    async def scenario(manager):
        manager.register(Guessing(), "guessing")
        await manager.load_plugin("guessing")
        await manager.start_plugin("guessing")
        assert manager.report("guessing").calls == ()
        assert await manager.hook.predict(input_data={"number": 1}) == [{"guess": 1}]
        with pytest.raises(ValueError, match="nothing to go by"):
            await manager.hook.predict(input_data={})
        assert await manager.plugin("guessing").predict({"number": 2}) == {"guess": 2}
        (predict,) = manager.report("guessing").calls
        assert await manager.unload_plugin("guessing") is True
        return predict, manager.report("guessing").calls, manager.tallies

    predict, after, tallies = run(tmp_path, scenario)
    assert (predict.hook, predict.calls, predict.errors, predict.in_flight) == ("predict", 3, 1, 0)
    assert predict.mean > 0
    assert after == (predict,)
    assert tallies.tally("guessing", "predict").calls == 3


def test_a_module_named_on_the_command_line_goes_by_its_plugins_own_name(tmp_path, monkeypatch):
    (tmp_path / "some_module.py").write_text(
        "from aitbc.plugins import PluginMetadata, hookimpl\n"
        "@hookimpl\n"
        "def get_metadata():\n"
        "    return PluginMetadata('quite-another', '2.0.0', '', '', 'MIT')\n"
    )
    (tmp_path / "broken_module.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    manager = PluginManager({"state_dir": str(tmp_path)}, plugins=["some_module", "broken_module"])

    async def live():
        async with manager:
            assert manager.get_plugin_status("quite-another") is PluginStatus.ACTIVE
            assert manager.report("broken-module").failure.code == "AITBC-P02"

    asyncio.run(live())


def test_a_running_host_cannot_be_started_again_and_goes_on(tmp_path):
    async def live():
        async with PluginManager({"state_dir": str(tmp_path)}) as manager:
            with pytest.raises(LifecycleError, match="running already"):
                await manager.start()
            manager.register(_module_like(), "later")
            assert await manager.load_plugin("later")
        await manager.start()
        await manager.stop()

    asyncio.run(live())


def _module_like():
    class Plugin:
        @hookimpl
        def start(self):
            return True

    return Plugin()


def test_what_was_to_start_first_by_priority_is_stopped_and_unloaded_last(tmp_path):
    log = []

    class Slow(Recording):
        async def stop(self):
            await asyncio.sleep(0.01)
            return self._note("stop")

    made = [
        type("Made", (Slow if name == "late" else Recording,), {"name": name, "log": log})
        for name in ("early", "late", "middle")
    ]
    priorities = {"early": 10, "middle": 20, "late": 30}
    plugins = {name: {"enabled": True, "priority": p} for name, p in priorities.items()}

    async def scenario(manager):
        log.clear()

    run(tmp_path, scenario, *made, plugins=plugins)
    ends = [f"{n}.{m}" for n in ("late", "middle", "early") for m in ("stop", "cleanup")]
    assert log == ends


def test_plugins_of_one_priority_are_stopped_at_the_same_time(tmp_path):
    met = []

    async def scenario(manager):
        met.append(asyncio.Barrier(3))

    async def meet(self):
        async with asyncio.timeout(5):
            await met[0].wait()
        met.append(self.name)
        return True

    run(tmp_path, scenario, *(plugin(name, stop=meet) for name in ("one", "two", "three")))
    assert sorted(met[1:]) == ["one", "three", "two"]


def test_a_dependency_of_a_higher_priority_number_is_stopped_after_what_needs_it(tmp_path):
    log = []
    plugins = {
        "needed": {"enabled": True, "priority": 90},
        "needing": {"enabled": True, "priority": 10},
    }

    async def scenario(manager):
        log.clear()

    run(
        tmp_path,
        scenario,
        plugin("needed", log=log),
        plugin("needing", "needed", log=log),
        plugins=plugins,
    )
    assert log == ["needing.stop", "needing.cleanup", "needed.stop", "needed.cleanup"]


def test_an_unregistered_plugin_is_unknown_and_its_name_is_free(tmp_path):
    async def scenario(manager):
        with pytest.raises(LifecycleError, match="cannot unregister in status ACTIVE"):
            manager.unregister("alpha")
        await manager.unload_plugin("alpha")
        manager.unregister("alpha")
        with pytest.raises(PluginNotFoundError):
            manager.report("alpha")
        manager.register(plugin("alpha"))
        assert await manager.load_plugin("alpha")

    run(tmp_path, scenario, plugin("alpha"))
