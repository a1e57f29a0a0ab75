"""How the rules of a table stand in it: in rows, in columns beside the names of their fields, or in the cells of a matrix."""

from __future__ import annotations

import pytest

from extract import extract_text


@pytest.mark.parametrize(
    ("rows", "layout"),
    [
        (["Protocol | Port", "TCP | 22"], "rows"),
        (["Name | Shell", "Protocol | TCP", "Port | 22"], "key/value"),
        (["From \\ To | Web | Mail", "Web | TCP 22 | TCP 23", "Mail | UDP 1 | TCP 2"], "matrix"),
        (["Name | Colour", "Apple | green"], None),
        (["Port", "22"], None),
    ],
    ids=["rows", "key/value", "matrix", "no rules", "a single column"],
)
def test_a_report_says_how_the_rules_of_a_table_stand_in_it(rows: list[str], layout: str | None) -> None:
    head, *body = ["".join(f"<th>{cell}</th>" for cell in row.split(" | ")) for row in rows]
    page = f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>'.replace('th>', 'td>') for row in body)}</table>"
    [table] = extract_text(page).reports[0].tables
    assert (table.layout, table.verdict == "rules") == (layout, layout is not None)
