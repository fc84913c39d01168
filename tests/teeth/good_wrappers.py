"""Wrappers of other plugins' hooks: they yield once, and hand on what they do not change."""

from __future__ import annotations

import collections
import contextlib
import time

from corpus import good
from good_hookimpls import module

from aitbc.plugins import BasePlugin, PluginMetadata, hookimpl


def _stopwatch():
    """A generator with a finally: what is raised inside goes through it."""
    seconds = collections.deque(maxlen=100)

    @hookimpl(wrapper=True)
    def predict(input_data):
        begin = time.perf_counter()
        try:
            return (yield)
        finally:
            seconds.append(time.perf_counter() - begin)

    return module("stopwatch", predict, seconds=seconds)


good.add(_stopwatch(), id="stopwatch")


def _annotator():
    """An asynchronous generator cannot return a value: a second yield replaces the result."""

    @hookimpl(wrapper=True)
    async def predict(input_data):
        results = yield
        yield [{**result, "annotated": True} for result in results]

    return module("annotator", predict)


good.add(_annotator(), id="annotator")


def _async_spectator():
    """An asynchronous generator without a second yield: the result stays as it is."""
    seen = collections.Counter()

    @hookimpl(wrapper=True, tryfirst=True)
    async def predict():
        try:
            results = yield
        except ValueError:
            seen["refused"] += 1
            raise
        else:
            seen["answered"] += len(results)

    return module("async_spectator", predict)


good.add(_async_spectator(), id="async-spectator")


def _fallback():
    """Turns one kind of exception into a result, which is what a wrapper may do."""

    @hookimpl(wrapper=True, trylast=True)
    def predict(input_data):
        try:
            results = yield
        except ConnectionError:
            return [{"answer": None, "fallback": True}]
        return results

    return module("fallback", predict)


good.add(_fallback(), id="fallback")


class Redactor(BasePlugin):
    """A class of the interface that is wrapper besides: of a synchronous hook, and of another."""

    def __init__(self, context):
        super().__init__(context)
        self.depth = 0

    def get_metadata(self):
        return PluginMetadata("redactor", "1.0.0", "Hides details", "Hook Author", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True

    @hookimpl(wrapper=True)
    def get_model_info(self):
        infos = yield
        return [{key: info[key] for key in info if key != "path"} for info in infos]

    @hookimpl(wrapper=True)
    def predict(self):
        with self._deeper():
            return (yield)

    @contextlib.contextmanager
    def _deeper(self):
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1


good.add(Redactor, id="redactor")


def _old_style():
    """pluggy's older form of a wrapper: it gets a result object and may force another."""
    shapes = collections.Counter()

    @hookimpl(hookwrapper=True)
    def get_model_info():
        outcome = yield
        if outcome.exception is None:
            infos = outcome.get_result()
            shapes[len(infos)] += 1
            outcome.force_result([dict(info) for info in infos])

    return module("old_style", get_model_info)


good.add(_old_style(), id="old-style")


class ModelCache:
    """Wraps and implements, in one object; the wrapper keeps what was said last."""

    def __init__(self):
        self.last = None

    @hookimpl
    async def cleanup(self, context):
        self.last = None
        return True

    @hookimpl(wrapper=True)
    async def predict(self, input_data):
        results = yield
        self.last = (dict(input_data), list(results))

    @hookimpl(specname="get_model_info")
    def describe(self):
        return {"name": "model-cache", "trained": False, "cached": False}


good.add(lambda context: ModelCache(), id="model-cache")
