"""Read each table of a corpus in full, and fail where one that is told early to hold no rules is not read so.

    early.py CORPUS

CORPUS holds folders of pages, dev, dev2, cases and quiet among them.

Exit code 0: none differs. 1: at least one. 2: there are no pages.
"""

from __future__ import annotations

import functools
import sys
from functools import partial
from pathlib import Path

from extract.cells.reading import Cells
from extract.interpret import early, judge, shape, tables
from extract.model import Page
from extract.read import places, read

_SETS = ("dev", "dev2", "cases", "quiet")
_SUFFIXES = frozenset({".md", ".html", ".htm"})


def differing(page: Page) -> list[tuple[int, bool]]:
    """Return the number of each table that is told early, and whether the full reading differs."""
    near, cells = functools.cache(partial(places.around, page)), Cells()
    found = []
    for grid in page.grids:
        header = shape.read(grid, cells)
        around, lists_ports = tables.surroundings(grid, header, near, page.titles)
        titled_otherwise = lists_ports() != judge.lists_ports(around)
        if titled_otherwise or early.holds_no_rules(grid, header.headers, lists_ports):
            full = tables.decide(grid, header, around, lists_ports, cells)
            found.append((grid.number, titled_otherwise or full.verdict != "no-rules"))
    return found


def main() -> int:
    corpus = Path(sys.argv[1])
    files = sorted(file for name in _SETS for file in (corpus / name).rglob("*") if file.suffix in _SUFFIXES)
    if not files:
        print(f"early: no pages in {corpus}")
        return 2
    told = wrong = 0
    for file in files:
        for number, differs in differing(read(file.read_bytes(), file.name)):
            told += 1
            wrong += differs
            if differs:
                print(f"early: {file}: table {number} is told to hold no rules, and is not read so in full")
    print(f"early: {len(files)} pages, {told} tables told early, {wrong} of them wrongly")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
