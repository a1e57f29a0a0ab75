"""The layout that most tables have: a rule in a row, its fields in columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tests.roundtrip import statements
from tests.roundtrip.draw import GROUPS, Draw
from tests.roundtrip.frames import WAYS, Frame
from tests.roundtrip.model import Cell, Flow, Grid, Table
from tests.roundtrip.statements import Service

# Where a table states the protocol.
FORMS = ("column",) * 7 + ("port cell",) * 2 + ("header", "nowhere", "type", "two columns")
# What only some languages have, and the header that they need for it.
RARE = {"type": "type", "two columns": "port_from"}
COLUMNS = {
    "column": ("protocol", "port"),
    "header": ("tcp_port", "udp_port"),
    "type": ("type", "protocol", "port"),
    "two columns": ("protocol", "port_from", "port_to"),
}
PAIRED = ("tcp_port", "udp_port", "port_from", "port_to")
ARROWS = (" → ", " -> ", " --> ")


@dataclass
class Row:
    """What one row says, by kind of column, and the rules that this makes."""

    cells: dict[str, Cell]
    flows: set[Flow]
    optional: set[Flow] = field(default_factory=set)


@dataclass(frozen=True)
class Ends:
    """The direction of a row and its ends; a row of both directions has two of these."""

    direction: str | None
    sources: tuple[str | None, ...] = (None,)
    destinations: tuple[str | None, ...] = (None,)


def flows_of(service: Service, ends: list[Ends], action: str = "allow") -> set[Flow]:
    """Return a rule for each of everything that a row lists."""
    return {
        Flow(action, one.direction, protocol, low, high, service.icmp_type, source, destination)
        for one in ends
        for protocol in service.protocols
        for low, high in service.ports
        for source in one.sources
        for destination in one.destinations
    }


def rows_table(draw: Draw, frame: Frame) -> Table:
    """Return a table below a frame, with a rule in each row."""
    form = "title" if frame.protocol else draw.choose([form for form in FORMS if form not in RARE or draw.has("headers", RARE[form])])
    columns = _columns(draw, frame, form)
    headers = headers_of(draw, columns)
    table = Table([[Cell((headers[kind],), header=True) for kind in columns]], frame.caption)
    _fill(draw, table, frame, form, columns)
    merged = draw.chance(0.3) and merge(table.grid, columns)
    table.style = _style(frame, form, columns, table.grid, merged)
    if draw.language == "en":
        table.style |= {f"header of {kind}": headers[kind] for kind in columns if kind in ("source", "destination", "protocol", "port")}
    return table


def _fill(draw: Draw, table: Table, frame: Frame, form: str, columns: list[str]) -> None:
    """Draw the rows of a table, below labels where its frame groups them."""
    above: Row | None = None
    for label in draw.sample(WAYS, 2) if frame.grouped else [None]:
        if label:
            table.grid.append(_label_row(draw, label, len(columns)))
        for _ in range(draw.number(1, 3 if label else 5)):
            above = draw_row(draw, replace(frame, direction=label or frame.direction), form, columns, above)
            table.grid.append([above.cells[kind] for kind in columns])
            table.flows |= above.flows
            table.optional |= above.optional


def _style(frame: Frame, form: str, columns: list[str], grid: Grid, merged: bool) -> dict[str, str]:
    """Return which choices a table was made by."""
    style = {"layout": "rows", "frame": frame.name, "protocol": form, "merged": "yes" if merged else "no"}
    style["action"] = "column" if "action" in columns else "none"
    style["lists"] = "lines" if any(len(cell.lines) > 1 for line in grid for cell in line if cell) else "in one line"
    return style | frame.style


def _label_row(draw: Draw, way: str, width: int) -> list[Cell | None]:
    words = draw.phrase("titles", way)
    return [Cell((words,), header=draw.chance(0.4), colspan=width), *[None] * (width - 1)]


def _columns(draw: Draw, frame: Frame, form: str) -> list[str]:
    """Return the kinds of columns, in an order that tables have."""
    ports = list(COLUMNS.get(form, ("port",)))
    if form in ("column", "header") and draw.chance(0.4):
        ports.reverse()
    ends = list(frame.columns)
    if draw.chance(0.05) and "source" in ends:
        ends.insert(ends.index("source") + 1, "source_port")
    columns = ends + ports if draw.chance(0.6) else ports + ends
    if draw.chance(0.2) and form != "type":
        columns.insert(0, "service")
    if draw.chance(0.15):
        columns.append("action")
    if draw.chance(0.7) or len(columns) < 2:
        columns.append("description")
    return columns


def headers_of(draw: Draw, columns: list[str]) -> dict[str, str]:
    """Return the header of each column; those of some belong together."""
    headers = {kind: draw.phrase("headers", "direction" if kind == "words" else kind) for kind in columns if kind not in PAIRED}
    if "source" in columns and "destination" in columns:
        headers["source"], headers["destination"] = draw.pair()
    for one, other in (("tcp_port", "udp_port"), ("port_from", "port_to")):
        if one in columns:
            headers[one], headers[other] = draw.both("headers", one, other)
    return headers


def draw_row(draw: Draw, frame: Frame, form: str, columns: list[str], above: Row | None) -> Row:
    """Return one row; the columns that often are merged may repeat what stands above."""
    cells: dict[str, Cell] = {}
    ends = _ends(draw, frame, columns, cells, above)
    in_lines = not _has_lines(cells)
    action = _action(draw, columns, cells)
    for kind in ("description", "service"):
        if kind in columns:
            cells[kind] = Cell((draw.phrase("text", "descriptions"),))
    if "source_port" in columns:
        cells["source_port"] = Cell((draw.choose(("1024-65535", draw.phrase("cells", "any_port"))),))
    if form == "header":
        return _split_row(draw, ends, action, cells)
    service = _service(draw, frame, form, in_lines)
    cells |= {"port": Cell(service.port_lines), "protocol": Cell((service.protocol_text,)), "type": Cell((service.type_text,))}
    if form == "two columns":
        ((low, high),) = service.ports
        cells |= {"port_from": Cell((str(low),)), "port_to": Cell((str(high),))}
    return Row(cells, flows_of(service, ends, action), flows_of(replace(service, ports=service.perhaps), ends, action))


def _service(draw: Draw, frame: Frame, form: str, in_lines: bool) -> Service:
    if form == "column":
        return statements.draw_service(draw, in_lines)
    if form == "type":
        return statements.console(draw)
    protocols = (frame.protocol,) if frame.protocol else statements.transports(draw)
    if form == "two columns":
        return Service(protocols, statements.draw_ports(draw)[-1:], "/".join(protocols).upper(), ())
    if form == "port cell":
        ports = statements.draw_ports(draw)
        return statements.in_one_cell(draw, Service(protocols, ports, "", ()))
    service = statements.numbered(draw, protocols, in_lines)
    return replace(service, protocols=()) if form == "nowhere" else service


def _split_row(draw: Draw, ends: list[Ends], action: str, cells: dict[str, Cell]) -> Row:
    """Return a row with a column of ports for each transport, one of which may be empty."""
    flows: set[Flow] = set()
    used = draw.choose((("tcp",), ("udp",), ("tcp", "udp")))
    for protocol in ("tcp", "udp"):
        if protocol in used:
            ports = statements.draw_ports(draw)
            cells[f"{protocol}_port"] = Cell(statements.write_ports(draw, ports, False))
            flows |= flows_of(Service((protocol,), ports, "", ()), ends, action)
        else:
            cells[f"{protocol}_port"] = Cell((draw.choose(("", "-", "N/A")),))
    return Row(cells, flows)


def _action(draw: Draw, columns: list[str], cells: dict[str, Cell]) -> str:
    if "action" not in columns:
        return "allow"
    action = "deny" if draw.chance(0.3) else "allow"
    cells["action"] = Cell((draw.phrase("cells", action),))
    return action


def _ends(draw: Draw, frame: Frame, columns: list[str], cells: dict[str, Cell], above: Row | None) -> list[Ends]:
    """Return the ends and the directions of a row, and fill the cells that state them."""
    if "flow" in columns:
        source, destination = draw.sample(draw.all("text", "names"), 2)
        cells["flow"] = Cell((f"{source}{draw.choose(ARROWS)}{destination}",))
        return [Ends(None, (source,), (destination,))]
    directions = _directions(draw, frame, columns, cells)
    named: dict[str, tuple[str | None, ...]] = {}
    for kind in ("source", "destination", "peer", "near", "group"):
        if kind in columns:
            cells[kind] = _repeated(draw, kind, cells, above) or _end_cell(draw, kind, cells)
            named[kind] = names_of(cells[kind])
    if "words" in columns:
        (name,) = named["peer"] = (draw.phrase("text", "names"),)
        cells["words"] = Cell((draw.phrase("cells", f"{directions[0]}_words", end=name),))
    return [_placed(direction, named, frame.owner) for direction in directions]


def _placed(direction: str | None, named: dict[str, tuple[str | None, ...]], owner: str | None) -> Ends:
    """Return what is named on its side: the near side is where traffic of the direction comes in or goes out."""
    near = named.get("near", named.get("group", (owner,)))
    far = named.get("peer", (None,))
    source, destination = (near, far) if direction == "egress" else (far, near)
    return Ends(direction, named.get("source", source), named.get("destination", destination))


def ends_of(frame: Frame, cells: dict[str, Cell]) -> Ends:
    """Return the ends that the cells of a row and its frame state."""
    named: dict[str, tuple[str | None, ...]] = {kind: names_of(cells[kind]) for kind in ("source", "destination") if kind in cells}
    return _placed(frame.direction, named, frame.owner)


def names_of(cell: Cell) -> tuple[str | None, ...]:
    """Return the ends that a cell lists."""
    return cell.lines if len(cell.lines) > 1 else tuple(cell.lines[0].split(SPLIT))


# Between the names of a cell that lists them in one line; no name of one end holds it.
SPLIT = ", "


def _repeated(draw: Draw, kind: str, cells: dict[str, Cell], above: Row | None) -> Cell | None:
    """Return the cell above, at times, as long as no two cells of a row have lines: these could belong to each other line by line."""
    if above is None or draw.chance(0.65) or (len(above.cells[kind].lines) > 1 and _has_lines(cells)):
        return None
    return above.cells[kind]


def _has_lines(cells: dict[str, Cell]) -> bool:
    return any(len(cell.lines) > 1 for cell in cells.values())


def _end_cell(draw: Draw, kind: str, cells: dict[str, Cell]) -> Cell:
    if kind == "group":
        return Cell((draw.choose(GROUPS),))
    if kind == "near":
        return Cell((draw.phrase("text", "names"),))
    taken = [cell.text for cell in cells.values()]
    names = draw.ends(several=True)
    while names[0] in taken:
        names = draw.ends(several=True)
    if len(names) > 1 and (draw.chance(0.5) or _has_lines(cells)):
        return Cell((SPLIT.join(names),))
    return Cell(names)


def _directions(draw: Draw, frame: Frame, columns: list[str], cells: dict[str, Cell]) -> tuple[str | None, ...]:
    if "direction" not in columns and "words" not in columns:
        return (frame.direction,)
    # Both directions between two named ends may be two flows without one: not on these pages.
    if "words" not in columns and "source" not in columns and draw.chance(0.1):
        cells["direction"] = Cell((draw.phrase("cells", "both"),))
        return WAYS
    direction = draw.choose(WAYS)
    cells["direction"] = Cell((draw.phrase("cells", direction),))
    return (direction,)


def merge(grid: Grid, columns: list[str]) -> bool:
    """Merge cells that repeat the one above, in columns that state ends and protocols; return whether there were any."""
    merged = False
    for column, kind in enumerate(columns):
        if kind not in ("source", "destination", "peer", "near", "group", "protocol", "direction"):
            continue
        top = 0
        for row in range(1, len(grid)):
            first, cell = grid[top][column], grid[row][column]
            if first and cell and not first.header and first == replace(cell, rowspan=first.rowspan) and cell.colspan == 1:
                grid[top][column] = replace(first, rowspan=first.rowspan + 1)
                grid[row][column] = None
                merged = True
            else:
                top = row
    return merged
