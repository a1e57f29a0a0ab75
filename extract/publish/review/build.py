"""From what was published, and the documents read anew, to what the review page shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from extract.check.stated import Scope, scope_of
from extract.model import Change, Document, DocumentReport, Finding, Grid, Place, TableReport, Trace
from extract.publish import originals
from extract.publish.explain import reference
from extract.publish.places import SEVERITIES
from extract.publish.published import Published, RowKey, key_of
from extract.publish.review.tables import Quotes, rows_of
from extract.publish.review.values import (
    AnyRule,
    Mark,
    Quote,
    Review,
    ReviewDocument,
    ReviewRow,
    ReviewRule,
    ReviewScope,
    ReviewTable,
    Word,
)
from extract.publish.versions import version_key
from extract.read import read

# A table without rules is shown for the reason alone: its first rows say what it is.
MAX_OTHER_ROWS = 30

_WORDS: Mapping[str, Word] = {
    "correction": "corrected",
    "repair": "corrected",
    "patch": "patched",
    "context": "inferred",
    "label": "inferred",
    "alias": "inferred",
    "reading": "inferred",
}
_LINKED = ("https://", "http://")


class _Known(NamedTuple):
    """What is looked up at the places of a run."""

    published: Published
    # Rules by the first of their rows.
    first: Mapping[RowKey, list[ReviewRule]]
    # Rules by their other rows.
    further: Mapping[RowKey, list[ReviewRule]]
    # Findings by path, table and row.
    own: Mapping[tuple[str, int | None, int | None], list[Finding]]
    related: Mapping[tuple[str, int | None, int | None], list[Finding]]


def build(published: Published, folder: Path | None, changes: tuple[Change, ...] | None = None) -> Review:
    """Return the review of a run; `folder` holds the documents, None when it is not known. Documents that differ are left without source.

    `changes` are those from an older state to this one, None when there is none.
    """
    own, related = _findings(published.reports)
    numbers = {report.id: number for number, report in enumerate(published.reports)}
    rules = tuple(_rule(published, index, entry, numbers, own.keys() | related.keys()) for index, entry in enumerate(published.entries))
    first: dict[RowKey, list[ReviewRule]] = {}
    further: dict[RowKey, list[ReviewRule]] = {}
    for rule in rules:
        for number, key in enumerate(dict.fromkeys(map(key_of, rule.entry.evidence))):
            (further if number else first).setdefault(key, []).append(rule)
    known = _Known(published, first, further, own, related)
    scopes = _scopes(published.documents.values())
    documents = tuple(
        _document(known, number, published.documents[report.id], report, scopes, folder) for number, report in enumerate(published.reports)
    )
    other = [(report.path, found) for reports in (published.patches, published.sources) for report in reports for found in report.findings]
    every = [*(found for report in published.reports for found in report.findings), *(found for _, found in other)]
    counted = Counter(found.severity for found in every)
    of_scope: dict[int, list[ReviewRule]] = {}
    for rule in rules:
        of_scope.setdefault(documents[rule.document].scope, []).append(rule)
    return Review(
        documents=documents,
        rules=rules,
        scopes=tuple(scope._replace(entries=tuple(of_scope.get(scope.number, ()))) for scope in scopes.values()),
        findings=tuple(other),
        severities={severity: counted[severity] for severity in SEVERITIES},
        changes=changes,
    )


def _scopes(documents: Iterable[Document]) -> dict[Scope, ReviewScope]:
    """Return the scopes without their rules, in the order of products, each with its newest release last."""
    ordered = sorted({scope_of(document) for document in documents}, key=lambda one: (one[:-1], version_key(one[-1])))
    newest = {scope[:-1]: scope for scope in ordered}
    return {
        scope: ReviewScope(number, f"{'/'.join(scope[:-1])} {scope[-1]}".strip(), not scope[:-1] or newest[scope[:-1]] == scope, ())
        for number, scope in enumerate(ordered)
    }


def _rule(published: Published, index: int, entry: AnyRule, numbers: Mapping[str, int], found: Iterable[object]) -> ReviewRule:
    places = tuple(Place(published.documents[one.document].path, one.line, one.table, one.row) for one in entry.evidence)
    marks = tuple(Mark(_WORDS[trace.kind], trace.field, trace.said, trace.became, trace.by, trace.why) for trace in entry.trace)
    about = any((place.document, place.table, place.row) in found for place in places)
    return ReviewRule(index, entry, numbers[entry.evidence[0].document], marks, places, about)


_ByPlace = dict[tuple[str, int | None, int | None], list[Finding]]


def _findings(reports: Iterable[DocumentReport]) -> tuple[_ByPlace, _ByPlace]:
    """Return the findings by their own places, and by the rows that they name besides."""
    own: _ByPlace = {}
    related: _ByPlace = {}
    for report in reports:
        for found in sorted(report.findings, key=lambda one: SEVERITIES.index(one.severity)):
            own.setdefault((found.document or report.path, found.table, found.row), []).append(found)
            for place in found.related:
                # A note on a row is worth reading there, and no more.
                if place.row is not None and found.severity != "note":
                    related.setdefault((place.document, place.table, place.row), []).append(found)
    return own, related


def _document(
    known: _Known, number: int, document: Document, report: DocumentReport, scopes: Mapping[Scope, ReviewScope], folder: Path | None
) -> ReviewDocument:
    data = originals.content(document, folder)
    grids = () if isinstance(data, str) else read(data, document.path).grids
    return ReviewDocument(
        number=number,
        document=document,
        scope=scopes[scope_of(document)].number,
        tables=tuple(_table(known, document, table, _grid(grids, table), isinstance(data, str)) for table in report.tables),
        findings=tuple(known.own.get((document.path, None, None), ())),
        url=linked(document.url),
        problem=f"{data}, so its source is not shown" if isinstance(data, str) else "",
    )


def _grid(grids: tuple[Grid, ...], table: TableReport) -> Grid | None:
    """Return the grid that a report is about, None when reading gives another one there."""
    grid = grids[table.table - 1] if table.table <= len(grids) else None
    return grid if grid is not None and len(grid.rows) == table.header_rows + table.data_rows else None


def _table(known: _Known, document: Document, table: TableReport, grid: Grid | None, unread: bool) -> ReviewTable:
    rules = [rule for row in range(1, table.data_rows + 1) for rule in known.first.get(RowKey(document.id, table.table, row), ())]
    head, rows = _rows(known, document, table, grid)
    urls = [one.url for rule in rules for one in rule.entry.evidence if (one.document, one.table) == (document.id, table.table)]
    changed = "this version of docrules reads another table there, so its source is not shown; run docrules again"
    return ReviewTable(
        number=table.table,
        line=table.line,
        title=table.title,
        caption=grid.caption if grid is not None else "",
        verdict=table.verdict,
        reason=table.reason,
        columns=table.columns,
        width=grid.width if grid is not None else 0,
        head=head,
        rows=rows,
        omitted=table.data_rows - len(rows),
        hidden=grid is not None and grid.hidden,
        quotes=tuple(_quotes(rules, document.id)),
        findings=tuple(known.own.get((document.path, table.table, None), ())),
        url=linked(next(iter(urls), None)),
        problem=changed if grid is None and not unread else "",
    )


def _rows(known: _Known, document: Document, table: TableReport, grid: Grid | None) -> tuple[tuple[ReviewRow, ...], tuple[ReviewRow, ...]]:
    """Return the rows of the header and those of the data. Without a source, rows have no cells but for those that rules quote."""
    limit = table.data_rows if table.verdict == "rules" else min(table.data_rows, MAX_OTHER_ROWS)
    reasons = {row: outcome.reason for outcome in table.no_rule for row in outcome.rows}
    if grid is None:
        return (), tuple(_row(known, RowKey(document.id, table.table, row), document.path, 0, reasons) for row in range(1, limit + 1))
    said = _said(known, document.id, table)
    head: list[ReviewRow] = []
    data: list[ReviewRow] = []
    for index, (row, cells) in enumerate(rows_of(grid, table.header_rows, table.header_rows + limit, said)):
        number = max(index - table.header_rows + 1, 0)
        found = _row(known, RowKey(document.id, table.table, number), document.path, row.line, reasons)
        (data if number else head).append(found._replace(cells=cells, surplus=row.surplus, hidden=row.hidden))
    return tuple(head), tuple(data)


def _row(known: _Known, key: RowKey, path: str, line: int, reasons: Mapping[int, str]) -> ReviewRow:
    rules, repeated = known.first.get(key, ()), known.further.get(key, ())
    stated = [one.line for rule in (*rules, *repeated) for one in rule.entry.evidence if key_of(one) == key]
    place = path, key.table, key.row
    return ReviewRow(
        number=key.row,
        line=line or next(iter(stated), 0),
        cells=(),
        surplus=(),
        hidden=False,
        rules=tuple(rules),
        repeated=tuple(repeated),
        no_rule=reasons.get(key.row, ""),
        findings=tuple(known.own.get(place, ())) if key.row else (),
        related=tuple(known.related.get(place, ())) if key.row else (),
    )


def _said(known: _Known, document: str, table: TableReport) -> Quotes:
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
    gave: dict[tuple[int, str], Counter[str]] = {}
    for trace in (trace for rule in rules for trace in rule.entry.trace if trace.kind != "alias"):
        found = reference(trace)
        if found is not None and found.document == document:
            gave.setdefault((found.line, found.said), Counter())[_gave(trace)] += 1
    for (line, said), values in sorted(gave.items()):
        yield Quote(line, said, tuple(values))


def _gave(trace: Trace) -> str:
    if trace.kind != "context":
        return f"{trace.field} {trace.became} (in a correction)"
    return trace.field if trace.became == trace.said else f"{trace.field} {trace.became}"


def linked(url: str | None) -> str:
    """Return an address that a page may link to, empty when there is none: a scheme that does something is no address."""
    return url if url is not None and url.lower().startswith(_LINKED) else ""
