"""One instance of a plugin in a small host, on a deterministic loop: what the checks work with."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import dataclasses
import functools
import gc
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aitbc_hooks.awaiting import awaited
from aitbc_hooks.errors import AitbcError
from aitbc_hooks.hosting.construction import read_metadata, read_schema
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle import OPERATION_OF, Operation
from aitbc_hooks.lifecycle.call import GRACE, MethodCall
from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.testing.kit.interfaces import wrapping
from aitbc_hooks.testing.kit.interfaces.calls import require_json
from aitbc_hooks.testing.kit.interfaces.steps import InterfaceSteps
from aitbc_hooks.testing.kit.outcomes import Violation
from aitbc_hooks.testing.kit.trials.alarm import alarm
from aitbc_hooks.testing.kit.trials.halting import HaltingLoop
from aitbc_hooks.testing.kit.trials.presented import presented
from aitbc_hooks.testing.kit.trials.scratch import Scratch
from aitbc_hooks.testing.kit.trials.small_host import DEADLINE, Wrong
from aitbc_hooks.testing.kit.watching.activity import activity_on
from aitbc_hooks.testing.kit.watching.holdings import Holdings, purpose_of, running_tasks
from aitbc_hooks.testing.kit.watching.saying import Listener, places_of
from aitbc_hooks.testing.kit.watching.stalling import watch_for_stalls
from aitbc_hooks.testing.kit.watching.succession import hand_over
from aitbc_hooks.testing.kit.watching.surroundings import Surroundings
from aitbc_hooks.testing.kit.watching.twins import live_beside_another
from aitbc_hooks.testing.kit.watching.witness import Witness
from aitbc_hooks.testing.loop import Deadlock, Livelock, Schedule

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping
    from pathlib import Path

__all__ = ["Trial", "require_json"]

_T = TypeVar("_T")

_METHOD_OF: Final = {operation.value: name for name, operation in OPERATION_OF.items()}


#: How often is looked again, a while later, for what is still held.
_LOOKS: Final = 5


class Trial(InterfaceSteps):
    """One instance of a plugin in a small host.

    The methods that are `async` are steps: each raises `Violation` if the plugin does not do its
    part. Time is virtual, so waiting costs nothing. Made by `Trial.run`::

        async def main(trial):
            await trial.load()
            await trial.start()
            await trial.unload()

        Trial.run(MyPlugin, main, config={"answer": 42})

    Attributes:
        witness: What the plugin did to its surroundings.
        folder: Where its folders are.
        activity: What went on when it was noted, in words.
        metadata: What it said of itself when that was noted, by field.
    """

    def __init__(self, target: object, *, folder: Path, witness: Witness, **options: Any) -> None:
        super().__init__(target, folder=folder, **options)
        self.witness = witness
        self.folder = folder
        self.activity: set[str] = set()
        self.metadata: dict[str, Any] = {}
        self._stack = contextlib.ExitStack()
        self._listener: Listener | None = None
        self._stalls: list[str] = []
        self._held = Holdings.now()
        self._surroundings = Surroundings()

    @classmethod
    def run(
        cls,
        target: object,
        main: Callable[[Trial], Awaitable[_T]],
        *,
        config: Mapping[str, Any] | None = None,
        schedule: Mapping[int, int] | Callable[[int], int] | None = None,
        protected: tuple[str, ...] = (),
        scratch: Scratch | None = None,
        quiet: set[Hashable] | None = None,
        **options: Any,
    ) -> _T:
        """Try one instance: run `main` with it, then unload it if that has not been done.

        Args:
            target: The plugin: a class, a factory, a module, or an object.
            main: Called with the trial.
            config: The plugin's configuration, complete with defaults.
            schedule: Where not the first task that is ready runs: number of the choice -> index;
                or a function that chooses. By default first come, first served.
            protected: Folders that nothing may be removed from meanwhile.
            scratch: The folder to use, which is emptied afterwards; by default one of its own.
            quiet: The threads that have kept silent on earlier loops, which this one adds to.
            options: ``name``, ``hooks`` and ``api_client`` of `SmallHost`.

        Returns:
            What `main` returns.

        Raises:
            Violation: The plugin did not do its part.
        """
        target = presented(target)
        choose = schedule if callable(schedule) or schedule is None else Schedule(schedule)
        options = {"name": "plugin", "config": config or {}, **options}
        own = scratch or Scratch()
        loop = HaltingLoop(choose)
        loop.quiet = loop.quiet if quiet is None else quiet
        witness = Witness(loop, [str(own.path)], protected)

        async def live() -> _T:
            trial = cls(target, folder=own.path, witness=witness, **options)
            try:
                return await main(trial)
            finally:
                await trial.dispose()

        try:
            with witness.watching():
                try:
                    with alarm():
                        return _run_to_the_end(loop, live())
                except Violation:
                    gc.collect()  # what it has left complains now, while that is of no interest
                    raise
                finally:
                    if loop.has_spawned:
                        gc.collect()
        except (Deadlock, Livelock) as verdict:
            raise Wrong("hung", str(verdict)) from None
        finally:
            own.empty() if own is scratch else own.remove()

    async def dispose(self) -> None:
        """Unload what is still loaded; how that goes is of no interest any more."""
        if self.status is not PluginStatus.UNLOADED:
            with contextlib.suppress(AitbcError):
                await self.lifecycle.unload()
        self._stack.close()
        self._kept = None

    def another(self, name: str) -> Trial:
        """Return a trial of another instance, on the same loop, with folders of its own."""
        return type(self)(
            self._target,
            name=name,
            folder=self.folder / name,
            witness=self.witness,
            config=self.context.config,
            api_client=self.context.api_client,
        )

    # Steps: the lifecycle.

    async def load(self) -> None:
        """Construct the plugin and run `initialize()`."""
        await self._expect(Operation.LOAD)

    async def start(self) -> None:
        """Run `start()`."""
        await self._expect(Operation.START)

    async def stop(self) -> None:
        """Run `stop()`."""
        await self._expect(Operation.STOP)

    async def unload(self) -> None:
        """Run `stop()` if it is owed, and `cleanup()`."""
        before = self.lifecycle.failure
        await self._expect(Operation.UNLOAD)
        failure = self.lifecycle.failure
        if failure is not None and failure is not before:  # of stop(): the unload itself succeeded
            raise Wrong("failed", str(failure))

    async def attempt(self, operation: str) -> None:
        """Perform an operation; what it comes to is of no interest.

        Args:
            operation: ``load``, ``start``, ``stop`` or ``unload``.
        """
        with contextlib.suppress(Violation):
            await self._expect(Operation(operation))

    async def cancel(self, operation: str, at: int) -> None:
        """Begin an operation, and cancel it when its method waits for the `at`-th time.

        The method has to end within the grace period, in whatever way; the driver then knows the
        status. An operation that ends before is one that succeeded.

        Args:
            operation: ``load``, ``start`` or ``stop``.
            at: Counts from 1.
        """
        caller = asyncio.create_task(
            self.lifecycle.perform(Operation(operation)), name="aitbc-hooks:caller"
        )
        self.cancel_at(_METHOD_OF[operation], at, caller)
        await asyncio.wait({caller})
        self._cancel = None
        failure = self.lifecycle.failure
        if failure is not None and failure.code == "AITBC-L06":
            raise Wrong("abandoned", f"expected that it ends when it is cancelled: {failure}")
        if not caller.cancelled() and not caller.result():
            raise Wrong("failed", str(failure))

    async def hand_over(self) -> None:
        """Let a new instance take over from this one, which was stopped, as at a reload."""
        await hand_over(self)

    async def clean_up_again(self) -> None:
        """Run `cleanup()` of the instance that was unloaded once more."""
        if self._kept is None or (method := self._kept.methods.get("cleanup")) is None:
            return
        result = await self._within_deadline("cleanup", method)
        if result is not True:
            raise Wrong("failed", f"a second cleanup(): expected True, got {shown(result)}.")

    # Steps: hooks and events.

    async def event(self, event_type: str, data: dict[str, Any]) -> None:
        """Deliver an event, as the host does, and wait until it was handled."""
        self.trouble.clear()
        before = copy.deepcopy(data)
        await self.bus.broadcast(event_type, data)
        if self.trouble:
            raise self.trouble[0]
        if data != before:
            raise Wrong(
                "changed",
                f"expected that handle_event() leaves the payload as it is; {before!r} became "
                f"{data!r}.",
            )

    async def send(self, event_type: str, data: dict[str, Any]) -> None:
        """Deliver an event; what its handling comes to is of no interest."""
        await self.bus.broadcast(event_type, data)
        self.note_status(f"after event {event_type!r}")

    async def look_at_health(self) -> None:
        """Ask for the plugin's health; what that comes to is of no interest."""
        with contextlib.suppress(Violation):
            await self.health()
        self.note_status("after health_check()")

    async def health(self) -> dict[str, Any]:
        """Ask for the plugin's health.

        Returns:
            What it says; an empty dict if it has no ``health_check``.
        """
        check = self.hooks.implementation(self.plugin, "health_check")
        if check is None:
            return {}
        health = await self._within_deadline("health_check", check)
        if not isinstance(health, dict):
            raise Wrong("shape", f"health_check(): expected a dict, got {shown(health)}.")
        require_json("health_check()", health)
        if not isinstance(health.get("status"), str):
            raise Wrong(
                "shape", f"health_check(): expected a text under 'status', got {shown(health)}."
            )
        return health

    async def call(self, hook: str, **arguments: Any) -> Any:
        """Call the plugin's own implementation of a hook, and return what it returns."""
        function = self.hooks.implementation(self.plugin, hook)
        if function is None:
            raise Wrong("missing", f"it implements no {hook}().")
        return await self._within_deadline(hook, functools.partial(function, **arguments))

    async def ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of the instance that is no hook, and return what it returns."""
        function = functools.partial(getattr(self.plugin, method), *arguments)
        return await self._within_deadline(method, function)

    async def drive_wrapper(self, hook: str, arguments: dict[str, Any]) -> None:
        """Drive the plugin's wrapper of a hook by hand, as if around something fine."""
        await self._timely(hook, wrapping.drive(self.hooks, self.name, hook, arguments))

    async def expect_result_through_wrapper(self, hook: str) -> None:
        """Call a hook that another plugin implements, and look at the result."""
        await self._timely(hook, wrapping.expect_result(self.hooks, hook))

    async def expect_error_through_wrapper(self, hook: str) -> None:
        """Call a hook that another plugin fails at, and look what becomes of the error."""
        await self._timely(hook, wrapping.expect_error(self.hooks, hook))

    async def _timely(self, hook: str, work: Coroutine[Any, Any, None]) -> None:
        """Await something that a wrapper may hold up for ever."""
        call = MethodCall(lambda: work, name=f"aitbc-hooks:{hook}")
        await call.run(deadline=DEADLINE, grace=GRACE, cancellable=True)
        if call.timed_out:
            raise Wrong("hung", f"the wrapper of {hook}() did not end within {DEADLINE:g} s.")
        if call.exception is not None:
            raise call.exception

    async def idle(self, seconds: float) -> None:
        """Let time pass; it is virtual."""
        await asyncio.sleep(seconds)

    async def watch_for_stalls(self) -> None:
        """Look from now on where the plugin's code holds up the loop."""
        self._stalls = self._stack.enter_context(watch_for_stalls(self.witness.loop))

    async def note_activity(self) -> None:
        """Look what goes on while nobody asks the plugin for anything."""
        self.activity, _ = await self._watch_activity()

    async def note_metadata(self) -> None:
        """Look what the plugin says of itself."""
        self.metadata = self._said_by(self.plugin)

    async def watch_what_it_says(self) -> None:
        """Listen to what the plugin logs and prints from now on."""
        self._listener = Listener()
        self._stack.enter_context(self._listener.listening(self.context.logger))

    # Steps: expectations.

    async def live_beside_another(self) -> None:
        """Let instances live alone and side by side, and compare what can be seen of them."""
        await live_beside_another(self)

    async def expect_noted_activity(self) -> None:
        """Look whether what went on when it was noted goes on now."""
        _, seen = await self._watch_activity()
        if lost := sorted(self.activity - seen):
            raise Wrong(
                "idle",
                "expected that it goes on as before once it is started again; it is without "
                f"{', '.join(lost)}.",
            )

    async def expect_noted_metadata(self) -> None:
        """Look whether the plugin says the same of itself as when that was noted."""
        self._expect_said(self.plugin, f"when {self.status.name} it")

    async def expect_noted_metadata_of_another(self) -> None:
        """Look whether an instance that is made and not loaded says the same of itself."""
        self._expect_said(self.construct(), "a new instance")

    async def expect_unsaid(self, text: str) -> None:
        """Look whether the plugin has said a text: in logs, prints, health, repr, events."""
        for where in await places_of(self, text, self._listener or Listener()):
            raise Wrong("said", f"expected that a secret stays one; it stands in {where}.")

    async def expect_config_refused(self, fault: str) -> None:
        """Look whether `initialize()` refuses the configuration.

        Args:
            fault: What is wrong with it.
        """
        given = copy.deepcopy(self.context.config)
        if await self.lifecycle.load():
            raise Wrong(
                "accepted", f"initialize() accepted {given!r}, which the schema forbids: {fault}."
            )

    async def expect_config(self, config: dict[str, Any]) -> None:
        """Look whether the plugin's configuration is still this one."""
        if self.context.config != config:
            raise Wrong(
                "changed",
                f"expected that context.config stays {config!r}; it became "
                f"{self.context.config!r}.",
            )

    async def expect_schema(self, schema: dict[str, Any]) -> None:
        """Look whether the schema of the plugin's configuration is still this one."""
        try:
            told = read_schema(self.plugin.get_config_schema, self.name)
        except AitbcError as error:
            raise Wrong("changed", str(error)) from None
        if told != schema:
            raise Wrong(
                "changed",
                f"expected that get_config_schema() stays {schema!r}; it became {told!r}.",
            )

    async def expect_honest_status(self) -> None:
        """Look whether the plugin has left its status to the host."""
        if self.dishonest:
            raise Wrong("status", f"expected the host's status; {self.dishonest[0]}.")

    async def expect_cancelled(self, method: str) -> None:
        """Look whether a lifecycle method that was cancelled has passed the cancellation on."""
        if method in self.swallowed:
            raise Wrong("swallowed", f"{method}() was cancelled, and returned all the same.")

    async def expect_no_tasks_left(self) -> None:
        """Look for tasks that go on, and for timers that are still to ring."""
        loop = self.witness.loop
        for _ in range(3):  # what has been asked to end may need a turn to do so
            await asyncio.sleep(0)
        left = [f"task {purpose_of(task)}" for task in running_tasks(loop)]
        left += [f"timer of {name}" for name in loop.timers()]
        if left:
            raise Wrong("left", f"expected no tasks after cleanup(); left: {', '.join(left)}.")

    async def expect_nothing_unheard(self) -> None:
        """Look for errors that nobody has seen, and coroutines that were never awaited."""
        self._kept = None
        gc.collect(1)  # asyncio and Python tell of the rest when they forget what is young
        await asyncio.sleep(0)
        if found := [*self.witness.loop_errors, *self.witness.unawaited]:
            raise Wrong("left", f"expected nothing unretrieved or never awaited; got: {found[0]}")

    async def expect_nothing_held(self) -> None:
        """Look for threads, file descriptors and child processes that were not there before."""
        loop = self.witness.loop
        if registered := [key for key in loop.registered() if key.fd >= 0]:
            raise Wrong(
                "left",
                f"expected that the loop watches nothing after cleanup(); it watches "
                f"{len(registered)} file descriptors: close transports, remove readers.",
            )
        await loop.shutdown_default_executor()  # its workers are the host's
        held = Holdings.now().beyond(self._held, but=loop.own_descriptors())
        for _ in range(_LOOKS):  # threads and processes take their time to end
            if not held:
                return
            gc.collect()  # what only an error's traceback still holds is not the plugin's
            threading.Event().wait(0.02)
            await asyncio.sleep(0)
            held = Holdings.now().beyond(self._held, but=loop.own_descriptors())
        if held:
            raise Wrong(
                "left", f"expected nothing to be held after cleanup(); held: {', '.join(held)}."
            )

    async def expect_no_legacy_threads(self) -> None:
        """Look for threads in which methods of a legacy object go on."""
        new = set(threading.enumerate()) - self._held.threads
        if names := sorted(each.name for each in new if each.name.startswith("legacy:")):
            raise Wrong("left", f"expected that its methods end; {', '.join(names)} goes on.")

    async def expect_surroundings(self) -> None:
        """Look whether the state of the process is as it was before the plugin was loaded."""
        if changes := self._surroundings.changes():
            raise Wrong("changed", f"expected the process as it was; changed: {changes[0]}.")

    async def expect_writes_inside(self) -> None:
        """Look whether the plugin wrote outside of its folders."""
        if self.witness.writes:
            raise Wrong(
                "wrote",
                "expected that it writes below data_dir and temp_dir only; it wrote "
                f"{self.witness.writes[0]}.",
            )

    async def expect_no_blocking(self) -> None:
        """Look whether the plugin blocked the event loop."""
        if blocks := [*self.witness.blocks, *self._stalls]:
            raise Wrong("blocked", f"expected that the loop is never blocked: {blocks[0]}.")

    async def _watch_activity(self) -> tuple[set[str], set[str]]:
        return await activity_on(
            self.witness.loop, beside=self._held.threads, subscriptions=self.subscriptions
        )

    def _said_by(self, plugin: Any) -> dict[str, Any]:
        """Return its metadata, by field."""
        try:
            return dataclasses.asdict(read_metadata(plugin.get_metadata, self.name))
        except AitbcError as error:
            raise Wrong("changed", str(error)) from None

    def _expect_said(self, plugin: object, who: str) -> None:
        said = self._said_by(plugin)
        for field, noted in self.metadata.items():
            if said[field] != noted:
                raise Wrong(
                    "changed",
                    f"expected that {field} stays {noted!r}; {who} says {said[field]!r}.",
                )

    async def _expect(self, operation: Operation) -> None:
        try:
            succeeded = await self.lifecycle.perform(operation)
        except AitbcError as error:
            raise Wrong("refused", str(error)) from error
        if not succeeded:
            raise Wrong("failed", str(self.lifecycle.failure))

    async def _within_deadline(self, method: str, function: Callable[[], Any]) -> Any:
        async def work() -> object:
            return await awaited(function())

        call = MethodCall(work, name=f"aitbc-hooks:{method}")
        await call.run(deadline=DEADLINE, grace=GRACE, cancellable=True)
        if call.timed_out:
            raise Wrong("hung", f"{method}() did not end within {DEADLINE:g} s.")
        if call.exception is not None:
            told = f"{type(call.exception).__name__}: {shown(call.exception, str)}"
            raise Wrong("raised", f"{method}() raised {told}") from call.exception
        return call.value


def _run_to_the_end(loop: HaltingLoop, work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine, then end everything that it has left, and the loop."""
    try:
        return loop.run_until_complete(work)
    finally:
        loop.choose = None
        try:
            _drain(loop)
            loop.close_transports()
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()


def _drain(loop: HaltingLoop) -> None:
    """Cancel the tasks that are left; those that ignore it are left behind."""
    for _ in range(3):
        tasks = asyncio.all_tasks(loop)
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks, timeout=1.0))
