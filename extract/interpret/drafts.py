"""The data rows of a rule table to drafts: cells by role, with what group rows and surroundings state about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extract import vocabulary
from extract.cells import direction
from extract.cells.reading import Cells
from extract.interpret import facts, titles
from extract.interpret.facts import Facts
from extract.interpret.fields import distinct, evidence_names
from extract.interpret.notes import Notes
from extract.interpret.shape import Shape, repeats, spanning_cell
from extract.model import FIRST_PORTS, Cell, Column, Draft, Grid, Role, Row, RowOutcome, Value
from extract.regex import late

# In a table with fewer columns, a lone cell is probably not a label.
_COLUMNS = 3
_TEMPLATE = late(r"^(?:\{%.*%\}|<%.*%>|\{\{[<%].*[>%]\}\}|\{:.*\}|\{[#.][\w -]+\})$")


def are_flows(columns: Sequence[Column]) -> bool:
    """Return whether the rows of a table name both ends of their traffic."""
    roles = {column.role for column in columns}
    ends = {"source", "destination"} & roles
    return not columns or bool({"flow", "left"} & roles) or len(ends) == 2 or bool(ends and "end" in roles)


class RowReader:
    """Turns the data rows of one rule table into drafts; group rows change what holds for the rows below them."""

    def __init__(self, grid: Grid, shape: Shape, columns: Sequence[Column], held: Facts, cells: Cells, notes: Notes) -> None:
        """Take the table, what holds for all of its rows, what its cells say, and the notes on them."""
        self._grid = grid
        self._shape = shape
        self._columns = columns
        self._cells = cells
        self._notes = notes
        self._fields = tuple(zip(evidence_names(shape.headers), columns, strict=True))
        # What holds for all rows, and for the next one.
        self._table, self._held = held, held
        # Whether the row before is a label, too: then both hold.
        self._labelled = False
        # The labels that hold for the next row.
        self._labels: tuple[Cell, ...] = ()

    def read(self) -> tuple[tuple[Draft, ...], tuple[RowOutcome, ...]]:
        drafts: list[Draft] = []
        outcomes: list[RowOutcome] = []
        for number, row in enumerate(self._grid.rows[self._shape.first :], 1):
            reason = self._no_rule(row)
            if reason:
                outcomes.append(RowOutcome(number, row.line, reason))
            else:
                self._labelled = False
                drafts.append(self._draft(number, row))
        return tuple(drafts), tuple(outcomes)

    def _no_rule(self, row: Row) -> str | None:
        if row.hidden:
            return "hidden row"
        filled = [cell for cell in row.slots if cell is not None and (cell.lines or self._holds_values(cell))]
        if any([cell.colspan > 1 for cell in filled]):  # noqa: C419 - for a handful of cells a list takes half the time
            # A cell that spans columns counts once.
            filled = list({id(cell): cell for cell in filled}.values())
        if not filled:
            return "empty row"
        if len(filled) == 1 and _TEMPLATE.match(filled[0].text):
            return "template line"
        if repeats(row, self._shape):
            return "repeated header"
        lone = self._lone_cell(row, filled)
        if lone is not None:
            self._begin_group(lone)
            return "group row"
        return None

    def _begin_group(self, label: Cell) -> None:
        """Let a label hold for the rows below it."""
        self._labels = (*self._labels, label) if self._labelled else (label,)
        above = self._held if self._labelled else facts.below_label(label.text, self._table, self._held)
        self._labelled = True
        self._held = facts.of_label(label, self._cells[label.lines].protocol, above)

    def _holds_values(self, cell: Cell) -> bool:
        """Return whether a cell holds a table in the place of a value. A table over the whole width has a row to itself."""
        return cell.holds_table and cell.colspan < self._grid.width

    def _lone_cell(self, row: Row, filled: Sequence[Cell]) -> Cell | None:
        """Return the only cell of a row that labels the rows below it: one that spans the row, or a label in front of empty cells.

        `filled` holds the cells of the row that are not empty.
        """
        if len(filled) > 1:
            return filled[0] if self._is_repeated(filled) else None
        if self._holds_values(filled[0]):
            return None
        spanning = spanning_cell(row, self._grid.width)
        if spanning is not None:
            return spanning if self._grid.width > 1 else None
        cell = filled[0]
        if self._grid.width < _COLUMNS:
            # One of two cells is a label where it says what one can say; an empty cell beside it is usual elsewhere.
            return cell if cell.column == 0 and titles.is_way_alone(cell.text) else None
        return cell if cell.rowspan == 1 and self._is_label(cell) else None

    def _is_repeated(self, filled: Sequence[Cell]) -> bool:
        """Return whether a row is a label that the author repeated in every cell, as converters of merged cells do."""
        text = filled[0].text
        repeated = len(filled) > 2 and filled[1].text == text and len(filled) == self._grid.width
        return repeated and all(cell.text == text for cell in filled) and not self._cells[filled[0].lines].ports.numeric

    def _is_label(self, cell: Cell) -> bool:
        """Return whether the only cell of a row is a label, and no port or protocol of a row whose other cells are empty."""
        role, read = self._columns[cell.column].role, self._cells[cell.lines]
        stated = set(read.protocol.protocols)
        if role in FIRST_PORTS and stated and stated <= vocabulary.ported() and not read.ports.numeric:
            return True
        if (role in FIRST_PORTS or role == "protocol") and (read.ports.numeric or stated):
            return False
        return cell.column == 0 or direction.of_heading(cell.text) is not None

    def _draft(self, number: int, row: Row) -> Draft:
        cells: dict[str, str] = {}
        values: dict[Role, tuple[Value, ...]] = {}
        seen: set[tuple[Role, int]] = set()
        for (name, column), cell in zip(self._fields, row.slots, strict=True):
            if cell is None:
                cells[name] = ""
                continue
            lines, raw, role = cell.lines, cell.raw, column.role
            cells[name] = " ".join(raw or lines)
            if cell.colspan > 1:
                if (role, id(cell)) in seen:
                    continue
                seen.add((role, id(cell)))
            said = (column.way, column.composite, column.action, column.unread, column.end)
            value = Value(lines, column.header, column.hint, raw, *said, cell.holds_table)
            values[role] = (*values[role], value) if role in values else (value,)
        for index, extra in enumerate(row.surplus, 1):
            cells[distinct(f"surplus {index}", cells)] = extra
        surplus = tuple(filter(None, row.surplus))
        draft = Draft(table=self._grid.number, row=number, line=row.line, cells=cells, values=values, facts=self._held, surplus=surplus)
        return self._notes.on(draft, self._noted(row)) if self._notes else draft

    def _noted(self, row: Row) -> Iterator[Cell | None]:
        """Yield the cells whose notes are about a row: its own, the headers of those that say something, and the labels above it."""
        yield from row.slots
        for head in self._grid.rows[: self._shape.first]:
            yield from (cell for cell, own in zip(head.slots, row.slots, strict=True) if own is not None and own.lines)
        yield from self._labels
