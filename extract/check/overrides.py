"""Severities that a project gives to findings in place of those of the catalogue. This is the one place that changes them: exit codes,
reports, SARIF and summaries all count what stands in a finding.

No finding goes away: one that matters little to a project is a note, which stands in the report and is counted. What says that something is
lost is never lowered, and what was told to matter less for another reason (a table without rules, a patch that answers it) is not raised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

import msgspec

from extract.catalogue import catalogue
from extract.check.stated import Result, Settled
from extract.model import DocumentReport, Finding, PatchReport, Report, Severity, SourceReport
from extract.packed import Packed, pack
from extract.read.layout import Layout

_ORDER: tuple[Severity, ...] = ("note", "warning", "error")
_Report = TypeVar("_Report", DocumentReport, PatchReport, SourceReport)


class Override(msgspec.Struct, frozen=True):
    """The severity of the findings of one code."""

    code: str
    severity: Severity
    # Of which paths, as findings name them; None for all.
    paths: Layout | None = None


class Overrides(msgspec.Struct, frozen=True):
    """All of a run. Of several that are about one finding the first counts."""

    entries: tuple[Override, ...] = ()

    def of_result(self, result: Result) -> Result:
        """Return what a document gives with its findings as they count."""
        if not self.entries or not result.findings:
            return result
        idle = {table.reading.number for table in result.tables if table.reading.verdict == "no-rules"}
        changed = tuple(self._of(found, result.document.path, idle) for found in result.findings)
        return msgspec.structs.replace(result, findings=changed)

    def of_settled(self, settled: Settled) -> Settled:
        """Return what is left of documents that state nothing with their findings as they count."""
        if not self.entries:
            return settled
        found = Packed(DocumentReport, (), (settled.reports,))
        return msgspec.structs.replace(settled, reports=pack(self.of_reports(found)))

    def of_reports(self, reports: Iterable[_Report]) -> tuple[_Report, ...]:
        """Return reports with their findings as they count."""
        return tuple(reports) if not self.entries else tuple(map(self._of_report, reports))

    def of_findings(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return findings that several documents gave together as they count."""
        return [self._of(found, found.document or "", ()) for found in findings]

    def unmatched(self, paths: Collection[str]) -> list[Layout]:
        """Return the globs that none of some paths fits, each once."""
        globs = dict.fromkeys(one.paths for one in self.entries if one.paths is not None)
        return [one for one in globs if not any(one.names(path) is not None for path in paths)]

    def _of_report(self, report: _Report) -> _Report:
        idle = _idle(report)
        changed = tuple(self._of(found, found.document or report.path, idle) for found in report.findings)
        return msgspec.structs.replace(report, findings=changed)

    def _of(self, found: Finding, path: str, idle: Collection[int]) -> Finding:
        """Return a finding as it counts; `idle` are the tables of its document that state no rules."""
        severity = self._severity(found.code, path)
        if severity is None or found.severity != catalogue()[found.code].severity or severity == found.severity or found.table in idle:
            return found
        return msgspec.structs.replace(found, severity=severity, message=f"{found.message}; {_ARTICLE[severity]} by configuration")

    def _severity(self, code: str, path: str) -> Severity | None:
        matching = (one for one in self.entries if one.code == code and (one.paths is None or one.paths.names(path) is not None))
        return next((one.severity for one in matching), None)


def _idle(report: Report) -> Collection[int]:
    return {table.table for table in report.tables if table.verdict == "no-rules"} if isinstance(report, DocumentReport) else ()


NONE = Overrides()
"""Every finding as the catalogue has it."""
_ARTICLE = {"note": "a note", "warning": "a warning", "error": "an error"}


def refused(code: str, severity: Severity) -> str | None:
    """Return why the findings of a code cannot have a severity, None where they can. KeyError for an unknown code."""
    kind = catalogue()[code]
    if kind.concern == "lost" and _ORDER.index(severity) < _ORDER.index(kind.severity):
        return f"{code} says that something of a document or patch is not in the data, so it stays {_ARTICLE[kind.severity]}"
    return None


def in_words(entries: Sequence[Override]) -> str:
    """Return what is changed: `port-missing to note, header-unknown to error in a/**`."""
    told = [f"{one.code} to {one.severity}{f' in {one.paths.text}' if one.paths is not None else ''}" for one in entries]
    return ", ".join(told)
