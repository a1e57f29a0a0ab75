"""Lines of styled text for a page of a given width: columns that East Asian signs fill twice, and long lines that go on below."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal

from extract.regex import late

Style = Literal["", "title", "label", "dim", "mark", "error", "warning", "note"]
Part = tuple[Style, str]
Line = tuple[Part, ...]
"""A line of text in parts; documents say what they like in it, so whoever prints it must make it plain."""

_WORD = late(" +|[^ ]+")


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text fills."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def padded(text: str, width: int) -> str:
    """Return a text filled up with blanks to so many columns."""
    return text + " " * (width - width_of(text))


def quoted(text: str) -> str:
    """Return a text in quotation marks, and otherwise as it is: a backslash in it stays one."""
    return f'"{text}"' if "'" in text and '"' not in text else f"'{text}'"


def table(rows: Iterable[tuple[str, Line]], width: int, indent: int, cap: int) -> Iterator[Line]:
    """Yield names and values in two columns; a value may be indented further. A name wider than `cap` stands in a line of its own."""
    rows = list(rows)
    names = [width_of(name) for name, _ in rows if width_of(name) <= cap]
    column = indent + max(names, default=0) + 2
    for name, value in rows:
        text = "".join(text for _, text in value)
        hang = column + len(text) - len(text.lstrip(" "))
        if width_of(name) <= cap:
            yield from wrapped((("", " " * indent + padded(name, column - indent)), *value), width, hang)
        else:
            yield from wrapped((("", " " * indent + name),), width, indent)
            yield from wrapped((("", " " * column), *value), width, hang)


def wrapped(line: Line, width: int, hang: int) -> Iterator[Line]:
    """Yield a line as lines of so many columns at most, those after the first indented by `hang`, which is less than `width`.

    It is broken at blanks, and within what is longer than a line.
    """
    current: list[Part] = []
    column, begun = 0, False
    for gap, word in _words(line):
        if begun and column + gap + sum(width_of(text) for _, text in word) > width:
            yield tuple(current)
            current, column = [("", " " * hang)], hang
        elif gap:
            current.append(("", " " * gap))
            column += gap
        for style, text in word:
            for number, piece in enumerate(_pieces(text, width - column, width - hang)):
                if number:
                    yield tuple(current)
                    current, column = [("", " " * hang)], hang
                current.append((style, piece))
                column += width_of(piece)
        begun = True
    yield tuple(current)


def _words(line: Line) -> Iterator[tuple[int, list[Part]]]:
    """Yield the words of a line, each with the number of blanks before it; a word may have several styles."""
    gap, word = 0, list[Part]()
    for style, text in line:
        for piece in _WORD.findall(text):
            if not piece.startswith(" "):
                word.append((style, piece))
                continue
            if word:
                yield gap, word
                gap, word = 0, []
            gap += len(piece)
    if word:
        yield gap, word


def _pieces(word: str, first: int, others: int) -> Iterator[str]:
    """Yield a word in pieces: the first fits into so many columns, each of the others into as many as a line has. None is empty."""
    if width_of(word) <= first:
        yield word
        return
    begin, column, limit = 0, 0, first
    for index, sign in enumerate(word):
        size = width_of(sign)
        if column + size > limit and index > begin:
            yield word[begin:index]
            begin, column, limit = index, 0, others
        column += size
    yield word[begin:]
