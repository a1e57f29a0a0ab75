"""From the cells to the values: the source of every field of a published rule, and whether it supports the value.

This uses only what is published (the rule, its evidence and traces, the columns of the report), and nothing that only the parsers
know. So every reader of the data can check it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from extract import vocabulary
from extract.check import literal
from extract.check.evidence_cells import CellText, Piece, Tables, pieces_of
from extract.model import Endpoint, Rule, Trace, Unresolved

Field = Literal["action", "direction", "protocol", "ports", "icmp", "source", "destination", "description"]
_ICMP = frozenset({"icmp", "ipv6-icmp"})
_PORTS = frozenset({"port", "port_from", "port_to"})
_ICMP_COLUMNS = frozenset({"icmp", "icmp_code"})
# `Inbound from the load balancer` stands in a direction cell.
_EITHER_END = frozenset({"near", "owner", "far", "address", "end", "left", "right", "flow", "direction"})
# The columns in which the value of a field can stand as written.
_ROLES: Mapping[Field, frozenset[str]] = {
    "action": frozenset({"action"}),
    "direction": frozenset({"direction"}),
    "protocol": frozenset({"protocol", "type", "icmp"}) | _PORTS,
    "ports": _PORTS,
    "icmp": frozenset({"port"}) | _ICMP_COLUMNS,
    "source": frozenset({"source"}) | _EITHER_END,
    "destination": frozenset({"destination"}) | _EITHER_END,
    # The description also holds endpoints whose side is not known, and remarks on ports that do not narrow them.
    "description": frozenset({"service", "description", "owner", "far"}) | _PORTS,
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
# The columns of a single field. If such a cell says something that the value does not hold, it was not understood.
_OWN: Mapping[Field, frozenset[str]] = {
    "action": frozenset({"action"}),
    "direction": frozenset({"direction"}),
    "protocol": frozenset({"protocol", "type"}),
    "ports": _PORTS,
    "icmp": _ICMP_COLUMNS,
    "source": frozenset({"source"}),
    "destination": frozenset({"destination"}),
    "description": frozenset({"service", "description"}),
}
# Descriptions of several cells and rows are put together with it.
_JOINT = "; "

NOT_STATED = "not stated"
"""What people read, in every form of output, where a page does not say a value: it is null in the data, and never means any."""

_NO_ACTION_COLUMN = "a table without an action column lists what is allowed"


class Step(msgspec.Struct, frozen=True):
    """One field of a rule, and what it rests on: cells that hold the value, traces that explain it, or a documented default.

    If a field has no value, `unread` holds the cells of its column that still say something.
    """

    field: Field
    value: str | None
    cells: tuple[CellText, ...]
    traces: tuple[Trace, ...]
    # Why the value is what it is where neither a cell nor a trace says so; else empty.
    default: str
    unread: tuple[CellText, ...] = ()


def traffic_of(rule: Rule | Unresolved) -> str | None:
    """Return the ports of a rule, or its ICMP type and code, as text: "443", "8000-8100", "type 3 code 4", or the page's own words."""
    return _icmp(rule) if rule.protocol in _ICMP and not _open(rule) else _ports(rule)


def steps(rule: Rule | Unresolved, tables: Tables) -> tuple[Step, ...]:
    """Return what every field of a rule rests on. `ports` is left out for ICMP, `icmp` for everything else.

    `tables` holds the reports on the tables of the evidence; KeyError when one is missing.
    """
    return tuple(_Reader(rule, tables).steps())


def unexplained(rule: Rule | Unresolved, tables: Tables) -> tuple[Field, ...]:
    """Return the fields whose value neither stands in a cell of the evidence nor is explained by a trace or a documented default."""
    reader = _Reader(rule, tables)
    return tuple(step.field for step in reader.steps() if not reader.is_explained(step))


class _Reader:
    """Compares one rule with its evidence."""

    def __init__(self, rule: Rule | Unresolved, tables: Tables) -> None:
        self._rule = rule
        self._tables = [tables[evidence.document, evidence.table] for evidence in rule.evidence]
        self._pieces = list(pieces_of(rule, self._tables))
        # Field, role and text of a cell -> whether the text holds the value. Rows that state one rule have most texts in common.
        self._known: dict[tuple[Field, str, str], bool] = {}
        self._parts = frozenset(map(literal.bare, rule.description.split(_JOINT))) - {""}
        described = {piece.text for piece in self._pieces if piece.role in _ROLES["description"]}
        self._said_parts = frozenset(part for text in described for part in _parts_of(text))

    def steps(self) -> Iterator[Step]:
        for field, value in _values(self._rule).items():
            cells = tuple(dict.fromkeys(piece.cell for piece in self._holding(field, value)))
            texts = {cell.text for cell in cells}
            repairs = {trace for trace in self._rule.trace if trace.field == "cell" and trace.said in texts}
            traces = tuple(trace for trace in self._rule.trace if _PART_OF.get(trace.field, trace.field) == field or trace in repairs)
            carried = bool(cells) or any(self._carries(field, trace) for trace in traces)
            unread = tuple(dict.fromkeys(self._unread(field))) if value is None else ()
            yield Step(field, value, cells, traces, "" if carried else self._default(field, value, unread), unread)

    def is_explained(self, step: Step) -> bool:
        """Return whether the cells, traces or default of a step support its value."""
        if step.default or (step.unread and self._is_left_out(step)):
            return True
        if step.field == "description":
            parts = (step.value or "").split(_JOINT)
            return any(trace.kind == "patch" for trace in step.traces) or all(map(self._is_described, parts))
        if any(trace.kind == "patch" or self._carries(step.field, trace) for trace in step.traces):
            return True
        # The digits of a type stand in many cells; that they are the type, and with which code, a trace says.
        return bool(step.cells) and (step.field != "icmp" or self._rule.icmp_type is None)

    def _is_left_out(self, step: Step) -> bool:
        """Return whether a field without a value has a reason for each of its cells."""
        said = {trace.said for trace in step.traces if not trace.became}
        return step.field in ("action", "protocol") or said.issuperset(cell.text for cell in step.unread)

    def _holding(self, field: Field, value: str | None) -> Iterator[Piece]:
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

    def _stands_in(self, field: Field, value: str, piece: Piece) -> bool:
        key = field, piece.role, piece.text
        if key not in self._known:
            self._known[key] = self._holds(field, value, piece.role, piece.text)
        return self._known[key]

    def _holds(self, field: Field, value: str, role: str, text: str) -> bool:
        rule = self._rule
        if field == "action":
            return rule.action is not None and literal.says_action(text, rule.action)
        if field == "direction":
            return rule.direction is not None and literal.says_direction(text, rule.direction)
        if field == "protocol":
            return literal.names_protocol(text, value)
        if field == "ports":
            return _names_ports(text, rule) or (rule.from_port is None and literal.holds(text, value))
        if field == "icmp":
            wanted = rule.icmp_code if role == "icmp_code" else rule.icmp_type
            return wanted is not None and literal.names_number(text, wanted)
        if field == "description":
            return not self._parts.isdisjoint(_parts_of(text)) or any(literal.holds(text, part) for part in self._parts)
        return literal.holds(text, value)

    def _ends(self) -> Iterator[Piece]:
        """Yield the two cells of a range that has a column for each of its ends."""
        ends = {"port_from": self._rule.from_port, "port_to": self._rule.to_port}
        found: dict[tuple[str, int, int], list[Piece]] = {}
        for piece in self._pieces:
            end = ends.get(piece.role)
            if end is not None and literal.names_number(piece.text, end):
                found.setdefault((piece.cell.document, piece.cell.table, piece.cell.row), []).append(piece)
        for pieces in found.values():
            if {piece.role for piece in pieces} == ends.keys():
                yield from pieces

    def _is_described(self, part: str) -> bool:
        """Return whether a description cell holds a part of the description."""
        return literal.bare(part) in self._said_parts or any(
            piece.role in _ROLES["description"] and literal.holds(piece.text, part) for piece in self._pieces
        )

    def _unread(self, field: Field) -> Iterator[CellText]:
        """Yield the cells that say something in the columns of a field that has no value."""
        if field in ("icmp", "ports", "description"):
            return
        opposite: Field = "destination" if field == "source" else "source"
        taken = _values(self._rule)[opposite] if field in ("source", "destination") else None
        if field == "source" and any(trace.by == "direction-conflict" for trace in self._rule.trace):
            return
        for piece in self._pieces:
            # An arrow in a direction cell is read with the columns beside it.
            says = piece.text and not (field == "direction" and literal.is_blank(piece.text))
            if says and piece.role in _OWN[field] and not (taken and self._stands_in(opposite, taken, piece)):
                yield piece.cell

    def _carries(self, field: Field, trace: Trace) -> bool:
        """Return whether a trace ends in the value of the field. For an alias, the other name must be explained, too."""
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
            return endpoint is not None and self._leads_to(field, trace, endpoint.name)
        return became == _values(rule)[field]

    def _leads_to(self, field: Field, last: Trace, name: str) -> bool:
        """Return whether a chain of traces, over any number of aliases, leads from the words of the page to a name."""
        passed: set[Trace] = set()
        ways = [(last, name)]
        while ways:
            trace, wanted = ways.pop()
            if trace.field != field or trace in passed or not literal.holds(trace.became, wanted):
                continue
            if trace.kind != "alias" or any(
                piece.role in _ROLES[field] and literal.holds(piece.text, trace.said) for piece in self._pieces
            ):
                return True
            passed.add(trace)
            ways.extend((other, trace.said) for other in self._rule.trace)
        return False

    def _default(self, field: Field, value: str | None, unread: Sequence[CellText]) -> str:
        """Return the documented default that a value is, empty when it is none."""
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
        said = [cell.text for cell in unread]
        if field in ("ports", "description"):
            said = [piece.text for piece in self._pieces if piece.role in _OWN[field]]
        return NOT_STATED if all(map(literal.is_blank, said)) else ""


@functools.lru_cache(maxsize=4096)
def _parts_of(text: str) -> frozenset[str]:
    """Return the parts that the text of a description cell can be of a description."""
    return frozenset(map(literal.bare, text.split(_JOINT))) - {""}


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
