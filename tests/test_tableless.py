"""Pages that cannot hold a table are told from their text: never one that holds rules, and with the same title as if they were parsed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.read import read
from extract.read.tableless import is_tableless
from tests import goldens, transforms
from tests.test_robustness import as_html

TRANSFORMATIONS = [*transforms.SAME_RULES, *transforms.SAME_FLOWS, transforms.html_tables_as_pipe_tables]

HTML_PIECES = (
    *("<table>", "<TABLE border=1>", "<ta", "ble>", "</table>", "<tr>", "<td>", "443", "&lt;table&gt;", "&#60;table&#62;"),
    *("<h1>", "</h1>", "<h1 hidden>", "<h2>", "</h2>", "<title>", "</title>", "</body>", "</html>", "<svg>", "</svg>", "<nav>", "</nav>"),
    *("<script>", "</script>", "<!--", "-->", "<textarea>", "</textarea>", "<div data-x='", "'>", "<b>", "</b>", "<del>", "</del>"),
    *("Ports", " & ", "\n", "\u00c2\u00a0"),
)
MARKDOWN_PIECES = (
    *("| Port | Protocol |", "|---|---|", "| 443 | TCP |", "a | b", "-|-", ":-:", ":--", "--:", "---", "a", "443", "\\|", "`|`"),
    *("> ", "- ", "1. ", "    ", "\n", "\n\n", "# Ports", "# [Ports]", "[Ports]: x", "# Ports [^1]", "===", "Of *ports*", "[x](y)"),
    *("```", "~~~", "<table>", "<div>", "</div>", "<!--", "-->", "<h1>", "</h1>", "<script>", "</script>"),
    *("!!! note", '=== "Tab"', "{: .x}", "---\ntitle: x\n---\n"),
)
FENCE_PIECES = (
    *(
        "```",
        "~~~",
        "````",
        "``` sh",
        "``` a`b",
        "~~~ a`b",
        " ```",
        "   ~~~",
        "    ```",
        "```  ",
        "``` x",
        "> ```",
        "- ```",
        "1. ~~~",
        "  ```",
    ),
    *("| a | b |\n|---|---|\n| 443 | TCP |", "a\n:-:\nb", "- x\n", "[^1]: x\n", "[x]: y", "text", "\ttext", "<b>", "  <i>", "\\```", "`"),
)


def check(text: str, path: str) -> None:
    """What a page gives does not depend on whether all of it was parsed."""
    data = text.encode("utf-8", "replace")
    full, quick = read(data, path), read(data, path, prose=False)
    assert (quick.document, quick.grids, quick.findings) == (full.document, full.grids, full.findings)


@pytest.mark.parametrize("folder", goldens.folders(), ids=lambda folder: folder.name)
def test_no_golden_page_loses_a_table_whatever_is_done_to_its_markup(folder: Path) -> None:
    page = as_html(folder)
    for transform in TRANSFORMATIONS:
        path = "page.md" if transform is transforms.html_tables_as_pipe_tables else "page.html"
        check(transform(page), path)
    check(goldens.page_of(folder).read_text("utf-8", "replace"), goldens.page_of(folder).name)


@pytest.mark.parametrize("folder", goldens.folders(), ids=lambda folder: folder.name)
def test_a_golden_page_without_its_tables_keeps_its_title(folder: Path) -> None:
    page = goldens.page_of(folder)
    text = re.sub(r"<table.*</table>", "", page.read_text("utf-8", "replace"), flags=re.DOTALL | re.IGNORECASE)
    check("\n".join(line for line in text.split("\n") if "|" not in line), page.name)


@given(st.lists(st.sampled_from(HTML_PIECES), max_size=25).map("".join))
def test_no_html_that_holds_a_table_is_called_tableless(text: str) -> None:
    check(text, "page.html")


@given(st.lists(st.sampled_from(MARKDOWN_PIECES), max_size=25).map("".join))
def test_no_markdown_that_holds_a_table_is_called_tableless(text: str) -> None:
    check(text, "page.md")


@given(st.lists(st.sampled_from((*MARKDOWN_PIECES, *FENCE_PIECES)), max_size=14).map("\n".join))
def test_no_table_beside_a_fence_is_taken_for_code(text: str) -> None:
    check(text, "page.md")


@given(st.lists(st.sampled_from(MARKDOWN_PIECES), max_size=12).map("\n".join))
def test_no_lines_of_markdown_that_make_a_table_are_called_tableless(text: str) -> None:
    check(text, "page.md")


@pytest.mark.parametrize(
    ("body", "kind", "tableless"),
    [
        ("<p>Open port 443.</p>", "html", True),
        ("<p>The &lt;table&gt; element | and a pipe.</p>", "html", True),
        ("<Table><tr><td>443", "html", False),
        ("a | b in a sentence", "markdown", True),
        ("```sh\nls | wc -l\n```", "markdown", True),
        ("```sh\n| 443 | TCP |\n|---|---|\n:-:\n```\ntext", "markdown", True),
        ("text\n~~~~ a`b\n| 443 | TCP |\n~~~\n   ~~~~~ \n", "markdown", True),
        ("``` a`b\n| 443 | TCP |\n```", "markdown", False),
        ("```\ncode\n    ```\n| 443 | TCP |\n```\n", "markdown", True),
        ("```\ncode\n```\n| 443 | TCP |\n", "markdown", False),
        ("```\n| 443 | TCP |", "markdown", False),
        ("text\n\n   ~~~\n~~~\n| 443 | TCP |\n\n~~~", "markdown", False),
        ("- x\n\n  ```\n| 443 | TCP |\n```", "markdown", False),
        ("<pre>\n```\n</pre>\n| 443 | TCP |\n```", "markdown", False),
        ("Port | Protocol\n```\n```\n-|-\n443 | TCP", "markdown", False),
        ("Port | Protocol\n-|-\n443 | TCP", "markdown", False),
        ("Port\n:-:\n443", "markdown", False),
        ("A title\n---\ntext", "markdown", True),
        # A table that its author got wrong is told in the findings, which takes parsing.
        ("| 443 | TCP |\n| 80 | TCP |", "markdown", False),
        ("<TABLE>", "markdown", False),
    ],
)
def test_what_is_called_tableless(body: str, kind: str, tableless: bool) -> None:
    assert is_tableless(body, kind) is tableless


@pytest.mark.parametrize(
    ("text", "path", "title"),
    [
        ("<title>Site</title><h1>Ports</h1><p>text", "a.html", "Ports"),
        ("<title>Site</title><h1 hidden>No</h1><p>text<h1>Ports</h1>", "a.html", "Ports"),
        ("<title>Site</title><script>var x = '<h1>No</h1>'</script><h1>Ports</h1>", "a.html", "Ports"),
        ("<title>Site</title><!-- <h1>No</h1> --><h2>Ports</h2>", "a.html", "Site"),
        ("<title>Site</title><p>text", "a.html", "Site"),
        ("<h2>Ports</h2><h3>More</h3>", "a.html", "Ports"),
        ("text\n\n# Ports\n\ntext", "a.md", "Ports"),
        ("```\n# No\n```\n\n# Ports", "a.md", "Ports"),
        ("# [Ports]\n\ntext\n\n[Ports]: https://example.com", "a.md", "Ports"),
        ("Ports\n=====\n\n# No", "a.md", "Ports"),
        ("## Ports\n\ntext", "a.md", "Ports"),
        ("---\ntitle: Of ports\n---\n# Ports", "a.md", "Of ports"),
    ],
)
def test_the_title_of_a_tableless_page(text: str, path: str, title: str) -> None:
    assert read(text.encode(), path, prose=False).document.title == title
    assert read(text.encode(), path).document.title == title
