"""What the running of a check does to the process around it."""

from __future__ import annotations

import gc
import socket
import weakref

import pytest
from conformance_trying import passes

from aitbc_hooks.testing.kit.sound import Sound


@pytest.fixture
def seen():
    return []


@pytest.fixture
def watching(seen):
    class Watching(Sound):
        async def initialize(self):
            seen.append(gc.get_freeze_count())
            return True

    return Watching


def test_while_a_check_runs_the_collector_is_kept_off_what_is_there(watching, seen):
    passes("LIFE-01", watching)
    assert min(seen) > 10_000
    assert gc.get_freeze_count() == 0


def test_what_an_author_has_frozen_stays_frozen(watching):
    gc.freeze()
    before = gc.get_freeze_count()
    try:
        passes("LIFE-01", watching)
        assert 0 < gc.get_freeze_count() <= before  # some may have been forgotten since
    finally:
        gc.unfreeze()


@pytest.mark.usefixtures("only_counting_references")
def test_what_a_plugin_has_left_complains_before_a_check_ends(recwarn):
    left = []

    class Listening(Sound):
        async def start(self):
            self.itself = self
            self.listener = socket.create_server(("127.0.0.1", 0))
            left.append(weakref.ref(self))
            return True

    passes("LIFE-01", Listening)
    assert left
    assert {each() for each in left} == {None}
    assert list(recwarn) == []
