"""Rows that allow less than their cells seem to say: by their type, a header, a title, or cells that contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from extract import extract_text
from extract.model import Endpoint


def name(end: Endpoint | None) -> str:
    return "?" if end is None else end.name


def read(heads: str, *rows: str, title: str = "Inbound rules") -> list[str]:
    """Return what a table says, a line for each rule; heads and rows are cells between bars."""
    cells = [heads.split(" | "), *(row.split(" | ") for row in rows)]
    marked = ["".join(f"<{'td' if number else 'th'}>{cell}" for cell in row) for number, row in enumerate(cells)]
    extraction = extract_text(f"<h2>{title}</h2><table><tr>{'<tr>'.join(marked)}</table>", kind="html")
    found = []
    for rule in extraction.rules:
        kind = "" if rule.icmp_type is None else f" type {rule.icmp_type}"
        ports = "" if rule.from_port is None else f" {rule.from_port}" + ("" if rule.from_port == rule.to_port else f"-{rule.to_port}")
        found.append(f"{rule.action} {rule.protocol}{ports}{kind} from {name(rule.source)}")
    return found + ["open"] * bool(extraction.unresolved)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Deny all", ["deny tcp 443 from A"]),
        ("Block", ["deny tcp 443 from A"]),
        ("Bloquear", ["deny tcp 443 from A"]),
        ("Established", ["open"]),
        ("Closed", ["deny tcp 443 from A"]),
        ("Removed", ["open"]),
        ("All TCP (established)", ["open"]),
        ("HTTPS", ["allow tcp 443 from A"]),
        ("Custom TCP Rule", ["allow tcp 443 from A"]),
    ],
)
def test_the_type_of_a_rule_says_what_it_does(kind: str, expected: list[str]) -> None:
    found = read("Type | Protocol | Port | Source", f"{kind} | TCP | 443 | A", "SSH | TCP | 22 | B", "All ICMP | ICMP | All | B")
    assert [one for one in found if "from B" not in one] == expected


@pytest.mark.parametrize(
    ("remark", "expected"),
    [
        *(
            (remark, ["open"])
            for remark in (
                *("Do not open", "Must not be open", "Closed", "Not allowed", "not permitted", "Must be blocked", "Access is denied"),
                *("Login; never open to the internet", "Blocked by default, do not open", "Keep closed", "Never expose to the internet"),
                *("Nicht öffnen", "Darf nicht geöffnet werden", "Ne pas ouvrir", "No abrir"),
                *(
                    "This port must be blocked at the perimeter",
                    "Block from the internet",
                    "Keep this port closed",
                    "Port is closed by default",
                ),
                *("Close this port", "Insecure, do not use", "Console; replaced by 8443", "Muss gesperrt werden", "Diesen Port blockieren"),
                *(
                    "Bloquer ce port",
                    "Должен быть закрыт",
                    "必须关闭",
                    "Permanently disabled",
                    "Moved to 9443",
                    "Darf nicht von außen erreichbar sein",
                ),
            )
        ),
        *((remark, ["deny tcp 443 from A"]) for remark in ("Blocked", "Block this port")),
        *(
            (remark, ["allow tcp 443 from A"])
            for remark in (
                *("Login", "Do not open unless asked", "Used when 8443 is not open", "No firewall rule required", "Not required"),
                *("Closed circuit cameras", "Counts the requests that a filter has blocked", "Disabled by default"),
                *("Must not be closed", "Must not be blocked", "必须开放，不可关闭"),
                *("The mail gateway is not enabled by default", "Block storage API", "Blocks spam", "Adds and removes nodes"),
            )
        ),
    ],
)
def test_a_remark_that_says_not_to_open_leaves_its_row_open(remark: str, expected: list[str]) -> None:
    found = read("Protocol | Port | Source | Remarks", f"TCP | 443 | A | {remark}", "TCP | 22 | B | Shell")
    assert [one for one in found if "from B" not in one] == expected


@pytest.mark.parametrize(
    ("remark", "expected"),
    [
        *(
            (remark, ["open"])
            for remark in (
                *("All services except 8444", "Except 8444 (reserved)", "Data, excluding ports 8440-8450", "All agents except Linux"),
                *("Except the guests", "Everything but 8444", "Not from the internet", "Only from the office", "Sauf le port 8444"),
                *("Nur von der Zentrale", "8444を除く", "内部からのみ"),
            )
        ),
        *(
            (remark, ["allow tcp 8000-9000 from A"])
            for remark in (
                *("Console without TLS", "Without TLS", "Ohne TLS", "Not required for agents", "Only for clusters", "No TLS"),
                *("Takes exceptions of the program", "Except when clustered", "Since 5.0 without TLS"),
            )
        ),
    ],
)
def test_a_remark_that_leaves_something_out_leaves_its_row_open(remark: str, expected: list[str]) -> None:
    found = read("Protocol | Port | Source | Remarks", f"TCP | 8000-9000 | A | {remark}", "TCP | 22 | B | Shell")
    assert [one for one in found if "from B" not in one] == expected


@pytest.mark.parametrize(
    ("remark", "expected"),
    [
        *(
            (remark, "open")
            for remark in (
                *("Used if clustered. Do not open.", "Do not open; only used when clustered", "Do not open (used if clustered)"),
                "The manager of the cluster uses this port to talk to its agents on all nodes of the site. Do not open.",
                "If clustered, the peers talk here; do not open to the internet",
                *("Wenn ein Cluster besteht, sprechen die Knoten hier; nicht öffnen", "Se usa si hay clúster. No abrir."),
                *("Login; blocked", "Used when clustered. All except 8444.", "Needed for clusters. Removed in 5.0."),
            )
        ),
        *(
            (remark, "allow tcp 8000 from A")
            for remark in (
                *("Do not open, unless asked", "If not clustered, do not open", "Nicht öffnen, wenn kein Cluster besteht"),
                *("Do not close. Used when clustered.", "Used by agents. Disabled by default.", "Login; open"),
            )
        ),
    ],
)
def test_each_sentence_of_a_remark_is_read_for_itself(remark: str, expected: str) -> None:
    """A condition beside `Do not open` let anyone in."""
    found = read("Protocol | Port | Source | Remarks", f"TCP | 8000 | A | {remark}", "TCP | 22 | B | Shell")
    assert set(found) - {"allow tcp 22 from B"} == {expected}


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        *((action, "allow tcp 443 from A") for action in ("Allow HTTPS", "Allow HTTPS inbound", "Allow TCP", "Allow^1^")),
        *((action, "open") for action in ("Allow SSH", "Allow HTTP/HTTPS", "Allow HTTPS from admins", "Allow web")),
    ],
)
def test_an_action_may_name_the_service_of_its_port(action: str, expected: str) -> None:
    found = read("Action | Protocol | Port | Source", f"{action} | TCP | 443 | A", "Deny | TCP | 23 | B", "Allow | TCP | 22 | B")
    assert [one for one in found if "from B" not in one] == [expected]


@pytest.mark.parametrize(
    ("action", "remark", "expected"),
    [
        *(("Allow", remark, "open") for remark in ("Do not open", "Removed in 5.0", "Except 8444", "Only from the office", "Blocked")),
        *(("Deny", remark, "open") for remark in ("Removed in 5.0", "Except 8444")),
        *(("Deny", remark, "deny tcp 8000 from A") for remark in ("Do not open", "Must be blocked", "Blocked", "Login")),
        *(("Allow", remark, "allow tcp 8000 from A") for remark in ("Login", "Used when 8443 is not open", "Deny list of the mail filter")),
    ],
)
def test_a_remark_counts_beside_an_action(action: str, remark: str, expected: str) -> None:
    rows = (f"{action} | TCP | 8000 | A | {remark}", "Allow | TCP | 22 | B | Shell", "Deny | TCP | 23 | B | Shell")
    found = read("Action | Protocol | Port | Source | Remarks", *rows)
    assert set(found) - {"allow tcp 22 from B", "deny tcp 23 from B"} == {expected}
    marked = [row.replace("Allow", "✓", 1).replace("Deny", "✗", 1) for row in rows]
    found = read("Allowed | Protocol | Port | Source | Remarks", *marked)
    assert set(found) - {"allow tcp 22 from B", "deny tcp 23 from B"} == {expected}


@pytest.mark.parametrize(
    ("header", "cell", "expected"),
    [
        *(("Open in firewall?", cell, "open") for cell in ("No", "No (internal)", "Only between nodes")),
        *(("Open in firewall?", cell, "allow tcp 8000 from A") for cell in ("Yes", "Yes, from clients", "Optional", "Only if clustered")),
        ("In der Firewall freigeben?", "Nein", "open"),
        ("Blocked?", "Yes, always", "open"),
        *(("Exposed", cell, "open") for cell in ("No", "VPN only", "Internal only", "localhost")),
        *(("Exposed", cell, "allow tcp 8000 from A") for cell in ("Yes", "Yes (to agents)", "Only if clustered")),
        *((header, cell, "open") for header, cell in (("Öffentlich", "Nein"), ("Publicly accessible", "No"), ("公开", "否"))),
        *((header, cell, "open") for header, cell in (("Exposure", "None"), ("Visibility", "Private"), ("Sichtbarkeit", "Intern"))),
        *((header, "No", "open") for header in ("In use?", "Still needed", "Internet", "Published")),
        *((header, "5.0", "open") for header in ("Removed in", "Deprecated since")),
        *((header, cell, "allow tcp 8000 from A") for header, cell in (("Required", "No"), ("Since", "5.0"), ("Removed in", "-"))),
        *(("Status", cell, "open") for cell in ("EOL", "Deaktiviert", "Désactivé", "已禁用")),
        *(("Firewall rule", cell, "open") for cell in ("None (loopback only)", "Admins only")),
        ("Firewall rule", "Inbound, any profile", "allow tcp 8000 from A"),
        ("Enabled by default", "No", "allow tcp 8000 from A"),
        ("Encrypted", "No", "allow tcp 8000 from A"),
    ],
)
def test_a_cell_that_answers_a_header_about_opening_with_no_leaves_its_row_open(header: str, cell: str, expected: str) -> None:
    rows = (f"TCP | 8000 | A | {cell}", "TCP | 22 | Agents | As needed by the site", "TCP | 23 | Guests | Ask the owner first")
    found = read(f"Protocol | Port | Source | {header}", *rows)
    assert set(found) - {"allow tcp 22 from Agents", "allow tcp 23 from Guests"} == {expected}


HOSTS = "Local port | Remote port | Protocol | Direction | Remote host"
FOUR = "Local TCP port | Local UDP port | Remote TCP port | Remote UDP port | Direction | Remote host"
ZONES = "Source zone | Source | Destination zone | Destination | Service"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (HOSTS, "any | 443 | TCP | Outgoing | A", ["443 ? > A"]),
        (HOSTS, "8883 | any | TCP | Incoming | A", ["8883 A > ?"]),
        (HOSTS, "5060 | 5060 | TCP | Both | A", ["5060 A > ?", "5060 ? > A"]),
        (HOSTS, "8000 | any | TCP | Both | A", []),
        ("Local port | Remote port | Protocol | Remote host", "any | 502 | TCP | A", []),
        (FOUR, "443 | any | any | any | Incoming | A", ["443 A > ?", "0 A > ?"]),
        (FOUR, "any | any | 443 | 53 | Outgoing | A", ["443 ? > A", "53 ? > A"]),
        (f"{HOSTS} | Metrics port", "443 | any | TCP | Incoming | A | 9100", ["443 A > ?", "9100 A > ?"]),
        (ZONES, "DMZ | A | LAN | B | tcp/22", ["22 A > B"]),
        (ZONES, "DMZ | any | LAN | B | tcp/22", ["22 DMZ > B"]),
        ("Source | Port | Remarks", "10.0.0.0/8 (outbound) | TCP 22 | x", ["22 10.0.0.0/8 (outbound) > ?"]),
        ("Port | Remarks", "TCP 22 from 10.0.0.0/8 | x", ["22 10.0.0.0/8 > ?"]),
        ("Port | Remarks", "TCP 22 from Web only | x", ["22 Web > ?"]),
        ("Direction | Port | Protocol | Host", "From | 22 | TCP | A", ["22 A > ?"]),
        ("Direction | Port | Protocol | Host", "To | 22 | TCP | A", ["22 ? > A"]),
        ("Direction | Port | Protocol | Host", "From/To | 22 | TCP | A", ["22 ? > ?"]),
        *((f"{head} | Port | Protocol | Host", "From | 22 | TCP | B", ["22 B > ?"]) for head in ("From / To", "From/To", "Von/Nach")),
        *((f"Direction | Port | Protocol | Peer | {head}", "Inbound | 22 | TCP | B | A", ["22 B > ?"]) for head in ("Remarks", "Class")),
        ("Direction | From / To | Port | Protocol", "From | B | 22 | TCP", ["22 B > ?"]),
    ],
)
def test_ports_and_ends_of_two_sides(header: str, row: str, expected: list[str]) -> None:
    """A rule names the port of its destination. The name of an end counts before its zone."""
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line.split(' | '))}</tr>" for line in (header, row))
    extraction = extract_text(f"<h2>Ports of the relay</h2><table>{table}</table>", kind="html")
    assert [f"{rule.from_port} {name(rule.source)} > {name(rule.destination)}" for rule in extraction.rules] == expected
    assert bool(extraction.unresolved) == (not expected)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        *((sentence, "open") for sentence in ("These ports are not used any more.", "These ports are deprecated:")),
        *((sentence, "open") for sentence in ("Die Ports werden nicht mehr benötigt:", "以下端口已废弃：")),
        *((sentence, "deny") for sentence in ("The following traffic is denied:", "Do not open these ports:")),
        *((sentence, "allow") for sentence in ("They cannot be disabled:", "If these ports are no longer used:", "Open these ports:")),
    ],
)
def test_a_sentence_above_a_table_may_take_its_rows_back(sentence: str, expected: str) -> None:
    table = "<table><tr><th>Protocol<th>Port<th>Source<tr><td>TCP<td>23<td>A</table>"
    extraction = extract_text(f"<h2>Ports</h2><p>{sentence}</p>{table}", kind="html")
    assert [*(rule.action for rule in extraction.rules), *(["open"] * len(extraction.unresolved))] == [expected]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        *((label, "open") for label in ("No longer used", "Deprecated ports", "Removed in 5.0", "Internal only", "已废弃")),
        *((label, "deny tcp 23 from A") for label in ("Blocked", "❌ Blocks", "Explicit deny", "禁止访问")),
        *((label, "allow tcp 23 from A") for label in ("Administrators", "Optional", "Web servers")),
    ],
)
def test_the_label_of_a_group_of_rows_may_take_them_back(label: str, expected: str) -> None:
    """It ends with the next label. Rows below `No longer used` were allowed, while a table below such a title was not."""
    rows = (f"<tr><td colspan=3>{label}", "<tr><td>TCP<td>23<td>A", "<tr><td colspan=3>Agents", "<tr><td>TCP<td>443<td>B")
    table = f"<table><tr><th>Protocol<th>Port<th>Source{''.join(rows)}</table>"
    extraction = extract_text(f"<h2>Inbound ports</h2>{table}", kind="html")
    found = [f"{rule.action} {rule.protocol} {rule.from_port} from {name(rule.source)}" for rule in extraction.rules]
    assert {*found, *(["open"] * len(extraction.unresolved))} == {expected, "allow tcp 443 from B"}


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        *((f"{head} | Protocol | Port", "Client → Server | TCP | 22", ["22 Client > Server"]) for head in ("Direction", "Source", "Host")),
        *(("Direction | Protocol | Port", f"{way} | TCP | 22", ["22 Client > Server"]) for way in ("Client to Server", "Server ← Client")),
        ("Direction | Protocol | Port", "Client <-> Server | TCP | 22", ["22 Client > Server", "22 Client > Server"]),
        *((f"{head} | Protocol | Port", "Inbound | TCP | 22", ["22 ? > ?"]) for head in ("Direction", "Flow")),
        ("Source | Destination | Protocol | Port", "Net → Balancer | Web | TCP | 22", []),
        ("Source | Destination | Protocol | Port", "Net | Web ↔ App | TCP | 22", []),
        *(("Direction | Protocol | Port", f"{way} | TCP | 22", ["22 ? > ?"]) for way in ("Traffic to the server", "Connects to DB")),
        ("Direction | Protocol | Port", "Client ⇄ Server | TCP | 22", ["22 Client > Server", "22 Client > Server"]),
        ("Source | Protocol | Port", "Cluster (Web → 80) | TCP | 22", ["22 Cluster (Web → 80) > ?"]),
        *((f"{head} | Protocol | Port", "A → B, B → C | TCP | 22", []) for head in ("Direction", "Source", "Flow")),
    ],
)
def test_a_cell_that_names_both_ends_is_a_flow_under_any_header(header: str, row: str, expected: list[str]) -> None:
    """`Client → Server` under `Direction` was lost, and under `Source` it was the name of one host. Beside another end it is open."""
    columns = len(header.split(" | "))
    flow = {3: "Agent → Manager | UDP | 161", 4: "Agent | Manager | UDP | 161"}[columns]
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line.split(' | '))}</tr>" for line in (header, row, flow))
    extraction = extract_text(f"<h2>Ports of the relay</h2><table>{table.replace('<->', '&lt;->')}</table>", kind="html")
    found = [f"{rule.from_port} {name(rule.source)} > {name(rule.destination)}" for rule in extraction.rules]
    assert found == [*expected, "161 Agent > Manager"]
    assert bool(extraction.unresolved) == (not expected)


def test_a_host_beside_a_cell_that_names_both_ends_is_told() -> None:
    rows = "| A → B | TCP | 22 | web01 |\n| C → D | TCP | 23 | web02 |\n"
    text = f"## Ports\n\n| Flow | Protocol | Port | Host |\n| --- | --- | --- | --- |\n{rows}"
    found = [one.message for one in extract_text(text).findings if one.code == "end-not-placed"]
    assert [message.split(",")[0] for message in found] == ["the cell 'Host' names 'web01'", "the cell 'Host' names 'web02'"]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        *((end, "open") for end in ("Deny", "Denied", "Blocked", "Block all", "Verweigern", "Gesperrt", "拒绝")),
        *((end, "open") for end in ("Nobody", "No one (bound to 127.0.0.1)", "Niemand", "Any (do not open)", "Internet (not allowed)")),
        *((end, f"allow tcp 8000 from {end}") for end in ("Deny list server", "Block storage", "Drop box", "Nobody's server")),
    ],
)
def test_an_end_that_is_an_action_leaves_its_row_open(end: str, expected: str) -> None:
    """`All | All | Deny` at the end of a table denies the rest, and was an allow for everybody."""
    found = read("Protocol | Port | Source", f"TCP | 8000 | {end}", "TCP | 22 | Agents", "TCP | 23 | Guests")
    assert set(found) - {"allow tcp 22 from Agents", "allow tcp 23 from Guests"} == {expected}


@pytest.mark.parametrize("header", ["Excluded ports", "Exceptions", "Ausgenommene Ports", "Puertos excluidos"])
def test_a_header_that_takes_back_ports_leaves_its_rows_open(header: str) -> None:
    assert read(f"Protocol | Port | {header}", "TCP | 443 | 22", "UDP | 53 | 161") == ["open"]


@pytest.mark.parametrize("header", ["Not from", "Blocked source", "Source (denied)", "Denied sources"])
def test_a_header_that_takes_back_ends_leaves_its_rows_open(header: str) -> None:
    assert read(f"Protocol | Port | {header}", "TCP | 443 | Clients", "UDP | 53 | 10.0.0.0/8") == ["open"]


@pytest.mark.parametrize(
    ("heads", "row"),
    [
        ("No | Protocol | Port | Source", "1 | TCP | 443 | A"),
        ("Rule no. | Protocol | Port No | Source", "1 | TCP | 443 | A"),
        ("Protocol | Port | Source | Description (not required)", "TCP | 443 | A | Web"),
        ("Protocol | Port without TLS | Source", "TCP | 443 | A"),
        ("Protocol | Port (no SSL) | Source", "TCP | 443 | A"),
        ("Protocolo | Puerto no seguro | Origen", "TCP | 443 | A"),
    ],
)
def test_a_header_that_counts_or_tells_kinds_apart_takes_nothing_back(heads: str, row: str) -> None:
    assert read(heads, row) == ["allow tcp 443 from A"]


@pytest.mark.parametrize(
    ("header", "cell", "expected"),
    [
        ("Allowed?", "No", ["deny tcp 443 from ?"]),
        ("Blocked?", "Yes", ["deny tcp 443 from ?"]),
        ("Allowed?", "Yes", ["allow tcp 443 from ?"]),
        ("State", "ESTABLISHED", ["open"]),
        ("Restriction", "localhost only", ["open"]),
        ("Status", "Disabled", ["open"]),
        ("Deprecated", "Yes", ["open"]),
        ("Notes", "Removed in 5.0", ["open"]),
        ("Notes", "Veraltet seit 7.1", ["open"]),
        ("Notes", "Removed files are sent here", ["allow tcp 443 from ?"]),
        ("Deprecated", "No", ["allow tcp 443 from ?"]),
    ],
)
def test_a_column_may_say_that_the_rule_does_not_hold(header: str, cell: str, expected: list[str]) -> None:
    other = "Yes" if cell == "No" else "No" if cell == "Yes" else "-"
    found = read(f"Protocol | Port | {header}", f"TCP | 443 | {cell}", f"UDP | 53 | {other}", f"UDP | 161 | {other}")
    assert [one for one in found if "udp" not in one and (one != "open" or expected == ["open"])] == expected


@pytest.mark.parametrize(
    ("title", "action"),
    [
        *((title, "open") for title in ("Inbound (withdrawn)", "Inbound - obsolete", "Inbound, no longer used")),
        *((title, "open") for title in ("Ports no longer used", "Deprecated ports", "Removed ports", "Closed", "Unused ports")),
        *((title, "open") for title in ("No longer needed", "No longer in use since 5.0", "Nicht mehr benötigt")),
        *(
            (title, "deny")
            for title in ("❌ Blocks", "3.2 Blocked", "Never expose these ports", "以下端口必须关闭：", "開放してはいけないポート")
        ),
        *(
            (title, "allow")
            for title in (
                "Ports",
                "Required ports",
                "Reserved ports",
                "Ports of the removed features guide for administrators",
                "If it no longer works",
            )
        ),
    ],
)
def test_a_title_takes_back_what_stands_below_it(title: str, action: str) -> None:
    found = read("Protocol | Port", "TCP | 443", "UDP | 53", title=title)
    assert {one.split()[0] for one in found} == {action}


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("8000", "8010", ["allow tcp 8000-8010 from ?"]),
        ("any", "any", ["allow tcp 0-65535 from ?"]),
        ("any", "1024", ["open"]),
        ("22-25", "80", ["open"]),
        ("22, 80", "443", ["open"]),
        ("1024 (except 3389)", "65535", ["open"]),
        ("443", "", ["allow tcp 443 from ?"]),
    ],
)
def test_two_cells_are_a_range_where_each_is_one_end(first: str, last: str, expected: list[str]) -> None:
    found = read("Protocol | From port | To port", f"TCP | {first} | {last}", "UDP | 53 | 53", "UDP | 161 | 162")
    assert [one for one in found if "udp" not in one] == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("GRE | 443 | A", ["open"]),
        ("ESP | 50 | A", ["allow esp from A"]),
        ("ESP | 0-65535 | A", ["allow esp from A"]),
        ("TCP 80 | 443 | A", ["open"]),
        ("TCP | 443 (from the proxy) | A", ["open"]),
        ("TCP | 443 from the proxy, 80 | A", ["allow tcp 80 from A", "open"]),
        ("TCP | 443 to be confirmed | A", ["open"]),
        ("ICMP type 8 | any | A", ["allow icmp type 8 from A"]),
        ("ICMP (echo) | N/A | A", ["allow icmp type 8 from A"]),
        ("TCP | 22; ICMP (8) | A", ["allow tcp 22 from A", "allow icmp type 8 from A"]),
        ("TCP | 22, ICMP (ping) | A", ["allow tcp 22 from A", "allow icmp type 8 from A"]),
        ("ICMP | frobnicate | A", ["open"]),
    ],
)
def test_cells_that_contradict_each_other_are_not_put_together(row: str, expected: Sequence[str]) -> None:
    found = read("Protocol | Port | Source", row, "TCP | 25 | B", "UDP | 161 | B")
    assert sorted(one for one in found if "from B" not in one) == sorted(expected)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("All nodes, except the primary", "All nodes, except the primary"),
        ("Any, not 10.0.0.1", "Any, not 10.0.0.1"),
        ("10.0.0.0/8<br>except 10.1.0.0/16", "10.0.0.0/8 except 10.1.0.0/16"),
        ("0.0.0.0/0, !10.0.0.0/8", "0.0.0.0/0, !10.0.0.0/8"),
        ("Alle Knoten, außer dem ersten", "Alle Knoten, außer dem ersten"),
        ("すべて、10.0.0.1を除く", "すべて、10.0.0.1を除く"),
        ("Any, internal only", "Any, internal only"),
        ("10.0.0.5 only", "10.0.0.5"),
        ("10.0.0.0<br>/24", "10.0.0.0/24"),
        ("10.0.0.0<br>255.255.255.0", "10.0.0.0/24"),
        ("10.0.0.1<br>to<br>10.0.0.9", "10.0.0.1 to 10.0.0.9"),
        ("Nur Proxy", "Proxy"),
        ("運用者 IP のみ", "運用者 IP"),
        ("Siapa saja", "Siapa saja"),
        ("The Internet, during issuance and renewals", "The Internet, during issuance and renewals"),
        ("Only from the office", "Only from the office"),
        ("Localhost, unless debugging is on", "Localhost, unless debugging is on"),
        ("Gateway, exposed via the load balancer", "Gateway, exposed via the load balancer"),
        ("10.0.0.0 255.0.0.0", "10.0.0.0/8"),
    ],
)
def test_an_end_keeps_what_it_leaves_out(cell: str, expected: str) -> None:
    found = read("Protocol | Port | Source", f"TCP | 443 | {cell}", "UDP | 161 | B", "UDP | 162 | B")
    assert [one for one in found if "from B" not in one] == [f"allow tcp 443 from {expected}"]


def test_an_end_that_no_side_is_told_of_is_reported_and_stays_in_the_description() -> None:
    row = "| 9001 | TCP | Localhost, unless debugging is on | Admin |"
    page = f"## Ports\n\n| Port | Protocol | Scope | Purpose |\n| --- | --- | --- | --- |\n{row}\n"
    extraction = extract_text(page, kind="markdown")
    assert [rule.description for rule in extraction.rules] == ["Localhost, unless debugging is on; Admin"]
    assert "end-not-placed" in [finding.code for finding in extraction.findings]


def test_a_row_with_more_cells_than_columns_is_open_where_they_may_be_shifted() -> None:
    page = "## Inbound\n\n| Protocol | Port | Source |\n| --- | --- | --- |\n| TCP | 80|443 | Clients |\n| UDP | 161 | NMS |\n"
    extraction = extract_text(page, kind="markdown")
    assert [rule.protocol for rule in extraction.rules] == ["udp"]
    assert [finding.code for finding in extraction.findings if finding.code == "row-shifted"] == ["row-shifted"]


@pytest.mark.parametrize(
    "markup",
    [
        '443<a href="#fn1">1</a>',
        '443<a href="#_ftn2">[2]</a>',
        "443<sub>1</sub>",
        "443₁",
        '443<span class="footnote-marker">3</span>',
        '443<span class="d-none">22</span>',
        '443 <span class="strikeout">22</span>',
    ],
)
def test_marks_of_notes_and_what_is_hidden_are_no_ports(markup: str) -> None:
    assert read("Protocol | Port | Source", f"TCP | {markup} | A") == ["allow tcp 443 from A"]


@pytest.mark.parametrize(
    "row", ['<tr class="hidden">', '<tr class="d-none">', '<tr style="visibility: collapse">', '<tr class="strikeout">']
)
def test_a_row_that_is_hidden_or_struck_out_is_no_rule(row: str) -> None:
    page = f"<h2>Inbound</h2><table><tr><th>Protocol<th>Port<tr><td>TCP<td>443{row}<td>TCP<td>22</table>"
    assert [rule.from_port for rule in extract_text(page, kind="html").rules] == [443]
