"""Every check by its own words: its example fails it, and what it quotes stands in the text."""

from __future__ import annotations

import os
import re
import sys
import types
from pathlib import Path

import pytest

import aitbc_hookspecs
from aitbc_hooks.testing.kit import (
    CHECKS,
    UNTESTED,
    Examination,
    Level,
    Outcome,
    Registry,
    Specimen,
    Violation,
    conformance,
)
from aitbc_hooks.testing.kit.finding import place_named
from aitbc_hooks.testing.kit.sound import (
    NAMES,
    Sound,
    SoundAI,
    SoundChain,
    SoundCLI,
    samples,
)

SPEC = Path(__file__).parents[1] / "spec" / "SPEC.md"

#: What fails together with a check, because it is the same fault seen from elsewhere.
ALSO = {"LEG-01": {"META-01"}}


def flat(text):
    return " ".join(text.replace("`", "").replace("*", "").split())


def example_plugin(check):
    """Return the plugin of a check's example: the class that it defines last, or the module."""
    module = types.ModuleType(f"example_{check.id}")
    sys.modules.pop(module.__name__, None)
    vars(module).update(NAMES)
    exec(compile(check.example, f"{check.id}.py", "exec"), vars(module))
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]
    return classes[-1] if classes else module


def example_folder(check, folder):
    """Return the folder of a plugin with the example as its module."""
    home = folder / "example"
    home.mkdir()
    names = "from aitbc_hooks.testing.kit.sound import *\n"
    (home / "plugin.py").write_text(
        f"{names}from aitbc.plugins import PluginMetadata\n{check.example}"
    )
    promised = re.search(r'# plugin.toml: name = "(.*)", version = "(.*)"', check.example)
    if promised:
        name, version = promised.groups()
        (home / "plugin.toml").write_text(
            f'[plugin]\nname = "{name}"\nversion = "{version}"\nentry = "plugin:Mailer"\n'
        )
    return place_named(str(home))


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.label)
def test_the_example_of_a_check_fails_it_and_nothing_that_it_needs(check, tmp_path):
    if check.id in ("META-05", "IMP-01"):
        place = example_folder(check, tmp_path)
        specimen = Specimen(place.load(), folder=str(place.folder), entry=place.entry)
    else:
        specimen = Specimen(example_plugin(check), samples=samples())
    examination = Examination(specimen, CHECKS)
    result = examination.result(check.id)
    assert result.outcome is Outcome.FAIL, result.detail
    assert result.detail
    failed = {r.id for r in examination.results.values() if r.outcome is Outcome.FAIL}
    assert failed <= {check.id} | ALSO.get(check.id, set())


@pytest.mark.parametrize("plugin", [Sound, SoundCLI, SoundChain, SoundAI])
def test_a_sound_plugin_fails_nothing(plugin):
    report = conformance(plugin, samples=samples())
    assert {
        r.id: r.detail for r in report.results if r.outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE)
    } == {}


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.label)
def test_a_check_says_all_that_an_author_wants_to_know(check):
    assert re.fullmatch(r"[A-Z]+-\d\d", check.id)
    for text in (check.title, check.why, check.fix):
        assert text.strip().endswith((".", "…"))
        assert text[0].isupper() or re.match(r"`|--help|\w+\(\)|plugin\.toml", text)
    assert check.sentence
    assert re.match(r"(SPEC\.md|DESIGN\.md|hookspec \w+)", check.source)
    assert set(check.needs) <= set(CHECKS)


def specification():
    return flat(SPEC.read_text("utf-8"))


def hookspecs():
    docs = [
        value.__doc__ or ""
        for module in aitbc_hookspecs.SPEC_MODULES
        for value in vars(module).values()
        if callable(value)
    ]
    return flat(" ".join(docs))


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.label)
def test_what_a_check_quotes_from_the_specification_or_a_hookspec_stands_there(check):
    if check.source.startswith("SPEC.md") and ";" not in check.source:
        assert flat(check.sentence) in specification()
    elif check.source.startswith("SPEC.md"):  # and a second source, which may be the one quoted
        assert flat(check.sentence) in specification() or "DESIGN.md" in check.source
    elif check.source.startswith("hookspec"):
        assert flat(check.sentence) in hookspecs()
    else:
        assert check.source.startswith("DESIGN.md")


def test_what_no_check_decides_is_quoted_from_the_specification_with_a_reason():
    assert len(UNTESTED) >= 8
    for sentence in UNTESTED:
        assert flat(sentence.sentence) in specification()
        assert sentence.reason.endswith(".")


def test_the_catalogue_has_all_checks_in_the_order_in_which_they_need_each_other():
    seen = []
    for check in CHECKS.values():
        assert set(check.needs) <= set(seen), check.id
        seen.append(check.id)
    assert len(seen) >= 50
    assert sum(check.level is Level.MUST for check in CHECKS.values()) >= 35


def entered(registry, name, **options):
    fields = {"sentence": "s", "source": "SPEC.md", "fix": "f", "example": "e", **options}
    return registry.check(name, Level.MUST, "It is.", **fields)


def test_an_identifier_is_given_once():
    registry = Registry()
    entered(registry, "X-01")(lambda specimen: None)
    with pytest.raises(ValueError, match="X-01: the identifier is taken"):
        entered(registry, "X-01")


def test_a_check_needs_only_what_comes_before_it():
    with pytest.raises(ValueError, match="X-01: it needs Y-01, which is not there yet"):
        entered(Registry(), "X-01", needs=["Y-01"])


class Refusing(Sound):
    """Fails LIFE-01, which most checks need."""

    async def initialize(self):
        return False


def test_a_failure_makes_no_check_inconclusive_that_is_no_concern_of_the_plugin():
    results = {result.id: result for result in conformance(Refusing).results}
    assert results["CLI-02"].outcome is Outcome.NOT_APPLICABLE
    assert results["CLI-02"].detail == "it implements no get_commands()."
    assert results["LIFE-02"].outcome is Outcome.INCONCLUSIVE
    assert results["LIFE-02"].blocked_by == "LIFE-01"


class Unfinished(Sound):
    """Fails META-01, without which nothing can be asked."""

    def __init__(self, context):
        raise OSError("no disk")


def test_where_nobody_knows_whether_a_check_is_a_concern_it_is_inconclusive():
    results = {result.id: result for result in conformance(Unfinished).results}
    assert results["META-02"].outcome is Outcome.INCONCLUSIVE
    assert results["META-02"].blocked_by == "META-01"
    assert results["CLI-02"].outcome is Outcome.INCONCLUSIVE


def test_whether_a_check_is_a_concern_is_asked_without_consequences_either():
    def fail(specimen):
        raise Violation("wrong")

    registry = Registry()
    entered(registry, "X-01")(fail)
    entered(
        registry, "X-02", needs=["X-01"], concern=lambda _: os.environ.setdefault("ASKED", "y")
    )(fail)
    result = Examination(Specimen(Sound), registry.as_mapping()).result("X-02")
    assert (result.outcome, result.detail) == (Outcome.NOT_APPLICABLE, "y")
    assert "ASKED" not in os.environ
