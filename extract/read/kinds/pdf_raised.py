"""The marks of notes on a page of a PDF: small numbers beside a larger sign, above or below its line.

They are written as raised numbers on the line of that sign: 443 with a mark is no port 4431, and no port 1 above it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any

from extract.read.kinds.pdf_limits import PdfError

_RAISED = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
# A mark is so much smaller than what it belongs to, so near to it, and so much higher or lower: all in sizes of the larger sign.
_SMALL, _NEAR, _HIGHER, _LOWER = 0.8, 0.3, 0.2, 0.08
# What stands between several marks, and around one; a longer number is none.
_BETWEEN = ",()[]"
_APART = str.maketrans(_BETWEEN, " " * len(_BETWEEN))
_LONGEST = 2
# Signs are looked for by their height, in steps of so many points.
_BAND = 10
# A page with more pairs of signs at one place was made to take time.
_MAX_PAIRS = 1_000_000

Char = dict[str, Any]
_Place = tuple[int, int]


def settled(chars: Sequence[Char]) -> list[Char]:
    """Return the signs of a page, marks as raised numbers on the line that they belong to. Raises PdfError for too many signs."""
    large, small = _sized(chars)
    if not small:
        return list(chars)
    owners = _owners([*large, *small], small)
    marks: dict[int, list[Char]] = defaultdict(list)
    for char in small:
        if id(char) in owners:
            marks[id(owners[id(char)])].append(char)
    short = {id(char) for mark in marks.values() if _is_short(mark) for char in mark}
    return [_on_line(char, owners[id(char)]) if id(char) in short else char for char in chars]


def _sized(chars: Sequence[Char]) -> tuple[list[Char], list[Char]]:
    """Return the signs that may have marks, and from the left those that may be marks."""
    upright = [char for char in chars if char["upright"]]
    most = _SMALL * max((char["size"] for char in upright), default=0)
    small = [char for char in upright if char["size"] <= most and _may_be_mark(char["text"])]
    least = min((char["size"] for char in small), default=inf) / _SMALL
    large = [char for char in upright if char["size"] >= least and char["text"].strip()]
    # Most pages have larger text in a heading alone, and no number near it.
    bands = {_band(char) + step for char in large for step in (-1, 0, 1)}
    return large, sorted((char for char in small if _band(char) in bands), key=lambda one: one["x0"])


def _owners(chars: Sequence[Char], small: Sequence[Char]) -> dict[int, Char]:
    """Return the larger signs that small ones, given from the left, belong to: those before them, else those behind."""
    beside = _Beside(chars)
    owners: dict[int, Char] = {}
    for before, given in ((True, small), (False, small[::-1])):
        for char in given:
            if id(char) not in owners and (owner := beside.owner(char, owners, before=before)) is not None:
                owners[id(char)] = owner
    return owners


def _band(char: Char) -> int:
    return int(char["bottom"] // _BAND)


def _may_be_mark(text: str) -> bool:
    return text in _BETWEEN or (text.isascii() and text.isdecimal())


def _is_short(mark: Iterable[Char]) -> bool:
    numbers = "".join(char["text"] for char in mark).translate(_APART).split()
    return 0 < max(map(len, numbers), default=0) <= _LONGEST


def _on_line(char: Char, owner: Char) -> Char:
    moved = owner["top"] - char["top"]
    return {
        **char,
        "text": char["text"].translate(_RAISED),
        "top": owner["top"],
        "bottom": owner["bottom"],
        "doctop": char["doctop"] + moved,
    }


class _Beside:
    """What stands right before a sign, and right behind it."""

    def __init__(self, chars: Iterable[Char]) -> None:
        self._ends: dict[_Place, list[Char]] = defaultdict(list)
        self._starts: dict[_Place, list[Char]] = defaultdict(list)
        self._left = _MAX_PAIRS
        for char in chars:
            self._ends[round(char["x1"]), _band(char)].append(char)
            self._starts[round(char["x0"]), _band(char)].append(char)

    def owner(self, char: Char, owners: Mapping[int, Char], *, before: bool) -> Char | None:
        """Return the larger sign that a small one stands beside, alone or with other small ones between."""
        found: Char | None = None
        for one in self._near(char, before=before):
            gap = char["x0"] - one["x1"] if before else one["x0"] - char["x1"]
            if not -1 <= gap <= _NEAR * max(one["size"], char["size"]):
                continue
            if id(one) in owners and one["size"] == char["size"] and abs(one["bottom"] - char["bottom"]) < 1:
                return owners[id(one)]
            if char["size"] <= _SMALL * one["size"] and _is_off(char, one):
                found = one
        return found

    def _near(self, char: Char, *, before: bool) -> Iterable[Char]:
        places, edge, step = (self._ends, char["x0"], -1) if before else (self._starts, char["x1"], 1)
        band = _band(char)
        # The larger sign of a mark has at most twice its size.
        reach = int(2 * _NEAR * char["size"]) + 2
        for across in range(-2, reach):
            for down in (band - 1, band, band + 1):
                near = places.get((round(edge) + step * across, down), [])
                self._left -= len(near)
                if self._left < 0:
                    raise PdfError("it holds more text at one place than is looked through for the marks of notes")
                yield from near


def _is_off(char: Char, owner: Char) -> bool:
    """Return whether a sign stands above the line of another one; or below it, behind a digit: `CO2` with a low number has no mark."""
    above = owner["bottom"] - char["bottom"]
    if above > 0:
        return bool(_HIGHER * owner["size"] < above and char["bottom"] > owner["top"])
    return bool(-above > _LOWER * owner["size"] and char["top"] < owner["bottom"] and owner["text"].isdecimal())
