"""How much the rows of a page may hold and repeat. A row that reaches a limit is left open with the reason; it is never read in part."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extract.cells.limits import MAX_ARROW, MAX_CELL, MAX_NOTES, is_too_long, shortened
from extract.model import Draft

# Every rule repeats the cells of its row. The most rules that a row of those pages states are 12.
MAX_RULES = 2_000
# So many characters of cells may the rows of a page repeat, beside a few times what the page holds, and so many the rules of its rows,
# beside a few for each row.
MAX_REPEATED = 20_000_000
FEW_RULES = 8
# No shorter cell reaches any of the limits on cells. So much is shown of each cell where rows repeat too much.
_SHORT = MAX_ARROW


class Room:
    """How much the rows and the rules of one page may still repeat of its cells."""

    def __init__(self, own: Callable[[], int] = int) -> None:
        """Begin a page; `own` counts the characters of its cells, each cell once."""
        self._left = MAX_REPEATED
        self._cells = MAX_REPEATED
        self._own: Callable[[], int] | None = own

    def holds(self, draft: Draft) -> bool:
        """Take the cells of a row, and return whether there was room for them: a cell that spans rows stands in each of them."""
        self._cells -= _size(draft)
        if self._cells < 0 and self._own is not None:
            self._cells += FEW_RULES * self._own()
            self._own = None
        return self._cells >= 0

    def rules(self, draft: Draft) -> int:
        """Return how many rules a row may give."""
        return min(MAX_RULES, FEW_RULES + self._left // _size(draft))

    def take(self, draft: Draft, rules: int) -> None:
        """Take what the rules of a row repeat."""
        if rules > FEW_RULES:
            self._left -= (rules - FEW_RULES) * _size(draft)


def _size(draft: Draft) -> int:
    return 1 + sum(len(name) + len(text) for name, text in draft.cells.items())


def is_small(draft: Draft) -> bool:
    """Return whether the cells of a row are too short to reach a limit; a quick look, and most rows need no other."""
    # What is read of a row, its values, is the text of its cells or a part of it.
    return max(map(len, draft.cells.values()), default=0) <= _SHORT and len(draft.notes) <= MAX_NOTES


def too_long(draft: Draft) -> str:
    """Return why a row is not read; empty when each of its cells is short enough."""
    for role, values in draft.values.items():
        for value in values:
            # A description is not parsed.
            if role != "description" and is_too_long(value.lines):
                return f"the cell {value.header!r} has more than {MAX_CELL:,} characters, so the row was not read"
    if len(draft.notes) > MAX_NOTES:
        return f"this row has more than {MAX_NOTES} notes, so it was not read"
    return ""


def too_many(rules: int) -> str:
    """Return why a row that states more than so many rules is left open."""
    if rules == MAX_RULES:
        return f"this row states more than {rules:,} rules, so it was not read"
    return f"with the rules of this row, those of the page would repeat more than {MAX_REPEATED:,} characters of cells, so it was not read"


TOO_MUCH = f"the rows of this page repeat more than {MAX_REPEATED:,} characters of the cells that span them, so this row was not read"


def cut(cells: Mapping[str, str]) -> dict[str, str]:
    """Return as much of the cells of a row as can be shown where rows repeat too much."""
    return {name: shortened(text, _SHORT) for name, text in cells.items()}
