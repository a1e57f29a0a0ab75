"""Pipe tables as cmark-gfm reads them: the lines of their rows, the cells that it drops, and lines that only look like a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extract.catalogue import finding
from extract.model import Cell, Finding, Grid, Row
from extract.read.prepare import POSITION
from extract.regex import late

_TABLE = f'<table {POSITION}="'
_PLACE = late(r"(\d+):(\d+)-(\d+):")
_FIRST_ROW = late(rf'</thead>\s*<tbody>\s*<tr {POSITION}="(\d+):')
_ROW = late(rf'<tr {POSITION}="(\d+):(\d+)-')
_UNPLACED = f'<p {POSITION}="0:0-0:0">'
_CODE = late(rf'<pre {POSITION}="(\d+):\d+-(\d+):(\d+)"')
_QUOTED = late(r"<!--.*?(?:-->|\Z)|<(pre|script|style|textarea)[\s>].*?(?:</\1|\Z)", re.DOTALL | re.IGNORECASE)
# cmark-gfm, extensions/table.c: a backslash before a pipe escapes it, whatever stands before the backslash.
_PIPE = late(r"(?<!\\)\|")
_CONTAINER = late(r"[\s>]*+")
_DELIMITER = late(r"\|?+\s*+:?+-++:?+\s*+(?:\|\s*+:?+-++:?+\s*+)*+\|?+")


def place_headers(html: str) -> str:
    """Correct the lines of header rows. cmark-gfm gives a header right below a paragraph the line of the paragraph.

    The delimiter row stands right below the header, and the first data row, if there is one, right below the delimiter row.
    """
    if _UNPLACED not in html:
        return html
    parts = html.split(_TABLE)
    for index in range(1, len(parts)):
        place, first_row = _PLACE.match(parts[index]), _FIRST_ROW.search(parts[index])
        above, paragraph, inside = parts[index - 1].rpartition(_UNPLACED)
        if place is None or not paragraph or not inside.rstrip().endswith("</p>"):
            continue
        line = int(first_row[1]) - 2 if first_row else int(place[3]) - 1
        parts[index - 1] = f'{above}<p {POSITION}="{place[1]}:{place[2]}-{line - 1}:1">{inside}'
        head, end, rest = parts[index].removeprefix(place[1]).partition("</thead>")
        head = head.replace(f'{POSITION}="{place[1]}:', f'{POSITION}="{line}:')
        parts[index] = f"{line}{head}{end}{rest}"
    return _TABLE.join(parts)


def surplus(html: str, lines: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """Return line -> the cells of a row beyond the columns of its table, which GitHub's Markdown drops."""
    found = {}
    for table in html.split(_TABLE)[1:]:
        head, _, body = table.partition("</thead>")
        # The row and each of its cells say where they are.
        width = head.count(f' {POSITION}="') - 1
        for row in _ROW.finditer(body):
            line = lines[int(row[1]) - 1]
            # Columns of cmark count the bytes of UTF-8.
            text = line if row[2] == "1" else line.encode()[int(row[2]) - 1 :].decode("utf-8", "replace")
            if _at_most(text) > width:
                cells = _cells(text)
                beyond = tuple(cell for cell in cells[width:] if cell)
                if beyond:
                    found[int(row[1])] = beyond
    return found


class Broken(NamedTuple):
    """Lines that look like a table but are not one: what is wrong with them, and the table that they were meant to be."""

    finding: Finding
    grid: Grid


def broken(html: str, lines: Sequence[str]) -> Iterator[Broken]:
    """Yield each run of lines that looks like a table but is not one. Without a finding, its rows would be lost in silence."""
    pipes = set(_rows(lines)) - _tables(html)
    if not pipes:
        return
    for first, last in _code(html):
        pipes.difference_update(range(first, last + 1))
    quoted = "\n".join(match[0] for match in _QUOTED.finditer(html))
    for first, last in _runs(pipes):
        run = [_CONTAINER.sub("", line, count=1).rstrip() for line in lines[first - 1 : last]]
        if (last > first or run[0].count("|") > 2) and run[0] not in quoted:
            yield Broken(finding("broken-pipe-table", _reason(run, first, last), line=first), _grid(run, first))


def _grid(run: Sequence[str], first: int) -> Grid:
    """Return the table that lines were meant to be. The first line is its header."""
    texts = [(first + index, _cells(line)) for index, line in enumerate(run) if not _DELIMITER.fullmatch(line)]
    width = max((len(cells) for _, cells in texts), default=0)
    rows = [
        Row(
            line,
            tuple(Cell(row, column, 1, 1, not row, line, (text,) if text else ()) for column, text in enumerate(_filled(cells, width))),
        )
        for row, (line, cells) in enumerate(texts)
    ]
    return Grid(0, first, width, "", tuple(rows), min(len(rows), 1))


def _filled(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def has_rows(text: str) -> bool:
    """Return whether any line looks like a row of a table; without one the parser makes no pipe table of more than one column."""
    return next(_rows(text.split("\n")), None) is not None


def _at_most(row: str) -> int:
    """Return a number of cells that a row does not exceed: as if no pipe were escaped."""
    bare = row.strip()
    return bare.count("|") + 1 - bare.startswith("|") - bare.endswith("|")


def _cells(row: str) -> list[str]:
    cells = _PIPE.split(row.strip().removeprefix("|"))
    if not cells[-1].strip():
        cells.pop()
    return [cell.strip() for cell in cells]


def _rows(lines: Sequence[str]) -> Iterator[int]:
    """Yield the numbers of the lines that look like rows: they begin with a pipe, or stand around a delimiter row."""
    around, last = False, 0
    for number, line in [(number, line) for number, line in enumerate(lines, 1) if "|" in line]:
        around, last = around and number == last + 1, number
        bare = line.rstrip() if line.startswith("|") else _CONTAINER.sub("", line, count=1).rstrip()
        if not around and _DELIMITER.fullmatch(bare):
            around = True
            if number > 1 and "|" in lines[number - 2]:
                yield number - 1
        if around or (bare.startswith("|") and bare.count("|") > 1):
            yield number


def _tables(html: str) -> set[int]:
    """Return the lines of the tables, their delimiter rows included."""
    found: set[int] = set()
    for table in html.split(_TABLE)[1:]:
        place = _PLACE.match(table)
        if place:
            found.update(range(int(place[1]), int(place[3]) + 1))
    return found


def _code(html: str) -> Iterator[tuple[int, int]]:
    """Yield first and last line of each code block; one that ends in column 0 ends above."""
    for match in _CODE.finditer(html):
        yield int(match[1]), int(match[2]) - (match[3] == "0")


def _runs(numbers: set[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of consecutive numbers."""
    first = last = None
    for number in sorted(numbers):
        if first is None or last is None or number > last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


def _reason(run: list[str], first: int, last: int) -> str:
    delimiter = next((index for index, line in enumerate(run) if _DELIMITER.fullmatch(line)), None)
    if delimiter is None:
        return f"lines {first}-{last} look like a table but have no delimiter row (| --- | --- |), so no Markdown parser sees one"
    if delimiter == 0:
        return "the delimiter row has no header row right above it, so this is no table in GitHub's Markdown"
    if len(_cells(run[delimiter - 1])) != len(_cells(run[delimiter])):
        return "the header row and the delimiter row have different numbers of columns, so this is no table in GitHub's Markdown"
    return "this table follows HTML without a blank line in between, where Markdown is not read"
