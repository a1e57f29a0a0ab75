"""Tables without rules, and text that states none."""

from __future__ import annotations

from tests.roundtrip.draw import Draw
from tests.roundtrip.model import Block, Bullets, Cell, Grid, Heading, Note, Paragraph, Table


def quiet(draw: Draw) -> list[Block]:
    """Return a section around a table that states no rule."""
    chosen = draw.quiet()
    top, *rest = chosen["rows"]
    grid: Grid = [[Cell((text,), header=True) for text in top]]
    grid += [[Cell((text,)) for text in row] for row in rest]
    caption = chosen["title"] if draw.chance(0.2) else None
    return [Heading(2, chosen["title"]), Table(grid, caption, style={"layout": "no rules", "frame": "no rules"})]


def around(draw: Draw) -> list[Block]:
    """Return a paragraph, a list or a remark that says nothing of rules."""
    kind = draw.choose(("paragraph", "paragraph", "list", "note"))
    if kind == "list":
        return [Bullets(tuple(draw.sample(draw.all("text", "prose"), 3)))]
    text = draw.phrase("text", "prose" if kind == "paragraph" else "notes")
    return [Paragraph(text) if kind == "paragraph" else Note(text)]
