"""Models without a network: they learn where they run, and refuse what they do not understand."""

from __future__ import annotations

import asyncio
import collections
import itertools
import json
import math
from pathlib import Path

from corpus import good
from hypothesis import strategies as st

from aitbc.plugins import AIPlugin, PluginMetadata, hookimpl

WORDS = st.lists(st.sampled_from(["the", "house", "is", "red", "blue", "tree"]), min_size=1)
TEXT = WORDS.map(" ".join)
TEXTS = {
    "input_data": st.fixed_dictionaries({"text": TEXT}),
    "training_data": st.lists(st.fixed_dictionaries({"text": TEXT}), min_size=1, max_size=5),
}
_COORDINATE = st.floats(-1e6, 1e6) | st.integers(-1000, 1000)
_POINT = st.lists(_COORDINATE, min_size=2, max_size=2)
POINTS = {
    "input_data": st.fixed_dictionaries({"features": _POINT}),
    "training_data": st.lists(
        st.fixed_dictionaries({"features": _POINT, "label": st.sampled_from(["x", "y"])}),
        min_size=1,
        max_size=6,
    ),
}


class Model(AIPlugin):
    """Succeeds at everything in its lifecycle."""

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


def text_of(data):
    text = data.get("text") if isinstance(data, dict) else None
    if not isinstance(text, str):
        raise ValueError("text: expected a string")  # noqa: TRY004 - the contract's word
    return text


@good(samples=TEXTS)
class WordCounter(Model):
    """Counts words; what it has learnt is how common they are."""

    def __init__(self, context):
        super().__init__(context)
        self._known = collections.Counter()

    def get_metadata(self):
        return PluginMetadata("word-counter", "1.0.0", "Counts words", "ML Author", "MIT")

    async def predict(self, input_data):
        words = text_of(input_data).split()
        total = self._known.total()
        rarity = {word: 1 - self._known[word] / total if total else None for word in words}
        return {"words": len(words), "distinct": len(rarity), "rarity": rarity}

    async def train(self, training_data):
        texts = [text_of(example) for example in training_data]
        for text in texts:
            self._known.update(text.split())
        return bool(texts)

    def get_model_info(self):
        return {"name": "word-counter", "trained": bool(self._known), "words": len(self._known)}


def vector(value, where):
    """Return a list of finite floats, whatever was given for it."""
    if not isinstance(value, list) or not value:
        raise ValueError(f"{where}: expected a list of numbers")
    if any(isinstance(x, bool) or not isinstance(x, int | float) for x in value):
        raise ValueError(f"{where}: expected numbers only")
    try:
        numbers = [float(x) for x in value]
    except OverflowError:
        raise ValueError(f"{where}: a number is too large") from None
    if not all(map(math.isfinite, numbers)):
        raise ValueError(f"{where}: a number is not finite")
    return numbers


@good(samples=POINTS)
class NearestNeighbour(Model):
    """Returns False for examples that it does not understand, and raises for such questions."""

    def __init__(self, context):
        super().__init__(context)
        self._examples = []

    def get_metadata(self):
        return PluginMetadata("nearest-neighbour", "0.2.0", "Classifies", "ML Author", "MIT")

    async def predict(self, input_data):
        if not self._examples:
            raise ValueError("nothing has been learnt yet")
        point = vector(input_data.get("features"), "features")
        if len(point) != len(self._examples[0][0]):
            raise ValueError(f"features: expected {len(self._examples[0][0])} numbers")
        distance, label = min((math.dist(point, known), label) for known, label in self._examples)
        if math.isinf(distance):
            raise ValueError("features: too far from everything")
        return {"label": label, "distance": distance}

    async def train(self, training_data):
        try:
            examples = [
                (vector(each["features"], "features"), str(each["label"])) for each in training_data
            ]
        except (KeyError, TypeError, ValueError) as error:
            self.context.logger.warning("not learnt: %r", error)
            return False
        if len({len(features) for features, _ in examples + self._examples}) != 1:
            return False
        self._examples = self._examples + examples
        return True

    def get_model_info(self):
        return {
            "name": "nearest-neighbour",
            "trained": bool(self._examples),
            "examples": len(self._examples),
        }


@good(samples=TEXTS, example={"order": 2})
class MarkovText(Model):
    """Trains in a thread, keeps its model in a file, and takes it up again in initialize."""

    def get_metadata(self):
        return PluginMetadata("markov-text", "1.1.0", "Goes on talking", "ML Author", "MIT")

    def get_config_schema(self):
        return {
            "type": "object",
            "properties": {"order": {"enum": [1, 2, 3], "default": 1}},
            "additionalProperties": False,
        }

    async def initialize(self):
        self._order = int(self.context.config.get("order", 1))
        self._path = Path(self.context.data_dir, f"model-{self._order}.json")
        self._training = asyncio.Lock()
        self._table = await asyncio.to_thread(self._load)
        return True

    async def predict(self, input_data):
        words = text_of(input_data).split()
        while len(words) < 30:
            key = " ".join(words[-self._order :])
            if key not in self._table:
                break
            words.append(self._table[key])
        return {"text": " ".join(words)}

    async def train(self, training_data):
        texts = [text_of(example).split() for example in training_data]
        async with self._training:
            table = await asyncio.to_thread(self._learn, texts)
            await asyncio.to_thread(self._save, table)
            self._table = table
        return True

    def get_model_info(self):
        return {
            "name": "markov-text",
            "trained": bool(self._table),
            "order": self._order,
            "size": {"keys": len(self._table)},
        }

    def _load(self):
        return json.loads(self._path.read_text("utf-8")) if self._path.exists() else {}

    def _learn(self, texts):
        table = dict(self._table)
        for words in texts:
            windows = zip(*(itertools.islice(words, n, None) for n in range(self._order + 1)))  # noqa: B905 - the shortest ends it
            table.update((" ".join(key), word) for *key, word in windows)
        return table

    def _save(self, table):
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(table), encoding="utf-8")
        new.replace(self._path)


@good()
class JunkProof(Model):
    """Makes something of every input, and learns from nothing; needs no samples."""

    def get_metadata(self):
        return PluginMetadata("junk-proof", "1.0.0", "Sizes inputs up", "ML Author", "MIT")

    async def predict(self, input_data):
        if not input_data:
            return None  # the input does not concern this model
        text = json.dumps(input_data, sort_keys=True)
        return {"size": len(text), "depth": max(itertools.accumulate(map(_step, text)))}

    async def train(self, training_data):
        return False

    def get_model_info(self):
        return {"name": "junk-proof", "trained": False, "license": None}


def _step(character):
    return {"{": 1, "[": 1, "}": -1, "]": -1}.get(character, 0)


class Sentiment:
    """A model without a class of the interface."""

    def __init__(self):
        self._weights = {"red": -1, "blue": 1}

    @hookimpl
    async def predict(self, input_data):
        text = input_data.get("text")
        if not isinstance(text, str):
            return None
        await asyncio.sleep(0)
        score = sum(self._weights.get(word, 0) for word in text.lower().split())
        return {"mood": "good" if score > 0 else "bad" if score < 0 else "calm", "score": score}

    @hookimpl
    async def train(self, training_data):
        texts = [text_of(each) for each in training_data]
        self._weights = {**self._weights, **dict.fromkeys(texts, 1)}
        return True

    @hookimpl
    def get_model_info(self):
        return {"name": "sentiment", "trained": True, "words": len(self._weights)}


good.add(lambda context: Sentiment(), id="sentiment", samples=TEXTS)
