"""The cells of the evidence of a rule, each with the role of its column: what the values of the rule are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from extract.interpret.fields import NOTE, evidence_names, field_names
from extract.model import DocumentReport, Rule, TableReport, Unresolved

Tables = Mapping[tuple[str, int], TableReport]
"""The reports on tables, by the id of their document and their number."""

# The cells of a rule of a matrix: its evidence names them so.
_MATRIX_CELLS = {"row": "row header", "column": "column header", "cell": "port cell"}


class CellText(msgspec.Struct, frozen=True):
    """A cell of the evidence, as written."""

    header: str
    text: str
    document: str
    table: int
    row: int
    # What kind of cell it is, in words, if it is not a normal cell with a header.
    what: str = "cell"


class Piece(msgspec.Struct, frozen=True):
    """A cell with the role of its column, and its text as it was read: repaired where it was broken."""

    cell: CellText
    role: str
    text: str


def tables_of(reports: Iterable[DocumentReport]) -> dict[tuple[str, int], TableReport]:
    """Return the reports on the tables of documents by their places."""
    return {(report.id, table.table): table for report in reports for table in report.tables}


def cell_names(table: TableReport, cells: Mapping[str, str]) -> dict[str, str]:
    """Return how people call the cells of a piece of evidence, by their headers, where they have other names: those of a matrix."""
    return dict(_MATRIX_CELLS) if _is_matrix(table, cells) else {}


def pieces_of(rule: Rule | Unresolved, tables: Iterable[TableReport]) -> Iterator[Piece]:
    """Yield the cells of all evidence of a rule; `tables` holds the report on the table of each piece of evidence, in their order."""
    repaired = {trace.said: trace.became for trace in rule.trace if trace.field == "cell" and trace.kind == "repair"}
    known: dict[tuple[str, int], dict[str, str]] = {}
    for evidence, table in zip(rule.evidence, tables, strict=True):
        place = evidence.document, evidence.table
        matrix = _is_matrix(table, evidence.cells)
        roles = known[place] = known.get(place) or _roles(table, matrix)
        for header, text in evidence.cells.items():
            what = _MATRIX_CELLS.get(header, "cell") if matrix else "cell"
            cell = CellText(header, text, *place, evidence.row, what)
            role = roles.get(header, "description" if header.startswith(NOTE) else "")
            yield Piece(cell, role, repaired.get(text, text))


def _is_matrix(table: TableReport, cells: Mapping[str, str]) -> bool:
    """Return whether cells are those of a matrix. A file of before 1.1.0 does not tell the layout, but has no other name for them."""
    return table.layout == "matrix" or (table.layout is None and cells.keys() == _MATRIX_CELLS.keys())


def _roles(table: TableReport, matrix: bool) -> dict[str, str]:
    """Return the name of each cell of the evidence -> the role of its column."""
    roles = [column.role for column in table.columns]
    if matrix:
        # Each cell stands for itself, its row and its column for the two ends.
        return {"row": roles[0], "column": "destination" if roles[0] == "source" else "source", "cell": "port"}
    headers = [column.header for column in table.columns]
    # A key/value table has fields, and the heading of the column that the rule stands in.
    fields, heading = field_names(headers)
    return {heading: "service", **dict(zip(fields, roles, strict=True)), **dict(zip(evidence_names(headers), roles, strict=True))}
