"""How a plugin comes to be: its context, its configuration, its metadata, and what is refused."""

import asyncio
import gc
import json
import logging
import os
import platform
import subprocess
import sys
import types
from pathlib import Path

import pytest
from hosting_plugins import Sound, card, manager_in, sound

from aitbc_hooks import BasePlugin, LegacyPluginAdapter, PluginStatus, hookimpl


def load(tmp_path, plugin, name=None, config=None, **settings):
    """Load one plugin, and return its report and the manager after it was loaded."""

    async def scenario():
        given = {"plugins": {name or "alpha": {"enabled": True, "config": config or {}}}}
        manager = manager_in(tmp_path, **given, **settings)
        known = manager.register(plugin, name)
        outcome = await manager.load_plugin(known)
        return outcome, manager.report(known), manager.plugins.get(known)

    return asyncio.run(scenario())


def refused(tmp_path, plugin, name="alpha", **settings):
    outcome, report, instance = load(tmp_path, plugin, name, **settings)
    assert outcome is False
    assert report.status is PluginStatus.ERROR
    assert instance is None
    return report.failure


# The context.


def test_the_context_holds_folders_a_logger_and_the_hosts_client(tmp_path):
    client = object()

    async def scenario():
        manager = manager_in(tmp_path, sound(), api_client=client)
        await manager.load_plugin("alpha")
        return manager.plugins["alpha"].context

    context = asyncio.run(scenario())
    assert Path(context.data_dir) == tmp_path / "state" / "plugins" / "alpha"
    assert Path(context.data_dir).is_dir()
    assert context.logger is logging.getLogger("aitbc.plugins.alpha")
    assert context.api_client is client


def test_the_data_folder_stays_and_the_scratch_folder_goes_with_the_instance(tmp_path):
    contexts = []

    async def initialize(self):
        contexts.append(self.context)
        return True

    def live():
        async def scenario():
            async with manager_in(tmp_path, sound(initialize=initialize)):
                (data, scratch) = folders()
                (data / "kept").touch()
                (scratch / "scratch").touch()

        asyncio.run(scenario())

    def folders():
        return Path(contexts[-1].data_dir), Path(contexts[-1].temp_dir)

    live()
    (data, scratch) = folders()
    assert not scratch.exists()
    assert (data / "kept").exists()
    live()
    assert folders()[0] == data
    assert folders()[1] != scratch


def test_a_scratch_folder_goes_with_a_context_that_is_never_unloaded(tmp_path):
    async def scenario():
        manager = manager_in(tmp_path, sound())
        await manager.load_plugin("alpha")
        return manager

    manager = asyncio.run(scenario())
    scratch = Path(manager.plugins["alpha"].context.temp_dir)
    assert scratch.is_dir()
    del manager
    gc.collect()
    assert not scratch.exists()


def test_an_interpreter_that_ends_without_an_unload_leaves_no_scratch_folder(tmp_path):
    script = """
import asyncio, pathlib, sys
from hosting_plugins import manager_in, sound

async def scenario():
    manager = manager_in(pathlib.Path(sys.argv[1]), sound())
    await manager.load_plugin("alpha")
    return manager

manager = asyncio.run(scenario())
"""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env={**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
    assert list(scratch.iterdir()) == []


def test_a_failed_construction_leaves_no_scratch_folder(tmp_path, monkeypatch):
    seen = []

    def create(context):
        seen.append(context.temp_dir)
        raise RuntimeError("no")

    refused(tmp_path, create)
    assert seen
    assert not Path(seen[0]).exists()


def test_a_plugin_cannot_have_the_host_remove_another_folder(tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()

    def construct(self, context):
        Sound.__init__(self, context)
        context.temp_dir = str(precious)

    async def scenario():
        manager = manager_in(tmp_path, sound(__init__=construct))
        await manager.load_plugin("alpha")
        await manager.unload_plugin("alpha")

    asyncio.run(scenario())
    assert precious.is_dir()


def test_a_state_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "state").write_text("a file")
    failure = refused(tmp_path, sound())
    assert failure.code == "AITBC-S01"
    assert "state_dir" in failure.message


def test_subscriptions_of_a_failed_construction_are_ended(tmp_path):
    def create(context):
        async def handle(event_type, data): ...

        context.event_bus.subscribe("#", handle)
        raise RuntimeError("no")

    async def scenario():
        manager = manager_in(tmp_path)
        manager.register(create, "alpha")
        await manager.load_plugin("alpha")
        assert list(manager.events.subscriptions) == []

    asyncio.run(scenario())


def test_tasks_of_a_failed_construction_are_cancelled(tmp_path):
    tasks = []

    def create(context):
        tasks.append(asyncio.get_running_loop().create_task(asyncio.sleep(60)))
        raise RuntimeError("no")

    async def scenario():
        manager = manager_in(tmp_path)
        manager.register(create, "alpha")
        await manager.load_plugin("alpha")
        await asyncio.wait(tasks, timeout=5)
        assert tasks[0].cancelled()
        assert manager.report("alpha").failure.code == "AITBC-P03"

    asyncio.run(scenario())


# Configuration.


def test_the_configuration_is_a_private_copy(tmp_path):
    given = {"list": [1]}

    async def scenario():
        block = {"alpha": {"enabled": True, "config": given}}
        manager = manager_in(tmp_path, sound(), plugins=block)
        await manager.load_plugin("alpha")
        manager.plugins["alpha"].context.config["list"].append(2)
        await manager.unload_plugin("alpha")
        await manager.load_plugin("alpha")
        assert manager.plugins["alpha"].context.config == {"list": [1]}
        await manager.unload_plugin("alpha")

    asyncio.run(scenario())
    assert given == {"list": [1]}


SCHEMA = {
    "type": "object",
    "properties": {"size": {"type": "integer", "default": 7}},
    "additionalProperties": False,
}


def test_defaults_of_the_schema_are_there_when_the_plugin_is_constructed(tmp_path):
    seen = []

    def construct(self, context):
        seen.append(dict(context.config))
        Sound.__init__(self, context)

    plugin = sound(__init__=construct, get_config_schema=lambda self: SCHEMA)
    load(tmp_path, plugin)
    assert seen == [{"size": 7}]


def test_a_config_that_breaks_a_static_schema_leaves_the_class_unconstructed(tmp_path):
    made = []

    def construct(self, context):
        made.append(self)
        Sound.__init__(self, context)

    plugin = sound(__init__=construct, get_config_schema=lambda self: SCHEMA)
    failure = refused(tmp_path, plugin, config={"size": "large"})
    assert failure.code == "AITBC-C08"
    assert failure.plugin == "alpha"
    assert made == []


def test_a_schema_that_needs_its_instance_is_asked_there(tmp_path):
    def construct(self, context):
        Sound.__init__(self, context)
        self.schema = SCHEMA

    plugin = sound(__init__=construct, get_config_schema=lambda self: self.schema)
    _, _, instance = load(tmp_path, plugin)
    assert instance.context.config == {"size": 7}
    assert refused(tmp_path, plugin, config={"size": None}).code == "AITBC-C08"


def test_what_a_constructor_does_to_its_config_is_not_checked_again(tmp_path):
    def construct(self, context):
        Sound.__init__(self, context)
        self.schema = SCHEMA
        context.config["size"] = object()

    plugin = sound(__init__=construct, get_config_schema=lambda self: self.schema)
    _, _, instance = load(tmp_path, plugin, config={"size": 3})
    assert instance.context.config == {"size": 3}


@pytest.mark.parametrize("style", ["class", "instance", "module"])
def test_every_kind_of_plugin_may_have_a_schema(tmp_path, style):
    if style == "module":
        plugin = types.ModuleType("alpha")
        plugin.get_config_schema = hookimpl(lambda: SCHEMA)
    else:
        plugin = sound(get_config_schema=lambda self: SCHEMA)
        if style == "instance":
            plugin = plugin(None)
    assert refused(tmp_path, plugin, config={"other": 1}).code == "AITBC-C08"


def bad_schema_methods():
    async def asynchronous(self):
        return {}

    def raising(self):
        raise RuntimeError("boom")

    def exiting(self):
        sys.exit(3)

    yield pytest.param(lambda self: {"type": "nothing"}, "AITBC-C10", id="invalid")
    yield pytest.param(lambda self: "text", "AITBC-C10", id="text")
    yield pytest.param(raising, "AITBC-C10", id="raising")
    yield pytest.param(exiting, "AITBC-C10", id="exiting")
    yield pytest.param(asynchronous, "AITBC-P08", id="async")


@pytest.mark.parametrize(("method", "code"), list(bad_schema_methods()))
def test_a_bad_schema_is_the_plugins_failure(tmp_path, method, code):
    failure = refused(tmp_path, sound(get_config_schema=method))
    assert failure.code == code


def folder_plugin(tmp_path, schema):
    folder = tmp_path / "plugins" / "alpha"
    folder.mkdir(parents=True)
    (folder / "plugin.py").write_text(FOLDER_PLUGIN)
    if isinstance(schema, bytes):
        (folder / "config_schema.json").write_bytes(schema)
    else:
        (folder / "config_schema.json").write_text(json.dumps(schema))
    return folder.parent


FOLDER_PLUGIN = """
from aitbc.plugins import BasePlugin, PluginMetadata

class Alpha(BasePlugin):
    def get_metadata(self):
        return PluginMetadata("alpha", "1.0.0", "d", "a", "MIT")
    async def initialize(self): return True
    async def start(self): return True
    async def stop(self): return True
    async def cleanup(self): return True
"""


def load_folder(tmp_path, paths, config=None):
    async def scenario():
        block = {"alpha": {"enabled": True, "config": config or {}}}
        manager = manager_in(tmp_path, plugin_paths=[str(paths)], plugins=block)
        await manager.load_plugin("alpha")
        return manager.report("alpha"), manager.plugins.get("alpha")

    return asyncio.run(scenario())


def test_the_schema_file_beside_the_code_counts_where_there_is_no_method(tmp_path):
    paths = folder_plugin(tmp_path, SCHEMA)
    _, instance = load_folder(tmp_path, paths)
    assert instance.context.config == {"size": 7}
    report, _ = load_folder(tmp_path, paths, {"size": "x"})
    assert report.failure.code == "AITBC-C08"


def test_the_method_wins_over_the_schema_file(tmp_path):
    paths = folder_plugin(tmp_path, {"type": "object", "required": ["never"]})
    with (paths / "alpha" / "plugin.py").open("a") as file:
        file.write(f"    def get_config_schema(self): return {SCHEMA!r}\n")
    _, instance = load_folder(tmp_path, paths)
    assert instance.context.config == {"size": 7}


@pytest.mark.parametrize(
    "content", [b"[]", b"{", b"\xff", b"[" * 200_000, b'{"type": "nothing"}', b"1"]
)
def test_a_bad_schema_file_is_told_with_one_code(tmp_path, content):
    report, _ = load_folder(tmp_path, folder_plugin(tmp_path, content))
    assert report.failure.code == "AITBC-C10"
    assert report.status is PluginStatus.ERROR


# Metadata.


@pytest.mark.parametrize(
    ("fields", "host", "fits"),
    [
        ({"min_aitbc_version": "1.2.0"}, "1.2.0", True),
        ({"min_aitbc_version": "1.2.0"}, "1.1.9", False),
        ({"max_aitbc_version": "2.0.0"}, "2.0.0", True),
        ({"max_aitbc_version": "2.0.0"}, "2.0.1", False),
        ({"min_aitbc_version": "1.2.0"}, "1.2.0-rc.1", False),
        ({"supported_platforms": ["any"]}, "1.0.0", True),
        ({"supported_platforms": [platform.system()]}, "1.0.0", True),
        ({"supported_platforms": [sys.platform.upper()]}, "1.0.0", True),
        ({"supported_platforms": ["beos"]}, "1.0.0", False),
        ({"supported_platforms": []}, "1.0.0", True),
    ],
)
def test_the_host_has_to_fit_the_metadata(tmp_path, fields, host, fits):
    outcome, report, _ = load(tmp_path, sound(fields=fields), host_version=host)
    assert outcome is fits
    assert (report.failure is None) is fits
    assert fits or report.failure.code == "AITBC-D05"


def test_metadata_with_another_name_is_refused(tmp_path):
    failure = refused(tmp_path, sound("beta"), "alpha")
    assert failure.code == "AITBC-P05"
    assert "beta" in failure.message


def test_names_are_compared_whatever_their_case(tmp_path):
    assert load(tmp_path, sound("Alpha"), "alpha")[0] is True


def raising(error):
    def get_metadata(self):
        raise error

    return get_metadata


class Later(Sound):
    """Says what it is only after construction, so that no constructor can fail because of it."""

    def __init__(self, context):
        self.context = context


@pytest.mark.parametrize(
    "method",
    [
        lambda self: None,
        lambda self: {"name": "alpha"},
        raising(RuntimeError("boom")),
        raising(SystemExit(3)),
        raising(AttributeError("x")),
    ],
)
def test_metadata_that_is_missing_or_none_is_refused(tmp_path, method):
    plugin = type("Bad", (Later,), {"get_metadata": method})
    failure = refused(tmp_path, plugin)
    assert failure.code == "AITBC-P04"
    assert failure.traceback


def test_metadata_that_was_changed_after_its_making_is_checked_again(tmp_path):
    def get_metadata(self):
        metadata = card()
        metadata.dependencies = ["?!"]
        return metadata

    assert refused(tmp_path, sound(get_metadata=get_metadata)).code == "AITBC-P04"


def test_changing_its_metadata_later_changes_nothing_for_the_host(tmp_path):
    async def scenario():
        manager = manager_in(tmp_path, sound())
        async with manager:
            own = manager.plugins["alpha"].metadata
            own.dependencies, own.version = ["?!"], None
            assert manager.report("alpha").dependencies == ()
            assert manager.report("alpha").version == "1.0.0"

    asyncio.run(scenario())


# What is no plugin, or none that can be made.


def test_an_abstract_class_is_refused_with_what_it_lacks(tmp_path):
    plugin = type("Half", (Sound,), {"stop": BasePlugin.stop, "start": BasePlugin.start})
    failure = refused(tmp_path, plugin)
    assert failure.code == "AITBC-P10"
    assert "start, stop" in failure.message


@pytest.mark.parametrize("error", [RuntimeError("boom"), SystemExit(2), asyncio.CancelledError()])
def test_what_a_constructor_raises_is_its_failure(tmp_path, error):
    def construct(self, context):
        raise error

    failure = refused(tmp_path, sound(__init__=construct))
    assert failure.code == "AITBC-P03"
    assert failure.message.startswith(f"Made(context) raised {type(error).__name__}")
    assert not failure.message.endswith(": .")
    assert ", in construct\n" in failure.traceback
    assert failure.method is None


@pytest.mark.parametrize("made", [None, 5, "text", Sound, object()])
def test_a_factory_that_makes_no_plugin_is_refused(tmp_path, made):
    assert refused(tmp_path, lambda context: made).code == "AITBC-P06"


@pytest.mark.parametrize("thing", [object, object(), 5, types.ModuleType("empty")])
def test_a_thing_that_is_no_plugin_is_refused(tmp_path, thing):
    assert refused(tmp_path, thing).code == "AITBC-P06"


def test_a_module_may_hold_its_plugin_as_a_class(tmp_path):
    module = types.ModuleType("alpha")
    module.Alpha = sound()
    module.Alpha.__module__ = "alpha"
    _, _, instance = load(tmp_path, module)
    assert isinstance(instance, module.Alpha)


def test_a_factory_may_make_an_adapter_and_it_gets_the_context(tmp_path):
    def create(context):
        with pytest.warns(DeprecationWarning, match="legacy"):
            return LegacyPluginAdapter(object(), metadata=card())

    _, _, instance = load(tmp_path, create, "alpha")
    assert instance.context.logger.name == "aitbc.plugins.alpha"


def test_a_class_that_skips_the_base_constructor_gets_the_context(tmp_path):
    plugin = type("Skipping", (Sound,), {"__init__": lambda self, context: None})
    _, _, instance = load(tmp_path, plugin)
    assert instance.context.logger.name == "aitbc.plugins.alpha"


def test_an_instance_that_takes_no_context_is_refused(tmp_path):
    plugin = sound()(None)
    type(plugin).context = property(lambda self: None)
    assert refused(tmp_path, plugin).code == "AITBC-P03"


def test_an_object_whose_getattr_answers_everything_is_no_plugin(tmp_path):
    class Yes:
        def __getattr__(self, name):
            return self

        def __call__(self, *args):
            return self

    assert refused(tmp_path, Yes()).code == "AITBC-P06"


def test_properties_that_raise_do_not_matter(tmp_path):
    class Touchy:
        @property
        def value(self):
            raise RuntimeError("touched")

        @hookimpl
        async def start(self):
            return True

    assert load(tmp_path, Touchy(), "alpha")[0] is True
