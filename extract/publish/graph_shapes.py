"""The shapes of a drawing as paths of SVG, in whole units where it can be: every kind of node has an outline of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

from extract.publish.graph import NodeKind
from extract.publish.graph_layout import Path, Point, Size

_ROUND = 9
_SLANT = 10
_HEAD = 4
_BAR = 6


def outline(kind: NodeKind, centre: Point, size: Size) -> str:
    """Return the element of a node's outline: rounded for groups, half circles for roles, sharp for hosts, pointed for networks."""
    left, top = centre.x - size.width // 2, centre.y - size.height // 2
    right, bottom = left + size.width, top + size.height
    if kind == "cidr":
        inner = f"M{left + _SLANT} {top}H{right - _SLANT}L{right} {centre.y}L{right - _SLANT} {bottom}H{left + _SLANT}L{left} {centre.y}Z"
        return f'<path class="node-shape" d="{inner}"/>'
    radius = {"group": _ROUND, "host": 0}.get(kind, min(size.height // 2, 24))
    corner = f' rx="{radius}"' if radius else ""
    return f'<rect class="node-shape" x="{left}" y="{top}" width="{size.width}" height="{size.height}"{corner}/>'


def curve(paths: Sequence[Path]) -> str:
    """Return the path data of a line, in its one or two parts."""
    parts = []
    for path in paths:
        first, *rest = [f"{point.x} {point.y}" for point in path.points]
        parts.append(f"M{first}C{' '.join(rest)}")
    return "".join(parts)


def head(path: Path, denied: bool) -> str:
    """Return the path data of the end of a line: an arrowhead, or the bar at which denied traffic ends. Empty when it has none."""
    if path.tip is None:
        return ""
    base, tip = path.points[-1], path.tip
    length = math.hypot(tip.x - base.x, tip.y - base.y) or 1
    x, y = (tip.x - base.x) / length, (tip.y - base.y) / length
    if denied:
        stop = (tip.x - 3 * x, tip.y - 3 * y)
        return (
            f"M{base.x} {base.y}L{_at(*stop)}M{_at(stop[0] - _BAR * y, stop[1] + _BAR * x)}L{_at(stop[0] + _BAR * y, stop[1] - _BAR * x)}"
        )
    return f"M{tip.x} {tip.y}L{_at(base.x - _HEAD * y, base.y + _HEAD * x)}L{_at(base.x + _HEAD * y, base.y - _HEAD * x)}Z"


def _at(x: float, y: float) -> str:
    return f"{round(x, 1):g} {round(y, 1):g}"
