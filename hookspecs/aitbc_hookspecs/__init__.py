"""The pluggy face of the contract: what a plugin may implement, as documented hookspecs.

A plugin is a module, or any object, with functions marked by `hookimpl`. Each takes the
arguments of its hookspec that it needs, and no others; a function of an ``async def`` hookspec
may itself be sync or async. A whole plugin::

    from aitbc_hookspecs import hookimpl

    @hookimpl
    async def start(context):
        context.logger.info("hello")
        return True

    @hookimpl
    async def handle_event(event_type, data):
        print(event_type, data)

The lifecycle hooks are all optional here: one that is missing succeeds.
"""

from aitbc_hookspecs import ai, blockchain, cli, events, host, lifecycle
from aitbc_hookspecs._markers import (
    PROJECT_NAME,
    Deprecated,
    HookspecMarker,
    hookimpl,
    hookspec,
)

__all__ = [
    "INTERFACE_VERSION",
    "PROJECT_NAME",
    "SPEC_MODULES",
    "Deprecated",
    "HookspecMarker",
    "hookimpl",
    "hookspec",
]

#: The version of this contract, MAJOR.MINOR. A minor version adds hooks, arguments and
#: deprecations; a major one takes away what was deprecated before. It is not the version of the
#: distribution, which may change without it.
INTERFACE_VERSION = "1.0"

#: Every module of hookspecs, in the order in which they are documented.
SPEC_MODULES = (lifecycle, events, cli, blockchain, ai, host)
