"""The tables that stand in cells of other tables: those that lay out a list, and those that are tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from extract.read import grid, tree
from extract.read import text as texts
from extract.read.blocks import HEADINGS
from extract.read.tables import Surroundings
from extract.read.tree import Element

# No entry of a list is longer, and no list in a cell has more entries.
_ENTRY_CHARS = 80
_ENTRIES = 256
_UNSPOKEN = frozenset({"none", "presentation"})


class Nested(msgspec.Struct, frozen=True):
    """The tables in cells that lay out a list, and the cells that hold any other table."""

    lists: frozenset[Element] = frozenset()
    holding: frozenset[Element] = frozenset()


def find(root: Element, markup: grid.Markup) -> Nested:
    """Return what the tables in the cells of a tree are. Those that readers do not see are neither."""
    cells, around = _held(root, markup)
    if not cells:
        return Nested()
    holders, holding = set(around.values()), set(cells.values())
    # A table in a table in a table: old pages lay out columns and frames so.
    layouts = {around[table] for table in holders if table in around}
    data = {table for table in holders - layouts if _is_data(table, holding, markup)}
    lists = frozenset(table for table, outer in around.items() if outer in data and table not in holders and _is_list(table, markup))
    others: dict[Element, list[Element]] = {}
    for table in cells.keys() - lists:
        # A table without words is a frame or a gap.
        if table in holders or _is_filled(table):
            others.setdefault(cells[table], []).append(table)
    return Nested(lists, frozenset(cell for cell, tables in others.items() if _is_value(cell, tables, lists, markup)))


def _held(root: Element, markup: grid.Markup) -> tuple[dict[Element, Element], dict[Element, Element]]:
    """Return table -> the cell that it is a part of, and table -> the table of that cell."""
    surroundings = Surroundings(markup)
    cells: dict[Element, Element] = {}
    around: dict[Element, Element] = {}
    for table in tree.select(root, "td table, th table"):
        cell = surroundings.of(table).cell if table not in markup.hidden else None
        outer = surroundings.of(cell).table if cell is not None else None
        if cell is not None and outer is not None:
            cells[table], around[table] = cell, outer
    return cells, around


def _is_value(cell: Element, tables: Iterable[Element], lists: Collection[Element], markup: grid.Markup) -> bool:
    """Return whether the tables in a cell may be what it says, and no notes below that: some tools lay out a sign and a sentence so."""
    if any(not _is_note(table, markup) for table in tables):
        return True
    return not texts.lines(cell, markup.hidden, lists)


def _is_data(table: Element, holding: Collection[Element], markup: grid.Markup) -> bool:
    """Return whether the markup of a table with tables in it is that of data: a layout has no header above them, and holds headings."""
    if (table.get("role") or "").lower() in _UNSPOKEN or next(table.iter(*HEADINGS), None) is not None:
        return False
    rows = [row for row in grid.rows_of(table, markup) if row]
    for index, row in enumerate(rows):
        if any(cell in holding for cell in row):
            break
        if len(row) > 1 and sum(map(_is_filled, row)) > 1:
            return index + 1 < len(rows)
    # Names of fields in front of their values, or a header that is one all the same.
    return len(rows) > 1 and any(cell.tag == "th" for row in rows if len(row) > 1 for cell in row)


def _is_list(table: Element, markup: grid.Markup) -> bool:
    """Return whether a table lays out short texts below each other, or beside each other and alike, and has no header."""
    rows, entries = _entries(table, markup)
    said = [texts.fold("".join(cell.itertext())) for cell in entries or ()]
    said = [text for text in said if text]
    if entries is None or not all(len(text) <= _ENTRY_CHARS and any(map(str.isalnum, text)) for text in said):
        # Signs alone join what stands beside them: `8000`, `-`, `8010`.
        return False
    # `any`, `except`, `22` beside each other are one sentence, and `10.0.0.0`, `/24` one address.
    numbered = [any(map(str.isdigit, text)) for text in said]
    return rows > 1 or len(said) < 2 or (len(set(numbered)) == 1 and all(text[0].isalnum() and text[-1].isalnum() for text in said))


def _is_note(table: Element, markup: grid.Markup) -> bool:
    """Return whether a table lays out a text that is too long for a value."""
    _, entries = _entries(table, markup)
    return any(sum(map(len, texts.lines(cell, markup.hidden))) > _ENTRY_CHARS for cell in entries or ())


def _entries(table: Element, markup: grid.Markup) -> tuple[int, list[Element] | None]:
    """Return how many rows a table has, and its cells if they make one row or one column without a header."""
    rows = grid.rows_of(table, markup)
    cells = [cell for row in rows for cell in row]
    is_line = len(rows) == 1 or all(len(row) == 1 for row in rows)
    plain = is_line and len(cells) <= _ENTRIES and all(cell.tag == "td" for cell in cells) and table.find("caption") is None
    return len(rows), cells if plain else None


def _is_filled(element: Element) -> bool:
    return any(map(str.strip, element.itertext()))
