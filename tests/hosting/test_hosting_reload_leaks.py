"""What is gone after a reload is gone: classes, modules, and what Python keeps by their names."""

import gc
import linecache
import logging
import types
import weakref

import pytest
from hosting_reloads import NAME, STATE, Reloads, run

TIMES = 200

#: What plugins do that leaves something of them in one of Python's own tables.
CLINGING = """
import abc, dataclasses, enum, functools, inspect, logging, typing, warnings
import attrs

log = logging.getLogger(__name__)
child = logging.getLogger(__name__ + ".child")

class Oddity(UserWarning):
    pass

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    warnings.warn("once", Oddity)

class Base(abc.ABC):
    pass

@Base.register
class Colour(enum.Enum):
    RED = 1

issubclass(Plugin, Base), isinstance(Colour.RED, Base)

@attrs.define
class Record:
    plugin: typing.Optional[Plugin] = None
    colours: typing.List[Colour] = attrs.Factory(list)

@dataclasses.dataclass
class Data:
    record: typing.Dict[str, Record] = dataclasses.field(default_factory=dict)

@functools.lru_cache(maxsize=None)
def remember(plugin):
    return plugin

@functools.singledispatch
def show(value):
    return ""

@show.register
def _(value: Plugin):
    return remember(value)

hints = typing.get_type_hints(Data), typing.Union[Plugin, Record, None]
inspect.getsource(Plugin), inspect.signature(Plugin.predict)

try:
    raise RuntimeError(Record(), Data())
except RuntimeError as error:
    log.debug("caught", exc_info=error)
    caught = error
"""

#: Methods that the host, its hooks and its events keep something of while it is there.
REACHED = (
    STATE
    + """
    @hookimpl
    async def predict(self, input_data):
        return {"generation": GENERATION}

    @hookimpl(wrapper=True)
    async def train(self, training_data):
        yield (yield)

    async def handle_event(self, event_type, data):
        await asyncio.sleep(0)
        show(self)

    async def health_check(self):
        return {"status": "active", "of": show(self).__name__}
"""
)

FAULTS = ("import", "construct", "metadata", "config", "contract", "initialize", "import_state")


def left_of(reloads):
    """Return the living classes and modules of the subject's folder, by name."""
    prefix = reloads.folder_name
    gc.collect()
    found = []
    for item in gc.get_objects():
        # Of some classes it is a descriptor.
        if isinstance(item, type) and str(item.__module__).startswith(prefix):
            found.append(f"class {item.__module__}.{item.__qualname__}")
        elif isinstance(item, types.ModuleType) and item.__name__.startswith(prefix):
            found.append(f"module {item.__name__}")
    return sorted(found)


def kept_by_name(reloads):
    """Return what tables of the standard library have under names of the folder's packages."""
    prefix = reloads.folder_name
    tables = {"modules": reloads.modules(), "loggers": logging.Logger.manager.loggerDict}
    found = [f"{table}: {name}" for table in tables for name in tables[table] if prefix in name]
    return found + [f"lines: {name}" for name in linecache.cache if prefix in name]


async def use(reloads):
    """Let everything be called that is planned, traced or cached at a call."""
    manager = reloads.manager
    reloads.answers()
    await manager.plugin(NAME).predict({})
    await manager.broadcast_event("tick", {})
    await manager.check_health(NAME)


@pytest.mark.parametrize("fault", [None, *FAULTS, "start"])
def test_nothing_of_an_instance_that_is_gone_is_left(tmp_path, fault):
    """The other faults share one test below; 200 times is for where it matters most."""
    times = TIMES if fault in (None, "start") else 10

    async def scenario():
        reloads = Reloads(tmp_path)
        reloads.write(1, state=REACHED + CLINGING)
        await reloads.load_all()
        assert await reloads.manager.start_plugin("dependent")
        await use(reloads)
        sizes, names, seen = [], [], weakref.WeakSet()
        for generation in range(2, times + 2):
            reloads.write(generation, fault, state=REACHED + CLINGING)
            assert await reloads.reload() is (fault is None)
            seen.add(type(reloads.manager.plugins[NAME]))
            await use(reloads)
            if generation in (3, times + 1):
                sizes.append(len(left_of(reloads)))
                names.append(len(kept_by_name(reloads)))
                assert len(seen) == 1
        assert sizes[0] == sizes[1] > 0
        assert names[0] == names[1] > 0
        for name in ("dependent", NAME):
            await reloads.manager.unload_plugin(name)
        return reloads

    reloads = run(scenario)
    assert left_of(reloads) == []
    assert kept_by_name(reloads) == []


def test_every_way_to_fail_in_turn_leaves_nothing(tmp_path):
    async def scenario():
        reloads = Reloads(tmp_path)
        reloads.write(1, state=REACHED + CLINGING)
        await reloads.load_all()
        assert await reloads.manager.start_plugin("dependent")
        before = left_of(reloads)
        for number in range(TIMES // 4):
            fault = FAULTS[number % len(FAULTS)]
            how = ("raise", "exit", "interrupt")[number % 3]
            reloads.write(2, fault, how, state=REACHED + CLINGING)
            assert await reloads.reload() is False
        return before, left_of(reloads)

    before, after = run(scenario)
    assert before == after
