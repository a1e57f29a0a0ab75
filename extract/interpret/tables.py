"""Every table of a page to its reading: the layout that fits it, the verdict, and the drafts of its rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from extract.catalogue import finding
from extract.cells import limits, ports
from extract.cells.reading import Cells
from extract.interpret import columns as cols
from extract.interpret import facts, judge, layouts, profiles, shape
from extract.interpret.drafts import RowReader, are_flows
from extract.interpret.layouts import Layout
from extract.model import Cell, Column, Grid, Page, RowOutcome, TableReading, Verdict
from extract.read.places import Around, Place
from extract.read.places import around as around_tables

# So many cells of a column are looked at for what its verdict rests on.
_CELLS = 100


def read(page: Page, cells: Cells) -> tuple[TableReading, ...]:
    """Return the reading of every table of a page, in order. `cells` holds what its cells say."""
    near = functools.cache(partial(around_tables, page))
    return tuple([_read_table(grid, near, cells) for grid in page.grids])


def _read_table(grid: Grid, near: Callable[[], Mapping[int, tuple[Place, ...]]], cells: Cells) -> TableReading:
    header = shape.read(grid, cells)
    if grid.hidden:
        unseen = [RowOutcome(number, row.line, "hidden table") for number, row in enumerate(grid.rows[header.first :], 1)]
        return _reading(grid, header, "no-rules", Layout("rows", (), header.first, "the markup hides it from readers", (), tuple(unseen)))

    def around() -> tuple[Place, ...]:
        places = near()[grid.number]
        titled = Place("title row", header.title, grid.line, "table")
        return (titled, *places[bool(grid.caption) :]) if header.title else places

    other = layouts.transposed(grid, around, cells) or layouts.matrix(grid, header, around, cells)
    if other is not None:
        return _reading(grid, header, "rules", other)
    return _row_by_row(grid, header, around, cells)


def _row_by_row(grid: Grid, header: shape.Shape, around: Around, cells: Cells) -> TableReading:
    """Return the reading of a table with a rule in each row, if it is one of rules."""
    body = [row.slots for row in grid.rows[header.first :] if not row.hidden]
    profiled = profiles.of_columns(body, grid.width, cells)
    columns = cols.assign(header.headers, body, profiled, cells) if body else ()
    verdict, reason = judge.judge(grid, header, columns, body, profiled, around, cells)
    if any([len(text) > limits.MAX_NAME for text in header.headers]):  # noqa: C419 - for a handful of headers a list takes half the time
        # The verdict is on the whole headers; as names, findings and rules repeat them.
        header = msgspec.structs.replace(header, headers=tuple(limits.shortened(text, limits.MAX_NAME) for text in header.headers))
        columns = tuple(msgspec.structs.replace(one, header=limits.shortened(one.header, limits.MAX_NAME)) for one in columns)
    if verdict == "no-rules" and (cut := _cut_off(columns, body, cells)):
        verdict, reason = "doubtful", cut
    if verdict != "rules":
        why = f"{verdict}: {reason}"
        outcomes = tuple([RowOutcome(number, row.line, why) for number, row in enumerate(grid.rows[header.first :], 1)])
        return _reading(grid, header, verdict, Layout("rows", columns, header.first, reason, (), outcomes))
    held, differing = facts.of_table(around(), columns, are_flows(columns))
    drafts, no_rule = RowReader(grid, header, columns, held, cells).read()
    return _reading(grid, header, verdict, Layout("rows", columns, header.first, reason, drafts, no_rule, differing))


def _reading(grid: Grid, header: shape.Shape, verdict: Verdict, read_as: Layout) -> TableReading:
    message = f"this table looks like rules but was left out: {read_as.reason}"
    doubt = (finding("table-doubtful", message, line=grid.line, table=grid.number),) if verdict == "doubtful" else ()
    placed = tuple(msgspec.structs.replace(one, line=one.line or grid.line, table=grid.number) for one in read_as.findings)
    return TableReading(
        number=grid.number,
        line=grid.line,
        title=header.title or grid.caption,
        verdict=verdict,
        layout=read_as.name if verdict == "rules" else None,
        reason=read_as.reason,
        columns=read_as.columns,
        header_rows=read_as.first,
        data_rows=len(grid.rows) - read_as.first,
        drafts=read_as.drafts,
        no_rule=read_as.no_rule,
        findings=(*doubt, *placed),
    )


def _cut_off(columns: Sequence[Column], body: Sequence[Sequence[Cell | None]], cells: Cells) -> str:
    """Return what makes a table doubtful: that its cells of ports are taken for prose because they are longer than those of others."""
    for column in columns:
        below = [row[column.index] for row in body[:_CELLS]] if column.role == "not_port" else []
        if any(cell is not None and profiles.is_cut_off(cells[cell.lines]) for cell in below):
            return f"cells under {column.header!r} list ports in more than {ports.MAX_CHARS} characters and were taken for prose"
    return ""
