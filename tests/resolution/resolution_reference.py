"""What the solver must find: every assignment tried, each judged by what the records say."""

from __future__ import annotations

import itertools
import random

import attrs
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.resolution import HOST, Release, Request
from aitbc_hooks.versions import Requirement, RequirementKind, Version, canonical_name

NAMES = "abcd"
VERSIONS = ["1.0.0", "1.0.1", "1.1.0", "2.0.0", "2.0.0-rc.1", "1.1.0-beta"]
LOOSE = ["", "", "", "*", ">=1.0", "<2", ">=1.1", "!=1.1.0", ">=2.0.0-rc.1", "<=2"]
RANGES = [*LOOSE, "^1", "1.x", "==1.0.0", "1.1", "~1.1", ">=3", "<1.1.0-rc.1", ">=1.0,<1.1", "2"]
HOSTS = [None, *map(Version.parse, ("1.5.0", "2.0.0-rc.1"))]


def random_request(random):
    """Draw a request in which about everything matters."""

    def some(items, chance):
        return [item for item in items if random.random() < chance]

    def wanted():
        name = random.choices([*NAMES, "e", HOST], [8] * len(NAMES) + [1, 1])[0]
        return f"{random.choice('   !?')}{name} {random.choice(RANGES)}"

    releases = [
        Release.of(
            name,
            version,
            [wanted() for _ in range(random.choice([0, 1, 1, 2, 3]))],
            requires_host=random.choice(["", "", "", "", "", "", ">=1", ">=2", "<2"]),
            platforms=random.choice([(), (), (), (), (), ("any",), ("Linux",), ("win32",)]),
            yanked=random.choice([None] * 9 + ["it \x1b[31mbreaks"]),
            priority=random.choice([50, 50, 10]),
        )
        for name in NAMES
        for version in random.sample(VERSIONS, random.choice([2, 3, 3]))
    ]
    pairs = [(release.name, release.version) for release in releases]
    return Request(
        roots=[
            Requirement.parse(f"{name} {random.choice(LOOSE)}")
            for name in random.sample(NAMES, random.choice([1, 2, 3]))
        ],
        releases=releases,
        host_version=random.choice(HOSTS),
        platforms=random.choice([(), ("linux", "Linux-x86")]),
        prereleases=random.choice([False, True, some(NAMES, 0.3)]),
        disabled=some(NAMES, 0.08),
        accepted=[(name, str(version)) for name, version in some(pairs, 0.1)],
        current=dict(some(pairs, 0.1)),
    )


def tangle(random, plugins=5, versions=5):
    """Draw a request too large to try everything: each version in a window of every other plugin."""
    names = [f"p{number}" for number in range(plugins)]

    def window():
        start = random.randrange(versions)
        return f">=1.{start},<1.{start + versions // 2 + 1}"

    releases = [
        Release.of(name, f"1.{k}.0", [f"{other} {window()}" for other in names if other != name])
        for name in names
        for k in range(versions)
    ]
    return Request(map(Requirement.parse, names), releases)


@st.composite
def small_requests(draw):
    """Draw a request that shrinks well, and is often degenerate."""
    kinds = st.sampled_from(["", "", "!", "?"])
    names = st.sampled_from([*NAMES, "e", HOST])
    texts = st.builds("{}{} {}".format, kinds, names, st.sampled_from(RANGES))
    versions = st.lists(st.sampled_from(VERSIONS), max_size=3, unique=True)
    releases = [
        Release.of(
            name,
            version,
            draw(st.lists(texts, max_size=3)),
            yanked=draw(st.sampled_from([None, None, None, ""])),
        )
        for name in NAMES
        for version in draw(versions)
    ]
    roots = st.builds("{} {}".format, st.sampled_from(NAMES), st.sampled_from(RANGES))
    return Request(
        roots=map(Requirement.parse, draw(st.lists(roots, min_size=1, max_size=3))),
        releases=releases,
        host_version=draw(st.sampled_from(HOSTS)),
        prereleases=draw(st.booleans()),
    )


def for_requests(count):
    """Run a test for this many random requests, and for small ones that Hypothesis shrinks.

    Hypothesis favours the simple: alone it would make hardly any proof of more than two steps.
    """

    def decorate(test):
        def run():
            for seed in range(count):
                request = random_request(random.Random(seed))
                try:
                    test(request)
                except AssertionError as error:
                    error.add_note(f"seed {seed}: {request}")
                    raise
            given(small_requests())(test)()

        run.__name__ = test.__name__
        return run

    return decorate


def fits(request, requirement, version):
    """Whether a version can be taken for a need: pre-releases only where they may be."""
    key = canonical_name(requirement.name)
    allowed = request.prereleases is True or (request.prereleases and key in request.prereleases)
    kept = request.current.get(key) == version
    return requirement.allows(version, prereleases=bool(allowed or kept or key == HOST))


def unusable(request, release):
    """Whether a release cannot be taken, whatever else is."""
    kept = request.current.get(release.key) == release.version
    accepted = (release.key, str(release.version)) in request.accepted
    here = {"any", *(name.lower() for name in request.platforms)}
    host = request.host_version
    return (
        release.key in request.disabled
        or (release.yanked is not None and not (kept or accepted))
        or bool(
            request.platforms
            and release.platforms
            and here.isdisjoint(name.lower() for name in release.platforms)
        )
        or (host is not None and not release.requires_host.allows(host, prereleases=True))
    )


def objects(request, requirement, taken):
    """Whether what is taken violates one requirement."""
    key = canonical_name(requirement.name)
    if key == HOST and request.host_version is None:
        return False
    other = request.host_version if key == HOST else taken[key].version if key in taken else None
    if requirement.kind is RequirementKind.NEED:
        return other is None or not fits(request, requirement, other)
    inside = other is not None and requirement.allows(other, prereleases=True)
    if requirement.kind is RequirementKind.CONFLICT:
        return inside
    return other is not None and not inside


def is_valid(request, taken):
    """Whether a choice, key -> release, has everything that is asked for, and it fits."""
    return (
        not any(objects(request, root, taken) for root in request.roots)
        and not any(unusable(request, release) for release in taken.values())
        and not any(
            objects(request, each, taken)
            for release in taken.values()
            for each in release.requirements
        )
    )


def choices(request):
    """Yield every choice that there is."""
    by_name = {}
    for release in request.releases:
        by_name.setdefault(release.key, [None]).append(release)
    for choice in itertools.product(*by_name.values()):
        yield {release.key: release for release in choice if release is not None}


def is_solvable(request):
    return any(is_valid(request, taken) for taken in choices(request))


def single_changes(request):
    """Yield each single change that there is, as what is shown of a change and its request."""
    for key in request.disabled & {release.key for release in request.releases}:
        yield ("ENABLE", key), attrs.evolve(request, disabled=request.disabled - {key})
    if request.prereleases is not True:
        before = request.prereleases or frozenset()
        for key in {release.key for release in request.releases if release.version.pre} - before:
            yield ("PRERELEASES", key), attrs.evolve(request, prereleases=before | {key})
    for release in request.releases:
        pair = (release.key, str(release.version))
        if release.yanked is not None and pair not in request.accepted:
            yield ("YANKED", *pair), attrs.evolve(request, accepted=request.accepted | {pair})
    for root in set(request.roots):
        others = [each for each in request.roots if str(each) != str(root)]
        yield ("DROP", str(root)), attrs.evolve(request, roots=others)
        if not root.range.is_any:
            free = attrs.evolve(request, roots=[*others, Requirement(root.name)])
            yield ("VERSION", str(root)), free
