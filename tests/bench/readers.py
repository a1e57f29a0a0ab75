"""What is measured: other readers of the same pages, and this pipeline. Each takes one page and says what it found."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable
from typing import NamedTuple

from tests.bench.documents import Page, cmark


class Counts(NamedTuple):
    """What a reader found, so that one which does nothing would show."""

    tables: int = 0
    cells: int = 0
    rules: int = 0


Step = Callable[[Page], Counts]
"""What a reader does with one page."""


class Reader(NamedTuple):
    title: str
    load: Callable[[], Step]
    # Imports what the reader needs; ModuleNotFoundError when it is not installed.
    rendering: str | None = None
    # The reader takes HTML only: which other one makes it of Markdown, whose time is added.


def cmark_rendering() -> Step:
    cmark(b"")

    def step(page: Page) -> Counts:
        if page.markdown:
            cmark(page.data)
        return Counts()

    return step


def markdown_it_rendering() -> Step:
    """The parser that a user of pandas would take: pure Python, CommonMark with tables."""
    parser = importlib.import_module("markdown_it").MarkdownIt("commonmark").enable(["table", "strikethrough"])

    def step(page: Page) -> Counts:
        if page.markdown:
            parser.render(page.data.decode("utf-8", "replace"))
        return Counts()

    return step


def lxml_parse() -> Step:
    etree = importlib.import_module("lxml.etree")

    def step(page: Page) -> Counts:
        root = etree.fromstring(page.data, etree.HTMLParser(encoding="utf-8", huge_tree=True))
        return Counts(sum(1 for _ in root.iter("table")) if root is not None else 0)

    return step


def lxml_cells() -> Step:
    etree = importlib.import_module("lxml.etree")

    def step(page: Page) -> Counts:
        root = etree.fromstring(page.data, etree.HTMLParser(encoding="utf-8", huge_tree=True))
        if root is None:
            return Counts()
        texts = ["".join(cell.itertext()).strip() for cell in root.iter("td", "th")]
        return Counts(sum(1 for _ in root.iter("table")), len(texts))

    return step


def lexbor_parse() -> Step:
    parser = importlib.import_module("selectolax.lexbor").LexborHTMLParser

    def step(page: Page) -> Counts:
        return Counts(len(parser(page.data).css("table")))

    return step


def turbohtml_parse() -> Step:
    parse = importlib.import_module("turbohtml").parse

    def step(page: Page) -> Counts:
        return Counts(len(parse(page.data, encoding="utf-8", positions=False).find_all("table")))

    return step


def pandas_tables() -> Step:
    pandas = importlib.import_module("pandas")
    importlib.import_module("lxml.html")

    def step(page: Page) -> Counts:
        try:
            frames = pandas.read_html(io.BytesIO(page.data), flavor="lxml", encoding="utf-8")
        except ValueError:  # how it says that there are no tables
            return Counts()
        return Counts(len(frames), sum(int(frame.size) for frame in frames))

    return step


def soup_cells() -> Step:
    soup = importlib.import_module("bs4").BeautifulSoup
    importlib.import_module("lxml.html")

    def step(page: Page) -> Counts:
        tree = soup(page.data, "lxml", from_encoding="utf-8")
        texts = [cell.get_text(strip=True) for cell in tree.find_all(["td", "th"])]
        return Counts(len(tree.find_all("table")), len(texts))

    return step


def pipeline() -> Step:
    """The whole way of one document, from its bytes to rules.json, checked against its schema."""
    extract_text = importlib.import_module("extract").extract_text
    rules_json = importlib.import_module("extract.publish.render").rules_json

    def step(page: Page) -> Counts:
        extraction = extract_text(page.data, path=page.path)
        rules_json(extraction)
        return Counts(extraction.summary.tables, 0, len(extraction.rules) + len(extraction.unresolved))

    return step


PIPELINE = "pipeline"
REFERENCE = "lxml-cells"
PANDAS = "pandas"
READERS = {
    "cmarkgfm": Reader("Markdown to HTML: cmarkgfm", cmark_rendering),
    "markdown-it": Reader("Markdown to HTML: markdown-it-py", markdown_it_rendering),
    "lxml-parse": Reader("lxml, parse only", lxml_parse, "cmarkgfm"),
    REFERENCE: Reader("lxml, parse and text of all cells", lxml_cells, "cmarkgfm"),
    "lexbor": Reader("Lexbor (selectolax), parse only", lexbor_parse, "cmarkgfm"),
    "turbohtml": Reader("turbohtml, parse only", turbohtml_parse, "cmarkgfm"),
    PIPELINE: Reader("docrules, from bytes to validated rules", pipeline),
    PANDAS: Reader("pandas.read_html, after markdown-it-py", pandas_tables, "markdown-it"),
    "soup": Reader("BeautifulSoup on lxml, text of all cells", soup_cells, "cmarkgfm"),
}
