"""A <table> to a grid of cells: WHATWG HTML, 4.9.12.1 "Forming a table", tolerant where browsers are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree

from extract.catalogue import finding
from extract.model import Cell, Finding, Grid, Row
from extract.read import text as texts

# WHATWG HTML, 4.9.11 "Attributes common to td and th elements": larger values are clamped.
MAX_COLSPAN = 1000
MAX_ROWSPAN = 65534
# A table of more slots than this is an attack or an accident; spans are then taken as 1. The largest real rule table seen
# has 3,000 slots; 100,000 rows of 8 columns still pass.
MAX_SLOTS = 4_000_000

_DIGITS = re.compile(r"\s*\+?(\d{1,9})")
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})


class _Group:
    """The rows of one row group: spans do not leave it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.rows: list[tuple[list[etree._Element], int, bool]] = []
        # The cells, the line, and whether the row is hidden.


def build(
    table: etree._Element,
    number: int,
    depth: int,
    reader: texts.Reader,
    line_of: Callable[[etree._Element], int],
    surplus: dict[int, tuple[str, ...]],
    hidden: bool = False,
) -> tuple[Grid, tuple[Finding, ...]]:
    """Return the grid of a table element and what is wrong with its shape.

    `line_of` gives the line of an element in the file, `surplus` the cells that a Markdown parser dropped, by stamped line; `hidden`
    says that the table stands in something that readers do not see.
    """
    groups, caption = _groups(table, line_of)
    findings: list[Finding] = []
    clamp = _slots_wanted(groups) > MAX_SLOTS
    if clamp:
        message = f"the spans of this table make more than {MAX_SLOTS:,} slots; colspan and rowspan were taken as 1"
        findings.append(finding("limit-reached", message, line=line_of(table), table=number))
    slots: list[list[Cell | None]] = []
    lines: list[int] = []
    concealed: list[bool] = []
    extra: list[tuple[str, ...]] = []
    head_rows = 0
    for group in groups:
        start = len(slots)
        slots.extend([] for _ in group.rows)
        for offset, (cells, line, unseen) in enumerate(group.rows):
            lines.append(line)
            concealed.append(unseen)
            extra.append(_surplus_of(cells, surplus))
            _place(cells, slots, start + offset, len(slots), reader, line, line_of, clamp)
        if group.kind == "thead" and start == head_rows:
            head_rows = len(slots)
    width = max((len(row) for row in slots), default=0)
    missing = [index for index, row in enumerate(slots) if len(row) < width]
    rows = tuple(
        Row(lines[index], tuple(row + [None] * (width - len(row))), extra[index], concealed[index]) for index, row in enumerate(slots)
    )
    if not head_rows:
        head_rows = _leading_header_rows(rows)
    findings.extend(_shape_findings(rows, missing, number, width, head_rows))
    line = line_of(table) or (lines[0] if lines else 1)
    return Grid(number, line, width, caption(reader), rows, head_rows, depth, hidden), tuple(findings)


def _groups(table: etree._Element, line_of: Callable[[etree._Element], int]) -> tuple[list[_Group], Callable[[texts.Reader], str]]:
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

    def caption(reader: texts.Reader) -> str:
        return texts.fold(" ".join(" ".join(reader.lines(element)) for element in captions))

    return groups + footers, caption


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
        group.rows.append(([cell for cell in _children(element) if cell.tag in ("td", "th")], line_of(element), unseen))
        return
    previous = element.getprevious()
    while previous is not None and not isinstance(previous.tag, str):
        previous = previous.getprevious()
    if group.rows and previous is not None and previous.tag in ("td", "th"):
        group.rows[-1][0].append(element)
    else:
        group.rows.append(([element], line_of(element), False))


def _span(cell: etree._Element, name: str) -> int | None:
    """Return a span attribute by "rules for parsing non-negative integers" (`2;` is 2), None when it says nothing."""
    value = cell.get(name)
    match = _DIGITS.match(value) if value else None
    return int(match[1]) if match else None


def _slots_wanted(groups: list[_Group]) -> int:
    total = 0
    for group in groups:
        for index, (cells, _, _) in enumerate(group.rows):
            for cell in cells:
                if len(cell.attrib):
                    down = min(_span(cell, "rowspan") or 1, len(group.rows) - index)
                    total += min(_span(cell, "colspan") or 1, MAX_COLSPAN) * max(down, 1)
                else:
                    total += 1
    return total


def _place(
    cells: list[etree._Element],
    slots: list[list[Cell | None]],
    y: int,
    group_end: int,
    reader: texts.Reader,
    line: int,
    line_of: Callable[[etree._Element], int],
    clamp: bool,
) -> None:
    row = slots[y]
    x = 0
    for element in cells:
        while x < len(row) and row[x] is not None:
            x += 1
        across, down = 1, 1
        if len(element.attrib) and not clamp:
            across = min(_span(element, "colspan") or 1, MAX_COLSPAN)
            rowspan = _span(element, "rowspan")
            # rowspan=0 means "to the end of the row group".
            down = group_end - y if rowspan == 0 else min(rowspan or 1, MAX_ROWSPAN, group_end - y)
        raw = reader.lines(element) if not texts.is_hidden(element) else ()
        folded = tuple(line for line in map(texts.fold, raw) if line)
        repaired = tuple(line for line in (texts.fold(texts.repair(line)) for line in raw) if line)
        cell = Cell(y, x, down, across, element.tag == "th", line_of(element) or line, repaired, folded if folded != repaired else ())
        for below in range(y, y + down):
            target = slots[below]
            if len(target) < x + across:
                target.extend([None] * (x + across - len(target)))
            for column in range(x, x + across):
                if target[column] is None:
                    target[column] = cell
        x += across


def _surplus_of(cells: list[etree._Element], surplus: dict[int, tuple[str, ...]]) -> tuple[str, ...]:
    if not surplus or not cells:
        return ()
    row = cells[0].getparent()
    position = row.get("data-sourcepos") if row is not None else None
    if not position:
        return ()
    return surplus.get(int(position.partition(":")[0]), ())


def _leading_header_rows(rows: tuple[Row, ...]) -> int:
    """Count leading rows of <th> alone, unless the whole table is made of them."""
    count = 0
    for row in rows:
        present = [cell for cell in row.slots if cell is not None]
        if not present or not all(cell.header for cell in present):
            break
        count += 1
    return count if count < len(rows) else min(count, 1)


def _shape_findings(rows: tuple[Row, ...], missing: list[int], number: int, width: int, head_rows: int) -> Iterator[Finding]:
    for index, row in enumerate(rows):
        if row.surplus:
            cells = " | ".join(row.surplus)
            message = f"this row has {len(row.surplus)} cell(s) more than the table has columns: {cells}. Is a pipe in a cell not escaped?"
            yield finding("surplus-cells", message, line=row.line, table=number, row=index - head_rows + 1)
    for index in missing:
        if index >= head_rows and any(rows[index].slots):
            present = sum(cell is not None for cell in rows[index].slots)
            message = f"this row fills {present} of {width} columns; the missing cells are taken as empty"
            yield finding("missing-cells", message, line=rows[index].line, table=number, row=index - head_rows + 1)
