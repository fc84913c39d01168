"""AgentStore: what it keeps, what it refuses, and what it does with files that are not its own."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_builtin_plugins.agent_cli.agents import (
    MAX_DESCRIPTION_BYTES,
    AgentExistsError,
    AgentLimitError,
    AgentNotFoundError,
    InvalidAgentError,
    check_name,
    rfc3339,
)
from aitbc_builtin_plugins.agent_cli.store import SCHEMA_VERSION, AgentStore
from aitbc_hooks.errors import StateError

NOON = datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=UTC)


class Clock:
    """Tells the time that the test sets."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "agents.sqlite3"


@pytest.fixture
def store(path, clock):
    return AgentStore(path, max_agents=3, clock=clock).open()


def execute(path, statement):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def test_a_created_agent_is_active_and_has_what_was_given(store):
    agent = store.create("alice", "chat", "Answers")
    assert store.get("alice") == agent
    assert agent.as_json() == {
        "name": "alice",
        "type": "chat",
        "description": "Answers",
        "status": "active",
        "created": "2026-01-31T12:00:00.000005Z",
        "updated": "2026-01-31T12:00:00.000005Z",
    }


def test_a_store_opened_again_has_the_agents_of_before(store, path):
    alice = store.create("alice", "chat")
    assert AgentStore(path, max_agents=3).open().select() == [alice]


def test_a_path_relative_to_the_working_directory_keeps_its_meaning(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = AgentStore("a?b#c %41.sqlite3", max_agents=3).open()
    monkeypatch.chdir("/")
    store.create("alice", "chat")
    assert (tmp_path / "a?b#c %41.sqlite3").is_file()


def test_names_are_one_whatever_their_case(store):
    store.create("Alice", "chat")
    with pytest.raises(AgentExistsError, match="'Alice'"):
        store.create("aLICE", "chat")
    assert store.get("ALICE").name == "Alice"
    assert store.delete("alice").name == "Alice"


@pytest.mark.parametrize("name", ["a", "A9", "a.b_c-d", "x" * 64])
def test_a_letter_followed_by_letters_digits_and_three_marks_is_a_name(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "1a", "-a", ".", "x" * 65, "a b", "a\n", "a\0", "é", "aé", "a/b", "a'b", "%s", "\ud800"],
)
def test_anything_else_is_no_name_and_no_type(store, name):
    with pytest.raises(InvalidAgentError, match=r"^A name is a letter"):
        store.create(name, "chat")
    with pytest.raises(InvalidAgentError, match=r"^A type is a letter"):
        store.create("alice", name)
    assert store.count() == 0


@pytest.mark.parametrize("name", ["nobody", "", "\ud800", "a\0", "' OR 1=1 --", "x" * 100_000])
def test_what_has_no_agent_is_not_found_whatever_it_looks_like(store, name):
    store.create("alice", "chat")
    for operation in (store.get, store.delete, store.update):
        with pytest.raises(AgentNotFoundError):
            operation(name)
    assert store.select(name) == []


@given(text=st.text(st.characters(codec="utf-8")))
def test_a_description_comes_back_as_it_was_given(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "descriptions.sqlite3"
    store = AgentStore(path, max_agents=1).open()
    store.create("alice", "chat", text)
    assert store.delete("alice").description == text


def test_a_description_may_have_ten_thousand_bytes_and_no_more(store):
    longest = "é" * (MAX_DESCRIPTION_BYTES // 2)
    store.create("alice", "chat", longest)
    with pytest.raises(InvalidAgentError, match="got 10001"):
        store.update("alice", description=longest + "x")
    assert store.get("alice").description == longest


def test_text_that_utf8_cannot_encode_is_no_description(store):
    with pytest.raises(InvalidAgentError, match="UTF-8"):
        store.create("alice", "chat", "\udcff")


def test_a_full_store_takes_no_further_agent_until_one_is_deleted(store):
    for name in ("a", "b", "c"):
        store.create(name, "chat")
    with pytest.raises(AgentLimitError, match="3 agents"):
        store.create("d", "chat")
    store.delete("b")
    store.create("d", "chat")
    assert [agent.name for agent in store.select()] == ["a", "c", "d"]


def test_a_lower_limit_keeps_the_agents_that_exist(store, path):
    store.create("a", "chat")
    store.create("b", "chat")
    smaller = AgentStore(path, max_agents=1).open()
    smaller.update("a", status="inactive")
    assert smaller.count() == 2
    with pytest.raises(AgentLimitError):
        smaller.create("c", "chat")


def test_a_limit_below_one_is_refused(path):
    with pytest.raises(ValueError, match="max_agents"):
        AgentStore(path, max_agents=0)


def test_agents_are_selected_by_type_in_the_order_of_their_names(store):
    for name, agent_type in (("b", "chat"), ("C", "batch"), ("A", "Chat")):
        store.create(name, agent_type)
    assert [agent.name for agent in store.select()] == ["A", "b", "C"]
    assert [agent.name for agent in store.select("CHAT")] == ["A", "b"]


def test_an_update_changes_what_it_names_and_the_time(store, clock):
    before = store.create("alice", "chat", "old")
    clock.now = NOON + timedelta(hours=1)
    after = store.update("ALICE", rename="bob", status="inactive", description="")
    assert (after.name, after.type, after.status, after.description) == (
        "bob",
        "chat",
        "inactive",
        "",
    )
    assert (after.created, after.updated) == (before.created, clock.now)
    assert store.select() == [after]


def test_a_clock_that_is_set_back_does_not_set_an_agent_back(store, clock):
    created = store.create("alice", "chat").created
    clock.now = NOON - timedelta(days=1)
    assert store.update("alice", status="inactive").updated == created


def test_an_agent_can_be_renamed_to_another_case_but_not_to_another_agent(store):
    store.create("alice", "chat")
    bob = store.create("bob", "chat")
    assert store.update("alice", rename="Alice").name == "Alice"
    with pytest.raises(AgentExistsError, match="'Alice'"):
        store.update("bob", rename="ALICE", status="inactive")
    assert store.get("bob") == bob


@pytest.mark.parametrize(
    "change",
    [{"rename": "1"}, {"agent_type": ""}, {"status": "asleep"}, {"description": "x" * 10_001}],
)
def test_an_update_with_a_wrong_value_changes_nothing(store, change):
    alice = store.create("alice", "chat")
    with pytest.raises(InvalidAgentError):
        store.update("alice", **change)
    assert store.get("alice") == alice


def test_moments_are_printed_in_utc_whatever_their_zone():
    there = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=-5)))
    assert rfc3339(there) == "2026-01-31T17:00:00.000000Z"


def test_threads_share_a_store_and_stay_within_the_limit(store):
    def work(number):
        try:
            store.create(f"agent{number}", "chat")
        except AgentLimitError:
            refused.append(number)

    refused = []
    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count() == 3
    assert len(refused) == 5


def test_readers_do_not_wait_for_a_writer(store, path):
    store.create("alice", "chat")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        writer.execute("DELETE FROM agents")
        assert AgentStore(path, max_agents=3, patience=0).count() == 1


def test_a_file_that_stays_locked_is_an_error_that_says_so(store, path):
    impatient = AgentStore(path, max_agents=3, patience=0)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError, match=r"AITBC-S01.*locked for 0 seconds"):
            impatient.create("alice", "chat")


def test_a_store_with_a_newer_schema_is_refused_and_left_alone(store, path):
    store.create("alice", "chat")
    execute(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StateError, match=r"AITBC-S01.*has schema 2.*up to 1"):
        AgentStore(path, max_agents=3).open()
    with pytest.raises(StateError, match="has schema 2"):
        store.delete("alice")
    assert execute(path, "SELECT name FROM agents") == [("alice",)]


def test_a_database_of_something_else_is_refused_and_left_alone(path):
    execute(path, "CREATE TABLE stamps (country TEXT)")
    content = path.read_bytes()
    with pytest.raises(StateError, match=r"AITBC-S01.*something else"):
        AgentStore(path, max_agents=3).open()
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"no database" * 500, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path, content):
    path.write_bytes(content)
    with pytest.raises(StateError, match=r"AITBC-S01.*agents\.sqlite3"):
        AgentStore(path, max_agents=3).open()
    assert path.read_bytes() == content


def test_a_database_with_damaged_pages_is_an_error_and_left_alone(store, path):
    store.create("alice", "chat", "x" * 9000)
    whole = path.read_bytes()
    damaged = whole[:4096] + b"\xff" * (len(whole) - 4096)
    path.write_bytes(damaged)
    with pytest.raises(StateError, match=r"AITBC-S01.*malformed"):
        store.select()
    assert path.read_bytes() == damaged


@pytest.mark.parametrize(
    "damage",
    [
        "created = 'yesterday'",
        "updated = '2026-01-31T12:00:00.000000'",
        "updated = x'ff'",
        "type = ''",
        "status = 'asleep'",
        "description = x'ff'",
    ],
)
def test_a_damaged_record_is_an_error_of_the_store(store, path, damage):
    store.create("alice", "chat")
    execute(path, f"UPDATE agents SET {damage}")
    with pytest.raises(StateError, match=r"AITBC-S01.*damaged agent"):
        store.get("alice")


def test_a_file_that_vanishes_is_noticed_and_not_made_anew(store, path):
    path.unlink()
    with pytest.raises(StateError, match=r"AITBC-S01.*unable to open"):
        store.create("alice", "chat")
    assert not path.exists()


def test_a_file_that_is_emptied_is_noticed(store, path):
    path.write_bytes(b"")
    with pytest.raises(StateError, match=r"AITBC-S01.*no longer the store"):
        store.count()


def test_a_place_that_cannot_hold_a_file_is_an_error(tmp_path):
    with pytest.raises(StateError, match="AITBC-S01"):
        AgentStore(tmp_path, max_agents=3).open()
    with pytest.raises(StateError, match="AITBC-S01"):
        AgentStore(tmp_path / "missing" / "agents.sqlite3", max_agents=3).open()
