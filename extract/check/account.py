"""The account of a run: what became of every row of every table, and the counts over all documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from extract.check.collect import Collected
from extract.model import ColumnReport, Document, DocumentReport, Finding, NoRule, RowOutcome, Summary, TableReading, TableReport


def table_report(
    reading: TableReading, ruled: Collection[int], left_open: Collection[int], outcomes: Mapping[int, RowOutcome]
) -> TableReport:
    """Return what became of each data row of a table.

    `ruled` are the rows that gave rules or unresolved rules, `left_open` those of them of which something is unresolved; `outcomes`
    says of further rows why they are no rule. Raises AssertionError when the sum is not the number of data rows: the sum is taken
    on every run, because a lost row is a hole in a firewall.
    """
    without = [outcomes[row] for row in sorted(outcomes) if row not in ruled]
    if len(ruled) + len(without) != reading.data_rows:
        raise AssertionError(f"table {reading.number}: {reading.data_rows} data rows, but {len(ruled)} + {len(without)} accounted for")
    reasons: dict[str, list[int]] = {}
    for outcome in without:
        reasons.setdefault(outcome.reason, []).append(outcome.row)
    return TableReport(
        table=reading.number,
        line=reading.line,
        title=reading.title,
        verdict=reading.verdict,
        reason=reading.reason,
        columns=tuple(ColumnReport(column.header, column.role, column.why) for column in reading.columns),
        header_rows=reading.header_rows,
        data_rows=reading.data_rows,
        rule_rows=len(ruled) - len(left_open),
        unresolved_rows=len(left_open),
        no_rule=tuple(NoRule(tuple(numbers), reason) for reason, numbers in reasons.items()),
    )


def document_report(document: Document, tables: Iterable[TableReport], findings: Iterable[Finding]) -> DocumentReport:
    """Return the report on one document: its findings in the order of the page, each with the path of the document."""
    ordered = sorted(findings, key=lambda found: (found.line or 0, found.table or 0, found.row or 0, found.code, found.message))
    filled = tuple(msgspec.structs.replace(found, document=document.path) for found in ordered)
    return DocumentReport(id=document.id, path=document.path, tables=tuple(tables), findings=filled)


def summary(collected: Collected, reports: Sequence[DocumentReport]) -> Summary:
    """Return the counts of a run."""
    tables = [table for report in reports for table in report.tables]
    counts = {"error": 0, "warning": 0, "note": 0}
    for report in reports:
        for found in report.findings:
            counts[found.severity] += 1
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
        findings=counts,
    )
