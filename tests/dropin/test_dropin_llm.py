"""llm, with a model, a command, a tool and loaders from a plugin."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.dropin
REQUIREMENTS = ["llm", "llm-echo"]


def by_name(run):
    return run.status, sorted(json.loads(run.output), key=lambda plugin: plugin["name"]), run.notes


def test_llm_lists_its_plugins_their_hooks_and_versions(program_in):
    run = program_in.same("llm", "plugins", "--all", reading=by_name)
    plugins = {plugin["name"]: plugin for plugin in json.loads(run.output)}

    assert plugins["dropin-plugins"]["version"] == "1.0"
    assert "register_tools" in plugins["dropin-plugins"]["hooks"]
    assert plugins["llm-echo"]["hooks"] == ["register_models"]
    assert run.managers


def test_llm_loads_plugins_by_the_name_of_their_distribution(program_in):
    env = {"LLM_LOAD_PLUGINS": "dropin-plugins"}
    run = program_in.same("llm", "plugins", env=env, reading=by_name)

    assert [plugin["version"] for plugin in json.loads(run.output) if "version" in plugin] == [
        "1.0"
    ]


def test_the_plugins_commands_are_llms_commands(program_in):
    assert "register_fragment_loaders" in program_in.same("llm", "manager").output
    assert "shout" in program_in.same("llm", "tools").output
    assert "Fake: fake" in program_in.same("llm", "models").output


def test_a_wrapper_surrounds_the_models_of_all_plugins(program_in):
    notes = program_in.same("llm", "models").notes

    assert notes[:2] == ["before register_commands", "after register_commands: []"]
    assert notes[2:5] == [
        "before register_models",
        "register_models",
        "after register_models",
    ]


def test_the_plugins_model_answers_and_is_logged(program_in):
    run = program_in.same("llm", "-m", "faux", "hi there")
    assert (run.status, run.output.strip()) == (0, "HI THERE")
    assert "execute" in run.notes

    logged = json.loads(program_in.same("llm", "logs", "--json").output)
    assert [(entry["model"], entry["prompt"]) for entry in logged] == [("fake", "hi there")]


def test_the_plugins_loaders_serve_templates_and_fragments(program_in):
    command = ["llm", "-m", "fake", "-t", "dropin:x", "-f", "dropin:y", "input"]
    assert program_in.same(*command).output.split() == ["FRAGMENT", "Y", "TEMPLATE", "INPUT"]


def test_a_plugin_from_the_index_answers(program_in):
    assert "hi" in program_in.same("llm", "-m", "echo", "hi").output


def test_an_unknown_model_is_the_same_error(program_in):
    run = program_in.same("llm", "-m", "nothing", "hi")
    assert run.status != 0
    assert "Unknown model" in run.errors
