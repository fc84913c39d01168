"""In which order plugins start, and why one cannot."""

from aitbc_hooks.resolution.order import Node, StartOrder, start_order
from aitbc_hooks.resolution.walk import in_order

__all__ = ["Node", "StartOrder", "in_order", "start_order"]
