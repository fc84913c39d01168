"""The changes that a refutation shows are the single changes that work: no more, and no fewer."""

from __future__ import annotations

import attrs
import pytest
import resolution_reference as reference
from test_resolution_solving import asking, pigeonhole

from aitbc_hooks.resolution import ChangeKind, Refutation, Release, Solution, resolve


def described(change, request):
    """What distinguishes a change, in the words of the reference."""
    kind, after = change.kind, change.request
    if kind is ChangeKind.ENABLE:
        return (kind.name, *(request.disabled - after.disabled))
    if kind is ChangeKind.PRERELEASES:
        return (kind.name, *(after.prereleases - (request.prereleases or frozenset())))
    if kind is ChangeKind.YANKED:
        return (kind.name, *next(iter(after.accepted - request.accepted)))
    (gone,) = {str(root) for root in request.roots} - {str(root) for root in after.roots}
    return (kind.name, gone)


@reference.for_requests(700)
def test_the_changes_are_those_that_work_when_each_is_tried(request_):
    result = resolve(request_)
    if not isinstance(result, Refutation):
        return
    expected = {
        what
        for what, changed in reference.single_changes(request_)
        if changed.roots and reference.is_solvable(changed)
    }
    shown = {described(change, request_) for change in result.changes if change.request.roots}
    # A root that stands beside its own rangeless form is dropped either way.
    bare = {str(root) for root in request_.roots if root.range.is_any}
    doubled = {("VERSION", str(r)) for r in request_.roots if r.name in bare and str(r) not in bare}
    assert shown - doubled == expected - doubled
    assert result.untried == 0


@reference.for_requests(400)
def test_asking_again_with_a_change_gives_the_version_that_it_has_promised(request_):
    result = resolve(request_)
    if isinstance(result, Refutation):
        for change in result.changes:
            after = resolve(change.request)
            assert isinstance(after, Solution)
            taken = after.releases.get(change.name.lower())
            assert change.version == (taken.version if taken else None)


ANT = Release.of("ant", "1.0.0", ["bee >=2"])


@pytest.mark.parametrize(
    ("bees", "terms", "roots", "text"),
    [
        ([("2.1.0", {})], {"disabled": ["bee"]}, ["ant"], "enable bee 2.1.0"),
        ([("2.1.0-rc.1", {})], {}, ["ant"], "allow pre-releases of bee (takes 2.1.0-rc.1)"),
        (
            [("2.1.0", {"yanked": "slow"})],
            {},
            ["ant"],
            "allow bee 2.1.0 although it was yanked",
        ),
        (
            [("1.0.0", {}), ("2.1.0", {})],
            {},
            ["ant", "bee 1.x"],
            "take bee 2.1.0 instead of 1.x",
        ),
        ([("1.0.0", {}), ("2.1.0", {})], {}, ["ant", "bee 1.x"], "do without bee 1.x"),
    ],
)
def test_each_kind_of_change_is_said_with_the_version_that_it_brings(bees, terms, roots, text):
    releases = [ANT, *(Release.of("bee", version, **more) for version, more in bees)]
    result = resolve(asking(*roots, releases=releases, **terms))
    assert text in [str(change) for change in result.changes]
    assert f"  - {text}" in str(result).splitlines()


def test_what_undoes_a_decision_of_the_author_comes_last():
    releases = [Release.of("a", "1.0.0", yanked="x"), Release.of("a", "2.0.0-rc.1")]
    result = resolve(asking("a", releases=releases))
    kinds = [change.kind for change in result.changes]
    assert kinds == [ChangeKind.PRERELEASES, ChangeKind.DROP, ChangeKind.YANKED]


def test_where_no_single_change_works_that_is_said():
    releases = [Release.of("a", "1.0.0", ["c"]), Release.of("b", "1.0.0", ["c"])]
    result = resolve(asking("a", "b", releases=releases))
    assert result.changes == ()
    assert str(result).endswith("No single change that was tried works.")


def test_what_could_not_be_tried_within_the_budget_is_counted():
    request = pigeonhole(5, 4)
    releases = [attrs.evolve(r, yanked="x") if r.name == "p0" else r for r in request.releases]
    enough = attrs.evolve(request, releases=releases)
    result = resolve(enough)
    assert isinstance(result, Refutation)
    assert result.untried == 0
    tight = resolve(attrs.evolve(enough, budget=40))
    assert isinstance(tight, Refutation)
    assert tight.untried > 0
    assert f"Not tried, for lack of time: {tight.untried}." in str(tight).splitlines()
