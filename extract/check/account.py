"""The account of a run: what became of every row of every table, and the counts over all documents."""

from __future__ import annotations

import functools
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from extract.check.collect import Collected
from extract.check.stated import Accounted, Result, Stated
from extract.model import (
    ColumnReport,
    Document,
    DocumentReport,
    Finding,
    NoRule,
    PatchReport,
    Report,
    Rule,
    SourceReport,
    Summary,
    TableReading,
    TableReport,
    Unresolved,
)
from extract.normalize.rows import Candidate

Row = tuple[str, int, int]
"""Document, table and row."""

_PROTOCOL, _PORTS = frozenset({"protocol"}), frozenset({"ports", "icmp"})
# What a patch must have set for a finding about a row to be answered; what stands under unresolved no longer is.
_CORRECTED_BY: Mapping[str, frozenset[str]] = {
    "action-unknown": frozenset({"action"}),
    "direction-conflict": frozenset({"direction", "source", "destination"}),
    "direction-unknown": frozenset({"direction"}),
    "label-disagrees": _PROTOCOL | _PORTS,
    "port-missing": _PROTOCOL | _PORTS,
    "port-not-a-number": _PORTS,
    "port-out-of-range": _PORTS,
    "port-partly-understood": _PORTS,
    "protocol-contradicts-port-cell": _PROTOCOL,
    "protocol-missing": _PROTOCOL,
    "protocol-unknown": _PROTOCOL,
    "range-reversed": _PORTS,
    "type-contradicts-protocol": _PROTOCOL,
}


def check_rows(reading: TableReading, ruled: Collection[int], without: Collection[int]) -> None:
    """Raise AssertionError when a data row of a table is not in exactly one of two: those that gave rules, those that are none.

    The sum is taken on every run, because a lost row is a hole in a firewall.
    """
    if len(ruled) + len(without) != reading.data_rows or set(ruled) & set(without):
        raise AssertionError(f"table {reading.number}: {reading.data_rows} data rows, but {len(ruled)} + {len(without)} accounted for")


def settled(result: Result) -> DocumentReport | None:
    """Return the report on a document that no other one can add to, because it states nothing; None when others have to be known first.

    Most documents of a large run state nothing. Their rows need not be kept until the last document is read.
    """
    if result.stated or result.statements:
        return None
    return _document_report(result.document, [_table_report(table, {}, {}) for table in result.tables], result.findings)


# Tables of many pages have the same columns, and leave out their rows for the same reasons; each is kept once.
_column = functools.lru_cache(maxsize=4096)(ColumnReport)
_no_rule = functools.lru_cache(maxsize=4096)(NoRule)


def reports(
    results: Iterable[Result], stated: Sequence[Stated], dropped: Mapping[Row, Sequence[str]], findings: Iterable[Finding]
) -> tuple[DocumentReport, ...]:
    """Return the report on every document: what became of each row, by what is published of it, and every finding.

    `dropped` says, by document, table and row, why patches left something out; it counts where nothing of the row is left.
    """
    left_open: dict[tuple[str, int], dict[int, bool]] = {}
    # Document and table -> row -> whether something of it is unresolved.
    patched: set[Row] = set()
    for _, evidence, candidate in stated:
        rows = left_open.setdefault((evidence.document, evidence.table), {})
        rows[evidence.row] = bool(candidate.open) or rows.get(evidence.row, False)
        if candidate.trace and any(trace.kind == "patch" for trace in candidate.trace):
            patched.add((evidence.document, evidence.table, evidence.row))
    without: dict[tuple[str, int], dict[int, str]] = {}
    for (document, table, row), reasons in dropped.items():
        without.setdefault((document, table), {})[row] = "; ".join(dict.fromkeys(reasons))
    corrected = _corrected(stated, patched, dropped)
    further: dict[str, list[Finding]] = {}
    for found in findings:
        further.setdefault(found.document or "", []).append(found)
    return tuple(
        _document_report(
            result.document,
            [_table_report(table, left_open.get(place, {}), without.get(place, {})) for place, table in _placed(result)],
            [
                *(_answered(found, corrected, result.document.id) for found in result.findings),
                *further.get(result.document.path, ()),
            ],
        )
        for result in results
    )


def _corrected(stated: Iterable[Stated], patched: Collection[Row], dropped: Mapping[Row, object]) -> dict[Row, list[Candidate]]:
    """Return what is left of the rows that patches have changed or left out."""
    rows: dict[Row, list[Candidate]] = {row: [] for row in (*patched, *dropped)}
    if rows:
        for _, evidence, candidate in stated:
            row = (evidence.document, evidence.table, evidence.row)
            if row in rows:
                rows[row].append(candidate)
    return rows


def _answered(found: Finding, corrected: Mapping[Row, Sequence[Candidate]], document: str) -> Finding:
    """Return a finding about a value that patches have corrected as a note that says so: it is no longer something to act on."""
    fields = _CORRECTED_BY.get(found.code)
    if fields is None or found.table is None or found.row is None:
        return found
    candidates = corrected.get((document, found.table, found.row))
    if candidates is None or any(candidate.open for candidate in candidates):
        return found
    patches = [trace.by for candidate in candidates for trace in candidate.trace if trace.kind == "patch" and trace.field in fields]
    if candidates and not patches:
        return found
    by = ", ".join(dict.fromkeys(patches)) or "a patch that leaves the row out"
    return msgspec.structs.replace(found, severity="note", message=f"{found.message}; answered by {by}")


def _placed(result: Result) -> Iterator[tuple[tuple[str, int], Accounted]]:
    return (((result.document.id, table.reading.number), table) for table in result.tables)


def _table_report(table: Accounted, ruled: Mapping[int, bool], dropped: Mapping[int, str]) -> TableReport:
    reading = table.reading
    without = {outcome.row: outcome.reason for outcome in table.outcomes}
    without.update((row, reason) for row, reason in dropped.items() if row not in ruled)
    check_rows(reading, ruled, without)
    unresolved = sum(ruled.values())
    reasons: dict[str, list[int]] = {}
    for row, reason in sorted(without.items()):
        reasons.setdefault(reason, []).append(row)
    return TableReport(
        table=reading.number,
        line=reading.line,
        title=reading.title,
        verdict=reading.verdict,
        reason=sys.intern(reading.reason),
        columns=tuple(_column(column.header, column.role, column.why) for column in reading.columns),
        header_rows=reading.header_rows,
        data_rows=reading.data_rows,
        rule_rows=len(ruled) - unresolved,
        unresolved_rows=unresolved,
        no_rule=tuple(_no_rule(tuple(numbers), reason) for reason, numbers in reasons.items()),
    )


def _document_report(document: Document, tables: Iterable[TableReport], findings: Iterable[Finding]) -> DocumentReport:
    ordered = sorted(findings, key=lambda found: (found.line or 0, found.table or 0, found.row or 0, found.code, found.message))
    path = document.path
    filled = tuple(found if found.document == path else msgspec.structs.replace(found, document=path) for found in ordered)
    return DocumentReport(id=document.id, path=document.path, sha256=document.sha256, tables=tuple(tables), findings=filled)


def summary(
    collected: Collected, reports: Sequence[DocumentReport], patches: Sequence[PatchReport] = (), sources: Sequence[SourceReport] = ()
) -> Summary:
    """Return the counts of a run."""
    tables = [table for report in reports for table in report.tables]
    counts = {"error": 0, "warning": 0, "note": 0}
    reported: list[Report] = [*reports, *patches, *sources]
    for report in reported:
        for found in report.findings:
            counts[found.severity] += 1
    every: list[Rule | Unresolved] = [*collected.rules, *collected.unresolved]
    return Summary(
        documents=len(reports),
        tables=len(tables),
        rule_tables=sum(table.verdict == "rules" for table in tables),
        data_rows=sum(table.data_rows for table in tables),
        rule_rows=sum(table.rule_rows for table in tables),
        unresolved_rows=sum(table.unresolved_rows for table in tables),
        no_rule_rows=sum(len(outcome.rows) for table in tables for outcome in table.no_rule),
        rules=len(collected.rules),
        unresolved=len(collected.unresolved),
        patched=sum(any(trace.kind == "patch" for trace in rule.trace) for rule in every) if patches else 0,
        findings=counts,
    )
