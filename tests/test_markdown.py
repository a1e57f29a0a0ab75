"""Markdown pages: every row of every table, with its line; what GitHub's parser drops is found; examples are no tables."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extract.model import Grid, Page
from extract.read import markdown, read

PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)

PIPES = "| a | b |\n|---|---|\n| 1 | 2 |\n"


def page(text: str) -> Page:
    return read(text.encode(), "page.md")


def codes(text: str) -> list[str]:
    return [found.code for found in page(text).findings]


def words(grid: Grid) -> list[list[str]]:
    return [[cell.text if cell else "" for cell in row.slots] for row in grid.rows]


def tables(text: str) -> list[list[list[str]]]:
    return [words(grid) for grid in page(text).grids]


def row_lines(text: str) -> list[list[int]]:
    return [[row.line for row in grid.rows] for grid in page(text).grids]


def indented(text: str, by: str) -> str:
    return "".join(by + line if line.strip() else line for line in text.splitlines(keepends=True))


# --- pipe tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(PIPES, [1, 3], id="first in the page"),
        pytest.param("# H\n\n" + PIPES, [3, 5], id="below a heading"),
        pytest.param("# H\n" + PIPES, [2, 4], id="right below a heading"),
        pytest.param("text\n\n\n\n" + PIPES + "| 3 | 4 |\n", [5, 7, 8], id="below blank lines"),
        pytest.param("text\n" + PIPES, [2, 4], id="right below a paragraph"),
        pytest.param("two lines\nof text\n" + PIPES, [3, 5], id="right below two lines of a paragraph"),
        pytest.param("- item\n\n" + indented(PIPES, "  "), [3, 5], id="in a list item"),
        pytest.param("1. item\n   - inner\n\n" + indented(PIPES, "     "), [4, 6], id="in a list item of a list item"),
        pytest.param("text\n\n" + indented(PIPES, "> "), [3, 5], id="in a quotation"),
        pytest.param("a | b\n--|--\n1 | 2\n", [1, 3], id="without outer pipes"),
        pytest.param("<div>\n\n" + PIPES + "\n</div>\n", [3, 5], id="in an HTML block, after a blank line"),
        pytest.param("```\nx\n```\n" + PIPES, [4, 6], id="below a code fence"),
        pytest.param("a\x0cb\u2028c\x85d\n\n" + PIPES, [3, 5], id="below separators that end no line"),
    ],
)
def test_rows_of_pipe_tables_carry_their_lines(text: str, lines: list[int]) -> None:
    (grid,) = page(text).grids
    assert [row.line for row in grid.rows] == lines
    assert grid.line == lines[0]
    assert words(grid)[:2] == [["a", "b"], ["1", "2"]]


def test_pipe_table_has_a_header_row() -> None:
    (grid,) = page(PIPES).grids
    assert grid.head_rows == 1
    assert [cell.header for cell in grid.rows[0].slots if cell] == [True, True]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (r"x\|y", "x|y"),
        (r"`x\|y`", "x|y"),
        (r"\\x", r"\x"),
        ("80<br>443", "80 443"),
        ("80<br/>443", "80 443"),
        ("**80**", "80"),
        ("`80`", "80"),
        ("[80](#p)", "80"),
        ("![Yes](y.png)", "Yes"),
        ("80 &ndash; 443", "80 – 443"),
        ("8\\_0", "8_0"),
        ("`<host>`", "<host>"),
        ("&lt;host&gt;", "<host>"),
        ("<ip_address>:443", "<ip_address>:443"),
        ("443[^1]", "443"),
        ("~~80~~ 443", "443"),
        ("", ""),
    ],
)
def test_cell_of_a_pipe_table_says_what_a_reader_sees(cell: str, said: str) -> None:
    text = f"| a | b |\n|---|---|\n| {cell} | next |\n\n[^1]: A note.\n"
    assert tables(text) == [[["a", "b"], [said, "next"]]]


def test_lines_of_a_cell_stay_apart() -> None:
    (grid,) = page("| a |\n|---|\n| 80<br>443<br />22 |\n").grids
    assert grid.rows[1].slots[0] is not None
    assert grid.rows[1].slots[0].lines == ("80", "443", "22")


def test_a_row_with_fewer_cells_is_filled_up() -> None:
    assert tables(PIPES + "| 3 |\n") == [[["a", "b"], ["1", "2"], ["3", ""]]]


@pytest.mark.parametrize("opener", ['=== "Linux"', '===! "Linux"', "!!! note", "??? note", "???+ note", '!!! note "Ports"'])
def test_tabs_and_admonitions_indent_what_they_hold(opener: str) -> None:
    text = f"{opener}\n\n{indented(PIPES, '    ')}\n{opener}\n\n{indented(PIPES, '    ')}\nafter\n\n    | a | b |\n"
    assert row_lines(text) == [[3, 5], [9, 11]]
    assert page(text).blocks[-1].kind == "code"


def test_tabs_in_admonitions_indent_twice() -> None:
    text = f'!!! note\n\n    === "Linux"\n\n{indented(PIPES, "        ")}\n    text\n\n{indented(PIPES, "    ")}'
    assert row_lines(text) == [[5, 7], [11, 13]]


def test_an_admonition_in_a_code_sample_holds_nothing() -> None:
    text = f"```\n!!! note\n\n    {PIPES}```\n\ntext\n\n{indented(PIPES, '    ')}"
    assert tables(text) == []


# --- surplus cells ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "row"),
    [
        pytest.param(PIPES + "| 3 | 4 | 5 |\n", 4, 2, id="plain"),
        pytest.param("# H\n\n" + PIPES + "| 3 | 4 | 5 |\n", 6, 2, id="below a heading"),
        pytest.param("text\n" + PIPES + "| 3 | 4 | 5 |\n", 5, 2, id="right below a paragraph"),
        pytest.param("- item\n\n" + indented(PIPES + "| 3 | 4 | 5 |\n", "  "), 6, 2, id="in a list item"),
        pytest.param(indented(PIPES + "| 3 | 4 | 5 |\n", "> "), 4, 2, id="in a quotation"),
        pytest.param("- item\n\n" + indented(PIPES + "| 3 | 4 | 5 |\n", "  > "), 6, 2, id="in a quotation in a list item"),
        pytest.param("a | b\n--|--\n1 | 2\n3 | 4 | 5\n", 4, 2, id="without outer pipes"),
        pytest.param(PIPES + "3 | 4 | 5\n", 4, 2, id="a row without outer pipes"),
        pytest.param(PIPES + "| 3 | 4 | 5\n", 4, 2, id="without a last pipe"),
        pytest.param("| a | b\n|---|---\n| 1 | 2\n| 3 | 4 | 5\n", 4, 2, id="no last pipes at all"),
        pytest.param("|a|b|\n|-|-|\n|3|4|5|\n", 3, 1, id="two lines and one row"),
        pytest.param("<table><tr><td>\n\n" + PIPES + "| 3 | 4 | 5 |\n\n</td></tr></table>\n", 6, 2, id="in a cell of an HTML table"),
        pytest.param("- item\n\n  ```\n  code\n" + PIPES + "| 3 | 4 | 5 |\n", 8, 2, id="after a fence that its list item ends"),
    ],
)
def test_surplus_cells_are_found(text: str, line: int, row: int) -> None:
    found = page(text)
    assert [(one.code, one.line, one.row) for one in found.findings] == [("surplus-cells", line, row)]
    (wide,) = [one for grid in found.grids for one in grid.rows if one.surplus]
    assert (wide.line, wide.surplus) == (line, ("5",))


def test_an_unescaped_pipe_in_code_splits_the_cell() -> None:
    # GitHub splits there, too; the author meant one cell.
    text = "| a | b |\n|---|---|\n| `x|y` | 2 |\n"
    found = page(text)
    assert [one.code for one in found.findings] == ["surplus-cells"]
    assert found.grids[0].rows[1].surplus == ("2",)


@pytest.mark.parametrize("end", ["|", "||", "| | |", ""])
def test_empty_cells_beyond_the_columns_are_no_loss(end: str) -> None:
    assert codes(f"| a | b |\n|---|---|\n| 1 | 2 {end}\n") == []


@pytest.mark.parametrize("cell", [r"x\|y", r"`x\|y`", r"x\\|y", r"x\\\|y", r"\|", r"x\|y\|z"])
def test_escaped_pipe_makes_no_cell(cell: str) -> None:
    text = f"| a | b |\n|---|---|\n| {cell} | 2 |\n"
    assert codes(text) == []
    assert tables(text)[0][1][1] == "2"


def test_every_surplus_cell_is_kept() -> None:
    assert page(PIPES + "| 3 | 4 | 5 | | 7 |\n").grids[0].rows[2].surplus == ("5", "7")


CELL_TEXT = st.text(alphabet="xy\\| ", min_size=1, max_size=6)


@PROPERTY
@given(st.lists(CELL_TEXT, min_size=1, max_size=6), st.booleans(), st.booleans())
@example(["x\\\\", "y", "z"], True, True)
@example(["`x", "y`", "z"], True, True)
def test_a_narrow_table_and_its_surplus_hold_what_a_wide_table_holds(cells: list[str], before: bool, after: bool) -> None:
    row = ("| " if before else "") + " | ".join(["first", *cells]) + (" |" if after else "")
    wide = tables("|a" * 60 + "|\n" + "|-" * 60 + f"|\n{row}\n")[0][1]
    (grid,) = page(f"|a|b|\n|-|-|\n{row}\n").grids
    assert words(grid)[1] == wide[:2]
    assert len(grid.rows[1].surplus) == len([word for word in wide[2:] if word])


# --- what looks like a table and is none --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("| a | b |\n| 1 | 2 |\n| 3 | 4 |\n", 1, id="no delimiter row"),
        pytest.param("# H\n\ntext\n\n| a | b |\n| 1 | 2 |\n| 3 | 4 |\n", 5, id="no delimiter row, further down"),
        pytest.param("| a | b |\n| 1 | 2 |\n", 1, id="no delimiter row, one data row"),
        pytest.param("| a | b |\n\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n", 3, id="a blank line above the delimiter row"),
        pytest.param("| a | b | c |\n|---|---|\n| 1 | 2 | 3 |\n", 1, id="too few delimiters"),
        pytest.param("| a | b |\n|---|---|---|\n| 1 | 2 |\n", 1, id="too many delimiters"),
        pytest.param("a | b | c\n--|--\n1 | 2 | 3\n", 1, id="too few delimiters, without outer pipes"),
        pytest.param("| a | b |\n|===|===|\n| 1 | 2 |\n", 1, id="wrong delimiters"),
        pytest.param("- item\n\n  | a | b |\n  | 1 | 2 |\n  | 3 | 4 |\n", 3, id="in a list item"),
        pytest.param("> | a | b |\n> | 1 | 2 |\n> | 3 | 4 |\n", 1, id="in a quotation"),
        pytest.param("<table><tr><td>\n\n| a | b |\n| 1 | 2 |\n| 3 | 4 |\n\n</td></tr></table>\n", 3, id="in a cell of an HTML table"),
        pytest.param(PIPES + "\n| 3 | 4 |\n", 5, id="a row that a blank line cuts off"),
        pytest.param("<div>\n| a | b |\n|---|---|\n| 1 | 2 |\n</div>\n", 2, id="in an HTML block, without a blank line"),
        pytest.param(
            "<table><tr><td>x</td></tr></table>\n| a | b |\n|---|---|\n| 1 | 2 |\n", 2, id="below an HTML table, without a blank line"
        ),
    ],
)
def test_broken_pipe_table_is_found(text: str, line: int) -> None:
    assert ("broken-pipe-table", line) in [(found.code, found.line) for found in page(text).findings]


@pytest.mark.parametrize(
    "text",
    [
        PIPES,
        "text\n" + PIPES,
        "a | b\n--|--\n1 | 2\n",
        "Choose a | b.\n\nOr c | d.\n",
        "| a |\n|---|\n| 1 |\n",
        "|:-|-:|\n|:-|-:|\n|1|2|\n",
        "```\n| a | b |\n| 1 | 2 |\n| 3 | 4 |\n```\n",
        "text\n\n    | a | b |\n    | 1 | 2 |\n    | 3 | 4 |\n",
        "<!--\n| a | b |\n| 1 | 2 |\n| 3 | 4 |\n-->\n",
        "<pre>\n| a | b |\n| 1 | 2 |\n| 3 | 4 |\n</pre>\n",
    ],
)
def test_sound_tables_and_examples_are_not_reported(text: str) -> None:
    assert codes(text) == []


# --- code and comments --------------------------------------------------------------------------------------------------

HTML_TABLE = "<table>\n<tr><td>x</td></tr>\n</table>\n"


@pytest.mark.parametrize("table", [PIPES, HTML_TABLE], ids=["pipes", "html"])
@pytest.mark.parametrize(
    "frame",
    [
        pytest.param("```\n{}```\n", id="backticks"),
        pytest.param("~~~\n{}~~~\n", id="tildes"),
        pytest.param("```html\n{}```\n", id="with a language"),
        pytest.param("~~~ html `x`\n{}~~~\n", id="tildes with backticks behind"),
        pytest.param("  ```\n{}  ```\n", id="indented fence"),
        pytest.param("````\n```\n{}```\n````\n", id="fence in a fence"),
        pytest.param("~~~\n```\n{}~~~\n", id="backticks in tildes"),
        pytest.param("```\n~~~\n{}```\n", id="tildes in backticks"),
        pytest.param("```\n{}````\n", id="closed by more"),
        pytest.param("```\n``` x\n{}```\n", id="not closed by a fence with words"),
        pytest.param("```\n{}", id="never closed"),
        pytest.param("```\n\n{}\n\n```\n", id="blank lines"),
        pytest.param("<!--\n{}-->\n", id="comment"),
        pytest.param("text\n\n<!-- old:\n\n{}\n-->\n", id="comment with blank lines"),
    ],
)
def test_a_table_in_code_or_in_a_comment_is_no_table(frame: str, table: str) -> None:
    text = frame.format(table)
    assert tables(text) == []
    assert codes(text) == []


@pytest.mark.parametrize("table", [PIPES, HTML_TABLE], ids=["pipes", "html"])
@pytest.mark.parametrize(
    ("opener", "by", "closer"),
    [
        ("- item\n\n  ```\n", "  ", "  ```\n"),
        ("- ```\n", "  ", "  ```\n"),
        ("1. item\n   ~~~\n", "   ", "   ~~~\n"),
        ("> ```\n", "> ", "> ```\n"),
        ("- > ```\n", "  > ", "  > ```\n"),
        ("text\n\n", "    ", ""),
        ("- item\n\n", "      ", ""),
    ],
)
def test_a_table_in_code_in_a_container_is_no_table(opener: str, by: str, closer: str, table: str) -> None:
    text = opener + indented(table, by) + closer
    assert tables(text) == []
    assert codes(text) == []


@pytest.mark.parametrize("table", [PIPES, HTML_TABLE], ids=["pipes", "html"])
@pytest.mark.parametrize(
    "before",
    [
        pytest.param("```\ncode\n```\n", id="closed fence"),
        pytest.param("````\n```\n````\n", id="fence in a fence"),
        pytest.param("`` ``` `` is a fence\n", id="fence in a code span"),
        pytest.param("``` is `one` span ```\n", id="code span of three"),
        pytest.param("Use `<table>` here.\n", id="tag in code"),
        pytest.param("Use ``<table>`` here.\n", id="tag in code of two backticks"),
        pytest.param("Use `a` and ``<table>`` and `</table>`.\n", id="tags in several codes"),
        pytest.param("A `<!--` opens a comment.\n", id="comment mark in code"),
        pytest.param("Not \\<table> but text.\n", id="escaped tag"),
        pytest.param("Not \\`<!--` but\n\n--> text.\n", id="escaped code"),
        pytest.param("<!-- <table> -->\n", id="commented table"),
        pytest.param("<!-- one --> <!-- two\n<table>\n-->\n", id="comments"),
        pytest.param("a --> b\n", id="arrow"),
        pytest.param("text\n\n    <table>\n", id="indented code"),
        pytest.param("text\n\n    <!--\n", id="comment mark in indented code"),
        pytest.param("- item\n  ```\n  code\n", id="fence that its list item ends"),
        pytest.param("> ```\n> code\n", id="fence that its quotation ends"),
    ],
)
def test_what_stands_before_a_table_does_not_hide_it(before: str, table: str) -> None:
    text = f"{before}\n{table}\nEnd.\n"
    above = before.count("\n") + 1
    assert row_lines(text) == row_lines("\n" * above + table)
    assert tables(text) == tables(table)


@pytest.mark.parametrize("name", ["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext"])
def test_naming_an_element_in_the_text_does_not_swallow_the_page(name: str) -> None:
    # GitHub filters these tags for the same reason: HTML parsers read on to an end tag that never comes.
    assert tables(f"Remove the <{name}> element.\n\n{PIPES}") == [[["a", "b"], ["1", "2"]]]


@pytest.mark.parametrize(
    "tag", ["</html>", "</body>", "</body></html>", "</div>", "</table>", "</td></tr></table>", "<html>", "<body>", "<head>"]
)
def test_a_stray_tag_does_not_end_the_page(tag: str) -> None:
    assert tables(f"text\n\n{tag}\n\n{PIPES}") == [[["a", "b"], ["1", "2"]]]


# --- HTML tables in Markdown --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("<table>\n<tr><td>1</td></tr>\n<tr><td>2</td></tr>\n</table>\n", [2, 3], id="plain"),
        pytest.param("<table>\n<tr>\n\n<td>1</td>\n\n</tr>\n\n<tr><td>2</td></tr>\n\n</table>\n", [2, 8], id="blank lines"),
        pytest.param(
            "<table>\n\n    <tr>\n\n        <td>1</td>\n\n    </tr>\n\n    <tr><td>2</td></tr>\n</table>\n",
            [3, 9],
            id="blank lines, indented",
        ),
        pytest.param("<table>\n\n\t<tr>\n\n\t\t<td>1</td>\n\n\t</tr>\n\n\t<tr><td>2</td></tr>\n</table>\n", [3, 9], id="blank lines, tabs"),
        pytest.param("- item\n\n  <table>\n  <tr>\n\n  <td>1</td></tr>\n  <tr><td>2</td></tr>\n  </table>\n", [4, 7], id="in a list item"),
        pytest.param(
            "- item\n\n    <table>\n      <tr>\n\n          <td>1</td>\n\n      </tr>\n      <tr><td>2</td></tr>\n    </table>\n",
            [4, 9],
            id="in a list item, indented further",
        ),
        pytest.param(
            "1. item\n   <table>\n     <tr>\n\n       <td>1</td></tr>\n\n     <tr><td>2</td></tr>\n   </table>\n",
            [3, 7],
            id="right below an item",
        ),
        pytest.param("> <table>\n> <tr><td>1</td></tr>\n>\n> <tr><td>2</td></tr>\n> </table>\n", [2, 4], id="in a quotation"),
        pytest.param("text <table><tr><td>1</td></tr>\n<tr><td>2</td></tr></table>\n", [1, 2], id="in a paragraph"),
        pytest.param("<TABLE>\n<TR><TD>1</TD></TR>\n<TR><TD>2</TD></TR>\n</TABLE>\n", [2, 3], id="capitals"),
        pytest.param(
            '<table\n  class="x">\n<tr\n  class="y"><td>1</td></tr>\n<tr><td\n>2</td></tr>\n</table>\n', [3, 5], id="tags over lines"
        ),
        pytest.param("<table><tr><td>1</td></tr><tr><td>2</td></tr></table>\n", [1, 1], id="one line"),
        pytest.param("<table>\n<tr><td>1\n<tr><td>2\n</table>\n", [2, 3], id="end tags left out"),
        pytest.param("<table>\n<tr><td>1</td></tr>\n<tr><td>2</td></tr>\n", [2, 3], id="never closed"),
        pytest.param("<div>\n<table>\n<tr><td>1</td></tr>\n<tr><td>2</td></tr>\n</table>\n</div>\n", [3, 4], id="in a div"),
    ],
)
def test_rows_of_html_tables_carry_their_lines(text: str, lines: list[int]) -> None:
    (grid,) = page(text).grids
    assert words(grid) == [["1"], ["2"]]
    assert [row.line for row in grid.rows] == lines
    assert grid.line == next(number for number, line in enumerate(text.split("\n"), 1) if "<table" in line.lower())


def test_cells_of_html_tables_carry_their_lines() -> None:
    (grid,) = page("# H\n\n<table>\n<tr>\n<td>1</td>\n\n<td>\n2</td>\n</tr>\n</table>\n").grids
    assert [cell.line for cell in grid.rows[0].slots if cell] == [5, 7]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("<table><tr><td>1</td></tr></table> <table>\n<tr><td>2</td></tr>\n</table>\n", [[1], [2]]),
        ("<table>\n<tr><td>1</td></tr></table><table>\n<tr><td>2</td></tr></table>\n", [[2], [3]]),
        ("<table>\n<tr><td>1</td></tr>\n</table>\n\ntext\n\n<table>\n<tr><td>2</td></tr>\n</table>\n", [[2], [8]]),
        ("<table>\n<tr><td>1<table>\n<tr><td>2</td></tr>\n</table></td></tr>\n</table>\n", [[2], [3]]),
        ("<table>\n<tr><td>1\n\n<table>\n\n<tr><td>2</td></tr>\n</table>\n\n</td></tr>\n</table>\n", [[2], [6]]),
    ],
)
def test_rows_of_several_html_tables_carry_their_lines(text: str, lines: list[list[int]]) -> None:
    assert row_lines(text) == lines
    assert [grid[0][0] for grid in tables(text)] == ["1", "2"]


def test_a_blank_line_in_a_cell_returns_to_markdown() -> None:
    (grid,) = page("<table><tr><td>\n\n- TCP **443**\n- UDP 53\n\n</td></tr></table>\n").grids
    assert grid.rows[0].slots[0] is not None
    assert grid.rows[0].slots[0].lines == ("TCP 443", "UDP 53")


def test_without_a_blank_line_a_cell_is_html() -> None:
    assert tables("<table><tr><td>\n**443**\n</td></tr></table>\n") == [[["**443**"]]]


def test_a_pipe_table_in_a_cell_is_a_table_in_a_table() -> None:
    text = "<table>\n<tr><td>\n\n" + PIPES + "\n</td></tr>\n</table>\n"
    outer, inner = page(text).grids
    assert (outer.depth, inner.depth) == (0, 1)
    assert [row.line for row in inner.rows] == [4, 6]
    assert words(inner) == [["a", "b"], ["1", "2"]]


def test_code_in_a_cell_is_quoted_as_written() -> None:
    text = "<table>\n<tr><td>\n\n```\n<tr><td>x\n```\n\n</td><td>y</td></tr>\n</table>\n"
    assert tables(text) == [[["<tr><td>x", "y"]]]


def test_indented_code_is_quoted_as_written() -> None:
    assert [block.text for block in page("text\n\n    <table><tr><td>x</td></tr></table>\n").blocks] == [
        "text",
        "<table><tr><td>x</td></tr></table>",
    ]


def test_html_table_without_an_end_is_reported_where_it_begins() -> None:
    found = page("text\n\n<table>\n<tr><td>x</td></tr>\n\nmore\n").findings
    assert [(one.code, one.line) for one in found] == [("table-unfinished", 3)]


# --- any page made of such pieces ---------------------------------------------------------------------------------------

INDENT = st.sampled_from(["", "  ", "    ", "\t", "      "])
GAP = st.sampled_from(["", "\n", "\n\n"])


@st.composite
def html_table(draw: st.DrawFn) -> str:
    parts = ["<table>\n"]
    for _ in range(draw(st.integers(1, 3))):
        parts.append(draw(GAP) + draw(INDENT) + "<tr>\n")
        parts.extend(f"{draw(GAP)}{draw(INDENT)}<td>@cell@</td>\n" for _ in range(draw(st.integers(1, 3))))
        parts.append(draw(GAP) + draw(INDENT) + "</tr>\n")
    return "".join(parts) + "</table>\n"


@st.composite
def pipe_table(draw: st.DrawFn) -> str:
    width = draw(st.integers(1, 3))
    row = "| @cell@ " * width + "|\n"
    return row + "|---" * width + "|\n" + row * draw(st.integers(1, 3))


TABLE = html_table() | pipe_table()
PIECE = st.one_of(
    TABLE,
    TABLE,
    TABLE.map(lambda table: "- item\n\n" + indented(table, "  ")),
    TABLE.map(lambda table: f"```\n{table.replace('@cell@', 'example')}```\n"),
    TABLE.map(lambda table: f"<!--\n{table.replace('@cell@', 'example')}-->\n"),
    st.sampled_from(["# Heading\n", "text\nand more\n", "Use `<table>` and `</table>`.\n", "***\n", "\n\n\n"]),
)


def numbered(text: str) -> tuple[str, int]:
    """Give every cell a word of its own, so that it can be looked for in the file."""
    pieces = text.split("@cell@")
    return "".join(f"{piece}cell{number}end" for number, piece in enumerate(pieces[:-1])) + pieces[-1], len(pieces) - 1


@PROPERTY
@given(
    st.lists(PIECE, min_size=1, max_size=5),
    st.sampled_from(["", "---\ntitle: T\n---\n", '{"title": "T"}', '{\n"title": "T"\n}']),
    st.sampled_from(["\n", "\r\n", "\r\r\n"]),
)
def test_every_cell_of_every_table_is_read_at_its_line(pieces: list[str], front: str, end: str) -> None:
    text, count = numbered(front + "\n".join(pieces))
    found = read(text.replace("\n", end).encode(), "page.md")
    cells = [cell for grid in found.grids for row in grid.rows for cell in row.slots if cell]
    assert sorted(cell.text for cell in cells) == sorted(f"cell{number}end" for number in range(count))
    assert [cell.line for cell in cells] == [text[: text.index(cell.text)].count("\n") + 1 for cell in cells]


@PROPERTY
@given(
    st.lists(
        st.sampled_from(["|", "-", "a", "`", "```", "~~~", "<table>", "</table>", "<tr>", "<td>", "<!--", "-->", "\\", "\n", " ", ">"])
    )
)
def test_rendering_never_fails(parts: list[str]) -> None:
    text = "".join(parts)
    rendered = markdown.render(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in rendered.surplus)
    assert all(found.line is not None and 1 <= found.line <= text.count("\n") + 1 for found in rendered.findings)
