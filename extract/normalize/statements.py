"""Sentences of a page that state protocols for ports ("8088-8093 is needed for both TCP and UDP")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from extract import vocabulary
from extract.normalize import port_line
from extract.normalize.tokens import MAX_PORT, clean, tokenize

_SENTENCE = re.compile(r"(?<=[.!?。])\s+|(?<=[。！？])")
# A quick look before the grammar: a sentence without a transport and a number states nothing of this kind.
_CANDIDATE = re.compile(r"(?<![a-z0-9])(?:tcp|udp|sctp)(?![a-z0-9])", re.IGNORECASE)
_MAX_CHARS = 600


class Statement(NamedTuple):
    """One sentence that names ports and transports."""

    ports: tuple[tuple[int, int], ...]
    protocols: tuple[str, ...]
    text: str
    line: int
    pairs: frozenset[tuple[int, int, str]]
    # Which port goes with which transport.


class _Facts(NamedTuple):
    ports: tuple[tuple[int, int], ...] = ()
    protocols: tuple[str, ...] = ()
    pairs: frozenset[tuple[int, int, str]] = frozenset()


def read(texts: Iterable[tuple[str, int]]) -> tuple[Statement, ...]:
    """Return the statements in (text, line) pairs: paragraphs, notes, cells of layout tables."""
    return tuple(statement for text, line in texts for statement in _statements(text, line))


def _statements(text: str, line: int) -> Iterator[Statement]:
    if not _CANDIDATE.search(text):
        return
    before, spoken = "", False
    for sentence in _SENTENCE.split(text):
        facts = _facts(sentence)
        if facts.protocols and not facts.ports and not spoken:
            # "They talk on 8088-8093. Allow this range over both TCP and UDP." is one statement in two sentences.
            ports = _facts(before).ports
            if ports:
                pairs = frozenset((*port, word) for port in ports for word in facts.protocols)
                yield Statement(ports, facts.protocols, f"{before} {sentence}".strip(), line, pairs)
        elif facts.protocols and facts.ports:
            yield Statement(facts.ports, facts.protocols, sentence.strip(), line, facts.pairs)
        before, spoken = sentence, bool(facts.protocols)


def _facts(sentence: str) -> _Facts:
    if len(sentence) > _MAX_CHARS:
        return _Facts()
    tokens = tokenize(clean(sentence))
    ported = vocabulary.ported()
    protocols = tuple(dict.fromkeys(word for token in tokens if token.kind == "protocol" for word in token.words if word in ported))
    items, _ = port_line.assigned(tokens)
    pairs = [(item.first, item.last, item.protocols) for item in items if item.first is not None and item.last is not None]
    valid = [(first, last, words) for first, last, words in pairs if 0 < first <= last <= MAX_PORT]
    return _Facts(
        tuple(dict.fromkeys((first, last) for first, last, _ in valid)),
        protocols,
        frozenset((first, last, word) for first, last, words in valid for word in words if word in ported),
    )


def supporting(statements: Iterable[Statement], first: int | None, last: int | None, protocol: str) -> Statement | None:
    """Return the first statement that names exactly these ports together with this protocol."""
    if first is None or last is None:
        return None
    return next((one for one in statements if (first, last, protocol) in one.pairs), None)
