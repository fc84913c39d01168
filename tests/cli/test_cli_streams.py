"""What is taken over for the time of a run: streams, logging, signals; and given back."""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings

from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.cli.logs import logging_to_stderr
from aitbc_hooks.cli.prints import prints_as_lines
from aitbc_hooks.cli.session import Session
from aitbc_hooks.cli.signals import TERMINATING, handling


@given(st.lists(st.text("ab é\n")))
def test_whatever_the_pieces_that_are_printed_the_lines_are_whole(pieces):
    lines: list[str] = []
    with prints_as_lines(lines.append, None):
        for number, piece in enumerate(pieces):
            print(piece, end="", file=(sys.stdout, sys.stderr)[number % 2])
    text = "".join(pieces)
    assert "".join(lines) == text + ("" if text.endswith("\n") or not text else "\n")
    assert all(line.index("\n") == len(line) - 1 for line in lines)


def test_a_line_that_never_ends_is_told_in_pieces():
    lines: list[str] = []
    with prints_as_lines(lines.append, None):
        for _ in range(3):
            sys.stdout.write("x" * 40_000)
        assert [len(line) for line in lines] == [80_001]
    assert [len(line) for line in lines] == [80_001, 40_001]


def test_the_streams_are_given_back_and_what_was_kept_of_them_still_prints():
    before, lines = (sys.stdout, sys.stderr), []
    with prints_as_lines(lines.append, None):
        kept = sys.stdout
    assert (sys.stdout, sys.stderr) == before
    print("late", file=kept)
    assert lines == ["late\n"]


def test_logging_and_warnings_are_given_back():
    everyone, ours = logging.getLogger(), logging.getLogger("aitbc")
    before = (everyone.handlers[:], everyone.level, ours.level, warnings.showwarning)
    with logging_to_stderr(Session(verbosity=2)):
        assert (everyone.level, ours.level) == (logging.DEBUG, logging.DEBUG)
        assert warnings.showwarning is not before[-1]
    assert (everyone.handlers[:], everyone.level, ours.level, warnings.showwarning) == before


def test_foreign_loggers_are_told_from_warning_on_where_ours_are_from_info_on():
    lines: list[str] = []
    with logging_to_stderr(Session(), normally=logging.INFO, write=lines.append):
        logging.getLogger("aitbc.plugins.first").info("ours")
        logging.getLogger("lib").info("chatter")
        logging.getLogger("lib").warning("foreign")
    assert [line.split()[-1] for line in lines] == ["ours", "foreign"]


def test_a_hangup_that_is_ignored_stays_ignored():
    def handler(*_):
        """Do nothing."""

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with handling(handler, TERMINATING):
            assert signal.getsignal(signal.SIGTERM) is handler
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is not handler
    finally:
        signal.signal(signal.SIGHUP, before)
