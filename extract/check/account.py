"""The account of a run: what became of every row of every table, and the counts over all documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from extract.catalogue import FindingKind, catalogue
from extract.check.collect import Collected
from extract.check.stated import Accounted, Result, Stated
from extract.model import (
    ColumnReport,
    DocumentReport,
    Finding,
    LayoutReport,
    NoRule,
    PatchReport,
    Report,
    Rule,
    SourceReport,
    Summary,
    TableReading,
    TableReport,
    Trace,
    Unresolved,
)
from extract.read import formats

Row = tuple[str, int, int]
"""Document, table and row."""

_ENDS = ("source", "destination")


# The finding of a document that was passed over.
_NOT_READ = "document-not-read"


def check_rows(reading: TableReading, ruled: Collection[int], without: Collection[int]) -> None:
    """Raise AssertionError if a data row is not in exactly one of two groups: rows that gave rules, and rows without a rule.

    The sum is taken on every run, because a lost row is a hole in a firewall.
    """
    if len(ruled) + len(without) != reading.data_rows or set(ruled) & set(without):
        raise AssertionError(f"table {reading.number}: {reading.data_rows} data rows, but {len(ruled)} + {len(without)} accounted for")


def report_of(result: Result) -> DocumentReport:
    """Return the report on a document that states nothing, to which no other document can add."""
    return _document_report(result, [_table_report(table, {}, {}, result.at) for table in result.tables], result.findings)


def reports(
    results: Iterable[Result], stated: Sequence[Stated], dropped: Mapping[Row, Sequence[str]], findings: Iterable[Finding]
) -> tuple[DocumentReport, ...]:
    """Return the report on every document: what became of each row, by what is published of it, and every finding.

    `dropped` says, by document, table and row, why patches left something out. It is used if nothing of the row is left.
    """
    # Document and table -> row -> whether something of it is unresolved.
    left_open: dict[tuple[str, int], dict[int, bool]] = {}
    patched = {row: _Patched([], "; ".join(dict.fromkeys(reasons))) for row, reasons in dropped.items()}
    for one in stated:
        evidence, candidate = one.evidence, one.candidate
        rows = left_open.setdefault((evidence.document, evidence.table), {})
        rows[evidence.row] = bool(candidate.open) or rows.get(evidence.row, False)
        traces = [trace for trace in candidate.trace if trace.kind == "patch"]
        if traces:
            patched.setdefault((evidence.document, evidence.table, evidence.row), _Patched([], "")).traces.extend(traces)
    without: dict[tuple[str, int], dict[int, str]] = {}
    for document, table, row in dropped:
        without.setdefault((document, table), {})[row] = patched[document, table, row].dropped
    further: dict[str, list[Finding]] = {}
    for found in findings:
        further.setdefault(found.document or "", []).append(found)
    return tuple(
        _document_report(
            result,
            [_table_report(table, left_open.get(place, {}), without.get(place, {}), result.at) for place, table in _placed(result)],
            [
                *(_with_outcome(found, result.document.id, left_open, patched) for found in result.findings),
                *further.get(result.document.path, ()),
            ],
        )
        for result in results
    )


class _Patched(NamedTuple):
    """What patches made of a row."""

    # Of all that is left of it.
    traces: list[Trace]
    # Why something of it was left out; empty where nothing was.
    dropped: str


def _with_outcome(
    found: Finding, document: str, left_open: Mapping[tuple[str, int], Mapping[int, bool]], patched: Mapping[Row, _Patched]
) -> Finding:
    """Return a finding with the result for its row, which is known only after the patches were applied.

    The message of a finding says what is wrong in the page, and patches do not change that. If a patch corrected or dropped the row, the
    user does not have to act any more, so the finding becomes a note.
    """
    if found.table is None or found.row is None:
        return found
    kind = catalogue()[found.code]
    is_open = left_open.get((document, found.table), {}).get(found.row)
    if is_open and kind.leaves_open:
        return msgspec.structs.replace(found, message=f"{found.message}; the row is under unresolved")
    row = patched.get((document, found.table, found.row))
    if row is None:
        return found
    by = ", ".join(dict.fromkeys(trace.by for trace in row.traces if _answers(trace, kind)))
    if is_open is None:
        outcome = f"the row is {row.dropped}"
    elif by:
        outcome = f"answered by {by}"
    elif row.dropped and kind.leaves_open:
        outcome = f"what it left open is {row.dropped}"
    else:
        return found
    return msgspec.structs.replace(found, severity="note", message=f"{found.message}; {outcome}")


def _answers(trace: Trace, kind: FindingKind) -> bool:
    """Return whether a patch that sets a value answers a finding. A patch that renames an endpoint does not: the page names it."""
    renames = trace.field in _ENDS and trace.said not in ("", trace.became)
    return trace.field in kind.answered_by and not renames


def _placed(result: Result) -> Iterator[tuple[tuple[str, int], Accounted]]:
    return (((result.document.id, table.reading.number), table) for table in result.tables)


def _table_report(table: Accounted, ruled: Mapping[int, bool], dropped: Mapping[int, str], at: Mapping[int, str]) -> TableReport:
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
        reason=reading.reason,
        columns=tuple(ColumnReport(column.header, column.role, column.why) for column in reading.columns),
        header_rows=reading.header_rows,
        data_rows=reading.data_rows,
        rule_rows=len(ruled) - unresolved,
        unresolved_rows=unresolved,
        no_rule=tuple(NoRule(tuple(numbers), reason) for reason, numbers in reasons.items()),
        layout=reading.layout,
        decision=reading.decision,
        at=at.get(reading.line),
    )


def _document_report(result: Result, tables: Iterable[TableReport], findings: Iterable[Finding]) -> DocumentReport:
    ordered = sorted(findings, key=lambda found: (found.line or 0, found.table or 0, found.row or 0, found.code, found.message))
    document, at = result.document, result.at
    path = document.path
    filled = tuple(found if found.document == path else msgspec.structs.replace(found, document=path) for found in ordered)
    if at:
        filled = tuple(msgspec.structs.replace(found, at=at.get(found.line or 0)) for found in filled)
    return DocumentReport(id=document.id, path=document.path, sha256=document.sha256, tables=tuple(tables), findings=filled)


def summary(
    collected: Collected,
    reports: Sequence[DocumentReport],
    patches: Sequence[PatchReport] = (),
    sources: Sequence[SourceReport] = (),
    layouts: tuple[LayoutReport, ...] = (),
    not_read: Mapping[str, int] | None = None,
) -> Summary:
    """Return the counts of a run; `layouts` and `not_read` as the summary holds them, but for documents of the run that were not read."""
    counts = {"error": 0, "warning": 0, "note": 0}
    unread = tables = rule_tables = data_rows = rule_rows = unresolved_rows = no_rule_rows = 0
    # One by one: there may be more reports than memory should hold at once.
    for report in reports:
        _count(counts, report)
        unread += any(found.code == _NOT_READ for found in report.findings)
        tables += len(report.tables)
        for table in report.tables:
            rule_tables += table.verdict == "rules"
            data_rows += table.data_rows
            rule_rows += table.rule_rows
            unresolved_rows += table.unresolved_rows
            no_rule_rows += sum(len(outcome.rows) for outcome in table.no_rule)
    others: list[Report] = [*patches, *sources]
    for other in others:
        _count(counts, other)
    every: list[Rule | Unresolved] = [*collected.rules, *collected.unresolved]
    return Summary(
        documents=len(reports),
        tables=tables,
        rule_tables=rule_tables,
        data_rows=data_rows,
        rule_rows=rule_rows,
        unresolved_rows=unresolved_rows,
        no_rule_rows=no_rule_rows,
        rules=len(collected.rules),
        complete=sum(rule.complete for rule in collected.rules),
        unresolved=len(collected.unresolved),
        patched=sum(any(trace.kind == "patch" for trace in rule.trace) for rule in every) if patches else 0,
        findings=counts,
        layouts=layouts,
        not_read=dict(sorted({**(not_read or {}), **({formats.WORDLESS: unread} if unread else {})}.items())),
    )


def _count(counts: dict[str, int], report: Report) -> None:
    for found in report.findings:
        counts[found.severity] += 1
