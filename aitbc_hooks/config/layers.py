"""The layers over a file: ``AITBC_…`` environment variables, then ``--set key=value``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.config.document import Document, Origin
from aitbc_hooks.config.problems import InvalidConfigError, KeyPath, Problem, dotted, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["apply_environment", "apply_overrides"]

#: Variables that set a value of the host itself.
_VARIABLES: Final = {
    "AITBC_AUTO_LOAD": "auto_load",
    "AITBC_HEALTH_CHECK_INTERVAL": "health_check_interval",
    "AITBC_STATE_DIR": "state_dir",
}
_PLUGINS: Final = "AITBC_PLUGINS__"
_SETTINGS: Final = (*_VARIABLES.values(), "plugins", "plugin_paths", "host_version", "events")
_PLUGIN_SETTINGS: Final = ("enabled", "priority", "config", "dependencies", "timeouts", "events")
#: Below these a path may go on.
_NESTED: Final = frozenset({"config", "timeouts", "events"})
#: Always text, even where YAML would read a number.
_TEXT: Final = frozenset({"state_dir", "host_version"})
_KEY: Final = re.compile(r'"([^"]+)"|([^.="]+)')


def apply_environment(document: Document, environ: Mapping[str, str]) -> None:
    """Put the ``AITBC_…`` settings of `environ` over `document`.

    ``AITBC_PLUGINS__AGENT_CLI__CONFIG__MAX_AGENTS`` is ``plugins.agent-cli.config.max_agents``: two
    underscores separate keys, one stands for a hyphen in the plugin's name, and case does not
    matter where the key is there already. Values are never searched for ``${…}``.
    """
    for variable in sorted(environ):
        if variable in _VARIABLES:
            path: KeyPath | str = (_VARIABLES[variable],)
        elif variable.startswith(_PLUGINS):
            path = _environment_path(document.data, variable.removeprefix(_PLUGINS))
        else:
            continue
        source = f"environment {variable}"
        if isinstance(path, str):
            _refuse(document, source, path)
        elif blocked := _blocked(document.data, path):
            _refuse(document, source, blocked)
        elif not (text := environ[variable].strip()):
            _refuse(document, source, "the variable is empty; unset it or give it a value")
        else:
            value = text if path[-1] in _TEXT else _environment_value(text)
            document.assign(path, value, Origin(source))
            document.overrides[path] = text
            document.verbatim.add(path)


def apply_overrides(document: Document, overrides: Sequence[str]) -> None:
    """Put ``key=value`` pairs over `document`, the last of a key winning.

    The key is dotted, with double quotes around a part that has a dot in it; the value is a YAML
    scalar or a flow such as ``[a, b]``.
    """
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals:
            _refuse(document, f"--set {key.strip()}", "expected KEY=VALUE, found no '='")
            continue
        path = _dotted_path(document.data, key.strip())
        source = f"--set {key.strip()}"
        if isinstance(path, str):
            _refuse(document, source, path)
        elif blocked := _blocked(document.data, path):
            _refuse(document, source, blocked)
        elif not text.strip():
            _refuse(document, source, "there is no value; write key=value, or key='\"\"' for none")
        else:
            _override(document, path, text.strip(), source)


def _override(document: Document, path: KeyPath, text: str, source: str) -> None:
    from aitbc_hooks.config.yaml_reader import parse_flow, parse_scalar  # noqa: PLC0415 - PyYAML

    try:
        flow = text[0] in "[{\"'"
        value = text if path[-1] in _TEXT else parse_flow(text) if flow else parse_scalar(text)
    except InvalidConfigError:
        _refuse(document, source, "the value is not well-formed YAML")
        return
    document.assign(path, value, Origin("--set"))
    if not flow:
        document.overrides[path] = text


def _environment_value(text: str) -> Any:
    """Read a variable as YAML where it is a list, a mapping or a scalar, else as the text it is."""
    from aitbc_hooks.config.yaml_reader import parse_flow, parse_scalar  # noqa: PLC0415 - PyYAML

    if text[0] not in "[{":
        return parse_scalar(text)
    try:
        return parse_flow(text)
    except InvalidConfigError:
        return text  # a password may begin with a bracket


def _refuse(document: Document, source: str, message: str) -> None:
    document.problems.append(Problem("AITBC-C09", source, 0, 0, (), message))


def _blocked(data: dict[str, Any], path: KeyPath) -> str | None:
    """Say which value on the way to `path` cannot hold keys, if one is there."""
    value: Any = data
    for depth, key in enumerate(path[:-1], start=1):
        value = value.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            return f"{dotted(path[:depth])} is not a mapping, so it has no keys inside"
    return None


def _environment_path(data: dict[str, Any], rest: str) -> KeyPath | str:
    """Return the path that ``NAME__KEY…`` means, or why it means none."""
    plugins = data.get("plugins")
    known = plugins if isinstance(plugins, dict) else {}
    # The longest first: a name may hold "--", which looks like a separator.
    for name in sorted(known, key=len, reverse=True):
        prefix = name.upper().replace("-", "_") + "__"
        if rest.upper().startswith(prefix):
            keys = rest[len(prefix) :].split("__")
            break
    else:
        first, *keys = rest.split("__")
        name = first.lower().replace("_", "-")
    if not name or not keys or not all(keys):
        return "expected AITBC_PLUGINS__<NAME>__<KEY>"
    path: KeyPath = ("plugins", name)
    block: Any = known.get(name)
    for key in keys:
        inside = block if isinstance(block, dict) else {}
        found = next((k for k in inside if k.lower() == key.lower()), key.lower())
        path, block = (*path, found), inside.get(found)
    return _known_plugin_path(path)


def _dotted_path(data: dict[str, Any], text: str) -> KeyPath | str:
    """Return the path that ``a.b."c.d"`` means, or why it means none."""
    matches = list(_KEY.finditer(text))
    keys = tuple(match[1] or match[2].strip() for match in matches)
    if not keys or ".".join(match[0] for match in matches) != text:
        return "expected a dotted key such as plugins.agent-cli.priority"
    if keys[0] not in _SETTINGS:
        return f"there is no setting {keys[0]!r}{suggest(keys[0], _SETTINGS)}"
    if keys[0] != "plugins":
        nested = keys[0] in _NESTED
        return keys if len(keys) == 1 or nested else f"{keys[0]!r} has no keys inside"
    plugins = data.get("plugins")
    if len(keys) > 1 and isinstance(plugins, dict):
        name = next((known for known in plugins if known.lower() == keys[1].lower()), keys[1])
        keys = ("plugins", name, *keys[2:])
    return _known_plugin_path(keys)


def _known_plugin_path(path: tuple[Any, ...]) -> KeyPath | str:
    """Return `path`, which begins with ``plugins``, or why a plugin's block has no such key."""
    if len(path) <= 2:  # noqa: PLR2004 - plugins, or plugins.<name>: a whole block
        return path
    setting = path[2]
    if setting not in _PLUGIN_SETTINGS:
        nearest = suggest(setting, _PLUGIN_SETTINGS)
        return f"a plugin has no setting {setting!r}{nearest}"
    if len(path) > 3 and setting not in _NESTED:  # noqa: PLR2004 - plugins.<name>.<setting>
        return f"{setting!r} has no keys inside"
    return path
