"""What can be wrong with a schema that values are to be generated from."""

from __future__ import annotations

__all__ = ["InvalidSchemaError", "UnsatisfiableSchemaError"]


class InvalidSchemaError(ValueError):
    """The schema is no usable JSON Schema; the message says where, and why."""


class UnsatisfiableSchemaError(ValueError):
    """No value was found for the schema.

    Either there is none, or the generator does not see one. Then say what a good value is: a
    strategy of your own in place of `configs`, ``formats={name: strategy}`` for a format that is
    yours, or ``default`` and ``examples`` in the schema, which are tried.
    """
