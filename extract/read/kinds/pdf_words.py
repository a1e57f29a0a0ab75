"""The words of a page of a PDF, in lines and in columns."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from math import inf

import msgspec
from pdfplumber.page import Page
from pdfplumber.utils.text import extract_words

from extract.read.kinds.pdf_raised import settled
from extract.regex import late

POINTS = ".,;:()"
"""What stands at the ends of words and is no part of them."""

_BOLD = late(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
# pdfminer writes so for a character of which nobody knows what it is.
_UNKNOWN = late(r"\(cid:\d+\)")
# So many sizes of letters part two columns; and so many, where the same is so in other lines.
_COLUMN_GAP = 2.5
_GAP = 0.8
_COLUMN_LINES = 3
# So many lines near each other, with numbers at the same place, are rows.
_NEAR_LINES = 5
_PORT = late(r"(\d{1,5})(?:/\w{3,4})?[,;]?")
_LAST_PORT = 65_535
# The numbers of items and of notes are lower.
_NUMBERED = 20
# What stands before the text of an item: `1.`, `(a)`.
_MARK = 4

Box = tuple[float, float, float, float]
"""The left, the upper, the right and the lower edge of something, in points."""


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word of a page with its place in points, from the left and from the top."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool
    upright: bool

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.top + self.bottom) / 2


class Line(msgspec.Struct, frozen=True, gc=False):
    """Words beside each other: what they say, where they stand, and what decides whether the line below goes on with them."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    # Of most of its letters, to half a point.
    size: float
    # Whether all of it is bold.
    bold: bool
    # How wide its first word is, and whether that is all of it.
    first: float
    single: bool
    # Among all lines of its page, from 1.
    number: int = 0

    @classmethod
    def of(cls, words: Sequence[Word], number: int = 0) -> Line:
        """Return the line of some words, given from the left."""
        return cls(
            text=" ".join(word.text for word in words),
            x0=words[0].x0,
            x1=max(word.x1 for word in words),
            top=min(word.top for word in words),
            bottom=max(word.bottom for word in words),
            size=sizes_of(words).most_common(1)[0][0],
            bold=all(word.bold for word in words),
            first=words[0].x1 - words[0].x0,
            single=len(words) == 1,
            number=number,
        )


def sizes_of(words: Iterable[Word]) -> Counter[float]:
    """Return how many letters there are of each size, to half a point. What is no letter, as an icon is none, counts little."""
    sizes: Counter[float] = Counter()
    for word in words:
        sizes[round(word.size * 2) / 2] += 10 * sum(map(str.isalnum, word.text)) + 1
    return sizes


def words_of(page: Page, struck: Container[int] = ()) -> Iterator[Word]:
    """Yield the words of a page, without the signs that are `struck` out; what stands outside of its visible part is not printed."""
    x0, y0, x1, y1 = _visible(page)
    chars = [
        {**char, "text": "\ufffd" if _UNKNOWN.fullmatch(char["text"]) else char["text"]}
        for char in page.chars
        if x0 <= (char["x0"] + char["x1"]) / 2 <= x1 and y0 <= (char["y0"] + char["y1"]) / 2 <= y1 and id(char) not in struck
    ]
    for word in extract_words(settled(chars), x_tolerance=3, x_tolerance_ratio=0.2, y_tolerance=2, return_chars=True):
        sizes = Counter(char["size"] for char in word["chars"])
        yield Word(
            text=word["text"],
            x0=word["x0"],
            x1=word["x1"],
            top=word["top"],
            bottom=word["bottom"],
            size=sizes.most_common(1)[0][0],
            bold=all(_BOLD.search(str(char["fontname"])) is not None for char in word["chars"]),
            upright=bool(word["chars"][0]["upright"]),
        )


def _visible(page: Page) -> Box:
    """Return the part of a page that is printed, from the left and from below; everything, where the file does not say it clearly."""
    media, crop = page.page_obj.mediabox, page.page_obj.cropbox
    if page.rotation or media[0] >= media[2] or media[1] >= media[3] or crop[0] >= crop[2] or crop[1] >= crop[3]:
        return -inf, -inf, inf, inf
    return crop[0] - media[0] - 1, crop[1] - media[1] - 1, crop[2] - media[0] + 1, crop[3] - media[1] + 1


def is_in(word: Word, box: Box) -> bool:
    """Return whether the middle of a word is in a box."""
    return box[0] <= (word.x0 + word.x1) / 2 <= box[2] and box[1] <= word.middle <= box[3]


def lines_of(words: Iterable[Word]) -> Iterator[list[Word]]:
    """Yield the lines of some words, from the top, each from the left."""
    line: list[Word] = []
    middles = 0.0
    for word in sorted(words, key=lambda one: (one.middle, one.x0)):
        height = min(word.bottom - word.top, line[0].bottom - line[0].top) if line else 0.0
        if line and word.middle - middles / len(line) > 0.5 * height:
            yield sorted(line, key=lambda one: one.x0)
            line, middles = [], 0.0
        line.append(word)
        middles += word.middle
    if line:
        yield sorted(line, key=lambda one: one.x0)


class _Columns:
    """Where words behind gaps begin in several lines: columns of text, or of a table that has no lines."""

    def __init__(self, lines: Sequence[tuple[Sequence[Word], int]]) -> None:
        starts: Counter[int] = Counter()
        for words, _ in lines:
            starts.update({round(word.x0 / 2) for word in _behind_gaps(words, _GAP)})
        self.starts = {place for place in starts if sum(starts[near] for near in (place - 1, place, place + 1)) >= _COLUMN_LINES}

    def of(self, block: Sequence[Sequence[Line]]) -> Iterator[Line]:
        """Yield the parts of some lines column by column."""
        edges = sorted({round(part.x0 / 2) for parts in block for part in parts[1:]} & self.starts)
        columns: dict[int, list[Line]] = {}
        for part in itertools.chain.from_iterable(block):
            columns.setdefault(sum(round(part.x0 / 2) >= edge - 1 for edge in edges), []).append(part)
        for _, column in sorted(columns.items()):
            yield from column


def columns_of(lines: Sequence[tuple[Sequence[Word], int]]) -> tuple[list[tuple[float, Line]], bool]:
    """Return lines with the height at which they are read, parted where text stands in columns, and whether it does.

    Where words behind a gap begin at the same place in three lines, there are columns. They are read one after the other.
    """
    columns = _Columns(lines)
    parted = [list(_parted(words, number, columns.starts)) for words, number in lines]
    found: list[tuple[float, Line]] = []
    done = 0
    for first, last in _runs([index for index, parts in enumerate(parted) if len(parts) > 1]):
        found += [(part.top, part) for part in itertools.chain.from_iterable(parted[done:first])]
        block = parted[first : last + 1]
        found += [(block[0][0].top, part) for part in columns.of(block)]
        done = last + 1
    found += [(part.top, part) for part in itertools.chain.from_iterable(parted[done:])]
    return found, bool(columns.starts)


def holds_numbers(lines: Sequence[Sequence[Word]]) -> bool:
    """Return whether numbers stand below each other in lines of text, as ports do in a table without lines."""
    seen: dict[int, list[int]] = {}
    for index, words in enumerate(lines):
        places = {edge for number, word in enumerate(words) if _is_port(word.text, number) for edge in (round(word.x0), -round(word.x1))}
        for place in places:
            near = sorted({one for shift in (-1, 0, 1) for one in seen.get(place + shift, ())[1 - _COLUMN_LINES :]})
            if len(near) > 1 and index - near[-2] < _NEAR_LINES:
                return True
        for place in places:
            seen.setdefault(place, []).append(index)
    return False


def _is_port(text: str, index: int) -> bool:
    match = _PORT.fullmatch(text)
    return match is not None and (0 if index else _NUMBERED) < int(match[1]) <= _LAST_PORT


def parts_of(words: Sequence[Word]) -> list[Box]:
    """Return the boxes of the parts of a line that gaps part."""
    parts = [[words[0]]]
    for before, word in itertools.pairwise(words):
        if word.x0 - before.x1 > _GAP * max(word.size, before.size):
            parts.append([])
        parts[-1].append(word)
    return [(part[0].x0, part[0].top, part[-1].x1, part[0].bottom) for part in parts]


def _runs(indexes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of several lines with columns that stand close to each other."""
    run: list[int] = []
    for index in indexes:
        if run and index - run[-1] > _COLUMN_LINES:
            if len(run) >= _COLUMN_LINES:
                yield run[0], run[-1]
            run = []
        run.append(index)
    if len(run) >= _COLUMN_LINES:
        yield run[0], run[-1]


def _behind_gaps(words: Sequence[Word], least: float) -> Iterator[Word]:
    """Yield the words of a line that stand behind a gap of so many letters. What stands before the first may be the mark of an item."""
    for index, (before, word) in enumerate(itertools.pairwise(words)):
        if word.x0 - before.x1 > least * max(word.size, before.size) and not (index == 0 and len(before.text) <= _MARK):
            yield word


def _parted(words: Sequence[Word], number: int, aligned: Container[int]) -> Iterator[Line]:
    """Yield the parts of a line that gaps part: wide ones, and those behind which other lines go on at the same place."""
    wide = {id(word) for word in _behind_gaps(words, _COLUMN_GAP)}
    gaps = {id(word) for word in _behind_gaps(words, _GAP) if round(word.x0 / 2) in aligned} | wide
    begin = 0
    for index, word in enumerate(words):
        if index and id(word) in gaps:
            yield Line.of(words[begin:index], number)
            begin = index
    yield Line.of(words[begin:], number)
