"""An explanation as text for people: short parts first, each fact once, long lists cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from extract.check import literal, provenance
from extract.check.evidence_cells import CellText
from extract.check.provenance import NOT_STATED
from extract.model import Endpoint, Finding, Rule, Trace, Unresolved
from extract.publish import explain_table
from extract.publish.explain import ExplainedRule, Explanation, ReadTable, SourceRow, reference
from extract.publish.explain_table import MAX_NAME, cut
from extract.publish.layout import Line, Part, Style, quoted, table, wrapped
from extract.publish.wording import count, located

# Limits for lists: in general, of entries of one line, and of entries of one word.
_SHOWN = 5
_SHOWN_LINES = 20
_SIGNS = {"row": ">", "above": "^", "header": "^", "": " "}
_GAP = "\N{HORIZONTAL ELLIPSIS}"


def render(explanation: Explanation, width: int) -> Iterator[Line]:
    """Yield an explanation as lines of text, of so many columns at most; lines of documents are left as long as they are."""
    return _Text(explanation, width).lines()


def one_line(rule: Rule | Unresolved) -> str:
    """Return a rule as a sentence; what is not stated stands in brackets."""
    traffic = provenance.traffic_of(rule)
    if isinstance(rule, Unresolved) and "ports" in rule.missing:
        traffic = quoted(traffic) if traffic else _unstated("ports")
    fields = {"action": rule.action, "direction": rule.direction, "protocol": rule.protocol}
    parts = [*(value or _unstated(name) for name, value in fields.items()), *([traffic] if traffic else [])]
    return f"{' '.join(parts)} from {_end(rule.source)} to {_end(rule.destination)}"


def _unstated(field: str) -> str:
    return f"({field} {NOT_STATED})"


def _end(endpoint: Endpoint | None) -> str:
    return endpoint.name if endpoint is not None else f"({NOT_STATED})"


def _null(step: provenance.Step, rule: Rule | Unresolved) -> str:
    """Return what a field without a value means."""
    is_open = isinstance(rule, Unresolved) and not {"protocol", "ports"}.isdisjoint(rule.missing)
    return step.default or ("all" if step.field in ("ports", "icmp") and not is_open else NOT_STATED)


class _Text:
    """Tells one explanation."""

    def __init__(self, explanation: Explanation, width: int) -> None:
        self._told = explanation
        self._width = width
        self._row = explanation.rows[0] if explanation.of_row else None
        self._paths = {row.document: row.path for row in explanation.rows}
        self._paths.update((one.document, one.path) for one in explanation.statements)
        self._operations = {f"patch:{patch.id}": patch.operation for patch in explanation.patches}

    def lines(self) -> Iterator[Line]:
        """Yield all lines."""
        yield from self._alarm()
        if self._told.note:
            yield from self._wrap(4, ("warning", "note: "), ("", self._told.note))
        yield from self._head()
        for row in self._told.rows[:_SHOWN]:
            yield from self._source(row)
        if more := [f"{row.document}:{row.table}:{row.row}" for row in self._told.rows[_SHOWN:]]:
            yield ()
            yield from self._wrap(2, ("label", f"and {count(len(more), 'more row')}: "), ("", _listed(more)))
        yield from self._context()
        for read in self._told.tables[:_SHOWN]:
            yield from self._table(read)
        yield from self._all_fields()
        yield from self._findings("findings", self._told.findings)
        yield from self._findings("findings about the table and the document", self._told.around)
        yield from self._patches()

    def _wrap(self, hang: int, *parts: Part) -> Iterator[Line]:
        return wrapped(parts, self._width, hang)

    def _alarm(self) -> Iterator[Line]:
        for entry in self._told.rules:
            if entry.unexplained:
                why = "no cell, trace or default leads to what is published; the data was changed, or docrules has a defect"
                yield from self._wrap(
                    4, ("error", f"!!! NOT EXPLAINED: {', '.join(entry.unexplained)} of {entry.rule.id}"), ("", f"; {why}")
                )

    def _head(self) -> Iterator[Line]:
        rules = self._told.rules
        if not rules:
            yield from self._wrap(4, ("title", "no rule: "), ("", self._told.outcome))
            yield from self._headlines(self._told.field_of)
        elif len(rules) == 1:
            yield from self._headline(rules[0].rule, "")
            if isinstance(rules[0].rule, Rule) and not rules[0].rule.complete:
                why = f": the direction is {NOT_STATED}, and not both ends are"
                yield from self._wrap(4, ("warning", "  not complete"), ("", why))
        else:
            yield (("title", f"{len(rules)} rules of one row"),)
            yield from self._headlines([entry.rule for entry in rules])

    def _headlines(self, rules: Sequence[Rule | Unresolved]) -> Iterator[Line]:
        for rule in rules[:_SHOWN_LINES]:
            yield from self._headline(rule, "  ")
        if len(rules) > _SHOWN_LINES:
            yield (("dim", f"  and {count(len(rules) - _SHOWN_LINES, 'more rule')}"),)

    def _headline(self, rule: Rule | Unresolved, indent: str) -> Iterator[Line]:
        name = "unresolved" if isinstance(rule, Unresolved) else "rule"
        yield from self._wrap(len(indent) + 4, ("", indent), ("title", f"{name} {rule.id}"), ("", f"  {cut(one_line(rule))}"))
        if isinstance(rule, Unresolved):
            missing = f"{indent}  missing {', '.join(rule.missing)}"
            yield from self._wrap(len(indent) + 4, ("warning", missing), ("", f": {cut(rule.reason)}"))

    def _table(self, read: ReadTable) -> Iterator[Line]:
        """Tell what each column was read as, and how sure that is."""
        yield from self._columns(f"columns of table {read.table}", explain_table.columns(read.columns))
        if sure := explain_table.decision(read.columns, read.decision):
            yield from self._wrap(4, ("dim", f"  {sure}"))

    def _source(self, row: SourceRow) -> Iterator[Line]:
        yield ()
        yield from self._wrap(8, ("label", "source  "), ("", f"{row.path}, table {row.table}, row {row.row}"))
        found = row.excerpt
        if found is not None:
            if found.problem:
                yield from self._wrap(4, ("warning", f"  {found.problem}"))
            width = max((len(line.place) for line in found.lines), default=0)
            last = found.lines[0].number if found.lines else 0
            for line in found.lines:
                if line.number > last + 1:
                    yield (("dim", f"    {_GAP:>{width}}"),)
                last = line.number
                style: Style = "mark" if line.mark == "row" else "dim"
                yield ((style, f"  {_SIGNS[line.mark]} {line.place:>{width}} | {line.text}"),)
            if found.omitted:
                yield (("dim", f"    {count(found.omitted, 'more line')} of this row"),)
        for cells in row.cells[:_SHOWN]:
            yield from self._columns("cells", ((row.called.get(header, cut(header)), (("", cut(text)),)) for header, text in cells.items()))
        if len(row.cells) > _SHOWN:
            yield (("dim", f"  and the cells of {count(len(row.cells) - _SHOWN, 'more rule')}"),)

    def _context(self) -> Iterator[Line]:
        """Yield the lines outside of the rows that traces rest on, each once."""
        lines: dict[str, dict[tuple[int, str, str], None]] = {}
        for one in self._told.statements:
            lines.setdefault(one.path, {}).update(dict.fromkeys((line.number, line.text, line.place) for line in one.lines))
        for path, found in lines.items():
            if found:
                yield ()
                yield from self._wrap(8, ("label", "context  "), ("", path))
                width = max(len(place) for *_, place in found)
                for _, text, place in sorted(found):
                    yield (("dim", f"    {place:>{width}} | {text}"),)

    def _all_fields(self) -> Iterator[Line]:
        """Yield the fields of the rules: what all rules of a row have in common once, then what is each one's own."""
        entries = self._told.rules
        if len(entries) < 2:
            for entry in entries:
                yield from self._fields("fields", entry, entry.steps)
            return
        own = [{step.field: step for step in entry.steps} for entry in entries]
        common = [step for step in entries[0].steps if all(steps.get(step.field) == step for steps in own)]
        shared = {step.field for step in common}
        yield from self._columns(f"fields of all {len(entries)} rules", self._rows(common, entries[0].rule))
        for entry in entries[:_SHOWN]:
            yield from self._fields(f"fields of {entry.rule.id}", entry, [step for step in entry.steps if step.field not in shared])
        if len(entries) > _SHOWN:
            yield ()
            yield (("dim", f"and {count(len(entries) - _SHOWN, 'more rule')}; ask for one by its id"),)

    def _fields(self, label: str, entry: ExplainedRule, steps: Sequence[provenance.Step]) -> Iterator[Line]:
        """Yield steps of a rule, the traces that belong to none of its steps, and in which other rows it stands."""
        rule = entry.rule
        rows = list(self._rows(steps, rule))
        told = {trace for step in entry.steps for trace in step.traces}
        rest = [trace for trace in rule.trace if trace not in told]
        for trace in rest[:_SHOWN]:
            rows += [(trace.field if not number else "", line) for number, line in enumerate(self._traced(trace, rule))]
        if len(rest) > _SHOWN:
            rows.append(("", (("dim", f"and {len(rest) - _SHOWN} more"),)))
        yield from self._columns(label, rows)
        if self._row is not None and len(rule.evidence) > 1:
            names = [f"{one.document}:{one.table}:{one.row}" for one in rule.evidence]
            yield from self._wrap(4, ("dim", f"  stated by {len(names)} rows: {_listed(names)}"))

    def _columns(self, label: str, rows: Iterable[tuple[str, Line]]) -> Iterator[Line]:
        listed = list(rows)
        if listed:
            yield ()
            yield (("label", label),)
            yield from table(listed, self._width, 2, MAX_NAME)

    def _rows(self, steps: Sequence[provenance.Step], rule: Rule | Unresolved) -> Iterator[tuple[str, Line]]:
        for step in steps:
            yield step.field, (("title", cut(step.value)) if step.value is not None else ("dim", _null(step, rule)),)
            for line in self._how(step, rule):
                yield "", line

    def _how(self, step: provenance.Step, rule: Rule | Unresolved) -> Iterator[Line]:
        """Yield what a value rests on. A rule of several rows has the same cell many times: it is shown once."""
        for text, line in self._cells(step.cells, rule):
            yield (("dim", text), ("", line))
        for text, line in self._cells(step.unread, rule):
            blank = all(literal.is_blank(cell.text) for cell in step.unread)
            yield (("dim", text), ("", f"{line}, which {'names none' if blank else 'was not understood'}"))
        unread = {cell.text for cell in step.unread}
        for trace in step.traces[:_SHOWN]:
            # The cell that it is about is told already.
            skipped = 1 if not trace.became and trace.said in unread else 0
            yield from list(self._traced(trace, rule))[skipped:]
        if len(step.traces) > _SHOWN:
            yield (("dim", f"and {len(step.traces) - _SHOWN} more"),)
        # For a null, the default was already shown as the value.
        if step.default and step.value is not None:
            yield (("dim", step.default),)

    def _cells(self, cells: Sequence[CellText], rule: Rule | Unresolved) -> Iterator[tuple[str, str]]:
        grouped: dict[tuple[str, str, str], list[CellText]] = {}
        for cell in cells:
            grouped.setdefault((cell.what, cell.header, cell.text), []).append(cell)
        # Those of the row that was asked for come first.
        ordered = sorted(grouped.items(), key=lambda item: not any(map(self._is_asked, item[1])))
        for (what, header, text), group in ordered[:_SHOWN]:
            name = what if what != "cell" else f"{what} {quoted(cut(header))}"
            yield "", f"{name} says {quoted(cut(text))}{self._where(group, rule)}"
        if len(ordered) > _SHOWN:
            yield f"and {count(len(ordered) - _SHOWN, 'more cell')}", ""

    def _is_asked(self, cell: CellText) -> bool:
        row = self._row
        return row is not None and (cell.document, cell.table, cell.row) == (row.document, row.table, row.row)

    def _where(self, group: Sequence[CellText], rule: Rule | Unresolved) -> str:
        """Return in which rows of a rule of several rows a cell stands."""
        if len(rule.evidence) < 2:
            return ""
        first = next(filter(self._is_asked, group), group[0])
        several = len({one.document for one in rule.evidence}) > 1
        place = f"{first.document + ', ' if several else ''}table {first.table}, row {first.row}"
        if len(group) == 1:
            return f" ({place})"
        return f" ({place} and {count(len(group) - 1, 'more row')})" if self._row else f" (in {len(group)} of {len(rule.evidence)} rows)"

    def _traced(self, trace: Trace, rule: Rule | Unresolved) -> Iterator[Line]:
        said, became = quoted(cut(trace.said)), quoted(cut(trace.became))
        if trace.kind == "patch":
            # Its reason is told with the patches.
            beside = f"{became}, where the rule beside it has {said if trace.said else NOT_STATED},"
            changed = beside if self._operations.get(trace.by) == "add" else f"{said} became {became}" if trace.said else became
            yield (("dim", "patch "), ("", f"{changed} by {trace.by}"))
            return
        about = f" of {trace.field}" if trace.kind in ("correction", "repair") else ""
        if not trace.became:
            yield (("dim", f"{trace.kind}{about} "), ("", f"{said} was not understood"))
        else:
            changed = f"{said} became {became}" if trace.said and trace.said != trace.became else became
            yield (("dim", f"{trace.kind}{about} "), ("", f"{changed} by {trace.by}"))
        yield (("dim", f"  {cut(trace.why)}{self._at(trace, rule)}"),)

    def _at(self, trace: Trace, rule: Rule | Unresolved) -> str:
        """Return where the line is that a trace rests on, as far as its reason does not say so: a document where there are several."""
        found = reference(trace)
        if found is None:
            return ""
        elsewhere = {one.document for one in rule.evidence} != {found.document}
        of = f" of {self._paths.get(found.document, found.document)}" if elsewhere else ""
        if trace.kind == "context":
            return of
        return f" ({trace.at or f'line {found.line}'}{of})" if elsewhere or trace.kind == "alias" else ""

    def _findings(self, label: str, findings: Sequence[Finding]) -> Iterator[Line]:
        if findings:
            yield ()
            yield (("label", label),)
        for found in findings[:_SHOWN]:
            place = f"table {found.table}" + (f", row {found.row}" if found.row else "") if found.table else ""
            of = f"{found.document}, " if found.document not in {row.path for row in self._told.rows} else ""
            at = f" at {of}{place}" if place else ""
            where = f" ({located(found.document, found.line, found.at)})" if found.document else ""
            message = f"{at}: {cut(found.message)} [{found.code}]"
            yield from self._wrap(4, (found.severity, f"  {found.severity}"), ("", message), ("dim", where))
        if len(findings) > _SHOWN:
            yield (("dim", f"  and {len(findings) - _SHOWN} more"),)

    def _patches(self) -> Iterator[Line]:
        """Yield the patches that changed the rules, each with its reason; what they changed stands at the fields."""
        known = {f"patch:{patch.id}": patch for patch in self._told.patches}
        why = {trace.by: trace.why for entry in self._told.rules for trace in entry.rule.trace if trace.kind == "patch"}
        if why:
            yield ()
            yield (("label", "patches"),)
        for by, reason in list(why.items())[:_SHOWN]:
            patch = known.get(by)
            where = f" ({patch.path}:{patch.line})" if patch else ""
            yield from self._wrap(4, ("", f"  {by}{f' ({patch.operation})' if patch else ''}: {cut(reason)}"), ("dim", where))
        if len(why) > _SHOWN:
            yield (("dim", f"  and {len(why) - _SHOWN} more"),)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN_LINES
    return ", ".join(names[:_SHOWN_LINES]) + (f" and {more} more" if more > 0 else "")
