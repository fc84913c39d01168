"""A set of versions is found if and only if there is one, and it is the one that is preferred."""

from __future__ import annotations

import itertools
from random import Random

import attrs
import pytest
import resolution_reference as reference

from aitbc_hooks.errors import PluginNameError
from aitbc_hooks.resolution import (
    HOST,
    GaveUp,
    Refutation,
    Release,
    Request,
    Solution,
    resolve,
    start_order,
)
from aitbc_hooks.resolution.order import Node
from aitbc_hooks.versions import Requirement, RequirementKind, Version


def asking(*roots, **terms):
    releases = terms.pop("releases")
    return Request([Requirement.parse(root) for root in roots], releases, **terms)


def versions_of(resolution):
    return {name: str(version) for name, version in resolution.versions.items()}


def agrees_with_the_reference(request):
    result = resolve(request)
    if reference.is_solvable(request):
        assert isinstance(result, Solution)
        assert reference.is_valid(request, result.releases)
    else:
        assert isinstance(result, Refutation)


@reference.for_requests(4000)
def test_there_is_a_solution_exactly_where_trying_everything_finds_one(request_):
    agrees_with_the_reference(request_)


@pytest.mark.nightly
@reference.for_requests(100_000)
def test_there_is_a_solution_exactly_where_trying_everything_finds_one_at_length(request_):
    agrees_with_the_reference(request_)


@reference.for_requests(400)
def test_a_solution_holds_nothing_that_is_not_needed(request_):
    result = resolve(request_)
    if not isinstance(result, Solution):
        return
    needed, waiting = set(), list(request_.roots)
    while waiting:
        key = waiting.pop().name.lower()
        if key in result.releases and key not in needed:
            needed.add(key)
            requirements = result.releases[key].requirements
            waiting += [each for each in requirements if each.kind is RequirementKind.NEED]
    assert set(result.releases) == needed


@reference.for_requests(400)
def test_what_is_in_use_is_kept_where_that_works(request_):
    before = resolve(attrs.evolve(request_, current={}))
    if isinstance(before, Solution):
        for old in reference.choices(request_):
            kept = attrs.evolve(request_, current={r.name: r.version for r in old.values()})
            if reference.is_valid(kept, old):
                result = resolve(kept)
                assert isinstance(result, Solution)
                assert result.releases.items() <= old.items()


@reference.for_requests(400)
def test_the_newest_of_everything_is_taken_where_that_works(request_):
    request_ = attrs.evolve(request_, current={})
    newest: dict[str, Release] = {}
    for release in request_.releases:
        if release.key not in newest or newest[release.key].version < release.version:
            newest[release.key] = release
    if reference.is_valid(request_, newest):
        result = resolve(request_)
        assert isinstance(result, Solution)
        assert result.releases.items() <= newest.items()


@reference.for_requests(400)
def test_the_start_order_is_that_of_what_is_taken_needs_and_optionals_first(request_):
    result = resolve(request_)
    if isinstance(result, Solution):
        expected = start_order(
            Node(
                key,
                frozenset(
                    each.name.lower()
                    for each in release.requirements
                    if each.kind is not RequirementKind.CONFLICT
                ),
                release.priority,
            )
            for key, release in result.releases.items()
        )
        assert result.order.names == expected.names
        assert result.order.problems.keys() == expected.problems.keys()


@reference.for_requests(500)
def test_the_order_of_what_is_given_means_nothing(request_):
    random = Random(len(request_.releases))

    def shuffled(items):
        return random.sample(list(items), len(items))

    other = attrs.evolve(
        request_,
        roots=shuffled(request_.roots),
        releases=[
            attrs.evolve(release, requirements=tuple(shuffled(release.requirements)))
            for release in shuffled(request_.releases)
        ],
    )
    one, two = resolve(request_), resolve(other)
    assert type(one) is type(two)
    assert str(one) == str(two)
    if isinstance(one, Solution):
        assert list(one.releases) == list(two.releases)
        assert one.order.names == two.order.names


def test_the_newest_version_that_fits_is_taken_with_what_it_needs():
    of = Release.of
    releases = [of("a", "1.0.0"), of("a", "1.1.0", ["b <2"]), of("b", "2.0.0"), of("b", "1.4.0")]
    result = resolve(asking("a", releases=releases))
    assert versions_of(result) == {"a": "1.1.0", "b": "1.4.0"}
    assert result.order.names == ("b", "a")
    assert str(result) == "a 1.1.0, b 1.4.0"


def test_names_that_differ_in_case_alone_are_one_plugin():
    releases = [Release.of("Ant", "1.0.0", ["BEE"]), Release.of("bee", "1.0.0", ["?ant >=1"])]
    result = resolve(asking("ANT", releases=releases, disabled=["nobody"]))
    assert versions_of(result) == {"Ant": "1.0.0", "bee": "1.0.0"}


def test_a_cycle_is_no_matter_of_versions_and_is_named_by_its_path():
    releases = [Release.of("a", "1.0.0", ["b"]), Release.of("b", "1.0.0", ["a"])]
    result = resolve(asking("a", releases=releases))
    assert versions_of(result) == {"a": "1.0.0", "b": "1.0.0"}
    assert result.order.names == ()
    assert result.order.problems["a"].message == "dependencies form a cycle: a → b → a."


def test_what_is_optional_is_not_taken_for_its_own_sake_but_starts_first_if_it_is_there():
    releases = [Release.of("a", "1.0.0", ["?z"]), Release.of("z", "1.0.0")]
    assert versions_of(resolve(asking("a", releases=releases))) == {"a": "1.0.0"}
    assert resolve(asking("a", "z", releases=releases)).order.names == ("z", "a")


def test_a_yanked_or_early_version_in_use_is_kept():
    releases = [Release.of("a", "2.0.0-rc.1", yanked="slow"), Release.of("a", "1.0.0")]
    current = {"A": Version.parse("2.0.0-rc.1")}
    result = resolve(asking("a >=1", releases=releases, current=current))
    assert versions_of(result) == {"a": "2.0.0-rc.1"}


def test_versions_that_differ_in_build_metadata_alone_are_told_apart():
    releases = [Release.of("a", "1.0.0+2"), Release.of("a", "1.0.0+1")]
    for given in (releases, releases[::-1]):
        assert versions_of(resolve(asking("a", releases=given))) == {"a": "1.0.0+2"}
    current = {"a": Version.parse("1.0.0+1")}
    result = resolve(asking("a", releases=releases, current=current))
    assert versions_of(result) == {"a": "1.0.0+1"}


def test_a_release_that_is_given_twice_is_refused():
    with pytest.raises(PluginNameError, match=r"version 1\.0\.0 is given twice"):
        resolve(asking("a", releases=[Release.of("a", "1.0.0"), Release.of("A", "1.0.0")]))


def test_no_plugin_has_the_hosts_name():
    with pytest.raises(PluginNameError, match="how requirements name the host"):
        Release.of(HOST.upper(), "1.0.0")


def test_a_user_asks_for_what_is_needed():
    with pytest.raises(ValueError, match="expected what is needed"):
        asking("!a", releases=[])


def pigeonhole(plugins, versions):
    """Each plugin needs each other one in another version than its own."""
    names = [f"p{number}" for number in range(plugins)]
    return asking(
        *names,
        releases=[
            Release.of(name, f"1.{k}.0", [f"{other} !=1.{k}.0" for other in names if other != name])
            for name, k in itertools.product(names, range(versions))
        ],
    )


def test_a_search_that_takes_too_many_steps_says_that_it_gave_up():
    result = resolve(attrs.evolve(pigeonhole(5, 4), budget=3000))
    assert isinstance(result, GaveUp)
    assert str(result).startswith("No answer within 3000 steps: this is too complex.")
    assert set(result.busiest) <= {f"p{number}" for number in range(5)}
    assert result.busiest


def test_a_clash_that_trying_would_find_after_every_set_is_found_at_once():
    """Six plugins in a row, of 8 versions each, of which only the first and the last clash."""
    releases = [Release.of("shared", "1.0.0"), Release.of("shared", "2.0.0")]
    for number, version in itertools.product(range(6), range(8)):
        needs = {0: ["shared <2"], 5: ["shared >=2"]}.get(number, [])
        needs += [f"p{number + 1}"] if number < 5 else []
        releases.append(Release.of(f"p{number}", f"1.{version}.0", needs))
    assert isinstance(resolve(asking("p0", releases=releases, budget=500)), Refutation)


def test_with_a_larger_budget_the_same_search_ends():
    assert isinstance(resolve(pigeonhole(5, 4)), Refutation)
    assert isinstance(resolve(pigeonhole(5, 5)), Solution)
