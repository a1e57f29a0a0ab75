"""Tables in cells of other tables: lists are lines of their cell, and any other table leaves its row open."""

from __future__ import annotations

import pytest

from extract import extract_text
from extract.model import Endpoint, Extraction
from extract.read import read
from extract.read.nested import _ENTRY_CHARS
from tests.word_files import cell, document, row, table

HEAD = "<tr><th>Protocol<th>Port<th>Source<th>Destination<th>Remarks"
OTHER = "<tr><td>UDP<td>53<td>Clients<td>Server<td>Names"
REAL = "<table><tr><td>Region<td>Network<tr><td>East<td>10.1.0.0/16</table>"


def column(*texts: str) -> str:
    """Return a table of one column."""
    return f"<table>{''.join(f'<tr><td>{text}</td></tr>' for text in texts)}</table>"


def line(*texts: str) -> str:
    """Return a table of one row."""
    return f"<table><tr>{''.join(f'<td>{text}</td>' for text in texts)}</tr></table>"


def of_row(port: str = "443", source: str = "Clients", remark: str = "") -> Extraction:
    """Return what a table says that holds a row, and another one below it."""
    first = f"<tr><td>TCP</td><td>{port}</td><td>{source}</td><td>Server</td><td>{remark}</td></tr>"
    return extract_text(f"<h2>Inbound ports</h2><table>{HEAD}{first}{OTHER}</table>", kind="html")


def name(end: Endpoint | None) -> str:
    return "?" if end is None else end.name


def said(extraction: Extraction) -> list[tuple[int | None, str]]:
    """Return port and source of the rules of the first row."""
    return [(rule.from_port, name(rule.source)) for rule in extraction.rules if rule.protocol == "tcp"]


def tables(extraction: Extraction) -> list[int]:
    return [one.table for one in extraction.reports[0].tables]


@pytest.mark.parametrize("lay_out", [column, line])
def test_a_list_of_ports_is_read_as_lines_of_its_cell(lay_out):
    extraction = of_row(port=lay_out("443", "8443"))
    assert said(extraction) == [(443, "Clients"), (8443, "Clients")]
    assert (tables(extraction), extraction.unresolved) == ([1], ())


@pytest.mark.parametrize("lay_out", [column, line])
def test_a_list_of_addresses_is_read_as_lines_of_its_cell(lay_out):
    extraction = of_row(source=lay_out("10.0.0.1", "10.0.0.2"))
    assert said(extraction) == [(443, "10.0.0.1"), (443, "10.0.0.2")]
    assert tables(extraction) == [1]


@pytest.mark.parametrize(
    "written", ["80{}22", "80<br>{}<br>22", "<p>80</p><div>{}</div><p>22</p>"], ids=["bare", "between line breaks", "between blocks"]
)
def test_the_words_of_a_list_stand_where_the_list_stands(written):
    page = read(f"<table>{HEAD}<tr><td>TCP<td>{written.format(column('443', '8443'))}</table>".encode(), "a.html")
    slot = page.grids[0].rows[1].slots[1]
    assert slot is not None
    assert (slot.lines, slot.holds_table) == (("80", "443", "8443", "22"), False)


def test_a_word_of_a_list_counts_as_it_does_in_a_line():
    (left,) = of_row(port=column("443", "not 8443")).unresolved
    assert left.port_text == "443 not 8443"


def test_the_tables_behind_a_list_keep_their_numbers():
    lists = f"<table>{HEAD}<tr><td>TCP<td>{column('443')}<td>A<td>B<td></table>"
    extraction = extract_text(f"<h2>Inbound ports</h2>{lists}<h3>More</h3><table>{HEAD}{OTHER}</table>", kind="html")
    assert tables(extraction) == [1, 3]
    assert sorted(rule.evidence[0].table for rule in extraction.rules) == [1, 3]


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(REAL, id="rows and columns"),
        pytest.param("<table><tr><th>Network<tr><td>10.1.0.0/16</table>", id="header"),
        pytest.param("<table><caption>East</caption><tr><td>10.1.0.0/16</table>", id="caption"),
        pytest.param(column("x" * (_ENTRY_CHARS + 1)), id="long text in the place of the value"),
        pytest.param(column(column("10.1.0.0/16")), id="table in the table"),
        pytest.param(line("8000", "-", "8010"), id="sign between"),
        pytest.param(line("any", "except", "10.0.0.1"), id="sentence in a row"),
        pytest.param(line("10.0.0.0", "/24"), id="address in pieces"),
    ],
)
def test_any_other_table_leaves_its_row_open_and_is_a_table_of_its_own(inner):
    extraction = of_row(source=inner)
    assert said(extraction) == []
    (left,) = extraction.unresolved
    assert "a table stands in the cell 'Source'" in left.reason
    (found,) = [one for one in extraction.findings if one.code == "table-in-cell"]
    assert (found.table, found.row) == (1, 1)
    assert tables(extraction)[:2] == [1, 2]


def test_a_row_whose_only_value_is_a_table_labels_no_rows():
    page = f"<h2>Inbound</h2><table><tr><th>Service<th>Port<th>Source<tr><td>Web<td>{REAL}<td><tr><td>DNS<td>UDP 53<td>Clients</table>"
    extraction = extract_text(page, kind="html")
    assert [left.reason for left in extraction.unresolved] == [
        "a table stands in the cell 'Port', and nothing says what it means for this row"
    ]


def test_a_table_in_a_remark_leaves_nothing_open():
    extraction = of_row(remark=REAL)
    assert (said(extraction), extraction.unresolved) == ([(443, "Clients")], ())


def test_a_note_that_is_laid_out_as_a_table_below_a_value_leaves_nothing_open():
    extraction = of_row(port="443" + line("Note", "This port is used by the console that comes with the server, and by all of its agents."))
    assert (said(extraction), extraction.unresolved) == ([(443, "Clients")], ())


@pytest.mark.parametrize("hide", ["<div hidden>{}</div>", "<del>{}</del>", "<sup>{}</sup>", "<template>{}</template>"])
def test_a_table_that_readers_do_not_see_is_no_part_of_its_cell(hide):
    extraction = of_row(port="443" + hide.format(column("1")))
    assert (said(extraction), extraction.unresolved) == ([(443, "Clients")], ())


def test_a_table_without_words_is_a_gap():
    extraction = of_row(port="443" + column(""))
    assert (said(extraction), extraction.unresolved) == ([(443, "Clients")], ())


def test_a_cell_of_a_matrix_that_holds_a_table_is_open():
    body = f"<tr><td>A<td>TCP 1<td>{REAL}<tr><td>B<td>{column('TCP 2', 'TCP 3')}<td>TCP 4"
    extraction = extract_text(f"<h2>Ports</h2><table><tr><th>From / To<th>A<th>B{body}</table>", kind="html")
    assert [rule.from_port for rule in extraction.rules] == [1, 2, 3, 4]
    assert [left.evidence[0].cells["column"] for left in extraction.unresolved] == ["B"]


def test_a_field_of_a_key_value_table_that_holds_a_table_is_open():
    fields = "<tr><th>Protocol<td>TCP<tr><th>Port<td>443<tr><th>Source<td>{}"
    page = f"<h2>Inbound ports</h2><table>{fields}</table>"
    assert [name(rule.source) for rule in extract_text(page.format(column("10.0.0.1")), kind="html").rules] == ["10.0.0.1"]
    assert extract_text(page.format(REAL), kind="html").rules == ()


@pytest.mark.parametrize(
    "around",
    [
        "<table><tr><td>{menu}<td>{rules}</table>",
        "<table><tr><td>Product<td>Documentation<tr><td>{menu}<td>{rules}</table>",
        "<table><tr><td>Product<td>Documentation<tr><td>{menu}<td><h2>Inbound</h2>{rules}</table>",
        "<table role=presentation><tr><th>Product<th>Documentation<tr><td>{menu}<td>{rules}</table>",
    ],
    ids=["columns", "line on top", "headings", "role"],
)
def test_a_layout_table_and_what_stands_in_it_are_as_they_were(around):
    page = around.format(menu=column("Home", "Ports"), rules=f"<p>Inbound ports</p><table>{HEAD}{OTHER}</table>")
    extraction = extract_text(page, kind="html")
    assert [(one.table, one.verdict) for one in extraction.reports[0].tables] == [(1, "no-rules"), (2, "no-rules"), (3, "rules")]
    assert [rule.evidence[0].table for rule in extraction.rules] == [3]


def test_a_list_in_a_word_document_is_lines_of_its_cell():
    rows = (row("Protocol", "Port"), row("TCP", cell(table(row("443"), row("8443")))), row("UDP", "53"))
    slot = read(document(table(*rows)), "a.docx").grids[0].rows[1].slots[1]
    assert slot is not None
    assert slot.lines == ("443", "8443")
