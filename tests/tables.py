"""Small pages for property tests: tables with headers and cells such as people write, in any combination, right and wrong."""

from __future__ import annotations

import html
from typing import NamedTuple

from hypothesis import strategies as st


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


# Kind of column -> (headers, cells): what people write there, and what goes wrong.
COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "port": (
        _listed(
            "Port | Ports | Port Range | Port(s) | TCP Ports | UDP Port | Inbound ports | Destination Port | Port / Type | 端口 | Puerto"
        ),
        _listed(
            "443 | 22 | 8000-8100 | 8000 to 8100 | 80, 443 | 80<br>443 | 80, 8080-8090 | TCP 443 | 443/tcp, 53/udp | TCP/UDP 53 | "
            "UDP 161-162 | TCP443 | 49,152-65,535 | 50 000 - 59 999 | 10,000-<br>10,010 | 1024+ | > 1023 | < 1024 | "
            "1024 and above | between 8000 and 8010 | range 6000 6010 | 443¹ | 443[1] | 8443* | All | Any | * | -1 | 0 | 0-65535 | "
            "any port | N/A | - |  | dynamic | User-defined | &lt;port&gt; | see note 1 | https | ssh, 8022 | www | ESP | "
            "IP protocol 50 | 50 (ESP) | icmp | echo request | 8/0 | type 3 code 4 | 128-129 | 70000 | 9000-8000 | 0443 | "
            "443 (HTTPS) | HTTPS (443) | 53 (outbound) | 2528 (bidirectional) | 80 -> 8080 | <-> 443 | 4４3 | ٤٤٣ | tcp:22, icmp | "
            "all TCP ports except 22 | 8080 – 8090 | 8080‑8090 | 80/443 | 443b | 10,000 | TCP: 80, UDP: any | 80:90 | "
            "udp-lite 500 | 80;443 | 80 oder 443 | 80 und 443 | 49152 - <br> 65535"
        ),
    ),
    "port_from": (
        _listed("From Port | Start Port | From"),
        _listed("80 | 8000 | 50,000 | 1 | www | All | * | 8 |  | any | -1"),
    ),
    "port_to": (
        _listed("To Port | End Port | To"),
        _listed("80 | 8100 | 59,999 | 65535 | 8080 | All | * | 0 |  | any | -1"),
    ),
    "protocol": (
        _listed("Protocol | IP Protocol | Protocol/Application | Protokoll | 协议 | Transport"),
        _listed(
            "TCP | UDP | tcp | TCP/UDP | TCP & UDP | Both | TCP<br>UDP | Any | All | IP | -1 | * | ICMP | ICMPv6 | ICMPv4 | IPv4 | "
            "IPv6 | IPv6 ICMP | ICMP, ICMPv6 | ESP | 50 | 17 | IP protocol 50 | GRE (47) | TCP (6) | SSH | HTTPS | RDS | SCTP | "
            "udp-lite | UDPLite | IPIP | All TCP | TCP/IP | TCPv6 | foo |  | - | N/A | 443 | HTTPS (TCP) | AH | любой | 任意"
        ),
    ),
    "type": (
        _listed("Type | Rule type | Type of rule"),
        _listed(
            "Custom TCP Rule | Custom UDP Rule | All TCP | All traffic | SSH | HTTPS | All ICMP - IPv4 | All ICMP - IPv6 | "
            "Custom ICMP Rule - IPv6 | RDP |  | Custom Protocol"
        ),
    ),
    "direction": (
        _listed("Direction | In/Out | Direction of traffic | Richtung | Flow"),
        _listed(
            "Inbound | Outbound | In | Out | In/Out | Both | Bidirectional | Ingress | egress | → | <- | <-> | Eingehend | I/O | "
            " | - | sideways | 入站"
        ),
    ),
    "source": (
        _listed("Source | From | Source IP | Allowed from | Source address | Quelle | Client"),
        _listed(
            "Web Security Group | Web SG | web security  group | 10.0.0.0/8 | 10.1.2.3/8 | 110.0.0.0/8 | 0.0.0.0/0 | "
            "2001:0DB8::/32 | 2001:db8:0:0::1 | 192.168.0.1 | Any | All | Anywhere | * | clients and servers | "
            "web and database servers | Node A, Node B | A; B | `app` | **App** server | host.example.com | https://x.example/ | "
            "10.0.0.1 10.0.0.2 | Source: 10.1.1.1/24 | 10.0.0.0/8 (IPv4) | App[1] | Admin* |  | - | N/A | "
            "the server (primary, secondary) | A or B | sg-0abc | Web<br>App"
        ),
    ),
    "destination": (
        _listed("Destination | To | Destination IP | Target | Ziel | Server"),
        _listed(
            "Database Security Group | DB SG | 10.0.0.0/8 | 172.16.5.4/12 | 10.10.0.0/8 | Any | All hosts | db1, db2 | Node C | "
            "::1 | 0:0::1 |  | - | Agent<br>Manager"
        ),
    ),
    "remote": (
        _listed("Remote | Peer | Host | Node | IP address | Address | Server role"),
        _listed("10.0.0.0/8 | Web Security Group | Backup server | 10.0.0.1 | Any |  | Node A"),
    ),
    "flow": (
        _listed("Flow | Source / Destination | From - To | Communication | Path"),
        _listed(
            "Client to Server | Client -> Server | Client <- Server | Client <-> Server | 10.1.2.3/8 -> Server | A, B → C | "
            "From agents to the manager | x |  | Web / DB"
        ),
    ),
    "mark": (
        _listed("TCP | UDP | Inbound | Outbound | In | Out"),
        _listed("x | ✓ | yes |  | - | no | X"),
    ),
    "action": (
        _listed("Action | Allow/Deny | Policy | Aktion"),
        _listed(
            "Allow | Deny | Permit | ALLOW | Block | drop | not allowed | Allow (default) |  | - | maybe | Deny, then allow | 許可 | "
            "許可しない"
        ),
    ),
    "icmp": (
        _listed("ICMP type | ICMP Type | ICMPv6 type"),
        _listed("8 | Echo Request | 3 | All |  | 128 | 0-255 | 8, 0 | destination unreachable | foo"),
    ),
    "icmp_code": (
        _listed("ICMP code | Code"),
        _listed("0 | 4 | All |  | -1 | x y"),
    ),
    "ethertype": (
        _listed("Ether Type | EtherType | IP version"),
        _listed("IPv4 | IPv6 | "),
    ),
    "description": (
        _listed("Description | Purpose | Comment | Notes | Service | Used for | Name | Application"),
        _listed(
            "HTTPS | Web access (TCP) | Replication; backup | SSH | DenyAllInBound | Block all traffic | Heartbeat (UDP only) |  | "
            "- | overÂ SSH | a, b; c | Ping | see <b>note</b> | cafÃ©"
        ),
    ),
    "odd": (
        _listed(" | Column | Default | # | Required"),
        _listed("yes | 1 |  | 443 | TCP | x | default | Inbound"),
    ),
}
HEADINGS = (
    "Inbound rules for Web Security Group",
    "Outbound rules for the Web SG",
    "Firewall ports",
    "TCP ports",
    "UDP",
    "Management server",
    "Client --> Server",
    "Server <-- 10.1.2.3/8",
    "Client <-> Server",
    "Ports",
    "Egress",
    "ICMP",
    "Overview",
    "Security group: App Security Group",
    "ICMPv6 types",
    "Incoming and outgoing ports",
)
SENTENCES = (
    "",
    "Open the following inbound ports:",
    "Outgoing connections – see below.",
    "Allow this range inbound over both TCP and UDP.",
    "All ports are TCP.",
    "8000-8100 is needed for both TCP and UDP.",
    "The following rules apply to the Web Security Group.",
)


class Table(NamedTuple):
    """One table: its headers, its rows, and the group rows by the number of the row that they stand before."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    groups: dict[int, str]
    headed: bool
    pipes: bool

    def markup(self) -> str:
        return self._pipes() if self.pipes else self._html()

    def _html(self) -> str:
        tag = "th" if self.headed else "td"
        lines = [f"<tr>{''.join(f'<{tag}>{html.escape(text)}</{tag}>' for text in self.headers)}</tr>"]
        for number, row in enumerate(self.rows):
            if number in self.groups:
                lines.append(f'<tr><td colspan="{len(self.headers)}">{html.escape(self.groups[number])}</td></tr>')
            lines.append(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>")
        return "<table>" + "\n".join(lines) + "</table>"

    def _pipes(self) -> str:
        lines = [self.headers, ("---",) * len(self.headers)]
        for number, row in enumerate(self.rows):
            if number in self.groups:
                lines.append((self.groups[number], *("",) * (len(self.headers) - 1)))
            lines.append(row)
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Draw a table: columns of random kinds, most cells of the kind of their column."""
    kinds = ["port" if draw(st.integers(0, 9)) else "port_from", *draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=5))]
    if kinds[0] == "port_from":
        kinds.insert(1, "port_to")
    kinds = draw(st.permutations(kinds))
    headers = tuple(draw(st.sampled_from(COLUMNS[kind][0])) for kind in kinds)
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        strays = [draw(st.integers(0, 15)) == 0 for _ in kinds]
        chosen = [draw(st.sampled_from(sorted(COLUMNS))) if stray else kind for kind, stray in zip(kinds, strays, strict=True)]
        rows.append(tuple(draw(st.sampled_from(COLUMNS[kind][1])) for kind in chosen))
    groups = draw(st.dictionaries(st.integers(0, 4), st.sampled_from(HEADINGS), max_size=1))
    return Table(headers, tuple(rows), groups, draw(st.integers(0, 4)) > 0, draw(st.booleans()))


@st.composite
def pages(draw: st.DrawFn) -> str:
    """Draw a page of one or two tables under headings."""
    parts = []
    for _ in range(draw(st.integers(1, 2))):
        table = draw(tables())
        heading, sentence = draw(st.sampled_from(HEADINGS)), draw(st.sampled_from(SENTENCES))
        if table.pipes:
            parts.append(f"## {heading}\n\n{sentence}\n\n{table.markup()}\n")
        else:
            parts.append(f"<h2>{html.escape(heading)}</h2>\n<p>{sentence}</p>\n{table.markup()}\n\n")
    return "\n".join(parts)
