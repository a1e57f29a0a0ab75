"""The endpoints of a row that are not yet source or destination: columns of hosts, groups and addresses, and names around the table."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from extract import vocabulary
from extract.model import Endpoint, EndSide, Fact, Role, Trace, Value
from extract.rows.view import RowView, context_trace

Ends = dict[EndSide, tuple[Endpoint, ...]]

SIDES: tuple[EndSide, ...] = ("source", "destination")
FAR_SIDE: Mapping[str | None, EndSide] = {"ingress": "source", "egress": "destination"}
"""Direction -> the side of the other one."""
_CANONICAL = {
    "cidr": ("canonical CIDR", "the canonical form of the network, host bits cleared"),
    "host": ("canonical address", "the canonical form of the address"),
}
# The side of the other end -> the words that say so.
_PREPOSITIONS: Mapping[EndSide, str] = {"source": "away_from", "destination": "toward"}
# The columns of hosts that may be either end.
_OTHER_HOSTS: tuple[Role, ...] = ("far", "near", "address", "end")
_EITHER_END: tuple[Role, ...] = ("near", "far", "address", "end", "owner", "left", "right")


class Placing:
    """Makes each endpoint of one row its source or its destination."""

    def __init__(self, view: RowView) -> None:
        """Take the row."""
        self._view = view

    def place(
        self, stated: str | None, ends: Ends, trace: tuple[Trace, ...], one_way: bool
    ) -> tuple[tuple[Endpoint, ...], tuple[Endpoint, ...], tuple[Trace, ...]]:
        """Return sources, destinations and trace of traffic of one direction. `ends` has those with a stated side, and is filled."""
        added = [*trace, *self._place_of_ports(ends)]
        if stated == "egress" and one_way and self._is_lone_source(ends):
            lone, ends["source"] = ends["source"], ()
            if self._is_partly_unread():
                added.extend(self._unplaced("source"))
            else:
                added.append(self._turned(lone))
                ends["destination"] = lone
        far = self._view.endpoints("far") or self._of_direction_cells()
        if sides := self._sides_of_prepositions():
            self._place_by_preposition(ends, sides, far)
        else:
            self._place_columns(ends, stated, far)
        added.extend(self._beside_flow(ends))
        added.extend(self._place_facts(ends))
        if stated and (one_way or far or self._view.values("address")):
            added.extend(self._place_owner(ends, stated))
        added.extend(trace for side, placed in ends.items() for one in placed for trace in self._canonical(side, one))
        return ends["source"], ends["destination"], tuple(dict.fromkeys(added)) if len(added) > 1 else tuple(added)

    def _place_of_ports(self, ends: Ends) -> Iterator[Trace]:
        """Fill empty ends from port cells that name them, `TCP 443 from the load balancer`; yield the traces.

        Where port cells of a row name different ends, each end belongs to the ports of its own cell, and none to the row.
        """
        stated = [
            (value, *self._view.read(value).end_of_ports[1:])
            for value in self._view.values("port")
            if not self._view.read(value).ports.none
        ]
        if len({(side, name) for _, side, name in stated}) > 1:
            for value, _, name in stated:
                if name:
                    why = "other ports of the row have another end; without a patch, the rule does not use it"
                    self._view.find("end-not-placed", f"the cell {value.header!r} names {name!r}, and {why}")
            return
        for value, side, name in stated:
            named = self._view.read_text(name).endpoints if name else ()
            for one in SIDES:
                if one == side and named and not ends[one]:
                    ends[one] = named
                    yield Trace(one, "reading", value.text, names(named), "end in a port cell", "the port cell names the end")

    def _of_direction_cells(self) -> tuple[Endpoint, ...]:
        """Return the other end that direction cells name: `Inbound from the load balancer`."""
        names = [name for value in self._view.values("direction") if (name := self._view.read(value).end_of_way)]
        return tuple(end for name in names for end in self._view.read_text(name).endpoints)

    def _is_lone_source(self, ends: Ends) -> bool:
        """Return whether a lone Source column stands among outbound rules, where it holds the far side."""
        lone = not self._view.values("destination", "end", "near") and not ends["destination"]
        return bool(ends["source"]) and lone and not any(value.way for value in self._view.values("source"))

    def _is_partly_unread(self) -> bool:
        """Return whether a column that nobody understands may be the end that the row seems to lack."""
        return any(value.unread for value in self._view.values("description"))

    def _turned(self, sources: tuple[Endpoint, ...]) -> Trace:
        text = "a lone Source column among outbound rules holds the far side"
        self._view.find("direction-conflict", f"{text}; taken as the destination")
        said = next((value.text for value in self._view.values("source") if self._view.read(value).endpoints == sources), "")
        return Trace("destination", "context", said, names(sources), "direction-conflict", text)

    def _place_columns(self, ends: Ends, stated: str | None, far: tuple[Endpoint, ...]) -> None:
        """Fill empty ends from the columns of ends without a side."""
        own: EndSide = "source" if stated == "egress" else "destination"
        other = FAR_SIDE.get(stated)
        address = self._view.endpoints("address")
        near = self._view.endpoints("near")
        if stated == "egress" and not ends["destination"] and not far and self._are_reached(near):
            # In a list of outbound traffic, hosts next to ports are the destinations.
            near, address = (), address or near
        # If another column is one side, hosts are the remaining side: `Client | Server`.
        left = _left(ends) or own
        ends[left] = ends[left] or near
        self._place_owner_column(ends, own, other, far)
        if other:
            ends[other] = ends[other] or far
        elif far and not set(far) & {*ends["source"], *ends["destination"]}:
            self._unplaced("far")
        self._place_unknown(ends, own, other)
        self._place_address(ends, stated, address, bool(near))

    def _beside_flow(self, ends: Ends) -> list[Trace]:
        """Report the hosts beside a cell that names both ends: `A → B | Host`."""
        if not self._view.values("flow"):
            return []
        placed = {*ends["source"], *ends["destination"]}
        roles: tuple[Role, ...] = (*_OTHER_HOSTS, "owner")
        return [trace for role in roles if placed.isdisjoint(self._view.endpoints(role)) for trace in self._unplaced(role)]

    def _sides_of_prepositions(self) -> list[EndSide]:
        """Return the sides of the other end where a cell holds prepositions alone: `From | Jump host`, `From/To | Peers`."""
        said = {side for value in self._prepositions() for side in _sides_of(value)}
        return [side for side in SIDES if side in said]

    def _prepositions(self) -> Iterator[Value]:
        """Yield the cells that may hold prepositions. Under other headers, `A` is a host or a mark, and not the Spanish `to`."""
        yield from self._view.values("direction")
        for value in self._view.values("description"):
            if len(value.text) > 1 and not _is_of_remarks(value.header):
                yield value
        yield from filter(_is_of_prepositions, self._view.values("far"))

    def _place_by_preposition(self, ends: Ends, sides: Sequence[EndSide], far: tuple[Endpoint, ...]) -> None:
        if any(_is_of_prepositions(value) and _sides_of(value) for value in self._view.values("far")):
            # `From` is no name of a host.
            far = ()
        if len(sides) == 1:
            others = (self._view.endpoints(role) for role in _OTHER_HOSTS[1:])
            ends[sides[0]] = ends[sides[0]] or far or next(filter(None, others), ())
            return
        for role in _OTHER_HOSTS:
            self._unplaced(role)

    def _place_address(self, ends: Ends, stated: str | None, address: tuple[Endpoint, ...], beside_near: bool) -> None:
        side: EndSide = "source" if stated == "ingress" and not ends["source"] else "destination"
        if address and beside_near and side == "source":
            # Next to a machine that is the destination, an address may be the address of that machine.
            self._unplaced("address")
        else:
            ends[side] = ends[side] or address

    def _place_owner_column(self, ends: Ends, own: EndSide, other: EndSide | None, far: tuple[Endpoint, ...]) -> None:
        """Place the group that the row belongs to: the near side, where the row says which way traffic goes, or names the other end."""
        owner = self._view.endpoints("owner")
        if not owner:
            return
        if other or far:
            ends[own] = ends[own] or owner
        elif left := _left(ends):
            ends[left] = owner
        elif not ends["source"]:
            self._unplaced("owner")

    def _place_unknown(self, ends: Ends, own: EndSide, other: EndSide | None) -> None:
        """Place endpoints under an unknown header on the remaining side, if the row or the text around the table names the other side."""
        unknown, near, left = self._view.endpoints("end"), self._view.values("near"), _left(ends)
        if not unknown or (ends["source"] and ends["destination"]):
            return
        if left and (ends["source"] or not near):
            ends[left] = unknown
        elif other and self._view.values("far"):
            ends[own] = ends[own] or unknown
        elif other and not near and (self._is_owned() or all(one.kind in ("cidr", "any") for one in unknown)):
            ends[other] = unknown
        else:
            self._unplaced("end")

    def _is_owned(self) -> bool:
        return (self._view.fact("owner") or self._view.fact("component")) is not None

    def _are_reached(self, near: tuple[Endpoint, ...]) -> bool:
        """Return whether a column of hosts names addresses, and the text around the table states its direction."""
        return bool(near) and all(one.kind in ("cidr", "host") for one in near) and not self._view.values("direction", "mark")

    def _unplaced(self, role: Role) -> list[Trace]:
        """Report the endpoints of a column that the rule does not use, and return traces that say so."""
        why = "nothing says whether traffic comes from it or goes to it"
        for value in self._view.values(role):
            self._view.find(
                "end-not-placed", f"the cell {value.header!r} names {value.text!r}, and {why}; without a patch, the rule does not use it"
            )
        return [Trace(role, "context", value.text, "", "end-not-placed", why) for value in self._view.values(role)]

    def _place_facts(self, ends: Ends) -> Iterator[Trace]:
        """Fill empty ends from what titles and labels name; yield the traces."""
        for side in SIDES:
            fact = self._view.fact(side)
            if fact is not None and not ends[side] and not self._view.values(side, "left", "right", "flow"):
                ends[side] = self._view.read_text(fact.value).endpoints
                if ends[side]:
                    yield context_trace(side, fact, names(ends[side]))

    def _place_owner(self, ends: Ends, stated: str) -> Iterator[Trace]:
        """Fill the near end from the group or component that the rules belong to; yield the trace."""
        owner = self._view.fact("owner") or self._view.fact("component")
        side: EndSide = "destination" if stated == "ingress" else "source"
        if owner is None or stated not in FAR_SIDE or ends[side]:
            return
        # A lone Source column among outbound rules holds the other side.
        turned = side == "source" and self._view.values("source") and not self._view.values("destination")
        if turned or not self._view.values(side, "near", "right" if side == "destination" else "left", "flow"):
            ends[side] = (self._owner(owner),)
            yield context_trace(side, owner, owner.value)

    def _owner(self, fact: Fact) -> Endpoint:
        found = self._view.read_text(fact.value).endpoints
        kind = found[0].kind if len(found) == 1 else "role"
        return Endpoint("group" if kind == "group" else "role", fact.value)

    def _canonical(self, side: Role, one: Endpoint) -> tuple[Trace, ...]:
        """Return a trace where an address is not spelled in the row as it is spelled in the rule."""
        if one.kind not in _CANONICAL:
            return ()
        texts = [value.text for value in self._view.values(side, *_EITHER_END) if one in self._view.read(value).endpoints]
        texts = texts or [value.text for value in self._view.values("source", "flow")]
        if not texts or any(re.search(rf"(?<![\w.]){re.escape(one.name)}(?!\w)", text) for text in texts):
            return ()
        return (Trace(side, "reading", texts[0], one.name, *_CANONICAL[one.kind]),)


def _sides_of(value: Value) -> list[EndSide]:
    """Return the sides that the prepositions of a cell say: `From`, `From/To`."""
    said = {part.strip() for part in vocabulary.fold(value.text).strip(" .:").split("/")}
    return [side for side, section in _PREPOSITIONS.items() if not said.isdisjoint(vocabulary.words(section))]


def _is_of_prepositions(value: Value) -> bool:
    """Return whether the header of a cell is made of prepositions: `From / To`."""
    words = re.findall(r"\w+", vocabulary.fold(value.header))
    return bool(words) and vocabulary.words("from", "to", "toward", "away_from", "conjunction").issuperset(words)


# A header stands above each of its rows.
@functools.lru_cache(maxsize=256)
def _is_of_remarks(header: str) -> bool:
    return vocabulary.header_concepts()["description"].search(vocabulary.fold(header)) is not None


def _left(ends: Ends) -> EndSide | None:
    """Return the remaining side if exactly one side is known."""
    if bool(ends["source"]) == bool(ends["destination"]):
        return None
    return "destination" if ends["source"] else "source"


def names(endpoints: Iterable[Endpoint]) -> str:
    """Return the names of endpoints, as a trace says them."""
    return ", ".join(one.name for one in endpoints)
