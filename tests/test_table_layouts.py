"""How the rules of a table stand in it: in rows, beside the names of their fields, or in cells; and what two columns of numbers are."""

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


@pytest.mark.parametrize(
    ("first", "second", "ports"),
    [
        ("From", "To", (8000, 8010)),
        ("Von", "Nach", (8000, 8010)),
        ("Desde", "Hasta destino", (8000, 8010)),
        ("Source", "Destination", (8010, 8010)),
        ("Quelle", "Ziel", (8010, 8010)),
        ("Fromage source", "Destination", (8010, 8010)),
    ],
)
def test_the_word_of_a_header_says_whether_two_columns_of_numbers_are_a_range(first: str, second: str, ports: tuple[int, int]) -> None:
    page = f"<table><tr><th>Protocol<th>{first}<th>{second}<tr><td>TCP<td>8000<td>8010<tr><td>UDP<td>9000<td>9010</table>"
    rule = extract_text(page).rules[0]
    assert (rule.protocol, rule.from_port, rule.to_port) == ("tcp", *ports)
