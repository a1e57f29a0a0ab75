"""Sentences of a page that state ports and protocols ("8088-8093 is needed for both TCP and UDP").

They are evidence where the cells of a row contradict each other, and every one is compared with the rows of its page.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from extract import vocabulary
from extract.normalize import port_line
from extract.normalize.tokens import MAX_PORT, Token, clean, tokenize

_SENTENCE = re.compile(r"(?<=[.!?。])\s+|(?<=[。！？])")
_MAX_CHARS = 600
# What may stand between a number and the transport or the word "port" that makes it one.
_JOINING = frozenset({"number", "range", "protocol", "label", "separator", "filler", "open", "close", "any", "any-port"})


class Statement(NamedTuple):
    """One sentence that states ports."""

    ports: tuple[tuple[int, int], ...]
    protocols: tuple[str, ...]
    # Every transport that it names; empty when it names ports alone ("the console listens on port 8443").
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
    if not _candidate().search(text):
        return
    waiting: Statement | None = None
    for sentence in _SENTENCE.split(text):
        facts = _facts(sentence)
        if facts.protocols and not facts.ports and waiting:
            # "They talk on 8088-8093. Allow this range over both TCP and UDP." is one statement in two sentences.
            pairs = frozenset((*port, word) for port in waiting.ports for word in facts.protocols)
            yield Statement(waiting.ports, facts.protocols, f"{waiting.text} {sentence}".strip(), line, pairs)
            waiting = None
            continue
        if waiting:
            yield waiting
            waiting = None
        if facts.ports:
            statement = Statement(facts.ports, facts.protocols, sentence.strip(), line, facts.pairs)
            if facts.protocols:
                yield statement
            else:
                waiting = statement
    if waiting:
        yield waiting


@functools.cache
def _candidate() -> re.Pattern[str]:
    """Return a quick look before the grammar: a text without a transport and without the word "port" states nothing of this kind."""
    return re.compile(rf"(?<![a-z0-9])(?:tcp|udp|sctp)(?![a-z0-9])|{_port_word().pattern}", re.IGNORECASE)


@functools.cache
def _port_word() -> re.Pattern[str]:
    return dict(vocabulary.header_concepts())["port"]


def _facts(sentence: str) -> _Facts:
    if len(sentence) > _MAX_CHARS or _is_turned_around(sentence):
        return _Facts()
    tokens = _with_ports_only(tokenize(clean(sentence)))
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


def _is_turned_around(sentence: str) -> bool:
    """Return whether a sentence says what is not so, or speaks of source ports: `TCP 23 is not used`, `all but UDP 161 is blocked`.

    "must not be blocked" says that traffic is allowed.
    """
    folded = vocabulary.fold(sentence)
    denies = vocabulary.finder("words", "deny").search(folded) is not None
    negated = vocabulary.finder("words", "negation").search(folded) is not None
    excepts = vocabulary.finder("words", "exception").search(folded) is not None
    return denies != negated or excepts or vocabulary.finder("words", "source_port").search(folded) is not None


def _with_ports_only(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return the tokens with the numbers of other things as words.

    In a sentence a number is a port beside a transport or the word "port", or when it is a range (`Horizon 7 uses TCP` names none).
    """
    kept: list[Token] = []
    run: list[Token] = []
    for token in (*tokens, Token("word", "")):
        if token.kind in _JOINING:
            run.append(token)
            continue
        ported = any(one.kind == "protocol" or (one.kind == "filler" and _port_word().search(vocabulary.fold(one.text))) for one in run)
        kept.extend(one._replace(kind="word") if one.kind == "number" and not ported else one for one in run)
        kept.append(token)
        run = []
    return tuple(kept[:-1])


def supporting(statements: Iterable[Statement], first: int | None, last: int | None, protocol: str) -> Statement | None:
    """Return the first statement that names these ports, or a range that holds them, together with this protocol."""
    if first is None or last is None:
        return None
    return next((one for one in statements if any(a <= first and last <= b and word == protocol for a, b, word in one.pairs)), None)
