"""The names of evidence: every cell of a row has one of its own, and what a page calls a column is never given to another one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import extract_text
from extract.check import evidence_cells, provenance
from extract.interpret.fields import evidence_names, field_names

HEADERS = st.lists(
    st.sampled_from(["", "Port", "Port (2)", "Port (3)", "column 1", "column 2", "column 3", "row 2", "column", "column (2)"])
)


def cells_of(page: str) -> dict[str, str]:
    extraction = extract_text(page, path="page.html" if page.startswith("<") else "page.md")
    [rule] = extraction.rules
    return rule.evidence[0].cells


def table(*rows: Sequence[str]) -> str:
    lines = ("".join(f"<{'td' if number else 'th'}>{cell}" for cell in row) for number, row in enumerate(rows))
    return f"<h1>Inbound ports</h1><table>{''.join(f'<tr>{line}' for line in lines)}</table>"


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        (("Port", "", "Port", "Port"), ("Port", "column 2", "Port (2)", "Port (3)")),
        (("Port (2)", "Port", "Port"), ("Port (2)", "Port", "Port (3)")),
        (("Port", "Port", "Port", "Port (2)"), ("Port", "Port (3)", "Port (4)", "Port (2)")),
        (("column 3", "Port", ""), ("column 3", "Port", "column 3 (2)")),
        (("column 3", "column 3", ""), ("column 3", "column 3 (2)", "column 3 (3)")),
        ((), ()),
    ],
)
def test_columns_keep_their_headers_and_the_others_are_numbered(headers: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert evidence_names(headers) == names


@given(HEADERS)
def test_no_two_columns_have_one_name_and_the_first_of_a_header_has_it(headers: list[str]) -> None:
    fields, heading = field_names(headers)
    for names in (evidence_names(headers), fields, (*fields, heading)):
        assert len(set(names)) == len(names)
    for header in filter(None, headers):
        assert evidence_names(headers)[headers.index(header)] == fields[headers.index(header)] == header


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (("Protocol", "Port", "Notes (2)", "Notes", "Notes"), ("TCP", "443", "a", "b", "c")),
        (("Protocol", "Source", "column 4", "", "Port"), ("TCP", "A", "x", "y", "81")),
        (("Protocol", "Source", "Port", "", "column 4"), ("TCP", "A", "81", "y", "x")),
    ],
)
def test_no_cell_of_a_row_is_lost_from_its_evidence(header: tuple[str, ...], row: tuple[str, ...]) -> None:
    cells = cells_of(table(header, row))
    assert sorted(cells.values()) == sorted(row)
    assert all(cells[name] == text for name, text in zip(header, row, strict=True) if name and header.count(name) == 1)


def test_a_surplus_cell_does_not_take_the_name_of_a_column() -> None:
    cells = cells_of("# Inbound ports\n\n| Protocol | Port | surplus 1 |\n| --- | --- | --- |\n| TCP | 443 | mine | beyond | further |\n")
    assert cells == {"Protocol": "TCP", "Port": "443", "surplus 1": "mine", "surplus 1 (2)": "beyond", "surplus 2": "further"}


def test_the_cells_of_a_finding_about_a_row_that_is_no_rule_are_complete() -> None:
    page = table(("Model", "column 4", "RAM", "", "RAM (2)", "RAM"), ("S", "a", "b", "c", "d"))
    [found] = [one for one in extract_text(page).findings if one.code == "missing-cells"]
    assert found.cells == {"Model": "S", "column 4": "a", "RAM": "b", "column 4 (2)": "c", "RAM (2)": "d", "RAM (3)": ""}


# A field that is called as the cell for the heading of a rule would be.
FIELDS = (
    "<h1>Firewall</h1><table><tr><td><td>Backup<tr><td>Protocol<td>TCP<tr><td>Port<td>443<tr><td>column<td>x<tr><td>Source<td>A</table>"
)


def test_the_heading_of_a_rule_in_a_key_value_table_does_not_take_the_name_of_a_field() -> None:
    assert cells_of(FIELDS) == {"Protocol": "TCP", "Port": "443", "column": "x", "Source": "A", "column (2)": "Backup"}


def test_the_heading_is_the_description_that_the_rule_has_also_under_another_name() -> None:
    extraction = extract_text(FIELDS)
    [rule] = extraction.rules
    steps = {step.field: step for step in provenance.steps(rule, evidence_cells.tables_of(extraction.reports))}
    assert rule.description == "Backup"
    assert [cell.header for cell in steps["description"].cells] == ["column (2)"]
