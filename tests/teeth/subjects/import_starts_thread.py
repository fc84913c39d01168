"""A plugin whose module starts a thread when it is imported."""

from __future__ import annotations

import threading

from planted import Sound

# It ends by itself at last, for the tests' sake.
threading.Thread(target=threading.Event().wait, args=(20,), daemon=True).start()


class Plugin(Sound):
    """Is sound otherwise."""
