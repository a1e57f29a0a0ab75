"""Text of a PDF that its readers do not take for what it says.

It is struck out, with a line through its middle or below an annotation that does so; or it is white on a white page. A page that holds more
of it than is compared is not read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pdfplumber.page import Page

from extract.read.kinds.pdf_limits import PdfError
from extract.read.kinds.pdf_notes import Notes

# A line that strikes out is so thin, in points.
_THIN = 2
# It goes through this part of a sign, from its top; a line below a word or around a cell does not.
_MIDDLE = (0.3, 0.7)
# Lines are looked for by their height, in steps of so many points.
_STEP = 0.5
_GRAYS = frozenset({"DeviceGray", "CalGray"})
# Areas are looked for by their height, in steps of so many points.
_BAND = 20
# A page with more pairs of lines or areas and signs was made to take time; and so was one that is higher.
_MAX_PAIRS = 3_000_000

Char = Mapping[str, Any]
_Span = tuple[float, float]


def struck_out(page: Page, notes: Notes) -> tuple[frozenset[int], frozenset[int]]:
    """Return the identities of the signs of a page that are struck out, and those of the lines that do so: they part no rows."""
    lines = [one for one in (*page.lines, *page.rects) if one["bottom"] - one["top"] <= _THIN < one["x1"] - one["x0"]]
    spans = _by_height([*lines, *({"x0": x0, "x1": x1, "top": at, "bottom": at} for x0, x1, at in notes.strikes)])
    struck = [char for char in page.chars if char["upright"] and char["text"].strip() and _is_crossed(char, spans)]
    return frozenset(map(id, struck)), _striking(struck, lines)


def _striking(struck: Sequence[Char], lines: Sequence[Char]) -> frozenset[int]:
    """Return the identities of the lines that go through signs."""
    levels: dict[int, list[Char]] = defaultdict(list)
    for line in lines if struck else ():
        levels[_level(line)].append(line)
    striking: set[int] = set()
    left = _MAX_PAIRS
    for char in struck:
        near = [line for level in _levels(char) for line in levels.get(level, ())]
        left -= len(near)
        if left < 0:
            raise PdfError("it holds more lines through its text than are compared with it")
        striking.update(id(line) for line in near if line["x0"] <= (char["x0"] + char["x1"]) / 2 <= line["x1"])
    return frozenset(striking)


def white_on_white(page: Page) -> frozenset[int]:
    """Return the identities of the signs of a page that are white and lie on nothing else."""
    white = [char for char in page.chars if char["text"].strip() and _is_white(char)]
    bands: dict[int, list[Char]] = defaultdict(list)
    left = _MAX_PAIRS
    for area in filter(_is_background, (*page.rects, *page.curves, *page.images) if white else ()):
        between = range(int(area["top"] // _BAND), int(area["bottom"] // _BAND) + 1)
        left -= len(between)
        for band in between if left >= 0 else ():
            bands[band].append(area)
    below = [bands.get(int((char["top"] + char["bottom"]) / 2 // _BAND), []) for char in white]
    if left - sum(map(len, below)) < 0:
        raise PdfError("it holds more text in white, and areas below it, than are compared")
    return frozenset(id(char) for char, near in zip(white, below, strict=True) if not any(_lies_on(char, area) for area in near))


def _is_background(drawn: Char) -> bool:
    return "fill" not in drawn or (bool(drawn["fill"]) and not _is_white(drawn))


def _is_white(drawn: Char) -> bool:
    color = drawn.get("non_stroking_color")
    parts = color if isinstance(color, (tuple, list)) else (color,)
    if not all(isinstance(part, (int, float)) for part in parts):
        return False
    if len(parts) == 4:
        return not any(parts)
    # One number in a colour space of its own may be any colour.
    return min(parts) >= 1 and (len(parts) == 3 or (len(parts) == 1 and drawn.get("ncs") in _GRAYS))


def _lies_on(char: Char, area: Char) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(area["x0"] <= x <= area["x1"] and area["top"] <= y <= area["bottom"])


def _by_height(lines: Sequence[Char]) -> dict[int, list[_Span]]:
    """Return from where to where lines go, by their height; what meets is one."""
    found: dict[int, list[_Span]] = {}
    for line in sorted(lines, key=lambda one: one["x0"]):
        spans = found.setdefault(_level(line), [])
        if spans and line["x0"] <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], line["x1"]))
        else:
            spans.append((line["x0"], line["x1"]))
    return found


def _level(line: Char) -> int:
    level: int = round((line["top"] + line["bottom"]) / 2 / _STEP)
    return level


def _levels(char: Char) -> range:
    """Return the heights at which a line goes through a sign."""
    height = char["bottom"] - char["top"]
    upper, lower = round((char["top"] + _MIDDLE[0] * height) / _STEP), round((char["top"] + _MIDDLE[1] * height) / _STEP)
    # A sign of a poster is no text of a table.
    return range(upper, min(lower, upper + 100) + 1)


def _is_crossed(char: Char, spans: Mapping[int, list[_Span]]) -> bool:
    middle = (char["x0"] + char["x1"]) / 2
    for height in _levels(char):
        level = spans.get(height, ())
        index = bisect_right(level, (middle, float("inf"))) - 1
        if index >= 0 and level[index][1] >= middle:
            return True
    return False
