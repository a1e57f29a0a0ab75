"""The port grammar: what the words and numbers of a port cell state.

The tables below are written as documentation writes port cells. What a cell states is a set of atoms, one for each port or
range and protocol: `443/tcp`, `8000-8010`, `any/udp`; a protocol without ports stands alone (`esp`), whatever number is beside
it; ICMP with type and code is `icmp 8/0`; words that leave a port open are in angle quotes (`«dynamic»/tcp`).
"""

import itertools
import re
import unicodedata

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from extract import vocabulary
from extract.cells import port_line, ports, tokens
from extract.cells.ports import Item, PortCell

PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)
WITH_PORTS = {"tcp", "udp", "sctp", "dccp", "udplite", "any"}


def span(item: Item) -> str:
    if item.any:
        return "any"
    if item.first is None or item.last is None:
        return f"«{item.said}»"
    return str(item.first) if item.first == item.last else f"{item.first}-{item.last}"


def atoms(cell: PortCell) -> set[str]:
    found = set()
    for item in cell.items:
        for keyword in item.protocols or ("",):
            found.add(keyword if keyword and keyword not in WITH_PORTS else f"{span(item)}/{keyword}".rstrip("/"))
    if cell.icmp is not None:
        found.add(f"icmp {cell.icmp[0]}" + ("" if cell.icmp[1] is None else f"/{cell.icmp[1]}"))
    elif not cell.items:
        found.update(keyword for keyword in cell.protocols if keyword not in WITH_PORTS)
    return found


def stated(*lines: str) -> set[str]:
    return atoms(ports.parse(lines))


def labels(*lines: str) -> dict[str, set[str]]:
    """Return port -> the application labels that stand beside it."""
    found: dict[str, set[str]] = {}
    for item in ports.parse(lines).items:
        found.setdefault(span(item), set()).update(word.casefold() for word in item.labels)
    return found


# --- one port ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "443",
            " 443 ",
            "443.",
            "443,",
            "443;",
            "443:",
            "(443)",
            "[443]",
            '"443"',
            "'443'",
            "`443`",
            "**443**",
            ":443",
            "４４３",
            "\u00a0443",
        ),
        *("443*", "443**", "443 *", "443¹", "443²", "443†", "443 †", "443[2]", "443 [1]", "443[^1]"),
        *("443 (*)", "443^1^", "443^(2)^"),
        *("port 443", "Port: 443", "Port 443", "ports 443", "port number 443", "Port=443", "443 port"),
        *("443 (default)", "443 by default", "443 (by default)", "Default: 443", "default is 443", "443 (configurable)", "443 or custom"),
        *(
            "443 (required)",
            "443 (optional)",
            "443 (if TLS is used)",
            "443 (see Note 2)",
            "443 (since version 7.1)",
            "443 inbound",
            "443 (outbound)",
        ),
        *("443 (Windows 2019)", "443 (2008 OS and later)", "443 (step 3)", "443 (TLS 1.2)", "443 (RFC 2818)"),
        *("puerto 443", "porta 443", "Port 443 (standardmäßig)", "port 443 (par défaut)", "443 (por defecto)", "443 (padrão)"),
        *("ポート 443", "ポート443", "ポート：443", "443番", "443（既定）", "端口 443", "端口443", "端口：443", "443端口", "443（默认）"),
        *("포트 443", "포트443", "443 포트", "443번 포트", "443(기본)", "cổng 443", "443 (mặc định)", "порт 443", "443 (по умолчанию)"),
        # an address and its port
        *("0.0.0.0:443", "*:443", "[::]:443"),
    ],
)
def test_one_port(cell: str):
    assert stated(cell) == {"443"}


@pytest.mark.parametrize(
    "cell",
    [
        *("443/tcp", "443/TCP", "443 / TCP", "tcp/443", "TCP / 443", "tcp:443", "TCP: 443", "443:tcp", "443: TCP", "TCP=443", "TCP (443)"),
        *(
            "TCP 443",
            "443 TCP",
            "443 (TCP)",
            "443(tcp)",
            "443 [TCP]",
            "TCP(443)",
            "(TCP) 443",
            "443, TCP",
            "TCP, 443",
            "443 | TCP",
            "TCP | 443",
        ),
        *("tcp-443", "TCP - 443", "443-TCP", "443 – TCP", "tcp_443", "TCP443", "tcp443", "443TCP", "443tcp", "ＴＣＰ　４４３"),
        *("TCP port 443", "TCP Port: 443", "TCP-Port 443", "Port 443/TCP", "Port TCP 443", "port 443 (TCP)", "443 over TCP", "443 via TCP"),
        *(
            "443 (TCP only)",
            "443 TCP only",
            "443 (over TCP)",
            "TCPv4 443",
            "TCP6 443",
            "TCP/IP 443",
            "443/TCP (IPv6)",
            "TCP 443.",
            "TCP 443*",
        ),
        *("puerto TCP 443", "porta TCP 443", "TCP-Port 443 (standardmäßig)", "TCPポート443", "TCP ポート 443", "TCP端口443", "TCP 443端口"),
        *("TCP 端口 443", "TCP 포트 443", "TCP 443번", "cổng TCP 443", "порт TCP 443", "443（TCP）"),
        *("0.0.0.0:443/tcp", ":443/tcp", "tcp://0.0.0.0:443"),
    ],
)
def test_one_port_and_its_transport(cell: str):
    assert stated(cell) == {"443/tcp"}


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "53 TCP/UDP",
            "53/TCP/UDP",
            "53 TCP, UDP",
            "53 (TCP/UDP)",
            "53 (TCP, UDP)",
            "53 (TCP and UDP)",
            "53 (both TCP and UDP)",
            "53 tcp+udp",
        ),
        *(
            "TCP/UDP 53",
            "TCP/UDP: 53",
            "TCP and UDP 53",
            "TCP & UDP 53",
            "TCP, UDP 53",
            "UDP/TCP 53",
            "TCP+UDP: 53",
            "tcp|udp 53",
            "53 TCP & UDP",
        ),
        *(
            "53/tcp, 53/udp",
            "53/tcp and 53/udp",
            "tcp/53, udp/53",
            "tcp:53,udp:53",
            "TCP 53; UDP 53",
            "53 TCP, 53 UDP",
            "53 (TCP), 53 (UDP)",
        ),
        *(
            "TCP und UDP 53",
            "TCP et UDP 53",
            "TCP y UDP 53",
            "TCP e UDP 53",
            "TCP и UDP 53",
            "TCP、UDP 53",
            "TCP和UDP 53",
            "53（TCP、UDP）",
        ),
    ],
)
def test_one_port_of_two_transports(cell: str):
    assert stated(cell) == {"53/tcp", "53/udp"}


# --- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "80, 443",
            "80,443",
            "80 ,443",
            "80; 443",
            "80;443",
            "80/443",
            "80 / 443",
            "80 | 443",
            "80 & 443",
            "80&443",
            "80 443",
            "[80,443]",
        ),
        *(
            "80 and 443",
            "80 or 443",
            "80 and/or 443",
            "80, and 443",
            "80 + 443",
            "80+443",
            "ports 80 and 443",
            "Port 80 or 443",
            "(80, 443)",
        ),
        *(
            "80 und 443",
            "80 oder 443",
            "80 sowie 443",
            "80 et 443",
            "80 ou 443",
            "80 y 443",
            "80 o 443",
            "80 e 443",
            "80 и 443",
            "80 или 443",
        ),
        *(
            "80、443",
            "80，443",
            "80；443",
            "80 和 443",
            "80和443",
            "80 及 443",
            "80および443",
            "80または443",
            "80 및 443",
            "80 또는 443",
            "80 và 443",
        ),
        *("puertos 80 y 443", "portas 80 e 443", "порты 80 и 443", "80 (default), 443 (if TLS)", "80*, 443**", "80¹, 443²"),
    ],
)
def test_a_list(cell: str):
    assert stated(cell) == {"80", "443"}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("80,443,8080", "80 443 8080"),
        ("22,443,902", "22 443 902"),
        ("135, 445, 5985", "135 445 5985"),
        ("20/21", "20 21"),
        ("5060/5061", "5060 5061"),
        ("8080 (default), 8443 (if TLS)", "8080 8443"),
        ("137-139, 445", "137-139 445"),
        ("80,443-445,8080", "80 443-445 8080"),
        ("49,152-65,535, 80", "49152-65535 80"),
        ("50,000 through 59,999", "50000-59999"),
    ],
)
def test_lists_of_ports_and_ranges(cell: str, expected: str):
    assert stated(cell) == set(expected.split())


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        # the transport first
        ("TCP 80, 443", "80/tcp 443/tcp"),
        ("TCP: 80, 443", "80/tcp 443/tcp"),
        ("TCP 80 and 443", "80/tcp 443/tcp"),
        ("TCP (80, 443)", "80/tcp 443/tcp"),
        ("TCP ports 80, 443", "80/tcp 443/tcp"),
        ("tcp:80,443", "80/tcp 443/tcp"),
        ("tcp/80/443", "80/tcp 443/tcp"),
        ("TCP 80, 443; UDP 53", "80/tcp 443/tcp 53/udp"),
        ("TCP 80, 443, UDP 53", "80/tcp 443/tcp 53/udp"),
        ("TCP: 80, 443; UDP: 53", "80/tcp 443/tcp 53/udp"),
        ("TCP 80 UDP 53", "80/tcp 53/udp"),
        ("TCP:80 UDP:53", "80/tcp 53/udp"),
        ("TCP80/UDP53", "80/tcp 53/udp"),
        ("TCP-80, UDP-53", "80/tcp 53/udp"),
        ("UDP 137/138, TCP 139/445", "137/udp 138/udp 139/tcp 445/tcp"),
        ("TCP 80, 443, 8000-8100", "80/tcp 443/tcp 8000-8100/tcp"),
        ("TCP 80-90, 100-110; UDP 53", "80-90/tcp 100-110/tcp 53/udp"),
        ("TCP/UDP 88, TCP 389", "88/tcp 88/udp 389/tcp"),
        ("TCP & UDP 88, TCP 389", "88/tcp 88/udp 389/tcp"),
        ("TCP 389, TCP/UDP 88", "88/tcp 88/udp 389/tcp"),
        ("TCP 389; TCP and UDP 88", "88/tcp 88/udp 389/tcp"),
        ("(TCP) 80, (UDP) 53", "80/tcp 53/udp"),
        # the transport behind
        ("80, 443 TCP", "80/tcp 443/tcp"),
        ("80, 443 (TCP)", "80/tcp 443/tcp"),
        ("80,443/tcp", "80/tcp 443/tcp"),
        ("80/443/tcp", "80/tcp 443/tcp"),
        ("80 and 443 (TCP)", "80/tcp 443/tcp"),
        ("5060/5061 TCP", "5060/tcp 5061/tcp"),
        ("80/tcp, 443/tcp, 53/udp", "80/tcp 443/tcp 53/udp"),
        ("80, 443/tcp, 53/udp", "80/tcp 443/tcp 53/udp"),
        ("80/tcp 53/udp", "80/tcp 53/udp"),
        ("80 TCP 53 UDP", "80/tcp 53/udp"),
        ("80 (TCP), 53 (UDP)", "80/tcp 53/udp"),
        ("80 (TCP) 53 (UDP)", "80/tcp 53/udp"),
        ("80-TCP, 53-UDP", "80/tcp 53/udp"),
        ("80:tcp,53:udp", "80/tcp 53/udp"),
        ("137, 138 UDP; 139, 445 TCP", "137/udp 138/udp 139/tcp 445/tcp"),
        ("80-90 TCP, 100-110 UDP", "80-90/tcp 100-110/udp"),
        ("88 TCP/UDP, 389 TCP, 636 TCP", "88/tcp 88/udp 389/tcp 636/tcp"),
        ("88 (TCP, UDP), 389 (TCP)", "88/tcp 88/udp 389/tcp"),
        ("389/tcp, 88/tcp/udp", "88/tcp 88/udp 389/tcp"),
        ("443/TCP (inbound), 53/UDP (outbound)", "443/tcp 53/udp"),
        ("443 TCP and 53 UDP", "443/tcp 53/udp"),
        ("Ports 80, 443 (TCP) and 53 (UDP)", "80/tcp 443/tcp 53/udp"),
        # a bare number before a transport that belongs to the number behind it
        ("443, UDP 53", "443 53/udp"),
        ("443; UDP 53", "443 53/udp"),
        ("443 and UDP 53", "443 53/udp"),
        ("80, 443 and UDP 53", "80 443 53/udp"),
        ("443, UDP 53, TCP 80", "443 53/udp 80/tcp"),
        # one of each; the nearer transport counts; a bracket ends what stands before it
        ("53 TCP, UDP 80", "53/tcp 80/udp"),
        ("TCP 80, 443 UDP", "80/tcp 443/udp"),
        ("TCP (80, 443), 53", "80/tcp 443/tcp 53"),
        ("TCP 80, 443, UDP", "80/tcp 443/tcp «UDP»/udp"),
    ],
)
def test_each_number_has_its_own_transport(cell: str, expected: str):
    assert stated(cell) == set(expected.split())


# --- ranges -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "8000-8010",
            "8000 - 8010",
            "8000- 8010",
            "8000 -8010",
            "8000–8010",
            "8000 – 8010",
            "8000—8010",
            "8000‑8010",
            "8000−8010",
            "8000 -- 8010",
        ),
        *("8000 to 8010", "8000 through 8010", "8000 thru 8010", "ports 8000 through 8010", "from 8000 to 8010", "8000 to 8010 inclusive"),
        *(
            "between 8000 and 8010",
            "8000..8010",
            "8000...8010",
            "8000~8010",
            "8000 ~ 8010",
            "8000～8010",
            "8000〜8010",
            "8000:8010",
            "[8000-8010]",
        ),
        *(
            "8000 bis 8010",
            "von 8000 bis 8010",
            "8000 à 8010",
            "de 8000 à 8010",
            "8000 a 8010",
            "8000 al 8010",
            "8000 até 8010",
            "8000 hasta 8010",
        ),
        *(
            "8000 đến 8010",
            "8000 до 8010",
            "с 8000 до 8010",
            "8000から8010",
            "8000から8010まで",
            "8000 から 8010",
            "8000到8010",
            "8000至8010",
        ),
        *(
            "8000 至 8010",
            "8000부터 8010까지",
            "８０００－８０１０",
            "8,000-8,010",
            "8 000-8 010",
            "8.000-8.010",
            "range 8000 8010",
            "range 8000-8010",
        ),
        *(
            "8000-8010*",
            "8000-8010 (default)",
            "8000-8010 (configurable)",
            "(8000-8010)",
            "`8000-8010`",
            r"8000\-8010",
            "8000\u00a0-\u00a08010",
        ),
    ],
)
def test_one_range(cell: str):
    assert stated(cell) == {"8000-8010"}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("UDP 33434-33534", "33434-33534/udp"),
        ("33434-33534/udp", "33434-33534/udp"),
        ("33434–33534 (UDP)", "33434-33534/udp"),
        ("udp:33434-33534", "33434-33534/udp"),
        ("udp-33434-33534", "33434-33534/udp"),
        ("5432:5434", "5432-5434"),
        ("5432:5434/tcp", "5432-5434/tcp"),
        ("49152–65535", "49152-65535"),
        ("49152-65535 (dynamic)", "49152-65535"),
        ("Dynamic (49152-65535)", "49152-65535"),
        ("Dynamic: 49152-65535", "49152-65535"),
        ("dynamic TCP ports 49152-65535", "49152-65535/tcp"),
        ("49,152 to 65,535", "49152-65535"),
        ("TCP 30000-32767, UDP 30000-32767", "30000-32767/tcp 30000-32767/udp"),
        ("0-65535", "0-65535"),
        ("1-65535/tcp", "1-65535/tcp"),
        ("tcp range 8000 8100", "8000-8100/tcp"),
    ],
)
def test_ranges(cell: str, expected: str):
    assert stated(cell) == set(expected.split())


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        # from a number on
        ("1024+", "1024-65535"),
        ("1024 +", "1024-65535"),
        ("1024 and above", "1024-65535"),
        ("1024 and higher", "1024-65535"),
        ("1024 and up", "1024-65535"),
        ("1024 or above", "1024-65535"),
        ("1024 or greater", "1024-65535"),
        (">= 1024", "1024-65535"),
        (">=1024", "1024-65535"),
        ("≥ 1024", "1024-65535"),
        ("greater than or equal to 1024", "1024-65535"),
        ("1,024+", "1024-65535"),
        ("1,024 and above", "1024-65535"),
        ("1024 und höher", "1024-65535"),
        ("1024 et plus", "1024-65535"),
        ("1024 y superiores", "1024-65535"),
        ("1024 e superiores", "1024-65535"),
        ("1024以上", "1024-65535"),
        ("1024 以上", "1024-65535"),
        ("1024及以上", "1024-65535"),
        ("1024이상", "1024-65535"),
        ("1024 이상", "1024-65535"),
        ("1024 trở lên", "1024-65535"),
        ("1024 и выше", "1024-65535"),
        ("49,152+", "49152-65535"),
        ("49,152 and above", "49152-65535"),
        ("TCP 1024+", "1024-65535/tcp"),
        ("1024+/udp", "1024-65535/udp"),
        # above a number
        ("> 1023", "1024-65535"),
        (">1023", "1024-65535"),
        (">1024", "1025-65535"),
        ("> 1,023", "1024-65535"),
        ("> 49,151", "49152-65535"),
        ("above 1023", "1024-65535"),
        ("greater than 1023", "1024-65535"),
        ("higher than 1023", "1024-65535"),
        ("gt 1023", "1024-65535"),
        ("TCP > 1023", "1024-65535/tcp"),
        ("tcp gt 1023", "1024-65535/tcp"),
        # below a number
        ("< 1024", "0-1023"),
        ("<= 1023", "0-1023"),
        ("up to 1023", "0-1023"),
    ],
)
def test_open_ended(cell: str, expected: str):
    assert stated(cell) == {expected}


@pytest.mark.parametrize(
    ("cell", "port"),
    [
        ("5000 + node number", "5000"),
        ("5000+n", "5000"),
        ("9000 + <index>", "9000"),
        ("80 + 443", "80"),
        ("HTTPS over 443", "443"),
        ("TCP over 443", "443"),
        ("SSL over 636", "636"),
        ("443 and upload", "443"),
        ("443 and updates", "443"),
    ],
)
def test_what_is_not_open_ended(cell: str, port: str):
    """`5000 + n` is a sum, `over 443` a preposition and `and up` no beginning of `upload`: none opens every port above."""
    assert not any(item.last == 65535 for item in ports.parse((cell,)).items)
    assert any(item.first == int(port) == item.last for item in ports.parse((cell,)).items) or not ports.parse((cell,)).numeric


@pytest.mark.parametrize("lines", [("49152-", "65535"), ("49152 -", "65535"), ("49152", "- 65535"), ("49152", "-65535")])
def test_a_range_that_is_wrapped_at_its_dash(lines: tuple[str, ...]):
    assert stated(*lines) == {"49152-65535"}


# --- every port, no port, an open port --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Any", "any"),
        ("ANY", "any"),
        ("All", "any"),
        ("*", "any"),
        ("any port", "any"),
        ("All ports", "any"),
        ("any/any", "any"),
        ("All TCP", "any/tcp"),
        ("Any TCP", "any/tcp"),
        ("TCP any", "any/tcp"),
        ("TCP/*", "any/tcp"),
        ("tcp:*", "any/tcp"),
        ("*/tcp", "any/tcp"),
        ("TCP (all)", "any/tcp"),
        ("all TCP ports", "any/tcp"),
        ("All UDP ports", "any/udp"),
        ("any UDP port", "any/udp"),
        ("TCP all ports", "any/tcp"),
        ("All TCP/UDP", "any/tcp any/udp"),
        ("alle", "any"),
        ("beliebig", "any"),
        ("tous", "any"),
        ("todos", "any"),
        ("qualquer", "any"),
        ("tutti", "any"),
        ("すべて", "any"),
        ("任意", "any"),
        ("所有", "any"),
        ("모두", "any"),
        ("tất cả", "any"),
        ("любой", "any"),
    ],
)
def test_every_port(cell: str, expected: str):
    assert stated(cell) == set(expected.split())


@pytest.mark.parametrize("cell", ["all high ports", "TCP all high ports", "high ports", "all dynamic ports", "any ephemeral port"])
def test_some_ports_are_not_every_port(cell: str):
    assert not any(item.any for item in ports.parse((cell,)).items)


@pytest.mark.parametrize(
    "cell",
    [
        *("", " ", "-", "--", "–", "—", "/", ".", "...", "…", "x", "N/A", "n/a", "NA", "None", "none", "not applicable", "N/A*"),
        *(
            "keine",
            "entfällt",
            "aucun",
            "sans objet",
            "ninguno",
            "no aplica",
            "nenhum",
            "nessuno",
            "なし",
            "无",
            "不适用",
            "없음",
            "không",
            "нет",
        ),
    ],
)
def test_none(cell: str):
    assert ports.parse((cell,)) == PortCell(none=True)


def test_no_line_is_none():
    assert ports.parse(()) == PortCell(none=True)
    assert ports.parse(("", "-", "N/A")) == PortCell(none=True)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "User-defined",
            "User-defined range",
            "user defined",
            "Custom",
            "Configurable",
            "Dynamic",
            "dynamic ports",
            "Ephemeral",
            "ephemeral ports",
        ),
        *(
            "Random",
            "random high port",
            "varies",
            "Variable",
            "various",
            "TBD",
            "Depends on configuration",
            "negotiated",
            "customer-defined",
        ),
        *(
            "see Note 1",
            "See note 1.",
            "Note 3",
            "RFC 1918",
            "see table 2",
            "<port>",
            "<mountd port>",
            "{port}",
            "{{ port }}",
            "${PORT}",
            "%PORT%",
        ),
        *(
            "dynamisch",
            "konfigurierbar",
            "dynamique",
            "aléatoire",
            "dinámico",
            "aleatorio",
            "dinâmico",
            "動的",
            "动态",
            "動態",
            "동적",
            "động",
        ),
        *("динамический", "動的ポート", "动态端口"),
        # a version, an address, an amount: digits, but no port
        *(
            "2.1",
            "v3",
            "v10",
            "Windows 2019",
            "Windows Server 2019",
            "10.0.0.0/8",
            "192.168.1.1",
            "100%",
            "443rd party",
            "#443",
            "fe80::1",
            "2001:db8::1",
        ),
    ],
)
def test_words_in_place_of_a_port(cell: str):
    read = ports.parse((cell,))
    assert read.variable == cell
    assert not read.numeric
    assert not read.none


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("TCP dynamic", "«TCP dynamic»/tcp"),
        ("dynamic TCP", "«dynamic TCP»/tcp"),
        ("UDP high ports", "«UDP high ports»/udp"),
        ("TCP <port>", "«TCP <port>»/tcp"),
        ("TCP/UDP random", "«TCP/UDP random»/tcp «TCP/UDP random»/udp"),
    ],
)
def test_an_open_port_of_a_stated_transport(cell: str, expected: str):
    assert stated(cell) == set(re.findall(r"«[^»]*»/\w+", expected))


@pytest.mark.parametrize(
    "cell", ["Windows Server 2016 445", "445 (Windows Server 2016)", "445 on Windows 2016", "SMB v3 445", "445 (SMB 3.1.1)"]
)
def test_versions_beside_a_port_are_no_ports(cell: str):
    assert stated(cell) == {"445"}


@pytest.mark.parametrize("cell", ["-1", "443%", "4.43", "1.443"])
def test_digits_that_are_part_of_something_else_are_no_port(cell: str):
    assert not any(item.first is not None for item in ports.parse((cell,)).items)


@pytest.mark.parametrize("cell", ["TCP 443b", "TCP 4.43", "TCP #443", "UDP v3 port", "TCP.443"])
def test_a_transport_beside_digits_that_are_not_understood_is_an_open_port(cell: str):
    """The row must not look as if it named no port at all."""
    assert ports.parse((cell,)).items


@pytest.mark.parametrize("cell", ["all TCP ports except 22", "TCP 1024-65535 except 3389", "any port, excluding 25"])
def test_what_is_left_out_is_not_what_is_stated(cell: str):
    read = ports.parse((cell,))
    assert [(item.first, item.any, item.said) for item in read.items] == [(None, False, cell)]


@pytest.mark.parametrize("cell", ["SSH (configurable)", "RPC dynamic ports"])
def test_a_label_of_an_open_port_is_kept(cell: str):
    assert [(item.first, item.said, item.labels) for item in ports.parse((cell,)).items] == [(None, cell, (cell[:3],))]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("TCP", ("tcp",)),
        ("TCP/UDP", ("tcp", "udp")),
        ("UDP only", ("udp",)),
        ("ESP", ("esp",)),
        ("all traffic", ("any",)),
        ("Any protocol", ("any",)),
    ],
)
def test_a_protocol_without_a_port(cell: str, expected: tuple[str, ...]):
    read = ports.parse((cell,))
    assert read.protocols == read.stated == expected
    assert read.items == ()


# --- application labels -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "443 (HTTPS)",
            "443 HTTPS",
            "443/HTTPS",
            "443-HTTPS",
            "443 – HTTPS",
            "443: HTTPS",
            "443 = HTTPS",
            "443, HTTPS",
            "443（HTTPS）",
            "443 https",
        ),
        *("HTTPS (443)", "HTTPS 443", "HTTPS/443", "HTTPS-443", "HTTPS – 443", "HTTPS: 443", "HTTPS port 443", "https:443", "HTTPS（443）"),
    ],
)
def test_a_label_beside_its_port(cell: str):
    assert stated(cell) == {"443"}
    assert labels(cell) == {"443": {"https"}}


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "80 (HTTP), 161 (SNMP)",
            "80 HTTP, 161 SNMP",
            "80/HTTP, 161/SNMP",
            "80 - HTTP, 161 - SNMP",
            "80: HTTP; 161: SNMP",
            "80 HTTP; 161 SNMP",
        ),
        *(
            "HTTP (80), SNMP (161)",
            "HTTP 80, SNMP 161",
            "HTTP/80, SNMP/161",
            "HTTP - 80, SNMP - 161",
            "HTTP: 80; SNMP: 161",
            "SNMP 161 and HTTP 80",
        ),
        *("80（HTTP）、161（SNMP）", "HTTP: 80 / SNMP: 161"),
    ],
)
def test_each_port_has_its_own_label(cell: str):
    assert stated(cell) == {"80", "161"}
    assert labels(cell) == {"80": {"http"}, "161": {"snmp"}}


@pytest.mark.parametrize(
    "cell",
    [
        *("443/tcp (HTTPS), 53/udp (DNS)", "443/TCP HTTPS, 53/UDP DNS", "443 TCP (HTTPS), 53 UDP (DNS)", "443 (TCP, HTTPS), 53 (UDP, DNS)"),
        *("443/tcp - HTTPS, 53/udp - DNS", "443 TCP HTTPS, 53 UDP DNS", "443 HTTPS TCP, 53 DNS UDP", "443/TCP/HTTPS, 53/UDP/DNS"),
        *("TCP 443 (HTTPS), UDP 53 (DNS)", "TCP 443 HTTPS, UDP 53 DNS", "TCP: 443 (HTTPS); UDP: 53 (DNS)", "TCP/443 (HTTPS), UDP/53 (DNS)"),
        *("tcp:443 (https), udp:53 (dns)", "TCP 443 - HTTPS, UDP 53 - DNS", "UDP 53 (DNS), TCP 443 (HTTPS)", "TCP 443: HTTPS; UDP 53: DNS"),
        *("HTTPS TCP 443, DNS UDP 53", "HTTPS TCP/443, DNS UDP/53", "HTTPS: TCP 443, DNS: UDP 53", "HTTPS - TCP 443, DNS - UDP 53"),
        *(
            "HTTPS (TCP 443), DNS (UDP 53)",
            "HTTPS (TCP/443), DNS (UDP/53)",
            "HTTPS (443/TCP), DNS (53/UDP)",
            "HTTPS (443 TCP), DNS (53 UDP)",
        ),
        *("HTTPS 443/tcp, DNS 53/udp", "HTTPS: 443/tcp, DNS: 53/udp", "HTTPS 443 (TCP), DNS 53 (UDP)", "DNS 53/udp, HTTPS 443/tcp"),
    ],
)
def test_each_port_has_its_own_transport_beside_labels(cell: str):
    assert stated(cell) == {"443/tcp", "53/udp"}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("TCP 80 (HTTP), 443 (HTTPS)", "80/tcp 443/tcp"),
        ("TCP 80 HTTP, 443 HTTPS", "80/tcp 443/tcp"),
        ("TCP: 80 (HTTP), 443 (HTTPS); UDP: 161 (SNMP)", "80/tcp 443/tcp 161/udp"),
        ("TCP 25 (SMTP), 465 (SMTPS), 587", "25/tcp 465/tcp 587/tcp"),
        ("UDP: 161 (SNMP), 162 (SNMP traps)", "161/udp 162/udp"),
        ("UDP 67-68 (DHCP), UDP 69 (TFTP), TCP 80", "67-68/udp 69/udp 80/tcp"),
        ("VXLAN (UDP 4789)", "4789/udp"),
        ("BGP TCP/179", "179/tcp"),
        ("DNS (TCP/UDP 53)", "53/tcp 53/udp"),
        ("DNS (53 TCP/UDP), NTP (123 UDP)", "53/tcp 53/udp 123/udp"),
        ("LDAP TCP/UDP 389, LDAPS TCP 636", "389/tcp 389/udp 636/tcp"),
    ],
)
def test_labels_do_not_carry_transports_over(cell: str, expected: str):
    assert stated(cell) == set(expected.split())


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("HTTP", "80"),
        ("https", "443"),
        ("SSH", "22"),
        ("www", "80"),
        ("smtp", "25"),
        ("domain", "53"),
        ("ntp", "123"),
        ("http, https", "80 443"),
        ("smtp and domain", "25 53"),
        ("ssh/telnet", "22 23"),
        ("tcp/https", "443/tcp"),
        ("https/tcp", "443/tcp"),
        ("TCP https", "443/tcp"),
        ("www/tcp", "80/tcp"),
        ("TCP www", "80/tcp"),
        ("udp domain", "53/udp"),
        ("www, 443", "80 443"),
        ("TCP www, 443", "80/tcp 443/tcp"),
    ],
)
def test_a_service_name_in_place_of_a_number_is_its_registered_port(cell: str, expected: str):
    assert stated(cell) == set(expected.split())


@pytest.mark.parametrize(
    "cell", ["9100 printer", "443 auth", "22 shell", "TCP 8443 login", "8080 (auth, login)", "443 - shell access", "8443 for login"]
)
def test_a_service_name_beside_a_number_is_no_second_port(cell: str):
    assert len(ports.parse((cell,)).items) == 1


@pytest.mark.parametrize("cell", ["HTTPS", "SSH", "domain"])
def test_a_service_name_in_place_of_a_number_is_also_a_label(cell: str):
    """A label in the port cell stands in place of the protocol."""
    assert [item.labels for item in ports.parse((cell,)).items] == [(cell,)]


# --- protocols without ports ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("ESP", "esp"),
        ("ESP (50)", "esp"),
        ("50 (ESP)", "esp"),
        ("50/ESP", "esp"),
        ("GRE 47", "gre"),
        ("VRRP (112)", "vrrp"),
        ("IP protocol 50 (ESP)", "esp"),
        ("IP protocol 50", "esp"),
        ("IP Protocol 47", "gre"),
        ("IP protocol number 51", "ah"),
        ("protocol 112", "vrrp"),
        ("IP 50", "esp"),
        ("UDP 500, UDP 4500, ESP", "500/udp 4500/udp esp"),
        ("ESP, UDP 500, UDP 4500", "500/udp 4500/udp esp"),
        ("UDP 500, 4500, ESP (50)", "500/udp 4500/udp esp"),
        ("UDP 500, UDP 4500, IP protocol 50", "500/udp 4500/udp esp"),
        ("UDP 500, IP 50, UDP 4500", "500/udp 4500/udp esp"),
        ("TCP 1723, GRE", "1723/tcp gre"),
        ("TCP 1723 and GRE", "1723/tcp gre"),
        ("TCP 1723, IP protocol 47 (GRE)", "1723/tcp gre"),
        ("TCP 443, ICMP", "443/tcp icmp"),
        ("ICMP and TCP 443", "443/tcp icmp"),
    ],
)
def test_protocols_without_ports(cell: str, expected: str):
    assert stated(cell) == set(expected.split())


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("ICMP type 8 code 0", "icmp 8/0"),
        ("ICMP type 8", "icmp 8"),
        ("ICMP Type: 3, Code: 4", "icmp 3/4"),
        ("type 8", "icmp 8"),
        ("ICMPv6 type 128", "icmp 128"),
    ],
)
def test_icmp_types_are_no_ports(cell: str, expected: str):
    assert stated(cell) == {expected}
    assert not ports.parse((cell,)).numeric


# --- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("80", "443"), "80 443"),
        (("80", "443 (default)"), "80 443"),
        (("80", "-", "443"), "80 443"),
        (("80,", "443"), "80 443"),
        (("80/", "443"), "80 443"),
        (("80", "and 443"), "80 443"),
        (("80/tcp", "53/udp"), "80/tcp 53/udp"),
        (("TCP 80", "UDP 53"), "80/tcp 53/udp"),
        (("TCP: 80, 443", "UDP: 53"), "80/tcp 443/tcp 53/udp"),
        (("TCP 443 (HTTPS)", "UDP 53 (DNS)"), "443/tcp 53/udp"),
        # a transport in a line of its own: behind the numbers, or before them
        (("80", "TCP"), "80/tcp"),
        (("80", "443", "TCP"), "80/tcp 443/tcp"),
        (("53", "TCP/UDP"), "53/tcp 53/udp"),
        (("53", "TCP", "UDP"), "53/tcp 53/udp"),
        (("443", "(TCP)"), "443/tcp"),
        (("443", "/tcp"), "443/tcp"),
        (("80", "TCP", "53", "UDP"), "80/tcp 53/udp"),
        (("TCP", "80"), "80/tcp"),
        (("TCP:", "80", "443"), "80/tcp 443/tcp"),
        (("TCP/UDP", "53"), "53/tcp 53/udp"),
        (("TCP", "UDP", "53"), "53/tcp 53/udp"),
        (("TCP", "80", "443", "UDP", "53"), "80/tcp 443/tcp 53/udp"),
        (("TCP:", "80", "UDP:", "53"), "80/tcp 53/udp"),
        (("UDP", "53, 88", "TCP", "80"), "53/udp 88/udp 80/tcp"),
        # a label in a line of its own names the port beside it, and no second one
        (("HTTP", "8080"), "8080"),
        (("8080", "HTTP"), "8080"),
        (("HTTPS", "8443", "HTTP", "8080"), "8443 8080"),
        (("SSH", "22"), "22"),
        (("HTTPS", "TCP"), "443/tcp"),
        (("TCP", "HTTPS"), "443/tcp"),
        # a heading of the numbers below it
        (("RPC dynamic ports", "49152-65535"), "49152-65535"),
        (("RPC/DCOM high ports (2008 OS and later)", "49152-65535"), "49152-65535"),
        # a protocol without ports among ports
        (("UDP 500", "UDP 4500", "ESP"), "500/udp 4500/udp esp"),
        (("ESP", "UDP 500", "UDP 4500"), "500/udp 4500/udp esp"),
        (("UDP 500", "ESP", "UDP 4500"), "500/udp 4500/udp esp"),
        (("TCP 1723", "GRE"), "1723/tcp gre"),
        (("TCP 443", "ICMP"), "443/tcp icmp"),
        (("ICMP", "TCP 443"), "443/tcp icmp"),
        (("TCP 443", "UDP 53", "ICMP"), "443/tcp 53/udp icmp"),
        (("ESP", "AH"), "esp ah"),
        # every port of one transport
        (("All TCP ports", "UDP 53"), "any/tcp 53/udp"),
        (("TCP any", "UDP 53"), "any/tcp 53/udp"),
    ],
)
def test_lines(lines: tuple[str, ...], expected: str):
    assert stated(*lines) == set(expected.split())


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("TCP any, UDP 53", "any/tcp 53/udp"), ("TCP 80, UDP any", "80/tcp any/udp"), ("Any TCP, UDP 53", "any/tcp 53/udp")],
)
def test_every_port_of_one_transport_beside_ports_of_another(cell: str, expected: str):
    assert stated(cell) == set(expected.split())


def test_each_item_knows_its_line():
    assert [(item.first, item.line) for item in ports.parse(("80, 443", "", "53")).items] == [(80, 0), (443, 0), (53, 2)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("443 →",), {443: "->"}),
        (("443 --->",), {443: "->"}),
        (("443 <---",), {443: "<-"}),
        (("443 <--->",), {443: "<->"}),
        (("443 ↔",), {443: "<->"}),
        (("443 --->", "5723 <---"), {443: "->", 5723: "<-"}),
        (("443", "--->"), {443: "->"}),
        (("any → 443",), {443: "->"}),
        (("443 ↔ 443",), {443: "<->"}),
        (("443-445",), {443: None}),
        (("> 1023",), {1024: None}),
    ],
)
def test_arrows(lines: tuple[str, ...], expected: dict[int, str | None]):
    assert {item.first: item.arrow for item in ports.parse(lines).items} == expected


# --- what is wrong, and what is not understood ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("65536", "port-out-of-range"),
        ("99999", "port-out-of-range"),
        ("TCP 123456", "port-out-of-range"),
        ("60000-70000", "port-out-of-range"),
        ("90-80", "range-reversed"),
        ("8080:80/tcp", "range-reversed"),
        ("65535", None),
        ("0", None),
        ("0-65535", None),
        ("443", None),
        ("> 1023", None),
        ("dynamic", None),
        ("any", None),
    ],
)
def test_problems(cell: str, problem: str | None):
    assert [item.problem for item in ports.parse((cell,)).items] == [problem]


# --- words beside ports -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        # A spreadsheet makes a date of `8-10`.
        ("10-Aug", {"«10-Aug»"}),
        ("8-Okt", {"«8-Okt»"}),
        ("8/oct.", {"«8/oct.»"}),
        ("8-Oct, 443", {"«8-Oct»", "443"}),
        ("443-August", {"443"}),
        ("25 - May be changed", {"25"}),
        # Nobody knows what the words do to the port.
        ("443 frobnicate", {"«443 frobnicate»"}),
        ("TCP 443 on demand", {"«TCP 443 on demand»/tcp"}),
        ("5 minutes", {"«5 minutes»"}),
        ("443 (8443)", {"«443 (8443)»"}),
        ("443 (8443 TCP)", {"«443 (8443 TCP)»"}),
        ("Web console, 443 internal", {"«Web console, 443 internal»"}),
        ("443 on 10.0.0.1", {"«443 on 10.0.0.1»"}),
        ("10.0.0.1:443", {"«10.0.0.1:443»"}),
        ("443 (10.0.0.5)", {"«443 (10.0.0.5)»"}),
        ("443 (08:00-18:00)", {"«443 (08:00-18:00)»"}),
        ("443 (admins only)", {"«443 (admins only)»"}),
        ("443 (do not open)", {"«443 (do not open)»"}),
        ("443（仅内网）", {"«443(仅内网)»"}),
        ("over 1023", {"«over 1023»"}),
        ("localhost:443", {"«localhost:443»"}),
        ("8443 plus offset", {"«8443 plus offset»"}),
        ("80, 443 internal", {"80", "«443 internal»"}),
        ("443 internal, 80/tcp", {"80/tcp", "«443 internal»/tcp"}),
        ("443, <http_port>", {"443", "«<http_port>»"}),
        ("80, 443 and others", {"«80, 443 and others»"}),
        ("443, localhost only", {"«443, localhost only»"}),
        ("443; dynamic", {"443", "«dynamic»"}),
        ("443 from the proxies", {"«443 from the proxies»"}),
        ("443 von extern", {"«443 von extern»"}),
        ("443 内部", {"«443 内部»"}),
        ("when more than 100 users 443", {"«when more than 100 users 443»"}),
        # What narrows the traffic, in brackets too.
        ("443 (established)", {"«443 (established)»"}),
        ("443 (withdrawn in 5.2)", {"«443 (withdrawn in 5.2)»"}),
        ("80, 443 (discontinued)", {"80", "«443 (discontinued)»"}),
        ("443 (localhost only)", {"«443 (localhost only)»"}),
        ("443 (from the proxies)", {"«443 (from the proxies)»"}),
        ("80, 443 (nur lokal)", {"80", "«443 (nur lokal)»"}),
        ("443（已建立）", {"«443(已建立)»"}),
        ("443 (fermé)", {"«443 (fermé)»"}),
        ("Any (established)", {"«Any (established)»"}),
        ("ICMP, TCP 22 (stateful)", {"icmp", "«TCP 22 (stateful)»/tcp"}),
        ("Any (established)", {"«Any (established)»"}),
        # When a rule is needed narrows nothing, and neither does what a port is called.
        ("443 if clustered", {"443"}),
        ("443 only if the console is installed, 8443", {"443", "8443"}),
        ("443 if A or B is on, 80", {"443", "80"}),
        ("7311 since 5.2", {"7311"}),
        ("80, 443 when TLS is on", {"80", "443"}),
        ("443 falls aktiviert", {"443"}),
        ("443 si le cluster est actif", {"443"}),
        ("443（如果启用集群）", {"443"}),
        ("443、クラスタの場合", {"443"}),
        ("443 (web console)", {"443"}),
        ("Console: 443", {"443"}),
        ("if SSL: 443", {"443"}),
        ("8090 <LB>", {"8090"}),
        ("Web console, 443", {"443"}),
    ],
)
def test_words_beside_a_port_leave_it_open_unless_they_narrow_nothing(cell: str, expected: set[str]):
    assert stated(cell) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("443 (web console)",), {"443": "web console"}),
        (("5070 (unsecured), 5071 (secured)",), {"5070": "unsecured", "5071": "secured"}),
        (("Console: 443, Agent: 8443",), {"443": "Console", "8443": "Agent"}),
        (("443 if clustered",), {"443": "if clustered"}),
        (("443 if A or B is on, 80",), {"443": "if A; B is on", "80": ""}),
        (("(optional feature) 443",), {"443": "optional feature"}),
        (("443 <LB>",), {"443": "<LB>"}),
        (("443", "Only when clustering is on"), {"443": "Only when clustering is on"}),
        (("443", "(web console)", "8443"), {"443": "web console", "8443": ""}),
        (("Web console", "443"), {"443": "Web console"}),
        (("443",), {"443": ""}),
    ],
)
def test_what_narrows_nothing_is_kept_beside_its_port(lines: tuple[str, ...], expected: dict[str, str]):
    assert {span(item): item.remark for item in ports.parse(lines).items} == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("443", "internal users"), {"«443 internal users»"}),
        (("80", "443", "established"), {"«80 443 established»"}),
        (("1-65535", "except 22"), {"«1-65535 except 22»"}),
        (("1-65535", "excluding:", "22"), {"«1-65535 excluding: 22»"}),
        (("Any", "(not 22)"), {"«Any (not 22)»"}),
        (("established", "443"), {"«established 443»"}),
        (("80", "443 (established)"), {"80", "«443 (established)»"}),
        (("443", "dynamic"), {"443", "«dynamic»"}),
        (("(see 3)",), {"«(see 3)»"}),
        (("Engine 3", "Plain: 7311"), {"7311"}),
    ],
)
def test_a_line_of_words_opens_what_stands_above_it(lines: tuple[str, ...], expected: set[str]):
    assert stated(*lines) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "443",
        "TCP 443",
        "443/tcp, 53/udp",
        "443 (HTTPS)",
        "ports 80 and 443",
        "TCP/UDP 53",
        "8000 to 8010",
        "443 (default)",
        "443 (if TLS is used)",
        "> 1023",
    ],
)
def test_cells_that_are_wholly_understood(cell: str):
    assert ports.parse((cell,)).strange == 0


# --- properties: what is written is what is read ----------------------------------------------------------------------

port_numbers = st.integers(0, 65535)
spans = st.one_of(
    port_numbers.map(lambda one: (one, one)),
    st.tuples(port_numbers, port_numbers).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: (min(pair), max(pair))),
)
transports = st.sampled_from(["tcp", "udp", "sctp"])
cases = st.sampled_from([str.upper, str.lower, str.title])
dashes = st.sampled_from(
    ["-", " - ", "–", " – ", "—", "\u2011", "−", " to ", " through ", " bis ", " à ", " đến ", " до ", "~", "..", "から", "到", "至"]
)
commas = st.sampled_from([", ", "; ", " and ", " or ", " & ", " | ", " / ", "、", "，", " und ", " et ", " y ", " и ", ",\u00a0"])


def written(pair: tuple[int, int], dash: str = "-") -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}{dash}{pair[1]}"


def read(*lines: str) -> set[tuple[int | None, int | None, str | None]]:
    return {(item.first, item.last, word) for item in ports.parse(lines).items for word in item.protocols or (None,)}


@PROPERTY
@given(st.lists(spans, min_size=1, max_size=5), dashes, commas)
@example([(20, 21), (80, 80)], "から", "、")
def test_a_list_of_ports_and_ranges_round_trips(listed, dash, comma):
    # A slash before a port of the range in front parts two sides of a connection.
    ranges = [(one, other) for one, other in itertools.pairwise(listed) if one[0] < one[1]]
    assume(comma != " / " or not any(one[0] <= other[0] and other[1] <= one[1] for one, other in ranges))
    cell = comma.join(written(pair, dash) for pair in listed)
    assert read(cell) == {(*pair, None) for pair in listed}
    assert ports.parse((cell,)).strange == 0


@PROPERTY
@given(
    st.lists(st.lists(st.integers(1000, 65535), min_size=2, max_size=2, unique=True).map(sorted), min_size=1, max_size=4),
    st.sampled_from([",", ".", " ", "'", "’", "\u00a0", "\u202f"]),
)
def test_ranges_with_thousands_separators_round_trip(pairs, separator):
    lines = [f"{first:,}-{last:,}".replace(",", separator) for first, last in pairs]
    assert read(*lines) == {(first, last, None) for first, last in pairs}


ONE_WITH_TRANSPORT = [
    *("{port}/{proto}", "{port} {proto}", "{port} ({proto})", "{port}({proto})", "{port}:{proto}", "{port}-{proto}", "{port} - {proto}"),
    *(
        "{proto}/{port}",
        "{proto} {port}",
        "{proto}:{port}",
        "{proto}: {port}",
        "{proto} port {port}",
        "port {port}/{proto}",
        "{port} over {proto}",
    ),
]
ONE_WITH_LABEL = [
    *(
        "{port}/{proto} ({label})",
        "{port} {proto} ({label})",
        "{port}/{proto} {label}",
        "{port}/{proto} - {label}",
        "{port} ({proto}, {label})",
    ),
    *(
        "{proto} {port} ({label})",
        "{proto}/{port} ({label})",
        "{proto}:{port} ({label})",
        "{proto} {port} {label}",
        "{proto} {port} - {label}",
    ),
    *(
        "{label} {proto} {port}",
        "{label}: {proto} {port}",
        "{label} {proto}/{port}",
        "{label} ({proto} {port})",
        "{label} ({proto}/{port})",
    ),
    *(
        "{label} {port}/{proto}",
        "{label}: {port}/{proto}",
        "{label} ({port}/{proto})",
        "{label} {port} ({proto})",
        "{label} - {proto} {port}",
    ),
]
LABELS = ["HTTPS", "DNS", "SNMP trap", "LDAP", "syslog", "SSH", "Kerberos", "RPC"]


@PROPERTY
@given(
    st.lists(st.tuples(spans, transports), min_size=1, max_size=5),
    st.sampled_from(ONE_WITH_TRANSPORT),
    st.sampled_from([", ", "; ", " and ", "、", ",\u00a0", "\n"]),
    dashes,
    cases,
)
def test_ports_with_transports_round_trip_in_every_notation(listed, notation, separator, dash, case):
    entries = [notation.format(port=written(pair, dash), proto=case(word)) for pair, word in listed]
    lines = entries if separator == "\n" else [separator.join(entries)]
    assert read(*lines) == {(*pair, word) for pair, word in listed}
    assert ports.parse(tuple(lines)).strange == 0


@PROPERTY
@given(
    st.lists(st.tuples(spans, transports, st.sampled_from(LABELS)), min_size=1, max_size=4),
    st.sampled_from(ONE_WITH_LABEL),
    st.sampled_from([", ", "; ", "\n"]),
)
def test_ports_with_transports_and_labels_round_trip_in_every_notation(listed, notation, separator):
    entries = [notation.format(port=written(pair), proto=word.upper(), label=label) for pair, word, label in listed]
    lines = entries if separator == "\n" else [separator.join(entries)]
    assert read(*lines) == {(*pair, word) for pair, word, _ in listed}


@PROPERTY
@given(
    st.lists(st.tuples(transports, st.lists(spans, min_size=1, max_size=3)), min_size=1, max_size=3, unique_by=lambda group: group[0]),
    st.sampled_from(
        ["{proto} {ports}", "{proto}: {ports}", "{proto} ports {ports}", "{ports} {proto}", "{ports} ({proto})", "{ports}/{proto}"]
    ),
    st.sampled_from(["; ", ", ", "\n"]),
    cases,
)
def test_groups_of_ports_round_trip(groups, notation, separator, case):
    """`TCP 80, 443; UDP 53` and `80, 443 TCP; 53 UDP`."""
    entries = [notation.format(proto=case(word), ports=", ".join(map(written, pairs))) for word, pairs in groups]
    lines = entries if separator == "\n" else [separator.join(entries)]
    assert read(*lines) == {(*pair, word) for word, pairs in groups for pair in pairs}


@PROPERTY
@given(
    st.lists(st.tuples(transports, st.lists(spans, min_size=1, max_size=3)), min_size=1, max_size=3, unique_by=lambda group: group[0]),
    st.booleans(),
)
def test_groups_over_lines_round_trip(groups, transport_first):
    lines = []
    for word, pairs in groups:
        numbers = [written(pair) for pair in pairs]
        lines.extend([word.upper(), *numbers] if transport_first else [*numbers, word.upper()])
    assert read(*lines) == {(*pair, word) for word, pairs in groups for pair in pairs}


@PROPERTY
@given(
    st.lists(spans, min_size=1, max_size=4),
    st.lists(transports, min_size=1, max_size=3, unique=True),
    st.sampled_from(["/", ", ", " and ", " & ", "+"]),
)
def test_several_transports_hold_for_each_number(pairs, words, joint):
    numbers, names = ", ".join(map(written, pairs)), joint.join(words).upper()
    expected = {(*pair, word) for pair in pairs for word in words}
    assert read(f"{names} {numbers}") == expected
    assert read(f"{numbers} ({names})") == expected


@PROPERTY
@given(
    port_numbers,
    st.sampled_from(
        ["{}+", "{} and above", ">= {}", "{} or higher", "{}以上", "{:,}+", "{:,} and above", "> {}", ">{:,}", "greater than {}"]
    ),
)
def test_open_ended_ranges_round_trip(number, notation):
    above = notation.startswith((">{", "> {", "greater"))
    assume(number < 65535 or not above)
    assert read(notation.format(number)) == {(number + above, 65535, None)}


# --- properties: what does not count ----------------------------------------------------------------------------------

CELLS = [
    *(
        "TCP 80, 443; UDP 53",
        "80-90/tcp",
        "443 (https), 53 (dns)",
        "8000 to 8010",
        "any port",
        "n/a",
        "dynamic",
        "all tcp",
        "esp",
        "1024 and above",
    ),
    *(
        "udp 500, udp 4500, esp",
        "icmp type 8 code 0",
        "https",
        "see note 1",
        "tcp/udp: 53",
        "from 80 to 90 inclusive",
        "icmpv6",
        "puertos 80 y 443",
    ),
]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("change", [str.upper, str.lower, str.title, str.swapcase, str.capitalize])
def test_case_does_not_count(cell: str, change):
    assert {atom.casefold() for atom in stated(change(cell))} == {atom.casefold() for atom in stated(cell)}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("blank", ["\u00a0", "\u2009", "\u202f", "\u3000", "  ", "\t", "\n"])
def test_the_kind_of_blank_does_not_count(cell: str, blank: str):
    assert stated(cell.replace(" ", blank)) == stated(cell)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if "-" in cell] + ["TCP 80-90, 100-110", "non-secure 80", "443 - HTTPS"])
@pytest.mark.parametrize("dash", ["\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\uff0d"])
def test_the_kind_of_dash_does_not_count(cell: str, dash: str):
    assert stated(cell.replace("-", dash)) == stated(cell)


@pytest.mark.parametrize("cell", CELLS)
def test_fullwidth_characters_do_not_count(cell: str):
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else "\u3000" if char == " " else char for char in cell)
    assert {unicodedata.normalize("NFKC", atom) for atom in stated(wide)} == stated(cell)


@PROPERTY
@given(
    st.lists(st.tuples(spans, transports, st.sampled_from(LABELS)), min_size=2, max_size=4).flatmap(
        lambda listed: st.tuples(st.just(listed), st.permutations(listed))
    ),
    st.sampled_from(
        [*ONE_WITH_TRANSPORT, *ONE_WITH_LABEL, "{port} ({label})", "{label} ({port})", "{label} {port}", "{port} {label}", "{port}"]
    ),
    st.sampled_from([", ", "; ", "\n"]),
)
def test_the_order_of_a_list_does_not_count(orders, notation, separator):
    def result(listed):
        entries = [notation.format(port=written(pair), proto=word, label=label) for pair, word, label in listed]
        return stated(*entries) if separator == "\n" else stated(separator.join(entries))

    assert result(orders[0]) == result(orders[1])


# --- properties: nothing is made up, nothing is lost ------------------------------------------------------------------

PIECES = [
    *(
        "TCP",
        "udp",
        "sctp",
        "ICMP",
        "ESP",
        "ip protocol",
        "HTTP",
        "SNMP trap",
        "dns",
        "www",
        "any",
        "all",
        "*",
        "none",
        "N/A",
        "-",
        "–",
        "--",
        " to ",
        "~",
    ),
    *(
        "80",
        "443",
        "65535",
        "65536",
        "8000-8010",
        "90-80",
        "1,024",
        "50,000-59,999",
        "49 152-65 535",
        "0",
        "1234567",
        "８０",
        "٤٤٣",
        "443¹",
        "-1",
        "4.43",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        "（",
        "）",
        "<",
        ">",
        "{",
        "}",
        ",",
        ";",
        "/",
        ":",
        "|",
        "+",
        "&",
        ".",
        "、",
        "->",
        "<--",
        "=",
        "#",
        "%",
        "$",
        "`",
        "**",
        "\\",
        "†",
    ),
    *(
        "type",
        "code",
        "8",
        "Note",
        "RFC 1918",
        "v3",
        "Windows 2019",
        "10.0.0.1",
        "10.0.0.0/8",
        "fe80::1",
        "and",
        "or",
        "und",
        "から",
        "端口",
        "以上",
        "above",
    ),
    *(
        "dynamic",
        "<port>",
        "{{ x }}",
        "default",
        "frobnicate",
        "\u00a0",
        "\u3000",
        "\u00ad",
        "\u200b",
        "\x00",
        "\x1f",
        "İ",
        "ı",
        "ſ",
        "ß",
        "\ud83d\ude00",
    ),
]
soup = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(["", " ", ", "])), max_size=9).map(
    lambda parts: "".join(map("".join, parts))
)
cells = st.lists(st.one_of(soup, st.text(max_size=30)), max_size=4).map(tuple)


def numbers_of(lines: tuple[str, ...]) -> set[int]:
    """Return every number that the digits of a cell can be, with thousands separators as digits of one number and as commas."""
    plain = unicodedata.normalize("NFKC", " ".join(lines))
    # A footnote mark is taken off before digits are normalized.
    bare = unicodedata.normalize("NFKC", re.sub("[¹²³⁴-⁹⁰]", " ", " ".join(lines)))
    folded = re.sub(r"(?<=\d)[,. '’](?=\d{3})", "", bare)
    return {int(run) for text in (plain, bare, folded) for run in re.findall(r"\d+", text)}


@PROPERTY
@given(cells)
def test_arbitrary_text_never_raises_and_is_consistent(lines):
    cell = ports.parse(lines)
    assert cell.none == (cell == PortCell(none=True))
    for item in cell.items:
        assert (item.first is None) == (item.last is None)
        assert not (item.any and item.first is not None)
        assert set(item.protocols) <= {entry.keyword for entry in vocabulary.protocol_words().values()}
        assert item.said.strip()


@PROPERTY
@given(soup)
def test_a_cell_of_one_line_states_what_its_line_states_among_others(text):
    cell = ports.parse((text,))
    assert cell.none or cell == ports.combine(
        [(0, port_line.read(tokens.clean(text).replace("-1", "*", tokens.clean(text) == "-1"), text))], text
    )


@PROPERTY
@given(cells)
def test_a_port_outside_of_the_registry_has_a_problem(lines):
    for item in ports.parse(lines).items:
        if item.first is not None and item.last is not None and not item.problem:
            assert 0 <= item.first <= item.last <= 65535


@PROPERTY
@given(cells)
@example(("443¹80",))
@example(("> 49,151", "49,152+"))
@example(("-1", "80 + 443"))
def test_no_port_is_made_up(lines):
    """A port is a number of the cell, the other end of an open range, or the registered port of a service that the cell names."""
    folded = vocabulary.fold(" ".join(lines))
    written_numbers = numbers_of(lines)
    services = {port for name, port in vocabulary.service_ports().items() if name in folded}
    for item in ports.parse(lines).items:
        if item.first is None or item.last is None:
            continue
        below, above = item.first == 0 and item.first != item.last, item.last == 65535 and item.first != item.last
        assert below or item.first in written_numbers or item.first in services or (above and item.first - 1 in written_numbers)
        assert above or item.last in written_numbers or item.last in services or (below and item.last + 1 in written_numbers)


@PROPERTY
@given(cells)
def test_every_port_is_never_made_up(lines):
    folded = vocabulary.fold(" ".join(lines))
    if any(item.any for item in ports.parse(lines).items):
        # -1 is how the interfaces of clouds write "all".
        assert any(word in folded for word in vocabulary.words("any")) or "-1" in [line.strip() for line in lines]


@PROPERTY
@given(cells)
def test_no_protocol_is_made_up(lines):
    folded = vocabulary.fold(" ".join(lines))
    for keyword in ports.parse(lines).stated:
        spellings = {word for word, entry in vocabulary.protocol_words().items() if entry.keyword == keyword}
        numbers = {str(entry.number) for entry in vocabulary.protocol_words().values() if entry.keyword == keyword}
        assert any(word in folded for word in spellings) or any(number in folded for number in numbers)


@PROPERTY
@given(
    st.lists(st.sampled_from(["80", "443", "8000-8010", "TCP", "UDP", "ESP", "ICMP", "TCP/UDP"]), min_size=1, max_size=5),
    st.sampled_from([", ", "\n"]),
)
def test_no_protocol_and_no_number_is_lost(words, separator):
    lines = tuple(words) if separator == "\n" else (separator.join(words),)
    cell = ports.parse(lines)
    assert {word.casefold() for entry in words for word in entry.split("/") if word.isalpha()} == set(cell.stated)
    assert {word for word in words if word[0].isdigit()} <= {span(item) for item in cell.items}


@pytest.mark.parametrize("cell", ["3<instance>15", "80<instance>", "32<instance number>", "5##13"])
def test_a_placeholder_within_a_number_leaves_the_port_open(cell: str) -> None:
    assert [(item.first, item.said) for item in ports.parse((cell,)).items] == [(None, cell)]


def test_a_layer_is_no_port_and_a_number_in_square_brackets_at_the_start_is_one() -> None:
    assert [item.first for item in ports.parse(("ETH layer 2, TCP/5199",)).items] == [5199]
    assert [item.first for item in ports.parse(("[80], 443",)).items] == [80, 443]


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "1024-65535 → 9000",
            "1024-65535 -> 443",
            "8080 → 80",
            "9006 ← 1024-65535",
            "443 → any",
            "443 → dynamic",
            "1023 ↔ 443",
            "any > 9003",
        ),
        *("443 > 8443", "1024-65535:443", "1024-65535 / 9008", "TCP 443 → 8443"),
    ],
)
def test_the_ports_of_two_sides_of_a_connection_are_left_open(cell: str) -> None:
    """What is published are ports of destinations; an arrow may also stand between ports before and behind a translation."""
    assert [item.first for item in ports.parse((cell,)).items] == [None]


@pytest.mark.parametrize("cell", ["389/TCP (or 636/TCP with TLS)", "443 (TCP 8443 in a cluster)", "80 (redirects to TCP 443)"])
def test_a_port_in_a_bracket_of_words_is_no_remark(cell: str) -> None:
    """It would stand in the description of the port in front, and nothing would say that a port is missing."""
    assert [(item.first, item.said) for item in ports.parse((cell,)).items] == [(None, cell)]
