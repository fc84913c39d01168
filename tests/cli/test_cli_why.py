"""why: each reason by name, with what to do, in agreement with what the host does."""

from __future__ import annotations

import asyncio
import json
import platform
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aitbc_hooks import PluginManager
from aitbc_hooks.cli.known import Known
from aitbc_hooks.cli.offers import Offers
from aitbc_hooks.cli.overview import Listing, Overview
from aitbc_hooks.cli.reasoning import Judge, prove
from aitbc_hooks.cli.relations import Relations
from aitbc_hooks.cli.session import Session
from aitbc_hooks.config import HostConfig
from aitbc_hooks.discovery import Candidate, Catalogue, Index, Manifest
from aitbc_hooks.interfaces import BasePlugin, PluginMetadata, PluginStatus
from aitbc_hooks.resolution import start_order
from aitbc_hooks.resolution.order import Node


def test_a_plugin_that_runs_says_where_it_is_enabled_and_how_to_stop_it(cli, folders):
    where = folders.plugin("app", version="1.2.0", dependencies=["base >=1"])
    folders.plugin("base", version="1.0.0")
    folders.config("app", "base")
    done = cli("why", "APP")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "app runs: the host starts it when it starts itself.",
        f"  - It was found as directory {where}, version 1.2.0.",
        "  - It is enabled by aitbc.yaml:3:9.",
        "  - It asks for base >=1.",
        "What to do:",
        "  - Nothing has to be done. To stop it: aitbc-hooks disable app.",
    ]
    assert "It is needed by app." in cli("why", "base").out


def test_what_enables_a_plugin_is_named_whatever_it_is(cli, folders, monkeypatch):
    folders.plugin("app")
    folders.config(app="{enabled: false}")
    assert "disabled by aitbc.yaml:3:9. [AITBC-H02]" in cli("why", "app").out
    done = cli("--set", "plugins.app.enabled=true", "why", "app")
    assert "It is enabled by --set." in done.out
    monkeypatch.setenv("AITBC_PLUGINS__APP__ENABLED", "true")
    assert "It is enabled by environment AITBC_PLUGINS__APP__ENABLED." in cli("why", "app").out
    done = cli("--set", "plugins.app.enabled=false", "why", "app")
    assert "  - Leave out --set plugins.app.enabled." in done.out
    monkeypatch.setenv("AITBC_PLUGINS__APP__ENABLED", "false")
    assert "  - Unset AITBC_PLUGINS__APP__ENABLED." in cli("why", "app").out


def test_the_embedded_default_is_named_as_such(cli):
    assert "It is enabled by the embedded default." in cli("why", "agent-cli").out


def _arrange(folders, **facts):
    folders.plugin("app", version="1.0.0", **facts)
    folders.plugin("base", version="1.0.0")
    folders.plugin("idle", version="1.0.0")


#: What the plugin's manifest says -> code, exit status, the obstacle, what to do.
REASONS = {
    "missing": (
        {"dependencies": ["bas"]},
        6,
        "It needs bas, and no such plugin is known. Did you mean 'base'? [AITBC-D01]",
        "Install bas, or put it into a folder of plugin_paths.",
    ),
    "disabled": (
        {"dependencies": ["idle"]},
        6,
        "It needs idle, of which this holds: it is disabled by aitbc.yaml:6:10. [AITBC-D03]",
        "Enable it: aitbc-hooks enable idle.",
    ),
    "another version": (
        {"dependencies": ["base ^2"]},
        6,
        "It needs base ^2, and base is 1.0.0. [AITBC-D04]",
        "Install base ^2, or a release that works with 1.0.0.",
    ),
    "an optional one in another version": (
        {"dependencies": ["?base ^2"]},
        6,
        "It works with base only as ^2, and base is 1.0.0. [AITBC-D04]",
        "Install base ^2, or a release that works with 1.0.0.",
    ),
    "a conflict": (
        {"dependencies": ["!zeta"]},
        6,
        "It does not run beside zeta, which starts first, as app says. [AITBC-D06]",
        "Disable one of them: aitbc-hooks disable zeta, or aitbc-hooks disable app.",
    ),
    "a cycle": (
        {"dependencies": ["app"]},
        6,
        "It waits for itself: app → app. [AITBC-D02]",
        "Remove one of these dependencies.",
    ),
    "the host": (
        {"requires_aitbc": ">=99"},
        6,
        "It works with host versions >=99, and this is 0.1.0. [AITBC-D05]",
        "Install a release of it for this host, or run a host of >=99.",
    ),
    "the platform": (
        {"supported_platforms": ["plan9"]},
        6,
        "It supports plan9, and this is linux. [AITBC-D05]",
        "Install a release of it for this host.",
    ),
}


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_is_named_with_what_to_do_and_what_the_solver_has_tried(
    cli, folders, monkeypatch, reason
):
    facts, status, obstacle, advice = REASONS[reason]
    monkeypatch.setattr("platform.system", lambda: "Linux")
    folders.plugin("zeta", version="1.0.0")
    _arrange(folders, **facts)
    folders.config("app", "base", zeta="{enabled: true, priority: 1}", idle="{enabled: false}")
    done = cli("--set", "host_version=0.1.0", "why", "app")
    lines = done.out.splitlines()
    assert (done.status, lines[0]) == (status, "app does not run.")
    assert f"  - {obstacle}" in lines
    assert f"  - {advice}" in lines[lines.index("What to do:") :]
    proved = "No set of the versions that are there works:" in lines
    assert proved is (reason != "a cycle")
    if proved:
        assert "    - do without app" in lines or "    - enable" in done.out


def test_a_disabled_plugin_says_what_else_would_be_in_its_way(cli, folders):
    folders.plugin("app", dependencies=["ghost"])
    folders.config()
    done = cli("why", "app")
    assert done.status == 3
    assert "no configuration mentions it" in done.out.lower()
    assert "It needs ghost" in done.out


def test_a_chain_is_followed_to_its_end(cli, folders):
    folders.plugin("one", dependencies=["two"])
    folders.plugin("two", dependencies=["three"])
    folders.plugin("three", requires_aitbc=">=99")
    folders.config("one", "two", "three")
    done = cli("why", "one")
    assert done.status == 6
    assert (
        "It needs two → three, of which this holds: it works with host versions >=99"
    ) in done.out


def test_a_long_chain_is_cut_in_the_middle(cli, folders):
    for number in range(9):
        folders.plugin(f"p{number}", dependencies=[f"p{number + 1}"])
    folders.config(*(f"p{number}" for number in range(9)))
    out = cli("why", "p0").out
    assert "It needs p1 → p2 → … → p8, of which this holds: it needs p9, and no such" in out
    assert "  - Install p9, or put it into a folder of plugin_paths." in out


@pytest.mark.parametrize("platforms", [[platform.system().lower()], [sys.platform], ["any"], []])
def test_a_plugin_for_this_platform_runs(cli, folders, platforms):
    folders.plugin("app", supported_platforms=["plan9", *platforms] if platforms else [])
    folders.config("app")
    assert cli("why", "app").status == 0


def test_a_pre_release_that_is_there_counts_by_its_order():
    world = {"a": ("1.0.0", ["b >=1"], True, 50), "b": ("2.0.0-rc.1", [], True, 50)}
    judge = _judge(world)
    assert judge.runs("a")
    assert prove(judge, "a") is None


def test_a_blocked_plugin_says_so(cli, folders):
    folders.plugin("app")
    folders.plugin("user", dependencies=["app"])
    folders.config("app", "user")
    done = cli("-p", "no:app", "why", "app")
    assert done.status == 3
    assert "It is blocked by -p no:app. [AITBC-H02]" in done.out
    assert "  - Leave out -p no:app." in done.out
    assert "it is blocked by -p no:app" in cli("-p", "no:app", "why", "user").out


def test_a_plugin_that_was_passed_over_says_why(cli, folders):
    folders.plugin("bad", "hooks = 7")
    folders.plugin("user", dependencies=["bad"])
    folders.config("bad", "user")
    done = cli("why", "bad")
    assert done.status == 1
    assert "hooks: expected a list, got 7. [AITBC-P09]" in done.out
    assert cli("why", "user").status == 6


def test_a_plugin_that_cannot_be_described_says_why(cli, folders):
    folders.bare("bare", "raise RuntimeError('not today')\n")
    folders.config("bare")
    done = cli("why", "bare")
    assert done.status == 1
    assert "asking its code what it is failed" in done.out
    assert "not today" in done.out
    assert "aitbc-hooks manifest build" in done.out


def test_a_shadowed_plugin_is_mentioned(cli, folders):
    folders.plugin("agent-cli")
    folders.config("agent-cli")
    done = cli("why", "agent-cli")
    assert done.status == 0
    assert "built-in aitbc_builtin_plugins.agent_cli.plugin:AgentCLIPlugin is passed over" in (
        done.out
    )


def test_a_name_that_nobody_knows_is_answered_too(cli, folders):
    folders.plugin("user", dependencies=["?agent-cly"])
    folders.config("user", ghost="{enabled: true}")
    done = cli("why", "agent-cly")
    assert done.status == 3
    assert "No plugin of that name is known. Did you mean 'agent-cli'? [AITBC-P01]" in done.out
    assert "It is asked for by user." in done.out
    assert f"Plugins were looked for in {folders.path / 'plugins'}, installed" in done.out
    assert "It is enabled by aitbc.yaml:4:" in cli("why", "Ghost").out
    assert "Or disable it: aitbc-hooks disable ghost." in cli("why", "Ghost").out
    assert cli("why", "\x1b[31m\n").status == 3


def test_a_plugin_that_waits_says_for_what_and_what_starts_it_before(cli, folders):
    folders.plugin("lazy", activation=["on_hook:predict", "on_event:block.#"])
    folders.config("lazy")
    done = cli("why", "lazy")
    assert done.status == 0
    assert done.out.splitlines()[0] == (
        "lazy runs when it is needed: it waits for on_hook:predict or on_event:block.#."
    )
    folders.plugin("eager", dependencies=["lazy"])
    folders.config("lazy", "eager")
    assert cli("why", "lazy").out.startswith("lazy runs: eager cannot start without it.\n")


def test_a_host_that_starts_nothing_by_itself_is_a_reason(cli, folders):
    folders.plugin("app")
    folders.config("app", extra="auto_load: false\n")
    done = cli("why", "app")
    assert done.status == 3
    assert "The host starts nothing by itself: auto_load is off by aitbc.yaml:5:1. " in done.out


def test_an_invalid_configuration_is_status_4(cli, folders):
    folders.config(extra="nonsense: 1\n")
    assert cli("why", "app").status == 4


def test_why_in_json_has_the_same(cli, folders):
    folders.plugin("app", dependencies=["ghost"])
    folders.config("app")
    record = json.loads(cli("why", "app", "--json").out)
    assert (record["plugin"], record["runs"]) == ("app", False)
    (obstacle,) = record["obstacles"]
    assert (obstacle["code"], obstacle["fix"]) == ("AITBC-D01", record["advice"][0])
    assert record["proof"][0].startswith("1. Because app needs ghost")


NAMES = ("a", "b", "c", "d")
VERSIONS = ("1.0.0", "2.0.0")
requirements = st.builds(
    lambda mark, name, span: f"{mark}{name} {span}".rstrip(),
    st.sampled_from(("", "", "?", "!")),
    st.sampled_from(NAMES),
    st.sampled_from(("", ">=1", ">=2")),
)
worlds = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(
        st.sampled_from(VERSIONS),
        st.lists(requirements, max_size=2),
        st.booleans(),
        st.sampled_from((10, 50)),
    ),
)


def _plugin(name, version, needs):
    class Plugin(BasePlugin):
        def get_metadata(self):
            return PluginMetadata(
                name=name,
                version=version,
                description="x",
                author="x",
                license="MIT",
                dependencies=list(needs),
            )

        async def initialize(self):
            return True

        async def start(self):
            return True

        async def stop(self):
            return True

        async def cleanup(self):
            return True

    return Plugin


def _judge(world):
    rows = {}
    for name, (version, needs, enabled, priority) in world.items():
        manifest = Manifest(name=name, version=version, dependencies=tuple(needs))
        candidate = Candidate(name, "registered", name, lambda: None, lambda m=manifest: m)
        rows[name] = Listing(candidate, enabled, priority, tuple(needs))
    relations = Relations(rows.values())
    after = {
        name: frozenset(x.target for x in relations.asked_by(name) if x.kind.value != "!")
        for name in rows
    }
    order = start_order(Node(name, after[name], rows[name].priority) for name in rows)
    names = [*order.names, *sorted(order.problems)]
    catalogue = Catalogue({name: row.candidate for name, row in rows.items()})
    seen = Overview(tuple(rows[n] for n in names), catalogue, (), Offers((), ()), Index())
    return Judge(Known(Session(), seen, {}, relations), HostConfig.from_mapping(_config(world)))


def _config(world):
    blocks = {n: {"enabled": e, "priority": p} for n, (_, _, e, p) in world.items()}
    return {"plugins": blocks}


async def _active(world):
    manager = PluginManager(_config(world))
    for name, (version, needs, _, _) in world.items():
        manager.register(_plugin(name, version, needs), name=name)
    async with manager:
        return {r.name for r in manager.reports() if r.status is PluginStatus.ACTIVE}


def _is_settled(world):
    """Whether it does not depend on chance who starts: no conflict, and no cycle through `?`."""
    texts = [text for _, needs, _, _ in world.values() for text in needs]
    return not any(text.startswith(("!", "?")) for text in texts)


@settings(max_examples=30, suppress_health_check=[HealthCheck.filter_too_much])
@given(worlds.filter(_is_settled))
def test_a_host_runs_what_is_judged_to_run(world):
    judge = _judge(world)
    assert {name for name in world if judge.runs(name)} == asyncio.run(_active(world))


@settings(max_examples=150)
@given(worlds)
def test_what_is_refuted_is_judged_not_to_run(world):
    judge = _judge(world)
    for name, (_, _, enabled, _) in world.items():
        if enabled and prove(judge, name) is not None:
            assert not judge.runs(name)
