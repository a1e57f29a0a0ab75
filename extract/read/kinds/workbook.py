"""Excel workbooks (Office Open XML, ECMA-376): each visible sheet as a heading with its tables, cells as people see them."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from extract.catalogue import finding
from extract.model import Finding
from extract.read.kinds import package, tabular
from extract.read.kinds.converted import Converted
from extract.read.kinds.markup import Writer
from extract.read.kinds.tabular import SheetCell, SheetRow
from extract.read.kinds.workbook_cells import Value, shown
from extract.read.kinds.workbook_looks import LEAST_HEIGHT, LEAST_WIDTH, Look
from extract.read.refused import refused
from extract.regex import late

# openpyxl takes some 500 bytes for a cell. The largest list of ports that we know has 5,000 rows of 12 cells.
MAX_CELLS = 300_000
# A merged range has a cell for each of its slots, and a sheet has 17 thousand million of them.
MAX_MERGED = 300_000
# As many as the grid of a table may have.
MAX_SLOTS = 4_000_000
# The last row that a sheet has (ECMA-376-1, 18.3.1.73), and a cell beyond it is none.
_MAX_ROW = 1_048_576
# A finding names so many places.
_NAMED = 5
# A part may have any name: what it is, another part says.
_SHEETS = late(rb"(?s:.*)")
_CELL = late(rb"<(?:[\w.-]{1,40}:)?c[\s/>]")
_MERGED = late(rb"<(?:[\w.-]{1,40}:)?mergeCell\b")
_RANGE = late(rb"<(?:[\w.-]{1,40}:)?mergeCell\s[^<>]*?\bref\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?[\"']")
# What a sheet shows on top of its cells (ECMA-376-1, 20.5), and text in it.
_DRAWING = b"/spreadsheetDrawing"
_BOXED = late(rb"<(?:[\w.-]{1,40}:)?t>\s*+[^<\s]")
_FORMULA = late(rb"<(?:[\w.-]{1,40}:)?f[\s/>]")
# Programs that write formulas and do not compute them say so, and write a zero for the value (ECMA-376-1, 18.2.2 "calcPr").
_COMPUTED_LATER = late(rb"<(?:[\w.-]{1,40}:)?calcPr\s[^<>]*?\bfullCalcOnLoad\s*=\s*[\"'](?:1|true)[\"']")


def convert(data: bytes) -> Converted:
    """Return the visible sheets of a workbook. Macros, charts, text boxes, comments, headers and footers are no part of it.

    Raises RefusedError for what is no workbook, asks for a password, is damaged, or is too large.
    """
    formulas, later, boxes = _check(data)
    book = _load(data, values=True)
    # Where a formula stands without the value that it had when somebody saved it, nobody but Excel knows it.
    unsaved = _load(data, values=False) if formulas else None
    writer = Writer()
    findings: list[Finding] = []
    uncertain: dict[int, str] = {}
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in shown:
        one = _Sheet(sheet, unsaved[sheet.title] if unsaved is not None else None, writer, later=later)
        uncertain |= one.write(alone=len(shown) == 1)
        findings += one.findings()
    if hidden:
        findings.append(finding("hidden-content", f"{_listed('sheet', list(map(repr, hidden)))} hidden and not read"))
    if boxes:
        message = "this workbook holds text boxes or shapes with text, which was not read; it may take back what cells say"
        findings.append(finding("part-not-read", message))
    return writer.converted(findings, uncertain)


def _check(data: bytes) -> tuple[bool, bool, bool]:
    """Return whether a workbook holds formulas, whether their values are to be computed when it is opened, and whether shapes hold text.

    Raises RefusedError for one that must not be given to its library.
    """
    parts = package.parts(data, "workbook", "[Content_Types].xml", "xl/workbook.xml")
    cells, merged, formulas, later, boxes = 0, 0, False, False, False
    for name in parts.names(_SHEETS):
        content = parts.read(name)
        cells += sum(1 for _ in _CELL.finditer(content))
        merged += _merged(content)
        formulas = formulas or _FORMULA.search(content) is not None
        boxes = boxes or (_DRAWING in content and _BOXED.search(content) is not None)
        later = later or _COMPUTED_LATER.search(content) is not None
    if cells > MAX_CELLS:
        raise refused(
            f"this workbook holds more than {MAX_CELLS:,} cells ({cells:,}); save the sheets with rules in a workbook of their own"
        )
    if merged > MAX_MERGED:
        raise refused(f"the merged cells of this workbook cover more than {MAX_MERGED:,} cells; unmerge those that hold no rules")
    return formulas, later, boxes


def _merged(content: bytes) -> int:
    """Return how many cells the merged ranges of a sheet cover. Raises RefusedError where one is not written as Excel writes it."""
    ranges = [match.groups() for match in _RANGE.finditer(content)]
    if len(ranges) != sum(1 for _ in _MERGED.finditer(content)):
        raise refused("a merged range of this workbook is not written as Excel writes it; save it with Excel again", code="broken-document")
    size = 0
    for left, top, right, bottom in ranges:
        if right is not None:
            size += max(_column(right) - _column(left) + 1, 0) * max(int(bottom) - int(top) + 1, 0)
    return size


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _load(data: bytes, *, values: bool) -> Any:
    """Return a workbook of openpyxl, with the values of its formulas or with these. Raises RefusedError for one that is damaged."""
    import openpyxl  # noqa: PLC0415 - it takes 200 ms to import

    try:
        with warnings.catch_warnings():
            # About what it does not keep when it writes a workbook, which nobody does here.
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(data), data_only=values, keep_links=False, rich_text=values)
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise refused(f"this workbook is damaged ({said}); save it with Excel again", code="broken-document") from error


class _Sheet:
    """One visible sheet."""

    def __init__(self, sheet: Any, unsaved: Any, writer: Writer, *, later: bool) -> None:
        """Take a sheet with values, the same with formulas where it may hold some, and where to write. Raises RefusedError.

        `later` says that the values of formulas are not those that readers see.
        """
        self._sheet, self._unsaved, self._writer, self._later = sheet, unsaved, writer, later
        self._hidden = _hidden_columns(sheet)
        self._look = Look(sheet)
        self._white = [cell for cell in sheet._cells.values() if self._look.is_white(cell)]
        self._values = self._all_values()
        cells = {place: value for place, value in self._values.items() if value.text}
        merged = [one for one in sheet.merged_cells.ranges if (one.min_row, one.min_col) in cells]
        self._cells: Mapping[tuple[int, int], Value] = cells
        self._rows = sorted({row for row, _ in cells} | {row for one in merged for row in range(one.min_row, one.max_row + 1)})
        if self._rows and self._rows[-1] > _MAX_ROW:
            raise refused(f"a cell lies outside of sheet {sheet.title!r}; save the workbook with Excel again", code="broken-document")
        self._shown = self._columns(merged)
        if len(self._rows) * len(self._shown) > MAX_SLOTS:
            raise refused(f"the cells of sheet {sheet.title!r} are too far apart; save its tables in a workbook of their own")
        # Where a merged cell that holds text begins: its value, and how far it goes. And all that such cells cover.
        self._spans: dict[tuple[int, int], SheetCell] = {}
        self._covered: set[tuple[int, int]] = set()
        for one in merged:
            self._span(one)
        self._places: dict[int, int] = {}

    def _all_values(self) -> dict[tuple[int, int], Value]:
        unseen = {(cell.row, cell.column) for cell in self._white}
        return {place: self._value(cell) for place, cell in self._sheet._cells.items() if place not in unseen}

    def _value(self, cell: Any) -> Value:
        may_be = self._unsaved is not None and (self._later or cell.value is None)
        formula = self._unsaved.cell(cell.row, cell.column) if may_be else None
        zeros = self._sheet.sheet_view.showZeros is not False
        return shown(cell, formula.value if formula is not None and formula.data_type == "f" else None, zeros=zeros)

    def _columns(self, merged: Sequence[Any]) -> list[int]:
        """Return the columns that are shown and hold something; of several empty ones beside each other the first."""
        used = {column for _, column in self._cells} | {column for one in merged for column in range(one.min_col, one.max_col + 1)}
        seen = sorted(used - self._hidden)
        gaps = [
            before + 1 for before, column in itertools.pairwise(seen) if any(one not in self._hidden for one in range(before + 1, column))
        ]
        return sorted({*seen, *gaps})

    def _span(self, one: Any) -> None:
        columns = [column for column in self._shown if one.min_col <= column <= one.max_col]
        if not columns:
            return
        value = self._cells[one.min_row, one.min_col]
        rows = range(one.min_row, one.max_row + 1)
        self._covered.update((row, column) for row in rows for column in columns)
        self._spans[one.min_row, columns[0]] = SheetCell(value.text, len(columns), len(rows), value.markup)

    def write(self, *, alone: bool) -> Mapping[int, str]:
        """Write the sheet, and return the tables of which the grid is uncertain.

        The name of the only sheet is the title of the page. One of several is a section, and a section in it: what a sheet says above its
        first table is about this sheet, and not about the whole page.
        """
        if not self._rows:
            return {}
        place = self._writer.named(f"sheet {self._sheet.title}")
        levels = ("title",) if alone else ("h1", "h2")
        for tag in levels:
            self._writer.block(tag, self._sheet.title, place)
        first = self._writer.tables + 1
        uncertain = tabular.write(self._writer, self._sheet_rows(), 0 if alone else len(levels))
        if self._look.strikes:
            why = "its sheet strikes out cells on conditions, which are not computed here"
            return dict.fromkeys(range(first, self._writer.tables + 1), why)
        return uncertain

    def _sheet_rows(self) -> Iterator[SheetRow]:
        before = 0
        for row in self._rows:
            if row > before + 1:
                # Of the blank rows, one parts the tables.
                yield SheetRow(1, ())
            before = row
            first = next((column for column in self._shown if (row, column) in self._cells), 1)
            self._places[row] = self._writer.named(f"sheet {self._sheet.title}, {_name(first)}{row}")
            yield SheetRow(self._places[row], tuple(self._slot(row, column) for column in self._shown), hidden=self._is_hidden(row))

    def _slot(self, row: int, column: int) -> SheetCell | None:
        if span := self._spans.get((row, column)):
            return span
        if (row, column) in self._covered:
            return None
        found = self._cells.get((row, column))
        return SheetCell(found.text, markup=found.markup) if found is not None else SheetCell("")

    def _is_hidden(self, row: int) -> bool:
        if row not in self._sheet.row_dimensions:
            return False
        said = self._sheet.row_dimensions[row]
        return bool(said.hidden) or (said.height is not None and said.height < LEAST_HEIGHT)

    def _comments(self) -> list[str]:
        """Return the names of the cells that are shown with a comment."""
        noted = [cell for cell in self._sheet._cells.values() if cell.comment is not None]
        return [f"{_name(one.column)}{one.row}" for one in noted if one.column not in self._hidden and not self._is_hidden(one.row)]

    def findings(self) -> Iterator[Finding]:
        """Yield what people should know of the sheet."""
        title = self._sheet.title
        rows = [row for row in self._rows if self._is_hidden(row)]
        columns = sorted({column for _, column in self._cells} & self._hidden)
        hidden = [
            *([_listed("row", list(map(str, rows)))] if rows else []),
            *([_listed("column", list(map(_name, columns)))] if columns else []),
            *([_listed("cell in white on white", [cell.coordinate for cell in self._white])] if self._white else []),
        ]
        if hidden:
            message = f"{' and '.join(hidden)} hidden on sheet {title!r} and no rule was made of what stands there"
            yield finding("hidden-content", message, line=self._places[self._rows[0]] if self._rows else None)
        if noted := self._comments():
            message = f"{_listed('comment', noted)} not read on sheet {title!r}; a comment may take back what its cell says"
            yield finding("part-not-read", message, line=self._places[self._rows[0]] if self._rows else None)
        for (row, column), value in self._values.items():
            if value.code and column not in self._hidden:
                yield finding(value.code, f"{_name(column)}{row} {value.problem}", line=self._places.get(row))


def _hidden_columns(sheet: Any) -> frozenset[int]:
    """Return the numbers of the columns that are hidden. One entry may stand for several columns."""
    return frozenset(
        number
        for one in sheet.column_dimensions.values()
        if one.hidden or one.width < LEAST_WIDTH
        for number in range(one.min or 1, min(one.max or 1, 16_384) + 1)
    )


def _name(column: int) -> str:
    """Return the letters of a column."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _listed(thing: str, names: list[str]) -> str:
    """Return things with their names and a verb: `row 7 is`, `rows 7, 9 are`."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{thing}{'s' if len(names) > 1 else ''} {', '.join(names[:_NAMED])}{more} {'are' if len(names) > 1 else 'is'}"
