"""`manifest build`, `manifest check`, `manifest schema` and `cache`, as their users see them."""

from __future__ import annotations

import json
import tomllib

import pytest

from aitbc_hooks.discovery import manifest_schema

SOURCE = """
from aitbc.plugins import hookimpl, PluginMetadata

@hookimpl
def get_metadata():
    return PluginMetadata("market", "{version}", "Markets", "Ada", "MIT", keywords=["m"])

@hookimpl
async def predict(input_data):
    return {{}}
"""


@pytest.fixture
def plugin(tmp_path):
    folder = tmp_path / "market"
    folder.mkdir()
    write(folder)
    return folder


def write(folder, version="1.0.0"):
    (folder / "plugin.py").write_text(SOURCE.format(version=version), "utf-8")


def said(folder):
    return tomllib.loads((folder / "plugin.toml").read_text("utf-8"))["plugin"]


BUILT = {
    "name": "market",
    "version": "1.0.0",
    "description": "Markets",
    "author": "Ada",
    "license": "MIT",
    "keywords": ["m"],
    "hooks": ["predict"],
}


def test_a_manifest_is_written_from_the_code(cli, plugin):
    done = cli("manifest", "build", str(plugin))
    assert (done.status, done.out) == (0, f"Wrote {plugin / 'plugin.toml'}.\n")
    assert said(plugin) == BUILT
    checked = cli("manifest", "check", str(plugin), "--strict")
    assert (checked.status, checked.out) == (0, "market: manifest and code agree.\n")
    assert sorted(path.name for path in plugin.iterdir()) == ["plugin.py", "plugin.toml"]


def test_what_would_be_written_can_be_seen(cli, plugin):
    done = cli("manifest", "build", str(plugin), "--print")
    assert tomllib.loads(done.out)["plugin"] == BUILT
    assert not (plugin / "plugin.toml").exists()


def test_a_manifest_that_is_there_is_not_touched_unasked(cli, plugin):
    text = '[plugin]\nname = "market"  # mine\n'
    (plugin / "plugin.toml").write_text(text)
    done = cli("manifest", "build", str(plugin))
    assert done.status != 0
    assert "[AITBC-P09]" in done.err
    assert "--update" in done.err
    assert (plugin / "plugin.toml").read_text() == text


def test_an_update_keeps_what_only_a_manifest_can_say(cli, plugin):
    (plugin / "plugin.toml").write_text(
        '[plugin]\nname = "market"\nversion = "0.1.0"\nactivation = ["on_hook:predict"]\n'
        'requires_aitbc = ">=0.1"\n[plugin.permissions]\nnet.connect = ["a:1"]\n'
    )
    done = cli("manifest", "build", str(plugin), "--update")
    lines = done.out.splitlines()
    assert '-version = "0.1.0"' in lines
    assert '+version = "1.0.0"' in lines
    assert said(plugin) == BUILT | {
        "activation": ["on_hook:predict"],
        "requires_aitbc": ">=0.1",
        "permissions": {"net": {"connect": ["a:1"]}},
    }
    again = cli("manifest", "build", str(plugin), "--update")
    assert again.out == f"{plugin / 'plugin.toml'} is up to date.\n"


def test_where_the_code_has_no_metadata_the_manifest_speaks_for_it(cli, plugin):
    code = SOURCE.partition("@hookimpl\nasync")
    (plugin / "plugin.py").write_text(
        f"from aitbc.plugins import hookimpl\n{''.join(code[1:])}".format(version="")
    )
    text = '[plugin]\nname = "market"\nversion = "0.1.0"\nlicense = "MIT"\nkeywords = ["m"]\n'
    (plugin / "plugin.toml").write_text(text)
    assert cli("manifest", "check", str(plugin)).status == 0
    cli("manifest", "build", str(plugin), "--update")
    assert said(plugin) == tomllib.loads(text)["plugin"] | {"hooks": ["predict"]}


def test_where_they_disagree_is_told_and_the_status_is_1(cli, plugin):
    cli("manifest", "build", str(plugin))
    write(plugin, "1.1.0")
    path = plugin / "plugin.toml"
    path.write_text(path.read_text().replace('"predict"', '"predict", "train"'))
    done = cli("manifest", "check", str(plugin))
    assert done.status == 1
    assert done.out.splitlines() == [
        "version: the manifest says '1.0.0'; the code says '1.1.0'.",
        "hooks: the manifest says ['predict', 'train']; the code says ['predict'].",
        "market: manifest and code disagree.",
    ]
    record = json.loads(cli("manifest", "check", str(plugin), "--json").out)
    assert record["agrees"] is False
    assert record["differences"][0] == {"key": "version", "manifest": "1.0.0", "code": "1.1.0"}


def test_what_a_manifest_leaves_out_is_wrong_only_if_asked(cli, plugin):
    (plugin / "plugin.toml").write_text('[plugin]\nname = "market"\nversion = "1.0.0"\n')
    done = cli("manifest", "check", str(plugin))
    assert done.status == 0
    assert "hooks: the manifest does not say; the code says ['predict']." in done.out
    assert cli("manifest", "check", str(plugin), "--strict").status == 1


def test_an_unknown_key_is_warned_of_with_what_comes_close(cli, plugin):
    cli("manifest", "build", str(plugin))
    with (plugin / "plugin.toml").open("a") as file:
        file.write('\nactivations = ["on_start"]\n')
    done = cli("manifest", "check", str(plugin))
    assert done.status == 0
    assert "activations: this host does not know that key. Did you mean 'activation'?" in done.err


def test_a_plugin_that_cannot_be_described_is_told(cli, plugin):
    (plugin / "plugin.py").write_text("import os\nos._exit(3)")
    done = cli("manifest", "build", str(plugin))
    assert "[AITBC-P02] plugin 'market': it cannot be described: its process exited" in done.err
    assert not (plugin / "plugin.toml").exists()


def test_without_a_manifest_there_is_nothing_to_check(cli, plugin):
    done = cli("manifest", "check", str(plugin))
    assert "has no plugin.toml. Write one: aitbc-hooks manifest build" in done.err


def test_the_schema_is_printed(cli):
    assert json.loads(cli("manifest", "schema").out) == manifest_schema()


# What is kept.


def test_the_cache_is_cleared_and_made_anew(cli, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "aitbc-hooks"
    assert cli("cache", "dir").out == f"{folder}\n"
    cli("list")
    kept = list(folder.iterdir())
    assert len(kept) == 2  # of the plugins, and of the configuration
    assert cli("cache", "clear").out == f"Removed 2 indexes from {folder}.\n"
    assert list(folder.iterdir()) == []
    cli("list", "--no-cache")
    assert list(folder.iterdir()) == []
    cli("list")
    assert sorted(folder.iterdir()) == sorted(kept)


def test_without_the_cache_a_plugin_is_described_each_time(cli, tmp_path, plugin):
    with (plugin / "plugin.py").open("a") as file:
        file.write(f"\nopen({str(tmp_path / 'runs')!r}, 'a').write('x')\n")
    (tmp_path / "aitbc.yaml").write_text("plugin_paths: [.]\nplugins: {market: {enabled: true}}\n")
    for options, runs in ((["--no-cache"], 1), (["--no-cache"], 2), ([], 3), ([], 3)):
        assert "market  1.0.0" in cli("list", *options).out
        assert len((tmp_path / "runs").read_text()) == runs


def test_a_configuration_is_checked_once_and_again_when_it_has_changed(cli, tmp_path):
    path = tmp_path / "aitbc.yaml"
    path.write_text("plugins: {agent-cli: {enabled: true, priority: 7}}\n")
    for _ in range(2):
        (record,) = json.loads(cli("list", "--json").out)["plugins"]
        assert (record["name"], record["priority"]) == ("agent-cli", 7)
    path.write_text("plugins: {agent-cli: {enabled: true, priority: 777}}\n")
    for _ in range(2):
        assert cli("list").status == 4
    path.write_text("plugins: {agent-cli: {enabled: true, priority: 8}}\n")
    assert json.loads(cli("list", "--json").out)["plugins"][0]["priority"] == 8


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--hook", "predict"], ["translation-ai"]),
        (["--hook", "get_balance", "--all"], ["bitcoin-integration"]),
        (["--state", "disabled"], ["bitcoin-integration"]),
        (["--state", "enabled"], ["agent-cli", "translation-ai"]),
        (["--source", "built-in"], ["agent-cli", "translation-ai"]),
        (["--source", "directory"], []),
    ],
)
def test_a_list_can_be_narrowed_down(cli, options, names):
    record = json.loads(cli("list", "--json", *options).out)
    assert sorted(plugin["name"] for plugin in record["plugins"]) == names
