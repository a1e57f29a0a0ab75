"""What is repeated at the same place of several pages of a PDF: their headers and footers."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from extract.read.kinds.pdf_grid import Table
from extract.read.kinds.pdf_page import PageContent
from extract.read.kinds.pdf_words import Line
from extract.regex import late

# The parts of a page, from the top and from the bottom, in which what is repeated on other pages is left out.
_MARGIN = 0.12
_REPEATED = 3
# Text that is so much larger than most may be a heading, where others of its kind stand in the text.
_LARGE = 1.3
# The numbers of pages begin so many pages before or behind the first one.
_BEGUN = 100
# No number of a page is longer.
_LONGEST = 9
_DIGITS = late(r"\d+")

_Block = Line | Table
_Place = tuple[PageContent, _Block]


def take_off(pages: Sequence[PageContent]) -> list[int]:
    """Take off headers and footers, and return the pages of which a table was taken for one."""
    placed: dict[tuple[str, int], list[_Place]] = {}
    for page in pages:
        for block in page.blocks:
            if _is_in_margin(block, page.height):
                placed.setdefault((_DIGITS.sub("#", _text(block)), round(_top(block) / 4)), []).append((page, block))
    headings = _headings(pages)
    enough = min(_REPEATED, max(len(pages), 2))
    furniture = [places for places in placed.values() if len(places) >= enough and _is_furniture(places, len(pages), headings)]
    gone = list(itertools.chain.from_iterable(furniture))
    taken = {id(block) for _, block in gone}
    for page in pages:
        page.blocks = [block for block in page.blocks if id(block) not in taken]
    return sorted({page.number for page, block in gone if isinstance(block, Table)})


def _headings(pages: Sequence[PageContent]) -> set[tuple[float, bool]]:
    """Return how large and how bold the headings in the text are: what looks like them in a margin may be one."""
    least = _LARGE * usual_size(pages)
    blocks = [(block, page.height) for page in pages for block in page.blocks]
    lines = [block for block, height in blocks if isinstance(block, Line) and not _is_in_margin(block, height)]
    return {(line.size, line.bold) for line in lines if line.size > least}


def usual_size(pages: Sequence[PageContent]) -> float:
    """Return the size of most letters of a document, 0 where it has none."""
    sizes: Counter[float] = Counter()
    for page in pages:
        sizes.update(page.sizes)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _is_furniture(places: Sequence[_Place], pages: int, headings: set[tuple[float, bool]]) -> bool:
    """Return whether what is repeated stands around the text. Rows of tables that differ in their ports, and headings, are no furniture."""
    first = places[0][1]
    if isinstance(first, Line):
        return (first.size, first.bold) not in headings
    if 2 * len(places) <= pages:
        return False
    numbers = [[int(digits[-_LONGEST:]) - page.number for digits in _DIGITS.findall(_text(block))] for page, block in places]
    shifts = [page.number - places[0][0].number for page, _ in places]
    return all(
        len({value + shift for value, shift in zip(column, shifts, strict=True)}) == 1 or (len({*column}) == 1 and abs(column[0]) < _BEGUN)
        for column in zip(*numbers, strict=True)
    )


def _is_in_margin(block: _Block, height: float) -> bool:
    bottom = block.bottom if isinstance(block, Line) else block.box[3]
    return bottom <= _MARGIN * height or _top(block) >= (1 - _MARGIN) * height


def _top(block: _Block) -> float:
    return block.top if isinstance(block, Line) else block.box[1]


def _text(block: _Block) -> str:
    return block.text if isinstance(block, Line) else "\n".join(line for row in block.rows for cell in row for line in cell.lines)
