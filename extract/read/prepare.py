"""HTML source made fit for the parser, which reads some things otherwise than authors meant them. No line is moved.

The source is changed rather than the tree, which no longer knows how a placeholder was written, and what an unclosed <textarea> swallowed.
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
# Two letters in front of all of them take half the time.
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
    # `<ip_address>` and its kind: tags of no HTML element that the page closes nowhere.
    placeholders = opened - texts.KNOWN - closed
    return Prepared(_as_written(source, placeholders) if placeholders else source, unfinished)


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
