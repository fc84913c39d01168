"""AgentStore in four processes at once: real ones, on one file."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from aitbc_builtin_plugins.agent_cli.store import AgentStore

PROCESSES = 4

# Opens the store once told to begin, then creates its share of agents: distinct names, or
# everybody the same; a line of JSON says what became of each. Whatever is unexpected is a
# traceback and a failed process.
WORKER = """
import json, sys
from aitbc_builtin_plugins.agent_cli.agents import AgentExistsError, AgentLimitError
from aitbc_builtin_plugins.agent_cli.store import AgentStore

path, limit, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
print("ready", flush=True)
sys.stdin.readline()
outcomes = {"created": [], "taken": [], "full": []}
store = AgentStore(path, max_agents=limit).open()
for name in names:
    try:
        store.create(name, "chat")
        outcomes["created"].append(name)
    except AgentExistsError:
        outcomes["taken"].append(name)
    except AgentLimitError:
        outcomes["full"].append(name)
    assert store.count() <= limit
print(json.dumps(outcomes))
"""


@pytest.fixture
def crowd(tmp_path):
    """Starts a process for each list of names, lets them go at one moment, returns outcomes."""
    path = tmp_path / "agents.sqlite3"
    running = []

    def run(limit, shares):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        for names in shares:
            command = [sys.executable, "-c", WORKER, str(path), str(limit), *names]
            running.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    env=environment,
                )
            )
        for process in running:
            assert process.stdout.readline() == "ready\n", process.stderr.read()
        for process in running:
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=60) for process in running]
        assert [error for _, error in answers] == [""] * len(running)
        assert [process.returncode for process in running] == [0] * len(running)
        agents = AgentStore(path, max_agents=limit).open().select()
        return [json.loads(text) for text, _ in answers], [agent.name for agent in agents]

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
            process.communicate()


def every(outcomes, kind):
    return sorted(name for outcome in outcomes for name in outcome[kind])


def test_processes_with_distinct_names_fill_the_store_exactly_to_its_limit(crowd):
    shares = [[f"p{process}.{n}" for n in range(15)] for process in range(PROCESSES)]
    outcomes, kept = crowd(40, shares)
    assert len(kept) == 40
    assert every(outcomes, "created") == sorted(kept)
    assert len(every(outcomes, "full")) == PROCESSES * 15 - 40
    assert every(outcomes, "taken") == []


def test_processes_that_want_the_same_names_get_each_name_once(crowd):
    names = [f"agent{n}" for n in range(20)]
    shares = [[name.upper() if odd % 2 else name for name in names] for odd in range(PROCESSES)]
    outcomes, kept = crowd(100, shares)
    assert len(kept) == 20
    assert every(outcomes, "created") == sorted(kept)
    assert len(every(outcomes, "taken")) == (PROCESSES - 1) * 20


def test_processes_that_race_for_the_last_place_leave_one_winner(crowd):
    outcomes, kept = crowd(1, [[f"p{process}"] for process in range(PROCESSES)])
    assert every(outcomes, "created") == kept
    assert len(kept) == 1
    assert len(every(outcomes, "full")) == PROCESSES - 1
