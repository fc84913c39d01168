"""SEC: what becomes of the secrets in a plugin's configuration."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, Final

from jsonschema.validators import Draft7Validator, validator_for

from aitbc_hooks.config.fitting import Fitter
from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.generating import try_telling_events
from aitbc_hooks.testing.kit.outcomes import Level, NotApplicable
from aitbc_hooks.testing.kit.trials.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aitbc_hooks.testing.kit.specimen import Specimen

    Path = tuple[str | int, ...]

CANARY: Final = "canary-4f1d9c"
_SECRET: Final = re.compile(r"passw|secret|token|api_?key|private_?key|credential", re.IGNORECASE)


@check(
    "SEC-01",
    Level.SHOULD,
    "Secrets of its configuration appear in no log record, health, repr or event.",
    sentence="the value is a secret from then on",
    source="DESIGN.md, 5; SPEC.md, Security Considerations",
    needs=["LIFE-01"],
    fix="Log what was done, not with what; leave secrets out of `__repr__`, health and events.",
    example="""
    class Chatty(Sound):
        def get_config_schema(self):
            return {
                "type": "object",
                "properties": {"api_key": {"type": "string"}},
                "required": ["api_key"],
            }

        async def start(self):
            self.context.logger.debug("starting with %s", self.context.config)
            return True
    """,
)
def keeps_secrets(specimen: Specimen) -> None:
    """Logs and health go to people and systems that must not have the operator's keys."""
    config = _with_canaries(specimen)

    def live(between: Iterable[Step]) -> None:
        look = Step("expect_unsaid", (CANARY,))
        begin = [Step("attempt", (operation,)) for operation in ("load", "start")]
        end = [Step("attempt", (operation,)) for operation in ("stop", "unload")]
        steps = [Step("watch_what_it_says"), *begin, *between, look, *end, look]
        specimen.play(steps, config=config, kinds={"said"})  # who fails says most

    live([])
    live([Step("idle", (60,))])
    try_telling_events(
        specimen,
        lambda received: live([*(Step("send", event) for event in received), Step("idle", (1,))]),
    )


def _with_canaries(specimen: Specimen) -> dict[str, Any]:
    """Return a configuration with something to look for in the place of each secret."""
    validator = validator_for(specimen.schema, Draft7Validator)(specimen.schema)
    for candidate in (_complete(specimen), specimen.config):
        config = copy.deepcopy(candidate)
        fitter = Fitter(specimen.schema, {})
        fitter.fit(config)
        found = [path for path in _texts(config) if _is_secret(path) or path in fitter.secrets]
        for path in found:
            _put(config, path)
        if found and validator.is_valid(config):
            return config
    raise NotApplicable("its configuration has no secret that can be recognised.")


def _complete(specimen: Specimen) -> dict[str, Any]:
    """Return the simplest configuration, with every secret that the schema knows by name."""
    properties = specimen.schema.get("properties", {})
    named = {
        key: CANARY
        for key, part in properties.items()
        if isinstance(part, dict) and (_SECRET.search(key) or part.get("writeOnly"))
    }
    return {**specimen.config, **named}


def _texts(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, str):
        yield path
    items = value.items() if isinstance(value, dict) else ()
    for key, item in enumerate(value) if isinstance(value, list) else items:
        yield from _texts(item, (*path, key))


def _is_secret(path: Path) -> bool:
    return any(isinstance(key, str) and _SECRET.search(key) for key in path)


def _put(config: Any, path: Path) -> None:
    *way, last = path
    for key in way:
        config = config[key]
    config[last] = CANARY
