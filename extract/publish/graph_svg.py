"""A drawing as SVG: no script, no style, nothing to load, and every text of a document as text."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import NamedTuple

from extract.check.provenance import NOT_STATED
from extract.publish import graph_labels
from extract.publish.graph import MISSING, WORDS, Drawing, Graph
from extract.publish.graph_figure import LABELLED_EDGES, NAME, NAME_STEP, PADDING, EdgeFigure, NodeFigure, figure
from extract.publish.graph_labels import STEP, TYPE, Label
from extract.publish.graph_layout import ARROW, Path, Point, Size
from extract.publish.graph_shapes import curve, head, outline
from extract.publish.graph_style import GRAPH_CSS
from extract.publish.graph_text import width, wrapped
from extract.publish.graph_traffic import OPEN
from extract.publish.wording import count, legible
from extract.regex import late

__all__ = ["GRAPH_CSS", "svg", "svg_file"]

_TITLE = 16
_MARGIN = 16
# The names of drawings in a file have this room even where the drawing is narrower.
_TITLE_ROOM = 480
# An example of a line in the legend.
_SAMPLE = 40
_LEGEND_STEP = 19
_NO_LINE = "none"
# XML allows no such character, not even escaped.
_NO_XML = late("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class _Drawn(NamedTuple):
    """The elements of a drawing, and the size that they take with the margin around them."""

    size: Size
    body: str


def svg(graph: Graph, *, title: str, interactive: bool = True) -> str:
    """Return a graph as an `<svg>` element for a page that has GRAPH_CSS.

    `interactive` makes nodes and edges focusable buttons; either way they carry `data-node` or `data-edge`, the index in the graph, and
    an edge the indices of its ends as `data-from` and `data-to`.
    """
    drawn = _drawn(graph, interactive)
    return _element(drawn.size, title, graph, drawn.body, "")


def svg_file(drawings: Sequence[Drawing]) -> str:
    """Return drawings as a file of their own, one below the other, each under its name."""
    parts, top, wide = [], 0, 0
    for drawing in drawings:
        drawn = _drawn(drawing.graph, False)
        rows = wrapped(legible(drawing.name), _TITLE, max(drawn.size.width - 2 * _MARGIN, _TITLE_ROOM), 2)
        titles = [_text("graph-title", _MARGIN, top + _MARGIN + 22 * (row + 1), _TITLE, text) for row, text in enumerate(rows)]
        top += _MARGIN + 22 * len(rows)
        parts.append(f'{"".join(titles)}\n<g transform="translate(0 {top})">\n{drawn.body}</g>\n')
        top += drawn.size.height
        wide = max(wide, drawn.size.width, *(width(row, _TITLE * 1.1) + 2 * _MARGIN for row in rows))
    if not drawings:
        parts.append(_text("graph-note", _MARGIN, _MARGIN + NAME, NAME, "no rules"))
        top, wide = 2 * _MARGIN + NAME_STEP, 160
    every = Graph(tuple(node for one in drawings for node in one.graph.nodes), tuple(edge for one in drawings for edge in one.graph.edges))
    title = "Who talks to whom: " + (", ".join(drawing.name for drawing in drawings) or "no rules")
    page = f'<rect class="graph-page" width="{wide}" height="{top}"/>\n'
    return _element(Size(wide, top), title, every, page + "".join(parts), f"<style>{GRAPH_CSS}</style>\n")


def _element(size: Size, title: str, graph: Graph, body: str, style: str) -> str:
    name = _escaped(title)
    described = f"{count(len(graph.nodes), 'node')} and {count(len(graph.edges), 'arrow')} from source to destination."
    inner = f"<title>{name}</title>\n<desc>{described}</desc>\n" if style else f"<desc>{described}</desc>\n"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" viewBox="0 0 {size.width} {size.height}" width="{size.width}" '
        f'height="{size.height}" role="group" aria-label="{name}">\n{inner}{style}{body}</svg>\n'
    )


def _drawn(graph: Graph, interactive: bool) -> _Drawn:
    placed = figure(graph)
    legend = _legend(graph)
    wide = max([placed.size.width, *(_SAMPLE + 10 + width(text, TYPE) for _, text in legend)]) + 2 * _MARGIN
    below = placed.size.height + 2 * _MARGIN
    high = below + (len(legend) * _LEGEND_STEP + _MARGIN if legend else 0)
    # Lines first: where one must pass below a node, the node stays legible, and so does what returns to a node and is near others.
    order = sorted(range(len(placed.edges)), key=lambda index: graph.edges[index].source == graph.edges[index].target)
    edges = [_edge(graph, index, placed.edges[index], interactive) for index in order]
    nodes = [_node(graph, index, one, interactive) for index, one in enumerate(placed.nodes)]
    lines = [_legend_line(kind, text, below + row * _LEGEND_STEP + 12) for row, (kind, text) in enumerate(legend)]
    left = (wide - placed.size.width) // 2
    body = f'<g transform="translate({left} {_MARGIN})">\n{"".join(edges)}{"".join(nodes)}</g>\n{"".join(lines)}'
    return _Drawn(Size(wide, high), body)


def _edge(graph: Graph, index: int, drawn: EdgeFigure, interactive: bool) -> str:
    edge = graph.edges[index]
    denied = edge.action == "deny"
    classes = "edge" + (" edge-deny" if denied else "") + (" edge-open" if edge.opened else "")
    data = f'data-edge="{index}" data-from="{edge.source}" data-to="{edge.target}"'
    way = curve(drawn.paths)
    return (
        f'<g class="{classes}" {data} {_named(graph.sentence(edge), interactive)}'
        f'<path class="edge-hit" d="{way}"/><path class="edge-line" d="{way}"/>'
        f'<path class="edge-head" d="{head(drawn.paths[-1], denied)}"/>{_label(drawn.label, drawn.centre)}</g>\n'
    )


def _label(label: Label | None, centre: Point | None) -> str:
    if label is None or centre is None:
        return ""
    left, top = centre.x - label.size.width // 2, centre.y - label.size.height // 2
    texts = []
    for row, line in enumerate(label.lines):
        spans = "".join(f'<tspan class="{name}">{_escaped(text)}</tspan>' for name, text in line)
        y = top + graph_labels.PADDING.height + STEP * (row + 1) - 4
        texts.append(f'<text x="{centre.x}" y="{y}" font-size="{TYPE}" text-anchor="middle">{spans}</text>')
    box = f'<rect x="{left}" y="{top}" width="{label.size.width}" height="{label.size.height}" rx="5"/>'
    return f'<g class="edge-label">{box}{"".join(texts)}</g>'


def _node(graph: Graph, index: int, drawn: NodeFigure, interactive: bool) -> str:
    node = graph.nodes[index]
    word = WORDS[node.kind]
    kind = "unstated" if node.kind in MISSING else node.kind
    x, top = drawn.centre.x, drawn.centre.y - drawn.size.height // 2 + PADDING.height
    texts = [_text("node-kind", x, top + TYPE, TYPE, word, "middle")]
    texts += [_text("node-name", x, top + STEP + NAME_STEP * (row + 1) - 4, NAME, text, "middle") for row, text in enumerate(drawn.rows)]
    name = f"{node.name} ({word}): {count(len(node.rules), 'rule')}"
    return (
        f'<g class="node node-{kind}" data-node="{index}" {_named(name, interactive)}'
        f"{outline(node.kind, drawn.centre, drawn.size)}{''.join(texts)}</g>\n"
    )


def _named(name: str, interactive: bool) -> str:
    """Return the end of a start tag with what an element is called by screen readers, and its tooltip."""
    role = 'tabindex="0" role="button"' if interactive else 'role="img"'
    return f'{role} aria-label="{_escaped(name)}"><title>{_escaped(name)}</title>'


def _legend(graph: Graph) -> list[tuple[str, str]]:
    """Return class and words of the kinds of lines that a graph has."""
    kinds = {("open" if edge.opened else edge.action) for edge in graph.edges}
    words = {
        "allow": ("", "allowed, from source to destination"),
        "deny": ("edge-deny", "denied"),
        "open": ("edge-open", f"unresolved: what is {NOT_STATED}, or ends in {OPEN}, is left open, so nothing can be applied"),
    }
    found = [words[kind] for kind in words if kind in kinds]
    if len(graph.edges) > LABELLED_EDGES:
        found.append((_NO_LINE, f"{len(graph.edges)} arrows are too many for labels: point at one to see what it lets through"))
    return found


def _legend_line(kind: str, text: str, y: int) -> str:
    if kind == _NO_LINE:
        return _text("graph-note", _MARGIN, y, TYPE, text) + "\n"
    line, end = y - 4, _MARGIN + _SAMPLE
    first, last = Point(_MARGIN, line), Point(end - ARROW, line)
    path = Path((first, first, last, last), Point(end, line))
    shape = f'<path class="edge-line" d="{curve([path])}"/><path class="edge-head" d="{head(path, kind == "edge-deny")}"/>'
    return f'<g class="{f"graph-key {kind}".rstrip()}">{shape}{_text("graph-note", end + 10, y, TYPE, text)}</g>\n'


def _text(name: str, x: int, y: int, size: int, text: str, anchor: str = "") -> str:
    middle = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text class="{name}" x="{x}" y="{y}" font-size="{size}"{middle}>{_escaped(text)}</text>'


def _escaped(text: str) -> str:
    return html.escape(_NO_XML.sub("\N{MIDDLE DOT}", text))
