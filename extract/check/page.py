"""What the rows of one page state, checked and accounted for, ready to be put together with that of other pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from extract.catalogue import finding
from extract.cells.reading import Cells
from extract.check import account
from extract.check.severity import weighed
from extract.check.stated import Accounted, Described, Result, Stated
from extract.interpret.fields import evidence_names
from extract.model import Draft, Evidence, Finding, Page, RowOutcome, TableReading
from extract.read import anchors
from extract.regex import late
from extract.rows import Prose, RowRead
from extract.rows.row import Candidate

RowCheck = Callable[[Draft, Sequence[Candidate], Cells], Iterable[Finding]]
"""What looks at one row, at what it states and at what its cells say, and says what a person should know."""

# A finding that lists reasons names so many of them.
_REASONS = 5
# How they name a line: alone, or in front of what stands there.
_LINE = late(r"\bline (\d{1,9})(?=\Z| ['\"(])")


def check(
    page: Page,
    readings: Sequence[TableReading],
    prose: Prose,
    read: Sequence[Sequence[RowRead]],
    cells: Cells,
    checks: Sequence[RowCheck],
) -> Result:
    """Return what a page gives: the candidates of its rows with their places, the account of its tables, and its findings.

    `read` holds what the drafts of each reading state, and `cells` what the cells of the page say; `checks` are run on each row that
    states something.
    """
    drafted = any(reading.drafts for reading in readings)
    # If no row states anything, the text around the tables is not needed. For most pages it is never read.
    urls = anchors.links(page) if drafted else {}
    stated: list[Stated] = []
    described: dict[str, Described] = {}
    tables: list[Accounted] = []
    findings = [
        *_numbered(page, readings),
        *(page.prose().findings if drafted else ()),
        *(found for reading in readings for found in reading.findings),
    ]
    for reading, rows in zip(readings, read, strict=True):
        for one in rows:
            draft, result = one.draft, one.result
            findings.extend(result.findings)
            if not result.candidates:
                continue
            findings.extend(found for row_check in checks for found in row_check(draft, result.candidates, cells))
            place = Evidence(page.document.id, draft.table, draft.row, draft.line, draft.cells, urls[draft.table], page.at.get(draft.line))
            stated.extend(Stated(page.document, place, _placed(candidate, page)) for candidate in result.candidates)
            if owner := draft.facts.get("owner"):
                described.setdefault(owner.value, Described(page.document, owner.value, owner.line, owner.text, page.at.get(owner.line)))
        accounted, empty = _accounted(reading, rows)
        tables.append(accounted)
        findings.extend(empty)
    findings.extend(_without_rules(page, readings, bool(stated), bool(findings)))
    filled = tuple(map(_Cells(page, readings).fill, weighed(findings, page, readings, cells)))
    if page.at:
        filled = tuple(msgspec.structs.replace(found, message=_in_words(found.message, page.at)) for found in filled)
    return Result(page.document, tuple(stated), tuple(described.values()), prose.statements, _of_their_own(tables), filled, page.at)


def _of_their_own(tables: Iterable[Accounted]) -> tuple[Accounted, ...]:
    """Return the account of the tables without those that lay out a list in a cell of another one."""
    return tuple(table for table in tables if not table.reading.listed)


def _accounted(reading: TableReading, rows: Sequence[RowRead]) -> tuple[Accounted, list[Finding]]:
    """Return the account of a table, in which each row stands once, and a finding for each row that was read and states nothing."""
    ruled = {one.draft.row for one in rows if one.result.candidates}
    outcomes = {outcome.row: outcome for outcome in reading.no_rule}
    empty: dict[int, Finding] = {}
    for one in rows:
        draft, result = one.draft, one.result
        if not result.candidates:
            outcomes.setdefault(draft.row, RowOutcome(draft.row, draft.line, result.no_rule))
            empty.setdefault(draft.row, finding("row-without-rule", result.no_rule, line=draft.line, table=draft.table, row=draft.row))
    without = tuple(outcome for row, outcome in outcomes.items() if row not in ruled)
    account.check_rows(reading, ruled, [outcome.row for outcome in without])
    bare = msgspec.structs.replace(reading, drafts=(), no_rule=(), findings=())
    return Accounted(bare, without), [found for row, found in empty.items() if row not in ruled]


def _placed(candidate: Candidate, page: Page) -> Candidate:
    """Return a candidate whose traces say of which document the lines are that they name; rows know lines alone."""
    if all(trace.line is None for trace in candidate.trace):
        return candidate
    document, at = page.document.id, page.at
    placed = [one if one.line is None else msgspec.structs.replace(one, document=document, at=at.get(one.line)) for one in candidate.trace]
    trace = tuple([msgspec.structs.replace(one, why=_in_words(one.why, at)) for one in placed] if at else placed)
    return msgspec.structs.replace(candidate, trace=trace)


def _in_words(text: str, at: Mapping[int, str]) -> str:
    """Return what a check or a trace says with the places that its lines stand for, in a document without lines that people count."""
    return _LINE.sub(lambda match: at.get(int(match[1]), match[0]), text)


def _without_rules(page: Page, readings: Sequence[TableReading], ruled: bool, explained: bool) -> Iterator[Finding]:
    """Yield a note when no rule can come of a page, unless another finding says why."""
    if not page.grids and not explained:
        yield finding("no-table", "this document holds no table, so no rule can come of it")
    elif readings and not ruled and not any(reading.verdict == "doubtful" for reading in readings):
        readings = [reading for reading in readings if not reading.listed]
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
        # Table -> row -> its drafts, for the tables that were asked for.
        self._drafts: dict[int, dict[int, list[Draft]]] = {}
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
