"""Ports of both sides of a connection in one row: `Local port | Remote port`. A rule names the port of its destination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from extract import vocabulary
from extract.model import Trace, Value
from extract.rows import ways
from extract.rows.view import RowView


class Chosen(NamedTuple):
    """The port cells that count, with a trace where others do not, and the text of one that stands for cells of which one counts."""

    values: Sequence[Value]
    trace: tuple[Trace, ...] = ()
    unclear: str = ""


def choose(view: RowView, values: Sequence[Value]) -> Chosen:
    """Return the port cells of a row that hold ports of its destination.

    Those are the local ones of incoming traffic, and the remote ones of outgoing traffic. If the row says no direction, and the sides
    differ, one cell stands for all of them, and is no number. Cells without a side count, too.
    """
    local, remote = _of_side(values, "local_side"), _of_side(values, "remote_side")
    if not local or not remote or set(local) & set(remote):
        return Chosen(values)
    if [value.lines for value in local] == [value.lines for value in remote]:
        return Chosen(_without(values, local))
    stated = ways.read(view, None, None)[0]
    said = _said([*local, *remote])
    if stated not in ("ingress", "egress"):
        header = " | ".join(value.header for value in (*local, *remote))
        trace = Trace("ports", "reading", header, said, "side of a connection", "the row does not say which side is the destination")
        return Chosen([*_without(values, [*local, *remote]), Value((said,), header)], (trace,), unclear=said)
    kept, left, name = (local, remote, "local") if stated == "ingress" else (remote, local, "remote")
    why = f"the destination of {stated} traffic is the {name} side"
    return Chosen(_without(values, left), (Trace("ports", "reading", said, _said(kept), "side of a connection", why),))


def _without(values: Sequence[Value], others: Sequence[Value]) -> list[Value]:
    return [value for value in values if value not in others]


def _said(values: Sequence[Value]) -> str:
    return " | ".join(value.text for value in values)


def _of_side(values: Sequence[Value], section: str) -> list[Value]:
    return [value for value in values if vocabulary.finder(section).search(vocabulary.fold(value.header)) is not None]
