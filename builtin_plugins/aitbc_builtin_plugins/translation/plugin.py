"""The plugin class: the contract of SPEC.md on one side, the local provider on the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from aitbc.plugins import AIPlugin, PluginMetadata

from .inputs import SOURCE_LANGUAGE, TARGET_LANGUAGE, read_examples, read_request
from .local import LocalProvider

__all__ = ["TranslationAIPlugin"]


class TranslationAIPlugin(AIPlugin):
    """Translates English into Spanish with a model that is trained where it runs."""

    _local: LocalProvider | None = None

    def get_metadata(self) -> PluginMetadata:
        """Return plugin metadata, the same as in ``plugin.toml``."""
        return PluginMetadata(
            name="translation-ai",
            version="1.0.0",
            description="AI-powered translation service",
            author="AITBC Team",
            license="MIT",
        )

    def get_config_schema(self) -> dict[str, Any]:
        """Return the content of ``config_schema.json``."""
        path = Path(__file__).with_name("config_schema.json")
        return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))

    async def initialize(self) -> bool:
        """Take up the kept model, or the starter model where none can be used.

        Raises:
            RuntimeError: The configured provider does not exist in this version.
        """
        config = self.context.config
        provider = config.get("provider", "local")
        if provider != "local":
            raise RuntimeError(
                f"provider: {provider!r} is not available in this version of translation-ai; "
                'use provider "local".'
            )
        self._local = LocalProvider(
            Path(self.context.data_dir), starter=config.get("starter", True)
        )
        await self._local.open()
        if self._local.fault:
            self.context.logger.warning("%s; the starter model serves", self._local.fault)
        return True

    async def start(self) -> bool:
        """Allow trainings."""
        self._provider().resume()
        return True

    async def stop(self) -> bool:
        """End trainings under way, without effect, and wait for their threads."""
        await self._provider().pause()
        return True

    async def cleanup(self) -> bool:
        """Release the threads, also after a partial `initialize`."""
        local, self._local = self._local, None
        if local is not None:
            await local.close()
        return True

    async def health_check(self) -> dict[str, Any]:
        """Return the default health, facts of the model, and ``degraded`` with its reason."""
        health = await super().health_check()
        if self._local is None:
            return health
        info = self._local.info()
        health |= {name: info[name] for name in ("provider", "trained", "examples", "vocabulary")}
        if self._local.fault is not None:
            health |= {"status": "degraded", "reason": self._local.fault}
        return health

    async def predict(self, input_data: dict[str, Any]) -> dict[str, Any]:
        """Translate a text.

        Args:
            input_data: ``text``, at most 10 000 characters; optionally ``source_language``
                ("en") and ``target_language`` ("es"). Other keys are ignored.

        Returns:
            ``translated_text``; ``confidence`` and ``coverage`` between 0 and 1;
            ``unknown_words``, each once, which stand untranslated in the text; ``provider``;
            ``source_language``; ``target_language``.

        Raises:
            ValueError: `input_data` is malformed; the message begins with the key.
        """
        text = read_request(input_data)
        translation = await self._provider().translate(text)
        return {
            "translated_text": translation.text,
            "confidence": round(translation.confidence, 4),
            "coverage": round(translation.coverage, 4),
            "unknown_words": list(dict.fromkeys(translation.unknown)),
            "provider": "local",
            "source_language": SOURCE_LANGUAGE,
            "target_language": TARGET_LANGUAGE,
        }

    async def train(self, training_data: list[dict[str, Any]]) -> bool:
        """Learn examples in addition to those learnt before, and keep the model on disk.

        Cancelling it leaves the old model in place. Predictions go on meanwhile.

        Args:
            training_data: At most 50 000 of ``{"source": str, "target": str}``, each text at
                most 2 000 characters. Other keys are ignored.

        Returns:
            True when the new model serves; False when `stop` ended the training.

        Raises:
            ValueError: `training_data` is malformed or too large; nothing was learnt.
            OSError: The model cannot be written; the old one stays in use.
        """
        examples = read_examples(training_data)
        learnt = await self._provider().train(examples)
        if not learnt:
            self.context.logger.warning("training was ended by stop(); the old model serves")
        return learnt

    def get_model_info(self) -> dict[str, Any]:
        """Describe the model as JSON values: languages, sizes, format, and what to expect."""
        return self._provider().info()

    def _provider(self) -> LocalProvider:
        if self._local is None:
            raise RuntimeError("translation-ai: initialize() has not succeeded.")
        return self._local
