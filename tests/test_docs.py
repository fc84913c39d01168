"""The documentation says what the code does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from aitbc_hooks import errors
from aitbc_hooks.lifecycle import TABLE
from aitbc_hooks.testing.kit import CHECKS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def generator():
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_generated_page_is_what_the_code_says_now():
    for page, write in generator().PAGES.items():
        assert (DOCS / page).read_text("utf-8") == write(), f"{page}: run python docs/generate.py"


def test_every_check_of_the_conformance_kit_has_a_page_and_every_page_a_check():
    pages = {path.stem for path in (DOCS / "checks").glob("*.md")} - {"README"}
    assert pages == set(CHECKS)


def arrows(text):
    return set(re.findall(r"^ *([A-Z]+) --> ([A-Z]+)", text, re.MULTILINE))


def test_the_diagram_has_exactly_the_transitions_of_the_table():
    expected = set()
    for row in TABLE:
        if row.first is not None:
            continue  # composed of two other rows
        for source in row.sources:
            ends = {row.success, row.failure}
            if row.via is not None:
                expected.add((source.name, row.via.name))
                expected |= {(row.via.name, end.name) for end in ends}
            else:
                expected |= {(source.name, end.name) for end in ends}
    assert arrows((DOCS / "lifecycle.md").read_text("utf-8")) == expected


def test_every_error_class_has_a_code_that_is_documented():
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.AitbcError)
    ]
    assert len(classes) > 10
    for cls in classes:
        assert cls.default_code in errors.CODES, cls


def test_every_code_that_the_source_uses_is_in_the_table_and_every_code_is_used():
    sources = [
        path
        for root in ("aitbc_hooks", "builtin_plugins", "hookspecs")
        for path in (ROOT / root).rglob("*.py")
        if path.name != "errors.py"
    ]
    if not sources:
        return  # the tests of the wheel run where there are no sources
    used = {
        code for path in sources for code in re.findall(r"AITBC-[A-Z]\d\d", path.read_text("utf-8"))
    }
    used |= {
        cls.default_code
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.AitbcError)
    }
    assert used == set(errors.CODES)


def test_every_relative_link_of_the_documentation_leads_somewhere():
    pages = [ROOT / "README.md", *DOCS.rglob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_programs_about_the_hook_manager_run_as_they_are_printed(capsys):
    page = (DOCS / "hook-manager.md").read_text("utf-8")
    shop, counting = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)

    exec(compile(shop, "hook-manager.md", "exec", dont_inherit=True), {"__name__": "shop"})
    told, prices = capsys.readouterr().out.splitlines()
    assert told.startswith("HookFailure(plugin_name='Broken'")
    assert prices == "[12]"

    exec(compile(counting, "hook-manager.md", "exec", dont_inherit=True), {"__name__": "counting"})
