"""The one decision about the columns of a table: the reading that costs least, and the one that comes next.

Each column has candidates: a role, and the costs that speak against it. Implausible combinations of columns add costs. The search goes
through whole readings in the order of the cost of their columns. So it is exact: a reading that it has not seen cannot be cheaper.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence

import msgspec

from extract.model import Role

# The search looks at so many columns of readings: a base number, more for each cell of the table, and a maximum. Of 1,100 real tables that
# were decided, one table of 73 columns needed 34,091, and no other table more than 352.
_PLACES, _PLACES_A_CELL, _MOST_PLACES = 2_000, 20, 120_000


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
    # Whether a reading that was not looked at may be cheaper.
    cut: bool = False

    @property
    def margin(self) -> float | None:
        """Return by how much the best reading is cheaper than the next one."""
        return self.runner_up.cost - self.best.cost if self.runner_up is not None else None


def decide(candidates: Sequence[Sequence[Candidate]], together: Callable[[Sequence[Role]], Sequence[Term]], cells: int = 0) -> Decision:
    """Return the cheapest of all readings. `candidates` has at least one for each column; `together` says what is against their roles.

    Of readings that cost the same, the one whose roles come first in the lists wins. The more `cells` the table has, the more readings are
    looked at.
    """
    ordered = [sorted(column, key=lambda candidate: candidate.cost) for column in candidates]
    most = min(_PLACES + _PLACES_A_CELL * cells, _MOST_PLACES) // max(len(ordered), 1)
    best: Reading | None = None
    second: Reading | None = None
    cut = False
    for looked, (cost, chosen) in enumerate(_in_order(ordered)):
        if second is not None and cost >= second.cost:
            break
        if best is not None and looked >= most:
            cut = cost < best.cost
            break
        terms = tuple(together([candidate.role for candidate in chosen]))
        reading = Reading(tuple(chosen), terms, cost + sum(term.cost for term in terms))
        if best is None or reading.cost < best.cost:
            best, second = reading, best
        elif second is None or reading.cost < second.cost:
            second = reading
    if best is None:
        raise ValueError("a column without a candidate")
    return Decision(best, second, cut)


def _in_order(ordered: Sequence[Sequence[Candidate]]) -> Iterator[tuple[float, list[Candidate]]]:
    """Yield every choice of one candidate for each column with what they cost by themselves, cheapest first, each once."""
    costs = [[candidate.cost for candidate in column] for column in ordered]
    if not all(costs):
        return
    first = [column[0] for column in ordered]
    # The columns that do not take their first candidate, from the left: (minus the column, its place). They sort like the places of all
    # columns, and take room only for moved columns. Columns before the last moved one stay, so that no choice comes twice.
    waiting: list[tuple[float, tuple[tuple[int, int], ...]]] = [(sum(column[0] for column in costs), ())]
    while waiting:
        cost, moves = heapq.heappop(waiting)
        chosen = first.copy()
        for index, place in moves:
            chosen[-index] = ordered[-index][place]
        yield cost, chosen
        last, place = moves[-1] if moves else (0, 0)
        for index in range(-last, len(ordered)):
            further = place + 1 if index == -last else 1
            if further < len(costs[index]):
                kept = moves[:-1] if index == -last else moves
                heapq.heappush(waiting, (cost - costs[index][further - 1] + costs[index][further], (*kept, (-index, further))))
