"""A plugin of llm: a model, a command, a tool, loaders, and wrappers around them."""

from __future__ import annotations

import click
import llm
from dropin_notes import note, note_manager
from llm.plugins import pm


class Fake(llm.Model):
    """Answers in capitals."""

    model_id = "fake"

    def execute(self, prompt, stream, response, conversation):
        note("execute")
        yield from (f"{word.upper()} " for word in prompt.prompt.split())


class AsyncFake(llm.AsyncModel):
    """The same, for the asynchronous interface."""

    model_id = "fake"

    async def execute(self, prompt, stream, response, conversation):
        for word in prompt.prompt.split():
            yield f"{word.upper()} "


@llm.hookimpl(tryfirst=True)
def register_models(register, model_aliases):
    note("register_models")
    register(Fake(), AsyncFake(), aliases=("faux",))


class Around:
    """Wrappers, in the new style and in the old one."""

    @staticmethod
    @llm.hookimpl(wrapper=True)
    def register_models():
        note("before register_models")
        result = yield
        note("after register_models")
        return result

    @staticmethod
    @llm.hookimpl(hookwrapper=True)
    def register_commands(cli):
        note("before register_commands")
        outcome = yield
        note(f"after register_commands: {outcome.get_result()}")


@llm.hookimpl
def register_commands(cli):
    note_manager(pm)

    @cli.command()
    def manager():
        """Say which hooks the manager knows."""
        click.echo(" ".join(sorted(vars(pm.hook))))


def shout(text: str) -> str:
    """Say it in capitals."""
    return text.upper()


@llm.hookimpl
def register_tools(register):
    register(shout)


@llm.hookimpl
def register_fragment_loaders(register):
    register("dropin", lambda argument: llm.Fragment(f"fragment {argument}", argument))


@llm.hookimpl(trylast=True)
def register_template_loaders(register):
    register("dropin", lambda name: llm.Template(name=name, prompt="template $input"))


pm.register(Around, "around")
