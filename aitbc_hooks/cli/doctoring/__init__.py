"""What can be wrong with an installation, looked at by small checks; one module for each family.

A further check is a function `Scene -> Iterator[Trouble]` in the family's `CHECKS`.
"""

from aitbc_hooks.cli.doctoring.examining import CHECKS, examine
from aitbc_hooks.cli.doctoring.records import Check, Trouble
from aitbc_hooks.cli.doctoring.scene import Scene

__all__ = ["CHECKS", "Check", "Scene", "Trouble", "examine"]
