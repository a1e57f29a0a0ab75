"""Findings as people read them: all findings of one kind in a document are one line, and the most important lines come first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from extract.catalogue import catalogue
from extract.model import Concern, DocumentReport, Finding, Report, Severity
from extract.publish.places import SEVERITIES

_CONCERNS: tuple[Concern, ...] = get_args(Concern)
# A line names so many rows or runs of rows, so that it stays a line.
_NAMED = 8
# The folded text of the catalogue begins like this if each finding is about a row.
_ROWS = "rows "


class Folded(NamedTuple):
    """Findings of one code and severity in one document, file of patches or manifest."""

    path: str
    # Of the first of them; None when it has none.
    line: int | None
    severity: Severity
    code: str
    concern: Concern
    # `table 2, rows 1-98`; empty when they are about no table.
    where: str
    # What is wrong, without the place.
    message: str
    findings: tuple[Finding, ...]
    # The place in words, where the document has no lines that people count.
    at: str | None = None

    @property
    def text(self) -> str:
        """Return place and message: `table 2: 100 of 107 rows name no protocol (rows 1-98, 101, 103)`."""
        return f"{self.where}: {self.message}" if self.where else self.message

    @property
    def tables(self) -> tuple[int, ...]:
        """Return the numbers of the tables, each once."""
        return tuple(sorted({found.table for found in self.findings if found.table is not None}))


def fold(reports: Iterable[Report], severities: Collection[Severity] = SEVERITIES) -> tuple[Folded, ...]:
    """Return the findings of some severities, folded by document, code and severity.

    The order is that in which people should look: by severity, then by what is asked (`Concern`), then by place.
    """
    folded = [one for report in reports for one in _of_report(report, severities)]
    return tuple(sorted(folded, key=_rank))


def place(found: Finding) -> str:
    """Return the table and row of a finding, `table 2, row 7`; empty when it is about none."""
    if found.table is None:
        return ""
    return f"table {found.table}" if found.row is None else f"table {found.table}, row {found.row}"


def _rank(one: Folded) -> tuple[int, int, str, int, str]:
    return SEVERITIES.index(one.severity), _CONCERNS.index(one.concern), one.path, one.line or 0, one.code


def _of_report(report: Report, severities: Collection[Severity]) -> Iterator[Folded]:
    groups: dict[tuple[str, Severity, str], list[Finding]] = {}
    for found in report.findings:
        if found.severity in severities:
            groups.setdefault((found.document or report.path, found.severity, found.code), []).append(found)
    data_rows = {table.table: table.data_rows for table in report.tables} if isinstance(report, DocumentReport) else {}
    for (path, severity, code), findings in groups.items():
        where, message = _told(code, findings, data_rows)
        line, at = min(((found.line, found.at) for found in findings if found.line), key=lambda place: place[0], default=(None, None))
        yield Folded(path, line, severity, code, catalogue()[code].concern, where, message, tuple(findings), at)


def _told(code: str, findings: Sequence[Finding], data_rows: Mapping[int, int]) -> tuple[str, str]:
    """Return where findings of one code are and what they say; `data_rows` says how many each table has."""
    said = catalogue()[code].folded
    if len(findings) > 1 and said is not None:
        rows = sorted({(found.table, found.row) for found in findings if found.table is not None and found.row is not None})
        if not said.startswith(_ROWS):
            return _of_places(findings, said)
        if len(rows) > 1:
            return _of_rows(rows, said, data_rows)
    more = f" (and {len(findings) - 1} more of this kind)" if len(findings) > 1 else ""
    return place(findings[0]), findings[0].message + more


def _of_rows(rows: Sequence[tuple[int, int]], said: str, data_rows: Mapping[int, int]) -> tuple[str, str]:
    tables = sorted({table for table, _ in rows})
    every = sum(data_rows.get(table, 0) for table in tables)
    named = f" (rows {runs([row for _, row in rows])})" if len(tables) == 1 and len(rows) < every else ""
    return _in_tables(tables), f"{_share(len(rows), every)} {said}{named}"


def _of_places(findings: Sequence[Finding], said: str) -> tuple[str, str]:
    tables = sorted({found.table for found in findings if found.table is not None})
    lines = sorted({found.line for found in findings if found.line and not found.at})
    named = f" (lines {runs(lines)})" if len(lines) > 1 and not tables else ""
    return _in_tables(tables), f"{len(findings)} {said}{named}"


def _in_tables(tables: Sequence[int]) -> str:
    if not tables:
        return ""
    return f"table {tables[0]}" if len(tables) == 1 else f"tables {runs(tables)}"


def _share(part: int, whole: int) -> str:
    return f"all {part}" if part == whole else f"{part} of {whole}" if whole > part else str(part)


def runs(numbers: Sequence[int]) -> str:
    """Return ascending numbers as runs, the first of them: `1-98, 101, 103`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = [str(first) if first == last else f"{first}-{last}" for first, last in runs[:_NAMED]]
    more = sum(last - first + 1 for first, last in runs[_NAMED:])
    return ", ".join(told) + (f" and {more} more" if more else "")
