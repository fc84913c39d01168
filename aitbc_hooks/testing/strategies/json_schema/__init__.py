"""JSON Schema to Hypothesis: configurations that a schema allows, and that it forbids.

`values` and `spans` are the ground; `numbers`, `strings` (with `regexes` and `formats`), `objects`
and `arrays` know one family of keywords each. `reading` (with `keywords`) turns a schema of any draft
into `parts`; `negation` says what violates one. `merging` joins parts that hold for one value, `nodes`
follows their alternatives, `drawing` draws. `referee` has the last word.
"""

from aitbc_hooks.testing.strategies.json_schema.errors import (
    InvalidSchemaError,
    UnsatisfiableSchemaError,
)
from aitbc_hooks.testing.strategies.json_schema.generating import configs, from_schema, probe
from aitbc_hooks.testing.strategies.json_schema.near import NearMiss, near_misses

__all__ = [
    "InvalidSchemaError",
    "NearMiss",
    "UnsatisfiableSchemaError",
    "configs",
    "from_schema",
    "near_misses",
    "probe",
]
