"""Ports of both sides of a connection in one row: `Local port | Remote port`. A rule names the port of its destination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from extract import vocabulary
from extract.model import Trace, Value
from extract.rows import ways
from extract.rows.view import RowView


class Chosen(NamedTuple):
    """The port cells that count, with a trace where one beside them does not, and whether one of them stands for cells that differ."""

    values: Sequence[Value]
    trace: tuple[Trace, ...] = ()
    differ: bool = False


def choose(view: RowView, values: Sequence[Value]) -> Chosen:
    """Return the port cells of a row that hold ports of its destination.

    The port is the local one of incoming traffic, and the remote one of outgoing traffic. If the row says no direction, and the cells
    differ, one cell stands for both, and is no number.
    """
    local, remote = _one(values, "local_side"), _one(values, "remote_side")
    if len(values) != 2 or local is None or remote is None or local is remote:
        return Chosen(values)
    if local.text == remote.text:
        return Chosen((remote,))
    stated = ways.read(view, None, None)[0]
    kept = {"ingress": local, "egress": remote}.get(stated or "")
    said = f"{local.text} | {remote.text}"
    if kept is None:
        header = f"{local.header} | {remote.header}"
        trace = Trace("ports", "reading", header, said, "side of a connection", "the row does not say which side is the destination")
        return Chosen((Value((said,), header),), (trace,), differ=True)
    why = f"the destination of {stated} traffic is the {'local' if kept is local else 'remote'} side"
    return Chosen((kept,), (Trace("ports", "reading", said, kept.text, "side of a connection", why),))


def _one(values: Sequence[Value], section: str) -> Value | None:
    found = [value for value in values if vocabulary.finder(section).search(vocabulary.fold(value.header)) is not None]
    return found[0] if len(found) == 1 else None
