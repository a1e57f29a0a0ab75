"""HTML source made fit for libxml2, which reads some things otherwise than browsers and authors do. No line is moved.

The source is changed rather than the tree where the tree no longer knows: how a placeholder was written, what an unclosed
<textarea> swallowed, where a </tr> stood that nothing had opened, which line a tag of a long document stands in.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Callable, Container
from typing import NamedTuple

from extract.read import text as texts
from extract.regex import late

STAMP = "data-source-line"
"""Attribute that carries the line of an element in the text that was parsed."""

POSITION = "data-sourcepos"
"""Attribute in which cmark-gfm says where a block begins and ends."""

# The elements whose lines are published.
_PLACED = "<(?:caption|d(?:[dt]|iv)|h[1-6]|li|p(?:re)?|summary|t(?:[dhr]|able|itle))"
_STAMPED = late(rf"({_PLACED})(?=[\s>/]|\Z)", re.IGNORECASE)
_OVER_LINES = late(rf"{_PLACED}(?=\s[^<>\n]*+\n|\n)[^<>]*+>", re.IGNORECASE)
_OURS = late("(data-source)(?=-line|pos)", re.IGNORECASE)
# After these tags browsers go on with the body (WHATWG HTML, 13.2.6.4.19 "after body"); libxml2 stops there.
_END_OF_PAGE = late(r"</(?:html|body)(?=[\s>/])[^<>]*+>", re.IGNORECASE)
# Elements whose content is no markup (WHATWG HTML, 13.2.5.2 "RCDATA state" and what follows it).
_RAW_NAMES = frozenset("script style title textarea xmp iframe noembed noframes plaintext".split())
_RAW = late(rf"<(/?)({'|'.join(sorted(_RAW_NAMES))})(?=[\s/>]|\Z)", re.IGNORECASE | re.ASCII)
# An end of a row or section with something behind it that is neither the end of what is around it nor the next of its kind.
_ODD_BEHIND_ROWS = late(
    r"</t(?:r|body|head|foot)\s*+>(?:\s++|<!--[^>]*+>)*+(?!</t(?:able|body|head|foot)[\s>]|<t(?:r|body|head|foot)[\s/>]|\Z)", re.IGNORECASE
)
# What the rows of a table are made of, and what holds tags that are none.
_TABLE_PART = late(
    r"<(?:(?P<end>/?)(?P<name>caption|col(?:group)?|t(?:able|body|head|foot|r|d|h))(?=[\s/>])"
    r"|!--.*?(?:-->|\Z)|(?P<raw>s(?:cript|tyle)|t(?:extarea|itle))\b.*?(?:</(?P=raw)|\Z))",
    re.IGNORECASE | re.DOTALL,
)
_SECTIONS = frozenset({"tbody", "thead", "tfoot"})
# The tags of a page but for those that nearly all tags are, which need no second look.
_UNCOMMON = late(r"<(?!(?:/?+(?:a|b|code|div|em|li|p|s(?:pan|trong)|t(?:[dhr]|able|body|head)|ul)|br)[\s>/])(/?)([a-zA-Z][^\s/<>]*+)")
# `</br>` is a line break, and so is a `</p>` that nothing opened (WHATWG HTML, 13.2.6.4.7 "in body").
_BREAK_ENDED = late(r"</(?=br[\s/>])", re.IGNORECASE)
_PARAGRAPH = late(r"<(?:(?P<end>/p)|(?P<start>p)|/?(?:table|t[dhr]|div|ul|ol|dl|h[1-6]))(?=[\s/>])", re.IGNORECASE)
# `<port />` is nothing but markup.
_NOT_CLOSED_ITSELF = late(r"<(?=([a-zA-Z][^\s/<>]*))(?![^<>]*/>)")
# libxml2 compares each attribute of a tag with all before it, 15 s for 100,000. No element of HTML has a tenth of these.
MAX_ATTRIBUTES = 2_000
# A source with so few characters has no room for attributes that take a second.
_FEW_CHARACTERS = 65_536
# A start tag, with its attributes (WHATWG HTML, 13.2.5.32 "Before attribute name state" and what follows it).
_ATTRIBUTE = r"""[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_EACH_ATTRIBUTE = late(_ATTRIBUTE)
_TAG = late(rf"<[a-zA-Z][^\s/>]*+((?:[\s/=]++|{_ATTRIBUTE})*+)")


class Prepared(NamedTuple):
    """Source for the parser, and the elements of raw text without an end: the name, and the line of the source."""

    source: str
    unfinished: tuple[tuple[str, int], ...]


def prepare(source: str) -> Prepared:
    """Return HTML source as libxml2 has to see it, to read what a browser shows and what an author meant."""
    source = _END_OF_PAGE.sub(lambda match: "\n" * match[0].count("\n"), source)
    opened, closed = _uncommon(source)
    if "br" in closed:
        source = _BREAK_ENDED.sub("<", source)
    if any(source.count(f"</{p}>") > source.count(f"<{p}>") + source.count(f"<{p} ") for p in "pP"):
        source = _broken_at_ends(source)
    unfinished: tuple[tuple[str, int], ...] = ()
    if not opened.isdisjoint(_RAW_NAMES):
        source, unfinished = _release(source)
        if unfinished:
            opened, closed = _uncommon(source)
    if _ODD_BEHIND_ROWS.search(source):
        source = _with_rows(source)
    # `<ip_address>` and its kind: tags of no HTML element that the page closes nowhere.
    placeholders = opened - texts.KNOWN - closed
    return Prepared(_as_written(source, placeholders) if placeholders else source, unfinished)


def _with_rows(source: str) -> str:
    """Write the start tags of rows and sections that a page leaves out: libxml2 passes over the end tags of what no tag began.

    WHATWG HTML, 13.2.6.4.9 "in table", 13.2.6.4.13 "in table body" and 13.2.6.4.14 "in row".
    """
    # The section and the row that are open in each of the tables around a tag, empty when none is.
    around: list[tuple[str, str]] = []

    def replaced(tag: re.Match[str]) -> str:
        name, written = (tag["name"] or "").lower(), ""
        if name == "table":
            if tag["end"]:
                del around[-1:]
            else:
                around.append(("", ""))
        elif name and around:
            section, row = around[-1]
            if not tag["end"]:
                written, around[-1] = _begun(name, section, row)
            elif name in (section, "tr"):
                around[-1] = (section if name == "tr" else "", "")
        return written + tag[0]

    return _TABLE_PART.sub(replaced, source)


def _begun(name: str, section: str, row: str) -> tuple[str, tuple[str, str]]:
    """Return the tags that the start tag of a part of a table implies, and the section and the row that are open behind it."""
    if name in ("tr", "td", "th"):
        return ("" if section else "<tbody>") + ("" if row or name == "tr" else "<tr>"), (section or "tbody", "tr")
    return f"</{section}>" if section else "", (name if name in _SECTIONS else "", "")


def _broken_at_ends(source: str) -> str:
    """Make line breaks of the end tags of paragraphs that nothing opened; libxml2 passes over them."""
    opened = False

    def replaced(tag: re.Match[str]) -> str:
        nonlocal opened
        loose = tag["end"] is not None and not opened
        opened = tag["start"] is not None
        return "<br" if loose else tag[0]

    return _PARAGRAPH.sub(replaced, source)


def _uncommon(source: str) -> tuple[set[str], set[str]]:
    """Return the names of the start tags and of the end tags of a page, some common ones left out."""
    tags = set(_UNCOMMON.findall(source))
    return {name.lower() for slash, name in tags if not slash}, {name.lower() for slash, name in tags if slash}


def disarm(text: str) -> str:
    """Make other attributes of those that a page writes under the names of ours; in its text, nobody sees the difference."""
    return _OURS.sub("\\1\u2060", text) if "data-source" in text.lower() else text


def stamp(text: str, line_at: Callable[[int], int] | None = None) -> str:
    """Write line numbers on the tags whose lines are published, and disarm what the page itself writes under that name.

    `line_at` gives the line of an offset; without it, line feeds are counted. Without quotes, which would end the value of an attribute
    that the tag is quoted in; and a blank behind, for `<br/>`.
    """
    pieces = _STAMPED.split(text)
    line, offset = 1, 0
    # Every second piece is a tag.
    for index in range(1, len(pieces), 2):
        before, tag = pieces[index - 1], pieces[index]
        offset += len(before)
        line = line_at(offset) if line_at is not None else line + before.count("\n")
        offset += len(tag)
        pieces[index] = f"{tag} {STAMP}={line} "
    pieces[::2] = map(disarm, pieces[::2])
    return "".join(pieces)


def bounded(source: str) -> tuple[str, tuple[int, ...]]:
    """Cut attributes beyond the limit off their tags; return the lines of those tags as well."""
    if len(source) <= _FEW_CHARACTERS:
        return source, ()
    parts: list[str] = []
    places: list[tuple[str, int]] = []
    done = 0
    for tag in _TAG.finditer(source):
        if tag.end() - tag.start() < MAX_ATTRIBUTES:
            continue
        beyond = next(itertools.islice(_EACH_ATTRIBUTE.finditer(source, *tag.span(1)), MAX_ATTRIBUTES, None), None)
        if beyond is not None:
            parts += source[done : beyond.start()], "\n" * source.count("\n", beyond.start(), tag.end())
            done = tag.end()
            places.append(("", tag.start()))
    return "".join(parts) + source[done:], tuple(line for _, line in _numbered(source, places))


def begin_lines(source: str) -> str:
    """Move the line ends within a start tag behind it: libxml2 gives an element the line in which its start tag ends."""
    return _OVER_LINES.sub(lambda tag: tag[0].replace("\n", " ") + "\n" * tag[0].count("\n"), source)


def _release(source: str) -> tuple[str, tuple[tuple[str, int], ...]]:
    """Make text of start tags that would have swallowed the rest of the page: raw text ends nowhere but at its end tag.

    In Markdown, raw text that reaches into another block is none either: `Remove the <script> element.`
    """
    tags = list(_RAW.finditer(source))
    ends: dict[str, list[int]] = {}
    for tag in tags:
        if tag[1]:
            ends.setdefault(tag[2].lower(), []).append(tag.start())
    parts: list[str] = []
    unfinished: list[tuple[str, int]] = []
    done = inside = 0
    for tag in tags:
        start, name = tag.start(), tag[2].lower()
        if tag[1] or start < inside:
            continue
        known = ends.get(name, []) if name != "plaintext" else []
        nearest = bisect_left(known, start)
        if nearest < len(known) and source.find(POSITION, start, known[nearest]) < 0:
            inside = known[nearest]
            continue
        parts += source[done:start], "&lt;"
        done = start + 1
        unfinished.append((name, start))
    if not unfinished:
        return source, ()
    return "".join(parts) + source[done:], tuple(_numbered(source, unfinished))


def _numbered(source: str, places: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Turn offsets, which rise, into lines."""
    found, line, before = [], 1, 0
    for name, offset in places:
        line += source.count("\n", before, offset)
        before = offset
        found.append((name, line))
    return found


def _as_written(source: str, names: Container[str]) -> str:
    """Make text of the start tags of these names."""
    return _NOT_CLOSED_ITSELF.sub(lambda match: "&lt;" if match[1].lower() in names else "<", source)
