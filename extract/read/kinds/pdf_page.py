"""A page of a PDF as lines of text and ruled tables."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence

import msgspec

from extract.read.kinds.pdf_cells import box_of, cells_of, overlap
from extract.read.kinds.pdf_covered import covering
from extract.read.kinds.pdf_file import MAX_PAGES, Page
from extract.read.kinds.pdf_grid import Table, goes_on, table_of
from extract.read.kinds.pdf_notes import notes_of
from extract.read.kinds.pdf_struck import struck_out, white_on_white
from extract.read.kinds.pdf_words import POINTS, Box, Line, Word, columns_of, holds_numbers, is_in, lines_of, parts_of, sizes_of, words_of
from extract.regex import late

# Dots that lead to the number of a page: a line of a table of contents.
_LEADER = late(r"(?<!\.)(?<!\. )(?:\. ?){5,}+\s*+[\divxlc]*+\s*+$", re.IGNORECASE)
_LAST = late(r"\d{1,9}+\Z")
# A picture that takes more of a page may be what the page shows.
_LARGE = 0.25
# So many words that run up or down, and such a part of those of a page, are no label beside a drawing.
_TURNED, _TURNED_PART = 10, 0.2


class PageContent(msgspec.Struct):
    """What a page shows, from top to bottom."""

    number: int
    height: float = 0.0
    blocks: list[Line | Table] = []
    pictured: bool = False
    # Text that stands in columns without lines between them.
    columned: bool = False
    # Lines of a drawing, which were not looked at for tables.
    drawn: bool = False
    # Text with a line through it.
    struck: bool = False
    # Text in white on white, or on a layer that is turned off.
    unseen: bool = False
    # Annotations with words, or with drawings.
    noted: bool = False
    # Text that runs up or down, in which no tables were looked for.
    turned: bool = False
    # How many letters there are of each size, to half a point.
    sizes: Counter[float] = msgspec.field(default_factory=Counter)


def read(page: Page, known: Counter[str]) -> PageContent:
    """Return what a page shows. `known` counts the words of the document, for words that the end of a line cuts in two."""
    notes = notes_of(page)
    struck, striking = struck_out(page, notes)
    white = white_on_white(page)
    covered = covering(page)
    words = list(words_of(page, struck | white))
    known.update(word.text.strip(POINTS).lower() for word in words)
    sizes = sizes_of(words)
    heights = [line[0].middle for line in lines_of(words)]
    groups, drawn = cells_of(page, striking)
    tables: list[Table] = []
    for cells in groups:
        box = box_of(cells)
        inside = [word for word in words if is_in(word, box)]
        words = [word for word in words if not is_in(word, box)]
        if inside:
            tables.append(table_of(cells, box, inside, known))
    _doubt(tables, notes.drawn, "a drawing, a text or a field that was added to the page lies over it")
    _doubt(tables, covered, "text of it lies below an area that was painted over it")
    lines, led = _text(words)
    blocks, columned = _blocks(tables, lines, heights)
    columned = _go_on(tables, lines) or columned or holds_numbers(lines) or _is_out_of_order(led)
    turned = sum(not word.upright for word in words)
    area = float(page.width * page.height)
    pictured = any(image["width"] * image["height"] > area * _LARGE for image in page.images)
    return PageContent(
        number=page.page_number,
        height=float(page.height),
        blocks=blocks,
        pictured=pictured,
        columned=columned,
        drawn=drawn,
        struck=bool(struck),
        unseen=bool(white) or page.has_off,
        noted=notes.unread,
        turned=turned >= max(_TURNED, _TURNED_PART * len(words)),
        sizes=sizes,
    )


def _doubt(tables: Sequence[Table], areas: Sequence[Box], why: str) -> None:
    """Make tables uncertain that these areas lie over."""
    for table in tables:
        if any(overlap(table.box, area) for area in areas):
            table.uncertain.append(why)


def _go_on(tables: Sequence[Table], lines: Sequence[Sequence[Word]]) -> bool:
    """Return whether rows of a table stand outside of its lines, and make such a table uncertain."""
    found = False
    parted = [parts for line in lines if len(parts := parts_of(line)) > 1] if tables else []
    for table in tables:
        if any(goes_on(table, parts) for parts in parted):
            table.uncertain.append("rows above or below it have no lines around them")
            found = True
    return found


def _text(words: Sequence[Word]) -> tuple[list[list[Word]], list[list[Word]]]:
    """Return the lines of what stands in no table, from the top, and those of a table of contents; a turned word is a line of its own."""
    lines = [*lines_of(word for word in words if word.upright), *([word] for word in words if not word.upright)]
    kept: list[list[Word]] = []
    led: list[list[Word]] = []
    for line in sorted(lines, key=lambda line: (line[0].middle, line[0].x0)):
        (led if _LEADER.search(" ".join(word.text for word in line)) else kept).append(line)
    return kept, led


def _is_out_of_order(led: Sequence[Sequence[Word]]) -> bool:
    """Return whether the numbers that dots lead to are no pages, which go up: they may be ports."""
    numbers = [int(last[0]) for line in led if (last := _LAST.search(line[-1].text))]
    return any(below < above for above, below in itertools.pairwise(numbers)) or max(numbers, default=0) > MAX_PAGES


def _blocks(tables: Sequence[Table], lines: Sequence[list[Word]], heights: Sequence[float]) -> tuple[list[Line | Table], bool]:
    """Return tables and lines in the order in which they are read, and whether lines stand in columns."""
    tops = sorted(table.box[1] for table in tables)
    placed: list[tuple[float, int, Line | Table]] = [(table.box[1], -1, table) for table in tables]
    columned = False
    # Lines on both sides of a table are no columns beside each other.
    for _, band in itertools.groupby(lines, key=lambda line: bisect_left(tops, line[0].middle)):
        split, several = columns_of([(line, bisect_right(heights, line[0].middle)) for line in band])
        columned = columned or several
        placed += [(top, len(placed) + index, line) for index, (top, line) in enumerate(split)]
    return [block for _, _, block in sorted(placed, key=lambda one: one[:2])], columned
