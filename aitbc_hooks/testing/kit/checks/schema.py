"""CFG-01: the schema of a plugin's configuration."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from aitbc_hooks.hosting.construction import read_schema
from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.outcomes import Level, Violation

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen


@check(
    "CFG-01",
    Level.MUST,
    "get_config_schema() is a valid JSON Schema, the same on every call.",
    sentence="Return configuration schema (optional)",
    source="SPEC.md, Base Plugin Interface; DESIGN.md, 5",
    needs=["META-01"],
    fix="Return a dict that is a JSON Schema (draft 7, unless `$schema` says otherwise) whose "
    "defaults satisfy it. Make it anew, or do not change the one that was returned.",
    example="""
    class Sketchy(Sound):
        def get_config_schema(self):
            return {"type": "object", "properties": {"port": {"type": "integr"}}}
    """,
)
def schema_is_valid(specimen: Specimen) -> None:
    """The host checks the configuration against the schema before the plugin sees it."""
    from aitbc_hooks.config.checking import BadSchemaError, schema_check  # noqa: PLC0415 - jsonschema

    schema = copy.deepcopy(specimen.schema)
    try:
        schema_check(schema)
    except BadSchemaError as error:
        raise Violation(f"expected a valid JSON Schema: {error}.") from None
    getter = getattr(specimen.probe, "get_config_schema", None)
    if not callable(getter):
        return
    first, second = (copy.deepcopy(read_schema(getter, "plugin")) for _ in range(2))
    if first != second:
        raise Violation("expected the same schema on every call; the second one differed.")
