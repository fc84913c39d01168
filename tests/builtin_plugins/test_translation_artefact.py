"""The model file of translation-ai: exact round trips, and no damaged byte that goes unnoticed."""

from __future__ import annotations

import hashlib
import json
import os
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_builtin_plugins.translation.artefact import (
    FILE_NAME,
    ArtefactError,
    decode,
    draft,
    encode,
    load,
)
from aitbc_builtin_plugins.translation.decoder import translate
from aitbc_builtin_plugins.translation.inputs import starter_examples
from aitbc_builtin_plugins.translation.model import Example, learn

MODEL = learn([Example("hello world", "hola mundo"), Example("the world", "el mundo")])
DATA = encode(MODEL)


def sealed(document: object, version: int = 1) -> bytes:
    packed = zlib.compress(json.dumps(document).encode())
    digest = hashlib.sha256(packed).hexdigest()
    return f"aitbc-translation {version} {digest}\n".encode() + packed


def document() -> dict[str, object]:
    return json.loads(zlib.decompress(DATA.partition(b"\n")[2]))


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(st.lists(st.builds(Example, texts, texts), max_size=5), st.booleans(), st.text())
def test_a_model_survives_the_round_trip_and_predicts_the_same(examples, starter, probe):
    model = learn(examples, starter=starter_examples()[:5] if starter else ())
    again = decode(encode(model))
    assert again == model
    assert encode(again) == encode(model)
    assert translate(again, probe) == translate(model, probe)


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_no_changed_byte_is_accepted(position, change):
    damaged = bytearray(DATA)
    damaged[position] ^= change
    with pytest.raises(ArtefactError):
        decode(bytes(damaged))


@given(st.integers(0, len(DATA) - 1))
def test_no_shortened_file_is_accepted(length):
    with pytest.raises(ArtefactError):
        decode(DATA[:length])


@given(st.binary(min_size=1))
def test_neither_appended_nor_arbitrary_bytes_are_accepted(junk):
    with pytest.raises(ArtefactError):
        decode(DATA + junk)
    with pytest.raises(ArtefactError):
        decode(junk)


def test_a_newer_format_is_named_in_the_refusal():
    with pytest.raises(ArtefactError, match="it has format 2; this version reads 1"):
        decode(sealed(document(), version=2))


@pytest.mark.parametrize(
    "change",
    [
        {"languages": ["en", "de"]},
        {"examples": [["a"]]},
        {"examples": [["a", 1]]},
        {"starter_examples": True},
        {"target_words": "3"},
        {"memory": []},
        {"phrases": {"a": ["b", 0.0]}},
        {"phrases": {"a": ["b", 2.0]}},
        {"lexicon": {"a": [None, 0.5]}},
        {"lexicon": None},
    ],
)
def test_a_well_sealed_file_of_the_wrong_content_is_refused(change):
    assert decode(sealed(document())) == MODEL
    with pytest.raises(ArtefactError, match="not what format 1 prescribes"):
        decode(sealed(document() | change))


def test_a_draft_changes_nothing_until_it_is_committed(tmp_path):
    written = draft(MODEL, tmp_path)
    assert load(tmp_path) is None
    written.commit()
    assert load(tmp_path) == MODEL
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


def test_a_discarded_draft_leaves_no_trace(tmp_path):
    draft(MODEL, tmp_path / "new").discard()
    assert list((tmp_path / "new").iterdir()) == []


def test_an_unreadable_file_steps_aside_under_a_free_name_when_it_is_replaced(tmp_path):
    (tmp_path / f"{FILE_NAME}.kept-1").write_bytes(b"older")
    (tmp_path / FILE_NAME).write_bytes(b"broken")
    draft(MODEL, tmp_path).commit()
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        FILE_NAME: DATA,
        f"{FILE_NAME}.kept-1": b"older",
        f"{FILE_NAME}.kept-2": b"broken",
    }


def test_a_directory_in_the_place_of_the_file_is_an_artefact_error(tmp_path):
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(ArtefactError, match="cannot be read"):
        load(tmp_path)


def test_a_commit_that_fails_removes_the_draft_and_leaves_the_place_alone(tmp_path):
    written = draft(MODEL, tmp_path)
    (tmp_path / FILE_NAME / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match=os.strerror(21)):
        written.commit()
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]
