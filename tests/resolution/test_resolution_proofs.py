"""Every step of a refutation follows, every fact is one, and none is there for nothing."""

from __future__ import annotations

import itertools
from random import Random

import attrs
import pytest
import resolution_reference as reference
from test_resolution_solving import pigeonhole

from aitbc_hooks.resolution import HOST, Refutation, Release, Request, Solution, resolve
from aitbc_hooks.resolution.domains import ABSENT
from aitbc_hooks.resolution.facts import Fact, FactKind, Incompatibility, resolve_on
from aitbc_hooks.resolution.proving import steps_of
from aitbc_hooks.resolution.solving import solve
from aitbc_hooks.versions import Requirement, RequirementKind


def is_violated(terms, values):
    return all(values[key] & mask for key, mask in terms.items())


def check_step(step, steps, domains):
    """Whoever violates the conclusion violates a premise: every assignment is tried."""
    premises = [p.terms if isinstance(p, Fact) else steps[p].terms for p in step.premises]
    keys = sorted({key for terms in (step.terms, *premises) for key in terms})
    bits = [[1 << n for n in range(12) if domains[key].full >> n & 1] for key in keys]
    for drawn in itertools.product(*bits):
        values = dict(zip(keys, drawn, strict=True))
        if is_violated(step.terms, values):
            assert any(is_violated(terms, values) for terms in premises)


def check_proof(refutation):
    steps = {step.number: step for step in refutation.steps}
    assert list(steps) == list(range(1, len(steps) + 1))
    assert not refutation.steps[-1].terms
    for step in refutation.steps:
        cited = [premise for premise in step.premises if not isinstance(premise, Fact)]
        assert all(number < step.number for number in cited)
        check_step(step, steps, refutation.domains)
    cited = {p for step in refutation.steps for p in step.premises if not isinstance(p, Fact)}
    assert cited == set(range(1, len(steps)))  # no step is there for nothing


def facts_of(refutation):
    return [p for step in refutation.steps for p in step.premises if isinstance(p, Fact)]


def chosen(request, key, bit):
    """The release that a bit stands for, found anew."""
    versions = sorted(
        (release for release in request.releases if release.key == key),
        key=lambda release: release.version.sort_key,
    )
    return None if bit == ABSENT else versions[bit.bit_length() - 2]


def check_fact(fact, request, domains):
    """Whoever violates a fact violates what one record says, as the reference reads it."""
    keys = sorted({*fact.terms, *([fact.subject] if fact.subject else [])} - {HOST})
    bits = [[1 << n for n in range(12) if domains[key].full >> n & 1] for key in keys]
    for drawn in itertools.product(*bits):
        values = dict(zip(keys, drawn, strict=True))
        if fact.subject and not values[fact.subject] & fact.mask:
            continue
        if is_violated({k: m for k, m in fact.terms.items() if k != HOST}, values):
            taken = {k: r for k, bit in values.items() if (r := chosen(request, k, bit))}
            assert says(fact, request, taken)


def needs(request):
    """Every need that could come to count: that of the user, and of whatever is needed."""
    found = list(request.roots)
    for need in found:
        found += [
            each
            for release in request.releases
            if release.key == need.name.lower()
            for each in release.requirements
            if each.kind is RequirementKind.NEED and each not in found
        ]
    return found


def says(fact, request, taken):
    if fact.kind is FactKind.PRERELEASE:
        version = taken[fact.subject].version
        return not any(
            each.name.lower() == fact.subject and reference.fits(request, each, version)
            for each in needs(request)
        )
    if fact.kind in (FactKind.HOST, FactKind.PLATFORM, FactKind.DISABLED, FactKind.YANKED):
        plain = ["requires_host", "platforms", "yanked"]
        kept = {FactKind.HOST: 0, FactKind.PLATFORM: 1, FactKind.YANKED: 2}.get(fact.kind)
        blank = attrs.fields_dict(Release)
        release = taken[fact.subject]
        for name in [name for place, name in enumerate(plain) if place != kept]:
            default = blank[name].default
            value = default.factory() if hasattr(default, "factory") else default
            release = attrs.evolve(release, **{name: value})
        disabled = request.disabled if fact.kind is FactKind.DISABLED else ()
        return reference.unusable(attrs.evolve(request, disabled=disabled), release)
    if fact.subject:
        assert str(fact.requirement) in map(str, taken[fact.subject].requirements)
    else:
        assert fact.requirement in request.roots
    return reference.objects(request, fact.requirement, taken)


@reference.for_requests(1000)
def test_every_step_follows_from_what_it_cites_and_every_fact_is_one(request_):
    result = resolve(request_)
    if isinstance(result, Refutation):
        check_proof(result)
        for fact in facts_of(result):
            check_fact(fact, request_, result.domains)


def check_that_each_fact_is_needed(result):
    if isinstance(result, Refutation):
        full = {key: domain.full for key, domain in result.domains.items()}
        facts = facts_of(result)
        assert len(set(map(id, facts))) == len(
            {(f.kind, f.subject, f.mask, str(f.requirement)) for f in facts}
        )
        for fact in facts:
            kept = [other for other in facts if other is not fact]
            found, _ = solve(full, kept, budget=10_000)
            assert isinstance(found, dict)


@reference.for_requests(700)
def test_without_any_one_of_its_facts_a_proof_proves_nothing(request_):
    check_that_each_fact_is_needed(resolve(request_))


@pytest.mark.parametrize("seed", range(20))
def test_what_a_long_search_has_met_by_the_way_is_not_in_the_proof(seed):
    result = resolve(reference.tangle(Random(seed)))
    check_that_each_fact_is_needed(result)
    if isinstance(result, Refutation):
        check_proof(result)


def test_a_step_that_serves_two_others_is_told_once_and_by_itself():
    full = {"p": 0b1111111, "q": 0b111}

    def fact(p, q):
        return Fact({"p": p, "q": q}, kind=FactKind.NEED)

    facts = [fact(1 << n, q) for n, q in enumerate([2, 2, 2, 6, 6, 6, 6])]
    chain = [facts[0]]
    for other in facts[1:]:
        chain.append(resolve_on("p", chain[-1], other, full))
    beside = resolve_on("p", chain[2], facts[6], full)
    steps = steps_of(Incompatibility({}, (chain[6], beside), "q"))
    (shared,) = [step for step in steps if step.terms == chain[2].terms]
    assert sum(shared.number in step.premises for step in steps) == 2
    assert [len(step.premises) for step in steps] == [2, 2, 5, 2, 2]


def test_a_large_proof_is_checked_too_and_its_text_says_what_it_leaves_out():
    result = resolve(pigeonhole(4, 3))
    check_proof(result)
    large = resolve(pigeonhole(6, 5))
    assert len(large.steps) > 30
    lines = str(large).splitlines()
    assert lines[0] == f"(A proof of {len(large.steps)} steps; the last 30 are shown.)"
    assert lines[30].startswith(f"{len(large.steps)}. Because ")


@pytest.mark.parametrize("count", [2, 3, 4, 5, 9])
def test_a_chain_about_one_plugin_is_told_in_one_step_if_it_is_longer_than_three(count):
    releases = [Release.of("a", f"1.{n}.0", yanked=f"reason {n}") for n in range(count)]
    result = resolve(Request([Requirement.parse("a")], releases))
    check_proof(result)
    assert len(facts_of(result)) == count + 1
    assert len(result.steps) == (1 if count > 3 else count)


def test_a_search_needs_no_fact_to_end():
    result = resolve(Request([], []))
    assert isinstance(result, Solution)
    assert not result.releases
