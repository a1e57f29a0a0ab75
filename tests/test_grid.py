"""A table element to a grid: spans, sections, missing cells; against what browsers and pandas make of the same markup."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
import pandas
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from extract.model import Finding, Grid, Page
from extract.read import grid as grids
from extract.read import read

PROPERTY = settings(deadline=None, derandomize=True, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

Slots = list[list[str | None]]


def page(body: str) -> Page:
    # With a doctype: without one, browsers give rowspan=0 another meaning.
    return read(f"<!doctype html><body>{body}".encode(), "page.html")


def table(body: str) -> Grid:
    (found,) = page(f"<table>{body}</table>").grids
    return found


def texts(found: Grid) -> Slots:
    return [[None if cell is None else cell.text for cell in row.slots] for row in found.rows]


def slots(body: str) -> Slots:
    return texts(table(body))


def findings(body: str) -> tuple[Finding, ...]:
    return page(f"<table>{body}</table>").findings


# --- spans --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("<tr><td>a<td>b<tr><td>c<td>d", [["a", "b"], ["c", "d"]], id="no spans"),
        pytest.param("<tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e", [["a", "a", "b"], ["c", "d", "e"]], id="colspan"),
        pytest.param("<tr><td rowspan=2>a<td>b<tr><td>c", [["a", "b"], ["a", "c"]], id="rowspan"),
        pytest.param("<tr><td>a<td rowspan=2>b<tr><td>c", [["a", "b"], ["c", "b"]], id="rowspan at the end"),
        pytest.param(
            "<tr><td rowspan=2 colspan=2>a<td>b<tr><td>c<tr><td>d<td>e<td>f",
            [["a", "a", "b"], ["a", "a", "c"], ["d", "e", "f"]],
            id="both",
        ),
        pytest.param("<tr><td rowspan=3>a<td>b<tr><td>c<tr><td>d", [["a", "b"], ["a", "c"], ["a", "d"]], id="three rows"),
        pytest.param("<tr><td rowspan=2>a<td rowspan=2>b<tr><tr><td>c<td>d", [["a", "b"], ["a", "b"], ["c", "d"]], id="row of spans alone"),
        pytest.param("<tr><td rowspan=0>a<td>b<tr><td>c<tr><td>d", [["a", "b"], ["a", "c"], ["a", "d"]], id="rowspan 0: to the end"),
        pytest.param(
            "<tbody><tr><td rowspan=0>a<td>b<tr><td>c<tbody><tr><td>d<td>e",
            [["a", "b"], ["a", "c"], ["d", "e"]],
            id="rowspan 0: to the end of the group",
        ),
        pytest.param(
            "<tbody><tr><td rowspan=9>a<td>b<tr><td>c<tbody><tr><td>d<td>e",
            [["a", "b"], ["a", "c"], ["d", "e"]],
            id="rowspan beyond the group",
        ),
        pytest.param(
            "<thead><tr><th rowspan=5>a<th>b<tbody><tr><td>c<td>d", [["a", "b"], ["c", "d"]], id="rowspan does not leave the head"
        ),
        pytest.param("<tr><td rowspan=99999>a<td>b<tr><td>c", [["a", "b"], ["a", "c"]], id="rowspan beyond the table"),
        pytest.param(
            "<tr><td>a<td rowspan=2>b<td>c<tr><td colspan=2>d<td>e", [["a", "b", "c"], ["d", "b", "e"]], id="overlap: the first one stays"
        ),
        pytest.param(
            "<tr><td rowspan=2>a<td>b<td rowspan=2>c<tr><td colspan=3>d<td>e",
            [["a", "b", "c", None, None], ["a", "d", "c", "d", "e"]],
            id="overlap beyond the row above",
        ),
        pytest.param("<tr><td>a<tr><td colspan=3>b", [["a", None, None], ["b", "b", "b"]], id="wide row last"),
        pytest.param("<tr><th colspan=2>a<tr><td>b<td>c", [["a", "a"], ["b", "c"]], id="title row"),
    ],
)
def test_spans(body: str, expected: Slots) -> None:
    assert slots(body) == expected


@pytest.mark.parametrize(
    ("value", "width"),
    [
        ("2", 2), ("2;", 2), ("2px", 2), (" 2", 2), ("\n2", 2), ("+2", 2), ("002", 2), ("2.9", 2), ("2e3", 2), ("2 3", 2), ("3%", 3),
        ("0", 1), ("1", 1), ("-2", 1), ("- 2", 1), ("", 1), ("two", 1), (";2", 1), ("x2", 1), ("#", 1),
        ("1000", 1000), ("1001", 1000), ("65535", 1000), ("99999999999999999999", 1000),
    ],
)  # fmt: skip
def test_colspan_is_read_as_browsers_read_it(value: str, width: int) -> None:
    assert slots(f'<tr><td colspan="{value}">a<td>b') == [["a"] * width + ["b"]]


@pytest.mark.parametrize(
    ("value", "height"),
    [
        ("2", 2), ("2;", 2), ("2px", 2), (" 2", 2), ("+2", 2), ("002", 2), ("2.9", 2),
        ("0", 4), ("00", 4), ("0;", 4), ("9", 4), ("65534", 4), ("65535", 4), ("99999999999999999999", 4),
        ("1", 1), ("-1", 1), ("", 1), ("two", 1), (";2", 1),
    ],
)  # fmt: skip
def test_rowspan_is_read_as_browsers_read_it(value: str, height: int) -> None:
    grid = table(f'<tr><td rowspan="{value}">a<td>b<tr><td>c<tr><td>d<tr><td>e')
    assert [row.slots[0] is not None and row.slots[0].text == "a" for row in grid.rows] == [True] * height + [False] * (4 - height)


def test_rowspan_is_no_longer_than_browsers_let_it_be() -> None:
    rows = grids.MAX_ROWSPAN + 2
    grid = table("<tr><td rowspan=99999>a<td>b" + "<tr><td>c" * (rows - 1))
    assert [row.slots[0].text if row.slots[0] else None for row in grid.rows] == ["a"] * grids.MAX_ROWSPAN + ["c"] * 2


def test_a_spanning_cell_is_one_cell_with_its_own_place_and_line() -> None:
    grid = table("\n<tr><td>x<td rowspan=2 colspan=2>a\n<tr><td>y")
    cell = grid.rows[1].slots[2]
    assert cell is not None
    assert cell is grid.rows[0].slots[1]
    assert (cell.row, cell.column, cell.rowspan, cell.colspan, cell.line) == (0, 1, 2, 2, 2)


def test_a_clamped_span_says_what_it_covers() -> None:
    cell = table("<tr><td rowspan=9 colspan=5000>a<tr>").rows[0].slots[0]
    assert cell is not None
    assert (cell.rowspan, cell.colspan) == (2, 1000)


# --- sections and rows --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("<thead><tr><th>h<tbody><tr><td>a<tfoot><tr><td>f", [["h"], ["a"], ["f"]], id="in order"),
        pytest.param("<thead><tr><th>h<tfoot><tr><td>f<tbody><tr><td>a", [["h"], ["a"], ["f"]], id="the foot is last"),
        pytest.param("<tfoot><tr><td>f</tfoot><tr><td>a", [["a"], ["f"]], id="a foot above loose rows"),
        pytest.param("<tfoot><tr><td>f<tfoot><tr><td>g<tbody><tr><td>a", [["a"], ["f"], ["g"]], id="two feet"),
        pytest.param("<tbody><tr><td>a</tbody><thead><tr><th>h", [["a"], ["h"]], id="a head below a body stays there"),
        pytest.param("<tbody><tr><td>a<tbody><tr><td>b", [["a"], ["b"]], id="two bodies"),
        pytest.param("<tr><td>a</tr><tbody><tr><td>b</tbody><tr><td>c", [["a"], ["b"], ["c"]], id="loose rows around a body"),
        pytest.param("<td>a<td>b", [["a", "b"]], id="cells without a row"),
        pytest.param("<td>a<td>b<tr><td>c<td>d", [["a", "b"], ["c", "d"]], id="cells without a row, then a row"),
        pytest.param("<tr><td>a<td>b</tr><td>c<td>d<tr><td>e<td>f", [["a", "b"], ["c", "d"], ["e", "f"]], id="cells between rows"),
        pytest.param("<td>a<td>b</tr><td>c<td>d</tr>", [["a", "b"], ["c", "d"]], id="rows that are only closed"),
        pytest.param(
            "<tr><td>x<td>y</tr><td>a<td>b</tr><td>c<td>d", [["x", "y"], ["a", "b"], ["c", "d"]], id="rows that only the first opens"
        ),
        pytest.param("<thead><th>a<th>b<tbody><td>c<td>d", [["a", "b"], ["c", "d"]], id="sections of cells without rows"),
        pytest.param("<tr><td>a<tr></tr><tr><td>b", [["a"], [None], ["b"]], id="an empty row is a row"),
        pytest.param("<form><tr><td>a</form><tr><td>b", [["a"], ["b"]], id="a form around a row"),
        pytest.param("<tr><form><td>a<td>b</form>", [["a", "b"]], id="a form around cells"),
        pytest.param("<colgroup><col span=2></colgroup><tr><td>a<td>b", [["a", "b"]], id="columns"),
        pytest.param("<caption>c</caption><tr><td>a", [["a"]], id="caption"),
        pytest.param("<!-- <tr><td>x</td></tr> --><tr><!-- --><td>a", [["a"]], id="comments"),
        pytest.param("<tr><script>document.write('<td>x')</script><td>a", [["a"]], id="script"),
        pytest.param("<tr><td>a<td rowspan=2>b</tr><td>c</tr>", [["a", "b"], ["c", "b"]], id="a span into a row that is only closed"),
        pytest.param("<td>a</tr><b>x</b><td>b", [["a"], ["b"]], id="an element behind a row that is only closed"),
        pytest.param("<td>a</td> <i>x</i> <td>b", [["a", "b"]], id="an element between cells without a row"),
        pytest.param("<th>a</tr></thead><td>b", [["a"], ["b"]], id="ends of a row and a head that nothing began"),
        pytest.param("<td>a</tr><!-- <td> --><td>b", [["a"], ["b"]], id="a comment behind a row that is only closed"),
        pytest.param("<td>a</tr><script>'<table><td>'</script><td>b", [["a"], ["b"]], id="a script behind a row that is only closed"),
        pytest.param("<tr><td>a</tbody>b", [["a"]], id="text behind a body that is only closed"),
        pytest.param("<td>a</tbody><td>b", [["a"], ["b"]], id="cells around the end of a body that nothing began"),
        pytest.param("<td rowspan=2>a</tbody><td>b", [["a"], ["b"]], id="a body that is only closed ends spans"),
        pytest.param("<thead><td>a</tbody>b", [["ab"]], id="a body ends in no head"),
        pytest.param("<td>a<thead><th>b</tbody>c", [["a"], ["bc"]], id="a body ends in no head below rows"),
        pytest.param("<caption>c<tr><td>a", [["a"]], id="a caption ends at a row"),
        pytest.param("<caption>c<td>a<td>b<tr><td>d<td>e", [["a", "b"], ["d", "e"]], id="a caption ends at a cell"),
        pytest.param("<caption><b>c<tbody><tr><td>a<td>b", [["a", "b"]], id="a caption ends at a section"),
        pytest.param("<caption><select><option>c<tr><td>a<tr><td>b", [["a"], ["b"]], id="a list of choices in a caption ends at a row"),
        pytest.param("<tr><td>a<caption>c</caption><td>b", [["a"], ["b"]], id="a caption ends a cell and its row"),
        pytest.param("<tr><td>a<col><td>b", [["a"], ["b"]], id="a column ends a row"),
        pytest.param("<tr><col><td>a", [[None], ["a"]], id="a column ends a row of nothing"),
        pytest.param("<tr><td>a<colgroup><td>b<tr><td>c", [["a"], ["b"], ["c"]], id="columns end at a cell"),
        pytest.param("<colgroup><col><td>a<td>b", [["a", "b"]], id="columns without an end"),
        pytest.param("<tbody><tr><td rowspan=2>a<col><tr><td>b</tbody>", [["a"], ["b"]], id="a column ends a section"),
        pytest.param("<tr><td rowspan=3>a<td>x<col><tr><td>b<td>y", [["a", "x"], ["b", "y"]], id="a column ends the spans above it"),
        pytest.param("<tr><form><td>a<tr><td>b</form>", [["a"], ["b"]], id="a form that begins in a row around the next"),
        pytest.param("<tr><td><font>a<tr><td>b</font>c<td>d", [["a", None], ["bc", "d"]], id="what ends in a later cell"),
        pytest.param("<tr><td><font>a<tr><td>b</td></tr></font>c<td>d", [["a"], ["b"], ["d"]], id="what ends behind a later row"),
        pytest.param("", [], id="nothing"),
        pytest.param("<tr>", [[]], id="one row of nothing"),
    ],
)
def test_rows_and_sections(body: str, expected: Slots) -> None:
    assert slots(body) == expected


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        pytest.param("<tr><td>a</td></tr>", "x y", id="nothing"),
        pytest.param("loose<tr><td>a</td></tr>", "x loose y", id="text"),
        pytest.param("<tr>1<td>a</td>2</tr>3<tbody>4</tbody>5", "x 12345 y", id="text everywhere"),
        pytest.param("1<b>2</b>3<tr><td>a</td></tr><i>4</i> 5", "x 1234 5 y", id="text and elements"),
        pytest.param("<colgroup>1<tr><td>a", "x 1 y", id="text among columns"),
        pytest.param("<div>1</div><tr><td>a</td></tr><p>2</p>", "x 1 2 y", id="blocks"),
        pytest.param("<caption>c</caption><script>1</script><tr><td>a</td></tr>", "x y", id="what is no text of the table"),
        pytest.param("1<tr><td>a<table>2<tr><td>b</table>", "x 1 y", id="a table within"),
    ],
)
def test_text_beside_the_cells_of_a_table_in_a_cell_is_text_of_that_cell(inner: str, text: str) -> None:
    outer = page(f"<table><tr><td>x <table>{inner}</table>y</table>").grids[0]
    assert texts(outer) == [[text]]


@pytest.mark.parametrize("tag", ["b", "a", "font", "div", "p", "ul><li", "h4", "foo"])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<tr><td><{}>a<td>b<tr><td>c<td>d", [["a", "b"], ["c", "d"]]),
        ("<tr><td>a<td><{}>b<tr><td>c<td>d", [["a", "b"], ["c", "d"]]),
        ("<tr><td><{}>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr>", [["a", "b"], ["c", "d"]]),
        ("<tr><td>a</td><td><{}>b</tr><tr><td>c</td><td>d</td></tr>", [["a", "b"], ["c", "d"]]),
        ("<td>a<td><{}>b<tr><td>c<td>d", [["a", "b"], ["c", "d"]]),
        ("<tr><td>a<td><{}>b<thead><tr><td>c<td>d", [["a", "b"], ["c", "d"]]),
        ("<tbody><tr><td>a<td><{}>b<tbody><tr><td>c<td>d", [["a", "b"], ["c", "d"]]),
    ],
)
def test_an_element_left_open_in_a_cell_ends_with_the_cell(tag: str, body: str, expected: Slots) -> None:
    # Parsers that do not close it read the rest of the table as a part of that cell: rows would be lost.
    found = slots(body.format(tag))
    assert [[cell and cell.replace("<foo>", "") for cell in row] for row in found] == expected


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        pytest.param("<thead><tr><th>a<tr><th>b<tbody><tr><td>c", 2, id="thead"),
        pytest.param("<thead><tr><td>a<tbody><tr><td>c", 1, id="thead of td"),
        pytest.param("<thead><tr><th>a</thead><thead><tr><th>b</thead><tbody><tr><td>c", 2, id="two theads"),
        pytest.param("<tbody><tr><td>a</tbody><thead><tr><th>b</thead>", 0, id="thead at the end"),
        pytest.param("<tr><th>a<th>b<tr><td>c<td>d", 1, id="a row of th"),
        pytest.param("<tr><th>a<th>b<tr><th>c<th>d<tr><td>e<td>f", 2, id="two rows of th"),
        pytest.param("<tr><th rowspan=2>a<th>b<tr><th>c<tr><td>d<td>e", 2, id="th over two rows"),
        pytest.param("<tr><th>a<td>b<tr><th>c<td>d", 0, id="th at the side"),
        pytest.param("<tr><td>a<tr><th>b", 0, id="th below"),
        pytest.param("<tr><td>a<tr><td>b", 0, id="no th"),
        pytest.param("<tr><th>a<tr><th>b", 1, id="nothing but th: the first"),
        pytest.param("<tr><th>a", 1, id="one row of th"),
        pytest.param("", 0, id="nothing"),
    ],
)
def test_header_rows_that_the_markup_declares(body: str, rows: int) -> None:
    assert table(body).head_rows == rows


@pytest.mark.parametrize(
    ("body", "hidden"),
    [
        ("<tr><td>a<tr hidden><td>b<tr><td>c", [False, True, False]),
        ("<tr><td>a<tr style='display: none'><td>b<tr><td>c", [False, True, False]),
        ("<tbody><tr><td>a<tbody hidden><tr><td>b<tr><td>c", [False, True, True]),
        ("<tr><td>a<tr><td hidden>b<tr><td>c", [False, False, False]),
    ],
)
def test_hidden_rows_are_marked(body: str, hidden: list[bool]) -> None:
    assert [row.hidden for row in table(body).rows] == hidden


def test_caption() -> None:
    assert table("<caption> Inbound <b>ports</b><br>TCP </caption><tr><td>a").caption == "Inbound ports TCP"
    assert table("<tr><td>a").caption == ""


def test_cells_know_whether_they_are_headers() -> None:
    assert [cell.header for cell in table("<tr><th>a<td>b").rows[0].slots if cell] == [True, False]


# --- nested tables ------------------------------------------------------------------------------------------------------


def test_nested_tables_are_tables_of_their_own() -> None:
    found = page(
        "<table><tr><td>a<table><tr><td>b<td>c<table><tr><td>d</table><tr><td>e</table>f<td>g</table><table><tr><td>h</table>"
    ).grids
    assert [texts(grid) for grid in found] == [[["a f", "g"]], [["b", "c"], ["e", None]], [["d"]], [["h"]]]
    assert [grid.number for grid in found] == [1, 2, 3, 4]
    assert [grid.depth for grid in found] == [0, 1, 2, 0]


def test_rows_of_a_nested_table_do_not_bound_the_spans_of_the_outer_one() -> None:
    outer, _ = page("<table><tr><td rowspan=2><table><tr><td>x<tr><td>y<tr><td>z</table><td>a<tr><td>b<tr><td>c<td>d</table>").grids
    assert texts(outer) == [["", "a"], ["", "b"], ["c", "d"]]


def test_a_table_in_a_caption_is_a_table() -> None:
    found = page("<table><caption>c<table><tr><td>x</table></caption><tr><td>a</table>").grids
    assert [texts(grid) for grid in found] == [[["a"]], [["x"]]]


# --- findings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("<tr><td>a<td>b\n<tr><td>c", [(2, 2)], id="short row"),
        pytest.param("<tr><th>a<th>b\n<tr><td>c\n<tr><td>d<td>e\n<tr><td>f", [(2, 1), (4, 3)], id="rows count from below the header"),
        pytest.param("<tr><td rowspan=2>a<td>b<td>c\n<tr><td>d", [(2, 2)], id="short row below a rowspan"),
        pytest.param("<tr><td>a<td>b<td rowspan=2>c\n<tr><td>d", [(2, 2)], id="hole before a rowspan"),
        pytest.param("<tr><td>a\n<tr><td colspan=2>b", [(1, 1)], id="row above a wide one"),
        pytest.param("<tr><td>a<td>b\n<tr>", [], id="row without any cell"),
        pytest.param("<tr><td colspan=2>a\n<tr><td>b<td>c", [], id="spans fill the row"),
        pytest.param("<tr><td rowspan=2>a<td>b\n<tr><td>c", [], id="rowspan fills the row"),
        pytest.param("<tr><td>a<td>\n<tr><td><td>b", [], id="empty cells are cells"),
    ],
)
def test_missing_cells_are_reported(body: str, expected: list[tuple[int, int]]) -> None:
    found = findings(body)
    assert [(one.code, one.line, one.row, one.table) for one in found] == [("missing-cells", line, row, 1) for line, row in expected]


def test_the_message_counts_the_cells() -> None:
    (found,) = findings("<tr><td>a<td>b<td>c<tr><td>d<td>e")
    assert "fills 2 of 3 columns" in found.message


def test_the_table_of_a_finding_is_the_one_with_the_short_row() -> None:
    found = page("<table><tr><td>a</table><table><tr><td>b<table><tr><td>c<td>d<tr><td>e</table></table>").findings
    assert [(one.code, one.table, one.row) for one in found] == [("missing-cells", 3, 2)]


# --- limits -------------------------------------------------------------------------------------------------------------


def area(found: Page) -> int:
    return sum(len(row.slots) for grid in found.grids for row in grid.rows)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<tr>" + "<td colspan=1000 rowspan=65534>a" * 5 + "<tr><td>b" * 900, id="both spans"),
        pytest.param("<tr>" + "<td colspan=1000 rowspan=0>a" * 5 + "<tr><td>b" * 900, id="rowspan 0"),
        pytest.param("<tr>" + "<td colspan=1000>a" * 5 + "<tr><td>b" * 900, id="colspan makes every row wide"),
        pytest.param("<tr>" + "<td>a" * 2100 + "<tr><td>b" * 2100, id="one row of many cells makes every row wide"),
    ],
)
def test_a_table_with_more_slots_than_any_page_needs_is_cut_down_and_reported(body: str) -> None:
    found = page(f"<table>{body}</table>")
    size = area(found)
    assert size <= grids.MAX_SLOTS
    assert "limit-reached" in [one.code for one in found.findings]


def test_where_the_limit_is_reached_no_row_and_no_cell_is_lost() -> None:
    found = page("<table><tr>" + "<td colspan=1000 rowspan=65534>a" * 5 + "<tr><td>b" * 900 + "</table>").grids[0]
    assert len(found.rows) == 901
    assert sum(cell.text == "a" for cell in found.rows[0].slots if cell) == 5
    assert all(row.slots[0] is not None and row.slots[0].text == "b" for row in found.rows[1:])


def test_cells_beyond_the_widest_row_that_is_read_are_kept_as_surplus() -> None:
    found = page("<table><tr>" + "<td>a" * 2100 + "<tr><td>b" * 2100 + "</table>").grids[0]
    assert found.width + len(found.rows[0].surplus) == 2100
    assert set(found.rows[0].surplus) == {"a"}


def test_a_large_table_is_read_whole() -> None:
    found = page("<table>" + "<tr><td>a<td>b<td>c" * 5_000 + "</table>")
    assert (area(found), found.findings) == (15_000, ())


# --- against a browser --------------------------------------------------------------------------------------------------
# html5lib builds the tree of the WHATWG parsing algorithm. The grid over it is made here a second time, slot by slot as
# "Forming a table" (WHATWG HTML, 4.9.12.1) says, with phantom rows and two cells in one slot and all that `grid` does not keep.


def integer(value: str | None, default: int) -> int:
    """Follow the "rules for parsing non-negative integers"."""
    rest = (value or "").lstrip("\t\n\f\r ")
    digits = "".join(itertools.takewhile(lambda character: character in "0123456789", rest.removeprefix("+")))
    return int(digits) if digits else default


class Reference:
    """The variables of the algorithm, under its names."""

    def __init__(self, element: Element) -> None:
        self.slots: dict[tuple[int, int], list[Element]] = {}
        self.x_width = self.y_height = self.y_current = 0
        self.growing: list[tuple[Element, int, int]] = []
        self.real: list[int] = []
        self.order = list(element.iter())
        for child in element:
            if child.tag in ("thead", "tbody"):
                self.group(child)
        for child in element:
            if child.tag == "tfoot":
                self.group(child)

    def group(self, section: Element) -> None:
        for row in section:
            if row.tag == "tr":
                self.row(row)
        while self.y_current < self.y_height:
            # The other way round than the standard, which would let a cell grow into the next group; no browser does.
            self.grow()
            self.y_current += 1
        self.growing.clear()

    def grow(self) -> None:
        for cell, x, width in self.growing:
            for column in range(x, x + width):
                self.slots.setdefault((column, self.y_current), []).append(cell)

    def row(self, row: Element) -> None:
        if self.y_height == self.y_current:
            self.y_height += 1
        x = 0
        self.grow()
        self.real.append(self.y_current)
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            while x < self.x_width and (x, self.y_current) in self.slots:
                x += 1
            if x == self.x_width:
                self.x_width += 1
            colspan = min(integer(cell.get("colspan"), 1) or 1, 1000)
            rowspan = min(integer(cell.get("rowspan"), 1), 65534)
            downward = rowspan == 0
            rowspan = rowspan or 1
            self.x_width = max(self.x_width, x + colspan)
            self.y_height = max(self.y_height, self.y_current + rowspan)
            for column in range(x, x + colspan):
                for y in range(self.y_current, self.y_current + rowspan):
                    self.slots.setdefault((column, y), []).append(cell)
            if downward:
                self.growing.append((cell, x, colspan))
            x += colspan
        self.y_current += 1

    def overlaps(self) -> bool:
        return any(len(covering) > 1 for covering in self.slots.values())

    def holes(self) -> bool:
        return any(None in row[: max(x for x, text in enumerate(row) if text is not None)] for row in self.texts() if any(row))

    def texts(self) -> Slots:
        # Two cells in one slot are an error of the page, for which the standard gives no answer: here the first of the page stays.
        covered = [[self.slots.get((x, y)) for x in range(self.x_width)] for y in self.real]
        return [[shown(min(covering, key=self.order.index)) if covering else None for covering in row] for row in covered]


def shown(cell: Element) -> str:
    def pieces(element: Element) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            if child.tag != "table":
                yield from pieces(child)
            yield " " + (child.tail or "")

    return " ".join("".join(pieces(cell)).split())


def references(body: str) -> list[Reference]:
    tree = html5lib.parse(f"<!doctype html><body>{body}", namespaceHTMLElements=False)
    return [Reference(element) for element in tree.iter("table")]


# What stands in span attributes. 65535 is in the test of the limit: here it would only make phantom rows.
SPANS = st.sampled_from(
    ["", *(f' {name}="{value}"' for name in ("colspan", "rowspan") for value in ("2", "3", "0", "1", "-1", "2;", "+3", " 2", "x", ""))]
)
END = st.booleans()


@st.composite
def cells(draw: st.DrawFn, inner: st.SearchStrategy[str], end: st.SearchStrategy[bool] = END) -> str:
    made = []
    for _ in range(draw(st.integers(0, 4))):
        tag = draw(st.sampled_from(["td", "td", "th"]))
        spans = draw(SPANS) + draw(SPANS)
        made.append(f"<{tag}{spans}>{draw(inner)}" + (f"</{tag}>" if draw(end) else ""))
    return "".join(made)


@st.composite
def rows(draw: st.DrawFn, inner: st.SearchStrategy[str], loose: bool = True) -> str:
    made = []
    for index in range(draw(st.integers(0, 3))):
        if loose and index == 0 and draw(st.integers(0, 5)) == 0:
            made.append(draw(cells(inner, st.just(True))))
        else:
            made.append("<tr>" + draw(cells(inner)) + ("</tr>" if draw(END) else ""))
    return "".join(made)


@st.composite
def table_markup(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """A table whose end tags are left out where HTML allows that."""
    made = [draw(st.sampled_from(["", "", "<caption>c</caption>", "<colgroup><col><col></colgroup>", "<!-- <tr> -->"]))]
    before = "section"
    for _ in range(draw(st.integers(0, 4))):
        section = draw(st.sampled_from(["", "tbody", "thead", "tfoot"]))
        if section:
            made.append(f"<{section}>{draw(rows(inner))}</{section}>")
        else:
            made.append(draw(rows(inner, loose=before != "")) + "</tr>")
        before = section
    return f"<table>{''.join(made)}</table>"


LEAF = st.just("@")
# A table with a caption is no list, whose words would be those of the cell.
CAPTIONED = table_markup(LEAF).map(lambda inner: inner.replace("<table>", "<table><caption>c</caption>"))
NESTED = LEAF | LEAF | LEAF | CAPTIONED.map(lambda inner: f"@{inner}@")


def worded(markup: str) -> str:
    """Give every cell text of its own, so that no slot can be mistaken for another."""
    parts = markup.split("@")
    return "".join(f"{part}t{number}" for number, part in enumerate(parts[:-1])) + parts[-1]


@PROPERTY
@given(st.lists(table_markup(NESTED), min_size=1, max_size=2).map("".join).map(worded))
def test_every_slot_is_what_a_browser_shows(body: str) -> None:
    assert [texts(grid) for grid in page(body).grids] == [reference.texts() for reference in references(body)]


# Tags in any order: ends of what was not begun, beginnings of what ends others.
SOUP = st.lists(
    st.sampled_from(
        "@ <tr> </tr> <td>@ <td>@ </td> <th>@ </th> <tbody> </tbody> <thead> </thead> <tfoot> <caption> </caption> <col> <colgroup>".split()
    ),
    max_size=12,
)


@settings(PROPERTY, max_examples=1000)
@given(SOUP.map("".join).map(worded))
def test_tags_in_any_order_are_read_as_browsers_read_them(body: str) -> None:
    markup = f"<table>{body}</table>"
    assert [texts(grid) for grid in page(markup).grids] == [reference.texts() for reference in references(markup)]


@PROPERTY
@given(table_markup(NESTED))
def test_a_grid_is_a_rectangle_and_a_cell_stands_in_the_slots_that_it_says(body: str) -> None:
    for grid in page(body).grids:
        assert {len(row.slots) for row in grid.rows} <= {grid.width}
        assert grid.head_rows <= len(grid.rows)
        for y, row in enumerate(grid.rows):
            for x, cell in enumerate(row.slots):
                if cell is not None:
                    assert cell.row <= y < cell.row + cell.rowspan
                    assert cell.column <= x < cell.column + cell.colspan
                    assert grid.rows[cell.row].slots[cell.column] is cell


# --- against pandas -----------------------------------------------------------------------------------------------------


def pandas_slots(body: str) -> Slots:
    (frame,) = pandas.read_html(io.StringIO(body), header=None, flavor="lxml")
    return [[None if pandas.isna(value) else str(value) for value in row] for row in frame.to_numpy().tolist()]


@st.composite
def plain_tables(draw: st.DrawFn) -> str:
    """What pandas agrees on with browsers: one body of td, spans of plain numbers, and a word in every cell."""
    made = []
    for _ in range(draw(st.integers(1, 5))):
        made.append("<tr>")
        for _ in range(draw(st.integers(1, 4))):
            across, down = draw(st.integers(1, 3)), draw(st.integers(1, 3))
            made.append(f'<td colspan="{across}" rowspan="{down}">@</td>')
        made.append("</tr>")
    return worded(f"<table><tbody>{''.join(made)}</tbody></table>")


@PROPERTY
@given(plain_tables())
def test_every_slot_is_what_pandas_reads(body: str) -> None:
    (reference,) = references(body)
    # Pandas moves the second cell away where browsers lay one over the other, and a cell from above into a hole to its left.
    assume(not reference.overlaps() and not reference.holes())
    (grid,) = page(body).grids
    # Pandas adds the rows that a rowspan asks for beyond the table.
    assert texts(grid) == pandas_slots(body)[: len(grid.rows)]
