"""What stands below a table and begins with the mark of a note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from extract.model import Block, Cell, Grid, Page
from extract.read.text import NOTE_SIGNS, sign_of
from extract.regex import late

# So many blocks behind a table are looked at, and so many rows of a table of notes. A longer text is no note.
_BLOCKS = 80
_ROWS = 40
_CHARS = 5_000
_SIGN_CHARS = 8
_RAISED = r"\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2460-\u2473"
# What a note may begin with: a sign, or one or two words and a sign.
_MARKED = late(
    rf"[\[(\uff08]?(?:[^\W_]{{1,3}}[\]).:\uff09\uff1a]|\d{{1,2}}\s|[{NOTE_SIGNS}#])|\^|[{_RAISED}]|\[!"
    rf"|[^\W\d_]{{1,20}}(?:\s[^\W\d_]{{1,10}})?\s?[:\uff1a]?\s?(?:[\[(\uff08]|\d{{1,2}}(?!\d)|[{NOTE_SIGNS}{_RAISED}])"
)
_SIGN = late(rf"(?P<open>[\[(\uff08])?(?:\d{{1,2}}|[a-z]|[{NOTE_SIGNS}#]{{1,3}}\d{{0,2}}|[{_RAISED}])[\]).:\uff09]?")
_SENTENCE_END = (".", ";", "!", "?", "\u3002", "\uff1b", " ")


class Legend(msgspec.Struct, frozen=True):
    """A text that begins with a mark, or that has the `mark` in front of it: `1`, `1:` of a cell of its own, `1.` of an item of a list."""

    text: str
    line: int
    mark: str
    # How many other tables stand between.
    tables: int
    # The heading between, and the words in front of the mark: where there are some, they must say that notes follow.
    under: tuple[str, ...]
    # Of an item that a list numbers: the text in front of the list.
    after: str = ""


def below(page: Page, index: int) -> Iterator[Legend]:
    """Yield what may be a note on the table that is block `index` of a page. The notes of several tables may stand below the last one."""
    # What stands around a layout table is about the tables in it.
    scopes, tables, under = {0, *page.blocks[index].scopes}, 0, ""
    # The sign that stands in a block of its own, in front of the note.
    alone = after = ""
    for block in page.blocks[index + 1 : index + 1 + _BLOCKS]:
        if block.kind == "title":
            return
        if block.kind == "heading":
            under = block.text
        elif block.scope not in scopes:
            continue
        elif block.kind == "table":
            tables += 1
            yield from _in_table(page.grids[block.level - 1], tables, (under,) * bool(under))
        elif block.kind in ("paragraph", "item", "strong") and len(block.text) <= _CHARS:
            before, alone = alone, _alone(block)
            after = after if block.kind == "item" else block.text
            for mark, text, lead in _notes(block, before) if not alone else ():
                yield Legend(text, block.line, mark, tables, tuple(filter(None, (under, lead))), after)


def _notes(block: Block, before: str) -> Iterator[tuple[str, str, str]]:
    """Yield the notes that a block may hold: the mark in front of each, its text, and the words in front of both."""
    if not block.marked:
        if block.mark or before or _MARKED.match(block.text):
            yield block.mark or before, block.text, ""
        return
    lead = "" if block.mark else block.marked[0][1].strip()
    marked = block.marked if block.mark else block.marked[1:]
    for number, (sign, _) in enumerate(marked):
        if sign:
            yield sign, _up_to_the_next(marked[number:]), lead
    if not block.mark and _MARKED.match(block.text):
        yield "", block.text, ""


def _up_to_the_next(marked: Sequence[tuple[str, str]]) -> str:
    """Return the first text, with those behind it that are no notes of their own: a mark right behind a word only refers to one."""
    found = marked[0][1]
    for _, text in marked[1:]:
        if found.endswith(_SENTENCE_END):
            break
        found += text
    return found.strip()


def _alone(block: Block) -> str:
    return _sign(block.text) if not block.mark and not block.marked and len(block.text) <= _SIGN_CHARS else ""


def _sign(text: str) -> str:
    """Return the sign that a text is, with a colon behind it where it may be a number like any other; empty where it is none."""
    match = _SIGN.fullmatch(text)
    if match is None:
        return ""
    return f"{sign_of(text)}:" if text[0].isalnum() and text[0].isascii() and not match["open"] else sign_of(text)


def _in_table(grid: Grid, tables: int, under: tuple[str, ...]) -> Iterator[Legend]:
    """Yield the rows of a table of notes: a sign and its note, in one cell or two."""
    if grid.width > 2:
        return
    for row in grid.rows[:_ROWS]:
        cells = [cell for cell in dict.fromkeys(row.slots) if cell is not None]
        if len(cells) == 1 and _MARKED.match(cells[0].text):
            yield Legend(cells[0].text, row.line, "", tables, under)
        elif len(cells) == 2 and (mark := _mark(cells[0])):
            yield Legend(cells[1].text, row.line, mark, tables, under)


def _mark(cell: Cell) -> str:
    """Return the sign that is all of a cell."""
    if not cell.lines:
        return cell.marks[0].sign if cell.marks else ""
    return _sign(cell.text) if len(cell.text) <= _SIGN_CHARS else ""
