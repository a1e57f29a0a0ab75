"""From what was published, and the documents read anew, to what the review page shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from extract.check.stated import Scope, scope_of
from extract.model import Change, Document, DocumentReport, Finding, Place, Severity
from extract.publish import originals
from extract.publish.places import PASSED_OVER, SEVERITIES
from extract.publish.published import Published, RowKey, key_of
from extract.publish.review.attention import attention_of
from extract.publish.review.beside import Known, Room, grid_of, linked, table_of
from extract.publish.review.values import AnyRule, Mark, Review, ReviewDocument, ReviewRule, ReviewScope, Unruled, Word
from extract.publish.review.widest import widest_of
from extract.publish.versions import version_key
from extract.read import read

# So many of the documents without rules are named.
_NAMED = 100

_WORDS: Mapping[str, Word] = {
    "correction": "corrected",
    "repair": "corrected",
    "patch": "patched",
    "context": "inferred",
    "label": "inferred",
    "alias": "inferred",
    "reading": "inferred",
}


_ByPlace = dict[tuple[str, int | None, int | None], list[Finding]]


def build(published: Published, folder: Path | None, changes: tuple[Change, ...] | None = None) -> Review:
    """Return the review of a run; `folder` holds the documents, None when it is not known. Documents that differ are left without source.

    `changes` are those from an older state to this one, None when there is none.
    """
    reports, others = _parted(published)
    own, related = _findings(published.reports)
    numbers = {report.id: number for number, report in enumerate(reports)}
    rules = tuple(_rule(published, index, entry, numbers, (own, related)) for index, entry in enumerate(published.entries))
    known = Known(*_by_row(rules), own, related)
    scopes = _scopes(published.documents[report.id] for report in reports)
    room = Room()
    documents = tuple(
        _document(known, number, published.documents[report.id], report, scopes, folder, room) for number, report in enumerate(reports)
    )
    run = [(report.path, found) for reported in (published.patches, published.sources) for report in reported for found in report.findings]
    every = [*(found for report in published.reports for found in report.findings), *(found for _, found in run)]
    of_scope: dict[int, list[ReviewRule]] = {}
    for rule in rules:
        of_scope.setdefault(documents[rule.document].scope, []).append(rule)
    return Review(
        documents=documents,
        unruled=_unruled(published, others),
        rules=rules,
        scopes=tuple(scope._replace(entries=tuple(of_scope.get(scope.number, ()))) for scope in scopes.values()),
        attention=attention_of(published, reports),
        widest=widest_of(rules),
        findings=tuple(run),
        severities=_counted(every),
        changes=changes,
    )


def _by_row(rules: Iterable[ReviewRule]) -> tuple[dict[RowKey, list[ReviewRule]], dict[RowKey, list[ReviewRule]]]:
    """Return the rules by the row that states them first, and by the rows that state them again."""
    first: dict[RowKey, list[ReviewRule]] = {}
    further: dict[RowKey, list[ReviewRule]] = {}
    for rule in rules:
        for number, key in enumerate(dict.fromkeys(map(key_of, rule.entry.evidence))):
            (further if number else first).setdefault(key, []).append(rule)
    return first, further


def _parted(published: Published) -> tuple[list[DocumentReport], list[DocumentReport]]:
    """Return the documents that the page shows, with a rule or what may be one, and all others."""
    stated = {one.document for entry in published.entries for one in entry.evidence}
    shown: list[DocumentReport] = []
    others: list[DocumentReport] = []
    for report in published.reports:
        holds = report.id in stated or any(table.verdict != "no-rules" for table in report.tables)
        (shown if holds else others).append(report)
    return shown, others


def _unruled(published: Published, reports: Iterable[DocumentReport]) -> Unruled:
    reports = tuple(reports)
    titles = ((published.documents[report.id].title or report.path, report.path, len(report.tables)) for report in reports[:_NAMED])
    bare = sum(not report.tables for report in reports)
    unread = sum(found.code in PASSED_OVER for report in reports for found in report.findings)
    return Unruled(len(reports), bare, unread, sum(len(report.tables) for report in reports), tuple(titles))


def _counted(findings: Iterable[Finding]) -> dict[Severity, int]:
    counted = Counter(found.severity for found in findings)
    return {severity: counted[severity] for severity in SEVERITIES}


def _scopes(documents: Iterable[Document]) -> dict[Scope, ReviewScope]:
    """Return the scopes without their rules, in the order of products, each with its newest release last."""
    ordered = sorted({scope_of(document) for document in documents}, key=lambda one: (one[:-1], version_key(one[-1])))
    newest = {scope[:-1]: scope for scope in ordered}
    return {
        scope: ReviewScope(number, f"{'/'.join(scope[:-1])} {scope[-1]}".strip(), not scope[:-1] or newest[scope[:-1]] == scope, ())
        for number, scope in enumerate(ordered)
    }


def _rule(published: Published, index: int, entry: AnyRule, numbers: Mapping[str, int], found: Iterable[_ByPlace]) -> ReviewRule:
    places = tuple(Place(published.documents[one.document].path, one.line, one.table, one.row, one.at) for one in entry.evidence)
    marks = (Mark(_WORDS[trace.kind], trace.field, trace.said, trace.became, trace.by, trace.why) for trace in entry.trace)
    keys = [(place.document, place.table, place.row) for place in places]
    severities = frozenset(one.severity for by_place in found for key in keys for one in by_place.get(key, ()))
    return ReviewRule(index, entry, numbers[entry.evidence[0].document], tuple(dict.fromkeys(marks)), places, severities)


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
    known: Known,
    number: int,
    document: Document,
    report: DocumentReport,
    scopes: Mapping[Scope, ReviewScope],
    folder: Path | None,
    room: Room,
) -> ReviewDocument:
    data = originals.content(document, folder)
    grids = () if isinstance(data, str) else read(data, document.path).grids
    return ReviewDocument(
        number=number,
        document=document,
        scope=scopes[scope_of(document)].number,
        tables=tuple(table_of(known, document, table, grid_of(grids, table), isinstance(data, str), room) for table in report.tables),
        findings=tuple(known.own.get((document.path, None, None), ())),
        severities=_counted(report.findings),
        url=linked(document.url),
        problem=f"{data}, so its source is not shown" if isinstance(data, str) else "",
    )
