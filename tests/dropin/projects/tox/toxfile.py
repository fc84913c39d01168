"""The project's own plugin of tox."""

from __future__ import annotations

import os

from dropin_notes import note
from tox.plugin import impl


@impl
def tox_add_core_config(core_conf, state):
    note("core config")


@impl(tryfirst=True)
def tox_before_run_commands(tox_env):
    note(f"first in {tox_env.conf.name}")


@impl(trylast=True)
def tox_after_run_commands(tox_env, exit_code, outcomes):
    note(f"after {tox_env.conf.name}: {exit_code}, {len(outcomes)} outcomes")


@impl
def tox_env_teardown(tox_env):
    note(f"teardown of {tox_env.conf.name}")


if os.environ.get("UNKNOWN_HOOK"):

    @impl
    def tox_of_the_future():
        note("never")
