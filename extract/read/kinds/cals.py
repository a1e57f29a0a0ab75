"""The cells of a CALS table with the columns and rows that they take (OASIS Exchange Table Model, TR 9503), as in DocBook and DITA."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from extract.read.kinds.xml_source import local

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# As wide as a row of HTML is read (`grid.MAX_CELLS`).
_MAX_COLUMNS = 256
# WHATWG HTML, 4.9.11 "Attributes common to td and th elements".
_MAX_ROWS = 65534
# Cells that fill the columns which entries pass over by their names; a document of tables does with a few hundred.
_MAX_FILLED = 400_000
_ENTRIES = frozenset({"entry", "entrytbl"})
_GROUPS = frozenset({"thead", "tbody", "tfoot"})


class Span(msgspec.Struct, frozen=True):
    """What an entry takes in: columns, rows, and how many empty cells stand in front of it."""

    across: int
    down: int
    skipped: int


class Layout(msgspec.Struct):
    """The spans of the entries of a table, and why its grid is uncertain, empty where it is not."""

    spans: dict[Element, Span]
    doubt: str = ""


class _Columns(msgspec.Struct, frozen=True):
    """The columns of a group of rows: how many there are, the number of each name, the first and the last of each name of a span."""

    count: int
    numbers: dict[str, int]
    spans: dict[str, tuple[str, str]]


class Filler:
    """Counts the cells that the tables of a document have filled in: few bytes could ask for very many."""

    def __init__(self) -> None:
        self._left = _MAX_FILLED

    def takes(self, count: int) -> bool:
        """Return whether so many cells more may be filled in, and count them."""
        self._left -= count
        return self._left >= 0


def lay_out(group: Element, filler: Filler) -> Layout:
    """Return where the entries of a `tgroup` or an `entrytbl` stand."""
    layout = Layout({})
    columns = _columns(group, None)
    for part in group:
        if local(part) in _GROUPS:
            _Rows(_columns(part, columns), layout, filler).read(part)
    return layout


def _columns(group: Element, around: _Columns | None) -> _Columns:
    """Return the columns that a group of rows declares, else those of the group around it."""
    numbers: dict[str, int] = {}
    last = 0
    for spec in group.iterchildren("{*}colspec"):
        last = _number(spec.get("colnum"), last + 1)
        if name := spec.get("colname"):
            numbers[name] = last
    if around is not None and not numbers:
        return around
    # A column without a name is called by its number in DITA.
    count = _number(group.get("cols"), around.count if around is not None else last)
    for number in range(1, min(count, _MAX_COLUMNS) + 1):
        numbers.setdefault(f"col{number}", number)
    spans = {spec.get("spanname", ""): (spec.get("namest", ""), spec.get("nameend", "")) for spec in group.iterchildren("{*}spanspec")}
    return _Columns(count, numbers, {**around.spans, **spans} if around is not None else spans)


def _number(text: str | None, otherwise: int) -> int:
    """Return a number that is written in plain digits."""
    digits = (text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else otherwise


class _Rows:
    """Places the entries of the rows of one group."""

    def __init__(self, columns: _Columns, layout: Layout, filler: Filler) -> None:
        self._columns = columns
        self._layout = layout
        self._filler = filler
        # For each column, how many rows below are taken by an entry above.
        self._taken: dict[int, int] = {}

    def read(self, group: Element) -> None:
        """Place the entries of a group: no span leaves it."""
        for row in group.iterchildren("{*}row"):
            self._row(row)

    def _row(self, row: Element) -> None:
        column, new = 1, dict[int, int]()
        for entry in row:
            if local(entry) not in _ENTRIES:
                continue
            column = self._free(column)
            first, last = self._place(entry, column)
            skipped = sum(1 for number in range(column, first) if not self._taken.get(number)) if first > column else 0
            if not self._filler.takes(skipped):
                self._doubt("its entries pass over more columns than are filled in")
                first, last, skipped = column, column, 0
            down = min(_number(entry.get("morerows"), 0) + 1, _MAX_ROWS)
            if any(self._taken.get(number) for number in range(first, last + 1)):
                self._doubt("an entry stands where one of a row above reaches down to")
            self._layout.spans[entry] = Span(last - first + 1, down, skipped)
            new.update((number, down) for number in range(first, min(last, _MAX_COLUMNS) + 1))
            column = last + 1
        if self._columns.count and column - 1 > self._columns.count:
            self._doubt(f"a row has more entries than the {self._columns.count} columns that the table declares")
        for number, rows in new.items():
            self._taken[number] = max(self._taken.get(number, 0), rows)
        self._taken = {number: rows - 1 for number, rows in self._taken.items() if rows > 1}

    def _free(self, column: int) -> int:
        while self._taken.get(column):
            column += 1
        return column

    def _place(self, entry: Element, column: int) -> tuple[int, int]:
        """Return the first and the last column of an entry, which stands in a column when it says nothing of one."""
        start, end = self._names(entry)
        first, last = self._numbered(start, column), self._numbered(end, 0)
        if first < column:
            self._doubt(f"an entry names the column {start}, which another one has taken")
            first = column
        last = max(last, first) if not start or last >= first else self._reversed(start, end, first)
        if last > _MAX_COLUMNS:
            self._doubt(f"its entries name a column beyond the {_MAX_COLUMNS}th")
            return column, column
        return first, last

    def _names(self, entry: Element) -> tuple[str, str]:
        """Return the names of the first and of the last column of an entry; empty where it names none."""
        if span := entry.get("spanname"):
            if span in self._columns.spans:
                return self._columns.spans[span]
            self._doubt(f"an entry names the span {span}, which the table does not declare")
        start = entry.get("namest") or entry.get("colname") or ""
        return start, entry.get("nameend") or start

    def _numbered(self, name: str, otherwise: int) -> int:
        if not name:
            return otherwise
        if name not in self._columns.numbers:
            self._doubt(f"an entry names the column {name}, which the table does not declare")
        return self._columns.numbers.get(name, otherwise)

    def _reversed(self, start: str, end: str, first: int) -> int:
        if end in self._columns.numbers:
            self._doubt(f"an entry reaches from column {start} back to {end}")
        return first

    def _doubt(self, why: str) -> None:
        self._layout.doubt = self._layout.doubt or why


def attributes(span: Span) -> Mapping[str, object]:
    """Return the attributes of HTML for what an entry takes in."""
    return dict(_spans(span))


def _spans(span: Span) -> Iterator[tuple[str, object]]:
    if span.across > 1:
        yield "colspan", span.across
    if span.down > 1:
        yield "rowspan", span.down
