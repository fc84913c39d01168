"""AgentStore against a model: a dict of the records that it should hold."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from aitbc_builtin_plugins.agent_cli.agents import (
    STATUSES,
    Agent,
    AgentExistsError,
    AgentLimitError,
    AgentNotFoundError,
)
from aitbc_builtin_plugins.agent_cli.store import AgentStore

# Few names and types in several cases, so that operations meet.
NAMES = st.sampled_from(["a", "A", "b", "B", "c", "dd", "Dd"])
TYPES = st.sampled_from(["chat", "Chat", "batch"])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


class AgentStoreMachine(RuleBasedStateMachine):
    """Does the same to a store and to a dict of lower-case name -> agent."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.agents = {}
        self.now = datetime(2026, 1, 31, tzinfo=UTC)

    def teardown(self):
        self.folder.cleanup()

    @initialize(limit=st.integers(1, 4))
    def begin(self, limit):
        self.limit = limit
        self.open()

    @rule()
    def open(self):
        path = Path(self.folder.name, "agents.sqlite3")
        self.store = AgentStore(path, max_agents=self.limit, clock=lambda: self.now).open()

    @rule(seconds=st.integers(-100, 100))
    def set_clock(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule(limit=st.integers(1, 4))
    def open_with_another_limit(self, limit):
        self.limit = limit
        self.open()

    @rule(name=NAMES, agent_type=TYPES, description=TEXTS)
    def create(self, name, agent_type, description):
        expected = None
        if name.lower() in self.agents:
            expected = AgentExistsError
        elif len(self.agents) >= self.limit:
            expected = AgentLimitError
        agent = self.does(lambda: self.store.create(name, agent_type, description), expected)
        if expected is None:
            assert agent == Agent(
                name=name,
                type=agent_type,
                description=description,
                status="active",
                created=self.now,
                updated=self.now,
            )
            self.agents[name.lower()] = agent

    @rule(name=NAMES)
    def show(self, name):
        expected = None if name.lower() in self.agents else AgentNotFoundError
        agent = self.does(lambda: self.store.get(name), expected)
        assert agent == self.agents.get(name.lower())

    @rule(
        name=NAMES,
        rename=st.none() | NAMES,
        agent_type=st.none() | TYPES,
        description=st.none() | TEXTS,
        status=st.none() | st.sampled_from(STATUSES),
    )
    def update(self, name, rename, agent_type, description, status):
        before = self.agents.get(name.lower())
        expected = None
        if before is None:
            expected = AgentNotFoundError
        elif rename and rename.lower() in self.agents.keys() - {name.lower()}:
            expected = AgentExistsError
        agent = self.does(
            lambda: self.store.update(
                name, rename=rename, agent_type=agent_type, description=description, status=status
            ),
            expected,
        )
        if expected is None:
            assert agent == attrs.evolve(
                before,
                name=rename or before.name,
                type=agent_type or before.type,
                description=before.description if description is None else description,
                status=status or before.status,
                updated=max(before.updated, self.now),
            )
            del self.agents[name.lower()]
            self.agents[agent.name.lower()] = agent

    @rule(name=NAMES)
    def delete(self, name):
        expected = None if name.lower() in self.agents else AgentNotFoundError
        agent = self.does(lambda: self.store.delete(name), expected)
        assert agent == self.agents.pop(name.lower(), None)

    @rule(agent_type=TYPES)
    def list_one_type(self, agent_type):
        of_type = [a for a in self.ordered() if a.type.lower() == agent_type.lower()]
        assert self.store.select(agent_type) == of_type

    @invariant()
    def the_store_holds_what_the_model_holds(self):
        assert self.store.select() == self.ordered()
        assert self.store.count() == len(self.agents)

    def ordered(self):
        return [self.agents[key] for key in sorted(self.agents)]

    def does(self, operation, expected):
        """Return the operation's result; None if it raised what was expected."""
        if expected is None:
            return operation()
        with pytest.raises(expected):
            operation()
        return None


TestAgentStoreMachine = AgentStoreMachine.TestCase
TestAgentStoreMachine.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
