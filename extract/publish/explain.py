"""The explanation of a rule or row: what is published of it, the source lines, the steps from cells to values, the findings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from extract.check import provenance
from extract.check.evidence_cells import tables_of
from extract.model import Endpoint, Finding, PatchReport, Place, Rule, Trace, Unresolved
from extract.publish.excerpt import Excerpt, excerpt
from extract.publish.published import Asked, Published, RowKey, key_of

Style = Literal["", "title", "label", "dim", "mark", "error", "warning", "note"]
Line = tuple[tuple[Style, str], ...]
"""A line of text in parts; documents say what they like in it, so whoever prints it must make it plain."""

_PATCH = "patch:"
# Stands for what the page does not say.
_OPEN = "?"


class SourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that is explained: its place, its cells and the lines around it."""

    document: str
    path: str
    table: int
    row: int
    line: int | None
    cells: tuple[dict[str, str], ...]
    # As written; several where a row states rules by single cells, as that of a matrix does. Empty for a row that is no rule.
    excerpt: Excerpt


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with the steps to its values."""

    resolved: bool
    rule: Rule | Unresolved
    steps: tuple[provenance.Step, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one rule, or about one row."""

    outcome: str
    # Why the row is no rule; empty when it is one.
    rows: tuple[SourceRow, ...]
    rules: tuple[Entry, ...]
    findings: tuple[Finding, ...]
    patches: tuple[PatchReport, ...]


def explain(published: Published, asked: Asked, folder: Path | None) -> Explanation:
    """Return the explanation of what was asked for; `folder` holds the documents, None when it is not known."""
    rules = (asked.rule,) if asked.rule is not None else published.at(asked.key) if asked.key is not None else ()
    keys = dict.fromkeys(key_of(one) for one in asked.rule.evidence) if asked.rule is not None else {asked.key: None}
    tables = tables_of(published.reports)
    rows = tuple(_source_row(published, key, rules, folder) for key in keys if key is not None)
    by = {trace.by for rule in rules for trace in rule.trace if trace.kind == "patch"}
    return Explanation(
        outcome="" if rules else _outcome(asked),
        rows=rows,
        rules=tuple(Entry(resolved=isinstance(rule, Rule), rule=rule, steps=provenance.steps(rule, tables)) for rule in rules),
        findings=tuple(_findings(published, rows)),
        patches=tuple(patch for patch in published.patches if f"{_PATCH}{patch.id}" in by),
    )


def _source_row(published: Published, key: RowKey, rules: tuple[Rule | Unresolved, ...], folder: Path | None) -> SourceRow:
    document = published.documents[key.document]
    table = next(one for report in published.reports if report.id == key.document for one in report.tables if one.table == key.table)
    evidence = [one for rule in rules for one in rule.evidence if key_of(one) == key]
    cells: list[dict[str, str]] = []
    for one in evidence:
        if one.cells not in cells:
            cells.append(one.cells)
    return SourceRow(
        document=document.id,
        path=document.path,
        table=key.table,
        row=key.row,
        line=evidence[0].line if evidence else None,
        cells=tuple(cells),
        excerpt=excerpt(document, table, key.row, folder),
    )


def _outcome(asked: Asked) -> str:
    if asked.table is None or asked.key is None:
        return ""
    if asked.table.verdict != "rules":
        return f"table {asked.table.table} holds no rules ({asked.table.verdict}): {asked.table.reason}"
    return next((one.reason for one in asked.table.no_rule if asked.key.row in one.rows), "the report does not say")


def _findings(published: Published, rows: tuple[SourceRow, ...]) -> Iterator[Finding]:
    """Yield the findings about the rows, and those that name them as a related place."""
    wanted = {(row.path, row.table, row.row) for row in rows}
    every = [
        *(one for report in published.reports for one in report.findings),
        *(one for patch in published.patches for one in patch.findings),
    ]
    for found in every:
        places = [Place(found.document or "", found.line, found.table, found.row), *found.related]
        if any((place.document, place.table, place.row) in wanted for place in places):
            yield found


def to_json(explanation: Explanation) -> bytes:
    """Return an explanation as two-space JSON with a final line feed."""
    return msgspec.json.format(msgspec.json.encode(explanation), indent=2) + b"\n"


def render(explanation: Explanation) -> Iterator[Line]:
    """Yield an explanation as lines of text."""
    alone = len(explanation.rules) == 1
    if explanation.outcome:
        yield (("title", "no rule: "), ("", explanation.outcome))
    elif not alone:
        yield (("title", f"{len(explanation.rules)} rules of one row"),)
    for entry in explanation.rules if alone else ():
        yield from _headline(entry)
    for row in explanation.rows:
        yield from _source(row)
    for entry in explanation.rules:
        if not alone:
            yield ()
            yield from _headline(entry)
        yield from _fields(entry)
    if explanation.findings:
        yield ()
        yield (("label", "findings"),)
        for found in explanation.findings:
            yield ((found.severity, f"  {found.severity}"), ("", f": {found.message} [{found.code}]"), ("dim", _where(found)))
    if any(trace.kind == "patch" for entry in explanation.rules for trace in entry.rule.trace):
        yield ()
        yield from _patches(explanation)


def _headline(entry: Entry) -> Iterator[Line]:
    yield (("title", "rule " if entry.resolved else "unresolved "), ("title", entry.rule.id), ("", f"  {one_line(entry.rule)}"))
    if isinstance(entry.rule, Unresolved):
        yield (("warning", f"  missing {', '.join(entry.rule.missing)}"), ("", f": {entry.rule.reason}"))


def one_line(rule: Rule | Unresolved) -> str:
    """Return a rule as a sentence; a question mark stands for what the page does not say."""
    traffic = provenance.traffic_of(rule)
    if isinstance(rule, Unresolved) and "ports" in rule.missing:
        traffic = repr(traffic) if traffic else _OPEN
    parts = [rule.action or _OPEN, rule.direction or _OPEN, rule.protocol or _OPEN, *([traffic] if traffic else [])]
    return f"{' '.join(parts)} from {_end(rule.source)} to {_end(rule.destination)}"


def _end(endpoint: Endpoint | None) -> str:
    return endpoint.name if endpoint is not None else _OPEN


def _source(row: SourceRow) -> Iterator[Line]:
    yield ()
    yield (("label", "source  "), ("", f"{row.path}, table {row.table}, row {row.row}"))
    if row.excerpt.problem:
        yield (("warning", f"  {row.excerpt.problem}"),)
    width = max((len(str(line.number)) for line in row.excerpt.lines), default=0)
    for line in row.excerpt.lines:
        style: Style = "mark" if line.marked else "dim"
        yield ((style, f"  {'>' if line.marked else ' '} {line.number:>{width}} | {line.text}"),)
    if row.excerpt.omitted:
        yield (("dim", f"    {row.excerpt.omitted} more lines of this row"),)
    for cells in row.cells:
        yield ()
        yield (("label", "cells"),)
        width = max(map(len, cells), default=0)
        for header, text in cells.items():
            yield (("", f"  {header:<{width}}  {text}".rstrip()),)


def _fields(entry: Entry) -> Iterator[Line]:
    yield ()
    yield (("label", "fields"),)
    width = max(len(step.field) for step in entry.steps) + 2
    for step in entry.steps:
        yield (("", f"  {step.field:<{width}}"), ("title", step.value if step.value is not None else "-"))
        for line in _how(step, len(entry.rule.evidence)):
            yield (("", " " * (width + 2)), *line)
    rest = [trace for trace in entry.rule.trace if not any(trace in step.traces for step in entry.steps)]
    for trace in rest:
        yield (("", f"  {trace.field:<{width}}"), *next(_traced(trace)))
        yield (("", " " * (width + 2)), ("dim", f"  {trace.why}"))
    others = [key_of(one) for one in entry.rule.evidence]
    if len(others) > 1:
        yield (("dim", f"  stated by {len(others)} rows: {', '.join(f'{one.document}:{one.table}:{one.row}' for one in others)}"),)


def _how(step: provenance.Step, evidence: int) -> Iterator[Line]:
    """Yield what a value rests on. A rule of several rows has the same cell many times: it is shown once."""
    counted: dict[tuple[str, str], int] = {}
    for cell in step.cells:
        counted[cell.header, cell.text] = counted.get((cell.header, cell.text), 0) + 1
    for (header, text), number in counted.items():
        of = f" (in {number} of {evidence} rows)" if evidence > 1 else ""
        yield (("dim", "cell "), ("", f"{header!r} says {text!r}{of}"))
    for trace in step.traces:
        yield from _traced(trace)
    if step.default:
        yield (("dim", step.default),)


def _traced(trace: Trace) -> Iterator[Line]:
    about = f" of {trace.field}" if trace.kind in ("correction", "repair") else ""
    said = f"{trace.said!r} became " if trace.said and trace.said != trace.became else ""
    yield (("dim", f"{trace.kind}{about} "), ("", f"{said}{trace.became!r} by {trace.by}"))
    yield (("dim", f"  {trace.why}"),)


def _where(found: Finding) -> str:
    return f" ({found.document}:{found.line})" if found.line else f" ({found.document})" if found.document else ""


def _patches(explanation: Explanation) -> Iterator[Line]:
    yield (("label", "patches"),)
    known = {f"{_PATCH}{patch.id}": patch for patch in explanation.patches}
    traces = dict.fromkeys(trace for entry in explanation.rules for trace in entry.rule.trace if trace.kind == "patch")
    for trace in traces:
        patch = known.get(trace.by)
        yield (("", f"  {trace.by}: {patch.operation if patch else 'changed'} {trace.field}, {trace.said!r} became {trace.became!r}"),)
        yield (("dim", f"    {patch.reason if patch else trace.why}" + (f" ({patch.path}:{patch.line})" if patch else "")),)
