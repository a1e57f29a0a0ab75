"""Input made to exhaust the reader: work grows with its size and no faster, and what a limit left out is said.

Each text has a bounded time of the processor in a process of its own, a hundred times what it takes: only a blow-up fails. Nothing here
asserts on a clock.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from extract.read import decode, read
from extract.read import grid as grids

_CPU_SECONDS = 10
_SCRIPT = (
    "import resource, sys; from extract.read import read; "
    f"resource.setrlimit(resource.RLIMIT_CPU, ({_CPU_SECONDS}, {_CPU_SECONDS})); "
    "read(sys.stdin.buffer.read(), sys.argv[1])"
)
_SIZE = 100_000


def _filled(piece: str, before: str = "", behind: str = "") -> str:
    return before + piece * (_SIZE // len(piece)) + behind


HTML = {
    "cells with attributes": _filled("<tr><td style='a'>x<td hidden>y</tr>", "<table>"),
    "captions in cells": _filled("<tr><td><caption>", "<table>"),
    "tables in templates": _filled("<template><table>") * 8,
    "columns in rows": _filled("<tr><td><col>", "<table><tbody>"),
    "ends of sections that nothing began": _filled("<td>a</tbody>x", "<table><td><table>"),
    "text beside the cells of a table in a cell": _filled("x<br>", "<table><td><table>"),
    "footnote marks that blanks can be part of": _filled("(note  ", "<table><tr><td><sup>", "!</sup>"),
    "footnote marks with commas": _filled("1 , ", "<table><tr><td><sup>", "!</sup>"),
    "one heading of many blocks": _filled("x<br>", "<h2>"),
    "headings behind empty paragraphs": _filled("<p></p><h2>a</h2>"),
    "rows without an end": _filled("</tr" + " " * 1000),
    "signs of tags": "<" * _SIZE,
    "tags without an end": _filled("<p\n"),
    "raw text without an end": _filled("<script><style><title>"),
    "comments without an end": _filled("<!-- ", "<table>"),
    "declarations": _filled("<?xml "),
    "declared encodings": _filled("<meta x charset= "),
    "white space": " " * _SIZE + "x",
    "a style of white space": f"<p style='display{' ' * _SIZE}'>x",
    "a span of white space": f"<table><tr><td colspan='{' ' * _SIZE}'>x</table>",
    "braces in a heading": _filled("{#", "<h1>"),
    "labels of tabs": _filled("{% tab title='", "<p>"),
    "placeholders": _filled("<x", "<ip>"),
}
MARKDOWN = {
    "quotes in quotes": _filled("> ", behind="x"),
    "lists in lists": _filled("- ", behind="x"),
    "links": _filled("[a]("),
    "emphasis": _filled("*a **b "),
    "code spans that do not end": "".join("x" + "`" * length for length in range(700)),
    "pipes": "|" * _SIZE,
    "a delimiter row that is none": _filled("|" + "-" * 50 + " ", behind="!"),
    "a wide table": _filled("a|", "|", "\n") + _filled("-|", "|", "\n"),
    "a label of quotation marks": '=== "' + '"' * _SIZE + "x",
    "a container of white space": "===" + " " * _SIZE + "x",
    "containers in containers": "".join(" " * (4 * depth) + '=== "a"\n' for depth in range(350)),
    "front matter of brackets": "---\na: " + "[" * 60_000 + "\n---\n",
    "front matter without keys": "---\n" + '"a' * 30_000 + "\n---\n",
}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        *(pytest.param("page.html", text, id=name) for name, text in HTML.items()),
        *(pytest.param("page.md", text, id=name) for name, text in MARKDOWN.items()),
    ],
)
def test_work_is_bounded(path: str, text: str) -> None:
    subprocess.run([sys.executable, "-c", _SCRIPT, path], input=text.encode(), capture_output=True, check=True)


@pytest.mark.parametrize(
    ("table", "first"),
    [
        pytest.param("<table>" + "<tr><td colspan=1000 rowspan=0>x" * 2 + "</table>", 200, id="spans"),
        pytest.param("<table><tr>" + "<td>x" * 200 + "<tr><td>x" * 30 + "</table>", 90, id="one wide row"),
        pytest.param("<table><tr>" + "<td>x" * 300 + "</table>", 1, id="more cells than a row may have"),
        pytest.param("<table><tr>" + "<td colspan=1000>x" * 3 + "</table>", 1, id="more columns than a table may have"),
    ],
)
def test_tables_share_the_slots_of_a_page(table: str, first: int) -> None:
    page = read((table * 250).encode(), "page.html")
    cells = table.count("<td") * 250
    assert len(page.grids) == 250
    assert sum(grid.width * len(grid.rows) for grid in page.grids) <= grids.MAX_CLAIMED + (1 + grids.CLAIMED_PER_CELL) * cells
    assert min(found.table or 0 for found in page.findings if found.code == "limit-reached") <= first


@pytest.mark.parametrize(
    ("data", "path"),
    [
        pytest.param(b"<table><tr><td>x<table>\x10<tr><td>1</table></table>", "page.html", id="a control loose in a nested table"),
        pytest.param(
            b"<table><tr><td><font>x<tr><td>y</tr></font>\x10z</td></tr></table>", "page.html", id="a control behind a row that is moved"
        ),
        pytest.param(b"a &#xFFFE; b &#xFFFF; c\n\n| x | y |\n| - | - |\n| 1 | 2 |\n", "page.md", id="what Unicode calls no character"),
    ],
)
def test_characters_that_no_file_should_hold_cost_nothing(data: bytes, path: str) -> None:
    page = read(data, path)
    assert page.grids
    assert page.blocks


def test_carriage_returns_are_line_ends_wherever_they_stand() -> None:
    decoded = decode.decode(b"a\n" + b"\r" * 300_000 + b"x\r\r\ny")
    assert decoded.text == "a\n" + "\n" * 300_000 + "x\ny"
    assert decoded.line(300_002) == 2
    assert decoded.line(300_003) == 3


def test_a_tag_may_have_any_number_of_attributes() -> None:
    page = read(b"<p " + b" ".join(b"a%d=1" % n for n in range(50_000)) + b"><table><tr><td>x</table>", "page.html")
    assert page.findings == ()
    assert len(page.grids) == 1
