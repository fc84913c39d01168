"""Plugins with commands that the tests of their checks are tried with."""

from __future__ import annotations

import click

from aitbc_hooks.testing.kit.sound import SoundCLI


def group(*commands, name="box", **options):
    """Return a group with commands that are given as functions."""
    box = click.Group(name, help="Keep things.", **options)
    for function in commands:
        made = isinstance(function, click.Command)
        box.add_command(function if made else click.command()(function))
    return box


def plugin(*commands, **options):
    """Return a plugin with one group, or with those groups that are given."""

    class Boxes(SoundCLI):
        def get_commands(self):
            groups = [each for each in commands if isinstance(each, click.Group)]
            return groups or [group(*commands, **options)]

    return Boxes


def command(function=None, **options):
    return click.command(**options)(function)
