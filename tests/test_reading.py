"""What a cell says is read once on its page, however many columns, rows and checks ask for it, and it is forgotten with the page."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extract import vocabulary
from extract.cells import endpoint, ports, protocol
from extract.cells.limits import MAX_CELL
from extract.cells.reading import SHORT, Cells, Reading
from extract.model import Page
from extract.pipeline import read_page
from extract.read import read
from tests import goldens

PAGES = goldens.folders()
PARSERS = (ports, protocol, endpoint)


def opened(folder: Path) -> Page:
    path = goldens.page_of(folder)
    return read(path.read_bytes(), path.name, None, None)


def cells_of(page: Page) -> set[tuple[str, ...]]:
    return {cell.lines for grid in page.grids for row in grid.rows for cell in row.slots if cell is not None}


def test_equal_cells_of_a_page_share_what_they_say() -> None:
    cells = Cells()
    read = cells["TCP 443", "UDP 500-510"]
    assert cells["TCP 443", "UDP 500-510"] is read
    assert cells["TCP 443",] is not read
    assert read.text == "TCP 443 UDP 500-510"
    assert [(item.first, item.last, item.protocols) for item in read.ports.items] == [(443, 443, ("tcp",)), (500, 510, ("udp",))]
    assert read.ports is read.ports


@pytest.mark.parametrize("folder", PAGES[::6], ids=lambda folder: folder.name)
def test_no_cell_of_a_page_is_parsed_twice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: Counter[tuple[str, tuple[str, ...]]] = Counter()

    def counted(module: ModuleType) -> Callable[[tuple[str, ...]], Any]:
        parse = module.parse

        def counting(lines: tuple[str, ...]) -> Any:
            parsed[module.__name__, lines] += 1
            return parse(lines)

        return counting

    page = opened(folder)
    for module in PARSERS:
        monkeypatch.setattr(module, "parse", counted(module))
    read_page(page)
    assert not parsed or max(parsed.values()) == 1, parsed.most_common(3)


def test_of_a_page_that_is_done_short_cells_are_kept_only() -> None:
    page = opened(PAGES[0])
    gc.disable()
    try:
        result = read_page(page)
        assert result.stated
        kept = [found for found in gc.get_objects() if isinstance(found, (Reading, Cells))]
        assert kept
        assert not [found for found in kept if isinstance(found, Cells) or len(found.text) > SHORT]
    finally:
        gc.enable()


def test_a_cell_that_is_too_long_is_not_kept() -> None:
    cells, lines = Cells(), ("443, " * MAX_CELL,)
    assert [item.words for item in cells[lines].ports.items] == [True]
    assert not cells


def test_what_the_cells_of_a_page_say_takes_no_more_than_so_much() -> None:
    cells = Cells()
    most = 0
    for number in range(3 * MAX_CELL):
        assert cells[f"Server {number} of the cluster " + "x" * (number % 300),].none is False
        most = max(most, sum(len(one.text) for one in cells.values()))
    assert 200_000 < most < 400_000


@pytest.mark.parametrize("lines", [(), ("",), ("-",), ("N/A",)])
def test_a_cell_that_says_nothing_says_nothing_in_any_role(lines: tuple[str, ...]) -> None:
    read = Reading(lines)
    assert read.none and read.ports.none and read.protocol.none and not read.endpoints
    assert (read.direction, read.arrow, read.action, read.transport) == (None, None, None, False)


def test_a_cell_of_transports_is_told_at_a_quick_look() -> None:
    """A look at the words of a cell, before its grammar, overlooks none that names a transport."""
    texts = {word for name in vocabulary.protocol_words() for word in (name, name.upper(), f"{name}/udp", f"({name.title()})", f"1{name}")}
    known: set[tuple[str, ...]] = {(text,) for text in texts} | {
        ("Both",),
        ("beide",),
        ("両方",),
        ("IP protocol 50",),
        ("ＴＣＰ",),
        ("tcp_udp",),
    }
    known = known.union(*(cells_of(opened(folder)) for folder in PAGES))
    told = [lines for lines in known if "transport" in protocol.forms_of(protocol.parse(lines))]
    assert len(told) > len(texts) // 2
    assert [lines for lines in told if not Reading(lines).transport] == []
