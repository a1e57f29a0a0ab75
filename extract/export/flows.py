"""What a target sees of a rule: a flow with a direction and two bound endpoints. The near end is the one whose firewall the rule is for."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from extract import vocabulary
from extract.export.bindings import Network, network
from extract.export.boxes import EVERY_ADDRESS, EVERY_PROTOCOL, EVERY_VALUE, Box, Interval, Symbols
from extract.export.boxes import Direction as Way
from extract.model import Direction, Evidence, Rule

ICMP = {"icmp": 4, "ipv6-icmp": 6}
"""The family that a protocol of errors and echoes belongs to (RFC 792, RFC 4443)."""


class End(msgspec.Struct, frozen=True, kw_only=True):
    """One end of a flow, as a target takes it."""

    # As the rule has it; empty where it states none.
    name: str
    # networks: addresses. anywhere: every address of both families. reference: something of the target (a security group, labels).
    # self: the machine that the output is for. name: what is passed on as it is written, by a target that needs no bindings.
    kind: Literal["networks", "anywhere", "reference", "self", "name"]
    networks: tuple[Network, ...] = ()
    # What the target calls it; of the other kinds empty.
    reference: str = ""

    @property
    def is_anywhere(self) -> bool:
        """Return whether the end is every address of a family, by the page or by what it is bound to."""
        return self.kind == "anywhere" or any(network.prefixlen == 0 for network in self.networks)

    def intervals(self, family: int, symbols: Symbols) -> Iterator[Interval]:
        """Yield the end in one family, as intervals of a dimension of a box."""
        if self.kind == "networks":
            found = [network for network in self.networks if network.version == family]
            for network in ipaddress.collapse_addresses(found):  # type: ignore[type-var]
                yield int(network.network_address), int(network.broadcast_address)
        elif self.kind == "anywhere":
            yield EVERY_ADDRESS[family]
        else:
            yield symbols.interval(f"{self.kind}:{self.reference or self.name}")


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with its ends bound."""

    rule: Rule
    # None for a target that passes on what a page does not say.
    direction: Direction | None
    source: End
    destination: End
    # Where the rule stands first.
    place: Evidence
    # Everywhere that it stands, in order: a rule that denies does so in each of its tables.
    places: tuple[Evidence, ...]
    # Assumptions that the user's options allow, in words.
    assumed: tuple[str, ...] = ()

    @property
    def near(self) -> End:
        """The end whose firewall the rule is for; without a direction, the destination."""
        return self.source if self.direction == "egress" else self.destination

    @property
    def far(self) -> End:
        """The other end."""
        return self.destination if self.direction == "egress" else self.source

    @property
    def table(self) -> tuple[str, int]:
        """The table that the rule stands in first: order means something within it."""
        return self.place.document, self.place.table

    @property
    def rows(self) -> dict[tuple[str, int], int]:
        """Return table -> the first row in it that states the rule."""
        found: dict[tuple[str, int], int] = {}
        for one in self.places:
            found.setdefault((one.document, one.table), one.row)
        return found


def boxes(flow: Flow, symbols: Symbols) -> tuple[Box, ...]:
    """Return a flow as boxes. There are none where its ends have no family in common, or its protocol is of another one."""
    rule = flow.rule
    ways = {"ingress": Way.INGRESS, "egress": Way.EGRESS, None: Way.UNSTATED}
    way = ways[flow.direction]
    families = (ICMP[rule.protocol],) if rule.protocol in ICMP else (4, 6)
    return tuple(
        Box((way, way), (family, family), protocols(rule), values(rule), source, destination)
        for family in families
        for source in flow.source.intervals(family, symbols)
        for destination in flow.destination.intervals(family, symbols)
    )


def protocols(rule: Rule) -> Interval:
    """Return the protocol numbers of a rule (IANA, Assigned Internet Protocol Numbers)."""
    if rule.protocol == vocabulary.ANY_PROTOCOL:
        return EVERY_PROTOCOL
    number = number_of(rule.protocol)
    return number, number


def values(rule: Rule) -> Interval:
    """Return the destination ports of a rule, or type and code of ICMP in one number; every value where it limits neither."""
    if rule.protocol in ICMP:
        if rule.icmp_type is None:
            return EVERY_VALUE
        first = rule.icmp_type * 256
        return (first, first + 255) if rule.icmp_code is None else (first + rule.icmp_code, first + rule.icmp_code)
    if rule.from_port is None or rule.to_port is None:
        return EVERY_VALUE
    return rule.from_port, rule.to_port


def number_of(keyword: str) -> int:
    """Return the number of a protocol by its IANA keyword, which need not be a word of pages. KeyError for a word that is none."""
    return _numbers()[keyword]


def impossible(rule: Rule) -> str:
    """Return why no traffic is what a rule says, in words; empty where some is. The schema holds the rest, and cannot say this."""
    for end in (rule.source, rule.destination):
        if end is not None and end.kind == "cidr":
            try:
                network(end.name)
            except ValueError as error:
                return f"{end.name!r} is no network: {error}"
    if rule.protocol != vocabulary.ANY_PROTOCOL and rule.protocol not in _numbers():
        return f"there is no protocol {rule.protocol!r}"
    if rule.from_port is not None and rule.to_port is not None and rule.from_port > rule.to_port:
        return f"its ports are {rule.from_port} to {rule.to_port}"
    return ""


@functools.cache
def _numbers() -> Mapping[str, int]:
    return {protocol.keyword: number for number, protocol in vocabulary.protocol_numbers().items()}


def families(flow: Flow) -> Iterable[int]:
    """Return the families that a flow has traffic in, 4 and 6."""
    return sorted({box.family[0] for box in boxes(flow, Symbols())})
