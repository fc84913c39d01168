"""LEG: legacy objects, through the adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.errors import MetadataError
from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.outcomes import Level, Violation
from aitbc_hooks.testing.kit.trials.steps import LOAD, START, UNLOAD, Step

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen
    from aitbc_hooks.testing.kit.trials.trial import Trial


def _is_no_legacy(specimen: Specimen) -> str | None:
    return None if specimen.is_legacy else "it is no legacy object."


@check(
    "LEG-01",
    Level.MUST,
    "A legacy object says what it is.",
    sentence="Backward compatibility maintenance",
    source="SPEC.md, Version Compatibility",
    concern=lambda specimen: None if specimen.is_foreign else _is_no_legacy(specimen),
    fix="Give the object a `metadata` attribute, or pass `LegacyPluginAdapter(..., metadata=…)` in "
    "a `create_plugin(context)`.",
    example="""
    class Mailer:
        def start(self):
            self.open = True
    """,
)
def legacy_has_metadata(specimen: Specimen) -> None:
    """Without a name and a version a host can neither list it nor depend on it."""

    async def main(trial: Trial) -> object:
        return trial.construct()

    try:
        specimen.attempt(main, config={})
    except MetadataError as error:
        raise Violation(str(error)) from None


@check(
    "LEG-02",
    Level.MUST,
    "A legacy object's health and events work through the adapter.",
    sentence="Migration path for breaking changes",
    source="SPEC.md, Version Compatibility",
    needs=["LIFE-01"],
    concern=_is_no_legacy,
    fix="Let the old health check return a dict of JSON values or a bool, and let no method wait "
    "for ever.",
    example="""
    class Mailer:
        metadata = PluginMetadata("mailer", "1.0.0", "Sends mail", "Me", "MIT")

        def health_check(self):
            return {"queue": {"a", "set"}}
    """,
)
def legacy_answers(specimen: Specimen) -> None:
    """What a legacy plugin says of itself goes where all plugins' answers go."""
    event = Step("event", ("user_login", {"user": "alice"}))
    steps = [LOAD, START, Step("health"), event, UNLOAD]
    specimen.play(steps, kinds={"shape", "hung", "returned"})


@check(
    "LEG-03",
    Level.SHOULD,
    "A legacy object's methods end by themselves.",
    sentence="Async/await for non-blocking operations",
    source="SPEC.md, Plugin Performance",
    needs=["LIFE-01"],
    concern=_is_no_legacy,
    fix="Give what the method waits for a time-out; a thread cannot be cancelled.",
    example="""
    class Mailer:
        metadata = PluginMetadata("mailer", "1.0.0", "Sends mail", "Me", "MIT")

        def handle_event(self, event_type, data):
            threading.Event().wait()
    """,
)
def legacy_threads_end(specimen: Specimen) -> None:
    """Each of its synchronous methods runs in a thread, which nobody can end but itself."""
    event = Step("send", ("user_login", {"user": "alice"}))
    specimen.play([LOAD, START, event, UNLOAD, Step("expect_no_legacy_threads")], kinds={"left"})
