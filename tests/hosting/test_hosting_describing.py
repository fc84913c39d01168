"""A plugin without a manifest is described in a process that is thrown away."""

from __future__ import annotations

import tempfile
import textwrap
import time
from pathlib import Path

import pytest

from aitbc_hooks.discovery import Index, discover, keep_description
from aitbc_hooks.discovery.index import problem_of_index
from aitbc_hooks.discovery.manifest.structuring import structure
from aitbc_hooks.hosting.describing import describe, describe_all

PLUGIN = """
import click
from aitbc.plugins import CLIPlugin, PluginMetadata


class Market(CLIPlugin):
    def get_metadata(self):
        return PluginMetadata(
            name="market", version="1.2.0", description="Markets", author="Ada", license="MIT",
            keywords=["m"], dependencies=["wallet >=1"],
        )

    def get_config_schema(self):
        return {"type": "object", "properties": {"place": {"type": "string"}}}

    async def initialize(self):
        raise SystemExit("describing calls no lifecycle method")

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True

    def get_commands(self):
        @click.group()
        def market():
            "Markets.

            With more to say."

        @market.command()
        @click.option("--name", "-n", required=True, help="Which.")
        @click.option("--all", "everything", is_flag=True)
        @click.option("-v", count=True)
        @click.option("--secret", hidden=True)
        @click.argument("places", nargs=-1)
        def show(**_):
            "Show one."

        @market.command(hidden=True)
        def internal():
            "Not for you."

        return [market]

    def get_command_help(self):
        return "Markets"
""".replace(
    '"Markets.\n\n            With more to say."',
    '"""Markets.\n\n            More.\n            """',
)

MODULE = """
from aitbc.plugins import hookimpl

@hookimpl
async def handle_event(event_type, data):
    pass
"""


def write(folder, source):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plugin.py").write_text(textwrap.dedent(source), "utf-8")
    return folder


def asked(folder, source, *, name="market", deadline=20.0):
    return describe({"name": name, "folder": str(write(folder, source))}, deadline=deadline)


def test_everything_that_the_code_says_is_in_the_description(tmp_path):
    description = asked(tmp_path / "market", PLUGIN)
    assert description.problem is None
    manifest = structure(description.table)
    assert (manifest.name, manifest.version, manifest.author) == ("market", "1.2.0", "Ada")
    assert (manifest.keywords, manifest.dependencies) == (("m",), ("wallet >=1",))
    assert manifest.interfaces == ("cli",)
    assert manifest.hooks == ("get_command_help", "get_commands")
    assert manifest.config_schema["properties"] == {"place": {"type": "string"}}
    market = manifest.commands["market"]
    assert market.summary == "Markets."
    assert market.commands.keys() == {"show"}
    show = [
        (p.declarations, p.kind, p.metavar, p.help, p.required, p.multiple)
        for p in market.commands["show"].parameters
    ]
    assert show == [
        (("--name", "-n"), "option", "TEXT", "Which.  [required]", True, False),
        (("--all",), "option", "", "", False, False),
        (("-v",), "option", "", "", False, False),
        (("places",), "argument", "[PLACES]...", "", False, True),
    ]


def test_hookimpls_of_a_module_are_described_under_the_folders_name(tmp_path):
    description = asked(tmp_path / "listener", MODULE, name="listener")
    assert description.table == {"name": "listener", "hooks": ["handle_event"]}


def test_a_handler_that_is_merely_inherited_is_no_hook(tmp_path):
    manifest = structure(asked(tmp_path / "market", PLUGIN).table)
    assert "handle_event" not in manifest.hooks


def test_an_entry_that_is_installed_is_described_by_its_name():
    description = describe(
        {"name": "agent-cli", "entry": "aitbc_builtin_plugins.agent_cli.plugin:AgentCLIPlugin"}
    )
    assert structure(description.table).commands["agent"].commands.keys() >= {"create", "list"}


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import os\nos._exit(3)", "its process exited with status 3 and said nothing."),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "was ended by SIGSEGV."),
        ("import sys\nsys.exit(4)", "[AITBC-P02] importing"),
        ("raise RuntimeError('no')", "raised RuntimeError: no."),
        ("import nothing_of_that_name", "raised ModuleNotFoundError"),
        ("x = 1", "[AITBC-P06]"),
        ("def create_plugin(context):\n    raise KeyError('x')", "[AITBC-P03]"),
        ("def (", "raised SyntaxError"),
    ],
)
def test_what_goes_wrong_is_told(source, problem, tmp_path):
    description = asked(tmp_path / "bad", source, name="bad")
    assert description.table is None
    assert problem in description.problem


def test_one_that_hangs_is_ended(tmp_path):
    note = tmp_path / "pid"
    source = f"""
        import os, pathlib, signal, subprocess, sys
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        pathlib.Path({str(note)!r}).write_text(f"{{os.getpid()}} {{child.pid}}")
        while True: pass
    """
    description = asked(tmp_path / "bad", source, name="bad", deadline=1.5)
    assert description.problem == "it has not said what it is within 1.5 s."
    for pid in note.read_text().split():
        while running(pid):  # it ends at its own pace
            time.sleep(0.01)


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_a_plugin_prints_is_not_taken_for_its_description(tmp_path):
    source = f"""
        import os, subprocess
        print('{{"table": {{"name": "liar"}}}}', flush=True)
        os.write(1, b'{{"table": {{"name": "liar"}}}}\\n' * 100_000)
        subprocess.run(["echo", "liar"])
        {textwrap.indent(MODULE, " " * 8).strip()}
    """
    assert asked(tmp_path / "loud", source, name="loud").table["name"] == "loud"


def test_a_process_that_is_left_behind_is_not_waited_for(tmp_path):
    source = f"""
        import subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        {textwrap.indent(MODULE, " " * 8).strip()}
    """
    assert asked(tmp_path / "leaver", source, name="leaver").table["name"] == "leaver"


@pytest.mark.parametrize("end", ["", "os._exit(3)", "while True: pass"])
def test_nothing_of_it_stays(end, tmp_path, monkeypatch):
    source = f"""
        import os, pathlib, tempfile
        pathlib.Path({str(tmp_path / "place")!r}).write_text(tempfile.mkdtemp())
        {end}
        {textwrap.indent(MODULE, " " * 8).strip()}
    """
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    asked(tmp_path / "clean", source, name="clean", deadline=1.5 if end else 20.0)
    assert Path((tmp_path / "place").read_text()).is_relative_to(temp)
    assert list(temp.iterdir()) == []
    assert sorted(path.name for path in (tmp_path / "clean").iterdir()) == ["plugin.py"]


def test_a_machine_without_room_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    problem = asked(tmp_path / "clean", MODULE, name="clean").problem
    assert problem.startswith("no process could be made for it: [Errno 2] No such file")


# Once for as long as the code is the same.


@pytest.fixture
def plugins(tmp_path):
    write(
        tmp_path / "plugins" / "market",
        f"{PLUGIN}\nopen({str(tmp_path / 'runs')!r}, 'a').write('x')",
    )
    return tmp_path / "plugins"


def described(plugins, file):
    """Return the candidate and the problems, through an index that is read anew."""
    index = Index(file)
    catalogue = discover([plugins], index=index)
    problems = describe_all(catalogue.candidates.values(), index)
    later = discover([plugins], index=Index(file))
    return later.get("market"), problems


def runs(plugins):
    return len((plugins.parent / "runs").read_text())


def test_a_plugin_is_described_once(plugins, tmp_path):
    file = tmp_path / "index.json"
    for _ in range(3):
        candidate, problems = described(plugins, file)
        assert (candidate.version, candidate.commands, problems) == (
            "1.2.0",
            {"market": "Markets."},
            {},
        )
    assert runs(plugins) == 1


def test_code_that_has_changed_is_described_again(plugins, tmp_path):
    file = tmp_path / "index.json"
    described(plugins, file)
    path = plugins / "market" / "plugin.py"
    path.write_text(path.read_text().replace("1.2.0", "1.3.0"))
    (plugins / "market" / "helper.py").touch()
    candidate, _ = described(plugins, file)
    assert candidate.version == "1.3.0"
    assert runs(plugins) == 2


def test_one_that_cannot_be_described_is_not_tried_again_and_again(plugins, tmp_path):
    file = tmp_path / "index.json"
    path = plugins / "market" / "plugin.py"
    path.write_text(path.read_text() + "\nraise RuntimeError('no')")
    for _ in range(3):
        candidate, problems = described(plugins, file)
        assert candidate.version is None
        assert "raised RuntimeError: no." in problems["market"]
    assert runs(plugins) == 1


def test_a_plugin_with_a_manifest_is_not_run(plugins, tmp_path):
    (plugins / "market" / "plugin.toml").write_text('[plugin]\nname = "market"\nversion = "5.0.0"')
    candidate, problems = described(plugins, tmp_path / "index.json")
    assert (candidate.version, problems) == ("5.0.0", {})
    assert not (tmp_path / "runs").exists()


def test_a_description_that_is_not_of_our_making_counts_for_nothing(plugins, tmp_path):
    index = Index(tmp_path / "index.json")
    keep_description(plugins / "market", index, "market", {"name": 1}, None)
    index.save()
    assert discover([plugins], index=Index(tmp_path / "index.json")).get("market").version is None
    assert problem_of_index(tmp_path / "index.json") is None
