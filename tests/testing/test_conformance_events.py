"""The checks of what a plugin does with events."""

from __future__ import annotations

import asyncio

import pytest
from conformance_making import module, plugin
from conformance_trying import fails, is_not_applicable, passes, tried

from aitbc_hooks.testing.kit import Outcome
from aitbc_hooks.testing.kit.sound import Sound

CHECKS = ["EVT-01", "EVT-02"]


async def initialize():
    return True


async def presume(self, event_type, data):
    data["user"]


async def wait(self, event_type, data):
    await asyncio.Event().wait()


async def mark(self, event_type, data):
    data["seen"] = True


async def answer(self, event_type, data):
    return "thanks"


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("silent", [Sound, module(initialize)], ids=["class", "module"])
def test_a_plugin_that_handles_no_events_is_no_concern(check, silent):
    is_not_applicable(check, silent, "it handles no events.")


@pytest.mark.parametrize(
    ("check", "handler", "message"),
    [
        ("EVT-01", presume, "handle_event('user_login', {}) raised KeyError: 'user'"),
        (
            "EVT-01",
            wait,
            "handle_event('user_login', {}) raised TimeoutError: did not end within its deadline of 30 s",
        ),
        (
            "EVT-02",
            mark,
            ("expected that handle_event() leaves the payload as it is; {} became {'seen': True}."),
        ),
        ("EVT-02", answer, "handle_event(): expected None, got 'thanks'."),
    ],
)
def test_what_a_handler_does_wrong_is_seen_by_one_of_the_checks(check, handler, message):
    fails(check, plugin(handle_event=handler), message, examples=5)
    [other] = {*CHECKS} - {check}
    passes(other, plugin(handle_event=handler), examples=5)


def test_the_handler_of_a_module_is_a_concern_too():
    def handle_event(event_type, data):
        return len(data)

    result = tried("EVT-02", module(handle_event), examples=5)
    assert (result.outcome, result.detail) == (
        Outcome.FAIL,
        "handle_event(): expected None, got 0.",
    )
    passes("EVT-01", module(handle_event), examples=5)


class Started(Sound):
    """Can handle events while it is active, and only then."""

    users = None

    async def start(self):
        self.users = set()
        return True

    async def stop(self):
        self.users = None
        return True

    async def handle_event(self, event_type, data):
        self.users.add(event_type)


@pytest.mark.parametrize("check", CHECKS)
def test_events_come_while_a_plugin_is_active(check):
    passes(check, Started, examples=5)
