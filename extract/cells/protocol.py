"""Protocol, type and service cells to the IP protocols that they state.

Transports and other protocols come from IANA's protocol numbers; an application label (SSH, RDS) stands for the transport that
its specification uses, and only where nothing in the row names a transport.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from extract import vocabulary
from extract.cells import limits, remarks
from extract.cells.ports import is_none
from extract.cells.tokens import Kind, Token, clean, labels_of, protocols_of, tokenize
from extract.regex import late

_VERSIONS = {"ipv4": "icmp", "ipv6": "ipv6-icmp", "ip v4": "icmp", "ip v6": "ipv6-icmp", "ip4": "icmp", "ip6": "ipv6-icmp"}
# A protocol that is named by its number alone: `50`, `IP protocol no. 50`, `protocol 47 (GRE)`.
_NUMBERED = late(r"(?P<label>[^\d(]{0,40})(?P<number>\d{1,3})(?:\s*\((?P<name>[^)]*)\))?")
_ANY = frozenset({"any", "any-port"})
_UNREAD = frozenset({"word", "placeholder", "reference"})
_LETTER = late(r"\w")
_BRACKETS = late(r"[(（\[]([^()（）\[\]]*)[)）\]]")
# At most this many unknown words may stand next to protocols.
_STRANGE = 3

ProtocolForm = Literal[
    "protocol",  # names IP protocols or application labels, whatever else
    "transport",  # names IP protocols and nothing else
]


class ProtocolLine(msgspec.Struct, frozen=True):
    """What one line of a cell says about protocols."""

    protocols: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    # Ports that stand in a protocol cell.
    numbers: tuple[tuple[int, int], ...] = ()
    # `IPv4` or `IPv6` alone: the ICMP of that version, when the row speaks of ICMP.
    version: str | None = None
    said: str = ""
    # Said of all of a protocol (`All TCP`): every port of it.
    every: bool = False
    # Whether it excludes a part of what it names, or narrows it: `Any except UDP`, `TCP (established)`.
    narrowed: bool = False
    # Words that are neither protocols, nor labels, nor what says when a rule is needed.
    strange: str = ""


class ProtocolCell(msgspec.Struct, frozen=True):
    """What a cell says about protocols, line by line."""

    lines: tuple[ProtocolLine, ...] = ()
    none: bool = False

    @property
    def protocols(self) -> tuple[str, ...]:
        """Return the protocols of all lines, in order."""
        return _joined([line.protocols for line in self.lines])

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the application labels of all lines, in order."""
        return _joined([line.labels for line in self.lines])

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return the words that are neither."""
        return tuple(word for line in self.lines for word in line.unknown)

    @property
    def narrowed(self) -> bool:
        """Return whether the cell takes back or narrows what it names."""
        return any(line.narrowed for line in self.lines) and any(line.protocols or line.labels or line.every for line in self.lines)

    @property
    def strange(self) -> str:
        """Return the words beside protocols that nobody knows."""
        return ", ".join(line.strange for line in self.lines if line.strange) if self.protocols or self.labels else ""

    @property
    def version(self) -> str | None:
        """Return the ICMP of the IP version that a line names alone."""
        return next((line.version for line in self.lines if line.version), None)

    @property
    def every(self) -> bool:
        """Return whether the cell speaks of all of a protocol."""
        return any(line.every for line in self.lines)


def parse(lines: tuple[str, ...]) -> ProtocolCell:
    """Read the lines of a cell as a protocol cell."""
    if limits.is_too_long(lines):
        return ProtocolCell((ProtocolLine(unknown=lines),))
    cleaned = [clean(line) for line in lines]
    if all(map(is_none, cleaned)):
        return ProtocolCell(none=True)
    present = [line for line in cleaned if not is_none(line) or vocabulary.fold(line) in vocabulary.words("narrowing")]
    return ProtocolCell(tuple(_line(line) for line in present))


def _joined(words: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the words of several lines, each once. Most cells have one line, whose words differ."""
    return words[0] if len(words) == 1 else tuple(dict.fromkeys(word for one in words for word in one))


def forms_of(cell: ProtocolCell) -> frozenset[ProtocolForm]:
    """Return what a cell looks like, which tells whether its column is one of protocols."""
    protocols, unknown = cell.protocols, cell.unknown
    if any(line.numbers for line in cell.lines) or not (protocols or cell.labels or cell.version):
        return frozenset()
    found: set[ProtocolForm] = {"protocol"} if len(unknown) <= _STRANGE else set()
    real = set(protocols) - {vocabulary.ANY_PROTOCOL}
    if real and not unknown and not any(line.said.isdigit() for line in cell.lines):
        found.add("transport")
    return frozenset(found)


def is_possible(lines: tuple[str, ...]) -> bool:
    """Return whether a cell may name an IP protocol, after a quick look: it must hold the name or the number of one."""
    return any(_protocol_word().search(vocabulary.fold(clean(line))) for line in lines)


@functools.cache
def _protocol_word() -> re.Pattern[str]:
    return re.compile(rf"\d|{vocabulary.pattern_of([*vocabulary.protocol_words(), *vocabulary.words('both_transports')])}")


# Lines recur from page to page: measured on pages without rules, four in five are known. Only short lines are cached, to save memory.
@functools.lru_cache(maxsize=256)
def _line(line: str) -> ProtocolLine:
    folded = vocabulary.fold(line)
    if folded in _VERSIONS:
        return ProtocolLine(version=_VERSIONS[folded], said=line)
    if (whole := _phrases().get(folded) or _numbered(folded)) and not remarks.takes_back(line):
        return ProtocolLine(protocols=whole, said=line)
    tokens = tokenize(line)
    kinds = {token.kind for token in tokens}
    # Most lines name neither a protocol nor a label.
    protocols = _versioned(tokens) if "protocol" in kinds else ()
    labels = labels_of(tokens) if "label" in kinds else ()
    unknown = tuple([token.text for token in tokens if token.kind in _UNREAD and _LETTER.search(token.text)])
    numbers = _ports(tokens, protocols) if not kinds.isdisjoint(remarks.NUMERIC) else ()
    every = not kinds.isdisjoint(_ANY)
    strange = remarks.strange_beside(tokens, line, _named_by(kinds)) if unknown else ""
    return ProtocolLine(protocols, labels, unknown, numbers, None, line, every, remarks.takes_back(line), strange)


def _named_by(kinds: set[Kind]) -> Kind:
    """Return the kind of tokens that a line names its protocol by."""
    return "protocol" if "protocol" in kinds else "label" if "label" in kinds else "word"


@functools.cache
def _phrases() -> Mapping[str, tuple[str, ...]]:
    """Return folded line -> the protocols that it stands for as a whole."""
    every = vocabulary.words("any", "every_protocol")
    return {**dict.fromkeys(vocabulary.words("both_transports"), ("tcp", "udp")), **dict.fromkeys(every, (vocabulary.ANY_PROTOCOL,))}


def _numbered(folded: str) -> tuple[str, ...]:
    """Return the protocol of a line that names it by its number alone; nothing for any other line."""
    numbered = _NUMBERED.fullmatch(folded) if folded[-1:].isdigit() or folded.endswith(")") else None
    entry = vocabulary.protocol_numbers().get(int(numbered["number"])) if numbered and _is_label(numbered["label"]) else None
    return (entry.keyword,) if entry else ()


def _is_label(text: str) -> bool:
    """Return whether nothing but what may stand before the number of a protocol is in a text: `IP protocol no.`."""
    found = vocabulary.finder("protocol_number").match(text)
    rest = text[found.end :] if found else text
    return not rest.strip(" ./:-") or rest.strip(" ./:-") in vocabulary.words("number_word")


def _versioned(tokens: tuple[Token, ...]) -> tuple[str, ...]:
    """Return the protocols that tokens name; ICMP beside an IP version is the ICMP of that version (`ICMP Rule - IPv6`)."""
    protocols = protocols_of(tokens)
    if "icmp" not in protocols or "ipv6-icmp" in protocols:
        return protocols
    versions = dict.fromkeys(_VERSIONS[word] for token in tokens if (word := vocabulary.fold(token.text)) in _VERSIONS)
    return tuple(dict.fromkeys(word for name in protocols for word in (versions if versions and name == "icmp" else (name,))))


def _ports(tokens: tuple[Token, ...], protocols: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Return the numbers among tokens but for those of the protocols themselves: `TCP (6)`, `UDP/17`."""
    own = {(number, number) for number, entry in vocabulary.protocol_numbers().items() if entry.keyword in protocols}
    return tuple(token.value for token in tokens if token.kind in ("number", "range") and token.value not in own)


def transports_of(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the transports that application labels stand for, joined in order."""
    table = vocabulary.application_words()
    return tuple(dict.fromkeys(word for label in labels for word in table.get(vocabulary.fold(label), ())))


def bracketed(lines: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return the protocols that a remark in brackets states, and the remark: `(TCP and UDP)`, `(both TCP/UDP)`, `(UDP only)`.

    Only brackets that hold nothing else count. If a description only mentions a protocol, the row does not state it.
    """
    for line in lines:
        for match in _BRACKETS.finditer(line):
            tokens = tokenize(clean(match[1]))
            protocols = protocols_of(tokens)
            if protocols and all(_is_filler(token) for token in tokens):
                return protocols, match[0]
    return (), ""


def _is_filler(token: Token) -> bool:
    fillers = vocabulary.words("protocol_filler", "conjunction")
    return token.kind in ("protocol", "separator") or (token.kind == "filler" and vocabulary.fold(token.text) in fillers)
