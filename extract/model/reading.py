"""What interpreting makes of a table."""

from __future__ import annotations

import msgspec

from extract.model.values import Action, Direction, EndSide, Field, Finding, Role, Scope, TableLayout, Verdict


class Fact(msgspec.Struct, frozen=True):
    """A value that the page states for the rows of a table, a group of them or one of them, with the words and the place that state it."""

    field: Field
    value: str
    scope: Scope
    # The words, as written.
    text: str
    # 0 where the place has no line of its own: the header of a column.
    line: int
    # What kind of place it is, or what phrase names the value.
    by: str


class TickedEnd(msgspec.Struct, frozen=True):
    """The end of the traffic of rows that are ticked below a header."""

    side: EndSide
    name: str


class Column(msgspec.Struct, frozen=True):
    """What one column of a rule table means."""

    index: int
    header: str
    role: Role
    why: str
    # The protocol that the header itself states for every cell below: `TCP Ports`.
    hint: str | None = None
    # The direction that the header itself states: `Inbound ports`.
    way: Direction | None = None
    # The column holds protocol and port together, so that `any` in it means both.
    composite: bool = False
    # What the header itself does with the traffic of the cells below, or with that of the ticked ones: `Blocked ports`, `Allowed`.
    action: Action | None = None
    # The header is unknown, and the cells are too short for text. They may mean anything.
    unread: bool = False
    # The end that the header itself names, where the cells are ticks: `From worker`.
    end: TickedEnd | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One data row with the cells by role, and what its surroundings state. Its cells are not read yet."""

    table: int
    row: int
    line: int
    # Header -> text as written, for the evidence.
    cells: dict[str, str]
    # Role -> the cells of that role, left to right.
    values: dict[Role, tuple[Value, ...]]
    # What is stated around the row, for each field the fact of the narrowest scope.
    facts: dict[Field, Fact] = {}
    # The cells beyond the columns of the table.
    surplus: tuple[str, ...] = ()
    # The notes on the cells. `cells` holds their texts last, each with the one of several numbers that it is about.
    notes: tuple[Value, ...] = ()


class Value(msgspec.Struct, frozen=True):
    """One cell in the role that its column gives it."""

    lines: tuple[str, ...]
    header: str
    hint: str | None = None
    raw: tuple[str, ...] = ()
    way: Direction | None = None
    composite: bool = False
    action: Action | None = None
    unread: bool = False
    end: TickedEnd | None = None
    # A table stands in the cell whose words are none of its lines.
    holds_table: bool = False

    @property
    def text(self) -> str:
        """The whole text in one line."""
        return " ".join(self.lines)


class RowOutcome(msgspec.Struct, frozen=True):
    """What became of one data row that is no rule."""

    row: int
    line: int
    reason: str


class CostTerm(msgspec.Struct, frozen=True):
    """What speaks against the reading of a table, and how much; the costs and their meaning are in `extract.interpret.costs`."""

    # The column that it is about, counted from 1; None when it is about several of them together.
    column: int | None
    cost: float
    why: str


class TableDecision(msgspec.Struct, frozen=True):
    """Why a table was read as it was, and not otherwise."""

    cost: float
    # How much more the second best reading costs, and its roles of the columns; None if there is no other reading.
    margin: float | None
    runner_up: tuple[Role, ...] | None
    terms: tuple[CostTerm, ...]


class TableReading(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one table and, for a rule table, its drafts. drafts + no_rule = data rows."""

    number: int
    line: int
    title: str
    verdict: Verdict
    # How a rule stands in the table: in a row, in a column beside the names of the fields, or in a cell; None for a table without rules.
    layout: TableLayout | None
    reason: str
    columns: tuple[Column, ...]
    header_rows: int
    data_rows: int
    drafts: tuple[Draft, ...]
    no_rule: tuple[RowOutcome, ...]
    findings: tuple[Finding, ...] = ()
    # None for a matrix, whose columns have no roles to decide, and for a table without rules.
    decision: TableDecision | None = None
    # It lays out a list in a cell of a rule table, which holds its words: it is no table of its own.
    listed: bool = False
