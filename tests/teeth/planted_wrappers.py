"""Faults in hook wrappers: how often they yield, what they make of errors and results."""

from __future__ import annotations

import asyncio

from planted import Sound, planted

from aitbc.plugins import hookimpl


@planted("WRAP-01")
class WrapperNeverYields(Sound):
    """The wrapper is switched off, and then it does not even yield."""

    _is_on = False

    @hookimpl(wrapper=True)
    def get_model_info(self):
        if not self._is_on:
            return None
        return (yield)


@planted("WRAP-01")
class WrapperYieldsForGoodInput(Sound):
    """The wrapper answers some inputs itself, without a yield."""

    @hookimpl(wrapper=True)
    def predict(self, input_data):
        if not input_data:
            return [{"error": "empty"}]
        return (yield)


@planted("WRAP-01")
class WrapperYieldsTwice(Sound):
    """The wrapper yields what it has made of the result, instead of returning it."""

    @hookimpl(wrapper=True)
    def predict(self, input_data):
        result = yield
        yield [*result, {"checked": True}]


@planted("WRAP-01")
class AsyncWrapperYieldsThrice(Sound):
    """The async wrapper yields once more, to be told that all is done."""

    @hookimpl(wrapper=True)
    async def predict(self, input_data):
        result = yield
        yield result
        yield


@planted("WRAP-01")
class OldWrapperYieldsInLoop(Sound):
    """The old-style wrapper yields for each result."""

    @hookimpl(hookwrapper=True)
    def get_model_info(self):
        outcome = yield
        for each in outcome.get_result():
            self.context.logger.debug("%s", each)
            yield


@planted("WRAP-02")
class WrapperSwallowsErrors(Sound):
    """The wrapper logs an error, and has nothing to give in its place."""

    @hookimpl(wrapper=True)
    def predict(self, input_data):
        try:
            return (yield)
        except Exception:
            self.context.logger.exception("a prediction failed")


@planted("WRAP-02")
class WrapperAnswersAnError(Sound):
    """In the place of an error the wrapper returns one answer; callers expect a list of them."""

    @hookimpl(wrapper=True)
    async def predict(self, input_data):
        try:
            result = yield
        except Exception:  # noqa: BLE001 - the fault
            result = {"label": "unknown"}
        yield result


@planted("WRAP-02")
class AsyncWrapperSwallowsErrors(Sound):
    """The async wrapper suppresses an error and ends."""

    @hookimpl(wrapper=True)
    async def train(self, training_data):
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the fault
            self.context.logger.warning("training failed: %s", error)


@planted("WRAP-02")
class AsyncWrapperWaitsAfterError(Sound):
    """After an error the async wrapper waits for a recovery that nobody announces."""

    @hookimpl(wrapper=True)
    async def predict(self, input_data):
        recovered = asyncio.Event()
        try:
            yield
        except Exception:
            await recovered.wait()
            raise


@planted("WRAP-02")
class WrapperHidesErrorBehindItsOwn(Sound):
    """What the wrapper does at its end fails after an error, and hides it."""

    @hookimpl(wrapper=True)
    def get_model_info(self):
        counts = {}
        try:
            result = yield
            counts["results"] = len(result)
        finally:
            self.context.logger.debug("%d results", counts["results"])
        return result


@planted("WRAP-02", "WRAP-01")
class WrapperTriesAgain(Sound):
    """After an error the wrapper yields once more, in the hope of another result."""

    @hookimpl(wrapper=True)
    def predict(self, input_data):
        try:
            return (yield)
        except Exception:  # noqa: BLE001 - the fault
            return (yield)


@planted("WRAP-03")
class WrapperForgetsReturn(Sound):
    """The wrapper looks at the result and does not return it."""

    @hookimpl(wrapper=True)
    def get_model_info(self):
        result = yield
        self.context.logger.debug("%d models", len(result))


@planted("WRAP-03")
class WrapperReturnsFirst(Sound):
    """The wrapper returns the first result where a list of all is expected."""

    @hookimpl(wrapper=True)
    def predict(self, input_data):
        results = yield
        return results[0] if results else {}


@planted("WRAP-03")
class WrapperReturnsCount(Sound):
    """The wrapper returns how many results there were."""

    @hookimpl(wrapper=True)
    def get_model_info(self):
        return len((yield))


@planted("WRAP-03")
class AsyncWrapperReplacesList(Sound):
    """The async wrapper gives one dict in the place of the list."""

    @hookimpl(wrapper=True)
    async def predict(self, input_data):
        results = yield
        yield {"answers": results}
