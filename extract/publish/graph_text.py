"""How wide text is and where it breaks, by a table of our own: a drawing must not depend on the fonts of the machine that makes it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from extract.regex import late

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
# Widths in hundredths of the size of the font, those of wide sans serif faces: text that comes out narrower leaves some air.
_NARROW = frozenset("ijl.,:;'|!I`\N{MIDDLE DOT}")
_SLIM = frozenset('frt()[]{}-/\\"* \N{NO-BREAK SPACE}')
_BROAD = frozenset("mwMW@%\N{EM DASH}\N{HORIZONTAL ELLIPSIS}")
# Text breaks behind these marks; behind those in addresses only where what stands between two of these is longer than a line.
_PIECE = late(r"[^ \-_]*[ \-_]*")
_SMALL_PIECE = late(r"[^/.:@]*[/.:@ \-_]*")


def width(text: str, size: float) -> int:
    """Return how wide a text is at a size of the font."""
    return round(sum(map(_hundredths, text)) * size / 100)


def _hundredths(sign: str) -> int:
    if sign in _NARROW:
        return 32
    if sign in _SLIM:
        return 39
    if sign in _BROAD:
        return 95
    if not sign.isascii():
        if _is_joined(sign):
            return 0
        if unicodedata.east_asian_width(sign) in "WF":
            return 112
    return 69 if sign.isupper() else 60


def _is_joined(sign: str) -> bool:
    return unicodedata.category(sign) in ("Mn", "Me", "Cf")


def wrapped(text: str, size: float, room: int, rows: int) -> tuple[str, ...]:
    """Return a text in lines, `rows` at most, each as wide as `room` at most and all about as long; an ellipsis says that more follows.

    It breaks behind blanks, hyphens, underscores and the marks in addresses, and within what is longer than a line.
    """
    # No line holds more characters than narrow ones; what is behind them is cut off in any case.
    lines = _lines(text[: rows * room], size, room)
    if len(lines) > rows or len(text) > rows * room:
        return (*lines[: rows - 1], _ended(lines[min(rows, len(lines)) - 1], size, room))
    unbroken = [wide for piece in _PIECE.findall(text) if (wide := width(piece.rstrip(), size)) <= room]
    return tuple(_lines(text, size, narrowest(lambda less: len(_lines(text, size, less)), max(unbroken), room)))


def narrowest(rows: Callable[[int], int], low: int, room: int) -> int:
    """Return the least room, `low` or more, in which a text needs no more rows than in all of it.

    One long row and one short word look like a slip.
    """
    high, least = room, rows(room)
    while low < high:
        middle = (low + high) // 2
        if rows(middle) <= least:
            high = middle
        else:
            low = middle + 1
    return high


def _ended(line: str, size: float, room: int) -> str:
    while line and width(line + _ELLIPSIS, size) > room:
        line = line[:-1]
    return line.rstrip() + _ELLIPSIS


def _lines(text: str, size: float, room: int) -> list[str]:
    lines = [""]
    for piece in _PIECE.findall(text):
        if width((lines[-1] + piece).rstrip(), size) <= room:
            lines[-1] += piece
            continue
        for part in _parts(piece, size, room):
            if lines[-1] and width((lines[-1] + part).rstrip(), size) > room:
                lines.append("")
            lines[-1] += part
    return [line for line in map(str.strip, lines) if line] or [""]


def _parts(piece: str, size: float, room: int) -> Sequence[str]:
    """Return a piece as it is when it fits a line, else in parts that do; signs that join the one before them stay with it."""
    if width(piece.rstrip(), size) <= room:
        return [piece]
    smaller = [part for part in _SMALL_PIECE.findall(piece) if part]
    if len(smaller) > 1:
        return [part for one in smaller for part in _parts(one, size, room)]
    parts = [""]
    for sign in piece:
        if parts[-1] and not _is_joined(sign) and width(parts[-1] + sign, size) > room:
            parts.append("")
        parts[-1] += sign
    return parts
