"""Sentences of a page that state protocols for ports ("8088-8093 is needed for both TCP and UDP")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from extract import vocabulary
from extract.normalize.tokens import MAX_PORT, clean, tokenize

_SENTENCE = re.compile(r"(?<=[.!?。])\s+|(?<=[。！？])")
# A quick look before the grammar: a sentence without a transport and a number states nothing of this kind.
_CANDIDATE = re.compile(r"\b(?:tcp|udp|sctp)\b", re.IGNORECASE)
_MAX_CHARS = 600


class Statement(NamedTuple):
    """One sentence that names ports and transports."""

    ports: tuple[tuple[int, int], ...]
    protocols: tuple[str, ...]
    text: str
    line: int


def read(texts: Iterable[tuple[str, int]]) -> tuple[Statement, ...]:
    """Return the statements in (text, line) pairs: paragraphs, notes, cells of layout tables."""
    return tuple(statement for text, line in texts for statement in _statements(text, line))


def _statements(text: str, line: int) -> Iterator[Statement]:
    if not _CANDIDATE.search(text):
        return
    before, spoken = "", False
    for sentence in _SENTENCE.split(text):
        ports, protocols = _facts(sentence)
        if protocols and not ports and not spoken:
            # "They talk on 8088-8093. Allow this range over both TCP and UDP." is one statement in two sentences.
            ports, _ = _facts(before)
            if ports:
                yield Statement(ports, protocols, f"{before} {sentence}".strip(), line)
        elif protocols and ports:
            yield Statement(ports, protocols, sentence.strip(), line)
        before, spoken = sentence, bool(protocols)


def _facts(sentence: str) -> tuple[tuple[tuple[int, int], ...], tuple[str, ...]]:
    if len(sentence) > _MAX_CHARS:
        return (), ()
    tokens = tokenize(clean(sentence))
    ported = vocabulary.ported()
    protocols = dict.fromkeys(word for token in tokens if token.kind == "protocol" for word in token.words if word in ported)
    numeric = [token.value for token in tokens if token.kind in ("number", "range")]
    return tuple(dict.fromkeys(value for value in numeric if 0 < value[0] <= value[1] <= MAX_PORT)), tuple(protocols)


def supporting(statements: Iterable[Statement], first: int | None, last: int | None, protocol: str) -> Statement | None:
    """Return the first statement that names exactly these ports together with this protocol."""
    if first is None or last is None:
        return None
    return next((one for one in statements if (first, last) in one.ports and protocol in one.protocols), None)
