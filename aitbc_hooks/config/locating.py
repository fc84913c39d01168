"""Where things are: the configuration file, the user's folders, paths that a file names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.config.suffixes import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ConfigLocation",
    "default_cache_dir",
    "default_state_dir",
    "expand",
    "locate_config",
    "straight",
    "user_config_file",
]

_APPLICATION: Final = "aitbc-hooks"


@attrs.frozen
class ConfigLocation:
    """Which configuration is in force.

    Args:
        path: The file, or None for the embedded default.
        why: How it was found, in one sentence.
    """

    path: Path | None
    why: str


def locate_config(
    environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> ConfigLocation:
    """Find the configuration file.

    The first of: what ``AITBC_CONFIG`` names, there or not; ``aitbc.toml``, ``.yaml``, ``.yml`` or
    ``.json`` in the working directory; the same in ``$XDG_CONFIG_HOME/aitbc-hooks``
    (``~/.config/aitbc-hooks``); else the embedded default.

    Args:
        environ: By default the process's own.
        cwd: By default the process's own; files in it are then named relative to it.
    """
    environ = os.environ if environ is None else environ
    if named := environ.get("AITBC_CONFIG"):
        return ConfigLocation(expand(named, environ), "It is named by AITBC_CONFIG.")
    user = _user_folder(environ, "XDG_CONFIG_HOME", ".config")
    for folder, place in ((cwd or Path(), "the working directory"), (user, f"{user}")):
        found = [path for suffix in SUFFIXES if (path := folder / f"aitbc{suffix}").is_file()]
        if found:
            others = ", ".join(path.name for path in found[1:])
            ignored = f"; {others} there is ignored" if others else ""
            return ConfigLocation(found[0], f"It was found in {place}{ignored}.")
    return ConfigLocation(
        None, f"No aitbc.toml, .yaml, .yml or .json in the working directory or in {user}."
    )


def default_state_dir(environ: Mapping[str, str]) -> Path:
    """Return ``$XDG_DATA_HOME/aitbc-hooks``, by default in ``~/.local/share``."""
    return _user_folder(environ, "XDG_DATA_HOME", ".local/share")


def default_cache_dir(environ: Mapping[str, str]) -> Path:
    """Return ``$XDG_CACHE_HOME/aitbc-hooks``, by default in ``~/.cache``."""
    return _user_folder(environ, "XDG_CACHE_HOME", ".cache")


def user_config_file(environ: Mapping[str, str] | None = None) -> Path:
    """Return ``$XDG_CONFIG_HOME/aitbc-hooks/aitbc.toml``, by default in ``~/.config``.

    It is the file to write to where `locate_config` finds none.
    """
    environ = os.environ if environ is None else environ
    return _user_folder(environ, "XDG_CONFIG_HOME", ".config") / "aitbc.toml"


def expand(text: str, environ: Mapping[str, str]) -> Path:
    """Return `text` as a path, a leading ``~`` or ``~user`` replaced by that home."""
    if text == "~" or text.startswith("~/"):
        return _home(environ) / text[2:]
    try:
        return Path(os.path.expanduser(text))  # noqa: PTH111 - Path raises for an unknown user
    except ValueError:  # a name that no user can have
        return Path(text)


def straight(path: Path) -> Path:
    """Return `path` without ``..``, which is of no use to a reader; links are left otherwise."""
    try:
        return path.resolve() if ".." in path.parts else path
    except (OSError, RuntimeError, ValueError):  # a loop of links, or a name that no file can have
        return path


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - as above


def _user_folder(environ: Mapping[str, str], variable: str, default: str) -> Path:
    # The XDG base directory specification: a relative path is invalid and to be ignored.
    named = environ.get(variable, "")
    folder = Path(named) if named.startswith("/") else _home(environ) / default
    return folder / _APPLICATION
