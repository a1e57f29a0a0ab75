"""The words and numbers of port and protocol cells: one line of a cell to a list of tokens."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Literal, NamedTuple

from extract import vocabulary

Kind = Literal[
    "number",
    "range",
    "protocol",
    "label",
    "any-port",
    "any",
    "arrow",
    "separator",
    "open",
    "close",
    "filler",
    "word",
    "placeholder",
    "reference",
    "type",
    "code",
]

MAX_PORT = 65535

_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00ad]")
_ARROWS = {"both": "<->", "right": "->", "left": "<-"}
_ARROW = re.compile(
    r"(?P<both><\s?[-=]+\s?>|[\u2194\u21d4\u27f7\u21c4\u21c6])|(?P<right>(?<![<\d])[-=]+>|[\u2192\u21d2\u27f6\u2794\u279c\u27a1\u25b6])|(?P<left><-[-=]*(?!\d)|<==+(?!\d)|<=(?!\s*\d)|[\u2190\u21d0\u27f5\u2b05\u25c0])"
)
_FOOTNOTES = re.compile(r"\[\^[^\]]{0,40}\]|(?<=[\w)])\s?\[\d{1,2}\]|(?<=[\w)])[*†‡§¹²³⁴⁵⁶⁷⁸⁹⁰]{1,3}(?=[\s,;]|$)|\(\*{1,3}\)|[†‡§¹²³]")
# A mark between two numbers parts them (`443¹8443`): taking it off would make another number.
_PARTING = re.compile(r"(?<=\d)(?:\[\^[^\]]{0,40}\]|\[\d{1,2}\]|[*†‡§¹²³⁴⁵⁶⁷⁸⁹⁰`])+(?=\d)")
_MARKUP = re.compile(r"\\(?=[^\w\s])|`|\*\*(?=\S)|(?<=\S)\*\*|(?<!\w)__|__(?!\w)")
# Three digits that begin with 0, which no port number does.
_GROUPED_ZERO = re.compile(r"(?<![\d.,])(\d{1,2})[,'’](0\d{2})(?![\d.,]*\d)")
_MAYBE_GROUPED = re.compile(r"\d[,. '’]\d{3}")
# `TCP443`, `udp_53`, `443TCP`: the blank that the author left out. `tcp6` and `udp4` are words of their own.
_GLUED = re.compile(r"(?<![A-Za-z0-9])(tcp|udp|sctp)[-_]?(?=\d{2})|(?<![\w.])(\d{1,5})(?=(?:tcp|udp|sctp)(?![A-Za-z0-9]))", re.IGNORECASE)
_JOINED = re.compile(r"(?<![A-Za-z0-9_])(tcp|udp|sctp)_(?=(?:tcp|udp|sctp)(?![A-Za-z0-9_]))", re.IGNORECASE)
# Scripts that put no blanks between words: what touches a number there is a word of its own (`ポート443`).
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_LETTERS = vocabulary.LETTERS


class Token(NamedTuple):
    """One token; `depth` counts the brackets around it."""

    kind: Kind
    text: str
    value: tuple[int, int] = (0, 0)
    # First and last port of a number or range.
    words: tuple[str, ...] = ()
    # Protocol keyword(s) that a protocol or label token stands for.
    depth: int = 0
    start: int = 0
    # Where it begins in the line.
    glued: bool = False
    # In brackets that touch the number before them.


@functools.lru_cache(maxsize=16384)
def clean(text: str) -> str:
    """Return a cell line in the form that the grammar reads: NFKC, one kind of dash, no footnote marks, no thousands separators."""
    text = _FOOTNOTES.sub("", _MARKUP.sub("", _PARTING.sub(" ", text)))
    text = _ungroup(_plain(text).replace("\u301c", "~"))
    return _JOINED.sub(r"\1/", _GLUED.sub(_part, text)).strip()


def ungrouped(text: str) -> bool:
    """Return whether cleaning joined thousands: the cell's numbers are then not literally in it."""
    plain = _plain(text)
    return _ungroup(plain) != plain


def _plain(text: str) -> str:
    return _DASHES.sub("-", unicodedata.normalize("NFKC", text))


def _part(match: re.Match[str]) -> str:
    return f"{match[1] or match[2]} "


def _ungroup(text: str) -> str:
    if not _MAYBE_GROUPED.search(text):
        return text
    text = _GROUPED_ZERO.sub(r"\1\2", _grouped().sub(r"\1\2\3\4\5", text))
    for pattern in _open_ended():
        text = pattern.sub(_joined, text)
    return text


def _joined(match: re.Match[str]) -> str:
    """Join the thousands of the one end of an open range, if that makes a port: `80,443+` is a list."""
    number = match["thousands"] + match["rest"]
    return match[0][: -len(number) - 1] + number if int(number) <= MAX_PORT else match[0]


@functools.cache
def _grouped() -> re.Pattern[str]:
    """Return the pattern of a range with a separator before exactly three digits at both ends: 50,000-59,999, 49 152 to 65 535.

    `80,443` stays a list.
    """
    number = r"(\d{1,2})[,. '’](\d{3})"
    return re.compile(rf"(?<![\d.,]){number}(\s*(?:{_between()})\s*){number}(?![\d.,]*\d)", re.IGNORECASE)


@functools.cache
def _open_ended() -> tuple[re.Pattern[str], ...]:
    """Return what stands around the end of an open range: `> 49,151`, `49,152 and above`."""
    number = r"(?P<thousands>\d{1,2})[,.'’](?P<rest>\d{3})"
    return (
        re.compile(rf"(?:[<>≥≤]=?|{_phrases('greater', 'at_least', 'less', 'at_most')})\s*{number}(?![\d.,]*\d)", re.IGNORECASE),
        re.compile(rf"(?<![\d.,]){number}(?={_above()})", re.IGNORECASE),
    )


def _phrases(*sections: str) -> str:
    """Return a pattern for the words of sections, in text that is cleaned but not folded."""
    entries = frozenset[str]().union(*(vocabulary.words("words", section) for section in sections))
    return _unfolded(vocabulary.pattern_of(entries))


def _unfolded(pattern: str) -> str:
    # Folding makes `ss` of `ß`, which ignoring case does not.
    return pattern.replace("ss", "(?:ss|ß)")


def _above() -> str:
    """Return the pattern of "and every higher one" behind a number: `1024+`, `1024 and above`.

    In `514 + 6514`, `80+443`, `5000 + n` and `9000+<index>` the sign joins or adds.
    """
    behind = r"[\w<{\[$]"
    entries = vocabulary.words("words", "above") - {"+"}
    return rf"(?:\+(?!{behind}|\s*\d)|\s\s*\+(?!\s*{behind})|\s*{_unfolded(vocabulary.pattern_of(entries))})"


def _between() -> str:
    """Return the pattern of what joins the two ends of a range; words that are set apart by blanks need them."""
    spaced = re.compile(rf"[{_LETTERS}]")
    entries = sorted(vocabulary.words("words", "range"), key=len, reverse=True)
    return "|".join(rf"\s{re.escape(word)}\s" if spaced.match(word) else re.escape(word) for word in entries)


def _protocol_number() -> str:
    """Return the pattern of a protocol that is named by its number: `IP protocol 50`, not the `protocol 88` of `TCP protocol 88`."""
    numbers = "|".join(str(number) for number in sorted(vocabulary.protocol_numbers(), reverse=True) if number >= 0)
    words = _phrases("protocol_number")
    return (
        rf"(?<!tcp\s)(?<!udp\s)(?<!/){words}\s*(?:\b(?:number|no\.?|nr\.?)|\#)?\s*[:=]?\s*(?P<ip_protocol>{numbers})(?![\d{_LETTERS}]|\.\d)"
    )


@functools.cache
def _master() -> re.Pattern[str]:
    """The token grammar as one pattern; the order of its parts is the precedence."""
    pattern = vocabulary.pattern_of
    protocol = pattern(vocabulary.protocol_words())
    services = pattern(name for name in vocabulary.service_ports() if "-" in name and name not in vocabulary.application_words())
    between, fillers = _between(), _phrases("conjunction", "port_filler")
    behind = rf"(?![\d%{_LETTERS}]|\.\d)"
    number = rf"(?<![\d.#${_LETTERS}])\d{{1,6}}{behind}"
    parts = (
        rf"(?P<arrow>{_ARROW.pattern.replace('?P<both>', '?:').replace('?P<right>', '?:').replace('?P<left>', '?:')})",
        rf"(?P<placeholder>\d*<[^<>\d][^<>]{{0,80}}>\d*|\d+#{{1,4}}\d*|<[^<>]{{0,80}}>|\{{\{{?[^{{}}]*\}}?\}}|\$\{{?\w+\}}?|%\w+%|\[(?!{protocol})[A-Za-z][^\]]{{0,80}}\])",
        r"(?P<address>(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?"
        r"|(?<![\w:])(?=[0-9a-f:]{0,39}::|(?:[0-9a-f]{1,4}:){7})[0-9a-f:]{2,39}(?:/\d{1,3})?(?![\w:]))",
        rf"(?P<reference>{pattern(vocabulary.words('words', 'reference'))}[\s.:#]*\d[\w.]*"
        r"|v\d+(?:\.\d+)*\b|\d+(?:\.\d+)+|\b(?:19|20)\d\d\s(?:r2|os|server|sp\d)\b|\bserver\s20(?:0[038]|[12]\d)\b)",
        r"(?P<type>\btype[\s:=]*(?P<type_number>\d{1,3})\b)",
        r"(?P<code>\bcode[\s:=]*(?P<code_number>\d{1,3})\b)",
        rf"(?P<at_least>(?:>=|≥|{_phrases('at_least')})\s*(?P<least>{number}))",
        rf"(?P<greater>(?:>|{_phrases('greater')})\s*(?P<above>{number}))",
        rf"(?P<at_most>(?:<=|≤|{_phrases('at_most')})\s*(?P<most>{number}))",
        rf"(?P<less>(?:<|{_phrases('less')})\s*(?P<below>{number}))",
        rf"(?P<between>{_phrases('between')}\s*(?P<low>{number})\s*{_phrases('conjunction')}\s*(?P<high>{number}))",
        rf"(?P<spanned>\brange\s+(?P<from>{number})\s+(?P<to>{number})(?!\s*[-\d]))",
        rf"(?P<range>(?P<first>{number})\s*(?:{between})\s*(?P<last>\d{{1,6}}{behind}))",
        rf"(?P<colon>(?P<colon_first>{number}):(?P<colon_last>\d{{1,6}}(?![\d{_LETTERS}])))",
        rf"(?P<plus>(?P<plus_number>{number}){_above()})",
        r"(?P<any_port>\b(?:any|all)\sports?\b)",
        rf"(?P<numbered>{_protocol_number()})",
        # Names of services that hold the name of another one (`secure-mqtt`).
        rf"(?P<service>{services})",
        rf"(?P<protocol>{protocol})",
        rf"(?P<label>{pattern(vocabulary.application_words())})",
        rf"(?P<number>{number})",
        rf"(?P<any>{pattern(vocabulary.words('words', 'any'))})",
        r"(?P<separator>[,;、，；|&+/]|\s-\s|\sund\s)",
        r"(?P<open>[(（\[])|(?P<close>[)）\]])",
        rf"(?P<filler>{fillers})",
        rf"(?P<word>[{_UNSPACED}]+|\w(?:[.'’-]|[^\W{_UNSPACED}])*|\S)",
    )
    return re.compile("|".join(parts), re.IGNORECASE)


@functools.lru_cache(maxsize=16384)
def tokenize(line: str) -> tuple[Token, ...]:
    """Return the tokens of one cleaned line."""
    found: list[Token] = []
    depth = 0
    for match in _master().finditer(line):
        token = _token(match)._replace(start=match.start(), depth=depth)
        if token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth = max(depth - 1, 0)
        found.append(token)
    return tuple(found)


# The parts of the grammar that are a range -> its two ends; a text is the name of the group that holds the number, with what is
# added to it.
_RANGES: dict[str, tuple[int | tuple[str, int], int | tuple[str, int]]] = {
    "at_least": (("least", 0), MAX_PORT),
    "greater": (("above", 1), MAX_PORT),
    "at_most": (0, ("most", 0)),
    "less": (0, ("below", -1)),
    "between": (("low", 0), ("high", 0)),
    "spanned": (("from", 0), ("to", 0)),
    "range": (("first", 0), ("last", 0)),
    "colon": (("colon_first", 0), ("colon_last", 0)),
    "plus": (("plus_number", 0), MAX_PORT),
}


# The parts of the grammar that are tokens as they stand.
_PLAIN: dict[str, Kind] = {
    "placeholder": "placeholder",
    "reference": "reference",
    "any": "any",
    "any_port": "any-port",
    "separator": "separator",
    "open": "open",
    "close": "close",
    "filler": "filler",
}


def _token(match: re.Match[str]) -> Token:
    text, part = match.group(), match.lastgroup or "word"
    if part in _PLAIN:
        return Token(_PLAIN[part], text.strip())
    if part == "number":
        return Token("number", text, (int(text), int(text)))
    if part in _RANGES:
        first, last = (end if isinstance(end, int) else int(match[end[0]]) + end[1] for end in _RANGES[part])
        return Token("range", text, (first, last))
    if part == "arrow":
        arrow = _ARROW.match(text)
        side = arrow.lastgroup if arrow else "right"
        return Token("arrow", _ARROWS[side or "right"])
    if part == "type":
        return Token("type", text, (int(match["type_number"]), 0))
    if part == "code":
        return Token("code", text, (int(match["code_number"]), 0))
    if part == "numbered":
        return Token("protocol", text, words=(vocabulary.protocol_numbers()[int(match["ip_protocol"])].keyword,))
    return _named(part, text)


def _named(part: str, text: str) -> Token:
    """Return the token of a protocol, of a label or of a word.

    Regular expressions ignore case one letter at a time, folding does not (`İ` matches `i` and folds to two letters): what is found
    and is not in the vocabulary is a word.
    """
    folded = vocabulary.fold(text)
    if part == "protocol" and (entry := vocabulary.protocol_words().get(folded)):
        return Token("protocol", text, words=(entry.keyword,))
    if part == "label" and (transports := vocabulary.application_words().get(folded)):
        return Token("label", text, words=transports)
    return Token("word", text)
