"""The one decision about the columns of a table: the reading that costs least, and the one that comes next.

Each column has candidates, a role with what speaks against it; what the columns together make implausible comes on top. The search goes
through whole readings in the order of what their columns cost, so that it is exact: no reading that it has not seen can be cheaper.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence

import msgspec

from extract.model import Role

# Readings looked at in one table. The most that a table of some 1,000 golden and real ones needed is 160; a table of 60 columns that all
# may be several things is left with the best of these.
_READINGS = 2_000
# So many places of readings are looked at: spans that claim a thousand columns cost a minute otherwise.
_PLACES = 120_000


class Term(msgspec.Struct, frozen=True):
    """What speaks against a reading, in words, and how much."""

    cost: float
    words: str


class Candidate(msgspec.Struct, frozen=True):
    """A role that a column may have, and what speaks against it."""

    role: Role
    terms: tuple[Term, ...] = ()

    @property
    def cost(self) -> float:
        """Return what the role costs by itself."""
        return sum(term.cost for term in self.terms)


class Reading(msgspec.Struct, frozen=True):
    """A candidate for each column, and what speaks against them together."""

    columns: tuple[Candidate, ...]
    terms: tuple[Term, ...]
    cost: float

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return the role of each column."""
        return tuple(column.role for column in self.columns)


class Decision(msgspec.Struct, frozen=True):
    """The cheapest reading, and the next one; None when there is no other."""

    best: Reading
    runner_up: Reading | None

    @property
    def margin(self) -> float | None:
        """Return by how much the best reading is cheaper than the next one."""
        return self.runner_up.cost - self.best.cost if self.runner_up is not None else None


def decide(candidates: Sequence[Sequence[Candidate]], together: Callable[[Sequence[Role]], Sequence[Term]]) -> Decision:
    """Return the cheapest of all readings. `candidates` has at least one for each column; `together` says what is against their roles.

    Of readings that cost the same, the one whose roles come first in the lists wins.
    """
    ordered = [sorted(column, key=lambda candidate: candidate.cost) for column in candidates]
    most = min(_READINGS, _PLACES // max(len(ordered), 1))
    best: Reading | None = None
    second: Reading | None = None
    for looked, (cost, chosen) in enumerate(_in_order(ordered)):
        if (second is not None and cost >= second.cost) or (looked >= most and best is not None):
            break
        terms = tuple(together([candidate.role for candidate in chosen]))
        reading = Reading(tuple(chosen), terms, cost + sum(term.cost for term in terms))
        if best is None or reading.cost < best.cost:
            best, second = reading, best
        elif second is None or reading.cost < second.cost:
            second = reading
    if best is None:
        raise ValueError("a column without a candidate")
    return Decision(best, second)


def _in_order(ordered: Sequence[Sequence[Candidate]]) -> Iterator[tuple[float, list[Candidate]]]:
    """Yield every choice of one candidate for each column with what they cost by themselves, cheapest first, each once."""
    costs = [[candidate.cost for candidate in column] for column in ordered]
    if not all(costs):
        return
    first = (0,) * len(ordered)
    # The columns before the last one that was moved stay as they are, so that no choice comes twice.
    waiting: list[tuple[float, tuple[int, ...], int]] = [(sum(column[0] for column in costs), first, 0)]
    while waiting:
        cost, places, moved = heapq.heappop(waiting)
        yield cost, [column[place] for column, place in zip(ordered, places, strict=True)]
        for index in range(moved, len(ordered)):
            place = places[index] + 1
            if place < len(costs[index]):
                further = cost - costs[index][place - 1] + costs[index][place]
                heapq.heappush(waiting, (further, (*places[:index], place, *places[index + 1 :]), index))
