"""The names of the cells of a row in the evidence of its rules."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Sequence

NOTE = "note "
"""What the names of notes begin with: `note 1`, where the mark is 1."""


def evidence_names(headers: Sequence[str]) -> tuple[str, ...]:
    """Return a name for every column, no two the same: its header, numbered when it repeats, its place when it is empty."""
    return _named(headers, "column")


def field_names(headers: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return a name for every field of a key/value table, and one for the heading of the column that a rule stands in."""
    names = _named(headers, "row")
    return names, distinct("column", names)


def distinct(name: str, taken: Collection[str], number: int = 1) -> str:
    """Return a name, numbered from `number` on where it is taken: `Port`, `Port (2)`."""
    numbered = itertools.chain([name] if number == 1 else [], (f"{name} ({further})" for further in itertools.count(max(number, 2))))
    return next(one for one in numbered if one not in taken)


def _named(headers: Sequence[str], place: str) -> tuple[str, ...]:
    # A name from the page takes precedence over a name that is made up for another column.
    taken = set(headers)
    seen: Counter[str] = Counter()
    names: list[str] = []
    for index, header in enumerate(headers, 1):
        seen[header] += 1
        name = header
        if not header:
            name = distinct(f"{place} {index}", taken)
        elif seen[header] > 1:
            name = distinct(header, taken, seen[header])
        taken.add(name)
        names.append(name)
    return tuple(names)
