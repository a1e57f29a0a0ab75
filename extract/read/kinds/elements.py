"""HTML element by element, as a walk through a tree meets them, with the place in the file of each of its lines."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from extract.model import Finding
from extract.read.kinds.converted import Converted

Piece = tuple[list[str], list[int]]
"""Parts of a text, and the places of the lines that begin in it."""


class Elements:
    """Collects the HTML of a document. Text is escaped; a block begins on a line of its own."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._places: list[int] = []
        self._place = 1
        # How many <pre> are open: their line ends count.
        self._preformatted = 0
        self._put_aside: list[Piece] = []
        self.tables = 0

    def open(self, tag: str, place: int, attributes: Mapping[str, object] | None = None) -> None:
        """Begin an element on a new line, which stands in this place of the file."""
        self._place = place
        self._parts.append(f"\n<{tag}{_said(attributes)}>")
        self._places.append(place)
        self.tables += tag == "table"
        self._preformatted += tag == "pre"
        if tag == "pre":
            # The first line end in it counts for nothing (WHATWG HTML, 13.2.6.4.7 "in body").
            self._break()

    def close(self, tag: str) -> None:
        """End an element."""
        self._parts.append(f"</{tag}>")
        self._preformatted -= tag == "pre"

    def mark(self, tag: str, attributes: Mapping[str, object] | None = None) -> None:
        """Write a tag within a line: `b`, `/b`, `br`."""
        self._parts.append(f"<{tag}{_said(attributes)}>")

    def picture(self, words: str) -> None:
        """Write what stands for a picture."""
        self._parts.append(f'<img alt="{html.escape(" ".join(words.split()))}">')

    def text(self, text: str) -> None:
        """Write text."""
        # A carriage return would be a line end for the parser of HTML.
        escaped = html.escape(text.replace("\r", " "), quote=False)
        if not self._preformatted:
            self._parts.append(escaped.replace("\n", " "))
            return
        first, *others = escaped.split("\n")
        self._parts.append(first)
        for line in others:
            self._place += 1
            self._break()
            self._parts.append(line)

    def put_aside(self) -> None:
        """Write what follows elsewhere, until `taken` gives it back."""
        self._put_aside.append((self._parts, self._places))
        self._parts, self._places = [], []

    def taken(self) -> Piece:
        """Return what was written since `put_aside`."""
        piece = (self._parts, self._places)
        self._parts, self._places = self._put_aside.pop()
        return piece

    def add(self, piece: Piece) -> None:
        """Write what was put aside."""
        self._parts += piece[0]
        self._places += piece[1]

    def converted(self, line_of: Sequence[int] | None, findings: Sequence[Finding], uncertain: Mapping[int, str]) -> Converted:
        """Return the document. `line_of` gives the line of the file for each line of the text, None where they are the same."""
        text = "".join(self._parts)
        places = (1, *self._places)
        if line_of is not None:
            places = tuple([line_of[min(max(place, 1), len(line_of)) - 1] for place in places])
        return Converted(text=text, lines=places, findings=tuple(findings), uncertain=dict(uncertain))

    def _break(self) -> None:
        self._parts.append("\n")
        self._places.append(self._place)


def _said(attributes: Mapping[str, object] | None) -> str:
    return "".join(f' {name}="{html.escape(str(value))}"' for name, value in (attributes or {}).items())
