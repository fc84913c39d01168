"""What a plugin leaves behind is reported with its names, and nothing else is."""

import asyncio
import concurrent.futures
import threading
import weakref

import pytest
from hosting_plugins import Sound, card, manager_in, sound

from aitbc_hooks import LegacyPluginAdapter


def leftovers_of(tmp_path, plugin, *others, act=None):
    """Run a plugin's whole life and return its failure at the end, if there was one."""

    async def scenario():
        manager = manager_in(tmp_path, plugin, *others)
        async with manager:
            if act is not None:
                await act(manager)
        return manager.report("alpha").failure

    return asyncio.run(scenario())


def starting(body):
    async def start(self):
        self.task = await body(self)
        return True

    return sound(start=start)


def test_a_task_of_a_library_coroutine_is_reported_and_cancelled(tmp_path):
    tasks = []

    async def body(self):
        tasks.append(asyncio.create_task(asyncio.sleep(60), name="dozing"))

    async def scenario():
        manager = manager_in(tmp_path, starting(body))
        async with manager:
            pass
        await asyncio.wait(tasks, timeout=5)
        assert tasks[0].cancelled()
        return manager.report("alpha").failure

    failure = asyncio.run(scenario())
    assert failure.code == "AITBC-L10"
    assert "task dozing" in failure.message
    assert failure.plugin == "alpha"
    assert failure.method == "cleanup"


def test_a_task_that_another_task_has_started_is_reported_too(tmp_path):
    async def body(self):
        async def outer():
            asyncio.create_task(asyncio.sleep(60), name="grandchild")  # noqa: RUF006 - the point

        await asyncio.create_task(outer())

    assert "grandchild" in leftovers_of(tmp_path, starting(body)).message


@pytest.mark.parametrize("subscribed", [True, False])
def test_a_task_started_by_an_event_handler_is_the_handlers(tmp_path, subscribed):
    async def handle_event(self, event_type, data):
        asyncio.create_task(asyncio.sleep(60), name="from-event")  # noqa: RUF006 - the point

    async def initialize(self):
        async def handler(event_type, data):
            await handle_event(self, event_type, data)

        self.context.event_bus.subscribe("ping", handler)
        return True

    plugin = sound(initialize=initialize) if subscribed else sound(handle_event=handle_event)

    async def act(manager):
        await manager.broadcast_event("ping", {})

    assert "from-event" in leftovers_of(tmp_path, plugin, act=act).message


@pytest.mark.parametrize("receiver", ["plugin", "host"])
def test_what_a_receiver_starts_is_not_the_publishers(tmp_path, receiver):
    """The publisher's unload must not cancel the tasks of those who heard it."""
    tasks = []
    heard = asyncio.Event()

    async def handler(event_type, data):
        tasks.append(asyncio.create_task(asyncio.sleep(60), name="receivers"))
        heard.set()

    async def initialize(self):
        self.context.event_bus.subscribe("ping", handler)
        return True

    async def cleanup(self):
        for task in tasks:
            task.cancel()
        return True

    async def start(self):
        await self.context.event_bus.publish("ping", {})
        await asyncio.wait_for(heard.wait(), 5)
        return True

    async def scenario():
        manager = manager_in(
            tmp_path, sound(start=start), sound("beta", initialize=initialize, cleanup=cleanup)
        )
        if receiver == "host":
            manager.events.subscribe("ping", handler)
        else:
            await manager.load_plugin("beta")
            assert await manager.start_plugin("beta")
        await manager.load_plugin("alpha")
        assert await manager.start_plugin("alpha")
        await manager.unload_plugin("alpha")
        assert manager.report("alpha").failure is None
        assert not tasks[0].cancelling()
        tasks[0].cancel()
        await manager.stop()
        assert manager.report("beta").failure is None

    asyncio.run(scenario())


def test_tasks_that_were_cancelled_and_awaited_are_no_leftovers(tmp_path):
    async def start(self):
        self.task = asyncio.create_task(asyncio.sleep(60))
        return True

    async def stop(self):
        self.task.cancel()
        await asyncio.wait({self.task})
        return True

    assert leftovers_of(tmp_path, sound(start=start, stop=stop)) is None


def test_a_task_that_was_cancelled_and_is_about_to_end_is_no_leftover(tmp_path):
    async def doze():
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)

    async def start(self):
        self.task = asyncio.create_task(doze())
        await asyncio.sleep(0)
        return True

    async def cleanup(self):
        self.task.cancel()
        return True

    assert leftovers_of(tmp_path, sound(start=start, cleanup=cleanup)) is None


def test_the_loops_own_executor_is_nobodys_leftover(tmp_path):
    async def body(self):
        await asyncio.to_thread(sum, [1])

    assert leftovers_of(tmp_path, starting(body)) is None


def test_a_legacy_plugins_threads_are_no_leftovers(tmp_path):
    class Old:
        def start(self): ...

        def cleanup(self): ...

    with pytest.warns(DeprecationWarning, match="legacy"):
        plugin = LegacyPluginAdapter(Old(), metadata=card())
    for _ in range(5):
        assert leftovers_of(tmp_path, plugin) is None


@pytest.mark.parametrize("daemon", [True, False])
def test_a_thread_that_lives_on_is_reported(tmp_path, daemon):
    release = threading.Event()

    async def body(self):
        threading.Thread(target=release.wait, name="lingering", daemon=daemon).start()

    try:
        failure = leftovers_of(tmp_path, starting(body))
    finally:
        release.set()
    assert failure.code == "AITBC-L10"
    assert "thread lingering" in failure.message
    assert "cancelled" not in failure.message


def test_the_workers_of_an_executor_of_its_own_are_reported(tmp_path):
    pools = []

    async def body(self):
        pools.append(concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="own-pool"))
        await asyncio.get_running_loop().run_in_executor(pools[0], sum, [1])

    try:
        failure = leftovers_of(tmp_path, starting(body))
    finally:
        pools[0].shutdown()
    assert "thread own-pool_0" in failure.message


def test_a_thread_that_runs_a_plugins_method_is_its_own_also_among_concurrent_starts(tmp_path):
    """The census does not guess while methods of several plugins run; the stack tells."""
    release = threading.Event()

    class Threaded(Sound):
        def work(self):
            release.wait()

        async def start(self):
            await asyncio.sleep(0)
            threading.Thread(target=self.work, name=f"of-{self.name}").start()
            await asyncio.sleep(0)
            return True

    class Other(Threaded):
        name = "beta"

        async def cleanup(self):
            return True

    async def scenario():
        manager = manager_in(tmp_path, Threaded, Other)
        async with manager:
            await manager.unload_plugin("alpha")
            first = manager.report("alpha").failure.message
        return first, manager.report("beta").failure.message

    try:
        first, second = asyncio.run(scenario())
    finally:
        release.set()
    assert "of-alpha" in first
    assert "of-beta" not in first
    assert "of-beta" in second


def test_a_thread_of_another_plugin_of_the_same_module_is_not_ones_own(tmp_path):
    release = threading.Event()

    def work():
        release.wait()

    async def start(self):
        threading.Thread(target=work, name="of-beta").start()
        return True

    async def act(manager):
        await manager.unload_plugin("alpha")

    try:
        failure = leftovers_of(tmp_path, sound(), sound("beta", start=start), act=act)
    finally:
        release.set()
    assert failure is None


def test_concurrent_starts_of_well_behaved_plugins_report_nothing(tmp_path):
    async def start(self):
        self.task = asyncio.create_task(asyncio.sleep(60))
        await asyncio.to_thread(sum, [1])
        thread = threading.Thread(target=sum, args=([1],))
        thread.start()
        await asyncio.to_thread(thread.join)
        return True

    async def stop(self):
        self.task.cancel()
        await asyncio.wait({self.task})
        return True

    plugins = [sound(f"p{number}", start=start, stop=stop) for number in range(8)]

    async def scenario():
        manager = manager_in(tmp_path, *plugins)
        async with manager:
            pass
        assert [report for report in manager.reports() if report.failure] == []

    asyncio.run(scenario())


@pytest.mark.usefixtures("only_counting_references")
def test_what_other_threads_had_in_hand_when_a_plugin_was_unloaded_is_gone_with_them(tmp_path):
    weak = []
    has, may_end = threading.Event(), threading.Event()

    def hold():
        in_hand = {"something"}
        weak.append(weakref.ref(in_hand))
        has.set()
        may_end.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    has.wait()
    leftovers_of(tmp_path, sound())
    may_end.set()
    thread.join()
    assert weak[0]() is None


def test_a_failed_cleanup_is_told_rather_than_what_it_left(tmp_path):
    async def start(self):
        self.task = asyncio.create_task(asyncio.sleep(60))
        return True

    async def cleanup(self):
        return False

    assert leftovers_of(tmp_path, sound(start=start, cleanup=cleanup)).code == "AITBC-L03"
