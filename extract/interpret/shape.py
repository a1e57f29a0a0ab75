"""Where a table's header ends: title row, header rows (several, repeated, none), first data row."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from extract import vocabulary
from extract.cells.reading import Cells
from extract.interpret.headers import read_header
from extract.interpret.naming import propose
from extract.model import ENDS, Cell, Grid, Role, Row

# Header rows are looked for in the first rows only; a table of data repeats its words further down.
_HEADER_REACH = 4
# A value is no longer.
_VALUE_CHARS = 60
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

    @property
    def openings(self) -> set[str]:
        """What the first cell of a repeated header says."""
        return {line[0] for line in self.lines}


def read(grid: Grid, cells: Cells) -> Shape:
    """Find title row, header rows and first data row. What the markup declares counts when it names columns; an empty <thead> or
    a title in it does not end the search.
    """
    rows = grid.rows
    index, title = _top(grid, cells)
    if index == len(rows):
        return Shape(title, ("",) * grid.width, 0)
    declared = index < grid.head_rows and not _is_data(rows[index], cells)
    if not declared and not _looks_like_header(rows[index], grid, index, cells):
        return Shape(title, ("",) * grid.width, index)
    last = index + 1
    while last < len(rows) and _is_further_line(grid, last):
        last += 1
    lines = tuple(texts_of(row) for row in rows[index:last])
    return Shape(title, _header_texts(rows[index:last], grid.width), last, lines)


def _top(grid: Grid, cells: Cells) -> tuple[int, str]:
    """Return the first row that is neither blank nor a title above the header, and the title."""
    rows, title, index = grid.rows, "", 0
    while index < min(len(rows), _HEADER_REACH):
        blank = is_blank(rows[index]) and (index < grid.head_rows or index == 0)
        spanning = spanning_cell(rows[index], grid.width) if not blank and grid.width > 1 and index + 1 < len(rows) else None
        if spanning is not None and _looks_like_header(rows[index + 1], grid, index + 1, cells):
            title = spanning.text
        elif not blank:
            break
        index += 1
    return index, title


def repeats(row: Row, header: Shape) -> bool:
    """Return whether a row of the body is a row of the header once more."""
    first = row.slots[0]
    if (vocabulary.fold(first.text) if first is not None else "") not in header.openings:
        return False
    texts = texts_of(row)
    return texts in header.lines and sum(map(bool, texts)) > 1


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
    if not filled or any(_is_value(cell, cells) for cell in filled):
        return False
    named = sum(1 for cell in filled if len(cell.text) <= _VALUE_CHARS and propose(read_header(cell.text)))
    declared = index < grid.head_rows or all(cell.header for cell in filled)
    whole = grid.width == 2 and named == len(filled) == 2
    return whole or _is_enough(named, len(filled), declared)


def _is_enough(named: int, filled: int, declared: bool) -> bool:
    """Return whether so many of the cells of a row must name columns for it to be a header, of which the markup may say that it is."""
    return declared if named == 1 else named > 1 and (declared or named * 2 >= filled)


def _is_value(cell: Cell, cells: Cells) -> bool:
    """Return whether a cell names a port, which no header does: `UDP 53`, whatever its transport would propose."""
    return len(cell.text) < _VALUE_CHARS and cells[cell.lines].ports.numeric and not read_header(cell.text).concepts & _PORT_WORDS


def _is_data(row: Row, cells: Cells) -> bool:
    """Return whether a row that the markup declares as header states a rule: one cell is a protocol, and another one its port."""
    filled = [cell for cell in dict.fromkeys(row.slots) if cell is not None and cell.text]
    forms = [cells[cell.lines] for cell in filled if len(cell.text) <= _VALUE_CHARS and "port" not in read_header(cell.text).concepts]
    numbered = any("numeric" in read.port_forms and not read.ports.strange for read in forms)
    return numbered and any(read.transport for read in forms)


def _is_further_line(grid: Grid, index: int) -> bool:
    """Return whether a row below a header row belongs to the header. A cell over the whole width labels the rows below it."""
    row = grid.rows[index]
    if index < grid.head_rows:
        return grid.width == 1 or spanning_cell(row, grid.width) is None
    return _continues_header(grid.rows[index - 1], row)


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
