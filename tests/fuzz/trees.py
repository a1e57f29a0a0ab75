"""The tables that turbohtml makes of a page against those of html5lib, the reference; where they differ, Lexbor says a third opinion.

html5lib knows no <template> (its content is content there), and follows the HTML standard of its time: <select>, <search> and the like
have changed since. So a difference is a question, which the smallest page that shows it helps to answer.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tests.fuzz.readings import DifferenceError, SkippedError, html_of

_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_LARGEST = 30_000
"""Bytes of a page that are compared: html5lib takes milliseconds for each kilobyte."""
_MOST_NODES = 20_000
_TRIES = 300
_TAG = re.compile(r"<[/!]?[a-z][\w-]*|<!--")
_PIECE = re.compile(r"<[^<>]*>?|[^<]")


class Cell(NamedTuple):
    tag: str
    rowspan: str | None
    colspan: str | None
    text: str


Table = tuple[str, tuple[tuple[Cell, ...], ...]]
"""The text of the captions, and the rows of cells."""


class _Node(NamedTuple):
    """An element of any of the parsers."""

    tag: str
    # Of HTML in lower case; of SVG and MathML with a colon before it.
    attributes: Callable[[str], str | None]
    children: Callable[[], Iterator[_Node | str]]


Parser = Callable[[str], _Node]


# --- the parsers --------------------------------------------------------------------------------------------------------


def of_turbohtml(text: str) -> _Node:
    module = importlib.import_module("turbohtml")

    def node(element: Any) -> _Node:
        foreign = element.namespace is not module.Namespace.HTML
        return _Node((":" if foreign else "") + element.tag, element.attrs.get, lambda: inside(element))

    def inside(element: Any) -> Iterator[_Node | str]:
        for child in element.children:
            if isinstance(child, module.Text):
                yield child.data
            elif isinstance(child, module.Element):
                yield node(child)

    document = module.parse(text)
    return _Node("#document", lambda _: None, lambda: inside(document))


def of_html5lib(text: str) -> _Node:
    module = importlib.import_module("html5lib")
    html = "{http://www.w3.org/1999/xhtml}"

    def node(element: Any) -> _Node:
        name = str(element.tag)
        tag = name.removeprefix(html) if name.startswith(html) else ":" + name.rpartition("}")[2]
        return _Node(tag, element.get, lambda: inside(element))

    def inside(element: Any) -> Iterator[_Node | str]:
        if element.text:
            yield element.text
        for child in element:
            if isinstance(child.tag, str):
                yield node(child)
            if child.tail:
                yield child.tail

    return node(module.parse(text))


def of_lexbor(text: str) -> _Node:
    root = importlib.import_module("selectolax.lexbor").LexborHTMLParser(text).root

    def node(element: Any) -> _Node:
        return _Node(element.tag, element.attributes.get, lambda: inside(element))

    def inside(element: Any) -> Iterator[_Node | str]:
        child = element.first_child
        while child is not None:
            if child.is_text_node:
                yield child.text_content or ""
            elif child.is_element_node:
                yield node(child)
            child = child.next

    return node(root) if root is not None else _Node("#document", lambda _: None, lambda: iter(()))


# --- tables -------------------------------------------------------------------------------------------------------------


def _count(root: _Node) -> int:
    """Return how many elements a tree has; a page makes many of few where formatting that does not end is opened anew in each block."""
    count = 0
    stack = [root.children()]
    while stack and count <= _MOST_NODES:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif not isinstance(child, str):
            count += 1
            stack.append(child.children())
    return count


def tables(root: _Node) -> list[Table]:
    """Return the tables of a tree in document order, those in templates left out."""
    found = []
    stack: list[Iterator[_Node | str]] = [iter((root,))]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif not isinstance(child, str) and child.tag != "template":
            if child.tag == "table":
                found.append(_table(child))
            stack.append(child.children())
    return found


def _table(table: _Node) -> Table:
    captions = []
    rows = []
    for child in _elements(table):
        if child.tag == "caption":
            captions.append(_text(child))
        for row in (child,) if child.tag == "tr" else _elements(child) if child.tag in _SECTIONS else ():
            if row.tag == "tr":
                rows.append(tuple(_cell(cell) for cell in _elements(row) if cell.tag in ("td", "th")))
    return " | ".join(captions), tuple(rows)


def _elements(node: _Node) -> Iterator[_Node]:
    return (child for child in node.children() if not isinstance(child, str))


def _cell(cell: _Node) -> Cell:
    return Cell(cell.tag, cell.attributes("rowspan"), cell.attributes("colspan"), _text(cell))


def _text(node: _Node) -> str:
    parts = []
    stack = [node.children()]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif isinstance(child, str):
            parts.append(child)
        elif child.tag != "template":
            stack.append(child.children())
    return "".join(parts)


# --- differences --------------------------------------------------------------------------------------------------------


def difference(ours: list[Table], reference: list[Table]) -> str:
    """Return in what the tables differ first; empty when they are the same."""
    if len(ours) != len(reference):
        return "number of tables"
    for (caption, rows), (other_caption, others) in zip(ours, reference, strict=True):
        if len(rows) != len(others):
            return "number of rows"
        for row, other in zip(rows, others, strict=True):
            if len(row) != len(other):
                return "number of cells"
            for field, name in enumerate(Cell._fields):
                if [cell[field] for cell in row] != [cell[field] for cell in other]:
                    return f"{name} of a cell"
        if caption != other_caption:
            return "caption"
    return ""


def compared(data: bytes, path: str) -> str:
    """Return nothing when the tables of a page are the same.

    Raises DifferenceError with how they differ, and SkippedError where the reference cannot be had.
    """
    text = html_of(data[:_LARGEST], path)
    if _count(of_turbohtml(text)) > _MOST_NODES:
        raise SkippedError("its tree is so much larger than the page that html5lib would take minutes")
    try:
        of_html5lib(text)
    except RecursionError:
        raise SkippedError("html5lib cannot take elements that lie so deep") from None
    kind = _kind(text)
    if kind:
        small = smallest(text, lambda some: _kind(some) == kind)
        raise DifferenceError(json.dumps({"kind": _named(kind, small), "smallest": small}))
    return ""


def _named(kind: str, small: str) -> str:
    """Return a kind with the tags that the smallest page needs to show it: what differs for another reason is another kind."""
    return f"{kind}: {' '.join(sorted(set(_TAG.findall(small.lower()))))}"


def _kind(text: str) -> str:
    ours, reference = tables(of_turbohtml(text)), tables(of_html5lib(text))
    found = difference(ours, reference)
    if not found:
        return ""
    third = tables(of_lexbor(text))
    opinion = "turbohtml" if not difference(ours, third) else "html5lib" if not difference(third, reference) else "neither"
    return f"{found} (Lexbor agrees with {opinion})"


def smallest(text: str, shows: Callable[[str], bool], tries: int = _TRIES) -> str:
    """Return a page as small as it gets by leaving pieces out, one that still shows what the whole one does."""
    pieces = _PIECE.findall(text)
    size = len(pieces) // 2
    while size and tries:
        at = 0
        while at < len(pieces) and tries:
            tries -= 1
            fewer = pieces[:at] + pieces[at + size :]
            if shows("".join(fewer)):
                pieces = fewer
            else:
                at += size
        size = min(size // 2, len(pieces) // 2) if size > 1 else 0
    return "".join(pieces)
