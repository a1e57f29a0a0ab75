"""The token grammar of port and protocol cells, as regular expressions that are put together from the vocabulary."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from extract import vocabulary
from extract.cells.limits import MAX_ARROW
from extract.regex import late

ARROW = late(
    rf"(?P<both><\s?[-=]+\s?>|[\u2194\u21d4\u27f7\u21c4\u21c6])|(?P<right>(?<![<\d])[-=]{{1,{MAX_ARROW}}}>|[\u2192\u21d2\u27f6\u2794\u279c\u27a1\u25b6])|(?P<left><-[-=]*(?!\d)|<==+(?!\d)|<=(?!\s*\d)|[\u2190\u21d0\u27f5\u2b05\u25c0])"
)
# Scripts that put no blanks between words: text that touches a number is a separate word there (`ポート443`). A class of more than two
# ranges takes forty times as long to compile.
_UNSPACED = ("\u3040-\u30ff", "\u3400-\u9fff\uac00-\ud7af")
_LETTERS = vocabulary.LETTERS
# Tokens are grouped by their first character. Each ASCII character is a group, all digits are one group, and all other characters are one.
_DIGIT = "0"
_OTHERS = "\u2192"
_DIGITS = _DIGIT + _OTHERS
_BLANKS = " \t\n\r\f\v\x1c\x1d\x1e\x1f" + _OTHERS
# The ASCII letters that other characters match when case is ignored: the Kelvin sign, the long s, the i's of Turkish.
_LIKE_OTHERS = frozenset("ksi")
_LEADING = late(rf"[{_LETTERS}]+")


def phrases(*sections: str, ascii_only: bool = False) -> str:
    """Return a pattern for the words of sections, in text that is cleaned but not folded."""
    return _unfolded(vocabulary.pattern_of(_words(*sections, ascii_only=ascii_only)))


def _words(*sections: str, ascii_only: bool = False) -> frozenset[str]:
    return _possible(vocabulary.words(*sections), ascii_only)


def _possible(words: frozenset[str], ascii_only: bool) -> frozenset[str]:
    """Return the words that can occur in a line of any characters, or of ASCII only. Half of the words cannot occur in ASCII."""
    return frozenset(word for word in words if ignoring_case(word).isascii()) if ascii_only else words


def _unfolded(pattern: str) -> str:
    # Folding makes `ss` of `ß`, which ignoring case does not.
    return pattern.replace("ss", "(?:ss|ß)")


def above(ascii_only: bool = False) -> str:
    """Return the pattern of "and every higher one" behind a number: `1024+`, `1024 and above`, `1024-any`.

    In `514 + 6514`, `80+443`, `5000 + n` and `9000+<index>` the sign joins or adds.
    """
    behind = r"[\w<{\[$]"
    entries = _words("above", ascii_only=ascii_only) - {"+"}
    every = _unfolded(vocabulary.pattern_of(_words("any", ascii_only=ascii_only)))
    return rf"(?:\+(?!{behind}|\s*\d)|\s\s*\+(?!\s*{behind})|\s*{_unfolded(vocabulary.pattern_of(entries))}|\s?-\s?{every})"


def between(ascii_only: bool = False) -> str:
    """Return the pattern of what joins the two ends of a range; words that are set apart by blanks need them."""
    spaced = re.compile(rf"[{_LETTERS}]")
    entries = sorted(_words("range", ascii_only=ascii_only), key=len, reverse=True)
    return "|".join(rf"\s{re.escape(word)}\s" if spaced.match(word) else re.escape(word) for word in entries)


class Part(msgspec.Struct, frozen=True):
    """One alternative of the grammar: what it begins with, and what follows that."""

    # Of the group.
    name: str
    # The characters that it may begin with (letters in lower case) -> pattern.
    fixed: Mapping[str, str] = {}
    # The word that it may begin with -> pattern.
    worded: Mapping[str, str] = {}
    # The words of the vocabulary that it begins with.
    entries: frozenset[str] = frozenset()
    unfolded: bool = False
    # What follows any of its beginnings.
    behind: str = ""


@functools.cache
def parts(ascii_only: bool = False) -> tuple[Part, ...]:
    """Return the parts of the grammar, for a line of any signs or of ASCII alone; their order is the precedence."""
    protocols, labels = frozenset(vocabulary.protocol_words()), frozenset(vocabulary.application_words())
    # Names of services that hold the name of another one (`secure-mqtt`).
    services = frozenset(name for name in vocabulary.service_ports() if "-" in name) - labels
    words = functools.partial(_words, ascii_only=ascii_only)
    joins, conjunction = between(ascii_only), phrases("conjunction", ascii_only=ascii_only)
    behind = rf"(?![\d%]|\.\d){vocabulary.END}"
    number = rf"(?<![\d.#$]){vocabulary.BEGIN}\d{{1,6}}{behind}"
    last = rf"\d{{1,6}}{behind}"
    arrows = ARROW.pattern.replace("?P<both>", "?:").replace("?P<right>", "?:").replace("?P<left>", "?:")
    return (
        Part("arrow", {"<-=" + _OTHERS: arrows}),
        Part(
            "placeholder",
            {
                _DIGITS: r"\d*<[^<>\d][^<>]{0,80}>\d*|\d+#{1,4}\d*",
                "<": r"<[^<>\d][^<>]{0,80}>\d*|<[^<>]{0,80}>",
                "{": r"\{\{?[^{}]*\}?\}",
                "$": r"\$\{?\w+\}?",
                "%": r"%\w+%",
                "[": rf"\[(?!{vocabulary.pattern_of(protocols)})[A-Za-z][^\]]{{0,80}}\]",
            },
        ),
        Part(
            "address",
            {
                _DIGITS: r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?",
                _DIGIT + "abcdef:": r"(?<![\w:])(?=[0-9a-f:]{0,39}::|(?:[0-9a-f]{1,4}:){7})[0-9a-f:]{2,39}(?:/\d{1,3})?(?![\w:])",
            },
        ),
        Part("reference", entries=words("reference"), behind=r"[\s.:#]*\d[\w.]*"),
        Part(
            "version",
            {_DIGITS: r"\d+(?:\.\d+)+|\b(?:19|20)\d\d\s(?:r2|os|server|sp\d)\b"},
            {"v": r"v\d+(?:\.\d+)*\b", "server": r"\bserver\s20(?:0[038]|[12]\d)\b"},
        ),
        Part("type", worded={"type": r"\btype[\s:=]*(?P<type_number>\d{1,3})\b"}),
        Part("code", worded={"code": r"\bcode[\s:=]*(?P<code_number>\d{1,3})\b"}),
        Part("at_least", {">": ">=", _OTHERS: "≥"}, {}, words("at_least"), True, rf"\s*(?P<least>{number})"),
        Part("greater", {">": ">"}, {}, words("greater"), True, rf"\s*(?P<above>{number})"),
        Part("at_most", {"<": "<=", _OTHERS: "≤", "*": r"\*\s?-"}, {}, words("at_most"), True, rf"\s*(?P<most>{number})"),
        Part("less", {"<": "<"}, {}, words("less"), True, rf"\s*(?P<below>{number})"),
        Part("between", {}, {}, words("between"), True, rf"\s*(?P<low>{number})\s*{conjunction}\s*(?P<high>{number})"),
        Part("spanned", entries=words("range_before"), unfolded=True, behind=rf"\s+(?P<from>{number})\s+(?P<to>{number})(?!\s*[-\d])"),
        Part("range", {_DIGITS: rf"(?P<first>{number})\s*(?:{joins})\s*(?P<last>{last})"}),
        Part("colon", {_DIGITS: rf"(?P<colon_first>{number}):(?P<colon_last>\d{{1,6}}(?!\d){vocabulary.END})"}),
        Part("plus", {_DIGITS: rf"(?P<plus_number>{number}){above(ascii_only)}"}),
        Part("any_port", entries=words("any_port"), unfolded=True),
        _numbered(ascii_only),
        Part("service", entries=services),
        Part("protocol", entries=protocols),
        Part("label", entries=labels),
        Part("number", {_DIGITS: number}),
        Part("any", entries=words("any")),
        Part("separator", {",;|&+/" + _OTHERS: "[,;、，；|&+/]", _BLANKS: r"\s-\s"}),
        Part("open", {"([" + _OTHERS: r"[(（\[]"}),
        Part("close", {")]" + _OTHERS: r"[)）\]]"}),
        Part("filler", entries=words("conjunction", "port_filler"), unfolded=True),
    )


# Text that is none of the other parts, except in the scripts without blanks. Possessive: to allow backtracking takes half a kilobyte for
# each character.
_SPACED = "".join(f"(?![{some}])" for some in _UNSPACED)
WORD = late(rf"(?P<word>\w(?:[.'’-]|(?a:\w)|{_SPACED}\w)*+|\S)")
ASCII_WORD = late(r"(?P<word>(?a:\w)(?:[.'-]|(?a:\w))*+|\S)")


@functools.cache
def _unspaced_word() -> re.Pattern[str]:
    return re.compile(rf"(?P<word>[{''.join(_UNSPACED)}]+)")


def word_at(line: str, position: int) -> re.Match[str] | None:
    """Return the word that begins there, which is none of the parts; None at a blank."""
    if line.isascii():
        return ASCII_WORD.match(line, position)
    unspaced = _unspaced_word().match(line, position) if line[position] >= _UNSPACED[0][0] else None
    return unspaced or WORD.match(line, position)


def _numbered(ascii_only: bool) -> Part:
    """Return the part of a protocol that is named by its number: `IP protocol 50`, not the `protocol 88` of `TCP protocol 88`."""
    numbers = "|".join(str(number) for number in sorted(vocabulary.protocol_numbers(), reverse=True) if number >= 0)
    word = vocabulary.pattern_of(_words("number_word", ascii_only=ascii_only))
    behind = rf"\s*{word}?\s*[:=]?\s*(?P<ip_protocol>{numbers})(?!\d|\.\d){vocabulary.END}"
    return Part("numbered", entries=_words("protocol_number", ascii_only=ascii_only), unfolded=True, behind=behind)


def pattern_at(line: str, position: int) -> re.Pattern[str]:
    """Return the grammar for a token that begins there.

    The grammar of only the words that can begin there compiles and matches in a fraction of the time of the whole grammar.
    """
    plain = PLAIN_WORD.match(line, position)
    word = plain[1].lower() if plain else ""
    # Cached for words of the vocabulary only, so that documents cannot make the cache grow.
    return _by_word(word, line.isascii()) if word in plain_words() else _by_sign(_sign(line[position]), line.isascii())


@functools.cache
def whole() -> re.Pattern[str]:
    """Return the grammar for a token that begins with anything."""
    return _joined((_alternative(part, [*part.fixed.values(), *part.worded.values()], part.entries) for part in parts()), False)


@functools.cache
def _by_word(word: str, ascii_only: bool) -> re.Pattern[str]:
    """Return the grammar for a token that begins with a whole plain word, given in lower case, in a line of any signs or of ASCII alone."""
    alternatives = (
        _alternative(part, [part.worded[word]] if word in part.worded else [], (entry for entry in part.entries if _leading(entry) == word))
        for part in parts(ascii_only)
    )
    return _joined(alternatives, ascii_only)


@functools.cache
def _by_sign(sign: str, ascii_only: bool) -> re.Pattern[str]:
    """Return the grammar for a token that begins with a character, as `_sign` tells characters apart, in a line as in `_by_word`."""
    alternatives = (
        _alternative(
            part,
            [
                *(pattern for signs, pattern in part.fixed.items() if sign in signs),
                *(pattern for word, pattern in part.worded.items() if sign in _signs(word)),
            ],
            (entry for entry in part.entries if sign in _signs(entry)),
        )
        for part in parts(ascii_only)
    )
    return _joined(alternatives, ascii_only)


def _joined(alternatives: Iterable[str], ascii_only: bool) -> re.Pattern[str]:
    # No part can begin there, so nothing may match. An empty pattern would match an empty text without end.
    pattern = "|".join(filter(None, alternatives)) or "(?!)"
    if ascii_only:
        # The letters of other alphabets at both ends of a word take half of the time that a pattern takes to compile.
        pattern = pattern.replace(vocabulary.BEGIN, vocabulary.ASCII_BEGIN).replace(vocabulary.END, vocabulary.ASCII_END)
    return re.compile(pattern, re.IGNORECASE)


def _alternative(part: Part, fixed: Iterable[str], entries: Iterable[str]) -> str:
    """Return the pattern of a part with some of its beginnings; empty when there are none."""
    begins = list(fixed)
    if listed := frozenset(entries):
        words = vocabulary.pattern_of(listed)
        begins.append(_unfolded(words) if part.unfolded else words)
    condition = r"(?<!tcp\s)(?<!udp\s)(?<!/)" if part.name == "numbered" else ""
    return rf"(?P<{part.name}>{condition}(?:{'|'.join(begins)}){part.behind})" if begins else ""


def _sign(char: str) -> str:
    """Return a character as it counts for what tokens begin with."""
    return char.lower() if char.isascii() and not char.isdecimal() else _DIGIT if char.isascii() else _OTHERS


@functools.cache
def _signs(word: str) -> frozenset[str]:
    """Return the characters that a word of the grammar may begin with in a line."""
    first = ignoring_case(word[0])
    others = not word[0].isascii() or first in _LIKE_OTHERS
    return frozenset((_sign(first), _OTHERS) if others else (_sign(first),))


@functools.cache
def _leading(entry: str) -> str:
    """Return the letters that a word of the vocabulary begins with, in the form that ignores case; empty when it begins with a sign."""
    leading = _LEADING.match(ignoring_case(entry))
    return leading[0] if leading else ""


def ignoring_case(text: str) -> str:
    """Return a text in the form that is the same for all texts that match each other when case is ignored."""
    return text.upper().lower()


# --- the plain forms of tokens ----------------------------------------------------------------------------------------

# The letters and digits of ASCII that a word begins with, all of them; not what may begin an address of IPv6, nor a version, a type
# or a code that its number touches.
PLAIN_WORD = late(
    vocabulary.BEGIN
    + r"(?![0-9A-Fa-f]++:[0-9A-Fa-f:]|(?:[Vv]|[Tt][Yy][Pp][Ee]|[Cc][Oo][Dd][Ee])[0-9])([A-Za-z][0-9A-Za-z_]*+)"
    + vocabulary.END
)
# A number or range between list separators.
PLAIN_NUMBER = late(rf"(?<![\d.#$]){vocabulary.BEGIN}([0-9]{{1,6}})(?:-([0-9]{{1,6}}))?(?=[,;/)]|\Z)")


@functools.cache
def plain_words() -> Mapping[str, str]:
    """Return the words of ASCII letters that the grammar knows -> the part that each is by itself.

    The part is empty if the following text may turn the word into another part. Words that are not listed are plain words.
    """
    found = {word: "" for part in parts() for word in part.worded}
    for name, entry in _entries():
        leading = _leading(entry)
        if leading and not (entry == leading and entry.isascii() and name in ("protocol", "label", "any", "filler")):
            found[leading] = ""
        elif leading:
            found.setdefault(entry, name)
    return found


def _entries() -> Iterator[tuple[str, str]]:
    for part in parts():
        for word in part.entries:
            yield part.name, word
