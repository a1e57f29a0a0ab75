"""How words are found in text: by looking them up, and as regular expressions for what is put together with other patterns."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from extract.regex import late
from extract.vocabulary import files

LETTERS = r"0-9A-Za-z_\u00c0-\u024f\u0370-\u052f\u1e00-\u1eff"
"""Letters of scripts that put blanks between words."""

_OTHER_LETTERS = (r"\u00c0-\u024f\u0370-\u052f", r"\u1e00-\u1eff")
ASCII_BEGIN = r"(?<!(?a:\w))"
"""The pattern of a place with no letter in front of it, in text of ASCII."""
ASCII_END = r"(?!(?a:\w))"
"""The pattern of a place with no letter behind it, in text of ASCII."""
# One class of all letters takes twice the time to compile, and where case is ignored four times: in text that is normalized (NFKC)
# that would change nothing.
BEGIN = ASCII_BEGIN + "(?-i:" + "".join(f"(?<![{some}])" for some in _OTHER_LETTERS) + ")"
"""The pattern of a place with no letter in front of it."""
END = ASCII_END + "(?-i:" + "".join(f"(?![{some}])" for some in _OTHER_LETTERS) + ")"
"""The pattern of a place with no letter behind it."""

_LETTER = late(rf"[{LETTERS}]")
# What a word of the vocabulary may begin with in a text: a whole run of letters, or a sign, which all of the other scripts are.
_PIECE = late(rf"[{LETTERS}]+|\S")
_BEGINS = late(rf"^(?:[{LETTERS}]+|\S)", re.MULTILINE)
# Limits of the cache for pieces of texts: length and number of texts. One sentence is searched for the words of many sections.
_KEPT_CHARS, _KEPT_TEXTS = 400, 512


class Found(NamedTuple):
    """A word where it stands in a text."""

    start: int
    end: int
    word: str


class Finder:
    """Finds words in folded text: the longest at each place, from left to right, whole where their script puts blanks between words.

    It finds what the regular expression of `pattern_of` finds. Compiling all of those took a tenth of a run over one page, and most
    texts hold nothing that any of the words begins with, which the pieces of a text tell for all finders at once.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Take the words, folded."""
        self._words: dict[str, list[tuple[str, bool]]] = {}
        ordered = sorted(words, key=len, reverse=True)
        # All words at once: one by one, finding how they begin took twice the time.
        for word, piece in zip(ordered, _BEGINS.findall("\n".join(ordered)), strict=True):
            self._words.setdefault(piece, []).append((word, _is_letter(word[-1])))
        self._begins = frozenset(self._words)
        # Words of scripts without blanks, each with the longer ones that hold it and mean something else: `ポート` in `サポート` (support).
        self._held = {word: held for word in ordered if not word.isascii() and (held := _holding(word))}

    def search(self, text: str) -> Found | None:
        """Return the first word, None when there is none."""
        if len(text) <= _KEPT_CHARS and self._begins.isdisjoint(_pieces(text)):
            return None
        return next(self._found(text), None)

    def match(self, text: str) -> Found | None:
        """Return the word that the text begins with, None when there is none."""
        piece = _PIECE.match(text)
        return self._at(text, 0, piece[0]) if piece else None

    def finditer(self, text: str) -> Iterable[Found]:
        """Return the words from left to right; none of them overlap."""
        if len(text) <= _KEPT_CHARS and self._begins.isdisjoint(_pieces(text)):
            return ()
        return self._found(text)

    def split(self, text: str) -> list[str]:
        """Return the parts of a text between the words of it that stand between blanks."""
        parts, start = [], 0
        for found in self.finditer(text):
            if text[found.start - 1 : found.start] == text[found.end : found.end + 1] == " ":
                parts.append(text[start : found.start])
                start = found.end
        return [*parts, text[start:]]

    def _found(self, text: str) -> Iterator[Found]:
        end = 0
        for piece in _PIECE.finditer(text):
            start = piece.start()
            if start >= end and (found := self._at(text, start, piece[0])):
                end = found.end
                yield found

    def _at(self, text: str, start: int, piece: str) -> Found | None:
        for word, lettered in self._words.get(piece, ()):
            end = start + len(word)
            if text.startswith(word, start) and not (lettered and _LETTER.match(text, end)):
                if word in self._held and any(text.startswith(held, start - at) for held, at in self._held[word] if at <= start):
                    continue
                return Found(start, end, word)
        return None


def _holding(word: str) -> tuple[tuple[str, int], ...]:
    """Return the words that hold a word and mean something else, each with the place of the word in it."""
    return tuple((held, held.index(word)) for held in _longer_words() if word in held and word != held)


# Asked for each word without blanks beside it; joined anew from all languages, the class took a fifth of a run over one page.
@functools.cache
def _longer_words() -> tuple[str, ...]:
    return tuple(files.words("holding"))


@functools.lru_cache(maxsize=_KEPT_TEXTS)
def _pieces(text: str) -> frozenset[str]:
    return frozenset(_PIECE.findall(text))


@functools.cache
def _is_letter(sign: str) -> bool:
    return _LETTER.match(sign) is not None


def either(entries: Iterable[str]) -> str:
    """Return a regular expression that matches any of the folded words, longest first, whatever touches them."""
    return "(?:" + "|".join(map(_escaped, _longest_first(entries))) + ")"


def pattern_of(entries: Iterable[str]) -> str:
    """Return a regular expression that matches any of the folded words, longest first, whole words where the script has them."""
    lettered: list[str] = []
    others: list[str] = []
    for word in _longest_first(entries):
        (lettered if _LETTER.match(word) else others).append(word)
    # The boundaries stand around many words at once: around each of them they cost twice the time to compile and to match.
    parts = [BEGIN + _bounded(lettered)] if lettered else []
    if others:
        parts.append(_bounded(others))
    return "(?:" + "|".join(parts) + ")"


def _longest_first(entries: Iterable[str]) -> list[str]:
    return sorted(set(entries), key=lambda entry: (-len(entry), entry))


def _escaped(word: str) -> str:
    return re.escape(word).replace(r"\ ", r"\s+")


def _bounded(listed: Sequence[str]) -> str:
    """Return a pattern for words in their order; those that end in a letter end where no letter follows."""
    runs = []
    for ends, run in itertools.groupby(listed, key=lambda word: _LETTER.match(word, len(word) - 1) is not None):
        joined = "|".join(map(_escaped, run))
        runs.append(f"(?:{joined})" + (END if ends else ""))
    return "(?:" + "|".join(runs) + ")"
