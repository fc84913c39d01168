"""The check of two instances of one plugin, side by side."""

from __future__ import annotations

import pytest
from conformance_making import module
from conformance_trying import fails, is_not_applicable, passes

from aitbc.plugins import hookimpl
from aitbc_hooks.testing.kit.sound import Sound


async def initialize():
    return True


class Hooks:
    @hookimpl
    async def initialize(self):
        return True


@pytest.mark.parametrize("single", [module(initialize), Hooks()], ids=["module", "object"])
def test_what_is_one_object_has_no_neighbour_of_its_kind(single):
    is_not_applicable("ISO-01", single, "it is one object, and belongs to one host.")


def create_plugin(context):
    return Sound(context)


@pytest.mark.parametrize("maker", [Sound, create_plugin])
def test_instances_that_share_nothing_pass(maker):
    passes("ISO-01", maker)


def test_instances_that_share_something_disturb_each_other():
    class Shared(Sound):
        connections = {}  # noqa: RUF012 - the fault

        async def start(self):
            self.connections["main"] = self
            return True

        async def stop(self):
            del self.connections["main"]
            return True

    fails(
        "ISO-01",
        Shared,
        "beside another instance: [AITBC-L04] plugin 'fourth' in stop(): KeyError: 'main'",
    )
