"""Where everything of one drawing goes: nodes, arrows, and what is written on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from extract.publish import graph_labels
from extract.publish.graph import Edge, Graph, Node
from extract.publish.graph_labels import Label
from extract.publish.graph_layout import Layout, Line, Path, Point, Size, layout
from extract.publish.graph_text import width, wrapped

NAME, NAME_STEP = 13, 17
"""The size of the type of names, and from one line of them to the next."""

PADDING = Size(12, 9)
"""Between a node's text and its outline."""

# A name has so much room and so many lines at most. All nodes of a drawing are as wide as the widest one, so that columns are straight.
_ROOM, _ROWS = 166, 4
_BOLD = 1.1
_NODE_MIN = 96
_POINTS = 14
# With more arrows than that, labels give counts.
_FULL_EDGES = 100
LABELLED_EDGES = 200
"""With more arrows than that, nothing is written on them: no drawing can keep so many labels apart and be taken in."""

# A drawing that would be wider than a page has its nodes in this number of columns, unless its arrows are few: then it is long and thin.
_PAGE = 1500
_COLUMNS = 4
_FEW_EDGES = 24
_MANY_EDGES = 60


class NodeFigure(NamedTuple):
    """A node: the lines of its name, its centre, its size."""

    rows: tuple[str, ...]
    centre: Point
    size: Size


class EdgeFigure(NamedTuple):
    """An arrow: its way in one part or two, and what is written on it, where."""

    paths: tuple[Path, ...]
    label: Label | None
    centre: Point | None


class Figure(NamedTuple):
    """A drawing: its size, its nodes and arrows in the order of the graph."""

    size: Size
    nodes: tuple[NodeFigure, ...]
    edges: tuple[EdgeFigure, ...]


def figure(graph: Graph) -> Figure:
    """Return where everything of a graph goes. What is written on the arrows is shorter the more of them there are."""
    names = [wrapped(node.name, NAME * _BOLD, _ROOM, _ROWS) for node in graph.nodes]
    wide = max([_NODE_MIN, *(_wide(node, rows) for node, rows in zip(graph.nodes, names, strict=True))])
    sizes = [Size(wide, 2 * PADDING.height + graph_labels.STEP + NAME_STEP * len(rows)) for rows in names]
    labels = [_label(edge, len(graph.edges)) for edge in graph.edges]
    lines = [Line(edge.source, edge.target, label.size if label else None) for edge, label in zip(graph.edges, labels, strict=True)]
    placed = _placed(graph, sizes, lines)
    return Figure(
        placed.size,
        tuple(map(NodeFigure, names, placed.boxes, sizes)),
        tuple(map(EdgeFigure, placed.paths, labels, placed.labels)),
    )


def _wide(node: Node, rows: Sequence[str]) -> int:
    # The points of a network's outline take away from the room for its name.
    points = _POINTS if node.kind == "cidr" else 0
    return max(width(row, NAME * _BOLD) for row in rows) + 2 * PADDING.width + points


def _placed(graph: Graph, sizes: Sequence[Size], lines: Sequence[Line]) -> Layout:
    number = len(graph.edges)
    if number > LABELLED_EDGES:
        return layout(sizes, lines, ())
    if number <= _MANY_EDGES:
        placed = layout(sizes, lines, ())
        if number <= _FEW_EDGES or placed.size.width <= _PAGE:
            return placed
    return layout(sizes, lines, _columns(graph))


def _columns(graph: Graph) -> list[int]:
    """Return the column of each node: those that mostly send stand left, those that mostly receive right."""
    sent = Counter(edge.source for edge in graph.edges)
    received = Counter(edge.target for edge in graph.edges)
    numbers = range(len(graph.nodes))
    ranked = sorted(numbers, key=lambda one: ((received[one] - sent[one]) / (received[one] + sent[one]), one))
    place = {one: index for index, one in enumerate(ranked)}
    return [place[one] * _COLUMNS // len(ranked) for one in numbers]


def _label(edge: Edge, edges: int) -> Label | None:
    if edges > LABELLED_EDGES:
        return None
    return graph_labels.full(edge) if edges <= _FULL_EDGES else graph_labels.short(edge)
