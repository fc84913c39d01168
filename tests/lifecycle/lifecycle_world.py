"""A real manager on a virtual clock, plugins that do what they are told, and a journal of it all."""

from __future__ import annotations

import asyncio

import attrs
import pluggy
from lifecycle_faults import DEADLINE, FINE, METHODS, RAISES, act
from lifecycle_loop import VirtualLoop
from lifecycle_model import SEEN_INSIDE

from aitbc_hooks import PluginManager
from aitbc_hooks.errors import LifecycleError
from aitbc_hooks.interfaces import BasePlugin, PluginMetadata
from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hookspecs import hookimpl

_hookspec = pluggy.HookspecMarker("aitbc")


class PokeSpecs:
    @_hookspec
    def poke(self):
        """Ask every plugin that hook calls reach for its name."""


@attrs.define(eq=False)
class Entry:
    """One call of one method of one instance."""

    plugin: ScriptedPlugin
    method: str
    began: float
    task: asyncio.Task
    ended: float | None = None
    value: object = None
    error: BaseException | None = None
    released: bool = False

    def __str__(self):
        return f"{self.plugin.name}.{self.method}()"

    @property
    def abandoned(self):
        """Whether it outlived its operation; to be asked when no operation is under way."""
        return self.released or self.ended is None

    @property
    def in_time(self):
        return self.ended is not None and self.ended - self.began < DEADLINE

    @property
    def good(self):
        return self.in_time and self.error is None and self.value is True


class ScriptedPlugin(BasePlugin):
    """Does what the world has planned for its methods, and writes down that it was called."""

    name: str
    world: World
    needs: tuple[str, ...] = ()

    def __init__(self, context):
        self.world.constructions += 1
        fault = self.world.behaviour(self.name, "construct").fault
        if fault in RAISES:
            raise RAISES[fault]
        self.entries = []
        super().__init__(context)

    def get_metadata(self):
        return PluginMetadata(
            name=self.name,
            version="1.0.0",
            description="Does as it is told",
            author="the tests",
            license="MIT",
            dependencies=list(self.needs),
        )

    async def initialize(self):
        return await self._do("initialize")

    async def start(self):
        return await self._do("start")

    async def stop(self):
        return await self._do("stop")

    async def cleanup(self):
        return await self._do("cleanup")

    async def handle_event(self, event_type, data):
        await self._do("handle_event")

    @hookimpl
    def poke(self):
        return self.name

    async def _do(self, method):
        world, behaviour = self.world, self.world.behaviour(self.name, method)
        entry = world.enter(self, method)
        try:
            for _ in range(behaviour.pauses):
                await asyncio.sleep(0)
            if behaviour.request is not None:
                await world.answer(behaviour.request)
            entry.value = await act(behaviour.fault, world.release)
        except BaseException as error:
            entry.error = error
            raise
        finally:
            entry.ended = world.loop.now
            world.check_needs()
        return entry.value


@attrs.frozen
class Ask:
    """An operation for the manager; the numbers are turns of the loop."""

    operation: str  # one of OPERATIONS, or "broadcast"
    name: str = ""
    cancel_at: int | None = None  # counted from its beginning
    begin_at: int = 0


@attrs.frozen
class Outcome:
    """What became of an operation: what it returned, or the code or class of what it raised."""

    result: object
    cancelled: bool = False  # the cancellation came before the end


class World:
    """The system under test, as the state machine and the table test handle it.

    Attributes:
        plan: (plugin, method) -> what it does; everything else is fine.
        journal: Every call of a method of a plugin so far.
        constructions: How many instances were made, or begun.
        interrupted: Whether a KeyboardInterrupt has left the event loop in the last run.
        trouble: Violations of the author's contract that were seen while the plugins ran.
    """

    def __init__(self, needs, *, declared, state_dir):
        self.loop = VirtualLoop()
        # What a provoked interrupt leaves unawaited is collected, and told, at any time.
        self.loop.set_exception_handler(lambda loop, context: None)
        self.names = tuple(needs)
        self.needs = needs
        self.plan = {}
        self.journal = []
        self.constructions = 0
        self.interrupted = False
        self.answers = []
        self.trouble = []
        self.release = asyncio.Event()
        timeouts = dict.fromkeys((*METHODS, "handle_event"), DEADLINE)
        blocks = {
            name: {
                "enabled": True,
                "timeouts": timeouts,
                "dependencies": list(needs[name]) if declared else [],
            }
            for name in needs
        }
        # The walks are longer than a plugin may fail before its events pause.
        events = {"max_failures": 10**6}
        self.manager = PluginManager(
            {"state_dir": str(state_dir), "plugins": blocks, "events": events}
        )
        self.manager.hooks.add_hookspecs(PokeSpecs)
        for name in needs:
            space = {"name": name, "world": self, "needs": () if declared else needs[name]}
            self.manager.register(type(f"Scripted{name}", (ScriptedPlugin,), space))

    def behaviour(self, name, method):
        return self.plan.get((name, method), FINE)

    # What the plugins tell.

    def enter(self, plugin, method):
        entry = Entry(plugin, method, self.loop.now, asyncio.current_task())
        self._expect(plugin.status in SEEN_INSIDE[method], entry, f"saw {plugin.status.name}")
        status = self.manager.get_plugin_status(plugin.name)
        self._expect(status is plugin.status, entry, f"saw {plugin.status.name}, not {status.name}")
        for rule, broken in author_contract(plugin.entries, method):
            self._expect(not broken, entry, rule)
        plugin.entries.append(entry)
        self.journal.append(entry)
        self.check_needs()
        return entry

    async def answer(self, request):
        try:
            result = await self.perform(request.operation, request.target)
        except LifecycleError as error:
            result = error.code
        self.answers.append((request.operation, request.target, result))

    def check_needs(self):
        for name, needs in self.needs.items():
            if self.status(name) is S.ACTIVE:
                for other in needs:
                    active = self.status(other) is S.ACTIVE
                    self._expect(active, other, f"is not ACTIVE, and {name} needs it")

    def _expect(self, condition, subject, what):
        if not condition:
            self.trouble.append(f"{subject} {what}")

    # What the test does.

    def status(self, name):
        return self.manager.get_plugin_status(name)

    async def perform(self, operation, name):
        if operation == "broadcast":
            return await self.manager.broadcast_event("test.event", {})
        return await getattr(self.manager, f"{operation}_plugin")(name)

    def run(self, operation, name=""):
        """Perform one operation."""
        return self.run_all([Ask(operation, name)])[0]

    def run_all(self, asked):
        """Perform operations concurrently, begun in this order; return their outcomes."""
        outcomes = [None] * len(asked)

        async def perform(index, ask):
            for _ in range(ask.begin_at):
                await asyncio.sleep(0)
            task = asyncio.create_task(self.perform(ask.operation, ask.name))
            cancelled = False
            if ask.cancel_at is not None:
                for _ in range(ask.cancel_at):
                    await asyncio.sleep(0)
                cancelled = task.cancel()
            await asyncio.wait({task})
            outcomes[index] = Outcome(_result(task), cancelled)

        async def perform_all():
            tasks = [asyncio.create_task(perform(index, ask)) for index, ask in enumerate(asked)]
            await asyncio.wait(tasks)

        self.interrupted = self.loop.finish(perform_all())
        return outcomes

    def leftovers(self):
        """Return the tasks that go on although everything has returned, but for zombies."""
        zombies = self._zombies()

        async def look():
            for _ in range(3):
                await asyncio.sleep(0)
            others = asyncio.all_tasks() - zombies - {asyncio.current_task()}
            return sorted(task.get_name() for task in others)

        return self.loop.run_until_complete(look())

    def settle(self):
        """Let everything end that ends by itself."""
        self.loop.finish(self._await_all(but=self._zombies()))

    def release_zombies(self):
        """Let those that ignore their cancellation end, long after they were abandoned."""
        for entry in self.journal:
            entry.released = entry.abandoned
        self.release.set()
        self.loop.finish(self._await_all())
        self.release.clear()

    def _zombies(self):
        return {entry.task for entry in self.journal if entry.ended is None}

    async def _await_all(self, but=frozenset()):
        await asyncio.sleep(0)
        if others := asyncio.all_tasks() - but - {asyncio.current_task()}:
            await asyncio.wait(others)

    def unload_all(self):
        """Unload everything; return what cannot be unloaded."""
        self.plan.clear()
        for name in self.names:
            self.run("unload", name)
        return [name for name in self.names if self.status(name) is not S.UNLOADED]

    def close(self):
        """Leave nothing behind, whatever has gone wrong before."""
        self.release.set()
        while tasks := asyncio.all_tasks(self.loop):
            for task in tasks:
                task.cancel()
            self.loop.finish(asyncio.wait(tasks, timeout=100))
        self.loop.close()


def _result(task):
    if task.cancelled():
        return asyncio.CancelledError
    error = task.exception()
    if isinstance(error, LifecycleError):
        return error.code
    return task.result() if error is None else type(error)


def author_contract(entries, method):
    """Yield every rule of the author's contract, and whether calling `method` now breaks it."""
    called = [entry.method for entry in entries]
    running = is_running(entries)
    lifecycle = [entry for entry in entries if entry.method in METHODS]
    if method == "handle_event":
        yield "before start() had succeeded or after stop()", not running
        return
    yield "C1: while another method ran", any(entry.abandoned for entry in lifecycle)
    if method == "initialize":
        yield "C2: twice", "initialize" in called
    elif method == "start":
        initialized = [entry for entry in entries if entry.method == "initialize"]
        yield "C3: before initialize()", not any(entry.good for entry in initialized)
        yield "C4: while running", running
        yield "C5: after cleanup()", "cleanup" in called
    elif method == "stop":
        yield "C6: without a successful start()", not running
    else:
        yield "C7: before initialize()", "initialize" not in called
        yield "C8: while running", running
        yield "C9: twice", "cleanup" in called


def is_running(entries):
    """Whether an instance's last start() succeeded, and stop() was not entered since."""
    for entry in reversed(entries):
        if entry.method in ("start", "stop"):
            return entry.method == "start" and entry.good
    return False


def told_by(entries):
    """Return the status that an instance's calls have led to; None where it was let go."""
    status = S.LOADING
    goals = {"initialize": S.LOADED, "start": S.ACTIVE, "stop": S.INACTIVE}
    for entry in entries:
        if entry.method == "cleanup":
            return S.UNLOADED
        if entry.method in goals:
            status = goals[entry.method] if entry.good else S.ERROR
    return status
