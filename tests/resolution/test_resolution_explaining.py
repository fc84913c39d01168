"""Every kind of fact has its sentence, with the range as its author has written it."""

from __future__ import annotations

import pytest
import resolution_reference as reference
from test_resolution_solving import asking

from aitbc_hooks.resolution import Refutation, Release, resolve
from aitbc_hooks.versions import Version


def sentences(*roots, **terms):
    result = resolve(asking(*roots, **terms))
    assert isinstance(result, Refutation)
    assert str(result).startswith(f"1. {result.sentences[0]}")
    return list(result.sentences)


of = Release.of
ONE = Version.parse("1.0.0")


@pytest.mark.parametrize(
    ("roots", "releases", "terms", "reason"),
    [
        (["bee >=2"], [], {}, "you need bee >=2 (no plugin of that name is known)"),
        (["bee ^2"], [of("bee", "1.0.0")], {}, "you need bee ^2 (there is only 1.0.0)"),
        (
            ["ant"],
            [of("ant", "1.0.0", ["bee >= 3"]), of("bee", "1.0.0"), of("bee", "2.0.0")],
            {},
            "ant needs bee >= 3 (there is only 1.0.0 to 2.0.0)",
        ),
        (
            ["ant"],
            [of("ant", "1.0.0", requires_host=">=1.2,<2")],
            {"host_version": ONE},
            "ant needs aitbc >=1.2,<2 (the host is aitbc 1.0.0)",
        ),
        (
            ["ant"],
            [of("ant", "1.0.0", ["aitbc ^2"])],
            {"host_version": ONE},
            "ant needs aitbc ^2 (the host is aitbc 1.0.0)",
        ),
        (
            ["ant"],
            [of("ant", "1.0.0", ["!aitbc <2"])],
            {"host_version": ONE},
            "ant conflicts with aitbc <2 (the host is aitbc 1.0.0)",
        ),
        (["ant"], [of("ant", "1.0.0")], {"disabled": ["ANT"]}, "ant is disabled"),
        (
            ["ant"],
            [of("ant", "1.0.0", platforms=["win32", "darwin"])],
            {"platforms": ["linux"]},
            "ant 1.0.0 is for darwin, win32 (this is linux)",
        ),
        (["ant"], [of("ant", "1.0.0", yanked="")], {}, "ant 1.0.0 was yanked"),
        (
            ["ant"],
            [of("ant", "1.0.0", yanked="breaks on Windows")],
            {},
            'ant 1.0.0 was yanked ("breaks on Windows")',
        ),
        (
            ["ant"],
            [of("ant", "1.0.0-rc.1")],
            {},
            "ant 1.0.0-rc.1 is a pre-release (these are off)",
        ),
        (
            ["ant", "bee >=1.0.0-rc.1"],
            [of("ant", "1.0.0", ["bee *"]), of("bee", "1.0.0-rc.1")],
            {},
            "ant needs bee * (1.0.0-rc.1 is a pre-release)",
        ),
        (
            ["ant", "bee"],
            [of("ant", "1.0.0", ["!bee <2"]), of("bee", "1.0.0")],
            {},
            "ant conflicts with bee <2",
        ),
        (
            ["ant", "bee"],
            [of("ant", "1.0.0", ["!bee"]), of("bee", "1.0.0")],
            {},
            "ant conflicts with bee",
        ),
        (
            ["ant", "bee"],
            [of("ant", "1.0.0", ["?Bee >=2"]), of("bee", "1.0.0")],
            {},
            "ant works with bee only as >=2",
        ),
    ],
)
def test_a_fact_is_told_in_its_authors_words(roots, releases, terms, reason):
    told = sentences(*roots, releases=releases, **terms)
    assert any(f"{reason} and " in each or f"{reason}, " in each for each in told)


def test_a_step_names_the_earlier_steps_that_it_uses_by_their_number():
    releases = [of("ant", "1.0.0", ["bee <2"]), of("bee", "1.0.0", yanked="")]
    assert sentences("ant", releases=releases) == [
        "Because ant needs bee <2 and bee 1.0.0 was yanked, ant cannot be taken.",
        "Because ant cannot be taken (1) and you need ant, no set of versions works.",
    ]


def test_more_than_two_reasons_stand_apart_although_ranges_have_commas():
    releases = [of("ant", f"1.{n}.0", [f"bee >={n},<0"]) for n in range(4)] + [of("bee", "5.0.0")]
    (told,) = sentences("ant", releases=releases)
    assert told == (
        "Because ant 1.3.0 needs bee >=3,<0 (there is only 5.0.0); "
        "ant 1.2.0 needs bee >=2,<0 (there is only 5.0.0); "
        "ant 1.1.0 needs bee >=1,<0 (there is only 5.0.0); "
        "ant 1.0.0 needs bee >=0,<0 (there is only 5.0.0); and you need ant: "
        "no set of versions works."
    )


def test_the_example_of_pub_has_both_halves_of_its_reason():
    """Two versions of a menu, whose dropdown needs icons or intl that the user has pinned."""
    releases = [
        of("menu", "1.0.0", ["dropdown >=1.8"]),
        *(of("menu", f"1.{n}.0", ["dropdown >=2"]) for n in range(1, 6)),
        of("dropdown", "1.8.0", ["intl ^3"]),
        *(of("dropdown", f"2.{n}.0", ["icons ^2"]) for n in range(4)),
        *(of("icons", version) for version in ("1.0.0", "2.0.0")),
        *(of("intl", version) for version in ("3.0.0", "4.0.0", "5.0.0")),
    ]
    told = " ".join(sentences("menu", "icons ==1.0.0", "intl ==5.0.0", releases=releases))
    for reason in (
        "menu 1.0.0 needs dropdown >=1.8",
        "menu >=1.1.0 needs dropdown >=2",
        "dropdown 1.8.0 needs intl ^3",
        "dropdown >=2 needs icons ^2",
        "you need icons ==1.0.0",
        "you need intl ==5.0.0",
    ):
        assert reason in told


def test_what_excludes_each_other_is_said_so():
    releases = [
        of("top", "1.0.0", ["ant", "bee"]),
        of("ant", "1.0.0", ["!cow"]),
        of("bee", "1.0.0", ["cow"]),
        of("cow", "1.0.0"),
    ]
    assert sentences("top", releases=releases) == [
        "Because bee needs cow and ant conflicts with cow, bee and ant cannot be taken together.",
        (
            "Because bee and ant cannot be taken together (1) and top needs bee, "
            "ant and top cannot be taken together."
        ),
        "Because ant and top cannot be taken together (2) and top needs ant, top cannot be taken.",
        "Because top cannot be taken (3) and you need top, no set of versions works.",
    ]


def test_what_several_need_and_what_may_serve_is_said_so():
    releases = [
        of("top", "1.0.0", ["bee"]),
        of("top", "1.1.0", ["cow <2"]),
        of("ant", "1.0.0", ["!bee", "?cow >=2"]),
        *(
            of(name, version)
            for name, version in [("bee", "1.0.0"), ("cow", "1.0.0"), ("cow", "2.0.0")]
        ),
    ]
    told = sentences("top", "ant", releases=releases)
    assert told[0].endswith("top needs cow <2 or bee.")
    assert told[1].endswith("top and ant together need bee.")
    assert told[2].endswith("top and ant cannot be taken together.")


def test_what_others_have_written_is_safe_to_show():
    (told, *_) = sentences(
        "ant", releases=[of("ant", "1.0.0", yanked="\x1b[31m\u202e" + "x" * 500)]
    )
    assert told.isprintable()
    assert r"\x1b[31m\x202e" in told
    assert len(told) < 250


@reference.for_requests(300)
def test_every_refutation_can_be_told(request_):
    result = resolve(request_)
    if isinstance(result, Refutation):
        assert len(result.sentences) == len(result.steps)
        assert result.sentences[-1].endswith("no set of versions works.")
        assert all(each.startswith("Because ") and each.isprintable() for each in result.sentences)
