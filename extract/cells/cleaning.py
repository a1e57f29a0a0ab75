"""A line of a cell in the form that the grammar of ports and protocols reads."""

from __future__ import annotations

import functools
import re
import unicodedata

from extract.cells import grammar
from extract.cells.marks import CIRCLED
from extract.read.text import NOTE_GLUED, NOTE_SIGNS
from extract.regex import late

MAX_PORT = 65535

# Between two sentences. Chinese and Japanese put no blank there.
SENTENCE_END = late(r"(?<=[.!?。！？])\s+(?=\S)|(?<=[。！？])(?=\S)")
_DASHES = late("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00ad]")
# Markdown raises what stands between two carets: `443^1^`.
_RAISED = r"\^[\[(]?(?:\d{1,2}|[a-z*])[\])]?\^"
FOOTNOTES = late(
    rf"^\[\d{{1,2}}\]\s++(?=[^\d]*+\d)|\[\^[^\]]{{0,40}}\]|(?<=[\w),;])\s?\[\d{{1,2}}\]|(?<=[\w)])[{NOTE_SIGNS}\u00b9\u00b2\u00b3\u2070\u2074-\u2079\u2080-\u2089]{{1,3}}(?=[\s,;]|$)|\(\*{{1,3}}\)|(?<=[\w),;]){_RAISED}|[†‡§\u00b9\u00b2\u00b3{CIRCLED}]|\u203b(?!\d)"
)
# The sign of a mark with its number: `443※1`, `443（※1）`. Behind a blank, it may stand in front of a port: `443 ※80`.
_NUMBERED = late(rf"(?<=\d){NOTE_GLUED}(?=[\s,;)]|$)|[(\uff08]\u203b\d{{0,2}}[)\uff09]")
# A mark between two numbers separates them (`443¹8443`): without it, they would become one number.
PARTING_MARKS = late(
    rf"(?<=\d)(?:\[\^[^\]]{{0,40}}\]|\[\d{{1,2}}\]|{_RAISED}|[{NOTE_SIGNS}\u00b9\u00b2\u00b3\u2070\u2074-\u2079\u2080-\u2089`{CIRCLED}])+(?=\d)"
)
_MARKUP = late(r"\\(?=[^\w\s])|`|\*\*(?=\S)|(?<=\S)\*\*|(?<!\w)__|__(?!\w)")
# Three digits that begin with 0, which no port number does.
_GROUPED_ZERO = late(r"(?<![\d.,])(\d{1,2})[,'’](0\d{2})(?![\d.,]*\d)")
_MAYBE_GROUPED = late(r"\d[,. '’]\d{3}")
# `TCP443`, `udp_53`, `443TCP`: the blank that the author left out. `tcp6` and `udp4` are words of their own.
_GLUED = late(r"(?<![A-Za-z0-9])(tcp|udp|sctp)[-_]?(?=\d{2})|(?<![\w.])(\d{1,5})(?=(?:tcp|udp|sctp)(?![A-Za-z0-9]))", re.IGNORECASE)
_JOINED = late(r"(?<![A-Za-z0-9_])(tcp|udp|sctp)_(?=(?:tcp|udp|sctp)(?![A-Za-z0-9_]))", re.IGNORECASE)


# In ASCII text, everything that cleaning changes begins with one of these characters. The leading set lets the search skip all others.
_UNCLEAN = late(r"[\[*`\\_^\dPp](?:(?<=[\[*`\\_^])|(?<=\d)(?:[,. ']\d{3}|[TtUuSs][CcDd])|(?<=[Pp])-?\d\d)")


@functools.lru_cache(maxsize=2048)
def clean(text: str) -> str:
    """Return a cell line in the form that the grammar reads: NFKC, one kind of dash, no footnote marks, no thousands separators."""
    return text.strip() if text.isascii() and not _UNCLEAN.search(text) else cleaned(text)


def cleaned(text: str) -> str:
    """Return what cleaning makes of any line."""
    text = FOOTNOTES.sub("", _MARKUP.sub("", PARTING_MARKS.sub(" ", _NUMBERED.sub("", text))))
    text = _ungroup(_plain(text).replace("\u301c", "~"))
    return _JOINED.sub(r"\1/", _GLUED.sub(_part, text)).strip()


# Asked for each number of a cell.
@functools.lru_cache(maxsize=1024)
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
    return re.compile(rf"(?<![\d.,]){number}(\s*(?:{grammar.between()})\s*){number}(?![\d.,]*\d)", re.IGNORECASE)


@functools.cache
def _open_ended() -> tuple[re.Pattern[str], ...]:
    """Return what stands around the end of an open range: `> 49,151`, `49,152 and above`."""
    number = r"(?P<thousands>\d{1,2})[,.'’](?P<rest>\d{3})"
    return (
        re.compile(rf"(?:[<>≥≤]=?|{grammar.phrases('greater', 'at_least', 'less', 'at_most')})\s*{number}(?![\d.,]*\d)", re.IGNORECASE),
        re.compile(rf"(?<![\d.,]){number}(?={grammar.above()})", re.IGNORECASE),
    )
