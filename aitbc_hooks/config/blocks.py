"""A plugin's own block against the plugin's own schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.config.fitting import Fitter
from aitbc_hooks.config.problems import InvalidConfigError, KeyPath, Problem
from aitbc_hooks.errors import ConfigError

if TYPE_CHECKING:
    from aitbc_hooks.config.records import HostConfig

__all__ = ["check_plugin_config", "mark_secrets"]


def check_plugin_config(
    name: str, config: dict[str, Any], schema: dict[str, Any], *, host: HostConfig
) -> dict[str, Any]:
    """Check a plugin's settings and fill in what its schema gives as default.

    A value that is one whole ``${…}``, or came from the environment or ``--set``, is text first and
    becomes an integer, a number or a boolean where the schema wants one. What the schema declares
    secret (``writeOnly``, ``format: password``) is masked from then on in `host`'s outputs.

    Args:
        name: The plugin's name.
        config: Its settings, usually ``host.plugin(name).config``.
        schema: A JSON Schema, draft-07 unless its ``$schema`` says otherwise; ``{}`` takes all.
        host: Knows where values came from and which are secret.

    Returns:
        A new deep copy, complete.

    Raises:
        InvalidConfigError: ``AITBC-C08``, with every problem and its position.
        ConfigError: ``AITBC-C10``, the schema itself is invalid or a default does not satisfy it.
    """
    if not config and not schema:
        return {}
    from aitbc_hooks.config.checking import (  # noqa: PLC0415 - jsonschema, only when one is checked
        BadSchemaError,
        schema_check,
    )

    base = _base(name, host)
    try:
        check = schema_check(schema)
        fitter = Fitter(schema, _below(host.provenance.castable, base))
        fitted = fitter.fit(config)
        _learn(host, fitter.secrets, fitted, base)
        document = attrs.evolve(host.provenance.document, problems=[], reported=set())
        check.report(
            fitted, document, code="AITBC-C08", base=base, is_secret=host.provenance.is_secret
        )
    except (BadSchemaError, re.error) as error:
        raise _bad_schema(name, f"the configuration schema is invalid: {error}.") from None
    _refuse_bad_defaults(name, document.problems, fitter.filled, base)
    if document.problems:
        raise InvalidConfigError(document.problems, plugin=name)
    return fitted


def mark_secrets(
    name: str, config: dict[str, Any], schema: dict[str, Any], *, host: HostConfig
) -> None:
    """Mask from now on what a plugin's schema declares secret, whether or not the rest fits it.

    Args:
        name: The plugin's name.
        config: Its settings, usually ``host.plugin(name).config``.
        schema: As for `check_plugin_config`.
        host: Whose outputs are masked.

    Raises:
        ConfigError: ``AITBC-C10``, the schema itself is invalid.
    """
    from aitbc_hooks.config.checking import (  # noqa: PLC0415 - jsonschema, as above
        BadSchemaError,
        schema_check,
    )

    base = _base(name, host)
    try:
        schema_check(schema)
        fitter = Fitter(schema, {})
        _learn(host, fitter.secrets, fitter.fit(config), base)
    except (BadSchemaError, re.error) as error:
        raise _bad_schema(name, f"the configuration schema is invalid: {error}.") from None


def _base(name: str, host: HostConfig) -> KeyPath:
    return ("plugins", host.listed_name(name) or name, "config")


def _below(texts: dict[KeyPath, str], base: KeyPath) -> dict[KeyPath, str]:
    return {path[len(base) :]: text for path, text in texts.items() if path[: len(base)] == base}


def _learn(host: HostConfig, secrets: set[KeyPath], fitted: Any, base: KeyPath) -> None:
    for path in secrets:
        host.provenance.secrets.add((*base, *path))
        value = fitted
        for key in path:
            value = value[key]
        host.redactor.learn(value)


def _refuse_bad_defaults(
    name: str, problems: list[Problem], filled: set[KeyPath], base: KeyPath
) -> None:
    for problem in problems:
        inner = problem.path[len(base) :]
        if any(inner[:end] in filled for end in range(1, len(inner) + 1)):
            message = f"a default in the configuration schema is invalid: {problem.message}."
            raise _bad_schema(name, message)


def _bad_schema(name: str, message: str) -> ConfigError:
    return ConfigError(
        message,
        plugin=name,
        code="AITBC-C10",
        hint="Tell the plugin's author, or disable the plugin.",
    )
