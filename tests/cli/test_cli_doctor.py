"""doctor: one line for each thing that is wrong; and what list --all says of the same."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys

import pytest
from cli_folders import CODE

from aitbc_hooks.cli.doctoring import CHECKS, Check, Scene, Trouble, examine
from aitbc_hooks.cli.doctoring import examining as examining_module
from aitbc_hooks.cli.session import Session
from aitbc_hooks.discovery import index_folder
from aitbc_hooks.hosting.describing import describe_all

LOOP = """
import time
while True:
    time.sleep(1)
"""


def _loop(folders):
    link = folders.path / "plugins" / "loop"
    link.symlink_to(link)


def _path_is_a_file(folders):
    (folders.path / "file").write_text("")
    path = folders.path / "aitbc.yaml"
    path.write_text(path.read_text().replace("[plugins]", "[plugins, file]"))


def _manifest(content):
    def write(folders):
        folders.plugin("bad")
        (folders.path / "plugins" / "bad" / "plugin.toml").write_bytes(content)

    return write


def _case(folders):
    folders.plugin("twin")
    folders.plugin("Twin")


def _bare(code):
    return lambda folders: folders.bare("bare", code)


#: What is wrong -> how it comes about, its code, and a part of the line that tells it.
BAD = {
    "a path that is no folder": (_path_is_a_file, "", "file: the folder cannot be read: Not a dir"),
    "a loop of links": (_loop, "AITBC-P09", "loop: Too many levels of symbolic links."),
    "a manifest of 10 MB": (_manifest(b"#" * 10_000_000), "AITBC-P09", "it has 10000000 bytes"),
    "a manifest that is not UTF-8": (
        _manifest(b'[plugin]\nname = "b\xff"\n'),
        "AITBC-P09",
        "byte 18 is not UTF-8.",
    ),
    "a manifest with a wrong type": (
        _manifest(b'[plugin]\nname = "bad"\nhooks = 7\n'),
        "AITBC-P09",
        "hooks: expected a list, got 7.",
    ),
    "a manifest that is no TOML": (_manifest(b"[plugin"), "AITBC-P09", "plugin.toml: Expected ']'"),
    "names that are equal but for case": (_case, "AITBC-P07", "plugins/twin"),
    "code that exits": (
        _bare("import os\nos._exit(3)\n"),
        "AITBC-P02",
        "its process exited with status 3 and said nothing.",
    ),
    "code that writes into every line it finds": (
        _bare(
            "import os\n"
            "for number in range(64):\n"
            "    try:\n        os.write(number, b'junk\\n')\n"
            "    except OSError:\n        pass\n"
        ),
        "AITBC-P02",
        "it has written into the line that its description is told on.",
    ),
    "code that raises": (
        _bare("raise RuntimeError('not today')\n"),
        "AITBC-P02",
        "not today",
    ),
    "code that holds no plugin": (_bare("x = 1\n"), "AITBC-P02", "[AITBC-P06]"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_one_line_of_doctor_and_of_list_and_the_rest_is_unaffected(cli, folders, what):
    arrange, code, said = BAD[what]
    folders.plugin("good", version="1.0.0")
    folders.config("good")
    arrange(folders)
    done = cli("doctor")
    lines = [line for line in done.out.splitlines() if line.startswith("wrong")]
    assert (done.status, done.err, len(lines)) == (7, "", 1), done
    assert said in lines[0]
    assert code in lines[0]
    assert done.out.splitlines()[-1] == "1 thing is wrong."
    listed = cli("list", "--all")
    told = (listed.out + listed.err).splitlines()
    assert len([line for line in told if said in line]) == 1
    assert any(line.startswith("good  ") and "1.0.0" in line for line in told)
    assert listed.status == 0
    assert cli("why", "good").status == 0


def _without_privileges():
    """Have even root need permission to read, in the program that is executed next."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH; others have none
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def test_folders_that_may_not_be_read_are_told_and_the_rest_is_unaffected(cli, folders):
    closed = folders.plugin("closed")
    folders.plugin("good")
    path = folders.config("good")
    path.write_text(path.read_text().replace("[plugins]", "[plugins, more]"))
    more = folders.path / "more"
    more.mkdir()
    for folder in (closed, more):
        folder.chmod(0)
    said = {}
    for command in (("doctor",), ("list", "--all")):
        done = subprocess.run(
            [sys.executable, "-m", "aitbc_hooks", *command],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            preexec_fn=_without_privileges,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (7 if command == ("doctor",) else 0, "")
        said[command] = [line for line in done.stdout.splitlines() if "ermission denied" in line]
    for folder in (closed, more):
        folder.chmod(0o700)
        for lines in said.values():
            assert len([line for line in lines if str(folder) in line]) == 1
    assert cli("doctor").status == 0


def test_code_that_hangs_is_told_when_its_time_is_over(cli, folders, monkeypatch):
    monkeypatch.setitem(describe_all.__kwdefaults__, "deadline", 0.3)
    folders.plugin("good")
    folders.bare("bare", LOOP)
    folders.config("good")
    (line,) = [line for line in cli("doctor").out.splitlines() if line.startswith("wrong")]
    assert "bare: it has no plugin.toml, and asking its code failed: it has not said" in line
    assert "bare cannot be described: it has not said what it is within 0.3 s" in (
        cli("list", "--all").err
    )


def test_code_that_prints_is_nothing_to_tell(cli, folders):
    folders.bare("bare", f"print('x' * 100000)\n{CODE}")
    folders.config("bare")
    done = cli("doctor")
    assert (done.status, done.out.splitlines()[-1]) == (0, "Nothing is wrong.")
    assert "x" * 100 not in done.out + done.err
    assert "initialize" not in cli("list", "--all").err


def lies(done):
    return [line for line in done.out.splitlines() if "manifest and code disagree" in line]


def test_a_manifest_that_lies_is_told(cli, folders):
    where = folders.plugin("liar", hooks=["predict"], description="x")
    folders.config("liar")
    done = cli("doctor")
    (line,) = lies(done)
    assert done.status == 7
    assert "[AITBC-P04] liar: manifest and code disagree: " in line
    assert "hooks: the manifest says ['predict']; the code has nothing of it." in line
    assert f"manifest build --update {where}" in line


def test_what_doctor_has_found_of_a_manifest_is_kept_and_listed(cli, folders):
    where = folders.plugin("liar", hooks=["predict"], description="x")
    folders.config("liar")
    assert "disagree" not in cli("list", "--all").err  # nobody has compared them
    first = cli("doctor")
    assert cli("doctor").out == first.out
    (line,) = [line for line in cli("list", "--all").err.splitlines() if "disagree" in line]
    assert line.startswith("Warning: liar: manifest and code disagree: ")
    cli("manifest", "build", "--update", str(where))
    assert "disagree" not in cli("list", "--all").err
    assert cli("doctor").status == 0


def test_a_manifest_of_a_plugin_that_is_disabled_is_compared_when_doctor_looks_deeply(cli, folders):
    folders.plugin("liar", hooks=["predict"], description="x")
    folders.config()
    assert lies(cli("doctor")) == []
    assert len(lies(cli("doctor", "--deep"))) == 1


def test_the_built_in_plugins_agree_with_their_manifests(cli, folders):
    assert cli("doctor", "--deep").out.splitlines()[-1] == "Nothing is wrong."


def test_a_manifest_whose_code_cannot_be_loaded_is_told(cli, folders):
    folders.plugin("broken", code="raise RuntimeError('not today')\n")
    folders.config("broken")
    done = cli("doctor")
    assert done.status == 7
    assert "broken: its code does not say what it is: " in done.out
    assert "not today" in done.out


def test_a_plugin_that_is_removed_is_missed_wherever_it_was_enabled(cli, folders):
    where = folders.plugin("gone")
    folders.plugin("good")
    folders.config("gone", "good")
    assert cli("doctor").status == 0
    for file in where.iterdir():
        file.unlink()
    where.rmdir()
    done = cli("doctor")
    assert done.status == 7
    assert "wrong  [AITBC-P01] gone: no plugin of that name is known." in done.out
    listed = cli("list", "--all")
    assert listed.err == "Warning: gone is enabled, and no such plugin is known.\n"
    assert "good" in listed.out


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data[: len(data) // 2], "it is not whole"),
        (lambda data: b"", "it is not whole"),
        (lambda data: b"[]", "it is not whole"),
        (lambda data: b"\xff\xfe\n", "it is not whole"),
        (lambda data: data.replace(b'"host": "', b'"host": "0.0.0-'), "host is '0.0.0-"),
        (lambda data: data.replace(b'"format": ', b'"format": 9'), "it is of another version"),
    ],
)
def test_a_cache_that_is_not_ours_is_told_and_made_anew(cli, folders, spoil, said):
    folders.plugin("good")
    folders.config("good")
    for args, status in ((["doctor"], 7), (["list", "--all"], 0)):
        cli("list")
        (path,) = index_folder().glob("plugins-*")
        data = path.read_bytes()
        path.write_bytes(spoil(data))
        done = cli(*args)
        (line,) = [line for line in done.out.splitlines() if str(path) in line]
        assert said in line
        assert (done.status, "good" in cli("list").out) == (status, True)
        assert path.read_bytes().startswith(data[:40])
    assert cli("doctor").status == 0


def test_without_the_cache_nobody_looks_at_it(cli, folders):
    folders.config()
    cli("list")
    for path in index_folder().iterdir():
        path.write_text("{")
    assert cli("--no-cache", "doctor").status == 0
    assert "cache" not in cli("--no-cache", "list", "--all").out


def test_a_cache_folder_that_cannot_be_written_is_told(cli, folders, monkeypatch):
    (folders.path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folders.path / "file" / "below"))
    done = cli("doctor")
    assert done.status == 7
    assert "the cache cannot be written: " in done.out
    assert "Set XDG_CACHE_HOME" in done.out


def test_a_state_folder_that_cannot_be_written_is_told(cli, folders):
    (folders.path / "file").write_text("")
    done = cli("--state-dir", str(folders.path / "file" / "below"), "doctor")
    assert done.status == 7
    assert "wrong  [AITBC-S01] " in done.out


def test_a_regular_package_aitbc_that_hides_our_portion_is_told(cli, folders, monkeypatch):
    folders.config()
    assert cli("doctor").status == 0
    package = folders.path / "modules" / "aitbc"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(package.parent))
    done = cli("doctor")
    (line,) = [line for line in done.out.splitlines() if line.startswith("wrong")]
    assert done.status == 7
    assert f"aitbc.plugins: {package / '__init__.py'} hides it" in line
    (package / "__init__.py").unlink()  # a portion of the namespace now, as ours is
    assert cli("doctor").status == 0


def test_a_module_aitbc_hides_our_portion_too(folders):
    modules = folders.path / "modules"
    modules.mkdir()
    (modules / "aitbc.py").write_text("")
    scene = Scene(Session(), path=[str(modules), *sys.path])
    (check,) = [check for check in CHECKS if check.name == "shadowed aitbc package"]
    (trouble,) = check.look(scene)
    assert str(modules / "aitbc.py") in trouble.text


def test_another_copy_of_the_host_on_the_import_path_is_told(folders):
    package = folders.path / "modules" / "aitbc_hooks"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    scene = Scene(Session(), path=[str(package.parent), *sys.path])
    (check,) = [check for check in CHECKS if check.name == "import path"]
    (trouble,) = check.look(scene)
    assert str(package) in trouble.text


def test_parts_that_are_not_on_the_import_path_are_told():
    (check,) = [check for check in CHECKS if check.name == "import path"]
    found = list(check.look(Scene(Session(), path=[])))
    assert {trouble.subject for trouble in found} == {
        "aitbc_hooks",
        "aitbc_hookspecs",
        "aitbc_builtin_plugins",
    }


def test_an_invalid_configuration_is_told_with_its_places_and_the_plugins_all_the_same(
    cli, folders
):
    folders.plugin("twin")
    folders.plugin("Twin")
    path = folders.config(extra="nonsense: 1\nauto_load: maybe\n")
    done = cli("doctor")
    assert done.status == 7
    lines = done.out.splitlines()
    assert len([line for line in lines if line.startswith(f"wrong  [AITBC-C05] {path.name}:")]) == 1
    assert len([line for line in lines if line.startswith(f"wrong  [AITBC-C06] {path.name}:")]) == 1
    assert len([line for line in lines if "[AITBC-P07]" in line]) == 1
    assert "note   plugins: what is enabled was not looked at, for the configuration is" in done.out


def test_a_configuration_that_is_not_there_is_told(cli, folders):
    done = cli("--config", "nowhere.yaml", "doctor")
    assert done.status == 7
    assert "[AITBC-C01]" in done.out


def test_settings_that_do_not_satisfy_a_plugins_schema_are_told(cli, folders):
    where = folders.plugin("strict")
    (where / "config_schema.json").write_text('{"properties": {"size": {"type": "integer"}}}')
    folders.config(strict="{enabled: true, config: {size: large}}")
    done = cli("doctor")
    assert done.status == 7
    assert "[AITBC-C08]" in done.out


@pytest.mark.parametrize(
    ("facts", "code", "said"),
    [
        ({"dependencies": ["ghost"]}, "AITBC-D01", "it needs ghost, and no such plugin is known"),
        ({"dependencies": ["good >=2"]}, "AITBC-D04", "it needs good >=2, and good is 1.0.0"),
        ({"dependencies": ["off"]}, "AITBC-D03", "it needs off, of which this holds: no config"),
        ({"dependencies": ["needy"]}, "AITBC-D02", "it waits for itself: needy → needy"),
        ({"dependencies": ["!good"]}, "AITBC-D06", "it does not run beside good, which starts fi"),
        ({"requires_aitbc": ">=99"}, "AITBC-D05", "it works with host versions >=99, and this is"),
        (
            {"max_aitbc_version": "0.0.1"},
            "AITBC-D05",
            "it works with host versions <=0.0.1, and this is",
        ),
        ({"supported_platforms": ["plan9"]}, "AITBC-D05", "it supports plan9, and this is"),
    ],
)
def test_what_is_enabled_and_cannot_run_is_told(cli, folders, facts, code, said):
    folders.plugin("good", version="1.0.0")
    folders.plugin("off")
    folders.plugin("needy", **facts)
    folders.config("good", "needy")
    done = cli("doctor")
    (line,) = [line for line in done.out.splitlines() if line.startswith("wrong")]
    assert line.startswith(f"wrong  [{code}] needy: {said}")
    assert "aitbc-hooks why needy" in line
    folders.config("good")
    assert cli("doctor").status == 0


def test_one_fault_is_one_line_however_many_plugins_cannot_run_for_it(cli, folders):
    names = [f"p{number}" for number in range(5)]
    for name, other in zip(names, [*names[1:], "ghost"], strict=True):
        folders.plugin(name, dependencies=[other])
    folders.plugin("loop", dependencies=["loop"])
    folders.plugin("behind", dependencies=["loop"])
    folders.config(*names, "loop", "behind")
    lines = [line for line in cli("doctor").out.splitlines() if line.startswith("wrong")]
    assert [line.split(":")[0] for line in lines] == [
        "wrong  [AITBC-D01] p4",
        "wrong  [AITBC-D02] loop",
    ]


def test_a_shadowed_plugin_a_folder_without_one_and_one_that_is_not_there_are_notes(cli, folders):
    folders.plugin("agent-cli")
    (folders.path / "plugins" / "empty").mkdir()
    path = folders.config("agent-cli")
    path.write_text(path.read_text().replace("[plugins]", "[plugins, nowhere]"))
    done = cli("doctor")
    notes = [line for line in done.out.splitlines() if line.startswith("note")]
    assert (done.status, len(notes)) == (0, 3)
    assert "nowhere: the folder does not exist" in "".join(notes)
    assert "is hidden by that of directory" in "".join(notes)


def test_two_plugins_with_one_command_are_told(cli, folders):
    for name in ("one", "two"):
        folders.plugin(name, "[plugin.commands]\ntalk = 'Talks.'\n")
    folders.config("one", "two")
    done = cli("doctor")
    assert done.status == 7
    assert "[AITBC-P11]" in done.out


def test_what_p_names_wrongly_is_told_once(cli, folders):
    folders.config()
    done = cli("-p", "my.9lives", "doctor")
    assert done.status == 7
    assert len([line for line in done.out.splitlines() if line.startswith("wrong")]) == 1


def test_no_name_can_steer_the_terminal_or_break_a_line(cli, folders):
    folders.config()
    (folders.path / "plugins" / "bad\x1b[31m\nname").mkdir()
    (folders.path / "plugins" / "bad\x1b[31m\nname" / "plugin.py").write_text("")
    folders.plugin("odd", code="", folder="odd\rfolder")
    (folders.path / "plugins" / "odd\rfolder" / "plugin.toml").write_text(
        '[plugin]\nname="a\\u001b"'
    )
    for args in (["doctor"], ["list", "--all"], ["graph", "--all"], ["why", "a\x1b[31m\n"]):
        done = cli(*args)
        assert all(line.isprintable() for line in (done.out + done.err).split("\n")), args


def test_doctor_in_json_has_the_same(cli, folders):
    folders.plugin("needy", dependencies=["ghost"])
    folders.config("needy")
    done = cli("doctor", "--json")
    record = json.loads(done.out)
    assert (done.status, record["schema_version"], record["healthy"]) == (7, 1, False)
    (trouble,) = record["troubles"]
    assert (trouble["code"], trouble["subject"]) == ("AITBC-D01", "needy")
    assert trouble["fix"].startswith("Install ghost")
    assert record["environment"]["packages"]["pluggy"]
    assert record["environment"]["import_path"] == sys.path


def test_a_check_that_fails_is_told_and_the_others_are_made(monkeypatch):
    def fail(_scene):
        yield Trouble("a", "is wrong", "Mend it.")
        raise RuntimeError("a bug")

    checks = (Check("first", fail), Check("second", lambda _: iter([Trouble("b", "too", "Mend.")])))
    monkeypatch.setattr(examining_module, "CHECKS", checks)
    found = [trouble.line() for _, trouble in examine(Scene(Session()))]
    assert found[0] == "wrong  a: is wrong. Mend it."
    assert found[1].startswith("wrong  first: this could not be looked at: RuntimeError: a bug. ")
    assert found[2:] == ["wrong  b: too. Mend."]


def test_every_check_has_a_name_of_its_own():
    assert len({check.name for check in CHECKS}) == len(CHECKS)
