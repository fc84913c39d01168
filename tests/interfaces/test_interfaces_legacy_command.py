"""Command modules of the old kind, through `LegacyCommandAdapter`."""

from __future__ import annotations

import asyncio
import types
import warnings

import click
import pytest

from aitbc.plugins import LegacyCommandAdapter, PluginMetadata
from aitbc_hooks import PluginManager
from aitbc_hooks.errors import MetadataError, PluginError
from aitbc_hooks.testing import conformance

SOURCE = '''
"""Counts things, the old way."""

import click

__version__ = "0.4.0"
__author__ = "Old Author"
__license__ = "MIT"


@click.group("old-counter")
def plugin_command():
    """Count things.

    And more than that.
    """


@plugin_command.command()
@click.argument("number", type=click.IntRange(0, 100))
def double(number):
    """Print twice NUMBER."""
    click.echo(2 * number)


@plugin_command.command()
def start():
    """Say that it has started."""
    click.echo("started")
'''


def module_of(source=SOURCE, **variables):
    module = types.ModuleType("old_counter")
    exec(source, vars(module))
    vars(module).update(variables)
    return module


def adapt(module, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return LegacyCommandAdapter(module, **options)


def test_the_module_says_what_it_is():
    plugin = adapt(module_of())
    assert plugin.get_metadata() == PluginMetadata(
        "old-counter", "0.4.0", "Count things.", "Old Author", "MIT"
    )
    assert plugin.get_command_help() == "Count things."
    assert [group.name for group in plugin.get_commands()] == ["old-counter"]


def test_metadata_that_are_given_or_in_the_module_come_first():
    card = PluginMetadata("counter", "1.0.0", "Counts", "New Author", "MIT")
    assert adapt(module_of(), metadata=card).get_metadata() is card
    assert adapt(module_of(metadata=card)).get_metadata() is card


def test_a_command_that_bears_a_lifecycles_name_is_not_called():
    plugin = adapt(module_of())

    async def live():
        return [
            await plugin.initialize(),
            await plugin.start(),
            await plugin.stop(),
            await plugin.cleanup(),
        ]

    assert asyncio.run(live()) == [True] * 4


@pytest.mark.parametrize(
    ("variables", "error", "message"),
    [
        ({"plugin_command": None}, PluginError, "expected a named click group plugin_command"),
        ({"plugin_command": click.Command("one")}, PluginError, "got <Command one>"),
        ({"__version__": None, "__license__": None}, MetadataError, "no __version__, __license__"),
    ],
)
def test_what_is_missing_is_named(variables, error, message):
    with pytest.raises(error, match=message):
        adapt(module_of(**variables))


def test_the_warning_names_the_line_that_makes_the_adapter():
    with pytest.warns(DeprecationWarning, match="module old_counter") as caught:
        LegacyCommandAdapter(module_of())
    assert caught[0].filename == __file__


def test_a_host_offers_its_commands(tmp_path):
    async def main():
        manager = PluginManager({"state_dir": str(tmp_path)})
        manager.register(adapt(module_of()))
        async with manager:
            (group,) = manager.plugin("old-counter").get_commands()
            return sorted(group.commands)

    assert asyncio.run(main()) == ["double", "start"]


def test_a_folder_with_it_is_a_plugin_of_the_command_line(tmp_path, capsys, monkeypatch):
    from aitbc_hooks.cli import main

    folder = tmp_path / "plugins" / "old-counter"
    folder.mkdir(parents=True)
    factory = (
        "\n\ndef create_plugin(context):\n"
        "    import sys, warnings\n"
        "    from aitbc.plugins import LegacyCommandAdapter\n"
        "    warnings.simplefilter('ignore')\n"
        "    return LegacyCommandAdapter(sys.modules[__name__])\n"
    )
    (folder / "plugin.py").write_text(SOURCE + factory, "utf-8")
    config = tmp_path / "aitbc.yaml"
    config.write_text(
        f"plugin_paths: [plugins]\nstate_dir: '{tmp_path}'\n"
        "plugins: {old-counter: {enabled: true}}\n",
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings(), pytest.raises(SystemExit) as end:
        main(["--config", str(config), "old-counter", "double", "21"])
    assert not end.value.code
    assert capsys.readouterr().out == "42\n"


def test_the_conformance_kit_trusts_it():
    report = conformance(lambda context: adapt(module_of()), examples=10)
    assert report.verdict.value.startswith("CONFORMANT"), report.table()
