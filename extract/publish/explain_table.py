"""The explanation of a whole table: what it was taken for and why, what became of its rows, and what was found about it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

import msgspec

from extract.cells.limits import shortened
from extract.model import ColumnReport, DocumentReport, Finding, TableDecision, TableReport
from extract.publish import folded
from extract.publish.layout import Line, quoted, table, wrapped
from extract.publish.wording import count, located, plain

# Longer values are cut.
_MAX_VALUE = 400
MAX_NAME = 24
"""A name that is longer than a column of names stands in a line of its own."""
# A column that states nothing of a rule.
_NO_ROLE = "unknown"


class ExplainedTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table as the report has it, with the findings about it and its rows."""

    document: str
    path: str
    table: TableReport
    findings: tuple[Finding, ...]


def explain_table(report: DocumentReport, asked: TableReport) -> ExplainedTable:
    """Return the explanation of a table of a document."""
    found = tuple(one for one in report.findings if one.table == asked.table)
    return ExplainedTable(document=report.id, path=report.path, table=asked, findings=found)


def columns(read: Sequence[ColumnReport]) -> Iterator[tuple[str, Line]]:
    """Yield the header of each column with what it was taken for, and why."""
    width = max((len(one.role or _NO_ROLE) for one in read), default=0)
    for one in read:
        yield cut(one.header) or "(no header)", (("", f"{one.role or _NO_ROLE:<{width}}  "), ("dim", cut(one.why)))


def decision(read: Sequence[ColumnReport], decided: TableDecision | None) -> str:
    """Return how sure the reading of columns is, in words; empty where nothing was weighed."""
    if decided is None or decided.runner_up is None:
        return ""
    named = zip(read, decided.runner_up, strict=True)
    other = [f"{cut(one.header)!r} as {role or _NO_ROLE}" for one, role in named if role != one.role]
    return f"this reading costs {decided.cost:g}, the next one {decided.margin:g} more: {', '.join(other)}"


def render(told: ExplainedTable, width: int) -> Iterator[Line]:
    """Yield the explanation as lines of text, of so many columns at most."""
    asked = told.table
    title = f" {quoted(cut(asked.title))}" if asked.title else ""
    yield from wrapped((("title", f"table {asked.table} of {located(told.path, asked.line, asked.at)}"), ("", title)), width, 4)
    read_as = f"{asked.verdict} ({asked.layout})" if asked.layout else asked.verdict
    yield from wrapped((("label", read_as), ("", f": {cut(asked.reason)}")), width, 4)
    listed = list(columns(asked.columns))
    if listed:
        yield from ((), (("label", "columns"),))
        yield from table(listed, width, 2, MAX_NAME)
    if sure := decision(asked.columns, asked.decision):
        yield from wrapped((("dim", f"  {sure}"),), width, 4)
    yield from ((), (("label", count(asked.data_rows, "row")),))
    yield from table(list(_rows(asked)), width, 2, MAX_NAME)
    if told.findings:
        yield from ((), (("label", "findings"),))
    bare = DocumentReport(id=told.document, path=told.path, sha256="", tables=(asked,), findings=told.findings)
    for one in folded.fold([bare]):
        row = f"row {one.findings[0].row}: " if len(one.findings) == 1 and one.findings[0].row is not None else ""
        yield from wrapped(((one.severity, f"  {one.severity}"), ("", f": {row}{cut(one.message)} [{one.code}]")), width, 4)
    if asked.rule_rows:
        # A command is copied, so it stands in one line.
        yield from ((), (("dim", f"docrules explain {shlex.quote(f'{told.document}:{asked.table}:1')} shows how a row was read"),))


def _rows(asked: TableReport) -> Iterator[tuple[str, Line]]:
    """Yield what became of the rows, each kind with its number."""
    if asked.rule_rows:
        yield str(asked.rule_rows), (("", "became rules"),)
    if asked.unresolved_rows:
        yield str(asked.unresolved_rows), (("warning", "left something unresolved"),)
    for one in asked.no_rule:
        said = one.reason if one.reason.startswith(f"{asked.verdict}: ") else f"no rule: {one.reason}"
        rows = "row" if len(one.rows) == 1 else "rows"
        yield str(len(one.rows)), (("", f"{cut(said)} ({rows} {folded.runs(one.rows)})"),)


def cut(text: str) -> str:
    """Return a value that is no longer than a reader can use, as it is shown."""
    # Made plain before it is laid out, for that may make it longer.
    return plain(shortened(text, _MAX_VALUE))
