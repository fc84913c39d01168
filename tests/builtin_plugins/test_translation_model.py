"""The model of translation-ai: what it learns, how it decodes, and the laws of both."""

from __future__ import annotations

import difflib
import itertools
import os
import random
import subprocess
import sys

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aitbc_builtin_plugins.translation.alignment import NULL, align, lexical_table
from aitbc_builtin_plugins.translation.decoder import translate
from aitbc_builtin_plugins.translation.inputs import starter_examples
from aitbc_builtin_plugins.translation.model import Example, learn
from aitbc_builtin_plugins.translation.text import (
    capitalise,
    join,
    normalise,
    sentences,
    tokenise,
)

NOUNS = {"car": "coche", "dog": "perro", "book": "libro", "cat": "gato", "boat": "barco"}
ADJECTIVES = {"red": "rojo", "small": "bajo", "new": "nuevo", "white": "blanco", "good": "bueno"}
VERBS = {"sees": "ve", "wants": "quiere", "has": "tiene"}

STARTER = learn((), starter=starter_examples())

known_words = st.sampled_from(sorted(STARTER.lexicon))
toy_words = st.sampled_from(["ka", "lo", "mi", "nu", "pe", "Ra", "si", "7", ".", ","])
toy_texts = st.lists(toy_words, min_size=1, max_size=6).map(" ".join)
toy_examples = st.lists(st.builds(Example, toy_texts, toy_texts), max_size=6)


def grammar() -> list[Example]:
    """Every sentence of a grammar in which the adjective follows its noun, in a fixed shuffle."""
    sides = list(itertools.product(ADJECTIVES, NOUNS))
    found = []
    for (adjective, noun), verb, (other_adjective, other_noun) in itertools.product(
        sides, VERBS, sides
    ):
        found.append(
            Example(
                f"the {adjective} {noun} {verb} the {other_adjective} {other_noun}",
                f"el {NOUNS[noun]} {ADJECTIVES[adjective]} {VERBS[verb]} "
                f"el {NOUNS[other_noun]} {ADJECTIVES[other_adjective]}",
            )
        )
    random.Random(7).shuffle(found)
    return found


def similarity(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


def test_em_finds_the_counterparts_that_only_whole_sentences_reveal():
    pairs = [(["la", "casa"], ["the", "house"]), (["la", "flor"], ["the", "flower"])]
    table = lexical_table(pairs, lambda: None)
    best = {word: max(row, key=row.get) for word, row in table.items() if word != NULL}
    assert best == {"la": "the", "casa": "house", "flor": "flower"}
    assert table["casa"]["house"] > table["casa"]["the"]


@given(toy_examples)
def test_each_word_s_translations_have_probabilities_that_add_up_to_one(examples):
    pairs = [(e.source.split(), e.target.split()) for e in examples]
    for row in lexical_table(pairs, lambda: None).values():
        assert not row or sum(row.values()) == pytest.approx(1)


def test_a_reordered_pair_is_linked_crosswise():
    pairs = [
        (["red", "car"], ["coche", "rojo"]),
        (["red", "dog"], ["perro", "rojo"]),
        (["new", "car"], ["coche", "nuevo"]),
    ]
    forward = lexical_table(pairs, lambda: None)
    backward = lexical_table([(target, source) for source, target in pairs], lambda: None)
    assert align(*pairs[0], forward, backward) == {(0, 1), (1, 0)}


def test_a_link_of_one_direction_is_kept_only_where_it_touches_an_agreed_one():
    def certain(links: dict[str, str]) -> dict[str, dict[str, float]]:
        """A table in which each word of the second side comes from one of the first."""
        sources = dict.fromkeys([NULL, *"abcd", *"wxyz"])
        return {s: {t: float(links[t] == s) for t in links} for s in sources}

    agreed = {(0, 0), (1, 1), (2, 2)}
    forward = certain({"w": "a", "x": "b", "y": "c", "z": "a"})
    backward = certain({"a": "w", "b": "x", "c": "y", "d": "z"})
    assert align("abcd", "wxyz", forward, backward) == agreed | {(3, 3)}


def test_an_unseen_sentence_is_composed_from_phrases_with_their_inner_reordering():
    model = learn(
        [
            Example("the red car", "el coche rojo"),
            Example("the red dog", "el perro rojo"),
            Example("the new car", "el coche nuevo"),
            Example("I see the dog", "veo el perro"),
            Example("I see the book", "veo el libro"),
        ]
    )
    found = translate(model, "I see the red car")
    assert found.text == "Veo el coche rojo"
    assert found.coverage == 1
    assert 0.2 < found.confidence < 1


def test_held_out_sentences_beat_the_copy_and_the_word_by_word_translation():
    known, held_out = grammar()[:150], grammar()[150:250]
    model = learn(known)
    words_only = attrs.evolve(model, phrases={}, memory={})

    def mean(results: list[float]) -> float:
        return sum(results) / len(results)

    copied = mean([similarity(e.source, e.target) for e in held_out])
    word_by_word = mean(
        [similarity(translate(words_only, e.source).text, e.target) for e in held_out]
    )
    phrases = mean([similarity(translate(model, e.source).text, e.target) for e in held_out])
    assert phrases > copied + 0.8
    assert phrases > word_by_word + 0.2
    assert mean([translate(model, e.source).text == e.target for e in held_out]) > 0.8


def test_more_sentences_of_a_grammar_translate_more_of_the_held_out_ones():
    held_out = grammar()[300:380]

    def exact(size: int) -> int:
        model = learn(grammar()[:size])
        return sum(translate(model, e.source).text == e.target for e in held_out)

    assert exact(5) < exact(30) < exact(150)


@given(toy_examples, toy_examples, toy_texts)
def test_more_examples_never_lower_the_coverage(examples, more, probe):
    before = translate(learn(examples), probe)
    after = translate(learn([*examples, *more]), probe)
    assert after.coverage >= before.coverage


@given(toy_examples.filter(bool))
def test_a_taught_text_comes_back_as_it_was_last_taught(examples):
    taught = {e.source.lower(): e.target for e in examples}
    model = learn(examples)
    assert all(translate(model, source).text == target for source, target in taught.items())


def test_contradictory_lessons_make_the_latest_win_with_less_confidence():
    model = learn([Example("bank", "banco"), Example("bank", "orilla")])
    found = translate(model, "bank")
    assert (found.text, found.confidence) == ("orilla", 0.5)


def test_unknown_words_pass_through_and_lower_the_confidence():
    known, half = translate(STARTER, "a dog"), translate(STARTER, "a zorp")
    assert (half.text, half.unknown, half.coverage) == ("un zorp", ("zorp",), 0.5)
    assert half.confidence < known.confidence
    assert half.confidence <= half.coverage


def test_the_starter_set_composes_a_sentence_it_does_not_contain():
    assert STARTER.starter_examples >= 60
    assert translate(STARTER, "I have the red car.").text == "Tengo el coche rojo."
    assert translate(STARTER, "GOOD NIGHT").text == "Buenas noches"


def test_sentences_of_a_longer_text_are_translated_one_by_one_and_keep_their_layout():
    found = translate(STARTER, " Good night\n\nI live here.  The dog drinks 7, 8 or 9.\n")
    assert found.text == " Buenas noches\n\nVivo aquí.  El perro bebe 7, 8 or 9.\n"
    assert found.unknown == ("or",)


def test_numbers_are_copied_and_never_swallowed_by_a_phrase():
    model = learn([Example("room 12", "habitación 12"), Example("room 15 now", "habitación 15 ya")])
    assert translate(model, "my room 12, please").text == "my habitación 12, please"
    assert translate(model, "room 15 now!").text == "habitación 15 ya!"


def test_a_word_that_translations_leave_out_is_known_to_be_silent():
    verbs = {"drink": "bebo", "eat": "como", "sleep": "duermo"}
    model = learn([Example(f"I {verb}", target) for verb, target in verbs.items()])
    found = translate(model, "  I zorp")
    assert (found.text, found.unknown) == ("  Zorp", ("zorp",))


def test_a_text_too_long_to_align_is_remembered_whole():
    source = " ".join(f"word{i}" for i in range(100))
    model = learn([Example(source, "todo")])
    assert translate(model, source).text == "todo"
    assert translate(model, "word1").unknown == ("word1",)


def test_learning_more_than_can_be_aligned_is_refused():
    long = " ".join(f"w{i}" for i in range(80))
    with pytest.raises(ValueError, match=r"^training_data: too large together"):
        learn([Example(long, long)] * 1_600)


def test_the_check_is_called_while_learning_and_ends_it():
    calls = itertools.count(1)

    def check() -> None:
        if next(calls) == 40:
            raise KeyError

    with pytest.raises(KeyError):
        learn(starter_examples(), check=check)
    assert next(calls) == 41


@settings(max_examples=300)
@given(st.text() | st.lists(known_words | st.text(max_size=3)).map(" ".join))
def test_every_text_is_translated_within_the_laws(text):
    found = translate(STARTER, text)
    assert 0 <= found.confidence <= found.coverage <= 1
    assert (found.coverage == 1) == (not found.unknown)
    assert all(word in normalise(text) for word in found.unknown)


@given(st.text())
def test_a_model_that_knows_nothing_returns_the_text(text):
    assert translate(learn(()), text).text == normalise(text)


@given(st.text())
def test_sentences_and_tokens_lose_nothing_but_white_space_at_the_end(text):
    assert "".join(sentences(text)) == text
    assert "".join(token.gap + token.text for token in tokenise(text)) == text.rstrip()
    assert join(tokenise(text)).split() == text.split()


@given(st.text(), st.text())
def test_capitalising_changes_at_most_one_letter_and_none_without_a_model(text, like):
    assert capitalise(text, text) == text
    assert capitalise(text, like).lower() == text.lower() or not text.isascii()
    assume(not any(map(str.isalpha, like)))
    assert capitalise(text, like) == text


def test_the_same_examples_give_the_same_bytes_under_every_hash_seed():
    code = (
        "import hashlib\n"
        "from aitbc_builtin_plugins.translation.artefact import encode\n"
        "from aitbc_builtin_plugins.translation.inputs import starter_examples\n"
        "from aitbc_builtin_plugins.translation.model import learn\n"
        "print(hashlib.sha256(encode(learn(starter_examples()))).hexdigest())\n"
    )
    path = os.pathsep.join(filter(None, sys.path))
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(digests) == 1
