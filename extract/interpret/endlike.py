"""Distinguish a column of endpoints from a column of text under an unknown header, by the form of the cells and the place of the column.

If an endpoint is read as text, it is lost. If text is read as an endpoint, the rule is wrong. How often each sign occurs was counted;
its figure is in `costs`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from extract.interpret import costs
from extract.interpret.assign import Term
from extract.interpret.profiles import Profile
from extract.interpret.table import Table

# With at least this many cells, a share of three distinct cells in four is a sign.
_SEVERAL, _REPEATED = 4, 0.75

Sign = Callable[[Table, int, Profile], bool]


def against_text(table: Table, index: int) -> Iterator[Term]:
    """Yield signs that a column under an unknown header does not hold text."""
    profile = table.profiles[index]
    if profile.reaches("protocol", costs.HALF) and profile.share("stated"):
        yield Term(costs.TYPES_AS_PROSE, "its cells are protocols")
    if not _is_of_another_form(profile):
        yield from (Term(cost, words) for sign, cost, words in _SIGNS if sign(table, index, profile))


def against_ends(table: Table, index: int) -> Iterator[Term]:
    """Yield signs that a column under an unknown header does not hold endpoints."""
    profile = table.profiles[index]
    if _is_last(table, index):
        yield Term(costs.LAST, "it is the last column")
    if profile.words > costs.NAME_WORDS and (_is_last(table, index) or not profile.reaches("named end", costs.SOME)):
        yield Term(costs.WORDY, "its cells are sentences")
    if _is_of_another_form(profile):
        yield Term(costs.OTHER_FORM, "cells are protocols or ports")


def may_be_ends(profile: Profile) -> bool:
    """Return whether the cells of a column have the form that names have."""
    return 0 < profile.words <= costs.NAME_WORDS and not _is_of_another_form(profile)


def _is_last(table: Table, index: int) -> bool:
    return index + 1 == len(table.headers)


def _is_of_another_form(profile: Profile) -> bool:
    """Return whether cells are protocols or numbers, which no end is called by."""
    labelled = profile.reaches("labelled", costs.HALF) or bool(profile.share("stated"))
    return labelled or profile.share("numeric") > profile.share("address")


def _are_addresses(_: Table, __: int, profile: Profile) -> bool:
    return profile.reaches("address", costs.MOSTLY)


def _are_many(table: Table, index: int, profile: Profile) -> bool:
    return not _are_addresses(table, index, profile) and profile.reaches("named end", costs.SOME)


def _are_some(_: Table, __: int, profile: Profile) -> bool:
    # `All` in each cell may be every port as well.
    return not profile.reaches("named end", costs.SOME) and bool(profile.share("endpoint")) and len(profile.texts) > 1


def _are_shared(table: Table, _: int, profile: Profile) -> bool:
    least = max(2.0, costs.SOME * len(profile.texts))
    return any(len(profile.texts & named) >= least for named in table.named_by_ends)


def _repeat(_: Table, __: int, profile: Profile) -> bool:
    return profile.filled >= _SEVERAL and profile.distinct <= _REPEATED


def _are_one(_: Table, __: int, profile: Profile) -> bool:
    return profile.filled >= _SEVERAL and len(profile.texts) == 1


def _name_machines(_: Table, __: int, profile: Profile) -> bool:
    return profile.reaches("component", costs.HALF)


def _stands_beside_end(table: Table, index: int, _: Profile) -> bool:
    return table.ends in ((index - 1,), (index + 1,))


def _is_described(table: Table, index: int, _: Profile) -> bool:
    return len(table.described) > (index in table.described)


def _is_inside(table: Table, index: int, _: Profile) -> bool:
    return not _is_last(table, index)


_SIGNS: tuple[tuple[Sign, float, str], ...] = (
    (_are_addresses, costs.ENDLIKE_ALL, "its cells are addresses"),
    (_are_many, costs.ENDLIKE_MANY, "cells are addresses or groups"),
    (_are_some, costs.ENDLIKE_SOME, "a cell is an address, a group or anyone"),
    (_are_shared, costs.ENDLIKE_SHARED, "a column of ends names the same"),
    (_repeat, costs.ENDLIKE_AGAIN, "cells repeat"),
    (_are_one, costs.ENDLIKE_ALONE, "all cells say the same"),
    (_name_machines, costs.ENDLIKE_NOUN, "cells name machines"),
    (_stands_beside_end, costs.ENDLIKE_BESIDE, "it stands beside the only end"),
    (_is_described, costs.ENDLIKE_DESCRIBED, "another column describes the rule"),
    (_is_inside, costs.ENDLIKE_INSIDE, "it is not the last column"),
)
