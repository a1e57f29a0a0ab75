"""The coverage gate: what a run would publish is compared with what was published last, so that a gutted data set is never published.

A release that is read worse than before (a page that vanished, a table that is no longer recognised, a column that went) looks like
any other new release to the tools that read the data. Only the comparison shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from extract.check.stated import scope_of
from extract.model import Document, DocumentReport, Drop, Rule, Unresolved
from extract.publish.diff_scopes import Snapshot
from extract.publish.places import LEFT_OUT

DEFAULT_LIMIT = 10
"""Percent of a count, or percentage points of a share, that may go from one run to the next."""

# Counts below this are too small for percentages: one rule of five is a fifth.
_FEW = 5
# The fields whose share of known values is compared.
_FIELDS = ("direction", "protocol", "source", "destination", "description")
# A renamed page keeps most of its rules.
_SAME_RULES = 0.5


class Coverage(NamedTuple):
    """What was read of one scope: a release of a product, or a document of none."""

    tables: int
    rules: int
    resolved: float
    # Share of the rows of which nothing is unresolved, in percent.
    known: Mapping[str, float]
    # Field -> share of rules that have a value, in percent.


def drops(old: Snapshot, new: Snapshot, reports: Sequence[DocumentReport], limit: int = DEFAULT_LIMIT) -> tuple[Drop, ...]:
    """Return what fell by more than `limit` from the old data to the new, by scope; empty when the new data may be published.

    `reports` are those of the new run: they say why tables are no longer recognised, and which documents could not be read. A document
    that vanished counts whatever it held, unless another document of the run is the same page under another name.
    """
    vanished = _vanished(old, new)
    before, after = _by_scope(old), _by_scope(new)
    found = [Drop(_name(document), f"the document {document.path} is gone", "the page vanished") for document in vanished]
    found.extend(_unread(old, reports))
    for scope, part in before.items():
        if scope not in after:
            continue
        was, now = measure(part), measure(after[scope])
        fallen = list(_fallen(was, now, limit))
        cause = _cause(part, after[scope], reports, vanished) if fallen else ""
        found.extend(Drop("/".join(scope), what, cause) for what in fallen)
    return tuple(found)


def _unread(old: Snapshot, reports: Sequence[DocumentReport]) -> Iterator[Drop]:
    """Yield the documents that gave something before and cannot be read now: their rules are gone as those of a page that vanished are."""
    failed = {report.id: found for report in reports for found in report.findings if found.code in LEFT_OUT}
    held = _fingerprints(old)
    for document in old.documents:
        if document.id in failed and held.get(document.id):
            yield Drop(_name(document), f"the document {document.path} could not be read", failed[document.id].message)


def measure(data: Snapshot) -> Coverage:
    """Return what was read of the documents of one scope. How many there are is not measured: each that is missing is named."""
    every: list[Rule | Unresolved] = [*data.rules, *data.unresolved]
    rows = {(one.document, one.table, one.row) for rule in every for one in rule.evidence}
    left_open = {(one.document, one.table, one.row) for rule in data.unresolved for one in rule.evidence}
    return Coverage(
        tables=len({row[:2] for row in rows}),
        rules=len(data.rules),
        resolved=_percent(len(rows - left_open), len(rows)),
        known={field: _percent(sum(getattr(rule, field) not in (None, "") for rule in data.rules), len(data.rules)) for field in _FIELDS},
    )


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 100.0


def _fallen(was: Coverage, now: Coverage, limit: int) -> Iterator[str]:
    """Yield what fell by more than the limit, in words with both numbers."""
    for name in ("tables", "rules"):
        old, new = getattr(was, name), getattr(now, name)
        if old - new > max(old * limit / 100, 1 if old >= _FEW else 0):
            yield f"{name}: {old} before, {new} now"
    if was.resolved - now.resolved > limit and now.rules + was.rules >= _FEW:
        yield f"rows of which everything is resolved: {was.resolved:.0f} % before, {now.resolved:.0f} % now"
    for field in _FIELDS:
        if was.known[field] - now.known[field] > limit and min(was.rules, now.rules) >= _FEW:
            yield f"rules with a known {field}: {was.known[field]:.0f} % before, {now.known[field]:.0f} % now"


def _by_scope(data: Snapshot) -> dict[tuple[str, ...], Snapshot]:
    scopes = {document.id: scope_of(document) for document in data.documents}
    found: dict[tuple[str, ...], tuple[list[Document], list[Rule], list[Unresolved]]] = {}
    for document in data.documents:
        found.setdefault(scopes[document.id], ([], [], []))[0].append(document)
    for rule in data.rules:
        found[scopes[rule.evidence[0].document]][1].append(rule)
    for one in data.unresolved:
        found[scopes[one.evidence[0].document]][2].append(one)
    return {scope: Snapshot(tuple(documents), tuple(rules), tuple(left)) for scope, (documents, rules, left) in found.items()}


def _vanished(old: Snapshot, new: Snapshot) -> list[Document]:
    """Return the documents that are gone: neither under their id nor, with the same bytes or most of the same rules, under another one."""
    present = {document.id for document in new.documents}
    arrived = [document for document in new.documents if document.id not in {one.id for one in old.documents}]
    hashes = {document.sha256 for document in arrived}
    held, holds = _fingerprints(old), _fingerprints(new)

    def is_renamed(document: Document) -> bool:
        had = held.get(document.id, set())
        same = (
            len(had & holds.get(other.id, set()))
            for other in arrived
            if (other.vendor, other.product) == (document.vendor, document.product)
        )
        return document.sha256 in hashes or (bool(had) and max(same, default=0) >= len(had) * _SAME_RULES)

    return [document for document in old.documents if document.id not in present and not is_renamed(document)]


def _fingerprints(data: Snapshot) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    every: list[Rule | Unresolved] = [*data.rules, *data.unresolved]
    for rule in every:
        for one in rule.evidence:
            found.setdefault(one.document, set()).add(rule.fingerprint)
    return found


def _name(document: Document) -> str:
    return "/".join(scope_of(document))


def _cause(old: Snapshot, new: Snapshot, reports: Sequence[DocumentReport], vanished: Sequence[Document]) -> str:
    """Return what most likely happened: pages that vanished, tables that are no longer recognised, headers that changed."""
    gone = [document.path for document in old.documents if document in vanished]
    if gone:
        return f"pages vanished: {', '.join(gone)}"
    tables = {report.id: report.tables for report in reports}
    had, has = _headers(old), _headers(new)
    causes = []
    for document in old.documents:
        before, after = had.get(document.id, {}), has.get(document.id, {})
        if len(after) < len(before):
            reasons = dict.fromkeys(table.reason for table in tables.get(document.id, ()) if table.verdict != "rules")
            why = "; ".join(reasons) or "tables are gone"
            causes.append(f"{document.path} had {len(before)} tables with rules and has {len(after)}: {why}")
        pairs = zip(before.values(), after.values(), strict=False)
        causes.extend(f"{document.path}: the header {' | '.join(one)} became {' | '.join(two)}" for one, two in pairs if one != two)
    return "; ".join(causes) or "rows are gone, or their cells are no longer understood; compare with docrules diff"


def _headers(data: Snapshot) -> dict[str, dict[int, tuple[str, ...]]]:
    """Return document -> table -> header, of every table that gave something."""
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    every: list[Rule | Unresolved] = [*data.rules, *data.unresolved]
    for one in sorted((one for rule in every for one in rule.evidence), key=lambda one: (one.document, one.table, one.row)):
        found.setdefault(one.document, {}).setdefault(one.table, tuple(one.cells))
    return found
