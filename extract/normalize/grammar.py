"""The token grammar of port and protocol cells, as regular expressions that are put together from the vocabulary."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from extract import vocabulary

# The length of an arrow has a bound, because a line of dashes is tried at each of them.
ARROW = re.compile(
    r"(?P<both><\s?[-=]+\s?>|[\u2194\u21d4\u27f7\u21c4\u21c6])|(?P<right>(?<![<\d])[-=]{1,40}>|[\u2192\u21d2\u27f6\u2794\u279c\u27a1\u25b6])|(?P<left><-[-=]*(?!\d)|<==+(?!\d)|<=(?!\s*\d)|[\u2190\u21d0\u27f5\u2b05\u25c0])"
)
# Scripts that put no blanks between words: what touches a number there is a word of its own (`ポート443`).
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_LETTERS = vocabulary.LETTERS
# What may stand in front of a token of the grammar: ASCII, and for each part one character for all the others.
_DIGITS = "0123456789\u0660"
_OTHERS = "\u2192"
# The ASCII letters that other characters match when case is ignored: the Kelvin sign, the long s, the i's of Turkish.
_LIKE_OTHERS = frozenset("kKsSiI")
_LEADING = re.compile(rf"[{_LETTERS}]+")


def phrases(*sections: str) -> str:
    """Return a pattern for the words of sections, in text that is cleaned but not folded."""
    return _unfolded(vocabulary.pattern_of(_words(*sections)))


def _words(*sections: str) -> frozenset[str]:
    return frozenset[str]().union(*(vocabulary.words("words", section) for section in sections))


def _unfolded(pattern: str) -> str:
    # Folding makes `ss` of `ß`, which ignoring case does not.
    return pattern.replace("ss", "(?:ss|ß)")


def above() -> str:
    """Return the pattern of "and every higher one" behind a number: `1024+`, `1024 and above`.

    In `514 + 6514`, `80+443`, `5000 + n` and `9000+<index>` the sign joins or adds.
    """
    behind = r"[\w<{\[$]"
    entries = vocabulary.words("words", "above") - {"+"}
    return rf"(?:\+(?!{behind}|\s*\d)|\s\s*\+(?!\s*{behind})|\s*{_unfolded(vocabulary.pattern_of(entries))})"


def between() -> str:
    """Return the pattern of what joins the two ends of a range; words that are set apart by blanks need them."""
    spaced = re.compile(rf"[{_LETTERS}]")
    entries = sorted(vocabulary.words("words", "range"), key=len, reverse=True)
    return "|".join(rf"\s{re.escape(word)}\s" if spaced.match(word) else re.escape(word) for word in entries)


class Part(NamedTuple):
    """One alternative of the grammar: what it begins with, and what follows that."""

    name: str
    # Of the group.
    signs: str
    # The characters that its fixed beginnings begin with; letters in lower case.
    fixed: str
    # The pattern of those beginnings; empty when there is none but the words.
    entries: frozenset[str] = frozenset()
    # The words of the vocabulary that it begins with.
    unfolded: bool = False
    behind: str = ""
    # What follows any of its beginnings.


@functools.cache
def parts() -> tuple[Part, ...]:
    """Return the parts of the grammar; their order is the precedence."""
    protocols, labels = frozenset(vocabulary.protocol_words()), frozenset(vocabulary.application_words())
    # Names of services that hold the name of another one (`secure-mqtt`).
    services = frozenset(name for name in vocabulary.service_ports() if "-" in name) - labels
    joins, conjunction = between(), phrases("conjunction")
    behind = rf"(?![\d%{_LETTERS}]|\.\d)"
    number = rf"(?<![\d.#${_LETTERS}])\d{{1,6}}{behind}"
    last = rf"\d{{1,6}}{behind}"
    hexadecimal, arrows = "abcdef", ARROW.pattern.replace("?P<both>", "?:").replace("?P<right>", "?:").replace("?P<left>", "?:")
    return (
        Part("arrow", "<-=\u2192", arrows),
        Part(
            "placeholder",
            _DIGITS + "<{$%[",
            r"\d*<[^<>\d][^<>]{0,80}>\d*|\d+#{1,4}\d*|<[^<>]{0,80}>|\{\{?[^{}]*\}?\}|\$\{?\w+\}?|%\w+%"
            rf"|\[(?!{vocabulary.pattern_of(protocols)})[A-Za-z][^\]]{{0,80}}\]",
        ),
        Part(
            "address",
            _DIGITS + hexadecimal + ":",
            r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?"
            r"|(?<![\w:])(?=[0-9a-f:]{0,39}::|(?:[0-9a-f]{1,4}:){7})[0-9a-f:]{2,39}(?:/\d{1,3})?(?![\w:])",
        ),
        Part("reference", "", "", _words("reference"), behind=r"[\s.:#]*\d[\w.]*"),
        Part(
            "version",
            _DIGITS + "vs",
            r"v\d+(?:\.\d+)*\b|\d+(?:\.\d+)+|\b(?:19|20)\d\d\s(?:r2|os|server|sp\d)\b|\bserver\s20(?:0[038]|[12]\d)\b",
        ),
        Part("type", "t", r"\btype[\s:=]*(?P<type_number>\d{1,3})\b"),
        Part("code", "c", r"\bcode[\s:=]*(?P<code_number>\d{1,3})\b"),
        Part("at_least", ">\u2265", ">=|≥", _words("at_least"), True, rf"\s*(?P<least>{number})"),
        Part("greater", ">", ">", _words("greater"), True, rf"\s*(?P<above>{number})"),
        Part("at_most", "<\u2264", "<=|≤", _words("at_most"), True, rf"\s*(?P<most>{number})"),
        Part("less", "<", "<", _words("less"), True, rf"\s*(?P<below>{number})"),
        Part("between", "", "", _words("between"), True, rf"\s*(?P<low>{number})\s*{conjunction}\s*(?P<high>{number})"),
        Part("spanned", "r", rf"\brange\s+(?P<from>{number})\s+(?P<to>{number})(?!\s*[-\d])"),
        Part("range", _DIGITS, rf"(?P<first>{number})\s*(?:{joins})\s*(?P<last>{last})"),
        Part("colon", _DIGITS, rf"(?P<colon_first>{number}):(?P<colon_last>\d{{1,6}}(?![\d{_LETTERS}]))"),
        Part("plus", _DIGITS, rf"(?P<plus_number>{number}){above()}"),
        Part("any_port", "a", r"\b(?:any|all)\sports?\b"),
        _numbered(),
        Part("service", "", "", services),
        Part("protocol", "", "", protocols),
        Part("label", "", "", labels),
        Part("number", _DIGITS, number),
        Part("any", "", "", _words("any")),
        Part("separator", " \t\n\r\f\v\x1c\x1d\x1e\x1f,;|&+/\u3001", r"[,;、，；|&+/]|\s-\s|\sund\s"),
        Part("open", "([\uff08", r"[(（\[]"),
        Part("close", ")]\uff09", r"[)）\]]"),
        Part("filler", "", "", _words("conjunction", "port_filler"), True),
    )


# What is none of the other parts. Classes of many letters take 10 ms each to compile where case is ignored, which changes nothing here.
# Possessive: what could be given back takes half a kilobyte for each character.
WORD = re.compile(rf"(?P<word>[{_UNSPACED}]+|\w(?:[.'’-]|[^\W{_UNSPACED}])*+|\S)")


def _numbered() -> Part:
    """Return the part of a protocol that is named by its number: `IP protocol 50`, not the `protocol 88` of `TCP protocol 88`."""
    numbers = "|".join(str(number) for number in sorted(vocabulary.protocol_numbers(), reverse=True) if number >= 0)
    behind = rf"\s*(?:\b(?:number|no\.?|nr\.?)|\#)?\s*[:=]?\s*(?P<ip_protocol>{numbers})(?![\d{_LETTERS}]|\.\d)"
    return Part("numbered", "", "", _words("protocol_number"), True, behind)


def pattern_for(char: str) -> re.Pattern[str]:
    """Return the grammar for a token that begins with this character.

    Trying only the words that can begin there takes a fraction of the time that all of them take.
    """
    return _pattern(char if char.isascii() else _OTHERS)


@functools.cache
def whole() -> re.Pattern[str]:
    """Return the grammar for a token that begins with any character."""
    return _joined(parts())


@functools.cache
def _pattern(char: str) -> re.Pattern[str]:
    return _joined(part for part in (_beginning(part, char) for part in parts()) if part.fixed or part.entries)


def _joined(parts: Iterable[Part]) -> re.Pattern[str]:
    # No part may begin with the character: then nothing matches, where an empty pattern would match nothing at all for ever.
    return re.compile("|".join(_alternative(part) for part in parts) or "(?!)", re.IGNORECASE)


def _alternative(part: Part) -> str:
    begins = [part.fixed] if part.fixed else []
    if part.entries:
        words = vocabulary.pattern_of(part.entries)
        begins.append(_unfolded(words) if part.unfolded else words)
    condition = r"(?<!tcp\s)(?<!udp\s)(?<!/)" if part.name == "numbered" else ""
    return rf"(?P<{part.name}>{condition}(?:{'|'.join(begins)}){part.behind})"


def _beginning(part: Part, char: str) -> Part:
    """Return a part with what can begin with a character; `_OTHERS` stands for all that are not ASCII."""
    folded = char.lower()
    if char == _OTHERS:
        fixed = any(not sign.isascii() for sign in part.signs) or not _LIKE_OTHERS.isdisjoint(part.signs)
        entries = frozenset(word for word in part.entries if not word[0].isascii() or word[0] in _LIKE_OTHERS)
    else:
        fixed = folded in part.signs
        entries = frozenset(word for word in part.entries if ignoring_case(word[0]) == folded)
    return part._replace(fixed=part.fixed if fixed else "", entries=entries)


def ignoring_case(text: str) -> str:
    """Return a text in the form that is the same for all texts that match each other when case is ignored."""
    return text.upper().lower()


# --- the plain forms of tokens ----------------------------------------------------------------------------------------

# A word of ASCII letters, with the letters that it begins with; not what may begin an address of IPv6.
PLAIN_WORD = re.compile(rf"(?<![{_LETTERS}])([A-Za-z]++)(?![{_LETTERS}]|:[0-9A-Fa-f:])(?:[.'’-]|[^\W{_UNSPACED}])*+")
# A number or range between list separators.
PLAIN_NUMBER = re.compile(rf"(?<![\d.#${_LETTERS}])([0-9]{{1,6}})(?:-([0-9]{{1,6}}))?(?=[,;/)]|\Z)")
# The words that begin other parts of the grammar than those of the vocabulary.
_BEGINNING = ("type", "code", "range", "any", "all", "server", "v")


@functools.cache
def plain_words() -> Mapping[str, str]:
    """Return the words of ASCII letters that the grammar knows -> the part that each is by itself.

    The part is empty where the words that follow may make another one of it. What is not listed here is a word.
    """
    found: dict[str, str] = dict.fromkeys(_BEGINNING, "")
    for name, word in _entries():
        leading = _LEADING.match(ignoring_case(word))
        if leading and not (word == leading[0] and word.isascii() and name in ("protocol", "label", "any", "filler")):
            found[leading[0]] = ""
        elif leading:
            found.setdefault(word, name)
    return found


def _entries() -> Iterator[tuple[str, str]]:
    for part in parts():
        for word in part.entries:
            yield part.name, word
