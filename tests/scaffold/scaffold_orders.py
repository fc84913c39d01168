"""Orders for new plugins, and where to write them."""

from __future__ import annotations

import subprocess
import sys

from aitbc_hooks.scaffold import KINDS, Names, Order, render, write_folder

#: Kind -> the name of the plugin that the tests make of it.
NAMED = {"cli": "my-notes", "blockchain": "devnet", "ai": "Text-Sorter2", "hooks": "json"}


def order(kind="cli", name="my-plugin", **settings):
    settings = {"host_version": "0.1.0", "author": "Ann O'Neil", **settings}
    return Order(Names.of(name), KINDS[kind], **settings)


def generate(folder, kind, name):
    """Write a plugin below `folder`, and return its own folder."""
    made = order(kind, name)
    target = folder / made.names.folder
    write_folder(target, render(made))
    return target


def python(*arguments, cwd, **settings):
    """Run a module in a child process; return what came of it."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        **settings,
    )
