"""What becomes of old files: mechanical changes are made, and everything else stays as it is."""

from __future__ import annotations

import ast
import asyncio
import json
import tomllib
import warnings

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from migration_corpus import BY_HAND, MECHANICAL, SOUND

from aitbc_hooks import PluginManager
from aitbc_hooks.migration import scan, write
from aitbc_hooks.migration.scanning import findings_in

NEWLINES = ["\n", "\r\n", "\r"]
parse = {
    ".py": ast.parse,
    ".yaml": yaml.safe_load,
    ".toml": tomllib.loads,
    ".json": json.loads,
}


def put(folder, name, text):
    path = folder / name
    path.write_bytes(text.encode())
    return path


def migrate(path):
    """Do the mechanical part, and return what is left to do."""
    for report in scan(path):
        write(report)
    return [finding for report in scan(path) for finding in report.findings]


@pytest.mark.parametrize("name", MECHANICAL)
def test_the_mechanical_part_is_done_and_comments_and_formatting_survive(tmp_path, name):
    file, before, after = MECHANICAL[name]
    path = put(tmp_path, file, before)
    assert all(finding.mechanical for report in scan(path) for finding in report.findings)
    assert migrate(path) == []
    assert path.read_text("utf-8") == after
    assert (tmp_path / f"{file}.bak").read_text("utf-8") == before


@pytest.mark.parametrize("newline", NEWLINES[1:], ids=repr)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "mark"])
@pytest.mark.parametrize("name", ["lifecycle", "derived", "service", "legacy"])
def test_line_ends_and_the_byte_order_mark_survive(tmp_path, name, newline, mark):
    file, before, after = MECHANICAL[name]
    path = put(tmp_path, file, mark + before.replace("\n", newline))
    assert migrate(path) == []
    assert path.read_bytes().decode() == mark + after.replace("\n", newline)


def test_another_encoding_survives(tmp_path):
    _, before, after = MECHANICAL["lifecycle"]
    head = "# -*- coding: latin-1 -*-\n"
    path = tmp_path / "plugin.py"
    path.write_bytes((head + before).encode("latin-1"))
    assert migrate(path) == []
    assert path.read_bytes() == (head + after).encode("latin-1")


@pytest.mark.parametrize("name", MECHANICAL)
def test_a_second_time_there_is_nothing_to_do(tmp_path, name):
    file, before, _ = MECHANICAL[name]
    path = put(tmp_path, file, before)
    migrate(path)
    done = path.read_bytes()
    assert scan(path) == []
    assert migrate(path) == []
    assert path.read_bytes() == done
    assert sorted(each.name for each in tmp_path.iterdir()) == [file, f"{file}.bak"]


@pytest.mark.parametrize("name", BY_HAND)
def test_what_only_hands_can_do_is_told_and_left_alone(tmp_path, name):
    file, text, expected = BY_HAND[name]
    path = put(tmp_path, file, text)
    left = migrate(path)
    assert [(finding.line, finding.rule) for finding in left] == expected
    assert not any(finding.mechanical for finding in left)
    assert all(finding.what and finding.why and finding.file == str(path) for finding in left)
    assert path.read_text("utf-8") == text
    assert [each.name for each in tmp_path.iterdir()] == [file]


@pytest.mark.parametrize(("file", "text"), SOUND)
def test_what_needs_nothing_stays_byte_for_byte(tmp_path, file, text):
    path = put(tmp_path, file, text)
    assert migrate(path) == []
    assert path.read_bytes() == text.encode()
    assert [each.name for each in tmp_path.iterdir()] == [file]


def _method(name, is_async, body, comment):
    keyword = "async def" if is_async else "def"
    return f"    {keyword} {name}(self, *args):{comment}\n{body}"


methods = st.builds(
    _method,
    st.sampled_from(["initialize", "start", "stop", "cleanup", "handle_event", "other"]),
    st.booleans(),
    st.sampled_from(
        [
            "        pass\n",
            "        x = 1  # end\n",
            "        x = 'é'; y = 2\n",
            "        if args:\n            x = 1\n        # trailing\n",
            "        return True\n",
            "        return\n",
            "        raise ValueError\n",
            "        x = '''\nno\n'''\n",
            "        def inner():\n            return 1\n",
            "        try:\n            x = 1\n        finally:\n            x = 2\n",
            "        x = (1 +\n  2)\n",
            "        yield 1\n",
            "        self.start()\n",
            "        with open('x') as f: pass\n",
        ]
    ),
    st.sampled_from(["", "  # why", "  # ü"]),
)
heads = st.sampled_from(
    [
        "from aitbc.plugins import BasePlugin",
        "from aitbc_hooks.interfaces import BasePlugin",
        "from aitbc_hooks.interfaces import (BasePlugin, PluginMetadata)",
        "from   aitbc_hooks.interfaces.base   import BasePlugin as BasePlugin",
        "from aitbc_hooks.interfaces.base import \\\n    BasePlugin",
        "BasePlugin = object",
    ]
)
modules = st.builds(
    lambda head, methods, newline, tail, mark: (
        mark
        + (f"{head}\n\n\nclass Mine(BasePlugin):\n{''.join(methods)}" + tail).replace("\n", newline)
    ),
    heads,
    st.lists(methods, min_size=1, max_size=5),
    st.sampled_from(NEWLINES),
    st.sampled_from(["", "# the end", "\n\n\n"]),
    st.sampled_from(["", "\ufeff"]),
)


@given(modules)
def test_whatever_is_changed_still_parses_and_needs_no_more_of_it(tmp_path_factory, text):
    try:
        ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError:
        return  # such as `yield` beside `return True` in an asynchronous function
    path = put(tmp_path_factory.mktemp("m"), "plugin.py", text)
    needed = findings_in(path, text, is_main=True)
    left = migrate(path)
    after = path.read_bytes().decode()
    ast.parse(after.removeprefix("\ufeff"))
    assert not any(finding.mechanical for finding in left)
    if not any(finding.mechanical for finding in needed):
        assert after == text
    # Nothing was taken away but the words that were replaced.
    for word in ("async ", "return True", "; ", "aitbc_hooks.interfaces.base", "aitbc.plugins"):
        after, text = after.replace(word, ""), text.replace(word, "")
    for word in ("aitbc_hooks.interfaces", " ", "\r", "\n"):
        after, text = after.replace(word, ""), text.replace(word, "")
    assert after == text


def test_what_was_migrated_runs_in_a_host(tmp_path):
    for name in ("lifecycle", "service", "legacy"):
        folder = (
            tmp_path / "plugins" / {"lifecycle": "old", "service": "doubler"}.get(name, "mailer")
        )
        folder.mkdir(parents=True)
        put(folder, *MECHANICAL[name][:2])
        assert migrate(folder) == []

    async def main():
        names = ("old", "doubler", "mailer")
        settings = {"plugins": {name: {"enabled": True} for name in names}}
        settings |= {"plugin_paths": [str(tmp_path / "plugins")], "state_dir": str(tmp_path)}
        async with PluginManager(settings) as manager:
            return {name: manager.report(name).status.name for name in names}

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert asyncio.run(main()) == dict.fromkeys(("old", "doubler", "mailer"), "ACTIVE")


@pytest.mark.parametrize("name", [n for n, (f, _, _) in MECHANICAL.items() if f[-3:] != ".py"])
def test_a_migrated_configuration_is_one(name):
    file, _, after = MECHANICAL[name]
    suffix = "." + file.partition(".")[2]
    assert "enabled" in str(parse[suffix](after))
