"""The columns of one table as input for the decision: their headers, what their cells parse as, and which columns form pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from extract import vocabulary
from extract.interpret import costs, ticked
from extract.interpret.headers import Header
from extract.interpret.naming import roles_of
from extract.interpret.profiles import Profile
from extract.model import Role, TickedEnd
from extract.regex import late

_ICMP = late(r"^icmp(?:v[46])?\s+")
_OTHER_END: Mapping[Role, Role] = {"port_from": "port_to", "port_to": "port_from"}
_ENDS = frozenset({"source", "destination", "far", "near"})
_DESCRIBING = frozenset({"description", "service"})


class Table:
    """The columns of a table."""

    def __init__(self, headers: Sequence[Header], profiles: Sequence[Profile], lists_ports: Callable[[], bool]) -> None:
        """Take the headers, what the cells below each of them say, and what tells whether the table's title says that it lists ports."""
        self.headers = headers
        self.profiles = profiles
        self.lists_ports = lists_ports

    def is_called_port(self, index: int) -> bool:
        """Return whether the header of a column calls it a port."""
        return "port" in self.headers[index].concepts

    def is_contested(self, index: int) -> bool:
        """Return whether another header names a role that one column has, and that this header names as well."""
        return any(self._named[role] > 1 for role in self._once[index])

    @cached_property
    def _once(self) -> list[frozenset[Role]]:
        return [frozenset(role for role in roles_of(header) if role in costs.ONCE) for header in self.headers]

    @cached_property
    def _named(self) -> Counter[Role]:
        """How many headers name each of these roles."""
        return Counter(role for roles in self._once for role in roles)

    @cached_property
    def described(self) -> frozenset[int]:
        """The columns whose headers say that they describe something."""
        return frozenset(index for index, header in enumerate(self.headers) if header.concepts & _DESCRIBING)

    @cached_property
    def bare_ports(self) -> frozenset[int]:
        """The columns whose headers say no more than that they are ports."""
        return frozenset(index for index, header in enumerate(self.headers) if header.concepts == {"port"})

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """The columns whose headers call them ends."""
        return tuple(
            index
            for index, (header, profile) in enumerate(zip(self.headers, self.profiles, strict=True))
            if header.concepts & _ENDS and not header.concepts & {"port", "protocol"} and profile.filled
        )

    @cached_property
    def named_by_ends(self) -> frozenset[frozenset[str]]:
        """The texts of the cells of endpoint columns, by their headers; equal columns count once."""
        return frozenset(self.profiles[index].texts for index in self.ends)

    @cached_property
    def numbers(self) -> int:
        """How many columns of numbers there are whose headers do not call them ports."""
        return sum(
            1
            for index, profile in enumerate(self.profiles)
            if not self.is_called_port(index) and profile.filled and profile.reaches("bare number", costs.HALF)
        )

    @cached_property
    def arrow_ends(self) -> tuple[int, ...]:
        """The two columns whose headers differ in `A`/`B` or `1`/`2` alone, or between which a column of arrows stands; none elsewhere."""
        arrows = [index for index, profile in enumerate(self.profiles) if profile.reaches("arrow", costs.HALF)]
        if not arrows:
            return ()
        stems: dict[str, list[int]] = {}
        for index, header in enumerate(self.headers):
            folded = vocabulary.fold(header.text)
            if len(folded) > 1 and folded[-1] in "ab12":
                stems.setdefault(folded[:-1].rstrip(" _-") or folded[0], []).append(index)
        pair = next((indices for indices in stems.values() if len(indices) == 2), [arrows[0] - 1, arrows[0] + 1])
        return tuple(pair) if pair[0] >= 0 and pair[1] < len(self.headers) else ()

    @cached_property
    def ticked_ends(self) -> Mapping[int, TickedEnd]:
        """The columns of ticks whose headers name ends."""
        return ticked.ends(self.headers, self.profiles)

    @cached_property
    def range_ends(self) -> Mapping[int, Role]:
        """The column of numbers under a header that nobody knows beside the only column that is an end of a range, and which end it is."""
        ends: list[tuple[int, Role]] = [
            (index, role) for index, header in enumerate(self.headers) for role in _OTHER_END if role in roles_of(header)
        ]
        if len(ends) != 1:
            return {}
        index, role = ends[0]
        beside = index + 1 if role == "port_from" else index - 1
        if not 0 <= beside < len(self.headers) or roles_of(self.headers[beside]):
            return {}
        return {beside: _OTHER_END[role]} if self.profiles[beside].reaches("bare number", costs.HALF) else {}

    @cached_property
    def icmp(self) -> tuple[int, ...]:
        """The columns `Type | Code` whose cells can be those of ICMP; the table must say elsewhere that it is about ICMP."""
        folded = [_ICMP.sub("", vocabulary.fold(header.text)) for header in self.headers]
        if "type" not in folded or "code" not in folded:
            return ()
        code = folded.index("code")
        profile = self.profiles[code]
        numbered = "icmp" in self.headers[code].concepts or profile.share("numeric") + profile.share("open") >= costs.HALF
        return (folded.index("type"), code) if numbered else ()
