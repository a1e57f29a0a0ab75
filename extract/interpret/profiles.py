"""What the cells of a column parse as."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Literal

from extract import vocabulary
from extract.cells import actions, flows, ports
from extract.cells.limits import MAX_CELL
from extract.cells.ports import PortForm
from extract.cells.protocol import ProtocolForm
from extract.cells.reading import Cells, Lines, Reading
from extract.interpret import titles
from extract.model import Cell
from extract.regex import late

# Cells looked at per column: the shares are stable long before, and a table of 100,000 rows stays linear.
_SAMPLE = 400
WORD_CELL_CHARS = 40
"""A direction, an action or a tick is a word or two, of no more characters."""
_IP_VERSIONS = frozenset({"ipv4", "ipv6", "ipv4/ipv6", "ipv4, ipv6"})
# A name has no more words.
_NAME_WORDS = 12

# A flow has one arrow, and no other `<` or `>`. So the first pattern matches cells with these signs, and the second all other cells. One
# pattern for both would take quadratic time for a cell with many arrows.
_FLOW_CELL = late(r"[^\s<>=-][^<>]*?(?:<?-{1,4}>|<-{1,4}|<?={1,3}>|(?<=\s)>(?=\s))\s*[^\s<>=-][^<>]*")
_ARROW_CELL = late(rf"[^\s<>=-].*?[{flows.ARROW_SIGNS}]\s*[^\s<>=-]", re.DOTALL)
ARROW_SIGN = late(f"[<>{flows.ARROW_SIGNS}]")
"""Without one of these signs a text holds no arrow."""
_SLASH_CELL = late(r"^[^/]+\s/\s[^/]+$")
_HEADS = frozenset("<>" + flows.ARROW_SIGNS)
_DIGIT = late(r"\d")
_LETTER = late(r"[^\W\d_]")
# A date, whose parts are no ports: 2026-11-29, 2026/11/29.
_YEAR = r"(?:19|20)\d\d"
_DATE = late(
    rf"(?<!\d){_YEAR}(?:[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d)|\s*[\u5e74\ub144])|[^\W\d]\.?\s\d{{1,2}},\s{_YEAR}(?!\d)|\b\d{{1,2}}\.?\s[^\W\d]{{3,12}}\s{_YEAR}(?!\d)"
)
# A number of a count, and the largest number that a count may begin with.
_SMALL = late(r"[0-9]{1,2}")
_FIRST = 2
# What a cell of a port column looks like.
_PORTED: frozenset[PortForm] = frozenset({"numeric", "named", "open"})


def is_cut_off(read: Reading) -> bool:
    """Return whether a cell is a list of ports that is taken for prose because of its length alone."""
    if len(read.text) <= ports.MAX_CHARS:
        return False
    return read.ports.numeric and read.ports.strange <= ports.MAX_STRANGE


def _is_short(read: Reading) -> bool:
    return len(read.text) <= WORD_CELL_CHARS


def _is_direction(read: Reading) -> bool:
    # `10.0.0.0/8 (outbound endpoint)` is an end.
    return _is_short(read) and not read.text[:1].isdecimal() and read.direction is not None


def _is_way(read: Reading) -> bool:
    return _is_short(read) and len(read.text.split()) == 1 and read.direction is not None


def _is_action(read: Reading) -> bool:
    return _is_short(read) and read.action is not None and (len(read.text.split()) <= 3 or actions.instructs(read.text))


@functools.cache
def joint() -> re.Pattern[str]:
    """Return what joins two ends; it is looked for between the first and the last character of a cell, which are no blanks."""
    return re.compile(rf"\s{vocabulary.pattern('to')}\s", re.IGNORECASE)


def _points(line: str) -> bool:
    """Return whether a line begins or ends with an arrow, which points to another cell: `443 --->`. `3000 → 30000` does not."""
    said = line.strip(" ()")
    before, behind = said.lstrip("-=")[:1], said.rstrip("-=")[-1:]
    return bool(said) and (before in _HEADS or behind in _HEADS)


def _is_arrowed(read: Reading) -> bool:
    text = read.text
    if "<" in text or ">" in text:
        return _FLOW_CELL.fullmatch(text) is not None and not flows.is_bracketed(text)
    return not text.isascii() and _ARROW_CELL.match(text) is not None and not flows.is_bracketed(text)


def _is_flow(read: Reading) -> bool:
    if _is_arrowed(read):
        return True
    # A full stop at either end is none inside.
    return "." not in read.text[1:-1] and joint().search(read.text, 1) is not None


def _is_directed(read: Reading) -> bool:
    short = _is_short(read) and read.direction is not None
    return short or bool(read.end_of_way) or read.arrow is not None or (_is_short(read) and flows.of_ends(read.text) is not None)


def _are_addresses(read: Reading) -> bool:
    return bool(read.endpoints) and all(one.kind in ("cidr", "host") for one in read.endpoints)


def _are_endpoints(read: Reading) -> bool:
    return bool(read.endpoints) and all(one.kind != "role" for one in read.endpoints)


def _are_zones(read: Reading) -> bool:
    return bool(read.endpoints) and all(vocabulary.fold(one.name) in vocabulary.words("zone") for one in read.endpoints)


def _is_component(read: Reading) -> bool:
    words = vocabulary.fold(read.text).strip(" .)").split()
    if not words or len(words) > _NAME_WORDS:
        return False
    return not {words[0], words[-1]}.isdisjoint(vocabulary.words("component")) or not vocabulary.header_words("address").isdisjoint(words)


def _is_flow_of_ends(read: Reading) -> bool:
    """Return whether a cell names both ends of a flow, each by its form: `Any to 10.0.0.0/8`."""
    flow = flows.of_text(read.text) if _is_short(read) and len(read.lines) < flows.LISTED_LINES else None
    return flow is not None and all(_are_endpoints(Reading((name,))) for name in (flow.source, flow.destination))


Fact = Literal[
    PortForm,
    ProtocolForm,
    "pure composite",  # names protocol and port, and nothing else
    "ported",  # names a port, or leaves one open
    "every port",
    "traffic",  # names a port by its number, or IP protocols, or both
    "bare number",  # a port by its number, and not a word
    "direction",
    "way of an end",  # a direction with the other end: `Inbound from the load balancer`
    "directed",  # a direction in words, an arrow alone, or two ends: `A -> B`, `A to B`
    "way",  # a direction in one word
    "way alone",  # a direction and what says no more: `Inbound rules`
    "action",
    "tick",
    "arrow",
    "arrowed",  # names both ends of a flow with an arrow: `A -> B`
    "flow",  # names both ends of a flow: `A -> B`, `A to B`
    "paired",  # names both ends of a flow, or two things: `A / B`
    "address",
    "host name",
    "endpoint",  # an address, a group or anyone: an end by its form, whatever it is called
    "zone",
    "named end",  # an address or a group: an end by its form, and not anyone
    "labelled",  # names an application in place of a protocol, whatever else it says
    "stated",  # names an IP protocol in words, whatever else it says
    "ip version",
    "flow of ends",  # names both ends of a flow, each an address, a group or anyone
    # Begins or ends with a noun for a machine, a piece of software or a zone, or holds one for an address: `CIDR of the cluster`.
    "component",
]
_HOLDS: Mapping[Fact, Callable[[Reading], bool]] = {
    "numeric": lambda read: "numeric" in read.port_forms and not _DATE.search(read.text),
    "named": lambda read: "named" in read.port_forms,
    "composite": lambda read: "composite" in read.port_forms,
    "open": lambda read: "open" in read.port_forms,
    "transport": lambda read: read.transport,
    "protocol": lambda read: "protocol" in read.protocol_forms,
    "pure composite": lambda read: "composite" in read.port_forms and not read.ports.strange and not _are_addresses(read),
    "ported": lambda read: not read.port_forms.isdisjoint(_PORTED) and not _DATE.search(read.text),
    "every port": lambda read: any(item.any for item in read.ports.items),
    "traffic": lambda read: "numeric" in read.port_forms or "protocol" in read.protocol_forms,
    "bare number": lambda read: "numeric" in read.port_forms and not _LETTER.search(read.text) and not _are_addresses(read),
    "direction": _is_direction,
    "way of an end": lambda read: bool(read.end_of_way),
    "directed": _is_directed,
    "way": _is_way,
    "way alone": lambda read: _is_way(read) or (_is_short(read) and titles.is_way_alone(read.text)),
    "action": _is_action,
    "tick": lambda read: _is_short(read) and read.ticked is not None,
    "arrow": lambda read: read.arrow is not None and any(map(_points, read.lines)),
    "arrowed": _is_arrowed,
    "flow": _is_flow,
    "paired": lambda read: _is_flow(read) or _SLASH_CELL.match(read.text) is not None,
    "address": _are_addresses,
    "host name": lambda read: _are_addresses(read) and any(_LETTER.search(one.name) for one in read.endpoints if one.kind == "host"),
    "endpoint": _are_endpoints,
    "zone": _are_zones,
    "named end": lambda read: _are_endpoints(read) and any(one.kind != "any" for one in read.endpoints),
    "labelled": lambda read: bool(read.protocol.labels),
    "stated": lambda read: bool(set(read.protocol.protocols) - {vocabulary.ANY_PROTOCOL}) and not read.text.isnumeric(),
    "ip version": lambda read: vocabulary.fold(read.text) in _IP_VERSIONS,
    "flow of ends": _is_flow_of_ends,
    "component": _is_component,
}
# Every cell of the kind holds one of these signs, in some form. The whole column is searched for them first.
_SIGNS: Mapping[Fact, re.Pattern[str]] = {
    "numeric": _DIGIT,
    "composite": _DIGIT,
    "arrow": ARROW_SIGN,
    "arrowed": ARROW_SIGN,
    "pure composite": _DIGIT,
    "bare number": _DIGIT,
    "address": late("[.:]"),
}


def _plain(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


class Profile:
    """What the cells of a column parse as, as shares of its non-empty cells. Cells are parsed when a share is asked for."""

    def __init__(self, column: Sequence[Cell | None], cells: Cells) -> None:
        """Take the cells of a column, and what the cells of its page say.

        One that spans rows counts once, "not applicable" and what is too long not at all.
        """
        counts: dict[Lines, int] = {}
        spanning: set[int] = set()
        for cell in column:
            if cell is None or not (lines := cell.lines):
                continue
            if cell.rowspan > 1 or cell.colspan > 1:
                if id(cell) in spanning:
                    continue
                spanning.add(id(cell))
            counts[lines] = counts.get(lines, 0) + 1
        self._read = [(read, count) for lines, count in counts.items() if len((read := cells[lines]).text) <= MAX_CELL]
        self._cells = [(read, count) for read, count in self._read if not read.none or read.text == "*"]
        self.filled = sum([count for _, count in self._cells])
        self._shares: dict[Fact, float] = {}
        # A limit that the share of a fact does not reach, if the share itself was not computed.
        self._above: dict[Fact, float] = {}

    @cached_property
    def _text(self) -> str:
        return _plain("\n".join([read.text for read, _ in self._cells]))

    @cached_property
    def ticked(self) -> bool:
        """Whether the cells tick or do not tick, and do nothing else; a cross may mean "not applicable" elsewhere."""
        return bool(self._read) and all(read.none or _HOLDS["tick"](read) for read, _ in self._read) and self._any_ticks()

    def _any_ticks(self) -> bool:
        return any(_HOLDS["tick"](read) and (read.ticked or not read.none) for read, _ in self._read)

    @cached_property
    def texts(self) -> frozenset[str]:
        """What the cells say, folded: two columns that name the same things share texts."""
        return frozenset(vocabulary.fold(read.text) for read, _ in self._cells)

    @cached_property
    def counts_up(self) -> bool:
        """Whether the numbers of cells that hold nothing else begin at the first and go up, as those of sockets, steps and figures do."""
        numbers = [int(read.text) for read, _ in self._cells if _SMALL.fullmatch(read.text)]
        return len(numbers) > 1 and len(numbers) == len(self._cells) and numbers[0] <= _FIRST and numbers == sorted(numbers)

    @property
    def distinct(self) -> float:
        """The share of cells that say what no cell before them says."""
        return len(self._cells) / self.filled if self.filled else 1.0

    @property
    def words(self) -> float:
        """How many words a cell has on average."""
        return sum(len(read.text.split()) for read, _ in self._cells) / len(self._cells) if self._cells else 0.0

    def share(self, fact: Fact) -> float:
        """Return the share of the cells of which a fact holds."""
        if fact not in self._shares:
            self._reach(fact, 0.0)
        return self._shares[fact]

    def reaches(self, fact: Fact, least: float) -> bool:
        """Return whether the share is at least this large. Parsing stops as soon as it cannot be: mostly after a few cells."""
        if fact in self._shares:
            return self._shares[fact] >= least
        if fact in self._above and least >= self._above[fact]:
            return False
        return self._reach(fact, least)

    def _reach(self, fact: Fact, least: float) -> bool:
        sign, holds = _SIGNS.get(fact), _HOLDS[fact]
        left = self.filled if sign is None or sign.search(self._text) else 0
        for read, count in self._cells if left else ():
            if (sign is not None and not sign.search(_plain(read.text))) or not holds(read):
                left -= count
                if left / self.filled < least:
                    self._above[fact] = least
                    return False
        self._shares[fact] = left / self.filled if left else 0.0
        return self._shares[fact] >= least


def of_columns(body: Sequence[Sequence[Cell | None]], width: int, cells: Cells) -> tuple[Profile, ...]:
    """Return the profile of every column of the data rows of a table. `cells` holds what the cells of the page say."""
    columns = zip(*body[:_SAMPLE], strict=True) if body else ((),) * width
    return tuple([Profile(column, cells) for column in columns])
