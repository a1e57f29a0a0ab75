"""From the cells to the values: what every field of a published rule rests on, and whether that carries it.

The account is taken from what is published (the rule, its evidence and traces, the columns of the report) and from nothing that
the parsers know, so that it holds for whoever reads the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec

from extract import vocabulary
from extract.check import literal
from extract.interpret.drafts import evidence_names, field_names
from extract.model import DocumentReport, Endpoint, Evidence, Rule, TableReport, Trace, Unresolved

Field = Literal["action", "direction", "protocol", "ports", "icmp", "source", "destination", "description"]
Tables = Mapping[tuple[str, int], TableReport]
"""The reports on tables, by the id of their document and their number."""

_ICMP = frozenset({"icmp", "ipv6-icmp"})
_PORTS = frozenset({"port", "port_from", "port_to"})
_ICMP_COLUMNS = frozenset({"icmp", "icmp_code"})
_EITHER_END = frozenset({"near", "far", "address", "left", "right", "flow"})
# The columns in which the value of a field can stand as written.
_ROLES: Mapping[Field, frozenset[str]] = {
    "action": frozenset({"action"}),
    "direction": frozenset({"direction"}),
    "protocol": frozenset({"protocol", "type", "icmp"}) | _PORTS,
    "ports": _PORTS,
    "icmp": frozenset({"port"}) | _ICMP_COLUMNS,
    "source": frozenset({"source"}) | _EITHER_END,
    "destination": frozenset({"destination"}) | _EITHER_END,
    "description": frozenset({"service", "description"}),
}
# The fields of traces that are about a part of a field, or about the cell that it is read from.
_PART_OF: Mapping[str, Field] = {
    "type": "protocol",
    "from_port": "ports",
    "to_port": "ports",
    "port_text": "ports",
    "icmp_type": "icmp",
    "icmp_code": "icmp",
}
_NOT_SAID = "the page does not say"
_NO_ACTION_COLUMN = "a table without an action column lists what is allowed"


class CellText(msgspec.Struct, frozen=True):
    """A cell of the evidence, as written."""

    header: str
    text: str
    document: str
    table: int
    row: int


class Step(msgspec.Struct, frozen=True):
    """One field of a rule, and what it rests on: cells that hold the value, traces that explain it, or a documented default."""

    field: Field
    value: str | None
    cells: tuple[CellText, ...]
    traces: tuple[Trace, ...]
    default: str
    # Why the value is what it is where neither a cell nor a trace says so; else empty.


class _Piece(NamedTuple):
    """A cell with the role of its column, and its text as it was read: repaired where it was broken."""

    cell: CellText
    role: str
    text: str


def tables_of(reports: Iterable[DocumentReport]) -> dict[tuple[str, int], TableReport]:
    """Return the reports on the tables of documents in the form that `steps` takes."""
    return {(report.id, table.table): table for report in reports for table in report.tables}


def traffic_of(rule: Rule | Unresolved) -> str | None:
    """Return the ports of a rule, or its ICMP type and code, as text: "443", "8000-8100", "type 3 code 4", or the page's own words."""
    return _icmp(rule) if rule.protocol in _ICMP and not _open(rule) else _ports(rule)


def steps(rule: Rule | Unresolved, tables: Tables) -> tuple[Step, ...]:
    """Return what every field of a rule rests on. `ports` is left out for ICMP, `icmp` for everything else.

    `tables` holds the reports on the tables of the evidence; KeyError when one is missing.
    """
    return tuple(_Reader(rule, tables).steps())


def unexplained(rule: Rule | Unresolved, tables: Tables) -> tuple[str, ...]:
    """Return the fields whose value neither stands in a cell of the evidence nor is explained by a trace or a documented default."""
    reader = _Reader(rule, tables)
    return tuple(step.field for step in reader.steps() if not reader.is_explained(step))


class _Reader:
    """Compares one rule with its evidence."""

    def __init__(self, rule: Rule | Unresolved, tables: Tables) -> None:
        self._rule = rule
        self._tables = [tables[evidence.document, evidence.table] for evidence in rule.evidence]
        self._pieces = [piece for one, table in zip(rule.evidence, self._tables, strict=True) for piece in _pieces(one, table, rule.trace)]

    def steps(self) -> Iterator[Step]:
        values = _values(self._rule)
        for field, value in values.items():
            cells = tuple(dict.fromkeys(piece.cell for piece in self._holding(field, value)))
            repairs = {trace for trace in self._rule.trace if trace.field == "cell" and any(trace.said == cell.text for cell in cells)}
            traces = tuple(trace for trace in self._rule.trace if _PART_OF.get(trace.field, trace.field) == field or trace in repairs)
            carried = bool(cells) or any(self._carries(field, trace) for trace in traces)
            yield Step(field, value, cells, traces, "" if carried else self._default(field, value))

    def is_explained(self, step: Step) -> bool:
        """Return whether the cells, traces or default of a step carry its value, not only stand beside it."""
        if step.default:
            return True
        if step.field == "description":
            parts = (step.value or "").split("; ")
            return any(trace.kind == "patch" for trace in step.traces) or all(list(self._with_part(part)) for part in parts)
        if any(trace.kind == "patch" or self._carries(step.field, trace) for trace in step.traces):
            return True
        # The digits of a type stand in many cells; that they are the type, and with which code, a trace says.
        return bool(step.cells) and (step.field != "icmp" or self._rule.icmp_type is None)

    def _holding(self, field: Field, value: str | None) -> Iterator[_Piece]:
        """Yield the cells that literally hold the value of a field."""
        if value is None:
            return
        # The words that leave a port open may leave an ICMP type open.
        opened = field == "ports" and self._rule.from_port is None
        for piece in self._pieces:
            if piece.role in (_ROLES[field] | _ICMP_COLUMNS if opened else _ROLES[field]) and self._stands_in(field, value, piece):
                yield piece
        if field == "ports" and self._rule.from_port != self._rule.to_port:
            yield from self._ends()

    def _stands_in(self, field: Field, value: str, piece: _Piece) -> bool:
        rule, text = self._rule, piece.text
        if field == "action":
            return rule.action is not None and literal.says_action(text, rule.action)
        if field == "direction":
            return rule.direction is not None and literal.says_direction(text, rule.direction)
        if field == "protocol":
            return literal.names_protocol(text, value)
        if field == "ports":
            return _names_ports(text, rule) or (rule.from_port is None and literal.holds(text, value))
        if field == "icmp":
            wanted = rule.icmp_code if piece.role == "icmp_code" else rule.icmp_type
            return wanted is not None and literal.names_number(text, wanted)
        if field == "description":
            return any(literal.holds(text, part) for part in value.split("; "))
        return literal.holds(text, value)

    def _ends(self) -> Iterator[_Piece]:
        """Yield the two cells of a range that has a column for each of its ends."""
        for one in self._rule.evidence:
            ends = [("port_from", self._rule.from_port), ("port_to", self._rule.to_port)]
            found = [
                [
                    piece
                    for piece in self._pieces
                    if piece.role == role and _is_of(piece, one) and end is not None and literal.names_number(piece.text, end)
                ]
                for role, end in ends
            ]
            if all(found):
                yield from (piece for pieces in found for piece in pieces)

    def _with_part(self, part: str) -> Iterator[_Piece]:
        return (piece for piece in self._pieces if piece.role in _ROLES["description"] and literal.holds(piece.text, part))

    def _carries(self, field: Field, trace: Trace) -> bool:
        """Return whether a trace ends in the value of the field; an alias does when its other name is explained."""
        rule, became = self._rule, trace.became
        if field == "direction":
            return became in (rule.direction or "", "both")
        if field == "protocol":
            named = rule.protocol is not None and literal.names_protocol(became, rule.protocol)
            return named if trace.field == "type" else rule.protocol in became.split("/")
        if field == "ports":
            words = _open(rule)
            return _names_ports(became, rule) or (
                rule.from_port is None and (became == "every port" or (words is not None and literal.holds(became, words)))
            )
        if field == "icmp":
            return became == _icmp(rule)
        if field in ("source", "destination"):
            endpoint = rule.source if field == "source" else rule.destination
            return endpoint is not None and self._leads_to(field, trace, endpoint.name, frozenset())
        return became == _values(rule)[field]

    def _leads_to(self, field: Field, trace: Trace, name: str, passed: frozenset[Trace]) -> bool:
        if trace.field != field or trace in passed or not literal.holds(trace.became, name):
            return False
        if trace.kind != "alias":
            return True
        stands = any(piece.role in _ROLES[field] and literal.holds(piece.text, trace.said) for piece in self._pieces)
        return stands or any(self._leads_to(field, other, trace.said, passed | {trace}) for other in self._rule.trace)

    def _default(self, field: Field, value: str | None) -> str:
        """Return the documented default that a value is, empty when it is none."""
        own = {"ports": _PORTS, "source": {"source"}, "destination": {"destination"}}.get(field, _ROLES[field])
        said = any(piece.role in own and not literal.is_blank(piece.text) for piece in self._pieces)
        if field == "source" and any(trace.by == "direction-conflict" for trace in self._rule.trace):
            said = False
        if field == "action" and value == "allow":
            bare = any("action" not in {column.role for column in table.columns} for table in self._tables)
            return _NO_ACTION_COLUMN if bare else ""
        if value is not None:
            return ""
        if field == "icmp":
            return "every type, for the page names none"
        if field == "ports" and self._rule.protocol == vocabulary.ANY_PROTOCOL:
            return "every port of every protocol, for the page names none"
        if field == "ports" and self._rule.protocol is not None and self._rule.protocol not in vocabulary.ported():
            return f"{self._rule.protocol} has no ports"
        return _NOT_SAID if not said or field in ("action", "protocol") else ""


def _pieces(evidence: Evidence, table: TableReport, traces: Iterable[Trace]) -> Iterator[_Piece]:
    roles = _roles(evidence, table)
    repaired = {trace.said: trace.became for trace in traces if trace.field == "cell" and trace.kind == "repair"}
    for header, text in evidence.cells.items():
        cell = CellText(header, text, evidence.document, evidence.table, evidence.row)
        yield _Piece(cell, roles.get(header, ""), repaired.get(text, text))


def _roles(evidence: Evidence, table: TableReport) -> dict[str, str]:
    """Return the name of each cell of the evidence -> the role of its column."""
    roles = [column.role for column in table.columns]
    if set(evidence.cells) == {"row", "column", "cell"} and roles and roles[0] in ("source", "destination"):
        # A matrix: each cell stands for itself, its row and its column for the two ends.
        return {"row": roles[0], "column": "destination" if roles[0] == "source" else "source", "cell": "port"}
    headers = [column.header for column in table.columns]
    # A key/value table has fields, and the heading of the column that the rule stands in.
    fields, heading = field_names(headers)
    return {heading: "service", **dict(zip(fields, roles, strict=True)), **dict(zip(evidence_names(headers), roles, strict=True))}


def _is_of(piece: _Piece, evidence: Evidence) -> bool:
    return (piece.cell.document, piece.cell.table, piece.cell.row) == (evidence.document, evidence.table, evidence.row)


def _values(rule: Rule | Unresolved) -> dict[Field, str | None]:
    """Return every field that applies to a rule, as text."""
    traffic: Field = "icmp" if rule.protocol in _ICMP and not _open(rule) else "ports"
    return {
        "action": rule.action,
        "direction": rule.direction,
        "protocol": rule.protocol,
        traffic: traffic_of(rule),
        "source": _name(rule.source),
        "destination": _name(rule.destination),
        "description": rule.description or None,
    }


def _open(rule: Rule | Unresolved) -> str | None:
    return rule.port_text if isinstance(rule, Unresolved) else None


def _ports(rule: Rule | Unresolved) -> str | None:
    if rule.from_port is None or rule.to_port is None:
        return _open(rule)
    return str(rule.from_port) if rule.from_port == rule.to_port else f"{rule.from_port}-{rule.to_port}"


def _names_ports(text: str, rule: Rule | Unresolved) -> bool:
    return rule.from_port is not None and rule.to_port is not None and literal.names_ports(text, rule.from_port, rule.to_port)


def _icmp(rule: Rule | Unresolved) -> str | None:
    parts = (("type", rule.icmp_type), ("code", rule.icmp_code))
    return " ".join(f"{name} {number}" for name, number in parts if number is not None) or None


def _name(endpoint: Endpoint | None) -> str | None:
    return endpoint.name if endpoint is not None else None
