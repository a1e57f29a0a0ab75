"""Tables that are told early to hold no rules: none of them holds any."""

from __future__ import annotations

import functools
from functools import partial
from pathlib import Path

import pytest

from extract.cells.reading import Cells
from extract.interpret import early, judge, shape, tables
from extract.model import Page
from extract.read import places
from extract.read.page import read
from tests import goldens, transforms
from tests.roundtrip import pages
from tests.test_robustness import as_html

MADE = 200


def check(page: Page) -> int:
    """Return how many tables of a page are told early, after a look at each of them whether it is none of rules."""
    told = 0
    cells = Cells()
    near = functools.cache(partial(places.around, page))
    for grid in page.grids:
        header = shape.read(grid, cells)
        around, lists_ports = tables.surroundings(grid, header, near, page.titles)
        assert lists_ports() == judge.lists_ports(around)
        if early.holds_no_rules(grid, header.headers, lists_ports):
            told += 1
            assert tables.decide(grid, header, around, lists_ports, cells).verdict == "no-rules"
    return told


@pytest.mark.parametrize("folder", goldens.folders(), ids=lambda folder: folder.name)
def test_golden_pages(folder: Path) -> None:
    path = goldens.page_of(folder)
    check(read(path.read_bytes(), path.name))


def test_generated_pages() -> None:
    told = sum(check(read(pages.render(pages.make_page(seed)).encode(), f"{seed}.md")) for seed in range(MADE))
    assert told > MADE // 10


@pytest.mark.parametrize("transform", [*transforms.SAME_RULES, *transforms.SAME_FLOWS], ids=lambda transform: transform.__name__)
def test_golden_pages_in_other_markup(transform: transforms.Transformation) -> None:
    for folder in goldens.folders():
        check(read(transform(as_html(folder)).encode(), "page.html"))


@pytest.mark.parametrize(
    "heading", ["Required<br>Ports", "<img alt=Ports>", "<div>Required</div><div>Ports</div>", "P<span hidden>x</span>orts<sup>1</sup>"]
)
def test_a_title_is_read_as_readers_see_it(heading: str) -> None:
    """The table below it says nothing of ports by itself."""
    page = f"<h2>{heading}</h2><table><tr><th>Number<th>Use<tr><td>443<td>Console<tr><td>8443<td>Agents</table>"
    assert not check(read(page.encode(), "page.html"))
