"""HTML source to a tree, as browsers make it (WHATWG HTML, 13.2 "Parsing HTML documents")."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import turbohtml
from turbohtml.etree import ElementView as Element
from turbohtml.etree import XPath, document_fromstring, from_lxml

from extract.catalogue import finding
from extract.model import Finding

__all__ = ["PARSERS", "Element", "parse", "select", "spanning"]

# Without it, a table that begins in a paragraph would be a part of that (13.2.6.4.7 "in body", "quirks mode"), which no author means.
_DOCTYPE = "<!DOCTYPE html>"
# The parser puts what is nested deeper than 512 elements elsewhere, as browsers do. A table has four levels of its own.
_DEEPEST = 500


def select(root: Element, selector: str) -> list[Element]:
    """Return the elements of a tree that a selector of CSS fits. Measured, this takes a sixteenth of what XPath takes."""
    return [Element(node) for node in root.node.select(selector)]


_is_deep = XPath(f"boolean(//table[ancestor::*[{_DEEPEST}]])")


def _like_browsers(source: str) -> Element:
    # `<?` begins a comment (13.2.5.6 "Tag open state"), and so does `</?`. The tree knows the first one as a node of its own, and what
    # stands behind that is not in the text of the element around it.
    commented = source.replace("<?", "</?") if "<?" in source else source
    if "shadowrootmode" in source:
        # What such a template holds would be in no element.
        commented = commented.replace("shadowrootmode", "data-mode")
    root = document_fromstring(_DOCTYPE + commented)
    if "<template" in source.lower():
        _open_templates(root)
    return root


def _by_libxml2(source: str) -> Element:
    from lxml import etree  # noqa: PLC0415 - no page is known that needs it, and it takes 10 ms to import

    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    root = cast("etree._Element | None", etree.fromstring(source.encode("utf-8", "replace"), parser))
    return from_lxml(root if root is not None else etree.Element("html"))


Parser = Callable[[str], Element]
PARSERS: Sequence[Parser] = (_like_browsers, _by_libxml2)
"""What makes a tree, best first: the next one is asked where one fails."""


def parse(source: str, parsers: Sequence[Parser] = PARSERS) -> tuple[Element, tuple[Finding, ...]]:
    """Return the root of the tree of a page, and what is wrong with it. The last parser's failure is raised."""
    findings: list[Finding] = []
    for parser in parsers[:-1]:
        try:
            root = parser(source)
            break
        except Exception as error:  # noqa: BLE001 - a page must not be lost by what a library does with it
            message = f"the parser failed ({type(error).__name__}), and another one read the page; lines of its tables are not known"
            findings.append(finding("other-parser", message))
    else:
        root = parsers[-1](source)
    if _is_deep(root):
        message = f"elements are nested more than {_DEEPEST} deep; tables there may have lost rows"
        findings.append(finding("document-too-deep", message))
    return root, tuple(findings)


def spanning(root: Element) -> frozenset[Element]:
    """Return the elements that may span rows or columns of a table."""
    return frozenset(select(root, "[colspan],[rowspan]"))


def _open_templates(root: Element) -> None:
    """Make elements that readers do not see of templates, whose content stands in no element (4.12.3 "The template element")."""
    # Backwards, so that those in others come first.
    for template in reversed(list(root.iter("template"))):
        held = root.makeelement("noscript")
        template.addprevious(held)
        held.extend([Element(child) for part in template.node.children for child in part.children if isinstance(child, turbohtml.Element)])
        template.drop_tree()
