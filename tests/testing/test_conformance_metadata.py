"""The checks of what a plugin says of itself, and of what making an instance of it does."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from pathlib import Path
from types import ModuleType

import click
import pytest
from conformance_trying import is_not_applicable, passes, tried

from aitbc.plugins import BasePlugin, PluginMetadata, hookimpl
from aitbc_hooks.testing.kit import Outcome
from aitbc_hooks.testing.kit.sound import Sound, SoundCLI


def fails(name, plugin, message, **options):
    """Expect a violation that is seen without a program."""
    result = tried(name, plugin, **options)
    assert (result.outcome, result.detail, result.program) == (Outcome.FAIL, message, "")


def sound(**methods):
    return type("Mailer", (Sound,), methods)


def module_with(function):
    """Return a module with one hook."""
    module = ModuleType("mailer")
    function.__module__ = module.__name__
    setattr(module, function.__name__, hookimpl(function))
    return module


def metadata(version="1.0.0", **fields):
    texts = {"description": "Sends mail", "author": "Me", "license": "MIT"}
    return PluginMetadata("mailer", version, **texts | fields)


@pytest.mark.parametrize("check", ["META-01", "META-02", "META-04"])
def test_a_sound_plugin_passes(check):
    passes(check, Sound)


# META-01


class Unfinished(BasePlugin):
    def get_metadata(self):
        return metadata()


class Demanding(Sound):
    def __init__(self, context):
        raise LookupError("no clock")


@pytest.mark.parametrize(
    ("plugin", "message"),
    [
        (
            Unfinished,
            (
                "[AITBC-P10] plugin 'plugin': Unfinished leaves abstract methods unimplemented: "
                "cleanup, initialize, start, stop."
            ),
        ),
        (
            Demanding,
            "[AITBC-P03] plugin 'plugin': Demanding(context) raised LookupError: no clock.",
        ),
    ],
)
def test_a_plugin_can_be_made_with_a_context(plugin, message):
    fails("META-01", plugin, message)


# META-02


def get_command_help():
    return "Helps."


def test_a_plugin_without_metadata_has_none_that_could_be_wrong():
    is_not_applicable("META-02", module_with(get_command_help), "it implements no get_metadata().")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"name": "mailer"}, "expected PluginMetadata, got {'name': 'mailer'}."),
        (None, "expected PluginMetadata, got None."),
    ],
)
def test_metadata_are_of_the_type_that_checks_them(said, message):
    fails("META-02", sound(get_metadata=lambda self: said), f"get_metadata(): {message}")


def test_metadata_are_checked_again_when_they_are_read():
    def get_metadata(self):
        made = metadata()
        made.version = "1"
        return made

    result = tried("META-02", sound(get_metadata=get_metadata))
    assert result.outcome is Outcome.FAIL
    assert result.detail.startswith("get_metadata(): version")


# META-04


def constructed(work):
    """Return a plugin that does something when it is made."""

    class Hasty(Sound):
        def __init__(self, context):
            super().__init__(context)
            self.kept = work(context)

    return Hasty


def begin(context):
    return asyncio.get_running_loop().create_task(asyncio.sleep(1), name="poller")


def write_data(context):
    for name in ("b", "a"):
        Path(context.data_dir, name).touch()


def write_scratch(context):
    Path(context.temp_dir, "c").touch()


def write_outside(context):
    Path("elsewhere").touch()


def connect(context):
    with socket.socket() as sock:
        sock.settimeout(0)
        sock.connect_ex(("127.0.0.1", 1))


def open_null(context):
    return os.fdopen(os.open(os.devnull, os.O_RDONLY))


@pytest.mark.parametrize(
    ("work", "done"),
    [
        ([begin], "started task poller"),
        ([open_null], "holds a file descriptor on /dev/null"),
        ([write_data, write_scratch], "wrote a, wrote b, wrote c"),
        ([write_outside], "wrote {folder}/elsewhere"),
        ([connect], "made a connect to 127.0.0.1:1"),
        (
            [connect, write_outside, write_scratch, open_null, begin],
            (
                "started task poller, holds a file descriptor on /dev/null, wrote c, "
                "wrote {folder}/elsewhere, made a connect to 127.0.0.1:1"
            ),
        ),
    ],
)
def test_a_plugin_does_nothing_when_it_is_made(work, done, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plugin = constructed(lambda context: [each(context) for each in work])
    told = done.format(folder=tmp_path)
    fails("META-04", plugin, f"expected an inert construction; it {told}.")


def test_a_plugin_starts_no_thread_when_it_is_made():
    done = threading.Event()

    def begin(context):
        threading.Thread(target=done.wait, name="poller").start()

    fails(
        "META-04", constructed(begin), "expected an inert construction; it holds a thread poller."
    )
    done.set()


# META-05


def manifested(folder, text):
    (folder / "plugin.toml").write_text(f'[plugin]\nentry = "plugin:Mailer"\n{text}\n')
    return {"folder": str(folder)}


NAMED = 'name = "mailer"\nversion = "1.0.0"'
COMMANDS = '\n[plugin.commands]\nmail = "Send mail"\n'


class Mailer(Sound):
    def get_metadata(self):
        return metadata()


class CommandMailer(SoundCLI):
    def get_metadata(self):
        return metadata()

    def get_commands(self):
        return [click.Group("mail"), click.Group("letters")]


def test_a_plugin_that_has_no_place_has_no_manifest():
    is_not_applicable("META-05", Mailer, "it is not tried by its place.")


def test_a_place_may_be_without_a_manifest(tmp_path):
    is_not_applicable("META-05", Mailer, "there is no plugin.toml.", folder=str(tmp_path))


@pytest.mark.parametrize(
    ("plugin", "text"),
    [
        (Mailer, NAMED),
        (Mailer, 'name = "Mailer"'),
        (Mailer, f'{NAMED}\ndescription = "Sends mail"'),
        (CommandMailer, f'{NAMED}{COMMANDS}letters = "Read mail"'),
    ],
)
def test_a_manifest_that_agrees_passes(plugin, text, tmp_path):
    passes("META-05", plugin, **manifested(tmp_path, text))


@pytest.mark.parametrize(
    ("plugin", "text", "message"),
    [
        (Mailer, 'name = "postman"', "plugin.toml has the name 'postman', the code 'mailer'."),
        (
            Mailer,
            'name = "mailer"\nversion = "1.0.1"',
            "plugin.toml has the version '1.0.1', the code '1.0.0'.",
        ),
        (
            Mailer,
            f'{NAMED}\ndescription = "Sends"',
            "plugin.toml has the description 'Sends', the code 'Sends mail'.",
        ),
        (
            Mailer,
            f'{NAMED}{COMMANDS}letters = "Read mail"',
            "plugin.toml promises the command groups letters, mail; there are none.",
        ),
        (
            CommandMailer,
            NAMED,
            "plugin.toml promises the command groups none; there are letters, mail.",
        ),
        (
            CommandMailer,
            f"{NAMED}{COMMANDS}",
            "plugin.toml promises the command groups mail; there are letters, mail.",
        ),
    ],
)
def test_a_manifest_agrees_with_the_code(plugin, text, message, tmp_path):
    fails("META-05", plugin, message, **manifested(tmp_path, text))


def test_a_manifest_that_cannot_be_read_fails(tmp_path):
    result = tried("META-05", Mailer, **manifested(tmp_path, 'name = "no such name"'))
    assert result.outcome is Outcome.FAIL
    assert f"{tmp_path}/plugin.toml" in result.detail


def test_a_manifest_needs_metadata_to_agree_with(tmp_path):
    fails(
        "META-05",
        sound(get_metadata=lambda self: None),
        "[AITBC-P04] plugin 'plugin': get_metadata(): expected PluginMetadata, got None.",
        **manifested(tmp_path, NAMED),
    )


@pytest.mark.parametrize("method", ["initialize", "start"])
def test_why_a_plugin_does_not_start_is_the_business_of_others(method, tmp_path):
    async def refuse(self):
        return False

    plugin = type("Mailer", (CommandMailer,), {method: refuse})
    passes("META-05", plugin, **manifested(tmp_path, NAMED))


def test_commands_are_asked_for_when_the_plugin_has_started(tmp_path):
    class Late(CommandMailer):
        async def start(self):
            self.groups = [click.Group("mail")]
            return True

        def get_commands(self):
            return self.groups

    passes("META-05", Late, **manifested(tmp_path, f"{NAMED}{COMMANDS}"))
