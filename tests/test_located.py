"""Places of rows and cells: to the character where both readings of a page give the same tables, else not claimed."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings

from extract.publish.located import Located
from tests import goldens, tables


def located(text: str | bytes, path: str = "page.html") -> Located:
    return Located(text.encode() if isinstance(text, str) else text, path)


def rows(page: Located, table: int = 1) -> list[str | None]:
    spans = [page.row(table, index) for index in range(len(page.grids[table - 1].rows))]
    return [page.text[slice(*span)] if span else None for span in spans]


def cells(page: Located, row: int, table: int = 1) -> list[str | None]:
    spans = [page.cell(table, cell) for cell in page.grids[table - 1].rows[row].slots if cell]
    return [page.text[slice(*span)] if span else None for span in spans]


def check(page: Located) -> None:
    """Every row begins in its line and holds its own cells, in a place that no other row has."""
    for grid in page.grids:
        places = []
        for index, row in enumerate(grid.rows):
            span = page.row(grid.number, index)
            assert span is not None
            assert page.line_of(span.start) == row.line
            places.append(span)
            for cell in row.slots:
                inside = page.cell(grid.number, cell) if cell is not None and cell.row == index else None
                if inside is not None and cell is not None:
                    assert span.start <= inside.start <= inside.end <= span.end
                    assert re.match(r"<t[dh]", page.text[inside.start :], re.IGNORECASE)
        assert len(set(places)) == len(places)


@pytest.mark.parametrize("folder", goldens.folders(), ids=lambda folder: folder.name)
def test_rows_of_golden_pages_stand_where_the_data_says(folder: Path) -> None:
    path = goldens.page_of(folder)
    check(Located(path.read_bytes(), path.name))


@settings(deadline=None, max_examples=60)
@given(tables.pages())
def test_rows_of_generated_pages_stand_where_the_data_says(page: str) -> None:
    check(located(page, "page.md"))
    html = re.sub(r"\n(?!\n|\|)", "", page)
    check(located(html, "page.md"))


def test_equal_rows_in_one_line_have_places_of_their_own() -> None:
    row = "<tr><td>TCP</td><td>1</td></tr>"
    page = located(f"<table>{row}{row}</table><p>TCP 1</p><table>{row}</table>")
    places = [page.row(1, 0), page.row(1, 1), page.row(2, 0)]
    assert [page.text[slice(*place)] for place in places if place] == [row] * 3
    assert len(set(places)) == 3


def test_a_row_ends_with_its_end_tag_or_before_what_ends_it() -> None:
    page = located("<table><tr><td>1</td>\n</tr> <tr><td>2\n<tr><td>3\n</tbody>\n<tbody><tr><td>4\n</table>\n<p>5</p>")
    assert rows(page) == ["<tr><td>1</td>\n</tr>", "<tr><td>2", "<tr><td>3", "<tr><td>4"]


def test_a_table_within_a_cell_belongs_to_the_row() -> None:
    inner = "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>"
    page = located(f"<table><tr><td>1</td><td>{inner}</td></tr><tr><td>2</td></tr></table>")
    assert rows(page) == [f"<tr><td>1</td><td>{inner}</td></tr>", "<tr><td>2</td></tr>"]
    assert cells(page, 0) == ["<td>1</td>", f"<td>{inner}</td>"]
    assert rows(page, 2) == ["<tr><td>a</td></tr>", "<tr><td>b</td></tr>"]


def test_a_foot_before_the_body_and_rows_in_comments_confuse_nobody() -> None:
    page = located(
        "<table><tfoot><tr><td>9</td></tr></tfoot><tbody><!-- <tr><td>0</td></tr> --><tr><td>1<!-- </td></tr> --></td></tr></tbody></table>"
    )
    assert rows(page) == ["<tr><td>1<!-- </td></tr> --></td></tr>", "<tr><td>9</td></tr>"]


def test_rows_without_tags_of_their_own_are_found() -> None:
    page = located("<table><td>1</td><td>2</td><tr><td>3</td></tr><td>4</td></table>")
    assert rows(page) == ["<td>1</td><td>2</td>", "<tr><td>3</td></tr>", "<td>4</td>"]


def test_a_pipe_row_is_its_line_and_has_no_cells() -> None:
    page = located("| A | B |\n| --- | --- |\n| `<td>` | 2 |\n", "page.md")
    assert rows(page) == ["| A | B |", "| `<td>` | 2 |"]
    assert cells(page, 1) == [None, None]


def test_rows_in_lists_and_quotations_of_markdown_are_found() -> None:
    row = "<tr><td>1</td><td>2</td></tr>"
    for before in ("- ", "> ", "> 1. "):
        assert rows(located(f"text\n\n{before}<table>{row}{row}</table>\n\nend\n", "page.md")) == [row, row]


def test_lines_are_those_of_the_file_and_hold_what_carriage_returns_separate() -> None:
    page = located(b"<p>a\rb</p>\n<table>\n<tr><td>1</td>\r<td>2</td></tr>\n</table>\n")
    assert rows(page) == ["<tr><td>1</td>\n<td>2</td></tr>"]
    span = page.row(1, 0)
    assert span is not None and page.line_of(span.end - 1) == 3
    assert [(number, page.text[slice(*place)]) for number, place in page.lines(1, 3)] == [
        (1, "<p>a\nb</p>"),
        (2, "<table>"),
        (3, "<tr><td>1</td>\n<td>2</td></tr>"),
    ]
    assert list(page.lines(6, 9)) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "shift_jis"])
def test_places_are_those_of_the_text_in_any_encoding(encoding: str) -> None:
    text = '<meta charset="shift_jis"><table><tr><td>管理者</td><td>1</td></tr><tr><td>管理者</td><td>2</td></tr></table>'
    assert rows(located(text.encode(encoding))) == ["<tr><td>管理者</td><td>1</td></tr>", "<tr><td>管理者</td><td>2</td></tr>"]


def test_what_two_readings_do_not_agree_on_is_not_claimed() -> None:
    # A line end before a tag that a pipe row quotes ends the table.
    pipes = "A | B\n--- | ---\n`<td>` | 2\n"
    page = located(f"{pipes}\n<table><tr><td>1</td></tr><tr><td>2</td></tr></table>\n", "page.md")
    assert rows(page) == ["A | B", "`<td>` | 2"]
    assert rows(page, 2) == [None, None]
    assert cells(page, 0, 2) == [None]
    alone = located(f"{pipes}\n<table>\n<tr><td>1</td>\n</tr></table>\n", "page.md")
    assert rows(alone, 2) == ["<tr><td>1</td>\n</tr>"]


@pytest.mark.parametrize("hostile", ["<!--" * 50_000, "<tr" * 50_000, "<table><tr><td>" * 2_000, "- " * 50_000, "<td " + "x " * 100_000])
def test_hostile_markup_is_read_in_time(hostile: str) -> None:
    began = time.monotonic()
    page = located(f"<table><tr><td>1</td></tr><tr><td>2{hostile}", "page.md")
    for grid in page.grids[:50]:
        for index in range(len(grid.rows)):
            page.row(grid.number, index)
    assert time.monotonic() - began < 20
