"""CFG: what a plugin does with its configuration."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from aitbc_hooks.hosting.construction import read_schema
from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.outcomes import Inconclusive, Level, NotApplicable
from aitbc_hooks.testing.kit.trials.steps import CYCLE, LOAD, START, STOP, UNLOAD, Step
from aitbc_hooks.testing.strategies import UnsatisfiableSchemaError, near_misses

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen


@check(
    "CFG-02",
    Level.MUST,
    "It does not change the configuration that it was given.",
    sentence="Use configuration schema for validation",
    source="SPEC.md, Best Practices, 4; DESIGN.md, 5",
    needs=["LIFE-01"],
    fix="Copy what is to be changed: `settings = dict(self.context.config)`.",
    example="""
    class Tidy(Sound):
        async def initialize(self):
            self.context.config.setdefault("retries", 3)
            return True
    """,
)
def config_is_left_alone(specimen: Specimen) -> None:
    """An operator reads the configuration back to see what a plugin runs with."""

    def try_one(config: dict[str, Any]) -> None:
        specimen.play([*CYCLE, Step("expect_config", (config,))], config=config)

    specimen.for_all(specimen.configs, try_one)


def _takes_everything(specimen: Specimen) -> str | None:
    return None if specimen.schema else "its schema forbids nothing."


@check(
    "CFG-03",
    Level.MAY,
    "A configuration that its schema forbids is refused by initialize().",
    sentence="Use configuration schema for validation",
    source="SPEC.md, Best Practices, 4",
    needs=["LIFE-01"],
    concern=_takes_everything,
    fix="Nothing has to be done: the host refuses such a configuration itself. A plugin that is "
    "used without a host may raise in `initialize()`.",
    example="""
    class Trusting(Sound):
        def get_config_schema(self):
            return {"type": "object", "properties": {"port": {"type": "integer"}}}
    """,
)
def forbidden_config_is_refused(specimen: Specimen) -> None:
    """Refusing is the host's duty; doing it twice protects those who use the class alone."""
    try:
        strategy = near_misses(specimen.schema)
    except UnsatisfiableSchemaError as error:
        raise NotApplicable(str(error)) from None

    def try_one(case: Any) -> None:
        specimen.play([Step("expect_config_refused", (case.fault,))], config=case.config)

    try:
        specimen.for_all(strategy, try_one, examples=10)
    except Inconclusive as reason:
        if "generated" in str(reason):
            raise NotApplicable("its schema forbids nothing that can be generated.") from None
        raise


def _has_no_schema(specimen: Specimen) -> str | None:
    getter = getattr(specimen.probe, "get_config_schema", None)
    return None if callable(getter) else "it has no get_config_schema()."


@check(
    "CFG-04",
    Level.MUST,
    "get_config_schema() says the same in every status.",
    sentence="Return configuration schema (optional)",
    source="SPEC.md, Base Plugin Interface; DESIGN.md, 5",
    needs=["LIFE-01"],
    concern=_has_no_schema,
    fix="Return a constant: nothing that depends on what the plugin has read, made or found out "
    "since it was constructed.",
    example="""
    class Growing(Sound):
        schema = {"type": "object"}

        def get_config_schema(self):
            return self.schema

        async def start(self):
            self.schema = {"type": "object", "required": ["mode"]}
            return True
    """,
)
def schema_stays_the_same(specimen: Specimen) -> None:
    """The host checks a configuration before it loads the plugin: by then the schema has to be right."""
    told = read_schema(specimen.probe.get_config_schema, "plugin")  # type: ignore[attr-defined]
    look = Step("expect_schema", (copy.deepcopy(told),))
    specimen.play([LOAD, look, START, look, STOP, look, UNLOAD])
