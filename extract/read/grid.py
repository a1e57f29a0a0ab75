"""A <table> to a grid of cells: WHATWG HTML, 4.9.12.1 "Forming a table", tolerant where browsers are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from lxml import etree

from extract.catalogue import finding
from extract.model import Cell, Finding, Grid, Row
from extract.read import text as texts
from extract.read.prepare import POSITION
from extract.read.ragged import Ragged

# WHATWG HTML, 4.9.11 "Attributes common to td and th elements": larger values are clamped.
MAX_COLSPAN = 1000
MAX_ROWSPAN = 65534
# A table of more slots than this is an attack or an accident; spans are then taken as 1, and columns beyond are cut off. The
# largest real rule table seen has 3,000 slots; 100,000 rows of 8 columns still pass.
MAX_SLOTS = 4_000_000

_DIGITS = re.compile(r"\s*\+?(\d{1,9})")
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})


class Place(NamedTuple):
    """Where a table stands: its number in the page, its line, how many cells are around it, and whether readers see it."""

    number: int
    line: int
    depth: int
    hidden: bool


class _Source(NamedTuple):
    """One row of the markup."""

    cells: list[etree._Element]
    line: int
    hidden: bool


class _Group:
    """The rows of one row group: spans do not leave it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.rows: list[_Source] = []


def build(
    table: etree._Element, place: Place, line_of: Callable[[etree._Element], int], surplus: dict[int, tuple[str, ...]]
) -> tuple[Grid, tuple[Finding, ...]]:
    """Return the grid of a table element and what is wrong with its shape.

    `line_of` gives the line of an element in the file (0 when it is not known), `surplus` the cells that a Markdown parser
    dropped, by stamped line.
    """
    groups, caption = _groups(table, line_of)
    sources = [source for group in groups for source in group.rows]
    findings: list[Finding] = []
    single = _width_bound(groups) * len(sources) > MAX_SLOTS
    limit = max(MAX_SLOTS // len(sources), 1) if single else None
    if single:
        message = f"the cells of this table make more than {MAX_SLOTS:,} slots; colspan and rowspan were taken as 1"
        findings.append(finding("limit-reached", message, line=place.line, table=place.number))
    slots: list[list[Cell | None]] = []
    extra: list[tuple[str, ...]] = []
    line = place.line
    head_rows = 0
    for group in groups:
        start = len(slots)
        slots.extend([] for _ in group.rows)
        for offset, source in enumerate(group.rows):
            line = source.line or line
            _place(source.cells[:limit], slots, start + offset, len(slots), line, line_of, single)
            extra.append((*_surplus_of(source.cells, surplus), *_cut_off(source.cells, limit)))
        if group.kind == "thead" and start == head_rows:
            head_rows = len(slots)
    rows = tuple(_rows(slots, sources, extra, place.line))
    head_rows = head_rows or _leading_header_rows(rows)
    findings.extend(Ragged(place.number, place.line, rows, head_rows, single).findings())
    width = len(rows[0].slots) if rows else 0
    return Grid(place.number, place.line, width, caption, rows, head_rows, place.depth, place.hidden), tuple(findings)


def _rows(slots: list[list[Cell | None]], sources: list[_Source], extra: list[tuple[str, ...]], line: int) -> Iterator[Row]:
    """Yield the rows, filled up to one width; a row whose line is not known stands where the one above stands."""
    width = max((len(row) for row in slots), default=0)
    for row, source, surplus in zip(slots, sources, extra, strict=True):
        line = source.line or line
        yield Row(line, tuple(row + [None] * (width - len(row))), surplus, source.hidden)


def _groups(table: etree._Element, line_of: Callable[[etree._Element], int]) -> tuple[list[_Group], str]:
    """Return the row groups in the order in which they are shown (a foot comes last), and the caption."""
    groups: list[_Group] = []
    footers: list[_Group] = []
    captions: list[etree._Element] = []
    loose: _Group | None = None
    for child in _children(table):
        tag = child.tag
        if tag == "caption":
            captions.append(child)
        elif tag in _SECTIONS:
            loose = None
            group = _Group(str(tag))
            _fill(group, child, line_of)
            (footers if tag == "tfoot" else groups).append(group)
        elif tag in ("tr", "td", "th"):
            if loose is None:
                loose = _Group("tbody")
                groups.append(loose)
            _add(loose, child, line_of)

    caption = " ".join(line for element in captions for line in texts.lines(element))
    return groups + footers, texts.fold(caption)


def _children(element: etree._Element) -> Iterator[etree._Element]:
    """Yield rows, cells, sections and captions below an element, through wrappers that do not belong there (<form>, <div>)."""
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif not isinstance(child.tag, str) or child.tag in ("table", "colgroup", "col", "script", "style", "template"):
            continue
        elif child.tag in _SECTIONS or child.tag in ("tr", "td", "th", "caption"):
            yield child
        else:
            stack.append(iter(child))


def _fill(group: _Group, section: etree._Element, line_of: Callable[[etree._Element], int]) -> None:
    for child in _children(section):
        if child.tag in ("tr", "td", "th"):
            _add(group, child, line_of)


def _add(group: _Group, element: etree._Element, line_of: Callable[[etree._Element], int]) -> None:
    """Add a row, or a cell that stands outside of any <tr>: neighbours of that kind make one row, as browsers imply it."""
    if element.tag == "tr":
        unseen = texts.is_hidden(element) or texts.is_hidden(element.getparent())
        cells = [cell for cell in _children(element) if cell.tag in ("td", "th") and not _is_filler(cell)]
        group.rows.append(_Source(cells, line_of(element) or (line_of(cells[0]) if cells else 0), unseen))
        return
    previous = element.getprevious()
    while previous is not None and not isinstance(previous.tag, str):
        previous = previous.getprevious()
    if group.rows and previous is not None and previous.tag in ("td", "th"):
        group.rows[-1].cells.append(element)
    else:
        group.rows.append(_Source([element], line_of(element), False))


def _is_filler(cell: etree._Element) -> bool:
    """Return whether a cell stands for one that its row lacks: cmark-gfm fills rows up with cells that begin in no column."""
    return not len(cell) and not cell.text and (cell.get(POSITION) or "").partition("-")[0].endswith(":0")


def _span(cell: etree._Element, name: str) -> int | None:
    """Return a span attribute by "rules for parsing non-negative integers" (`2;` is 2), None when it says nothing."""
    value = cell.get(name)
    match = _DIGITS.match(value) if value else None
    return int(match[1]) if match else None


def _width_bound(groups: list[_Group]) -> int:
    """Return a width that the grid does not exceed: of the widest row, its own cells and all that span down into it."""
    widest = 0
    for group in groups:
        above, ending = 0, [0] * len(group.rows)
        # The columns that spans from above take in the row, and how many of them do so for the last time.
        for index, source in enumerate(group.rows):
            spans = [_spans(cell, len(group.rows) - index) for cell in source.cells]
            widest = max(widest, above + sum(across for across, _ in spans))
            for across, down in spans:
                ending[index + down - 1] += across
                above += across
            above -= ending[index]
    return widest


def _spans(cell: etree._Element, rows_left: int) -> tuple[int, int]:
    """Return colspan and rowspan of a cell; 0 rows are those to the end of the row group."""
    if not len(cell.attrib):
        return 1, 1
    across = min(_span(cell, "colspan") or 1, MAX_COLSPAN)
    down = _span(cell, "rowspan")
    return across, rows_left if down == 0 else min(down or 1, MAX_ROWSPAN, rows_left)


def _place(
    cells: list[etree._Element],
    slots: list[list[Cell | None]],
    y: int,
    group_end: int,
    line: int,
    line_of: Callable[[etree._Element], int],
    single: bool,
) -> None:
    row = slots[y]
    x = 0
    for element in cells:
        while x < len(row) and row[x] is not None:
            x += 1
        across, down = (1, 1) if single else _spans(element, group_end - y)
        lines, written = _read(element)
        cell = Cell(y, x, down, across, element.tag == "th", line_of(element) or line, lines, written)
        for below in range(y, y + down):
            target = slots[below]
            if len(target) < x + across:
                target.extend([None] * (x + across - len(target)))
            for column in range(x, x + across):
                if target[column] is None:
                    target[column] = cell
        x += across


def _read(cell: etree._Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines of a cell, and the lines as written where mojibake was repaired."""
    raw = texts.lines(cell) if not texts.is_hidden(cell) else ()
    folded = tuple(line for line in map(texts.fold, raw) if line)
    if all(map(str.isascii, raw)):
        return folded, ()
    repaired = tuple(line for line in (texts.fold(texts.repair(line)) for line in raw) if line)
    return repaired, folded if folded != repaired else ()


def _cut_off(cells: list[etree._Element], limit: int | None) -> Iterator[str]:
    """Yield the text of the cells beyond the limit."""
    for cell in cells[limit:] if limit else ():
        text = " ".join(_read(cell)[0])
        if text:
            yield text


def _surplus_of(cells: list[etree._Element], surplus: dict[int, tuple[str, ...]]) -> tuple[str, ...]:
    if not surplus or not cells:
        return ()
    row = cells[0].getparent()
    position = row.get(POSITION) if row is not None else None
    return surplus.get(int(position.partition(":")[0]), ()) if position else ()


def _leading_header_rows(rows: tuple[Row, ...]) -> int:
    """Count leading rows of <th> alone, unless the whole table is made of them."""
    count = 0
    for row in rows:
        present = [cell for cell in row.slots if cell is not None]
        if not present or not all(cell.header for cell in present):
            break
        count += 1
    return count if count < len(rows) else min(count, 1)
