"""Tables that cannot hold rules, told from one look at their text: most tables of most pages.

A table of rules names a port or a protocol. So it has a header or a cell that is little more than a word for one of them, in whatever
language; or it has numbers or names of applications, and something that says that these are ports: a title that lists ports, a direction, a
type, an arrow, or both ends. `judge` asks for the same second part if no header calls the numbers ports. `tests/test_early.py` and
`tests/test_early_shapes.py` check that no rule table is excluded.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence

from extract import vocabulary
from extract.cells import direction, flows
from extract.interpret import cards, profiles
from extract.interpret.headers import read_header
from extract.interpret.naming import roles_of
from extract.model import ENDS, Grid, Role
from extract.regex import late

REASON = "no header and no short cell of it names a port or a protocol"
# A table of rules has a line that says little more than `Port` or `TCP`: the longest such line of 977 tables of rules, of 108 vendors in 22
# languages, had 23 characters. Longer ones are prose, in which words for ports and protocols stand in tables of all kinds.
_SHORT = 60
# The first rows may be the header. There, words count in lines of any length.
_HEAD = 3
# What may be a port: a number that is not a part of a version, an address, a date or a time.
_NUMBER = late(r"(?<![\w.])(?<!\d[:/-])\d{1,5}(?![\w%]|\.\d|[-/]\d{1,2}[-/])")
# What columns of numbers are ports beside (`judge.Judge`).
_TELLING: frozenset[Role] = frozenset({"protocol", "flow", "direction", "type"})
_BOTH_ENDS: frozenset[Role] = frozenset({"source", "destination"})


def holds_no_rules(grid: Grid, headers: Sequence[str], lists_ports: Callable[[], bool]) -> bool:
    """Return whether a table names neither a port nor a protocol, and nothing says of its numbers or names that they are ports.

    `headers` are the texts of its columns, and `lists_ports` tells whether the title above it says that it lists ports.
    """
    rows = [{line for cell in row.slots if cell is not None for line in cell.lines} for row in grid.rows]
    lines = set[str]().union(*rows)
    short = set[str]().union(*rows[:_HEAD], [line for line in lines if len(line) <= _SHORT])
    folded = [vocabulary.fold(line) for line in short]
    text = "\n".join(folded)
    if _words().search(text) or not vocabulary.words("both_transports", "every_protocol").isdisjoint(folded):
        return False
    if not (_NUMBER.search(text) or _applications().search(text) or not vocabulary.words("any").isdisjoint(folded)):
        return True
    return not (_is_told(grid, headers, folded) or any(map(_says_way, lines)) or lists_ports())


def _is_told(grid: Grid, headers: Sequence[str], folded: Iterable[str]) -> bool:
    """Return whether headers say that numbers or names of applications may be ports; `folded` are short lines."""
    roles = {role for text in {*headers, *_names(grid)} if len(text) <= _SHORT for role in roles_of(read_header(text))}
    if not roles.isdisjoint(_TELLING) or roles >= _BOTH_ENDS:
        return True
    # `HTTPS (443)` in a matrix whose corner names an end.
    return not roles.isdisjoint(ENDS) and any(_NUMBER.search(line) and _applications().search(line) for line in folded)


def _says_way(line: str) -> bool:
    """Return whether a line may be a direction, an arrow, or both ends of a flow: `Inbound from A`, `A -> B`, `A to B`."""
    if len(line) > flows.MAX_WAY:
        return False
    joined = len(line) <= profiles.WORD_CELL_CHARS and profiles.joint().search(line)
    return bool(joined or profiles.ARROW_SIGN.search(line) or direction.of_cell(line))


def _names(grid: Grid) -> Iterator[str]:
    """Yield the cells that may be headers or the names of fields."""
    for row in grid.rows[:_HEAD]:
        yield from (cell.text for cell in row.slots if cell is not None)
    if len(grid.rows) <= cards.MAX_FIELDS + 1:
        yield from (cell.text for row in grid.rows for cell in row.slots[:1] if cell is not None)


@functools.cache
def _words() -> vocabulary.Finder:
    """Return what finds a word for ports or a protocol."""
    return vocabulary.Finder(vocabulary.traffic_words())


@functools.cache
def _applications() -> vocabulary.Finder:
    """Return what finds the name of an application."""
    return vocabulary.Finder({*vocabulary.application_words()} - {*vocabulary.words("any")})
