"""HTML source to a tree: libxml2's, with rows and cells where browsers put them."""

from __future__ import annotations

from typing import cast

from lxml import etree

from extract.catalogue import finding
from extract.model import Finding
from extract.read import loose

_CELLS = ("td", "th")
_SECTIONS = ("thead", "tbody", "tfoot")
_HOMES = {
    **dict.fromkeys(_CELLS, frozenset({"tr", "table", *_SECTIONS})),
    "tr": frozenset({"table", *_SECTIONS}),
    **dict.fromkeys(_SECTIONS, frozenset({"table"})),
}
_DEEP = "depth"
# The values, which know their elements: asked for elements, libxml2 compares each with all that it has found, 48 s for 80,000 cells.
_across, _down = (etree.XPath(f"//@{name}") for name in ("colspan", "rowspan"))


def parse(source: bytes) -> tuple[etree._Element | None, tuple[Finding, ...]]:
    """Return the root of the tree (None when there is nothing in it) and what is wrong with it."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = cast("etree._Element | None", etree.fromstring(source, parser))
    except etree.XMLSyntaxError:
        # libxml2 refuses some bodies that hold nothing, and makes no tree of others: a page without blocks.
        return None, ()
    if root is None:
        return None, ()
    _lift(root)
    _foster(root)
    if any(_DEEP in entry.message and entry.level_name == "FATAL" for entry in parser.error_log):
        message = "elements are nested more than 2,048 deep; what lies deeper was not read"
        return root, (finding("document-too-deep", message),)
    return root, ()


def spanning(root: etree._Element) -> frozenset[etree._Element]:
    """Return the elements that may span rows or columns of a table."""
    return frozenset(value.getparent() for values in (_across(root), _down(root)) for value in values)


def _lift(root: etree._Element) -> None:
    """Move sections, rows and cells that the parser left inside a cell to where HTML puts them: WHATWG HTML, 13.2.6.4.15 "in cell".

    libxml2 does not close a cell at the next `<tr>` or `<td>` when an unclosed `<font>` or `<b>` stands between them, nor one
    <tfoot> at the next.
    """
    behind: dict[etree._Element, etree._Element] = {}
    # Only those that are moved are kept: a list of all of them is what collections of garbage would then go through.
    lost = [one for one in root.iter(*_HOMES) if (parent := one.getparent()) is not None and parent.tag not in _HOMES[str(one.tag)]]
    for element in lost:
        anchor = _anchor(element)
        if anchor is None:
            continue
        last = anchor
        while last in behind:
            last = behind[last]
        last.addnext(element)
        behind[anchor] = element


def _anchor(element: etree._Element) -> etree._Element | None:
    """Return what the element must stand right behind: the cell, row or section that its start tag ends."""
    around = next(element.iterancestors("table", *_CELLS, *(_SECTIONS if element.tag in _SECTIONS else ())), None)
    if around is None or around.tag == "table":
        return None
    anchor = around
    for ending, tags in ((("tr", *_SECTIONS), ("tr",)), (_SECTIONS, _SECTIONS)):
        if element.tag in ending and around.tag in _CELLS:
            outer = next(anchor.iterancestors("table", *tags), None)
            anchor = outer if outer is not None and outer.tag != "table" else anchor
    return anchor


def _foster(root: etree._Element) -> None:
    """Move what stands loose in a table that is itself in a cell in front of the table: it is part of what that cell says.

    What is loose in other tables is part of no cell; `blocks` finds it when somebody asks for the text of the page.
    """
    for table in root.iter("table"):
        if next(table.iterancestors(*_CELLS), None) is not None:
            loose.put_in_front(table)
