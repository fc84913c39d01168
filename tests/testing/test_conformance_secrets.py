"""The check of what becomes of the secrets in a plugin's configuration."""

from __future__ import annotations

import asyncio
import base64
import itertools
import logging
import sys

import pytest
from conformance_trying import fails, is_not_applicable, passes, plans_of, steps_of, tried

from aitbc_hooks.testing.kit import CHECKS, Specimen
from aitbc_hooks.testing.kit.sound import Sound

NO_SECRET = "its configuration has no secret that can be recognised."


def text(**options):
    return {"type": "string"} | options


def settings(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


OPTIONAL = {"type": "object", "properties": {"api_key": text()}}


def keyed(schema=None, base=Sound, **methods):
    """Return a plugin with a secret in its configuration."""
    schema = OPTIONAL if schema is None else schema
    return type("Keyed", (base,), {"get_config_schema": lambda self: schema, **methods})


def told(where):
    return f"expected that a secret stays one; it stands in {where}."


# What it finds.


async def log(self):
    self.context.logger.debug("starting with %s", self.context.config)
    return True


async def log_to_the_root(self):
    logging.getLogger().warning("starting with %s", self.context.config)
    return True


async def print_it(self):
    print(self.context.config)  # noqa: T201 - the fault
    return True


async def print_as_an_error(self):
    sys.stderr.write(repr(self.context.config))
    return True


async def show_in_health(self):
    return {"status": "fine", "config": self.context.config}


async def show_in_health_while_it_is_active(self):
    config = self.context.config if self.status.name == "ACTIVE" else {}
    return {"status": "fine", "config": config}


def show_in_repr(self):
    return f"<Keyed {self.context.config}>"


async def publish(self):
    await self.context.event_bus.publish("keyed.ready", self.context.config)
    return True


async def fail(self):
    raise PermissionError(f"refused: {self.context.config}")


async def log_an_event(self, event_type, data):
    if (event_type, data) == ("user_login", {"user": "alice"}):
        self.context.logger.info("%s logs in with %s", data["user"], self.context.config)


@pytest.mark.parametrize(
    ("methods", "where"),
    [
        ({"start": log}, "a log record (DEBUG)"),
        ({"initialize": log}, "a log record (DEBUG)"),
        ({"stop": log}, "a log record (DEBUG)"),
        ({"cleanup": log}, "a log record (DEBUG)"),
        ({"start": log_to_the_root}, "a log record (WARNING)"),
        ({"handle_event": log_an_event}, "a log record (INFO)"),
        ({"start": print_it}, "what it prints"),
        ({"start": print_as_an_error}, "what it prints"),
        ({"health_check": show_in_health}, "health_check()"),
        ({"health_check": show_in_health_while_it_is_active}, "health_check()"),
        ({"__repr__": show_in_repr}, "its repr()"),
        ({"start": publish}, "an event"),
    ],
)
def test_no_secret_is_told(methods, where):
    fails("SEC-01", keyed(**methods), told(where))


BEGIN = ["watch_what_it_says()", "attempt('load')", "attempt('start')"]
LOOK = "expect_unsaid('canary-4f1d9c')"
END = [LOOK, "attempt('stop')", "attempt('unload')", LOOK]


async def log_later(self):
    self.timer = asyncio.get_running_loop().call_later(50, log_now, self)
    return True


def log_now(self):
    self.context.logger.debug("still there with %s", self.context.config)


async def log_a_sync(self, event_type, data):
    if event_type == "sync" and data.get("force") is True:
        self.context.logger.info("forced with %s", self.context.config)


async def log_soon(self, event_type, data):
    if event_type == "sync":
        self.timer = asyncio.get_running_loop().call_later(0.5, log_now, self)


@pytest.mark.parametrize(
    ("methods", "between"),
    [
        ({"start": log}, []),
        ({"start": log_later}, ["idle(60)"]),
        ({"handle_event": log_a_sync}, ["send('sync', {'force': True})", "idle(1)"]),
        ({"handle_event": log_soon}, ["send('sync', {})", "idle(1)"]),
    ],
)
def test_a_program_listens_to_a_life_with_what_makes_the_plugin_talk(methods, between):
    program = tried("SEC-01", keyed(**methods)).program
    assert steps_of(program) == [*BEGIN, *between, LOOK]
    assert program.endswith("Trial.run(Keyed, main, config={'api_key': 'canary-4f1d9c'})\n")


def test_it_is_listened_to_until_it_is_unloaded():
    plan = plans_of("SEC-01", keyed())[0]
    assert plan[: len(BEGIN)] == BEGIN
    assert plan[-len(END) :] == END


def encoding(how, *, before=""):
    async def start(self):
        told = before + self.context.config["api_key"] + "?"
        self.context.logger.debug("Authorization: Basic %s", how(told.encode()).decode())
        return True

    return start


@pytest.mark.parametrize("before", ["", "a", "aé", "bob:"])
@pytest.mark.parametrize("how", [base64.b64encode, base64.urlsafe_b64encode])
def test_who_encodes_a_secret_tells_it(how, before):
    schema = settings(api_key=text())
    where = told("a log record (DEBUG), in Base64")
    fails("SEC-01", keyed(schema, start=encoding(how, before=before)), where)


async def log_names(self):
    self.context.logger.debug("starting with %s", sorted(self.context.config))
    return True


async def refuse(self):
    return False


def test_what_is_no_secret_may_be_told():
    passes("SEC-01", keyed(start=log_names))
    config = {"api_key": "k", "city": "c"}
    passes("SEC-01", keyed(settings(api_key=text(), city=text()), start=log_city), config=config)


async def log_city(self):
    self.context.logger.debug("starting in %s", self.context.config["city"])
    return True


@pytest.mark.parametrize("method", ["initialize", "start", "stop", "cleanup"])
def test_a_failure_is_the_business_of_others(method):
    passes("SEC-01", keyed(**{method: refuse}))


async def turn_round(self):
    for _ in itertools.count():
        await asyncio.sleep(0)


def test_a_plugin_that_never_comes_to_an_end_is_the_business_of_others():
    passes("SEC-01", keyed(start=turn_round))


@pytest.mark.parametrize("method", ["initialize", "start", "stop", "cleanup"])
def test_who_fails_may_not_tell_either(method):
    async def log_and_refuse(self):
        self.context.logger.error("refused: %s", self.context.config)
        return False

    fails("SEC-01", keyed(**{method: log_and_refuse}), told("a log record (ERROR)"))
    fails("SEC-01", keyed(**{method: fail}), told("a failure"))


async def show_in_place_of_health(self):
    return f"fine with {self.context.config}"


async def fail_to_be_healthy(self):
    raise ConnectionError(f"no answer for {self.context.config}")


@pytest.mark.parametrize("health_check", [show_in_place_of_health, fail_to_be_healthy])
def test_health_may_not_tell_whatever_is_wrong_with_it(health_check):
    fails("SEC-01", keyed(health_check=health_check), told("health_check()"))


# What is a secret.


NAMES = [
    "api_key",
    "apikey",
    "password",
    "passwd",
    "SECRET",
    "client_secret",
    "accessToken",
    "private_key",
    "privatekey",
    "credentials",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_secret_is_known_by_its_name(name):
    plugin = keyed({"type": "object", "properties": {name: text()}}, start=log)
    fails("SEC-01", plugin, told("a log record (DEBUG)"))


@pytest.mark.parametrize(
    ("schema", "config"),
    [
        (settings(code=text(writeOnly=True)), {"code": "x"}),
        (settings(code=text(format="password")), {"code": "x"}),
        (settings(users={"type": "array", "items": text(writeOnly=True)}), {"users": ["x", "y"]}),
        (settings(tokens={"type": "array", "items": text()}), {"tokens": ["x"]}),
        (settings(server=settings(password=text())), {"server": {"password": "x"}}),
        (
            settings(servers={"type": "array", "items": settings(password=text())}),
            {"servers": [{"password": "x"}]},
        ),
        ({"type": "object", "properties": {"code": text(writeOnly=True), "city": text()}}, None),
        ({"type": "object", "properties": {"any": True, "api_key": text()}}, None),
        (settings(api_key=text()), None),
    ],
)
def test_a_secret_is_known_wherever_it_stands(schema, config):
    fails("SEC-01", keyed(schema, start=log), told("a log record (DEBUG)"), config=config)


def test_a_secret_that_is_named_need_not_be_a_text():
    plugin = keyed(settings(password={"type": "integer"}, api_key=text()), start=log)
    config = {"password": 1, "api_key": "x"}
    fails("SEC-01", plugin, told("a log record (DEBUG)"), config=config)


@pytest.mark.parametrize(
    ("schema", "config"),
    [
        ({}, {}),
        (settings(city=text()), {"city": "x"}),
        (OPTIONAL | {"dependencies": {"api_key": ["user"]}}, {}),  # which draft 7 knows
        (settings(password={"type": "integer"}), {"password": 1}),
        (settings(password=text(pattern="^[0-9]+$")), {"password": "1"}),
        (settings(city=settings(name=text())), {"city": {"name": "x"}}),
    ],
)
def test_a_plugin_without_a_secret_is_no_concern(schema, config):
    is_not_applicable("SEC-01", keyed(schema), NO_SECRET, config=config)


def test_a_plugin_without_a_schema_is_no_concern():
    is_not_applicable("SEC-01", Sound, NO_SECRET)


def test_the_authors_configuration_is_filled_with_secrets():
    plugin = keyed({"type": "object"}, start=log)
    given = {"servers": [{"host": "a", "password": "b"}], "city": "c"}
    program = tried("SEC-01", plugin, config=given).program
    expected = {"servers": [{"host": "a", "password": "canary-4f1d9c"}], "city": "c"}
    assert program.endswith(f"Trial.run(Keyed, main, config={expected!r})\n")


def test_other_checks_get_the_configuration_without_them():
    given = {"servers": [{"host": "a", "password": "b"}]}
    specimen = Specimen(keyed({"type": "object"}), config=given)
    CHECKS["SEC-01"].examine(specimen)
    assert specimen.config == {"servers": [{"host": "a", "password": "b"}]}


def test_a_configuration_that_must_not_be_completed_is_taken_as_it_is():
    schema = settings(api_key=text()) | {
        "properties": {"api_key": text(), "old_token": text()},
        "not": {"required": ["old_token"]},
    }
    program = tried("SEC-01", keyed(schema, start=log), config={"api_key": "x"}).program
    assert program.endswith("Trial.run(Keyed, main, config={'api_key': 'canary-4f1d9c'})\n")
