"""The tables and the title of a page are the same whether they are read alone or together with all that stands around them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.model import Page
from extract.read import body, read, tables
from extract.read.blocks import Walk
from extract.read.tree import Element
from tests import goldens, transforms

PROPERTY = settings(deadline=None, derandomize=True, max_examples=400)
TRANSFORMATIONS = [*transforms.SAME_RULES, *transforms.SAME_FLOWS, transforms.html_tables_as_pipe_tables]


def together(data: bytes, path: str) -> Page:
    """Return a page whose tables are read together with its text."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tables, "read", lambda *_: None)
        return read(data, path)


def check(data: bytes, path: str) -> None:
    alone, whole = read(data, path), together(data, path)
    if not data.startswith(b"---"):
        # Else the front matter says the title.
        assert alone.document.title == body.title_of(whole.blocks)
    assert (alone.document, alone.grids, alone.findings) == (whole.document, whole.grids, whole.findings)
    assert alone.prose() == whole.prose()


@pytest.mark.parametrize("folder", goldens.folders(), ids=lambda folder: folder.name)
def test_golden_pages_are_read_alike_whatever_is_done_to_their_markup(folder: Path) -> None:
    file = goldens.page_of(folder)
    check(file.read_bytes(), file.name)
    page = file.read_text("utf-8", "replace")
    for transform in TRANSFORMATIONS:
        check(transform(page).encode(), f"page{file.suffix}")


# What hides or moves what is in it, what tables stand in, and what titles are made of.
OPEN = """<table>|<table>|<tr>|<td>|<th>|<div>|<div hidden>|<p style='display:none'>|<nav>|<template>|<del>|<sup>|<select>|<svg>|<b>
    |<ul><li>|<table hidden>|<td style='visibility:hidden'>|<h1>|<h1>|<h1 hidden>|<h2>|<h3>|<title>|<td colspan=2>|<details>|<pre>""".split(
    "|"
)
CLOSE = "</table>|</td>|</tr>|</div>|</nav>|</template>|</sup>|</svg>|</h1>|</h2>|</title>|</p>|</del>|</li></ul>|</b>|</pre>".split("|")
SCRAP = st.sampled_from(
    [
        *map(str.strip, OPEN),
        *CLOSE,
        "1",
        "*",
        "Ports",
        "TCP 443",
        " ",
        "\n",
        "\n\n",
        "\u00c3\u00bc",
        "{#ports}",
        "<br>",
        "| a | b |\n| - | - |\n",
    ]
)


@PROPERTY
@given(st.lists(SCRAP, max_size=30).map("".join), st.sampled_from(["page.html", "page.md"]))
def test_any_markup_is_read_alike(text: str, path: str) -> None:
    check(text.encode(), path)


def test_the_text_of_a_page_without_rules_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Walk, "walk", lambda *_: pytest.fail("the whole page was walked"))
    page = read(
        b"<title>Site</title><h1>Sizes</h1><p>How large it is.</p><table><tr><th>Size<th>Price<tr><td>Small<td>free</table>", "page.html"
    )
    assert page.document.title == "Sizes"
    assert [grid.width for grid in page.grids] == [2]


def counted(monkeypatch: pytest.MonkeyPatch, method: str) -> list[Element]:
    """Return a list of the elements that a method of `Walk` is called with."""
    elements: list[Element] = []
    original = getattr(Walk, method)

    def counting(self: Walk, element: Element) -> None:
        elements.append(element)
        original(self, element)

    monkeypatch.setattr(Walk, method, counting)
    return elements


def test_a_page_is_walked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    walked = counted(monkeypatch, "walk")
    page = read(b"---\ntitle: Ports\n---\n\nText\n\n| a | b |\n| - | - |\n| 1 | 2 |\n", "page.md")
    assert [block.kind for block in page.blocks] == ["title", "paragraph", "table"]
    assert page.blocks == page.prose().blocks
    assert len(walked) == 1


def test_headings_that_stand_in_each_other_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page may nest two thousand."""
    looked_at = counted(monkeypatch, "heading")
    deep = "<h1><div>" * 200 + "</div></h1>" * 200
    page = read(f"{deep}<h2>Ports</h2><table><tr><td>a<td>b</table>".encode(), "page.html")
    assert page.document.title == "Ports"
    assert 0 < len(looked_at) < 5
