"""What a plugin's class may look like: mixins, slots, attrs, dataclasses, properties, decorators."""

from __future__ import annotations

import abc
import asyncio
import dataclasses
import functools
import weakref
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import attrs
from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata

if TYPE_CHECKING:
    from aitbc.plugins import PluginContext

_T = TypeVar("_T")


class Quiet(BasePlugin):
    """Succeeds at everything; what most plugins of this module begin with."""

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


class Ticking:
    """A mixin that knows nothing of plugins but that there is a next one in the line."""

    async def start(self):
        self.ticker = asyncio.ensure_future(asyncio.sleep(3600))
        return await super().start()

    async def stop(self):
        self.ticker.cancel()
        return await super().stop()

    async def cleanup(self):
        if ticker := vars(self).get("ticker"):
            ticker.cancel()
            await asyncio.wait([ticker])
        return await super().cleanup()


class Counting:
    """A mixin with state that it makes in initialize."""

    async def initialize(self):
        self.seen = Counter()
        return await super().initialize()

    async def handle_event(self, event_type, data):
        self.seen[event_type] += 1
        await super().handle_event(event_type, data)

    async def health_check(self):
        return {**await super().health_check(), "seen": vars(self).get("seen", Counter()).total()}


@good()
class MixedIn(Ticking, Counting, Quiet):
    """A chain of super() calls through two mixins."""

    def get_metadata(self):
        return PluginMetadata("mixed-in", "1.0.0", "Made of mixins", "OO Author", "MIT")


class Service(BasePlugin, abc.ABC, Generic[_T]):
    """An abstract base between the interface and the plugins of one house."""

    name: ClassVar[str]
    version: ClassVar[str] = "4.5.6"

    def __init_subclass__(cls, *, name=None, **kwargs):
        super().__init_subclass__(**kwargs)
        if name is not None:
            cls.name = name

    def get_metadata(self):
        return PluginMetadata(self.name, self.version, self.__doc__ or "", "The House", "MIT")

    async def initialize(self):
        self.resource = self.open()
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        if hasattr(self, "resource"):
            self.close(self.resource)
            del self.resource
        return True

    @abc.abstractmethod
    def open(self) -> _T: ...

    @abc.abstractmethod
    def close(self, resource: _T) -> None: ...


@good(id="notebook-service")
class Notebook(Service[list], name="notebook-service"):
    """Keeps notes."""

    def open(self):
        return []

    def close(self, resource):
        resource.clear()

    async def handle_event(self, event_type, data):
        self.resource.append(event_type)


@good()
class Slotted(Quiet):
    """Declares its attributes; one of them is not set before initialize."""

    __slots__ = ("_table", "limit")

    def __init__(self, context):
        self.limit = context.config.get("limit", 10)
        super().__init__(context)

    def get_metadata(self):
        return PluginMetadata("slotted", "1.0.0", "Has slots", "OO Author", "MIT")

    def get_config_schema(self):
        return {"properties": {"limit": {"type": "integer", "minimum": 0, "default": 10}}}

    async def initialize(self):
        self._table = {}
        return True

    async def handle_event(self, event_type, data):
        if len(self._table) < self.limit:
            self._table[event_type] = None


@good(id="attrs-ledger")
@attrs.define(eq=False)
class Ledger(Quiet):
    """A class of attrs, with slots; made anew by the decorator, so `super` needs its care."""

    context: PluginContext
    totals: Counter[str] = attrs.field(factory=Counter, init=False)

    def __attrs_post_init__(self):
        super().__init__(self.context)

    def get_metadata(self):
        return PluginMetadata("attrs-ledger", "22.1.0", "Adds up", "A. Author", "MIT")

    async def handle_event(self, event_type, data):
        match data:
            case {"amount": int() | float() as amount}:
                self.totals[event_type] += amount


@good(id="data-identity")
@dataclasses.dataclass(eq=False)
class DataIdentity(Quiet):
    """A dataclass that compares by identity, like any plugin."""

    context: PluginContext
    last: dict[str, Any] | None = None

    def __post_init__(self):
        super().__init__(self.context)

    def get_metadata(self):
        return PluginMetadata("data-identity", "1.0.0", "Keeps the last", "A. Author", "MIT")

    async def handle_event(self, event_type, data):
        self.last = dict(data)


@good(id="data-value")
@dataclasses.dataclass
class DataValue(Quiet):
    """A dataclass as it comes: unhashable, and equal to another that has seen as much."""

    context: PluginContext = dataclasses.field(compare=False, repr=False)
    seen: int = 0

    def __post_init__(self):
        super().__init__(self.context)

    def get_metadata(self):
        return PluginMetadata("data-value", "1.0.0", "Counts", "A. Author", "MIT")

    async def handle_event(self, event_type, data):
        self.seen += 1


def logged(method):
    """Log that a step begins and ends, as a decorator that many a code base has."""

    @functools.wraps(method)
    async def wrapper(self, *args):
        self.context.logger.debug("%s begins", method.__name__)
        try:
            return await method(self, *args)
        finally:
            self.context.logger.debug("%s ends", method.__name__)

    return wrapper


@good()
class Decorated(BasePlugin):
    """Decorated methods, a cached property, a property, and metadata made once for the class."""

    _connection = None
    _card = PluginMetadata("decorated", "1.0.0", "Is decorated", "OO Author", "MIT")

    @classmethod
    def get_metadata(cls):
        return cls._card

    @functools.cached_property
    def rates(self):
        return {"eur": 1.0, "usd": 1.1}

    @property
    def connection(self):
        if self._connection is None:
            self._connection = object()
        return self._connection

    @logged
    async def initialize(self):
        return True

    @logged
    async def start(self):
        return bool(self.rates) and self.connection is not None

    @logged
    async def stop(self):
        return True

    @logged
    async def cleanup(self):
        vars(self).pop("rates", None)
        self._connection = None
        return True

    @logged
    async def handle_event(self, event_type, data):
        self.last = self.rates.get(event_type)


class Listener:
    """Somebody that the plugin knows only as long as somebody else does."""


@good()
class WeakReferences(Quiet):
    """Keeps weak references, and a finalizer that must not outlive it."""

    def __init__(self, context):
        super().__init__(context)
        self._known = weakref.WeakSet()
        self._by_name = weakref.WeakValueDictionary()

    def get_metadata(self):
        return PluginMetadata("weak-references", "1.0.0", "Holds nobody", "OO Author", "MIT")

    async def start(self):
        self.owned = Listener()
        self._known.add(self.owned)
        self._finalizer = weakref.finalize(self.owned, self.context.logger.debug, "gone")
        return True

    async def handle_event(self, event_type, data):
        self._by_name[event_type] = self.owned

    async def stop(self):
        self._finalizer.detach()
        del self.owned
        return True
