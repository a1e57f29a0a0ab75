"""Tables whose rules do not run along rows: key/value tables, and matrices of hosts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from extract import vocabulary
from extract.cells import ports
from extract.cells.reading import Cells, Reading
from extract.cells.tokens import clean
from extract.interpret import columns as cols
from extract.interpret import facts, profiles
from extract.interpret.drafts import are_flows, field_names
from extract.interpret.facts import Facts
from extract.interpret.headers import propose, read_header
from extract.interpret.shape import Shape
from extract.model import FIRST_PORTS, Cell, Column, Draft, Finding, Grid, Role, Row, RowOutcome, TableLayout, Value
from extract.read.places import Around
from extract.regex import late

_RULE_ROLES: frozenset[Role] = FIRST_PORTS | {"protocol", "source", "destination", "flow", "direction", "action", "type"}
_FIELDS = 0.6
# A key/value table of more rows than this is a parameter list.
_MAX_FIELDS = 24
_CORNER = late(r"[\\/→>]")
_TRANSPORT = late("tcp|udp|sctp")


class Layout(msgspec.Struct, frozen=True):
    """One way to read a table, and what it gives: the columns, the rows of the header, the rows that state rules and those that do not."""

    name: TableLayout
    columns: tuple[Column, ...]
    first: int
    reason: str
    drafts: tuple[Draft, ...]
    no_rule: tuple[RowOutcome, ...]
    findings: tuple[Finding, ...] = ()


def transposed(grid: Grid, context: Around, cells: Cells) -> Layout | None:
    """Read a table whose first column names the fields (Protocol, Port, Source …), one rule for each further column."""
    if grid.width < 2 or not 2 <= len(grid.rows) <= _MAX_FIELDS + 1:
        return None
    names = [row.slots[0].text if row.slots[0] is not None else "" for row in grid.rows]
    if len(set(names)) < len(names) or any(re.search(r"\d", name) or len(name.split()) > 4 for name in names[1:]):
        return None
    top = {propose(header) for cell in grid.rows[0].slots if cell is not None and (header := read_header(cell.text)).concepts}
    if len(top & (_RULE_ROLES | {"description"})) > 1:
        return None
    folded = vocabulary.fold(" ".join(map(clean, names)))
    if not (_TRANSPORT.search(folded) or vocabulary.header_concepts()["port"].search(folded)):
        # A quick look: without these words no name can be that of a port.
        return None
    headers = [read_header(name) for name in names]
    # A transport alone (`TCP`) proposes a port column as a header, but is a value here.
    roles: list[Role] = [propose(header) if header.concepts and len(header.text) <= 60 else "" for header in headers]
    first = 0 if roles[0] in _RULE_ROLES else 1
    if first and any(propose(read_header(cell.text)) not in ("", "near", "service") for cell in grid.rows[0].slots[1:] if cell):
        # `Name | Type | Default | Description` heads a list of parameters, some of which are called `port`.
        return None
    fields = roles[first:]
    named = [role for role in fields if role]
    if FIRST_PORTS.isdisjoint(fields) or len(_RULE_ROLES & set(fields)) < 2 or len(named) < _FIELDS * len(fields):
        return None
    records = [[row.slots[column] for row in grid.rows[first:]] for column in range(1, grid.width)]
    columns = cols.assign(names[first:], records, profiles.of_columns(records, len(names) - first, cells), cells)
    port = next((column.index for column in columns if column.role in FIRST_PORTS), None)
    if port is None or not any(_numeric(cells[cell.lines]) for record in records if (cell := record[port]) is not None):
        return None
    held, differing = facts.of_table(context(), columns, are_flows(columns))
    titles = [cell.text if first and cell is not None else "" for cell in grid.rows[0].slots[1:]]
    drafts = [
        _record(grid, columns, record, title, port + first, held, first)
        for record, title in zip(records, titles, strict=True)
        if any(cell is not None and cell.text for cell in record)
    ]
    main = port + 1
    numbered = enumerate(grid.rows[first:], 1)
    outcomes = [RowOutcome(number, row.line, f"a field of the rules in row {main}") for number, row in numbered if number != main]
    named_fields = ", ".join(f"{column.header!r} is {column.role}" for column in columns if column.role in _RULE_ROLES)
    reason = f"a key/value table: {named_fields}"
    return Layout("key/value", columns, first, reason, tuple(drafts), tuple(outcomes), differing)


def _record(grid: Grid, columns: Sequence[Column], record: Sequence[Cell | None], title: str, port: int, held: Facts, first: int) -> Draft:
    cells: dict[str, str] = {}
    values: dict[Role, tuple[Value, ...]] = {}
    names, heading = field_names([column.header for column in columns])
    for column, name, cell in zip(columns, names, record, strict=True):
        cells[name] = cell.text if cell is not None else ""
        if cell is not None:
            value = Value(cell.lines, column.header, column.hint, cell.raw, column.way, column.composite)
            values[column.role] = (*values.get(column.role, ()), value)
    if title and not ports.is_none(title) and vocabulary.fold(title) not in vocabulary.words("value_column"):
        cells[heading] = title
        values["service"] = (Value((title,), ""), *values.get("service", ()))
    return Draft(table=grid.number, row=port - first + 1, line=grid.rows[port].line, cells=cells, values=values, facts=held)


def matrix(grid: Grid, header: Shape, context: Around, cells: Cells) -> Layout | None:
    """Read a matrix of hosts: sources in the first column, destinations in the header, ports in the cells."""
    if header.first == 0 or grid.width < 3 or len(grid.rows) - header.first < 2:
        return None
    # Under a header row `Source | Destination` the last header row holds the names.
    last = grid.rows[header.first - 1].slots
    names = tuple(cell.text if cell is not None else "" for cell in last[1:])
    corner_text = (
        " ".join(dict.fromkeys(text for line in header.lines for text in line if text)) if len(header.lines) > 1 else header.headers[0]
    )
    body = grid.rows[header.first :]
    rows = [row.slots[0].text if row.slots[0] is not None else "" for row in body]
    fields = {propose(read_header(name)) for name in names}
    if fields & {"port", "protocol", "description", "source_port"} or any(map(_is_number, rows)):
        return None
    shared = {vocabulary.fold(name) for name in names} & {vocabulary.fold(name) for name in rows if name}
    if len(shared) * 2 < min(len(names), len(rows)) and not (_is_corner(corner_text) or _names_both_sides(corner_text)):
        return None
    if not _is_numeric(body, cells):
        return None
    turned = _names_both_sides(corner_text) and _destination_first(corner_text)
    held, differing = facts.of_table(context(), (), True)
    drafts: list[Draft] = []
    outcomes: list[RowOutcome] = []
    for number, (row, name) in enumerate(zip(body, rows, strict=True), 1):
        made = _matrix_row(grid, names, row.slots, name, (number, row.line), held, turned)
        drafts.extend(made)
        if not made:
            outcomes.append(RowOutcome(number, row.line, "no ports in this row of the matrix"))
    sides: tuple[Role, Role] = ("destination", "source") if turned else ("source", "destination")
    columns = (
        Column(0, header.headers[0], sides[0], "the first column of a matrix"),
        *(Column(index, name, "port", f"ports; its header is the {sides[1]}") for index, name in enumerate(names, 1)),
    )
    return Layout("matrix", columns, header.first, "a matrix of hosts with ports in its cells", tuple(drafts), tuple(outcomes), differing)


def _matrix_row(
    grid: Grid, names: Sequence[str], slots: Sequence[Cell | None], name: str, place: tuple[int, int], held: Facts, turned: bool
) -> list[Draft]:
    found: list[Draft] = []
    seen: dict[int, list[str]] = {}
    for header, cell in zip(names, slots[1:], strict=True):
        if cell is not None and not ports.is_none(cell.text):
            seen.setdefault(id(cell), []).append(header)
    by_id = {id(cell): cell for cell in slots[1:] if cell is not None}
    for key, headers in seen.items():
        cell = by_id[key]
        values: dict[Role, tuple[Value, ...]] = {
            "port": (Value(cell.lines, " / ".join(headers), None, cell.raw),),
            "destination" if turned else "source": (Value((name,), ""),),
            "source" if turned else "destination": (Value(tuple(headers), ""),),
        }
        cells = {"row": name, "column": " / ".join(headers), "cell": cell.text}
        found.append(Draft(table=grid.number, row=place[0], line=place[1], cells=cells, values=values, facts=held))
    return found


def _is_corner(text: str) -> bool:
    """Return whether the corner of a matrix says that rows and columns are the two ends: `From / To`."""
    folded = vocabulary.fold(text)
    return _CORNER.search(folded) is not None or any(vocabulary.finder(section).search(folded) for section in ("from", "to"))


def _names_both_sides(corner: str) -> bool:
    return {"source", "destination"} <= read_header(corner).concepts


def _destination_first(corner: str) -> bool:
    source, destination = (vocabulary.header_concepts()[side].search(vocabulary.fold(corner)) for side in ("source", "destination"))
    # `From \ To` names the rows first, `To / From` the columns' side first: rows are what stands first.
    return bool(destination and source and destination.start < source.start)


def _numeric(read: Reading) -> bool:
    return len(read.text) <= ports.MAX_CHARS and read.ports.numeric


def _is_numeric(body: Sequence[Row], cells: Cells) -> bool:
    """Return whether most cells beside the first column name ports; those of a table of prose show early that they do not."""
    distinct = Counter(cell.lines for row in body for cell in row.slots[1:] if cell is not None)
    filled = [(read, count) for lines, count in distinct.items() if not (read := cells[lines]).none]
    number = sum([count for _, count in filled])
    others = 0
    for read, count in filled:
        if not _numeric(read):
            others += count
            if number - others < _FIELDS * number:
                return False
    return bool(number)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d\s,./-]+", text))
