"""Where agents are kept: one SQLite file, safe to use from several threads and processes.

Each operation opens the file, checks that it is what this module wrote, and closes it again. So
there is no connection that could belong to the wrong thread or outlive its owner, and a file
that was moved away or replaced while the host runs is noticed instead of being written to.
"""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from aitbc_hooks.errors import StateError

from .agents import (
    STATUSES,
    Agent,
    AgentExistsError,
    AgentLimitError,
    AgentNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import PathLike

__all__ = ["SCHEMA_VERSION", "AgentStore"]

#: Kept in the file's ``user_version``; a file with a higher one is refused.
SCHEMA_VERSION: Final = 1

_SCHEMA: Final = """
CREATE TABLE agents (
    name TEXT NOT NULL COLLATE NOCASE PRIMARY KEY,
    type TEXT NOT NULL COLLATE NOCASE,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
)
"""

_SELECT: Final = "SELECT name, type, description, status, created, updated FROM agents"


def _absolute(path: str | PathLike[str]) -> Path:
    return Path(path).absolute()


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.frozen
class AgentStore:
    """The agents in one SQLite file, ready to be used once `open` was called.

    Every method may be called from any thread and, at the same time, from other processes. It
    blocks for as long as the file needs.

    Args:
        path: The file.
        max_agents: How many agents may exist; a store that has more already keeps them.
        patience: How many seconds to wait for a file that others have locked.
        clock: What tells the time, as an aware `datetime`.

    Raises:
        StateError: The file cannot be read or written, or is not what this class wrote
            (``AITBC-S01``). Raised by every method; the file stays as it is.
    """

    path: Path = attrs.field(converter=_absolute)
    max_agents: int = attrs.field(kw_only=True, validator=attrs.validators.ge(1))
    patience: float = attrs.field(kw_only=True, default=10.0)
    clock: Callable[[], datetime] = attrs.field(kw_only=True, default=_now)

    def open(self) -> Self:
        """Create the file if it does not exist, check it if it does, and return the store."""
        with self._connected(mode="rwc") as connection:
            if self._schema_version(connection) != SCHEMA_VERSION:
                self._create_schema(connection)
            # Readers then do not wait for writers. Where the file system cannot do it, or other
            # processes are using the file this moment, everything works without.
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")
        return self

    def create(self, name: str, agent_type: str, description: str = "") -> Agent:
        """Create an agent.

        Raises:
            InvalidAgentError: A value is not what its field may hold.
            AgentExistsError: The name is taken.
            AgentLimitError: `max_agents` exist.
        """
        now = self.clock()
        agent = Agent(
            name=name,
            type=agent_type,
            description=description,
            status=STATUSES[0],
            created=now,
            updated=now,
        )
        with self._writing() as connection:
            self._refuse_taken(connection, name)
            if _count(connection) >= self.max_agents:
                agents = "is 1 agent" if self.max_agents == 1 else f"are {self.max_agents} agents"
                raise AgentLimitError(f"There {agents}, and max_agents allows no more.")
            connection.execute("INSERT INTO agents VALUES (?, ?, ?, ?, ?, ?)", _row(agent))
        return agent

    def get(self, name: str) -> Agent:
        """Return the agent of that name.

        Raises:
            AgentNotFoundError: There is none.
        """
        with self._reading() as connection:
            return self._find(connection, name)

    def select(self, agent_type: str | None = None) -> list[Agent]:
        """Return all agents, or those of one type, in the order of their names; case is ignored."""
        where, values = (
            (" WHERE type = ?", [_encodable(agent_type)]) if agent_type is not None else ("", [])
        )
        with self._reading() as connection:
            rows = connection.execute(f"{_SELECT}{where} ORDER BY name", values)
            return [self._agent(row) for row in rows]

    def count(self) -> int:
        """Return how many agents there are."""
        with self._reading() as connection:
            return _count(connection)

    def update(
        self,
        name: str,
        *,
        rename: str | None = None,
        agent_type: str | None = None,
        description: str | None = None,
        status: str | None = None,
    ) -> Agent:
        """Change what is not None and return the agent as it is then.

        Raises:
            AgentNotFoundError: There is no agent of that name.
            AgentExistsError: `rename` is the name of another agent.
            InvalidAgentError: A value is not what its field may hold.
        """
        wanted = {"name": rename, "type": agent_type, "description": description, "status": status}
        changes: dict[str, Any] = {
            field: value for field, value in wanted.items() if value is not None
        }
        with self._writing() as connection:
            before = self._find(connection, name)
            # The clock of a machine may be set back; an agent's history is not.
            after = attrs.evolve(before, **changes, updated=max(self.clock(), before.updated))
            if after.name.lower() != before.name.lower():
                self._refuse_taken(connection, after.name)
            connection.execute(
                "UPDATE agents SET name = ?, type = ?, description = ?, status = ?, "
                "created = ?, updated = ? WHERE name = ?",
                (*_row(after), before.name),
            )
        return after

    def delete(self, name: str) -> Agent:
        """Delete the agent of that name and return what it was.

        Raises:
            AgentNotFoundError: There is none.
        """
        with self._writing() as connection:
            agent = self._find(connection, name)
            connection.execute("DELETE FROM agents WHERE name = ?", (agent.name,))
        return agent

    def _lookup(self, connection: sqlite3.Connection, name: str) -> Agent | None:
        row = connection.execute(f"{_SELECT} WHERE name = ?", (_encodable(name),)).fetchone()
        return None if row is None else self._agent(row)

    def _find(self, connection: sqlite3.Connection, name: str) -> Agent:
        if (agent := self._lookup(connection, name)) is None:
            raise AgentNotFoundError(f"There is no agent {name!r:.80}.")
        return agent

    def _refuse_taken(self, connection: sqlite3.Connection, name: str) -> None:
        if (agent := self._lookup(connection, name)) is not None:
            raise AgentExistsError(
                f"There is an agent {agent.name!r} already; case makes no difference."
            )

    def _agent(self, row: tuple[str, ...]) -> Agent:
        name, agent_type, description, status, created, updated = row
        try:
            return Agent(
                name=name,
                type=agent_type,
                description=description,
                status=status,
                created=_moment(created),
                updated=_moment(updated),
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise self._unusable(f"it holds a damaged agent ({error})") from error

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._connected(mode="rw") as connection:
            if self._schema_version(connection) != SCHEMA_VERSION:
                raise self._unusable("it is no longer the store that was opened")
            yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the one write transaction of the file: committed at the end, or rolled back."""
        with self._reading() as connection, connection:
            # Not the default DEFERRED: what is read before the first write must still hold then.
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @contextlib.contextmanager
    def _connected(self, *, mode: str) -> Iterator[sqlite3.Connection]:
        address = f"{self.path.as_uri()}?mode={mode}"
        try:
            with contextlib.closing(
                sqlite3.connect(address, uri=True, timeout=self.patience, isolation_level=None)
            ) as connection:
                yield connection
        except sqlite3.Error as error:
            raise self._unusable(self._reason(error)) from error

    def _schema_version(self, connection: sqlite3.Connection) -> int:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            raise StateError(
                f"The agent store {self.path} has schema {version}, and this version of agent-cli "
                f"knows schemas up to {SCHEMA_VERSION}.",
                hint="Use the version that wrote it, or a newer one.",
            )
        return version

    def _create_schema(self, connection: sqlite3.Connection) -> None:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if self._schema_version(connection) == SCHEMA_VERSION:
                return  # another process was faster
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise self._unusable("it is a database of something else")
            connection.execute(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _reason(self, error: sqlite3.Error) -> str:
        # The low byte of the code; the others tell kinds of it apart.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            return f"another process kept it locked for {self.patience:g} seconds"
        return str(error)

    def _unusable(self, reason: str) -> StateError:
        return StateError(
            f"The agent store {self.path} cannot be used: {reason}.",
            hint="The file was left as it is; mend it, restore it or move it away.",
        )


def _count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM agents").fetchone()[0])


def _row(agent: Agent) -> tuple[str, ...]:
    record = agent.as_json()
    return tuple(record[field.name] for field in attrs.fields(Agent))


def _encodable(word: str) -> str:
    """Return `word` as SQLite can take it; one that cannot be encoded is stored nowhere anyway."""
    return word.encode(errors="replace").decode()


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
