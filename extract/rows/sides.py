"""Direction and endpoints of a row: which column, arrow, heading or group says who talks to whom."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import cast

import msgspec

from extract import vocabulary
from extract.cells import direction, endpoint, protocol
from extract.cells.limits import MAX_ARROW
from extract.cells.ports import is_none
from extract.model import Direction, Endpoint, Said, Trace
from extract.regex import late
from extract.rows.view import RowView, context_trace, is_ticked

_ARROW = rf"<?[-=]{{1,{MAX_ARROW}}}>|<[-=]{{1,{MAX_ARROW}}}|(?<=\s)>(?=\s)|[\u2190\u2192\u2194\u21d0\u21d2\u21d4\u27f6\u279c]"
_REMARK = late(r"[(（]([^()（）]{2,30})[)）]")
_SLASH_PAIR = late(r"(?P<source>[^/]+?)\s+/\s+(?P<destination>[^/]+)")
_EITHER_END = ("near", "far", "address", "left", "right")
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
        if stated is None and not (sources and destinations):
            if sources and self._view.draft.near and not self._view.values("destination"):
                stated, why = "ingress", "a Source column in a table that belongs to one group"
                trace = (
                    *trace,
                    Trace("direction", "context", self._view.draft.near.text, stated, why, f"line {self._view.draft.near.line}"),
                )
            elif destinations and self._view.draft.near and not self._view.values("source") and not self._view.values("near"):
                stated, why = "egress", "a Destination column in a table that belongs to one group"
                trace = (
                    *trace,
                    Trace("direction", "context", self._view.draft.near.text, stated, why, f"line {self._view.draft.near.line}"),
                )
        trace = (*trace, *self._unread(stated))
        if stated == "both":
            return [Side(way, *self._placed(way, sources, destinations, trace, False)) for way in ("ingress", "egress")]
        return [Side(stated, *self._placed(stated, sources, destinations, trace, True))]

    def _direction(self, arrow: str | None, way: Direction | None) -> tuple[direction.Stated | None, tuple[Trace, ...]]:
        for value in self._view.values("direction"):
            said = direction.of_cell(value.text)
            if said:
                return said, ()
        ticked = dict.fromkeys(value.way for value in self._view.values("mark") if value.way and is_ticked(value.text))
        if ticked:
            both: direction.Stated = "both" if len(ticked) > 1 else next(iter(ticked))
            return both, (Trace("direction", "context", "ticked", both, "column header", "the cells under the directions are ticks"),)
        if way:
            return way, (Trace("direction", "context", way, way, "column header", "the header of the port column names the direction"),)
        if self._view.draft.flow and direction.arrow_of(self._view.draft.flow.value) == "<->":
            return "both", (context_trace("direction", self._view.draft.flow, "both"),)
        if arrow == "<->" or any(direction.arrow_of(value.text) == "<->" for value in self._view.values("direction", "flow")):
            return "both", (Trace("direction", "reading", "<->", "both", "arrow", "the arrow points both ways"),)
        for value in self._view.values("port", "protocol"):
            # `2528 (outbound)`, `80 (bidirectional)`: a remark beside the port or protocol says the way.
            remark = _REMARK.search(value.text) if len(value.lines) == 1 else None
            said = direction.of_cell(remark[1]) if remark else None
            # `53 (both)` speaks of transports as well as of directions.
            if remark and said and not protocol.parse((remark[1],)).protocols:
                return said, (Trace("direction", "reading", remark[0], said, "remark in brackets", f"the cell {value.header!r} states it"),)
        for around in self._view.draft.direction:
            return cast("direction.Stated", around.value), (context_trace("direction", around, around.value),)
        return None, ()

    def _unread(self, stated: direction.Stated | None) -> tuple[Trace, ...]:
        """Note the direction cells whose words state none; return a trace for each when nothing else does.

        The arrows of such cells are read elsewhere.
        """
        values = self._view.values("direction")
        if not values:
            return ()
        said = [value.text for value in values if re.search(r"\w", value.text) and not is_none(value.text)]
        texts = [text for text in said if not direction.of_cell(text) and not direction.arrow_of(text)]
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
            match = _flow().match(" ".join(value.lines)) if len(value.lines) < 3 else None
            match = match or _SLASH_PAIR.fullmatch(value.text)
            if match:
                source, destination = _ends(match, value.text)
                reading = Trace("source", "reading", value.text, source, "X to Y", "the cell names source and destination")
                return sources or endpoint.parse((source,)), destinations or endpoint.parse((destination,)), (reading,)
        around = self._view.draft.flow
        if around and not sources and not destinations and (match := _flow().match(around.value)):
            source, destination = _ends(match, around.value)
            ends = {"source": endpoint.parse((source,)), "destination": endpoint.parse((destination,))}
            traces = tuple(context_trace(side, around, _names(parsed)) for side, parsed in ends.items() if parsed)
            return ends["source"], ends["destination"], traces
        left, right = self._endpoints("left"), self._endpoints("right")
        if left or right:
            arrow = arrow or next((found for value in self._view.values("direction") if (found := direction.arrow_of(value.text))), None)
            if arrow == "<-":
                left, right = right, left
            if arrow:
                return left, right, (Trace("source", "reading", arrow, left[0].name if left else "", "arrow", _ARROW_WORDS[arrow]),)
        return sources, destinations, ()

    def _endpoints(self, role: str) -> tuple[Endpoint, ...]:
        """Return the endpoints of one side. Several columns of a side (name, zone, address) describe the same endpoint: the address
        counts, else the first column that is not "any", because the others only say it less precisely.
        """
        values = self._view.values(role)
        if len(values) < 2:
            return endpoint.parse(values[0].lines) if values else ()
        found = [parsed for value in values if (parsed := endpoint.parse(value.lines))]
        precise = [parsed for parsed in found if all(one.kind in ("cidr", "host") for one in parsed)]
        limited = [parsed for parsed in found if not any(one.kind == "any" for one in parsed)]
        return next(iter(precise or limited or found), ())

    def _placed(
        self, stated: str | None, sources: tuple[Endpoint, ...], destinations: tuple[Endpoint, ...], trace: tuple[Trace, ...], one_way: bool
    ) -> tuple[tuple[Endpoint, ...], tuple[Endpoint, ...], tuple[Trace, ...]]:
        """Put the endpoint columns without a side of their own, and the group that the table belongs to, on the side they are on."""
        far, near, address = self._endpoints("far"), self._endpoints("near"), self._endpoints("address")
        added = list(trace)
        if stated == "egress" and sources and not self._view.values("destination") and not destinations and one_way:
            text = "a lone Source column among outbound rules holds the far side"
            self._view.find("direction-conflict", f"{text}; taken as the destination")
            added.append(
                Trace(
                    "destination",
                    "context",
                    next((value.text for value in self._view.values("source") if endpoint.parse(value.lines) == sources), ""),
                    _names(sources),
                    "direction-conflict",
                    text,
                )
            )
            sources, destinations = (), sources
        if near and not destinations and stated != "egress":
            destinations, near = near, ()
        elif near and not sources and stated == "egress":
            sources, near = near, ()
        if far and not sources and stated == "ingress":
            sources = far
        elif far and not destinations and stated == "egress":
            destinations = far
        if address and not sources and stated == "ingress":
            sources = address
        elif address and not destinations:
            destinations = address
        if stated and (one_way or far):
            owner = self._view.draft.near or self._view.draft.component
            if owner and stated == "ingress" and not destinations and not self._view.values("destination", "near", "right", "flow"):
                destinations = (_owner(owner),)
                added.append(context_trace("destination", owner, owner.value))
            elif (owner and stated == "egress" and not sources and not self._view.values("source", "near", "left", "flow")) or (
                owner and stated == "egress" and not sources and self._view.values("source") and not self._view.values("destination")
            ):
                sources = (_owner(owner),)
                added.append(context_trace("source", owner, owner.value))
        added.extend(trace for one in sources for trace in self._canonical("source", one))
        added.extend(trace for one in destinations for trace in self._canonical("destination", one))
        return sources, destinations, tuple(dict.fromkeys(added)) if len(added) > 1 else tuple(added)

    def _canonical(self, side: str, one: Endpoint) -> tuple[Trace, ...]:
        """Return a trace where an address is not spelled in the row as it is spelled in the rule."""
        if one.kind not in ("cidr", "host"):
            return ()
        texts = [value.text for value in self._view.values(side, *_EITHER_END) if one in endpoint.parse(value.lines)]
        texts = texts or [value.text for value in self._view.values("source", "flow")]
        if not texts or any(re.search(rf"(?<![\w.]){re.escape(one.name)}(?!\w)", text) for text in texts):
            return ()
        if one.kind == "cidr":
            return (Trace(side, "reading", texts[0], one.name, "canonical CIDR", "the canonical form of the network, host bits cleared"),)
        return (Trace(side, "reading", texts[0], one.name, "canonical address", "the canonical form of the address"),)


@functools.cache
def _flow() -> re.Pattern[str]:
    """Return a cell that names both ends of a flow: `A -> B`, `A to B`, `from A to B`."""
    start, joint = vocabulary.pattern("from"), vocabulary.pattern("to")
    between = rf"\s+{joint}\s+|\s*(?:{_ARROW})\s*"
    return re.compile(rf"^(?:{start}\s+)?(?P<source>.+?)\s*(?:{between})(?P<destination>.+)$", re.IGNORECASE)


def _ends(match: re.Match[str], text: str) -> tuple[str, str]:
    """Return source and destination of a flow; its arrow may point to the left."""
    turned = direction.arrow_of(text) == "<-"
    return (match["destination"], match["source"]) if turned else (match["source"], match["destination"])


def _names(endpoints: Iterable[Endpoint]) -> str:
    return ", ".join(one.name for one in endpoints)


def _owner(said: Said) -> Endpoint:
    found = endpoint.parse((said.value,))
    kind = found[0].kind if len(found) == 1 else "role"
    return Endpoint("group" if kind == "group" else "role", said.value)
