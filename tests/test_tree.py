"""HTML source to a tree: what browsers make of it, and what is done where the parser fails."""

from __future__ import annotations

import resource
import subprocess
import sys
from bisect import bisect_left

import pytest

from extract.read import tree
from extract.read.page import read


def shape(source: str) -> list[tuple[str, str, str]]:
    """Return the elements in the body of a page, with the text in each of them and behind it."""
    root, findings = tree.parse(source)
    assert findings == ()
    (body,) = root.iter("body")
    return [(one.tag, (one.text or "").strip(), (one.tail or "").strip()) for one in body.iter() if one is not body]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<p>80<!-- x -->80<b>1</b>2<!-- y -->3", [("p", "8080", ""), ("b", "1", "23")], id="comments part no text"),
        pytest.param("<p>a<?php echo 1 ?>b", [("p", "ab", "")], id="nor do instructions"),
        pytest.param("<p>a<table><tr><td>1", [("p", "a", ""), *[(tag, "", "") for tag in ("table", "tbody", "tr")], ("td", "1", "")]),
        pytest.param("<div><template>x<b>y</b></template>z", [("div", "", ""), ("noscript", "", "z"), ("b", "y", "")], id="a template"),
        pytest.param(
            "<div><template shadowrootmode=open><b>y</b></template></div>",
            [("div", "", ""), ("noscript", "", ""), ("b", "y", "")],
            id="a shadow root",
        ),
        pytest.param(
            "<table><tr><td>1</td>x<td>2</table>",
            [*[(tag, "", "") for tag in ("table", "tbody", "tr")], ("td", "1", ""), ("td", "2", "")],
            id="what is loose in a table stands above it",
        ),
    ],
)
def test_the_tree_is_that_of_a_browser(source: str, expected: list[tuple[str, str, str]]) -> None:
    assert shape(source) == expected


def test_an_element_knows_the_line_that_its_tag_begins_in() -> None:
    root, _ = tree.parse("<p>\n<table\n class=x>\n<tr\n><td>1\n<td\n\nid=a>2</table>")
    assert [(one.tag, one.node.source_line) for one in root.iter("table", "tr", "td")] == [("table", 2), ("tr", 4), ("td", 5), ("td", 6)]


def test_where_the_parser_fails_another_one_reads_the_page() -> None:
    def failing(source: str) -> tree.Made:
        raise ValueError(source)

    source = "<h1>x</h1><table><tr><td>443<td>TCP</table>"
    root, findings = tree.parse(source, (failing, *tree.PARSERS[1:]))
    assert [(found.code, "ValueError" in found.message) for found in findings] == [("other-parser", True)]
    assert [cell.text for cell in root.iter("td")] == ["443", "TCP"]


QUADRATIC = {
    "attributes of the body": "".join(f"<body a{number}=1>" for number in range(8_000)),
    "loose text": "<table>" + "xxxxxxxx</td>\n</tr>" * 8_000 + "</table>",
    "formatting that is opened again": "".join(f"<font size={number}><p>" for number in range(8_000)),
}


@pytest.mark.parametrize("source", QUADRATIC.values(), ids=QUADRATIC)
def test_a_page_does_not_take_more_memory_than_its_length_explains(source: str) -> None:
    """These take up to 1.2 GB in the parser, and a few megabytes in the other one."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    _, findings = tree.parse(source + "<table><tr><td>443<td>TCP</table>")
    assert [found.code for found in findings][:1] == ["other-parser"]
    assert "more memory than its length explains" in findings[0].message
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def body_tags(count: int) -> str:
    return "".join(f"<body attribute-of-the-body-{number}=1>" for number in range(count))


READERS = {
    "a new process": "",
    "one that gave memory back": "held = [bytes(100_000) for _ in range(2_000)]; del held[::2]",
    "one that has a gigabyte mapped": "import mmap; held = mmap.mmap(-1, 1 << 30)",
    "one whose memory is traced": "import tracemalloc; tracemalloc.start(); held = bytes(100_000_000); del held",
    "one that may map little": "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))",
}


@pytest.fixture(scope="module")
def edge() -> int:
    """How many tags the first page has that takes too much memory. It is longer than the pages that may take any."""
    return bisect_left(range(5_000), True, 1_000, key=lambda count: bool(tree.parse(body_tags(count))[1]))


@pytest.mark.parametrize("before", READERS.values(), ids=READERS)
def test_which_parser_reads_a_page_depends_on_the_page_alone(before: str, edge: int) -> None:
    script = f"""
{before}
import sys
from extract.read import tree
for page in sys.stdin.read().split("\\n"):
    print(*[found.code for found in tree.parse(page)[1]], sep=",", end=";")
"""
    pages = "\n".join(body_tags(count) for count in (edge - 1, edge, edge - 1, edge))
    read = subprocess.run([sys.executable, "-c", script], input=pages, capture_output=True, check=True, text=True)
    assert read.stdout == ";other-parser;" * 2


def test_a_machine_that_lacks_memory_is_no_reason_for_another_parser() -> None:
    def lacking(source: str) -> tree.Made:
        raise MemoryError

    with pytest.raises(MemoryError):
        tree.parse("<p>x", (lacking, *tree.PARSERS[1:]))


def test_a_large_page_of_cells_is_no_attack() -> None:
    root, findings = tree.parse("<table>" + "<tr><td>1<td>2" * 200_000)
    assert findings == ()
    assert sum(1 for _ in root.iter("td")) == 400_000


@pytest.mark.parametrize("source", ["", " ", "<!-- x -->", "\0", "</table>", "<td>1<td>2", "<frameset><frame>"])
def test_what_holds_nothing_is_a_tree(source: str) -> None:
    for parser in tree.PARSERS:
        root, _ = parser(source)
        assert root.tag == "html"


@pytest.mark.parametrize(
    ("body", "titles"),
    [
        ("<h1>Ports <b>of</b> x</h1><p>y<h2>z</h2>", ["z"]),
        ("<h2 hidden>Ports</h2><p>y", ["", "Gate", "Ports"]),
        ("<h2>Ports</h2><div hidden><h2>z</h2></div>", ["Ports", "z"]),
        ("<h2>Ports</h2><table><tr><td><h3>z</h3></table>", ["Ports", "z"]),
        ("<p>y", ["", "Gate"]),
        ("<h2>Ports<br>of x</h2>", ["Ports", "of x"]),
        ("<h2>y<table><tr><td>z</table></h2>", ["", "Gate", "y"]),
    ],
)
def test_the_titles_that_may_stand_nearest_above_a_table_are_known_without_the_rest_of_the_text(body: str, titles: list[str]) -> None:
    page = read(f"<title>Gate</title>{body}<table><tr><td>1</table>".encode(), "a.html")
    assert page.titles(len(page.grids)).split("\n") == titles
