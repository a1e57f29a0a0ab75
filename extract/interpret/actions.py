"""What the surroundings of a table say of the action of its rules: headings and captions, and the sentence right above it.

A list of ports to block has no action column as often as not. Read as a list of ports to open, it would open what it closes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from extract.cells import actions
from extract.interpret import context as ctx
from extract.model import Action, Said


def denial_of(context: ctx.Context) -> Said | None:
    """Return what says that the rules of a table deny, the nearest first; None when nothing does, or when something nearer allows."""
    for read, text, line, by in _places(context):
        if stated := read(text):
            return Said(stated, text, line, by) if stated == "deny" else None
    return None


def _places(context: ctx.Context) -> Iterator[tuple[Callable[[str], Action | None], str, int, str]]:
    """Yield what reads a text, the text with its line, and what it is."""
    if context.caption:
        yield actions.of_heading, context.caption.text, context.caption.line, "caption"
    for block in context.intro[:2]:
        if ctx.is_caption(block) or block is context.label:
            yield actions.of_heading, block.text, block.line, "line above the table"
        if block.kind == "paragraph" and block is context.intro[0]:
            yield actions.of_sentence, block.text, block.line, "introducing sentence"
    for heading, _ in context.sections:
        yield actions.of_heading, heading.text, heading.line, "heading"
    if context.title:
        yield actions.of_heading, context.title.text, context.title.line, "page title"
