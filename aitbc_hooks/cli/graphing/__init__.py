"""The graph of the plugins, and the forms in which it is written; each form in its own module."""

from aitbc_hooks.cli.graphing.form import FORMS, written
from aitbc_hooks.cli.graphing.records import Edge, Graph, Node, graph_of

__all__ = ["FORMS", "Edge", "Graph", "Node", "graph_of", "written"]
