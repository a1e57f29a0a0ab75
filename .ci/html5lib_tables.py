"""Compare the tables that the reader makes of broken pages with those that browsers make of them.

    html5lib_tables.py FOLDER [--show | --json]

FOLDER holds tests of html5lib-tests (tree-construction/*.dat): pages, and the trees that the algorithm of WHATWG HTML, 13.2.6 "Tree
construction" makes of them. Each tree with a table in it is read as it stands, its page is read from its source, and the two must give
the same tables: the cells by row, with their spans and their texts. What a browser moves out of a table stands, in the tree, in front of
it: it is text of the cell around the table, or of no table at all. Tests of fragments are left out: the reader takes pages.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lxml import etree
from turbohtml.etree import from_lxml

from extract.model import Cell, Grid
from extract.read import read
from extract.read.body import Body
from extract.read.grid import Markup
from extract.read.tree import spanning

# A section of a test begins with one of these lines, whatever stands in its page.
_HEADLINE = re.compile(r"^#(data|errors|new-errors|document-fragment|script-(?:on|off)|document)\n", re.MULTILINE)
# An element, the content of a template, text, or an attribute: `<svg path>`, `content`, `"a"`, `colspan="2"`. What else there is
# (comments, the doctype) shows nothing.
_NODE = re.compile(r'\| ( *)(?:<(?:(svg|math) )?([a-zA-Z][^>]*)>|(content)|"(.*)"|([a-z]+)="(.*)"|.*)', re.DOTALL)
# The attributes that the reader of tables looks at.
_ATTRIBUTES = frozenset({"colspan", "rowspan", "hidden", "style", "class"})
_NO_NAME = re.compile(r"[^\w.-]")

_Table = tuple[tuple[tuple[str, int, int, str], ...], ...]


class Test(NamedTuple):
    """A page, and the tree that browsers make of it."""

    file: str
    number: int
    page: str
    tree: etree._Element


def main() -> int:
    """Count the tests in which the tables are equal; print those in which they are not, when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--show", action="store_true", help="print each difference")
    form.add_argument("--json", action="store_true", help="print the counts as JSON")
    args = parser.parse_args()
    count = equal = 0
    for test in tests(args.folder):
        expected, got = of_tree(test.tree), of_page(test.page)
        count += 1
        equal += expected == got
        if args.show and expected != got:
            print(f"{test.file} {test.number}\n  page      {test.page!r}\n  expected  {expected}\n  got       {got}")
    print(json.dumps({"equal": equal, "of": count}) if args.json else f"html5lib tables: {equal} of {count} equal")
    return 0


def tests(folder: Path) -> Iterator[Test]:
    """Yield the tests of a folder with a table in their tree."""
    for path in sorted(folder.rglob("*.dat")):
        sections = _HEADLINE.split(path.read_bytes().decode("utf-8"))[1:]
        number = 0
        page: str | None = None
        for name, text in zip(sections[::2], sections[1::2], strict=True):
            if name == "data":
                number += 1
                page = text.removesuffix("\n")
            elif name == "document-fragment":
                page = None
            elif name == "document" and page is not None:
                tree = _tree(text)
                if tree.find(".//table") is not None:
                    yield Test(path.name, number, page, tree)


def _tree(text: str) -> etree._Element:
    """Return the tree that a test writes down, a line for each node."""
    root = etree.Element("tree")
    # The elements around a line, each at its depth.
    around = [root]
    for line in re.split(r"\n(?=\| )", text.rstrip("\n")):
        node = _NODE.fullmatch(line)
        if node is None:
            continue
        indent, foreign, name, content, written, attribute, value = node.groups()
        depth = len(indent) // 2
        if name or content:
            del around[depth + 1 :]
            around.append(etree.SubElement(around[depth], _name(foreign, name or content)))
        elif written is not None:
            _append(around[depth], _allowed(written))
        elif attribute in _ATTRIBUTES:
            around[depth].set(attribute, _allowed(value))
    return root


def _name(foreign: str | None, name: str) -> str:
    """Return the name of an element as XML can have it; a <tr> of a drawing is no row."""
    return f"{foreign}-{name}" if foreign and name not in ("svg", "math") else _NO_NAME.sub("_", name)


def _allowed(text: str) -> str:
    """Return text without what XML cannot hold."""
    return re.sub(r"[\x00-\x08\x0b-\x1f]", "\ufffd", text)


def _append(element: etree._Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def of_tree(tree: etree._Element) -> list[_Table]:
    """Return the tables of a tree as it stands."""
    root = from_lxml(tree)
    markup = Markup(lambda _: 1, frozenset(), spanning(root), None)
    return [_table(found) for found in Body(root, markup).tables.grids]


def of_page(page: str) -> list[_Table]:
    """Return the tables of a page that is read from its source."""
    return [_table(found) for found in read(page.encode("utf-8"), "page.html", "html").grids]


def _table(grid: Grid) -> _Table:
    """Return the cells of a table by row, each in the row that it begins in: the tag, colspan, rowspan, and the text."""
    return tuple(tuple(_cells(row.slots, y)) for y, row in enumerate(grid.rows))


def _cells(slots: tuple[Cell | None, ...], y: int) -> Iterator[tuple[str, int, int, str]]:
    seen: Cell | None = None
    for cell in slots:
        if cell is not None and cell is not seen and cell.row == y:
            seen = cell
            yield "th" if cell.header else "td", cell.colspan, cell.rowspan, cell.text


if __name__ == "__main__":
    sys.exit(main())
