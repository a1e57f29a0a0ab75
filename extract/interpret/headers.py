"""Column headers: their words to concepts, their concepts to the role that they propose."""

from __future__ import annotations

import functools
import itertools
import re

import msgspec

from extract import vocabulary
from extract.cells import direction
from extract.cells.tokens import clean, tokenize
from extract.model import Direction, Role

# Concepts that say which port (`from port`, `internal port`): the port in their words counts.
_PARTS = frozenset({"start", "end", "internal", "external"})


class Header(msgspec.Struct, frozen=True):
    """A header's text and the concepts that its words name."""

    text: str
    concepts: frozenset[str]
    # The one transport that it names.
    hint: str | None
    # The one direction that it names.
    way: Direction | None


@functools.lru_cache(maxsize=4096)
def read_header(text: str) -> Header:
    """Return the concepts of a header text."""
    folded = vocabulary.fold(clean(text)).strip(" :*.…")
    words = folded.split()
    short, whole = vocabulary.words("short_side"), vocabulary.words("whole_header")
    sides = {word for word in short if word in folded and _is_side(folded, words, word)}
    spans: list[tuple[int, int, str]] = []
    for concept, finder in vocabulary.header_concepts().items():
        for start, end, word in finder.finditer(folded):
            if word in short and word not in sides:
                continue
            if word in whole and word != folded and len(words) > 2:
                continue
            spans.append((start, end, concept))
    # A word inside a longer one of another concept does not count: vi `đích` (destination) in `mục đích` (purpose).
    found = _outermost(spans)
    transports = dict.fromkeys(word for token in tokenize(clean(text)) if token.kind == "protocol" for word in token.words)
    hint = next(iter(transports)) if len(transports) == 1 and next(iter(transports)) in vocabulary.ported() else None
    stated = direction.of_heading(text)
    return Header(text, frozenset(found), hint, stated if stated in ("ingress", "egress") else None)


def _outermost(spans: list[tuple[int, int, str]]) -> set[str]:
    """Return the concepts of the words that stand in no longer one. From left to right, for a header may hold any number of words."""
    found: set[str] = set()
    reached = 0
    # Where the longest of the words ends that begin further left.
    for start, group in itertools.groupby(sorted(spans), key=lambda span: span[0]):
        words = list(group)
        longest = max((end for _, end, concept in words if concept not in _PARTS), default=start)
        found.update(concept for _, end, concept in words if end > reached and end >= longest)
        reached = max(reached, longest)
    return found


def _is_side(folded: str, words: list[str], word: str) -> bool:
    """Return whether a short word (`to`, `from`) is a side and no preposition inside a longer header."""
    if (len(words) <= 2 and words[0] == word) or folded in _explained(word):
        return True
    before = vocabulary.finder("side_before").match(folded)
    return before is not None and re.match(rf"\s+{re.escape(word)}\b", folded[before.end :]) is not None


@functools.cache
def _explained(word: str) -> frozenset[str]:
    """Return the headers in which brackets behind a short word say which side it is: `to (destination)`."""
    return frozenset(f"{word} ({side})" for concept in ("source", "destination") for side in vocabulary.header_words(concept))


@functools.cache
def _transport_only() -> re.Pattern[str]:
    """Return a transport alone, which heads ports: `TCP`, `UDP (inbound)`. `TCP sessions` and `UDP throughput` head other things."""
    ways, behind = vocabulary.pattern("ingress", "egress"), vocabulary.pattern("ingress", "egress", "transport_header")
    return re.compile(rf"(?:{ways}|[\s()/:-])*+(?:tcp|udp|sctp)(?:{behind}|[\s()/:-])*+")


# (concepts that a header must name, concepts that it must not name, role), first match first. Ports are decided before.
_WORDS: tuple[tuple[str, str, Role], ...] = (
    ("icmp", "port", "icmp"),
    ("ethertype", "", "ethertype"),
    ("source destination", "", "flow"),
    ("protocol", "source destination", "protocol"),
    ("direction", "source destination", "direction"),
    ("destination", "", "destination"),
    ("source", "", "source"),
    ("far", "", "far"),
    ("flow", "description service type", "flow"),
    ("type description", "", "description"),
    ("type near", "", "description"),
    ("type address", "", "description"),
    ("type", "", "type"),
    ("action", "", "action"),
    ("description", "", "description"),
    ("near", "service", "near"),
    ("service", "", "service"),
    ("address", "", "address"),
)
_DECISIONS = tuple((frozenset(needed.split()), frozenset(without.split()), role) for needed, without, role in _WORDS)


@functools.lru_cache(maxsize=4096)
def propose(header: Header) -> Role:
    """Return the role that the words of a header name, "" when they name none."""
    concepts = header.concepts
    if "port" in concepts and not _describes(header):
        return _port_role(header, "source" in concepts, "destination" in concepts)
    for needed, without, role in _DECISIONS:
        if needed <= concepts and not without & concepts:
            return role
    if header.hint and _transport_only().fullmatch(vocabulary.fold(clean(header.text))):
        return "port"
    return "number" if "number" in concepts else ""


def _describes(header: Header) -> bool:
    """Return whether the port is what a header's column is about, not what it holds: `Port usage`, `Port description`."""
    folded = vocabulary.fold(header.text).strip(" :*")
    finder = vocabulary.header_concepts()["description"]
    return "description" in header.concepts and any(found.end == len(folded) and found.start > 0 for found in finder.finditer(folded))


def _port_role(header: Header, source: bool, destination: bool) -> Role:
    concepts = header.concepts
    if "start" in concepts and "end" not in concepts:
        return "port_from"
    if "end" in concepts and "start" not in concepts:
        return "port_to"
    if source and not destination:
        return "source_port"
    if source and destination:
        return "port"
    if "internal" in concepts and "external" not in concepts:
        return "internal_port"
    return "port"
