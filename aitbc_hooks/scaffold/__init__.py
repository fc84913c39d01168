"""New plugins: the files of SPEC.md, Plugin Structure, filled in for one name and one kind."""

from aitbc_hooks.scaffold.kinds import KINDS, Kind
from aitbc_hooks.scaffold.names import Names
from aitbc_hooks.scaffold.rendering import Order, render
from aitbc_hooks.scaffold.writing import write_folder

__all__ = ["KINDS", "Kind", "Names", "Order", "render", "write_folder"]
