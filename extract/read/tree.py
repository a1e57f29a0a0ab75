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
    **dict.fromkeys((*_SECTIONS, "caption", "colgroup"), frozenset({"table"})),
    "col": frozenset({"colgroup", "table"}),
}
# What the start tag of each ends, up to what its scope ends with (WHATWG HTML, 13.2.4.2 "The stack of open elements": table scope).
_OUTMOST = ("table", "template")
_ENDED_BY_CELLS = (*_OUTMOST, *_CELLS, "caption", "colgroup")
_ENDED_BY_ROWS = (*_ENDED_BY_CELLS, "tr")
_ENDED = {
    **dict.fromkeys(_CELLS, _ENDED_BY_CELLS),
    "tr": _ENDED_BY_ROWS,
    **dict.fromkeys((*_SECTIONS, "caption", "colgroup", "col"), (*_ENDED_BY_ROWS, *_SECTIONS)),
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
    """Move parts of tables that the parser left inside what their start tags end to where HTML puts them, with all that follows there.

    WHATWG HTML, 13.2.6.4.11 "in caption" to 13.2.6.4.15 "in cell". libxml2 does not close a cell at the next `<tr>` or `<td>` when an
    unclosed `<font>` or `<b>` stands between them, nor one <tfoot> at the next, a caption at a cell, a row at `<col>`.
    """
    # Only those that are moved are kept: a list of all of them is what collections of garbage would then go through.
    lost = [one for one in root.iter(*_HOMES) if (parent := one.getparent()) is not None and parent.tag not in _HOMES[str(one.tag)]]
    for element in lost:
        parent = element.getparent()
        # What stood in front of it may have taken it along.
        if parent is not None and parent.tag not in _HOMES[str(element.tag)] and (ended := _ended(element)) is not None:
            _part(ended, element)


def _ended(element: etree._Element) -> etree._Element | None:
    """Return the outermost element of a table that the start tag of a part of this table ends; None when it ends none."""
    outermost = None
    for around in element.iterancestors(*_ENDED[str(element.tag)]):
        if around.tag in _OUTMOST:
            return outermost
        outermost = around
    return None


def _part(ended: etree._Element, element: etree._Element) -> None:
    """Move an element, and all that follows it in the one that it ends, behind that."""
    moved = [element, *element.itersiblings()]
    for around in element.iterancestors():
        if around is ended:
            break
        if around.tail:
            moved[-1].tail = loose.settable((moved[-1].tail or "") + around.tail)
            around.tail = None
        moved.extend(around.itersiblings())
    # Backwards: lxml puts what it adds between an element and the text behind it.
    for one in reversed(moved):
        ended.addnext(one)


def _foster(root: etree._Element) -> None:
    """Move what stands loose in a table that is itself in a cell in front of the table: it is part of what that cell says.

    What is loose in other tables is part of no cell; `blocks` finds it when somebody asks for the text of the page.
    """
    for table in root.iter("table"):
        if next(table.iterancestors(*_CELLS), None) is not None:
            loose.put_in_front(table)
