"""Two ends in one text: `A -> B`, `A to B`, `A / B`."""

from __future__ import annotations

import functools
import re

import msgspec

from extract.cells import direction
from extract.cells.limits import MAX_ARROW
from extract.regex import late

_FLOW = late(
    r"^(?:from\s+)?(?P<source>.+?)\s*(?:\s+to\s+|\s+nach\s+|\s+vers\s+"
    rf"|\s*(?:<?[-=]{{1,{MAX_ARROW}}}>|<[-=]{{1,{MAX_ARROW}}}|(?<=\s)>(?=\s)|[\u2190\u2192\u2194\u21d0\u21d2\u21d4\u27f6\u279c])\s*)(?P<destination>.+)$",
    re.IGNORECASE,
)
_SLASH_PAIR = late(r"(?P<source>[^/]+?)\s+/\s+(?P<destination>[^/]+)")
# A title is two names and an arrow, and nothing else.
_ARROWED = late(r"([^<>=\u2190-\u21ff]+?)(?:<?-{1,4}>|<-{1,4}|<?={1,3}>|[\u2190\u2192\u2194\u21d0\u21d2\u21d4])([^<>=\u2190-\u21ff]+)")
_NAME_WORDS = 8
# `Agent to Manager` as the label of a group of rows.
_FROM_TO = late(r"(?:from\s+)?\S+(?:\s\S+){0,3}\s+to\s+\S+(?:\s\S+){0,3}", re.IGNORECASE)


class Flow(msgspec.Struct, frozen=True):
    """The two ends of traffic, as written."""

    source: str
    destination: str
    both: bool
    # Whether it goes both ways.


def of_text(text: str) -> Flow | None:
    """Return the two ends that a text names with an arrow or a word between them."""
    match = _FLOW.match(text)
    return _flow(match, text) if match else None


def of_pair(text: str) -> Flow | None:
    """Return the two ends that a text names with a slash between them."""
    match = _SLASH_PAIR.fullmatch(text)
    return _flow(match, text) if match else None


@functools.lru_cache(maxsize=2048)
def of_title(text: str) -> Flow | None:
    """Return the two ends of a title that is two names with an arrow between them."""
    match = _ARROWED.fullmatch(text)
    return of_text(text) if match and all(len(side.split()) <= _NAME_WORDS for side in match.groups()) else None


def of_label(text: str) -> Flow | None:
    """Return the two ends of the label of a group of rows: an arrow between them, or a word."""
    return of_title(text) or (of_text(text) if _FROM_TO.fullmatch(text) else None)


def _flow(match: re.Match[str], text: str) -> Flow:
    arrow = direction.arrow_of(text)
    ends = (match["source"], match["destination"])
    # An arrow may point to the left.
    source, destination = ends[::-1] if arrow == "<-" else ends
    return Flow(source, destination, arrow == "<->")
