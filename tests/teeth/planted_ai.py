"""Faults in models: their predictions, their training, and what they say of themselves."""

from __future__ import annotations

import asyncio
import collections
import time
from pathlib import Path
from types import MappingProxyType
from typing import Final

from hypothesis import strategies as st
from planted import Sound, planted

from aitbc.plugins import AIPlugin

_TEXTS: Final = st.text(max_size=20)
_EXAMPLES: Final = st.fixed_dictionaries(
    {"text": _TEXTS, "label": st.sampled_from(["ham", "spam"])}
)
SAMPLES: Final = MappingProxyType(
    {
        "input_data": st.fixed_dictionaries({"text": _TEXTS})
        | st.fixed_dictionaries({"text": st.none() | st.integers()})
        | st.dictionaries(_TEXTS, st.none() | st.integers() | _TEXTS, max_size=3),
        "training_data": st.lists(_EXAMPLES, max_size=5),
    }
)


def read_text(input_data):
    text = input_data.get("text") if isinstance(input_data, dict) else None
    if not isinstance(text, str):
        raise ValueError("text: expected a string.")  # noqa: TRY004 - the contract
    return text


class SoundModel(Sound, AIPlugin):
    """Counts words by label."""

    def __init__(self, context):
        super().__init__(context)
        self._labels = {}
        self._trained = False

    async def predict(self, input_data):
        words = read_text(input_data).split()
        votes = collections.Counter(self._labels[word] for word in words if word in self._labels)
        label = max(votes, key=votes.get) if votes else "unknown"
        return {"label": label, "score": votes[label] / max(1, len(words))}

    async def train(self, training_data):
        learnt = {}
        for example in training_data:
            if not isinstance(example.get("label"), str):
                raise ValueError("label: expected a string.")  # noqa: TRY004 - the contract
            learnt.update(dict.fromkeys(read_text(example).split(), example["label"]))
        self._labels.update(learnt)
        self._trained = True
        return True

    def get_model_info(self):
        return {"name": "word counter", "trained": self._trained, "words": len(self._labels)}


def planted_model(*killers):
    return planted(*killers, samples=SAMPLES)


@planted_model("AI-01")
class PredictExpectsKey(SoundModel):
    """An input without a text is a KeyError."""

    async def predict(self, input_data):
        return await super().predict({"text": input_data["text"]})


@planted_model("AI-01")
class PredictExpectsText(SoundModel):
    """A text that is no string is an AttributeError."""

    async def predict(self, input_data):
        text = input_data.get("text", "").lower()
        return await super().predict({"text": text})


@planted_model("AI-01")
class PredictReturnsSet(SoundModel):
    """A prediction has a set in it, which JSON does not know."""

    async def predict(self, input_data):
        return await super().predict(input_data) | {"words": set(input_data["text"].split())}


@planted_model("AI-01")
class PredictReturnsNan(SoundModel):
    """The mean length of no words is NaN."""

    async def predict(self, input_data):
        words = read_text(input_data).split()
        total = sum(map(len, words))
        return {"label": "text", "length": total / len(words) if words else float("nan")}


@planted_model("AI-01")
class PredictReturnsLabel(SoundModel):
    """predict() returns the label alone."""

    async def predict(self, input_data):
        return (await super().predict(input_data))["label"]


@planted_model("AI-01")
class PredictWaitsForBatch(SoundModel):
    """A prediction waits until there are eight to be made."""

    def __init__(self, context):
        super().__init__(context)
        self._batch = asyncio.Condition()
        self._size = 0

    async def predict(self, input_data):
        answer = await super().predict(input_data)
        async with self._batch:
            self._size += 1
            await self._batch.wait_for(lambda: self._size % 8 == 0)
        return answer


@planted_model("AI-02")
class PredictMarksText(SoundModel):
    """The text is put between markers in the caller's own dict."""

    async def predict(self, input_data):
        input_data["text"] = f"<s> {read_text(input_data)} </s>"
        return await super().predict(input_data)


@planted_model("AI-02")
class PredictAddsDefault(SoundModel):
    """A language that is not given is filled in, in the caller's own dict."""

    async def predict(self, input_data):
        input_data.setdefault("language", "en")
        return await super().predict(input_data)


@planted_model("AI-02")
class TrainDrainsExamples(SoundModel):
    """Training empties the list of examples that it is given."""

    async def train(self, training_data):
        while training_data:
            await super().train([training_data.pop()])
        return True


@planted_model("AI-02")
class TrainDropsLabels(SoundModel):
    """Training takes the label out of each example."""

    async def train(self, training_data):
        labels = [example.pop("label", None) for example in training_data]
        texts = [example.get("text") for example in training_data]
        pairs = zip(texts, labels, strict=True)
        return await super().train([{"text": text, "label": label} for text, label in pairs])


@planted_model("AI-03")
class TrainReturnsNone(SoundModel):
    """train() does not say whether it has learnt."""

    async def train(self, training_data):
        await super().train(training_data)


@planted_model("AI-03")
class TrainBreaksPredict(SoundModel):
    """train() leaves the model in another form than predict() reads."""

    async def train(self, training_data):
        await super().train(training_data)
        self._labels = sorted(self._labels.items())
        return True

    async def predict(self, input_data):
        words = read_text(input_data).split()
        return {"labels": [self._labels.get(word) for word in words], "known": len(self._labels)}

    def get_model_info(self):
        return {"name": "word counter", "trained": self._trained}


@planted_model("AI-03")
class TrainNeedsExamples(SoundModel):
    """Training with no examples divides by their number."""

    async def train(self, training_data):
        await super().train(training_data)
        self._mean = sum(len(example["text"]) for example in training_data) / len(training_data)
        return True


@planted_model("AI-04")
class InfoTellsTime(SoundModel):
    """The model's information has the time in it, so it differs from call to call."""

    def get_model_info(self):
        return super().get_model_info() | {"asked": time.time_ns()}


@planted_model("AI-04")
class InfoHasPath(SoundModel):
    """The model's information has a path in it, which JSON does not know."""

    def get_model_info(self):
        return super().get_model_info() | {"file": Path(self.context.data_dir, "model.bin")}


@planted_model("AI-04")
class InfoLacksName(SoundModel):
    """The model's information does not name the model."""

    def get_model_info(self):
        return {"trained": self._trained}


@planted_model("AI-04")
class InfoLacksTrained(SoundModel):
    """The model's information does not say whether it is trained."""

    def get_model_info(self):
        return {"name": "word counter"}


@planted_model("AI-04")
class InfoNeedsTraining(SoundModel):
    """The model's information fails while the model is untrained."""

    _score: float | None = None

    async def train(self, training_data):
        self._score = 0.9
        return await super().train(training_data)

    def get_model_info(self):
        return super().get_model_info() | {"score": round(self._score, 2)}
