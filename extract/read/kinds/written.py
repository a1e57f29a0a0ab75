"""HTML that is written line by line, each line with the place of the file that it stands for."""

from __future__ import annotations

import html
from collections.abc import Mapping

from extract.model import Finding
from extract.read.kinds.converted import Converted

# What no HTML holds, and what would end a line: lines are counted. U+0000 stays visible, as it does in HTML.
_CONTROLS = {**dict.fromkeys((*range(1, 32), 127, *range(128, 160), 0x2028, 0x2029), " "), 0: "\ufffd"}


def escaped(text: str) -> str:
    """Return text of a document as HTML that shows it, in one line."""
    if not text.isprintable():
        text = text.translate(_CONTROLS)
    return html.escape(text, quote=True)


class Written:
    """HTML with its lines; each line has a place, in words, and places are numbered from 1 in the order in which they come."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = []
        self._places: list[int] = []
        self._numbers: dict[str, int] = {}

    def begin(self, place: str) -> None:
        """Begin a line that stands for a place."""
        self._lines.append([])
        self._places.append(self._numbers.setdefault(place, len(self._numbers) + 1))

    def add(self, markup: str) -> None:
        """Add markup to the line that was begun last. It holds no line end."""
        self._lines[-1].append(markup)

    def line(self, place: str, markup: str) -> None:
        """Write a line of its own."""
        self.begin(place)
        self.add(markup)

    def converted(self, findings: tuple[Finding, ...] = (), uncertain: Mapping[int, str] | None = None) -> Converted:
        """Return what was written."""
        return Converted(
            text="".join(f"{''.join(line)}\n" for line in self._lines),
            lines=tuple(self._places),
            at={number: place for place, number in self._numbers.items()},
            findings=findings,
            uncertain=uncertain or {},
        )
