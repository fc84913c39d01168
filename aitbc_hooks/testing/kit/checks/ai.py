"""AI: models that predict and learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.interfaces.cases import (
    inputs,
    network_of,
    training_sets,
    try_all,
)
from aitbc_hooks.testing.kit.outcomes import Level
from aitbc_hooks.testing.kit.trials.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.testing.kit.specimen import Specimen

_INTERFACE: Final = "SPEC.md, AI/ML Plugin Interface"


def _predicts_nothing(specimen: Specimen) -> str | None:
    return None if specimen.implements("predict") else "it implements no predict()."


def _learns_nothing(specimen: Specimen) -> str | None:
    return None if specimen.implements("train") else "it implements no train()."


def _is_no_model(specimen: Specimen) -> str | None:
    known = specimen.implements("predict") or specimen.implements("train")
    return None if known else "it implements neither predict() nor train()."


def _tells_nothing(specimen: Specimen) -> str | None:
    return None if specimen.implements("get_model_info") else "it implements no get_model_info()."


@check(
    "AI-01",
    Level.MUST,
    "predict() answers every input with a JSON dict or None, or refuses it with ValueError.",
    sentence="JSON values, in the form that the model documents.",
    source=f"hookspec predict; {_INTERFACE}",
    needs=["LIFE-01"],
    concern=_predicts_nothing,
    fix='Look at the input first: `text = input_data.get("text")`, and None or `ValueError` if it '
    "is no text. Convert numbers of a library with `float(...)`, arrays with `.tolist()`.",
    example="""
    class Presuming(SoundAI):
        async def predict(self, input_data):
            return {"words": len(input_data["text"].split())}
    """,
)
def predictions_are_total(specimen: Specimen) -> None:
    """A call goes to every model there is; one that raises spoils the answers of the others."""
    network = network_of(specimen)
    try_all(
        specimen,
        st.lists(inputs(specimen), min_size=1, max_size=4),
        lambda case: [Step("predict", (input_data,), network) for input_data in case],
    )


@check(
    "AI-02",
    Level.MUST,
    "predict() and train() leave what they are given as it is.",
    sentence="In the form that the model documents; not changed by implementations.",
    source=f"hookspec predict; {_INTERFACE}",
    needs=["LIFE-01"],
    concern=_is_no_model,
    fix="Copy what is to be changed: `features = dict(input_data)`, or `copy.deepcopy(...)`.",
    example="""
    class Marking(SoundAI):
        async def predict(self, input_data):
            input_data["text"] = self.read_text(input_data) + "."
            return await super().predict(input_data)
    """,
)
def arguments_are_left_alone(specimen: Specimen) -> None:
    """All models get one input; what one of them changes, the next one predicts from."""
    network = network_of(specimen)
    for hook, name, cases in (
        ("predict", "input_data", inputs(specimen)),
        ("train", "training_data", training_sets(specimen)),
    ):
        if specimen.implements(hook):
            try_all(
                specimen,
                cases,
                lambda case, hook=hook, name=name: [  # type: ignore[misc]  # bound early
                    Step("expect_untouched", (hook,), {**network, name: case})
                ],
            )


@check(
    "AI-03",
    Level.MUST,
    "train() returns True or False, and predict() works after it.",
    sentence="True when the model has learnt from every example and predicts with it from now on.",
    source=f"hookspec train; {_INTERFACE}",
    needs=["LIFE-01", "AI-01"],
    concern=_learns_nothing,
    fix="Check all examples first, and raise `ValueError` for those that are unfit; then build the "
    "new model beside the old one, change over in one assignment, and return True.",
    example="""
    class Silent(SoundAI):
        async def train(self, training_data):
            await super().train(training_data)
    """,
)
def training_ends_well(specimen: Specimen) -> None:
    """A training takes hours; whether it has succeeded must not be a guess."""
    network = network_of(specimen)
    fit = {"fit": True} if "training_data" in specimen.samples else {}
    asked = st.lists(inputs(specimen), min_size=1, max_size=3)

    def steps_of(case: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> Iterator[Step]:
        training_data, questions = case
        yield Step("train", (training_data,), {**fit, **network})
        if specimen.implements("predict"):
            yield from (Step("predict", (input_data,), network) for input_data in questions)

    try_all(specimen, st.tuples(training_sets(specimen), asked), steps_of)


@check(
    "AI-04",
    Level.MUST,
    "get_model_info() is a JSON dict with `name` and `trained`, the same between trainings.",
    sentence="JSON values, at least ``name`` and ``trained`` (bool).",
    source=f"hookspec get_model_info; {_INTERFACE}",
    needs=["LIFE-01"],
    concern=_tells_nothing,
    fix="Describe the model, not its use: no time, no counters, no paths or arrays; and let it work "
    "before the first training.",
    example="""
    class Dated(SoundAI):
        def get_model_info(self):
            return {**super().get_model_info(), "asked": time.monotonic_ns()}
    """,
)
def information_is_stable(specimen: Specimen) -> None:
    """Callers choose a model by what it says of itself, and keep the choice."""
    network = network_of(specimen)
    predicts, learns = specimen.implements("predict"), specimen.implements("train")
    questions = st.lists(inputs(specimen), max_size=2) if predicts else st.just([])
    lessons = st.none() | training_sets(specimen) if learns else st.none()

    def steps_of(case: tuple[Any, list[dict[str, Any]]]) -> list[Step]:
        training_data, asked = case
        after = {} if training_data is None else {"after": training_data}
        return [Step("model_info"), Step("expect_stable_info", (asked,), {**after, **network})]

    try_all(specimen, st.tuples(lessons, questions), steps_of)
