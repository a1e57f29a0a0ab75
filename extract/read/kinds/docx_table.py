"""The rows of a table of a DOCX file as cells with spans (ISO/IEC 29500-1, 17.4)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from lxml import etree

from extract.read.kinds.docx_xml import REMOVED, attribute, child, is_on, name, number, through

# As many columns as an HTML cell may span; a word processor makes 63.
_MAX_SPAN = 1000
# In twentieths of a point.
_LEAST_HEIGHT = 40


class Cell(msgspec.Struct):
    """A cell of a table: its element, None for a place without a cell, and how many columns and rows it takes."""

    node: etree._Element | None
    column: int
    width: int
    height: int = 1


class Row(msgspec.Struct):
    """A row of a table: the cells that begin in it, whether it is a header, and its number among all rows of the file's table."""

    number: int
    header: bool
    cells: list[Cell]


class Table:
    """A table: the rows that readers see, how many are hidden, and what is uncertain about its grid."""

    def __init__(self, node: etree._Element) -> None:
        self.rows: list[Row] = []
        self.uncertain = ""
        self.hidden = 0
        # Column -> the cell that goes on there from the row above.
        open_cells: dict[int, Cell] = {}
        heading = True
        for index, row in enumerate((one for one in through(node) if name(one) == "w:tr"), 1):
            properties = child(row, "w:trPr")
            if any(name(one) in REMOVED for one in (properties if properties is not None else ())):
                continue
            if is_on(child(properties, "w:hidden")) or _is_flat(child(properties, "w:trHeight")):
                self.hidden += 1
                continue
            heading = heading and is_on(child(properties, "w:tblHeader")) is True
            cells = list(self._row(row, properties, open_cells))
            self.rows.append(Row(index, heading, cells))

    def _row(self, row: etree._Element, properties: etree._Element | None, above: dict[int, Cell]) -> Iterator[Cell]:
        """Yield the cells that begin in a row; those that go on from above become higher."""
        going_on: dict[int, Cell] = {}
        column = _span(child(properties, "w:gridBefore"), 0)
        if column:
            yield Cell(None, 0, column)
        last: Cell | None = None
        for node in through(row):
            if name(node) != "w:tc":
                continue
            said = child(node, "w:tcPr")
            if child(said, "w:cellDel") is not None:
                self.uncertain = "a cell of it was deleted, and the deletion is tracked"
                continue
            if child(said, "w:cellMerge") is not None:
                self.uncertain = "cells of it were merged or split, and the change is tracked"
            width = _span(child(said, "w:gridSpan"), 1)
            if last is not None and _merge(child(said, "w:hMerge")) == "continue":
                last.width = min(last.width + width, _MAX_SPAN)
                self._unseen(node)
                column += width
                continue
            vertical = _merge(child(said, "w:vMerge"))
            begun = above.get(column)
            if vertical == "continue" and begun is not None and begun.width == width:
                begun.height += 1
                going_on[column] = last = begun
                self._unseen(node)
            else:
                if vertical == "continue":
                    self.uncertain = "a cell of it goes on from above, and there is none above it that is as wide"
                last = Cell(node, column, width)
                if vertical:
                    going_on[column] = last
                yield last
            column += width
        above.clear()
        above.update(going_on)
        if after := _span(child(properties, "w:gridAfter"), 0):
            yield Cell(None, column, after)

    def _unseen(self, node: etree._Element) -> None:
        """Take the content of a cell that another one covers: word processors show none of it."""
        if any((one.text or "").strip() for one in node.iter(etree.Element) if name(one) == "w:t"):
            self.uncertain = "a cell that is merged into another one holds words of its own"


def _is_flat(height: etree._Element | None) -> bool:
    """Return whether a row has no height in which anybody could read it (17.4.80)."""
    return attribute(height, "w:hRule") == "exact" and number(height, default=_LEAST_HEIGHT) < _LEAST_HEIGHT


def _span(node: etree._Element | None, default: int) -> int:
    return min(number(node, default=default), _MAX_SPAN) if node is not None else default


def _merge(node: etree._Element | None) -> str:
    """Return "restart", "continue", or nothing for a cell that is not merged (17.4.84)."""
    return "" if node is None else attribute(node, "w:val") or "continue"
