"""Sentences of a page against its rows: as evidence where cells contradict each other, and as a check of what the rows cover."""

from __future__ import annotations

import pytest

from extract import Extraction, Finding, extract_text

HEADER = "| Type | Protocol | Port | Source |\n| --- | --- | --- | --- |\n"
UDP_TYPE = "| Custom UDP Rule | TCP | 8088-8093 | Client Security Group |\n"
PORTS_HEADER = "| Protocol | Port | Source |\n| --- | --- | --- |\n"


def extracted(*parts: str) -> Extraction:
    return extract_text("\n\n".join(("# Web Security Group", *parts)), path="page.md")


def prose(extraction: Extraction) -> list[Finding]:
    return [found for found in extraction.findings if found.code.startswith("prose-")]


def verdicts(sentence: str, *rows: str) -> list[tuple[str, str]]:
    """Return code and outcome of each finding about prose, for a page of one sentence and rows of protocol and port."""
    table = PORTS_HEADER + "".join(f"| {row} | Client Security Group |\n" for row in rows)
    return [(found.code.removeprefix("prose-"), found.message.partition("which states ")[2]) for found in prose(extracted(sentence, table))]


# --- evidence where two cells contradict each other -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "protocol"),
    [
        ("", "tcp"),
        ("Allow 8088-8093 over both TCP and UDP.", "tcp"),
        ("Allow TCP 8088-8093.", "tcp"),
        ("Allow UDP 8088-8093.", "udp"),
        ("The cache needs ports 8080-8100. They use UDP.", "tcp"),
        ("The cache needs ports 8088-8093. They use UDP.", "udp"),
        ("Ephemeral ports: the media engine uses UDP 1024-65535.", "tcp"),
        ("The Data Security Group reaches its peers on UDP 8088-8093.", "tcp"),
        ("The Web Security Group needs UDP 8088-8093.", "udp"),
        ("Outbound connections go to UDP 8088-8093.", "tcp"),
        ("Allow UDP 9000.", "tcp"),
        ("UDP 8088-8093 is not used.", "tcp"),
        ("Block UDP 8088-8093.", "tcp"),
    ],
)
def test_a_sentence_decides_between_type_and_protocol_when_it_speaks_for_one_of_them_alone(sentence: str, protocol: str) -> None:
    (rule,) = extracted(sentence, HEADER + UDP_TYPE).rules
    assert (rule.protocol, rule.from_port, rule.to_port) == (protocol, 8088, 8093)


def test_the_trace_of_a_decision_names_the_sentence_and_its_line() -> None:
    extraction = extracted("Allow UDP 8088-8093.", HEADER + UDP_TYPE)
    (correction,) = (trace for trace in extraction.rules[0].trace if trace.kind == "correction")
    assert (correction.field, correction.said, correction.became) == ("protocol", "tcp", "udp")
    assert correction.why == ("the type says udp, the protocol cell tcp; line 3 ('Allow UDP 8088-8093.') decides for the type")
    (found,) = (found for found in extraction.findings if found.code == "type-contradicts-protocol")
    assert found.message == correction.why


def test_a_row_that_denies_is_left_to_precedence() -> None:
    table = "| Action | Protocol | Port | Source |\n| --- | --- | --- | --- |\n| Deny | TCP | 514/udp | Any |\n| Allow | TCP | 80 | Any |\n"
    assert [rule.protocol for rule in extracted("Open UDP 514.", table).rules] == ["tcp", "tcp"]


def test_without_a_sentence_the_trace_names_the_precedence() -> None:
    (rule,) = extracted(HEADER + UDP_TYPE).rules
    (correction,) = (trace for trace in rule.trace if trace.kind == "correction")
    assert correction.why == "the type says udp, the protocol cell tcp; the protocol cell counts"


@pytest.mark.parametrize(("sentence", "protocol"), [("", "tcp"), ("Open 5000/udp.", "udp"), ("Open 5000/udp and 5000/tcp.", "tcp")])
def test_a_sentence_decides_between_protocol_cell_and_port_cell(sentence: str, protocol: str) -> None:
    (rule,) = extracted(sentence, HEADER + "| Custom | TCP | 5000/udp | Client Security Group |\n").rules
    assert rule.protocol == protocol
    assert any(trace.by == "protocol-contradicts-port-cell" for trace in rule.trace)


@pytest.mark.parametrize(
    ("before", "after", "protocol"),
    [
        ("Allow UDP 8088-8093.\n\n## Cache", "", "udp"),
        ("## Cache\n\nAllow UDP 8088-8093.", "", "udp"),
        ("## Cache", "Allow UDP 8088-8093.", "udp"),
        ("## Agents\n\nAllow UDP 8088-8093.\n\n## Cache", "", "tcp"),
        ("## Cache", "## Agents\n\nAllow UDP 8088-8093.", "tcp"),
        ("## Cache", "### Agents\n\nAllow UDP 8088-8093.", "tcp"),
    ],
)
def test_a_sentence_decides_in_its_own_section_only(before: str, after: str, protocol: str) -> None:
    (rule,) = extracted(before, HEADER + UDP_TYPE, after).rules
    assert rule.protocol == protocol


# --- what rows cover --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "rows", "expected"),
    [
        ("Open TCP 443.", ["TCP | 443"], [("confirms-rows", "tcp 443; rows agree")]),
        ("Open TCP 443.", ["TCP | 400-500"], [("confirms-rows", "tcp 443; rows agree")]),
        ("Open TCP 8000-8010.", ["TCP | 8000-8005", "TCP | 8006-8010"], [("confirms-rows", "tcp 8000-8010; rows agree")]),
        ("Open TCP 443.", ["All | All"], [("confirms-rows", "tcp 443; rows agree")]),
        ("It listens on port 443.", ["UDP | 443"], [("confirms-rows", "port 443; rows agree")]),
        ("Open TCP 443.", ["UDP | 443"], [("contradicts-rows", "tcp 443; the rows have it on udp only")]),
        ("Open TCP 443.", ["TCP | 80"], [("not-covered", "tcp 443; no row of this page covers it")]),
        ("Open TCP 8000-8010.", ["TCP | 8000-8009"], [("not-covered", "tcp 8000-8010; no row of this page covers it")]),
        ("It listens on port 443.", ["TCP | 80"], [("not-covered", "port 443; no row of this page covers it")]),
        (
            "Open 389 over TCP and UDP.",
            ["TCP | 389"],
            [("confirms-rows", "tcp 389; rows agree"), ("not-covered", "udp 389; no row of this page covers it")],
        ),
        ("Open TCP 443.", [" | 443"], [("confirms-rows", "tcp 443; a row names the port and leaves the protocol open")]),
        ("TCP 443 is not used.", ["TCP | 80"], []),
        ("Version 7 uses TCP.", ["TCP | 80"], []),
    ],
)
def test_what_a_sentence_states_is_confirmed_contradicted_or_not_covered(
    sentence: str, rows: list[str], expected: list[tuple[str, str]]
) -> None:
    assert verdicts(sentence, *rows) == expected


def test_a_sentence_that_allows_what_a_row_denies_contradicts_it() -> None:
    table = "| Action | Protocol | Port | Source |\n| --- | --- | --- | --- |\n| Deny | TCP | 443 | Any |\n| Allow | TCP | 80 | Any |\n"
    (found,) = prose(extracted("Open TCP 443.", table))
    assert (found.code, found.related[0].row) == ("prose-contradicts-rows", 1)
    assert found.message.endswith("tcp 443; the rows deny it")


def test_a_sentence_is_compared_once_however_often_it_stands_there() -> None:
    assert len(prose(extracted("Open TCP 443.", "Open TCP 443.", PORTS_HEADER + "| TCP | 80 | Any |\n"))) == 1


def test_a_finding_quotes_the_sentence_at_its_line_and_points_at_the_rows() -> None:
    table = PORTS_HEADER + "| TCP | 80 | Any |\n| TCP | 443 | Any |\n"
    (found,) = prose(extracted("Read this first. Open TCP 443 for clients. Then go on.", table))
    assert (found.line, found.table, found.row) == (3, None, None)
    assert "'Open TCP 443 for clients.'" in found.message
    assert [(place.document, place.line, place.table, place.row) for place in found.related] == [("page.md", 8, 1, 2)]


def test_cells_of_a_layout_table_are_prose() -> None:
    note = "<table><tr><td><b>Note</b></td><td>Also allow UDP 9999.</td></tr></table>"
    (found,) = prose(extracted(note, PORTS_HEADER + "| TCP | 80 | Any |\n"))
    assert (found.code, found.line) == ("prose-not-covered", 3)


def test_a_page_without_rules_has_no_findings_about_its_prose() -> None:
    assert prose(extracted("Open TCP 443.")) == []


def test_a_page_of_many_sentences_and_many_rows_is_compared_in_full() -> None:
    sentences = " ".join(f"Open TCP {port}." for port in range(2000, 3000))
    rows = PORTS_HEADER + "".join(f"| TCP | {port} | Any |\n" for port in range(2000, 3000, 2))
    found = prose(extracted(sentences, rows))
    assert sum(one.code == "prose-confirms-rows" for one in found) == 500
    assert sum(one.code == "prose-not-covered" for one in found) == 500
