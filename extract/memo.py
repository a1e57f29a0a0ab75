"""Results that are kept for the texts which documents repeat: short cells. Long ones are prose, and what is made of it is large."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

# A text, or the lines of a cell.
Text = TypeVar("Text", bound=Sequence[str])
Made = TypeVar("Made", bound=Hashable)

# Of the golden pages, nine in ten of the cells that recur are shorter. What the grammar makes of a cell takes some thirty bytes a
# character, so that one cache of cells stays below 16 MiB.
_SHORT = 80
_CELLS = 2048


class _ForShort(Generic[Text, Made]):
    """A function that remembers what it made of short texts."""

    def __init__(self, function: Callable[[Text], Made]) -> None:
        functools.update_wrapper(self, function)
        self._make = function
        self._kept = functools.lru_cache(maxsize=_CELLS)(function)
        self.cache_clear, self.cache_parameters = self._kept.cache_clear, self._kept.cache_parameters

    def __call__(self, text: Text) -> Made:
        length = len(text) if isinstance(text, str) else sum(map(len, text))
        return self._kept(text) if length <= _SHORT else self._make(text)


def for_short(function: Callable[[Text], Made]) -> _ForShort[Text, Made]:
    """Return a pure function of a text, or of the lines of a cell, that remembers what it made of short ones.

    The cache is bounded, and has the methods `cache_clear` and `cache_parameters` of `functools.lru_cache`.
    """
    return _ForShort(function)
