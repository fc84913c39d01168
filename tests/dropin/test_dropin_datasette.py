"""datasette, with sync and async hooks, its own and those of a folder."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.dropin
REQUIREMENTS = ["datasette", "datasette-pretty-json"]
PROJECT = "datasette"


def by_name(run):
    return run.status, sorted(json.loads(run.output), key=lambda plugin: plugin["name"])


def test_datasette_lists_its_plugins_and_their_hooks(program_in):
    for command in (
        ["datasette", "plugins", "--all", "--plugins-dir", "plugins"],
        ["datasette", "--get", "/-/plugins.json?all=1", "--plugins-dir", "plugins"],
    ):
        run = program_in.same(*command, reading=by_name)
        plugins = {plugin["name"]: plugin for plugin in json.loads(run.output)}
        assert "actor_from_request" in plugins["dropin-plugins"]["hooks"]
        assert plugins["datasette-pretty-json"]["version"] == "0.3"
        assert plugins["folder_plugin.py"]["hooks"] == ["extra_template_vars"]
        assert "datasette.facets" in plugins


def test_the_plugins_commands_are_datasettes_commands(program_in):
    assert "asgi_wrapper" in program_in.same("datasette", "hooks").output


def test_a_request_from_the_command_line_is_answered(program_in):
    run = program_in.same("datasette", "--get", "/-/routed/word")
    assert json.loads(run.output) == {"routed": "word", "actor": None}
    assert run.notes[0] == "started"
    assert run.managers


def test_requests_in_the_process_are_answered_by_async_hooks(program_in):
    run = program_in.same("python", "ask.py")

    assert run.status == 0, run.errors
    assert "index: awaited for index, from the folder" in run.output
    assert '{"routed": "word", "actor": {"id": "alice"}}' in run.output
    assert "ValueError: broken" in run.output
    assert "no: " in run.output
    assert '[{"special": "A in _memory", "plain": 1}]' in run.output
    assert "rendered" in run.output
    assert "Drop-in menu" in run.output
    assert "/-/routed/word?_who=alice 200 wrapped" in run.output
    assert "actor alice" in run.notes
