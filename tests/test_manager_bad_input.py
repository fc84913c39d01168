"""What plugins and configurations may do wrong: one clear report each, and the host goes on."""

import asyncio
import contextlib
import logging

import pytest
from sound_plugin import Sound

from aitbc_hooks import PluginManager, PluginMetadata, PluginStatus
from aitbc_hooks.config import InvalidConfigError
from aitbc_hooks.errors import CODES


def plugin(called, *needs, **members):
    return type("Made", (Sound,), {"name": called, "needs": needs, **members})


def hosted(tmp_path, *plugins, scenario=None, **config):
    """Run a host with those plugins and a sound one, which must be ACTIVE; return reports."""

    async def use():
        manager = PluginManager({"state_dir": str(tmp_path / "state"), **config})
        for item in (*plugins, plugin("bystander")):
            manager.register(item)
        async with manager:
            assert manager.get_plugin_status("bystander") is PluginStatus.ACTIVE
            reports = {report.name: report for report in manager.reports()}
            if scenario is not None:
                await scenario(manager)
        assert manager.list_plugins() == []
        assert manager.report("bystander").failure is None
        return reports

    return asyncio.run(asyncio.wait_for(use(), 30))


async def returns_none(self):
    return None


async def returns_one(self):
    return 1


async def returns_false(self):
    return False


async def raises(self):
    raise ValueError("boom")


async def exits(self):
    raise SystemExit(3)


async def hangs(self):
    await asyncio.sleep(3600)


@pytest.mark.parametrize(
    ("does", "code", "traced"),
    [
        (returns_none, "AITBC-L03", False),
        (returns_one, "AITBC-L03", False),
        (returns_false, "AITBC-L03", False),
        (raises, "AITBC-L04", True),
        (exits, "AITBC-L07", True),
        (hangs, "AITBC-L05", False),
    ],
)
@pytest.mark.parametrize("method", ["initialize", "start"])
def test_a_method_that_fails_is_reported_and_stops_no_other_plugin(
    tmp_path, method, does, code, traced
):
    blocks = {"bad": {"enabled": True, "timeouts": {method: 0.05}}}
    reports = hosted(tmp_path, plugin("bad", **{method: does}), plugins=blocks)
    failure = reports["bad"].failure
    assert reports["bad"].status is PluginStatus.ERROR
    assert (failure.code, failure.plugin, failure.method) == (code, "bad", method)
    assert failure.code in CODES
    assert failure.message
    assert bool(failure.traceback) is traced
    assert reports["bad"].error_count == 1


@pytest.mark.parametrize("method", ["stop", "cleanup"])
@pytest.mark.parametrize("does", [returns_none, raises, exits])
def test_a_plugin_that_cannot_be_stopped_does_not_keep_the_host(tmp_path, method, does, caplog):
    hosted(tmp_path, plugin("bad", **{method: does}))
    assert any(f"in {method}()" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"__init__": lambda self, context: 1 / 0}, "AITBC-P03"),
        ({"__init__": lambda self: None}, "AITBC-P03"),
        ({"get_metadata": lambda self: 1 / 0}, "AITBC-P03"),
        ({"get_metadata": lambda self: "text"}, "AITBC-P04"),
        ({"get_metadata": lambda self: PluginMetadata("b", "1", "d", "a", "M")}, "AITBC-P04"),
        ({"name": "other"}, "AITBC-P05"),
        ({"start": Sound.__mro__[1].start}, "AITBC-P10"),
        ({"handle_event": lambda self, kind, data: None}, "AITBC-P08"),
    ],
)
def test_a_plugin_that_cannot_be_made_is_reported_and_stops_no_other(tmp_path, members, code):
    cls = plugin("bad", **members)

    async def scenario():
        manager = PluginManager({"state_dir": str(tmp_path)})
        manager.register(cls, "bad")
        manager.register(plugin("bystander"))
        async with manager:
            assert manager.get_plugin_status("bystander") is PluginStatus.ACTIVE
            assert manager.get_plugin_status("bad") is PluginStatus.ERROR
            return manager.report("bad").failure

    failure = asyncio.run(scenario())
    assert failure.code == code
    assert failure.plugin == "bad"
    assert failure.method is None
    assert failure.traceback


@pytest.mark.parametrize("code", ["1 / 0", "import sys; sys.exit(5)", "def (", "import nowhere"])
def test_a_plugin_that_cannot_be_imported_is_reported(tmp_path, code):
    folder = tmp_path / "paths" / "bad"
    folder.mkdir(parents=True)
    (folder / "plugin.py").write_text(code)
    reports = hosted(
        tmp_path, plugin_paths=[str(folder.parent)], plugins={"bad": {"enabled": True}}
    )
    assert reports["bad"].failure.code == "AITBC-P02"
    assert str(folder) in reports["bad"].failure.message
    assert "plugin.py" in reports["bad"].failure.traceback


def test_an_interrupt_ends_the_host_after_everything_was_unloaded(tmp_path):
    log = []

    async def cleanup(self):
        log.append("cleanup")
        return True

    async def start(self):
        raise KeyboardInterrupt

    async def scenario():
        manager = PluginManager({"state_dir": str(tmp_path)})
        manager.register(plugin("first", cleanup=cleanup))
        manager.register(plugin("second", "first", start=start))
        # The interrupt has left the loop already; here it only must not go unheard.
        with contextlib.suppress(KeyboardInterrupt):
            async with manager:
                log.append("entered")

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(scenario())
    assert log == ["cleanup"]


# Dependencies.


def test_a_missing_dependency_leaves_the_plugin_loaded_with_the_reason(tmp_path):
    reports = hosted(tmp_path, plugin("needy", "nowhere >=2.0.0"))
    assert reports["needy"].status is PluginStatus.LOADED
    assert reports["needy"].failure.code == "AITBC-D01"
    assert "nowhere >=2.0.0" in reports["needy"].failure.message


def test_a_dependency_that_is_disabled_or_failed_is_told(tmp_path):
    reports = hosted(
        tmp_path,
        plugin("one", "off"),
        plugin("off"),
        plugin("two", "bad"),
        plugin("bad", start=raises),
        plugin("three", "one"),
        plugins={"off": {"enabled": False}},
    )
    for name, why in (("one", "disabled"), ("two", "boom"), ("three", "disabled.")):
        assert reports[name].status is PluginStatus.LOADED
        assert reports[name].failure.code == "AITBC-D03"
        assert why in reports[name].failure.message
        assert not reports[name].failure.message.endswith("..")


def test_a_dependency_outside_its_range_is_told(tmp_path):
    reports = hosted(tmp_path, plugin("needy", "base >=2.0.0"), plugin("base"))
    assert reports["needy"].failure.code == "AITBC-D04"
    assert "1.2.3" in reports["needy"].failure.message
    assert reports["base"].status is PluginStatus.ACTIVE


def test_dependencies_of_the_configuration_count_too(tmp_path):
    blocks = {"alpha": {"enabled": True, "dependencies": ["nowhere"]}}
    reports = hosted(tmp_path, plugin("alpha"), plugins=blocks)
    assert reports["alpha"].failure.code == "AITBC-D01"


@pytest.mark.parametrize("dependency", ["?!", "a b c", "", "alpha >= x"])
def test_a_malformed_dependency_in_the_configuration_is_its_error(tmp_path, dependency):
    blocks = {"alpha": {"enabled": True, "dependencies": [dependency]}}
    with pytest.raises(InvalidConfigError):
        PluginManager({"state_dir": str(tmp_path), "plugins": blocks})


def test_a_cycle_is_told_with_its_path_and_the_host_starts_and_stops(tmp_path):
    reports = hosted(
        tmp_path, plugin("a", "b"), plugin("b", "c"), plugin("c", "a"), plugin("outside", "a")
    )
    for name in "abc":
        assert reports[name].status is PluginStatus.LOADED
        assert reports[name].failure.code == "AITBC-D02"
    assert "a → b → c → a" in reports["a"].failure.message
    assert reports["outside"].failure.code == "AITBC-D02"


def test_a_plugin_that_needs_itself_is_a_cycle(tmp_path):
    reports = hosted(tmp_path, plugin("self", "self"))
    assert reports["self"].failure.code == "AITBC-D02"


# Names and configuration.


def test_an_enabled_plugin_that_nobody_knows_is_logged_and_no_more(tmp_path, caplog):
    with caplog.at_level(logging.ERROR, "aitbc.hooks"):
        hosted(tmp_path, plugins={"bystandr": {"enabled": True}})
    (record,) = [r for r in caplog.records if "bystandr" in r.getMessage()]
    assert "AITBC-P01" in record.getMessage()
    assert "Did you mean 'bystander'?" in record.getMessage()


def test_a_plugin_that_was_passed_over_is_told_with_the_reason(tmp_path, caplog):
    folder = tmp_path / "paths" / "broken"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text("[plugin")
    with caplog.at_level(logging.ERROR, "aitbc.hooks"):
        hosted(tmp_path, plugin_paths=[str(folder.parent)], plugins={"broken": {"enabled": True}})
    assert any("AITBC-P09" in record.getMessage() for record in caplog.records)


def test_a_configuration_that_is_none_is_refused(tmp_path):
    with pytest.raises(InvalidConfigError):
        PluginManager({"plugins": {"a b": {"enabled": "yes"}}})


def test_one_object_under_two_names_is_told(tmp_path):
    instance = plugin("alpha")(None)

    async def scenario():
        manager = PluginManager({"state_dir": str(tmp_path)})
        manager.register(instance, "alpha")
        manager.register(instance, "Alpha2")
        async with manager:
            return manager.report("Alpha2").failure

    failure = asyncio.run(scenario())
    assert failure.code == "AITBC-P07"


# Events and hooks.


def test_an_event_handler_that_fails_costs_its_plugin_an_error_and_nothing_else(tmp_path):
    heard = []

    async def failing(self, event_type, data):
        raise ValueError("boom")

    async def hearing(self, event_type, data):
        heard.append(event_type)

    async def scenario(manager):
        await manager.broadcast_event("ping", {})
        assert manager.get_plugin_status("bad") is PluginStatus.ACTIVE
        assert manager.report("bad").error_count == 1
        assert manager.report("good").error_count == 0

    hosted(
        tmp_path,
        plugin("bad", handle_event=failing),
        plugin("good", handle_event=hearing),
        scenario=scenario,
    )
    assert heard == ["ping"]


def test_a_constructor_that_fails_once_can_be_tried_again(tmp_path):
    attempts = []

    def construct(self, context):
        attempts.append(context.temp_dir)
        if len(attempts) == 1:
            raise RuntimeError("not yet")
        Sound.__init__(self, context)

    async def scenario(manager):
        assert manager.report("alpha").failure.code == "AITBC-P03"
        assert await manager.unload_plugin("alpha")
        assert await manager.load_plugin("alpha")
        assert manager.report("alpha").failure is None
        assert await manager.start_plugin("alpha")

    hosted(tmp_path, plugin("alpha", __init__=construct), scenario=scenario)
    assert len(set(attempts)) == 2


def test_a_second_plugin_of_an_enabled_name_is_told_when_the_host_starts(tmp_path, caplog):
    source = "from aitbc.plugins import hookimpl\n@hookimpl\ndef start():\n    return True\n"
    for place in ("first", "second"):
        folder = tmp_path / place / "twin"
        folder.mkdir(parents=True)
        (folder / "plugin.py").write_text(source)
    config = {
        "state_dir": str(tmp_path / "state"),
        "plugin_paths": [str(tmp_path / "first"), str(tmp_path / "second")],
        "plugins": {"twin": {"enabled": True}},
    }

    async def scenario():
        async with PluginManager(config) as manager:
            return manager.report("twin")

    with caplog.at_level("WARNING", "aitbc.hooks"):
        report = asyncio.run(scenario())
    assert report.location == str(tmp_path / "first" / "twin")
    (told,) = [r.getMessage() for r in caplog.records if "AITBC-P07" in r.getMessage()]
    assert str(tmp_path / "second" / "twin") in told
    assert str(tmp_path / "first" / "twin") in told
