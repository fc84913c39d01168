"""What a reload does to the plugins that need the one that is reloaded."""

import asyncio

from manager_script import Script, manager_in

from aitbc_hooks import PluginStatus


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario(), 30))


def test_a_dependent_that_ends_in_error_keeps_the_others_from_nothing(tmp_path):
    script = Script()
    names = ["lib", "bad", "good"]

    async def scenario():
        plugins = script.plugin("lib"), script.plugin("bad", "lib"), script.plugin("good", "lib")
        manager = manager_in(tmp_path, *plugins)
        await manager.start()
        script.results["bad.stop"] = False
        assert await manager.reload_plugin("lib") is False
        statuses = [manager.get_plugin_status(name) for name in names]
        failure = manager.report("bad").failure
        await manager.stop()
        return statuses, failure.code

    active, error = PluginStatus.ACTIVE, PluginStatus.ERROR
    assert run(scenario) == ([active, error, active], "AITBC-L03")


def test_dependents_start_again_in_the_start_order(tmp_path):
    """Disabled ones too, which nobody starts only because another plugin needs them."""
    script = Script()
    blocks = {name: {"enabled": False} for name in ("first", "second")}

    async def scenario():
        second = script.plugin("second", "lib", "first")
        plugins = second, script.plugin("lib"), script.plugin("first", "lib")
        manager = manager_in(tmp_path, *plugins, plugins=blocks)
        for name in ("second", "lib", "first"):
            await manager.load_plugin(name)
        for name in ("lib", "first", "second"):
            assert await manager.start_plugin(name) is True
        script.log.clear()
        assert await manager.reload_plugin("lib") is True
        await manager.stop()

    run(scenario)
    assert script.steps("start") == ["lib", "first", "second"]
