"""Checks of rules beside each other: labels, repeated and overlapping rules, names of groups, headers against directions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract import Extraction, Finding, extract_paths, extract_text
from extract.catalogue import catalogue
from tests import goldens

HEADER = "| Type | Protocol | Port | Source | Description |\n| --- | --- | --- | --- | --- |\n"
ACL = "| Action | Protocol | Port | Source |\n| --- | --- | --- | --- |\n"


def page(*rows: str, heading: str = "Web Security Group", header: str = HEADER) -> str:
    return f"# {heading}\n\nInbound rules:\n\n{header}" + "".join(f"| {row} |\n" for row in rows)


def found(extraction: Extraction, *codes: str) -> list[Finding]:
    return [one for one in extraction.findings if one.code in codes]


def messages(text: str, *codes: str) -> list[str]:
    return [one.message for one in found(extract_text(text, path="page.md"), *codes)]


# --- rows that are left open ------------------------------------------------------------------------------------------


PAGES = {folder.name: goldens.page_of(folder).read_bytes() for folder in goldens.folders()}
EXAMPLES = {entry.code: entry.page.encode() for entry in catalogue().values() if entry.page is not None}


@pytest.mark.parametrize("text", [*PAGES.values(), *EXAMPLES.values()], ids=[*PAGES, *EXAMPLES])
def test_every_row_that_is_left_open_has_a_finding_that_says_so_and_no_other_row(text: bytes) -> None:
    extraction = extract_text(text, path="page")
    is_open = {(place.table, place.row) for rule in extraction.unresolved for place in rule.evidence}
    assert {(one.table, one.row) for one in extraction.findings if "under unresolved" in one.message} == is_open


# --- labels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            "Custom TCP Rule | TCP | 162 | Any | SNMP",
            "'SNMP' is registered for port 161 and runs over udp; this row says tcp 162; 162 is registered as snmptrap",
        ),
        ("HTTPS | TCP | 8443 | Any | ", "'HTTPS' is registered for port 443; this row says tcp 8443"),
        ("Custom | TCP | 444 (HTTPS) | Any | ", "'HTTPS' is registered for port 443; this row says tcp 444"),
        ("SSH | UDP | 22 | Any | ", "'SSH' runs over tcp; this row says udp 22; 22 is registered as ssh"),
        ("SSH | TCP | 22 | Any | SSH", None),
        ("HTTP | TCP | 8080 | Any | ", None),
        ("Custom | TCP | 1-1024 | Any | SMTP", None),
        ("Custom | TCP/UDP | 161 | Any | SNMP", None),
        ("Custom | TCP | 444 | Any | Administration (HTTPS)", None),
        ("Custom | TCP | 22 | Any | Shell", None),
        ("Custom | ICMP | Echo Request | Any | SNMP", None),
    ],
)
def test_a_label_that_disagrees_with_its_registration(row: str, expected: str | None) -> None:
    assert messages(page(row), "label-disagrees") == ([expected] if expected else [])


def test_a_label_changes_nothing() -> None:
    (rule,) = extract_text(page("Custom TCP Rule | TCP | 162 | Any | SNMP"), path="page.md").rules
    assert (rule.protocol, rule.from_port, rule.to_port) == ("tcp", 162, 162)


# --- repeated and overlapping rules -----------------------------------------------------------------------------------

TCP_80 = "Custom TCP Rule | TCP | 80 | Any | Portal"


def test_a_rule_in_several_rows_is_noted_at_the_second_with_the_others() -> None:
    extraction = extract_text(page(TCP_80, "Custom TCP Rule | TCP | 81 | Any | Portal", TCP_80, TCP_80), path="page.md")
    (one,) = found(extraction, "duplicate-rule", "descriptions-differ")
    assert (one.code, one.row, [place.row for place in one.related]) == ("duplicate-rule", 3, [1, 4])
    assert one.message == "this row states the same rule as table 1, row 1; it is published once, with every row"


def test_a_rule_that_rows_describe_differently() -> None:
    rows = (TCP_80, "Custom TCP Rule | TCP | 80 | Any | Console", "Custom TCP Rule | TCP | 80 | Any | console")
    assert messages(page(*rows), "duplicate-rule", "descriptions-differ") == [
        "rows describe the same rule as 'Portal' and 'Console'; it is published once, with every description"
    ]


def test_repeated_across_pages_names_the_page(tmp_path: Path) -> None:
    folder = tmp_path / "acme" / "gate" / "1.0"
    folder.mkdir(parents=True)
    for name in ("a.md", "b.md"):
        (folder / name).write_text(page(TCP_80), "utf-8")
    (one,) = found(extract_paths([tmp_path]), "duplicate-rule")
    assert one.document == "acme/gate/1.0/b.md"
    assert "acme/gate/1.0/a.md, table 1, row 1" in one.message


def port_row(port: str, source: str = "Client Security Group", protocol: str = "TCP") -> str:
    return f"Custom | {protocol} | {port} | {source} | "


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([port_row("8000-8100"), port_row("8080")], [(2, [1])]),
        ([port_row("8080"), port_row("8000-8100")], [(2, [1])]),
        ([port_row("8000-8010"), port_row("8010-8020")], [(2, [1])]),
        ([port_row("22"), port_row("80"), port_row("443"), port_row("All")], [(4, [1, 2, 3])]),
        ([port_row("8000-8010"), port_row("8011-8020")], []),
        ([port_row("8000-8100"), port_row("8080", protocol="UDP")], []),
        ([port_row("8000-8100"), port_row("8080", source="Other Security Group")], []),
        ([port_row("All", protocol="ICMP"), port_row("Echo Request", protocol="ICMP")], [(2, [1])]),
        ([port_row("Echo Reply", protocol="ICMP"), port_row("Echo Request", protocol="ICMP")], []),
    ],
)
def test_rules_that_overlap(rows: list[str], expected: list[tuple[int, list[int]]]) -> None:
    extraction = extract_text(page(*rows), path="page.md")
    assert [(one.row, [place.row for place in one.related]) for one in found(extraction, "overlapping-rules")] == expected


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["Deny | TCP | 1-1024 | 10.0.0.0/8", "Allow | TCP | 22 | 10.0.0.0/8"], "action-conflict"),
        (["Allow | TCP | 22 | 10.0.0.0/8", "Deny | TCP | 22 | 10.0.0.0/8"], "action-conflict"),
        (["Allow | TCP | 22-30 | 10.0.0.0/8", "Deny | TCP | 25-40 | 10.0.0.0/8"], "action-conflict"),
        # What ACLs end with is no conflict.
        (["Allow | TCP | 22 | 10.0.0.0/8", "Deny | TCP | All | 10.0.0.0/8"], "overlapping-rules"),
        (["Allow | TCP | 22 | 10.0.0.0/8", "Deny | TCP | 23 | 10.0.0.0/8"], None),
    ],
)
def test_the_same_traffic_allowed_and_denied(rows: list[str], code: str | None) -> None:
    extraction = extract_text(page(*rows, header=ACL), path="page.md")
    assert [one.code for one in found(extraction, "action-conflict", "overlapping-rules")] == ([code] if code else [])


def test_rules_without_endpoints_are_compared_within_their_table() -> None:
    table = "| Protocol | Port |\n| --- | --- |\n| {} |\n| {} |\n\n"
    text = "# Ports\n\n" + table.format("TCP | 1-100", "TCP | 200") + "Text.\n\n" + table.format("TCP | 50", "TCP | 60-70")
    assert messages(text, "overlapping-rules") == []


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["Allow", "Deny"]), st.integers(1, 40), st.integers(0, 20)), min_size=1, max_size=8))
def test_a_rule_is_noted_exactly_when_it_overlaps_another(spans: list[tuple[str, int, int]]) -> None:
    rows = [f"{action} | TCP | {first}-{first + width} | 10.0.0.0/8" for action, first, width in spans]
    extraction = extract_text(page(*rows, header=ACL), path="page.md")
    distinct = sorted({(rule.action, rule.from_port or 0, rule.to_port or 0) for rule in extraction.rules})
    overlap = any(a[1] <= b[2] and b[1] <= a[2] for index, a in enumerate(distinct) for b in distinct[index + 1 :])
    assert bool(found(extraction, "action-conflict", "overlapping-rules")) is overlap


# --- names ------------------------------------------------------------------------------------------------------------


def groups(**pages: str) -> str:
    """Return a page that describes groups, each with the group that its one rule names."""
    parts = [page(f"Custom | TCP | 443 | {other} | ", heading=name.replace("_", " ")) for name, other in pages.items()]
    return "\n\n".join(parts)


def test_groups_that_are_named_and_not_described_or_described_and_not_named() -> None:
    extraction = extract_text(
        groups(Web_Security_Group="Client Security Group", Data_Security_Group="Web SG", Cache_Security_Group="Web Security Group"),
        path="page.md",
    )
    named = [(one.row, one.message) for one in found(extraction, "group-not-described")]
    assert named == [(1, "'Client Security Group' is named here, but no page describes this group")]
    described = [(one.line, one.message.partition(" is ")[0]) for one in found(extraction, "group-not-named")]
    assert described == [(10, "'Data Security Group'"), (19, "'Cache Security Group'")]


def test_a_page_about_one_group_describes_no_others() -> None:
    assert messages(page(TCP_80), "group-not-named", "group-not-described") == []


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("SecureGate Server Security Group", "Secure Gate Server Security Group", True),
        ("SecureGate Server SG", "Secure Gate Server Security Group", True),
        ("Load-Balancer Security Group", "Load Balancer Security Group", True),
        ("Administration Security Group", "Adminstration Security Group", True),
        ("Database Security Group", "Databse Security Group", True),
        ("Server Security Group", "Sevrer Security Group", True),
        ("SecureGate Server SG", "SecureGate Server Security Group", False),
        ("Server 1 Security Group", "Server 2 Security Group", False),
        ("Client Security Group", "Clients Security Group", False),
        ("Internal Security Group", "External Security Group", False),
        ("Gluster Security Group", "Cluster Security Group", False),
        ("Node Security Group", "Edge Security Group", False),
        ("Server Security Group", "Web Server Security Group", False),
    ],
)
def test_names_that_look_like_slips(one: str, other: str, slip: bool) -> None:
    rows = [f"Custom | TCP | {port} | {name} | " for port, name in ((80, one), (81, one), (82, other))]
    expected = f"{other!r} may be a misspelling: did you mean {one!r}? Both are kept; if they are one, write an alias patch"
    assert messages(page(*rows), "name-slip") == ([expected] if slip else [])


def test_the_described_name_is_the_one_that_was_meant() -> None:
    rows = ["Custom | TCP | 80 | SecureGate Security Group | ", "Custom | TCP | 81 | SecureGate Security Group | "]
    (message,) = messages(page(*rows, heading="Secure Gate Security Group"), "name-slip")
    assert message.startswith("'SecureGate Security Group' may be a misspelling: did you mean 'Secure Gate Security Group'?")


def test_a_slip_is_kept_as_it_is() -> None:
    rows = ["Custom | TCP | 80 | Database Security Group | ", "Custom | TCP | 81 | Databse Security Group | "]
    names = [rule.source.name for rule in extract_text(page(*rows), path="page.md").rules if rule.source]
    assert names == ["Database Security Group", "Databse Security Group"]


# --- headers against directions ---------------------------------------------------------------------------------------

DESTINATION = "| Protocol | Port | Destination |\n| --- | --- | --- |\n"


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        (
            "Client Security Group",
            [
                "among the inbound rules of 'Web Security Group' the column 'Destination' names 'Client Security Group'; the header counts:"
                " by the page the rule has no source"
            ],
        ),
        ("Web Security Group", []),
        ("Web SG", []),
    ],
)
def test_inbound_rules_that_are_headed_destination(destination: str, expected: list[str]) -> None:
    assert messages(page(f"TCP | 443 | {destination}", header=DESTINATION), "direction-conflict") == expected


@pytest.mark.parametrize(
    ("header", "purpose", "says"),
    [
        ("Source", "All outbound traffic", "names the source; the header counts: by the page the direction is not stated"),
        ("Source", "Egress (unrestricted)", "names the source; the header counts: by the page the direction is not stated"),
        ("Destination", "Incoming sessions", "names the destination; the header counts: by the page the direction is not stated"),
        ("Source", "All inbound traffic", None),
        ("Source", "Sessions", None),
        ("Source", "Sessions that the outbound relay of the branch office hands on", None),
    ],
)
def test_a_description_that_tells_another_direction_than_the_header(header: str, purpose: str, says: str | None) -> None:
    text = f"| Port | Protocol | {header} | Purpose |\n| --- | --- | --- | --- |\n| All | All | 0.0.0.0/0 | {purpose} |\n"
    found = messages(text, "direction-conflict")
    assert found == ([f"the column 'Purpose' says '{purpose}', and the column '{header}' {says}"] if says else [])


def test_a_description_that_tells_what_ticks_tell_is_no_contradiction() -> None:
    text = "| Port | Protocol | Source | Inbound | Outbound | Purpose |\n| --- | --- | --- | --- | --- | --- |\n"
    assert messages(f"{text}| 25 | TCP | Relay | | x | Outbound mail |\n| 26 | TCP | Relay | x | | Web |\n", "direction-conflict") != []
    told = [
        one.message for one in found(extract_text(f"{text}| 25 | TCP | Relay | | x | Outbound mail |\n", path="p.md"), "direction-conflict")
    ]
    assert not any("Purpose" in message for message in told)


def test_a_description_is_not_held_against_a_direction_that_is_stated() -> None:
    text = "# Inbound rules\n\n| Port | Protocol | Source | Purpose |\n| --- | --- | --- | --- |\n| 25 | TCP | Relay | Outbound mail |\n"
    assert messages(text, "direction-conflict") == []


def test_long_words_are_compared_in_bounded_time() -> None:
    names = ["a" * 20_000 + f"{chr(97 + index // 6)}{chr(97 + index % 6)}x" for index in range(36)]
    assert messages(page(*(f"Custom | TCP | {port} | {name} | " for port, name in enumerate(names, 1))), "name-slip") == []


@pytest.mark.parametrize(("one", "other"), [("region 1.1", "region 11"), ("db 1-1", "db 11")])
def test_punctuation_between_digits_tells_names_apart(one: str, other: str) -> None:
    assert messages(page(port_row("80", one), port_row("81", one), port_row("82", other)), "name-slip") == []


def test_what_several_rows_write_so_was_meant_so() -> None:
    rows = [port_row(str(port), name) for port, name in enumerate(("Internet zone", "Intranet zone") * 3, 1)]
    assert messages(page(*rows), "name-slip") == []


@pytest.mark.parametrize(
    "name", ["the Data Security Group", "Data Security Groups", "Data Security Group (recommended)", "same security group"]
)
def test_ways_of_naming_a_group_that_is_described(name: str) -> None:
    text = groups(Web_Security_Group="Data Security Group", Data_Security_Group=name)
    assert messages(text, "group-not-described") == []


# --- documents and texts ----------------------------------------------------------------------------------------------


def test_a_document_whose_tables_all_went_says_why() -> None:
    text = "# Sizes\n\n| Model | RAM |\n| --- | --- |\n| S | 4 |\n\nText.\n\n| Model | Disks |\n| --- | --- |\n| S | 2 |\n"
    assert messages(text, "no-rule-table") == [
        "none of the tables of this document holds rules: table 1: no header and no short cell of it names a port or a protocol; "
        "table 2: no header and no short cell of it names a port or a protocol"
    ]
    assert messages(page(TCP_80), "no-rule-table") == []


def test_mojibake_in_a_text_is_noted_at_its_line() -> None:
    text = f"# Ports\n\nOpen these\u00c2\u00a0ports in the firewall.\n\n{HEADER}| {TCP_80} |\n"
    (one,) = found(extract_text(text, path="page.md"), "mojibake")
    assert (one.line, one.table) == (3, None)
    assert "was read as 'Open these ports in the firewall.'" in one.message


def test_a_finding_about_a_row_carries_its_cells() -> None:
    (one,) = found(extract_text(page("Custom | TCP | 162 | Any | SNMP"), path="page.md"), "label-disagrees")
    assert one.cells == {"Type": "Custom", "Protocol": "TCP", "Port": "162", "Source": "Any", "Description": "SNMP"}
    text = "| Model | RAM |\n| --- | --- |\n| S | 4 | 5 |\n"
    (surplus,) = found(extract_text(text, path="page.md"), "surplus-cells")
    assert surplus.cells == {"Model": "S", "RAM": "4"}


# --- what a row leaves out --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "rules"),
    [
        ("ICMP, ICMPv6 | Echo Request", [("icmp", 8), ("ipv6-icmp", 128)]),
        ("ICMP/ICMPv6 | -", [("icmp", None), ("ipv6-icmp", None)]),
        ("ICMPv6 | Echo Request", [("ipv6-icmp", 128)]),
    ],
)
def test_both_kinds_of_icmp_in_one_cell_are_two_rules(cells: str, rules: list[tuple[str, int | None]]) -> None:
    table = f"| Protocol | Port | Source |\n| --- | --- | --- |\n| {cells} | Any |\n| TCP | 80 | Any |\n"
    extraction = extract_text(f"# Web Security Group\n\n{table}", path="page.md")
    assert [(rule.protocol, rule.icmp_type) for rule in extraction.rules if rule.protocol != "tcp"] == rules


def test_a_transport_without_a_port_beside_a_protocol_without_ports_is_noted() -> None:
    table = "| Protocol | Port | Source |\n| --- | --- | --- |\n| TCP, ICMP | N/A | Any |\n| TCP | 80 | Any |\n"
    text = f"# Web Security Group\n\n{table}"
    assert [rule.protocol for rule in extract_text(text, path="page.md").rules] == ["icmp", "tcp"]
    assert messages(text, "port-missing") == ["this row names no port for tcp, so it states no rule of that"]


def test_a_row_of_a_table_of_rules_that_states_none_is_noted() -> None:
    text = page("Custom TCP Rule | TCP | | Any | Portal", TCP_80)
    assert messages(text, "row-without-rule") == ["the row states neither a port nor a protocol without ports"]
    (only,) = messages(page("Custom TCP Rule | TCP | | Any | Portal"), "no-rule-table")
    assert only.endswith("table 1: none of its rows states a rule")


@pytest.mark.parametrize(
    ("intro", "directions", "outcome"),
    [
        ("", ["ingress", "egress", None], "nothing else of the page states one"),
        ("Inbound rules:", ["ingress", "egress", "ingress"], "the rest of the page says ingress"),
    ],
)
def test_a_direction_cell_that_is_not_understood_is_noted(intro: str, directions: list[str | None], outcome: str) -> None:
    rows = "".join(f"| {cell} | TCP | {port} | 10.0.0.0/8 |\n" for port, cell in enumerate(("Inbound", "Outbound", "Sideways"), 1))
    text = f"# Ports\n\n{intro}\n\n| Direction | Protocol | Port | Remote |\n| --- | --- | --- | --- |\n{rows}"
    assert [rule.direction for rule in extract_text(text, path="page.md").rules] == directions
    assert messages(text, "direction-unknown") == [f"the direction cell says 'Sideways', which is neither inbound nor outbound; {outcome}"]


# --- whose rules a table holds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "destination"),
    [
        ("Eingehende Verbindungen zum Server:", "Server"),
        ("Connexions entrantes vers le serveur proxy:", "serveur proxy"),
        ("Inbound connections to the server:", "server"),
        ("Management server:", "Management server"),
        ("Inbound connections that you need:", None),
        ("Eingehende Verbindungen:", None),
    ],
)
def test_a_line_names_the_component_that_is_left_of_it(line: str, destination: str | None) -> None:
    text = (
        f"# Inbound rules\n\n{line}\n\n| Protocol | Port | Source |\n| --- | --- | --- |\n| TCP | 443 | Clients |\n| TCP | 22 | Admins |\n"
    )
    (name,) = {rule.destination.name if rule.destination else None for rule in extract_text(text, path="page.md").rules}
    assert name == destination
