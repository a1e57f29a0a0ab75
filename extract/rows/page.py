"""The rows of all tables of a page, each to what it states."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from extract.cells.reading import Cells
from extract.cells.statements import Sentences
from extract.model import Draft, Page, TableReading
from extract.rows import room, row
from extract.rows.prose import Prose


class RowRead(msgspec.Struct, frozen=True):
    """One draft as it is to be shown, and what it states."""

    draft: Draft
    result: row.RowResult


def read(page: Page, readings: Sequence[TableReading], prose: Prose, cells: Cells) -> tuple[tuple[RowRead, ...], ...]:
    """Return what the drafts of each table state, table by table. `cells` holds what the cells of the page say."""
    left = room.Room(partial(_characters, page))
    found = []
    for reading in readings:
        evidence = prose.around(reading)
        found.append(tuple([_row(draft, evidence, cells, left) for draft in reading.drafts]))
    return tuple(found)


def _row(draft: Draft, evidence: Sentences, cells: Cells, left: room.Room) -> RowRead:
    if room.is_small(draft) or left.holds(draft):
        return RowRead(draft, row.read(draft, evidence, cells, left))
    shown = msgspec.structs.replace(draft, cells=room.cut(draft.cells))
    return RowRead(shown, row.unread(draft, cells, room.TOO_MUCH, shown.cells))


def _characters(page: Page) -> int:
    """Count the characters of the cells of a page; one that spans rows counts once."""
    cells = {id(cell): cell for grid in page.grids for each in grid.rows for cell in each.slots if cell is not None}
    return sum(sum(map(len, cell.lines)) for cell in cells.values())
