"""Where the rows and cells of a document stand in its text, to the character.

Reading gives only the line of a row or cell. If several of them share a line, the document is read a second time with a line end before
each of them. The lines of the second reading are the places. Both readings must give the same tables; otherwise only lines are known.
"""

from __future__ import annotations

import bisect
import html
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.model import Cell, Grid, Page
from extract.read import decode, read
from extract.read.accept import text_of
from extract.read.kinds.registry import BY_NAME
from extract.regex import late

_UTF8_MARK = b"\xef\xbb\xbf"
_TAG = late(r"<t[rdh](?=[\s>/]|\Z)", re.IGNORECASE)
# What may stand before a block of Markdown in its line: quotation marks, and the marks of lists.
_CONTAINER = late(r"[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)*+[ \t>]*+")
_STRUCTURE = late(r"<!--|<(/?)(table|t(?:head|body|foot)|t[rdh])(?=[\s>/])[^<>]*+>?", re.IGNORECASE)
_CELLS = frozenset({"td", "th"})
# In a document that was made HTML, each row is a line.
_BETWEEN_CELLS = late(r"</t[dh]><t[dh][^<>]*+>")
_ANY_TAG = late(r"<[^<>]*+>")


class Span(NamedTuple):
    """A part of the text of a document, by offsets."""

    start: int
    end: int


class Located:
    """A document as it was extracted, with the places of its rows and cells."""

    def __init__(self, data: bytes, path: str) -> None:
        """Read the document; `path` is the one that the data carries, for its suffix says how it is read."""
        page = read(data, path)
        self.grids, self.at = page.grids, page.at
        self._ends = _ends(page) if _is_converted(page) else None
        lines, self._numbers = _shown_lines(data, path, page)
        self.text = "\n".join(lines)
        self._starts = [0, *itertools.accumulate(len(line) + 1 for line in lines)][:-1]
        # Line -> how many rows begin in it.
        self._rows = Counter(row.line for grid in self.grids for row in grid.rows)
        if self._ends is not None:
            self._exact, self._pieces, self._placed = False, [], self.grids
            return
        broken = list(_broken(lines))
        self._pieces = [self._starts[index] + column for index, column, _ in broken]
        again = read(_UTF8_MARK + "\n".join(piece for _, _, piece in broken).encode("utf-8", "replace"), path).grids
        self._exact = list(map(_content, again)) == list(map(_content, self.grids))
        self._placed = again if self._exact else self.grids

    def line_of(self, offset: int) -> int:
        """Return the line of the file that an offset is in."""
        return self._numbers[bisect.bisect_right(self._starts, offset) - 1]

    def lines(self, first: int, last: int) -> Iterator[tuple[int, Span]]:
        """Yield number and place of the lines of the file from `first` to `last`, as far as there are such lines.

        A line of the file in which carriage returns stand is several lines of text, and one here.
        """
        inside = range(bisect.bisect_left(self._numbers, first), bisect.bisect_right(self._numbers, last))
        for number, group in itertools.groupby(inside, key=self._numbers.__getitem__):
            indices = list(group)
            yield number, Span(self._starts[indices[0]], self._end_of_line(self._starts[indices[-1]]))

    def row(self, table: int, index: int) -> Span | None:
        """Return the place of a row by the number of its table and its index in the grid; None when it is not known within its line."""
        line = self._placed[table - 1].rows[index].line
        if not self._exact and self._rows[line] > 1:
            return None
        if self._ends is not None:
            spans = [span for _, span in self.lines(line, self._ends[line])]
            return self._stripped(spans[0].start, spans[-1].end) if spans else None
        start = self._pieces[line - 1] if self._exact else next(span.start for _, span in self.lines(line, line))
        # The row of a pipe table is a line.
        return self._stripped(start, self._end_of_element(start, False) if self._begins_tag(start) else self._end_of_line(start))

    def cell(self, table: int, cell: Cell) -> Span | None:
        """Return the place of a cell of HTML; None when it is not known, as in a pipe table."""
        if not self._exact:
            return None
        found = self._placed[table - 1].rows[cell.row].slots[cell.column]
        start = self._pieces[found.line - 1] if found is not None else 0
        return self._stripped(start, self._end_of_element(start, True)) if self._begins_tag(start) else None

    def _begins_tag(self, start: int) -> bool:
        return _TAG.match(self.text, _behind_container(self.text, start)) is not None

    def _end_of_line(self, start: int) -> int:
        end = self.text.find("\n", start)
        return end if end >= 0 else len(self.text)

    def _stripped(self, start: int, end: int) -> Span:
        piece = self.text[start:end]
        return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))

    def _end_of_element(self, start: int, cell: bool) -> int:
        """Return where the row or cell that begins at an offset ends: behind its end tag, or before what ends it without one."""
        tag = _STRUCTURE.search(self.text, start)
        depth, position = 0, tag.end() if tag else start
        while match := _STRUCTURE.search(self.text, position):
            position = match.end()
            if match[0] == "<!--":
                position = self.text.find("-->", position)
                if position < 0:
                    return len(self.text)
                continue
            closing, name = bool(match[1]), match[2].lower()
            if name == "table":
                depth += -1 if closing else 1
                if depth < 0:
                    return match.start()
            elif depth == 0 and (cell or name not in _CELLS):
                return match.end() if closing and (name in _CELLS if cell else name == "tr") else match.start()
        return len(self.text)


def _is_converted(page: Page) -> bool:
    kind = BY_NAME.get(page.document.format or "")
    return kind is not None and bool(kind.module)


def _shown_lines(data: bytes, path: str, page: Page) -> tuple[list[str], list[int]]:
    """Return the lines of a document as people see it, with their numbers: those of the file, else what its places hold as text."""
    decoded = text_of(data, path, None) if page.at else decode.decode(data)
    lines = decoded.text.split("\n")
    numbers = [decoded.line(number) for number in range(1, len(lines) + 1)]
    if not page.at:
        return lines, numbers
    places = sorted((number, text) for number, line in zip(numbers, lines, strict=True) if (text := _as_text(line)))
    shown = [*dict.fromkeys(places)]
    return [text for _, text in shown] or [""], [number for number, _ in shown] or [1]


def _as_text(line: str) -> str:
    """Return a line of a document that was made HTML without its tags; bars stand between cells."""
    return html.unescape(_ANY_TAG.sub(" ", _BETWEEN_CELLS.sub(" | ", line))).strip()


def _ends(page: Page) -> dict[int, int]:
    """Return line -> the last line of the row that begins in it: the one before the next row. The last row of a table is one line."""
    ends: dict[int, int] = {}
    for grid in page.grids:
        for row, below in itertools.pairwise([*grid.rows, None]):
            if row is not None:
                ends[row.line] = max(row.line, below.line - 1) if below is not None else row.line
    return ends


def _behind_container(text: str, start: int) -> int:
    """Return where the line that begins at an offset begins behind the marks of quotes and lists."""
    match = _CONTAINER.match(text, start)
    return match.end() if match else start


def _broken(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield index, column and text of the pieces of lines that begin with a line or with the tag of a row or cell.

    Later pieces of a line repeat, as blanks, what its block is indented by.
    """
    for index, line in enumerate(lines):
        begin = _behind_container(line, 0)
        # The row of a pipe table may hold tags; it ends with its line.
        tags = [] if line.startswith("|", begin) else [match.start() for match in _TAG.finditer(line, begin) if match.start() > begin]
        indent = re.sub(r"[^\s>]", " ", line[:begin])
        for start, end in itertools.pairwise([0, *tags, len(line)]):
            yield index, start, (indent if start else "") + line[start:end]


def _content(grid: Grid) -> tuple[object, ...]:
    """Return what two readings of one table have in common."""
    cells = [[cell and (cell.row, cell.column, cell.rowspan, cell.colspan, cell.lines) for cell in row.slots] for row in grid.rows]
    return grid.caption, grid.depth, cells
