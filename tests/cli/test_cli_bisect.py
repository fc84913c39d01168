"""bisect: the smallest set of plugins that breaks, by a pure search and by real processes."""

from __future__ import annotations

import itertools
import json
import signal
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_hooks.cli.bisecting import (
    Outcome,
    Run,
    Search,
    Trial,
    ending_on_signals,
    smallest_breaking,
)
from aitbc_hooks.cli.bisecting.halving import closed

NAMES = tuple("abcdefgh")

sets = st.sets(st.sampled_from(NAMES), min_size=1).map(frozenset)


@st.composite
def cases(draw, *, with_needs):
    """Plugins, what they need, and sets each of which breaks the command with whatever else."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    some = st.sets(st.sampled_from(names)).map(frozenset)
    needs = {name: draw(some) for name in names} if with_needs else {}
    culprits = draw(st.lists(some.filter(bool), min_size=1, max_size=4))
    return names, needs, culprits


def _all_closed(names, needs):
    for size in range(len(names) + 1):
        for part in itertools.combinations(names, size):
            if closed(part, needs) == frozenset(part):
                yield frozenset(part)


@settings(max_examples=400)
@given(cases(with_needs=False) | cases(with_needs=True))
def test_the_set_breaks_and_no_smaller_part_of_it_does(case):
    names, needs, culprits = case
    asked = []

    def breaks(plugins):
        asked.append(plugins)
        return any(culprit <= plugins for culprit in culprits)

    found = smallest_breaking(names, breaks, needs)
    assert any(culprit <= found for culprit in culprits)
    assert closed(found, needs) == found
    for part in _all_closed(names, needs):
        if part < found:
            assert not any(culprit <= part for culprit in culprits)
    assert len(set(asked)) == len(asked), "asked twice"
    assert all(closed(part, needs) == part for part in asked)
    assert not {frozenset(), frozenset(names)} & set(asked)


@given(st.lists(st.sampled_from(NAMES), unique=True, min_size=1), st.randoms())
def test_a_search_ends_whatever_the_answers_are(names, random):
    found = smallest_breaking(names, lambda _: random.random() < 0.5)
    assert found <= set(names)


def test_one_culprit_among_a_thousand_is_found_in_a_few_runs():
    names = [f"p{number}" for number in range(1024)]
    asked = []

    def breaks(plugins):
        asked.append(plugins)
        return "p700" in plugins

    assert smallest_breaking(names, breaks) == {"p700"}
    assert len(asked) <= 2 * 10


def test_two_culprits_that_lie_far_apart_are_found_in_few_runs_too():
    names = [f"p{number}" for number in range(1024)]
    asked = []

    def breaks(plugins):
        asked.append(plugins)
        return {"p1", "p1000"} <= plugins

    assert smallest_breaking(names, breaks) == {"p1", "p1000"}
    assert len(asked) <= 100


def test_members_of_a_cycle_are_named_together():
    needs = {"a": frozenset("ah"), "h": frozenset("ah"), "b": frozenset("b")}
    run = lambda plugins: Run(tuple(sorted(plugins)), int({"a", "b"} <= plugins))  # noqa: E731
    found = Search(("a", "b", "h"), needs, run, lambda *_: None).search()
    assert (found.culprits, found.along) == (("a", "b", "h"), ())


@settings(max_examples=300)
@given(cases(with_needs=True))
def test_a_search_names_the_culprits_and_apart_from_them_what_they_need(case):
    names, needs, culprits = case
    needs = {name: closed([name], needs) for name in names}

    def run(plugins):
        broken = any(culprit <= plugins for culprit in culprits)
        return Run(tuple(sorted(plugins)), 3 if broken else 0)

    told = []
    found = Search(names, needs, run, lambda *each: told.append(each)).search()
    assert found.outcome is Outcome.FOUND
    assert found.runs == tuple(run for _, run in told)
    assert [number for number, _ in told] == list(range(1, len(told) + 1))
    everything = {*found.culprits, *found.along}
    assert found.culprits
    assert closed(found.culprits, needs) == everything
    assert not set(found.culprits) & set(found.along)
    assert any(culprit <= everything for culprit in culprits)


def _searched(answers):
    """Search with a command that ends with these statuses, one after another."""
    statuses = iter(answers)
    run = lambda plugins: Run(tuple(sorted(plugins)), next(statuses))  # noqa: E731
    return Search(("a", "b"), {}, run, lambda *_: None).search()


@pytest.mark.parametrize(
    ("answers", "outcome", "culprits"),
    [
        ([0], Outcome.WORKS, ()),
        ([1, 1], Outcome.ALWAYS, ()),
        ([1, 0, 1, 1], Outcome.FOUND, ("a",)),
        ([1, 0, 0, 1, 1], Outcome.FOUND, ("b",)),
        ([1, 0, 0, 0, 1], Outcome.FOUND, ("a", "b")),
        ([1, 0, 1, 0], Outcome.FLAKY, ("a",)),
        ([None, 0, None, None], Outcome.FOUND, ("a",)),
    ],
)
def test_every_outcome_is_told_from_the_others(answers, outcome, culprits):
    found = _searched(answers)
    assert (found.outcome, found.culprits) == (outcome, culprits)
    assert len(found.runs) == len(answers)


def test_without_plugins_none_is_to_blame():
    run = lambda plugins: Run((), 1)  # noqa: E731
    assert Search((), {}, run, lambda *_: None).search().outcome is Outcome.ALWAYS


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (0, "works"),
        (7, "breaks (exit status 7)"),
        (-9, "breaks (SIGKILL)"),
        (-200, "breaks (signal 200)"),
        (None, "does not end in time"),
    ],
)
def test_the_end_of_a_run_is_told_in_words(status, text):
    assert str(Run((), status)) == text
    assert Run((), status).breaks is (status != 0)


def test_a_run_that_takes_too_long_is_ended_with_what_it_has_started(tmp_path):
    mark = tmp_path / "mark"
    command = f"(sleep 1; touch {mark}) & sleep 60"
    run = Trial(command, ("a",), timeout=0.2).run(frozenset())
    assert run.status is None
    late = Trial(f"sleep 1.5; test ! -e {mark}", ("a",)).run(frozenset())
    assert late.status == 0


def test_what_a_run_is_not_allowed_is_disabled_for_whatever_it_starts(tmp_path):
    names = ("agent-cli", "x")
    code = "import os, sys; sys.exit('AITBC_PLUGINS__AGENT_CLI__ENABLED' in os.environ)"
    trial = Trial([sys.executable, "-c", code], names)
    assert trial.run(frozenset(names)) == Run(names, 0)
    assert trial.run(frozenset({"x"})) == Run(("x",), 1)


def test_a_signal_unwinds_the_stack():
    def handler(*_):
        pass

    before = signal.signal(signal.SIGTERM, handler)
    try:
        with pytest.raises(SystemExit) as end, ending_on_signals():
            signal.raise_signal(signal.SIGTERM)
        assert end.value.code == 128 + signal.SIGTERM
        assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)


LISTED = f"{sys.executable} -m aitbc_hooks list"


def test_the_plugin_that_breaks_a_command_is_found(cli, folders):
    for name in ("one", "two", "three", "four"):
        folders.plugin(name)
    path = folders.config("one", "two", "three", "four")
    text = path.read_text()
    done = cli("bisect", "--run", f"{LISTED} | grep -q three && exit 5 || exit 0")
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("1. With 4 of 4 plugins (")
    assert lines[0].endswith("): breaks (exit status 5).")
    assert lines[1] == "2. With 0 of 4 plugins: works."
    assert lines[-2].startswith("three breaks the command; found in ")
    assert lines[-1] == "What to do: report it; until then: aitbc-hooks disable three"
    assert path.read_text() == text


def test_plugins_that_break_a_command_only_together_are_found_and_what_they_need(cli, folders):
    folders.plugin("base")
    folders.plugin("one", dependencies=["base"])
    folders.plugin("two")
    folders.plugin("three")
    folders.config("base", "one", "two", "three")
    code = f"import subprocess, sys; out = subprocess.getoutput({LISTED!r}); "
    code += "sys.exit('one  ' in out and 'base  ' in out and 'two  ' in out)"
    done = cli("bisect", "--json", "--", sys.executable, "-c", code)
    record = json.loads(done.out)
    assert (done.status, record["outcome"]) == (0, "found")
    assert sorted(record["plugins"]) == ["one", "two"]
    assert record["needed"] == ["base"]
    for run in record["runs"]:
        assert "one" not in run["plugins"] or "base" in run["plugins"]


def test_a_command_that_works_and_one_that_breaks_without_plugins_are_status_8(cli, folders):
    folders.plugin("one")
    folders.config("one")
    done = cli("bisect", "--", "true")
    assert done.status == 8
    assert "The command works with all plugins: there is nothing to find." in done.out
    done = cli("bisect", "--", "false")
    assert done.status == 8
    assert "The command breaks without any plugin: no plugin is to blame." in done.out


def test_a_command_that_breaks_but_once_is_called_so(cli, folders):
    folders.plugin("one")
    folders.config("one")
    mark = folders.path / "mark"
    enabled = 'test -z "$AITBC_PLUGINS__ONE__ENABLED"'
    done = cli(
        "bisect", "--run", f"{enabled} || exit 0; test -e {mark} && exit 0; touch {mark}; exit 1"
    )
    assert done.status == 8
    assert "does not break each time: it did with one, and then did not." in done.out


def test_the_configuration_that_bisect_is_given_is_that_of_the_command(cli, folders):
    folders.plugin("one")
    folders.config("one").rename(folders.path / "other.yaml")
    done = cli(
        "--config", "other.yaml", "bisect", "--run", f"{LISTED} | grep -q one && exit 5 || true"
    )
    assert done.status == 0
    assert "one breaks the command" in done.out


@pytest.mark.parametrize("args", [[], ["--run", "true", "--", "true"], ["--", "no-such-command"]])
def test_without_one_command_that_can_be_run_the_usage_is_wrong(cli, args):
    assert cli("bisect", *args).status == 2
