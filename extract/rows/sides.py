"""Direction and endpoints of a row: which column, arrow, heading or group says who talks to whom."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from extract.cells import direction, flows
from extract.model import Direction, Endpoint, EndSide, Trace, Value
from extract.rows import ways
from extract.rows.placing import FAR_SIDE, Ends, Placing
from extract.rows.view import RowView, context_trace

_ARROW_WORDS = {"->": "the left column is the source", "<-": "the right column is the source", "<->": "both ways"}


class Side(msgspec.Struct, frozen=True):
    """Direction and endpoints of one rule; several sources and destinations make several rules."""

    direction: Direction | None
    sources: tuple[Endpoint, ...]
    destinations: tuple[Endpoint, ...]
    trace: tuple[Trace, ...]


class SideReader:
    """Reads direction and endpoints of one row."""

    def __init__(self, view: RowView) -> None:
        """Take the row."""
        self._view = view
        self._placing = Placing(view)
        self._read: dict[tuple[str | None, Direction | None], list[Side]] = {}

    def read(self, arrow: str | None, way: Direction | None) -> list[Side]:
        """Return one side, or two for traffic both ways. `arrow` is the one that the port cell holds, `way` what its header states."""
        if (arrow, way) not in self._read:
            self._read[arrow, way] = list(self._of_headers()) or self._sides(arrow, way)
        return self._read[arrow, way]

    def _of_headers(self) -> Iterator[Side]:
        """Yield the sides of traffic whose way the header of an end states, `Outgoing to`: the end is the far one."""
        columns = self._view.values("source", "destination", "far")
        for value in columns:
            far = self._view.read(value).endpoints
            if value.way and far:
                why = "the header of the column of ends names the direction"
                trace = [Trace("direction", "context", value.header, value.way, "column header", why)]
                why = "the header of the cell names another direction"
                trace += [
                    Trace(FAR_SIDE[one.way], "context", one.text, "", "column header", why)
                    for one in columns
                    if one.way not in (None, value.way)
                ]
                ends: Ends = {"source": (), "destination": (), FAR_SIDE[value.way]: far}
                yield Side(value.way, *self._placing.place(value.way, ends, tuple(trace), True))

    def _sides(self, arrow: str | None, way: Direction | None) -> list[Side]:
        stated, trace = ways.read(self._view, arrow, way)
        sources, destinations, flow_trace = self._columns(arrow)
        trace = (*trace, *flow_trace)
        if stated is None and not (sources and destinations):
            stated, owned = self._of_owner(bool(sources), bool(destinations))
            trace = (*trace, *owned)
        trace = (*trace, *ways.unread(self._view, stated))
        stated_ways: tuple[Direction | None, ...] = ("ingress", "egress") if stated == "both" else (stated,)
        return [
            Side(one, *self._placing.place(one, {"source": sources, "destination": destinations}, trace, stated != "both"))
            for one in stated_ways
        ]

    def _of_owner(self, sources: bool, destinations: bool) -> tuple[direction.Way | None, tuple[Trace, ...]]:
        """Return the direction of a table that belongs to one group, by the one column of ends that it has."""
        owner = self._view.fact("owner")
        if owner is None:
            return None, ()
        if sources and not self._view.values("destination"):
            why = "a Source column in a table that belongs to one group"
            return "ingress", (context_trace("direction", owner, "ingress", why),)
        if destinations and not self._view.values("source", "near"):
            why = "a Destination column in a table that belongs to one group"
            return "egress", (context_trace("direction", owner, "egress", why),)
        return None, ()

    def _columns(self, arrow: str | None) -> tuple[tuple[Endpoint, ...], tuple[Endpoint, ...], tuple[Trace, ...]]:
        """Return sources and destinations that columns of the row state."""
        sources, ticked_sources = self._stated("source")
        destinations, ticked_destinations = self._stated("destination")
        for value in self._view.values("flow"):
            flow = self._flow(value)
            if flow:
                reading = Trace("source", "reading", value.text, flow.source, "X to Y", "the cell names source and destination")
                sources = self._of_flow(value, "source", flow.source, sources)
                return sources, self._of_flow(value, "destination", flow.destination, destinations), (reading,)
        left, right = self._view.endpoints("left"), self._view.endpoints("right")
        arrow = arrow or next((found for value in self._view.values("direction") if (found := self._view.read(value).arrow)), None)
        if not arrow or not (left or right):
            return sources, destinations, (*ticked_sources, *ticked_destinations)
        if arrow == "<-":
            left, right = right, left
        return left, right, (Trace("source", "reading", arrow, left[0].name if left else "", "arrow", _ARROW_WORDS[arrow]),)

    def _stated(self, side: EndSide) -> tuple[tuple[Endpoint, ...], tuple[Trace, ...]]:
        """Return the ends of a side that the row names, or for which it is ticked."""
        if named := self._view.endpoints(side):
            return named, ()
        ends: dict[Endpoint, Trace] = {}
        for value in self._view.values("mark"):
            if value.end is not None and value.end.side == side and self._view.read(value).ticked:
                why = f"the cell under {value.header!r} is ticked"
                for one in self._view.read_text(value.end.name).endpoints:
                    ends[one] = Trace(side, "context", value.header, one.name, "ticked column", why)
        return tuple(ends), tuple(ends.values())

    def _of_flow(self, value: Value, side: EndSide, name: str, stated: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
        """Return the ends of a side that has the name `name` in a flow. What a column of that side alone states outranks it."""
        named = self._named(name)
        if stated and named and set(stated).isdisjoint(named):
            why = f"another cell names another {side}; without a patch, the rule does not use it"
            self._view.find("end-not-placed", f"the cell {value.header!r} names {name!r}, and {why}")
        return stated or named

    def _flow(self, value: Value) -> flows.Flow | None:
        return (flows.of_text(value.text) if len(value.lines) < flows.LISTED_LINES else None) or flows.of_pair(value.text)

    def _named(self, text: str) -> tuple[Endpoint, ...]:
        return self._view.read_text(text).endpoints
