"""Which column is what: from the words of its header, from what its cells parse as, and from what stands beside it.

This module makes the candidates for `assign`, with the costs of `costs`. Each column may be what its header names, or what its
cells look like. The report gives the terms of the winner as the reason.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence

from extract import vocabulary
from extract.interpret import assign, costs, endlike, ticked, together
from extract.interpret.assign import Candidate, Decision, Term
from extract.interpret.headers import Header, read_header
from extract.interpret.naming import roles_of
from extract.interpret.profiles import Fact, Profile
from extract.interpret.table import Table
from extract.model import ENDS, PORTS, Column, Direction, Role, TickedEnd

Form = tuple[Fact, float, Role]

# The role that the cells suggest against the header: the share of cells that it takes, and the role.
_FORMS: tuple[Form, ...] = (
    ("transport", costs.MOSTLY, "protocol"),
    ("pure composite", costs.HALF, "port"),
    ("direction", costs.MOSTLY, "direction"),
    ("way of an end", costs.MOSTLY, "direction"),
    ("action", costs.MOSTLY, "action"),
    ("arrowed", costs.ARROWED, "flow"),
)
# The same, only for columns with an unknown header.
_HIDDEN: tuple[Form, ...] = (
    ("zone", costs.MOSTLY, "far"),
    ("host name", costs.MOSTLY, "address"),
    ("flow of ends", costs.HALF, "flow"),
    ("ip version", costs.MOSTLY, "ethertype"),
)
_SPEAKING: Mapping[Role, str] = {
    "protocol": "its cells are protocols",
    "type": "its cells are protocols",
    "port": "its cells are ports",
    "direction": "its cells are directions",
    "action": "its cells are actions",
    "flow": "its cells name both ends of a flow",
    "far": "its cells are network zones",
    "address": "its cells are names of hosts",
    "end": "its cells are ends of traffic",
    "ethertype": "its cells are versions of IP",
}
_NEVER_TICKED: frozenset[Role] = PORTS | ENDS | {"direction"}
_NUMBERED: frozenset[Role] = PORTS | {"source_port"}
# In a column of ports, `All` and words for open ports may stand beside few numbers.
_SOME_NUMBERS = 0.2
# Concepts that any column may be called by.
_ANYTHING = frozenset({"description", "service", "type", "flow", "number", "default", "role"})
# The roles whose header can state the direction of all cells.
_STATING: frozenset[Role] = PORTS | {"mark", "source", "destination", "far"}


def read(headers: Sequence[str], profiles: Sequence[Profile], lists_ports: Callable[[], bool] = bool) -> Decision:
    """Return the cheapest reading of the columns of a table, and the next one.

    `profiles` are what the cells below the headers say, and `lists_ports` tells whether the title of the table says that it lists ports.
    """
    table = Table([read_header(text) for text in headers], profiles, lists_ports)
    candidates = [tuple(_Column(table, index).candidates()) for index in range(len(headers))]
    return assign.decide(candidates, lambda roles: together.terms(table, roles), sum(profile.filled for profile in profiles))


def named(headers: Sequence[str], decision: Decision, profiles: Sequence[Profile]) -> tuple[Column, ...]:
    """Return the columns of a reading, each with the reason for its role."""
    roles, read = frozenset(decision.best.roles), [read_header(text) for text in headers]
    ends = ticked.ends(read, profiles)
    return tuple(
        _column(index, header, chosen, profiles[index], roles, ends.get(index))
        for index, (header, chosen) in enumerate(zip(read, decision.best.columns, strict=True))
    )


def _column(index: int, header: Header, chosen: Candidate, profile: Profile, roles: frozenset[Role], end: TickedEnd | None) -> Column:
    role = chosen.role
    said = f"header {header.text!r}" if header.concepts or header.hint else "no header word"
    end = end if role == "mark" else None
    return Column(
        index=index,
        header=header.text,
        role=role,
        why="; ".join([said, *(term.words for term in chosen.terms if term.words)]),
        hint=header.hint if role in _STATING else None,
        # `From outside` names an end, and not the direction of what is ticked.
        way=_way(header, role, roles) if end is None else None,
        composite=role == "port" and "protocol" not in roles and _is_mixed(header, profile),
        action=header.action if role in PORTS or role == "mark" else None,
        unread=role == "description" and bool(header.text) and not roles_of(header) and endlike.may_be_ends(profile),
        end=end,
    )


def _way(header: Header, role: Role, roles: frozenset[Role]) -> Direction | None:
    """Return the direction that a header states for all cells of its column."""
    if role == "mark":
        return header.tick
    listens = vocabulary.finder("listens").search(vocabulary.fold(header.text)) is not None
    # In a table of flows, a port that is listened on is the port of the destination.
    flow = role in PORTS and listens and {"source", "destination"} <= roles
    return header.way if role in _STATING and not flow else None


def _is_mixed(header: Header, profile: Profile) -> bool:
    """Return whether a column of ports holds their protocols, too."""
    return "port" not in header.concepts or "protocol" in header.concepts or profile.reaches("composite", costs.SOME)


class _Column:
    """One column of a table, with what its header names and what its cells say against that."""

    def __init__(self, table: Table, index: int) -> None:
        self.table, self.index = table, index
        self.header, self.profile = table.headers[index], table.profiles[index]
        self.by_header = roles_of(self.header)
        if "port" not in self.header.concepts and not _NUMBERED.isdisjoint(self.by_header) and not self._is_numbered():
            # What a header means over numbers: `From | To`, `Source | Destination`.
            self.by_header = {role: cost for role, cost in self.by_header.items() if role not in _NUMBERED or not cost}
        self.against = {role: tuple(_against(role, self.header, self.profile)) for role in self.by_header}
        # For most columns the header decides: the cells fit it, and need no further tests.
        self.doubtful = all(
            cost + sum([term.cost for term in self.against[role]]) >= costs.NAMED_SECOND for role, cost in self.by_header.items()
        )

    def _is_numbered(self) -> bool:
        return self.profile.reaches("bare number", costs.HALF)

    def candidates(self) -> Iterator[Candidate]:
        """Yield what the column may be: what its header names, what its cells look like, and text."""
        # Costs against text matter only if the cells do not fit the header, or if two headers name the same role.
        plain = not self.doubtful and not _is_neutral(self.header) and not self.table.is_contested(self.index)
        for role, terms in self._roles().items():
            if role == "mark" and not self.profile.ticked:
                continue
            if role in self.against:
                yield Candidate(role, (*terms, *self.against[role]))
            elif plain and role == "description":
                yield Candidate(role, tuple(terms))
            else:
                yield Candidate(role, (*terms, *_against(role, self.header, self.profile)))

    def _roles(self) -> Mapping[Role, list[Term]]:
        """Return the roles that header, cells and other columns speak for, with what the header and the place say against each."""
        found: dict[Role, list[Term]] = {role: [Term(cost, "")] if cost else [] for role, cost in self.by_header.items()}
        for role in _by_cells(self.header, self.profile, self.by_header, self.doubtful):
            found.setdefault(role, [Term(_prior(self.header, self.by_header, role), _SPEAKING.get(role, ""))])
        if not self.by_header and self.profile.filled:
            found["description"] += endlike.against_text(self.table, self.index)
            found["end"] += endlike.against_ends(self.table, self.index)
        for role, hint in together.hints(self.table, self.index):
            found[role] = [hint]
        return found


def _prior(header: Header, by_header: Mapping[Role, float], role: Role) -> float:
    """Return the cost of a role that the words of the header do not name."""
    if not by_header:
        return costs.UNKNOWN[role]
    if _is_neutral(header):
        return costs.NEUTRAL
    return costs.CONTRARY_TEXT if role == "description" else costs.CONTRARY


def _is_neutral(header: Header) -> bool:
    """Return whether a header does not say which kind of cells it has, or is empty."""
    return header.concepts <= _ANYTHING


def _by_cells(header: Header, profile: Profile, by_header: Mapping[Role, float], doubtful: bool) -> Iterator[Role]:
    """Yield the roles that the cells of a column speak for, and text; `doubtful` cells are not what their header says."""
    if profile.filled:
        if doubtful or _is_neutral(header):
            yield from _of_form(_FORMS, profile)
        if not by_header:
            yield "end"
            yield from _of_form(_HIDDEN, profile)
            yield from _protocols(profile)
        if "port" not in by_header and _may_be_ports(header, profile):
            yield "port"
    if "description" not in by_header and "service" not in by_header:
        yield "description"


def _of_form(forms: Sequence[Form], profile: Profile) -> Iterator[Role]:
    return (role for fact, share, role in forms if profile.reaches(fact, share))


def _protocols(profile: Profile) -> Iterator[Role]:
    """Yield the roles of cells that hold both protocols and applications: `All TCP`, `SSH`, `TCP`."""
    if profile.reaches("protocol", costs.HALF) and profile.share("stated"):
        yield "type"
        if profile.reaches("protocol", costs.MOSTLY):
            yield "protocol"


def _may_be_ports(header: Header, profile: Profile) -> bool:
    """Return whether the form of the cells allows ports: numbers, or the names of services that a policy allows.

    Numbers under `Protocol` can be exchanged with the protocols under `Port`.
    """
    if not _is_neutral(header):
        return "protocol" in header.concepts and profile.reaches("bare number", costs.MOSTLY)
    if "service" in header.concepts and profile.reaches("traffic", costs.MOSTLY):
        return True
    every = not header.concepts and profile.share("every port") > 0
    return profile.reaches("ported", costs.MOSTLY) and (every or profile.reaches("numeric", _SOME_NUMBERS))


def _against(role: Role, header: Header, profile: Profile) -> Iterator[Term]:
    """Yield what the cells of a column say against a role."""
    if role in _NEVER_TICKED and profile.ticked:
        yield Term(costs.TICKS, "but its cells are ticks")
    if not profile.filled:
        return
    fit = costs.FITS.get(role)
    if fit is not None and not profile.reaches(fit.fact, fit.share):
        yield Term(fit.cost, f"but {fit.words}")
    for against in _against_role(role):
        if profile.reaches(against.fact, against.share):
            yield Term(against.cost, f"but {against.words}")
    if role == "port" and "port" not in header.concepts and (_counts(header) or profile.counts_up):
        yield Term(costs.QUANTITY, "but it counts something")


@functools.cache
def _against_role(role: Role) -> tuple[costs.Against, ...]:
    return tuple(against for against in costs.AGAINST if role in against.roles)


def _counts(header: Header) -> bool:
    """Return whether a header counts something, or numbers something that is no port: `Timeout`, `Report number`."""
    if "number" in header.concepts and not header.known:
        return True
    return vocabulary.finder("quantity").search(vocabulary.fold(header.text)) is not None
