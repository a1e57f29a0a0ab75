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
    r"(?P<both><\s?[-=]+\s?>|[\u2194\u21d4\u27f7\u21c4\u21c6])|(?P<right>(?<![<\d])[-=]+>|[\u2192\u21d2\u27f6\u2794\u279c\u27a1\u25b6])|(?P<left><[-=]+(?!\d)|[\u2190\u21d0\u27f5\u2b05\u25c0])"
)
_FOOTNOTES = re.compile(r"\[\^[^\]]*\]|\[\d{1,2}\]|(?<=[\w)])[*†‡§¹²³⁴⁵⁶⁷⁸⁹⁰]{1,3}(?=[\s,;]|$)|\(\*{1,3}\)|[†‡§¹²³]")
_MARKUP = re.compile(r"\\(?=[^\w\s])|`|\*\*(?=\S)|(?<=\S)\*\*|(?<!\w)__|__(?!\w)")
# 50,000-59,999 and 49 152-65 535: a separator before exactly three digits at both ends of a range, or before three digits that
# begin with 0, which no port number does. `80,443` stays a list.
_GROUPED = re.compile(r"(?<![\d.,])(\d{1,2})[,. '’](\d{3})(\s*(?:-|to|bis|à|a|~)\s*)(\d{1,2})[,. '’](\d{3})(?![\d.,]*\d)")
_GROUPED_ZERO = re.compile(r"(?<![\d.,])(\d{1,2})[,'’](0\d{2})(?![\d.,]*\d)")
# `TCP443`, `udp_53`: the blank that the author left out. `tcp6` and `udp4` are words of their own.
_GLUED = re.compile(r"(?<![A-Za-z0-9])(tcp|udp|sctp)[-_]?(?=\d{2})", re.IGNORECASE)


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


def clean(text: str) -> str:
    """Return a cell line in the form that the grammar reads: NFKC, one kind of dash, no footnote marks, no thousands separators."""
    text = _FOOTNOTES.sub("", _MARKUP.sub("", text))
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", text)).replace("\u301c", "~")
    text = _GROUPED.sub(r"\1\2\3\4\5", text)
    return _GLUED.sub(r"\1 ", _GROUPED_ZERO.sub(r"\1\2", text)).strip()


def ungrouped(text: str) -> bool:
    """Return whether cleaning joined thousands: the cell's numbers are then not literally in it."""
    folded = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    return bool(_GROUPED.search(folded) or _GROUPED_ZERO.search(folded))


@functools.cache
def _master() -> re.Pattern[str]:
    """The token grammar as one pattern; the order of its parts is the precedence."""
    pattern = vocabulary.pattern_of
    between = "|".join(
        re.escape(word) if not word[0].isalpha() else rf"\s{re.escape(word)}\s"
        for word in sorted(vocabulary.words("words", "range"), key=len, reverse=True)
    )
    phrases = sorted(vocabulary.words("words", "above") - {"+"}, key=len, reverse=True)
    # `1024+`, but not `514 + 6514` or `80+443`: there the sign joins two ports.
    above = r"\+(?!\s*\d)|" + "|".join(rf"\s*{re.escape(word)}" for word in phrases)
    number = r"(?<![\w.#$])\d{1,6}(?![\w%]|\.\d)"
    parts = (
        rf"(?P<arrow>{_ARROW.pattern.replace('?P<both>', '?:').replace('?P<right>', '?:').replace('?P<left>', '?:')})",
        r"(?P<placeholder><[^<>]*>|\{\{?[^{}]*\}?\}|\$\{?\w+\}?|%\w+%|\[[A-Za-z][^\]]*\])",
        r"(?P<address>(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?)",
        rf"(?P<reference>{pattern(vocabulary.words('words', 'reference'))}[\s.:#]*\d[\w.]*"
        r"|v\d+(?:\.\d+)*\b|\d+(?:\.\d+)+|\b(?:19|20)\d\d\s(?:r2|os|server|sp\d)\b)",
        r"(?P<type>\btype[\s:=]*(?P<type_number>\d{1,3})\b)",
        r"(?P<code>\bcode[\s:=]*(?P<code_number>\d{1,3})\b)",
        rf"(?P<greater>(?:>=|≥|>|\babove\s|\bover\s|\bgreater than\s|\bhigher than\s)\s*(?P<above_number>{number}))",
        rf"(?P<less>(?:<=|≤|<|\bbelow\s|\bless than\s|\bup to\s)\s*(?P<below_number>{number}))",
        rf"(?P<range>(?P<first>{number})\s*(?:{between})\s*(?P<last>\d{{1,6}}(?![\w%]|\.\d)))",
        rf"(?P<colon>(?P<colon_first>{number}):(?P<colon_last>\d{{1,6}}(?!\w)))",
        rf"(?P<plus>(?P<plus_number>{number})(?:{above}))",
        r"(?P<any_port>\b(?:any|all)\s(?:tcp\s|udp\s)?ports?\b|\ball high ports\b)",
        rf"(?P<protocol>{pattern(vocabulary.protocol_words())})",
        rf"(?P<label>{pattern(vocabulary.application_words())})",
        rf"(?P<number>{number})",
        rf"(?P<any>{pattern(vocabulary.words('words', 'any'))})",
        r"(?P<separator>[,;、，；|&+/]|\s-\s|\sund\s)",
        r"(?P<open>[(（\[])|(?P<close>[)）\]])",
        rf"(?P<filler>{pattern(vocabulary.words('words', 'conjunction') | vocabulary.words('words', 'port_filler'))})",
        r"(?P<word>[^\W\d_][\w.'’-]*|\S)",
    )
    return re.compile("|".join(parts), re.IGNORECASE)


@functools.lru_cache(maxsize=16384)
def tokenize(line: str) -> tuple[Token, ...]:
    """Return the tokens of one cleaned line."""
    found: list[Token] = []
    depth = 0
    for match in _master().finditer(line):
        token = _token(match, match.group(), depth)._replace(start=match.start())
        if token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth = max(depth - 1, 0)
        found.append(token)
    return tuple(found)


def _token(match: re.Match[str], text: str, depth: int) -> Token:
    group = match.groupdict()
    if group["arrow"]:
        arrow = _ARROW.match(text)
        side = arrow.lastgroup if arrow else "right"
        return Token("arrow", _ARROWS[side or "right"], depth=depth)
    if group["type"]:
        return Token("type", text, (int(group["type_number"]), 0), depth=depth)
    if group["code"]:
        return Token("code", text, (int(group["code_number"]), 0), depth=depth)
    if group["greater"]:
        first = int(group["above_number"]) + (0 if "=" in text or "≥" in text else 1)
        return Token("range", text, (first, MAX_PORT), depth=depth)
    if group["less"]:
        inclusive = "=" in text or "≤" in text or "up to" in text.lower()
        return Token("range", text, (0, int(group["below_number"]) - (0 if inclusive else 1)), depth=depth)
    if group["range"]:
        return Token("range", text, (int(group["first"]), int(group["last"])), depth=depth)
    if group["colon"]:
        return Token("range", text, (int(group["colon_first"]), int(group["colon_last"])), depth=depth)
    if group["plus"]:
        return Token("range", text, (int(group["plus_number"]), MAX_PORT), depth=depth)
    if group["protocol"]:
        return Token("protocol", text, words=(vocabulary.protocol_words()[vocabulary.fold(text)].keyword,), depth=depth)
    if group["label"]:
        return Token("label", text, words=vocabulary.application_words()[vocabulary.fold(text)], depth=depth)
    if group["number"]:
        return Token("number", text, (int(text), int(text)), depth=depth)
    for kind in ("placeholder", "reference", "any", "separator", "open", "close", "filler"):
        if group[kind]:
            return Token(kind, text.strip(), depth=depth)
    port = vocabulary.service_ports().get(vocabulary.fold(text))
    if port is not None and not depth:
        # `www, 443`: the name of a service in a list of ports.
        return Token("number", text, (port, port))
    if group["any_port"]:
        return Token("any-port", text, depth=depth)
    return Token("word", text, depth=depth)
