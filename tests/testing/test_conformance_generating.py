"""The events that the checks try on a plugin."""

from __future__ import annotations

import pytest
from conformance_trying import fails, passes, steps_of, tried

from aitbc_hooks.testing.kit import Specimen, Violation
from aitbc_hooks.testing.kit.generating import telling_events, try_telling_events
from aitbc_hooks.testing.kit.searching import Clock, Patience, fewest
from aitbc_hooks.testing.kit.sound import Sound


class Clerk(Sound):
    """Knows two types of events, one of them with keys."""

    async def handle_event(self, event_type, data):
        if event_type == "order.created" and "amount" in data:
            self.charge(data["amount"])
        elif event_type.startswith("job."):
            self.note(data.get("name"))

    def charge(self, amount):
        pass

    def note(self, name):
        pass


WORDS = ["amount", "job.", "name", "order.created"]


def lists_of(plugin):
    return telling_events(Specimen(plugin))


def test_a_plugin_that_knows_nothing_is_told_what_many_know():
    assert lists_of(Sound) == [[("user_login", {"user": "alice"})]]


def test_the_first_of_all_is_what_many_know():
    assert lists_of(Clerk)[0] == [("user_login", {"user": "alice"})]


def test_each_list_has_each_type_and_each_of_them_each_key():
    for some in lists_of(Clerk)[2:]:
        types = [event_type for event_type, _ in some]
        assert sorted(types) == ["amount", "job.x", "name", "order.created", "user_login"]
        assert all(list(data) == WORDS for _, data in some)


def test_each_type_comes_without_keys():
    types = ["user_login", "amount", "job.x", "name", "order.created"]
    assert lists_of(Clerk)[1] == [(event_type, {}) for event_type in types]


def test_each_type_comes_first_in_some_list():
    lists = lists_of(Clerk)
    assert {some[0][0] for some in lists} == {event_type for event_type, _ in lists[1]}


def test_each_key_has_a_value_of_each_kind_and_each_word():
    values = {key: [] for key in WORDS}
    for some in lists_of(Clerk)[2:]:
        for key in WORDS:
            values[key].append(some[0][1][key])
    for of_one_key in values.values():
        assert {type(value) for value in of_one_key} == {
            *(str, int, list, dict, bool, type(None), float)
        }
        assert {value for value in of_one_key if isinstance(value, str)} == {"b", "", *WORDS}


def test_values_are_mixed_and_not():
    payloads = [some[0][1] for some in lists_of(Clerk)[2:]]
    assert [len({repr(value) for value in payload.values()}) for payload in payloads] == [
        *[1] * 9,
        *[4] * 9,
        *[4] * 4,
    ]


def test_no_two_payloads_are_one_object():
    payloads = [data for some in lists_of(Clerk) for _, data in some]
    assert len({id(payload) for payload in payloads}) == len(payloads)
    values = [value for data in payloads for value in data.values() if isinstance(value, list)]
    inner = [item for value in values for item in value if isinstance(item, dict)]
    assert len({id(item) for item in inner}) > len(WORDS)


class Wordy(Sound):
    """Knows more words than are tried, and some that are none."""

    words = tuple(f"word{number:02}" for number in range(40))

    async def handle_event(self, event_type, data):
        if event_type in self.words or event_type in {"%s", "-", "1"}:
            pass


class Umlaut(Sound):
    async def handle_event(self, event_type, data):
        self.size = data.get("größe")


def test_a_word_may_have_any_letters():
    assert ("größe", {"größe": "b"}) in lists_of(Umlaut)[2]


def test_some_words_are_enough_and_what_is_no_word_is_left_out():
    lists = lists_of(Wordy)
    assert list(lists[2][0][1]) == [f"word{number:02}" for number in range(24)]
    assert len(lists) == 2 + 9 + 9 + 8


def tried_of(plugin, fail, **options):
    """Return the violation, and what was tried."""
    tries = []

    def test(some):
        tries.append(some)
        if fail(some):
            raise Violation(repr(some))

    with pytest.raises(Violation) as caught:
        try_telling_events(Specimen(plugin, **options), test)
    return caught.value.message, tries


def has(event_type, **values):
    def fail(some):
        return any(kind == event_type and values.items() <= data.items() for kind, data in some)

    return fail


@pytest.mark.parametrize(
    ("event_type", "values"),
    [
        ("order.created", {}),
        ("order.created", {"amount": 1000}),
        ("job.x", {"name": "amount"}),
        ("job.x", {"amount": True, "name": -0.5}),
        ("user_login", {"user": "alice"}),
    ],
)
def test_the_simplest_events_that_fail_are_told(event_type, values):
    told, _ = tried_of(Clerk, has(event_type, **values))
    assert told == repr([(event_type, values)])


def test_what_takes_several_events_keeps_them():
    one, other = has("job.x", name=True), has("order.created")
    told, _ = tried_of(Clerk, lambda some: one(some) and other(some))
    assert told in (
        repr([("job.x", {"name": True}), ("order.created", {})]),
        repr([("order.created", {}), ("job.x", {"name": True})]),
    )


def test_nothing_fails_where_nothing_is_wrong():
    lists = []
    try_telling_events(Specimen(Clerk), lists.append)
    assert lists == lists_of(Clerk)
    lists.clear()
    try_telling_events(Specimen(Clerk), lists.append, most=2)
    assert lists == lists_of(Clerk)[:2]


def test_a_slow_plugin_is_told_less():
    specimen = Specimen(Clerk)
    specimen._pace = 10
    lists = []
    try_telling_events(specimen, lists.append)
    assert lists == lists_of(Clerk)[:5]


def test_what_fails_is_simplified_only_as_long_as_there_is_time(monkeypatch):
    monkeypatch.setattr("aitbc_hooks.testing.kit.searching._SHRINKS", 3)
    _, tries = tried_of(Clerk, has("job.x", name=None))
    begun = next(at for at, some in enumerate(tries) if has("job.x", name=None)(some))
    assert len(tries) == begun + 1 + 3


def test_patience_ends_with_the_budget():
    assert not Patience(Clock(60)).is_over()
    assert Patience(Clock(-1)).is_over()


@pytest.mark.parametrize("needed", [[], [0], [6], [0, 6], [2, 3], [0, 1, 2, 3, 4, 5, 6]])
def test_what_is_not_needed_is_left_out(needed):
    assert fewest(range(7), lambda some: {*needed} <= {*some}) == needed


# What checks find with them.


def test_a_handler_is_reached_that_looks_at_type_and_keys():
    class Careless(Clerk):
        def charge(self, amount):
            if isinstance(amount, int) and amount > 100:
                raise LookupError("no such account")

    message = "handle_event('order.created', {'amount': 1000}) raised LookupError: no such account"
    result = tried("EVT-01", Careless, examples=1)
    assert result.detail == message
    assert steps_of(result.program) == [
        "load()",
        "start()",
        "event('order.created', {'amount': 1000})",
    ]


def test_a_handler_is_tried_after_a_restart():
    class OnlyOnce(Clerk):
        closed = False

        async def stop(self):
            self.closed = True
            return True

        def charge(self, amount):
            if self.closed:
                raise RuntimeError("the pool is shut")

    message = "handle_event('order.created', {'amount': 'b'}) raised RuntimeError: the pool is shut"
    fails("EVT-01", OnlyOnce, message)
    assert steps_of(tried("EVT-01", OnlyOnce).program)[:4] == [
        "load()",
        "start()",
        "stop()",
        "start()",
    ]


def test_a_payload_is_looked_at_that_is_sorted_if_it_can_be():
    class Sorting(Clerk):
        def note(self, name):
            if isinstance(name, list) and all(isinstance(text, str) for text in name):
                name.sort()

    result = tried("EVT-02", Sorting, examples=1)
    assert "{'name': ['b', 'a']} became {'name': ['a', 'b']}" in result.detail


class Discreet(Clerk):
    def get_config_schema(self):
        properties = {"token": {"type": "string"}}
        return {"type": "object", "properties": properties, "required": ["token"]}


@pytest.mark.parametrize("check", ["EVT-01", "EVT-02", "RES-01", "LOOP-01", "SEC-01", "SCHED-01"])
def test_a_handler_that_knows_words_and_does_no_harm_passes(check):
    passes(check, Discreet, examples=3)
