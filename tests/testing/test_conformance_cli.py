"""The checks of commands: what a plugin's commands say of themselves, and what they do."""

from __future__ import annotations

import logging
import sys
from types import ModuleType

import click
import pytest
from conformance_boxes import command, group, plugin
from conformance_trying import fails, is_not_applicable, passes, tried

from aitbc.plugins import hookimpl
from aitbc_builtin_plugins.agent_cli.plugin import AgentCLIPlugin
from aitbc_hooks.testing.kit import CHECKS, Outcome
from aitbc_hooks.testing.kit.sound import Sound, SoundCLI

CLI = [check for check in CHECKS if check.startswith("CLI-")]


# Which plugins the checks concern.


@pytest.mark.parametrize("check", CLI)
def test_a_sound_plugin_passes(check):
    passes(check, SoundCLI)


@pytest.mark.parametrize("check", CLI)
def test_the_built_in_plugin_passes(check):
    passes(check, AgentCLIPlugin)


@pytest.mark.parametrize("check", CLI)
def test_a_plugin_without_commands_is_no_concern(check):
    is_not_applicable(check, Sound, "it implements no get_commands().")


@pytest.mark.parametrize("check", ["CLI-02", "CLI-03", "CLI-04", "CLI-06", "CLI-07"])
def test_a_plugin_that_offers_no_command_is_no_concern(check):
    class Empty(SoundCLI):
        def get_commands(self):
            return []

    is_not_applicable(check, Empty, "it has no commands.")


@pytest.mark.parametrize("check", CLI)
def test_a_module_that_implements_get_commands_alone_passes(check):
    def status():
        """Say how it is."""
        click.echo("well")

    module = ModuleType("boxes")

    @hookimpl
    def get_commands():
        return [group(status)]

    get_commands.__module__ = module.__name__
    module.get_commands = get_commands
    passes(check, module)


# CLI-01


def add(title):
    """Add a thing."""


def test_the_groups_are_a_list():
    class Dictionary(SoundCLI):
        def get_commands(self):
            return {"box": group()}

    fails(
        "CLI-01",
        Dictionary,
        "get_commands(): expected a list of click groups, got {'box': <Group box>}.",
    )


def test_a_command_is_no_group():
    class Bare(SoundCLI):
        def get_commands(self):
            return [click.Command("add")]

    fails("CLI-01", Bare, "get_commands(): expected click groups, got <Command add>.")


@pytest.mark.parametrize("name", ["", "two words", "-v", "a:b", "tab\tbed", None])
def test_a_group_has_a_name_that_can_be_typed(name):
    fails(
        "CLI-01",
        plugin(click.Group(name)),
        f"get_commands(): expected names of letters, digits, '-', '_' and '.', got {name!r}.",
    )


@pytest.mark.parametrize("name", ["box", "box-2", "box_2", "büchse", "2.0"])
def test_letters_of_all_languages_and_some_marks_make_a_name(name):
    passes("CLI-01", plugin(group(name=name)))


def test_two_groups_have_two_names():
    fails(
        "CLI-01",
        plugin(group(), group()),
        "get_commands(): expected names of their own, got two groups called 'box'.",
    )


def test_the_groups_are_the_same_on_every_call():
    class Changing(SoundCLI):
        calls = 0

        def get_commands(self):
            Changing.calls += 1
            return [group(name=f"box{self.calls}")]

    result = tried("CLI-01", Changing)
    assert result.detail == (
        "get_commands(): expected the same commands on every call; 'box1' was there, and not there "
        "the second time."
    )


def test_the_parameters_are_the_same_on_every_call():
    class Growing(SoundCLI):
        calls = 0

        def get_commands(self):
            self.calls += 1
            options = [click.Option([f"--level{n}"], help="L.") for n in range(self.calls)]
            return [group(click.Command("go", params=options, help="Go."))]

    fails(
        "CLI-01",
        Growing,
        "get_commands(): expected the same commands on every call; 'box go' was there with the "
        "parameters level0, and there with the parameters level0, level1 the second time.",
    )


def test_a_group_has_the_commands_that_it_lists():
    class Lazy(click.Group):
        def list_commands(self, ctx):
            return ["missing"]

    fails("CLI-01", plugin(Lazy("box")), "box: it lists a command 'missing', and has none.")


def test_listing_does_not_raise():
    class Broken(SoundCLI):
        def get_commands(self):
            raise LookupError("no box")

    result = tried("CLI-01", Broken)
    assert result.detail.startswith(
        "get_commands() raised LookupError: no box at test_conformance_cli.py:"
    )
    assert result.detail.endswith(" in get_commands().")


def test_a_group_that_holds_itself_is_walked_through_once():
    box = group(add)
    box.add_command(box, "again")
    passes("CLI-01", plugin(box))
    passes("CLI-04", plugin(box))


# CLI-02


def test_a_command_has_help():
    fails(
        "CLI-02",
        plugin(click.Command("clear")),
        "box clear: expected a help text for the command; there is none.",
    )


def test_a_group_within_a_group_has_help():
    fails(
        "CLI-02",
        plugin(group(click.Group("lid"))),
        "box lid: expected a help text for the group; there is none.",
    )


def test_an_option_has_help_and_an_argument_needs_none():
    parameters = [click.Argument(["thing"]), click.Option(["-a", "--all"], is_flag=True)]
    fails(
        "CLI-02",
        plugin(click.Command("clear", params=parameters, help="Clear.")),
        "box clear: expected a help text for the option -a; there is none.",
    )


def test_what_is_hidden_needs_no_help():
    option = click.Option(["--debug"], is_flag=True, hidden=True)
    passes(
        "CLI-02",
        plugin(
            click.Command("trace", hidden=True), click.Command("go", params=[option], help="Go.")
        ),
    )


def test_a_short_help_is_help():
    passes("CLI-02", plugin(click.Command("go", short_help="Go.")))


@pytest.mark.parametrize("text", [None, "", "  ", "one\ntwo", "one\n", "one\u2028two", b"one", 1])
def test_the_help_of_all_commands_is_one_line(text):
    class Helping(SoundCLI):
        def get_command_help(self):
            return text

    fails("CLI-02", Helping, f"get_command_help(): expected one line of text, got {text!r}.")


# CLI-03 and CLI-04


def test_help_exits_with_0():
    def helped(context, _parameter, value):
        if value:
            click.echo("no help today")
            context.exit(1)

    option = click.Option(["--help"], is_flag=True, is_eager=True, callback=helped, help="Help.")
    stubborn = click.Command("go", params=[option], help="Go.", add_help_option=False)
    fails("CLI-03", plugin(stubborn), "box go --help: expected exit status 0; it ended with 1.")


def test_help_is_printed():
    class Mute(click.Command):
        def get_help(self, ctx):
            return ""

    fails(
        "CLI-03",
        plugin(Mute("go", help="Go.")),
        "box go --help: expected a help text; it prints nothing.",
    )


def test_what_listing_prints_is_no_help():
    class Mute(click.Command):
        def get_help(self, ctx):
            return ""

    class Talking(SoundCLI):
        def get_commands(self):
            click.echo("ready")
            return [group(Mute("go", help="Go."))]

    fails("CLI-03", Talking, "box go --help: expected a help text; it prints nothing.")


def test_help_that_raises_says_where():
    class Lost(click.Command):
        def format_epilog(self, ctx, formatter):
            raise FileNotFoundError("manual.txt")

    result = tried("CLI-03", plugin(Lost("go", help="Go.")))
    assert result.detail.startswith(
        "box go --help: expected exit status 0; it raised FileNotFoundError: manual.txt at "
        "test_conformance_cli.py:"
    )


def test_help_is_looked_for_below_a_group_that_demands_an_option():
    box = group(add_command := command(add, params=[click.Argument(["title"])]))
    box.params.append(click.Option(["--shelf"], required=True, type=int, help="Which."))
    assert add_command.name == "add"
    for check in ("CLI-03", "CLI-04", "CLI-06"):
        passes(check, plugin(box))


def test_an_unknown_option_is_wrong_usage():
    lenient = {"ignore_unknown_options": True, "allow_extra_args": True}
    fails(
        "CLI-04",
        plugin(click.Command("go", help="Go.", context_settings=lenient)),
        "box go --no-such-option: expected exit status 2; it ended with 0.",
    )


def test_a_command_may_take_all_options_for_another_program():
    rest = click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)
    lenient = {"ignore_unknown_options": True}
    passes(
        "CLI-04",
        plugin(click.Command("go", params=[rest], help="Go.", context_settings=lenient)),
    )


def test_an_unknown_command_is_wrong_usage():
    class Guessing(click.Group):
        def get_command(self, ctx, cmd_name):
            return super().get_command(ctx, cmd_name) or super().get_command(ctx, "go")

    box = Guessing("box", help="Keep.", commands=[click.Command("go", help="Go.")])
    fails(
        "CLI-04",
        plugin(box),
        "box no-such-command: expected exit status 2; it ended with 0.",
    )


def test_a_group_may_take_arguments_before_its_command():
    box = group(command(add, params=[click.Argument(["title"])]), invoke_without_command=True)
    box.params.append(click.Argument(["shelf"]))
    box.callback = lambda shelf: None
    passes("CLI-04", plugin(box))


# CLI-05


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_listing_prints_nothing(stream):
    class Talking(SoundCLI):
        def get_commands(self):
            click.echo("ready", file=getattr(sys, stream))
            return super().get_commands()

    fails("CLI-05", Talking, "get_commands(): expected no output; it printed 'ready\\n'.")


def test_asking_for_help_prints_nothing():
    class Talking(SoundCLI):
        def get_command_help(self):
            sys.stdout.write("helping\n")
            return "Keep notes"

    fails("CLI-05", Talking, "get_command_help(): expected no output; it printed 'helping\\n'.")


def test_a_log_record_is_no_output(monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest has some

    class Logging(SoundCLI):
        def get_commands(self):
            logging.getLogger("boxes").warning("listed")
            self.context.logger.warning("listed")
            return super().get_commands()

    passes("CLI-05", Logging)


def test_importing_prints_nothing(tmp_path, monkeypatch):
    (tmp_path / "printing_boxes.py").write_text(
        "from aitbc_hooks.testing.kit.sound import SoundCLI\n"
        "print('imported ' * 20)\n"
        "class Boxes(SoundCLI): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import printing_boxes

    result = tried("CLI-05", printing_boxes.Boxes)
    printed = ("imported " * 20)[:80]
    assert result.detail == f"expected a silent import; it prints {printed!r}."


# CLI-07


def test_a_name_of_the_hosts_own_is_an_advisory():
    result = tried("CLI-07", plugin(group(name="config")))
    assert result.outcome is Outcome.FAIL
    assert result.label == "SHOULD-CLI-07"
    assert result.detail == (
        "expected a name that the host has not; its own command 'config' hides the group."
    )


def test_a_command_within_a_group_may_be_called_as_it_likes():
    passes("CLI-07", plugin(group(click.Command("list", help="List."))))
