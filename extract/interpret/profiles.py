"""What the cells of a column parse as."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract import vocabulary
from extract.model import Cell
from extract.normalize import direction, endpoint, ports, protocol

# Cells looked at per column: the shares are stable long before, and a table of 100,000 rows stays linear.
_SAMPLE = 400
# A cell longer than this is prose and is not parsed as a port cell.
PORT_CELL_CHARS = 160
# A direction, an action or a tick is a word or two.
_WORD_CELL_CHARS = 40

_FLOW_CELL = re.compile(
    r"^[^\s<>=-][^<>]*?\s*(?:<?-{1,4}>|<?={1,3}>|(?<=\s)>(?=\s)|[\u2192\u2194\u21d2\u21d4\u27f6\u279c])\s*[^\s<>=-][^<>]*$"
)
_SLASH_CELL = re.compile(r"^[^/]+\s/\s[^/]+$")
_TO_CELL = re.compile(r"^\S[^.]*?\s(?:to|nach|vers)\s[^.]*\S$", re.IGNORECASE)
_OPEN_CELL = re.compile(r"\bdynamic|ephemeral|random|user.defined|varies|configurable|negotiated|<[^>]+>", re.IGNORECASE)
# Four words or more that end as a sentence does.
_SENTENCE = re.compile(r"^(?:\S+\s+){3,}\S+[.!。！]$")
_ZONES = frozenset(
    "internal external self public private internet intranet lan wan dmz vpn local remote localhost loopback cluster".split()
)


class Profile(NamedTuple):
    """What the cells of a column parse as, as shares of its non-empty cells."""

    filled: int
    numeric: float
    # Names a port by its number, with few unknown words.
    named: float
    # Names a port by the name of its service only.
    transport: float
    # Names IP protocols and nothing else.
    protocol: float
    # Names IP protocols or application labels, whatever else.
    composite: float
    # Names a port and its protocol.
    direction: float
    action: float
    address: float
    arrow: float
    flow: float
    # Names both ends of a flow: `A -> B`, `A to B`.
    arrowed: float
    # Names them with an arrow.
    slashed: float
    # Names two things: `A / B`.
    tick: float
    open: float
    # Leaves a port open, or is "any".
    zone: float


@functools.lru_cache(maxsize=16384)
def _cell_facts(lines: tuple[str, ...]) -> frozenset[str]:
    text = " ".join(lines)
    facts = {*_protocol_facts(lines), *_end_facts(lines, text)}
    if len(text) <= PORT_CELL_CHARS:
        facts.update(_port_facts(lines))
    if len(text) <= _WORD_CELL_CHARS:
        facts.update(_word_facts(text))
    elif direction.arrow_of(text):
        facts.add("arrow")
    return frozenset(facts)


def _port_facts(lines: tuple[str, ...]) -> Iterator[str]:
    cell = ports.parse(lines)
    words = sum(len(word.split()) for word in cell.unknown)
    if words and _SENTENCE.search(" ".join(lines)):
        # `Also allow UDP 9999.` in a layout table is a note.
        return
    listed = [item for item in cell.items if item.first is not None]
    if listed and words <= 3 and not any(re.search(r"\d", item.said) for item in listed):
        yield "named"
    elif listed and words <= 3:
        yield "numeric"
        if cell.stated or any(item.labels for item in cell.items):
            yield "composite"
    elif cell.numeric or cell.icmp or (cell.variable and _OPEN_CELL.search(cell.variable)):
        yield "open"


def _protocol_facts(lines: tuple[str, ...]) -> Iterator[str]:
    read = protocol.parse(lines)
    numbered = any(line.numbers for line in read.lines)
    if (read.protocols or read.labels or read.version) and len(read.unknown) <= 3 and not numbered:
        yield "protocol"
    real = set(read.protocols) - {vocabulary.ANY_PROTOCOL}
    if real and not read.unknown and not numbered and not any(line.said.isdigit() for line in read.lines):
        yield "transport"


def _word_facts(text: str) -> Iterator[str]:
    if direction.of_cell(text):
        yield "direction"
    if direction.arrow_of(text):
        yield "arrow"
    if direction.action_of(text) and len(text.split()) <= 3:
        yield "action"
    if vocabulary.fold(text) in vocabulary.words("words", "tick") | vocabulary.words("words", "no_tick"):
        yield "tick"


def _end_facts(lines: tuple[str, ...], text: str) -> Iterator[str]:
    if _SLASH_CELL.match(text):
        yield "slashed"
    arrowed = _FLOW_CELL.match(text) is not None
    if arrowed:
        yield "arrowed"
    if arrowed or _TO_CELL.match(text):
        yield "flow"
    found = endpoint.parse(lines)
    if found and all(one.kind in ("cidr", "host") for one in found):
        yield "address"
    if found and all(vocabulary.fold(one.name) in _ZONES for one in found):
        yield "zone"


def profile(cells: Sequence[Cell | None]) -> Profile:
    """Return the profile of a column; a cell that spans rows counts once, "not applicable" not at all."""
    seen: set[int] = set()
    counts: dict[str, int] = {}
    filled = 0
    for cell in cells[:_SAMPLE]:
        if cell is None or id(cell) in seen:
            continue
        seen.add(id(cell))
        if ports.is_none(cell.text) and cell.text not in ("*",):
            continue
        filled += 1
        for fact in _cell_facts(cell.lines):
            counts[fact] = counts.get(fact, 0) + 1
    share = {fact: count / filled for fact, count in counts.items()} if filled else {}
    return Profile(filled, *(share.get(fact, 0.0) for fact in Profile._fields[1:]))
