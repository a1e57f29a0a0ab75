"""Inbound rules whose table is headed for the other side: a column that contradicts the direction of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extract.catalogue import finding
from extract.check.names import name_key
from extract.model import Draft, Finding
from extract.normalize.rows import Candidate

_OTHERS = frozenset({"source", "far", "left", "flow"})


def check(draft: Draft, candidates: Sequence[Candidate]) -> Iterator[Finding]:
    """Yield a finding when a row among the inbound rules of one group has a lone Destination column that names others.

    Under an inbound heading the destination is the group itself; a column that names somebody else was meant as the source, or the
    heading is wrong. The header counts. (A lone Source column among outbound rules is read as the far side, where rows are read.)
    """
    if draft.near is None or "destination" not in draft.values or not _OTHERS.isdisjoint(draft.values):
        return
    owner = name_key(draft.near.value)
    inbound = [one for one in candidates if one.direction == "ingress" and one.destination is not None]
    strangers = sorted({one.destination.name for one in inbound if one.destination and name_key(one.destination.name) != owner})
    if inbound and len(strangers) == len({one.destination.name for one in inbound if one.destination}):
        header = draft.values["destination"][0].header
        message = f"among the inbound rules of {draft.near.value!r} the column {header!r} names {', '.join(map(repr, strangers))}"
        message += "; the header counts, the rule has no source"
        yield finding("direction-conflict", message, line=draft.line, table=draft.table, row=draft.row, cells=draft.cells)
