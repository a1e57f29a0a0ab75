"""A table of the source as rectangles that a page can show: every slot of the grid is in exactly one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from extract.model import Cell, Grid, Row
from extract.publish.review.values import ReviewCell

# A longer word is broken where its column ends; columns are as wide as shorter ones.
_LONG_WORD = 24

Quotes = Mapping[int, Mapping[str, Collection[str]]]
"""Row -> text of a cell -> what became of the values that are quoted from it."""


class _Piece(NamedTuple):
    """A rectangle of slots that hold one cell, or none."""

    cell: Cell | None
    # 0 where another piece reaches down to.
    rowspan: int
    colspan: int
    # Whether no piece before it shows the cell.
    first: bool


def rows_of(grid: Grid, header_rows: int, last: int, said: Quotes) -> Iterator[tuple[Row, tuple[ReviewCell, ...]]]:
    """Yield the rows of a grid up to index `last` with their cells. No cell spans from the header into the data, or out of the table.

    `said` counts rows from the first below the header.
    """
    rows = grid.rows[:last]
    pieces: list[list[tuple[int, _Piece]]] = [[] for _ in rows]
    shown: set[Cell] = set()
    for begin, end in ((0, min(header_rows, last)), (min(header_rows, last), last)):
        for index, column, piece in _pieces(rows, begin, min(end, len(rows)), grid.width, shown):
            pieces[index].append((column, piece))
            for below in range(index + 1, index + piece.rowspan):
                pieces[below].append((column, _Piece(piece.cell, 0, piece.colspan, False)))
    labels = _labels(rows[:header_rows], grid.width)
    for index, row in enumerate(rows):
        here = said.get(index - header_rows + 1, {})
        yield row, tuple(_cell(piece, labels[column], here, index < header_rows) for column, piece in sorted(pieces[index], key=_column))


def _column(placed: tuple[int, _Piece]) -> int:
    return placed[0]


def _pieces(rows: Sequence[Row], begin: int, end: int, width: int, shown: set[Cell]) -> Iterator[tuple[int, int, _Piece]]:
    """Yield row, column and rectangle. Cells that overlap in the markup give several rectangles, of which the first counts."""
    covered = [[False] * width for _ in range(begin, end)]
    for index in range(begin, end):
        for column in range(width):
            if covered[index - begin][column]:
                continue
            cell = rows[index].slots[column]
            across = 1
            while (
                cell is not None
                and column + across < width
                and rows[index].slots[column + across] is cell
                and not covered[index - begin][column + across]
            ):
                across += 1
            down = 1
            while cell is not None and index + down < end and _holds(rows[index + down], cell, column, across):
                down += 1
            for below in range(index, index + down):
                covered[below - begin][column : column + across] = [True] * across
            yield index, column, _Piece(cell, down, across, cell is None or cell not in shown)
            if cell is not None:
                shown.add(cell)


def _holds(row: Row, cell: Cell, column: int, across: int) -> bool:
    return all(slot is cell for slot in row.slots[column : column + across])


def _labels(header: Sequence[Row], width: int) -> list[str]:
    """Return the text of the header above each column."""
    labels = []
    for column in range(width):
        cells = dict.fromkeys(cell for row in header if (cell := row.slots[column]) is not None)
        labels.append(" ".join(cell.text for cell in cells if cell.text))
    return labels


def _cell(piece: _Piece, label: str, said: Mapping[str, Collection[str]], head: bool) -> ReviewCell:
    cell = piece.cell
    # As the page has it, before anything was repaired.
    lines = (cell.raw or cell.lines) if cell is not None else ()
    return ReviewCell(
        lines=lines,
        rowspan=max(piece.rowspan, 1),
        colspan=piece.colspan,
        header=cell is not None and cell.header,
        carried=not piece.rowspan,
        said=tuple(said.get(" ".join(lines), ())) if piece.first else (),
        label="" if head else label,
        long=any(len(word) > _LONG_WORD for line in lines for word in line.split()),
    )
