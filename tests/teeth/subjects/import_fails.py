"""A plugin whose author has a package installed that others have not."""

from __future__ import annotations

import aitbc_extras_that_nobody_has  # type: ignore[import-not-found]
from planted import Sound


class Plugin(Sound):
    """Uses the package."""

    client = aitbc_extras_that_nobody_has.Client()
