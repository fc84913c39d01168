"""Writes plugins into folders, in the structure that SPEC.md prescribes."""

import textwrap

CLASS = """
from aitbc.plugins import BasePlugin, PluginMetadata

class {cls}(BasePlugin):
    answer = {answer!r}
    def get_metadata(self):
        return PluginMetadata({name!r}, "1.0.0", "d", "a", "MIT")
    async def initialize(self): return True
    async def start(self): return True
    async def stop(self): return True
    async def cleanup(self): return True
"""


def source(name="my-plugin", cls="MyPlugin", answer=1):
    """Return the source of one plugin class."""
    return CLASS.format(name=name, cls=cls, answer=answer)


def write(folder, /, init=None, manifest=None, **files):
    """Write a plugin's folder: `files` by module name; ``init`` and ``manifest`` by their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
    if init is not None:
        (folder / "__init__.py").write_text(textwrap.dedent(init))
    if manifest is not None:
        content = manifest if isinstance(manifest, bytes) else textwrap.dedent(manifest).encode()
        (folder / "plugin.toml").write_bytes(content)
    return folder
