"""The rows of a sheet to HTML: which of them are titles and sentences, and which are the tables.

A sheet does not say so itself: all that it has is cells. What they mean does not count here, only where they stand and how they end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import msgspec

from extract.read.kinds.markup import Writer, cell, escaped
from extract.regex import late

# A line of more words is no title. Of the 274 headings right above tables on 69 pages of vendors, two have more.
_TITLE_WORDS = 14
_TITLE_CHARS = 120
_CLOSED = (".", "!", "?", "。", "！", "？")
_COLONS = (":", "：")
# A note of fewer signs may be a value with a stray dot.
_NOTE_CHARS = 12
_LOWEST = 6
# A title, the names of the columns, and a row of values.
_TITLED_ROWS = 3
_DIGIT = late(r"\d")
# Numbers alone, as in a cell of ports: what names a column is none.
_VALUE = late(r"[\s.,;:/*–-]*+\d[\d\s.,;:/*–-]*+")


class SheetCell(msgspec.Struct, frozen=True, gc=False):
    """One cell at its top left corner."""

    text: str
    colspan: int = 1
    rowspan: int = 1
    # The text as HTML, where it is more than text.
    markup: str | None = None


class SheetRow(msgspec.Struct, frozen=True):
    """A row with its place; a slot is None where a cell from the left or from above covers it."""

    place: int
    slots: tuple[SheetCell | None, ...]
    # Readers of the sheet do not see it.
    hidden: bool = False

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

    @property
    def markup(self) -> str:
        """The same as HTML."""
        held = [self.slots[index] for index in self.filled]
        return " ".join(one.markup if one.markup is not None else escaped(" ".join(one.text.split())) for one in held if one is not None)


class _Table(msgspec.Struct):
    """A table while its rows are found: its columns from the first to the last, how many cells its first row has, what its columns hold."""

    rows: list[SheetRow]
    columns: tuple[int, int]
    width: int
    values: set[tuple[int, str]] = msgspec.field(default_factory=set)

    def takes(self, lines: Sequence[SheetRow], rows: Sequence[SheetRow]) -> bool:
        """Return whether rows go on with the table, from which a blank row parts them, with lines between.

        They begin with values, where the first row of a table names its columns, and nothing of them stands beside its columns. What stands
        in a column of the table already is a value of it; one such cell may be the name of a column by chance, where values follow.
        """
        first, last = _extent([*lines, *rows])
        if first < self.columns[0] or last > self.columns[1]:
            return False
        if _holds_values(rows[0]):
            return True
        known = len(self.values & _cells(rows[0]))
        return known > 1 or (known == 1 and not any(map(_holds_values, rows)))

    def add(self, rows: Sequence[SheetRow]) -> None:
        """Add rows. Those that name the columns hold no values of them."""
        first = len(self.rows)
        self.rows += rows
        self.values.update(cell for row in self.rows[first or _headers(self) :] for cell in _cells(row))


def write(writer: Writer, rows: Iterable[SheetRow], above: int = 0) -> dict[int, str]:
    """Write the rows of a sheet below so many levels of headings.

    Returns the tables of which the grid is uncertain, by their numbers, with the reason.
    """
    uncertain: dict[int, str] = {}
    for part in _parts(rows):
        if isinstance(part, _Table):
            number = writer.begin_table(part.rows[0].place)
            if doubt := _split(part) or _gap(part) or _above_header(part):
                uncertain[number] = doubt
            _write_table(writer, part)
            continue
        for titles, group in _lines(part):
            # Of several titles above each other the last one is nearest to the table. The next title ends them all: a sheet has no levels
            # that would tell which of them it leaves open, and an end that is not stated is better than a wrong one.
            for level, row in enumerate(group, above + 1):
                tag = f"h{min(level, _LOWEST)}" if titles else "p"
                writer.add(f"<{tag}>{row.markup}</{tag}>", row.place)
    return uncertain


def _parts(rows: Iterable[SheetRow]) -> Iterator[_Table | list[SheetRow]]:
    """Yield the tables and the lines between them, in order."""
    lines: list[SheetRow] = []
    table: _Table | None = None
    for blank, group in groupby(rows, lambda row: row.is_blank):
        block = [] if blank else list(group)
        first = next((index for index, row in enumerate(block) if len(row.filled) > 1), len(block))
        lines += block[:first]
        body = block[first:]
        if not body:
            continue
        if table is not None and table.takes(lines, body):
            table.add(lines)
        else:
            if table is not None:
                yield table
            yield lines
            table = _Table([], _extent(body), len(body[0].slots))
        notes = len(body) - sum(1 for _ in _notes(body))
        table.add(body[:notes])
        lines = body[notes:]
    if table is not None:
        yield table
    yield lines


def _cells(row: SheetRow) -> set[tuple[int, str]]:
    return {(index, " ".join(one.text.split())) for index in row.filled if (one := row.slots[index]) is not None}


def _extent(rows: Sequence[SheetRow]) -> tuple[int, int]:
    """Return the first and the last column of rows that holds something."""
    used = [(index, index + _colspan(row, index) - 1) for row in rows for index in row.filled]
    return min(first for first, _ in used), max(last for _, last in used)


def _write_table(writer: Writer, table: _Table) -> None:
    first, last = table.columns
    headers = _headers(table)
    for number, row in enumerate(table.rows):
        slots = row.slots[first : last + 1]
        written = [
            cell(one.text, header=number < headers, colspan=one.colspan, rowspan=one.rowspan, markup=one.markup)
            for one in slots
            if one is not None
        ]
        writer.row([*written, *[cell("")] * (last + 1 - first - len(slots))], row.place, hidden=row.hidden)
    writer.end_table(table.rows[-1].place)


def _headers(table: _Table) -> int:
    """Return how many rows name the columns: the first one, with those that cells of it reach down to or that part its wide cells."""
    first, *below = table.rows
    if _holds_values(first):
        return 0
    deepest = max(one.rowspan for one in first.slots if one is not None)
    wide = {index + step for index in first.filled if (span := _colspan(first, index)) > 1 for step in range(span)}
    parted = bool(below) and bool(below[0].filled) and wide.issuperset(below[0].filled) and not _holds_values(below[0])
    return max(deepest, 2 if parted or _above_header(table) else 1)


def _lines(rows: Iterable[SheetRow]) -> Iterator[tuple[bool, list[SheetRow]]]:
    """Yield the lines that stand outside of tables: titles, which follow each other, and sentences."""
    shown = (row for row in rows if row.filled and not row.hidden)
    return ((titles, list(group)) for titles, group in groupby(shown, lambda row: _is_title(row.text)))


def _is_title(text: str) -> bool:
    return len(text) <= _TITLE_CHARS and len(text.split()) <= _TITLE_WORDS and not text.endswith((*_CLOSED, *_COLONS))


def _holds_values(row: SheetRow) -> bool:
    """Return whether a row holds a cell of numbers alone: such a row names no columns."""
    return any(one is not None and _VALUE.fullmatch(one.text.strip()) for one in row.slots)


def _notes(rows: Sequence[SheetRow]) -> Iterator[SheetRow]:
    """Yield the sentences that stand right below the rows of a table, the last one first."""
    for row in reversed(rows):
        if row.hidden or len(row.filled) != 1 or not row.text.endswith(_CLOSED) or len(row.text) <= _NOTE_CHARS:
            return
        yield row


def _gap(table: _Table) -> str:
    """Return that two tables may stand side by side; empty where no column without a cell stands between others."""
    first, last = table.columns
    used = {index + step for row in table.rows for index in row.filled for step in range(_colspan(row, index))}
    if any(index not in used for index in range(first + 2, last - 1)):
        return "an empty column parts it, and nobody can tell one table from two side by side; remove it, or put one below the other"
    return ""


def _above_header(table: _Table) -> str:
    """Return that the first row may stand above the one that names the columns; empty where it does not look so.

    It leaves out columns that the next one names, and digits stand below that alone: a title in two cells, or names of groups of columns.
    """
    if len(table.rows) < _TITLED_ROWS:
        return ""
    first, header, values = table.rows[:_TITLED_ROWS]
    merged = any(one is None or one.rowspan > 1 or one.colspan > 1 for row in (first, header) for one in row.slots)
    if merged or first.hidden or header.hidden or len(header.filled) <= len(first.filled):
        return ""
    if _holds_digits(header) or not _holds_digits(values):
        return ""
    return "the row above the names of its columns may be a title or name groups of them; merge its cells, or put a blank row below a title"


def _holds_digits(row: SheetRow) -> bool:
    return any(one is not None and _DIGIT.search(one.text) for one in row.slots)


def _split(table: _Table) -> str:
    """Return that a cell was split: a row has more cells than the first one, which names the columns. Empty where none has."""
    longest = max((row.filled[-1] + 1 for row in table.rows if row.filled), default=0)
    if longest <= table.width:
        return ""
    said = f"a row of it has {longest} cells, and its first one {table.width}"
    return f"{said}; put quotation marks around a cell that holds what parts cells"


def _colspan(row: SheetRow, index: int) -> int:
    one = row.slots[index]
    return one.colspan if one is not None else 1
