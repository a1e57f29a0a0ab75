"""What is too large to be read. A row that reaches a limit is left open with the reason; it is never read in part."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extract.model import Draft
from extract.regex import late

# Measured on 170 real pages: the longest cell of a port, a protocol or an endpoint has 167 characters. Descriptions have no limit.
MAX_CELL = 5_000
# Every rule repeats the cells of its row. The most rules that a row of those pages states are 12.
MAX_RULES = 2_000
# So many characters of cells may the rows of a page repeat, beside a few times what the page holds, and so many the rules of its rows,
# beside a few for each row.
MAX_REPEATED = 20_000_000
FEW_RULES = 8
# The header of a column names its cells, in each of them. The longest one of those pages has 87 characters.
MAX_NAME = 1_000
# What costs the square of its size in a cell of endpoints: brackets in brackets, and the two halves of names around `and`.
MAX_DEPTH = 32
MAX_LISTED = 2_000
# A longer arrow is a line of dashes. Its length has a bound, because such a line is tried at each of its dashes.
MAX_ARROW = 40
# No shorter cell reaches any of the limits on cells. So much is shown of each cell where rows repeat too much.
_SHORT = MAX_ARROW

_LONG_ARROW = late(rf"<[-=]{{{MAX_ARROW + 1}}}|[-=]{{{MAX_ARROW + 1}}}>")


def is_too_long(lines: tuple[str, ...]) -> bool:
    """Return whether a cell has more characters than are read."""
    return sum(map(len, lines)) > MAX_CELL


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
    return max(map(len, draft.cells.values()), default=0) <= _SHORT


def too_long(draft: Draft) -> str:
    """Return why a row is not read; empty when each of its cells is short enough."""
    for role, values in draft.values.items():
        for value in values:
            # A description is not parsed.
            if role != "description" and is_too_long(value.lines):
                return f"the cell {value.header!r} has more than {MAX_CELL:,} characters, so the row was not read"
    return ""


def too_many(rules: int) -> str:
    """Return why a row that states more than so many rules is left open."""
    if rules == MAX_RULES:
        return f"this row states more than {rules:,} rules, so it was not read"
    return f"with the rules of this row, those of the page would repeat more than {MAX_REPEATED:,} characters of cells, so it was not read"


TOO_MUCH = f"the rows of this page repeat more than {MAX_REPEATED:,} characters of the cells that span them, so this row was not read"


def is_long_arrow(text: str) -> bool:
    """Return whether a text holds an arrow that is too long to be read as one."""
    return _LONG_ARROW.search(text) is not None


def shortened(text: str, length: int) -> str:
    """Return text of at most so many characters; an ellipsis at the end says that something was cut off."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def cut(cells: Mapping[str, str]) -> dict[str, str]:
    """Return as much of the cells of a row as can be shown where rows repeat too much."""
    return {name: shortened(text, _SHORT) for name, text in cells.items()}
