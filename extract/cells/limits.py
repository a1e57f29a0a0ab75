"""What is too large to be read. A row that reaches a limit is left open with the reason; it is never read in part."""

from __future__ import annotations

from extract.regex import late

# Measured on 170 real pages: the longest cell of a port, a protocol or an endpoint has 167 characters. Descriptions have no limit.
MAX_CELL = 5_000
# The header of a column names its cells, in each of them. The longest one of those pages has 87 characters.
MAX_NAME = 1_000
# Nested brackets, and names around `and`, take quadratic time in a cell of endpoints.
MAX_DEPTH = 32
MAX_LISTED = 2_000
# The most marks of notes that a row of real pages has is 4. Each row of a table repeats the notes on its headers.
MAX_NOTES = 40
# A longer arrow is a line of dashes. Its length has a bound, because such a line is tried at each of its dashes.
MAX_ARROW = 40

_LONG_ARROW = late(rf"<[-=]{{{MAX_ARROW + 1}}}|[-=]{{{MAX_ARROW + 1}}}>")


def is_too_long(lines: tuple[str, ...]) -> bool:
    """Return whether a cell has more characters than are read."""
    return sum(map(len, lines)) > MAX_CELL


def is_long_arrow(text: str) -> bool:
    """Return whether a text holds an arrow that is too long to be read as one."""
    return _LONG_ARROW.search(text) is not None


def shortened(text: str, length: int) -> str:
    """Return text of at most so many characters; an ellipsis at the end says that something was cut off."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
