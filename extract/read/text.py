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

STRUCK_OUT = frozenset({"del", "s", "strike"})
"""Elements whose text the page takes back."""

_SKIPPED = STRUCK_OUT | frozenset(
    "script style template noscript head title iframe object canvas svg math audio video select textarea button".split()
)
_INLINE = frozenset(
    (
        "a abbr acronym applet area b base basefont bdi bdo bgsound big blink cite code "
        "col colgroup command data datalist dfn em embed font frame frameset html i image img "
        "input ins kbd keygen label link listing map mark marquee meta meter nobr noembed noframes output optgroup "
        "param picture plaintext progress q rb rp rt rtc ruby samp slot small source "
        "span strong sub sup time tt track u var wbr xmp "
    ).split()
)
KNOWN = BLOCKS | _SKIPPED | _INLINE
"""The elements of HTML, those that are obsolete included."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# What UTF-8 looks like when it was read as windows-1252 or Latin-1: a lead byte followed by continuation bytes.
_BROKEN = re.compile("[\u00c2-\u00c3\u00c5\u00ce-\u00d1\u00e2-\u00e9\u00f0][\u0080-\u00bf\u0152-\u0192\u02c6-\u02dc\u2013-\u2122 ]")
_MARK = r"\[?\(?(?:\d{1,2}|[a-z]|[*†‡§#]{1,3}|note\s*\d*)\)?\]?"
# Several marks have something between them, or brackets around them: `th` is no two marks.
_FOOTNOTES = re.compile(rf"{_MARK}(?:(?:\s*,\s*|\s+|(?<=[\])])(?=[\[(])){_MARK})*,?", re.IGNORECASE)


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


def is_mark(element: etree._Element) -> bool:
    """Return whether an element is a superscript of footnote marks alone: read as text, they turn port 443 into 4431."""
    return element.tag == "sup" and _FOOTNOTES.fullmatch("".join(element.itertext()).strip()) is not None


def lines(element: etree._Element) -> tuple[str, ...]:
    """Return the text of an element, one entry for each block, unfolded; nested tables are left out."""
    if len(element) == 0:
        return (element.text,) if element.text and element.text.strip() else ()
    parts: list[str | None] = []
    _collect(element, parts)
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


def _collect(root: etree._Element, parts: list[str | None]) -> None:
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
                _append(parts, parent.tail, preformatted)
            continue
        tag = child.tag
        if not isinstance(tag, str) or tag == "table" or tag in _SKIPPED or is_hidden(child) or is_mark(child):
            if tag == "table":
                parts.append(None)
            _append(parts, child.tail, preformatted)
            continue
        if tag == "img" and child.get("alt"):
            parts.append(str(child.get("alt")))
        elif tag in BLOCKS:
            parts.append(None)
        preformatted += tag == "pre"
        _append(parts, child.text, preformatted)
        stack.append((child, iter(child)))


def _append(parts: list[str | None], text: str | None, preformatted: int) -> None:
    """Append a run of text; in preformatted text a line feed ends a line."""
    if not text:
        return
    if not preformatted or "\n" not in text:
        parts.append(text)
        return
    first, *others = text.split("\n")
    parts.append(first)
    for line in others:
        parts.extend((None, line))
