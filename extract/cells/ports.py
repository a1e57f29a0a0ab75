"""The port grammar: one cell to the ports, protocols and arrows that it states.

A cell is a list of lines (paragraphs, list items, <br>). Each line is a list of items; a protocol or an application label
belongs to the numbers behind it when the line begins with one (`TCP 80, 443; UDP 53`), else to the numbers before it
(`80/tcp, 53/udp`, `389/TCP/UDP`). Lines with a protocol alone belong to the lines around them in the same way (`22<br>TCP`).
Nothing is derived from a port number.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec.structs import replace

from extract import vocabulary
from extract.cells import limits, port_items, port_line
from extract.cells.assign import Stream
from extract.cells.port_items import Item
from extract.cells.port_line import Line
from extract.cells.tokens import clean
from extract.regex import late

__all__ = ["Item", "PortCell", "PortForm", "forms_of", "is_none", "parse"]

# A cell longer than this is prose, and no column is taken for one of ports because of it.
MAX_CHARS = 160
# So many words that nobody knows may stand beside a port.
MAX_STRANGE = 3

# The EC2 API writes -1 for "all" (IpPermission: FromPort, ToPort, IpProtocol).
_EVERY = late(r"^-1$")
# The two lines of a range that is wrapped before or behind its dash. A dash that begins several lines marks the items of a list.
_RANGE_BEGUN = late(r"\d\s*-$")
_NUMBER_ALONE = late(r"[^-]*\d")
_RANGE_ENDED = late(r"-\s*\d")
_PLACEHOLDER = late(r"<[^<>]+>")
# Four words or more that end as a sentence does.
_SENTENCE = late(r"^(?:\S+\s+){3,}\S+[.!。！]$")
_DIGIT = late(r"\d")

PortForm = Literal[
    "numeric",  # names a port by its number, with few unknown words
    "named",  # names a port by the name of its service only
    "composite",  # names a port by its number, and its protocol
    "open",  # leaves a port open, or is "any"
]


class PortCell(msgspec.Struct, frozen=True):
    """What a cell states when it is read as a port cell."""

    items: tuple[Item, ...] = ()
    # Protocols of a cell that names no port.
    protocols: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    # Empty, or a word for "not applicable".
    none: bool = False
    # The words of a cell that names neither a port nor a protocol.
    variable: str | None = None
    # Words that the grammar does not know, in cells that name a port.
    unknown: tuple[str, ...] = ()
    arrow: str | None = None
    # ICMP type and code that the cell states with these words.
    icmp: tuple[int, int | None] | None = None
    any_protocol: bool = False

    @property
    def numeric(self) -> bool:
        """Return whether the cell names at least one port or range."""
        return any(item.first is not None or item.any for item in self.items)

    @property
    def stated(self) -> tuple[str, ...]:
        """Return the protocols that the cell names, with or without a port."""
        found = dict.fromkeys(self.protocols)
        for item in self.items:
            found.update(dict.fromkeys(item.protocols))
        return tuple(found)


def is_none(text: str) -> bool:
    """Return whether a cell says that there is nothing: empty, a dash, `N/A`."""
    folded = vocabulary.fold(text).strip(" .")
    return not folded or folded in vocabulary.words("none") or not folded.strip("-–—/ .")


def parse(lines: tuple[str, ...]) -> PortCell:
    """Read the lines of a cell as a port cell. Never fails: what is not understood is in `unknown` or `variable`."""
    if limits.is_too_long(lines):
        return PortCell(unknown=lines)
    cleaned = _unwrapped([_EVERY.sub("*", clean(line)) for line in lines])
    present = [(index, line) for index, line in enumerate(cleaned) if not is_none(line)]
    if not present:
        return PortCell(none=True)
    read = [(index, port_line.read(line, lines[index])) for index, line in present]
    text = " ".join(lines)
    alone = _of_one_line(*read[0], text) if len(read) == 1 else None
    return combine(read, text) if alone is None else alone


def forms_of(cell: PortCell, text: str) -> frozenset[PortForm]:
    """Return what a cell with this text looks like, which tells whether its column is one of ports."""
    words = sum(len(word.split()) for word in cell.unknown) if cell.unknown else 0
    if words and _SENTENCE.search(text):
        # `Also allow UDP 9999.` in a layout table is a note.
        return frozenset()
    listed = [item for item in cell.items if item.first is not None]
    if listed and words <= MAX_STRANGE:
        if not any(_DIGIT.search(item.said) for item in listed):
            return frozenset({"named"})
        composite = cell.stated or any(item.labels for item in cell.items)
        return frozenset({"numeric", "composite"}) if composite else frozenset({"numeric"})
    if cell.numeric or cell.icmp or (cell.variable and _leaves_open(cell.variable)):
        return frozenset({"open"})
    return frozenset()


def _leaves_open(words: str) -> bool:
    return vocabulary.finder("variable").search(vocabulary.fold(words)) is not None or _PLACEHOLDER.search(words) is not None


def _of_one_line(index: int, line: Line, text: str) -> PortCell | None:
    """Return what a cell of one line with a port, or with words in place of ports, states; None for any other line."""
    if line.services:
        line = replace(line, items=line.services, protocols=(), labels=())
    arrow, variable = line.arrow, None
    if line.items:
        items = line.items
        if index or arrow:
            items = tuple(replace(item, line=index, arrow=item.arrow or arrow) for item in items)
        if not any(item.first is not None or item.any or item.protocols for item in items):
            variable = " ".join(item.said for item in items)
    elif line.any:
        items = (Item(None, None, text, line.protocols, line.labels, index, arrow, any=True),)
    elif line.variable and not line.protocols and not arrow:
        items, variable = (Item(None, None, line.variable, labels=line.labels, line=index),), line.variable
    else:
        return None
    return PortCell(items, variable=variable, unknown=line.unknown, arrow=arrow, icmp=line.icmp, any_protocol=line.any_protocol)


def _unwrapped(lines: list[str]) -> list[str]:
    """Join the two halves of a range that is wrapped at its dash; the second line is left empty."""
    joined = list(lines)
    for index in range(len(lines) - 1):
        line, following = joined[index], lines[index + 1]
        listed = index + 2 < len(lines) and lines[index + 2].startswith("-")
        ended = _NUMBER_ALONE.fullmatch(line) and _RANGE_ENDED.match(following) and not listed
        if ended or (_RANGE_BEGUN.search(line) and following[:1].isdigit()):
            joined[index], joined[index + 1] = line + following, ""
    return joined


def _named(read: list[tuple[int, Line]]) -> list[tuple[int, Line]]:
    """Give lines of service names their ports, or, where other lines have numbers, make them labels: `HTTP<br>8080`."""
    numeric = any(item.first is not None for _, line in read for item in line.items)
    found = []
    for index, line in read:
        if line.services and numeric:
            labels = tuple(name for name in line.labels if vocabulary.fold(name) in vocabulary.application_words())
            unknown = tuple(name for name in line.labels if name not in labels)
            found.append((index, replace(line, labels=labels, unknown=unknown)))
        elif line.services:
            found.append((index, replace(line, items=line.services, protocols=(), labels=())))
        else:
            found.append((index, line))
    return found


class _Cell:
    """The items of a cell, and the lines without an item that say something about them."""

    def __init__(self, every: bool) -> None:
        self.items: list[Item] = []
        self.protocols: dict[str, None] = {}
        self.labels: dict[str, None] = {}
        self._protocols, self._labels = Stream(), Stream()
        # Whether the cell has items without a number, which protocols without ports can be about.
        self._open = every

    def add(self, item: Item) -> None:
        """Take an item."""
        slot = len(self.items)
        self.items.append(item)
        if not item.protocols:
            self._protocols.separate()
            self._protocols.number(slot)
        if not item.labels:
            self._labels.separate()
            self._labels.number(slot)

    def say(self, index: int, line: Line) -> None:
        """Take the protocols and labels of a line without an item."""
        self.protocols.update(dict.fromkeys(line.protocols))
        self.labels.update(dict.fromkeys(line.labels))
        ported = []
        for word in line.protocols:
            if self._open or not port_items.is_portless((word,)):
                ported.append(word)
            elif self.items and not self.items[-1].protocols and port_items.is_own_number(self.items[-1], (word,)):
                self.items[-1] = replace(self.items[-1], protocols=(word,))
            else:
                self.items.append(Item(None, None, word.upper(), (word,), line=index, arrow=line.arrow))
        for stream, words in ((self._protocols, tuple(ported)), (self._labels, line.labels)):
            if words:
                stream.separate()
                stream.word(words)

    def shared(self) -> tuple[list[Item], tuple[str, ...]]:
        """Return the items with what lines without an item say about them, and the labels that belong to none."""
        protocols, labels = self._protocols.shares(), self._labels.shares()
        items = [
            replace(item, protocols=item.protocols or protocols.given.get(slot, ()), labels=item.labels or labels.given.get(slot, ()))
            for slot, item in enumerate(self.items)
        ]
        stated = {word for item in items for word in item.protocols}
        items += [Item(None, None, word.upper(), (word,)) for word in protocols.loose if word not in stated]
        return items, labels.loose


def combine(read: list[tuple[int, Line]], text: str) -> PortCell:
    """Return what the lines of a cell state together."""
    read = _named(read)
    filled = any(line.items or line.any or line.variable for _, line in read)
    numbered = any(line.items for _, line in read)
    cell = _Cell(every=any(line.any for _, line in read) or not numbered)
    unknown: list[str] = []
    arrow: str | None = None
    for position, (index, line) in enumerate(read):
        unknown.extend(line.unknown)
        if line.items:
            for item in line.items:
                cell.add(replace(item, line=index, arrow=item.arrow or line.arrow))
        elif line.any:
            cell.add(Item(None, None, text, line.protocols, line.labels, index, line.arrow, any=True))
        elif line.protocols or (line.labels and (numbered or line.variable is None)):
            cell.say(index, line)
        elif line.arrow:
            arrow = line.arrow
        elif line.variable and _labels_next(line.variable, read[position + 1 : position + 2]):
            unknown.append(line.variable)
        elif line.variable:
            cell.add(Item(None, None, line.variable, labels=line.labels, line=index))
    items, loose = cell.shared() if filled else ([], ())
    if arrow:
        items = [item if item.arrow else replace(item, arrow=arrow) for item in items]
    named = any(item.first is not None or item.any or item.protocols for item in items)
    return PortCell(
        items=tuple(items),
        protocols=tuple(cell.protocols) if not items else (),
        labels=tuple(cell.labels) if not items else (),
        variable=None if named or not items else " ".join(item.said for item in items),
        unknown=(*unknown, *loose) if items else tuple(unknown),
        arrow=arrow or next((line.arrow for _, line in read if line.arrow), None),
        icmp=next((line.icmp for _, line in read if line.icmp), None),
        any_protocol=any(line.any_protocol for _, line in read),
    )


def _labels_next(text: str, behind: list[tuple[int, Line]]) -> bool:
    """Return whether words are the heading of the numbers in the next line: `Dynamic RPC ports` above `49152-65535`."""
    if not behind or not behind[0][1].items:
        return False
    return not port_line.is_open(text) or any(item.first != item.last for item in behind[0][1].items)
