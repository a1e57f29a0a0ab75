"""Costs of combinations of columns: each column fits its role, but together they are implausible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from extract import vocabulary
from extract.interpret import costs
from extract.interpret.assign import Term
from extract.interpret.naming import roles_of
from extract.interpret.table import Table
from extract.model import FIRST_PORTS, PORTS, SIDES, Role

# In the service column of a policy, names of services stand beside ports with their protocol.
_SOME_COMPOSITE = 0.2
_OUTER, _INNER = frozenset({"destination", "near", "external"}), frozenset({"source", "internal"})
_PAIRED_PORTS: tuple[frozenset[Role], ...] = (frozenset({"source_port", "port"}), frozenset({"port_from", "port_to"}))
_TWO_ENDS: tuple[frozenset[Role], ...] = (frozenset({"source", "destination"}), frozenset({"flow"}), frozenset({"left", "right"}))


def hints(table: Table, index: int) -> Iterator[tuple[Role, Term]]:
    """Yield the roles of a column that other columns speak for."""
    if index in table.arrow_ends:
        side: Role = "left" if index == table.arrow_ends[0] else "right"
        yield side, Term(0, f"the {side} end of an arrow")
    if index in table.range_ends:
        yield table.range_ends[index], Term(costs.RANGE_END, "the other end of a range")
    if index in table.ticked_ends:
        yield "mark", Term(0, "its cells are ticks for an end")
    if index in table.icmp:
        kind: Role = "icmp" if index == table.icmp[0] else "icmp_code"
        yield kind, Term(0, f"beside a {'code' if kind == 'icmp' else 'type'}")


def terms(table: Table, roles: Sequence[Role]) -> tuple[Term, ...]:
    """Return what the columns together say against their roles."""
    return tuple([term for found in _TERMS for term in found(table, roles)])


def _once(_: Table, roles: Sequence[Role]) -> Iterator[Term]:
    for role, cost in costs.ONCE.items():
        again = roles.count(role) - 1
        if again > 0:
            yield Term(cost * again, f"one column of {role} is enough")


def _portless(_: Table, roles: Sequence[Role]) -> Iterator[Term]:
    if FIRST_PORTS.isdisjoint(roles) and "icmp" not in roles:
        yield Term(costs.NO_PORT, "no column holds ports")


def _halves(table: Table, roles: Sequence[Role]) -> Iterator[Term]:
    if roles.count("port_from") != roles.count("port_to"):
        yield Term(costs.HALF_A_RANGE, "a range has two ends")
    if roles.count("left") != roles.count("right") or ("icmp_code" in roles) != ("icmp" in roles and table.icmp != ()):
        yield Term(costs.HALF_A_PAIR, "one of two columns that belong together")


def _types(table: Table, roles: Sequence[Role]) -> Iterator[Term]:
    if "type" in roles and "protocol" not in roles and not table.headers[roles.index("type")].concepts:
        yield Term(costs.TYPE_ALONE, "no column of protocols stands beside it")


def _uncalled_ports(table: Table, roles: Sequence[Role]) -> Iterator[Term]:
    """Yield the costs of port columns whose header does not call them ports."""
    ported = _ported(roles)
    called = any(map(table.is_called_port, ported))
    paired = any(pair <= set(roles) for pair in _PAIRED_PORTS)
    for index in ported:
        if table.is_called_port(index) or table.headers[index].hint:
            continue
        if called:
            yield Term(costs.NUMBERS_BESIDE_PORTS, "another column is called so")
        elif not paired and not table.profiles[index].reaches("composite", _SOME_COMPOSITE):
            yield from _unsaid(table, roles, index)


def _unsaid(table: Table, roles: Sequence[Role], index: int) -> Iterator[Term]:
    """Yield the costs of reading numbers or names of services as ports if no other column supports this."""
    profile = table.profiles[index]
    if profile.reaches("protocol", costs.MOSTLY) and not profile.share("numeric"):
        if "action" not in roles:
            yield Term(costs.LABELS_ALONE, "nothing says that its names are let through")
    elif table.numbers > 1 or not (_names_protocols(table, roles) or table.lists_ports()):
        cost = costs.NUMBERS_OF_FLOWS if _TWO_ENDS[0] <= set(roles) else costs.NUMBERS_ALONE
        yield Term(cost, "nothing says that its numbers are ports")


def _names_protocols(table: Table, roles: Sequence[Role]) -> bool:
    """Return whether a column of protocols stands beside it."""
    return any(role == "protocol" and table.profiles[index].reaches("protocol", costs.HALF) for index, role in enumerate(roles))


def _ported(roles: Sequence[Role]) -> list[int]:
    return [index for index, role in enumerate(roles) if role in PORTS]


def _other_side(table: Table, roles: Sequence[Role]) -> Iterator[Term]:
    """`Internal port` beside an external one, and `Client port` beside that of a server, are those of the other side."""
    servers = {index for index in _ported(roles) if table.is_called_port(index) and table.headers[index].concepts & _OUTER}
    for index in _ported(roles) if servers else ():
        if index not in servers and table.is_called_port(index) and table.headers[index].concepts & _INNER:
            yield Term(costs.OTHER_SIDE, "the port of the other side stands beside it")


def _clients(table: Table, roles: Sequence[Role]) -> Iterator[Term]:
    """A `Client port` without one of a server is the port that clients use."""
    served = any(_is_of_server(table, index) for index in _ported(roles))
    for index, role in enumerate(roles):
        if role == "source_port" and not served and "port" in roles_of(table.headers[index]):
            yield Term(costs.OTHER_SIDE, "no other column is the port of a server")


def _is_of_server(table: Table, index: int) -> bool:
    """Return whether a port column holds ports of a server. Without such a header it does if its cells hold protocols, too."""
    if table.is_called_port(index):
        return bool(table.headers[index].concepts & _OUTER)
    return table.profiles[index].reaches("composite", costs.HALF)


def _bare_ports(table: Table, roles: Sequence[Role]) -> Iterator[Term]:
    """`Source | Port | Destination | Port`: the port behind the source is the source port."""
    if not table.bare_ports:
        return
    found: list[Term] = []
    source = roles.index("source") if "source" in roles else len(roles)
    # Whether such a port stands behind, and whether a destination stands before that.
    behind = ended = False
    for index in range(len(roles) - 1, -1, -1):
        role = roles[index]
        if role == "destination":
            ended = True
        elif index in table.bare_ports and role in ("port", "source_port"):
            flow = behind and ended and source < index
            if flow and role == "port":
                found.append(Term(costs.OTHER_SIDE, "it stands behind the source, another behind the destination"))
            if not flow and role == "source_port":
                found.append(Term(costs.IMPOSSIBLE, "nothing says that it is the port of the source"))
            if role == "port":
                behind, ended = True, False
    yield from reversed(found)


def _too_many_ends(table: Table, roles: Sequence[Role]) -> Iterator[Term]:
    held = set(roles)
    if table.arrow_ends and not any(ends <= held for ends in _TWO_ENDS):
        yield Term(costs.LOOSE_ARROW, "an arrow points from one column to another")
    if "left" in held and {"source", "destination"} & held:
        yield Term(costs.OTHER_SIDE, "source and destination are named")
    if "flow" in held and SIDES & held:
        yield Term(costs.FLOW_TOO_MANY, "source and destination are named")
    if "end" in held and any(ends <= held for ends in _TWO_ENDS):
        yield Term(costs.END_TOO_MANY, "both ends are named")


def _beside(roles: Sequence[Role], role: Role) -> AbstractSet[Role]:
    """Return the roles of the columns beside one of a role."""
    return set(roles) if roles.count(role) > 1 else {*roles} - {role}


def _zones(table: Table, roles: Sequence[Role]) -> Iterator[Term]:
    """`Internal` and `External` are the other side if no other column is."""
    if "far" not in roles:
        return
    others = _beside(roles, "far")
    if "port" not in others or {"source", "far", "flow"} & others:
        for index, role in enumerate(roles):
            if role == "far" and not table.headers[index].concepts:
                yield Term(costs.CONTRARY, "zones beside another far side")


def _purposes(table: Table, roles: Sequence[Role]) -> Iterator[Term]:
    """`目的`, `Назначение` or `Doel` is where traffic goes, or what it is for: the end beside a source, or over cells that are ends."""
    if "destination" not in roles:
        return
    goals, uses = vocabulary.header_words("destination"), vocabulary.header_words("description")
    others = _beside(roles, "destination")
    for index, role in enumerate(roles):
        if role != "destination" or (text := _text(table, index)) not in goals or text not in uses:
            continue
        profile = table.profiles[index]
        if "destination" in others:
            yield Term(costs.OTHER_SIDE, "another column is the destination")
        elif "source" not in others and not profile.reaches("endpoint", costs.HALF):
            yield Term(costs.OTHER_SIDE, "no column is the source")
        elif profile.reaches("labelled", costs.HALF) and not profile.reaches("component", costs.HALF):
            yield Term(costs.OTHER_SIDE, "its cells are applications")


def _targets(table: Table, roles: Sequence[Role]) -> Iterator[Term]:
    """`Targets` are what a rule applies to, where another column tells the way."""
    if "destination" not in roles:
        return
    others = _beside(roles, "destination")
    if "destination" in others or ("source" not in others and {"direction", "far"} & others):
        for index, role in enumerate(roles):
            if role == "destination" and _text(table, index) in vocabulary.words("applies_to"):
                yield Term(costs.OTHER_SIDE, "another column tells the way")


def _text(table: Table, index: int) -> str:
    return vocabulary.fold(table.headers[index].text).strip(" :*")


_TERMS: tuple[Callable[[Table, Sequence[Role]], Iterator[Term]], ...] = (
    _once,
    _portless,
    _halves,
    _types,
    _uncalled_ports,
    _other_side,
    _clients,
    _bare_ports,
    _too_many_ends,
    _zones,
    _purposes,
    _targets,
)
