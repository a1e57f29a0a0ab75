"""Text of a PDF that its readers do not take for what it says.

It is struck out, with a line through its middle or below an annotation that does so; or it is white on a white page.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pdfminer.pdftypes import dict_value, list_value, num_value, resolve1
from pdfminer.psparser import literal_name
from pdfplumber.page import Page

# A line that strikes out is so thin, in points.
_THIN = 2
# It goes through this part of a sign, from its top; a line below a word or around a cell does not.
_MIDDLE = (0.3, 0.7)
# Lines are looked for by their height, in steps of so many points.
_STEP = 0.5
_GRAYS = frozenset({"DeviceGray", "CalGray"})
# A draft with more notes was made to take time; and so were so many pairs of lines and signs.
_MAX_NOTES = 5_000
_MAX_PAIRS = 1_000_000

Char = Mapping[str, Any]
_Span = tuple[float, float]


def struck_out(page: Page) -> tuple[frozenset[int], frozenset[int]]:
    """Return the identities of the signs of a page that are struck out, and those of the lines that do so: they part no rows."""
    lines = [one for one in (*page.lines, *page.rects) if one["bottom"] - one["top"] <= _THIN < one["x1"] - one["x0"]]
    spans = _by_height([*lines, *itertools.islice(_notes(page), _MAX_NOTES)])
    struck = [char for char in page.chars if char["upright"] and char["text"].strip() and _is_crossed(char, spans)]
    if not struck or len(struck) * len(lines) > _MAX_PAIRS:
        return frozenset(map(id, struck)), frozenset()
    return frozenset(map(id, struck)), frozenset(id(line) for line in lines if any(_crosses(line, char) for char in struck))


def white_on_white(page: Page) -> frozenset[int]:
    """Return the identities of the signs of a page that are white and lie on nothing else."""
    white = [char for char in page.chars if char["text"].strip() and _is_white(char)]
    areas = [one for one in (*page.rects, *page.curves, *page.images) if "fill" not in one or (one["fill"] and not _is_white(one))]
    if len(white) * len(areas) > _MAX_PAIRS:
        return frozenset()
    return frozenset(id(char) for char in white if not any(_lies_on(char, area) for area in areas))


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
        spans = found.setdefault(round((line["top"] + line["bottom"]) / 2 / _STEP), [])
        if spans and line["x0"] <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], line["x1"]))
        else:
            spans.append((line["x0"], line["x1"]))
    return found


def _band(char: Char) -> _Span:
    height = char["bottom"] - char["top"]
    return char["top"] + _MIDDLE[0] * height, char["top"] + _MIDDLE[1] * height


def _is_crossed(char: Char, spans: Mapping[int, list[_Span]]) -> bool:
    upper, lower = _band(char)
    middle = (char["x0"] + char["x1"]) / 2
    # A sign of a poster is no text of a table.
    for height in range(round(upper / _STEP), min(round(lower / _STEP), round(upper / _STEP) + 100) + 1):
        level = spans.get(height, ())
        index = bisect_right(level, (middle, float("inf"))) - 1
        if index >= 0 and level[index][1] >= middle:
            return True
    return False


def _crosses(line: Char, char: Char) -> bool:
    upper, lower = _band(char)
    height = (line["top"] + line["bottom"]) / 2
    return bool(upper - _STEP <= height <= lower + _STEP and line["x0"] <= (char["x0"] + char["x1"]) / 2 <= line["x1"])


def _notes(page: Page) -> Iterator[Char]:
    """Yield the annotations that strike out (ISO 32000-2, 12.5.6.10) as lines through the middle of their areas."""
    if page.rotation:
        return
    left, top = page.page_obj.mediabox[0], page.page_obj.mediabox[3]
    for one in list_value(page.page_obj.annots or [])[:_MAX_NOTES]:
        note = dict_value(one)
        if "Subtype" not in note or literal_name(resolve1(note["Subtype"])) != "StrikeOut":
            continue
        points = [float(num_value(value)) for value in list_value(note.get("QuadPoints") or [])[: 8 * _MAX_NOTES]]
        for start in range(0, len(points) - 7, 8):
            xs, height = points[start : start + 8 : 2], top - sum(points[start + 1 : start + 8 : 2]) / 4
            yield {"x0": min(xs) - left, "x1": max(xs) - left, "top": height, "bottom": height}
