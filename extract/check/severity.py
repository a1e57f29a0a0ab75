"""The severity of a finding depends on its effect on the data, and not only on its kind.

A finding about a table or page without rules does not affect the data, so it is a note. If something may be missing from the data, the
finding keeps the severity of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from extract.catalogue import catalogue
from extract.cells.reading import Cells
from extract.interpret import may_hold_rules
from extract.model import Finding, Page, TableReading


def weighed(findings: Iterable[Finding], page: Page, readings: Sequence[TableReading], cells: Cells) -> Iterator[Finding]:
    """Yield the findings of a page with their severity; `readings` are those of its tables, and `cells` what their cells say."""
    tables = {reading.number for reading in readings if reading.verdict != "no-rules"}
    for found in findings:
        matters = found.severity == "note" or _matters(found, page, tables, cells)
        yield found if matters else msgspec.structs.replace(found, severity="note")


def _matters(found: Finding, page: Page, tables: set[int], cells: Cells) -> bool:
    """Return whether a finding has to do with rules; `tables` are those that hold rules or may do so."""
    if found.table is not None:
        return found.table in tables
    if found.code == "broken-pipe-table" and found.line is not None and found.line in page.broken:
        return may_hold_rules(page.broken[found.line], cells, among_rules=bool(tables))
    return bool(tables) or catalogue()[found.code].concern == "lost"
