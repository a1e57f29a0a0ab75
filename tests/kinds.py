"""Documents as they are written in other kinds: the parts of a golden page, and for each kind what writes them.

To add a kind, write a function from parts to bytes and add it to `WRITERS`.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import openpyxl

from extract.model import Block, Grid
from extract.read import read
from tests import markup_kinds


class Heading(NamedTuple):
    """A heading of level 1 to 6."""

    level: int
    text: str


class Paragraph(NamedTuple):
    """A paragraph; a bold one is a label."""

    text: str
    strong: bool = False


class Item(NamedTuple):
    """An item of a list."""

    text: str


class Cell(NamedTuple):
    """A cell at its top left corner; its text has a line feed for each line break."""

    text: str
    header: bool
    colspan: int
    rowspan: int


class Table(NamedTuple):
    """A table as a grid; a slot is None where a cell from the left or from above covers it, or where the row ends early."""

    caption: str
    rows: tuple[tuple[Cell | None, ...], ...]

    @property
    def spans(self) -> bool:
        return any(cell is not None and (cell.colspan, cell.rowspan) != (1, 1) for row in self.rows for cell in row)


Part = Heading | Paragraph | Item | Table
Parts = Sequence[Part]


class Writer(NamedTuple):
    """What writes documents of a kind."""

    suffix: str
    write: Callable[[Parts], bytes]
    # What the kind can carry, of the names that `features` yields.
    carries: frozenset[str]
    # Pages whose rules are others in this kind, and why that is right.
    differs: Mapping[str, str] = {}


def features(parts: Parts) -> frozenset[str]:
    """Return what a kind must be able to carry for a document: headings of several levels, spans, captions, lists, bold labels, signs."""
    found = {"levels"} if len({part.level for part in parts if isinstance(part, Heading)}) > 1 else set()
    for part in parts:
        if isinstance(part, Table):
            found |= ({"spans"} if part.spans else set()) | ({"captions"} if part.caption else set())
        elif isinstance(part, Item):
            found.add("lists")
        elif isinstance(part, Paragraph) and part.strong:
            found.add("strong")
    if not repr(parts).isascii():
        found.add("signs")
    return frozenset(found)


def parts_of(page: Path) -> Parts | None:
    """Return the parts of a page; None for one that holds what no other kind has: nested or hidden tables, code, front matter."""
    read_as = read(page.read_bytes(), page.name)
    hidden = any(grid.hidden or grid.depth or any(row.hidden or row.surplus for row in grid.rows) for grid in read_as.grids)
    if hidden or read_as.broken or any(block.kind in ("title", "code") or block.scope for block in read_as.blocks):
        return None
    return [_part(block, read_as.grids) for block in read_as.blocks]


def _part(block: Block, grids: Sequence[Grid]) -> Part:
    if block.kind == "heading":
        return Heading(block.level, block.text)
    if block.kind == "item":
        return Item(block.text)
    if block.kind == "table":
        grid = grids[block.level - 1]
        return Table(grid.caption, tuple(_row(grid, index) for index in range(len(grid.rows))))
    return Paragraph(block.text, block.kind == "strong")


def _row(grid: Grid, index: int) -> tuple[Cell | None, ...]:
    return tuple(
        Cell("\n".join(cell.raw or cell.lines), cell.header, cell.colspan, cell.rowspan)
        if cell is not None and (cell.row, cell.column) == (index, column)
        else None
        for column, cell in enumerate(grid.rows[index].slots)
    )


def lines_of(parts: Parts) -> Iterator[tuple[str, ...]]:
    """Yield a document as rows of cells without spans, with blank rows between its parts: what a sheet can carry."""
    for before, part in zip([None, *parts], parts, strict=False):
        if isinstance(part, Table):
            if not isinstance(before, Heading):
                yield ()
            if part.caption:
                yield (part.caption,)
            yield from (tuple(cell.text if cell is not None else "" for cell in row) for row in part.rows)
            yield ()
        else:
            yield (part.text,)


def delimited(parts: Parts, delimiter: str) -> bytes:
    """Write a document as delimited values."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(lines_of(parts))
    return text.getvalue().encode()


def workbook(parts: Parts) -> bytes:
    """Write a document as a workbook of one sheet, with merged cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    row = 1
    for before, part in zip([None, *parts], parts, strict=False):
        if not isinstance(part, Table):
            sheet.cell(row, 1, part.text).data_type = "s"
            row += 1
            continue
        row += not isinstance(before, Heading)
        if part.caption:
            sheet.cell(row, 1, part.caption)
            row += 1
        for cells in part.rows:
            for column, cell in enumerate(cells, 1):
                if cell is None:
                    continue
                # What is typed as a number is one, as people type it.
                sheet.cell(row, column, float(cell.text) if cell.text.isdecimal() and cell.text.isascii() else cell.text)
                if (cell.colspan, cell.rowspan) != (1, 1):
                    sheet.merge_cells(None, row, column, row + cell.rowspan - 1, column + cell.colspan - 1)
            row += 1
        row += 1
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _docx(parts: Parts) -> bytes:
    from tests.word_files import written

    return written(parts)


def _pdf(parts: Parts) -> bytes:
    from tests.pdf_files import written

    return written(parts)


_LINES = frozenset({"levels", "captions", "lists", "strong", "signs"})
_TITLES = {"labels-above-tables": "a title of a sheet is a heading, and holds for the tables below that have none of their own"}

_ALL = _LINES | {"spans"}
_HEADS = {"html-text-loose-in-tables": "a row of <th> alone holds values there, and the headers of a list table are its first rows"}
_WRAPPED = {"ends-in-other-cells": "a line that fills its cell may have been broken by its author, or for lack of room"}

WRITERS: Mapping[str, Writer] = {
    "csv": Writer(".csv", lambda parts: delimited(parts, ","), _LINES, _TITLES),
    "tsv": Writer(".tsv", lambda parts: delimited(parts, "\t"), _LINES, _TITLES),
    "xlsx": Writer(".xlsx", workbook, _LINES | {"spans"}, _TITLES),
    "rst": Writer(".rst", markup_kinds.rst, _LINES, _HEADS),
    **({"asciidoc": Writer(".adoc", markup_kinds.adoc, _ALL)} if shutil.which("asciidoctor") else {}),
    "docbook": Writer(".dbk", markup_kinds.docbook, _ALL),
    "dita": Writer(".dita", markup_kinds.dita, _ALL),
    "docx": Writer(".docx", _docx, _LINES | {"spans"}),
    # The fonts that every PDF reader has hold no other letters than those of Western Europe.
    "pdf": Writer(".pdf", _pdf, frozenset({"levels", "spans", "lists", "strong"}), _WRAPPED),
}
