"""A <table> to a grid of cells: WHATWG HTML, 4.9.12.1 "Forming a table", tolerant where browsers are."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping

import msgspec

from extract.catalogue import finding
from extract.model import Cell, Finding, Grid, Mark, Row
from extract.read import text as texts
from extract.read.prepare import POSITION
from extract.read.ragged import Ragged
from extract.read.tree import Element
from extract.regex import late

# WHATWG HTML, 4.9.11 "Attributes common to td and th elements": larger values are clamped.
MAX_COLSPAN = 1000
MAX_ROWSPAN = 65534
# A table of more slots than this is an attack or an accident; spans are then taken as 1, and columns beyond are cut off. The
# largest real rule table seen has 3,000 slots; 100,000 rows of 8 columns still pass.
MAX_SLOTS = 4_000_000
# The limit for slots of a page without a cell of their own, on top of four slots for each cell, which normal spans do not exceed.
# Twenty bytes can claim a thousand slots, and each slot costs as much as a written cell.
MAX_CLAIMED = 400_000
CLAIMED_PER_CELL = 4
# Each column is compared with all others, and each rule shows the cells of its row. The widest real table seen has 74 columns, the widest
# rule table 8. But authors let titles span a thousand columns to cover all. Beyond this limit, the same happens as for slots.
MAX_COLUMNS = 2_000
MAX_CELLS = 256

_DIGITS = late(r"\s*\+?(\d{1,9})")
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_CELLS = frozenset({"td", "th"})
_ROWS = _CELLS | {"tr"}
_PARTS = _SECTIONS | _ROWS | {"caption", "colgroup", "col"}
_NO_PARTS = frozenset({"table", "script", "style", "noscript", "template"})


class Place(msgspec.Struct, frozen=True):
    """Where a table stands: its number in the page, its line, how many cells are around it, and whether readers see it."""

    number: int
    line: int
    depth: int
    hidden: bool
    # How many slots the page may still claim, after the tables above.
    room: int


class Markup(msgspec.Struct, frozen=True):
    """What is known of the elements of a page beside the tree, looked up once for all of them."""

    # The line of an element in the file, 0 when it is not known.
    line_of: Callable[[Element], int]
    # The elements that the markup itself hides from readers.
    hidden: frozenset[Element]
    # The elements with an attribute that makes them span rows or columns.
    spanning: frozenset[Element]
    # The cells that a Markdown parser dropped, by stamped line; None when the page is no Markdown.
    surplus: Mapping[int, tuple[str, ...]] | None
    # The tables that lay out a list in a cell, and the cells that hold any other table.
    lists: frozenset[Element] = frozenset()
    holding: frozenset[Element] = frozenset()
    # The marks of notes of the cells that have some.
    marks: Mapping[Element, tuple[Mark, ...]] = {}


class _Source(msgspec.Struct, frozen=True):
    """One row of the markup."""

    cells: list[Element]
    line: int
    hidden: bool
    # All of its cells stand in its line: it is a row of a pipe table.
    single: bool = False


class _Group:
    """The rows of one row group: spans do not leave it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.rows: list[_Source] = []


def build(table: Element, place: Place, markup: Markup) -> tuple[Grid, int, tuple[Finding, ...]]:
    """Return the grid of a table element, how many slots it claims beyond what its cells may, and what is wrong with its shape."""
    groups, captions = _groups(table, markup)
    caption = " ".join(line for element in captions or captions_of_figure(table) for line in texts.lines(element, markup.hidden))
    sources = [source for group in groups for source in group.rows]
    plain = all(markup.spanning.isdisjoint(source.cells) for source in sources)
    widest = max((len(source.cells) for source in sources), default=0)
    width = widest if plain else _width_bound(groups)
    findings: list[Finding] = []
    cells = sum(len(source.cells) for source in sources)
    own = (1 + CLAIMED_PER_CELL) * cells
    most = min(MAX_SLOTS, place.room + own)
    single = widest > MAX_CELLS or width > MAX_COLUMNS or width * len(sources) > most
    limit = max(min(most // len(sources), MAX_CELLS), 1) if single else None
    if single:
        if widest > MAX_CELLS:
            said = f"a row of this table has more than {MAX_CELLS:,} cells"
        elif width > MAX_COLUMNS:
            said = f"the cells of this table make more than {MAX_COLUMNS:,} columns"
        elif most == MAX_SLOTS:
            said = f"the cells of this table make more than {MAX_SLOTS:,} slots"
        else:
            said = f"the cells of this table and those above it make more than {MAX_CLAIMED:,} slots that hold no cell of their own"
        message = f"{said}; colspan and rowspan were taken as 1, and columns beyond {limit:,} cut off"
        findings.append(finding("limit-reached", message, line=place.line, table=place.number))
    slots = _plain(sources, place.line, limit, markup) if plain or single else _spanned(groups, place.line, markup)
    rows = tuple(_rows(slots, sources, place.line, limit, markup))
    head_rows = _declared(groups) or _leading_header_rows(rows)
    findings.extend(Ragged(place.number, place.line, rows, head_rows, single).findings())
    width = len(rows[0].slots) if rows else 0
    listed = table in markup.lists
    grid = Grid(place.number, place.line, width, texts.fold(caption), rows, head_rows, place.depth, place.hidden, listed)
    return grid, max(width * len(rows) - own, 0), tuple(findings)


def _rows(slots: list[list[Cell | None]], sources: list[_Source], line: int, limit: int | None, markup: Markup) -> Iterator[Row]:
    """Yield the rows, filled up to one width; a row whose line is not known stands where the one above stands."""
    width = max(map(len, slots), default=0)
    for row, source in zip(slots, sources, strict=True):
        line = source.line or line
        surplus = _surplus_of(source.cells, markup.surplus) if markup.surplus else ()
        if limit is not None:
            surplus = (*surplus, *_cut_off(source.cells[limit:], markup))
        if len(row) < width:
            row.extend([None] * (width - len(row)))
        yield Row(line, tuple(row), surplus, source.hidden)


def _declared(groups: list[_Group]) -> int:
    """Count the rows of the heads that the table begins with."""
    count = start = 0
    for group in groups:
        if group.kind == "thead" and start == count:
            count += len(group.rows)
        start += len(group.rows)
    return count


def _plain(sources: list[_Source], line: int, limit: int | None, markup: Markup) -> list[list[Cell | None]]:
    """Return the slots of rows in which every cell takes one: nearly all tables are like this, so this path has to be fast."""
    line_of, holding, marks = markup.line_of, markup.holding, markup.marks
    slots: list[list[Cell | None]] = []
    for y, source in enumerate(sources):
        cells, single = source.cells, source.single
        line = source.line or line
        row: list[Cell | None] = []
        for x, element in enumerate(cells if limit is None else cells[:limit]):
            lines, written = _read(element, markup)
            holds = bool(holding) and element in holding
            place = line if single else line_of(element) or line
            row.append(Cell(y, x, 1, 1, element.tag == "th", place, lines, written, holds, marks.get(element, ()) if marks else ()))
        slots.append(row)
    return slots


def _spanned(groups: list[_Group], line: int, markup: Markup) -> list[list[Cell | None]]:
    """Return the slots of rows with cells that take several slots. Where two cells overlap, the first one keeps the slot."""
    slots: list[list[Cell | None]] = []
    for group in groups:
        start = len(slots)
        slots.extend([] for _ in group.rows)
        for y, source in enumerate(group.rows, start):
            line = source.line or line
            _place(source.cells, slots, y, line, markup)
    return slots


def _groups(table: Element, markup: Markup) -> tuple[list[_Group], list[Element]]:
    """Return the row groups in the order in which they are shown (a foot comes last), and the captions."""
    groups: list[_Group] = []
    footers: list[_Group] = []
    captions: list[Element] = []
    loose: _Group | None = None
    for child in _children(table):
        tag = child.tag
        if tag in _ROWS:
            if loose is None:
                loose = _Group("tbody")
                groups.append(loose)
            _add(loose, child, markup)
            continue
        # All others end the body that rows without a section are in (WHATWG HTML, 13.2.6.4.13 "in table body").
        loose = None
        if tag == "caption":
            captions.append(child)
        elif tag in _SECTIONS:
            group = _Group(str(tag))
            _fill(group, child, markup)
            (footers if tag == "tfoot" else groups).append(group)
    return groups + footers, captions


def rows_of(table: Element, markup: Markup) -> list[list[Element]]:
    """Return the cells of a table, row by row."""
    groups, _ = _groups(table, markup)
    return [source.cells for group in groups for source in group.rows]


def captions_of_figure(table: Element) -> list[Element]:
    """Return what a figure says of the one table in it (WHATWG, HTML 4.4.12 and 4.4.13), and of the layout tables around that one."""
    figure = next(table.iterancestors("figure"), None)
    if figure is None:
        return []
    # Counting stops at two tables: a figure of 2,000 tables took ten seconds when each of them counted all.
    innermost = (inner for inner in figure.iter("table") if inner.find(".//table") is None)
    if len(list(itertools.islice(innermost, 2))) > 1:
        return []
    return figure.findall("figcaption")


def _children(element: Element) -> Iterator[Element]:
    """Yield rows, cells, sections and captions below an element, through wrappers that do not belong there (<form>, <div>)."""
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag in _PARTS:
            yield child
        elif child.tag not in _NO_PARTS:
            stack.append(iter(child))


def _fill(group: _Group, section: Element, markup: Markup) -> None:
    for child in _children(section):
        if child.tag in _ROWS:
            _add(group, child, markup)


def _add(group: _Group, element: Element, markup: Markup) -> None:
    """Add a row, or a cell that stands outside of any <tr>: neighbours of that kind make one row, as browsers imply it."""
    if element.tag == "tr":
        cells = list(element)
        if not _CELLS.issuperset([cell.tag for cell in cells]):
            cells = [cell for cell in _children(element) if cell.tag in _CELLS]
        single = markup.surplus is not None and element.get(POSITION) is not None
        if single:
            cells = [cell for cell in cells if cell.text or not _is_filler(cell)]
        unseen = bool(markup.hidden) and (element in markup.hidden or element.getparent() in markup.hidden)
        line = markup.line_of(element) or (markup.line_of(cells[0]) if cells else 0)
        group.rows.append(_Source(cells, line, unseen, single))
        return
    previous = next(element.itersiblings(*_PARTS, preceding=True), None)
    if group.rows and previous is not None and previous.tag in _CELLS:
        group.rows[-1].cells.append(element)
    else:
        group.rows.append(_Source([element], markup.line_of(element), False))


def _is_filler(cell: Element) -> bool:
    """Return whether a cell was added by cmark-gfm: it fills up short rows with cells that have no column number."""
    return not len(cell) and (cell.get(POSITION) or "").partition("-")[0].endswith(":0")


def _span(cell: Element, name: str) -> int | None:
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


def _spans(cell: Element, rows_left: int) -> tuple[int, int]:
    """Return colspan and rowspan of a cell; 0 rows are those to the end of the row group."""
    if not len(cell.attrib):
        return 1, 1
    across = min(_span(cell, "colspan") or 1, MAX_COLSPAN)
    down = _span(cell, "rowspan")
    return across, rows_left if down == 0 else min(down or 1, MAX_ROWSPAN, rows_left)


def _place(cells: list[Element], slots: list[list[Cell | None]], y: int, line: int, markup: Markup) -> None:
    row = slots[y]
    x = 0
    for element in cells:
        while x < len(row) and row[x] is not None:
            x += 1
        across, down = _spans(element, len(slots) - y)
        lines, written = _read(element, markup)
        said = (lines, written, element in markup.holding, markup.marks.get(element, ()))
        cell = Cell(y, x, down, across, element.tag == "th", markup.line_of(element) or line, *said)
        for target in slots[y : y + down]:
            if len(target) < x + across:
                target.extend([None] * (x + across - len(target)))
            for column in range(x, x + across):
                if target[column] is None:
                    target[column] = cell
        x += across


def _read(cell: Element, markup: Markup) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines of a cell, and the lines as written where mojibake was repaired."""
    hidden = markup.hidden
    if hidden and cell in hidden:
        return (), ()
    if (text := cell.text) is not None and not len(cell) and text.isascii():
        # One line of plain text, as most cells hold: nothing to repair and nothing invisible.
        folded = " ".join(text.split())
        return ((folded,) if folded else ()), ()
    raw = texts.lines(cell, hidden, markup.lists)
    if not raw:
        return (), ()
    if all(map(str.isascii, raw)):
        return tuple([" ".join(line.split()) for line in raw]), ()
    plain = tuple(line for line in map(texts.fold, raw) if line)
    repaired = tuple(line for line in (texts.fold(texts.repair(line)) for line in raw) if line)
    return repaired, plain if plain != repaired else ()


def _cut_off(cells: list[Element], markup: Markup) -> Iterator[str]:
    """Yield the text of the cells beyond the limit."""
    for cell in cells:
        text = " ".join(_read(cell, markup)[0])
        if text:
            yield text


def _surplus_of(cells: list[Element], surplus: Mapping[int, tuple[str, ...]]) -> tuple[str, ...]:
    if not cells:
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
