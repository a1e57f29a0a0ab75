from __future__ import annotations

import hashlib
import html
import re
import time
from pathlib import Path

import msgspec
import pytest

from extract import Document, Extraction, extract_text
from extract.model import TableReport
from extract.publish.excerpt import CONTEXT, MAX_CHARS, MAX_LINES, MAX_OTHER_LINES, MAX_ROW_CHARS, Excerpt, Mark, Sources
from tests import goldens
from tests.tables import Table

WIDEST = MAX_ROW_CHARS + 60


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", html.unescape(re.sub(r"<[^>]*>", " ", text)))) | set(re.findall(r"\w+", html.unescape(text)))


def marked(found: Excerpt, mark: Mark = "row") -> str:
    return "\n".join(line.text for line in found.lines if line.mark == mark)


def excerpt(document: Document, table: TableReport, row: int, folder: Path | None) -> Excerpt:
    return Sources(folder).excerpt(document, table, row)


def explained(folder: Path, page: str, table: int, row: int) -> Excerpt:
    """Write a page and return the excerpt of a row with its evidence."""
    (folder / "page.html").write_text(page)
    extraction = extract_text(page, path="page.html")
    every = [one for found in (extraction.rules, extraction.unresolved) for rule in found for one in rule.evidence]
    cells = [one.cells for one in every if (one.table, one.row) == (table, row)]
    return Sources(folder).excerpt(extraction.documents[0], tables_of(extraction)[table - 1], row, cells)


def tables_of(extraction: Extraction) -> list[TableReport]:
    return [table for report in extraction.reports for table in report.tables]


def written(folder: Path, text: str | bytes, name: str = "page.html") -> tuple[Document, TableReport]:
    data = text.encode() if isinstance(text, str) else text
    (folder / name).write_bytes(data)
    extraction = extract_text(data, path=name)
    return extraction.documents[0], tables_of(extraction)[0]


@pytest.mark.parametrize("folder", goldens.folders(), ids=lambda folder: folder.name)
def test_the_marked_lines_begin_where_the_evidence_says_and_hold_the_row(folder: Path) -> None:
    extraction = goldens.extract_page(folder)
    [document] = extraction.documents
    evidence = [one for found in (extraction.rules, extraction.unresolved) for rule in found for one in rule.evidence]
    for table in tables_of(extraction):
        for one in (one for one in evidence if one.table == table.table):
            found = Sources(folder).excerpt(document, table, one.row, [one.cells])
            assert found.problem == ""
            numbers = [line.number for line in found.lines]
            assert numbers == sorted(numbers)
            assert one.line in [line.number for line in found.lines if line.mark == "row"]
            assert all(len(line.text) <= WIDEST for line in found.lines)
            # A cell may span from a row above; one cell at least is the row's own.
            assert any(text and words(text) <= words(marked(found)) for text in one.cells.values())


def test_the_lines_around_a_row_are_shown_unmarked(tmp_path: Path) -> None:
    page = "# Ports\n\n" + Table(("Protocol", "Port"), (("TCP", "1"), ("TCP", "2"), ("TCP", "3")), {}, True, True).markup() + "\n\nend\n"
    found = excerpt(*written(tmp_path, page, "page.md"), 2, tmp_path)
    assert [(line.number, line.mark) for line in found.lines] == [(3, "header"), (4, ""), (5, ""), (6, "row"), (7, ""), (8, "")]
    assert found.lines[3].text == "| TCP | 2 |"
    assert CONTEXT == 2


def test_a_row_of_several_lines_is_marked_whole_and_up_to_a_limit(tmp_path: Path) -> None:
    rows = "<tr>\n<td>TCP</td>\n<td>443</td>\n</tr>\n<tr>\n<td>TCP</td>\n<td>\n" + "<p>22</p>\n" * 40 + "</td>\n</tr>\n"
    place = written(tmp_path, f"<table>\n<tr><th>Protocol</th><th>Port</th></tr>\n{rows}</table>\n")
    first, second = excerpt(*place, 1, tmp_path), excerpt(*place, 2, tmp_path)
    assert [line.number for line in first.lines if line.mark == "row"] == [3, 4, 5, 6]
    assert len([line for line in second.lines if line.mark == "row"]) == MAX_LINES
    assert second.omitted == 3 + 40 + 2 - MAX_LINES


def test_of_a_page_in_one_line_the_row_is_shown_and_not_another_one(tmp_path: Path) -> None:
    rows = [("TCP", str(port), f"Service &amp; {port}") for port in range(1000, 1400)]
    page = Table(("Protocol", "Port", "Purpose"), tuple(rows), {}, True, False).markup().replace("\n", "")
    found = excerpt(*written(tmp_path, page), 200, tmp_path)
    header, row = found.lines
    assert (header.mark, row.mark) == ("header", "row")
    assert "<th>Port</th><th>Purpose</th></tr>" in header.text
    assert row.text.startswith("…") and row.text.endswith("…")
    assert "<tr><td>TCP</td><td>1199</td><td>Service &amp; 1199</td></tr>" in row.text
    assert not {"1197", "1201"} & words(row.text)


def test_a_long_cell_is_cut(tmp_path: Path) -> None:
    page = Table(("Protocol", "Port", "Purpose"), (("TCP", "443", "word " * 1000),), {}, True, False).markup()
    found = excerpt(*written(tmp_path, page), 1, tmp_path)
    assert all(len(line.text) <= WIDEST for line in found.lines)
    assert "<td>TCP</td><td>443</td><td>word" in marked(found)


def test_line_numbers_are_those_of_the_file_whatever_ends_its_lines(tmp_path: Path) -> None:
    page = "<p>a\rb</p>\n<table>\n<tr><th>Protocol</th><th>Port</th></tr>\n<tr><td>TCP</td>\r<td>443</td></tr>\n</table>\n"
    found = excerpt(*written(tmp_path, page.encode()), 1, tmp_path)
    assert [line.number for line in found.lines if line.mark == "row"] == [4]
    assert marked(found) == "<tr><td>TCP</td> <td>443</td></tr>"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"path": "gone.html"}, "cannot be read"),
        ({"path": "../page.html"}, "leaves the folder"),
        ({"sha256": hashlib.sha256(b"").hexdigest()}, "is not what was extracted"),
    ],
)
def test_no_lines_are_shown_of_a_document_that_is_not_the_one_that_was_extracted(
    tmp_path: Path, change: dict[str, str], problem: str
) -> None:
    document, table = written(tmp_path, Table(("Protocol", "Port"), (("TCP", "443"),), {}, True, False).markup())
    found = excerpt(msgspec.structs.replace(document, **change), table, 1, tmp_path)
    assert found.lines == ()
    assert problem in found.problem


def test_without_a_folder_the_way_out_is_named(tmp_path: Path) -> None:
    found = excerpt(*written(tmp_path, Table(("Protocol", "Port"), (("TCP", "443"),), {}, True, False).markup()), 1, None)
    assert found.lines == ()
    assert "--docs" in found.problem


def test_a_table_that_is_read_in_another_way_now_gives_no_lines(tmp_path: Path) -> None:
    document, table = written(tmp_path, Table(("Protocol", "Port"), (("TCP", "443"),), {}, True, False).markup())
    assert "another table" in excerpt(document, msgspec.structs.replace(table, header_rows=7), 1, tmp_path).problem
    assert "another table" in excerpt(document, msgspec.structs.replace(table, table=3), 1, tmp_path).problem


def test_a_line_made_to_be_searched_long_is_read_in_time(tmp_path: Path) -> None:
    cells = "".join(f"<tr><td>{'( ' * 40}Z</td><td>TCP</td><td>{port}</td></tr>" for port in range(1, 400))
    page = f"<h1>Ports</h1><p>{'&nbsp;' * 5_000}</p><table><tr><th>Service</th><th>Protocol</th><th>Port</th></tr>{cells}</table>"
    began = time.monotonic()
    found = excerpt(*written(tmp_path, page + "<p>" + "TCP 1 ( " * 50_000), 300, tmp_path)
    assert time.monotonic() - began < 20
    assert "Z</td><td>TCP</td><td>300</td></tr>" in marked(found)


# --- which row, and what else belongs to it ------------------------------------------------------------------------------


def card(source: str) -> str:
    fields = {"Direction": "Inbound", "Source": source, "Protocol": "TCP", "Port": "443"}
    return "<table>" + "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in fields.items()) + "</table>"


def test_of_equal_rows_in_one_line_each_is_shown_in_its_own_place(tmp_path: Path) -> None:
    row = "<tr><td>TCP</td><td>1</td><td>x</td></tr>"
    table = f"<table><tr><th>Protocol</th><th>Port</th><th>Use</th></tr>{row}<tr><td>TCP</td><td>11</td><td>x</td></tr>{row}</table>"
    page = f"<h1>A</h1>{table}<h1>Second</h1><p>{'pad ' * 60}</p>{table.replace('Use', 'For')}<p>end</p>"
    texts = [marked(explained(tmp_path, page, table, row)) for table in (1, 2) for row in (1, 3)]
    assert len(set(texts)) == 4
    assert all(row in text for text in texts)
    assert "Use" in texts[0] and "For" in texts[2]
    assert "Second" in texts[1] and "end" in texts[3]


def test_of_cards_in_one_line_the_own_one_is_shown_whole(tmp_path: Path) -> None:
    page = "<h1>Rules</h1>" + "".join(card(f"S{number}") for number in range(9))
    for number in range(9):
        text = marked(explained(tmp_path, page, number + 1, 4))
        assert card(f"S{number}").removeprefix("<table>").removesuffix("</table>") in text
        assert not {f"S{other}" for other in range(9) if other != number} & words(text)


def test_of_a_key_value_table_the_column_of_the_rule_is_shown(tmp_path: Path) -> None:
    fields = {"Protocol": ("TCP", "UDP"), "Port": ("22", "53"), "Source": ("A", "B")}
    page = "<table>\n" + "".join(f"<tr><th>{name}</th>\n<td>{a}</td>\n<td>{b}</td></tr>\n" for name, (a, b) in fields.items())
    (tmp_path / "page.html").write_text(page + "</table>")
    extraction = extract_text(page + "</table>", path="page.html")
    second = extraction.rules[1].evidence[0]
    found = Sources(tmp_path).excerpt(extraction.documents[0], tables_of(extraction)[0], second.row, [second.cells])
    assert marked(found).split("\n") == ["<td>UDP</td></tr>", "<td>53</td></tr>", "<td>B</td></tr>"]


def test_a_row_whose_last_line_begins_another_one_is_shown_with_that_line(tmp_path: Path) -> None:
    page = "<table><tr><th>Protocol</th><th>Port</th></tr><tr><td>TCP</td>\n<td>23</td></tr><tr><td>TCP</td><td>24</td></tr></table>"
    assert [line.number for line in explained(tmp_path, page, 1, 1).lines if line.mark == "row"] == [1, 2]


def test_cells_from_above_and_the_header_are_shown_beside_the_row(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>{port}</td></tr>\n" for port in range(2, 9))
    page = f"<table>\n<tr><th>Protocol</th><th>Port</th></tr>\n<tr><td rowspan=9>TCP</td>\n<td>1</td></tr>\n{rows}</table>"
    found = explained(tmp_path, page, 1, 7)
    assert marked(found, "header") == "<tr><th>Protocol</th><th>Port</th></tr>"
    assert marked(found, "above") == "<tr><td rowspan=9>TCP</td>"
    assert marked(found) == "<tr><td>7</td></tr>"
    assert [line.number for line in found.lines] == [2, 3, 8, 9, 10, 11, 12]


def test_a_header_of_many_lines_is_cut(tmp_path: Path) -> None:
    names = "\n".join(f"<th>{name}</th>" for name in ("Protocol", "Port", *(f"Note {number}" for number in range(20))))
    page = f"<table><tr>\n{names}\n</tr>\n<tr><td>TCP</td><td>1</td></tr></table>"
    assert len([line for line in explained(tmp_path, page, 1, 1).lines if line.mark == "header"]) == MAX_OTHER_LINES


def test_a_row_that_cannot_be_told_from_others_is_not_claimed(tmp_path: Path) -> None:
    cells = "".join(f"<tr><td>TCP</td><td>{port}</td></tr>" for port in range(1, 30))
    page = f"A | B\n--- | ---\n`<td>` | 2\n\n<table><tr><th>Protocol</th><th>Port</th></tr>{cells}</table>\n"
    (tmp_path / "page.md").write_text(page)
    extraction = extract_text(page, path="page.md")
    found = Sources(tmp_path).excerpt(extraction.documents[0], tables_of(extraction)[1], 20, [])
    assert found.problem == "which part of line 5 is the row is not known"
    assert len(marked(found)) <= MAX_CHARS + 1
    assert marked(found).startswith("<table>")


# --- statements ----------------------------------------------------------------------------------------------------------


def statement(folder: Path, page: str, line: int, said: str, name: str = "page.html") -> list[str]:
    document, _ = written(folder, page, name)
    return [found.text for found in Sources(folder).statement(document, line, said, (1, 1))]


ROWS = "<table><tr><th>Protocol</th><th>Port</th></tr><tr><td>TCP</td><td>1</td></tr></table>"


def test_a_statement_is_shown_as_far_as_its_lines_go(tmp_path: Path) -> None:
    assert statement(tmp_path, f"<p>\nOpen these <b>in</b>bound\nports:</p>\n<p>x</p>{ROWS}", 1, "Open these inbound ports:") == [
        "<p>",
        "Open these <b>in</b>bound",
        "ports:</p>",
    ]


def test_a_statement_in_a_long_line_is_shown_with_what_is_around_it(tmp_path: Path) -> None:
    said = "Inbound rules & more"
    heading = "<h1>Inbound&nbsp;rules &amp; <i>more</i></h1>"
    page = f"<p>{'first ' * 50}</p>{heading}<p>{'between ' * 50}</p>{heading}<p>near</p>{ROWS}{heading}<p>{'behind ' * 50}</p>"
    [text] = statement(tmp_path, page, 1, said)
    assert "Inbound&nbsp;rules &amp; <i>more</i></h1><p>near</p>" in text
    assert len(text) < MAX_CHARS


def test_a_cell_far_below_the_begin_of_its_row_is_shown_by_its_own_line(tmp_path: Path) -> None:
    cells = "".join(f"<td>{text}</td>\n" for text in ("TCP", "1", "x", "y", "z", "Client <b>Group</b>"))
    page = f"<table><tr><th>Protocol</th><th>Port</th></tr>\n<tr>\n{cells}</tr></table>"
    assert statement(tmp_path, page, 2, "Client Group") == ["<td>Client <b>Group</b></td>"]


def test_what_no_document_says_is_not_shown(tmp_path: Path) -> None:
    document, _ = written(tmp_path, f"<h1>A</h1>\n{ROWS}")
    sources = Sources(tmp_path)
    assert Sources(None).statement(document, 1, "A", (1, 1)) == ()
    assert sources.statement(document, 99, "A", (1, 1)) == ()
    assert [line.number for line in sources.statement(document, 1, "B", None)] == [1]


def test_a_document_is_read_once(tmp_path: Path) -> None:
    document, table = written(tmp_path, ROWS)
    sources = Sources(tmp_path)
    first = sources.excerpt(document, table, 1)
    (tmp_path / "page.html").unlink()
    assert sources.excerpt(document, table, 1) == first


def test_a_folder_whose_name_is_no_text_is_named_as_far_as_it_goes(tmp_path: Path) -> None:
    document, table = written(tmp_path, ROWS)
    problem = excerpt(document, table, 1, tmp_path / "d\udcff").problem
    assert "d\ufffd" in problem
    problem.encode()
