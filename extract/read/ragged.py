"""Rows that have more cells than their table has columns, and rows that have fewer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from extract.catalogue import finding
from extract.model import Cell, Finding, Row

# Up to this number, short rows are reported one by one. If there are more, and most rows are short, one finding reports the table.
_FEW = 3


class Ragged(msgspec.Struct, frozen=True):
    """A table: its rows, and how many of them its markup declares as header; `cut` says that columns beyond a limit were not read."""

    number: int
    line: int
    rows: Sequence[Row]
    head_rows: int
    cut: bool

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the number of cells: first the rows that have too many, then those that have too few."""
        if not any(row.surplus or None in row.slots for row in self.rows):
            # Every row fills all columns: nearly all tables do.
            return
        columns = self._columns()
        for index, row in enumerate(self.rows):
            if row.surplus:
                hint = "" if self.cut else "; is a pipe in a cell not escaped?"
                yield self._surplus(
                    index, row.surplus, f"{len(row.slots)} columns of the table{' that were read' if self.cut else ''}", hint
                )
            elif beyond := _beyond(row, columns):
                texts = [cell.text for cell in beyond]
                yield self._surplus(index, texts, f"{columns} columns of the {'header' if self.head_rows else 'first row'}", "")
        yield from self._missing(columns)

    def _columns(self) -> int:
        """Return how many columns the table has: those of its header, unless most rows have more than it does.

        If no header is declared, the first row may be a header, a title, or a part of a layout table. So it counts less: the rows that fit
        must be twice as many as the rows that have more cells.
        """
        if not self.rows:
            return 0
        declared = bool(self.head_rows)
        named = max(map(_extent, self.rows[: self.head_rows or 1]))
        wide = sum(bool(_beyond(row, named)) for row in self.rows)
        others = sum(map(_has_text, self.rows)) - wide
        trusted = wide <= others if declared else named > 1 and 2 * wide <= others
        return named if trusted else len(self.rows[0].slots)

    def _surplus(self, index: int, texts: Sequence[str], columns: str, hint: str) -> Finding:
        cells = "1 cell" if len(texts) == 1 else f"{len(texts)} cells"
        message = f"this row has {cells} beyond the {columns}: {' | '.join(texts)}{hint}"
        return finding("surplus-cells", message, line=self.rows[index].line, table=self.number, row=self._row(index))

    def _missing(self, columns: int) -> Iterator[Finding]:
        named = max(map(_extent, self.rows[: self.head_rows]), default=columns)
        if named < columns:
            message = f"the header fills {named} of {columns} columns; most rows fill more"
            yield finding("missing-cells", message, line=self.rows[0].line, table=self.number)
        body = [index for index in range(self.head_rows, len(self.rows)) if _has_text(self.rows[index])]
        short = [index for index in body if _is_short(self.rows[index], columns)]
        if len(short) > _FEW and 2 * len(short) > len(body):
            message = f"most rows of this table, {len(short)}, do not fill its {columns} columns; the missing cells are taken as empty"
            yield finding("missing-cells", message, line=self.line, table=self.number)
            return
        for index in short:
            message = f"this row fills {_filled(self.rows[index], columns)} of {columns} columns; the missing cells are taken as empty"
            yield finding("missing-cells", message, line=self.rows[index].line, table=self.number, row=self._row(index))

    def _row(self, index: int) -> int:
        return index - self.head_rows + 1


def _extent(row: Row) -> int:
    return max((index for index, cell in enumerate(row.slots, 1) if cell is not None), default=0)


def _has_text(row: Row) -> bool:
    return any(cell is not None and cell.lines for cell in row.slots)


def _filled(row: Row, columns: int) -> int:
    return sum(cell is not None for cell in row.slots[:columns])


def _is_short(row: Row, columns: int) -> bool:
    """Return whether a row lacks cells. A lone cell in a table of several columns is a label, a title or a line of a template."""
    filled = _filled(row, columns)
    return filled < columns and (filled > 1 or columns == 2)


def _beyond(row: Row, columns: int) -> list[Cell]:
    """Return the cells with text that begin beyond so many columns; one that spans more columns than there are does not."""
    found = dict.fromkeys(cell for cell in row.slots[columns:] if cell is not None and cell.lines)
    return [cell for cell in found if cell.column >= columns]
