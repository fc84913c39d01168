"""The page for operators says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aitbc_hooks.versions import Requirement, Version, VersionRange

PAGE = (Path(__file__).parents[2] / "docs" / "resolution.md").read_text("utf-8")


def section(title):
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def forms(title):
    """The forms in the first column of a section's table."""
    rows = re.findall(r"^\| (`.*?) \|", section(title), re.MULTILINE)
    return [form for row in rows for form in re.findall(r"`([^`]+)`", row)]


def test_the_refutation_is_what_the_program_prints(capsys):
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (printed,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(program, "resolution.md", "exec", dont_inherit=True), {"__name__": "page"})
    assert capsys.readouterr().out == printed


def test_every_form_of_a_range_can_be_written():
    assert len(forms("Ranges")) > 12
    for form in forms("Ranges"):
        assert VersionRange.parse(form).text == form


def test_every_form_of_an_entry_can_be_written():
    assert len(forms("What a plugin asks of others")) == 6
    for form in forms("What a plugin asks of others"):
        assert str(Requirement.parse(form)) == form


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("^1.2", "1.99.0", "2.0.0"),
        ("^0.3", "0.3.9", "0.4.0"),
        ("~1", "1.9.0", "2.0.0"),
        ("1.2", "1.2.9", "1.3.0"),
        ("==1.2", "1.2.0", "1.2.1"),
        (">=1.2.0-beta.1", "1.2.0-rc.1", "1.3.0-rc.1"),
        (">=1.2.0-beta.1", "1.3.0", "1.1.0"),
    ],
)
def test_the_ranges_allow_what_the_page_says(text, inside, outside):
    assert VersionRange.parse(text).allows(Version.parse(inside))
    assert not VersionRange.parse(text).allows(Version.parse(outside))
