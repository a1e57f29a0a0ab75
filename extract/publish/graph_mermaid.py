"""A drawing as a flowchart of Mermaid, which GitHub and others draw within Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extract.cells.limits import shortened
from extract.publish.graph import WORDS, Drawing, Edge, Graph, NodeKind
from extract.publish.graph_labels import PORTS
from extract.publish.wording import legible
from extract.regex import late

# A text is cut there: GitHub draws nothing that is longer than 50,000 characters.
_MAX_TEXT = 200
_BREAK = "<br/>"
# Shapes as the marks around a quoted text.
_SHAPES: dict[NodeKind, tuple[str, str]] = {
    "group": ("(", ")"),
    "role": ("([", "])"),
    "host": ("[", "]"),
    "cidr": ("{{", "}}"),
    "any": ("([", "])"),
    "no-source": ("[", "]"),
    "no-destination": ("[", "]"),
}
_CLASSES = {"any": "anywhere", "no-source": "unstated", "no-destination": "unstated"}
_STYLES = (
    "classDef anywhere stroke:#a85b00,stroke-dasharray:6 4",
    "classDef unstated stroke:#59636e,stroke-dasharray:2 4",
)
# Everything but letters, digits, blanks, commas and round brackets is written by its number, whatever Mermaid, Markdown or HTML would
# make of it. Within words a few marks are harmless, and keep the text legible.
_MARK = late(r"(?<=[0-9A-Za-z])[-./](?=[0-9A-Za-z])|([^0-9A-Za-z ,()\u00a0-\u00b5\u00b7-\ufb01\ufb03-\U0010ffff])")
# Mermaid looks at the text once more when the numbers are signs again: it takes the backslash of `\n` for the end of a line, and the
# ligature and the pilcrow for parts of what it puts for numbers itself. A sign without width behind them keeps it from that.
_APART = "\\\ufb02\u00b6"
_NO_WIDTH = "#8203;"


def mermaid(drawings: Sequence[Drawing]) -> str:
    """Return drawings as one flowchart, each a subgraph under its name. Words of documents are text in it and nothing else."""
    lines = ["flowchart LR"]
    for index, drawing in enumerate(drawings):
        lines.append(f"  subgraph s{index}[{_quoted(legible(drawing.name))}]")
        # A subgraph has a direction of its own.
        lines.append("    direction LR")
        lines += [f"    {line}" for line in _graph(drawing.graph, f"s{index}")]
        lines.append("  end")
    used = {_CLASSES.get(node.kind) for drawing in drawings for node in drawing.graph.nodes}
    lines += [f"  {style}" for style in _STYLES if style.split()[1] in used]
    return "\n".join([*lines, ""])


def _graph(graph: Graph, prefix: str) -> Iterator[str]:
    for index, node in enumerate(graph.nodes):
        before, after = _SHAPES[node.kind]
        style = f":::{_CLASSES[node.kind]}" if node.kind in _CLASSES else ""
        yield f"{prefix}n{index}{before}{_quoted(WORDS[node.kind], node.name)}{after}{style}"
    for edge in graph.edges:
        yield f"{prefix}n{edge.source} {_arrow(edge)}|{_quoted(*edge.text(PORTS).split('; '))}| {prefix}n{edge.target}"


def _arrow(edge: Edge) -> str:
    return f"{'-.-' if edge.opened else '--'}{'x' if edge.action == 'deny' else '>'}"


def _quoted(*rows: str) -> str:
    """Return rows of text in quotation marks; a blank stands for no text at all, for Mermaid reads no empty quotation."""
    return f'"{_BREAK.join(_MARK.sub(_escaped, shortened(row, _MAX_TEXT)) for row in rows) or " "}"'


def _escaped(match: re.Match[str]) -> str:
    return f"#{ord(match[1])};{_NO_WIDTH if match[1] in _APART else ''}" if match[1] else match[0]
