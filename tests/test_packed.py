"""Sequences of values that are kept packed: to whoever reads them they are what they were made of."""

from __future__ import annotations

import copy
import gc
import pickle
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import extract_text, memory, pipeline
from extract import packed as packed_values
from extract.api import extract_paths
from extract.check import part
from extract.model import NoRule
from extract.packed import BLOCK, Packed, pack
from extract.read import read

values = st.builds(NoRule, rows=st.lists(st.integers(0, 2**40), max_size=3).map(tuple), reason=st.text(max_size=8))


def packed(loose: Sequence[NoRule], others: Sequence[NoRule], order: str | None = None) -> Packed[NoRule]:
    """Pack values in blocks that need not be full, as those of a process are not."""
    return Packed(NoRule, loose, [pack(others[start : start + BLOCK - 3]) for start in range(0, len(others), BLOCK - 3)], order)


@given(st.lists(values, max_size=5), st.lists(values, max_size=3 * BLOCK))
def test_packed_values_are_those_that_were_packed(loose: list[NoRule], others: list[NoRule]) -> None:
    found, expected = packed(loose, others), [*loose, *others]
    assert list(found) == expected
    assert [found[index] for index in range(-len(expected), len(expected))] == 2 * expected
    assert found[1:-1] == tuple(expected[1:-1])
    assert len(found) == len(expected)
    assert found == expected
    assert found == packed((), expected)
    assert hash(found) == hash(packed((), expected))


@given(st.lists(values, max_size=5), st.lists(values, max_size=3 * BLOCK))
def test_values_can_be_ordered_by_a_field(loose: list[NoRule], others: list[NoRule]) -> None:
    assert list(packed(loose, others, "reason")) == sorted([*loose, *others], key=lambda value: value.reason)


def test_other_values_are_another_sequence() -> None:
    one, other = NoRule((1,), "blank"), NoRule((1,), "total")
    assert packed([one], []) != packed([], [other])
    assert packed([one], []) != packed([one], [other])
    assert packed([one], []) != one


def test_what_is_packed_shows_its_values() -> None:
    assert repr(packed([], [NoRule((1,), "blank")])) == "Packed([NoRule(rows=(1,), reason='blank')])"


def test_a_copy_is_a_plain_sequence() -> None:
    found = packed([NoRule((1,), "blank")], [NoRule((2,), "total")] * 40)
    for copied in (copy.deepcopy(found), pickle.loads(pickle.dumps(found))):  # noqa: S301 - of this test
        assert isinstance(copied, tuple)
        assert found == copied


def test_blocks_that_lie_side_by_side_are_unpacked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    even, odd = ([NoRule((), f"{number:03}") for number in range(start, 8 * BLOCK, 2)] for start in (0, 1))
    blocks = [pack(some[start : start + BLOCK]) for some in (even, odd) for start in range(0, len(some), BLOCK)]
    found = Packed(NoRule, (), blocks, "reason")
    unpacked: list[bytes] = []
    decompress = zlib.decompress

    def noting(data: bytes) -> bytes:
        unpacked.append(data)
        return decompress(data)

    monkeypatch.setattr(zlib, "decompress", noting)
    assert [value.reason for value in found] == [f"{number:03}" for number in range(8 * BLOCK)]
    assert len(unpacked) <= len(blocks)


@pytest.mark.parametrize("few", [0, 500])
def test_a_run_orders_documents_and_reports_by_id_whatever_they_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(packed_values, "FEW", few)
    table = "<table><tr><th>Protocol<th>Port<th>Source</tr><tr><td>TCP<td>443<td>10.0.0.0/8</table>"
    names = [f"{number:03}.html" for number in range(3 * BLOCK)]
    for number, name in enumerate(names):
        (tmp_path / name).write_text(f"<h1>{number}</h1>{table if number % 5 == 0 else '<p>Nothing.'}", "utf-8")
    extraction = extract_paths([tmp_path])
    assert isinstance(extraction.reports, tuple) is bool(few)
    assert [document.path for document in extraction.documents] == names
    assert [(report.path, report.sha256) for report in extraction.reports] == [(one.path, one.sha256) for one in extraction.documents]
    alone = [extract_text((tmp_path / name).read_bytes(), path=name) for name in names]
    assert list(extraction.documents) == [one.documents[0] for one in alone]
    assert list(extraction.reports) == [one.reports[0] for one in alone]


def test_memory_is_given_back_between_documents_without_a_look_at_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "_BLOCKS", 2)
    monkeypatch.setattr(memory, "_own", [True])
    kept = [[number] for number in range(10_000)]
    looked_at: list[int] = []

    def noting(phase: str, told: dict[str, int]) -> None:
        if phase == "start" and told["generation"] == 2:
            looked_at.append(len(gc.get_objects()))

    nothing = part.part_of(pipeline.read_page(read(b"<p>Nothing.", "page.html")))
    gc.callbacks.append(noting)
    try:
        settled = list(part.opened([nothing] * (4 * BLOCK)))
    finally:
        gc.callbacks.remove(noting)
    assert len(settled) == 4
    assert len(looked_at) == 2
    assert max(looked_at) < len(kept)
    assert gc.get_freeze_count() == 0
