"""The gate: what is planted is found, and what is good is left alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from corpus import load
from planted import HERE, every_fault

from aitbc_hooks.errors import AitbcError
from aitbc_hooks.testing.kit import (
    CHECKS,
    Examination,
    Level,
    Outcome,
    Specimen,
    examine_in_child,
)
from aitbc_hooks.testing.kit.finding import place_named

FAULTS = every_fault()
GOOD = load()

#: Faults that the kit does not find, each with the reason. More than 5 % would not do.
MISSED: dict[str, str] = {}

#: Faults that only a SHOULD finds although a MUST was meant to.
SHARE_OF_ALL = 0.95
SHARE_BY_A_MUST = 0.80


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Let plugins that write to the author's folders write elsewhere."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(HERE))


def specimen_of(target, each, **options):
    """Return what the kit makes of a record of either corpus."""
    if each.config is not None:
        options["config"] = each.config
    options |= {"provides": each.provides, "samples": each.samples}
    if isinstance(target, Path):
        place = place_named(str(target))
        options |= {"folder": str(place.folder), "entry": place.entry}
        target = place.load()
    return Specimen(target, **options)


def killers_of(fault):
    """Return the checks that see a fault, of those that are meant to."""
    try:
        target = fault.target if isinstance(fault.target, Path) else fault.resolve()
        specimen = specimen_of(target, fault)
    except (AitbcError, ImportError):
        return ["META-01"]  # as the command line has it: it cannot be imported
    examination = Examination(specimen, CHECKS)
    return [
        killer for killer in fault.killers if examination.result(killer).outcome is Outcome.FAIL
    ]


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if not fault.risky], ids=lambda fault: fault.id
)
def test_a_planted_fault_is_found_by_a_check_that_is_meant_to(fault):
    killers = killers_of(fault)
    assert bool(killers) is (fault.id not in MISSED), MISSED.get(fault.id, "it survives")


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if fault.risky], ids=lambda fault: fault.id
)
def test_a_risky_fault_is_found_and_the_kit_survives_it(fault, tmp_path):
    target = fault.target
    if isinstance(target, Path):
        target = str(shutil.copytree(target, tmp_path / target.name))
    elif not isinstance(target, str):
        target = f"{target.__module__}:{target.__qualname__}"
    report = examine_in_child(target, provides=fault.provides, config=fault.config, examples=10)
    assert set(fault.killers) & {result.id for result in report.failures()}
    assert not any("kit itself" in result.detail for result in report.results)


def test_the_teeth_are_as_sharp_as_promised():
    found = [fault for fault in FAULTS if fault.id not in MISSED]
    assert len(found) >= SHARE_OF_ALL * len(FAULTS)
    by_a_must = [fault for fault in found if CHECKS[fault.killers[0]].level is Level.MUST]
    assert len(by_a_must) >= SHARE_BY_A_MUST * len(FAULTS)


def alarms(good, checks, **options):
    """Return what checks say against a good plugin, and should not."""
    examination = Examination(specimen_of(good.target, good, **options), CHECKS)
    results = [examination.result(check.id) for check in checks]
    return {
        result.id: result.detail
        for result in results
        if (result.outcome is Outcome.FAIL and result.level is Level.MUST)
        or "kit itself" in result.detail
    }


MUSTS = [check for check in CHECKS.values() if check.level is Level.MUST]


@pytest.mark.parametrize("good", GOOD, ids=lambda good: good.id)
def test_a_good_plugin_raises_no_alarm(good):
    assert alarms(good, MUSTS, examples=5) == {}


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(1, 21))
@pytest.mark.parametrize("good", GOOD, ids=lambda good: good.id)
def test_a_good_plugin_raises_no_alarm_whatever_the_seed(good, seed):
    assert alarms(good, CHECKS.values(), examples=25, random_seed=seed) == {}
