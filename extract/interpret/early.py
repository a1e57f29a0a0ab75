"""Tables that cannot hold rules, told from one look at their text: most tables of most pages.

A rule names a port or a protocol: its table has a word for one of them, in whatever language, or stands below a title that says that it
lists ports. `tests/test_early.py` holds that no table of rules is told to be none.
"""

from __future__ import annotations

import functools

from extract import vocabulary
from extract.interpret.judge import lists_ports
from extract.model import Grid
from extract.read.places import Around
from extract.regex import late

REASON = "no word of it names a port or a protocol"
_DIGIT = late(r"\d")


def holds_no_rules(grid: Grid, around: Around) -> bool:
    """Return whether no word of a table names a port or a protocol, and no title above it does."""
    lines = dict.fromkeys(line for row in grid.rows for cell in row.slots if cell is not None for line in cell.lines)
    text = "\n".join(lines)
    # A cell may say no more than that any protocol is allowed.
    if _telling().search(vocabulary.fold(text)) or not vocabulary.words("any").isdisjoint(map(vocabulary.fold, lines)):
        return False
    return not _DIGIT.search(text) or not lists_ports(around)


@functools.cache
def _telling() -> vocabulary.Finder:
    """Return what finds a word for ports, a protocol, or an application in its place."""
    ports = vocabulary.header_words("port") | vocabulary.header_words("protocol") | vocabulary.header_words("icmp")
    words = {*ports, *vocabulary.protocol_words(), *vocabulary.application_words(), *vocabulary.icmp_types()}
    return vocabulary.Finder(words - {vocabulary.ANY_PROTOCOL, *vocabulary.words("any")})
