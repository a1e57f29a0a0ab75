"""Every table of a page to its reading: the layout that fits it, the verdict, and the drafts of its rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import msgspec

from extract.catalogue import finding
from extract.cells import limits, ports
from extract.cells.reading import Cells
from extract.interpret import assign, cards, costs, early, facts, judge, layouts, matrix, profiles, shape
from extract.interpret import columns as cols
from extract.interpret.assign import Decision
from extract.interpret.drafts import RowReader, are_flows
from extract.interpret.headers import read_header
from extract.interpret.layouts import Candidate, Layout
from extract.interpret.notes import Notes
from extract.interpret.twice import side_by_side
from extract.model import Cell, Column, CostTerm, Finding, Grid, Page, RowOutcome, TableDecision, TableReading, Verdict
from extract.read.places import Around, Place
from extract.read.places import around as around_tables

_LISTED = "its words are lines of the cell that it stands in"
_NAMED_SECOND = "its header names another role first"
# The verdict is based on at most this many cells of a column.
_CELLS = 100


def read(page: Page, cells: Cells) -> tuple[TableReading, ...]:
    """Return the reading of every table of a page, in order. `cells` holds what its cells say."""
    near = functools.cache(partial(around_tables, page))
    found: list[TableReading] = []
    # Depth -> the last table that is so deep in others: a list stands in a cell of the one above it.
    last: dict[int, TableReading] = {}
    for grid in page.grids:
        outer = last.get(grid.depth - 1) if grid.listed else None
        reading = _listed(grid) if outer is not None and outer.verdict == "rules" else _read_table(grid, near, page.titles, cells)
        last[grid.depth] = reading
        found.append(reading)
    return tuple(found)


def _listed(grid: Grid) -> TableReading:
    """Return the reading of a table that lays out a list in a cell of a rule table: that cell holds its words."""
    outcomes = tuple(RowOutcome(number, row.line, _LISTED) for number, row in enumerate(grid.rows, 1))
    reading = _reading(grid, shape.Shape("", (), 0), "no-rules", Layout("rows", (), 0, _LISTED, (), outcomes))
    return msgspec.structs.replace(reading, listed=True)


def _read_table(
    grid: Grid, near: Callable[[], Mapping[int, tuple[Place, ...]]], titles: Callable[[int], str], cells: Cells
) -> TableReading:
    header = shape.read(grid, cells)
    if grid.hidden:
        unseen = [RowOutcome(number, row.line, "hidden table") for number, row in enumerate(grid.rows[header.first :], 1)]
        return _reading(grid, header, "no-rules", Layout("rows", (), header.first, "the markup hides it from readers", (), tuple(unseen)))

    around, lists_ports = surroundings(grid, header, near, titles)
    if early.holds_no_rules(grid, header.headers, lists_ports):
        columns = tuple(
            [Column(index, limits.shortened(text, limits.MAX_NAME), "", early.REASON) for index, text in enumerate(header.headers)]
        )
        return _reading(grid, header, "no-rules", _layout(grid, header, columns, ("no-rules", early.REASON), around, cells))
    chosen = decide(grid, header, around, lists_ports, cells)
    if grid.uncertain and chosen.verdict != "no-rules":
        columns = chosen.make().columns
        return _reading(grid, header, "doubtful", _layout(grid, header, columns, ("doubtful", grid.uncertain), around, cells))
    return _reading(grid, header, chosen.verdict, chosen.make(), chosen.decision)


def surroundings(
    grid: Grid, header: shape.Shape, near: Callable[[], Mapping[int, tuple[Place, ...]]], titles: Callable[[int], str]
) -> tuple[Around, Callable[[], bool]]:
    """Return two functions: the first returns the places around a table, the second whether the title above it says that it lists ports.

    `near` returns the places around each table of the page, by its number. `titles` returns the titles that may stand nearest above
    a table.
    """

    def around() -> tuple[Place, ...]:
        places = near()[grid.number]
        above = Place("title row", header.title, grid.line, "table")
        return (above, *places[bool(grid.caption) :]) if header.title else places

    @functools.cache
    def lists_ports() -> bool:
        # It takes the text of the whole page to know the places: few pages have a title that speaks of ports.
        above = header.title or grid.caption or titles(grid.number)
        return judge.names_ports(above) and judge.lists_ports(around)

    return around, lists_ports


def may_hold_rules(grid: Grid, cells: Cells, *, among_rules: bool) -> bool:
    """Return whether lines that are not a valid table would hold rules. Next to rule tables, a word for a port or protocol is enough."""
    header = shape.read(grid, cells)
    if early.holds_no_rules(grid, header.headers, bool):
        return False
    return among_rules or decide(grid, header, tuple, bool, cells).verdict != "no-rules"


def decide(grid: Grid, header: shape.Shape, around: Around, lists_ports: Callable[[], bool], cells: Cells) -> Candidate:
    """Return the way to read a table that costs least: rules in its rows, in its columns, or in the cells of a matrix."""
    rows = _rows(grid, header, around, lists_ports, cells)
    others = (cards.read(grid, around, cells), matrix.read(grid, header, around, lists_ports, cells))
    return layouts.choose([rows, *(other for other in others if other is not None)])


def _rows(grid: Grid, header: shape.Shape, around: Around, lists_ports: Callable[[], bool], cells: Cells) -> Candidate:
    """Return the reading of a table with a rule in each row, if it is one of rules."""
    body = [row.slots for row in grid.rows[header.first :] if not row.hidden and not shape.repeats(row, header)]
    why = judge.empty(grid, body)
    if why:
        return Candidate("no-rules", costs.IMPOSSIBLE, partial(_layout, grid, header, (), ("no-rules", why), around, cells))
    profiled = profiles.of_columns(body, grid.width, cells)
    decision = cols.read(header.headers, profiled, lists_ports)
    columns = cols.named(header.headers, decision, profiled)
    verdict, cost, reason = judge.Judge(header, columns, body, profiled, around, cells).judge()
    if any([len(text) > limits.MAX_NAME for text in header.headers]):  # noqa: C419 - for a handful of headers a list takes half the time
        # The verdict is on the whole headers; as names, findings and rules repeat them.
        header = msgspec.structs.replace(header, headers=tuple(limits.shortened(text, limits.MAX_NAME) for text in header.headers))
        columns = tuple(msgspec.structs.replace(one, header=limits.shortened(one.header, limits.MAX_NAME)) for one in columns)
    if decision.cut:
        verdict, reason = "doubtful", f"its {grid.width} columns can be read in more ways than are compared"
    elif verdict == "no-rules" and (cut := _cut_off(columns, body, cells)):
        verdict, reason = "doubtful", cut
    elif verdict == "rules" and (twice := side_by_side(columns)):
        verdict, reason = "doubtful", twice
    make = partial(_layout, grid, header, columns, (verdict, reason), around, cells)
    return Candidate(verdict, cost + decision.best.cost, make, decision)


def _unread(columns: Sequence[Column]) -> tuple[Finding, ...]:
    """Return a finding for each column of short cells with an unknown header, because its meaning for the traffic is unknown, too."""
    said = "no word of the header {!r} is known; its cells are part of the description, and change no rule"
    return tuple(finding("column-not-understood", said.format(column.header)) for column in columns if column.unread)


def _layout(
    grid: Grid,
    header: shape.Shape,
    columns: tuple[Column, ...],
    judged: tuple[Verdict, str],
    around: Around,
    cells: Cells,
) -> Layout:
    verdict, reason = judged
    if verdict != "rules":
        why = f"{verdict}: {reason}"
        outcomes = tuple([RowOutcome(number, row.line, why) for number, row in enumerate(grid.rows[header.first :], 1)])
        return Layout("rows", columns, header.first, reason, (), outcomes)
    places = around()
    held, differing = facts.of_table(places, columns, are_flows(columns))
    drafts, no_rule = RowReader(grid, header, columns, held, cells, Notes(grid, places)).read()
    return Layout("rows", columns, header.first, reason, drafts, no_rule, (*differing, *_unread(columns)))


def _reading(grid: Grid, header: shape.Shape, verdict: Verdict, read_as: Layout, decision: Decision | None = None) -> TableReading:
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
        decision=_told(decision) if decision is not None and verdict == "rules" else None,
    )


def _own_terms(columns: Sequence[assign.Candidate]) -> Iterator[tuple[int, assign.Term]]:
    return ((index, term) for index, one in enumerate(columns, 1) for term in one.terms)


def _told(decision: Decision) -> TableDecision:
    """Return a decision about columns as the report tells it."""
    best, other = decision.best, decision.runner_up
    own = [CostTerm(index, float(term.cost), term.words or _NAMED_SECOND) for index, term in _own_terms(best.columns) if term.cost]
    shared = [CostTerm(None, float(term.cost), term.words) for term in best.terms]
    margin = float(decision.margin) if decision.margin is not None else None
    return TableDecision(float(best.cost), margin, other.roles if other is not None else None, (*own, *shared))


def _cut_off(columns: Sequence[Column], body: Sequence[Sequence[Cell | None]], cells: Cells) -> str:
    """Return what makes a table doubtful: that its cells of ports are taken for prose because they are longer than those of others."""
    for column in columns:
        called = "port" in read_header(column.header).concepts
        below = [row[column.index] for row in body[:_CELLS]] if called else []
        if any(cell is not None and profiles.is_cut_off(cells[cell.lines]) for cell in below):
            return f"cells under {column.header!r} list ports in more than {ports.MAX_CHARS} characters and were taken for prose"
    return ""
