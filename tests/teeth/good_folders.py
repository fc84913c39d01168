"""Plugins that are folders, as an operator puts them into one of the ``plugin_paths``."""

from __future__ import annotations

from pathlib import Path

from corpus import good

good.add(Path(__file__).parent / "good_folder" / "ledger-notes", id="ledger-notes")
good.add(Path(__file__).parent / "good_folder" / "bare_counter", id="bare-counter")
