"""The forms in which a report is told: a table for people, JSON, JUnit for CI, a badge for a page.

`Report` has a method for each; `write` chooses by the name of a file.
"""

from __future__ import annotations

from aitbc_hooks.testing.kit.forms.writing import FORMS, schema, write

__all__ = ["FORMS", "schema", "write"]
