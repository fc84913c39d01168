"""Trying one check on one plugin, and running the program that it prints."""

from __future__ import annotations

import contextlib

import attrs
import pytest

from aitbc_hooks.testing.kit import CHECKS, Examination, Outcome, Specimen, Violation


def tried(name, plugin, *, examples=10, **options):
    """Return what a check comes to, whatever the checks come to that it needs."""
    check = attrs.evolve(CHECKS[name], needs=())
    return Examination(Specimen(plugin, examples=examples, **options), {name: check}).result(name)


def passes(name, plugin, **options):
    result = tried(name, plugin, **options)
    assert (result.outcome, result.detail) == (Outcome.PASS, "")


def is_not_applicable(name, plugin, reason, **options):
    result = tried(name, plugin, **options)
    assert (result.outcome, result.detail) == (Outcome.NOT_APPLICABLE, reason)


def fails(name, plugin, message, **options):
    """Expect a violation, and that the program which is printed with it shows the same."""
    result = tried(name, plugin, **options)
    assert (result.outcome, result.detail) == (Outcome.FAIL, message)
    assert replayed(result.program, plugin) == message


def is_inconclusive(name, plugin, reason, **options):
    result = tried(name, plugin, **options)
    assert (result.outcome, result.detail) == (Outcome.INCONCLUSIVE, reason)


def fails_without_program(name, plugin, message, **options):
    result = tried(name, plugin, **options)
    assert (result.outcome, result.detail, result.program) == (Outcome.FAIL, message, "")


def replayed(program, plugin):
    """Run a printed program, and return the violation that it shows."""
    known = getattr(plugin, "__name__", "plugin").rpartition(".")[2]
    with pytest.raises(Violation) as caught, contextlib.suppress(SystemExit):
        exec(compile(program, "<program>", "exec"), {known: plugin})
    return caught.value.message


def plans_of(name, plugin, **options):
    """Return the steps of each program that a check tries, whatever they come to."""
    programs = []
    specimen = Specimen(plugin, **options)
    specimen.on_try = programs.append
    Examination(specimen, {name: attrs.evolve(CHECKS[name], needs=())}).result(name)
    return [steps_of(program) for program in programs]


def steps_of(program):
    """Return the steps of a printed program."""
    lines = [line.strip() for line in program.splitlines()]
    return [line.removeprefix("await trial.") for line in lines if line.startswith("await trial.")]
