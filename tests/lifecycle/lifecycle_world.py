"""A real manager on a virtual clock, with scripted plugins and a journal of all that they saw."""

from __future__ import annotations

import asyncio

from lifecycle_asking import Ask, UnderWay, after
from lifecycle_faults import DEADLINE, FINE, METHODS
from lifecycle_journal import Entry, author_contract
from lifecycle_rules import ARROWS, SEEN_INSIDE
from lifecycle_scripted import PokeSpecs, ScriptedPlugin

from aitbc_hooks import PluginManager
from aitbc_hooks.errors import LifecycleError
from aitbc_hooks.interfaces import PluginMetadata
from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hooks.lifecycle.call import GRACE
from aitbc_hooks.testing.loop import DetLoop


class World:
    """The system under test, as the state machine and the table test handle it.

    Attributes:
        choose: Which of several ready steps of tasks runs; None is first come, first served. It
            can be changed if there was one at the beginning.
        plan: (plugin, method) -> what it does; everything else is fine.
        journal: Every call of a method of a plugin so far.
        events: How many events were broadcast.
        constructions: How many instances were made, or begun.
        latest: Plugin -> its youngest instance, unless the last construction has failed.
        interrupted: Whether a KeyboardInterrupt has left the event loop in the last run.
        trouble: Violations of the author's contract that were seen while the plugins ran.
        arrows: (from, to) of every change of status that a plugin has seen.
    """

    def __init__(self, needs, *, declared, state_dir, choose=None):
        self.choose = choose
        self.loop = DetLoop(choose and (lambda ready: self.choose(ready) if self.choose else 0))
        # What a provoked interrupt leaves unawaited is collected, and told, at any time.
        self.loop.set_exception_handler(lambda loop, context: None)
        self.names = tuple(needs)
        self.needs = needs
        self.plan = {}
        self.journal = []
        self.constructions = 0
        self.latest = {}
        self.interrupted = False
        self.events = 0
        self.answers = []
        self.trouble = []
        self.arrows = set()
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
        self._classes = {name: self._class_of(name, declared=declared) for name in needs}
        for plugin in self._classes.values():
            self.manager.register(plugin)

    def _class_of(self, name, *, declared):
        needs = () if declared else self.needs[name]
        metadata = PluginMetadata(
            name, "1.0.0", "Does as it is told", "the tests", "MIT", dependencies=list(needs)
        )
        space = {"name": name, "world": self, "about": metadata}
        return type(f"Scripted{name}", (ScriptedPlugin,), space)

    def renew(self, name):
        """Give an UNLOADED plugin a new driver that has seen nothing yet."""
        self.latest.pop(name, None)
        self.manager.unregister(name)
        self.manager.register(self._classes[name])

    def behaviour(self, name, method):
        return self.plan.get((name, method), FINE)

    # What the plugins tell.

    def enter(self, plugin, method, behaviour, event):
        now, task = self.loop.time(), asyncio.current_task()
        entry = Entry(plugin, method, now, task, behaviour, event)
        self._expect(plugin.status in SEEN_INSIDE[method], entry, f"saw {plugin.status.name}")
        status = self.manager.get_plugin_status(plugin.name)
        self._expect(status is plugin.status, entry, f"saw {plugin.status.name}, not {status.name}")
        for rule, broken in author_contract(plugin.entries, method):
            self._expect(not broken, entry, rule)
        events = [other.event for other in plugin.entries if other.event is not None]
        in_order = event is None or all(number < event for number in events)
        self._expect(in_order, entry, f"got event {event} after {events}")
        plugin.entries.append(entry)
        self.journal.append(entry)
        self.check_needs()
        return entry

    def see_arrow(self, plugin, old, new):
        self.arrows.add((old, new))
        self._expect((old, new) in ARROWS, plugin.name, f"went from {old.name} to {new.name}")

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
            self.events += 1
            return await self.manager.broadcast_event("test.event", {"number": self.events})
        return await getattr(self.manager, f"{operation}_plugin")(name)

    def run(self, operation, name=""):
        """Perform one operation."""
        return self.run_all([Ask(operation, name)])[0]

    def run_each(self, operations, name):
        """Perform operations on one plugin, each after the one before; return what they return."""

        async def perform_each():
            return [await self.perform(operation, name) for operation in operations]

        return self.loop.run_until_complete(perform_each())

    def run_all(self, asked):
        """Perform operations concurrently, begun in this order; return their outcomes."""
        under_way = [UnderWay(self, ask) for ask in asked]

        async def perform_all():
            for each in under_way:
                after(each.ask.begin_at, each.begin)
            await asyncio.wait([each.ended for each in under_way])

        self.interrupted = self._finish(perform_all())
        return [each.outcome for each in under_way]

    def _finish(self, work):
        """Run `work` to its end, through every KeyboardInterrupt; return whether there was one."""
        interrupted = False
        task = self.loop.create_task(work)
        while not task.done():
            try:
                self.loop.run_until_complete(task)
            except KeyboardInterrupt:
                interrupted = True
        task.result()
        return interrupted

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
        """Let everything end that ends by itself, and what does not be abandoned."""
        if any(entry.method == "handle_event" for entry in self._unended()):
            self._finish(asyncio.sleep(2 * DEADLINE + GRACE))
        zombies = self._zombies()
        if asyncio.all_tasks(self.loop) - zombies:
            self._finish(self._await_all(but=zombies))

    def release_zombies(self):
        """Let those that ignore their cancellation end, long after they were abandoned."""
        for entry in self.journal:
            entry.released = entry.abandoned
        self.release.set()
        self._finish(self._await_all())
        self.release.clear()

    def _unended(self):
        return [entry for entry in self.journal if entry.ended is None]

    def _zombies(self):
        return {entry.task for entry in self._unended()}

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
        self.choose = None
        self.release.set()
        while tasks := asyncio.all_tasks(self.loop):
            for task in tasks:
                task.cancel()
            self._finish(asyncio.wait(tasks, timeout=100))
        self.loop.close()
