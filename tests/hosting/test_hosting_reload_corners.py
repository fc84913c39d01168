"""What a reload tells, what it hands over, and where there is nothing to go back to."""

import asyncio
import logging
import textwrap

import pytest
from hosting_plugins import sound
from hosting_reloads import NAME, STATE, Neighbour, PokeSpecs, Reloads, run
from sound_plugin import Sound

from aitbc_hooks import LifecycleError, PluginManager, PluginStatus, hookimpl
from aitbc_hooks.discovery import find_again

S = PluginStatus
NEW = [("UNLOADED", "LOADING"), ("LOADING", "LOADED")]


def reloading(path, scenario, **settings):
    """Run a scenario with generation 1 ACTIVE, and nothing of it noted yet."""

    async def prepared():
        reloads = Reloads(path, **settings)
        reloads.write(1)
        await reloads.load_all(dependent=False)
        assert await reloads.manager.start_plugin(NAME)
        await reloads.told_of()
        reloads.journal.clear()
        return await scenario(reloads)

    return run(prepared)


# What is told.


def test_a_reload_is_told_as_the_old_one_s_unload_and_the_new_one_s_load_and_start(tmp_path):
    async def scenario(reloads):
        reloads.write(2)
        assert await reloads.reload()
        return await reloads.told_of()

    unload = [("ACTIVE", "INACTIVE"), ("INACTIVE", "UNLOADING"), ("UNLOADING", "UNLOADED")]
    assert reloading(tmp_path, scenario) == [*unload, *NEW, ("LOADED", "ACTIVE")]


def test_what_fails_beside_the_old_one_is_told_without_a_transition_of_the_old_one(tmp_path):
    async def scenario(reloads):
        reloads.write(2, "config")
        assert not await reloads.reload()
        assert reloads.journal == []
        return await reloads.told_of()

    assert reloading(tmp_path, scenario) == ["AITBC-L11"]


def test_what_fails_later_is_told_as_a_stop_and_a_start(tmp_path, caplog):
    async def scenario(reloads):
        reloads.write(2, "start")
        assert not await reloads.reload()
        return await reloads.told_of(), reloads.failure

    told, failure = reloading(tmp_path, scenario)
    assert told == [("ACTIVE", "INACTIVE"), ("INACTIVE", "ACTIVE"), "AITBC-L11"]
    assert failure.message == (
        "could not be reloaded; the old one goes on: [AITBC-L04] start(): RuntimeError: no start"
    )
    assert "RuntimeError: no start" in failure.traceback
    assert str(failure) in caplog.messages


def test_an_old_one_that_cannot_go_on_is_told_with_both_reasons(tmp_path):
    async def scenario(reloads):
        reloads.write(1, "restart")
        assert await reloads.reload()
        reloads.write(2, "initialize", "false")
        assert not await reloads.reload()
        return reloads.status, reloads.failure

    status, failure = reloading(tmp_path, scenario)
    assert (status, failure.code) == (S.ERROR, "AITBC-L12")
    assert "[AITBC-L03] initialize(): expected True, got False." in failure.message
    assert "is ERROR: [AITBC-L03] start(): expected True, got False." in failure.message


def test_a_cleanup_of_the_old_one_that_fails_is_reported_and_the_new_one_runs(tmp_path):
    async def scenario(reloads):
        reloads.write(1, "cleanup")
        assert await reloads.reload()
        reloads.write(2)
        assert await reloads.reload() is True
        return reloads.status, reloads.failure

    status, failure = reloading(tmp_path, scenario)
    assert (status, failure.code, failure.method) == (S.ACTIVE, "AITBC-L04", "cleanup")
    assert failure.message == "of the instance that was replaced: RuntimeError: no cleanup"


def test_the_order_of_the_steps(tmp_path):
    async def scenario(reloads):
        reloads.write(2)
        await reloads.reload()
        return [entry for entry in reloads.journal if " " not in entry[1]]

    steps = [(1, "stop"), (2, "initialize"), (1, "export_state"), (2, "import_state")]
    assert reloading(tmp_path, scenario) == [*steps, (2, "start"), (1, "cleanup")]


# What is checked before the old one is stopped.


def test_a_new_need_that_cannot_be_met_leaves_the_old_one_alone(tmp_path):
    async def scenario(reloads):
        reloads.write(2, needs=["nobody"])
        assert not await reloads.reload()
        assert reloads.journal == []
        return reloads.status, reloads.failure.message

    status, message = reloading(tmp_path, scenario)
    assert status is S.ACTIVE
    assert "[AITBC-D01] needs nobody" in message


def test_a_version_that_an_active_plugin_cannot_use_leaves_the_old_one_alone(tmp_path):
    async def scenario(reloads):
        picky = sound("picky", fields={"dependencies": [f"{NAME} <2"]})
        reloads.manager.register(picky)
        await reloads.manager.load_plugin("picky")
        reloads.write(2)
        assert await reloads.reload(), "picky does not run"
        reloads.write(1)
        assert await reloads.reload()
        assert await reloads.manager.start_plugin("picky")
        reloads.journal.clear()
        reloads.write(2)
        assert not await reloads.reload()
        assert reloads.journal == []
        return reloads.failure.message

    message = reloading(tmp_path, scenario)
    assert "[AITBC-D04] picky, which is active, needs subject <2; this is 2.0.0." in message


def test_a_new_need_is_started_before(tmp_path):
    async def scenario(reloads):
        reloads.manager.register(sound("needed"))
        reloads.write(2, needs=["needed"])
        assert await reloads.reload()
        assert reloads.manager.get_plugin_status("needed") is S.ACTIVE
        await reloads.manager.stop_plugin("needed")
        return reloads.status

    assert reloading(tmp_path, scenario) is S.INACTIVE


def test_a_new_conflict_counts_once_the_new_one_runs_and_an_old_one_no_more(tmp_path):
    async def scenario(reloads):
        reloads.manager.register(sound("rival"))
        await reloads.manager.load_plugin("rival")
        reloads.write(2, needs=["!rival"])
        assert await reloads.reload()
        assert not await reloads.manager.start_plugin("rival")
        reloads.write(3)
        assert await reloads.reload()
        return await reloads.manager.start_plugin("rival")

    assert reloading(tmp_path, scenario) is True


def test_the_manifest_is_read_again(tmp_path):
    async def scenario(reloads):
        (reloads.folder / "other.py").write_text((reloads.folder / "plugin.py").read_text())
        reloads.write(2)
        manifest = reloads.folder / "plugin.toml"
        manifest.write_text(f'[plugin]\nname = "{NAME}"\nversion = "9.0.0"\nentry = "other"\n')
        assert await reloads.reload()
        assert reloads.answers() == ["last", 1, "first"]
        assert reloads.manager.catalogue.get(NAME).version == "9.0.0"
        manifest.write_text("[plugin")
        assert not await reloads.reload()
        assert "[AITBC-P09]" in reloads.failure.message
        manifest.write_text('[plugin]\nname = "renamed"\n')
        assert not await reloads.reload()
        return reloads.status, reloads.failure.message

    status, message = reloading(tmp_path, scenario)
    assert status is S.ACTIVE
    assert "its manifest says that it is 'renamed' now." in message


def test_a_folder_that_is_gone_leaves_the_old_one_running(tmp_path):
    async def scenario(reloads):
        reloads.folder.rename(tmp_path / "elsewhere")
        assert not await reloads.reload()
        assert reloads.answers() == ["last", 1, "first"]
        assert await reloads.manager.unload_plugin(NAME)
        return reloads.failure.message

    assert "there is no plugin in" in reloading(tmp_path, scenario)


def test_what_is_not_in_a_folder_is_looked_at_no_further(tmp_path):
    manager = PluginManager({"state_dir": str(tmp_path)})
    for candidate in manager.catalogue.candidates.values():
        assert find_again(candidate) is candidate


# Who calls the new one meanwhile.


def test_nothing_reaches_the_new_one_before_it_has_taken_over(tmp_path):
    async def scenario(reloads):
        reloads.write(2, "import_state", "raise")
        answers = []

        class Curious:
            @hookimpl
            def plugin_transitioned(self, plugin_name, old, new):
                answers.append((new.name, reloads.answers()))

        reloads.manager.hooks.register(Curious())
        assert not await reloads.reload()
        await reloads.told_of()
        return answers

    assert reloading(tmp_path, scenario)[-1] == ("ACTIVE", ["last", 1, "first"])


def test_an_operation_that_comes_meanwhile_waits_for_the_new_one(tmp_path):
    async def scenario(reloads):
        reloads.write(2)
        reload = asyncio.create_task(reloads.reload())
        while not reloads.journal:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        assert await reloads.manager.stop_plugin(NAME)
        assert await reload
        return reloads.status, reloads.calls(2)[-2:]

    assert reloading(tmp_path, scenario) == (S.INACTIVE, ["start", "stop"])


def test_reloads_at_the_same_time_take_turns(tmp_path):
    async def scenario(reloads):
        reloads.write(2)
        assert await asyncio.gather(*(reloads.reload() for _ in range(4))) == [True] * 4
        return reloads.status, reloads.notes(2)

    status, notes = reloading(tmp_path, scenario)
    assert status is S.ACTIVE
    assert [notes.count(word) for word in ("start is done", "stop", "cleanup")] == [4, 3, 3]


def test_a_plugin_cannot_reload_itself_in_its_own_transition_nor_within_a_reload(tmp_path):
    async def scenario(reloads):
        caught = []

        class Nosy(Sound):
            name = "nosy"

            async def start(self):
                for name in ("nosy", NAME):
                    try:
                        await reloads.manager.reload_plugin(name)
                    except LifecycleError as error:
                        caught.append((error.code, name))
                return True

        reloads.manager.register(Nosy)
        await reloads.manager.load_plugin("nosy")
        assert await reloads.manager.start_plugin("nosy")
        assert await reloads.manager.reload_plugin("nosy")
        return caught

    itself, inside = ("AITBC-L02", "nosy"), ("AITBC-L02", NAME)
    assert reloading(tmp_path, scenario) == [itself, itself, inside]


def test_the_new_one_s_own_stop_is_a_transition_of_the_plugin(tmp_path):
    async def scenario(reloads):
        reloads.write(2)
        assert await reloads.reload()
        assert await reloads.manager.plugins[NAME].stop()
        return reloads.status, reloads.answers()

    assert reloading(tmp_path, scenario) == (S.INACTIVE, ["last", "first"])


# State.


def test_state_goes_from_the_old_one_to_the_new_one(tmp_path):
    async def scenario(reloads):
        for generation in (2, 3):
            reloads.write(generation)
            assert await reloads.reload()
        return reloads.manager.plugins[NAME].state

    assert reloading(tmp_path, scenario) == {"from": 2, "before": {"from": 1, "before": None}}


@pytest.mark.parametrize("one", ["export_state", "import_state"])
def test_state_goes_nowhere_where_one_of_the_two_methods_is_missing(tmp_path, one):
    async def scenario(reloads):
        reloads.write(2, state=STATE.replace(one, "another_method"))
        assert await reloads.reload()
        reloads.write(3)
        assert await reloads.reload()
        return reloads.manager.plugins[NAME].state

    expected = None if one == "export_state" else {"from": 2, "before": None}
    assert reloading(tmp_path, scenario) == expected


def test_state_that_is_no_json_keeps_the_old_one(tmp_path):
    async def scenario(reloads):
        reloads.write(2, state=STATE.replace("self.state}", "self}"))
        assert await reloads.reload()
        reloads.write(3)
        assert not await reloads.reload()
        return reloads.answers(), reloads.failure.message

    answers, message = reloading(tmp_path, scenario)
    assert answers == ["last", 2, "first"]
    assert "[AITBC-L04] export_state(): TypeError" in message


DEAF = """
    async def {method}(self, *state):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()
"""


def test_a_new_one_that_ignores_the_end_of_its_import_is_left_behind(tmp_path):
    async def scenario(reloads):
        reloads.write(2, state=DEAF.format(method="import_state"))
        assert not await reloads.reload()
        assert "cleanup" not in reloads.calls(2), "nothing of it is called any more"
        return reloads.answers(), reloads.failure.message

    answers, message = reloading(tmp_path, scenario)
    assert answers == ["last", 1, "first"]
    assert "[AITBC-L06] import_state(): was cancelled by its deadline" in message


def test_an_old_one_that_ignores_the_end_of_its_export_does_not_go_on(tmp_path):
    async def scenario(reloads):
        reloads.write(2, state=DEAF.format(method="export_state"))
        assert await reloads.reload()
        reloads.write(3)
        assert not await reloads.reload()
        assert (reloads.status, reloads.failure.code) == (S.ERROR, "AITBC-L12")
        assert await reloads.reload(), "but a next one may take over"
        return reloads.status

    assert reloading(tmp_path, scenario) is S.LOADED


# Events.


def test_events_that_do_not_reach_it_are_counted_and_logged(tmp_path, caplog):
    handler = """
    async def handle_event(self, event_type, data):
        self.context.api_client.append((GENERATION, f"event {data['n']}"))
"""

    async def scenario(reloads):
        reloads.write(1, state=handler)
        assert await reloads.reload()
        caplog.clear()
        reloads.write(2, state=handler)
        publish, reload = reloads.manager.events.publish, asyncio.create_task(reloads.reload())
        number = 0
        while not reload.done():
            await publish("tick", {"n": number})
            number += 1
            await asyncio.sleep(0)
        assert await reload
        await publish("tick", {"n": number})
        await reloads.manager.events.settle()
        return number + 1, sum(note.startswith("event") for _, note in reloads.journal)

    sent, handled = reloading(tmp_path, scenario)
    (line,) = [r.getMessage() for r in caplog.records if "did not reach it" in r.getMessage()]
    assert 0 < handled < sent
    assert (
        line == f"plugin 'subject': {sent - handled} events did not reach it while it was reloaded"
    )


def test_a_reload_without_events_says_nothing_of_them(tmp_path, caplog):
    async def scenario(reloads):
        await reloads.reload()
        await reloads.manager.broadcast_event("tick", {})

    caplog.set_level(logging.WARNING)
    reloading(tmp_path, scenario)
    assert "did not reach" not in caplog.text


# Where there is one object only.


def hosted(tmp_path, *plugins):
    manager = PluginManager({"state_dir": str(tmp_path / "state")})
    manager.hooks.add_hookspecs(PokeSpecs)
    for name, plugin in plugins:
        manager.register(plugin, name)
    return manager


async def bring_up(manager, *names):
    for name in names:
        await manager.load_plugin(name)
        assert await manager.start_plugin(name)


def order(manager):
    return [impl.plugin_name for impl in manager.hooks.hook.poke.get_hookimpls()]


def test_an_object_is_unloaded_and_loaded_again_in_its_place(tmp_path):
    async def scenario():
        plugins = [(name, Neighbour(name)) for name in ("a", "b", "c")]
        manager = hosted(tmp_path, *plugins)
        await bring_up(manager, "a", "b", "c")
        assert await manager.reload_plugin("b") is True
        assert manager.plugins["b"] is plugins[1][1]
        assert manager.get_plugin_status("b") is S.ACTIVE
        assert manager.hooks.hook.poke() == ["c", "b", "a"]
        assert not manager._known._discovered, "nothing had to be looked for"
        return order(manager)

    assert run(scenario) == ["a", "b", "c"]


def test_an_object_that_does_not_come_up_again_has_nothing_to_go_back_to(tmp_path):
    class Once(Sound):
        name, begun = "once", 0

        async def initialize(self):
            self.begun += 1
            return self.begun < 2

    async def scenario():
        manager = hosted(tmp_path, ("once", Once(None)))
        await bring_up(manager, "once")
        assert await manager.reload_plugin("once") is False
        assert manager.get_plugin_status("once") is S.ERROR
        return manager.report("once").failure.code

    assert run(scenario) == "AITBC-L03"


def test_a_module_that_python_has_imported_gives_a_fresh_instance_of_the_same_class(
    tmp_path, monkeypatch
):
    (tmp_path / "installed_thing.py").write_text(
        textwrap.dedent("""
        from sound_plugin import Sound
        class Thing(Sound):
            name = "installed-thing"
        """)
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    async def scenario():
        manager = PluginManager({"state_dir": str(tmp_path)}, plugins=["installed_thing"])
        await bring_up(manager, "installed-thing")
        before = manager.plugins["installed-thing"]
        (tmp_path / "installed_thing.py").write_text("raise RuntimeError")
        assert await manager.reload_plugin("installed-thing") is True
        after = manager.plugins["installed-thing"]
        return before is not after, type(before) is type(after)

    assert run(scenario) == (True, True)


def test_plugins_that_are_equal_cannot_be_beside_one_another(tmp_path):
    class Equal(Sound):
        def __eq__(self, other):
            return isinstance(other, Equal)

        __hash__ = Sound.__hash__

    async def scenario():
        manager = hosted(tmp_path, ("sound", Equal))
        await bring_up(manager, "sound")
        before = manager.plugins["sound"]
        assert await manager.reload_plugin("sound") is True
        assert manager.get_plugin_status("sound") is S.ACTIVE
        return manager.plugins["sound"] is before

    assert run(scenario) is False
