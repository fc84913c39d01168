"""The provider ``local``: the embedded model, its file, and the thread that trains it.

A training makes a new model in a thread and writes it beside the old file. Then, on the event
loop and in one step, both take the place of the old ones. Until that step a training can be
ended, by cancelling the caller or by `pause`, without any effect.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from . import artefact
from .decoder import translate
from .inputs import MAX_EXAMPLES, SOURCE_LANGUAGE, TARGET_LANGUAGE, starter_examples
from .model import learn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .decoder import Translation
    from .model import Example, TranslationModel

__all__ = ["LocalProvider"]

T = TypeVar("T")

#: Longer texts are translated in a thread, because they would hold up the event loop.
INLINE_TEXT: Final = 500
QUALITY: Final = (
    "Good for texts close to the examples; not a general translator. Words are reordered only "
    "within phrases that were learnt. Look at confidence and unknown_words."
)


class _TrainingEndedError(Exception):
    """The training was ended before it took effect."""


class LocalProvider:
    """Translates with the embedded model.

    Args:
        directory: Where the model file is kept.
        starter: Whether trainings include the starter set.

    Attributes:
        fault: Why the model file that was found cannot be used, or None.
    """

    def __init__(self, directory: Path, *, starter: bool) -> None:
        self.fault: str | None = None
        self._directory = directory
        self._starter = starter_examples() if starter else ()
        self._model = learn((), starter=self._starter)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="translation-ai")
        self._turn = asyncio.Lock()
        self._paused = threading.Event()
        self._running: set[Future[Any]] = set()

    async def open(self) -> None:
        """Take up the model file; one that cannot be used is left alone and noted in `fault`."""
        try:
            kept = await self._in_thread(artefact.load, self._directory)
        except artefact.ArtefactError as error:
            self.fault = f"the model file {artefact.FILE_NAME} is not used: {error}"
        else:
            self._model = kept or self._model

    async def pause(self) -> None:
        """End every training, waiting ones too, and wait until their threads are done."""
        self._paused.set()
        threads = [asyncio.wrap_future(future) for future in self._running.copy()]
        await asyncio.gather(*threads, return_exceptions=True)
        async with self._turn:  # the callers of train() have seen it, too
            pass

    def resume(self) -> None:
        """Allow trainings again."""
        self._paused.clear()

    async def close(self) -> None:
        """Release the threads; nothing can be translated or learnt after it."""
        await self.pause()
        self._threads.shutdown()

    async def translate(self, text: str) -> Translation:
        """Translate `text`, with the model as it is now."""
        if len(text) <= INLINE_TEXT:
            return translate(self._model, text)
        return await self._in_thread(translate, self._model, text)

    async def train(self, examples: tuple[Example, ...]) -> bool:
        """Learn `examples` in addition to what was learnt before, one training after the other.

        Returns:
            True when the new model is in use and on disk; False when `pause` ended the training.

        Raises:
            ValueError: The examples are too many or too large, together with the earlier ones.
            OSError: The model cannot be written; the old one stays in use.
        """
        async with self._turn:
            if self._paused.is_set():
                return False
            ended = threading.Event()
            future = self._threads.submit(self._prepare, self._model, examples, ended)
            self._running.add(future)
            future.add_done_callback(self._running.discard)
            try:
                model, draft = await asyncio.wrap_future(future)
            except _TrainingEndedError:
                return False
            except asyncio.CancelledError:
                ended.set()
                future.add_done_callback(_discard)
                raise
            if self._paused.is_set():
                draft.discard()
                return False
            draft.commit()
            self._model, self.fault = model, None
            return True

    def info(self) -> dict[str, Any]:
        """Describe the model, as JSON values."""
        model = self._model
        return {
            "name": "ibm1-phrases",
            "provider": "local",
            "languages": [{"source": SOURCE_LANGUAGE, "target": TARGET_LANGUAGE}],
            "trained": bool(model.examples),
            "examples": len(model.examples),
            "starter_set": model.starter_examples > 0,
            "starter_examples": model.starter_examples,
            "vocabulary": {"source": len(model.lexicon), "target": model.target_words},
            "phrases": len(model.phrases),
            "artefact_format": artefact.FORMAT,
            "quality": QUALITY,
        }

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, function, *arguments)

    def _prepare(
        self, model: TranslationModel, examples: tuple[Example, ...], ended: threading.Event
    ) -> tuple[TranslationModel, artefact.Draft]:
        """Learn and write the new model; runs in a thread."""

        def check() -> None:
            if ended.is_set() or self._paused.is_set():
                raise _TrainingEndedError

        taught = _taught(model.examples, examples)
        if len(taught) > MAX_EXAMPLES:
            raise ValueError(
                f"training_data: {len(taught)} examples together with those learnt before; "
                f"at most {MAX_EXAMPLES} are accepted."
            )
        new = learn(taught, starter=self._starter, check=check)
        check()
        return new, artefact.draft(new, self._directory)


def _taught(before: tuple[Example, ...], now: tuple[Example, ...]) -> tuple[Example, ...]:
    """Put the examples in the order in which each was last taught, each once."""
    return tuple(reversed(dict.fromkeys(reversed((*before, *now)))))


def _discard(future: Future[tuple[TranslationModel, artefact.Draft]]) -> None:
    """Remove the file of a training that nobody waits for any more."""
    if not future.cancelled() and future.exception() is None:
        future.result()[1].discard()
