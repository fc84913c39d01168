"""AgentCLIPlugin: its lifecycle, its health, and what its files say of it."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

import jsonschema
import pytest
from click import Group

from aitbc.plugins import PluginContext
from aitbc_builtin_plugins import agent_cli
from aitbc_builtin_plugins.agent_cli.plugin import AgentCLIPlugin
from aitbc_builtin_plugins.agent_cli.store import AgentStore
from aitbc_hooks.errors import StateError

HOME = Path(agent_cli.__file__).parent
SETTINGS = {"default_agent_type": "chat", "max_agents": 2}


@pytest.fixture
def make(tmp_path):
    def make_plugin(**settings):
        context = PluginContext(
            config=settings,
            data_dir=str(tmp_path),
            temp_dir=str(tmp_path),
            logger=logging.getLogger("aitbc.plugins.agent-cli"),
            event_bus=None,
            api_client=None,
        )
        return AgentCLIPlugin(context)

    return make_plugin


def test_the_schema_is_the_file_beside_the_code_and_a_json_schema(make):
    schema = make().get_config_schema()
    assert schema == json.loads((HOME / "config_schema.json").read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)


@pytest.mark.parametrize(
    "settings", [{}, {"default_agent_type": "chat", "max_agents": 100}, {"max_agents": 1}]
)
def test_the_schema_accepts_settings_that_work(make, settings):
    schema = make().get_config_schema()
    assert jsonschema.Draft7Validator(schema).is_valid(settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"max_agents": 0},
        {"max_agents": 1.5},
        {"max_agents": True},
        {"max_agents": "100"},
        {"default_agent_type": ""},
        {"default_agent_type": "chat\n"},
        {"default_agent_type": "chat bot"},
        {"default_agent_type": "x" * 65},
        {"default_agent_type": None},
        {"max_agent": 1},
    ],
)
def test_the_schema_refuses_settings_that_would_not_work(make, settings):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(settings, make().get_config_schema())


def test_the_documentation_names_every_setting_with_its_default(make):
    text = (HOME / "docs" / "configuration.md").read_text("utf-8")
    for name, setting in make().get_config_schema()["properties"].items():
        assert f"| `{name}` | {setting['type']}" in text
        assert f"| `{json.dumps(setting['default'])}` |" in text


def test_every_step_of_the_lifecycle_succeeds_with_true(make):
    async def live():
        plugin = make(**SETTINGS)
        steps = (plugin.initialize, plugin.start, plugin.stop, plugin.cleanup)
        return [await step() for step in steps]

    assert asyncio.run(live()) == [True] * 4


def test_health_has_the_default_keys_and_counts_the_agents(make, tmp_path):
    async def live():
        plugin = make(**SETTINGS)
        await plugin.initialize()
        AgentStore(tmp_path / "agents.sqlite3", max_agents=2).create("alice", "chat")
        return await plugin.health_check()

    assert asyncio.run(live()) == {
        "status": "unloaded",  # the host's driver sets it, and there is none here
        "uptime": None,
        "memory_usage": 0,
        "error_count": 0,
        "agents": 1,
        "max_agents": 2,
    }


def test_health_before_initialisation_knows_no_count_and_complains_of_nothing(make):
    health = asyncio.run(make(**SETTINGS).health_check())
    assert health["agents"] is None
    assert health["max_agents"] == 2
    assert "reason" not in health


def test_a_full_store_is_degraded_until_there_is_room(make, tmp_path):
    store = AgentStore(tmp_path / "agents.sqlite3", max_agents=2).open()
    store.create("a", "chat")
    store.create("b", "chat")

    async def live():
        plugin = make(**SETTINGS)
        await plugin.initialize()
        full = await plugin.health_check()
        store.delete("a")
        return full, await plugin.health_check()

    full, roomy = asyncio.run(live())
    assert (full["status"], full["agents"]) == ("degraded", 2)
    assert full["reason"] == "The store is full: 2 agents of at most 2."
    assert "reason" not in roomy


def test_a_store_that_becomes_unreadable_is_degraded_with_the_reason(make, tmp_path):
    async def live():
        plugin = make(**SETTINGS)
        await plugin.initialize()
        (tmp_path / "agents.sqlite3").write_bytes(b"overwritten" * 1000)
        return await plugin.health_check()

    health = asyncio.run(live())
    assert (health["status"], health["agents"], health["error_count"]) == ("degraded", None, 0)
    assert health["reason"].startswith("[AITBC-S01]")


def test_a_damaged_database_fails_initialisation_and_not_cleanup(make, tmp_path):
    database = tmp_path / "agents.sqlite3"
    database.write_bytes(b"no database" * 1000)

    async def live():
        plugin = make(**SETTINGS)
        with pytest.raises(StateError, match=r"AITBC-S01.*agents\.sqlite3"):
            await plugin.initialize()
        return await plugin.cleanup()

    assert asyncio.run(live()) is True
    assert database.read_bytes() == b"no database" * 1000


def test_initialisation_and_health_leave_the_event_loop_free(make):
    async def live():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0)
                ticks += 1

        plugin = make(**SETTINGS)
        ticking = asyncio.create_task(tick())
        await plugin.initialize()
        after_initialize = ticks
        await plugin.health_check()
        ticking.cancel()
        return after_initialize, ticks - after_initialize

    assert min(asyncio.run(live())) > 0


def test_the_commands_can_be_looked_at_before_initialisation(make):
    (group,) = make(**SETTINGS).get_commands()
    assert isinstance(group, Group)
    assert sorted(group.commands) == ["create", "delete", "list", "show", "update"]
