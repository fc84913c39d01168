"""The checks of legacy objects, through the adapter."""

from __future__ import annotations

import threading

import pytest
from conformance_trying import (
    fails,
    fails_without_program,
    is_not_applicable,
    passes,
    steps_of,
    tried,
)

from aitbc.plugins import LegacyPluginAdapter, PluginMetadata
from aitbc_hooks.testing.kit import Outcome
from aitbc_hooks.testing.kit.sound import Sound

CHECKS = ["LEG-01", "LEG-02", "LEG-03"]
CARD = PluginMetadata("mailer", "1.0.0", "Sends mail", "Me", "MIT")


class Mailer:
    """Knows nothing of plugins, and does nothing wrong."""

    metadata = CARD

    def __init__(self):
        self.sent = []

    def start(self):
        self.sent.append("hello")

    def health_check(self):
        return {"sent": len(self.sent)}

    def handle_event(self, event_type, data):
        self.sent.append(event_type)


def mailer(**members):
    return type("Mailer", (Mailer,), members)


def adapter(cls):
    """Return what makes plugins of such objects, as their authors do."""

    def create_plugin(context):
        return LegacyPluginAdapter(cls())

    return create_plugin


def adapted(**members):
    return adapter(mailer(**members))


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "legacy",
    [Mailer, Mailer(), adapted()],
    ids=["class", "object", "adapted"],
)
def test_a_sound_object_passes(check, legacy):
    passes(check, legacy)


def test_an_object_says_what_it_is_whatever_its_configuration():
    impossible = {"type": "object", "required": ["host"], "properties": {"host": False}}
    passes("LEG-01", mailer(get_config_schema=lambda self: impossible))


@pytest.mark.parametrize("check", CHECKS)
def test_a_plugin_of_today_is_no_concern(check):
    is_not_applicable(check, Sound, "it is no legacy object.")


@pytest.mark.parametrize("options", [{}, {"config": {"host": "mail.example"}}])
@pytest.mark.parametrize("made", [lambda cls: cls, lambda cls: cls()], ids=["class", "object"])
@pytest.mark.parametrize("said", [None, {"name": "mailer", "version": "1.0.0"}])
def test_an_object_that_says_nothing_of_itself_fails(made, said, options):
    fails_without_program(
        "LEG-01",
        made(mailer(metadata=said)),
        "[AITBC-P04] metadata: Mailer says nothing of itself. "
        "Pass LegacyPluginAdapter(..., metadata=PluginMetadata(...)).",
        **options,
    )


@pytest.mark.parametrize("made", [lambda cls: cls, lambda cls: cls()], ids=["class", "object"])
def test_an_object_that_says_nothing_of_itself_fails_whatever_its_configuration(made):
    result = tried("META-01", made(mailer(metadata=None)), config={"host": "mail.example"})
    assert result.outcome is Outcome.FAIL
    assert "Mailer says nothing of itself" in result.detail


@pytest.mark.parametrize(
    "made", [lambda cls: cls, lambda cls: cls(), adapter], ids=["class", "object", "adapted"]
)
def test_health_is_looked_at_through_the_adapter(made):
    health = {"status": 200, "uptime": 0, "memory_usage": 0, "error_count": 0}
    fails(
        "LEG-02",
        made(mailer(health_check=lambda self: health)),
        f"health_check(): expected a text under 'status', got {health}.",
    )


@pytest.fixture
def wait():
    """Return a method that waits until the test is over."""
    before = set(threading.enumerate())  # others' tests may have left some that never end
    over = threading.Event()
    yield lambda self, *_: over.wait()
    over.set()
    for thread in set(threading.enumerate()) - before:
        thread.join()


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("health_check", "health_check() did not end within 30 s."),
        (
            "handle_event",
            (
                "handle_event('user_login', {'user': 'alice'}) raised TimeoutError: did not end "
                "within its deadline of 30 s"
            ),
        ),
    ],
)
def test_an_answer_that_does_not_come_is_missed(method, message, wait):
    fails("LEG-02", adapted(**{method: wait}), message)


def test_an_adapter_of_the_authors_own_answers_events_like_any_plugin():
    class Answering(LegacyPluginAdapter):
        async def handle_event(self, event_type, data):
            return "thanks"

    def create_plugin(context):
        return Answering(Mailer())

    fails("LEG-02", create_plugin, "handle_event(): expected None, got 'thanks'.")


def test_an_answer_to_an_event_may_be_anything_but_an_error_is_the_business_of_others():
    passes("LEG-02", mailer(handle_event=lambda self, event_type, data: len(data)))
    passes("LEG-02", mailer(handle_event=lambda self, event_type, data: data["key"]))
    passes("LEG-02", mailer(handle_event=lambda self, event_type, data: data.clear()))


@pytest.mark.parametrize("check", ["LEG-02", "LEG-03"])
def test_the_event_is_a_likely_one(check):
    told = []

    def handle_event(self, event_type, data):
        told.append((event_type, data))

    passes(check, mailer(handle_event=handle_event))
    assert told == [("user_login", {"user": "alice"})]


def test_a_thread_in_which_a_handler_goes_on_is_told(wait):
    wait.__qualname__ = "Mailer.handle_event"
    result = tried("LEG-03", mailer(handle_event=wait))
    assert (result.outcome, result.detail) == (
        Outcome.FAIL,
        "expected that its methods end; legacy:Mailer.handle_event goes on.",
    )
    assert steps_of(result.program) == [
        "load()",
        "start()",
        "send('user_login', {'user': 'alice'})",
        "unload()",
        "expect_no_legacy_threads()",
    ]


def test_a_thread_that_another_plugin_has_left_is_no_fault_of_this_one(wait):
    assert tried("LEG-03", mailer(handle_event=wait)).outcome is Outcome.FAIL
    passes("LEG-03", Mailer)


def refuse(self):
    return False


@pytest.mark.parametrize("method", ["initialize", "start", "stop", "cleanup"])
def test_a_life_that_fails_leaves_the_threads_to_others(method, wait):
    passes("LEG-02", mailer(**{method: refuse}))
    passes("LEG-03", mailer(**{method: refuse}))
    passes("LEG-03", mailer(**{method: wait}))
