"""Annotations of a page of a PDF (ISO 32000-2, 12.5): what they strike out, and what they show on top of its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from pdfminer.pdftypes import dict_value, list_value, num_value, resolve1
from pdfminer.psparser import PSLiteral, literal_name
from pdfplumber.page import Page

from extract.read.kinds.pdf_limits import PdfError
from extract.read.kinds.pdf_words import Box

# A draft with more was made to take time. Each line of what is struck out is an area.
_MAX_NOTES = 5_000
_POINTS = 8
# They draw, or write, over what stands below them.
_DRAWN = frozenset("FreeText Line Square Circle Polygon PolyLine Stamp Caret Ink Redact".split())
# What they hold stands on the page as well, or is no text.
_SILENT = frozenset("Link Popup".split())
# Hidden, and not shown on a screen (12.5.3).
_UNSEEN = 2 | 32
# A field of a form has its value from those that it is a part of.
_MAX_PARENTS = 8


class Notes(msgspec.Struct, frozen=True):
    """The annotations of a page."""

    # Lines that strike out, from where to where, and their heights.
    strikes: list[tuple[float, float, float]]
    # Areas that something is drawn or written on, which is not read.
    drawn: list[Box]
    # Whether there are words in them, or drawings.
    unread: bool


def notes_of(page: Page) -> Notes:
    """Return the annotations of a page. Raises PdfError where there are more than are read."""
    strikes: list[tuple[float, float, float]] = []
    drawn: list[Box] = []
    unread = False
    listed = list_value(page.page_obj.annots or [])
    if len(listed) > _MAX_NOTES:
        raise PdfError("it holds more annotations than are read of a page")
    for one in listed:
        note = dict_value(one)
        kind = _name(note.get("Subtype"))
        if kind == "StrikeOut":
            strikes += _lines(page, note)
            if len(strikes) > _MAX_NOTES:
                raise PdfError("it strikes out more lines than are read of a page")
        flags = resolve1(note.get("F"))
        if kind in _SILENT or (isinstance(flags, int) and flags & _UNSEEN):
            continue
        if kind in _DRAWN or (kind == "Widget" and _is_filled(note)):
            drawn += _areas(page, list_value(note.get("Rect") or []), 4)
            unread = True
        unread = unread or bool(kind != "Widget" and _text(note.get("Contents")))
    return Notes(strikes=strikes, drawn=drawn, unread=unread)


def _name(value: object) -> str:
    found = resolve1(value)
    return str(literal_name(found)) if isinstance(found, PSLiteral) else ""


def _text(value: object) -> bytes:
    found = resolve1(value)
    return found.strip(b"\0 \r\n\t\xfe\xff") if isinstance(found, bytes) else b""


def _is_filled(field: Mapping[str, object]) -> bool:
    for _ in range(_MAX_PARENTS):
        value = resolve1(field.get("V"))
        if value is not None:
            return bool(_text(value)) if isinstance(value, bytes) else _name(value) not in ("", "Off")
        field = dict_value(field.get("Parent") or {})
    return False


def _lines(page: Page, note: Mapping[str, object]) -> Iterator[tuple[float, float, float]]:
    """Yield lines through the middle of the areas that an annotation marks."""
    points = list_value(note.get("QuadPoints") or [])
    if len(points) > _POINTS * _MAX_NOTES:
        raise PdfError("it strikes out more lines than are read of a page")
    for x0, top, x1, bottom in _areas(page, points, _POINTS) if points else _areas(page, list_value(note.get("Rect") or []), 4):
        yield x0, x1, (top + bottom) / 2


def _areas(page: Page, numbers: Sequence[object], count: int) -> Iterator[Box]:
    """Yield the areas around so many numbers each, which are points from the left and from below."""
    values = [float(num_value(one)) for one in numbers]
    for start in range(0, len(values) - count + 1, count):
        places = [_placed(page, values[at], values[at + 1]) for at in range(start, start + count, 2)]
        xs, ys = zip(*places, strict=True)
        yield min(xs), min(ys), max(xs), max(ys)


def _placed(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where a point is on a page as it is shown, from the left and from the top."""
    x0, y0, x1, y1 = page.page_obj.mediabox
    turned = {90: (y - y0, x1 - x), 180: (x1 - x, y1 - y), 270: (y1 - y, x - x0)}
    across, up = turned.get(page.rotation, (x - x0, y - y0))
    return across, float(page.height) - up
