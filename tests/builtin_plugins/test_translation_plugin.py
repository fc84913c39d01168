"""The plugin translation-ai: its contract, its trainings, and its file across restarts."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import time
from pathlib import Path

import attrs
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aitbc_builtin_plugins.translation as package
from aitbc.plugins import PluginContext
from aitbc_builtin_plugins.translation import TranslationAIPlugin
from aitbc_builtin_plugins.translation.artefact import FILE_NAME
from aitbc_builtin_plugins.translation.local import _TrainingEndedError

HERE = Path(package.__file__).parent
LESSONS = [{"source": "my wallet is empty", "target": "mi cartera está vacía"}]


def many(count: int = 1_500) -> list[dict[str, str]]:
    """Lessons that take a second or more to learn."""
    return [
        {
            "source": " ".join(f"s{(i * 7 + k * k) % 900}" for k in range(20)),
            "target": " ".join(f"t{(i * 7 + k * k) % 900}" for k in range(20)),
        }
        for i in range(count)
    ]


def make(data: Path, **config) -> TranslationAIPlugin:
    logger = logging.getLogger("aitbc.plugins.translation-ai")
    return TranslationAIPlugin(
        PluginContext(
            config=config,
            data_dir=str(data),
            temp_dir=str(data / "tmp"),
            logger=logger,
            event_bus=None,
            api_client=None,
        )
    )


class Running:
    """The plugin taken through its lifecycle, as ``async with``."""

    def __init__(self, data: Path, **config) -> None:
        self.plugin = make(data, **config)

    async def __aenter__(self) -> TranslationAIPlugin:
        assert await self.plugin.initialize() is True
        assert await self.plugin.start() is True
        return self.plugin

    async def __aexit__(self, *error: object) -> None:
        assert await self.plugin.stop() is True
        assert await self.plugin.cleanup() is True


async def text_of(plugin: TranslationAIPlugin, text: str) -> str:
    return (await plugin.predict({"text": text}))["translated_text"]


async def thread_begun(plugin: TranslationAIPlugin) -> None:
    # The plugin has no event to wait for: whoever asks for a training waits for its end.
    while not any(future.running() for future in plugin._local._running.copy()):  # noqa: ASYNC110
        await asyncio.sleep(0)


async def thread_done(plugin: TranslationAIPlugin) -> None:
    """Hold the loop until the training's thread is done and nobody has seen its result."""
    await asyncio.sleep(0)
    while plugin._local._running:
        time.sleep(0.001)


def test_the_schema_is_valid_and_has_the_keys_of_the_specification(tmp_path):
    schema = make(tmp_path).get_config_schema()
    assert schema == json.loads((HERE / "config_schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate({"provider": "local", "api_key": "secret"}, schema)
    jsonschema.validate({}, schema)
    assert schema["properties"]["provider"]["default"] == "local"
    assert schema["properties"]["api_key"]["writeOnly"] is True
    for wrong in ({"provider": "openai"}, {"provider": "other"}, {"starter": 1}, {"key": "x"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_the_documentation_names_every_configuration_key(tmp_path):
    page = (HERE / "docs" / "configuration.md").read_text()
    assert all(f"`{key}`" in page for key in make(tmp_path).get_config_schema()["properties"])


def test_a_prediction_has_the_documented_form(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            found = await plugin.predict({"text": "The dog and the dog", "source_language": "en"})
            assert 0 < found.pop("confidence") < 0.8
            assert found == {
                "translated_text": "El perro and el perro",
                "coverage": 0.8,
                "unknown_words": ["and"],
                "provider": "local",
                "source_language": "en",
                "target_language": "es",
            }
            empty = await plugin.predict({"text": ""})
            assert (empty["translated_text"], empty["unknown_words"]) == ("", [])

    asyncio.run(main())


def test_a_long_text_is_translated_as_its_sentences_are(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            assert await text_of(plugin, "I live here. " * 700) == "Vivo aquí. " * 700

    asyncio.run(main())


@pytest.mark.parametrize(
    ("given_input", "message"),
    [
        (None, "input_data: expected a dict, got NoneType."),
        ({}, "text: missing."),
        ({"text": 3}, "text: expected a string, got int."),
        ({"text": "x" * 10_001}, "text: 10001 characters; at most 10000 are accepted."),
        ({"text": "\udc80"}, "text: not valid Unicode text: it has a lone surrogate."),
        (
            {"text": "x", "target_language": "fr"},
            "target_language: cannot translate from 'en' to 'fr'; supported: from 'en' to 'es'.",
        ),
        (
            {"text": "x", "source_language": []},
            "source_language: cannot translate from [] to 'es'; supported: from 'en' to 'es'.",
        ),
    ],
)
def test_a_malformed_request_is_refused_with_its_key(tmp_path, given_input, message):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
                await plugin.predict(given_input)
            assert str(caught.value) == message

    asyncio.run(main())


@pytest.mark.parametrize(
    ("lessons", "message"),
    [
        ("abc", "training_data: expected a list of {source, target}, got str."),
        ([*LESSONS, "abc"], "training_data[1]: expected a dict with source and target, got str."),
        ([{"source": "a"}], "training_data[0].target: missing."),
        ([{"source": None, "target": "a"}], "training_data[0].source: expected a string"),
        ([{"source": " \n", "target": "a"}], "training_data[0].source: expected some text"),
        ([{"source": "a" * 2_001, "target": "a"}], "training_data[0].source: 2001 characters"),
        ([{"source": "a", "target": "\ud800"}], "training_data[0].target: not valid Unicode"),
        (LESSONS * 50_001, "training_data: 50001 examples; at most 50000 are accepted."),
    ],
)
def test_malformed_lessons_are_refused_with_their_key_and_teach_nothing(tmp_path, lessons, message):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
                await plugin.train(lessons)
            assert str(caught.value).startswith(message)
            assert plugin.get_model_info()["trained"] is False
        assert not (tmp_path / FILE_NAME).exists()

    asyncio.run(main())


def test_earlier_lessons_count_towards_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr("aitbc_builtin_plugins.translation.local.MAX_EXAMPLES", 3)
    three = [{"source": f"s{i}", "target": "t"} for i in range(3)]

    async def main() -> None:
        async with Running(tmp_path) as plugin:
            assert await plugin.train(three) is True
            assert await plugin.train(three) is True
            with pytest.raises(ValueError, match=r"^training_data: 4 examples together"):
                await plugin.train(LESSONS)
            assert plugin.get_model_info()["examples"] == 3

    asyncio.run(main())


def test_training_adds_to_the_starter_set_and_to_earlier_lessons(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            assert await plugin.train(LESSONS) is True
            assert await plugin.train([{"source": "your wallet", "target": "tu cartera"}]) is True
            assert await text_of(plugin, "My wallet is empty") == "mi cartera está vacía"
            assert await text_of(plugin, "wallet") == "cartera"
            assert await text_of(plugin, "Good night") == "Buenas noches"
            info = plugin.get_model_info()
            assert (info["trained"], info["examples"], info["starter_set"]) == (True, 2, True)
            assert json.loads(json.dumps(info)) == info

    asyncio.run(main())


def test_the_lesson_taught_last_wins_even_if_it_was_taught_before(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            for target in ("banco", "orilla", "banco"):
                assert await plugin.train([{"source": "bank", "target": target}]) is True
            assert await text_of(plugin, "bank") == "banco"
            assert plugin.get_model_info()["examples"] == 2

    asyncio.run(main())


def test_without_the_starter_set_only_the_lessons_are_known(tmp_path):
    async def main() -> None:
        async with Running(tmp_path, starter=False) as plugin:
            assert await text_of(plugin, "Good night") == "Good night"
            assert await plugin.train(LESSONS) is True
            info = plugin.get_model_info()
            assert (info["starter_set"], info["vocabulary"]) == (False, {"source": 4, "target": 4})

    asyncio.run(main())


def test_what_was_learnt_is_there_after_a_restart(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            await plugin.train(LESSONS)
            before = plugin.get_model_info(), await plugin.predict({"text": "my empty wallet"})
        async with Running(tmp_path) as plugin:
            after = plugin.get_model_info(), await plugin.predict({"text": "my empty wallet"})
            assert await plugin.train([]) is True
        assert after == before
        assert after[1]["unknown_words"] == []

    asyncio.run(main())


def test_neither_predicting_nor_training_changes_what_it_was_given(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            lessons, request = copy.deepcopy(LESSONS), {"text": "Hello", "extra": [1]}
            await plugin.train(lessons)
            await plugin.predict(request)
            assert lessons == LESSONS
            assert request == {"text": "Hello", "extra": [1]}

    asyncio.run(main())


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    """One event loop with one running plugin, for tests of many examples."""
    running = Running(tmp_path_factory.mktemp("translation"))
    with asyncio.Runner() as loop:
        plugin = loop.run(running.__aenter__())
        yield lambda request: loop.run(plugin.predict(request))
        loop.run(running.__aexit__())


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=700))
def test_predict_is_total_over_text_and_answers_in_json(runner, text):
    request = {"text": text}
    found = runner(request)
    assert request == {"text": text}
    assert json.loads(json.dumps(found)) == found
    assert 0 <= found["confidence"] <= found["coverage"] <= 1


def test_predictions_go_on_with_the_old_model_while_a_new_one_is_trained(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            training = asyncio.create_task(plugin.train([*many(500), *LESSONS]))
            await thread_begun(plugin)
            assert await text_of(plugin, "wallet") == "wallet"
            assert await text_of(plugin, "Hello. " * 200) == "Hola. " * 200
            assert not training.done()
            assert await training is True
            assert await text_of(plugin, "wallet") == "cartera"

    asyncio.run(main())


def test_trainings_at_one_time_are_all_learnt(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            lessons = [[{"source": f"one {word}", "target": f"un {word}o"}] for word in "abcde"]
            assert await asyncio.gather(*map(plugin.train, lessons)) == [True] * 5
            assert plugin.get_model_info()["examples"] == 5

    asyncio.run(main())


@pytest.mark.parametrize("late", [False, True])
def test_a_cancelled_training_leaves_the_old_model_in_memory_and_on_disk(tmp_path, late):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            await plugin.train(LESSONS)
            before = plugin.get_model_info(), (tmp_path / FILE_NAME).read_bytes()
            training = asyncio.create_task(plugin.train(many(20 if late else 1_500)))
            if late:  # the new model is ready, and its file is written
                await thread_done(plugin)
                assert len(list(tmp_path.iterdir())) == 2
            else:
                await thread_begun(plugin)
            training.cancel()
            with pytest.raises(asyncio.CancelledError):
                await training
            await plugin.stop()
            assert not plugin._local._running
            assert (plugin.get_model_info(), (tmp_path / FILE_NAME).read_bytes()) == before
            assert len(list(tmp_path.iterdir())) == 1
            await plugin.start()
            assert await plugin.train([{"source": "again", "target": "otra vez"}]) is True

    asyncio.run(main())


def test_cancelling_a_training_ends_its_thread_before_it_has_learnt(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            training = asyncio.create_task(plugin.train(many()))
            await thread_begun(plugin)
            (thread,) = plugin._local._running
            training.cancel()
            with pytest.raises(asyncio.CancelledError):
                await training
            assert isinstance(await asyncio.to_thread(thread.exception), _TrainingEndedError)

    asyncio.run(main())


@pytest.mark.parametrize("late", [False, True])
def test_stop_ends_running_and_waiting_trainings_and_waits_for_their_threads(tmp_path, late):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            lessons = many(20 if late else 1_500), LESSONS
            trainings = [asyncio.create_task(plugin.train(each)) for each in lessons]
            if late:
                await thread_done(plugin)
            else:
                await thread_begun(plugin)
            assert await plugin.stop() is True
            assert not plugin._local._running
            assert await asyncio.gather(*trainings) == [False, False]
            assert plugin.get_model_info()["trained"] is False
            assert list(tmp_path.iterdir()) == []

    asyncio.run(main())


def test_a_model_that_cannot_be_written_is_not_used_either(tmp_path):
    async def main() -> None:
        (tmp_path / "file").write_text("in the way")
        async with Running(tmp_path / "file") as plugin:
            with pytest.raises(OSError, match="file"):
                await plugin.train(LESSONS)
            assert plugin.get_model_info()["trained"] is False

    asyncio.run(main())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"junk", "not a model of translation-ai"),
        (b"aitbc-translation 2 " + b"0" * 64 + b"\nlater", "it has format 2"),
        (b"aitbc-translation 1 " + b"0" * 64 + b"\nworn", "the checksum does not fit"),
    ],
)
def test_an_unusable_file_is_kept_and_told_and_the_starter_model_serves(tmp_path, content, reason):
    async def main() -> None:
        (tmp_path / FILE_NAME).write_bytes(content)
        async with Running(tmp_path) as plugin:
            health = await plugin.health_check()
            assert health["status"] == "degraded"
            assert reason in health["reason"]
            assert await text_of(plugin, "Good night") == "Buenas noches"
            assert (tmp_path / FILE_NAME).read_bytes() == content
            assert await plugin.train(LESSONS) is True
            assert (tmp_path / f"{FILE_NAME}.kept-1").read_bytes() == content
            assert "reason" not in await plugin.health_check()
        async with Running(tmp_path) as plugin:
            assert plugin.get_model_info()["trained"] is True

    asyncio.run(main())


def test_health_adds_facts_of_the_model_to_the_default_keys(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            health = await plugin.health_check()
            info = plugin.get_model_info()
        assert {"status", "uptime", "memory_usage", "error_count"} < health.keys()
        assert health["vocabulary"] == info["vocabulary"]
        assert (health["provider"], health["trained"], health["examples"]) == ("local", False, 0)
        assert health["status"] == plugin.status.value

    asyncio.run(main())


@pytest.mark.parametrize("provider", ["openai", "other"])
def test_a_provider_that_does_not_exist_yet_is_refused_and_the_key_not_shown(tmp_path, provider):
    async def main() -> None:
        plugin = make(tmp_path, provider=provider, api_key="sk-secret")
        with pytest.raises(RuntimeError) as caught:
            await plugin.initialize()
        assert str(caught.value) == (
            f"provider: '{provider}' is not available in this version of translation-ai; "
            'use provider "local".'
        )
        with pytest.raises(RuntimeError, match="initialize"):
            await plugin.predict({"text": "x"})
        assert (await plugin.health_check()).keys() == {
            "status",
            "uptime",
            "memory_usage",
            "error_count",
        }
        assert await plugin.cleanup() is True

    asyncio.run(main())


def test_nothing_is_answered_after_cleanup_which_may_be_repeated(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            pass
        assert await plugin.cleanup() is True
        with pytest.raises(RuntimeError, match="initialize"):
            await plugin.train(LESSONS)

    asyncio.run(main())


def test_a_model_is_never_changed_once_it_is_made(tmp_path):
    async def main() -> None:
        async with Running(tmp_path) as plugin:
            model = plugin._local._model
            words = dict(model.lexicon)
            await plugin.train(LESSONS)
            assert plugin._local._model is not model
            assert model.lexicon == words
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                model.starter_examples = 0

    asyncio.run(main())
