"""The words and numbers of port and protocol cells: one line of a cell to a list of tokens."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from extract import vocabulary
from extract.cells import grammar
from extract.cells.cleaning import MAX_PORT, clean, ungrouped

__all__ = ["MAX_PORT", "Kind", "Token", "clean", "labels_of", "protocols_of", "tokenize", "ungrouped"]

Kind = Literal[
    "number",
    "range",
    "protocol",
    "label",
    "any-port",
    "any",
    "arrow",
    "separator",
    "open",
    "close",
    "filler",
    "word",
    "placeholder",
    "reference",
    "type",
    "code",
]

_ARROWS = {"both": "<->", "right": "->", "left": "<-"}


class Token(msgspec.Struct, frozen=True):
    """One token; `depth` counts the brackets around it."""

    kind: Kind
    text: str
    # First and last port of a number or range.
    value: tuple[int, int] = (0, 0)
    # Protocol keyword(s) that a protocol or label token stands for.
    words: tuple[str, ...] = ()
    depth: int = 0
    # Where it begins in the line.
    start: int = 0
    # In brackets that touch the number before them.
    glued: bool = False
    # A remark next to a number, which does not narrow it.
    remark: str = ""
    # The entry of a list that it stands in, where words leave that open.
    opened: str = ""


# Signs that are always a token of their own.
_SIGNS: dict[str, Kind] = {**dict.fromkeys(",;|&/", "separator"), "(": "open", ")": "close", ".": "word", '"': "word"}


# A line is asked for as ports, as protocols, as a direction, one after the other; tokens of many lines would take much memory.
@functools.lru_cache(maxsize=256)
def tokenize(line: str) -> tuple[Token, ...]:
    """Return the tokens of one cleaned line."""
    found: list[Token] = []
    depth = position = 0
    while position < len(line):
        char = line[position]
        # A blank begins a separator: ` - `.
        if char.isspace() and not line.startswith("-", position + 1):
            position += 1
            continue
        token = _plain(line, position, char, depth)
        if token is not None:
            position += len(token.text)
        elif match := grammar.pattern_at(line, position).match(line, position) or grammar.word_at(line, position):
            token = _token(match, depth)
            position = match.end()
        else:
            position += 1
            continue
        if token.kind == "open":
            depth += 1
        elif token.kind == "close" and depth:
            depth -= 1
        found.append(token)
    return tuple(found)


def _plain(line: str, position: int, char: str, depth: int) -> Token | None:
    """Return the token of a plain form, which most tokens have; None where the grammar must decide.

    Measured on the golden pages: the grammar alone takes six times as long.
    """
    if kind := _SIGNS.get(char):
        return Token(kind, char, (0, 0), (), depth, position)
    if match := grammar.PLAIN_WORD.match(line, position):
        known = _plain_words().get(match[1].lower(), _UNKNOWN)
        if known is _UNKNOWN:
            word = grammar.word_at(line, position)
            return Token("word", word[0], (0, 0), (), depth, position) if word else None
        return Token(known[0], match[1], (0, 0), known[1], depth, position) if known else None
    if match := grammar.PLAIN_NUMBER.match(line, position):
        first = int(match[1])
        if match[2]:
            return Token("range", match[0], (first, int(match[2])), (), depth, position)
        return Token("number", match[0], (first, first), (), depth, position)
    return None


_UNKNOWN: tuple[Kind, tuple[str, ...]] = ("word", ())


@functools.cache
def _plain_words() -> Mapping[str, tuple[Kind, tuple[str, ...]] | None]:
    """Return the words of ASCII letters that the grammar knows -> kind and protocols of their tokens; None where what follows decides."""
    found: dict[str, tuple[Kind, tuple[str, ...]] | None] = {}
    for word, part in grammar.plain_words().items():
        found[word] = _named(part, word) if part else None
    return found


# The parts of the grammar that are a range -> its two ends; a text is the name of the group that holds the number, with what is
# added to it.
_RANGES: dict[str, tuple[int | tuple[str, int], int | tuple[str, int]]] = {
    "at_least": (("least", 0), MAX_PORT),
    "greater": (("above", 1), MAX_PORT),
    "at_most": (0, ("most", 0)),
    "less": (0, ("below", -1)),
    "between": (("low", 0), ("high", 0)),
    "spanned": (("from", 0), ("to", 0)),
    "range": (("first", 0), ("last", 0)),
    "colon": (("colon_first", 0), ("colon_last", 0)),
    "plus": (("plus_number", 0), MAX_PORT),
}


# The parts of the grammar that are tokens as they stand.
_KINDS: dict[str, Kind] = {
    "placeholder": "placeholder",
    "reference": "reference",
    "version": "reference",
    "any": "any",
    "any_port": "any-port",
    "separator": "separator",
    "open": "open",
    "close": "close",
    "filler": "filler",
}


def _token(match: re.Match[str], depth: int) -> Token:
    """Return the token of a match of the grammar."""
    text, part = match.group(), match.lastgroup or "word"
    kind: Kind
    value: tuple[int, int] = (0, 0)
    words: tuple[str, ...] = ()
    if part in _KINDS:
        kind, text = _KINDS[part], text.strip()
    elif part == "number":
        kind, value = "number", (int(text), int(text))
    elif part in _RANGES:
        first, last = (end if isinstance(end, int) else int(match[end[0]]) + end[1] for end in _RANGES[part])
        kind, value = "range", (first, last)
    elif part == "arrow":
        arrow = grammar.ARROW.match(text)
        side = arrow.lastgroup if arrow else "right"
        kind, text = "arrow", _ARROWS[side or "right"]
    elif part == "type":
        kind, value = "type", (int(match["type_number"]), 0)
    elif part == "code":
        kind, value = "code", (int(match["code_number"]), 0)
    elif part == "numbered":
        kind, words = "protocol", (vocabulary.protocol_numbers()[int(match["ip_protocol"])].keyword,)
    else:
        kind, words = _named(part, text)
    return Token(kind, text, value, words, depth, match.start())


def _named(part: str, text: str) -> tuple[Kind, tuple[str, ...]]:
    """Return kind and protocols of the token of a protocol, of a label or of a word.

    Regular expressions ignore case one letter at a time, folding does not (`İ` matches `i` and folds to two letters): what is found
    and is not in the vocabulary is a word.
    """
    if part in _KINDS:
        return _KINDS[part], ()
    folded = vocabulary.fold(text)
    if part == "protocol" and (entry := vocabulary.protocol_words().get(folded)):
        return "protocol", (entry.keyword,)
    if part == "label" and (transports := vocabulary.application_words().get(folded)):
        return "label", transports
    return "word", ()


def protocols_of(tokens: Iterable[Token]) -> tuple[str, ...]:
    """Return the protocols that tokens name, each once, in order."""
    return tuple(dict.fromkeys([word for token in tokens if token.kind == "protocol" for word in token.words]))


def labels_of(tokens: Iterable[Token]) -> tuple[str, ...]:
    """Return the application labels among tokens as written, each once, in order."""
    return tuple(dict.fromkeys([token.text for token in tokens if token.kind == "label"]))


def tokenize_by_grammar(line: str) -> tuple[Token, ...]:
    """Return the tokens of one cleaned line by the whole grammar, without any short cut: what `tokenize` must give."""
    found: list[Token] = []
    depth = position = 0
    while position < len(line):
        match = grammar.whole().match(line, position) or grammar.word_at(line, position)
        if not match:
            position += 1
            continue
        position = match.end()
        found.append(_token(match, depth))
        if found[-1].kind == "open":
            depth += 1
        elif found[-1].kind == "close":
            depth = max(depth - 1, 0)
    return tuple(found)
