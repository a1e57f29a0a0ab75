"""Notes: what the mark in a cell refers to is a remark on its row, wherever the note stands."""

from __future__ import annotations

import pytest

from extract import Extraction, extract_text

HEADS = "<tr><th>Protocol<th>Port<th>Source<th>Description</tr>"
LIMIT = "Only from the DMZ."


def row(port: str, source: str = "Any", description: str = "Console") -> str:
    return f"<tr><td>TCP<td>{port}<td>{source}<td>{description}</tr>"


def page(rows: str, behind: str = "", heads: str = HEADS) -> Extraction:
    return extract_text(f"<h1>Firewall rules</h1><h2>Inbound</h2><table>{heads}{rows}</table>{behind}", kind="html")


def ports(extraction: Extraction) -> tuple[list[int | None], list[int | None]]:
    """Return the ports of the rules, and those of the rows that are left open."""
    return [rule.from_port for rule in extraction.rules], [one.from_port for one in extraction.unresolved]


@pytest.mark.parametrize(
    ("port", "behind"),
    [
        # Raised, as a character of its own, and as a sign.
        ("443<sup>1</sup>", f"<p><sup>1</sup> {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<p>1) {LIMIT}</p>"),
        ("443<sup>(1)</sup>", f"<p>(1) {LIMIT}</p>"),
        ("443<sup>a</sup>", f"<p>a: {LIMIT}</p>"),
        ("443<sup>1,2</sup>", f"<p>1) Default.</p><p>2) {LIMIT}</p>"),
        ("443¹", f"<p>¹ {LIMIT}</p>"),
        ("443¹", f"<p>¹{LIMIT}</p>"),
        ("443*", f"<p>* {LIMIT}</p>"),
        ("443 *", f"<p>*{LIMIT}</p>"),
        ("443†", f"<p>* Default range. † {LIMIT}</p>"),
        ("443 [1]", f"<p>[1] {LIMIT}</p>"),
        ("443 1)", f"<p>1) {LIMIT}</p>"),
        ("443※1", f"<p>※1 {LIMIT}</p>"),
        ("443 *1", f"<p>*1 {LIMIT}</p>"),
        ("443*1", f"<p>*1 {LIMIT}</p>"),
        ("443（※）", f"<p>※{LIMIT}</p>"),
        ('443<span class="footnote">1</span>', f'<p><span class="footnote">1</span> {LIMIT}</p>'),
        ("443※2", f"<p>※1：既定値。</p><p>※2：{LIMIT}</p>"),
        ("443＊1", f"<p>＊1：{LIMIT}</p>"),
        ("443*†", f"<p>* Default.</p><p>† {LIMIT}</p>"),
        ('443<a class="footnote-ref" href="#r1">1</a>', f"<p>[1] {LIMIT}</p>"),
        # What stands between a sign and its note.
        ("443<sup>1</sup>", f"<p>1 {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<p>1 = {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<p>1 – {LIMIT}</p>"),
        ("443*", f"<p>*: {LIMIT}</p>"),
        ("443*", f"<p>* – {LIMIT}</p>"),
        ("443*", f"<p>*) {LIMIT}</p>"),
        # Several notes in one paragraph.
        ("443<sup>2</sup>", f"<p><sup>1</sup> Default <sup>2</sup> {LIMIT}</p>"),
        ("443**", f"<p>* Default ** {LIMIT}</p>"),
        ("443 [2]", f"<p>[1] Default [2] {LIMIT}</p>"),
        # Behind a word for notes.
        ("443<sup>1</sup>", f"<p>Note 1: {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<p>Note<sup>1</sup>: {LIMIT}</p>"),
        ("443<sup>2</sup>", f"<p>Note 1: Default. Note 2: {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<p>Notes: (1) {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<p>Anmerkung 1 – {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<p>注1：{LIMIT}</p>"),
        ("443<sup>1</sup>", f"<h3>Notes</h3><ol><li>{LIMIT}</ol>"),
        ("443<sup>1</sup>", f"<h3>Fußnoten</h3><p>[1] {LIMIT}</p>"),
        # With the sign in a block or a cell of its own.
        ("443<sup>1</sup>", f"<dl><dt>1<dd>{LIMIT}</dl>"),
        ("443<sup>1</sup>", f"<table><tr><td>1<td>{LIMIT}<tr><td>2<td>Default.</table>"),
        ("443*", f"<table><tr><td>* {LIMIT}</table>"),
        # Text that only looks like a note hides none.
        ("443<sup>1</sup>", f"<p>Table 1. Ports</p><p><sup>1</sup> {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<p>TLS 1.2 is required.</p><p><sup>1</sup> {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<p>1. Log in.</p><p><sup>1</sup> {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<ol><li>Log in.</ol><p><sup>1</sup> {LIMIT}</p>"),
        ("443*", f"<p>* Fields that are needed.</p><p>* {LIMIT}</p>"),
        # Where no note has the form of the mark, each of the nearest ones may be meant.
        ("443<sup>1</sup>", f"<p>1 {LIMIT}</p><ol><li>Log in.<li>Save.</ol>"),
        ("443<sup>1</sup>", f"<p>1. {LIMIT}</p><p>1) Log in.</p>"),
        ("443<sup>1</sup>", f"<p>1. {LIMIT}</p><table><tr><th>Name<th>Age<tr><td>Ada<td>36</table><p><sup>1</sup> Years.</p>"),
        ("443<sup>1</sup>", f"<ol><li>Log in.<li>Save.</ol><p>Notes:</p><ol><li>{LIMIT}</ol>"),
        ("443<sup>1</sup>", f"<ol><li>Log in.<li>Save.</ol><h3>Notes</h3><ol><li>{LIMIT}</ol>"),
        ("443<sup>2</sup>", f"<p><sup>1,2</sup> {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<h2>Other</h2><p>Text.</p><h2>Notes</h2><p><sup>1</sup> {LIMIT}</p>"),
        # In bold type, in a list, and behind another table.
        ("443*", f"<p><strong>*</strong> {LIMIT}</p>"),
        ("443<sup>1</sup>", f"<p><strong><sup>1</sup> {LIMIT}</strong></p>"),
        ("443<sup>1</sup>", f"<p>Notes:</p><ol><li>{LIMIT}<li>Default.</ol>"),
        ("443<sup>2</sup>", f"<ol><li>Default.<li><p>{LIMIT}</p></ol>"),
        ("443<sup>5</sup>", f'<ol start="4"><li>Default.<li>{LIMIT}</ol>'),
        ("443<sup>1</sup>", f"<ul><li><sup>1</sup> {LIMIT}</ul>"),
        ("443*", f"<table><tr><th>Name<th>Age<tr><td>Ada<td>36</table><p>* {LIMIT}</p>"),
        # By its link, also behind a heading.
        ('443<a href="#n"><sup>1</sup></a>', f'<h2>Notes</h2><p id="n"><a href="#r">1</a> {LIMIT} <a href="#r">↩</a></p>'),
        ('443<sup><a href="#n">1</a></sup>', f'<h2>Notes</h2><p><a name="n"></a>1. {LIMIT}</p>'),
        ('443<sup><a href="#n">1</a></sup>', f'<h2>Notes</h2><ol><li id="n">{LIMIT}</ol>'),
        ('443<sup><a href="#n">1</a></sup>', f'<h2>Notes</h2><dl><dt id="n">1<dd>{LIMIT}</dl>'),
        ('443<sup><a href="#n">1</a></sup>', f'<h2>Notes</h2><table><tr><td id="n">1<td>{LIMIT}</table>'),
    ],
)
def test_a_note_on_a_port_is_a_remark_on_its_row_alone(port: str, behind: str) -> None:
    assert ports(page(row(port) + row("8443"), behind)) == ([8443], [443])


@pytest.mark.parametrize(
    "foot",
    [
        f"<tr><td colspan=4><sup>1</sup> {LIMIT}</tr>",
        f"<tr><td colspan=4><sup>2</sup> Default.<br><sup>1</sup> {LIMIT}</tr>",
        f"<tfoot><tr><td colspan=4>[1] {LIMIT}</tr></tfoot>",
        f"<tr><td>(1) {LIMIT}<td><td><td></tr>",
    ],
)
def test_a_note_may_stand_at_the_foot_of_its_table(foot: str) -> None:
    assert ports(page(row("8443") + row("443<sup>1</sup>") + foot)) == ([8443], [443])


@pytest.mark.parametrize(
    "cells",
    [
        row("443", source="Any†"),
        row("443", description="Console†"),
        row("443", description="†"),
        "<tr><td>TCP†<td>443<td>Any<td>Console</tr>",
    ],
)
def test_a_note_on_any_cell_of_a_row_counts(cells: str) -> None:
    assert ports(page(cells + row("8443"), f"<p>† {LIMIT}</p>")) == ([8443], [443])


@pytest.mark.parametrize("label", ["1. Web", "1) Web", "(1) Web", "[1] Web", "① Web"])
def test_the_number_of_a_group_is_no_note(label: str) -> None:
    rows = f"<tr><td colspan=4>{label}</tr>" + row("443<sup>1</sup>") + "<tr><td colspan=4>2. Agents</tr>" + row("8443")
    assert ports(page(rows, f"<p><sup>1</sup> {LIMIT}</p>")) == ([8443], [443])


def test_tables_have_notes_of_their_own_or_share_those_below_the_last() -> None:
    table = f"<table>{HEADS}{{}}</table>"
    own = page(row("443*"), f"<p>* Default.</p>{table.format(row('8443*'))}<p>* {LIMIT}</p>")
    assert ports(own) == ([443], [8443])
    shared = page(row("443*"), f"{table.format(row('8443*'))}<p>* {LIMIT}</p>")
    assert ports(shared) == ([], [443, 8443])


def test_a_row_at_the_foot_hides_no_note_below_its_table() -> None:
    rows = row("443<sup>1</sup>") + row("8443") + "<tr><td colspan=4>1. Web</tr>"
    assert ports(page(rows, f"<p>1) {LIMIT}</p>")) == ([8443], [443])


@pytest.mark.parametrize("text", ["1, 2", "2", "Notes 1 and 2", "See notes 1, 2", "see note 2"])
def test_a_column_of_notes_may_hold_their_signs(text: str) -> None:
    heads = HEADS.replace("Description", "Notes")
    behind = f"<p><sup>1</sup> Default.</p><p><sup>2</sup> {LIMIT}</p>"
    assert ports(page(row("443", description=text) + row("8443", description=""), behind, heads)) == ([8443], [443])


@pytest.mark.parametrize(
    "description", ["IKEv2", "POP3", "S3", "WAN 1", "2", "Layer 2", "Used by release 2", "see table 2", "SMB version 2", "Phase (2)"]
)
def test_a_number_in_a_name_is_no_mark(description: str) -> None:
    steps = "<ol><li>Log in.<li>Block port 80.<li>Save.</ol>"
    (rule,) = page(row("443", description=description), steps).rules
    assert (rule.action, rule.description) == ("allow", description)


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("Block all other ports.", HEADS.replace("Port", "Port*")),
        ("Deny everything else.", HEADS),
        ("Drop traffic from guests.", HEADS),
    ],
)
def test_a_note_makes_no_rule_that_denies(text: str, heads: str) -> None:
    found = page(row("443*"), f"<p>* {text}</p>", heads)
    assert ports(found) == ([], [443])
    assert found.unresolved[0].action is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("22, *80", [22, 80]),
        ("*22, *80, 443", [22, 80, 443]),
        ("22*80", [22, 80]),
        ("22*7", [22, 7]),
        ("443（※1）", [443]),
        ("TCP 80)", [80]),
        ("Web (HTTP,<br>TCP 80)", [80]),
        ("443 ※80", []),
    ],
)
def test_a_number_is_a_mark_only_where_it_can_be_no_port(cell: str, expected: list[int]) -> None:
    assert [rule.from_port for rule in page(row(cell)).rules] == expected


@pytest.mark.parametrize("name", ["Cluster*2", "node3*5", "vlan *20", "Server (1)", "*.example.com"])
def test_a_name_keeps_what_may_be_a_mark(name: str) -> None:
    (rule,) = page(row("443", source=name), "<ol><li>Log in.</ol>").rules
    assert rule.source is not None
    assert rule.source.name == name


def test_a_row_with_more_notes_than_anybody_reads_is_left_open() -> None:
    marks = "".join(f'<sup><a href="#n{number}">{number}</a></sup>' for number in range(60))
    notes = "".join(f'<p id="n{number}">{number}. Default {number}.</p>' for number in range(60))
    found = page(row(f"443{marks}") + row("8443"), notes)
    assert [rule.from_port for rule in found.rules] == [8443]
    assert "limit-reached" in {one.code for one in found.findings}


def test_a_note_on_a_header_is_about_the_rows_that_say_something_there() -> None:
    heads = HEADS.replace("Source", "Source<sup>1</sup>")
    found = page(row("443") + row("8443", source=""), "<p><sup>1</sup> Only from the DMZ.</p>", heads)
    assert ports(found) == ([8443], [443])


def test_a_note_on_the_label_of_a_group_is_about_its_rows() -> None:
    label = "<tr><td colspan=4>{}</tr>"
    rows = label.format("Management<sup>1</sup>") + row("443") + row("444") + label.format("Agents") + row("8443")
    assert ports(page(rows, f"<p><sup>1</sup> {LIMIT}</p>")) == ([8443], [443, 444])


def test_what_a_note_says_is_in_the_description_and_the_evidence() -> None:
    (rule,) = page(row("443<sup>1</sup>"), "<p><sup>1</sup> May be changed in the setup.</p>").rules
    assert rule.description == "Console; May be changed in the setup."
    assert rule.evidence[0].cells["note 1"] == "May be changed in the setup."


def test_a_note_on_one_number_of_several_names_it() -> None:
    rules = page(row("443, 9140<sup>1</sup>"), "<p><sup>1</sup> May be changed in the setup.</p>").rules
    assert [(rule.from_port, rule.description) for rule in rules] == [
        (port, "Console; 9140: May be changed in the setup.") for port in (443, 9140)
    ]


def test_a_note_with_the_form_of_the_mark_is_the_one() -> None:
    found = page(row("443<sup>1</sup>"), "<p><sup>1</sup> Default.</p><ol><li>Block port 80.</ol><p>1) Do not open.</p>")
    assert [rule.description for rule in found.rules] == ["Console; Default."]


def test_a_note_is_read_without_the_number_that_it_is_about() -> None:
    limit = "Do not open this port on the firewalls of branch offices."
    assert ports(page(row("443, 9140<sup>1</sup>"), f"<p><sup>1</sup> {limit}</p>")) == ([], [443, 9140])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<h2>Blocked<sup>1</sup> ports</h2>", ("deny", None)),
        ("<h2><sup>1</sup>Blocked<sup>2</sup> ports</h2>", ("deny", None)),
        ("<h2>Outbound<sup>1</sup> ports</h2>", ("allow", "egress")),
        ("<h2>Inbound <sup>(1)</sup> TCP ports</h2>", ("allow", "ingress")),
        ("<p>Block<sup>1</sup> the following ports:</p>", ("deny", None)),
        ("<ul><li><sup>1</sup>The following inbound ports<sup>2</sup> must be blocked:</ul>", ("deny", "ingress")),
        ("<div>Blocked<sup>1</sup> ports</div>", ("deny", None)),
    ],
)
def test_a_mark_does_not_part_what_stands_above_a_table(text: str, expected: tuple[str, str | None]) -> None:
    table = "<table><tr><th>Protocol<th>Port<th>Description<tr><td>TCP<td>443<td>Console<tr><td>TCP<td>8443<td>Agents</table>"
    rules = extract_text(f"<h1>Reference</h1>{text}{table}", kind="html").rules
    assert {(rule.action, rule.direction) for rule in rules} == {expected}


@pytest.mark.parametrize(("cell", "expected"), [("ICMP 3 (1)", set()), ("8*0", {(8, 0)}), ("8 *0", set())])
def test_a_number_beside_a_type_of_icmp_is_no_mark(cell: str, expected: set[tuple[int, int]]) -> None:
    cells = f"<tr><td>ICMP<td>{cell}<td>Any<td>Ping</tr>" + row("8443")
    found = page(cells, "<p>(1) Default.</p><p>*0 Default.</p>")
    assert {(one.icmp_type, one.icmp_code) for one in found.rules if one.protocol == "icmp"} == expected


def test_a_number_in_a_circle_in_front_of_a_name_is_no_mark() -> None:
    label = "<tr><td colspan=4>{}</tr>"
    rows = label.format("① Web") + row("443") + label.format("② Agents") + row("8443")
    assert ports(page(rows, f"<ol><li>Log in.<li>{LIMIT}</ol>")) == ([443, 8443], [])


@pytest.mark.parametrize(
    ("port", "behind"),
    [
        # There is no such note.
        ("443<sup>2</sup>", f"<p><sup>1</sup> {LIMIT}</p>"),
        ("443", f"<p>* {LIMIT}</p>"),
        # It is below a heading, and nothing links to it.
        ("443<sup>1</sup>", f"<h2>Outbound</h2><p><sup>1</sup> {LIMIT}</p>"),
        # It links to a section, not to a note.
        ('443<sup><a href="#s">1</a></sup>', f'<h2 id="s">{LIMIT}</h2>'),
    ],
)
def test_other_text_is_no_note(port: str, behind: str) -> None:
    (rule,) = page(row(port), behind).rules
    assert (rule.from_port, rule.description) == (443, "Console")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("md", "| Protocol | Port | Source |\n|---|---|---|\n| TCP | 443[^1] | Any |\n| TCP | 8443 | Any |\n\n[^1]: Only from the DMZ.\n"),
        ("md", "| Protocol | Port | Source |\n|---|---|---|\n| TCP | 443^1^ | Any |\n| TCP | 8443 | Any |\n\n^1^ Only from the DMZ.\n"),
        ("md", "| Protocol | Port | Source |\n|---|---|---|\n| TCP | 443\\* | Any |\n| TCP | 8443 | Any |\n\n\\* Only from the DMZ.\n"),
        (
            "rst",
            "=========  ========  =======\nProtocol   Port      Source\n=========  ========  =======\nTCP        443 [#]_  Any\n"
            "TCP        8443      Any\n=========  ========  =======\n\n.. [#] Only from the DMZ.\n",
        ),
        (
            "dita",
            "<topic id='t'><title>Ports</title><body><table><tgroup cols='3'><thead><row><entry>Protocol</entry><entry>Port</entry>"
            "<entry>Source</entry></row></thead><tbody><row><entry>TCP</entry><entry>443<fn>Only from the DMZ.</fn></entry>"
            "<entry>Any</entry></row><row><entry>TCP</entry><entry>8443</entry><entry>Any</entry></row></tbody></tgroup></table>"
            "</body></topic>",
        ),
        (
            "dbk",
            '<article xmlns="http://docbook.org/ns/docbook"><title>Ports</title><informaltable><tgroup cols="3"><thead><row>'
            "<entry>Protocol</entry><entry>Port</entry><entry>Source</entry></row></thead><tbody><row><entry>TCP</entry>"
            "<entry>443<footnote><para>Only from the DMZ.</para></footnote></entry><entry>Any</entry></row><row><entry>TCP</entry>"
            "<entry>8443</entry><entry>Any</entry></row></tbody></tgroup></informaltable></article>",
        ),
    ],
)
def test_notes_of_other_kinds_of_documents(kind: str, text: str) -> None:
    assert ports(extract_text(text, path=f"page.{kind}")) == ([8443], [443])
