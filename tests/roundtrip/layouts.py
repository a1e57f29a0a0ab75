"""Other layouts than a rule in a row: cards, rules side by side, matrices of hosts, ticked columns."""

from __future__ import annotations

from dataclasses import replace

from tests.roundtrip import statements
from tests.roundtrip.draw import Draw
from tests.roundtrip.frames import WAYS, Frame, directed, neutral, owned, plain
from tests.roundtrip.model import Block, Cell, Flow, Grid, Heading, Table
from tests.roundtrip.rows import Ends, Row, draw_row, ends_of, flows_of, headers_of, merge
from tests.roundtrip.statements import Service

TICKED = ("TCP", "UDP")


def cards(draw: Draw) -> list[Block]:
    """Return tables with a field in each row: a table for each rule, or the rules side by side."""
    fields = ["source", "destination", "protocol", "port"]
    if draw.chance(0.5):
        fields.insert(0, "direction")
    if draw.chance(0.5):
        fields.append("description")
    blocks: list[Block] = [neutral(draw)]
    frame = Frame("card", ("source", "destination"))
    headers = headers_of(draw, fields)
    rows = [draw_row(draw, frame, "column", fields, None) for _ in range(draw.number(1, 3))]
    style = {"layout": "card", "frame": "card", "protocol": "column", "direction": "column" if "direction" in fields else "none"}
    if len(rows) > 1 and draw.chance(0.4):
        blocks.append(_side_by_side(draw, fields, headers, rows, style | {"layout": "rules side by side"}))
        return blocks
    for row in rows:
        grid: Grid = [[Cell((headers[kind],), header=True), row.cells[kind]] for kind in fields]
        blocks.append(Table(grid, head=0, flows=row.flows, optional=row.optional, style=dict(style)))
    return blocks


def _side_by_side(draw: Draw, fields: list[str], headers: dict[str, str], rows: list[Row], style: dict[str, str]) -> Table:
    """Return a table with a rule in each column, below a name for it."""
    names = draw.sample(draw.all("text", "descriptions"), len(rows))
    grid: Grid = [[Cell(("",), header=True), *[Cell((name,), header=True) for name in names]]]
    for kind in fields:
        if kind != "description":
            grid.append([Cell((headers[kind],), header=True), *[row.cells[kind] for row in rows]])
    optional = set().union(*[row.optional for row in rows])
    return Table(grid, flows=set().union(*[row.flows for row in rows]), optional=optional, style=style)


def matrix(draw: Draw) -> list[Block]:
    """Return sources in rows and destinations in columns, with protocol and ports where they meet."""
    names = draw.sample(draw.all("text", "names"), 6)
    sources, destinations = names[: draw.number(2, 3)], names[3 : 3 + draw.number(2, 3)]
    corner = draw.phrase("headers", "corner")
    grid: Grid = [[Cell((corner,), header=True), *[Cell((name,), header=True) for name in destinations]]]
    table = Table(grid, style={"layout": "matrix", "frame": "matrix", "protocol": "port cell"})
    nothing = draw.choose(("", "-", "-"))
    for source in sources:
        line: list[Cell | None] = [Cell((source,), header=draw.chance(0.5))]
        # A row without any port could be one that lost its cells.
        filled = draw.number(0, len(destinations) - 1)
        for place, destination in enumerate(destinations):
            if place != filled and draw.chance(0.4):
                line.append(Cell((nothing,)))
                continue
            service = Service(draw.choose((("tcp",), ("udp",))), statements.draw_ports(draw), "", ())
            service = statements.in_one_cell(draw, service)
            line.append(Cell(service.port_lines))
            table.flows |= flows_of(service, [Ends(None, (source,), (destination,))])
        grid.append(line)
    return [neutral(draw), table]


def ticks(draw: Draw) -> list[Block]:
    """Return a table with a column to tick for each transport."""
    frame = draw.choose((plain, directed, owned))(draw)
    if frame.protocol:
        return ticks(draw)
    ends = list(frame.columns)
    columns = draw.choose(([*ends, "port", *TICKED], ["port", *TICKED, *ends]))
    if draw.chance(0.6) or not ends:
        columns.append("description")
    headers = dict(zip(TICKED, TICKED, strict=True)) | headers_of(draw, [kind for kind in columns if kind not in TICKED])
    table = Table([[Cell((headers[kind],), header=True) for kind in columns]], frame.caption)
    yes, no = _marks(draw)
    above = None
    for _ in range(draw.number(2, 5)):
        # Ends and remarks as in other rows; its transports are the ticks.
        above = draw_row(draw, frame, "nowhere", columns, above)
        service = Service(statements.transports(draw), statements.draw_ports(draw), "", ())
        above.cells["port"] = Cell(statements.write_ports(draw, statements.numbers(service), False))
        above.cells |= {name: Cell((yes if name.lower() in service.protocols else no,)) for name in TICKED}
        table.grid.append([above.cells[kind] for kind in columns])
        table.flows |= flows_of(service, [ends_of(frame, above.cells)])
    if draw.chance(0.2):
        merge(table.grid, columns)
    table.style = {"layout": "ticked transports", "frame": frame.name, "protocol": "ticks"} | frame.style
    return [*frame.before, table]


def direction_ticks(draw: Draw) -> list[Block]:
    """Return a table with a column to tick for each direction."""
    columns = ["protocol", "port", "ingress", "egress", "description"]
    headers = {kind: draw.phrase("headers", kind) for kind in columns if kind not in WAYS}
    headers["ingress"], headers["egress"] = draw.both("cells", "ingress", "egress")
    table = Table([[Cell((headers[kind],), header=True) for kind in columns]])
    yes, no = _marks(draw)
    frame = Frame("ticked directions", ())
    for _ in range(draw.number(2, 5)):
        service = statements.numbered(draw, statements.transports(draw))
        ways = draw.choose((("ingress",), ("egress",), WAYS))
        row = draw_row(draw, frame, "column", columns[:2] + columns[4:], None)
        row.cells |= {"protocol": Cell((service.protocol_text,)), "port": Cell(service.port_lines)}
        row.cells |= {way: Cell((yes if way in ways else no,)) for way in WAYS}
        table.grid.append([row.cells[kind] for kind in columns])
        table.flows |= flows_of(service, [Ends(way) for way in ways])
    table.style = {"layout": "ticked directions", "frame": frame.name, "protocol": "column", "direction": "ticks"}
    return [neutral(draw), table]


def blocked(draw: Draw) -> list[Block]:
    """Return ports under a heading that says that they are blocked: to deny them is optional, to allow them is wrong."""
    frame = Frame("blocked", (), style={"action": "heading"})
    columns = ["port", "protocol", "description"]
    table = Table([[Cell((draw.phrase("headers", kind),), header=True) for kind in columns]])
    for _ in range(draw.number(1, 3)):
        row = draw_row(draw, frame, "column", columns, None)
        table.grid.append([row.cells[kind] for kind in columns])
        table.optional |= {_denied(flow) for flow in row.flows | row.optional}
    table.style = {"layout": "rows", "frame": "blocked", "protocol": "column", "action": "heading"}
    return [Heading(2, draw.phrase("titles", "blocked")), table]


def _denied(flow: Flow) -> Flow:
    return replace(flow, action="deny")


def _marks(draw: Draw) -> tuple[str, str]:
    """Return what is written where a column is ticked, and where it is not."""
    yes = draw.phrase("cells", "yes")
    # Words stand beside words, signs beside signs.
    words = [text for text in draw.all("cells", "no") if (len(text) > 1) == (len(yes) > 1) or text == ""]
    return yes, draw.choose(words)
