"""Events: handled, subscribed to, published, validated, answered."""

from __future__ import annotations

import asyncio
import collections
import itertools

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata


def card(name, description):
    return PluginMetadata(name, "1.0.0", description, "Event Author", "MIT", keywords=["events"])


class Base(BasePlugin):
    """Succeeds at everything."""

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


@good()
class TopicSubscriber(Base):
    """Subscribes in start and unsubscribes in stop; handlers of both kinds, sync and async."""

    def __init__(self, context):
        super().__init__(context)
        self._subscriptions = []
        self.blocks = self.others = 0

    def get_metadata(self):
        return card("topic-subscriber", "Follows blocks")

    async def start(self):
        bus = self.context.event_bus
        self._subscriptions = [
            bus.subscribe("blocks.*", self._on_block),
            bus.subscribe("transactions.#", lambda event_type, data: self._count()),
        ]
        return True

    async def stop(self):
        for subscription in self._subscriptions:
            self.context.event_bus.unsubscribe(subscription)
        return True

    async def _on_block(self, event_type, data):
        await asyncio.sleep(0)
        self.blocks += 1

    def _count(self):
        self.others += 1


@good()
class EarlySubscriber(Base):
    """Subscribes once in initialize, and never unsubscribes: its subscriptions end with it."""

    def get_metadata(self):
        return card("early-subscriber", "Greets users")

    async def initialize(self):
        self.names = set()
        self.context.event_bus.subscribe("user_login", self.greet)
        return True

    async def greet(self, event_type, data):
        name = data.get("user")
        if isinstance(name, str):
            self.names.add(name)


@good()
class Republisher(Base):
    """Answers events with events of its own, which reach itself too and must not go round."""

    def get_metadata(self):
        return card("republisher", "Prices orders")

    async def handle_event(self, event_type, data):
        if event_type == "order.created":
            order = {"order": data.get("id"), "price": str(data.get("amount", 0))}
            await self.context.event_bus.publish("order.priced", order)
        elif event_type == "order.priced":
            self.context.logger.debug("priced")

    async def start(self):
        await self.context.event_bus.publish("prices.available", {})
        return True

    async def stop(self):
        await self.context.event_bus.publish("prices.unavailable", {})
        return True


@good()
class PatternMatcher(Base):
    """A match statement over types and payloads; what does not fit is logged and left."""

    def get_metadata(self):
        return card("pattern-matcher", "Keeps accounts")

    async def initialize(self):
        self.accounts = collections.defaultdict(int)
        return True

    async def handle_event(self, event_type, data):
        match event_type.split("."), data:
            case ["account", "opened"], {"account": str(account)}:
                self.accounts[account] += 0
            case ["account", "deposit" | "credit"], {"account": str(account), "amount": int(n)}:
                self.accounts[account] += n
            case ["account", "closed"], {"account": str(account)} if account in self.accounts:
                del self.accounts[account]
            case ["account", *_], _:
                self.context.logger.info("not understood: %a", event_type)


class MalformedEventError(ValueError):
    pass


@good()
class StrictHandler(Base):
    """Validates what it is interested in; its own exception stays inside the handler."""

    required = {"job.new": {"id": str}, "job.done": {"id": str, "status": int}}  # noqa: RUF012 - read only

    def get_metadata(self):
        return card("strict-handler", "Follows jobs")

    async def initialize(self):
        self.jobs, self.rejected = {}, 0
        return True

    async def handle_event(self, event_type, data):
        if event_type not in self.required:
            return
        try:
            self._check(self.required[event_type], data)
        except MalformedEventError as error:
            self.rejected += 1
            self.context.logger.warning("event rejected: %s", error)
            return
        handler = getattr(self, "_" + event_type.replace(".", "_"))
        await handler(**{key: data[key] for key in self.required[event_type]})

    def _check(self, required, data):
        for key, kind in required.items():
            if not isinstance(data.get(key), kind) or isinstance(data[key], bool):
                raise MalformedEventError(f"{key}: expected {kind.__name__}")

    async def _job_new(self, id):  # noqa: A002 - the payload's word
        self.jobs[id] = None

    async def _job_done(self, id, status):  # noqa: A002 - the payload's word
        if id in self.jobs:
            self.jobs[id] = status


@good()
class DispatchTable(Base):
    """Handlers found by name; one that fails on purpose is nobody's but the plugin's error."""

    def get_metadata(self):
        return card("dispatch-table", "Dispatches by name")

    async def initialize(self):
        self._table = {
            name.removeprefix("on_").replace("_", "."): getattr(self, name)
            for name in dir(type(self))
            if name.startswith("on_")
        }
        self.last = None
        return True

    async def handle_event(self, event_type, data):
        if (handler := self._table.get(event_type)) is not None:
            await handler(data)

    async def on_price_changed(self, data):
        new, old = data.get("new"), data.get("old")
        self.last = (old, new) if new != old else None

    async def on_system_shutdown(self, data):
        self.last = None


@good()
class RequestReply(Base):
    """Asks over the bus and waits for an answer that may never come.

    Each receiver has its own queue, so the answer reaches a plugin whose handler waits for it.
    """

    def get_metadata(self):
        return card("request-reply", "Asks and answers")

    async def initialize(self):
        self._serial = itertools.count()
        self._pending = {}
        self.context.event_bus.subscribe("ask.question", self._on_question)
        self.context.event_bus.subscribe("ask.answer", self._on_answer)
        return True

    async def stop(self):
        for future in self._pending.values():
            if not future.done():
                future.set_result(None)
        return True

    async def _on_answer(self, event_type, data):
        future = self._pending.get(str(data.get("number")))
        if future is not None and not future.done():
            future.set_result(data)

    async def _on_question(self, event_type, data):
        number = str(next(self._serial))
        self._pending[number] = asyncio.get_running_loop().create_future()
        question = {"number": number, "text": data.get("text")}
        try:
            await self.context.event_bus.publish("ask.forwarded", question)
            async with asyncio.timeout(0.05):
                self.answer = await self._pending[number]
        except TimeoutError:
            self.context.logger.info("question %s was not answered", number)
        finally:
            del self._pending[number]


@good()
class Announcer(Base):
    """Publishes regularly from a task, and tells the platform's client if there is one."""

    _task = None

    def get_metadata(self):
        return card("announcer", "Announces itself")

    async def start(self):
        self._task = asyncio.create_task(self._announce())
        return True

    async def stop(self):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._report("stopped")
        return True

    async def cleanup(self):
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        return True

    async def _announce(self):
        await self._report("started")
        for number in itertools.count(1):
            await self.context.event_bus.publish("announcer.alive", {"number": number})
            await asyncio.sleep(10)

    async def _report(self, state):
        if (client := self.context.api_client) is not None:
            try:
                await client.post("/plugins/announcer", {"state": state})
            except Exception as error:  # noqa: BLE001 - a report is worth no failure
                self.context.logger.debug("not reported: %r", error)
