"""The cells that lines on a page of a PDF draw."""

from __future__ import annotations

from collections.abc import Container, Sequence
from statistics import median
from typing import Any

from pdfplumber.page import Page
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges
from pdfplumber.utils.geometry import obj_to_edges

from extract.read.kinds.pdf_words import Box

# A drawing has more; pairs of lines, and of points, are compared with each other.
_MAX_EDGES = 40_000
_MAX_PAIRS = 1_000_000
_MAX_POINTS = 4_000
# An area with a colour that takes more of a page is no cell of a table.
_CELL_AREA = 0.15

SNAP = 3
"""Lines that miss each other by so many points (1/72 inch) meet for the eye."""


def cells_of(page: Page, striking: Container[int] = ()) -> tuple[list[list[Box]], bool]:
    """Return the cells of the ruled tables of a page, and whether it holds a drawing that is none. What is `striking` out text is none.

    Lines that are drawn are rulings. Where there are none, the edges of areas that are filled are: cells with a colour each.
    """
    area = float(page.width * page.height)
    lines, filled = [], []
    for one in (*page.lines, *page.rects, *page.curves):
        if id(one) in striking:
            continue
        thin = min(one["width"], one["height"]) <= SNAP
        if thin or one.get("stroke"):
            lines += obj_to_edges(one)
        elif one["width"] * one["height"] < area * _CELL_AREA:
            filled += obj_to_edges(one)
    tables, drawn = _tables(lines)
    more, drawn_too = _tables(filled) if filled else ([], False)
    boxes = [box_of(cells) for cells in tables]
    for cells in more:
        if len({cell[0] for cell in cells}) > 1 and not any(overlap(box_of(cells), box) for box in boxes):
            tables.append(cells)
    return tables, drawn or drawn_too


def _tables(edges: list[dict[str, Any]]) -> tuple[list[list[Box]], bool]:
    edges = [edge for edge in edges if edge["orientation"] in ("h", "v") and max(edge["width"], edge["height"]) >= 1]
    if len(edges) > _MAX_EDGES:
        return [], True
    edges = merge_edges(edges, SNAP, SNAP, SNAP, SNAP) if edges else []
    edges = [edge for edge in edges if max(edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]) >= SNAP]
    across = sum(edge["orientation"] == "h" for edge in edges)
    if across * (len(edges) - across) > _MAX_PAIRS:
        return [], True
    points = edges_to_intersections(edges, SNAP, SNAP)
    if len(points) > _MAX_POINTS:
        return [], True
    tables = [_without_frames(table) for table in cells_to_tables(intersections_to_cells(points))]
    return [table for table in tables if len(table) > 1], False


def _without_frames(cells: list[Box]) -> list[Box]:
    """Take out the cells that other cells lie in: frames around them."""
    middles = [((cell[0] + cell[2]) / 2, (cell[1] + cell[3]) / 2) for cell in cells]
    usual = median((cell[2] - cell[0]) * (cell[3] - cell[1]) for cell in cells)

    def is_frame(cell: Box) -> bool:
        if (cell[2] - cell[0]) * (cell[3] - cell[1]) < 2 * usual:
            return False
        return sum(cell[0] < x < cell[2] and cell[1] < y < cell[3] for x, y in middles) > 1

    return [cell for cell in cells if not is_frame(cell)]


def box_of(cells: Sequence[Box]) -> Box:
    """Return the box around some cells."""
    return min(c[0] for c in cells), min(c[1] for c in cells), max(c[2] for c in cells), max(c[3] for c in cells)


def overlap(one: Box, other: Box) -> bool:
    """Return whether two boxes have a part in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
