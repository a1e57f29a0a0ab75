"""What the cells of a column parse as."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property, partial
from typing import Literal

from extract import vocabulary
from extract.cells import actions, direction, endpoint, ports, protocol
from extract.cells.limits import MAX_CELL
from extract.cells.tokens import clean
from extract.memo import for_short
from extract.model import Cell
from extract.regex import late

# Cells looked at per column: the shares are stable long before, and a table of 100,000 rows stays linear.
_SAMPLE = 400
# A cell longer than this is prose and is not parsed as a port cell.
PORT_CELL_CHARS = 160
# A direction, an action or a tick is a word or two.
_WORD_CELL_CHARS = 40

# A flow is drawn with one arrow. The signs `<` and `>` stand in a cell of this kind in the arrow alone, so that a cell which holds them is
# matched by the first pattern and any other by the second: together in one they take quadratic time for a cell of many arrows.
_FLOW_CELL = late(r"[^\s<>=-][^<>]*?(?:<?-{1,4}>|<?={1,3}>|(?<=\s)>(?=\s))\s*[^\s<>=-][^<>]*")
_ARROW_CELL = late(r"[^\s<>=-].*?[\u2192\u2194\u21d2\u21d4\u27f6\u279c]\s*[^\s<>=-]", re.DOTALL)
# Without one of these signs a text holds no arrow.
_ARROW_SIGN = late("[<>\u2190\u2192\u2194\u21c4\u21c6\u21d0\u21d2\u21d4\u25b6\u25c0\u2794\u279c\u27a1\u27f5\u27f6\u27f7\u2b05]")
_SLASH_CELL = late(r"^[^/]+\s/\s[^/]+$")
_PLACEHOLDER = late(r"<[^<>]+>")
# Four words or more that end as a sentence does.
_SENTENCE = late(r"^(?:\S+\s+){3,}\S+[.!。！]$")
_DIGIT = late(r"\d")


Facts = frozenset[str]
_NOTHING: Facts = frozenset()
Lines = tuple[str, ...]


@for_short
def _port_facts(lines: Lines) -> Facts:
    if len(" ".join(lines)) > PORT_CELL_CHARS:
        return _NOTHING
    cell = ports.parse(lines)
    words = sum(len(word.split()) for word in cell.unknown)
    if words and _SENTENCE.search(" ".join(lines)):
        # `Also allow UDP 9999.` in a layout table is a note.
        return _NOTHING
    listed = [item for item in cell.items if item.first is not None]
    if listed and words <= 3:
        if not any(_DIGIT.search(item.said) for item in listed):
            return frozenset({"named"})
        composite = cell.stated or any(item.labels for item in cell.items)
        return frozenset({"numeric", "composite"}) if composite else frozenset({"numeric"})
    if cell.numeric or cell.icmp or (cell.variable and _leaves_open(cell.variable)):
        return frozenset({"open"})
    return _NOTHING


def _leaves_open(words: str) -> bool:
    return vocabulary.finder("variable").search(vocabulary.fold(words)) is not None or _PLACEHOLDER.search(words) is not None


def is_cut_off(lines: Lines) -> bool:
    """Return whether a cell is a list of ports that is taken for prose because of its length alone."""
    if len(" ".join(lines)) <= PORT_CELL_CHARS:
        return False
    cell = ports.parse(lines)
    return cell.numeric and sum(len(word.split()) for word in cell.unknown) <= 3


@for_short
def _protocol_facts(lines: Lines) -> Facts:
    read = protocol.parse(lines)
    protocols, unknown = read.protocols, read.unknown
    if any(line.numbers for line in read.lines) or not (protocols or read.labels or read.version):
        return _NOTHING
    found = {"protocol"} if len(unknown) <= 3 else set()
    real = set(protocols) - {vocabulary.ANY_PROTOCOL}
    if real and not unknown and not any(line.said.isdigit() for line in read.lines):
        found.add("transport")
    return frozenset(found)


@for_short
def _is_transport(lines: Lines) -> bool:
    # A quick look before the grammar: all but short texts must hold the name or the number of a protocol.
    possible = any(len(line) <= _WORD_CELL_CHARS or _protocol_word().search(vocabulary.fold(clean(line))) for line in lines)
    return possible and "transport" in _protocol_facts(lines)


@cache
def _to() -> re.Pattern[str]:
    """Return what joins two ends; it is looked for between the first and the last character of a cell, which are no blanks."""
    return re.compile(rf"\s{vocabulary.pattern('to')}\s", re.IGNORECASE)


@cache
def _protocol_word() -> re.Pattern[str]:
    return re.compile(rf"\d|{vocabulary.pattern_of(vocabulary.protocol_words())}")


def _is_word(read: Callable[[str], object], lines: Lines) -> bool:
    """Return whether a cell is a word or two that `read` knows."""
    text = " ".join(lines)
    return len(text) <= _WORD_CELL_CHARS and bool(read(text))


def _is_action(text: str) -> bool:
    return len(text.split()) <= 3 and actions.of_cell(text) is not None


def _is_way(text: str) -> bool:
    return len(text.split()) == 1 and direction.of_cell(text) is not None


def _is_tick(text: str) -> bool:
    folded = vocabulary.fold(text)
    return folded in vocabulary.words("tick") or folded in vocabulary.words("no_tick")


def _is_arrowed(lines: Lines) -> bool:
    text = " ".join(lines)
    if "<" in text or ">" in text:
        return _FLOW_CELL.fullmatch(text) is not None
    return not text.isascii() and _ARROW_CELL.match(text) is not None


def _is_flow(lines: Lines) -> bool:
    if _is_arrowed(lines):
        return True
    text = " ".join(lines)
    # A full stop at either end is none inside.
    return "." not in text[1:-1] and _to().search(text, 1) is not None


def _is_slashed(lines: Lines) -> bool:
    return _SLASH_CELL.match(" ".join(lines)) is not None


def _are_addresses(lines: Lines) -> bool:
    found = endpoint.parse(lines)
    return bool(found) and all(one.kind in ("cidr", "host") for one in found)


def _are_endpoints(lines: Lines) -> bool:
    found = endpoint.parse(lines)
    return bool(found) and all(one.kind != "role" for one in found)


def _are_zones(lines: Lines) -> bool:
    found = endpoint.parse(lines)
    return bool(found) and all(vocabulary.fold(one.name) in vocabulary.words("zone") for one in found)


Fact = Literal[
    "numeric",  # names a port by its number, with few unknown words
    "named",  # names a port by the name of its service only
    "composite",  # names a port by its number, and its protocol
    "open",  # leaves a port open, or is "any"
    "transport",  # names IP protocols and nothing else
    "protocol",  # names IP protocols or application labels, whatever else
    "traffic",  # names a port by its number, or IP protocols, or both
    "direction",
    "way",  # a direction in one word
    "action",
    "tick",
    "arrow",
    "arrowed",  # names both ends of a flow with an arrow: `A -> B`
    "flow",  # names both ends of a flow: `A -> B`, `A to B`
    "slashed",  # names two things: `A / B`
    "address",
    "endpoint",  # an address, a group or anyone: an end by its form, whatever it is called
    "zone",
]
_HOLDS: Mapping[Fact, Callable[[Lines], bool]] = {
    "numeric": lambda lines: "numeric" in _port_facts(lines),
    "named": lambda lines: "named" in _port_facts(lines),
    "composite": lambda lines: "composite" in _port_facts(lines),
    "open": lambda lines: "open" in _port_facts(lines),
    "transport": _is_transport,
    "protocol": lambda lines: "protocol" in _protocol_facts(lines),
    "traffic": lambda lines: "numeric" in _port_facts(lines) or "protocol" in _protocol_facts(lines),
    "direction": partial(_is_word, direction.of_cell),
    "way": partial(_is_word, _is_way),
    "action": partial(_is_word, _is_action),
    "tick": partial(_is_word, _is_tick),
    "arrow": lambda lines: direction.arrow_of(" ".join(lines)) is not None,
    "arrowed": _is_arrowed,
    "flow": _is_flow,
    "slashed": _is_slashed,
    "address": _are_addresses,
    "endpoint": _are_endpoints,
    "zone": _are_zones,
}
# Without one of these signs, in whatever form, no cell is of the kind: looked for in a whole column first.
_SIGNS: Mapping[Fact, re.Pattern[str]] = {"numeric": _DIGIT, "composite": _DIGIT, "arrow": _ARROW_SIGN, "address": late("[.:]")}


def _plain(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


class Profile:
    """What the cells of a column parse as, as shares of its non-empty cells. Cells are parsed when a share is asked for."""

    def __init__(self, column: Sequence[Cell | None]) -> None:
        """Take the cells of a column; one that spans rows counts once, "not applicable" and what is too long not at all."""
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
        self._cells = [
            (lines, count)
            for lines, count in counts.items()
            if len(text := " ".join(lines)) <= MAX_CELL and (not ports.is_none(text) or text == "*")
        ]
        self.filled = sum([count for _, count in self._cells])
        self._shares: dict[Fact, float] = {}

    @cached_property
    def _text(self) -> str:
        return _plain("\n".join([" ".join(lines) for lines, _ in self._cells]))

    def share(self, fact: Fact) -> float:
        """Return the share of the cells of which a fact holds."""
        if fact not in self._shares:
            self._reach(fact, 0.0)
        return self._shares[fact]

    def reaches(self, fact: Fact, least: float) -> bool:
        """Return whether the share is at least this large. Most columns fall short of it after a few cells, and no more are parsed."""
        return self._shares[fact] >= least if fact in self._shares else self._reach(fact, least)

    def _reach(self, fact: Fact, least: float) -> bool:
        sign, holds = _SIGNS.get(fact), _HOLDS[fact]
        left = self.filled if sign is None or sign.search(self._text) else 0
        for lines, count in self._cells if left else ():
            if (sign is not None and not sign.search(_plain(" ".join(lines)))) or not holds(lines):
                left -= count
                if left / self.filled < least:
                    return False
        self._shares[fact] = left / self.filled if left else 0.0
        return self._shares[fact] >= least


def of_columns(body: Sequence[Sequence[Cell | None]], width: int) -> tuple[Profile, ...]:
    """Return the profile of every column of the data rows of a table."""
    return tuple(map(Profile, zip(*body[:_SAMPLE], strict=True))) if body else tuple(Profile(()) for _ in range(width))
