"""A page from a seed."""

from __future__ import annotations

from tests.roundtrip import html, layouts, markdown, quiet
from tests.roundtrip.draw import PRODUCTS, Draw
from tests.roundtrip.frames import draw_frames
from tests.roundtrip.model import Block, Page, Table
from tests.roundtrip.rows import rows_table

MARKUPS = ("asciidoc", "sphinx", "dita", "confluence", "word", "plain", "markdown", "markdown without outer pipes")
OTHER_LAYOUTS = (layouts.cards, layouts.matrix, layouts.ticks, layouts.ticks, layouts.direction_ticks, layouts.blocked)


def make_page(seed: int) -> Page:
    """Return the page of a seed: the same on every machine."""
    draw = Draw(seed)
    markup = draw.choose(MARKUPS)
    title = draw.phrase("titles", "page", product=draw.choose(PRODUCTS))
    intro = quiet.around(draw) if draw.chance(0.6) else []
    sections = [section(draw) for _ in range(draw.choose((1, 1, 2, 3)))]
    for blocks in sections:
        for table in tables_of(blocks):
            table.style |= {"language": draw.language, "markup": markup}
    return Page(seed, draw.language, markup, title, intro, sections)


def section(draw: Draw) -> list[Block]:
    """Return one section: a heading, a table or two, and text around them."""
    kind = draw.random.random()
    if kind < 0.15:
        blocks = quiet.quiet(draw)
    elif kind < 0.4:
        blocks = draw.choose(OTHER_LAYOUTS)(draw)
    else:
        blocks = []
        for frame in draw_frames(draw):
            blocks += [*frame.before, rows_table(draw, frame)]
    if draw.chance(0.25):
        blocks += quiet.around(draw)
    return blocks


def tables_of(blocks: list[Block]) -> list[Table]:
    return [block for block in blocks if isinstance(block, Table)]


def render(page: Page, sections: list[list[Block]] | None = None) -> str:
    """Return the text of a page, or of some of its sections."""
    chosen = page.sections if sections is None else sections
    blocks = [*page.intro, *[block for blocks in chosen for block in blocks]]
    if page.suffix == "md":
        return markdown.render(page, blocks)
    return html.render(page, blocks)
