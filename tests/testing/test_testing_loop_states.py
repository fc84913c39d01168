"""What the system says of threads and child processes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from aitbc_hooks.testing.loop_states import process_works, thread_works


def until(condition):
    while not condition():
        pass


def state(pid):
    return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]


@pytest.fixture
def child():
    with subprocess.Popen(["sh", "-c", "read line; while :; do :; done"], stdin=-1) as child:
        until(lambda: state(child.pid) == "S")
        yield child
        child.kill()


def test_a_child_that_waits_does_not_work(child):
    assert not process_works(child.pid)


def test_a_child_that_computes_works(child):
    child.stdin.write(b"\n")
    child.stdin.flush()
    until(lambda: state(child.pid) == "R")
    assert process_works(child.pid)


def test_a_child_that_has_ended_has_still_to_be_waited_for():
    with subprocess.Popen(["true"]) as child:
        until(lambda: state(child.pid) == "Z")
        assert process_works(child.pid)
        child.wait()
        assert not process_works(child.pid)


def test_a_child_that_has_a_signal_to_take_works(child):
    child.send_signal(signal.SIGSTOP)
    until(lambda: state(child.pid) == "T")
    assert not process_works(child.pid)
    child.send_signal(signal.SIGTERM)
    assert process_works(child.pid)
    child.send_signal(signal.SIGCONT)


def test_a_child_whose_own_child_computes_works():
    script = "sh -c 'while :; do :; done' & echo $!; wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True) as child:
        grandchild = int(child.stdout.readline())
        until(lambda: state(child.pid) == "S")
        assert process_works(child.pid)
        os.kill(grandchild, signal.SIGKILL)
        child.wait()


def test_a_thread_works_while_it_computes_and_not_while_it_waits():
    done, go = threading.Event(), threading.Event()

    def work():
        go.wait()
        until(done.is_set)

    thread = threading.Thread(target=work)
    thread.start()
    until(lambda: not thread_works(thread))
    go.set()
    until(lambda: thread_works(thread))
    done.set()
    thread.join()
    until(lambda: not thread_works(thread))  # the system takes a moment longer
