"""Rows of another length than their header: which of them the findings name, and what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.model import Finding
from extract.read import read

HEADER = "<tr>" + "<th>h" * 4
TITLES = "<tr>" + "<td>h" * 4


def findings(body: str, path: str = "page.html") -> tuple[Finding, ...]:
    text = f"<table>\n{body}\n</table>" if path.endswith("html") else body
    return read(text.encode(), path).findings


def row(*cells: str) -> str:
    return "\n<tr>" + "".join(f"<td>{cell}" for cell in cells)


def shape(*lengths: int) -> str:
    return "".join(row(*(f"c{number}" for number in range(length))) for length in lengths)


def pipes(*lengths: int, columns: int = 4) -> str:
    lines = [["h"] * columns, ["---"] * columns, *([f"c{number}" for number in range(length)] for length in lengths)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def told(found: tuple[Finding, ...]) -> list[tuple[str, int | None]]:
    return [(one.code, one.row) for one in found]


SURPLUS, MISSING = "surplus-cells", "missing-cells"

# --- HTML: more cells than the header -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(HEADER + shape(4, 5, 4), [(SURPLUS, 2)], id="one of three"),
        pytest.param(HEADER + shape(5), [(SURPLUS, 1)], id="the only row"),
        pytest.param(HEADER + shape(5, 4, 7), [(SURPLUS, 1), (SURPLUS, 3)], id="two of three and the header"),
        pytest.param(HEADER + shape(4, 5, 3), [(SURPLUS, 2), (MISSING, 3)], id="one too long and one too short"),
        pytest.param(f"<thead>{HEADER}<tbody>" + shape(4, 5, 4), [(SURPLUS, 2)], id="a head of its own"),
        pytest.param(TITLES + shape(4, 5, 4), [(SURPLUS, 3)], id="a header of td"),
        pytest.param(HEADER + shape(5, 5), [(MISSING, None)], id="all rows: the header lacks one"),
        pytest.param(HEADER + shape(5, 4, 5, 5), [(MISSING, None), (MISSING, 2)], id="most rows: the header lacks one"),
        pytest.param(HEADER + shape(4) + row("a", "b", "c", "d", "") + shape(4), [], id="the cell too many is empty"),
        pytest.param(HEADER + shape(4) + "<tr><td colspan=9>group" + shape(4), [], id="a label that spans more than there is"),
        pytest.param(HEADER + "<tr><td rowspan=2>a<td>b<td>c<td>d" + shape(4), [(SURPLUS, 2)], id="moved to the right by a span"),
        pytest.param("<tr><td>title" + shape(4, 4), [], id="a title above the table"),
        pytest.param("<tr><td>a<td>b" + shape(3), [(MISSING, 1)], id="two rows without a header"),
    ],
)
def test_rows_that_have_more_cells_than_the_header_are_told_from_those_that_have_not(body: str, expected: list[object]) -> None:
    assert told(findings(body)) == expected


def test_the_message_names_the_cells_and_the_columns_that_there_are() -> None:
    one, two, header = (
        findings(body)[0] for body in (HEADER + row("a", "b", "c", "d", "e"), TITLES + shape(6, 4, 4, 4), HEADER + shape(5, 5))
    )
    assert one.message == "this row has 1 cell beyond the 4 columns of the header: e"
    assert two.message == "this row has 2 cells beyond the 4 columns of the first row: c4 | c5"
    assert header.message == "the header fills 4 of 5 columns; most rows fill more"
    assert (one.line, header.line) == (3, 2)


# --- fewer cells --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(pipes(4, 3), [(MISSING, 2)], id="one cell"),
        pytest.param(pipes(2, 4, 3), [(MISSING, 1), (MISSING, 3)], id="several rows"),
        pytest.param(pipes(4, 4).replace("| c3 |", "|"), [(MISSING, 1), (MISSING, 2)], id="pipes at the end"),
        pytest.param(pipes(4).replace("c3", ""), [], id="an empty cell is a cell"),
        pytest.param(pipes(4, 5, 3), [(SURPLUS, 2), (MISSING, 3)], id="one too long and one too short"),
        pytest.param(pipes(4, 1, 4), [], id="a label"),
        pytest.param(pipes(4) + "A line below the table.\n", [], id="a line that the parser takes into the table"),
        pytest.param(pipes(2, 1, columns=2), [(MISSING, 2)], id="two columns have no labels"),
        pytest.param("> " + pipes(4, 3).rstrip().replace("\n", "\n> "), [(MISSING, 2)], id="in a quotation"),
    ],
)
def test_rows_of_markdown_that_have_too_few_cells_are_reported(text: str, expected: list[object]) -> None:
    assert told(findings(text, "page.md")) == expected


def test_a_row_that_markdown_fills_up_says_how_much_of_it_is_there_and_where() -> None:
    [found] = findings("# Ports\n\n" + pipes(4, 2), "page.md")
    assert (found.message, found.line) == ("this row fills 2 of 4 columns; the missing cells are taken as empty", 6)


@pytest.mark.parametrize("path", ["page.html", "page.md"])
def test_where_most_rows_are_short_the_table_is_reported_once(path: str) -> None:
    lengths = (3, 4, 3, 2, 4, 3)
    [found] = findings(HEADER + shape(*lengths) if path == "page.html" else pipes(*lengths), path)
    assert (found.code, found.row, found.table) == (MISSING, None, 1)
    assert found.message == "most rows of this table, 4, do not fill its 4 columns; the missing cells are taken as empty"


@pytest.mark.parametrize("lengths", [(3, 3, 3), (3, 3, 3, 3, 4, 4, 4, 4)], ids=["few", "no more than half"])
def test_otherwise_every_short_row_is_named(lengths: tuple[int, ...]) -> None:
    expected = [(MISSING, number) for number, length in enumerate(lengths, 1) if length < 4]
    assert told(findings(HEADER + shape(*lengths))) == told(findings(pipes(*lengths), "page.md")) == expected


@given(st.lists(st.integers(2, 6), min_size=1, max_size=8))
def test_markdown_and_html_name_the_same_short_rows_where_no_row_is_long(lengths: list[int]) -> None:
    short = [min(length, 4) for length in lengths]
    assert told(findings(HEADER + shape(*short))) == told(findings(pipes(*short), "page.md"))


@given(st.lists(st.integers(2, 6), min_size=1, max_size=8))
def test_a_row_that_fits_its_header_is_never_reported_beside_few_that_do_not(lengths: list[int]) -> None:
    long = sum(length > 4 for length in lengths)
    if long <= len(lengths) - long:
        named = {one.row for one in findings(HEADER + shape(*lengths))}
        assert not named & {number for number, length in enumerate(lengths, 1) if length == 4}
