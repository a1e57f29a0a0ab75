"""Direction and endpoints of a row: which column, arrow, heading or group says who talks to whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, cast

import msgspec

from extract.cells import direction, flows
from extract.model import Direction, Endpoint, Fact, Role, Trace
from extract.regex import late
from extract.rows.view import RowView, context_trace

_REMARK = late(r"[(（]([^()（）]{2,30})[)）]")
_EITHER_END: tuple[Role, ...] = ("near", "far", "address", "left", "right")
_ARROW_WORDS = {"->": "the left column is the source", "<-": "the right column is the source", "<->": "both ways"}


End = Literal["source", "destination"]
Ends = dict[End, tuple[Endpoint, ...]]

_SIDES: tuple[End, ...] = ("source", "destination")
# Direction -> the side of the other one.
_FAR_SIDE: Mapping[str | None, End] = {"ingress": "source", "egress": "destination"}


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
        self._read: dict[tuple[str | None, Direction | None], list[Side]] = {}

    def read(self, arrow: str | None, way: Direction | None) -> list[Side]:
        """Return one side, or two for traffic both ways. `arrow` is the one that the port cell holds, `way` what its header states."""
        if (arrow, way) not in self._read:
            self._read[arrow, way] = self._sides(arrow, way)
        return self._read[arrow, way]

    def _sides(self, arrow: str | None, way: Direction | None) -> list[Side]:
        stated, trace = self._direction(arrow, way)
        sources, destinations, flow_trace = self._columns(arrow)
        trace = (*trace, *flow_trace)
        owner = self._view.fact("owner")
        if stated is None and owner is not None and not (sources and destinations):
            why = ""
            if sources and not self._view.values("destination"):
                stated, why = "ingress", "a Source column in a table that belongs to one group"
            elif destinations and not self._view.values("source", "near"):
                stated, why = "egress", "a Destination column in a table that belongs to one group"
            if stated:
                trace = (*trace, context_trace("direction", owner, stated, why))
        trace = (*trace, *self._unread(stated))
        if stated == "both":
            return [Side(way, *self._placed(way, sources, destinations, trace, False)) for way in ("ingress", "egress")]
        return [Side(stated, *self._placed(stated, sources, destinations, trace, True))]

    def _direction(self, arrow: str | None, way: Direction | None) -> tuple[direction.Way | None, tuple[Trace, ...]]:
        for value in self._view.values("direction"):
            said = self._view.read(value).direction
            if said:
                return said, ()
        ticked = dict.fromkeys(value.way for value in self._view.values("mark") if value.way and self._view.read(value).ticked)
        if ticked:
            both: direction.Way = "both" if len(ticked) > 1 else next(iter(ticked))
            return both, (Trace("direction", "context", "ticked", both, "column header", "the cells under the directions are ticks"),)
        if way:
            return way, (Trace("direction", "context", way, way, "column header", "the header of the port column names the direction"),)
        if arrow == "<->" or any(self._view.read(value).arrow == "<->" for value in self._view.values("direction", "flow")):
            return "both", (Trace("direction", "reading", "<->", "both", "arrow", "the arrow points both ways"),)
        for value in self._view.values("port", "protocol"):
            # `2528 (outbound)`, `80 (bidirectional)`: a remark beside the port or protocol says the way.
            remark = _REMARK.search(value.text) if len(value.lines) == 1 else None
            read = self._view.read_text(remark[1]) if remark else None
            said = read.direction if read else None
            # `53 (both)` speaks of transports as well as of directions.
            if remark and read and said and not read.protocol.protocols:
                return said, (Trace("direction", "reading", remark[0], said, "remark in brackets", f"the cell {value.header!r} states it"),)
        if fact := self._view.fact("direction"):
            return cast("direction.Way", fact.value), (context_trace("direction", fact, fact.value),)
        return None, ()

    def _unread(self, stated: direction.Way | None) -> tuple[Trace, ...]:
        """Note the direction cells whose words state none; return a trace for each when nothing else does.

        The arrows of such cells are read elsewhere.
        """
        values = self._view.values("direction")
        if not values:
            return ()
        said = [(value.text, self._view.read(value)) for value in values if re.search(r"\w", value.text)]
        texts = [text for text, read in said if not read.none and not read.direction and not read.arrow]
        outcome = f"the rule is {stated}, as the rest of the page says" if stated else "the rule has none"
        for text in texts:
            self._view.find("direction-unknown", f"the direction cell says {text!r}, which is neither inbound nor outbound; {outcome}")
        why = "the direction cell names neither inbound nor outbound"
        return tuple(Trace("direction", "reading", text, "", "direction not understood", why) for text in texts if stated is None)

    def _columns(self, arrow: str | None) -> tuple[tuple[Endpoint, ...], tuple[Endpoint, ...], tuple[Trace, ...]]:
        """Return sources and destinations that columns of the row state."""
        sources = self._endpoints("source")
        destinations = self._endpoints("destination")
        for value in self._view.values("flow"):
            flow = (flows.of_text(value.text) if len(value.lines) < 3 else None) or flows.of_pair(value.text)
            if flow:
                reading = Trace("source", "reading", value.text, flow.source, "X to Y", "the cell names source and destination")
                return sources or self._named(flow.source), destinations or self._named(flow.destination), (reading,)
        left, right = self._endpoints("left"), self._endpoints("right")
        if left or right:
            arrow = arrow or next((found for value in self._view.values("direction") if (found := self._view.read(value).arrow)), None)
            if arrow == "<-":
                left, right = right, left
            if arrow:
                return left, right, (Trace("source", "reading", arrow, left[0].name if left else "", "arrow", _ARROW_WORDS[arrow]),)
        return sources, destinations, ()

    def _named(self, text: str) -> tuple[Endpoint, ...]:
        return self._view.read_text(text).endpoints

    def _endpoints(self, role: Role) -> tuple[Endpoint, ...]:
        """Return the endpoints of one side. Several columns of a side (name, zone, address) describe the same endpoint: the address
        counts, else the first column that is not "any", because the others only say it less precisely.
        """
        values = self._view.values(role)
        if not values:
            return ()
        if len(values) == 1:
            return self._view.read(values[0]).endpoints
        found = [parsed for value in values if (parsed := self._view.read(value).endpoints)]
        precise = [parsed for parsed in found if all(one.kind in ("cidr", "host") for one in parsed)]
        limited = [parsed for parsed in found if not any(one.kind == "any" for one in parsed)]
        return next(iter(precise or limited or found), ())

    def _placed(
        self, stated: str | None, sources: tuple[Endpoint, ...], destinations: tuple[Endpoint, ...], trace: tuple[Trace, ...], one_way: bool
    ) -> tuple[tuple[Endpoint, ...], tuple[Endpoint, ...], tuple[Trace, ...]]:
        """Put what has no side of its own on the side it is on: columns of ends, and what the surroundings name."""
        added = list(trace)
        if stated == "egress" and sources and not self._view.values("destination") and not destinations and one_way:
            added.append(self._turned(sources))
            sources, destinations = (), sources
        ends: Ends = {"source": sources, "destination": destinations}
        far = self._endpoints("far")
        self._place_columns(ends, stated, far)
        added.extend(self._place_facts(ends))
        if stated and (one_way or far):
            added.extend(self._place_owner(ends, stated))
        added.extend(trace for side, placed in ends.items() for one in placed for trace in self._canonical(side, one))
        return ends["source"], ends["destination"], tuple(dict.fromkeys(added)) if len(added) > 1 else tuple(added)

    def _turned(self, sources: tuple[Endpoint, ...]) -> Trace:
        """Note that a lone Source column among outbound rules holds the far side, and return the trace of that."""
        text = "a lone Source column among outbound rules holds the far side"
        self._view.find("direction-conflict", f"{text}; taken as the destination")
        said = next((value.text for value in self._view.values("source") if self._view.read(value).endpoints == sources), "")
        return Trace("destination", "context", said, _names(sources), "direction-conflict", text)

    def _place_columns(self, ends: Ends, stated: str | None, far: tuple[Endpoint, ...]) -> None:
        """Fill empty ends from the columns of ends without a side."""
        near, address = self._endpoints("near"), self._endpoints("address")
        own: End = "source" if stated == "egress" else "destination"
        ends[own] = ends[own] or near
        if stated in _FAR_SIDE:
            ends[_FAR_SIDE[stated]] = ends[_FAR_SIDE[stated]] or far
        if address and stated == "ingress" and not ends["source"]:
            ends["source"] = address
        else:
            ends["destination"] = ends["destination"] or address

    def _place_facts(self, ends: Ends) -> Iterator[Trace]:
        """Fill empty ends from what titles and labels name; yield the traces."""
        for side in _SIDES:
            fact = self._view.fact(side)
            if fact is not None and not ends[side] and not self._view.values(side, "left", "right", "flow"):
                ends[side] = self._named(fact.value)
                if ends[side]:
                    yield context_trace(side, fact, _names(ends[side]))

    def _place_owner(self, ends: Ends, stated: str) -> Iterator[Trace]:
        """Fill the near end from the group or component that the rules belong to; yield the trace."""
        owner = self._view.fact("owner") or self._view.fact("component")
        side: End = "destination" if stated == "ingress" else "source"
        if owner is None or stated not in _FAR_SIDE or ends[side]:
            return
        # A lone Source column among outbound rules holds the other side.
        turned = side == "source" and self._view.values("source") and not self._view.values("destination")
        if turned or not self._view.values(side, "near", "right" if side == "destination" else "left", "flow"):
            ends[side] = (self._owner(owner),)
            yield context_trace(side, owner, owner.value)

    def _canonical(self, side: Role, one: Endpoint) -> tuple[Trace, ...]:
        """Return a trace where an address is not spelled in the row as it is spelled in the rule."""
        if one.kind not in ("cidr", "host"):
            return ()
        texts = [value.text for value in self._view.values(side, *_EITHER_END) if one in self._view.read(value).endpoints]
        texts = texts or [value.text for value in self._view.values("source", "flow")]
        if not texts or any(re.search(rf"(?<![\w.]){re.escape(one.name)}(?!\w)", text) for text in texts):
            return ()
        if one.kind == "cidr":
            return (Trace(side, "reading", texts[0], one.name, "canonical CIDR", "the canonical form of the network, host bits cleared"),)
        return (Trace(side, "reading", texts[0], one.name, "canonical address", "the canonical form of the address"),)

    def _owner(self, fact: Fact) -> Endpoint:
        found = self._named(fact.value)
        kind = found[0].kind if len(found) == 1 else "role"
        return Endpoint("group" if kind == "group" else "role", fact.value)


def _names(endpoints: Iterable[Endpoint]) -> str:
    return ", ".join(one.name for one in endpoints)
