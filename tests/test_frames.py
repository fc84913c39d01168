"""The frames of other threads are there to be looked at, and nothing is kept by it."""

import threading
import weakref

import pytest

from aitbc_hooks.frames import frames_of_others


@pytest.mark.usefixtures("only_counting_references")
def test_each_other_thread_has_a_frame_and_what_it_had_in_hand_goes_with_it():
    weak = []
    has, may_end = threading.Event(), threading.Event()

    def hold():
        in_hand = {"something"}
        weak.append(weakref.ref(in_hand))
        has.set()
        may_end.wait()

    def look():
        frames = frames_of_others()
        assert thread.ident in frames
        assert threading.get_ident() not in frames

    thread = threading.Thread(target=hold)
    thread.start()
    has.wait()
    look()
    may_end.set()
    thread.join()
    assert weak[0]() is None
