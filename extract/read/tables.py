"""The tables of a page, without a look at its text: most pages of a site have no table of rules, and then nobody asks for their text."""

from __future__ import annotations

import msgspec

from extract.model import Finding, Grid
from extract.read import grid
from extract.read import text as texts
from extract.read.tree import Element

SKIPPED = texts.STRUCK_OUT | frozenset(
    "script style template noscript title nav iframe object svg annotation annotation-xml select textarea".split(),
)
"""Elements of which readers see no text. Tables in them are read, as in a tab that is closed when the page opens."""
CELLS = frozenset({"td", "th"})
# What says something of all that is in it.
_TELLING = CELLS | SKIPPED | texts.LEFT_OUT | {"sup", "sub", "caption"}


class Tables(msgspec.Struct, frozen=True):
    """The tables of a page, in the order of their start tags, and what is wrong with them."""

    grids: tuple[Grid, ...]
    findings: tuple[Finding, ...]


class State(msgspec.Struct, frozen=True):
    """What holds of all that is in an element."""

    # How many cells are around it.
    depth: int
    # Readers do not see it.
    unseen: bool
    # No footnote mark is around it: what is in one is left out, tables too.
    read: bool
    # The cell whose text it is a part of, and the innermost table around it; None where there is none.
    cell: Element | None = None
    table: Element | None = None


class Surroundings:
    """What elements stand in. Each element is looked at once, whatever is asked of those in it: markup may be deep."""

    def __init__(self, markup: grid.Markup) -> None:
        """Take what is known of the elements beside the tree."""
        self._hidden = markup.hidden
        self._states: dict[Element, State] = {}

    def of(self, element: Element) -> State:
        """Return what holds of an element because of those around it."""
        new = []
        around = element.getparent()
        while around is not None and around not in self._states:
            new.append(around)
            around = around.getparent()
        state = self._states[around] if around is not None else State(0, False, True)
        for one in reversed(new):
            tag = one.tag
            if tag in _TELLING or one in self._hidden:
                state = self._inside(one, state)
            self._states[one] = state
        return state

    def _inside(self, one: Element, around: State) -> State:
        """Return what holds of all that is in an element that tells something."""
        tag, mark = one.tag, texts.is_mark(one)
        unseen = around.unseen or tag in SKIPPED or one in self._hidden
        cell = one if tag in CELLS else around.cell
        if tag in texts.LEFT_OUT or tag == "caption" or one in self._hidden or mark:
            cell = None
        return State(around.depth + (tag in CELLS), unseen, around.read and not mark, cell, one if tag == "table" else around.table)


def read(root: Element, markup: grid.Markup) -> Tables | None:
    """Return the tables of a tree; None when it takes the text of the page to know the line of one."""
    surroundings = Surroundings(markup)
    grids: list[Grid] = []
    findings: list[Finding] = []
    room = grid.MAX_CLAIMED
    for element in root.iter("table"):
        around = surroundings.of(element)
        line = markup.line_of(element)
        if not around.read:
            continue
        if not line:
            return None
        place = grid.Place(len(grids) + 1, line, around.depth, around.unseen or element in markup.hidden, room)
        built, unfilled, found = grid.build(element, place, markup)
        grids.append(built)
        findings.extend(found)
        room -= unfilled
    return Tables(tuple(grids), tuple(findings))
