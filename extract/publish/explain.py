"""The explanation of a rule or row: what is published of it, the source lines, the steps from cells to values, the findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from extract.check import provenance
from extract.check.evidence_cells import Tables, cell_names, tables_of
from extract.model import (
    ColumnReport,
    Evidence,
    Finding,
    PatchReport,
    Place,
    Rule,
    TableDecision,
    TableLayout,
    Trace,
    Unresolved,
)
from extract.publish.excerpt import Excerpt, SourceLine, Sources
from extract.publish.explain_table import ExplainedTable
from extract.publish.places import SEVERITIES
from extract.publish.published import Asked, Published, RowKey, key_of

# Source lines are shown of so many rows, and so many sentences that traces rest on are looked for.
EXCERPTS = 5
_STATEMENTS = 5
_PATCH = "patch:"


class SourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that is explained: its place, its cells and the lines around it."""

    document: str
    path: str
    table: int
    row: int
    line: int | None
    # As written; several where a row states rules by single cells, as that of a matrix does. Empty for a row that is no rule.
    cells: tuple[dict[str, str], ...]
    # What the cells of a matrix are called, for they have no header.
    called: dict[str, str]
    # Only for the first few rows; None for the others.
    excerpt: Excerpt | None


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A line outside of the rows that a trace rests on: a heading, sentence, caption or group row. `said` is what the trace quotes."""

    document: str
    path: str
    line: int
    said: str
    lines: tuple[SourceLine, ...]


class ReadTable(msgspec.Struct, frozen=True, kw_only=True):
    """How the table of a row was read: what each column is and why, and how sure that is."""

    document: str
    table: int
    layout: TableLayout | None
    reason: str
    columns: tuple[ColumnReport, ...]
    decision: TableDecision | None


class ExplainedRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with the steps to its values. It also lists fields whose values have no step; there should be none."""

    resolved: bool
    rule: Rule | Unresolved
    steps: tuple[provenance.Step, ...]
    unexplained: tuple[provenance.Field, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one rule, or about one row."""

    # Another possible meaning of the user's words.
    note: str
    # Why the row is no rule; empty when it is one.
    outcome: str
    # The rules of a key/value table that the row is a field of.
    field_of: tuple[Rule | Unresolved, ...]
    rows: tuple[SourceRow, ...]
    # Whether one row was asked for, and not a rule.
    of_row: bool
    statements: tuple[Statement, ...]
    tables: tuple[ReadTable, ...]
    rules: tuple[ExplainedRule, ...]
    # About the rows, worst first.
    findings: tuple[Finding, ...]
    # About their tables and documents as a whole, worst first.
    around: tuple[Finding, ...]
    patches: tuple[PatchReport, ...]


class Reference(NamedTuple):
    """A line that a trace names, and the text in it; `document` is an id."""

    document: str
    line: int
    said: str


def explain(published: Published, asked: Asked, folder: Path | None) -> Explanation:
    """Return the explanation of what was asked for; `folder` holds the documents, None when it is not known."""
    rules = (asked.rule,) if asked.rule is not None else published.at(asked.key) if asked.key is not None else ()
    rows = tuple(_source_rows(published, asked, rules, sources := Sources(folder)))
    by = {trace.by for rule in rules for trace in rule.trace if trace.kind == "patch"}
    tables = tables_of(published.reports)
    outcome = "" if rules else _outcome(asked)
    findings = tuple(_findings(published, rows))
    return Explanation(
        note=asked.note,
        outcome=outcome,
        field_of=_field_of(published, asked) if outcome else (),
        rows=rows,
        of_row=asked.key is not None,
        statements=tuple(_statements(published, rules, sources)),
        tables=tuple(_read_tables(rows, tables)),
        rules=tuple(_entry(rule, tables) for rule in rules),
        findings=findings,
        around=tuple(_around(published, rows, findings)),
        patches=tuple(patch for patch in published.patches if f"{_PATCH}{patch.id}" in by),
    )


def _read_tables(rows: Iterable[SourceRow], tables: Tables) -> Iterator[ReadTable]:
    """Yield how the tables of rows were read, each once; the columns of a matrix have names and no roles."""
    for document, number in dict.fromkeys((row.document, row.table) for row in rows if not row.called):
        found = tables[document, number]
        yield ReadTable(
            document=document, table=number, layout=found.layout, reason=found.reason, columns=found.columns, decision=found.decision
        )


def _entry(rule: Rule | Unresolved, tables: Tables) -> ExplainedRule:
    steps, unexplained = provenance.steps(rule, tables), provenance.unexplained(rule, tables)
    return ExplainedRule(resolved=isinstance(rule, Rule), rule=rule, steps=steps, unexplained=unexplained)


def _source_rows(published: Published, asked: Asked, rules: Iterable[Rule | Unresolved], sources: Sources) -> Iterator[SourceRow]:
    stated: dict[RowKey, list[Evidence]] = {asked.key: []} if asked.key is not None else {}
    for one in (one for rule in rules for one in rule.evidence):
        if asked.key is None or key_of(one) == asked.key:
            stated.setdefault(key_of(one), []).append(one)
    tables = tables_of(published.reports)
    for number, (key, evidence) in enumerate(stated.items()):
        document, table = published.documents[key.document], tables[key.document, key.table]
        cells = tuple({tuple(one.cells.items()): one.cells for one in evidence}.values())
        called = {header: name for one in cells for header, name in cell_names(table, one).items()}
        yield SourceRow(
            document=document.id,
            path=document.path,
            table=key.table,
            row=key.row,
            line=evidence[0].line if evidence else None,
            cells=cells,
            called=called,
            excerpt=sources.excerpt(document, table, key.row, cells) if number < EXCERPTS else None,
        )


def _outcome(asked: Asked) -> str:
    if asked.table is None or asked.key is None:
        return ""
    if asked.table.verdict != "rules":
        return f"table {asked.table.table} holds no rules ({asked.table.verdict}): {asked.table.reason}"
    return next(one.reason for one in asked.table.no_rule if asked.key.row in one.rows)


def _field_of(published: Published, asked: Asked) -> tuple[Rule | Unresolved, ...]:
    """Return the rules of the key/value table that a row without rules stands in: they have a field in it, and all stand in one row."""
    if asked.key is None or asked.table is None or asked.table.layout != "key/value":
        return ()
    place = asked.key.document, asked.key.table
    return tuple(rule for rule in published.entries if any((one.document, one.table) == place for one in rule.evidence))


def reference(trace: Trace) -> Reference | None:
    """Return the line outside of its row that a trace rests on, None when there is none or the file does not tell."""
    if trace.document is None or trace.line is None or trace.quote is None:
        return None
    return Reference(trace.document, trace.line, trace.quote)


def _statements(published: Published, rules: Iterable[Rule | Unresolved], sources: Sources) -> Iterator[Statement]:
    """Yield the first of the statements that traces of rules rest on."""
    tables = tables_of(published.reports)
    known: set[Reference] = set()
    for rule in rules:
        first: dict[str, Evidence] = {}
        for one in rule.evidence:
            first.setdefault(one.document, one)
        for found in map(reference, rule.trace):
            # A file that somebody changed may name a document that the run has not read.
            document = published.documents.get(found.document) if found is not None else None
            if found is None or document is None or found in known:
                continue
            if len(known) == _STATEMENTS:
                return
            known.add(found)
            row = first.get(document.id)
            before = (row.table, tables[document.id, row.table].header_rows + row.row - 1) if row is not None else None
            lines = sources.statement(document, found.line, found.said, before)
            yield Statement(document=document.id, path=document.path, line=found.line, said=found.said, lines=lines)


def _findings(published: Published, rows: tuple[SourceRow, ...]) -> Iterator[Finding]:
    """Yield the findings about the rows, and those that name them as a related place."""
    wanted = {(row.path, row.table, row.row) for row in rows}
    every = [
        *(one for report in published.reports for one in report.findings),
        *(one for patch in published.patches for one in patch.findings),
    ]
    for found in sorted(every, key=_severity):
        places = [Place(found.document or "", found.line, found.table, found.row), *found.related]
        if any((place.document, place.table, place.row) in wanted for place in places):
            yield found


def _around(published: Published, rows: tuple[SourceRow, ...], findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """Yield the findings about the tables of rows as a whole, and about their documents."""
    wanted = {(row.path, table) for row in rows for table in (row.table, None)}
    told = set(map(id, findings))
    for found in sorted((one for report in published.reports for one in report.findings), key=_severity):
        if found.row is None and (found.document, found.table) in wanted and id(found) not in told:
            yield found


def _severity(found: Finding) -> int:
    return SEVERITIES.index(found.severity)


def to_json(explanation: Explanation | ExplainedTable) -> bytes:
    """Return an explanation as two-space JSON with a final line feed. It holds no command for the log of a workflow, as `##[` is one."""
    data = msgspec.json.format(msgspec.json.encode(explanation), indent=2) + b"\n"
    # The sign can only stand in a string.
    return data.replace(b"##[", b"##\\u005b")
