"""Prepare HTML source for the parser, where the parser would read something else than the author meant. No line is moved.

The source is changed and not the tree. The tree does not keep how a placeholder was written, or what an unclosed <textarea> contains.
"""

from __future__ import annotations

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
_OURS = late("(data-source)(?=-line|pos)", re.IGNORECASE)
# Elements whose content is no markup (WHATWG HTML, 13.2.5.2 "RCDATA state" and what follows it).
_RAW_NAMES = frozenset("script style title textarea xmp iframe noembed noframes plaintext".split())
# A common prefix of two letters halves the time of the search.
_RAW = late(rf"<(/?)(?=[instpx][cefilmot])({'|'.join(sorted(_RAW_NAMES))})(?=[\s/>]|\Z)", re.IGNORECASE | re.ASCII)
# What nearly all tags of a page are; they need no second look.
_COMMON = r"(?:a|b|code|div|em|li|p|s(?:pan|trong)|t(?:[dhr]|able|body|head)|ul)"
_UNCOMMON = late(rf"<(?!(?:/?+{_COMMON}|br)[\s>/])(/?)([a-zA-Z][^\s/<>]*+)")
# `<port />` is nothing but markup.
_NOT_CLOSED_ITSELF = late(rf"<(?!{_COMMON}[\s>/])(?=([a-zA-Z][^\s/<>]*))(?![^<>]*/>)")


class Prepared(NamedTuple):
    """Source for the parser, and the elements of raw text without an end: the name, and the line of the source."""

    source: str
    unfinished: tuple[tuple[str, int], ...]


def prepare(source: str) -> Prepared:
    """Return HTML source as the parser has to see it, to read what an author meant."""
    opened, closed = _uncommon(source)
    unfinished: tuple[tuple[str, int], ...] = ()
    if not opened.isdisjoint(_RAW_NAMES):
        source, unfinished = _release(source)
        if unfinished:
            opened, closed = _uncommon(source)
    # `<ip_address>` and the like: tags that are not HTML elements and that the page never closes.
    placeholders = opened - texts.KNOWN - closed
    return Prepared(_as_written(source, placeholders) if placeholders else source, unfinished)


def _uncommon(source: str) -> tuple[set[str], set[str]]:
    """Return the names of the start tags and of the end tags of a page, some common ones left out."""
    tags = set(_UNCOMMON.findall(source))
    return {name.lower() for slash, name in tags if not slash}, {name.lower() for slash, name in tags if slash}


def disarm(text: str) -> str:
    """Rename attributes of a page that have the names of our own attributes. The text of the page stays the same for readers."""
    return _OURS.sub("\\1\u2060", text) if "data-source" in text.lower() else text


def stamp(text: str, line_at: Callable[[int], int] | None = None) -> str:
    """Write line numbers on the tags whose lines are published, and disarm what the page itself writes under that name.

    `line_at` gives the line of an offset; without it, line feeds are counted. The number has no quotes, because a quote could end an
    attribute value that contains the tag. A space follows it, for `<br/>`.
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


def _release(source: str) -> tuple[str, tuple[tuple[str, int], ...]]:
    """Turn start tags into text if their element would take the rest of the page: raw text ends only at its end tag.

    In Markdown, a tag is also text if its raw text would reach into another block: `Remove the <script> element.`
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
    """Turn the start tags of these names into text."""
    return _NOT_CLOSED_ITSELF.sub(lambda match: "&lt;" if match[1].lower() in names else "<", source)
