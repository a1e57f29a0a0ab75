"""Rows whose headers contradict the direction of their table, or the direction in their description."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extract.catalogue import finding
from extract.cells import direction
from extract.cells.reading import Cells
from extract.check.names import name_key
from extract.check.provenance import NOT_STATED
from extract.model import FLOWS, Direction, Draft, Finding, Role
from extract.rows.row import Candidate

_OTHERS: frozenset[Role] = frozenset({"source", "far", "left", "flow"})
_TELLING: frozenset[Role] = FLOWS | {"far", "direction"}
# The lone column of an end -> the direction that a description may not name.
_AGAINST: dict[Role, Direction] = {"source": "egress", "destination": "ingress"}
# A longer description is prose, which may mention other connections.
_WORDS = 6


def check(draft: Draft, candidates: Sequence[Candidate], _: Cells) -> Iterator[Finding]:
    """Yield what contradicts the direction of the rules of a row."""
    yield from _strangers(draft, candidates)
    yield from _told(draft, candidates)


def _told(draft: Draft, candidates: Sequence[Candidate]) -> Iterator[Finding]:
    """Yield a finding when nothing but the header of the one column of ends tells the direction, and a description tells another.

    `All outbound traffic` or `Egress` in a table of security-group rules that has no other place for it. The header counts.
    """
    ends = [role for role in draft.values if role in _TELLING]
    if "direction" in draft.facts or len(ends) != 1 or ends[0] not in _AGAINST:
        return
    if not candidates or candidates[0].direction == _AGAINST[ends[0]]:
        return
    header = draft.values[ends[0]][0].header
    for value in (*draft.values.get("description", ()), *draft.values.get("service", ())):
        if len(value.text.split()) <= _WORDS and direction.of_heading(value.text) == _AGAINST[ends[0]]:
            message = f"the column {value.header!r} says {value.text!r}, and the column {header!r} names the {ends[0]}"
            message += f"; the header counts: by the page the direction is {candidates[0].direction or NOT_STATED}"
            yield finding("direction-conflict", message, line=draft.line, table=draft.table, row=draft.row, cells=draft.cells)
            return


def _strangers(draft: Draft, candidates: Sequence[Candidate]) -> Iterator[Finding]:
    """Yield a finding when a row among the inbound rules of one group has a lone Destination column that names others.

    Under an inbound heading the destination is the group itself; a column that names somebody else was meant as the source, or the
    heading is wrong. The header counts. (A lone Source column among outbound rules is read as the far side, where rows are read.)
    """
    owning = draft.facts.get("owner")
    if owning is None or "destination" not in draft.values or not _OTHERS.isdisjoint(draft.values):
        return
    owner = name_key(owning.value)
    inbound = [one for one in candidates if one.direction == "ingress" and one.destination is not None]
    strangers = sorted({one.destination.name for one in inbound if one.destination and name_key(one.destination.name) != owner})
    if inbound and len(strangers) == len({one.destination.name for one in inbound if one.destination}):
        header = draft.values["destination"][0].header
        message = f"among the inbound rules of {owning.value!r} the column {header!r} names {', '.join(map(repr, strangers))}"
        message += "; the header counts: by the page the rule has no source"
        yield finding("direction-conflict", message, line=draft.line, table=draft.table, row=draft.row, cells=draft.cells)
