"""Is it a rule table? The verdict with its reason: rules, no rules, or doubtful."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from extract import vocabulary
from extract.cells.reading import Cells
from extract.interpret import facts as surrounding
from extract.interpret.headers import read_header
from extract.interpret.profiles import Profile
from extract.interpret.shape import Shape
from extract.model import FIRST_PORTS, FLOWS, Cell, Column, Grid, Role, Verdict
from extract.read.places import Around

# What tells that a table is about network ports: titles, and the sentences in front of it.
_TELLING = frozenset({"caption", "title row", "heading", "page title"})
_TELLING_REACH = 6
# What the reason of a verdict names, in tables of ports, of ICMP types, and of protocols without ports.
_STATING: frozenset[Role] = FIRST_PORTS | FLOWS | {"protocol", "direction", "type"}
_ICMP_STATING: frozenset[Role] = frozenset({"icmp", "icmp_code", "protocol", "source", "destination", "direction"})
_PROTOCOL_STATING: frozenset[Role] = frozenset({"protocol", "type", "source", "destination", "flow", "direction", "action"})
# Port numbers that all lie below this and count up are switch ports, not transport ports.
_SERIAL_PORTS = 32


def judge(
    grid: Grid,
    shape: Shape,
    columns: Sequence[Column],
    body: Sequence[Sequence[Cell | None]],
    facts: Sequence[Profile],
    around: Around,
    cells: Cells,
) -> tuple[Verdict, str]:
    """Return the verdict on a table and its reason. A port column alone is not enough: something must make it a network port.

    `facts` holds what the cells of each column parse as, and `cells` what each of them says.
    """
    roles = [column.role for column in columns]
    if not body or not any(cell is not None and cell.lines for row in body for cell in row):
        return "no-rules", "no data rows"
    if grid.width < 2:
        return "no-rules", "a single column"
    has_port = not FIRST_PORTS.isdisjoint(roles)
    has_protocol = "protocol" in roles
    marked = any(column.role == "mark" and column.hint for column in columns)
    composite = marked or any(facts[column.index].reaches("composite", 0.3) for column in columns if column.role == "port")
    sides = not FLOWS.isdisjoint(roles)
    hardware = _header_words(shape.headers, "not_network")
    parameters = [header for header in shape.headers if vocabulary.fold(header).strip(" :") in vocabulary.words("parameter")]
    printed = [header for header in shape.headers if vocabulary.fold(header).strip(" :") in vocabulary.words("command_output")]
    if len(printed) > 1:
        return "no-rules", f"the output of a command: {', '.join(map(repr, printed))}"
    logged = [header for header in shape.headers if vocabulary.fold(header).strip(" :") in vocabulary.words("log_header")]
    if logged and ("source_port" in roles or not has_port):
        return "no-rules", f"records of a log: {', '.join(map(repr, logged))}"
    if not has_port:
        return _judge_without_ports(columns, facts, roles, sides, around)
    transports = any(facts[column.index].reaches("transport", 0.5) for column in columns if column.role == "protocol")
    if hardware and not (composite or (sides and transports)):
        reason = f"a port column beside {', '.join(map(repr, hardware))}: hardware, not network ports"
        return "doubtful" if transports else "no-rules", reason
    if parameters and not (sides or (has_protocol and "port" in roles and _about_ports(around))):
        return "doubtful" if transports else "no-rules", f"the column {parameters[0]!r} explains parameters"
    named = _named(columns, _STATING)
    if has_protocol or composite:
        return "rules", f"ports with protocols: {named}"
    if sides or "direction" in roles or "type" in roles:
        return "rules", f"ports with a side or direction: {named}"
    if any(column.hint for column in columns) or surrounding.nearest("protocol", around()):
        return "rules", f"ports of one protocol: {named}"
    if _counts_up(columns, body, cells):
        return "no-rules", "the numbers under the port header count up from a small one, as the ports of a switch do"
    port_headers = [column for column in columns if column.role in FIRST_PORTS and "port" in read_header(column.header).concepts]
    if port_headers and (_about_ports(around) or _well_known(columns, body, cells)):
        return "rules", f"a list of ports: {named}"
    if not port_headers:
        return "no-rules", "numbers in the range of ports, but no header calls them ports"
    return "doubtful", "a port column without protocol, side or direction, and nothing around the table speaks of ports"


def _judge_without_ports(
    columns: Sequence[Column], facts: Sequence[Profile], roles: list[Role], sides: bool, around: Around
) -> tuple[Verdict, str]:
    if "icmp" in roles and (
        any("icmp" in read_header(column.header).concepts for column in columns)
        or "protocol" in roles
        or ((stated := surrounding.nearest("protocol", around())) is not None and stated.value.endswith("icmp"))
    ):
        return "rules", f"ICMP types: {_named(columns, _ICMP_STATING)}"
    protocols = [column for column in columns if column.role in ("protocol", "type") and facts[column.index].reaches("transport", 0.5)]
    if (
        protocols
        and sides
        and ("direction" in roles or "action" in roles or {"source", "destination"} <= set(roles) or "flow" in roles or "type" in roles)
    ):
        return "rules", f"protocols with sides: {_named(columns, _PROTOCOL_STATING)}"
    if "not_port" in roles:
        return "no-rules", next(column.why for column in columns if column.role == "not_port")
    return "no-rules", "no column holds ports"


def _named(columns: Sequence[Column], wanted: Collection[Role]) -> str:
    return ", ".join(f"{column.header!r} is {column.role}" for column in columns if column.role in wanted)


def _header_words(headers: Sequence[str], section: str) -> list[str]:
    finder = vocabulary.finder(section)
    return [found.word for header in headers if (found := finder.search(vocabulary.fold(header)))]


def _about_ports(around: Around) -> bool:
    """Return whether the surroundings speak of ports, firewalls or rules."""
    finder = vocabulary.finder("port_topic")
    near = (place for place in around() if place.kind in _TELLING or place.distance < _TELLING_REACH)
    return any(finder.search(vocabulary.fold(place.text)) for place in near if place.scope != "page" or place.is_title)


def _port_items(columns: Sequence[Column], body: Sequence[Sequence[Cell | None]], cells: Cells) -> list[int]:
    found: list[int] = []
    for column in columns:
        if column.role in FIRST_PORTS:
            for row in body[:200]:
                cell = row[column.index]
                if cell is not None:
                    found.extend(item.first for item in cells[cell.lines].ports.items if item.first is not None)
    return found


def _counts_up(columns: Sequence[Column], body: Sequence[Sequence[Cell | None]], cells: Cells) -> bool:
    """Return whether the numbers start at the first socket and go up within what a device has of them."""
    numbers = _port_items(columns, body, cells)
    return bool(numbers) and numbers[0] <= 2 and max(numbers) <= _SERIAL_PORTS and all(a <= b for a, b in itertools.pairwise(numbers))


def _well_known(columns: Sequence[Column], body: Sequence[Sequence[Cell | None]], cells: Cells) -> bool:
    """Return whether at least one number is a registered service port that no other kind of port would be called."""
    numbers = set(_port_items(columns, body, cells))
    registered = {port for port in vocabulary.service_ports().values() if port > 100 or port in (22, 25, 53, 80, 88)}
    return bool(numbers & registered)
