"""Put `HookManager` in the place of `pluggy.PluginManager`, before any program is imported.

``replace_pluggy.pth`` imports this when an interpreter starts with ``REPLACE_PLUGGY`` set, so the
programs, and the processes that they start, are as they were published.
"""

from __future__ import annotations

import pluggy
import pluggy._manager

from aitbc_hooks import HookManager

pluggy.PluginManager = pluggy._manager.PluginManager = HookManager
