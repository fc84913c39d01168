"""The configuration: what is invalid, and what is listed twice over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.doctoring.records import Check, Trouble
from aitbc_hooks.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.cli.doctoring.scene import Scene

__all__ = ["CHECKS"]


def _validity(scene: Scene) -> Iterator[Trouble]:
    if scene.config_error is not None:
        yield from _told(scene, scene.config_error)
        text = "what is enabled was not looked at, for the configuration is invalid"
        yield Trouble("plugins", text, "Mend it first.", is_wrong=False)


def _told(scene: Scene, error: ConfigError) -> Iterator[Trouble]:
    place = scene.session.location().path or "the embedded default"
    for problem in getattr(error, "problems", ()):
        what = problem.where if problem.file else str(place)
        yield Trouble(what, problem.message, "Mend it there.", problem.code)
    if not getattr(error, "problems", ()):
        yield Trouble(str(place), error.message, error.hint or "Mend it there.", error.code)


def _settings(scene: Scene) -> Iterator[Trouble]:
    """Hold the enabled plugins' settings against the schemas that are known without the code."""
    config, seen = scene.config, scene.glance
    if config is None or seen is None:
        return
    from aitbc_hooks.hosting.schemas import check_settings  # noqa: PLC0415 - the host

    try:
        check_settings(config, seen.catalogue)
    except ConfigError as error:
        yield from _told(scene, error)


CHECKS: Final = (
    Check("configuration", _validity),
    Check("plugins' settings", _settings),
)
