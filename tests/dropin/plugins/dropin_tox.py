"""A plugin of tox that is installed beside it."""

from __future__ import annotations

from dropin_notes import note, note_manager
from tox.plugin import impl
from tox.plugin.manager import MANAGER


@impl
def tox_extend_envs():
    note_manager(MANAGER.manager)
    return ("from-plugin",)


@impl
def tox_add_option(parser):
    parser.add_argument("--greeting", default="hello")


@impl
def tox_add_env_config(env_conf, state):
    env_conf.add_config("greeting", of_type=str, default=state.conf.options.greeting, desc="said")


@impl(wrapper=True)
def tox_before_run_commands(tox_env):
    note(f"before run in {tox_env.conf.name}: {tox_env.conf['greeting']}")
    return (yield)
