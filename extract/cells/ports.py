"""The port grammar: one cell to the ports, protocols and arrows that it states.

A cell is a list of lines (paragraphs, list items, <br>). Each line is a list of items; a protocol or an application label
belongs to the numbers behind it when the line begins with one (`TCP 80, 443; UDP 53`), else to the numbers before it
(`80/tcp, 53/udp`, `389/TCP/UDP`). Lines with a protocol alone belong to the lines around them in the same way (`22<br>TCP`).
Nothing is derived from a port number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec.structs import replace

from extract import vocabulary
from extract.cells import limits, port_items, port_line, remarks
from extract.cells.assign import Stream
from extract.cells.port_items import Item
from extract.cells.port_line import Line
from extract.cells.tokens import clean
from extract.regex import late

__all__ = ["Item", "PortCell", "PortForm", "forms_of", "is_none", "parse"]

# A cell longer than this is prose, and no column is taken for one of ports because of it.
MAX_CHARS = 160
# At most this many unknown words may stand next to a port.
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
_LETTER = late(r"[^\W\d_]|!")
_BRACKETS = late(r"\([^()]*\)")
_NOTE = late(r"\s*(?:\[\d{1,2}\]|\(\d\))\s*")

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
    arrow: str | None = None
    # ICMP type and code that the cell states with these words.
    icmp: tuple[int, int | None] | None = None
    # Remarks of a cell without a number, which do not narrow it.
    remark: str = ""

    @property
    def numeric(self) -> bool:
        """Return whether the cell names at least one port or range."""
        return any(item.first is not None or item.any for item in self.items)

    @property
    def strange(self) -> int:
        """Return how many words of a cell of ports were not understood."""
        return sum(not _DIGIT.search(word) for item in self.items if item.words for word in item.said.split())

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
    return not folded or folded in vocabulary.words("none") or not folded.strip("-–—/ .|")


def parse(lines: tuple[str, ...]) -> PortCell:
    """Read the lines of a cell as a port cell. Never fails: what is not understood is in items of words, or in `variable`."""
    if limits.is_too_long(lines):
        return PortCell((Item(None, None, " ".join(lines), words=True),))
    if (said := _without_notes(lines)) != lines and (cell := parse(said)).numeric:
        return cell
    cleaned = _unwrapped([_EVERY.sub("*", clean(line)) for line in lines])
    if all(map(is_none, cleaned)):
        return PortCell(none=True)
    # `443<br>not used` says something of the port, where `443<br>-` does not.
    narrowing = vocabulary.words("narrowing")
    present = [(index, line) for index, line in enumerate(cleaned) if not is_none(line) or vocabulary.fold(line) in narrowing]
    read = [(index, port_line.read(line, lines[index])) for index, line in present]
    text = " ".join(lines)
    if len(present) > 1 and any(_narrows_others(line) for _, line in present):
        return PortCell((Item(None, None, text, words=True),), variable=text)
    alone = _of_one_line(*read[0], text) if len(read) == 1 else None
    return combine(read, text) if alone is None else alone


def _narrows_others(line: str) -> bool:
    """Return whether a line narrows what the other lines of its cell say: `except 22`, `established`, `(not 22)`."""
    said = line[1:-1] if line.startswith("(") and line.endswith(")") else _BRACKETS.sub("", line)
    return _LETTER.search(said) is not None and remarks.narrows(said)


def _without_notes(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines without those that are only the mark of a note: `[2]`, `(1)`."""
    return tuple([line for line in lines if not _NOTE.fullmatch(line)]) if len(lines) > 1 else lines


def forms_of(cell: PortCell, text: str) -> frozenset[PortForm]:
    """Return what a cell with this text looks like, which tells whether its column is one of ports."""
    if cell.strange and _SENTENCE.search(text):
        # `Also allow UDP 9999.` in a layout table is a note.
        return frozenset()
    listed = [item.said for item in cell.items if _may_be_a_port(item)]
    if listed and cell.strange <= MAX_STRANGE:
        if not _DIGIT.search(" ".join(listed)):
            return frozenset({"named"})
        composite = cell.stated or any(item.labels for item in cell.items)
        return frozenset({"numeric", "composite"}) if composite else frozenset({"numeric"})
    if cell.numeric or cell.icmp or (cell.variable and _leaves_open(cell.variable)):
        return frozenset({"open"})
    return frozenset()


def _may_be_a_port(item: Item) -> bool:
    """Return whether an item is a number, or words with a number that no unit is beside: `1 Gbps` is none."""
    if not item.words:
        return item.first is not None
    units = vocabulary.words("unit")
    return _DIGIT.search(item.said) is not None and not any(word.strip(".,;:()") in units for word in vocabulary.fold(item.said).split())


def _leaves_open(words: str) -> bool:
    folded = vocabulary.fold(words)
    if vocabulary.finder("variable").search(folded) or _PLACEHOLDER.search(words):
        return True
    return vocabulary.finder("reference").match(folded) is not None


def _of_one_line(index: int, line: Line, text: str) -> PortCell | None:
    """Return what a cell of one line with a port, or with words in place of ports, states; None for any other line."""
    if line.items or line.any:
        items = _items_of(index, line, text)
        return PortCell(items, variable=_variable_of(items), arrow=line.arrow)
    if line.variable and not line.arrow:
        return PortCell((Item(None, None, line.variable, labels=line.labels, line=index),), variable=line.variable)
    return None


def _items_of(index: int, line: Line, text: str) -> tuple[Item, ...]:
    """Return the ports that a line names, or the one item of a line that is "any"."""
    if line.any:
        return (Item(None, None, text, line.protocols, line.labels, index, line.arrow, any=True, remark=line.remark),)
    if index or line.arrow:
        return tuple(replace(item, line=index, arrow=line.arrow) for item in line.items)
    return line.items


def _variable_of(items: Iterable[Item]) -> str | None:
    """Return the words of items that name neither a port nor a protocol."""
    named = any(item.first is not None or item.any or item.protocols for item in items)
    return None if named else " ".join(item.said for item in items) or None


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
    """Make the names of services labels where other lines have numbers: `HTTP<br>8080`."""
    if not any(item.first is not None for _, line in read if not line.named for item in line.items):
        return read
    return [(index, _labelled(line) if line.named else line) for index, line in read]


def _labelled(line: Line) -> Line:
    """Return a line of names of services without their ports; those that are no application labels are unknown words."""
    names = line.labels or tuple(item.said for item in line.items)
    known = tuple(name for name in names if vocabulary.fold(name) in vocabulary.application_words())
    return replace(line, items=(), labels=known, unknown=tuple(name for name in names if name not in known))


class _Cell:
    """The items of a cell, and the lines without an item that say something about them."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._numbered = any(line.items for line in lines)
        # Whether the cell has items without a number, which protocols without ports can be about.
        self._open = not self._numbered or any(line.any for line in lines)
        self._items: list[Item] = []
        self._said_protocols: dict[str, None] = {}
        self._said_labels: dict[str, None] = {}
        # Words in front of the items that they are about.
        self._waiting: list[str] = []
        self._protocols, self._labels = Stream(), Stream()
        # From a line that holds nothing else, so it applies to all items.
        self._arrow: str | None = None

    def take(self, index: int, line: Line, following: Line | None, text: str) -> None:
        """Take a line with its index in the cell; `following` is the next one, `text` is the cell."""
        if line.items or line.any:
            for item in _items_of(index, line, text):
                self._add(item)
        elif line.protocols or (line.labels and (self._numbered or not line.variable)):
            self._say(index, line)
        elif line.arrow:
            self._arrow = line.arrow
        elif line.variable:
            self._take_words(index, line, line.variable, following)
        for words in (*line.unknown, line.remark if not line.any else ""):
            self._remark(words, following)

    def _take_words(self, index: int, line: Line, words: str, following: Line | None) -> None:
        """Take a line of words: a heading of the next line, a remark on the numbers before, open ports, or words that leave all open."""
        if following and _labels_next(words, following):
            self._waiting.append(words)
        elif self._items and remarks.is_condition(vocabulary.fold(words)) and not remarks.narrows(words):
            self._remark(words, None)
        elif port_line.is_open(words) or not any(item.first is not None for item in self._items):
            self._add(Item(None, None, words, labels=line.labels, line=index))
        else:
            # The words may narrow all that stands above them.
            self._items = [
                item if item.first is None else replace(item, first=None, last=None, said=f"{item.said} {words}", words=True)
                for item in self._items
            ]

    def _remark(self, words: str, following: Line | None) -> None:
        """Give words that narrow nothing to the item in front, or to the next one where they stand in front of all."""
        if words and self._items:
            self._items[-1] = remarks.remarked(self._items[-1], words)
        elif words:
            self._waiting.append(words)

    def _add(self, item: Item) -> None:
        slot = len(self._items)
        if self._waiting:
            item, self._waiting = remarks.remarked(item, *self._waiting), []
        self._items.append(item)
        if not item.protocols:
            self._protocols.separate()
            self._protocols.number(slot)
        if not item.labels:
            self._labels.separate()
            self._labels.number(slot)

    def _say(self, index: int, line: Line) -> None:
        """Take the protocols and labels of a line without an item."""
        self._said_protocols.update(dict.fromkeys(line.protocols))
        self._said_labels.update(dict.fromkeys(line.labels))
        ported = []
        for word in line.protocols:
            if self._open or not port_items.is_portless((word,)):
                ported.append(word)
            elif self._items and not self._items[-1].protocols and port_items.is_own_number(self._items[-1], (word,)):
                self._items[-1] = replace(self._items[-1], protocols=(word,))
            else:
                self._items.append(Item(None, None, word.upper(), (word,), line=index, arrow=line.arrow))
        for stream, words in ((self._protocols, tuple(ported)), (self._labels, line.labels)):
            if words:
                stream.separate()
                stream.word(words)

    def stated(self, text: str) -> PortCell:
        """Return what the lines state: items with what lines without an item say about them, or the words of such lines alone."""
        arrow = self._arrow or next((line.arrow for line in self._lines if line.arrow), None)
        icmp = next((line.icmp for line in self._lines if line.icmp), None)
        items, loose = self._shared() if any(line.items or line.any or line.variable for line in self._lines) else ((), ())
        if items:
            return PortCell(remarks.on_first(items, loose), variable=_variable_of(items), arrow=arrow, icmp=icmp)
        made = PortCell((), tuple(self._said_protocols), tuple(self._said_labels), arrow=arrow, icmp=icmp)
        remark = remarks.joined(self._waiting)
        # Brackets around the whole cell: `(see 3)`.
        return PortCell((Item(None, None, text),), variable=text) if remark and made == PortCell() else replace(made, remark=remark)

    def _shared(self) -> tuple[tuple[Item, ...], tuple[str, ...]]:
        """Return the items with what lines without an item say about them, and the labels that belong to none."""
        protocols, labels = self._protocols.shares(), self._labels.shares()
        items = [
            replace(
                item,
                protocols=item.protocols or protocols.given.get(slot, ()),
                labels=item.labels or labels.given.get(slot, ()),
                arrow=item.arrow or self._arrow,
            )
            for slot, item in enumerate(self._items)
        ]
        stated = {word for item in items for word in item.protocols}
        items += [Item(None, None, word.upper(), (word,), arrow=self._arrow) for word in protocols.loose if word not in stated]
        return tuple(items), labels.loose


def combine(read: list[tuple[int, Line]], text: str) -> PortCell:
    """Return what the lines of a cell, each with its index, state together; `text` is the cell."""
    read = _named(read)
    lines = [line for _, line in read]
    cell = _Cell(lines)
    for (index, line), following in zip(read, [*lines[1:], None], strict=False):
        cell.take(index, line, following, text)
    return cell.stated(text)


def _labels_next(text: str, following: Line) -> bool:
    """Return whether words are the heading of the numbers in the next line: `Dynamic RPC ports` above `49152-65535`."""
    return bool(following.items) and (not port_line.is_open(text) or any(item.first != item.last for item in following.items))
