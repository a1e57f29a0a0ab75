"""Tables that cannot hold rules, told from one look at their text: most tables of most pages.

A rule names a port or a protocol: its table has a header or a cell that is little more than a word for one of them, in whatever language,
or stands below a title that says that it lists ports. `tests/test_early.py` holds that no table of rules is told to be none.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from extract import vocabulary
from extract.model import Grid
from extract.regex import late

REASON = "no header and no short cell of it names a port or a protocol"
# A table of rules has a line that says little more than `Port` or `TCP`: the longest such line of 977 tables of rules, of 108 vendors in 22
# languages, had 23 characters. Longer ones are prose, in which words for ports and protocols stand in tables of all kinds.
_SHORT = 60
# So many rows may be the header, where words count in lines of any length.
_HEAD = 3
# Numbers, names of applications and words for any protocol say what the traffic is where at least one of so many rows holds one.
_ROWS = 10
_DIGIT = late(r"\d")
_NUMBERS = late(r"\d{1,5}(?:\s*+[,;/\u2013\u2014-]\s*+\d{1,5})*+")


def holds_no_rules(grid: Grid, lists_ports: Callable[[], bool]) -> bool:
    """Return whether no header and no short cell of a table names a port or a protocol, and no title above it does.

    `lists_ports` tells whether the title above it says that it lists ports; a table without a number is not asked for its title.
    """
    rows = [{line for cell in row.slots if cell is not None for line in cell.lines} for row in grid.rows]
    lines = set[str]().union(*rows)
    short = set[str]().union(*rows[:_HEAD], [line for line in lines if len(line) <= _SHORT])
    folded = {line: vocabulary.fold(line) for line in short}
    if _names_traffic(rows, lines, folded):
        return False
    return not (any(map(_DIGIT.search, lines)) and lists_ports())


def _names_traffic(rows: Sequence[AbstractSet[str]], lines: AbstractSet[str], folded: Mapping[str, str]) -> bool:
    """Return whether a header or short cell names ports or a protocol, or enough rows say what may be either; `folded` are short lines."""
    if _telling().search("\n".join(folded.values())) or _in_rows(rows, {line for line, text in folded.items() if text in _whole_lines()}):
        return True
    numbered = _in_rows(rows, set(filter(_NUMBERS.fullmatch, lines)))
    return numbered and _applications().search(vocabulary.fold("\n".join(lines))) is not None


def _in_rows(rows: Sequence[AbstractSet[str]], lines: AbstractSet[str]) -> bool:
    """Return whether enough of the rows hold one of some lines."""
    return bool(lines) and sum([not lines.isdisjoint(row) for row in rows]) * _ROWS >= len(rows)


@functools.cache
def _telling() -> vocabulary.Finder:
    """Return what finds a word for ports or a protocol."""
    return vocabulary.Finder(vocabulary.traffic_words())


@functools.cache
def _applications() -> vocabulary.Finder:
    """Return what finds the name of an application: beside a column of numbers, they may be its ports."""
    return vocabulary.Finder({*vocabulary.application_words()} - {*vocabulary.words("any")})


@functools.cache
def _whole_lines() -> frozenset[str]:
    """Return what says something of traffic where a line says nothing else."""
    return frozenset({*vocabulary.application_words(), *vocabulary.words("any")})
