"""A drawing in the language of Graphviz, in which no name means anything but itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extract.publish.graph import WORDS, Drawing, Edge, Graph, Node, NodeKind
from extract.publish.graph_labels import PORTS
from extract.publish.graph_text import wrapped
from extract.publish.wording import legible

# Names are broken into lines of about so many units, at a size of ten: Graphviz breaks none itself.
_ROOM, _ROWS = 160, 4
_SHAPES: dict[NodeKind, str] = {
    "group": 'style="rounded,filled", fillcolor="#eaf2fd", color="#3b74b9"',
    "role": 'style="rounded,filled", fillcolor="#f1ecfb", color="#7a5bb5", penwidth=2',
    "host": 'style=filled, fillcolor="#e8f5f0", color="#2f8468"',
    "cidr": 'shape=hexagon, style=filled, fillcolor="#f0f2f4", color="#5b6672"',
    "any": 'shape=ellipse, style="dashed,filled", fillcolor="#fff1e0", color="#a85b00"',
    "no-source": 'style=dotted, color="#59636e"',
    "no-destination": 'style=dotted, color="#59636e"',
}
_DENIED = ', color="#b42318", fontcolor="#b42318", arrowhead=tee'
_OPEN = ", style=dotted"


def dot(drawings: Sequence[Drawing]) -> str:
    """Return drawings as one graph, each a cluster under its name."""
    lines = ["digraph {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];', '  edge [fontname="sans-serif", fontsize=11];']
    for index, drawing in enumerate(drawings):
        lines += [f"  subgraph cluster_{index} {{", f"    label={_quoted(legible(drawing.name))};"]
        lines += [f"    {line}" for line in _graph(drawing.graph, f"s{index}")]
        lines.append("  }")
    return "\n".join([*lines, "}", ""])


def _graph(graph: Graph, prefix: str) -> Iterator[str]:
    for index, node in enumerate(graph.nodes):
        yield f"{prefix}n{index} [{_node(node)}];"
    for edge in graph.edges:
        more = f"{_DENIED if edge.action == 'deny' else ''}{_OPEN if edge.opened else ''}"
        yield f"{prefix}n{edge.source} -> {prefix}n{edge.target} [label={_label(edge)}, tooltip={_tooltip(graph.sentence(edge))}{more}];"


def _node(node: Node) -> str:
    rows = [WORDS[node.kind], *wrapped(node.name, 10, _ROOM, _ROWS)]
    return f"label={_quoted(*rows)}, tooltip={_tooltip(node.name)}, {_SHAPES[node.kind]}"


def _label(edge: Edge) -> str:
    return _quoted(*edge.text(PORTS).split("; "))


def _quoted(*rows: str) -> str:
    r"""Return rows of text as a string of the language: backslashes begin escapes in it (`\N` is the name of a node), and so does `&`."""
    escaped = (row.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for row in rows)
    return '"' + "\\n".join(escaped) + '"'


def _tooltip(text: str) -> str:
    """Return a tooltip, in which Graphviz resolves escapes twice."""
    return _quoted(text.replace("\\", "\\\\"))
