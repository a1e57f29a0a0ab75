"""The places around a table that can say something about its rules, nearest first."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Reversible, Sequence
from typing import Literal

import msgspec

from extract.model import Block, Grid, Page, Scope
from extract.read import legends
from extract.regex import late

# How far above a table a sentence can still introduce it, in blocks of its own section.
_REACH = 24
# How far below a table a note is looked for, in blocks.
_BELOW = 4
# A paragraph of more words is no label.
_LABEL_WORDS = 8
BEHIND = 24
"""The distance of notes: they are behind all else around a table, for only the marks in its cells refer to them."""
# What generators put behind a heading, as a link to itself.
_PILCROW = "\u00b6"
# What generators put before a caption: `Table 3. `, `Tabelle 3-1: `.
_NUMBERED = late(r"^\w+\s+\d+(?:[.-]\d+)*[.:]\s+(?=\S)")
# In a page title, the name of the site or book follows this.
_SITE = late(" [|\u2013\u2014\u00b7-] | :: ")
_CLOSED = (".", "!", "?", "。", "！", "？")
_COLONS = (":", "：")

Kind = Literal[
    "caption",
    "title row",  # a row above the header that fills the width of the table
    "line above the table",  # in bold, or short and ending in a colon
    "plain line above the table",  # right above it, and no sentence
    "introducing sentence",
    "sentence below the table",
    "note below the table",  # begins with a mark, to which marks in the cells of the table refer
    "heading",
    "sentence that introduces the section",
    "page title",
    "sentence about the whole page",  # a sentence that stands above the first table of the page
]
TITLES: frozenset[Kind] = frozenset({"caption", "title row", "line above the table", "plain line above the table", "heading", "page title"})
"""The kinds of places whose text is a title and no sentence."""


class Place(msgspec.Struct, frozen=True):
    """A piece of text around a table."""

    kind: Kind
    text: str
    line: int
    scope: Scope
    # How many blocks of the same kind of scope are nearer to the table. For headings: how many headings stand between.
    distance: int = 0
    # Whether it may be the name of a component: the one heading on top of a page is the title of the page.
    named: bool = True
    # Of a note: the signs of the marks that it begins with, or the number of an item (`1.`), where they are none of its text; and the
    # heading and the words between it and the table; and the text in front of a list.
    mark: str = ""
    under: tuple[str, ...] = ()
    after: str = ""

    @property
    def is_title(self) -> bool:
        """Whether the text is a title and no sentence."""
        return self.kind in TITLES


Around = Callable[[], tuple[Place, ...]]
"""Gives the places around a table when they are asked for: most tables are no rule tables, whatever stands around them."""


def around(page: Page) -> dict[int, tuple[Place, ...]]:
    """Return the places around every table of a page, nearest first, by table number."""
    walk = _Walk(page)
    for index, block in enumerate(page.blocks):
        walk.take(index, block)
    return walk.found


class _Section:
    """The parts of a section that are kept: its first and its last blocks, each one more than is needed (see `forget_table`)."""

    def __init__(self, heading: Block | None) -> None:
        self.heading = heading
        self.first: list[Block] = []
        self.last: deque[Block] = deque(maxlen=_REACH + 1)

    def add(self, block: Block) -> None:
        if len(self.first) <= _REACH:
            self.first.append(block)
        self.last.append(block)

    def forget_table(self) -> None:
        """Leave out the last table."""
        table = next((block for block in itertools.chain(reversed(self.last), reversed(self.first)) if block.kind == "table"), None)
        for blocks in (self.first, self.last):
            for index in range(len(blocks) - 1, -1, -1):
                if blocks[index] is table:
                    del blocks[index]

    def copy(self) -> _Section:
        twin = _Section(self.heading)
        twin.first, twin.last = self.first.copy(), self.last.copy()
        return twin


class _Walk:
    """Goes through the blocks of a page once, and knows which sections are open."""

    def __init__(self, page: Page) -> None:
        self.found: dict[int, tuple[Place, ...]] = {}
        self._page = page
        self._title = next((block for block in page.blocks if block.kind == "title"), None)
        levels = [block.level for block in page.blocks if block.kind == "heading"]
        # A lone heading of the highest level is the title of the page, however many sections there are below it.
        self._top = min(levels, default=0) if levels.count(min(levels, default=0)) == 1 else 0
        self._stacks: dict[int, list[_Section]] = {0: [_Section(None)]}
        # The text above the first table of the page, below one heading at most.
        self._general: list[Place] = []
        self._seen_table = False

    def take(self, index: int, block: Block) -> None:
        """Take the next block."""
        stack = self._stack_of(block)
        if block.kind == "table":
            grid = self._page.grids[block.level - 1]
            below = self._page.blocks[index + 1 : index + 1 + _BELOW]
            notes = [
                Place(
                    "note below the table",
                    one.text,
                    one.line,
                    "table",
                    BEHIND + one.tables,
                    mark=one.mark,
                    under=one.under,
                    after=one.after,
                )
                for one in legends.below(self._page, index)
            ]
            self.found[block.level] = (*self._places(stack, grid, below), *notes)
            stack[-1].add(block)
            self._seen_table = self._seen_table or len(grid.rows) > 1
        elif block.kind == "heading":
            while len(stack) > 1 and (heading := stack[-1].heading) is not None and heading.level >= block.level:
                stack.pop()
            stack.append(_Section(block))
        elif block.kind != "title":
            stack[-1].add(block)
            if not self._seen_table and len(stack) <= 2 and block.kind in ("paragraph", "item"):
                self._general.append(Place("sentence about the whole page", block.text, block.line, "page"))

    def _stack_of(self, block: Block) -> list[_Section]:
        """Return the sections open where the block stands: a heading in a cell opens a section for that cell only."""
        parent = 0
        for scope in block.scopes:
            if scope not in self._stacks:
                self._stacks[scope] = [section.copy() for section in self._stacks[parent]]
                # The table around the cell is what the block stands in, not one that comes before it.
                self._stacks[scope][-1].forget_table()
            parent = scope
        return self._stacks[parent]

    def _places(self, stack: list[_Section], grid: Grid, behind: Sequence[Block]) -> Iterator[Place]:
        if grid.caption:
            yield Place("caption", _NUMBERED.sub("", grid.caption).rstrip(f" {_PILCROW}"), grid.line, "table")
        yield from _introducing(stack[-1].last)
        yield from _following(behind, stack[-1].last)
        nearer = 0
        for depth, section in enumerate(reversed(stack)):
            if section.heading is not None:
                named = section.heading.level != self._top
                yield Place("heading", section.heading.text.rstrip(f" {_PILCROW}"), section.heading.line, "section", nearer, named)
                nearer += 1
            if depth:
                yield from _opening(section.first)
        if self._title:
            yield Place("page title", _SITE.split(self._title.text, maxsplit=1)[0], self._title.line, "page", named=False)
        yield from self._general


def _introducing(blocks: Reversible[Block]) -> Iterator[Place]:
    """Yield the blocks that can introduce the next table, nearest first: those behind the last table, then the paragraphs before it.

    Captions and list items before another table introduced that other table. So did a sentence that ends in a colon, if this table has
    its own text above it. So did a label, unless nothing else stands between this table and that label.
    """
    passed = parted = above = own = False
    distance = 0
    listed = [block.kind for block in itertools.islice(reversed(blocks), 2)] == ["item", "item"]
    # The last of several items is no label of the table below them.
    for number, block in enumerate(itertools.islice(reversed(blocks), _REACH)):
        if block.kind == "table":
            own = own or (parted and not passed)
            passed = above = True
            continue
        other = (above and parted and _is_label(block.text)) or (own and block.text.endswith(_COLONS))
        if not passed or (block.kind == "paragraph" and not other):
            if block.kind != "code":
                yield Place(_kind(block, number == 0 and not listed), block.text, block.line, "table", distance)
            distance += 1
        parted, above = True, False


def _kind(block: Block, nearest: bool) -> Kind:
    if block.kind == "strong" or (block.kind == "paragraph" and block.text.endswith(_COLONS) and _is_label(block.text)):
        return "line above the table"
    if nearest and _is_label(block.text):
        return "line above the table" if block.text.endswith(_COLONS) else "plain line above the table"
    return "introducing sentence"


def _is_label(text: str) -> bool:
    """Return whether a paragraph is no sentence (`Inbound`, `Inbound rules:`)."""
    return len(text.split()) <= _LABEL_WORDS and not text.endswith(_CLOSED)


def _following(behind: Sequence[Block], before: Reversible[Block]) -> Iterator[Place]:
    """Yield the sentences right below a table, up to the next table or heading; what introduces the next table is about that one."""
    scope = next((block.scope for block in reversed(before)), None)
    following: list[Block] = []
    for block in behind:
        if block.kind in ("heading", "title"):
            break
        if block.kind == "table":
            # In the text between two tables, a note belongs to the first table, and the last block to the second one.
            following = following[:-1]
            break
        if scope is None or block.scope == scope:
            following.append(block)
    for distance, block in enumerate(following):
        if block.kind in ("paragraph", "item") and not block.text.endswith(_COLONS) and not _is_label(block.text):
            yield Place("sentence below the table", block.text, block.line, "table", distance)


def _opening(blocks: list[Block]) -> Iterator[Place]:
    """Yield what introduces a section, last sentence first: its paragraphs up to the first table."""
    paragraphs: list[Block] = []
    for block in blocks[:_REACH]:
        if block.kind == "table":
            break
        if block.kind == "paragraph":
            paragraphs.append(block)
    for distance, block in enumerate(reversed(paragraphs)):
        yield Place("sentence that introduces the section", block.text, block.line, "section", distance)
