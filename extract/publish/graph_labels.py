"""What is written on the arrows of a drawing, in lines, and how much room that takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.publish.graph import Edge
from extract.publish.graph_layout import Size
from extract.publish.graph_text import narrowest, width
from extract.publish.graph_traffic import Traffic, counted, cut

TYPE, STEP = 11, 15
"""The size of the type, and from one line of it to the next."""

PADDING = Size(8, 4)
"""Between a label's text and its edge."""

PORTS = 8
"""A label tells so many ports, and counts the others."""

# Bold type is wider.
_BOLD = 1.1
_ROOM = 150

Part = tuple[str, str]
"""A piece of text with its class."""


class Label(NamedTuple):
    """The lines of a label in parts, and its size."""

    size: Size
    lines: tuple[tuple[Part, ...], ...]


def full(edge: Edge) -> Label:
    """Return a label that tells the ports of an edge: each protocol begins a line, and the ports go on in the next one."""
    return _label(tuple(_lines(edge)))


def short(edge: Edge) -> Label:
    """Return a label of a few words, which counts the ports."""
    return _label(((("edge-ports", edge.prefix + counted(edge.traffic)),),))


def _label(lines: tuple[tuple[Part, ...], ...]) -> Label:
    wide = max(sum(map(_width, line)) for line in lines)
    return Label(Size(wide + 2 * PADDING.width, len(lines) * STEP + 2 * PADDING.height), lines)


def _width(part: Part) -> int:
    return round(width(part[1], TYPE) * (_BOLD if part[0] == "edge-protocol" else 1))


def _lines(edge: Edge) -> Iterator[tuple[Part, ...]]:
    for index, one in enumerate(cut(edge.traffic, PORTS)):
        yield from _of_protocol(one, "" if index else edge.prefix)


def _of_protocol(traffic: Traffic, prefix: str) -> Iterator[tuple[Part, ...]]:
    name: Part = ("edge-protocol", f"{prefix}{traffic.protocol}")
    if not traffic.parts:
        yield (name,)
        return
    parts = [f"{part}," for part in traffic.parts[:-1]] + [traffic.parts[-1]] + ([f"+ {traffic.more} more"] if traffic.more else [])
    taken = _width(name) + width(" ", TYPE)
    room = narrowest(lambda less: len(_rows(parts, taken, less)), taken, max(_ROOM, taken))
    first, *others = _rows(parts, taken, room)
    yield name, ("edge-ports", f" {first}")
    for row in others:
        yield (("edge-ports", row),)


def _rows(parts: Sequence[str], taken: int, room: int) -> list[str]:
    """Return parts in rows, in the first of which something is taken already. No part is broken."""
    rows: list[list[str]] = [[]]
    left = room - taken
    for part in parts:
        wide = width(f" {part}", TYPE)
        if rows[-1] and wide > left:
            rows.append([])
            left = room
        rows[-1].append(part)
        left -= wide
    return [" ".join(row) for row in rows]
