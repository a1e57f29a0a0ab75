"""The roles that the words of a column header name: a head noun with qualifiers, whatever their order and language.

`Destination Protocol` is a protocol, of the destination. `Initiating node (from)` is a source, because a node alone has no side. `costs`
says what a second meaning costs more than the first.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

from extract import vocabulary
from extract.cells.tokens import clean
from extract.interpret import costs
from extract.interpret.headers import Header
from extract.model import Role

_SIDES = frozenset({"source", "destination"})
# The concepts of a column of endpoints whose header names no side.
_THINGS = frozenset({"address", "near", "far"})
# A header that names one of these is not about an endpoint, even if it also names a side and a direction.
_NO_ENDS = frozenset({"port", "protocol", "direction", "description", "service", "type", "flow"})
# A column of ticks has a short header: `TCP`, `UDP (inbound)`, `Is blocked`.
_MARK_WORDS = 2


@functools.cache
def _transport_only() -> re.Pattern[str]:
    """Return a transport alone, which heads ports: `TCP`, `UDP (inbound)`. `TCP sessions` and `UDP throughput` head other things."""
    ways, behind = vocabulary.pattern("ingress", "egress"), vocabulary.pattern("ingress", "egress", "transport_header")
    return re.compile(rf"(?:{ways}|[\s()/:-])*+(?:tcp|udp|sctp)(?:{behind}|[\s()/:-])*+")


# (concepts that a header must name, concepts that it must not name, role): the first match is the role, the others are less likely.
_WORDS: tuple[tuple[str, str, Role], ...] = (
    # An address before address translation (NAT) is not an endpoint of the traffic after it.
    ("translated", "", "translated"),
    ("icmp", "port", "icmp"),
    ("ethertype", "", "ethertype"),
    ("protocol", "", "protocol"),
    ("direction", "", "direction"),
    # The side of a port or of a protocol is a qualifier, and no end.
    ("source destination", "port protocol", "flow"),
    ("source destination", "port protocol", "far"),
    ("destination", "source port protocol", "destination"),
    ("source", "destination port protocol", "source"),
    ("far", "port protocol", "far"),
    ("owner", "description type port protocol", "owner"),
    ("flow", "description service type", "flow"),
    ("type description", "", "description"),
    ("type near", "", "description"),
    ("type address", "", "description"),
    ("type", "", "type"),
    ("action", "", "action"),
    ("description", "", "description"),
    ("near", "service port protocol", "near"),
    ("service", "", "service"),
    ("address", "port protocol", "address"),
    ("number", "port", "description"),
    ("number", "", "port"),
)
_DECISIONS = tuple((frozenset(needed.split()), frozenset(without.split()), role) for needed, without, role in _WORDS)


@functools.lru_cache(maxsize=4096)
def roles_of(header: Header) -> Mapping[Role, float]:
    """Return the roles that the words of a header name, each with what it costs; nothing when they name none."""
    found = dict(_first(header))
    for needed, without, role in _DECISIONS:
        if needed <= header.concepts and not without & header.concepts:
            found.setdefault(role, costs.NAMED_SECOND if found else 0)
    if not found and header.concepts <= {"default", "role"} and header.text.split() and _explains_setting(header):
        # `Property`, `Setting name`: what the port is called in a configuration.
        found["description"] = 0
    for meanings in (_second_sides, _second_numbers, _ticks):
        for role, cost in meanings(header, found):
            found[role] = min(cost, found.get(role, cost))
    return found


def _explains_setting(header: Header) -> bool:
    words = vocabulary.fold(header.text).strip(" :").split()
    return not vocabulary.words("parameter").isdisjoint((" ".join(words), *words))


def propose(header: Header) -> Role:
    """Return the role that the words of a header name first, "" when they name none."""
    found = roles_of(header)
    return min(found, key=lambda role: found[role], default="")


def _first(header: Header) -> Iterator[tuple[Role, float]]:
    """Yield roles that take precedence over the list of words: ports, endpoints with a direction, and a transport alone."""
    concepts = header.concepts
    if "port" in concepts and "translated" not in concepts:
        described = _describes(header)
        if described:
            yield "description", 0
        yield from ((role, cost + (costs.NAMED_SECOND if described else 0)) for role, cost in _port_roles(header).items())
    elif header.way and not concepts & _NO_ENDS and concepts & (_SIDES | _THINGS):
        # `Inbound CIDR`, `Outgoing to`
        yield ("source" if "source" in concepts else "destination" if "destination" in concepts else "far"), 0
    elif header.hint and not concepts - {"number"} and _transport_only().fullmatch(vocabulary.fold(clean(header.text))):
        yield "port", 0


def _second_sides(header: Header, found: Mapping[Role, float]) -> Iterator[tuple[Role, float]]:
    """`Zweck` is the purpose or where traffic goes; `Targets` are a side, or what the rule applies to."""
    if "destination" in found:
        folded = vocabulary.fold(header.text).strip(" :*")
        if folded in vocabulary.header_words("destination") & vocabulary.header_words("description"):
            yield "description", costs.EQUAL
        if folded in vocabulary.words("applies_to"):
            yield "owner", costs.EQUAL


def _second_numbers(header: Header, found: Mapping[Role, float]) -> Iterator[tuple[Role, float]]:
    """Yield what a header names over numbers: `From | To` are the ends of a range, `Source | Destination` two ports, `Default` ports."""
    if not header.known or "port" in header.concepts:
        return
    folded = vocabulary.fold(header.text)
    if "default" in header.concepts and "port" not in found:
        yield "port", costs.NAMED_SECOND / 2
        yield "description", costs.EQUAL
    ranges: tuple[tuple[str, Role, Role, str], ...] = (
        ("source", "port_from", "source_port", "from"),
        ("destination", "port_to", "port", "to"),
    )
    for side, end_of_range, port, word in ranges:
        if side in found:
            ranged = vocabulary.finder(word).search(folded) is not None
            yield end_of_range, costs.NAMED_SECOND + (not ranged)
            yield port, costs.NAMED_SECOND + ranged


def _ticks(header: Header, _: Mapping[Role, float]) -> Iterator[tuple[Role, float]]:
    """Yield what a header names over ticks, `TCP`, `Inbound` or `Allowed`, and over words for actions."""
    if (header.hint or header.tick or header.action) and len(header.text.split()) <= _MARK_WORDS:
        yield "mark", 0
    if header.action:
        yield "action", costs.EQUAL


def _describes(header: Header) -> bool:
    """Return whether the port is what a header's column is about, not what it holds: `Port usage`, `Port description`."""
    folded = vocabulary.base_forms(vocabulary.fold(header.text).strip(" :*"))
    finder = vocabulary.header_concepts()["description"]
    return "description" in header.concepts and any(found.end == len(folded) and found.start > 0 for found in finder.finditer(folded))


def _port_roles(header: Header) -> Mapping[Role, float]:
    """Return which port a header names: the one of a range, of the source, behind a translation."""
    concepts = header.concepts
    inner: Mapping[Role, float] = {"internal_port": 1} if "internal" in concepts else {}
    if "start" in concepts and "end" not in concepts:
        return {"port_from": 0, "port": 1, **inner}
    if "end" in concepts and "start" not in concepts:
        return {"port_to": 0, "port": 1, **inner}
    if "source" in concepts and "destination" not in concepts:
        folded = vocabulary.fold(header.text)
        named = {found.word for found in vocabulary.header_concepts()["source"].finditer(folded)}
        # The port of a client is the one that clients use, unless a server's stands beside it.
        return {"source_port": 0, "port": 1} if named and named <= vocabulary.words("client_port") else {"source_port": 0}
    if "internal" in concepts and "external" not in concepts and "source" not in concepts:
        return {"internal_port": 0, "port": 1}
    # Behind a column of sources, a port may be that of the source.
    return {"port": 0, "source_port": 1} if concepts == {"port"} else {"port": 0}
