from __future__ import annotations

import hashlib
import html
import re
from pathlib import Path

import msgspec
import pytest

from extract import Document, Extraction, extract_text
from extract.model import TableReport
from extract.publish.excerpt import CONTEXT, MAX_LINES, MAX_ROW_CHARS, Excerpt, excerpt
from tests import goldens
from tests.tables import Table

WIDEST = MAX_ROW_CHARS + 60


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", html.unescape(re.sub(r"<[^>]*>", " ", text)))) | set(re.findall(r"\w+", html.unescape(text)))


def marked(found: Excerpt) -> str:
    return "\n".join(line.text for line in found.lines if line.marked)


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
            found = excerpt(document, table, one.row, folder)
            numbers = [line.number for line in found.lines]
            assert numbers == list(range(numbers[0], numbers[-1] + 1))
            assert next(line.number for line in found.lines if line.marked) == one.line
            assert all(len(line.text) <= WIDEST for line in found.lines)
            # A cell may span from a row above; one cell at least is the row's own.
            assert any(text and words(text) <= words(marked(found)) for text in one.cells.values())


def test_the_lines_around_a_row_are_shown_unmarked(tmp_path: Path) -> None:
    page = "# Ports\n\n" + Table(("Protocol", "Port"), (("TCP", "1"), ("TCP", "2"), ("TCP", "3")), {}, True, True).markup() + "\n\nend\n"
    found = excerpt(*written(tmp_path, page, "page.md"), 2, tmp_path)
    assert [(line.number, line.marked) for line in found.lines] == [(4, False), (5, False), (6, True), (7, False), (8, False)]
    assert found.lines[2].text == "| TCP | 2 |"
    assert CONTEXT == 2


def test_a_row_of_several_lines_is_marked_whole_and_up_to_a_limit(tmp_path: Path) -> None:
    rows = "<tr>\n<td>TCP</td>\n<td>443</td>\n</tr>\n<tr>\n<td>TCP</td>\n<td>\n" + "<p>22</p>\n" * 40 + "</td>\n</tr>\n"
    place = written(tmp_path, f"<table>\n<tr><th>Protocol</th><th>Port</th></tr>\n{rows}</table>\n")
    first, second = excerpt(*place, 1, tmp_path), excerpt(*place, 2, tmp_path)
    assert [line.number for line in first.lines if line.marked] == [3, 4, 5, 6]
    assert len([line for line in second.lines if line.marked]) == MAX_LINES
    assert second.omitted == 3 + 40 + 2 - MAX_LINES


def test_of_a_page_in_one_line_the_row_is_shown_and_not_another_one(tmp_path: Path) -> None:
    rows = [("TCP", str(port), f"Service &amp; {port}") for port in range(1000, 1400)]
    page = Table(("Protocol", "Port", "Purpose"), tuple(rows), {}, True, False).markup().replace("\n", "")
    found = excerpt(*written(tmp_path, page), 200, tmp_path)
    [line] = found.lines
    assert "<td>1199</td><td>Service &amp; 1199</td>" in line.text
    assert len(line.text) <= WIDEST
    assert "1150" not in line.text


def test_a_long_cell_is_cut(tmp_path: Path) -> None:
    page = Table(("Protocol", "Port", "Purpose"), (("TCP", "443", "word " * 1000),), {}, True, False).markup()
    found = excerpt(*written(tmp_path, page), 1, tmp_path)
    assert all(len(line.text) <= WIDEST for line in found.lines)
    assert "<td>TCP</td><td>443</td><td>word" in marked(found)


def test_line_numbers_are_those_of_the_file_whatever_ends_its_lines(tmp_path: Path) -> None:
    page = "<p>a\rb</p>\n<table>\n<tr><th>Protocol</th><th>Port</th></tr>\n<tr><td>TCP</td>\r<td>443</td></tr>\n</table>\n"
    found = excerpt(*written(tmp_path, page.encode()), 1, tmp_path)
    assert [line.number for line in found.lines if line.marked] == [4]
    assert "443" in marked(found)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"path": "gone.html"}, "cannot be read"),
        ({"path": "../page.html"}, "leaves the folder"),
        ({"sha256": hashlib.sha256(b"").hexdigest()}, "has changed"),
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


def test_a_line_made_to_be_searched_long_is_searched_in_time(tmp_path: Path) -> None:
    page = "<table><tr><th>Protocol</th><th>Port</th><th>Use</th></tr>" + "<tr><td>TCP</td><td>1</td><td>1</td></tr>" * 4000 + "</table>"
    found = excerpt(*written(tmp_path, page + "<p>" + "TCP 1 " * 50_000), 4000, tmp_path)
    assert len(marked(found)) <= WIDEST
