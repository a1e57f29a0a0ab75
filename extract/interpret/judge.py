"""Is it a rule table? The verdict with its reason: rules, no rules, or doubtful.

A table gets a cost, on the scale of `costs`, for everything that a rule table should have: a protocol, a header that calls its numbers
ports, and text around it about ports. It also gets a cost for signs against rules: hardware, parameters, numbers that count up.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from extract import vocabulary
from extract.cells.reading import Cells
from extract.interpret import costs
from extract.interpret import facts as surrounding
from extract.interpret.assign import Term
from extract.interpret.headers import read_header
from extract.interpret.profiles import Profile
from extract.interpret.shape import Shape
from extract.model import ENDS, FIRST_PORTS, FLOWS, Cell, Column, Grid, Role, Verdict
from extract.read.places import Around
from extract.regex import late

# What tells that a table is about network ports: titles, and the sentences in front of it.
_TELLING = frozenset({"caption", "title row", "heading", "page title"})
_TELLING_REACH = 6
# What the reason of a verdict names, in tables of ports, of ICMP types, and of protocols without ports.
_STATING: frozenset[Role] = FIRST_PORTS | FLOWS | {"protocol", "direction", "type"}
_ICMP_STATING: frozenset[Role] = frozenset({"icmp", "icmp_code", "protocol", "source", "destination", "direction"})
_PROTOCOL_STATING: frozenset[Role] = frozenset({"protocol", "type", "source", "destination", "flow", "direction", "action"})
# Port numbers that all lie below this and count up are switch ports, not transport ports.
_SERIAL_PORTS = 32
# What the kind of a table shows in: its first rows, and short cells.
_ROWS, _RECORD_CHARS = 20, 40
_WORDS = late(r"\w+")


class Judge:
    """Weighs what speaks for and against a table of rules in rows."""

    def __init__(
        self,
        shape: Shape,
        columns: Sequence[Column],
        body: Sequence[Sequence[Cell | None]],
        profiles: Sequence[Profile],
        around: Around,
        cells: Cells,
    ) -> None:
        """Take the table: its header, columns and data rows, what the columns parse as, what stands around it, and what its cells say."""
        self._shape = shape
        self._columns = columns
        self._body = body
        self._profiles = profiles
        self._around = around
        self._cells = cells
        self._roles = frozenset(column.role for column in columns)
        self._ported = [column for column in columns if column.role in FIRST_PORTS]
        self._sided = not FLOWS.isdisjoint(self._roles)
        self._transports = any(
            profiles[column.index].reaches("transport", costs.HALF) for column in columns if column.role in ("protocol", "type")
        )

    def judge(self) -> tuple[Verdict, float, str]:
        """Return the verdict on the table, what speaks against rules, and the reason."""
        if self._is_printed():
            return "no-rules", costs.IMPOSSIBLE, self._is_printed()
        if not self._ported:
            verdict, reason = self._without_ports()
            return verdict, 0 if verdict == "rules" else costs.IMPOSSIBLE, reason
        terms = list(self._against())
        cost = sum(term.cost for term in terms)
        if cost < costs.DOUBTFUL:
            return "rules", cost, self._reason()
        worst = max(terms, key=lambda term: term.cost)
        return "doubtful" if cost < costs.NO_RULES else "no-rules", cost, worst.words

    def _is_printed(self) -> str:
        """Return what tells that a table is the output of a command or a log; empty when nothing does."""
        printed = self._headers_of("command_output")
        if (sole := self._headers_of("command_sign")) or len(printed) > 1:
            printed = [*sole, *printed]
            return f"the output of a command: {', '.join(map(repr, printed))}"
        logged = self._headers_of("log_header")
        if logged and ("source_port" in self._roles or not self._ported):
            return f"records of a log: {', '.join(map(repr, logged))}"
        return ""

    def _records(self) -> Iterator[Term]:
        """Yield the costs of a table of DNS records: an SRV record names a port, but does not open it."""
        words = vocabulary.words("dns_record")
        for row in self._body[:_ROWS]:
            for cell in row:
                if cell is not None and not words.isdisjoint(_WORDS.findall(vocabulary.fold(cell.text[:_RECORD_CHARS]))):
                    yield Term(costs.RECORDS, f"the cell {cell.text[:_RECORD_CHARS]!r} names a record of a name server")
                    return

    def _headers_of(self, section: str) -> list[str]:
        return [header for header in self._shape.headers if vocabulary.fold(header).strip(" :") in vocabulary.words(section)]

    def _against(self) -> Iterator[Term]:
        """Yield what speaks against a table with a column of ports."""
        yield from self._uncalled()
        yield from self._records()
        if not self._told and not self._ways:
            yield from self._about_nothing()
        if not self._composite and not (self._sided and self._transports):
            yield from self._hardware()
        yield from self._credentials()
        if not self._sided:
            yield from self._parameters()
        if not self._composite:
            yield from self._unnumbered()

    @cached_property
    def _composite(self) -> bool:
        """Whether the protocol stands in the port cells, or is ticked."""
        ticked = any(column.role == "mark" and column.hint for column in self._columns)
        ports = [self._profiles[column.index] for column in self._ported if column.role == "port"]
        return ticked or any(profile.reaches("composite", costs.SOME) for profile in ports)

    @property
    def _called(self) -> bool:
        """Whether a header calls the ports so."""
        hinted = any(column.hint for column in self._ported)
        # Under `Port | Default` the names stand below the one, and the numbers below the other.
        return hinted or any("port" in read_header(column.header).concepts for column in self._columns)

    @property
    def _protocol(self) -> bool:
        """Whether the rows name protocols."""
        return "protocol" in self._roles or self._composite

    @property
    def _ways(self) -> bool:
        """Whether the rows name a side, a direction, or a type of a console."""
        return self._sided or not self._roles.isdisjoint({"direction", "type"})

    @property
    def _told(self) -> bool:
        """Whether a protocol is stated, in the rows, in a header, or around the table."""
        hinted = any(column.hint for column in self._columns)
        return self._protocol or hinted or surrounding.nearest("protocol", self._around()) is not None

    def _uncalled(self) -> Iterator[Term]:
        if self._called or not self._roles.isdisjoint({"protocol", "flow", "direction", "type"}):
            return
        # `From | To | Fee` is no flow of packets; `TCP 443` is, whatever its header.
        flow = {"source", "destination"} <= self._roles and (self._composite or speaks_of_ports(self._around))
        if not flow and not (lists_ports(self._around) and (self._composite or self._well_known())):
            yield Term(costs.UNCALLED, "numbers in the range of ports, but no header calls them ports")

    def _about_nothing(self) -> Iterator[Term]:
        """Yield the costs of a table of numbers without a protocol, side or direction."""
        if self._counts_up():
            yield Term(costs.SERIAL, "the numbers under the port header count up from a small one, as the ports of a switch do")
        elif not speaks_of_ports(self._around) and not self._well_known():
            words = "a port column without protocol, side or direction, and nothing around the table speaks of ports"
            yield Term(costs.UNSPOKEN, words)

    def _hardware(self) -> Iterator[Term]:
        finder = vocabulary.finder("not_network")
        named = [found.word for header in self._shape.headers if (found := finder.search(vocabulary.fold(header)))]
        if named:
            words = f"a port column beside {', '.join(map(repr, named))}: hardware, not network ports"
            yield Term(costs.HARDWARE - (costs.TRANSPORTS if self._transports else 0), words)

    def _parameters(self) -> Iterator[Term]:
        """The default of a parameter is not a port to open, unless the table lists ports on purpose."""
        named = [header for header in self._shape.headers if _ends_in(header, "parameter")]
        if named and not (self._called and lists_ports(self._around)):
            yield Term(costs.PARAMETER - (costs.TRANSPORTS if self._transports else 0), f"the column {named[0]!r} explains parameters")

    def _credentials(self) -> Iterator[Term]:
        """A table with user names and passwords describes the setup of a connection. Firewall rules have neither."""
        named = [header for header in self._shape.headers if _ends_in(header, "credential")]
        if named:
            yield Term(
                costs.CREDENTIAL - (costs.TRANSPORTS if self._transports else 0),
                f"the column {named[0]!r} holds what a client logs in with",
            )

    def _unnumbered(self) -> Iterator[Term]:
        """Words under a port header leave the port open if the row states the rest of a rule. Otherwise they are something else."""
        numbered = any(self._profiles[column.index].reaches("ported", costs.SOME) for column in self._ported)
        empty = not any(self._profiles[column.index].filled for column in self._ported)
        told = self._transports and (self._sided or not self._roles.isdisjoint(ENDS | {"direction"}) or (empty and self._lets_through()))
        if not numbered and not told:
            yield Term(costs.UNNUMBERED, f"header {self._ported[0].header!r}, but its cells are no ports")

    def _lets_through(self) -> bool:
        """Return whether rows or titles say that traffic is let through; a table of protocols without ports is one of rules then."""
        stated = surrounding.nearest("direction", self._around()) is not None
        return "action" in self._roles or stated or lists_ports(self._around)

    def _reason(self) -> str:
        named = _named(self._columns, _STATING)
        if self._protocol:
            return f"ports with protocols: {named}"
        if self._ways:
            return f"ports with a side or direction: {named}"
        return f"ports of one protocol: {named}" if self._told else f"a list of ports: {named}"

    def _without_ports(self) -> tuple[Verdict, str]:
        if "icmp" in self._roles and self._about_icmp():
            return "rules", f"ICMP types: {_named(self._columns, _ICMP_STATING)}"
        ways = {"direction", "action", "flow", "type"} & self._roles or {"source", "destination"} <= self._roles
        # `Any` under `Protocol` is a protocol where the rows say what is done with the traffic.
        named = self._transports or {"protocol", "action"} <= self._roles
        if named and self._sided and ways:
            return "rules", f"protocols with sides: {_named(self._columns, _PROTOCOL_STATING)}"
        called = [column for column in self._columns if "port" in read_header(column.header).concepts]
        return "no-rules", called[0].why if called else "no column holds ports"

    def _about_icmp(self) -> bool:
        stated = surrounding.nearest("protocol", self._around())
        return (
            any("icmp" in read_header(column.header).concepts for column in self._columns)
            or "protocol" in self._roles
            or (stated is not None and stated.value.endswith("icmp"))
        )

    def _numbers(self) -> list[int]:
        found: list[int] = []
        for column in self._ported:
            for row in self._body[:200]:
                cell = row[column.index]
                if cell is not None:
                    found.extend(item.first for item in self._cells[cell.lines].ports.items if item.first is not None)
        return found

    def _counts_up(self) -> bool:
        """Return whether the numbers start at the first socket of a device and go up to a number that a device can have."""
        numbers = self._numbers()
        return bool(numbers) and numbers[0] <= 2 and max(numbers) <= _SERIAL_PORTS and all(a <= b for a, b in itertools.pairwise(numbers))

    def _well_known(self) -> bool:
        """Return whether at least one number is a registered service port that no other kind of port would be called."""
        registered = {port for port in vocabulary.service_ports().values() if port > 100 or port in (22, 25, 53, 80, 88)}
        return not registered.isdisjoint(self._numbers())


def speaks_of_ports(around: Around) -> bool:
    """Return whether the surroundings of a table speak of ports, firewalls or rules."""
    finder = vocabulary.finder("port_topic")
    near = (place for place in around() if place.kind in _TELLING or place.distance < _TELLING_REACH)
    return any(finder.search(vocabulary.fold(place.text)) for place in near if place.scope != "page" or place.is_title)


def lists_ports(around: Around) -> bool:
    """Return whether the title right above a table says that it lists ports."""
    titles = [place for place in around() if place.kind in _TELLING]
    return bool(titles) and names_ports(titles[0].text)


def names_ports(title: str) -> bool:
    """Return whether a title, or several with a line each, speaks of ports, firewalls or rules."""
    return vocabulary.finder("port_topic").search(vocabulary.fold(title)) is not None


def _ends_in(header: str, section: str) -> bool:
    """Return whether a header is a word of a class, or ends in one: `Configuration setting`."""
    folded = vocabulary.fold(header).strip(" :")
    return folded in vocabulary.words(section) or folded.rpartition(" ")[2] in vocabulary.words(section)


def empty(grid: Grid, body: Sequence[Sequence[Cell | None]]) -> str:
    """Return why a table can hold no rules, whatever its columns are; empty when it can."""
    if not body or not any(cell is not None and cell.lines for row in body for cell in row):
        return "no data rows"
    return "a single column" if grid.width < 2 else ""


def _named(columns: Sequence[Column], wanted: Collection[Role]) -> str:
    return ", ".join(f"{column.header!r} is {column.role}" for column in columns if column.role in wanted)
