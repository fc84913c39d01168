"""Old plugins and configurations, and what they are to become; line by line."""

from __future__ import annotations

#: Name -> (file name, before, after). What the mechanical part leaves for hands is in both.
MECHANICAL = {
    "lifecycle": (
        "plugin.py",
        '''\
# A plugin from the first days.
from aitbc_hooks.interfaces.base import BasePlugin  # the base
from aitbc_hooks.interfaces import PluginMetadata as Card


class Old(BasePlugin):
    """Keeps a list."""

    def get_metadata(self):
        return Card("old", "1.0.0", "Old", "Ann", "MIT")

    def initialize(self) -> None:
        self.items = []   # all of them

    async def start(self):
        if self.items:
            self.items.clear()
        # nothing else

    def stop(self): pass

    async def cleanup(self): self.items = None; del self.items

    def handle_event(self, event_type, data):
        self.items.append(("é", event_type))
''',
        '''\
# A plugin from the first days.
from aitbc.plugins import BasePlugin  # the base
from aitbc.plugins import PluginMetadata as Card


class Old(BasePlugin):
    """Keeps a list."""

    def get_metadata(self):
        return Card("old", "1.0.0", "Old", "Ann", "MIT")

    async def initialize(self) -> bool:
        self.items = []   # all of them
        return True

    async def start(self):
        if self.items:
            self.items.clear()
        return True
        # nothing else

    async def stop(self): pass; return True

    async def cleanup(self): self.items = None; del self.items; return True

    async def handle_event(self, event_type, data):
        self.items.append(("é", event_type))
''',
    ),
    "derived": (
        "plugin.py",
        """\
import aitbc.plugins as ap


class Base(ap.AIPlugin):
    async def start(self):
        x = '''
        not the end'''

class Model(Base):
    def predict(self, input_data):
        return {}
    def train(self, training_data):
        return True
    def get_model_info(self):
        return {}""",
        """\
import aitbc.plugins as ap


class Base(ap.AIPlugin):
    async def start(self):
        x = '''
        not the end'''
        return True

class Model(Base):
    async def predict(self, input_data):
        return {}
    async def train(self, training_data):
        return True
    def get_model_info(self):
        return {}""",
    ),
    "indents": (
        "plugin.py",
        """\
from aitbc.plugins import BasePlugin


if True:
  class Narrow(BasePlugin):
    async def start(self):
     self.x = 1

class Tabbed(BasePlugin):
\tasync def stop(self):
\t\tself.x = 1

class Wide(BasePlugin):
    'é'; é = 'ü'
    async def stop(self): self.é = 'ü'  # ö
    def handle_event(self, *é: 'ü'): pass
""",
        """\
from aitbc.plugins import BasePlugin


if True:
  class Narrow(BasePlugin):
    async def start(self):
     self.x = 1
     return True

class Tabbed(BasePlugin):
\tasync def stop(self):
\t\tself.x = 1
\t\treturn True

class Wide(BasePlugin):
    'é'; é = 'ü'
    async def stop(self): self.é = 'ü'; return True  # ö
    async def handle_event(self, *é: 'ü'): pass
""",
    ),
    "service": (
        "plugin.py",
        """\
from aitbc.plugins import PluginMetadata


class Doubler:
    metadata = PluginMetadata("doubler", "1.0.0", "Doubles", "Ann", "MIT")

    def setup(self):
        self.done = 0

    def execute(self, request):
        return 2 * request["n"]

    def health_check(self):
        return True
""",
        '''\
from aitbc.plugins import PluginMetadata


class Doubler:
    metadata = PluginMetadata("doubler", "1.0.0", "Doubles", "Ann", "MIT")

    def setup(self):
        self.done = 0

    def execute(self, request):
        return 2 * request["n"]

    def health_check(self):
        return True


def create_plugin(context):
    """Let a host run what this module has, through an adapter."""
    from aitbc.plugins import LegacyServiceAdapter

    return LegacyServiceAdapter(Doubler())
''',
    ),
    "commands": (
        "plugin.py",
        '''\
import click

__version__ = "1.0.0"
__author__ = "Ann"
__license__ = "MIT"


@click.group("old-commands")
def plugin_command():
    """Old commands."""


@plugin_command.command()
def hello():
    """Greet."""
    click.echo("hello")
''',
        '''\
import click

__version__ = "1.0.0"
__author__ = "Ann"
__license__ = "MIT"


@click.group("old-commands")
def plugin_command():
    """Old commands."""


@plugin_command.command()
def hello():
    """Greet."""
    click.echo("hello")


def create_plugin(context):
    """Let a host run what this module has, through an adapter."""
    import sys

    from aitbc.plugins import LegacyCommandAdapter

    return LegacyCommandAdapter(sys.modules[__name__])
''',
    ),
    "legacy": (
        "plugin.py",
        """\
from aitbc.plugins import LegacyPlugin, PluginMetadata


class Mailer(LegacyPlugin):
    metadata: PluginMetadata = PluginMetadata("mailer", "1.0.0", "Mails", "Ann", "MIT")

    def __init__(self, box=None, *, limit=3):
        self.box = box

    def start(self):
        self.box = []""",
        '''\
from aitbc.plugins import LegacyPlugin, PluginMetadata


class Mailer(LegacyPlugin):
    metadata: PluginMetadata = PluginMetadata("mailer", "1.0.0", "Mails", "Ann", "MIT")

    def __init__(self, box=None, *, limit=3):
        self.box = box

    def start(self):
        self.box = []


def create_plugin(context):
    """Let a host run what this module has, through an adapter."""
    from aitbc.plugins import LegacyPluginAdapter

    return LegacyPluginAdapter(Mailer())
''',
    ),
    "yaml": (
        "aitbc.yaml",
        """\
# the host
pluginPaths: ["a", 'b']   # where
plugins:
  # the first
  agent_cli:
    # runs
    enabled: "yes"
    Priority: "10"
    config:
      enabled: "yes"   # the plugin's own
  "other_one": {enabled: 1}
auto-load: on  # at once
""",
        """\
# the host
plugin_paths: ["a", 'b']   # where
plugins:
  # the first
  agent-cli:
    # runs
    enabled: true
    priority: 10
    config:
      enabled: "yes"   # the plugin's own
  "other-one": {enabled: true}
auto_load: on  # at once
""",
    ),
    "toml": (
        "aitbc.toml",
        """\
autoLoad = true  # at once
health_check_interval = "60"

[plugins.agent_cli]  # the first
enabled = "true"

[plugins.agent_cli.config]
agent_cli = "agent_cli"

[plugins]
other_one.enabled = 0
""",
        """\
auto_load = true  # at once
health_check_interval = 60

[plugins.agent-cli]  # the first
enabled = true

[plugins.agent-cli.config]
agent_cli = "agent_cli"

[plugins]
other-one.enabled = false
""",
    ),
    "json": (
        "aitbc.json",
        '{"autoload": "true",\n "plugins": {"a_b": {"enabled":"no", "config": {"a_b": "no"}}}}',
        '{"auto_load": true,\n "plugins": {"a-b": {"enabled":false, "config": {"a_b": "no"}}}}',
    ),
}

#: Name -> (file name, text, [(line, rule)]): what only hands can do.
BY_HAND = {
    "called without await": (
        "plugin.py",
        """\
from aitbc.plugins import BasePlugin

class Old(BasePlugin):
    def initialize(self):
        return True
    async def start(self):
        return self.initialize()
""",
        [(4, "async-method")],
    ),
    "its own loop": (
        "plugin.py",
        """\
import asyncio
from aitbc.plugins import BasePlugin

class Old(BasePlugin):
    def start(self):
        return asyncio.run(self.go())
""",
        [(5, "async-method")],
    ),
    "returns in the middle": (
        "plugin.py",
        """\
from aitbc.plugins import BasePlugin

class Old(BasePlugin):
    async def start(self):
        if self.context is None:
            return
        self.go()
""",
        [(4, "return-true")],
    ),
    "decorated": (
        "plugin.py",
        """\
from aitbc.plugins import BasePlugin
from somewhere import retried

class Old(BasePlugin):
    @retried
    async def start(self):
        self.go()
    @retried
    def stop(self):
        return True
""",
        [(6, "return-true"), (9, "async-method")],
    ),
    "status": (
        "plugin.py",
        """\
from aitbc.plugins import BasePlugin, PluginStatus

class Old(BasePlugin):
    async def start(self):
        self.status = PluginStatus.ACTIVE
        return True
""",
        [(5, "status")],
    ),
    "inner name": (
        "plugin.py",
        "from aitbc_hooks.interfaces.records import _text\nimport aitbc_hooks.interfaces.base\n",
        [(1, "import-path"), (2, "import-path")],
    ),
    "two services": (
        "plugin.py",
        """\
class One:
    def setup(self): ...
    def execute(self, request): ...

class Two:
    def cleanup(self): ...
    def execute(self, request): ...
""",
        [(1, "adapter"), (5, "adapter")],
    ),
    "service with arguments": (
        "plugin.py",
        """\
from aitbc.plugins import PluginMetadata

class Service:
    metadata = PluginMetadata("s", "1.0.0", "S", "Ann", "MIT")
    def __init__(self, url): ...
    def setup(self): ...
    def execute(self, request): ...
""",
        [(3, "adapter")],
    ),
    "nameless commands": (
        "plugin.py",
        "import click\n\n@click.group()\ndef plugin_command():\n    '''Old.'''\n",
        [(4, "adapter")],
    ),
    "no python": ("plugin.py", "print 'hello'\n", [(1, "unreadable")]),
    "foreign interface": (
        "plugin.toml",
        '[plugin]\nname = "x"\ninterface = "2.0"\n',
        [(3, "interface-version")],
    ),
    "clashing names": (
        "aitbc.yaml",
        "plugins:\n  a_b: {enabled: true}\n  a-b: {enabled: false}\n",
        [(2, "config"), (2, "config-name")],
    ),
    "unknown key": ("aitbc.yaml", "plugins: {}\ncolour: red\n", [(2, "config")]),
    "a value with two places": (
        "aitbc.yaml",
        "plugins:\n  a:\n    enabled: &on 'yes'\n    config: {mode: *on}\n",
        [(3, "config"), (3, "config-value")],
    ),
    "a block with two places": (
        "aitbc.yaml",
        "plugins:\n  a: &x\n    enabled: 'yes'\n  b: *x\n",
        [(3, "config"), (3, "config"), (3, "config-value"), (3, "config-value")],
    ),
    "no yaml": ("aitbc.yaml", "plugins: [\n", [(2, "config")]),
}

#: File name, text: what needs nothing, and looks as if it did.
SOUND = [
    ("plugin.py", ""),
    ("plugin.py", "\ufeff# empty\r\n"),
    (
        "plugin.py",
        """\
from aitbc.plugins import BasePlugin

class New(BasePlugin):
    async def initialize(self):
        if self.context.config:
            return True
        raise ValueError
    async def start(self):
        while True:
            return True
    def get_config_schema(self):
        pass
    def helper(self):
        pass

class Thread:
    def start(self):
        self.status = 1
    def initialize(self): ...
""",
    ),
    (
        "plugin.py",
        """\
from aitbc.plugins import hookimpl
from aitbc_hookspecs import hookimpl as mark

class Service:
    def setup(self): ...
    def execute(self, request): ...

@hookimpl
def start(context): return True
""",
    ),
    ("plugin.py", "from .service import create_plugin\n\nplugin_command = None\n"),
    ("plugin.py", "class BasePlugin: ...\n\nclass Mine(BasePlugin):\n    def start(self): ...\n"),
    ("plugin.py", "from .interfaces import x\nfrom aitbc_hooks.interfacesque import y\n"),
    ("plugin.toml", '[plugin]\nname = "x"\ninterface = "1.0"\n'),
    ("aitbc.yaml", "plugins:\n  a: {enabled: true, config: {Enabled: 'yes', a_b: '1'}}\n"),
    ("aitbc.yaml", ""),
    ("aitbc.json", '{"plugins": {}}'),
]
