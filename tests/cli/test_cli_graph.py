"""graph: the same edges in every form."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aitbc_hooks.cli.graphing import FORMS, Edge, Graph, Node, graph_of, written
from aitbc_hooks.cli.overview import Listing
from aitbc_hooks.cli.relations import Relations
from aitbc_hooks.cli.table import printable
from aitbc_hooks.discovery import Candidate

NAMES = ("alpha", "Beta", "c-3", "delta", "e", "f")
RANGES = ("", ">=1", ">=2,<3", "1.x")
KINDS = {"": "needs", "?": "optional", "!": "conflict"}


def _listing(name, dependencies, *, enabled=True):
    candidate = Candidate(name, "registered", name, resolve=lambda: None)
    return Listing(candidate, enabled, 50, tuple(dependencies))


@st.composite
def plugins(draw):
    """Plugins that ask for each other, and for some that are not there."""
    there = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=len(NAMES)))
    requirement = st.builds(
        lambda mark, name, span: f"{mark}{name} {span}".rstrip(),
        st.sampled_from(list(KINDS)),
        st.sampled_from(NAMES),
        st.sampled_from(RANGES),
    )
    return [_listing(name, draw(st.lists(requirement, max_size=4))) for name in there]


#: Any text, and what has a meaning in one of the forms.
texts = st.text(max_size=6) | st.text('a1 "\\#;|<>&[](){}`\n', max_size=6)


@st.composite
def graphs(draw):
    """Graphs with labels of any characters."""
    names = draw(st.lists(texts.filter(bool), unique_by=printable, max_size=5))
    states = st.sampled_from(("enabled", "disabled", "missing"))
    nodes = tuple(Node(name, draw(st.none() | texts), draw(states)) for name in names)
    if not names:
        return Graph((), ())
    edge = st.builds(
        Edge,
        st.sampled_from(names),
        st.sampled_from(names),
        st.sampled_from(list(KINDS.values())),
        texts,
        st.none() | st.booleans(),
        st.booleans(),
    )
    return Graph(nodes, tuple(draw(st.lists(edge, max_size=6))))


def _edges(graph):
    return sorted((e.source.lower(), e.target.lower(), e.kind, e.range) for e in graph.edges)


# Small parsers, of what the forms promise.


def parse_text(lines):
    """Return the edges of the trees: the parent of a line is the last one that is less deep."""
    edges, path = [], []
    for line in lines:
        if line.startswith("Cycle: "):
            continue
        indent, mark, name, remarks = re.fullmatch(
            r"((?:[│├└ ][ ─]{2} )*)([?!]?)([A-Za-z][A-Za-z0-9-]*)(?: \((.*)\))?", line
        ).groups()
        depth = len(indent) // 4
        del path[depth:]
        if depth:
            words = (remarks or "").split("; ")
            span = next((word for word in words if word in RANGES and word), "")
            edges.append((path[-1].lower(), name.lower(), KINDS[mark], span))
        path.append(name)
    return sorted(edges)


def _unquoted(text):
    """Read a DOT string, and then the escapes of a label."""
    return re.sub(r"\\(.)", r"\1", text)


def parse_dot(lines):
    quoted = r'"((?:[^"\\]|\\.)*)"'
    labels, edges = {}, []
    for line in lines:
        if match := re.fullmatch(rf"  (n\d+) \[label={quoted}.*\];", line):
            labels[match[1]] = _unquoted(match[2])
        elif match := re.fullmatch(r"  (n\d+) -> (n\d+)(?: \[(.*)\])?;", line):
            look = dict(re.findall(rf"(\w+)={quoted}", match[3] or ""))
            kind = "needs"
            if look.get("arrowhead") == "tee":
                kind = "conflict"
            elif look.get("style") == "dashed":
                kind = "optional"
            edges.append((match[1], match[2], kind, _unquoted(look.get("label", ""))))
    return labels, edges


def _plain(text):
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), text)


def parse_mermaid(lines):
    arrows = {"-->": "needs", "==>": "needs", "-.->": "optional", "--x": "conflict"}
    labels, edges = {}, []
    for line in lines:
        if match := re.fullmatch(r'  (n\d+)\["([^"]*)"\](?::::\w+)?', line):
            labels[match[1]] = _plain(match[2])
        elif match := re.fullmatch(r'  (n\d+) (\S+?)(?:\|"([^"]*)"\|)? (n\d+)', line):
            span = _plain(match[3] or "").removesuffix("(does not fit)").strip()
            edges.append((match[1], match[4], arrows[match[2]], span))
    return labels, edges


@given(plugins(), st.lists(st.sampled_from(NAMES), max_size=3))
def test_the_trees_have_every_edge_once(rows, roots):
    graph = graph_of(Relations(rows), roots or [row.name for row in rows])
    assert parse_text(written(graph, "text")) == _edges(graph)


@given(plugins())
def test_the_trees_in_plain_characters_are_the_same(rows):
    graph = graph_of(Relations(rows), [row.name for row in rows])
    drawn = "\n".join(written(graph, "text", "utf-8"))
    plain = "\n".join(written(graph, "text", "ascii"))
    assert plain.isascii()
    for one, other in (("├── ", "|-- "), ("└── ", "`-- "), ("│   ", "|   "), (" → ", " -> ")):
        drawn = drawn.replace(one, other)
    assert drawn == plain


@given(graphs())
def test_dot_keeps_every_label_and_edge(graph):
    lines = list(written(graph, "dot"))
    labels, edges = parse_dot(lines)
    _same(graph, labels, edges, normal=printable)
    assert all(line.isprintable() for line in lines)


@given(graphs())
@example(Graph((Node("#35;"),), ()))
def test_mermaid_keeps_every_label_and_edge(graph):
    lines = list(written(graph, "mermaid"))
    labels, edges = parse_mermaid(lines)
    _same(graph, labels, edges, normal=lambda text: printable(text).strip())
    assert all(line.isprintable() for line in lines)


def _same(graph, labels, edges, *, normal):
    """Hold what was parsed against the graph; nodes are numbered in its order."""
    shown = [f"{n.label} ({n.state})" if n.state != "enabled" else n.label for n in graph.nodes]
    assert list(labels.values()) == [printable(text) for text in shown]
    numbers = {node.name: f"n{number}" for number, node in enumerate(graph.nodes)}
    assert [(s, t, kind, normal(span)) for s, t, kind, span in edges] == [
        (numbers[e.source], numbers[e.target], e.kind, normal(e.range)) for e in graph.edges
    ]


@given(graphs())
def test_json_keeps_everything(graph):
    record = json.loads("\n".join(written(graph, "json")))
    assert [Node(**node) for node in record["nodes"]] == list(graph.nodes)
    assert [Edge(edge.pop("from"), edge.pop("to"), **edge) for edge in record["edges"]] == list(
        graph.edges
    )


@given(plugins(), st.randoms())
def test_the_order_in_which_plugins_are_found_does_not_show(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    for form in FORMS:
        one, other = (
            list(written(graph_of(Relations(some), [row.name for row in some]), form))
            for some in (rows, shuffled)
        )
        assert one == other


def test_a_chain_of_thousands_is_drawn():
    rows = [_listing(f"p{i}", [f"p{i + 1}"]) for i in range(3000)]
    graph = graph_of(Relations(rows), ["p0"])
    assert len(list(written(graph, "text"))) == 3001
    assert graph.cycles == ()


def test_a_cycle_of_thousands_is_one_cycle():
    rows = [_listing(f"p{i}", [f"p{(i + 1) % 3000}"]) for i in range(3000)]
    (cycle,) = graph_of(Relations(rows), ["p0"]).cycles
    assert (cycle[0], cycle[-1], len(cycle)) == ("p0", "p0", 3001)


def test_the_tree_shows_what_is_missing_disabled_unfit_and_in_a_cycle(cli, folders):
    folders.plugin("app", dependencies=["wallet >=2", "?audit", "!old", "gone"], version="1.0.0")
    folders.plugin("wallet", dependencies=["ledger"], version="1.0.0")
    folders.plugin("ledger", dependencies=["wallet"])
    folders.plugin("audit", dependencies=["ledger"])
    folders.plugin("old")
    folders.config("app", "wallet", "ledger", "Ghost")
    done = cli("graph")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "app 1.0.0",
        "├── ?audit (disabled)",
        "│   └── ledger",
        "│       └── wallet 1.0.0",
        "│           └── ledger (cycle)",
        "├── gone (missing)",
        "├── !old (disabled)",
        "└── wallet 1.0.0 (>=2; does not fit; see above)",
        "Ghost (missing)",
        "Cycle: ledger → wallet → ledger",
    ]
    assert cli("graph", "wallet").out.splitlines()[:2] == ["wallet 1.0.0", "└── ledger"]
    assert "agent-cli 1.0.0 (disabled)" in cli("graph", "--all").out
    assert "!old (blocked)" in cli("-p", "no:old", "graph").out


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_printed_and_nothing_is_imported(cli, folders, form):
    folders.plugin("app", code="raise SystemExit('imported')", dependencies=["gone"])
    folders.config("app")
    done = cli("graph", "--format", form)
    assert (done.status, done.err) == (0, "")
    assert "app" in done.out
    assert "gone" in done.out


def test_a_rejected_plugin_is_shown_as_such(cli, folders):
    folders.plugin("app", dependencies=["bad"])
    folders.plugin("bad", "hooks = 7")
    folders.config("app")
    assert "└── bad (rejected)" in cli("graph").out


def test_the_graph_of_an_unknown_plugin_is_status_3_with_the_nearest_name(cli):
    done = cli("graph", "agent-cly")
    assert (done.status, done.out) == (3, "")
    assert "Did you mean 'agent-cli'?" in done.err


def test_no_plugins_is_said(cli, folders):
    folders.config()
    assert cli("graph").out == "No plugins.\n"
    assert json.loads(cli("graph", "--format", "json").out)["nodes"] == []
