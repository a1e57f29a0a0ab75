"""Tables of a PDF that go on from one page to the next, as one table each."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from extract.read.kinds.pdf_grid import Cell, Table
from extract.read.kinds.pdf_page import PageContent

# So many points may the columns of both parts stand apart.
_APART = 3


class Row(msgspec.Struct, frozen=True):
    """A row of a table with its place."""

    place: str
    cells: list[Cell]

    @property
    def is_bold(self) -> bool:
        """Whether all of its text is bold."""
        return any(cell.lines for cell in self.cells) and all(cell.bold for cell in self.cells if cell.lines)

    @property
    def text(self) -> list[tuple[int, list[str]]]:
        """What it says, with the columns."""
        return [(cell.column, cell.lines) for cell in self.cells if cell.lines]

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return not any(cell.lines for cell in self.cells)


class Joined(msgspec.Struct):
    """A table with all of its parts."""

    place: str
    columns: tuple[float, ...]
    rows: list[Row]
    uncertain: list[str]
    outside: list[str]

    @property
    def plain(self) -> bool:
        """Whether its rows do not differ in how bold they are."""
        return all(row.is_bold for row in self.rows)


def joined_tables(pages: Sequence[PageContent]) -> dict[int, Joined]:
    """Return the tables of a document by the identity of their first part; the other parts are in it.

    A table at the top of a page goes on with the one at the bottom of the page before when their columns stand at the same places, unless
    it has a header of its own.
    """
    found: dict[int, Joined] = {}
    # The last table, and whether nothing stands between it and the top of the page that follows.
    last: Joined | None = None
    adjacent = False
    page_of_last = 0
    for page in pages:
        count = 0
        for index, block in enumerate(page.blocks):
            if not isinstance(block, Table):
                adjacent = False
                continue
            count += 1
            part = _part(block, page.number, count)
            at_top = index == 0 and page.number == page_of_last + 1
            if last is not None and at_top and _same_columns(last, part):
                if adjacent and not _has_other_header(last, part):
                    _append(last, part)
                    page_of_last = page.number
                    continue
                if not _repeated(last, part) and not part.rows[0].is_bold:
                    part.uncertain.append("it may go on from the page before")
            found[id(block)] = last = part
            page_of_last, adjacent = page.number, True
    return found


def _part(table: Table, page: int, number: int) -> Joined:
    place = f"page {page}, table {number}"
    rows = [Row(f"{place}, row {index}", cells) for index, cells in enumerate(table.rows, 1)]
    return Joined(place, table.columns, rows, list(table.uncertain), list(table.outside))


def _same_columns(one: Joined, other: Joined) -> bool:
    return len(one.columns) == len(other.columns) and all(abs(a - b) <= _APART for a, b in zip(one.columns, other.columns, strict=True))


def _repeated(table: Joined, part: Joined) -> int:
    """Return how many rows at the top of a part are those at the top of the table."""
    count = 0
    for row, first in zip(part.rows, table.rows, strict=False):
        if row.is_empty or row.text != first.text:
            break
        count += 1
    return count


def _has_other_header(table: Joined, part: Joined) -> bool:
    """Return whether a part begins with a header that the table does not have."""
    return not _repeated(table, part) and part.rows[0].is_bold and not part.plain and not table.plain


def _append(table: Joined, part: Joined) -> None:
    rows = part.rows[_repeated(table, part) :]
    if rows and (len(rows[0].text) < len(table.columns) - 1):
        # A column that is empty in other rows as well says nothing.
        usual = set.intersection(*({column for column, _ in row.text} for row in (*table.rows, *rows[1:])))
        if usual - {column for column, _ in rows[0].text}:
            table.uncertain.append(f"its row at the top of the next page ({rows[0].place}) may be the rest of the row above it")
    table.rows += rows
    table.uncertain += [doubt for doubt in part.uncertain if doubt not in table.uncertain]
    table.outside += part.outside
