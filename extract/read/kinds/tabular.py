"""The rows of a sheet to HTML: which of them are titles and sentences, and which are the tables.

A sheet does not say so itself: all that it has is cells. What they mean does not count here, only where they stand and how they end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import msgspec

from extract.read.kinds.markup import Writer, cell
from extract.regex import late

# A line of more words is no title; `extract.read.places` says the same of labels.
_TITLE_WORDS = 8
_TITLE_CHARS = 80
_CLOSED = (".", "!", "?", "。", "！", "？")
_COLONS = (":", "：")
# A note of fewer signs may be a value with a stray dot.
_NOTE_CHARS = 12
# Headings of a sheet have the levels up to this one; the last line of several above each other is nearest to the table.
_LOWEST = 6
# Numbers alone, as in a cell of ports: what names a column is none.
_VALUE = late(r"[\d\s.,;:/*–-]*\d[\d\s.,;:/*–-]*")


class SheetCell(msgspec.Struct, frozen=True, gc=False):
    """One cell at its top left corner."""

    text: str
    colspan: int = 1
    rowspan: int = 1


class SheetRow(msgspec.Struct, frozen=True):
    """A row with its place; a slot is None where a cell from the left or from above covers it."""

    place: int
    slots: tuple[SheetCell | None, ...]

    @property
    def filled(self) -> list[int]:
        """The columns that hold text."""
        return [index for index, one in enumerate(self.slots) if one is not None and one.text.strip()]

    @property
    def is_blank(self) -> bool:
        """Whether it parts what is above from what is below: no cell of it holds text or is covered."""
        return not self.filled and None not in self.slots

    @property
    def text(self) -> str:
        """The text of the only cell that holds some."""
        return " ".join("".join(one.text for one in self.slots if one is not None).split())


class Sheet:
    """Writes the rows of one sheet. `uncertain` are tables whose grid is uncertain, by their numbers, with the reason."""

    def __init__(self, writer: Writer, levels: int = 1) -> None:
        """Take where to write; headings above the sheet have so many levels less one."""
        self._writer, self._highest = writer, levels
        # The columns of the table that is being written, from the first to the last.
        self._columns: tuple[int, int] | None = None
        self._open = False
        # Lines that are not written yet: what follows says what they are.
        self._lines: list[SheetRow] = []
        self._last = 1
        self._header = False
        self._number = self._width = 0
        self.uncertain: dict[int, str] = {}

    def write(self, rows: Iterable[SheetRow]) -> None:
        """Write rows, all that there are."""
        for blank, group in groupby(rows, lambda row: row.is_blank):
            if not blank:
                self._block(list(group))
        self._close()
        self._say()

    def _block(self, rows: Sequence[SheetRow]) -> None:
        """Write rows without a blank one among them."""
        first = next((index for index, row in enumerate(rows) if len(row.filled) > 1), len(rows))
        self._lines += rows[:first]
        table = rows[first:]
        if not table:
            return
        if not self._continues(table):
            self._close()
            self._say()
            self._begin(table)
        notes = len(table) - sum(1 for _ in _notes(table))
        for row in (*self._lines, *table[:notes]):
            self._row(row)
        self._lines = list(table[notes:])

    def _continues(self, rows: Sequence[SheetRow]) -> bool:
        """Return whether rows go on with the table above them, which a blank line parts: they begin with values under its columns."""
        if self._columns is None or not self._open:
            return False
        filled = [index for row in rows for index in row.filled]
        within = self._columns[0] <= min(filled) and max(filled) <= self._columns[1]
        return within and _holds_values(rows[0])

    def _begin(self, rows: Sequence[SheetRow]) -> None:
        used = [(index, index + one.colspan - 1) for row in rows for index in row.filled if (one := row.slots[index]) is not None]
        self._columns = min(first for first, _ in used), max(last for _, last in used)
        self._open = True
        number = self._writer.begin_table(rows[0].place)
        self._number, self._width = number, len(rows[0].slots)
        if gap := _gap(rows, self._columns):
            self.uncertain[number] = gap
        self._header = not _holds_values(rows[0])

    def _row(self, row: SheetRow) -> None:
        first, last = self._columns or (0, 0)
        slots = row.slots[first : last + 1]
        empty = [cell("")] * (last + 1 - first - len(slots))
        header, self._header = self._header, False
        written = [cell(one.text, header=header, colspan=one.colspan, rowspan=one.rowspan) for one in slots if one is not None]
        if row.filled and row.filled[-1] >= self._width:
            cells = f"a row of it has {row.filled[-1] + 1} cells, and its first one {self._width}"
            said = f"{cells}; put quotation marks around a cell that holds what parts cells"
            self.uncertain.setdefault(self._number, said)
        self._writer.row([*written, *empty], row.place)
        self._last = row.place

    def _close(self) -> None:
        if self._open:
            self._writer.end_table(self._last)
        self._open = False

    def _say(self) -> None:
        """Write the lines that stand outside of tables: titles as headings, the last one of several lowest, and sentences."""
        for titles, group in groupby(self._lines, lambda row: _is_title(row.text)):
            lines = list(group)
            for index, row in enumerate(lines, 1):
                level = max(_LOWEST - (len(lines) - index), self._highest)
                self._writer.block(f"h{level}" if titles else "p", row.text, row.place)
        self._lines = []


def _is_title(text: str) -> bool:
    return len(text) <= _TITLE_CHARS and len(text.split()) <= _TITLE_WORDS and not text.endswith((*_CLOSED, *_COLONS))


def _holds_values(row: SheetRow) -> bool:
    """Return whether a row holds a cell of numbers alone: such a row names no columns."""
    return any(one is not None and _VALUE.fullmatch(one.text.strip()) for one in row.slots)


def _notes(rows: Sequence[SheetRow]) -> Iterator[SheetRow]:
    """Yield the sentences that stand right below the rows of a table, the last one first."""
    for row in reversed(rows):
        if len(row.filled) != 1 or not row.text.endswith(_CLOSED) or len(row.text) <= _NOTE_CHARS:
            return
        yield row


def _gap(rows: Sequence[SheetRow], columns: tuple[int, int]) -> str:
    """Return that two tables may stand side by side; empty where no column without a cell stands between others."""
    first, last = columns
    used = {index + step for row in rows for index in row.filled for step in range(_colspan(row, index))}
    for index in range(first + 2, last - 1):
        if index not in used:
            return f"column {index + 1} is empty: nobody can tell one table from two side by side; remove it, or put one below the other"
    return ""


def _colspan(row: SheetRow, index: int) -> int:
    one = row.slots[index]
    return one.colspan if one is not None else 1
