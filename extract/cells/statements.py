"""Sentences of a page that state ports and protocols ("8088-8093 is needed for both TCP and UDP").

They are evidence where the cells of a row contradict each other, and every one is compared with the rows of its page.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from extract import vocabulary
from extract.cells import port_line
from extract.cells.cleaning import SENTENCE_END, clean
from extract.cells.tokens import Token, protocols_of, tokenize
from extract.regex import late

_URL = late(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_MAX_CHARS = 600
# What may stand between a number and the transport or the word "port" that makes it one.
_JOINING = frozenset({"number", "range", "protocol", "label", "separator", "filler", "open", "close", "any", "any-port"})
_TRANSPORT = late(r"(?<![a-z0-9])(?:tcp|udp|sctp)(?![a-z0-9])", re.IGNORECASE)
_COLON = late(r"[:=]")
_DIGIT = late(r"\d")
_YEARS = range(1980, 2041)


class PortSentence(msgspec.Struct, frozen=True):
    """One sentence that states ports."""

    ports: tuple[tuple[int, int], ...]
    # Every transport that it names; empty when it names ports alone ("the console listens on port 8443").
    protocols: tuple[str, ...]
    text: str
    line: int
    # Which port goes with which transport.
    pairs: frozenset[tuple[int, int, str]]


_NOTHING = PortSentence((), (), "", 0, frozenset())


def read(texts: Iterable[tuple[str, int]]) -> tuple[PortSentence, ...]:
    """Return the statements in (text, line) pairs: paragraphs, notes, cells of layout tables."""
    return tuple(statement for text, line in texts for statement in _statements(text, line))


def _statements(text: str, line: int) -> list[PortSentence]:
    # A quick look before the grammar: a text without a transport and without the word "port" states nothing of this kind.
    if not _is_numbered(text) or not (_TRANSPORT.search(text) or vocabulary.header_concepts()["port"].search(vocabulary.fold(text))):
        return []
    found: list[PortSentence] = []
    for sentence in _sentences(text):
        if found and (completed := _completed(found[-1], sentence)):
            found[-1] = completed
        else:
            # Of the sentences of the golden pages one in five holds a digit; without one a sentence states no port.
            found.append(_stated(sentence, line) if _is_numbered(sentence) else _NOTHING)
    return [statement for statement in found if statement.ports]


def _completed(before: PortSentence, sentence: str) -> PortSentence | None:
    """Return a statement of ports alone with the transports that the next sentence gives it; None where it gives none.

    "They talk on 8088-8093. Allow this range over both TCP and UDP." is one statement in two sentences.
    """
    if not before.ports or before.protocols or not vocabulary.finder("anaphora").search(vocabulary.fold(sentence)):
        return None
    stated = _stated(sentence, before.line)
    if stated.ports or not stated.protocols:
        return None
    pairs = frozenset((*port, word) for port in before.ports for word in stated.protocols)
    return replace(before, protocols=stated.protocols, text=f"{before.text} {sentence}".strip(), pairs=pairs)


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text; the full stop of an abbreviation (`e.g.`, `z. B.`) does not end one."""
    shortened = vocabulary.words("abbreviation")
    begun: list[str] = []
    for part in SENTENCE_END.split(text):
        begun.append(part)
        if vocabulary.fold(part.rpartition(" ")[2].lstrip("(")) not in shortened:
            yield " ".join(begun)
            begun.clear()
    if begun:
        yield " ".join(begun)


def _is_numbered(text: str) -> bool:
    """Return whether a text holds a digit, in whatever script or form (`①`)."""
    return _DIGIT.search(text) is not None or (not text.isascii() and _DIGIT.search(unicodedata.normalize("NFKC", text)) is not None)


def _stated(sentence: str, line: int) -> PortSentence:
    """Return what a sentence states, without ports where it states none."""
    if len(sentence) > _MAX_CHARS or _is_turned_around(sentence):
        return _NOTHING
    tokens = _with_ports_only(tokenize(clean(_URL.sub(" ", sentence))))
    ported = vocabulary.ported()
    items, _ = port_line.assigned(tokens)
    valid = [(item.first, item.last, item.protocols) for item in items if item.first and item.last and not item.problem]
    return PortSentence(
        ports=tuple(dict.fromkeys((first, last) for first, last, _ in valid)),
        protocols=tuple(word for word in protocols_of(tokens) if word in ported),
        text=sentence.strip(),
        line=line,
        pairs=frozenset((first, last, word) for first, last, words in valid for word in words if word in ported),
    )


def _is_turned_around(sentence: str) -> bool:
    """Return whether a sentence does not state an open port: `TCP 23 is not used`, `all but UDP 161`, `change it to port 81`.

    It asks, negates, excepts, or speaks of the past, of a choice or of a source port.

    "must not be blocked" says that traffic is allowed.
    """
    folded = vocabulary.fold(sentence).replace("’", "'")
    if all(vocabulary.finder(section).search(folded) for section in ("negation", "deny")):
        folded = vocabulary.fold(_not_denied().sub(" ", folded))
    return sentence.rstrip().endswith(("?", "？")) or any(
        vocabulary.finder(section).search(folded)
        for section in ("deny", "negation", "negation_behind", "exception", "hedge", "source_port")
    )


@functools.cache
def _not_denied() -> re.Pattern[str]:
    """Return the pattern of a negated denial: `not blocked`, `must not be blocked`."""
    negation, auxiliary, deny = (vocabulary.pattern(section) for section in ("negation", "auxiliary", "deny"))
    return re.compile(rf"{negation}\s+(?:{auxiliary}\s+)?{deny}")


def _with_ports_only(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return the tokens with the numbers of other things as words.

    In a sentence a number is a port beside a transport or the word "port", or when it is a range (`Horizon 7 uses TCP` names none); in
    front of a unit it is a quantity (`500 TCP connections`, `3 ports`).
    """
    kept: list[Token] = []
    run: list[Token] = []
    port_word = vocabulary.header_concepts()["port"]
    for token in (*tokens, Token("word", "")):
        if token.kind in _JOINING or _COLON.fullmatch(token.text):
            run.append(token)
            continue
        ported = any(one.kind == "protocol" or (one.kind == "filler" and port_word.search(vocabulary.fold(one.text))) for one in run)
        counted = vocabulary.fold(token.text).rstrip(".,;:") in vocabulary.words("unit")
        kept.extend(
            replace(one, kind="word") if one.kind in ("number", "range") and _is_quantity(one, run[index + 1 :], ported, counted) else one
            for index, one in enumerate(run)
        )
        kept.append(token)
        run = []
    return tuple(kept[:-1])


def _is_quantity(number: Token, behind: list[Token], ported: bool, counted: bool) -> bool:
    """Return whether a number of a run is no port; `behind` is what follows it, `ported` and `counted` what holds of the run."""
    if number.kind == "range" and not ported and number.value[0] in _YEARS and number.value[1] in _YEARS:
        return True
    if number.kind == "number" and not ported:
        return True
    following = next((one for one in behind if one.kind != "protocol"), None)
    if following is None:
        # Nothing but a transport stands between the number and the unit.
        return counted
    return number.kind == "number" and following is behind[0] and vocabulary.fold(following.text) in vocabulary.words("counted_ports")


class Sentences:
    """Statements by what they state. The index keeps the time linear on a page with many sentences and many contradictions."""

    def __init__(self, statements: Iterable[PortSentence], around: Sentences | None = None) -> None:
        """Take the statements of a section, and those of the sections around it."""
        self._around = around
        self._by_pair: dict[tuple[int, int, str], list[PortSentence]] = {}
        for statement in statements:
            for pair in statement.pairs:
                self._by_pair.setdefault(pair, []).append(statement)

    def of(self, first: int | None, last: int | None, protocol: str) -> tuple[PortSentence, ...]:
        """Return the statements that name exactly these ports together with this protocol, nearest first."""
        if first is None or last is None:
            return ()
        own = tuple(self._by_pair.get((first, last, protocol), ()))
        return (*own, *self._around.of(first, last, protocol)) if self._around is not None else own
