"""The planted faults are fit to test a conformance kit with: each is what it says it is."""

from __future__ import annotations

import collections
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from planted import HERE, Pulse, Sound, every_fault
from planted_ai import SoundModel
from planted_chain import SoundChain
from planted_cli import SoundCli
from planted_legacy import SoundLegacy

from aitbc.plugins import BasePlugin, PluginContext
from aitbc_hooks.testing import PluginTestCase

#: The checks of the kit: id -> level.
CATALOGUE = {
    f"{family}-{number:02}": level
    for family, levels in {
        "META": "MMMSM",
        "CFG": "MMOM",
        "LIFE": "MMMSMMSSS",
        "HLTH": "M",
        "EVT": "SM",
        "RES": "MMSS",
        "LOOP": "M",
        "SCHED": "S",
        "ISO": "M",
        "SEC": "S",
        "IMP": "S",
        "HOOK": "MS",
        "WRAP": "MMM",
        "LEG": "MMS",
        "CLI": "MMMMMMS",
        "CHAIN": "MMMMM",
        "AI": "MMMM",
    }.items()
    for number, level in enumerate(levels, 1)
}
BASE = ("META", "CFG", "LIFE", "HLTH", "EVT", "RES", "LOOP", "SCHED", "ISO", "SEC", "IMP")

FAULTS = every_fault()


def known_checks():
    """Return the ids of the kit's own registry, or the catalogue where there is no kit."""
    try:
        from aitbc_hooks.testing.kit import CHECKS
    except ImportError:
        return set(CATALOGUE)
    return {getattr(check, "id", check) for check in CHECKS}


def family(fault):
    return fault.killers[0].partition("-")[0]


def plain(fault):
    """Whether a fault is a class that may be constructed in this process."""
    about_construction = {"META-01", "META-04"} & set(fault.killers)
    return isinstance(fault.target, type) and not about_construction


def test_each_fault_has_an_id_of_its_own():
    counted = collections.Counter(fault.id for fault in FAULTS)
    assert [name for name, times in counted.items() if times > 1] == []


def test_each_killer_is_a_check_of_the_catalogue():
    strangers = {
        fault.id: unknown for fault in FAULTS if (unknown := set(fault.killers) - known_checks())
    }
    assert strangers == {}
    assert all(fault.killers for fault in FAULTS)


def test_each_fault_is_told_in_one_sentence():
    wrong = [f.id for f in FAULTS if not f.what.endswith(".") or ". " in f.what or "\n" in f.what]
    assert wrong == []


def test_there_are_enough_of_the_base_interface_and_of_the_others():
    base = sum(family(fault) in BASE for fault in FAULTS)
    assert base >= 42
    assert len(FAULTS) - base >= 40


def test_most_faults_break_what_must_be():
    must = sum(CATALOGUE[fault.killers[0]] == "M" for fault in FAULTS)
    assert must / len(FAULTS) >= 0.80


def test_each_check_that_can_fail_has_a_fault_that_it_is_to_see():
    # CFG-03 is a MAY: what does not refuse a configuration has no fault.
    assert set(CATALOGUE) - {fault.killers[0] for fault in FAULTS} == {"CFG-03"}


def context(folder, config):
    logger = logging.getLogger("aitbc.plugins.planted")
    return PluginContext(config or {}, str(folder), str(folder), logger, None, None)


@pytest.mark.parametrize("fault", [*filter(plain, FAULTS)], ids=lambda fault: fault.id)
def test_a_fault_that_is_not_about_construction_shows_later(fault, tmp_path):
    if issubclass(fault.target, BasePlugin):
        assert fault.target(context(tmp_path, fault.config)).context.data_dir == str(tmp_path)
    else:
        assert isinstance(fault.target(), SoundLegacy)


IMPORT = """
import os, sys
sys.stdout = open(os.devnull, "w")  # one of them prints
from planted import every_fault
from pathlib import Path
from aitbc_hooks.discovery import importing
for fault in every_fault():
    if not fault.risky and "META-01" not in fault.killers:
        target = fault.resolve()
        if isinstance(target, Path):
            importing.import_folder(target, "plugin", fault.id)
        sys.stderr.write(fault.id + "\\n")
os._exit(0)  # one of them has left a thread
"""


def test_each_fault_that_is_not_risky_can_be_imported():
    path = os.pathsep.join([str(HERE), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT],
        env={**os.environ, "PYTHONPATH": path},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    expected = [f.id for f in FAULTS if not f.risky and "META-01" not in f.killers]
    assert done.stderr.splitlines() == expected
    assert done.returncode == 0


def test_each_risky_fault_has_its_file_and_stays_unimported():
    for fault in FAULTS:
        if fault.risky:
            place = fault.target
            if not isinstance(place, Path):
                place = HERE / (place.partition(":")[0].replace(".", "/") + ".py")
            assert place.exists()
    assert [name for name in sys.modules if name.startswith("risky.")] == []


def test_no_fault_is_left_in_a_file_that_the_registry_does_not_know():
    told = {fault.target if isinstance(fault.target, Path) else None for fault in FAULTS}
    told |= {
        HERE / (fault.target.partition(":")[0].replace(".", "/") + ".py")
        for fault in FAULTS
        if isinstance(fault.target, str)
    }
    found = {
        entry
        for folder in ("subjects", "risky")
        for entry in (HERE / folder).iterdir()
        if entry.name != "__pycache__"
    }
    assert found == told - {None}


class TestSoundBases(PluginTestCase):
    @pytest.mark.parametrize("base", [Sound, Pulse, SoundCli, SoundChain, SoundModel])
    async def test_what_the_faults_are_planted_into_has_none_in_its_life(self, base):
        plugin = self.create_plugin(base)
        assert await plugin.initialize() is True
        for _ in range(3):
            assert await plugin.start() is True
            assert await plugin.handle_event("user_login", {}) is None
            assert (await plugin.health_check())["status"] == "active"
            assert await plugin.stop() is True
        assert await plugin.cleanup() is True

    def test_the_legacy_base_has_none_either(self):
        legacy = SoundLegacy()
        assert legacy.get_metadata().name == "sound-legacy"
        for step in (legacy.initialize, legacy.start, legacy.stop, legacy.cleanup):
            assert step() is None
