"""What reads a page that is fuzzed. A reading takes the bytes and the path, and returns all that it read as one text.

It is done twice: what it returns must be the same. Where it finds a defect that raises nothing, it raises `DefectError`.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable

import msgspec
from cmarkgfm.cmark import Options

from extract import extract_text
from extract.publish.render import report_json, rules_json
from extract.read import cmark, read

Reading = Callable[[bytes, str], str]


class DefectError(Exception):
    """A defect that the program itself reports."""


class DifferenceError(Exception):
    """What two readers do not agree about, as JSON: `kind`, and the `smallest` page that shows it."""


class SkippedError(Exception):
    """Why a page is not for this reading."""


READINGS = {
    "docrules": "tests.fuzz.readings:docrules",
    "turbohtml": "tests.fuzz.readings:turbohtml",
    "compare": "tests.fuzz.trees:compared",
}


def load(name: str) -> Reading:
    """Return a reading by its name here, or as module:function. Raises ImportError and AttributeError."""
    module, _, function = READINGS.get(name, name).partition(":")
    reading: Reading = getattr(importlib.import_module(module), function)
    return reading


def docrules(data: bytes, path: str) -> str:
    """The page as the reader sees it, and the whole way to rules and report."""
    page = read(data, path)
    extraction = extract_text(data, path=path)
    for report in extraction.reports:
        for found in report.findings:
            if found.code == "internal-error":
                raise DefectError(found.message)
    seen = msgspec.json.encode((page.document, page.grids, page.findings, page.broken, page.prose()))
    return f"{seen.decode()}\n{rules_json(extraction)!r}\n{report_json(extraction)!r}"


def turbohtml(data: bytes, path: str) -> str:
    """The tree of the bare parser: its markup, and the line of each element. Lone surrogates stay, as text may hold them."""
    parse = importlib.import_module("turbohtml").parse
    text = html_of(data, path, "surrogateescape")
    tree = parse(text)
    lines = [
        (element.tag, element.source_line, element.text[:20]) for element in tree.find_all(["table", "tr", "td", "th", "h1", "h2", "p"])
    ]
    return f"{lines!r}\n{tree.html}\n{parse(data).html}"


def html_of(data: bytes, path: str, errors: str = "replace") -> str:
    """Return a page as text of HTML; Markdown is rendered, by the same parser as on its way through the program."""
    if path.endswith(".md"):
        # The parser writes &#xFFFE; and &#xFFFF; as bytes that are no UTF-8. Such a page is HTML here, which it nearly is.
        with contextlib.suppress(UnicodeDecodeError):
            return cmark.to_html(data.decode("utf-8", "replace"), Options.CMARK_OPT_UNSAFE, ["table", "strikethrough"])
    return data.decode("utf-8", errors)
