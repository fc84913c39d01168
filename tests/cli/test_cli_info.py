"""info: what a plugin has to do with the others, and what its manifest says."""

from __future__ import annotations

import json

CODE = """
from aitbc.plugins import hookimpl

@hookimpl
async def predict(input_data):
    return {}
"""


def _info(cli, name, *options):
    return json.loads(cli(*options, "info", name, "--json").out)["plugin"]


def test_info_names_who_needs_a_plugin_and_what_it_does_not_run_beside(cli, folders):
    folders.plugin("base", dependencies=["!foe"])
    folders.plugin("app", dependencies=["base >=1"])
    folders.plugin("tool", dependencies=["?base"])
    folders.plugin("rival", dependencies=["!base"])
    folders.config("base", tool="{enabled: false, dependencies: [app]}")
    found = _info(cli, "Base")
    assert found["dependents"] == ["app", "?tool"]
    assert found["conflicts"] == ["foe", "rival"]
    assert _info(cli, "app")["dependents"] == ["tool"]
    assert "dependents:           app, ?tool\n" in cli("info", "base").out


def test_info_shows_the_call_order_of_each_hook_among_the_enabled_plugins(cli, folders):
    for name in ("first", "later", "last", "off"):
        folders.plugin(name, hooks=["predict", "train"] if name == "first" else ["predict"])
    folders.config("last", "later", first="{enabled: true, priority: 10}")
    orders = _info(cli, "off")["call_order"]
    assert orders == {"predict": ["first", "later", "last"]}
    assert _info(cli, "first")["call_order"]["train"] == ["first"]
    assert "predict: first, later, last; train: first" in cli("info", "first").out


def test_info_shows_what_a_plugin_hides(cli, folders):
    folders.plugin("agent-cli")
    folders.config("agent-cli")
    (hidden,) = _info(cli, "agent-cli")["shadows"]
    assert hidden["source"] == "built-in"
    assert hidden["location"].startswith("aitbc_builtin_plugins.agent_cli")
    assert hidden["message"].startswith("[AITBC-P07] the name is taken by the plugin of directory")
    assert "shadows:              built-in aitbc_builtin" in cli("info", "agent-cli").out


def test_info_shows_what_only_the_manifest_says(cli, folders):
    folders.plugin(
        "app",
        '[plugin.permissions]\nnet.connect = ["a.example:443", "b.example:443"]\n'
        '[plugin.optional_permissions]\nfs.read = []\n[plugin.limits]\nmemory = "256MiB"\n',
        interfaces=["ai"],
        activation=["on_hook:predict"],
        supported_platforms=["linux", "macos"],
        requires_aitbc=">=0.1",
        min_aitbc_version="0.0.1",
        max_aitbc_version="9.0.0",
    )
    folders.config("app")
    lines = cli("info", "app").out.splitlines()
    for line in (
        "interfaces:           ai",
        "activation:           on_hook:predict",
        "platforms:            linux, macos",
        "host_versions:        >=0.1,>=0.0.1,<=9.0.0",
        "permissions:          net.connect a.example:443, b.example:443",
        "optional_permissions: fs.read",
        "limits:               memory = 256MiB",
    ):
        assert line in lines
    assert _info(cli, "app")["permissions"] == {"net.connect": ["a.example:443", "b.example:443"]}


def test_a_plugin_without_a_manifest_is_described_first(cli, folders):
    folders.bare("bare", CODE)
    folders.config("bare")
    found = _info(cli, "bare")
    assert (found["hooks"], found["call_order"]) == (["predict"], {"predict": ["bare"]})
    assert found["activation"] == ["on_start"]


def test_of_a_plugin_that_cannot_be_described_info_says_why(cli, folders):
    folders.bare("bare", "raise RuntimeError('not today')\n")
    folders.config("bare")
    done = cli("info", "bare")
    assert (done.status, done.err) == (0, "")
    assert "name:                 bare" in done.out
    assert "problem:              it cannot be described: [AITBC-P02]" in done.out
    assert "not today" in _info(cli, "bare")["problem"]


def test_info_of_a_blocked_plugin_is_status_3(cli, folders):
    folders.plugin("app")
    folders.config("app")
    done = cli("-p", "no:app", "info", "app")
    assert (done.status, done.out) == (3, "")
    assert "it is blocked" in done.err
