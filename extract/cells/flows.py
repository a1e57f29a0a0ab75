"""Two ends in one text: `A -> B`, `A to B`, `A / B`."""

from __future__ import annotations

import functools
import re

import msgspec

from extract import vocabulary
from extract.cells import direction, remarks
from extract.cells.limits import MAX_ARROW
from extract.regex import late

ARROW_SIGNS = "\u2190\u2192\u2194\u21c4\u21c6\u21d0\u21d2\u21d4\u25b6\u25c0\u2794\u279c\u27a1\u27f5\u27f6\u27f7\u2b05"
"""The signs that are arrows, as the inside of a character class."""

_ARROW = rf"<?[-=]{{1,{MAX_ARROW}}}>|<[-=]{{1,{MAX_ARROW}}}|(?<=\s)>(?=\s)|[{ARROW_SIGNS}]"
_SIGN = late(_ARROW)
_SLASH_PAIR = late(r"(?P<source>[^/]+?)\s+/\s+(?P<destination>[^/]+)")
# A title is two names and an arrow, and nothing else.
_NAMED = rf"[^<>=\u2190-\u21ff{ARROW_SIGNS}]"
_ARROWED = late(rf"({_NAMED}+?)(?:<?-{{1,4}}>|<-{{1,4}}|<?={{1,3}}>|[{ARROW_SIGNS}])({_NAMED}+)")
_ADDRESS = r"\d{1,3}(?:\.\d{1,3}){3}"
_ANY_ADDRESS = late(rf"{_ADDRESS}(?:/\d{{1,2}})?")
# A number, and words behind it.
_NUMBERED = late(r"\d\S{0,20}\s+\(?[^\W\d_]")
_NAME_WORDS = 8
_WAYS = ("ingress", "egress")
_JOINTS = ("away_from", "toward", "from", "to")
MAX_WAY = 120
"""A direction cell has no more characters."""
LISTED_LINES = 3
"""A cell of so many lines is a list, and no flow."""


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
    named = match is not None and all(len(side.split()) <= _NAME_WORDS for side in match.groups()) and not is_bracketed(text)
    return of_text(text) if named else None


def is_bracketed(text: str) -> bool:
    """Return whether the first arrow of a text stands in brackets, where it joins other things: `Internal (Service → 8080)`."""
    sign = _SIGN.search(text)
    before = text[: sign.start()] if sign else ""
    return before.count("(") > before.count(")")


def of_label(text: str) -> Flow | None:
    """Return the two ends of the label of a group of rows: an arrow between them, or a word."""
    return of_title(text) or (of_text(text) if _from_to().fullmatch(text) else None)


@functools.lru_cache(maxsize=2048)
def of_ends(text: str) -> Flow | None:
    """Return the two ends of a cell: an arrow between two names, or a word between two that are ends (`Client to Server`).

    `Traffic to the server` names one.
    """
    flow = of_label(text)
    named = flow is not None and (of_title(text) is not None or (_is_end(flow.source) and _is_end(flow.destination)))
    return flow if named else None


def _is_end(name: str) -> bool:
    words = vocabulary.fold(name).split()
    return _ANY_ADDRESS.fullmatch(name) is not None or words[-1] in vocabulary.words("component", "zone", "any")


@functools.lru_cache(maxsize=2048)
def is_chain(text: str) -> bool:
    """Return whether a text holds more than one arrow: `A → B → C`, `A → B, B → C`."""
    found = _SIGN.finditer(text)
    return next(found, None) is not None and next(found, None) is not None


def of_way(text: str) -> str:
    """Return the other end that a direction cell names beside the direction: `Inbound from the load balancer`; empty when it names none.

    `Inbound from and outbound to X` names one end for both ways.
    """
    folded = vocabulary.fold(text)
    if len(text) > MAX_WAY or direction.of_cell(text) is None:
        return ""
    reached = max((found.end for section in _WAYS for found in vocabulary.finder(section).finditer(folded)), default=0)
    joint = next((found for section in _JOINTS if (found := vocabulary.finder(section).match(folded[reached:].lstrip()))), None)
    if joint is None or len(folded) != len(text):
        return ""
    name = text[reached:].lstrip()[joint.end :].strip(" .:")
    if not name[:1].isalnum():
        # `From/To` names no end.
        return ""
    article = vocabulary.finder("article").match(vocabulary.fold(name))
    return name[article.end :].strip() if article and name[article.end : article.end + 1] == " " else name


@functools.cache
def _of_ports() -> re.Pattern[str]:
    """Return the pattern of an endpoint after the ports of a port cell: `TCP 443 from the load balancer`."""
    origin, goal, article = vocabulary.pattern("from", "away_from"), vocabulary.pattern("to", "toward"), vocabulary.pattern("article")
    name = rf"(?:{article}\s+)?(?P<name>(?:[^\W\d_]|{_ADDRESS})[^;:(),\u3001\uff0c\uff1b]*)"
    return re.compile(rf"(?<=[\w)])\s+\(?(?:(?P<source>{origin})|{goal})\s+{name}\)?$", re.IGNORECASE)


def of_ports(text: str) -> tuple[str, str, str]:
    """Return what a port cell says in front of an end that it states in words, its side and its name; empty when it states none."""
    match = _of_ports().search(text) if len(text) <= MAX_WAY and _NUMBERED.search(text) else None
    if match is None or not any(map(str.isdigit, text[: match.start()])) or _is_remark(text):
        return text, "", ""
    return text[: match.start()], "source" if match["source"] else "destination", match["name"].strip(" .")


def _is_remark(text: str) -> bool:
    """Return whether words after ports exclude them, leave them open, or say when they are needed: `80 a partire da 5.2`."""
    folded = vocabulary.fold(text)
    return remarks.takes_back(text) or any(vocabulary.finder(section).search(folded) for section in ("condition", "variable", "auxiliary"))


def _ends(match: re.Match[str], text: str) -> Flow:
    arrow = direction.arrow_of(text)
    named = (match["source"], match["destination"])
    # An arrow may point to the left.
    source, destination = named[::-1] if arrow == "<-" else named
    return Flow(source, destination, arrow == "<->")
