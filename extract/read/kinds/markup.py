"""HTML written line by line, with the place in the file of each line: what converters make documents with."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping

from extract.model import Finding
from extract.read.kinds.converted import Converted


class Writer:
    """Lines of HTML in order, each with its place. Text is escaped here; tags are written by converters."""

    def __init__(self) -> None:
        """Begin an empty document."""
        self._lines: list[str] = []
        self._places: list[int] = []
        self._at: dict[int, str] = {}
        self.tables = 0

    def add(self, markup: str, place: int) -> None:
        """Add markup that is one line; `place` is the line of the file, or the number of a place from 1."""
        self._lines.append(markup.replace("\r", " ").replace("\n", " "))
        self._places.append(place)

    def named(self, at: str) -> int:
        """Return the number of a new place of a file without lines, with the words for it."""
        self._at[len(self._at) + 1] = at
        return len(self._at)

    def block(self, tag: str, text: str, place: int) -> None:
        """Add an element that holds text: a heading, a paragraph."""
        self.add(f"<{tag}>{escaped(text)}</{tag}>", place)

    def begin_table(self, place: int) -> int:
        """Begin a table, and return its number."""
        self.tables += 1
        self.add("<table>", place)
        return self.tables

    def row(self, cells: Iterable[str], place: int, *, hidden: bool = False) -> None:
        """Add a row of cells, each of them whole as `cell` gives it. A hidden one is counted, and no rule is made of it."""
        self.add(f"<tr{' hidden' if hidden else ''}>{''.join(cells)}</tr>", place)

    def end_table(self, place: int) -> None:
        """End a table."""
        self.add("</table>", place)

    def converted(self, findings: Iterable[Finding] = (), uncertain: Mapping[int, str] | None = None) -> Converted:
        """Return all of it."""
        return Converted(
            text="\n".join(self._lines), lines=tuple(self._places), at=self._at, findings=tuple(findings), uncertain=uncertain or {}
        )


def escaped(text: str) -> str:
    """Return text as HTML, with <br> for its line ends."""
    return "<br>".join(html.escape(line) for line in text.splitlines())


def cell(text: str, *, header: bool = False, colspan: int = 1, rowspan: int = 1, markup: str | None = None) -> str:
    """Return a cell of a table; `markup` holds its text as HTML, where it is more than text."""
    tag = "th" if header else "td"
    spans = (f' colspan="{colspan}"' if colspan > 1 else "") + (f' rowspan="{rowspan}"' if rowspan > 1 else "")
    return f"<{tag}{spans}>{escaped(text) if markup is None else markup}</{tag}>"
