"""Bringing old plugins and old configurations up to date (SPEC.md, Migration and Compatibility).

* `scanning` finds the files of a plugin, and asks the rules what each of them needs.
* The rules: `imports`, `methods`, `shapes` and `deprecated` for Python, which is parsed and never
  run; `settings` for configurations; `interface` for the version that a manifest declares.
* A rule gives `findings`; those that are mechanical carry the edits. `writing` applies them.
"""

from aitbc_hooks.migration.findings import Edit, Finding
from aitbc_hooks.migration.scanning import FileReport, scan
from aitbc_hooks.migration.writing import diff, write

__all__ = ["Edit", "FileReport", "Finding", "diff", "scan", "write"]
