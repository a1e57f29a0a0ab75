"""The direction of a row: what its cells, their headers and its surroundings say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from extract.cells.direction import Way
from extract.model import Direction, Trace
from extract.regex import late
from extract.rows.view import RowView, context_trace

_REMARK = late(r"[(（]([^()（）]{2,30})[)）]")

Stated = tuple[Way | None, tuple[Trace, ...]]


def read(view: RowView, arrow: str | None, way: Direction | None) -> Stated:
    """Return the direction of a row with its trace. `arrow` is the one that the port cell holds, `way` what its header states."""
    return next(_stated(view, arrow, way), (None, ()))


def _stated(view: RowView, arrow: str | None, way: Direction | None) -> Iterator[Stated]:
    """Yield the directions that are stated; the first counts."""
    yield from _direction_cells(view)
    yield from _action_cells(view)
    yield from _ticks(view)
    if way:
        yield way, (Trace("direction", "context", way, way, "column header", "the header of the port column names the direction"),)
    if arrow == "<->" or any(view.read(value).arrow == "<->" for value in view.values("direction", "flow")):
        yield "both", (Trace("direction", "reading", "<->", "both", "arrow", "the arrow points both ways"),)
    yield from _remarks(view)
    if fact := view.fact("direction"):
        yield cast("Way", fact.value), (context_trace("direction", fact, fact.value),)


def _direction_cells(view: RowView) -> Iterator[Stated]:
    for value in view.values("direction"):
        said = view.read(value).direction
        if said:
            yield said, ()


def _action_cells(view: RowView) -> Iterator[Stated]:
    """`ALLOW IN`, `Allow outbound traffic`."""
    for value in view.values("action"):
        said = view.read(value).way_of_action
        if said:
            yield said, (Trace("direction", "reading", value.text, said, "action cell", f"the cell {value.header!r} states it"),)


def _ticks(view: RowView) -> Iterator[Stated]:
    ticked = dict.fromkeys(value.way for value in view.values("mark") if value.way and view.read(value).ticked)
    if ticked:
        both: Way = "both" if len(ticked) > 1 else next(iter(ticked))
        yield both, (Trace("direction", "context", "ticked", both, "column header", "the cells under the directions are ticks"),)


def _remarks(view: RowView) -> Iterator[Stated]:
    """`2528 (outbound)`, `80 (bidirectional)`: a remark beside the port or protocol says the way."""
    for value in view.values("port", "protocol"):
        remark = _REMARK.search(value.text) if len(value.lines) == 1 else None
        if remark is None:
            continue
        read = view.read_text(remark[1])
        # `53 (both)` speaks of transports as well as of directions.
        if (said := read.direction) and not read.protocol.protocols:
            yield said, (Trace("direction", "reading", remark[0], said, "remark in brackets", f"the cell {value.header!r} states it"),)


def unread(view: RowView, stated: Way | None) -> tuple[Trace, ...]:
    """Note the direction cells whose words state none; return a trace for each when nothing else does.

    The arrows of such cells are read elsewhere.
    """
    values = view.values("direction")
    if not values:
        return ()
    said = [(value.text, view.read(value)) for value in values if re.search(r"\w", value.text)]
    texts = [text for text, read in said if not read.none and not read.direction and not read.arrow]
    outcome = f"the rest of the page says {stated}" if stated else "nothing else of the page states one"
    for text in texts:
        view.find("direction-unknown", f"the direction cell says {text!r}, which is neither inbound nor outbound; {outcome}")
    why = "the direction cell names neither inbound nor outbound"
    return tuple(Trace("direction", "reading", text, "", "direction not understood", why) for text in texts if stated is None)
