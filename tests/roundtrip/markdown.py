"""Blocks as Markdown with pipe tables."""

from __future__ import annotations

import re

from tests.roundtrip.model import Block, Bullets, Cell, Grid, Heading, Note, Page, Paragraph, Table

_SIGNS = re.compile(r"([\\*_|<>\[\]`~])")


def render(page: Page, blocks: list[Block]) -> str:
    outer = page.markup == "markdown"
    written = [f"# {escape(page.title)}"]
    for block in blocks:
        written.append(_table(block, outer) if isinstance(block, Table) else _text(block))
    return "\n\n".join(written) + "\n"


def escape(text: str) -> str:
    """Return text without signs that mean something to Markdown."""
    return _SIGNS.sub(r"\\\1", text)


def _text(block: Heading | Paragraph | Bullets | Note) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {escape(block.text)}"
    if isinstance(block, Paragraph):
        return f"**{escape(block.text)}**" if block.bold else escape(block.text)
    if isinstance(block, Bullets):
        return "\n".join(f"- {escape(item)}" for item in block.items)
    return f"> {escape(block.text)}"


def _table(table: Table, outer: bool) -> str:
    """Return a pipe table, which has neither spans nor tables without a header."""
    rows: Grid = list(table.grid)
    width = len(rows[0])
    if table.head == 0:
        rows.insert(0, [Cell(), *[Cell()] * (width - 1)])
    filled = _without_spans(rows)
    # Without a pipe at its end an empty cell would be lost, and a dash in front would begin a list.
    outer = outer or any(line[0].text in ("", "-") or not line[-1].text for line in filled)
    lines = [_line([_cell(cell) for cell in row], outer) for row in filled]
    lines.insert(1, _line(["---"] * width, outer))
    caption = f"**{escape(table.caption)}**\n\n" if table.caption else ""
    return caption + "\n".join(lines)


def _without_spans(rows: Grid) -> list[list[Cell]]:
    """Return rows in which a merged cell is written again in each row, and the label of a group has empty cells beside it."""
    filled: list[list[Cell]] = []
    for row in rows:
        label = row[0] is not None and row[0].colspan > 1
        above = filled[-1] if filled and not label else [Cell()] * len(row)
        filled.append([cell or above[column] for column, cell in enumerate(row)])
    return filled


def _line(cells: list[str], outer: bool) -> str:
    return f"| {' | '.join(cells)} |" if outer else " | ".join(cells)


def _cell(cell: Cell) -> str:
    return "<br>".join(escape(line) for line in cell.lines)
