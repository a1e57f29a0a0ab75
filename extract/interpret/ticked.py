"""Columns of ticks that name an end of the traffic in their headers: `From worker | From outside`, `Reachable from: Worker | Outside`."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence

from extract import vocabulary
from extract.cells.cleaning import clean
from extract.interpret.headers import Header, read_header
from extract.interpret.profiles import Profile
from extract.model import EndSide, TickedEnd

_SIDES: tuple[EndSide, ...] = ("source", "destination")
# What these words name is no end.
_NO_NAMES = frozenset({"port", "protocol", "direction", "action", "description", "service", "type", "icmp"})


def ends(headers: Sequence[Header], profiles: Sequence[Profile]) -> Mapping[int, TickedEnd]:
    """Return column -> the end of the traffic of the rows that are ticked in it.

    One such column may say something else (`To be opened`), so a table has at least two of a side.
    """
    found = {
        index: end
        for index, (header, profile) in enumerate(zip(headers, profiles, strict=True))
        if (end := _end(header.text)) is not None and profile.ticked
    }
    sides = Counter(end.side for end in found.values())
    return {index: end for index, end in found.items() if sides[end.side] > 1}


@functools.lru_cache(maxsize=1024)
def _end(header: str) -> TickedEnd | None:
    """Return the end that a header names behind a word for its side. `Node-to-node` names none, and `From version 5` says when."""
    text = clean(header).strip(" :*")
    folded = vocabulary.fold(text)
    concepts = vocabulary.header_concepts()
    found = {side: span.end for side in _SIDES for span in concepts[side].finditer(folded) if span.start == 0}
    if len(found) != 1 or vocabulary.finder("condition").match(folded):
        return None
    side, end = next(iter(found.items()))
    name = folded[end + 1 :].split()
    if folded[end : end + 1] != " " or not name or read_header(" ".join(name)).concepts & _NO_NAMES:
        return None
    return TickedEnd(side, " ".join(text.split()[-len(name) :]))
