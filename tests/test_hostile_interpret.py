"""Pages made to cost time: interpreting them takes time in proportion to their size."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from extract import extract_text
from extract.cells.reading import Cells
from extract.interpret import profiles
from extract.interpret.headers import read_header
from extract.model import Cell

# What a process may use: many times what the largest of these inputs needs, far less than one in quadratic time does.
_SECONDS = 60
_CALLS = {
    "sentences of abbreviations": "statements.read([('TCP 1 ' + 'e.g. ' * 400_000, 1)])",
    "sentences that refer to others": "statements.read([('Open 8088-8093. ' + 'It uses TCP. ' * 100_000, 1)])",
    "a sentence of numbers": "statements.read([('TCP 443 ' * 500_000, 1)])",
    "a cell of arrows": "column('a → ' * 500_000 + '<').reaches('arrowed', 0.5)",
    "a cell of arrows in ASCII": "column('a -> ' * 500_000 + '<').reaches('flow', 0.5)",
    "a cell of ways": "column('x to ' * 500_000 + '. x').reaches('flow', 0.5)",
    "a cell of slashes": "column('a / ' * 500_000).reaches('paired', 0.5)",
    "a header of unknown words": "headers.read_header('xyzzy ' * 100_000)",
    "spans that claim a thousand columns": "extract_text('<table><td rowspan=65535 colspan=99999>a<td>TCP')",
    "tables of columns that may all be ports": "extract_text(('<table>' + '<th>Port' * 100 + '<tr>' + '<td>443' * 100 + '</table>') * 60)",
    "many columns that may be anything": "columns.read(['q'] * 400, many(400))",
    "a header of one word": "headers.read_header('port' * 400_000)",
    "a header of many words": "headers.read_header('port ' * 20_000)",
    "a header of lines": "columns.read(['_' * 300_000 + 'x', 'y'], two())",
    "beginnings of the name of a group": "groups.owned('security group for ' * 50_000)",
    "transports without ports": "transports.of_introduction('tcp ' * 200_000 + ' port')",
    "transports beside ports": "transports.of_introduction('tcp x y z ports ' * 60)",
    "a title of directions": "titles.ends_of('inbound x ' * 100_000)",
    "names of a title": "groups.of_title('a-' * 400_000 + ' security group')",
    "a template without an end": "drafts._TEMPLATE.match('{%' + '%' * 1_000_000)",
    "the label of a group": "flows.of_label('to ' * 300_000)",
}
_SETTING = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
from extract import extract_text
from extract.interpret import columns, drafts, groups, headers, profiles, titles, transports
from extract.model import Cell
from extract.cells import flows, statements
from extract import extract_text
from extract.cells.reading import Cells

def column(text):
    return profiles.Profile([Cell(0, 0, 1, 1, False, 1, (text,))], Cells())

def many(columns):
    return profiles.of_columns([[Cell(0, 0, 1, 1, False, 1, ("10.0.0.1",))] * columns] * 5, columns, Cells())

def two():
    body = [[Cell(0, 0, 1, 1, False, 1, ("->",)), Cell(0, 1, 1, 1, False, 1, ("a",))]]
    return profiles.of_columns(body, 2, Cells())

"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_CPU"), reason="the system limits no time")
@pytest.mark.parametrize("name", _CALLS)
def test_no_text_takes_more_than_its_length(name: str) -> None:
    script = _SETTING.replace("SECONDS", str(_SECONDS)) + _CALLS[name]
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr or "stopped by the limit"


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("Destination Port", {"destination", "port"}),
        ("mục đích", {"description"}),
        ("Port port", {"port"}),
    ],
)
def test_a_word_inside_a_longer_one_of_another_meaning_does_not_count(text: str, concepts: set[str]) -> None:
    assert read_header(text).concepts == concepts


def test_a_column_is_parsed_until_it_falls_short() -> None:
    cells = Cells()
    body = [[Cell(row, 0, 1, 1, False, 1, (f"word x{row}",))] for row in range(100)]
    assert not profiles.of_columns(body, 1, cells)[0].reaches("numeric", 0.8)
    assert sum("ports" in vars(read) for read in cells.values()) == 21
    words = [[Cell(row, 0, 1, 1, False, 1, ("word",))] for row in range(100)]
    assert profiles.of_columns(words, 1, cells)[0].share("numeric") == 0
    assert "ports" not in vars(cells["word",])


def test_a_column_that_falls_short_of_a_share_may_reach_a_smaller_one() -> None:
    body = [[Cell(row, 0, 1, 1, False, 1, (f"{8000 + row}" if row % 2 else f"word x{row}",))] for row in range(100)]
    (column,) = profiles.of_columns(body, 1, Cells())
    assert [column.reaches("numeric", least) for least in (0.8, 0.9, 0.5, 0.6, 0.3)] == [False, False, True, False, True]
    assert column.share("numeric") == 0.5


def test_columns_that_can_be_read_in_too_many_ways_make_a_table_doubtful() -> None:
    header, row = "<th>Protocol<th>Port<th>Source" + "<th>x" * 60, "<td>TCP<td>443<td>any" + "<td>10.0.0.1" * 60
    found = extract_text(f"<table><tr>{header}<tr>{row}</table>", path="page.html")
    assert (found.rules, found.unresolved) == ((), ())
    assert [(one.code, one.severity) for one in found.findings if one.table] == [("table-doubtful", "warning")]
    assert "63 columns can be read in more ways" in found.findings[0].message
