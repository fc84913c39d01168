"""bisect with hosts that really run plugins."""

from __future__ import annotations

import sys

HOST = """
import asyncio, sys
from aitbc_hooks import PluginManager, load_config

async def main():
    async with PluginManager(load_config()) as manager:
        return {r.name for r in manager.reports() if r.status.value == "active"}

sys.exit({"left", "right"} <= asyncio.run(main()))
"""


def test_the_plugin_is_found_that_spoils_the_command_of_another(home):
    for name in ("talker", "spoiler"):
        home.plugin(
            name,
            "import click\nfrom aitbc.plugins import hookimpl\n\n@hookimpl\ndef get_commands():\n"
            "    return [click.Group('talk', [click.Command('hello', callback=lambda: None)])]\n",
            f'[plugin]\nname = "{name}"\n[plugin.commands]\ntalk = "Talks."\n',
        )
    home.plugin("other")
    home.config(
        "plugins: {talker: {enabled: true}, spoiler: {enabled: true}, other: {enabled: true}}\n"
        "plugin_paths: [plugins]\n"
    )
    command = ("--", sys.executable, "-m", "aitbc_hooks", "talk", "hello")
    assert home.call("bisect", *command).returncode == 8
    done = home.call("bisect", "--keep", "Talker", *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert "spoiler breaks the command; found in " in done.stdout
    assert "1. With 2 of 2 plugins (" in done.stdout
    assert home.call("bisect", "--keep", "nobody", *command).returncode == 3


def test_two_plugins_that_break_a_host_only_together_are_found(home):
    for name in ("base", "left", "right", "other"):
        home.plugin(name)
    home.config(
        "plugins: {base: {enabled: true}, left: {enabled: true, dependencies: [base]},\n"
        "  right: {enabled: true}, other: {enabled: true}}\nplugin_paths: [plugins]\n"
    )
    (home.path / "host.py").write_text(HOST)
    done = home.call("bisect", "--", sys.executable, "host.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert "left and right break the command together, and not apart" in done.stdout
    assert "(with what is needed: base)" in done.stdout
