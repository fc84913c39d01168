"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A slow machine is no failing test. In CI, Hypothesis itself chooses fixed examples.
settings.register_profile("project", settings(), deadline=None, print_blob=True)
settings.load_profile("project")
