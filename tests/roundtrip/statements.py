"""What one rule says of protocol and ports, and the cells that say it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.roundtrip.draw import Draw

# Ports without a meaning of their own beside those that are known by everybody.
PORTS = (22, 25, 53, 80, 88, 123, 135, 161, 389, 443, 445, 636, 1433, 1521, 3306, 3389, 5432, 6443, 7001, 8080, 8443, 9092, 9443, 27017)
RANGES = ((8000, 8010), (49152, 65535), (30000, 32767), (5900, 5964), (2379, 2380), (6800, 7300), (135, 139), (16384, 32767))
LABELS: dict[str, tuple[tuple[str, ...], int]] = {
    "HTTPS": (("tcp",), 443),
    "SSH": (("tcp",), 22),
    "LDAP": (("tcp",), 389),
    "HTTP": (("tcp",), 80),
    "SNMP": (("udp",), 161),
    "NTP": (("udp",), 123),
    "DNS": (("tcp", "udp"), 53),
}
PORTLESS = ("ESP", "AH", "GRE", "VRRP", "OSPF", "IGMP")
ICMP_TYPES = {"Echo request": 8, "Echo reply": 0, "Destination unreachable": 3, "Type 8": 8, "8": 8}
DASHES = ("-", "-", "-", "–", "—", " - ", " – ")
SPACED = (", ", ", ", "; ")
CONSOLE_ALL: tuple[tuple[str, str, str, tuple[int | None, int | None]], ...] = (
    ("All traffic", "any", "All", (None, None)),
    ("All ICMP - IPv4", "icmp", "ICMP", (None, None)),
    ("All TCP", "tcp", "TCP", (0, 65535)),
)
NOTHING = ("N/A", "-", "")

Ports = tuple[tuple[int | None, int | None], ...]


@dataclass(frozen=True)
class Service:
    """The protocols and ports of one row, and what its cells hold."""

    protocols: tuple[str, ...]
    ports: Ports
    protocol_text: str
    port_lines: tuple[str, ...]
    icmp_type: int | None = None
    # Ports that may be read as well, where the row need not be understood.
    perhaps: Ports = ()
    # What a console calls the rule.
    type_text: str = ""


def draw_ports(draw: Draw) -> tuple[tuple[int, int], ...]:
    """Return one port or range, or several."""
    number = draw.choose((1, 1, 1, 2, 2, 3))
    single = [(port, port) for port in draw.sample(PORTS, number)]
    if draw.chance(0.25):
        single[-1] = draw.choose([pair for pair in RANGES if not any(pair[0] <= port <= pair[1] for port, _ in single)])
    return tuple(single)


def write_ports(draw: Draw, ports: tuple[tuple[int, int], ...], in_lines: bool) -> tuple[str, ...]:
    """Return the lines of a cell that holds ports: a list in one line, or one item in each."""
    between = draw.choose(DASHES) if draw.chance(0.8) or not draw.has("cells", "range") else f" {draw.phrase('cells', 'range')} "
    written = [str(low) if low == high else f"{low}{between}{high}" for low, high in ports]
    if len(written) == 1:
        return (_with_remark(draw, written[0], ports[0][0] == ports[0][1]),)
    if in_lines and draw.chance(0.4):
        return tuple(written)
    return (_in_one_line(draw, written),)


def _in_one_line(draw: Draw, written: list[str]) -> str:
    if draw.has("cells", "and") and draw.chance(0.15) and len(written) == 2 and all(text.isdigit() for text in written):
        word = draw.phrase("cells", "and")
        return word.join(written) if word == "、" else f"{written[0]} {word} {written[1]}"
    # `25,443` could be one number, with its thousands set apart.
    signs = SPACED if any(len(text) == 3 for text in written[1:]) else (*SPACED, ",")
    return draw.choose(signs).join(written)


def _with_remark(draw: Draw, text: str, single: bool) -> str:
    """Return a port with a remark that does not change it: that it is the default, or the mark of a note."""
    if not single or draw.chance(0.9):
        return text
    return f"{text} ({draw.phrase('cells', 'default')})" if draw.chance(0.7) else f"{text} [1]"


def draw_service(draw: Draw, in_lines: bool = True) -> Service:
    """Return what a row with a column for the protocol and one for ports says."""
    kind = draw.random.random()
    if kind < 0.06:
        return _open(draw)
    if kind < 0.14:
        return _icmp(draw)
    if kind < 0.2:
        name = draw.choose(PORTLESS)
        return Service((name.lower(),), ((None, None),), name, (draw.choose(NOTHING),))
    if kind < 0.24:
        return Service(("any",), ((None, None),), draw.phrase("cells", "any_protocol"), (draw.phrase("cells", "any_port"),))
    if kind < 0.32:
        label = draw.choose(tuple(LABELS))
        protocols, port = LABELS[label]
        return Service(protocols, ((port, port),), label, (str(port),))
    return numbered(draw, transports(draw), in_lines)


def transports(draw: Draw) -> tuple[str, ...]:
    return draw.choose((("tcp",), ("tcp",), ("tcp",), ("udp",), ("udp",), ("tcp", "udp")))


def numbered(draw: Draw, protocols: tuple[str, ...], in_lines: bool = True) -> Service:
    """Return a row of transports and ports."""
    text = draw.choose(("/", ", ")).join(protocols).upper()
    if draw.chance(0.05):
        return Service(protocols, ((0, 65535),), text, (draw.phrase("cells", "any_port"),))
    if draw.chance(0.04):
        return Service(protocols, ((1024, 65535),), text, (draw.choose(("> 1023", "1024+", ">1023", "1024-65535")),))
    ports = draw_ports(draw)
    return Service(protocols, ports, text, write_ports(draw, ports, in_lines))


def _open(draw: Draw) -> Service:
    """Return a row that leaves the port open, which states no rule that could be applied."""
    protocol = draw.choose(("tcp", "udp"))
    if draw.has("cells", "except") and draw.chance(0.3):
        port = draw.choose(PORTS)
        rest = ((0, port - 1), (1, port - 1), (port + 1, 65535))
        return Service((protocol,), (), protocol.upper(), (draw.phrase("cells", "except", port=str(port)),), perhaps=rest)
    return Service((protocol,), (), protocol.upper(), (draw.phrase("cells", "open"),))


def _icmp(draw: Draw) -> Service:
    if draw.language == "en" and draw.chance(0.5):
        words = draw.choose(tuple(ICMP_TYPES))
        return Service(("icmp",), ((None, None),), "ICMP", (words,), ICMP_TYPES[words])
    return Service(("icmp",), ((None, None),), "ICMP", (draw.choose((*NOTHING, draw.phrase("cells", "any_port"))),))


def numbers(service: Service) -> tuple[tuple[int, int], ...]:
    """Return the ports of a row that has numbers."""
    return tuple((low, high) for low, high in service.ports if low is not None and high is not None)


def in_one_cell(draw: Draw, service: Service) -> Service:
    """Return a row of transports and ports with both in the cell of the ports."""
    written = write_ports(draw, numbers(service), False)[0]
    name = "/".join(service.protocols).upper()
    alone = len(service.ports) == 1
    if "(" in written or "[" in written or not alone:
        return replace(service, port_lines=(f"{name} {written}",))
    dashed = " " not in written
    forms = [f"{name} {written}", f"{written} ({name})"]
    if dashed and len(service.protocols) == 1:
        forms += [f"{name}/{written}", f"{written}/{name}", f"{written}/{name.lower()}", f"{name.lower()}:{written}"]
    return replace(service, port_lines=(draw.choose(forms),))


def console(draw: Draw) -> Service:
    """Return a row as the console of a cloud shows it: with a type that says the same as protocol and port."""
    kind = draw.choose(("custom", "custom", "named", "all"))
    if kind == "custom":
        protocol = draw.choose(("tcp", "udp"))
        ports = draw_ports(draw)[-1:]
        text = str(ports[0][0]) if ports[0][0] == ports[0][1] else f"{ports[0][0]}{draw.choose(DASHES)}{ports[0][1]}"
        return Service((protocol,), ports, protocol.upper(), (text,), type_text=f"Custom {protocol.upper()}{draw.choose(('', ' Rule'))}")
    if kind == "named":
        name, protocol, port = draw.choose(
            (("HTTPS", "tcp", 443), ("SSH", "tcp", 22), ("HTTP", "tcp", 80), ("DNS (UDP)", "udp", 53), ("RDP", "tcp", 3389))
        )
        return Service((protocol,), ((port, port),), protocol.upper(), (str(port),), type_text=name)
    name, protocol, text, numbers = draw.choose(CONSOLE_ALL)
    return Service((protocol,), (numbers,), text, ("All" if numbers == (None, None) else "0-65535",), type_text=name)
