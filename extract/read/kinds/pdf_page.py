"""A page of a PDF as lines of text and ruled tables, with what is uncertain about the grid of each table."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from math import inf
from statistics import median
from typing import Any

import msgspec
from pdfplumber.page import Page
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges
from pdfplumber.utils.geometry import obj_to_edges
from pdfplumber.utils.text import extract_words

from extract.read.kinds.written import escaped
from extract.regex import late

# A drawing has more; pairs of lines, and of points, are compared with each other.
_MAX_EDGES = 40_000
_MAX_PAIRS = 1_000_000
_MAX_POINTS = 4_000
# Lines that miss each other by so many points (1/72 inch) meet for the eye.
_SNAP = 3
# A word may stand so far over the line of its cell.
_OVER = 2
_BOLD = late(r"bold|black|heavy|semibold|demi", 2)
# pdfminer writes so for a character of which nobody knows what it is.
_UNKNOWN = late(r"\(cid:\d+\)")
# Dots that lead to the number of a page: a line of a table of contents.
_LEADER = late(r"(?:\. ?){5,}\s*[\divxlc]*\s*$", 2)
# A line that ends so goes on in the next one.
_HYPHENED = late(r"\w[-\u2010\u2011\u00ad]$")
# So many sizes of letters part two columns; and so many, where the same is so in other lines.
_COLUMN_GAP = 2.5
_GAP = 0.8
# What stands before the text of an item: `1.`, `(a)`.
_MARK = 4
_POINTS = ".,;:()"
_TAIL = late(r"\d+$")
_HEAD = late(r"\d+")
# What ends a line ends a word.
_PARTING = (",", ";", ":", "/", ")", "!", "?")
_PORT_DIGITS = 5
# An area with a colour that takes more of a page is no cell of a table.
_CELL_AREA = 0.15
_COLUMN_LINES = 3
_CELL_GAP = 4
# A column of a table that holds nothing and is so narrow is a double line.
_NARROW = 8
# Cells have not more space than that at their sides; text that begins further to the right is set so.
_PADDING = 12

Box = tuple[float, float, float, float]


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
            size=_sizes(words).most_common(1)[0][0],
            bold=all(word.bold for word in words),
            first=words[0].x1 - words[0].x0,
            single=len(words) == 1,
            number=number,
        )


class Cell(msgspec.Struct):
    """A cell of a table, with the slots that it takes."""

    row: int
    column: int
    height: int
    width: int
    lines: list[str]
    bold: bool = False


class Table(msgspec.Struct):
    """A ruled table: the edges of its columns, its cells by rows, and why its grid is uncertain."""

    box: Box
    columns: tuple[float, ...]
    rows: list[list[Cell]]
    uncertain: list[str]
    # Words in its frame that stand in no cell.
    outside: list[str]


class PageContent(msgspec.Struct):
    """What a page shows, from top to bottom."""

    number: int
    height: float
    blocks: list[Line | Table]
    pictured: bool
    # Text that stands in columns without lines between them.
    columned: bool
    # Lines of a drawing, which were not looked at for tables.
    drawn: bool
    # How many letters there are of each size, to half a point.
    sizes: Counter[float]


def read(page: Page, known: Counter[str]) -> PageContent:
    """Return what a page shows. `known` counts the words of the document, for words that the end of a line cuts in two."""
    words = list(_words(page))
    known.update(word.text.strip(_POINTS).lower() for word in words)
    sizes = _sizes(words)
    heights = [line[0].middle for line in _lines(words)]
    groups, drawn = _cells(page)
    tables: list[Table] = []
    for cells in groups:
        box = _box(cells)
        inside = [word for word in words if _is_in(word, box)]
        words = [word for word in words if not _is_in(word, box)]
        if inside:
            tables.append(_table(cells, box, inside, known))
    lines = [*_lines(word for word in words if word.upright), *([word] for word in words if not word.upright)]
    lines = [line for line in lines if not _LEADER.search(" ".join(word.text for word in line))]
    lines.sort(key=lambda line: (line[0].middle, line[0].x0))
    tops = sorted(table.box[1] for table in tables)
    placed: list[tuple[float, int, Line | Table]] = [(table.box[1], -1, table) for table in tables]
    columned = False
    # Lines on both sides of a table are no columns beside each other.
    for _, band in itertools.groupby(lines, key=lambda line: bisect_left(tops, line[0].middle)):
        split, several = _columns([(line, bisect_right(heights, line[0].middle)) for line in band])
        columned = columned or several
        placed += [(top, len(placed) + index, line) for index, (top, line) in enumerate(split)]
    blocks = [block for _, _, block in sorted(placed, key=lambda one: one[:2])]
    area = float(page.width * page.height) or 1.0
    pictured = any(image["width"] * image["height"] > area / 4 for image in page.images)
    return PageContent(page.page_number, float(page.height), blocks, pictured, columned, drawn, sizes)


def _sizes(words: Iterable[Word]) -> Counter[float]:
    """Return how many letters there are of each size, to half a point. What is no letter, as an icon is none, counts little."""
    sizes: Counter[float] = Counter()
    for word in words:
        sizes[round(word.size * 2) / 2] += 10 * sum(map(str.isalnum, word.text)) + 1
    return sizes


def _words(page: Page) -> Iterator[Word]:
    """Yield the words of a page; what stands outside of its visible part is not printed."""
    x0, y0, x1, y1 = _visible(page)
    chars = [
        {**char, "text": "\ufffd" if _UNKNOWN.fullmatch(char["text"]) else char["text"]}
        for char in page.chars
        if x0 <= (char["x0"] + char["x1"]) / 2 <= x1 and y0 <= (char["y0"] + char["y1"]) / 2 <= y1
    ]
    for word in extract_words(chars, x_tolerance=3, x_tolerance_ratio=0.2, y_tolerance=2, return_chars=True):
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


def _cells(page: Page) -> tuple[list[list[Box]], bool]:
    """Return the cells of the ruled tables of a page, and whether it holds a drawing that is none.

    Lines that are drawn are rulings. Where there are none, the edges of areas that are filled are: cells with a colour each.
    """
    area = float(page.width * page.height)
    lines, filled = [], []
    for one in (*page.lines, *page.rects, *page.curves):
        thin = min(one["width"], one["height"]) <= _SNAP
        if thin or one.get("stroke"):
            lines += obj_to_edges(one)
        elif one["width"] * one["height"] < area * _CELL_AREA:
            filled += obj_to_edges(one)
    tables, drawn = _tables(lines)
    more, drawn_too = _tables(filled) if filled else ([], False)
    boxes = [_box(cells) for cells in tables]
    for cells in more:
        if len({cell[0] for cell in cells}) > 1 and not any(_overlap(_box(cells), box) for box in boxes):
            tables.append(cells)
    return tables, drawn or drawn_too


def _tables(edges: list[dict[str, Any]]) -> tuple[list[list[Box]], bool]:
    edges = [edge for edge in edges if edge["orientation"] in ("h", "v") and max(edge["width"], edge["height"]) >= 1]
    if len(edges) > _MAX_EDGES:
        return [], True
    edges = merge_edges(edges, _SNAP, _SNAP, _SNAP, _SNAP) if edges else []
    edges = [edge for edge in edges if max(edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]) >= _SNAP]
    across = sum(edge["orientation"] == "h" for edge in edges)
    if across * (len(edges) - across) > _MAX_PAIRS:
        return [], True
    points = edges_to_intersections(edges, _SNAP, _SNAP)
    if len(points) > _MAX_POINTS:
        return [], True
    tables = [_without_frames(table) for table in cells_to_tables(intersections_to_cells(points))]
    return [table for table in tables if len(table) > 1], False


def _without_frames(cells: list[Box]) -> list[Box]:
    """Take out the cells that other cells lie in: frames around them."""
    middles = [((cell[0] + cell[2]) / 2, (cell[1] + cell[3]) / 2) for cell in cells]
    usual = median((cell[2] - cell[0]) * (cell[3] - cell[1]) for cell in cells)

    def is_frame(cell: Box) -> bool:
        if (cell[2] - cell[0]) * (cell[3] - cell[1]) < 2 * usual:
            return False
        return sum(cell[0] < x < cell[2] and cell[1] < y < cell[3] for x, y in middles) > 1

    return [cell for cell in cells if not is_frame(cell)]


def _box(cells: Sequence[Box]) -> Box:
    return min(c[0] for c in cells), min(c[1] for c in cells), max(c[2] for c in cells), max(c[3] for c in cells)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _is_in(word: Word, box: Box) -> bool:
    return box[0] <= (word.x0 + word.x1) / 2 <= box[2] and box[1] <= word.middle <= box[3]


def _lines(words: Iterable[Word]) -> Iterator[list[Word]]:
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


def _columns(lines: Sequence[tuple[Sequence[Word], int]]) -> tuple[list[tuple[float, Line]], bool]:
    """Return lines with the height at which they are read, parted where text stands in columns, and whether it does.

    Where words behind a gap begin at the same place in three lines, there are columns: of text, or of a table that has no lines. They are
    read one after the other.
    """
    starts = Counter(place for words, _ in lines for place in {round(word.x0 / 2) for word in _behind_gaps(words, _GAP)})
    aligned = {place for place in starts if starts[place - 1] + starts[place] + starts[place + 1] >= _COLUMN_LINES}
    parted = [list(_parted(words, number, aligned)) for words, number in lines]
    several = [index for index, parts in enumerate(parted) if len(parts) > 1]
    found: list[tuple[float, Line]] = []
    done = 0
    for first, last in _runs(several):
        found += [(part.top, part) for parts in parted[done:first] for part in parts]
        block = list(itertools.chain.from_iterable(parted[first : last + 1]))
        done = last + 1
        edges = sorted({round(part.x0 / 2) for parts in parted[first : last + 1] for part in parts[1:]} & aligned)
        columns: dict[int, list[Line]] = {}
        for part in block:
            columns.setdefault(sum(round(part.x0 / 2) >= edge - 1 for edge in edges), []).append(part)
        found += [(block[0].top, part) for _, column in sorted(columns.items()) for part in column]
    found += [(part.top, part) for parts in parted[done:] for part in parts]
    return found, bool(aligned)


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


def _table(cells: Sequence[Box], box: Box, words: Sequence[Word], known: Counter[str]) -> Table:
    """Return the table that some cells make, with the words in them."""
    columns = _edges([x for cell in cells for x in (cell[0], cell[2])])
    heights = _edges([y for cell in cells for y in (cell[1], cell[3])])
    doubts: list[str] = []
    rows: list[list[Cell]] = [[] for _ in range(len(heights) - 1)]
    slots: Counter[tuple[int, int]] = Counter()
    left = list(words)
    for cell in sorted(cells, key=lambda one: (one[1], one[0])):
        column, row = columns.index(_nearest(columns, cell[0])), heights.index(_nearest(heights, cell[1]))
        width = columns.index(_nearest(columns, cell[2])) - column
        height = heights.index(_nearest(heights, cell[3])) - row
        inside = [word for word in left if _is_in(word, cell)]
        left = [word for word in left if not _is_in(word, cell)]
        lines, doubt = text_of(inside, cell, known)
        doubts += doubt
        slots.update((row + down, column + right) for down in range(height) for right in range(width))
        rows[row].append(Cell(row, column, height, width, lines, bool(inside) and all(word.bold for word in inside)))
    if len(slots) < (len(columns) - 1) * (len(heights) - 1):
        doubts.append("lines around some of its cells are missing")
    if any(count > 1 for count in slots.values()):
        doubts.append("cells of it lie over each other")
    if left:
        doubts.append("words of it stand in none of its cells")
    if any(not word.upright for word in words):
        doubts.append("text in it is turned")
    if any("\ufffd" in word.text for word in words):
        doubts.append("characters of it are not known")
    if any(_is_several(row) for row in rows):
        doubts.append("rows of it have no line between them")
    outside = [" ".join(word.text for word in line) for line in _lines(left)]
    return _without_double_lines(Table(box, columns, [row for row in rows if row], list(dict.fromkeys(doubts)), outside))


def _without_double_lines(table: Table) -> Table:
    """Take out the columns that are nothing but the space between two lines."""
    filled = {cell.column for row in table.rows for cell in row if cell.lines}
    edges = table.columns
    kept = [index for index in range(len(edges) - 1) if index in filled or edges[index + 1] - edges[index] > _NARROW]
    if len(kept) == len(edges) - 1:
        return table
    place = [bisect_left(kept, index) for index in range(len(edges))]
    for row in table.rows:
        for cell in row:
            cell.column, cell.width = place[cell.column], place[cell.column + cell.width] - place[cell.column]
    table.rows = [[cell for cell in row if cell.width] for row in table.rows]
    table.columns = tuple(edges[index] for index in (*kept, len(edges) - 1))
    return table


def _is_several(row: Sequence[Cell]) -> bool:
    """Return whether a row looks like several: more than one of its cells is broken into as many lines, where nothing made it so."""
    broken = [len(cell.lines) for cell in row if len(cell.lines) > 1]
    return len(broken) > 1 and max(Counter(broken).values()) > 1


def _edges(values: Sequence[float]) -> tuple[float, ...]:
    """Return values without those that are nearly the same."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SNAP / 2:
            found.append(value)
    return tuple(found)


def _nearest(edges: Sequence[float], value: float) -> float:
    return min(edges, key=lambda edge: abs(edge - value))


def text_of(words: Sequence[Word], box: Box, known: Counter[str]) -> tuple[list[str], list[str]]:
    """Return the lines of a cell as its author broke them, and what is uncertain about them.

    A line that ends although the next word would have had room is a line of its own. Other lines are one that had no room.
    """
    doubts = []
    if any(word.x0 < box[0] - _OVER or word.x1 > box[2] + _OVER for word in words):
        doubts.append("words of it reach over the lines between its cells")
    found = list(_lines(words))
    lines = [Line.of(line) for line in found]
    if not lines:
        return [], doubts
    if any(word.x0 - before.x1 > _CELL_GAP * word.size for line in found for before, word in itertools.pairwise(line)):
        doubts.append("columns of it have no line between them")
    # The space on the narrower side is kept free on both sides, however the text is set.
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    padding = min(max(left - box[0], 0), max(box[2] - right, 0), _PADDING)
    room = box[2] - box[0] - 2 * padding
    texts = [lines[0].text]
    for before, line in itertools.pairwise(lines):
        if is_broken(before, line, room):
            texts.append(line.text)
            continue
        if _is_cut(before, line, room, known):
            doubts.append("the end of a line may cut a word or a number of it in two")
        texts[-1] = joined(texts[-1], line.text, known)
    return texts, doubts


def is_broken(before: Line, line: Line, room: float) -> bool:
    """Return whether a line ends although the next word had room: its author ended it. `room` is how wide a line may be."""
    return not _HYPHENED.search(before.text) and before.x1 - before.x0 + 0.25 * line.size + line.first < room - 1


def _is_cut(before: Line, line: Line, room: float, known: Counter[str]) -> bool:
    """Return whether a line is one word that fills it, which may go on in the next line.

    Not when both are words that stand elsewhere as well, and not when both numbers would be none that ports have.
    """
    if not before.single or before.x1 - before.x0 + 0.6 * before.size <= room:
        return False
    if before.text.endswith(_PARTING) or _HYPHENED.search(before.text):
        return False
    last, first = _TAIL.search(before.text), _HEAD.match(line.text)
    if last is not None and first is not None:
        return len(last[0] + first[0]) <= _PORT_DIGITS
    return min(known[before.text.strip(_POINTS).lower()], known[line.text.partition(" ")[0].strip(_POINTS).lower()]) < 2


def joined(text: str, more: str, known: Counter[str]) -> str:
    """Join two lines. A hyphen at the end stays, unless the document knows the word without it."""
    if text.endswith("\u00ad"):
        return text[:-1] + more
    if not text.endswith(("-", "\u2010", "\u2011")):
        return f"{text} {more}"
    head, tail = text.rpartition(" ")[2], more.partition(" ")[0].strip(_POINTS)
    whole = (head[:-1].lstrip("(") + tail).lower()
    if head[:-1].isalpha() and tail.isalpha() and tail.islower() and known[whole] > 0:
        return text[:-1] + more
    return text + more


def html_of(lines: Sequence[str]) -> str:
    """Return the lines of a cell as HTML."""
    return "<br>".join(map(escaped, lines))
