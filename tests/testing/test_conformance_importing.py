"""The check of what importing a plugin's module does."""

from __future__ import annotations

import importlib
import os
import sys

import pytest
from conformance_trying import fails_without_program, is_not_applicable, passes, tried

from aitbc.plugins import hookimpl
from aitbc_hooks.testing.kit import Outcome
from aitbc_hooks.testing.kit.checks import importing
from aitbc_hooks.testing.kit.sound import Sound

SOUND = "from aitbc_hooks.testing.kit.sound import Sound\nclass Greeter(Sound): ...\n"


@pytest.fixture
def place(tmp_path):
    """Return a function that writes a plugin's module and says where it is."""

    def write(text):
        (tmp_path / "plugin.py").write_text(f"{text}\n{SOUND}")
        return {"folder": str(tmp_path), "entry": "plugin"}

    return write


def test_a_module_that_only_defines_is_inert(place):
    passes("IMP-01", Sound, **place("LIMIT = 3"))


def test_a_plugin_without_a_place_is_imported_by_the_name_of_its_module():
    passes("IMP-01", Sound)
    passes("IMP-01", sys.modules[Sound.__module__])


@pytest.fixture
def loud(tmp_path, monkeypatch):
    """Return a module that prints when it is imported."""
    (tmp_path / "loud_at_import.py").write_text(f"print('hello')\n{SOUND}")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("loud_at_import")
    del sys.modules["loud_at_import"]


def test_whatever_is_the_plugin_its_module_is_what_is_imported(loud):
    def create_plugin(context):
        return Sound(context)

    class Hooks:
        @hookimpl
        async def initialize(self):
            return True

    create_plugin.__module__ = Hooks.__module__ = loud.__name__
    for plugin in (loud, loud.Greeter, create_plugin, Hooks()):
        fails_without_program("IMP-01", plugin, r"expected a silent import; it prints 'hello\n'.")


@pytest.mark.parametrize("module", ["__main__", "nowhere_to_be_found", "builtins", "sys"])
def test_a_class_that_no_module_has_cannot_be_imported_anew(module):
    is_not_applicable(
        "IMP-01",
        type("Greeter", (Sound,), {"__module__": module}),
        "it does not live in a module that can be imported.",
    )


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("print('hello')", r"'hello\n'"),
        ("import sys; print('careful', file=sys.stderr)", r"'careful\n'"),
        ("import sys; print('careful', file=sys.stderr); print('hello')", r"'hello\ncareful\n'"),
        ("print('<import>')", r"'<import>\n'"),
        ("import sys; print('<import>', file=sys.stderr)", r"'<import>\n'"),
        ("import os; os.write(1, b'\\xff\\n')", r"'�\n'"),
        ("import os; os.write(2, b'\\xff\\n')", r"'�\n'"),
        ("print(200 * 'a' + 'b')", f"'{200 * 'a'}'"),
    ],
)
def test_what_an_import_prints_is_told(place, text, printed):
    fails_without_program(
        "IMP-01", Sound, f"expected a silent import; it prints {printed}.", **place(text)
    )


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("os.chdir('/')", "it changes the working directory"),
        ("keep = open(os.devnull)", "it holds a file descriptor on /dev/null"),
        ("keep = open(os.devnull); os.chdir('/')", "it changes the working directory"),
    ],
)
def test_what_an_import_does_is_told(place, text, done):
    message = f"expected an inert import; {done}."
    fails_without_program("IMP-01", Sound, message, **place(f"import os; {text}"))


def test_what_an_import_prints_comes_before_what_it_does(place):
    fails_without_program(
        "IMP-01",
        Sound,
        r"expected a silent import; it prints 'hello\n'.",
        **place("import os; os.chdir('/'); print('hello')"),
    )


#: Whoever started the tests may have had it ignored.
HANG_UP = "signal.signal(signal.SIGHUP, signal.SIG_DFL)"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("os._exit(0)", 0),
        ("print('Error: no display', flush=True); os._exit(1)", 1),
        ("print('no display', flush=True); os._exit(3)", 3),
        ("os.kill(os.getpid(), signal.SIGKILL)", -9),
        ("print('Error', flush=True); os.kill(os.getpid(), signal.SIGKILL)", -9),
        (f"{HANG_UP}; print('Error', flush=True); os.kill(os.getpid(), signal.SIGHUP)", -1),
    ],
)
def test_an_import_that_ends_the_process_is_told(place, text, status):
    message = f"importing it ended the process with status {status}."
    fails_without_program("IMP-01", Sound, message, **place(f"import os, signal; {text}"))


@pytest.mark.parametrize("error", ["LookupError", "SystemExit"])
def test_a_module_that_cannot_be_imported_by_itself_is_left_undecided(place, tmp_path, error):
    result = tried("IMP-01", Sound, **place(f"print('Hello'); raise {error}('no display')"))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.detail.replace(str(tmp_path), "<place>") == (
        "it cannot be imported by itself: PluginLoadError: [AITBC-P02] plugin 'plugin': importing "
        f"<place> raised {error}: no display."
    )


def test_an_import_that_does_not_end_is_told(place, monkeypatch):
    monkeypatch.setattr(importing, "_SECONDS", 0.001)
    message = "importing it did not end within 0.001 s."
    fails_without_program("IMP-01", Sound, message, **place(""))


@pytest.fixture
def answer():
    """Let somebody answer what is asked on standard input."""
    reader, writer = os.pipe()
    os.write(writer, b"yes\n")
    os.close(writer)
    usual = os.dup(0)
    os.dup2(reader, 0)
    yield
    os.dup2(usual, 0)
    os.close(usual)
    os.close(reader)


@pytest.mark.usefixtures("answer")
def test_an_import_that_asks_gets_no_answer(place):
    result = tried("IMP-01", Sound, **place("input()"))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.detail.endswith("raised EOFError: EOF when reading a line.")


def test_what_is_printed_cannot_pass_for_the_end_of_the_import(place):
    fails_without_program(
        "IMP-01",
        Sound,
        r"expected a silent import; it prints '</import>\n{}\n'.",
        **place("print('</import>\\n{}')"),
    )
