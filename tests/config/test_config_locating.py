from __future__ import annotations

from pathlib import Path

import pytest

from aitbc_hooks.config import ConfigLocation, HostConfig, locate_config
from aitbc_hooks.config.locating import default_state_dir, expand

NAMES = ["aitbc.toml", "aitbc.yaml", "aitbc.yml", "aitbc.json"]


@pytest.fixture
def home(tmp_path):
    for folder in ("work", "home/.config/aitbc-hooks", "xdg/aitbc-hooks"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def located(home, **environ) -> ConfigLocation:
    return locate_config({"HOME": str(home / "home"), **environ}, home / "work")


def test_the_embedded_default_holds_when_there_is_no_file(home):
    found = located(home)
    assert found.path is None
    assert "No aitbc.toml" in found.why


def test_the_order_is_variable_then_working_directory_then_user_folder(home):
    user = home / "home/.config/aitbc-hooks"
    for folder in (user, home / "work"):
        for name in reversed(NAMES):
            (folder / name).touch()
            found = located(home)
            assert found.path == folder / name
            assert all(other in found.why for other in NAMES[NAMES.index(name) + 1 :])
    named = located(home, AITBC_CONFIG="~/there/is/none.yaml")
    assert named.path == home / "home/there/is/none.yaml"
    assert "AITBC_CONFIG" in named.why


def test_the_xdg_folder_is_used_unless_it_is_relative(home, monkeypatch):
    (home / "xdg/aitbc-hooks/aitbc.json").touch()
    assert (
        located(home, XDG_CONFIG_HOME=str(home / "xdg")).path == home / "xdg/aitbc-hooks/aitbc.json"
    )
    monkeypatch.chdir(home)
    assert located(home, XDG_CONFIG_HOME="xdg").path is None
    assert default_state_dir({"HOME": "/h", "XDG_DATA_HOME": "rel"}) == Path(
        "/h/.local/share/aitbc-hooks"
    )
    assert default_state_dir({"HOME": "/h", "XDG_DATA_HOME": "/d"}) == Path("/d/aitbc-hooks")


def test_a_folder_of_that_name_is_no_configuration(home):
    (home / "work/aitbc.toml").mkdir()
    assert located(home).path is None


def test_files_of_the_working_directory_are_named_relative_to_it(home, monkeypatch):
    monkeypatch.chdir(home / "work")
    Path("aitbc.yml").touch()
    assert locate_config({"HOME": "/nowhere"}).path == Path("aitbc.yml")


def test_a_home_that_is_unknown_stays_as_it_is_written():
    assert expand("~/x", {"HOME": "/h"}) == Path("/h/x")
    assert expand("~", {"HOME": "/h"}) == Path("/h")
    assert expand("~no-such-user-here/x", {}) == Path("~no-such-user-here/x")
    assert expand("a~b", {}) == Path("a~b")


@pytest.mark.parametrize("text", ["~\0/plugins", "~\ud800/plugins"])
def test_a_home_of_a_user_that_cannot_be_stays_as_it_is_written(text):
    assert str(expand(text, {})) == text


def test_paths_are_shown_without_dots(tmp_path):
    mapping = {"plugin_paths": ["mypk/../plugins", "a\0/../b"], "state_dir": "x/../state"}
    config = HostConfig.from_mapping(mapping, base=tmp_path, environ={})
    first, second = config.plugin_paths
    assert first == tmp_path / "plugins"
    assert second.name == "b"
    assert config.state_dir == tmp_path / "state"
