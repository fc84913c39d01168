from __future__ import annotations

import pickle

import pytest

from aitbc_hooks.errors import CODES, AitbcError, LifecycleError, PluginNotFoundError


def test_a_message_has_the_code_the_plugin_what_happened_and_what_to_do():
    error = PluginNotFoundError("it is not known.", plugin="wallet", hint="Install it.")
    assert str(error) == "[AITBC-P01] plugin 'wallet': it is not known. Install it."


def test_a_class_has_a_code_of_its_own_that_an_error_may_refine():
    assert LifecycleError("x").code == "AITBC-L01"
    assert LifecycleError("x", code="AITBC-L02").code == "AITBC-L02"


def test_an_error_survives_pickling_with_all_its_parts():
    error = LifecycleError("x", plugin="p", hint="h", code="AITBC-L02")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is LifecycleError
    assert (copy.message, copy.plugin, copy.hint, copy.code) == ("x", "p", "h", "AITBC-L02")


@pytest.mark.parametrize("builtin", [LookupError])
def test_an_error_is_also_the_builtin_that_callers_expect(builtin):
    assert isinstance(PluginNotFoundError("x"), builtin)
    assert isinstance(PluginNotFoundError("x"), AitbcError)


def test_codes_are_sorted_and_end_like_sentences():
    assert list(CODES) == sorted(CODES)
    assert all(meaning.endswith(".") for meaning in CODES.values())
