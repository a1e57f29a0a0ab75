"""The transport that titles and sentences around a table state for all of its ports."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

from extract import vocabulary
from extract.cells import limits, tokens
from extract.cells.cleaning import SENTENCE_END
from extract.interpret import titles
from extract.regex import late

# A sentence that names a port is only about that port. Single digits number steps and versions.
_NUMBER = late(r"\d{2}")
# At most this many words may stand between a transport and its ports.
_BETWEEN = late(r"\W*(?:\w+\W+){0,2}")
_LABELLED = late("[:：]")
_WORD = late(r"[^\W\d_]")
# A transport next to one of these words does not apply to all ports.
_NOT_ALL = ("negation", "negation_behind", "exception", "part_of_ports", "deny")
_ICMP = frozenset({"icmp", "ipv6-icmp"})


@functools.cache
def _transport_words() -> vocabulary.Finder:
    """Return what finds the transports in folded text."""
    return vocabulary.Finder(word for word, entry in vocabulary.protocol_words().items() if entry.ports)


def _named(text: str) -> set[str]:
    """Return the protocols that a text names."""
    return {word for token in tokens.tokenize(tokens.clean(text)) if token.kind == "protocol" for word in token.words}


@functools.lru_cache(maxsize=titles.TEXTS)
def of_title(text: str) -> str | None:
    """Return the transport of a title that speaks of ports (`TCP ports`) or of nothing else (`TCP`), when it names one and no number."""
    if len(text) > limits.MAX_NAME or _NUMBER.search(text):
        return None
    named = _named(text)
    if named and named <= _ICMP:
        return named.pop() if len(named) == 1 else None
    found = named & vocabulary.ported()
    folded = vocabulary.fold(text)
    if len(found) != 1 or any(vocabulary.finder(section).search(folded) for section in _NOT_ALL):
        return None
    if not titles.names_anything(text):
        return found.pop() if len(named) == 1 else None
    spoken = vocabulary.finder("port_word").search(folded) is not None
    return found.pop() if spoken and not _heads_name(text) else None


def _heads_name(text: str) -> bool:
    """Return whether a transport, or the ports of one, stand right in front of a name that they are a part of: `TCP Relay ports`."""
    title = titles.read(text)
    return any(
        before.kind in ("transport", "ports") and span.kind == "name" and not title.folded[before.end : span.start].strip()
        for before, span in itertools.pairwise(title.spans)
    )


@functools.lru_cache(maxsize=titles.TEXTS)
def of_introduction(text: str) -> str | None:
    """Return the transport of a sentence about several ports (`the following UDP ports`); one that names a number is not."""
    return _of_sentences(text, _are_beside_ports)


@functools.lru_cache(maxsize=titles.TEXTS)
def of_these_ports(text: str) -> str | None:
    """Return the transport of a sentence about all ports of the table that it stands beside (`These ports use TCP`).

    "mixed" where it says that some of them have one: then nothing further away holds for all of them.
    """
    return _of_sentences(text, lambda folded: _is_about_all(folded, "every_port", "these_ports"), "mixed")


@functools.lru_cache(maxsize=titles.TEXTS)
def of_every_port(text: str) -> str | None:
    """Return the transport of a sentence about all ports of a page (`All ports are TCP unless noted otherwise`)."""
    return _of_sentences(text, lambda folded: _is_about_all(folded, "every_port"))


def _of_sentences(text: str, is_about: Callable[[str], bool], of_some: str | None = None) -> str | None:
    """Return the one transport of the first sentence that names one, no number, and is about what it should be; `of_some` where the first
    one is about some of the ports.
    """
    for sentence in SENTENCE_END.split(text):
        folded = vocabulary.fold(sentence)
        if len(sentence) > limits.MAX_NAME or _NUMBER.search(sentence) or not _transport_words().search(folded):
            continue
        if vocabulary.finder("part_of_ports").search(folded):
            if of_some and vocabulary.finder("ports_plural").search(folded):
                return of_some
            continue
        found = _named(sentence) & vocabulary.ported()
        if len(found) == 1 and is_about(folded):
            return found.pop()
    return None


def _are_beside_ports(folded: str) -> bool:
    """Return whether a transport stands beside the word for ports, in the plural, in a sentence that announces them."""
    if any(vocabulary.finder(section).search(folded) for section in (*_NOT_ALL, "elsewhere", "source_port", "variable")):
        return False
    announced = vocabulary.finder("announce").search(folded) or vocabulary.finder("instruct").match(folded)
    if not announced and not folded.endswith((":", "：")) and not vocabulary.finder("affirm").search(folded):
        return False
    transports = list(_transport_words().finditer(folded))
    for port in vocabulary.finder("ports_plural").finditer(folded):
        for one in transports:
            start, end = (one.end, port.start) if one.end <= port.start else (port.end, one.start)
            if _BETWEEN.fullmatch(folded, start, end):
                return True
    return False


def _is_about_all(folded: str, *sections: str) -> bool:
    """Return whether a sentence speaks of all ports, without a word that keeps some of them out."""
    rest = _without(folded, sections)
    if any(vocabulary.finder(section).search(rest) for section in (*_NOT_ALL, "perhaps")):
        return False
    # A note begins with its label: `Note: Port numbers refer to TCP.`
    parts = (part.lstrip() for part in _LABELLED.split(folded, maxsplit=1))
    if rest == folded and not any(vocabulary.finder("ports_subject").match(part) for part in parts):
        return False
    return not _WORD.search(_without(rest, ("tie", "ports_subject", "ports_plural"), _transport_words()))


def _without(folded: str, sections: tuple[str, ...], *finders: vocabulary.Finder) -> str:
    """Return a sentence without the words of some classes, and without those that finders find."""
    for finder in (*map(vocabulary.finder, sections), *finders):
        parts: list[str] = []
        position = 0
        for found in finder.finditer(folded):
            parts.append(folded[position : found.start])
            position = found.end
        folded = " ".join([*parts, folded[position:]])
    return folded
