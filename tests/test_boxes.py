"""Traffic as boxes: subtraction is exact, held against sets of points."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from extract.export.boxes import Box, Entry, Interval, let_through, overlap, subtract

SIDE = 3
intervals = st.tuples(st.integers(0, SIDE), st.integers(0, SIDE)).map(lambda pair: (min(pair), max(pair)))
# Four dimensions of few points each; the others are one point, so that sets of points stay small.
boxes = st.builds(lambda a, b, c, d: Box((0, 0), (4, 4), a, b, c, d), intervals, intervals, intervals, intervals)
lists = st.lists(boxes, max_size=4)


def points(some: list[Box]) -> set[tuple[int, ...]]:
    """Return every point of some boxes."""

    def within(sides: Box) -> list[range]:
        return [range(low, high + 1) for low, high in sides]

    return {point for box in some for point in itertools.product(*within(box))}


@given(lists, lists)
def test_what_is_left_is_what_was_not_taken(some: list[Box], taken: list[Box]) -> None:
    assert points(subtract(some, taken)) == points(some) - points(taken)


@given(boxes, lists)
def test_the_pieces_of_a_box_do_not_overlap(box: Box, taken: list[Box]) -> None:
    pieces = subtract([box], taken)
    assert not any(overlap(one, other) for one, other in itertools.combinations(pieces, 2))


@given(st.lists(st.tuples(st.booleans(), lists), max_size=4))
def test_the_first_entry_that_fits_decides(entries: list[tuple[bool, list[Box]]]) -> None:
    wanted = set()
    decided: set[tuple[int, ...]] = set()
    for allow, some in entries:
        new = points(some) - decided
        decided |= new
        wanted |= new if allow else set()
    assert points(let_through(Entry(allow, tuple(some)) for allow, some in entries)) == wanted


def test_addresses_of_six_are_numbers_too() -> None:
    every: Interval = (0, 2**128 - 1)
    box = Box((0, 0), (6, 6), (6, 6), (443, 443), every, every)
    hole = box._replace(source=(2**64, 2**65))
    assert [piece.source for piece in subtract([box], [hole])] == [(0, 2**64 - 1), (2**65 + 1, 2**128 - 1)]
