"""The tables of a page of a PDF: which words stand in which cells, and what is uncertain about it."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from extract.read.kinds.pdf_cells import SNAP
from extract.read.kinds.pdf_words import POINTS, Box, Line, Word, is_in, lines_of
from extract.read.kinds.written import escaped
from extract.regex import late

# A word may stand so far over the line of its cell.
_OVER = 2
# A line that ends so goes on in the next one.
_HYPHENED = late(r"\w[-\u2010\u2011\u00ad]$")
_TAIL = late(r"(?<!\d)\d++$")
_HEAD = late(r"\d+")
# What ends a line ends a word.
_PARTING = (",", ";", ":", "/", ")", "!", "?")
_PORT_DIGITS = 5
# So many sizes of letters are no blank between two words.
_CELL_GAP = 4
# A column of a table that holds nothing and is so narrow is a double line.
_NARROW = 8
# A row below a table is so near, in heights of its letters; and so many parts of a line below its columns are a row.
_NEAR = 2.5
_SURE = 3
# Cells have not more space than that at their sides; text that begins further to the right is set so.
_PADDING = 12


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


def goes_on(table: Table, parts: Sequence[Box]) -> bool:
    """Return whether the parts of a line right above or below a table stand in its columns, as those of a row without lines do."""
    height = parts[0][3] - parts[0][1]
    if not (0 <= parts[0][1] - table.box[3] + _OVER < _NEAR * height or 0 <= table.box[1] - parts[0][3] + _OVER < _NEAR * height):
        return False
    columns = [bisect_left(table.columns, part[0] + _OVER) for part in parts]
    inside = all(
        0 < column < len(table.columns) and part[2] <= table.columns[column] + _OVER for column, part in zip(columns, parts, strict=True)
    )
    return inside and len(set(columns)) == len(parts) and len(parts) >= min(len(table.columns) - 1, _SURE) > 1


def table_of(cells: Sequence[Box], box: Box, words: Sequence[Word], known: Counter[str]) -> Table:
    """Return the table that some cells make, with the words in them."""
    columns = _edges(cells, 0)
    heights = _edges(cells, 1)
    doubts: list[str] = []
    rows: list[list[Cell]] = [[] for _ in range(len(heights) - 1)]
    slots: Counter[tuple[int, int]] = Counter()
    left = list(words)
    for place in sorted(cells, key=lambda one: (one[1], one[0])):
        inside = [word for word in left if is_in(word, place)]
        left = [word for word in left if not is_in(word, place)]
        lines, doubt = text_of(inside, place, known)
        doubts += doubt
        cell = _cell(place, columns, heights, lines)
        cell.bold = _is_bold(inside)
        slots.update(itertools.product(range(cell.row, cell.row + cell.height), range(cell.column, cell.column + cell.width)))
        rows[cell.row].append(cell)
    doubts += _doubts(words, left, slots, (len(columns) - 1) * (len(heights) - 1))
    if any(_is_several(row) for row in rows):
        doubts.append("rows of it have no line between them")
    outside = [" ".join(word.text for word in line) for line in lines_of(left)]
    return _without_double_lines(Table(box, columns, [row for row in rows if row], list(dict.fromkeys(doubts)), outside))


def _is_bold(words: Sequence[Word]) -> bool:
    return bool(words) and all(word.bold for word in words)


def _cell(place: Box, columns: Sequence[float], heights: Sequence[float], lines: list[str]) -> Cell:
    column, row = _index(columns, place[0]), _index(heights, place[1])
    return Cell(row, column, _index(heights, place[3]) - row, _index(columns, place[2]) - column, lines)


def _doubts(words: Sequence[Word], left: Sequence[Word], slots: Counter[tuple[int, int]], room: int) -> Iterator[str]:
    """Yield what is uncertain about a grid with room for so many cells, of which some `slots` are filled, and some words `left` over."""
    if len(slots) < room:
        yield "lines around some of its cells are missing"
    if any(count > 1 for count in slots.values()):
        yield "cells of it lie over each other"
    if left:
        yield "words of it stand in none of its cells"
    if not all(word.upright for word in words):
        yield "text in it is turned"
    if "\ufffd" in "".join(word.text for word in words):
        yield "characters of it are not known"


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


def _edges(cells: Sequence[Box], axis: int) -> tuple[float, ...]:
    """Return where cells begin and end along an axis, without what is nearly the same."""
    found: list[float] = []
    for value in sorted(value for cell in cells for value in (cell[axis], cell[axis + 2])):
        if not found or value - found[-1] > SNAP / 2:
            found.append(value)
    return tuple(found)


def _index(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda index: abs(edges[index] - value))


def text_of(words: Sequence[Word], box: Box, known: Counter[str]) -> tuple[list[str], list[str]]:
    """Return the lines of a cell as its author broke them, and what is uncertain about them.

    A line that ends although the next word would have had room is a line of its own. Other lines are one that had no room.
    """
    doubts = []
    if any(word.x0 < box[0] - _OVER or word.x1 > box[2] + _OVER for word in words):
        doubts.append("words of it reach over the lines between its cells")
    found = list(lines_of(words))
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
    return min(known[before.text.strip(POINTS).lower()], known[line.text.partition(" ")[0].strip(POINTS).lower()]) < 2


def joined(text: str, more: str, known: Counter[str]) -> str:
    """Join two lines. A hyphen at the end stays, unless the document knows the word without it."""
    if text.endswith("\u00ad"):
        return text[:-1] + more
    if not text.endswith(("-", "\u2010", "\u2011")):
        return f"{text} {more}"
    head, tail = text.rpartition(" ")[2], more.partition(" ")[0].strip(POINTS)
    whole = (head[:-1].lstrip("(") + tail).lower()
    if head[:-1].isalpha() and tail.isalpha() and tail.islower() and known[whole] > 0:
        return text[:-1] + more
    return text + more


def html_of(lines: Sequence[str]) -> str:
    """Return the lines of a cell as HTML."""
    return "<br>".join(map(escaped, lines))
