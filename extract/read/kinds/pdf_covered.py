"""Text of a PDF that something is drawn over: a bar in black or white that takes it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pdfminer.layout import LTChar, LTContainer, LTCurve, LTItem

from extract.read.kinds.pdf_file import Page
from extract.read.kinds.pdf_limits import PdfError
from extract.read.kinds.pdf_words import Box

# Text is looked for by its height, in steps of so many points.
_BAND = 10
# What is lower or narrower is a line, and what takes more of a page lies below its text or lets it through.
_THIN = 3
_LARGE = 0.25
# A page with more pairs of areas and signs was made to take time.
_MAX_PAIRS = 5_000_000


def covering(page: Page) -> list[Box]:
    """Return the areas that were filled when there was text below them. Raises PdfError where there are more than are compared."""
    height, largest = float(page.height), _LARGE * float(page.width * page.height)
    shown: dict[int, list[tuple[float, float]]] = defaultdict(list)
    found: list[Box] = []
    left = _MAX_PAIRS
    for one in _in_order(page.layout):
        if isinstance(one, LTChar):
            if one.get_text().strip():
                shown[int((one.y0 + one.y1) / 2 // _BAND)].append(((one.x0 + one.x1) / 2, (one.y0 + one.y1) / 2))
        elif isinstance(one, LTCurve) and one.fill and min(one.width, one.height) > _THIN and one.width * one.height < largest:
            bands = range(int(one.y0 // _BAND), int(one.y1 // _BAND) + 1)
            left -= len(bands)
            near = [place for band in bands for place in shown.get(band, ())] if left >= 0 else []
            left -= len(near)
            if left < 0:
                raise PdfError("it holds more areas and text than are compared")
            if any(one.x0 < x < one.x1 and one.y0 < y < one.y1 for x, y in near):
                found.append((one.x0, height - one.y1, one.x1, height - one.y0))
    return found


def _in_order(container: LTContainer[LTItem]) -> Iterator[LTItem]:
    """Yield what a page shows in the order in which it is drawn."""
    stack = [iter(container)]
    while stack:
        one = next(stack[-1], None)
        if one is None:
            stack.pop()
        elif isinstance(one, LTContainer) and not isinstance(one, LTChar):
            stack.append(iter(one))
        else:
            yield one
