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
from extract.interpret import context as ctx
from extract.interpret import judge, layouts, profiles, shape
from extract.interpret.drafts import RowReader
from extract.model import Cell, Column, Draft, Grid, Page, RowOutcome, Said, TableReading, Verdict

# So many cells of a column are looked at for what its verdict rests on.
_CELLS = 100


def read(page: Page, cells: Cells) -> tuple[TableReading, ...]:
    """Return the reading of every table of a page, in order. `cells` holds what its cells say."""
    contexts = functools.cache(partial(ctx.contexts, page))
    return tuple([_read_table(grid, contexts, cells) for grid in page.grids])


def _read_table(grid: Grid, contexts: Callable[[], Mapping[int, ctx.Context]], cells: Cells) -> TableReading:
    header = shape.read(grid, cells)
    if grid.hidden:
        unseen = [RowOutcome(number, row.line, "hidden table") for number, row in enumerate(grid.rows[header.first :], 1)]
        return _reading(grid, header, (), header.first, "no-rules", "the markup hides it from readers", (), unseen)
    body = [row.slots for row in grid.rows[header.first :] if not row.hidden]

    def around() -> ctx.Context:
        context = contexts()[grid.number]
        return msgspec.structs.replace(context, caption=Said("", header.title, grid.line, "title row")) if header.title else context

    other = layouts.transposed(grid, around, cells) or layouts.matrix(grid, header, around, cells)
    if other is not None:
        return _reading(grid, header, other.columns, other.first, "rules", other.reason, other.drafts, other.no_rule)
    facts = profiles.of_columns(body, grid.width, cells)
    columns = cols.assign(header.headers, body, facts, cells) if body else ()
    verdict, reason = judge.judge(grid, header, columns, body, facts, around, cells)
    if any([len(text) > limits.MAX_NAME for text in header.headers]):  # noqa: C419 - for a handful of headers a list takes half the time
        # The verdict is on the whole headers; as names, findings and rules repeat them.
        header = msgspec.structs.replace(header, headers=tuple(limits.shortened(text, limits.MAX_NAME) for text in header.headers))
        columns = tuple(msgspec.structs.replace(one, header=limits.shortened(one.header, limits.MAX_NAME)) for one in columns)
    if verdict == "no-rules" and (cut := _cut_off(columns, body, cells)):
        verdict, reason = "doubtful", cut
    if verdict != "rules":
        why = f"{verdict}: {reason}"
        outcomes = [RowOutcome(number, row.line, why) for number, row in enumerate(grid.rows[header.first :], 1)]
        return _reading(grid, header, columns, header.first, verdict, reason, (), outcomes)
    drafts, no_rule = RowReader(grid, header, columns, around(), cells).read()
    return _reading(grid, header, columns, header.first, verdict, reason, drafts, no_rule)


def _reading(
    grid: Grid,
    header: shape.Shape,
    columns: Sequence[Column],
    first: int,
    verdict: Verdict,
    reason: str,
    drafts: Sequence[Draft],
    outcomes: Sequence[RowOutcome],
) -> TableReading:
    message = f"this table looks like rules but was left out: {reason}"
    findings = (finding("table-doubtful", message, line=grid.line, table=grid.number),) if verdict == "doubtful" else ()
    return TableReading(
        number=grid.number,
        line=grid.line,
        title=header.title or grid.caption,
        verdict=verdict,
        reason=reason,
        columns=tuple(columns),
        header_rows=first,
        data_rows=len(grid.rows) - first,
        drafts=tuple(drafts),
        no_rule=tuple(outcomes),
        findings=findings,
    )


def _cut_off(columns: Sequence[Column], body: Sequence[Sequence[Cell | None]], cells: Cells) -> str:
    """Return what makes a table doubtful: that its cells of ports are taken for prose because they are longer than those of others."""
    for column in columns:
        below = [row[column.index] for row in body[:_CELLS]] if column.role == "not_port" else []
        if any(cell is not None and profiles.is_cut_off(cells[cell.lines]) for cell in below):
            return f"cells under {column.header!r} list ports in more than {ports.MAX_CHARS} characters and were taken for prose"
    return ""
