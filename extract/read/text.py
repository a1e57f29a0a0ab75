"""The text of a piece of markup, block by block, as a reader sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import ftfy
from lxml import etree

BLOCKS = frozenset(
    (
        "address article aside blockquote body br caption center dd details dialog dir div dl "
        "dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup "
        "hr legend li main menu nav ol option p pre search section summary table "
        "tbody td tfoot th thead tr ul "
    ).split()
)
"""Elements that begin on a new line (WHATWG HTML, 15.3 "Non-replaced elements"), and <br>."""

_SKIPPED = frozenset(
    ("script style template noscript head title iframe object canvas svg math audio video select textarea button del s strike ").split()
)
_INLINE = frozenset(
    (
        "a abbr acronym applet area b base basefont bdi bdo big blink cite code "
        "col colgroup command data datalist dfn em embed font frame frameset html i img "
        "input ins kbd keygen label link map mark marquee meta meter nobr output optgroup "
        "param picture plaintext progress q rb rp rt rtc ruby samp slot small source "
        "span strong sub sup time tt track u var wbr xmp "
    ).split()
)
_KNOWN = BLOCKS | _SKIPPED | _INLINE
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# What UTF-8 looks like when it was read as windows-1252 or Latin-1: a lead byte followed by continuation bytes.
_BROKEN = re.compile("[\u00c2-\u00c3\u00c5\u00ce-\u00d1\u00e2-\u00e9\u00f0][\u0080-\u00bf\u0152-\u0192\u02c6-\u02dc\u2013-\u2122 ]")
_FOOTNOTE = re.compile(r"\[?\(?(?:\d{1,2}|[a-z]|[*†‡§#]{1,3}|note\s*\d*)\)?\]?,?", re.IGNORECASE)


def fold(text: str) -> str:
    """Fold every run of white space, no-break spaces included, into one blank; drop characters that show nothing."""
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def repair(text: str) -> str:
    """Undo a wrong decoding (mojibake); returns the same text when there is none. ftfy decides; the pattern only saves time."""
    if text.isascii() or not _BROKEN.search(text):
        return text
    return ftfy.fix_encoding(text)


def is_hidden(element: etree._Element | None) -> bool:
    """Return whether the markup itself hides the element from readers."""
    if element is None:
        return False
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and _HIDDEN.search(style) is not None


class Reader:
    """Reads text out of one page. It knows which unknown elements the page closes: `<port>` without `</port>` is a placeholder."""

    def __init__(self, source: str) -> None:
        """Take the markup of the whole page, to look for closing tags in."""
        self._source = source
        self._closed: frozenset[str] | None = None

    def count(self, markup: str) -> int:
        """Return how often a piece of markup stands in the page, whatever its case."""
        return self._source.lower().count(markup)

    def lines(self, element: etree._Element) -> tuple[str, ...]:
        """Return the text of an element, one entry for each block, unfolded; nested tables are left out."""
        if len(element) == 0:
            return (element.text,) if element.text and element.text.strip() else ()
        parts: list[str | None] = []
        self._collect(element, parts)
        found: list[str] = []
        current: list[str] = []
        for part in [*parts, None]:
            if part is not None:
                current.append(part)
            elif current:
                joined = "".join(current)
                if joined.strip():
                    found.append(joined)
                current = []
        return tuple(found)

    def _collect(self, root: etree._Element, parts: list[str | None]) -> None:
        """Append the text runs of an element in order, None at every block boundary. Iterative: markup may be deep."""
        preformatted = 0
        if root.text:
            parts.append(root.text)
        stack: list[tuple[etree._Element, Iterator[etree._Element]]] = [(root, iter(root))]
        while stack:
            parent, children = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                if stack:
                    preformatted -= parent.tag == "pre"
                    if parent.tag in BLOCKS:
                        parts.append(None)
                    if parent.tail:
                        parts.append(parent.tail)
                continue
            tag = child.tag
            if not isinstance(tag, str) or tag == "table" or tag in _SKIPPED or is_hidden(child) or (tag == "sup" and self._is_mark(child)):
                parts.append(None if tag == "table" else "")
                if child.tail:
                    parts.append(child.tail)
                continue
            if tag == "img" and child.get("alt"):
                parts.append(str(child.get("alt")))
            elif tag in BLOCKS:
                parts.append(None)
            elif tag not in _KNOWN and self._is_placeholder(child):
                parts.append(_literal(child))
            preformatted += tag == "pre"
            if child.text:
                if preformatted and "\n" in child.text:
                    for line in child.text.split("\n"):
                        parts.extend((line, None))
                else:
                    parts.append(child.text)
            stack.append((child, iter(child)))

    def _is_mark(self, element: etree._Element) -> bool:
        text = "".join(element.itertext()).strip()
        return _FOOTNOTE.fullmatch(text) is not None

    def _is_placeholder(self, element: etree._Element) -> bool:
        tag = str(element.tag)
        if "-" in tag or ":" in tag:
            # Custom elements (WHATWG HTML, 4.13.3) and namespaced ones (`o:p`) are markup.
            return False
        if self._closed is None:
            self._closed = frozenset(re.findall(r"</([a-z][^\s>/]*)", self._source.lower()))
        return tag not in self._closed


def _literal(element: etree._Element) -> str:
    """Return the start tag as it was written, as far as the parser kept it."""
    pairs = ((str(name), str(value)) for name, value in element.attrib.items())
    attributes = "".join(f' {name}="{value}"' if value else f" {name}" for name, value in pairs if not name.startswith("data-source"))
    return f"<{element.tag!s}{attributes}>"
