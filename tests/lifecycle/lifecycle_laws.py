"""What holds whenever nothing is under way, whatever has happened before."""

from __future__ import annotations

from lifecycle_faults import METHODS
from lifecycle_journal import is_running, told_by
from lifecycle_rules import RESTING

from aitbc_hooks.interfaces import PluginStatus as S


def expect_the_laws(world):
    """Hold the manager against what its plugins have seen, and them against their contract."""
    world.check_needs()
    assert not world.trouble, world.trouble
    statuses = {name: world.status(name) for name in world.names}
    assert set(statuses.values()) <= set(RESTING)
    active = {name for name, status in statuses.items() if status is S.ACTIVE}
    assert sorted(world.manager.hooks.hook.poke()) == sorted(active)
    loaded = {name for name, status in statuses.items() if status is not S.UNLOADED}
    assert set(world.manager.list_plugins()) == loaded
    instances = world.manager.plugins
    assert active <= set(instances) <= loaded
    for name, instance in instances.items():
        assert instance.status is statuses[name]
        assert is_running(instance.entries) is (name in active)
        assert told_by(instance.entries) is statuses[name]
        assert any(entry.method == "initialize" for entry in instance.entries)
    for name in loaded - set(instances):
        assert statuses[name] is S.ERROR, "only a plugin that was not made has no instance"
    for plugin in {entry.plugin for entry in world.journal} - set(instances.values()):
        _expect_nothing_owed(plugin)
    for name in loaded:
        assert statuses[name] is not S.ERROR or world.manager.report(name).failure


def _expect_nothing_owed(plugin):
    called = [entry.method for entry in plugin.entries]
    abandoned = any(entry.abandoned for entry in plugin.entries if entry.method in METHODS)
    assert called.count("cleanup") == 1 or abandoned, f"{plugin.name} was let go uncleaned"
    assert not is_running(plugin.entries), f"{plugin.name} was let go without stop()"
    assert plugin.status is S.UNLOADED, f"{plugin.name} was let go as {plugin.status.name}"


def reports(world):
    """Return what the manager reports: name -> status, failure, errors, instance or none."""
    made = world.manager.plugins
    return {name: _told_of(name, world.manager.report(name), made) for name in world.names}


def report(world, name):
    """Return what the manager reports of one plugin."""
    return _told_of(name, world.manager.report(name), world.manager.plugins)


def _told_of(name, report, made):
    code = report.failure and report.failure.code
    return report.status, code, report.error_count, name in made


def expected_reports(model):
    """Return what the manager should report."""
    return {
        plugin.name: (plugin.status, plugin.failure, plugin.errors, plugin.instance)
        for plugin in model.plugins.values()
    }
