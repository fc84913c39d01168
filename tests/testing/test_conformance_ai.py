"""The checks of models."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath
from types import ModuleType

import pytest
from conformance_trying import fails, is_not_applicable, passes, plans_of, steps_of, tried
from hypothesis import strategies as st

from aitbc.plugins import hookimpl
from aitbc_builtin_plugins.translation.plugin import TranslationAIPlugin
from aitbc_hooks.testing.kit import CHECKS, Outcome
from aitbc_hooks.testing.kit.sound import Sound, SoundAI, samples

AI = [check for check in CHECKS if check.startswith("AI-")]
SAMPLES = samples()


def model(**methods):
    """Return a model with other methods than the sound one's."""
    return type("Model", (SoundAI,), methods)


# Which plugins the checks concern.


@pytest.mark.parametrize("samples", [{}, SAMPLES], ids=["generated", "sampled"])
@pytest.mark.parametrize("check", AI)
def test_a_sound_plugin_passes(check, samples):
    passes(check, SoundAI, samples=samples)


@pytest.mark.parametrize("check", AI)
def test_the_built_in_plugin_passes(check):
    passes(check, TranslationAIPlugin)


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        ("AI-01", "it implements no predict()."),
        ("AI-02", "it implements neither predict() nor train()."),
        ("AI-03", "it implements no train()."),
        ("AI-04", "it implements no get_model_info()."),
    ],
)
def test_a_plugin_without_the_hook_is_no_concern(check, reason):
    is_not_applicable(check, Sound, reason)


def test_a_module_that_predicts_and_no_more_passes():
    module = ModuleType("echo")

    @hookimpl
    def predict(input_data):
        return {"keys": sorted(input_data)}

    predict.__module__ = module.__name__
    module.predict = predict
    for check in ("AI-01", "AI-02"):
        passes(check, module)
    is_not_applicable("AI-03", module, "it implements no train().")


def test_an_implementation_may_take_fewer_arguments():
    module = ModuleType("constant")

    @hookimpl
    async def predict():
        return {"answer": 42}

    predict.__module__ = module.__name__
    module.predict = predict
    passes("AI-01", module)
    passes("AI-02", module)


class Remote(SoundAI):
    """Asks a service."""

    async def predict(self, input_data):
        _, writer = await asyncio.open_connection("127.0.0.1", 1)
        writer.close()

    async def train(self, training_data):
        await self.predict({})


@pytest.mark.parametrize("check", ["AI-01", "AI-02", "AI-03"])
def test_a_model_that_is_elsewhere_is_tried_where_there_is_a_network(check):
    is_not_applicable(
        check, Remote, "it speaks to others (connect to 127.0.0.1:1); needs provides={'network'}."
    )


def test_a_model_that_is_elsewhere_has_to_cope_with_its_network():
    result = tried("AI-01", Remote, provides={"network"})
    assert result.outcome is Outcome.FAIL
    assert "expected a JSON dict, None or ValueError; it raised ConnectionRefused" in result.detail


def test_a_model_that_learns_here_and_predicts_elsewhere_has_to_cope_with_its_network():
    class Asking(SoundAI):
        async def predict(self, input_data):
            _, writer = await asyncio.open_connection("127.0.0.1", 1)
            writer.close()

    result = tried("AI-03", Asking, provides={"network"})
    assert result.outcome is Outcome.FAIL
    assert "expected a JSON dict, None or ValueError; it raised ConnectionRefused" in result.detail


# AI-01


async def label(self, input_data):
    return "ham"


async def key(self, input_data):
    return {"words": len(input_data["text"].split())}


async def a_set(self, input_data):
    return {"words": {1}}


async def nan(self, input_data):
    return {"mean": float("nan")}


async def wait(self, input_data):
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("predict", "message"),
    [
        (label, "expected a dict, got 'ham'."),
        (key, "expected a JSON dict, None or ValueError; it raised KeyError: 'text'."),
        (wait, "expected a JSON dict, None or ValueError; it did not end within 30 s."),
    ],
)
def test_every_input_is_answered_or_refused(predict, message):
    fails("AI-01", model(predict=predict), f"predict(input_data={{}}): {message}")


@pytest.mark.parametrize(
    ("predict", "told"),
    [
        (a_set, "['words']: expected JSON values, got {1} (Object of type set is not JSON"),
        (nan, "['mean']: expected JSON values, got nan (Out of range float values"),
    ],
)
def test_a_value_that_json_does_not_have_is_no_answer(predict, told):
    result = tried("AI-01", model(predict=predict))
    assert result.detail.startswith(f"predict(input_data={{}}){told}")


async def first(self, input_data):
    for value in input_data.values():
        return {"first": value.lower()}
    return None


def test_what_the_author_samples_is_tried():
    texts = st.dictionaries(st.just("text"), st.text(), max_size=1)
    passes("AI-01", model(predict=first), samples={"input_data": texts})
    numbers = st.dictionaries(st.just("text"), st.integers(), max_size=1)
    fails(
        "AI-01",
        model(predict=first),
        "predict(input_data={'text': 0}): expected a JSON dict, None or ValueError; it raised "
        "AttributeError: 'int' object has no attribute 'lower'.",
        samples={"input_data": numbers},
    )


def test_a_keys_name_is_found_in_the_code():
    async def predict(self, input_data):
        if input_data.get("temperature") is not None:
            raise LookupError("no thermometer")

    result = tried("AI-01", model(predict=predict))
    assert "it raised LookupError: no thermometer" in result.detail


# AI-02


async def marking(self, input_data):
    input_data["seen"] = True


async def deep(self, input_data):
    for value in input_data.values():
        if isinstance(value, list):
            value.append(1)
    raise ValueError("after the change")


async def draining(self, training_data):
    while training_data:
        training_data.pop()
    return True


def test_an_input_stays_as_it_is():
    fails(
        "AI-02",
        model(predict=marking),
        "predict(): expected that input_data stays as it is; {} became {'seen': True}.",
    )


def test_what_is_inside_an_input_stays_as_it_is_even_where_the_call_fails():
    nested = {"input_data": st.just({"words": [[]]})}
    fails(
        "AI-02",
        model(predict=deep),
        "predict(): expected that input_data stays as it is; {'words': [[]]} became "
        "{'words': [[], 1]}.",
        samples=nested,
    )


def test_examples_stay_as_they_are():
    fails(
        "AI-02",
        model(train=draining),
        "train(): expected that training_data stays as it is; [{}] became [].",
    )


# AI-03


async def silent(self, training_data):
    """Learn, and say nothing of it."""


async def refusing(self, training_data):
    return False


async def raising(self, training_data):
    raise ValueError("unfit")


async def dividing(self, training_data):
    return 1 / len(training_data) > 0


@pytest.mark.parametrize(
    ("train", "message"),
    [
        (silent, "expected True or False, got None."),
        (dividing, "expected True or False; it raised ZeroDivisionError: division by zero."),
    ],
)
def test_training_says_whether_it_succeeded(train, message):
    fails("AI-03", model(train=train), f"train(training_data=[]): {message}")


def test_examples_that_nobody_knows_to_be_fit_may_be_refused():
    passes("AI-03", model(train=refusing))
    passes("AI-03", model(train=raising))


@pytest.mark.parametrize(
    ("train", "message"),
    [
        (refusing, "expected True for examples of the author, got False."),
        (raising, "expected True or False; it raised ValueError: unfit."),
    ],
)
def test_examples_of_the_author_are_fit(train, message):
    fails(
        "AI-03",
        model(train=train),
        f"train(training_data=[]): {message}",
        samples={"training_data": st.just([])},
    )


class Forgetting(SoundAI):
    async def train(self, training_data):
        self.words = None
        return True


def test_predictions_work_after_a_training():
    passes("AI-01", Forgetting, samples=SAMPLES)
    result = tried("AI-03", Forgetting, samples=SAMPLES)
    assert "it raised TypeError: argument of type 'NoneType' is not" in result.detail
    assert result.detail.startswith("predict(input_data={'text': '")
    fails("AI-03", Forgetting, result.detail, samples=SAMPLES)


def test_a_model_that_only_learns_is_tried_without_predictions():
    class Learner:
        @hookimpl
        async def train(self, training_data):
            return True

    passes("AI-03", Learner())
    passes("AI-02", Learner())


# AI-04


@pytest.mark.parametrize(
    ("info", "message"),
    [
        (["known words"], "expected a dict, got ['known words']."),
        ({"trained": True}, "expected a text under 'name', got {'trained': True}."),
        ({"name": "", "trained": True}, "expected a text under 'name', got {'name': '', "),
        ({"name": "x"}, "expected True or False under 'trained', got {'name': 'x'}."),
        ({"name": "x", "trained": 1}, "expected True or False under 'trained', got "),
    ],
)
def test_a_model_tells_its_name_and_whether_it_is_trained(info, message):
    plugin = model(get_model_info=lambda self: info)
    result = tried("AI-04", plugin)
    assert result.detail.startswith(f"get_model_info(): {message}")
    fails("AI-04", plugin, result.detail)


def test_what_a_model_tells_is_json():
    info = {"name": "x", "trained": True, "files": [{"at": "b"}, {"at": PurePosixPath("a")}]}
    result = tried("AI-04", model(get_model_info=lambda self: info))
    assert result.detail.startswith(
        "get_model_info()['files'][1]['at']: expected JSON values, got PurePosixPath('a') (Object of"
    )


def test_what_contains_itself_is_not_json():
    info = {"name": "x", "trained": True}
    info["all"] = info
    result = tried("AI-04", model(get_model_info=lambda self: info))
    assert result.detail.startswith("get_model_info()['all']['all']")
    assert result.detail.endswith("(Circular reference detected).")


def untold(self):
    return {}


class Informing:
    """Tells of itself, and does no more."""

    @hookimpl
    def get_model_info(self):
        return {"name": "informing", "trained": True}


def test_a_plugin_that_only_tells_of_itself_is_tried_without_predictions_and_trainings():
    passes("AI-04", Informing())


class Counting(SoundAI):
    asked = predicted = 0

    async def predict(self, input_data):
        self.predicted += 1
        return {}


def test_information_is_the_same_when_it_is_asked_for_again():
    class Asked(Counting):
        def get_model_info(self):
            self.asked += 1
            return {"name": "counting", "trained": False, "asked": self.asked}

    fails(
        "AI-04",
        Asked,
        "get_model_info(): expected that 'asked' stays the same between trainings; it has changed.",
    )


def test_information_is_the_same_after_a_prediction():
    class Predicted(Counting):
        def get_model_info(self):
            return {"name": "counting", "trained": False, "predicted": self.predicted}

    fails(
        "AI-04",
        Predicted,
        "get_model_info(): expected that 'predicted' stays the same between trainings; it has "
        "changed.",
    )


def test_information_may_change_with_a_training():
    class Learning(SoundAI):
        learnt = 0

        async def train(self, training_data):
            self.learnt += 1
            return True

        def get_model_info(self):
            return {"name": "learning", "trained": bool(self.learnt), "learnt": self.learnt}

    passes("AI-04", Learning, samples=SAMPLES)


def test_information_is_looked_at_after_a_training_too():
    class Broken(SoundAI):
        def get_model_info(self):
            return {"name": "x", "trained": self.trained or None}

    result = tried("AI-04", Broken)
    assert "expected True or False under 'trained'" in result.detail

    class Late(SoundAI):
        def get_model_info(self):
            return {"name": "x", "trained": 1 if self.trained else False}

    result = tried("AI-04", Late, samples=SAMPLES)
    assert (
        "expected True or False under 'trained', got {'name': 'x', 'trained': 1}" in result.detail
    )
    fails("AI-04", Late, result.detail, samples=SAMPLES)


def test_what_predictions_and_trainings_come_to_is_the_business_of_others():
    async def broken(self, *_args, **_options):
        raise RuntimeError("broken")

    async def predict(self, input_data):
        raise RuntimeError("broken")

    async def train(self, training_data):
        raise RuntimeError("broken")

    passes("AI-04", model(predict=predict, train=train))


# The program that is printed.


@pytest.mark.parametrize(
    ("check", "methods", "steps"),
    [
        ("AI-01", {"predict": label}, ["predict({})"]),
        ("AI-02", {"predict": marking}, ["expect_untouched('predict', input_data={})"]),
        ("AI-02", {"train": draining}, ["expect_untouched('train', training_data=[{}])"]),
        ("AI-03", {"train": silent}, ["train([])"]),
        ("AI-04", {"get_model_info": untold}, ["model_info()"]),
    ],
)
def test_a_program_has_no_more_steps_than_a_fault_takes(check, methods, steps):
    program = tried(check, model(**methods)).program
    assert steps_of(program) == ["load()", "start()", *steps]


@pytest.mark.parametrize(
    ("check", "steps"),
    [
        ("AI-01", ["predict({})"]),
        ("AI-03", ["train([])", "predict({})"]),
        ("AI-04", ["model_info()", "expect_stable_info([])"]),
    ],
)
def test_the_simplest_case_is_tried_first(check, steps):
    assert plans_of(check, model())[0] == ["load()", "start()", *steps, "unload()"]
