"""Where a table's header ends: title row, header rows (several, repeated, none), first data row."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from extract import vocabulary
from extract.cells.reading import Cells
from extract.interpret.headers import propose, read_header
from extract.model import ENDS, Cell, Grid, Role, Row

# Header rows are looked for in the first rows only; a table of data repeats its words further down.
_HEADER_REACH = 4
_OWN: frozenset[Role] = ENDS | {"description", "service", "protocol", "direction", "action", "type"}
_PORT_WORDS = frozenset({"port", "start", "end", "protocol", "icmp"})


class Shape(msgspec.Struct, frozen=True):
    """The header of a table."""

    title: str
    headers: tuple[str, ...]
    # Index of the first data row.
    first: int
    # The folded texts of each header row, to recognise it when it is repeated.
    lines: tuple[tuple[str, ...], ...] = ()


def read(grid: Grid, cells: Cells) -> Shape:
    """Find title row, header rows and first data row. What the markup declares counts when it names columns; an empty <thead> or
    a title in it does not end the search.
    """
    rows = grid.rows
    title = ""
    index = 0
    while index < min(len(rows), _HEADER_REACH):
        row = rows[index]
        if is_blank(row) and (index < grid.head_rows or index == 0):
            index += 1
            continue
        spanning = spanning_cell(row, grid.width)
        if (
            spanning is not None
            and index + 1 < len(rows)
            and grid.width > 1
            and _looks_like_header(rows[index + 1], grid, index + 1, cells)
        ):
            title = spanning.text
            index += 1
            continue
        break
    if index < len(rows) and (index < grid.head_rows or _looks_like_header(rows[index], grid, index, cells)):
        last = index + 1
        while last < len(rows) and (last < grid.head_rows or _continues_header(rows[last - 1], rows[last])):
            last += 1
        lines = tuple(texts_of(row) for row in rows[index:last])
        return Shape(title, _header_texts(rows[index:last], grid.width), last, lines)
    return Shape(title, ("",) * grid.width, index if index < len(rows) else 0)


def is_blank(row: Row) -> bool:
    """Return whether no cell of the row holds text."""
    return not any(cell is not None and cell.text for cell in row.slots)


def texts_of(row: Row) -> tuple[str, ...]:
    """Return the folded text of every slot."""
    return tuple(vocabulary.fold(cell.text) if cell is not None else "" for cell in row.slots)


def spanning_cell(row: Row, width: int) -> Cell | None:
    """Return the cell that fills a whole row."""
    present = {id(cell): cell for cell in row.slots if cell is not None}
    if len(present) == 1 and all(cell is not None for cell in row.slots):
        cell = next(iter(present.values()))
        return cell if cell.text and (width == 1 or cell.colspan > 1) else None
    return None


def _looks_like_header(row: Row, grid: Grid, index: int, cells: Cells) -> bool:
    filled = [cell for cell in dict.fromkeys(row.slots) if cell is not None and cell.text]
    if not filled:
        return False
    named = sum(1 for cell in filled if len(cell.text) <= 60 and propose(read_header(cell.text)))
    if any(cells[cell.lines].ports.numeric and not read_header(cell.text).concepts & _PORT_WORDS for cell in filled if len(cell.text) < 60):
        # `UDP 53` is a value, whatever its transport would propose as a header.
        return False
    declared = index < grid.head_rows or all(cell.header for cell in filled)
    return (named >= 2 and named * 2 >= len(filled)) or (declared and named >= 1) or (grid.width == 2 and named == len(filled) == 2)


def _continues_header(above: Row, row: Row) -> bool:
    """Return whether a row under a header row is its second line: some header cell spans into it."""
    return any(cell is not None and cell is other for cell, other in zip(above.slots, row.slots, strict=True)) and any(
        cell is not None and cell.colspan > 1 for cell in above.slots
    )


def _header_texts(rows: Sequence[Row], width: int) -> tuple[str, ...]:
    texts = []
    for column in range(width):
        parts: dict[int, str] = {}
        for row in rows:
            cell = row.slots[column]
            if cell is not None and cell.text:
                parts.setdefault(id(cell), cell.text)
        leaf = next(reversed(parts.values()), "")
        if len(parts) > 1 and propose(read_header(leaf)) in _OWN:
            # `Incoming ports` over `From | Purpose`: the band says what the table is about, the leaf what its column is.
            band = " ".join(list(parts.values())[:-1])
            if "port" in read_header(band).concepts:
                texts.append(leaf)
                continue
        texts.append(" ".join(dict.fromkeys(parts.values())))
    return tuple(texts)
