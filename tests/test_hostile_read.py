"""Input made to exhaust the reader: work grows with its size and no faster, and what a limit left out is said.

Each text has a bounded time of the processor in a process of its own, a hundred times what it takes: only a blow-up fails. Nothing here
asserts on a clock.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from extract.read import grid as grids
from extract.read import read

_CPU_SECONDS = 10
_SCRIPT = (
    "import resource, sys; from extract.read import read; "
    f"resource.setrlimit(resource.RLIMIT_CPU, ({_CPU_SECONDS}, {_CPU_SECONDS})); "
    "read(sys.stdin.buffer.read(), sys.argv[1])"
)
_SIZE = 300_000


def _filled(piece: str, before: str = "", behind: str = "") -> str:
    return before + piece * (_SIZE // len(piece)) + behind


HTML = {
    "cells with attributes": _filled("<tr><td style='a'>x<td hidden>y</tr>", "<table>"),
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
    "table",
    [
        pytest.param("<table>" + "<tr><td colspan=1000 rowspan=0>x" * 60 + "</table>", id="spans"),
        pytest.param("<table><tr>" + "<td>x" * 2000 + "<tr><td>x" * 1500 + "</table>", id="one wide row"),
    ],
)
def test_tables_share_the_slots_of_a_page(table: str) -> None:
    page = read((table * 8).encode(), "page.html")
    cells = sum(cell is not None for grid in page.grids for row in grid.rows for cell in row.slots if cell and cell.column == 0)
    slots = sum(grid.width * len(grid.rows) for grid in page.grids)
    assert len(page.grids) == 8
    assert slots <= 2 * grids.MAX_SLOTS + cells
    limited = [found.table for found in page.findings if found.code == "limit-reached"]
    assert limited
    assert 1 not in limited
