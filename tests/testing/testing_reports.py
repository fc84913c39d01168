"""Reports for tests: as written, and generated."""

from __future__ import annotations

from hypothesis import strategies as st

from aitbc_hooks.testing.kit import (
    Check,
    Level,
    Outcome,
    Report,
    Result,
    Untested,
)

RESULT_OUTCOMES = [outcome for outcome in Outcome if outcome is not Outcome.UNTESTED]

PROGRAM = """\
from aitbc_hooks.testing import Trial


async def main(trial):
    await trial.load()


Trial.run(plugin, main)
"""


def make_check(check_id="LIFE-05", level=Level.MUST, **texts):
    words = {
        "title": f"{check_id} holds.",
        "sentence": "Handle errors gracefully",
        "source": "SPEC.md, Best Practices, 4",
        "why": "",
        "fix": "Handle them.",
        "example": "",
    }
    return Check(id=check_id, level=level, examine=lambda _: None, **{**words, **texts})


def make_report(*results, **more):
    """Return a report; a result is (id, level, outcome) with detail and program, if it has some."""
    made = [
        Result(make_check(name, level), outcome, *rest) for name, level, outcome, *rest in results
    ]
    return Report("mailer", tuple(made), **more)


UNTESTED = Untested("SPEC-01", "Plugins run in isolation", "SPEC.md", "The host isolates.")

# Whatever a plugin may have said: control characters and lone surrogates too.
texts = st.text(st.characters(exclude_categories=()), max_size=60) | st.text(
    "ab ", min_size=60, max_size=200
)
ids = st.from_regex(r"[A-Z]{2,5}-[0-9]{2}", fullmatch=True)
levels = st.sampled_from(Level)


@st.composite
def results(draw):
    check = make_check(
        draw(ids), draw(levels), title=draw(texts), sentence=draw(texts), source=draw(texts)
    )
    outcome = draw(st.sampled_from(RESULT_OUTCOMES))
    if outcome is Outcome.PASS:
        return Result(check, outcome)
    return Result(
        check,
        outcome,
        draw(texts),
        draw(texts) if outcome is Outcome.FAIL else "",
        draw(ids) if outcome is Outcome.INCONCLUSIVE else "",
        draw(st.floats(0, 60)),
    )


reports = st.builds(
    Report,
    plugin=texts,
    results=st.lists(results(), max_size=6).map(tuple),
    seed=st.integers(),
    untested=st.lists(st.builds(Untested, ids, texts, texts, texts), max_size=2).map(tuple),
    level=levels,
)
