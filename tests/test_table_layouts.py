"""How the rules of a table stand in it: in rows, beside the names of their fields, or in cells; and what two columns of numbers are."""

from __future__ import annotations

import pytest

from extract import extract_text
from extract.model import Endpoint


@pytest.mark.parametrize(
    ("rows", "layout"),
    [
        (["Protocol | Port", "TCP | 22"], "rows"),
        (["Name | Shell", "Protocol | TCP", "Port | 22"], "key/value"),
        (["From \\ To | Web | Mail", "Web | TCP 22 | TCP 23", "Mail | UDP 1 | TCP 2"], "matrix"),
        (["Name | Colour", "Apple | green"], None),
        (["Port", "22"], None),
    ],
    ids=["rows", "key/value", "matrix", "no rules", "a single column"],
)
def test_a_report_says_how_the_rules_of_a_table_stand_in_it(rows: list[str], layout: str | None) -> None:
    head, *body = ["".join(f"<th>{cell}</th>" for cell in row.split(" | ")) for row in rows]
    page = f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>'.replace('th>', 'td>') for row in body)}</table>"
    [table] = extract_text(page).reports[0].tables
    assert (table.layout, table.verdict == "rules") == (layout, layout is not None)


@pytest.mark.parametrize(
    ("first", "second", "ports"),
    [
        ("From", "To", (8000, 8010)),
        ("Von", "Nach", (8000, 8010)),
        ("Desde", "Hasta destino", (8000, 8010)),
        ("Source", "Destination", (8010, 8010)),
        ("Quelle", "Ziel", (8010, 8010)),
        ("Fromage source", "Destination", (8010, 8010)),
    ],
)
def test_the_word_of_a_header_says_whether_two_columns_of_numbers_are_a_range(first: str, second: str, ports: tuple[int, int]) -> None:
    page = f"<table><tr><th>Protocol<th>{first}<th>{second}<tr><td>TCP<td>8000<td>8010<tr><td>UDP<td>9000<td>9010</table>"
    rule = extract_text(page).rules[0]
    assert (rule.protocol, rule.from_port, rule.to_port) == ("tcp", *ports)


def _flows(page: str) -> list[str]:
    """Return the rules of a Markdown page, a line each: direction, protocol, ports, source, destination."""

    def name(end: Endpoint | None) -> str:
        return "?" if end is None else end.name

    return [
        f"{rule.direction} {rule.protocol} {rule.from_port} {name(rule.source)} > {name(rule.destination)}"
        for rule in extract_text(page, kind="markdown").rules
    ]


@pytest.mark.parametrize(
    ("title", "rows", "flows"),
    [
        (
            "Rules for Lantern Proxy",
            "Inbound/Outbound | Remote host | Protocol | Ports\n---|---|---|---\nBoth | Database | UDP | 9443",
            ["ingress udp 9443 Database > Lantern Proxy", "egress udp 9443 Lantern Proxy > Database"],
        ),
        (
            "Các cổng cần thiết",
            "Giao thức | Số cổng | Chiều vào | Chiều ra\n---|---|---|---\nTCP | 80 | x | x\nUDP | 53 | x | \nTCP | 25 |  | x",
            ["ingress tcp 80 ? > ?", "egress tcp 80 ? > ?", "ingress udp 53 ? > ?", "egress tcp 25 ? > ?"],
        ),
        (
            "Persyaratan jaringan",
            "Asal | Tujuan | Port | Protokol\n---|---|---|---\nKantor | Server web | 443 | TCP\nGudang | Server surel | 25 | TCP",
            ["None tcp 443 Kantor > Server web", "None tcp 25 Gudang > Server surel"],
        ),
        (
            "Outbound rules",
            "Destination port | Protocol\n---|---\nN/A | AH",
            ["egress ah None ? > ?"],
        ),
        (
            "Ports",
            "| Port | Protocol | Action |\n|---|---|---|\n| | ESP | Allow |",
            ["None esp None ? > ?"],
        ),
        (
            "Ports",
            "| | Domain lookups | Host checks |\n|---|---|---|\n| Source | Cache | Probe |\n| Destination | Names | Names |\n"
            "| Protocol | UDP | ICMP |\n| Port | 53 | - |",
            ["None udp 53 Cache > Names", "None icmp None Probe > Names"],
        ),
    ],
    ids=[
        "both ways with a remote host",
        "ticked directions",
        "a purpose or a destination",
        "no ports",
        "no ports, allowed",
        "side by side",
    ],
)
def test_rules_are_read_whole_however_they_stand_in_a_table(title: str, rows: str, flows: list[str]) -> None:
    assert _flows(f"## {title}\n\n{rows}\n") == flows


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Protocol | Port | Protocol | Port", "TCP | 22 | UDP | 53"),
        ("Protocol | Port | Source | | Protocol | Port | Source", "TCP | 22 | Cache | | UDP | 53 | Probe"),
        ("TCP port | Source | TCP port | Source", "22 | Cache | 53 | Probe"),
        ("First protocol | First port | Second protocol | Second port", "TCP | 22 | UDP | 53"),
    ],
)
def test_two_tables_side_by_side_give_no_rule_of_parts_of_both(header: str, row: str) -> None:
    extraction = extract_text(f"## Ports\n\n| {header} |\n|{'---|' * (header.count('|') + 1)}\n| {row} |\n".encode(), path="a.md")
    assert not extraction.rules
    assert [one.code for one in extraction.findings if one.code != "no-rule-table"] == ["table-doubtful"]


def test_a_port_of_each_side_and_a_service_beside_each_port_are_no_tables_side_by_side() -> None:
    assert _flows("## Ports\n\n| Port | Service | Port | Service |\n|---|---|---|---|\n| 22/tcp | shell | 53/udp | names |\n") == [
        "None tcp 22 ? > ?",
        "None udp 53 ? > ?",
    ]
