"""Tables of a comment in GitHub Flavored Markdown, in no more room than there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

# GitHub takes 65,536 characters.
MAX_LENGTH = 60_000
# What is left for the line that says how many rows do not fit.
_MORE = 60


class Section(NamedTuple):
    """A table with its heading; title, header and rows are Markdown. Of the rows no more are made than there is room for."""

    title: str
    header: tuple[str, ...]
    rows: Iterable[str]
    # How many rows there are.
    total: int

    def render(self, room: int) -> str:
        """Return the section in at most so many characters: the rows that fit, and how many do not."""
        text = f"\n### {self.title}\n\n{row(self.header)}{row(['---'] * len(self.header))}"
        shown = 0
        for one in self.rows:
            if len(text) + len(one) > room - _MORE:
                break
            text += one
            shown += 1
        return text if shown == self.total else f"{text}\n… and {self.total - shown} more\n"


def render(sections: Sequence[Section], room: int) -> str:
    """Return the sections that have rows, in at most so many characters."""
    text = ""
    left = [section for section in sections if section.total]
    while left:
        # What one section does not need, the next ones have.
        text += left[0].render((room - len(text)) // len(left))
        left = left[1:]
    return text


def row(cells: Sequence[str]) -> str:
    """Return a row of a table; the cells are Markdown."""
    return f"| {' | '.join(cells)} |\n"
