"""Two ends in one text: `A -> B`, `A to B`, `A / B`."""

from __future__ import annotations

import functools
import re

import msgspec

from extract import vocabulary
from extract.cells import direction
from extract.cells.limits import MAX_ARROW
from extract.regex import late

_ARROW = rf"<?[-=]{{1,{MAX_ARROW}}}>|<[-=]{{1,{MAX_ARROW}}}|(?<=\s)>(?=\s)|[\u2190\u2192\u2194\u21d0\u21d2\u21d4\u27f6\u279c]"
_SLASH_PAIR = late(r"(?P<source>[^/]+?)\s+/\s+(?P<destination>[^/]+)")
# A title is two names and an arrow, and nothing else.
_ARROWED = late(r"([^<>=\u2190-\u21ff]+?)(?:<?-{1,4}>|<-{1,4}|<?={1,3}>|[\u2190\u2192\u2194\u21d0\u21d2\u21d4])([^<>=\u2190-\u21ff]+)")
_NAME_WORDS = 8


class Flow(msgspec.Struct, frozen=True):
    """The two ends of traffic, as written."""

    source: str
    destination: str
    # Whether it goes both ways.
    both: bool


@functools.cache
def _flow() -> re.Pattern[str]:
    """Return a text that names both ends of a flow: `A -> B`, `A to B`, `from A to B`."""
    start, joint = vocabulary.pattern("from"), vocabulary.pattern("to")
    between = rf"\s+{joint}\s+|\s*(?:{_ARROW})\s*"
    return re.compile(rf"^(?:{start}\s+)?(?P<source>.+?)\s*(?:{between})(?P<destination>.+)$", re.IGNORECASE)


@functools.cache
def _from_to() -> re.Pattern[str]:
    """Return the label of a group of rows that names both ends: `Agent to Manager`."""
    start, joint = vocabulary.pattern("from"), vocabulary.pattern("to")
    return re.compile(rf"(?:{start}\s+)?\S+(?:\s\S+){{0,3}}\s+{joint}\s+\S+(?:\s\S+){{0,3}}", re.IGNORECASE)


def of_text(text: str) -> Flow | None:
    """Return the two ends that a text names with an arrow or a word between them."""
    match = _flow().match(text)
    return _ends(match, text) if match else None


def of_pair(text: str) -> Flow | None:
    """Return the two ends that a text names with a slash between them."""
    match = _SLASH_PAIR.fullmatch(text)
    return _ends(match, text) if match else None


@functools.lru_cache(maxsize=2048)
def of_title(text: str) -> Flow | None:
    """Return the two ends of a title that is two names with an arrow between them."""
    match = _ARROWED.fullmatch(text)
    return of_text(text) if match and all(len(side.split()) <= _NAME_WORDS for side in match.groups()) else None


def of_label(text: str) -> Flow | None:
    """Return the two ends of the label of a group of rows: an arrow between them, or a word."""
    return of_title(text) or (of_text(text) if _from_to().fullmatch(text) else None)


def _ends(match: re.Match[str], text: str) -> Flow:
    arrow = direction.arrow_of(text)
    named = (match["source"], match["destination"])
    # An arrow may point to the left.
    source, destination = named[::-1] if arrow == "<-" else named
    return Flow(source, destination, arrow == "<->")
