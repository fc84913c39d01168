"""A program that was never meant to be imported."""

from __future__ import annotations

import sys

from planted import Sound


class Plugin(Sound):
    """Is sound, and out of reach."""


sys.exit(2)
