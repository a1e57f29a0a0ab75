"""Key/value tables: the first column names the fields (Protocol, Port, Source …), and each further column is a rule."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from extract import vocabulary
from extract.cells import ports
from extract.cells.reading import Cells
from extract.cells.tokens import clean
from extract.interpret import columns as cols
from extract.interpret import costs, facts, profiles
from extract.interpret.drafts import are_flows
from extract.interpret.facts import Facts
from extract.interpret.fields import field_names
from extract.interpret.headers import Header, read_header
from extract.interpret.judge import Judge
from extract.interpret.layouts import Candidate, Layout
from extract.interpret.naming import propose
from extract.interpret.notes import Notes
from extract.interpret.shape import Shape
from extract.model import FIRST_PORTS, Cell, Column, Draft, Grid, Role, RowOutcome, Value
from extract.read.places import Around
from extract.regex import late

_RULE_ROLES: frozenset[Role] = FIRST_PORTS | {"protocol", "source", "destination", "flow", "direction", "action", "type"}
# What tells a rule from a setting.
_TELLING: frozenset[Role] = frozenset({"protocol", "type", "source", "destination", "flow", "direction", "action", "near", "far"})
# At least this share of the names must be names of fields.
_FIELDS = 0.6
MAX_FIELDS = 24
"""A key/value table of more rows than this is a parameter list."""
# A name has no more words.
_NAME_WORDS = 4
_NAME_CHARS = 60
_TRANSPORT = late("tcp|udp|sctp")
_DIGIT = late(r"\d")


def read(grid: Grid, around: Around, cells: Cells) -> Candidate | None:
    """Return the reading of a table as a key/value table; None when its first column does not name fields."""
    names = _names(grid)
    first = _first(grid, names) if names else None
    if names is None or first is None:
        return None
    records = [[row.slots[column] for row in grid.rows[first:]] for column in range(1, grid.width)]
    profiled = profiles.of_columns(records, len(names) - first, cells)
    decision = cols.read(names[first:], profiled)
    columns = cols.named(names[first:], decision, profiled)
    verdict, cost, _ = Judge(Shape("", tuple(names[first:]), 0), columns, records, profiled, around, cells).judge()
    if _TELLING.isdisjoint(decision.best.roles):
        cost += costs.KEY_VALUE_ALONE
    if verdict != "rules" or cost >= costs.DOUBTFUL:
        return None
    make = partial(_layout, grid, columns, records, first, around)
    return Candidate(verdict, cost + decision.best.cost + costs.KEY_VALUE, make, decision)


def _names(grid: Grid) -> list[str] | None:
    """Return the names of the fields, if the first column can be one of names."""
    if grid.width < 2 or not 2 <= len(grid.rows) <= MAX_FIELDS + 1:
        return None
    names = [row.slots[0].text if row.slots[0] is not None else "" for row in grid.rows]
    if len(set(names)) < len(names) or any(_DIGIT.search(name) or len(name.split()) > _NAME_WORDS for name in names[1:]):
        return None
    # A quick look: without these words no name can be that of a port or of a protocol.
    folded = vocabulary.fold(" ".join(map(clean, names)))
    concepts = vocabulary.header_concepts()
    return names if _TRANSPORT.search(folded) or any(concepts[one].search(folded) for one in ("port", "protocol")) else None


def _first(grid: Grid, names: Sequence[str]) -> int | None:
    """Return the first row of fields, behind one of titles; None when the names are not those of the fields of a rule."""
    top = [read_header(cell.text) for cell in grid.rows[0].slots if cell is not None]
    if len({propose(header) for header in top if header.concepts} & (_RULE_ROLES | {"description"})) > 1:
        return None
    roles = [_role(name) for name in names]
    first = 0 if roles[0] in _RULE_ROLES else 1
    if first and names[0] and not all(_is_title(header) for header in top[1:]):
        # `Name | Type | Default | Description` heads a list of parameters, some called `port`. Above an empty corner stand names.
        return None
    fields = roles[first:]
    enough = len(_RULE_ROLES & set(fields)) > 1 and sum(map(bool, fields)) >= _FIELDS * len(fields)
    return first if enough else None


def _is_title(header: Header) -> bool:
    """Return whether a cell above a column of values can be the name of a rule, or says that values stand below it."""
    return propose(header) in ("", "near", "service") or vocabulary.fold(header.text) in vocabulary.words("value_column")


def _role(name: str) -> Role:
    """Return the role of a field; a transport alone (`TCP`) proposes a column of ports as a header, but is a value here."""
    header = read_header(name)
    return propose(header) if header.concepts and len(header.text) <= _NAME_CHARS else ""


def _layout(grid: Grid, columns: tuple[Column, ...], records: Sequence[Sequence[Cell | None]], first: int, around: Around) -> Layout:
    places = around()
    held, differing = facts.of_table(places, columns, are_flows(columns))
    notes, fields = Notes(grid, places), [row.slots[0] for row in grid.rows[first:]]
    main = _main(columns)
    titles = [cell.text if first and cell is not None else "" for cell in grid.rows[0].slots[1:]]
    drafts = tuple(
        notes.on(_record(grid, columns, record, title, main + first, held, first), (*record, *fields))
        for record, title in zip(records, titles, strict=True)
        if any(cell is not None and (cell.text or cell.holds_table) for cell in record)
    )
    field = f"a field of the rules in row {main + 1}"
    outcomes = tuple(RowOutcome(number, row.line, field) for number, row in enumerate(grid.rows[first:], 1) if number != main + 1)
    named_fields = ", ".join(f"{column.header!r} is {column.role}" for column in columns if column.role in _RULE_ROLES)
    return Layout("key/value", columns, first, f"a key/value table: {named_fields}", drafts, outcomes, differing)


def _main(columns: Sequence[Column]) -> int:
    """Return the field in whose row a rule stands: that of its ports, or of its protocol where it has none."""
    ported = [column.index for column in columns if column.role in FIRST_PORTS]
    return min(ported or [column.index for column in columns if column.role in ("protocol", "type", "icmp")])


def _record(grid: Grid, columns: Sequence[Column], record: Sequence[Cell | None], title: str, main: int, held: Facts, first: int) -> Draft:
    cells: dict[str, str] = {}
    values: dict[Role, tuple[Value, ...]] = {}
    names, heading = field_names([column.header for column in columns])
    for column, name, cell in zip(columns, names, record, strict=True):
        cells[name] = cell.text if cell is not None else ""
        if cell is not None:
            said = (column.way, column.composite, column.action, column.unread)
            value = Value(cell.lines, column.header, column.hint, cell.raw, *said, holds_table=cell.holds_table)
            values[column.role] = (*values.get(column.role, ()), value)
    if title and not ports.is_none(title) and vocabulary.fold(title) not in vocabulary.words("value_column"):
        cells[heading] = title
        values["service"] = (Value((title,), ""), *values.get("service", ()))
    return Draft(table=grid.number, row=main - first + 1, line=grid.rows[main].line, cells=cells, values=values, facts=held)
