"""Every published value can be explained from the page, and every row of every table is accounted for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from extract import Endpoint, Extraction, Rule, Trace, Unresolved, extract_paths, extract_text
from extract.check import provenance
from extract.check.evidence_cells import CellText, tables_of
from tests import goldens, tables

DOCS = Path(__file__).resolve().parent.parent / "data" / "docs"
PROPERTY = settings(deadline=None, derandomize=True, max_examples=200, suppress_health_check=[HealthCheck.too_slow])


def published(extraction: Extraction) -> list[Rule | Unresolved]:
    return [*extraction.rules, *extraction.unresolved]


def holes(extraction: Extraction) -> list[str]:
    """Return what cannot be explained, in full: a hole is found by what is around it."""
    known = tables_of(extraction.reports)
    found = []
    for rule in published(extraction):
        for field in provenance.unexplained(rule, known):
            cells, traces = [one.cells for one in rule.evidence], [msgspec.structs.astuple(trace) for trace in rule.trace]
            found.append(f"{field} of {goldens.render_rule(rule)} from {cells} by {traces}")
    return found


def check_account(extraction: Extraction) -> None:
    """Assert that the rows of evidence and the rows that are no rule are disjoint and together all rows, and that the counts are theirs."""
    for report in extraction.reports:
        for table in report.tables:

            def rows_of(rules: Sequence[Rule | Unresolved], place: tuple[str, int] = (report.id, table.table)) -> set[int]:
                return {one.row for rule in rules for one in rule.evidence if (one.document, one.table) == place}

            left_open = rows_of(extraction.unresolved)
            ruled = rows_of(extraction.rules) | left_open
            without = [row for outcome in table.no_rule for row in outcome.rows]
            assert len(set(without)) == len(without)
            assert not ruled & set(without)
            assert ruled | set(without) == set(range(1, table.data_rows + 1))
            assert (table.rule_rows, table.unresolved_rows) == (len(ruled - left_open), len(left_open))
            assert table.verdict == "rules" or not ruled


@pytest.fixture(scope="module")
def shipped() -> Extraction:
    return extract_paths([DOCS], patches=DOCS.parent / "patches")


def test_every_value_of_the_shipped_documents_is_explained(shipped: Extraction) -> None:
    assert holes(shipped) == []
    check_account(shipped)


@pytest.mark.parametrize("folder", goldens.folders(), ids=lambda folder: folder.name)
def test_every_value_of_a_golden_page_is_explained(folder: Path) -> None:
    extraction = goldens.extract_page(folder)
    assert holes(extraction) == []
    check_account(extraction)


@PROPERTY
@given(tables.pages())
def test_every_value_of_a_generated_page_is_explained(page: str) -> None:
    extraction = extract_text(page, path="page.md")
    assert [found.message for found in extraction.findings if found.code == "internal-error"] == []
    assert holes(extraction) == []
    check_account(extraction)


# --- what would be noticed ---------------------------------------------------------------------------------------------

WRONG = (
    ("action", {"action": "deny"}),
    ("direction", {"direction": "egress"}),
    ("direction", {"direction": None}),
    ("protocol", {"protocol": "udp"}),
    ("ports", {"from_port": 8088, "to_port": 8088 + 6}),
    ("ports", {"from_port": 808, "to_port": 809}),
    ("ports", {"from_port": 93, "to_port": 93}),
    ("source", {"source": Endpoint("group", "Database Security Group")}),
    ("source", {"source": None}),
    ("destination", {"destination": Endpoint("role", "Cluster")}),
    ("description", {"description": "Cluster cache management; backup"}),
)
ROW = ("Inbound", "TCP", "8088-8093", "Web SG", "App host", "Cluster cache management")
HEADER = ("Direction", "Protocol", "Ports", "Source", "Destination", "Description")


def page_of(header: Sequence[str], *rows: Sequence[str], heading: str = "Firewall ports") -> str:
    return f"# {heading}\n\n{tables.Table(tuple(header), tuple(map(tuple, rows)), {}, True, True).markup()}\n"


def rules_of(header: Sequence[str], *rows: Sequence[str], heading: str = "Firewall ports") -> list[Rule | Unresolved]:
    extraction = extract_text(page_of(header, *rows, heading=heading), path="page.md")
    assert holes(extraction) == []
    return published(extraction)


@pytest.mark.parametrize(("field", "change"), WRONG, ids=[f"{field}-{number}" for number, (field, _) in enumerate(WRONG)])
def test_a_value_that_the_row_does_not_hold_is_noticed(field: str, change: dict[str, object]) -> None:
    extraction = extract_text(page_of(HEADER, ROW), path="page.md")
    [rule] = extraction.rules
    known = tables_of(extraction.reports)
    assert provenance.unexplained(rule, known) == ()
    assert provenance.unexplained(msgspec.structs.replace(rule, **change), known) == (field,)


@pytest.mark.parametrize("text", ["8088,8093", "8088; 8093", "8088 and 8093", "18088-8093", "8088-80930", "8088.1-8093"])
def test_two_ports_or_other_numbers_are_not_taken_for_a_range(text: str) -> None:
    extraction = extract_text(page_of(HEADER, ROW), path="page.md")
    [rule] = extraction.rules
    [evidence] = rule.evidence
    changed = msgspec.structs.replace(evidence, cells={**evidence.cells, "Ports": text})
    assert provenance.unexplained(msgspec.structs.replace(rule, evidence=(changed,)), tables_of(extraction.reports)) == ("ports",)


def test_a_trace_that_ends_in_another_value_explains_nothing() -> None:
    extraction = extract_text(page_of(("Protocol", "Port"), ("SSH", "22")), path="page.md")
    [rule] = extraction.rules
    known = tables_of(extraction.reports)
    assert provenance.unexplained(msgspec.structs.replace(rule, protocol="udp"), known) == ("protocol",)


def test_an_alias_is_believed_only_for_a_name_that_the_page_has() -> None:
    extraction = extract_text(page_of(HEADER, ROW), path="page.md")
    [rule] = extraction.rules
    renamed = Endpoint("group", "Web Security Group")
    known = tables_of(extraction.reports)
    for said, found in (("Web SG", ()), ("Mail SG", ("source",))):
        alias = Trace("source", "alias", said, renamed.name, "same name in full", "")
        assert provenance.unexplained(msgspec.structs.replace(rule, source=renamed, trace=(alias,)), known) == found


def test_a_value_of_a_patch_is_explained_by_it() -> None:
    extraction = extract_text(page_of(HEADER, ROW), path="page.md")
    [rule] = extraction.rules
    patch = Trace("protocol", "patch", "tcp", "udp", "patch:one", "the vendor says so")
    patched = msgspec.structs.replace(rule, protocol="udp", trace=(patch,))
    assert provenance.unexplained(patched, tables_of(extraction.reports)) == ()


# --- the steps ---------------------------------------------------------------------------------------------------------


def steps_of(extraction: Extraction, number: int = 0) -> dict[str, provenance.Step]:
    return {step.field: step for step in provenance.steps(published(extraction)[number], tables_of(extraction.reports))}


def test_a_step_names_the_cell_that_holds_its_value() -> None:
    steps = steps_of(extract_text(page_of(HEADER, ROW), path="page.md"))
    assert list(steps) == ["action", "direction", "protocol", "ports", "source", "destination", "description"]
    assert steps["ports"].value == "8088-8093"
    assert steps["ports"].cells == (CellText("Ports", "8088-8093", "page", 1, 1),)
    assert steps["action"].cells == ()
    assert "without an action column" in steps["action"].default


def test_a_correction_of_the_type_stands_at_the_protocol() -> None:
    steps = steps_of(extract_text(page_of(("Type", "Protocol", "Port"), ("Custom UDP Rule", "TCP", "443")), path="page.md"))
    assert [cell.text for cell in steps["protocol"].cells] == ["TCP"]
    assert [trace.field for trace in steps["protocol"].traces] == ["type"]


def test_a_repair_stands_at_the_value_that_is_read_from_the_cell() -> None:
    steps = steps_of(extract_text(page_of(("Protocol", "Port", "Description"), ("TCP", "443", "cafÃ© server")), path="page.md"))
    assert steps["description"].value == "café server"
    assert [cell.text for cell in steps["description"].cells] == ["cafÃ© server"]
    assert [trace.kind for trace in steps["description"].traces] == ["repair"]


def test_icmp_has_a_step_for_its_type_and_none_for_ports() -> None:
    steps = steps_of(extract_text(page_of(("Protocol", "ICMP type", "Source"), ("ICMP", "Echo Request", "Any")), path="page.md"))
    assert "ports" not in steps
    assert steps["icmp"].value == "type 8"


def test_a_rule_of_several_rows_has_the_cells_of_all() -> None:
    steps = steps_of(extract_text(page_of(HEADER, ROW, ROW), path="page.md"))
    assert [cell.row for cell in steps["ports"].cells] == [1, 2]


@pytest.mark.parametrize(
    ("cells", "field", "header"),
    [
        (("Inbound", "FOOBAR", "443", "Web SG", "App host", "x"), "protocol", "Protocol"),
        (("sideways", "TCP", "443", "Web SG", "App host", "x"), "direction", "Direction"),
        (("Inbound", "TCP", "443", "N/A", "App host", "x"), "source", "Source"),
    ],
)
def test_what_was_not_understood_stands_at_the_field_that_it_is_about(cells: Sequence[str], field: str, header: str) -> None:
    steps = steps_of(extract_text(page_of(HEADER, cells, ROW), path="page.md"), 1 if field == "protocol" else 0)
    assert steps[field].value is None
    assert [(cell.header, cell.text) for cell in steps[field].unread] == [(header, cells[HEADER.index(header)])]
    assert all(step.unread == () for step in steps.values() if step.field != field)


def test_an_action_that_was_not_understood_needs_no_default() -> None:
    steps = steps_of(extract_text(page_of(("Action", "Protocol", "Port"), ("maybe", "TCP", "1"), ("Deny", "TCP", "2")), path="page.md"), 1)
    assert [(cell.text, steps["action"].default) for cell in steps["action"].unread] == [("maybe", "")]


def test_the_cells_of_a_matrix_are_called_what_they_are() -> None:
    steps = steps_of(extract_text(page_of(("From \\ To", "A", "B"), ("A", "TCP 22", "TCP 23"), ("B", "UDP 1", "TCP 2")), path="page.md"))
    assert [steps[field].cells[0].what for field in ("source", "destination", "ports")] == ["row header", "column header", "port cell"]
    ordinary = steps_of(extract_text(page_of(("row", "column", "cell"), ("TCP", "x", "443")), path="page.md"))
    assert {cell.what for step in ordinary.values() for cell in step.cells} <= {"cell"}


def test_a_rule_of_many_rows_is_compared_in_time() -> None:
    rows = [("Inbound", "TCP", "8000-8100", "Web SG", "App host", f"use {number}; of {number}") for number in range(3000)]
    extraction = extract_text(page_of(HEADER, *rows), path="page.md")
    [rule] = extraction.rules
    began = time.monotonic()
    assert provenance.unexplained(rule, tables_of(extraction.reports)) == ()
    assert time.monotonic() - began < 5


# --- traces of values that no cell holds as written ---------------------------------------------------------------------


def traced(rule: Rule | Unresolved, field: str) -> list[tuple[str, str, str]]:
    return [(trace.said, trace.became, trace.by) for trace in rule.trace if trace.field == field]


def test_a_tick_says_the_protocol_of_its_column() -> None:
    tcp, udp = rules_of(("Service", "Port", "TCP", "UDP"), ("Printing", "631", "x", "✓"))
    assert traced(tcp, "protocol") == traced(udp, "protocol") == [("x", "tcp", "ticked column"), ("✓", "udp", "ticked column")]


@pytest.mark.parametrize(
    ("cell", "became"), [("ICMPv6", "ipv6-icmp"), ("IPv6 ICMP", "ipv6-icmp"), ("Protocol 50", "esp"), ("All", "any"), ("Both", "tcp/udp")]
)
def test_other_words_for_a_protocol_are_traced(cell: str, became: str) -> None:
    rule = rules_of(("Protocol", "Port", "Source", "Destination"), (cell, "", "A", "B"), ("TCP", "80", "A", "B"), ("UDP", "53", "A", "B"))[
        0
    ]
    if cell == "Both":
        rule = rules_of(("Protocol", "Port"), (cell, "53"), ("TCP", "80"))[0]
    assert (cell, became, "protocol words") in traced(rule, "protocol")


def test_the_words_of_a_type_are_traced_where_it_alone_names_the_protocol() -> None:
    rule = rules_of(("Type", "Port range", "Source"), ("All ICMP - IPv6", "All", "::/0"), ("Custom TCP Rule", "80", "Any"))[0]
    assert traced(rule, "protocol") == [("All ICMP - IPv6", "ipv6-icmp", "protocol words")]


def test_the_ether_type_says_which_icmp_is_meant() -> None:
    header = ("Direction", "Ether Type", "IP Protocol", "Port Range", "Remote")
    six, four = rules_of(header, ("Ingress", "IPv6", "ICMP", "Any", "::/0"), ("Ingress", "IPv4", "ICMP", "Any", "0.0.0.0/0"))
    assert traced(six, "protocol") == [("IPv6", "ipv6-icmp", "IP version beside ICMP")]
    assert traced(four, "protocol") == []


def test_the_header_of_an_icmp_column_says_the_protocol() -> None:
    [rule] = rules_of(("ICMPv6 type", "Source", "Destination"), ("128", "Monitoring", "Any"))
    assert traced(rule, "protocol") == [("ICMPv6 type", "ipv6-icmp", "column header")]


def test_an_empty_action_cell_is_traced() -> None:
    header = ("Action", "Protocol", "Port")
    allowed, denied = rules_of(header, ("", "TCP", "80"), ("Deny", "TCP", "81"))
    assert (allowed.action, traced(allowed, "action")) == ("allow", [("", "allow", "no action stated")])
    assert (denied.action, traced(denied, "action")) == ("deny", [])


def test_a_direction_cell_that_is_not_understood_is_traced() -> None:
    rules = rules_of(("Direction", "Protocol", "Port"), ("Inbound", "TCP", "80"), ("Outbound", "TCP", "81"), ("sideways", "TCP", "82"))
    assert rules[2].direction is None
    assert traced(rules[2], "direction") == [("sideways", "", "direction not understood")]


def test_both_ends_of_a_flow_in_a_heading_are_traced_also_when_its_arrow_points_left() -> None:
    [rule] = rules_of(("Protocol", "Port"), ("TCP", "80"), heading="Manager server <-- 10.1.2.3/8")
    assert traced(rule, "source") == [("Manager server <-- 10.1.2.3/8", "10.0.0.0/8", "heading")]
    assert traced(rule, "destination") == [("Manager server <-- 10.1.2.3/8", "Manager server", "heading")]


@pytest.mark.parametrize(
    ("said", "became", "by"),
    [
        ("10.1.2.3/8", "10.0.0.0/8", "canonical CIDR"),
        ("2001:DB8::/32", "2001:db8::/32", "canonical CIDR"),
        ("2001:db8:0:0::1", "2001:db8::1", "canonical address"),
    ],
)
def test_an_address_in_canonical_form_is_traced_with_what_the_page_says(said: str, became: str, by: str) -> None:
    [rule] = rules_of(("Protocol", "Port", "Source"), ("TCP", "80", said))
    assert traced(rule, "source") == [(said, became, by)]


def test_the_ends_of_a_range_in_two_columns_are_traced_where_their_digits_are_apart() -> None:
    plain, grouped = rules_of(("Protocol", "From Port", "To Port"), ("TCP", "8000", "8100"), ("TCP", "50,000", "60,000"))
    assert traced(plain, "ports") == []
    assert traced(grouped, "ports") == [("50,000 - 60,000", "50000-60000", "thousands separator")]


def test_digits_of_another_script_are_traced() -> None:
    [rule] = rules_of(("Protocol", "Port"), ("TCP", "٤٤٣"))
    assert traced(rule, "ports") == [("٤٤٣", "443", "digits")]


def test_every_port_of_an_unknown_protocol_is_traced() -> None:
    rules = rules_of(("Protocol", "Port"), ("TCP", "80"), ("UDP", "53"), ("", "Any"))
    assert isinstance(rules[2], Unresolved)
    assert traced(rules[2], "ports") == [("Any", "every port", "any port")]


# --- a flow that points to the left --------------------------------------------------------------------------------------


def test_a_column_of_its_own_for_one_side_is_not_turned_by_the_arrow_of_a_flow() -> None:
    rows = [("TCP", "80", "Client -> Server", "Backup host"), ("TCP", "81", "Client <- Server", "Backup host")]
    right, left = rules_of(("Protocol", "Port", "Flow", "To"), *rows)
    assert (right.source, right.destination) == (Endpoint("role", "Client"), Endpoint("role", "Backup host"))
    assert (left.source, left.destination) == (Endpoint("role", "Server"), Endpoint("role", "Backup host"))


def test_an_end_of_a_flow_that_another_column_names_otherwise_is_reported() -> None:
    rows = [("TCP", "80", "Client -> Server", "Backup host"), ("TCP", "81", "Client -> Server", "Server")]
    extraction = extract_text(page_of(("Protocol", "Port", "Flow", "To"), *rows))
    assert [(one.code, one.row) for one in extraction.findings] == [("end-not-placed", 1)]
    assert "'Server'" in extraction.findings[0].message
