"""One page through interpreting and normalizing: what its rows state, and the findings about it, ready to be put together with others."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec

from extract.catalogue import finding
from extract.check import account, directions, labels
from extract.check.stated import Accounted, Described, Result, Stated
from extract.interpret import read_tables
from extract.interpret.drafts import evidence_names
from extract.model import Draft, Evidence, Finding, Page, RowOutcome, TableReading
from extract.normalize import limits, rows, statements
from extract.normalize.statements import Statement
from extract.read import anchors

_NO_EVIDENCE = statements.Evidence(())
# A finding that lists reasons names so many of them.
_REASONS = 5


def normalize(page: Page) -> Result:
    """Return what a page gives."""
    document = page.document
    readings = read_tables(page)
    drafted = any(reading.drafts for reading in readings)
    # Where no row states anything, nobody asks for the text around the tables: of most pages it is not even looked at.
    urls = anchors.links(page) if drafted else {}
    said = statements.read(_prose(page, readings)) if drafted else ()
    sections = functools.cache(partial(_Sections, page, said))
    stated: list[Stated] = []
    described: dict[str, Described] = {}
    tables: list[Accounted] = []
    room = limits.Room(partial(_characters, page))
    findings = [
        *_numbered(page, readings),
        *(page.prose().findings if drafted else ()),
        *(found for reading in readings for found in reading.findings),
    ]
    for reading in readings:
        outcomes = {outcome.row: outcome for outcome in reading.no_rule}
        ruled: set[int] = set()
        empty: dict[int, Finding] = {}
        evidence = sections().around(reading.line) if reading.drafts else _NO_EVIDENCE
        for written in reading.drafts:
            draft, result = _row(written, evidence, room)
            if result.findings:
                findings.extend(result.findings)
            if not result.candidates:
                outcomes.setdefault(draft.row, RowOutcome(draft.row, draft.line, result.no_rule))
                empty.setdefault(draft.row, finding("row-without-rule", result.no_rule, line=draft.line, table=draft.table, row=draft.row))
                continue
            ruled.add(draft.row)
            findings.extend(labels.check(draft, result.candidates))
            findings.extend(directions.check(draft, result.candidates))
            place = Evidence(document.id, draft.table, draft.row, draft.line, draft.cells, urls[draft.table])
            stated.extend(Stated(document, place, candidate) for candidate in result.candidates)
            if draft.near:
                described.setdefault(draft.near.value, Described(document, draft.near.value, draft.near.line))
        without = tuple(outcome for row, outcome in outcomes.items() if row not in ruled)
        findings.extend(found for row, found in empty.items() if row not in ruled)
        account.check_rows(reading, ruled, [outcome.row for outcome in without])
        tables.append(Accounted(msgspec.structs.replace(reading, drafts=(), no_rule=(), findings=()), without))
    findings.extend(_without_rules(page, readings, bool(stated), bool(findings)))
    filled = tuple(map(_Cells(page, readings).fill, findings))
    return Result(document, tuple(stated), tuple(described.values()), said, tuple(tables), filled)


def _row(draft: Draft, evidence: statements.Evidence, room: limits.Room) -> tuple[Draft, rows.RowResult]:
    """Return a row as it is to be shown, and what it states."""
    if limits.is_small(draft) or room.holds(draft):
        return draft, rows.normalize(draft, evidence, room)
    shown = msgspec.structs.replace(draft, cells=limits.cut(draft.cells))
    return shown, rows.unread(draft, limits.TOO_MUCH, shown.cells)


def _characters(page: Page) -> int:
    """Count the characters of the cells of a page; one that spans rows counts once."""
    cells = {id(cell): cell for grid in page.grids for row in grid.rows for cell in row.slots if cell is not None}
    return sum(sum(map(len, cell.lines)) for cell in cells.values())


def _without_rules(page: Page, readings: Sequence[TableReading], ruled: bool, explained: bool) -> Iterator[Finding]:
    """Yield a note when no rule can come of a page, unless another finding says why."""
    if not page.grids and not explained:
        yield finding("no-table", "this document holds no table, so no rule can come of it")
    elif readings and not ruled and not any(reading.verdict == "doubtful" for reading in readings):
        reasons = "; ".join(
            f"table {reading.number}: {reading.reason if reading.verdict != 'rules' else 'none of its rows states a rule'}"
            for reading in readings[:_REASONS]
        )
        more = f"; and {len(readings) - _REASONS} more" if len(readings) > _REASONS else ""
        yield finding("no-rule-table", f"none of the tables of this document holds rules: {reasons}{more}")


def _numbered(page: Page, readings: Sequence[TableReading]) -> Iterator[Finding]:
    """Yield the findings of reading with the row numbers of the evidence: reading counts from the header that the markup declares."""
    for found in page.findings:
        if found.table is None or found.row is None:
            yield found
            continue
        shift = page.grids[found.table - 1].head_rows - readings[found.table - 1].header_rows
        row = found.row + shift
        yield msgspec.structs.replace(found, row=row if row > 0 else None)


class _Cells:
    """The cells of the rows of a page: those of a row's drafts where it has any, else those of the grid."""

    def __init__(self, page: Page, readings: Sequence[TableReading]) -> None:
        self._page, self._readings = page, readings
        self._drafts: dict[int, dict[int, list[Draft]]] = {}
        # Table -> row -> its drafts, for the tables that were asked for.
        self._names: dict[int, tuple[str, ...]] = {}

    def fill(self, found: Finding) -> Finding:
        """Return a finding about a row with the cells of the row."""
        if found.table is None or found.row is None or found.cells:
            return found
        if found.table not in self._drafts:
            drafts: dict[int, list[Draft]] = {}
            for draft in self._readings[found.table - 1].drafts:
                drafts.setdefault(draft.row, []).append(draft)
            self._drafts[found.table] = drafts
        of_row = self._drafts[found.table].get(found.row, ())
        drafted = next((draft.cells for draft in of_row if draft.line == (found.line or draft.line)), None)
        return msgspec.structs.replace(found, cells=drafted if drafted is not None else self._of_grid(found.table, found.row))

    def _of_grid(self, table: int, row: int) -> dict[str, str]:
        grid, reading = self._page.grids[table - 1], self._readings[table - 1]
        index = reading.header_rows + row - 1
        if index >= len(grid.rows):
            return {}
        if table not in self._names:
            headers = {column.index: column.header for column in reading.columns}
            self._names[table] = evidence_names([headers.get(number, "") for number in range(grid.width)])
        slots = grid.rows[index].slots
        return {name: cell.text if cell is not None else "" for name, cell in zip(self._names[table], slots, strict=True)}


class _Sections:
    """The sections of a page: a sentence is evidence for the tables below its own heading, and not for those of other sections."""

    def __init__(self, page: Page, said: Sequence[Statement]) -> None:
        self._lines: list[int] = []
        self._paths: list[tuple[int, ...]] = []
        # The lines of the headings that a section is under, for each heading.
        path: list[tuple[int, int]] = []
        for block in page.blocks:
            if block.kind == "heading" and not block.scope:
                path = [*(one for one in path if one[0] < block.level), (block.level, block.line)]
                self._lines.append(block.line)
                self._paths.append(tuple(line for _, line in path))
        self._said: dict[tuple[int, ...], list[Statement]] = {}
        self._evidence: dict[tuple[int, ...], statements.Evidence] = {}
        # Of the sections that were asked for, and of those around them.
        for statement in said:
            self._said.setdefault(self._path(statement.line), []).append(statement)

    def _path(self, line: int) -> tuple[int, ...]:
        index = bisect.bisect_right(self._lines, line) - 1
        return self._paths[index] if index >= 0 else ()

    def around(self, line: int) -> statements.Evidence:
        """Return the statements of the section that a line is in, and of the sections around that one, innermost first."""
        return self._of(self._path(line))

    def _of(self, path: tuple[int, ...]) -> statements.Evidence:
        if path not in self._evidence:
            self._evidence[path] = statements.Evidence(self._said.get(path, ()), self._of(path[:-1]) if path else None)
        return self._evidence[path]


def _prose(page: Page, readings: Sequence[TableReading]) -> Iterator[tuple[str, int]]:
    """Yield the sentences of a page with their lines: blocks, and the cells of tables that are no rule tables."""
    for block in page.blocks:
        if block.kind in ("paragraph", "item", "strong") and not block.scope:
            yield block.text, block.line
    for reading in readings:
        if reading.verdict == "no-rules":
            for row in page.grids[reading.number - 1].rows:
                for cell in dict.fromkeys(row.slots):
                    if cell is not None:
                        yield cell.text, cell.line
