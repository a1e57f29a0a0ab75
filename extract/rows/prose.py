"""The sentences of a page that state ports, by the section that they stand in."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from functools import cached_property

from extract.cells import statements
from extract.cells.statements import PortSentence, Sentences
from extract.model import Page, TableReading

_NO_EVIDENCE = Sentences(())


class Prose:
    """What the sentences of a page state. They are read only if a row of the page states something, which is rare."""

    def __init__(self, page: Page, readings: Sequence[TableReading]) -> None:
        """Take the page and the readings of its tables."""
        self._page, self._readings = page, readings
        # Of the sections that were asked for, and of those around them.
        self._evidence: dict[tuple[int, ...], Sentences] = {}

    @cached_property
    def statements(self) -> tuple[PortSentence, ...]:
        """The sentences that state ports, in the order of the page; none where no row states anything they could be compared with."""
        return statements.read(self._sentences()) if any(reading.drafts for reading in self._readings) else ()

    def _sentences(self) -> Iterator[tuple[str, int]]:
        """Yield the texts of a page with their lines: blocks, and the cells of tables that are no rule tables."""
        for block in self._page.blocks:
            if block.kind in ("paragraph", "item", "strong") and not block.scope:
                yield block.text, block.line
        for reading in self._readings:
            if reading.verdict == "no-rules" and not reading.listed:
                for row in self._page.grids[reading.number - 1].rows:
                    for cell in dict.fromkeys(row.slots):
                        if cell is not None:
                            yield cell.text, cell.line

    def around(self, reading: TableReading) -> Sentences:
        """Return the statements of the section that a table is in, and of the sections around that one, innermost first.

        A sentence is evidence for the tables below its own heading, and not for those of other sections.
        """
        return self._of(self._path(reading.line)) if reading.drafts else _NO_EVIDENCE

    @cached_property
    def _sections(self) -> tuple[list[int], list[tuple[int, ...]]]:
        """The lines of the headings of the page, and for each of them the lines of the headings that its section is under."""
        lines: list[int] = []
        paths: list[tuple[int, ...]] = []
        path: list[tuple[int, int]] = []
        for block in self._page.blocks:
            if block.kind == "heading" and not block.scope:
                path = [*(one for one in path if one[0] < block.level), (block.level, block.line)]
                lines.append(block.line)
                paths.append(tuple(line for _, line in path))
        return lines, paths

    @cached_property
    def _stated(self) -> dict[tuple[int, ...], list[PortSentence]]:
        stated: dict[tuple[int, ...], list[PortSentence]] = {}
        for statement in self.statements:
            stated.setdefault(self._path(statement.line), []).append(statement)
        return stated

    def _path(self, line: int) -> tuple[int, ...]:
        lines, paths = self._sections
        index = bisect.bisect_right(lines, line) - 1
        return paths[index] if index >= 0 else ()

    def _of(self, path: tuple[int, ...]) -> Sentences:
        if path not in self._evidence:
            self._evidence[path] = Sentences(self._stated.get(path, ()), self._of(path[:-1]) if path else None)
        return self._evidence[path]
