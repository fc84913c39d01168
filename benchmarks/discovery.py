"""Knowing 1000 plugins without running one, as ratios: ``python benchmarks/discovery.py``.

Everything is measured in processes of their own, by the CPU time that they take beyond starting
the interpreter and importing what is measured: a process imports once, a host discovers often.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from ratios import median_of_ratios, timed_inside

COUNT = 1000
ROUNDS = 15

MANIFEST = """[plugin]
name = "plugin-{n}"
version = "1.{n}.0"
description = "The plugin with the number {n}"
author = "Ada"
license = "MIT"
keywords = ["one", "two"]
dependencies = ["plugin-{before} >=1.0"]
entry = "plugin:Plugin"
interfaces = ["ai"]
hooks = ["predict", "train"]
"""

CODE = """
from aitbc.plugins import BasePlugin

class Plugin(BasePlugin):
    number = {n}
"""

#: What is measured: (set-up, which is not, and what is).
FLOOR = (
    "import os",
    """
for entry in os.scandir(folder):
    os.stat(entry.path + "/plugin.toml")
""",
)
TOMLLIB = (
    "import os, tomllib",
    """
for entry in os.scandir(folder):
    with open(entry.path + "/plugin.toml", "rb") as file:
        tomllib.load(file)
""",
)
IMPORTING = (
    "import importlib, os, sys; import aitbc.plugins; sys.path.insert(0, folder)",
    """
for entry in os.scandir(folder):
    importlib.import_module(entry.name + ".plugin")
""",
)
WARM = (
    """
from pathlib import Path
from aitbc_hooks.discovery.folders import find_in_folder
from aitbc_hooks.discovery.index import index_for
""",
    """
index = index_for([Path(folder)])
assert sum(1 for _ in find_in_folder(Path(folder), index)) == 1000
index.save()
""",
)
COLD = (
    """
import tomllib
from pathlib import Path
import aitbc_hooks.discovery.manifest.structuring
import aitbc_hooks.versions.ranges, aitbc_hooks.versions.requirement, aitbc_hooks.versions.version
from aitbc_hooks.discovery.folders import find_in_folder
from aitbc_hooks.discovery.index import Index
""",
    """
index = Index(Path(folder).parent / "index.json")
assert sum(1 for _ in find_in_folder(Path(folder), index)) == 1000
index.save()
(Path(folder).parent / "index.json").unlink()
""",
)


#: A plugin of some weight: its import takes about 20 ms.
HEAVY = """
import http.client, sqlite3, xml.etree.ElementTree
from aitbc.plugins import BasePlugin, PluginMetadata

class Heavy(BasePlugin):
    def get_metadata(self):
        return PluginMetadata("heavy", "1.0.0", "Is heavy", "Ada", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True
"""
HEAVY_MANIFEST = """[plugin]
name = "heavy"
version = "1.0.0"
entry = "plugin:Heavy"
activation = ["on_event:never"]
"""
PLAIN = (
    """
import sys
import aitbc.plugins
sys.path.insert(0, folder)
""",
    "import heavy.plugin",
)
ON_DEMAND = (
    """import asyncio; from aitbc_hooks import PluginManager
loop = asyncio.new_event_loop()
manager = PluginManager({"plugin_paths": [folder], "state_dir": folder + "/../state",
                         "plugins": {"heavy": {"enabled": True}, "light": {"enabled": True}}})
loop.run_until_complete(manager.start())
assert manager.report("heavy").waits_for""",
    'assert loop.run_until_complete(manager.activate_plugin("heavy"))',
)


def make(folder: Path, name: str, manifest: str, code: str) -> None:
    place = folder / name
    place.mkdir(parents=True)
    (place / "__init__.py").touch()
    (place / "plugin.toml").write_text(manifest)
    (place / "plugin.py").write_text(code)


def main() -> None:
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room, "plugins")
        for n in range(COUNT):
            manifest = MANIFEST.format(n=n, before=max(n - 1, 0))
            make(folder, f"plugin_{n}", manifest, CODE.format(n=n))
        alone = Path(room, "alone")
        make(alone, "heavy", HEAVY_MANIFEST, HEAVY)
        light = HEAVY.replace("heavy", "light").replace(HEAVY.split("\n")[1], "")
        make(alone, "light", '[plugin]\nname = "light"\nentry = "plugin:Heavy"\n', light)
        time.sleep(3)  # what is younger than the clock's step is compared by its content
        environ = {"XDG_CACHE_HOME": room}

        def measure(case, folder=folder):
            set_up, code = case
            return lambda: timed_inside(f"folder = {str(folder)!r}\n{set_up}", code, environ)

        measure(WARM)()  # makes the index
        floor, tomllib, importing = map(measure, (FLOOR, TOMLLIB, IMPORTING))
        warm, cold = map(measure, (WARM, COLD))
        plain, on_demand = measure(PLAIN, alone), measure(ON_DEMAND, alone)
        rows = [
            ("discovery, warm", "scandir and stat", warm, floor, "≤ 3"),
            ("importing all", "discovery, warm", importing, warm, "≥ 20"),
            ("discovery, cold", "tomllib alone", cold, tomllib, "≤ 1.5"),
            ("a plugin's first activation", "its import", on_demand, plain, "≤ 1.2"),
        ]
        print("| candidate | floor | ratio | target |\n|---|---|---|---|")
        for candidate, below, numerator, denominator, target in rows:
            ratio = median_of_ratios(numerator, denominator, rounds=ROUNDS)
            print(f"| {candidate} | {below} | {ratio:.2f} | {target} |")


if __name__ == "__main__":
    sys.exit(main())
