"""What the text of a cell literally says, as a sceptical reader sees it.

These checks do not use the parsers of `cells`, because they test the parsers. They know the words of the vocabulary, but no
grammar. If a value can only be read with a grammar, it needs a trace.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from extract import vocabulary
from extract.model import Action, Direction
from extract.read.text import NOTE_GLUED, NOTE_SIGNS
from extract.regex import late

# NFKC would turn these into digits, and `443¹` into another number.
_SUPERSCRIPTS = late("[¹²³⁴⁵⁶⁷⁸⁹⁰\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]")
_DASHES = late("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00ad]")
# The label of a footnote is short; `[^` over and over with no end must not be searched for one each time.
_FOOTNOTES = late(rf"\[\^[^\]]{{0,40}}\]|\[\d{{1,2}}\]|(?<=[\w)])[{NOTE_SIGNS}]++(?=[\s,;]|$)|(?<=\w){NOTE_GLUED}|[†‡§※]")
_MARKUP = late(r"\\(?=[^\w\s])|`|\*\*|__")
# What can stand between the two ends of a range: neither another number nor the separator of a list.
_JOINT = r"(?P<joint>[^\d,;|、，；]{1,24})"


def is_blank(text: str) -> bool:
    """Return whether a cell says nothing in words: no letter and no digit, or a word for "there is none"."""
    folded = vocabulary.fold(text).strip(" .")
    return re.search(r"\w", folded) is None or folded in vocabulary.words("none")


def names_ports(text: str, first: int, last: int) -> bool:
    """Return whether the digits of a port, or of both ends of a range with what joins them, stand in the text."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", _SUPERSCRIPTS.sub(" ", text)))
    if first == last and _number(first).search(plain):
        return True
    for match in re.finditer(_number(first).pattern + _JOINT + _number(last).pattern, plain):
        words = vocabulary.fold(match["joint"])
        if words not in vocabulary.words("conjunction") or _between().search(vocabulary.fold(plain[: match.start()])):
            return True
    return False


@functools.lru_cache(maxsize=1024)
def _number(value: int) -> re.Pattern[str]:
    return re.compile(rf"(?<![\d.])0*{value}(?!\d|\.\d)")


@functools.cache
def _between() -> re.Pattern[str]:
    return re.compile(vocabulary.pattern_of(vocabulary.words("between")) + r"\s*$")


def names_number(text: str, value: int) -> bool:
    """Return whether the digits of a number stand in the text."""
    return names_ports(text, value, value)


def names_protocol(text: str, keyword: str) -> bool:
    """Return whether the keyword stands in the text as a word. `ICMPv6` and `ICMP - IPv6` are not the word `icmp`."""
    other = r"(?!\W*(?:ip)?\W*v?6)" if keyword == "icmp" else ""
    return re.search(rf"(?<![a-z]){re.escape(keyword)}(?![a-z]){other}", vocabulary.fold(text)) is not None


def holds(text: str, part: str) -> bool:
    """Return whether a name or phrase stands in the text, up to white space, case, markup and footnote marks, as whole words."""
    wanted, where = bare(part), bare(text)
    if not wanted:
        return False
    begins, ends = (sign.isascii() and sign.isalnum() for sign in (wanted[0], wanted[-1]))
    start = where.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not (begins and _is_lettered(where[start - 1 : start])) and not (ends and _is_lettered(where[end : end + 1])):
            return True
        start = where.find(wanted, start + 1)
    return False


def _is_lettered(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


# A rule of many rows compares the same few texts over and over.
@functools.lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """Return the text in the form in which `holds` compares: folded, without markup and footnote marks."""
    return vocabulary.fold(_MARKUP.sub("", _FOOTNOTES.sub("", _SUPERSCRIPTS.sub("", text))))


def says_direction(text: str, stated: Direction) -> bool:
    """Return whether a word for the direction, or for both, stands in the text of a direction cell."""
    return _direction_words(stated).search(vocabulary.fold(text)) is not None


@functools.cache
def _direction_words(stated: Direction) -> re.Pattern[str]:
    return re.compile(vocabulary.pattern(stated, f"cell_{stated}", "both"))


def says_action(text: str, action: Action) -> bool:
    """Return whether the text of an action cell says the action. A negated allow is a deny."""
    folded = vocabulary.fold(text)
    allows = vocabulary.finder("allow").search(folded) is not None
    denies = vocabulary.finder("deny").search(folded) is not None
    negates = any(vocabulary.finder(section).search(folded) for section in ("negation", "negation_behind"))
    return allows and not negates if action == "allow" else denies or (allows and negates)
