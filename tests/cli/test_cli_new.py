"""``aitbc-hooks new``: what it says, and what it refuses."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

import pytest

from aitbc_hooks.cli.new import new
from aitbc_hooks.scaffold import KINDS


def test_it_says_what_to_do_next_in_three_lines(cli):
    done = cli("new", "my-plugin", "--kind", "cli")
    assert done.status == 0, done.err
    first, *lines = done.out.splitlines()
    assert first == "my-plugin is there. Keeps notes. What to do next:"
    assert [line.partition("  #")[0].strip() for line in lines] == [
        "python -m pytest my-plugin",
        "aitbc-hooks test my-plugin",
        "cat my-plugin/docs/README.md",
    ]
    assert Path("my-plugin/docs/README.md").is_file()


def test_it_writes_into_another_folder_and_quotes_its_name(cli):
    Path("with space").mkdir()
    done = cli("new", "my-plugin", "--kind", "ai", "--path", "with space")
    assert done.status == 0, done.err
    assert Path("with space/my-plugin/plugin.py").is_file()
    assert shlex.split(done.out.splitlines()[1], comments=True)[-1] == "with space/my-plugin"


def test_author_and_licence_go_into_the_manifest(cli):
    cli("new", "mine", "--kind", "hooks", "--author", "Zoë", "--license", "Apache-2.0")
    plugin = tomllib.loads(Path("mine/plugin.toml").read_text("utf-8"))["plugin"]
    assert (plugin["author"], plugin["license"]) == ("Zoë", "Apache-2.0")


def test_without_an_author_the_user_is_it(cli, monkeypatch):
    monkeypatch.setenv("LOGNAME", "ann")
    cli("new", "mine", "--kind", "hooks")
    plugin = tomllib.loads(Path("mine/plugin.toml").read_text("utf-8"))["plugin"]
    assert plugin["author"] == "ann"


def test_a_second_time_nothing_is_written(cli):
    cli("new", "mine", "--kind", "cli")
    Path("mine/plugin.py").write_text("# changed\n", "utf-8")
    done = cli("new", "mine", "--kind", "cli")
    assert done.status == 1
    assert done.err == (
        "Error: [AITBC-S03] mine exists, and is not overwritten: the folder is not empty: it has "
        "'__init__.py'. Choose another name, or another folder with --path.\n"
    )
    assert Path("mine/plugin.py").read_text("utf-8") == "# changed\n"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("my_plugin", "--kind", "cli"), 1, "Call it 'my-plugin'."),
        (("mine", "--kind", "cli", "--license", "Mine"), 1, "expected an SPDX expression"),
        (("mine", "--kind", "gui"), 2, "'gui' is not one of"),
        (("mine",), 2, "Missing option '--kind'"),
        (("mine", "--kind", "cli", "--path", "nowhere"), 2, "'nowhere' does not exist"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(cli, arguments, status, words):
    done = cli("new", *arguments)
    assert done.status == status
    assert words in done.err
    assert not list(Path().iterdir())


def test_the_commands_name_of_each_kind_is_the_scaffolds():
    (kind,) = (param for param in new.params if param.name == "kind")
    assert list(kind.type.choices) == list(KINDS)
