"""Matrices of hosts: sources in the first column, destinations in the header, ports in the cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from extract import vocabulary
from extract.cells import ports
from extract.cells.reading import Cells, Reading
from extract.interpret import costs, facts
from extract.interpret.facts import Facts
from extract.interpret.headers import read_header
from extract.interpret.layouts import Candidate, Layout
from extract.interpret.naming import propose
from extract.interpret.notes import Notes
from extract.interpret.shape import Shape, spanning_cell
from extract.model import Cell, Column, Draft, Grid, Role, Row, RowOutcome, Value
from extract.read.places import Around
from extract.regex import late

_CORNER = late(r"[\\/→>]")
# At least this share of the cells must name ports.
_PORTED = 0.6
_FIELDS: frozenset[Role] = frozenset({"port", "protocol", "description", "source_port"})
_NUMBER = late(r"[\d\s,./-]+")


class _Matrix(msgspec.Struct, frozen=True):
    """A table as a matrix: the text of its corner, the names on top of it and on its left, and the rows of ports."""

    corner: str
    tops: tuple[str, ...]
    lefts: tuple[str, ...]
    body: tuple[Row, ...]
    first: int


def read(grid: Grid, header: Shape, around: Around, lists_ports: Callable[[], bool], cells: Cells) -> Candidate | None:
    """Return the reading of a table as a matrix; None when it cannot be one."""
    table = _of(grid, header)
    if (
        table is None
        or {propose(read_header(name)) for name in table.tops} & _FIELDS
        or any(map(_NUMBER.fullmatch, filter(None, table.lefts)))
    ):
        return None
    share = _share_of_ports(table, cells)
    if share < _PORTED:
        return None
    cost = (1 - share) * costs.MATRIX_CELL + sum(_against(table, lists_ports, cells))
    if cost >= costs.DOUBTFUL:
        return None
    return Candidate("rules", cost, partial(_layout, grid, table, around))


def _of(grid: Grid, header: Shape) -> _Matrix | None:
    # Some converters make no header cell: then the corner tells.
    first = header.first or 1
    if grid.width < 3 or len(grid.rows) - first < 2:
        return None
    # Under a header row `Source | Destination` the last header row holds the names.
    last = grid.rows[first - 1].slots
    tops = tuple(cell.text if cell is not None else "" for cell in last[1:])
    corner = last[0].text if last[0] is not None else ""
    above = " ".join(dict.fromkeys(text for line in header.lines[:-1] for text in line if text))
    corner = above if _names_both_sides(above) else corner
    body = tuple(grid.rows[first:])
    lefts = tuple(row.slots[0].text if row.slots[0] is not None else "" for row in body)
    if not header.first and not _names_both_sides(corner):
        return None
    return _Matrix(corner, tops, lefts, body, first)


def _against(table: _Matrix, lists_ports: Callable[[], bool], cells: Cells) -> Iterator[float]:
    """Yield what speaks against a matrix of hosts: prices, quotas and versions stand in tables of the same shape."""
    shared = {vocabulary.fold(name) for name in table.tops} & {vocabulary.fold(name) for name in table.lefts if name}
    if len(shared) * 2 < min(len(table.tops), len(table.lefts)) and not _names_both_sides(table.corner):
        yield costs.MATRIX_CORNER if _is_corner(table.corner) else costs.MATRIX_NAMES
    transports = any(_composite(cells[cell.lines]) for row in table.body for cell in row.slots[1:] if cell is not None)
    if not transports and not lists_ports():
        yield costs.MATRIX_UNSPOKEN


def _composite(read: Reading) -> bool:
    return "composite" in read.port_forms


def _share_of_ports(table: _Matrix, cells: Cells) -> float:
    """Return the share of filled cells that name ports; 0 as soon as it is clear that the share is too small, as for prose."""
    distinct = Counter(cell.lines for row in table.body if not _is_note(row) for cell in row.slots[1:] if cell is not None)
    filled = [(read, count) for lines, count in distinct.items() if not (read := cells[lines]).none]
    number = sum([count for _, count in filled])
    others = 0
    for read, count in filled:
        if len(read.text) > ports.MAX_CHARS or not read.ports.numeric:
            others += count
            if number - others < _PORTED * number:
                return 0.0
    return (number - others) / number if number else 0.0


def _is_note(row: Row) -> bool:
    """Return whether a row is a remark over the whole width."""
    return spanning_cell(row, len(row.slots)) is not None


def _layout(grid: Grid, table: _Matrix, around: Around) -> Layout:
    turned = _names_both_sides(table.corner) and _destination_first(table.corner)
    places = around()
    held, differing = facts.of_table(places, (), True)
    notes = Notes(grid, places)
    drafts: list[Draft] = []
    outcomes: list[RowOutcome] = []
    for number, (row, name) in enumerate(zip(table.body, table.lefts, strict=True), 1):
        made = list(_row(grid, table, row.slots, name, (number, row.line), held, turned)) if not _is_note(row) else []
        drafts.extend(notes.on(draft, (*noted, *row.slots[:1])) for draft, noted in made)
        if not made:
            reason = "a remark over the whole width" if _is_note(row) else "no ports in this row of the matrix"
            outcomes.append(RowOutcome(number, row.line, reason))
    sides: tuple[Role, Role] = ("destination", "source") if turned else ("source", "destination")
    columns = (
        Column(0, table.corner, sides[0], "the first column of a matrix"),
        *(Column(index, name, "port", f"ports; its header is the {sides[1]}") for index, name in enumerate(table.tops, 1)),
    )
    return Layout("matrix", columns, table.first, "a matrix of hosts with ports in its cells", tuple(drafts), tuple(outcomes), differing)


def _row(
    grid: Grid, table: _Matrix, slots: Sequence[Cell | None], name: str, place: tuple[int, int], held: Facts, turned: bool
) -> Iterator[tuple[Draft, list[Cell | None]]]:
    """Yield the draft of each cell with ports, with the cells that it comes from: its own and the names above it."""
    seen: dict[int, list[str]] = {}
    for header, cell in zip(table.tops, slots[1:], strict=True):
        if cell is not None and (cell.holds_table or not ports.is_none(cell.text)):
            seen.setdefault(id(cell), []).append(header)
    by_id = {id(cell): cell for cell in slots[1:] if cell is not None}
    for key, headers in seen.items():
        cell = by_id[key]
        values: dict[Role, tuple[Value, ...]] = {
            "port": (Value(cell.lines, " / ".join(headers), None, cell.raw, holds_table=cell.holds_table),),
            "destination" if turned else "source": (Value((name,), ""),),
            "source" if turned else "destination": (Value(tuple(headers), ""),),
        }
        cells = {"row": name, "column": " / ".join(headers), "cell": cell.text}
        above = [top for top, own in zip(grid.rows[table.first - 1].slots, slots, strict=True) if own is cell]
        yield Draft(table=grid.number, row=place[0], line=place[1], cells=cells, values=values, facts=held), [cell, *above]


def _is_corner(text: str) -> bool:
    """Return whether the corner of a matrix says that rows and columns are the two ends: `From / To`."""
    folded = vocabulary.fold(text)
    return _CORNER.search(folded) is not None or any(vocabulary.finder(section).search(folded) for section in ("from", "to"))


def _names_both_sides(corner: str) -> bool:
    return {"source", "destination"} <= read_header(corner).concepts


def _destination_first(corner: str) -> bool:
    source, destination = (vocabulary.header_concepts()[side].search(vocabulary.fold(corner)) for side in ("source", "destination"))
    # `From \\ To` names the side of the rows first, and so does `To / From`: the first name is that of the rows.
    return bool(destination and source and destination.start < source.start)
