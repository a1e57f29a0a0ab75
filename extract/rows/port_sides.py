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
        return Chosen([value for value in values if value not in local])
    stated = ways.read(view, None, None)[0]
    said = " | ".join(value.text for value in (*local, *remote))
    if stated not in ("ingress", "egress"):
        header = " | ".join(value.header for value in (*local, *remote))
        trace = Trace("ports", "reading", header, said, "side of a connection", "the row does not say which side is the destination")
        others = [value for value in values if value not in (*local, *remote)]
        return Chosen((*others, Value((said,), header)), (trace,), unclear=said)
    kept, left, name = (local, remote, "local") if stated == "ingress" else (remote, local, "remote")
    why = f"the destination of {stated} traffic is the {name} side"
    became = " | ".join(value.text for value in kept)
    return Chosen([value for value in values if value not in left], (Trace("ports", "reading", said, became, "side of a connection", why),))


def _of_side(values: Sequence[Value], section: str) -> list[Value]:
    return [value for value in values if vocabulary.finder(section).search(vocabulary.fold(value.header)) is not None]
