"""Links into live pages: the id that a page gives a heading, and the URL of each table by the nearest heading above it.

Only ids that the page itself holds are used. Sites make ids for other headings in ways that are not known here, and a wrong link
is worse than a link to the top of the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from extract.model import Page
from extract.read.tree import Element
from extract.regex import late

# Elements without a text of their own, whose id marks the place they stand in.
_MARKS = ("a", "span")
_BEFORE = frozenset({*_MARKS, "p"})
# Elements whose id stands for the heading that they begin with.
_SECTIONS = frozenset({"section", "div", "article", "header", "hgroup"})
# RFC 3986, 3.5 "Fragment", and what may stand anywhere in a URI.
_NOT_IN_FRAGMENT = late(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/?]")
_NOT_IN_URI = late(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?#\[\]%]")


def of_heading(heading: Element) -> str:
    """Return the id that HTML gives a heading: on it, on an anchor in it or right before it, on the section that begins with it.

    Empty when it has none.
    """
    return _id(heading) or _mark(heading, first=True) or _before(heading) or _around(heading)


def of_attribute(text: str) -> str:
    """Return the id in the attributes that end the text of a Markdown heading, empty when there is none.

    Pandoc, kramdown, Python-Markdown and Docusaurus write `{#id}` or `{: #id .class}`.
    """
    _, brace, attributes = text.rpartition("{")
    if not brace or not attributes.endswith("}") or not attributes.startswith((":", "#", ".")):
        return ""
    words = attributes[:-1].removeprefix(":").split()
    return next((word[1:] for word in words if word.startswith("#") and len(word) > 1), "")


def links(page: Page) -> Mapping[int, str | None]:
    """Return for the number of each table the URL of its place in the live page; None when the page has no known URL.

    A URL that has a fragment of its own is left as it is: for many sites it says which page is shown.
    """
    url = page.document.url
    found: dict[int, str | None] = {}
    # The last heading in each cell; the key 0 is for headings outside of all cells.
    nearest: dict[int, tuple[int, str]] = {}
    for place, block in enumerate(page.blocks):
        if block.kind == "heading":
            nearest[block.scope] = (place, block.anchor)
        elif block.kind == "table":
            _, anchor = max((nearest[scope] for scope in (0, *block.scopes) if scope in nearest), default=(0, ""))
            found[block.level] = _linked(url, anchor) if url is not None else None
    return found


def _linked(url: str, anchor: str) -> str:
    whole = _encoded(_NOT_IN_URI, url)
    return f"{whole}#{_encoded(_NOT_IN_FRAGMENT, anchor)}" if anchor and "#" not in whole else whole


def _encoded(unsafe: re.Pattern[str], text: str) -> str:
    return unsafe.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace")), text)


def _id(element: Element) -> str:
    value = element.get("id") or (element.get("name") if element.tag == "a" else None) or ""
    return value if value.strip() else ""


def _mark(element: Element, *, first: bool) -> str:
    """Return the first or the last id of the marks in an element; those of footnotes are about the footnote."""
    found = [mark for one in element.iter(*_MARKS) if (mark := _id(one)) and next(one.iterancestors("sup"), None) is None]
    return found[0 if first else -1] if found else ""


def _before(heading: Element) -> str:
    previous = heading.getprevious()
    return _mark(previous, first=False) if previous is not None and _is_bare(previous) else ""


def _is_bare(element: Element) -> bool:
    """Return whether an element is empty for readers, and nothing visible stands between it and the next one."""
    if element.tag not in _BEFORE or (element.tail or "").strip() or next(element.iter("img"), None) is not None:
        return False
    return not "".join(str(text) for text in element.itertext()).strip()


def _around(heading: Element) -> str:
    element, parent = heading, heading.getparent()
    while parent is not None and parent.tag in _SECTIONS:
        if (parent.text or "").strip() or not all(_is_bare(one) for one in element.itersiblings(preceding=True)):
            return ""
        if _id(parent):
            return _id(parent)
        element, parent = parent, parent.getparent()
    return ""
