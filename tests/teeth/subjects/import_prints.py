"""A plugin whose module prints when it is imported."""

from __future__ import annotations

from planted import Sound

print("Thank you for choosing import-prints 1.4!")  # noqa: T201 - the fault


class Plugin(Sound):
    """Is sound otherwise."""
