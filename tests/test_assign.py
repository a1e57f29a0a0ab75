"""The decision about the columns of a table: the cheapest of all readings, and the next one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.interpret.assign import Candidate, Term, decide
from extract.model import Role

ROLES: tuple[Role, ...] = ("port", "protocol", "source", "destination", "description")
COSTS = st.integers(0, 12).map(lambda halves: halves / 2)


def candidates() -> st.SearchStrategy[list[list[Candidate]]]:
    one = st.builds(lambda role, cost: Candidate(role, (Term(cost, "x"),)), st.sampled_from(ROLES), COSTS)
    return st.lists(st.lists(one, min_size=1, max_size=4, unique_by=lambda each: each.role), min_size=1, max_size=5)


def together(roles: Sequence[Role]) -> tuple[Term, ...]:
    twice = sum(roles.count(role) > 1 for role in set(roles))
    return (Term(2.5 * twice, "twice"),) if twice else ()


@given(candidates())
def test_no_reading_is_cheaper_and_the_next_one_is_next(columns: list[list[Candidate]]) -> None:
    every = sorted(
        sum(one.cost for one in chosen) + sum(term.cost for term in together([one.role for one in chosen]))
        for chosen in itertools.product(*columns)
    )
    decision = decide(columns, together)
    assert decision.best.cost == every[0]
    assert (decision.runner_up.cost if decision.runner_up else None) == (every[1] if len(every) > 1 else None)
    assert decision.margin == (every[1] - every[0] if len(every) > 1 else None)


def test_of_two_that_cost_the_same_the_first_of_the_list_wins() -> None:
    decision = decide([[Candidate("source"), Candidate("destination")]], together)
    assert decision.best.roles == ("source",)
    assert decision.margin == 0


def test_a_table_of_many_columns_that_may_be_anything_is_decided_as_far_as_readings_are_looked_at() -> None:
    columns = [[Candidate(role, (Term(cost, "x"),)) for cost, role in enumerate(ROLES)]] * 60
    decision = decide(columns, together)
    assert decision.best.roles
    # Something costs 2.5 more in each reading with two columns of one role, and other readings begin at 1.
    assert decision.cut


@given(candidates())
def test_what_is_looked_at_in_full_is_not_cut(columns: list[list[Candidate]]) -> None:
    assert not decide(columns, together).cut


def test_more_cells_let_more_readings_be_looked_at() -> None:
    def not_yet(roles: Sequence[Role]) -> tuple[Term, ...]:
        return () if roles.count("protocol") == 2 else (Term(9, "two columns are protocols"),)

    columns = [[Candidate("port"), Candidate("protocol", (Term(3, "x"),))]] * 60
    assert decide(columns, not_yet).cut
    found = decide(columns, not_yet, 2_000)
    assert (found.cut, found.best.cost) == (False, 6)


def test_a_column_without_a_candidate_is_an_error() -> None:
    with pytest.raises(ValueError, match="without a candidate"):
        decide([[Candidate("port")], []], together)
