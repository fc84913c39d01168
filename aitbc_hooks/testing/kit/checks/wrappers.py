"""WRAP: a plugin's hook wrappers, around implementations that are fine and that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.interfaces.wrapping import OCCASIONS, wrappers_of
from aitbc_hooks.testing.kit.outcomes import Level
from aitbc_hooks.testing.kit.trials.steps import LOAD, START, Step
from aitbc_hooks.testing.strategies import payload_keys, payloads

if TYPE_CHECKING:
    import pluggy
    from hypothesis.strategies import SearchStrategy

    from aitbc_hooks.testing.kit.specimen import Specimen


def _wraps_nothing(specimen: Specimen) -> str | None:
    return None if _wrappers(specimen) else "it wraps no hooks."


def _wrappers(specimen: Specimen) -> dict[str, pluggy.HookImpl]:
    return wrappers_of(specimen.registered, "probe")


@check(
    "WRAP-01",
    Level.MUST,
    "Its hook wrappers yield exactly once.",
    sentence="Wrappers: a generator as in pluggy (`result = yield`, `return` replaces), or an "
    "async generator (`result = yield`; a second `yield value` replaces).",
    source="DESIGN.md, 4",
    needs=["LIFE-01"],
    concern=_wraps_nothing,
    fix="One `yield` on every way through the function; decide after it, not before.",
    example="""
    class Doubtful(Sound):
        @hookimpl(wrapper=True)
        def get_model_info(self):
            result = yield
            if len(result) < 100:
                result = yield
            return result
    """,
)
def yields_once(specimen: Specimen) -> None:
    """A wrapper that yields twice, or never, fails the call for every plugin."""
    for hook, wrapper in _wrappers(specimen).items():
        arguments = OCCASIONS[hook][0]
        specimen.play([LOAD, START, Step("drive_wrapper", (hook, arguments))])
        keys = payload_keys(specimen.probe) | payload_keys(wrapper.function)
        _try_others(specimen, hook, arguments, payloads(keys=keys))


def _try_others(
    specimen: Specimen, hook: str, arguments: dict[str, Any], contents: SearchStrategy[Any]
) -> None:
    """Call it with other arguments too, where they are dicts whose contents are anybody's."""

    def try_one(others: dict[str, Any]) -> None:
        step = Step("drive_wrapper", (hook, arguments | others))
        specimen.play([LOAD, START, step], kinds={"yields"})

    others = {name: contents for name, value in arguments.items() if isinstance(value, dict)}
    if others:
        specimen.for_all(st.fixed_dictionaries(others), try_one)


@check(
    "WRAP-02",
    Level.MUST,
    "Its hook wrappers end when what they wrap raises, and do not lose the error.",
    sentence="A sync wrapper around async implementations ends after they have run.",
    source="DESIGN.md, 4",
    needs=["WRAP-01"],
    concern=_wraps_nothing,
    fix="Release what was acquired before the `yield` in `finally:`; catch an error only to return "
    "a result in its place, of the shape that the hook's results have.",
    example="""
    class Soothing(Sound):
        @hookimpl(wrapper=True)
        async def predict(self, input_data):
            try:
                result = yield
            except Exception:
                return
            yield result
    """,
)
def ends_on_errors(specimen: Specimen) -> None:
    """Who calls the hook has to learn that it failed, and why."""
    for hook in _wrappers(specimen):
        specimen.play([LOAD, START, Step("expect_error_through_wrapper", (hook,))])


@check(
    "WRAP-03",
    Level.MUST,
    "Its hook wrappers return a result of the hook's shape.",
    sentence="results as pluggy would give them",
    source="DESIGN.md, 2",
    needs=["WRAP-01"],
    concern=_wraps_nothing,
    fix="`return result` at the end of the wrapper; `return (yield)` where nothing is changed.",
    example="""
    class Forgetful(Sound):
        @hookimpl(wrapper=True)
        def get_model_info(self):
            result = yield
            self.context.logger.debug("%d models", len(result))
    """,
)
def returns_a_result(specimen: Specimen) -> None:
    """A forgotten `return` turns everybody's results into None."""
    for hook in _wrappers(specimen):
        specimen.play([LOAD, START, Step("expect_result_through_wrapper", (hook,))])
