"""A table of a document beside the rules of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from extract.model import Document, Finding, Grid, TableReport, Trace, Verdict
from extract.publish.explain import reference
from extract.publish.published import RowKey, key_of
from extract.publish.review.common import common_of
from extract.publish.review.tables import Quotes, rows_of
from extract.publish.review.values import Quote, ReviewRow, ReviewRule, ReviewTable

# A table without rules is shown only to explain its reason. Its first rows are enough for that.
_OTHER_ROWS = 5
_DOUBTFUL_ROWS = 30
# All of them together, in characters: the size of the page goes with the rules. A cell counts for its markup, too.
_ROOM = 250_000
_CELL = 60
_LIMITS: Mapping[Verdict, int] = {"no-rules": _OTHER_ROWS, "doubtful": _DOUBTFUL_ROWS}

_LINKED = ("https://", "http://")


class Known(NamedTuple):
    """What is looked up at the places of a run."""

    # Rules by the first of their rows.
    first: Mapping[RowKey, list[ReviewRule]]
    # Rules by their other rows.
    further: Mapping[RowKey, list[ReviewRule]]
    # Findings by path, table and row.
    own: Mapping[tuple[str, int | None, int | None], list[Finding]]
    related: Mapping[tuple[str, int | None, int | None], list[Finding]]


class Room:
    """What is left for the cells of tables without rules."""

    def __init__(self) -> None:
        self.left = _ROOM

    def holds(self, rows: Iterable[ReviewRow]) -> bool:
        """Return whether there is room for some rows, and take it."""
        size = sum(_CELL + sum(map(len, cell.lines)) for row in rows for cell in row.cells)
        if size > self.left:
            return False
        self.left -= size
        return True


def grid_of(grids: tuple[Grid, ...], table: TableReport) -> Grid | None:
    """Return the grid that a report is about, None when reading gives another one there."""
    grid = grids[table.table - 1] if table.table <= len(grids) else None
    return grid if grid is not None and len(grid.rows) == table.header_rows + table.data_rows else None


def table_of(known: Known, document: Document, table: TableReport, grid: Grid | None, unread: bool, room: Room) -> ReviewTable:
    """Return a table of a document; `grid` is None where its source cannot be shown, `unread` says that this holds for the document."""
    head, rows = _rows(known, document, table, grid)
    if table.verdict != "rules" and not room.holds((*head, *rows)):
        head, rows = (), ()
    rules = [rule for row in rows for rule in row.rules]
    urls = [one.url for rule in rules for one in rule.entry.evidence if (one.document, one.table) == (document.id, table.table)]
    changed = "this version of docrules reads another table there, so its source is not shown; run docrules again"
    return ReviewTable(
        number=table.table,
        line=table.line,
        at=table.at,
        title=table.title,
        caption=grid.caption if grid is not None else "",
        verdict=table.verdict,
        reason=table.reason,
        columns=table.columns,
        width=grid.width if grid is not None else 0,
        head=head,
        rows=rows,
        data_rows=table.data_rows,
        hidden=grid is not None and grid.hidden,
        quotes=tuple(_quotes(rules, document.id)),
        findings=tuple(known.own.get((document.path, table.table, None), ())),
        common=common_of(rows),
        url=linked(next(iter(urls), None)),
        problem=changed if grid is None and not unread else "",
    )


def _rows(known: Known, document: Document, table: TableReport, grid: Grid | None) -> tuple[tuple[ReviewRow, ...], tuple[ReviewRow, ...]]:
    """Return the rows of the header and those of the data. Without a source, rows have no cells but for those that rules quote."""
    limit = min(table.data_rows, _LIMITS.get(table.verdict, table.data_rows))
    reasons = {row: outcome.reason for outcome in table.no_rule for row in outcome.rows}
    if grid is None:
        return (), tuple(_row(known, RowKey(document.id, table.table, row), document.path, 0, reasons) for row in range(1, limit + 1))
    said = _said(known, document.id, table)
    head: list[ReviewRow] = []
    data: list[ReviewRow] = []
    for index, (row, cells) in enumerate(rows_of(grid, table.header_rows, table.header_rows + limit, said)):
        number = max(index - table.header_rows + 1, 0)
        found = _row(known, RowKey(document.id, table.table, number), document.path, 0 if table.at else row.line, reasons)
        (data if number else head).append(found._replace(cells=cells, surplus=row.surplus, hidden=row.hidden))
    return tuple(head), tuple(data)


def _row(known: Known, key: RowKey, path: str, line: int, reasons: Mapping[int, str]) -> ReviewRow:
    rules, repeated = known.first.get(key, ()), known.further.get(key, ())
    stated = [one for rule in (*rules, *repeated) for one in rule.entry.evidence if key_of(one) == key]
    place = path, key.table, key.row
    return ReviewRow(
        number=key.row,
        line=line or next((one.line for one in stated), 0),
        cells=(),
        surplus=(),
        hidden=False,
        rules=tuple(rules),
        repeated=tuple(repeated),
        no_rule=reasons.get(key.row, ""),
        findings=tuple(known.own.get(place, ())) if key.row else (),
        related=tuple(known.related.get(place, ())) if key.row else (),
        at=next((one.at for one in stated), None),
    )


def _said(known: Known, document: str, table: TableReport) -> Quotes:
    """Return which cells are quoted by values that were corrected or patched."""
    found: dict[int, dict[str, dict[str, None]]] = {}
    for number in range(1, table.data_rows + 1):
        key = RowKey(document, table.table, number)
        for rule in (*known.first.get(key, ()), *known.further.get(key, ())):
            for mark in rule.marks:
                if mark.word != "inferred" and mark.said:
                    found.setdefault(number, {}).setdefault(mark.said, {})[mark.word] = None
    return found


def _quotes(rules: Iterable[ReviewRule], document: str) -> Iterator[Quote]:
    """Yield the lines of a document, outside of their rows, that rules of a table rest on.

    The spellings of a name are told where it is used.
    """
    gave: dict[tuple[int, str, str], Counter[str]] = {}
    for trace in (trace for rule in rules for trace in rule.entry.trace if trace.kind != "alias"):
        found = reference(trace)
        if found is not None and found.document == document:
            gave.setdefault((found.line, found.said, trace.at or ""), Counter())[_gave(trace)] += 1
    for (line, said, at), values in sorted(gave.items()):
        yield Quote(line, said, tuple(values), at or None)


def _gave(trace: Trace) -> str:
    if trace.kind != "context":
        return f"{trace.field} {trace.became} (in a correction)"
    return trace.field if trace.became == trace.said else f"{trace.field} {trace.became}"


def linked(url: str | None) -> str:
    """Return an address that a page may link to, empty when there is none: a scheme that does something is no address."""
    return url if url is not None and url.lower().startswith(_LINKED) else ""
