"""What the looks of a sheet do to its cells: what is white on white, and what is struck out on conditions."""

from __future__ import annotations

from typing import Any

# Points, and characters: nobody reads what stands in so little room.
LEAST_HEIGHT, LEAST_WIDTH = 2, 0.3
# The colours of old workbooks (ECMA-376-1, 18.8.27) and of themes (18.8.3) by their numbers.
_INDEXED, _THEME = (1, 9), 0


class Look:
    """The looks of one sheet."""

    def __init__(self, sheet: Any) -> None:
        """Take a sheet of openpyxl."""
        self._sheet = sheet
        self._known: dict[tuple[int, int], bool] = {}
        formats = [(one.cells, rule.dxf) for one in sheet.conditional_formatting for rule in one.rules if rule.dxf is not None]
        self.strikes = any(dxf.font is not None and dxf.font.strike for _, dxf in formats)
        # Areas whose colour something else than the cell says.
        self._colored = [cells for cells, dxf in formats if dxf.fill is not None or dxf.font is not None]
        self._tables = [tuple(map(int, _bounds(one.ref))) for one in sheet.tables.values()]

    def is_white(self, cell: Any) -> bool:
        """Return whether a cell shows its text in white, and has no colour behind it."""
        style = cell._style
        known = (style.fontId, style.fillId)
        if known not in self._known:
            self._known[known] = _is_white(cell.font.color) and cell.fill.fill_type is None
        return self._known[known] and cell.value is not None and not self._is_colored(cell)

    def _is_colored(self, cell: Any) -> bool:
        in_table = any(left <= cell.column <= right and top <= cell.row <= bottom for left, top, right, bottom in self._tables)
        return in_table or any(cell.coordinate in cells for cells in self._colored)


def _bounds(reference: str) -> tuple[int, ...]:
    from openpyxl.utils import range_boundaries  # noqa: PLC0415 - the library takes 200 ms to import

    return tuple(range_boundaries(reference))


def _is_white(color: Any) -> bool:
    if color is None or color.tint:
        return False
    if color.type == "rgb":
        return str(color.rgb)[-6:].upper() == "FFFFFF"
    return bool(color.type == "indexed" and color.indexed in _INDEXED) or bool(color.type == "theme" and color.theme == _THEME)
