"""Is this a rule table, and what are its data rows: verdict with reason, header rows, group rows, drafts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from extract import vocabulary
from extract.catalogue import finding
from extract.interpret import columns as cols
from extract.interpret import context as ctx
from extract.model import Cell, Column, Draft, Finding, Grid, Page, Row, RowOutcome, Said, TableReading, Value, Verdict
from extract.normalize import direction, ports, protocol

# Header rows are looked for in the first rows only; a table of data repeats its words further down.
_HEADER_REACH = 4
_TEMPLATE = re.compile(r"^(?:\{%.*%\}|<%.*%>|\{\{[<%].*[>%]\}\}|\{:.*\}|\{[#.][\w -]+\})$")
_ENDPOINT_ROLES = frozenset({"source", "destination", "flow", "left", "right"})
_SERIAL_PORTS = 32
# Port numbers that all lie below this and count up are switch ports, not transport ports.


class _Shape(NamedTuple):
    title: str
    headers: tuple[str, ...]
    first: int
    # Index of the first data row.


def read(page: Page) -> tuple[TableReading, ...]:
    """Return the reading of every table of a page, in order."""
    surroundings = ctx.contexts(page)
    return tuple(_read_table(grid, surroundings[grid.number]) for grid in page.grids)


def _read_table(grid: Grid, context: ctx.Context) -> TableReading:
    shape = _shape(grid)
    body = [row.slots for row in grid.rows[shape.first :]]
    title = shape.title or grid.caption
    if shape.title:
        context = context._replace(caption=Said("", shape.title, grid.line, "title row"))
    columns = cols.assign(shape.headers, body) if body else ()
    verdict, reason = _judge(grid, shape, columns, body, context)
    if verdict != "rules":
        findings: tuple[Finding, ...] = ()
        if verdict == "doubtful":
            message = f"this table looks like rules but was left out: {reason}"
            findings = (finding("table-doubtful", message, line=grid.line, table=grid.number),)
        outcomes = tuple(RowOutcome(index, row.line, f"{verdict}: {reason}") for index, row in enumerate(grid.rows[shape.first :], 1))
        return TableReading(
            number=grid.number,
            line=grid.line,
            title=title,
            verdict=verdict,
            reason=reason,
            columns=columns,
            header_rows=shape.first,
            data_rows=len(body),
            drafts=(),
            no_rule=outcomes,
            findings=findings,
        )
    drafts, outcomes = _Rows(grid, shape, columns, context).read()
    return TableReading(
        number=grid.number,
        line=grid.line,
        title=title,
        verdict=verdict,
        reason=reason,
        columns=columns,
        header_rows=shape.first,
        data_rows=len(body),
        drafts=drafts,
        no_rule=outcomes,
    )


# --- header rows ------------------------------------------------------------------------------------------------------


def _shape(grid: Grid) -> _Shape:
    """Find title row, header rows and first data row. What the markup declares counts when it names columns; an empty <thead> or
    a title in it does not end the search.
    """
    rows = grid.rows
    title = ""
    index = 0
    while index < min(len(rows), _HEADER_REACH):
        row = rows[index]
        if _is_blank(row) and (index < grid.head_rows or index == 0):
            index += 1
            continue
        spanning = _spanning(row, grid.width)
        if spanning is not None and index + 1 < len(rows) and grid.width > 1 and _looks_like_header(rows[index + 1], grid, index + 1):
            title = spanning.text
            index += 1
            continue
        break
    if index < len(rows) and (index < grid.head_rows or _looks_like_header(rows[index], grid, index)):
        last = index + 1
        while last < len(rows) and (last < grid.head_rows or _continues_header(rows[last - 1], rows[last])):
            last += 1
        return _Shape(title, _header_texts(rows[index:last], grid.width), last)
    return _Shape(title, ("",) * grid.width, index if index < len(rows) else 0)


def _is_blank(row: Row) -> bool:
    return not any(cell is not None and cell.text for cell in row.slots)


def _spanning(row: Row, width: int) -> Cell | None:
    """Return the cell that fills a whole row."""
    present = {id(cell): cell for cell in row.slots if cell is not None}
    if len(present) == 1 and all(cell is not None for cell in row.slots):
        cell = next(iter(present.values()))
        return cell if cell.text and (width == 1 or cell.colspan > 1) else None
    return None


def _looks_like_header(row: Row, grid: Grid, index: int) -> bool:
    cells = [cell for cell in dict.fromkeys(row.slots) if cell is not None and cell.text]
    if not cells:
        return False
    named = sum(1 for cell in cells if len(cell.text) <= 60 and cols.propose(cols.read_header(cell.text)))
    if any(ports.parse(cell.lines).numeric and not cols.propose(cols.read_header(cell.text)) for cell in cells if len(cell.text) < 60):
        return False
    declared = index < grid.head_rows or all(cell.header for cell in cells)
    return (named >= 2 and named * 2 >= len(cells)) or (declared and named >= 1) or (grid.width == 2 and named == len(cells) == 2)


def _continues_header(above: Row, row: Row) -> bool:
    """Return whether a row under a header row is its second line: some header cell spans into it."""
    return any(cell is not None and cell is other for cell, other in zip(above.slots, row.slots, strict=True)) and any(
        cell is not None and cell.colspan > 1 for cell in above.slots
    )


def _header_texts(rows: Sequence[Row], width: int) -> tuple[str, ...]:
    texts = []
    for column in range(width):
        parts: dict[int, str] = {}
        for row in rows:
            cell = row.slots[column]
            if cell is not None and cell.text:
                parts.setdefault(id(cell), cell.text)
        texts.append(" ".join(dict.fromkeys(parts.values())))
    return tuple(texts)


# --- verdict ----------------------------------------------------------------------------------------------------------


def _judge(
    grid: Grid, shape: _Shape, columns: Sequence[Column], body: Sequence[Sequence[Cell | None]], context: ctx.Context
) -> tuple[Verdict, str]:
    roles = [column.role for column in columns]
    if not body or not any(cell is not None and cell.text for row in body for cell in row):
        return "no-rules", "no data rows"
    if grid.width < 2:
        return "no-rules", "a single column"
    has_port = "port" in roles or "port_from" in roles
    has_protocol = "protocol" in roles
    facts = {
        column.index: cols.profile([row[column.index] for row in body])
        for column in columns
        if column.role in ("port", "protocol", "type", "port_from")
    }
    composite = any(facts[column.index].composite >= 0.3 for column in columns if column.role == "port")
    sides = bool(_ENDPOINT_ROLES & set(roles))
    hardware = _header_words(shape.headers, "not_network")
    parameters = [header for header in shape.headers if vocabulary.fold(header).strip(" :") in vocabulary.words("words", "parameter")]
    if not has_port:
        return _judge_without_ports(columns, facts, roles, sides)
    if hardware and not (sides or composite):
        return (
            "doubtful" if has_protocol else "no-rules"
        ), f"a port column beside {', '.join(map(repr, hardware))}: hardware, not network ports"
    if parameters and not (sides or (has_protocol and "port" in roles and _about_ports(context))):
        return ("doubtful" if _about_ports(context) else "no-rules"), f"the column {parameters[0]!r} explains parameters"
    named = _named(columns, ("port", "port_from", "protocol", "source", "destination", "flow", "left", "right", "direction", "type"))
    if has_protocol or composite:
        return "rules", f"ports with protocols: {named}"
    if sides or "direction" in roles or ("type" in roles and facts):
        return "rules", f"ports with a side or direction: {named}"
    if any(column.hint for column in columns) or ctx.protocol_of(context):
        return "rules", f"ports of one protocol: {named}"
    if _counts_up(columns, body):
        return "doubtful", "the numbers under the port header count up from a small one, as the ports of a switch do"
    port_headers = [
        column for column in columns if column.role in ("port", "port_from") and "port" in cols.read_header(column.header).concepts
    ]
    if port_headers and (
        _about_ports(context) or any(vocabulary.fold(column.header)[-1:] == "s" for column in port_headers) or _well_known(columns, body)
    ):
        return "rules", f"a list of ports: {named}"
    return "doubtful", "a port column without protocol, side or direction, and nothing around the table speaks of ports"


def _judge_without_ports(columns: Sequence[Column], facts: dict[int, cols.Profile], roles: list[str], sides: bool) -> tuple[Verdict, str]:
    protocols = [column for column in columns if column.role in ("protocol", "type") and facts[column.index].transport >= 0.5]
    if (
        protocols
        and sides
        and ("direction" in roles or "action" in roles or {"source", "destination"} <= set(roles) or "flow" in roles or "type" in roles)
    ):
        return (
            "rules",
            f"protocols with sides: {_named(columns, ('protocol', 'type', 'source', 'destination', 'flow', 'direction', 'action'))}",
        )
    if "not_port" in roles:
        return "no-rules", next(column.why for column in columns if column.role == "not_port")
    return "no-rules", "no column holds ports"


def _named(columns: Sequence[Column], wanted: Sequence[str]) -> str:
    return ", ".join(f"{column.header!r} is {column.role}" for column in columns if column.role in wanted)


def _header_words(headers: Sequence[str], section: str) -> list[str]:
    finder = vocabulary.finder("words", section)
    return [match.group() for header in headers if (match := finder.search(vocabulary.fold(header)))]


def _about_ports(context: ctx.Context) -> bool:
    """Return whether the surroundings speak of ports, firewalls or rules."""
    texts = [context.caption.text if context.caption else "", context.title.text if context.title else ""]
    texts += [block.text for block in context.intro[:6]] + [heading.text for heading, _ in context.sections]
    return any(vocabulary.finder("words", "port_topic").search(vocabulary.fold(text)) for text in texts)


def _port_items(columns: Sequence[Column], body: Sequence[Sequence[Cell | None]]) -> list[int]:
    found: list[int] = []
    for column in columns:
        if column.role in ("port", "port_from"):
            for row in body[:200]:
                cell = row[column.index]
                if cell is not None:
                    found.extend(item.first for item in ports.parse(cell.lines).items if item.first is not None)
    return found


def _counts_up(columns: Sequence[Column], body: Sequence[Sequence[Cell | None]]) -> bool:
    numbers = _port_items(columns, body)
    return (
        bool(numbers)
        and max(numbers) <= _SERIAL_PORTS
        and (len(numbers) < 2 or all(b - a in (0, 1) for a, b in itertools.pairwise(numbers)))
    )


def _well_known(columns: Sequence[Column], body: Sequence[Sequence[Cell | None]]) -> bool:
    """Return whether at least one number is a registered service port that no other kind of port would be called."""
    numbers = set(_port_items(columns, body))
    registered = {port for port in vocabulary.service_ports().values() if port > 100 or port in (22, 25, 53, 80, 88)}
    return bool(numbers & registered)


# --- rows -------------------------------------------------------------------------------------------------------------


class _Rows:
    """Turns the data rows of one rule table into drafts; group rows change what holds for the rows below them."""

    def __init__(self, grid: Grid, shape: _Shape, columns: Sequence[Column], context: ctx.Context) -> None:
        self._grid = grid
        self._shape = shape
        self._columns = columns
        self._names = _evidence_names(shape.headers)
        roles = {column.role for column in columns}
        flow = bool({"flow", "left"} & roles) or {"source", "destination"} <= roles
        self._direction = ctx.direction_of(context, flow) or _header_direction(columns)
        self._protocol = ctx.protocol_of(context)
        self._near = ctx.near_of(context)
        self._component = ctx.component_of(context)

    def read(self) -> tuple[tuple[Draft, ...], tuple[RowOutcome, ...]]:
        drafts: list[Draft] = []
        outcomes: list[RowOutcome] = []
        for number, row in enumerate(self._grid.rows[self._shape.first :], 1):
            reason = self._no_rule(row)
            if reason:
                outcomes.append(RowOutcome(number, row.line, reason))
            else:
                drafts.append(self._draft(number, row))
        return tuple(drafts), tuple(outcomes)

    def _no_rule(self, row: Row) -> str | None:
        if _is_blank(row):
            return "empty row"
        texts = [cell.text for cell in dict.fromkeys(row.slots) if cell is not None and cell.text]
        if len(texts) == 1 and _TEMPLATE.match(texts[0]):
            return "template line"
        if self._repeats_header(row):
            return "repeated header"
        lone = self._lone_cell(row)
        if lone is not None:
            self._group(lone)
            return "group row"
        return None

    def _repeats_header(self, row: Row) -> bool:
        pairs = [(cell.text, header) for cell, header in zip(row.slots, self._shape.headers, strict=True) if cell is not None and cell.text]
        return bool(pairs) and all(vocabulary.fold(text) == vocabulary.fold(header) for text, header in pairs) and len(pairs) > 1

    def _lone_cell(self, row: Row) -> Cell | None:
        """Return the only cell of a row that labels the rows below it: one that spans the row, or a label in front of empty cells."""
        spanning = _spanning(row, self._grid.width)
        if spanning is not None and self._grid.width > 2:
            return spanning
        filled = [cell for cell in dict.fromkeys(row.slots) if cell is not None and cell.text]
        if len(filled) != 1 or self._grid.width < 3 or filled[0].rowspan > 1:
            return None
        cell = filled[0]
        role = self._columns[cell.column].role
        if role in ("port", "port_from", "protocol") and (ports.parse(cell.lines).numeric or protocol.parse(cell.lines).protocols):
            return None
        return cell if cell.column == 0 or direction.of_heading(cell.text) else None

    def _group(self, cell: Cell) -> None:
        stated = direction.of_heading(cell.text)
        if stated:
            self._direction = Said(stated, cell.text, cell.line, "group row") if stated != "mixed" else None
        if transports := [word for word in protocol.parse(cell.lines).protocols if word in vocabulary.ported()]:
            self._protocol = Said(transports[0], cell.text, cell.line, "group row") if len(transports) == 1 else self._protocol
        if name := ctx.named_group(cell.text):
            self._near = Said(name, cell.text, cell.line, "group row")
        elif ctx.names_component(cell.text):
            self._component = Said(cell.text, cell.text, cell.line, "group row")

    def _draft(self, number: int, row: Row) -> Draft:
        cells: dict[str, str] = {}
        values: dict[str, list[Value]] = {}
        seen: set[tuple[str, int]] = set()
        for column, cell in zip(self._columns, row.slots, strict=True):
            text = cell.text if cell is not None else ""
            cells[self._names[column.index]] = " ".join(cell.raw) if cell is not None and cell.raw else text
            if cell is None or (column.role, id(cell)) in seen:
                continue
            seen.add((column.role, id(cell)))
            values.setdefault(column.role, []).append(Value(cell.lines, column.header, column.hint, cell.raw))
        for index, extra in enumerate(row.surplus, 1):
            cells[f"surplus {index}"] = extra
        return Draft(
            table=self._grid.number,
            row=number,
            line=row.line,
            cells=cells,
            values={role: tuple(found) for role, found in values.items()},
            direction=(self._direction,) if self._direction else (),
            protocol=(self._protocol,) if self._protocol else (),
            near=self._near,
            component=self._component,
        )


def _header_direction(columns: Sequence[Column]) -> Said | None:
    """Return the direction that the header of an endpoint column states by itself: `Accessible by` is about incoming access."""
    for column in columns:
        if column.role == "source" and re.search(
            r"access(?:ible|ed)?\s+(?:only\s+)?(?:by|from)|allow(?:ed)?\s+from|permitted\s+from", vocabulary.fold(column.header)
        ):
            return Said("ingress", column.header, 0, "column header")
    return None


def _evidence_names(headers: Sequence[str]) -> tuple[str, ...]:
    """Return a distinct name for every column: its header, numbered when it repeats, its place when it is empty."""
    names: list[str] = []
    for index, header in enumerate(headers, 1):
        name = header or f"column {index}"
        repeated = sum(1 for other in headers[: index - 1] if other == header)
        names.append(f"{name} ({repeated + 1})" if header and repeated else name)
    return tuple(names)


def findings_of(readings: Sequence[TableReading]) -> tuple[Finding, ...]:
    """Return the findings of all readings."""
    return tuple(found for reading in readings for found in reading.findings)
