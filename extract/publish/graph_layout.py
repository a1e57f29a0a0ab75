"""Where the boxes and lines of a drawing go. Graphviz is asked for positions alone: it sees no text, and measures no font.

What it is given are numbers and names made here, so nothing that a document says can mean anything to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from extract.errors import UsageError

# Graphviz counts sizes in inches, and positions in points, of which 72 make an inch. A point is a unit of the drawing here.
_INCH = 72
# Arrowheads of Graphviz are ten points long at size 1.
ARROW = 9
_ARROW_SIZE = ARROW / 10
# Between neighbours in a column, and between columns.
_GAP = 20
_COLUMN_GAP = 34
# Columns stand further apart where no labels stand between them.
_WIDE_GAP = 110
# For many lines. The limits are counts of rounds and not seconds: positions must not depend on the machine.
_HURRY = "nslimit=1;mclimit=0.1;splines=line;"


class Size(NamedTuple):
    """The size of a box."""

    width: int
    height: int


class Point(NamedTuple):
    """A place in the drawing; `y` grows downwards."""

    x: int
    y: int


class Line(NamedTuple):
    """A line from one box to another or back to itself, by their indices; `label` is the size of what is written on it."""

    tail: int
    head: int
    label: Size | None


class Path(NamedTuple):
    """Where a line goes: cubic Bézier curves (1 + 3n points), and the tip of its arrowhead, None when it has none here."""

    points: tuple[Point, ...]
    tip: Point | None


class Layout(NamedTuple):
    """Where everything goes: centres of boxes and labels, and for each line one path, or two with the label between them."""

    size: Size
    boxes: tuple[Point, ...]
    labels: tuple[Point | None, ...]
    paths: tuple[tuple[Path, ...], ...]


class _Object(msgspec.Struct):
    name: str
    pos: str = ""


class _Edge(msgspec.Struct):
    id: str = ""
    pos: str = ""
    lp: str = ""


class _Answer(msgspec.Struct):
    bb: str
    objects: list[_Object] = []
    edges: list[_Edge] = []


def is_installed() -> bool:
    """Return whether there is a Graphviz that lays out drawings: the extra `docrules[graph]` brings it."""
    try:
        import pygraphviz  # noqa: F401, PLC0415 - as in `layout`
    except ImportError:
        return False
    return True


def layout(boxes: Sequence[Size], lines: Sequence[Line], columns: Sequence[int]) -> Layout:
    """Return where boxes and lines go, from left to right: the same for the same numbers, whatever the machine.

    `columns` says for each box in which column it stands, counted from the left; without it, Graphviz decides. Lines without
    labels are taken for too many to be told apart, and drawn straight, without long attempts at fewer crossings. UsageError is raised
    when Graphviz is not installed, ValueError when it finds no layout.
    """
    try:
        import pygraphviz  # noqa: PLC0415 - loads Graphviz, which no other command needs
    except ImportError as error:
        raise UsageError("a drawing is laid out by Graphviz, which is not installed: pip install 'docrules[graph]'") from error

    answer = pygraphviz.AGraph(string="\n".join(_question(boxes, lines, columns))).draw(format="json0", prog="dot")
    return _read(msgspec.json.decode(answer, type=_Answer), len(boxes), lines)


def _question(boxes: Sequence[Size], lines: Sequence[Line], columns: Sequence[int]) -> Iterator[str]:
    """Yield the graph in the language of Graphviz. A label is a box of its own between the two halves of its line.

    Where columns are given, a line to the left is told as one to the right that has its arrowhead at the beginning: Graphviz would find
    circles in the lines otherwise, and break them by mixing up the columns.
    """
    labelled = any(line.label for line in lines)
    gap = _COLUMN_GAP if labelled else _WIDE_GAP
    yield f"digraph{{rankdir=LR;nodesep={_GAP / _INCH:.4f};ranksep={gap / _INCH:.4f};{'' if labelled else _HURRY}"
    yield 'node[shape=box,fixedsize=true,label="",margin=0];'
    yield f"edge[arrowsize={_ARROW_SIZE}];"
    for index, size in enumerate(boxes):
        yield _box(f"n{index}", size)
    yield from _columns(columns, 2 if labelled else 1)
    returning: set[int] = set()
    for index, line in enumerate(lines):
        if line.tail == line.head and line.tail not in returning:
            # A second one would cross the label of the first.
            returning.add(line.tail)
            yield f"n{line.tail}->n{line.head}[id=e{index}{f',label={_blank(line.label)}' if line.label else ''}];"
        else:
            yield _line(index, line, columns[line.head] - columns[line.tail] if columns else 1)
    yield "}"


def _columns(columns: Sequence[int], apart: int) -> Iterator[str]:
    for column in sorted(set(columns)):
        here = "".join(f"n{index};" for index, one in enumerate(columns) if one == column)
        yield f"{{rank=same;c{column}[shape=point,style=invis,width=0];{here}}}"
        if column:
            yield f"c{column - 1}->c{column}[style=invis,minlen={apart}];"


def _line(index: int, line: Line, way: int) -> str:
    """Return a line; `way` is how many columns it goes to the right."""
    tail, head, label = line
    if label is None:
        return f"n{tail}->n{head}[id=e{index}];" if way > 0 else f"n{head}->n{tail}[id=e{index},dir=back];"
    first = f"l{index}->n{tail}[id=r{index},dir=none];" if way < 0 else f"n{tail}->l{index}[id=t{index},dir=none];"
    second = f"l{index}->n{head}[id=e{index}];" if way > 0 else f"n{head}->l{index}[id=e{index},dir=back];"
    return _box(f"l{index}", label) + first + second


def _box(name: str, size: Size) -> str:
    return f"{name}[width={size.width / _INCH:.4f},height={size.height / _INCH:.4f}];"


def _blank(size: Size) -> str:
    """Return a label of a fixed size without text, for a line that returns to its box: no other box stands between its halves."""
    return f'<<TABLE BORDER="0"><TR><TD FIXEDSIZE="TRUE" WIDTH="{size.width}" HEIGHT="{size.height}"></TD></TR></TABLE>>'


def _read(answer: _Answer, boxes: int, lines: Sequence[Line]) -> Layout:
    left, bottom, right, top = map(float, answer.bb.split(","))

    def point(text: str) -> Point:
        x, y = map(float, text.split(","))
        return Point(round(x - left), round(top - y))

    def path(half: _Edge) -> Path:
        words = half.pos.split()
        tips = [point(word[2:]) for word in words if word[:2] in ("e,", "s,")]
        points = [point(word) for word in words if word[:2] not in ("e,", "s,")]
        # A line to the left, or the first half of one, which has no arrowhead.
        turned = half.id.startswith("r") or any(word.startswith("s,") for word in words)
        return Path(tuple(reversed(points) if turned else points), tips[0] if tips else None)

    places = {one.name: one.pos for one in answer.objects}
    edges = {one.id: one for one in answer.edges}
    labels = [places.get(f"l{index}") or edges[f"e{index}"].lp for index in range(len(lines))]
    halves = [[edges[name] for name in (f"t{index}", f"r{index}", f"e{index}") if name in edges] for index in range(len(lines))]
    return Layout(
        Size(round(right - left), round(top - bottom)),
        tuple(point(places[f"n{index}"]) for index in range(boxes)),
        tuple(point(place) if place else None for place in labels),
        tuple(tuple(path(half) for half in both) for both in halves),
    )
