"""What reading makes of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from extract.model.values import BlockKind, Document, Finding

#
# There are many of these, and they cannot form reference cycles, so the garbage collector does not track them.


class Mark(msgspec.Struct, frozen=True, gc=False):
    """The mark of a note in a cell, of which its lines do not hold the sign: 1 of `443<sup>1</sup>`."""

    sign: str
    # The text of the note that it links to; empty where it links to none.
    text: str = ""
    # The word in front of it.
    word: str = ""


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One cell of a table, at the grid slot of its top left corner."""

    row: int
    column: int
    rowspan: int
    colspan: int
    header: bool
    line: int
    # The text, one entry for each block (paragraph, list item, <br>), white space folded, empty ones left out.
    lines: tuple[str, ...]
    # The lines before mojibake was repaired; empty when nothing was.
    raw: tuple[str, ...] = ()
    # A table stands in it whose words are none of its lines.
    holds_table: bool = False
    marks: tuple[Mark, ...] = ()

    @property
    def text(self) -> str:
        """The whole text in one line."""
        return " ".join(self.lines)


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row of the grid: `slots` holds one entry for each column, a spanning cell in each slot that it covers."""

    line: int
    slots: tuple[Cell | None, ...]
    # Cells that the row has beyond the columns of its table (Markdown parsers drop these).
    surplus: tuple[str, ...] = ()
    # The markup hides the row from readers.
    hidden: bool = False


class Grid(msgspec.Struct, frozen=True):
    """A table after WHATWG's algorithm (HTML, 4.9.12 'Forming a table'): every row has the same number of slots."""

    number: int
    line: int
    width: int
    caption: str
    rows: tuple[Row, ...]
    # Rows of <thead>, or leading rows of <th> alone: what the markup itself declares as header.
    head_rows: int
    # How many cells this table is nested in.
    depth: int = 0
    # The markup hides the table from readers.
    hidden: bool = False
    # It lays out a list in the cell that it stands in, whose lines hold its words.
    listed: bool = False
    # Why nobody can be sure which cells make a row or a column of it; empty when it is sure.
    uncertain: str = ""


class Block(msgspec.Struct, frozen=True, gc=False):
    """A piece of the page outside of tables (or inside a layout cell), in document order."""

    kind: BlockKind
    text: str
    line: int
    # Heading level 1-6; for a table its number.
    level: int = 0
    # The cell that the block stands in: 0 outside of any table, else a number that is unique in the page.
    scope: int = 0
    # For a table: every cell around it, innermost last.
    scopes: tuple[int, ...] = ()
    # For a heading: the id by which the page lets others link to it, as written; empty when it has none.
    anchor: str = ""
    # The signs of the marks of notes that the block begins with, or the number of an item (`1.`); they are none of the text.
    mark: str = ""
    # Where further marks stand in it: its text in parts, each behind the sign in front of it.
    marked: tuple[tuple[str, str], ...] = ()


class Prose(msgspec.Struct, frozen=True):
    """What a page says beside its tables, and what is wrong with that."""

    blocks: tuple[Block, ...] = ()
    findings: tuple[Finding, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """A document as a reader sees it: the tables as grids, and the blocks in order. The blocks are read on demand."""

    document: Document
    grids: tuple[Grid, ...]
    # Those of the prose left out.
    findings: tuple[Finding, ...]
    prose: Callable[[], Prose] = Prose
    # Number of a table -> the titles that may stand nearest above it, a line each. They are known without reading the rest of the text.
    titles: Callable[[int], str] = lambda _: ""
    # Line -> the table that lines were meant to be, if they look like a table but are not one in Markdown.
    broken: Mapping[int, Grid] = {}
    # Line -> its place in words, in a document that has no lines that people count.
    at: Mapping[int, str] = {}

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the page, tables included."""
        return self.prose().blocks
