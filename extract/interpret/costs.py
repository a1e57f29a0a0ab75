"""The costs of `assign` on one scale, one line each: what speaks for and against a reading of a table.

A reading gives each column a role. Its cost is the sum of three parts: the header speaks against the role, the cells speak against it, or
the combination of columns is implausible. 0 means that the page says so in so many words; 1 is a little less clear; 3 needs support from
elsewhere; 6 contradicts the page; 8 is nearly impossible. The cheapest reading is taken. Each figure was tried on the golden pages and on
pages of some forty vendors. A figure without its own comment was right from the start, and larger or smaller values work, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from extract.interpret.profiles import Fact
from extract.model import ENDS, PORTS, Role

IMPOSSIBLE = 99.0

# --- what the header says ---------------------------------------------------------------------------------------------

# The header names the role beside the one that comes first: `Protocol/Port`.
NAMED_SECOND = 2.0
# The word has two meanings of equal weight: German `Zweck`, Spanish `objetivo` beside `destino`.
EQUAL = 0.5
# The header names something else. Text may be anywhere.
CONTRARY, CONTRARY_TEXT = 6.0, 5.0
# The header names something that any column may be called: a service, a description, a type.
NEUTRAL = 3.0
# The header counts something: `Timeout`, `Max. sessions`. Added to what makes ports of numbers.
QUANTITY = 4.0
# A column with an unknown header may hold anything; usually it holds prose.
UNKNOWN: Mapping[Role, float] = {
    "description": 1,
    "protocol": 2,
    "direction": 2,
    "action": 2,
    "flow": 2,
    "address": 1.5,
    # Names are names of anything: see ENDLIKE.
    "end": 4.5,
    # Numbers are more often quantities.
    "port": 3,
    "ethertype": 2,
    # What a console calls a rule: `All TCP`, `SSH`, beside a column of protocols.
    "type": 3,
    "far": 2.5,
    "source": 3,
    "destination": 3,
    "mark": IMPOSSIBLE,
}

# --- what the cells say -----------------------------------------------------------------------------------------------


class Fit(NamedTuple):
    """A column of a role must have this share of cells of a kind. Otherwise the role costs this much."""

    fact: Fact
    share: float
    cost: float
    words: str


MOSTLY, HALF, SOME = 0.8, 0.5, 0.3
# Flows are drawn with arrows, but for a row or two.
ARROWED = 0.6

FITS: Mapping[Role, Fit] = {
    # A port column with only words states open ports, if the table has no other port column and states the rest of a rule: see NO_PORT.
    **dict.fromkeys((*PORTS, "internal_port"), Fit("ported", SOME, 8, "its cells are no ports")),
    "source_port": Fit("ported", SOME, 6, "its cells are no ports"),
    # Unknown words under `Protocol` leave the row open. If another column holds transports, that column wins.
    "protocol": Fit("protocol", SOME, 4, "its cells are no protocols"),
    "type": Fit("protocol", HALF, 4, "its cells are no rule types"),
    "direction": Fit("directed", SOME, 7, "its cells are no directions"),
    # An unknown word leaves its row open if the header says that the column holds actions.
    "action": Fit("action", HALF, 4, "its cells are no actions"),
    "flow": Fit("paired", HALF, 7, "its cells do not name two ends"),
}


class Against(NamedTuple):
    """Cells that do not fit these roles. If their share is at least this large, the role costs this much."""

    roles: frozenset[Role]
    fact: Fact
    share: float
    cost: float
    words: str


_PROSE: frozenset[Role] = frozenset({"description", "service"})

AGAINST: tuple[Against, ...] = (
    Against(ENDS, "direction", MOSTLY, 8, "its cells are directions"),
    Against(ENDS, "way of an end", MOSTLY, 8, "its cells are directions"),
    Against(ENDS, "transport", MOSTLY, 9, "its cells are protocols"),
    Against(ENDS, "action", MOSTLY, 8, "its cells are actions"),
    Against(ENDS, "bare number", MOSTLY, 8, "its cells are numbers"),
    Against(ENDS, "pure composite", HALF, 8, "its cells name protocol and port"),
    # `6` and `17` are protocols, 1688 is none.
    Against(frozenset({"protocol"}), "bare number", MOSTLY, 4, "its cells are numbers"),
    Against(frozenset({"port_from", "port_to"}), "composite", SOME, 3, "its cells name protocol and port"),
    Against(_PROSE, "transport", MOSTLY, 5, "its cells are protocols"),
    Against(_PROSE, "composite", HALF, 5, "its cells name protocol and port"),
    # `Outbound mail` under `Purpose` is what a rule is for.
    Against(frozenset({"description"}), "way", MOSTLY, 4, "its cells are directions"),
    Against(frozenset({"service"}), "way alone", MOSTLY, 4, "its cells are directions"),
    Against(_PROSE, "way of an end", MOSTLY, 6, "its cells are directions"),
    Against(_PROSE, "action", MOSTLY, 4, "its cells are actions"),
    # An arrow is drawn between two ends.
    Against(_PROSE, "arrowed", ARROWED, 4, "its cells name both ends of a flow"),
)

# Names of protocols and services, some of which are transports, are no text.
TYPES_AS_PROSE = 3.0
# Ticks under `TCP` are no ports, and those under `From worker` no ends.
TICKS = 8.0
# Under a header that nobody knows: what tells a column of ends from one of text, counted over 318 columns of sources and destinations and
# 364 of descriptions and services. It counts against text.
ENDLIKE_ALL = 6.0  # eight of ten cells are an address
ENDLIKE_MANY = 3.5  # three of ten cells are an address or a group: 32 % of ends, 4 % of texts
ENDLIKE_SOME = 2.0  # a cell is: 45 % and 5 %
ENDLIKE_SHARED = 4.0  # three of ten cells stand in a column of ends, too: 60 % and 2 %
ENDLIKE_AGAIN = 1.0  # cells repeat, as those of descriptions do not: 70 % and 15 %
ENDLIKE_NOUN = 1.0  # half of the cells end in a noun for a machine or an address: 33 % and 9 %
ENDLIKE_ALONE = 1.5  # all of several cells say the same
ENDLIKE_BESIDE = 1.0  # it stands beside the only column of ends: 57 % and 33 %
ENDLIKE_DESCRIBED = 1.0  # another column describes the rule: 71 % and 24 %
ENDLIKE_INSIDE = 1.0  # it is not the last column: 95 % and 30 %
# And against an end: the last column, and cells of more words than names have; and a cell that is a protocol or a port.
LAST, WORDY, OTHER_FORM = 2.5, 3.0, 4.0
NAME_WORDS = 8

# --- what the columns together say ------------------------------------------------------------------------------------

# A rule table has a port column. A doubtful port column costs less than none.
NO_PORT = 4.0
# Numbers under a header that says nothing of ports, in a table without a column of protocols.
NUMBERS_ALONE = 3.0
# The same beside source and destination.
NUMBERS_OF_FLOWS = 1.5
# Numbers under a header that says nothing of ports, beside a column that is called so.
NUMBERS_BESIDE_PORTS = 8.0
# Names of protocols that no column of protocols stands beside are names of services.
TYPE_ALONE = 4.0
# A flow where source or destination are named.
FLOW_TOO_MANY = 4.0
# A further end where both are named.
END_TOO_MANY = 4.0
# Names of services alone, `LDAPS`, are what is let through where an action says so; elsewhere they are names.
LABELS_ALONE = 3.0
# One column states it; the cells of a second one are something else.
ONCE: Mapping[Role, float] = {"protocol": 6, "direction": 6, "action": 5, "flow": 6, "near": 2, "owner": 2, "end": 4}
# The first port of a range needs the last one.
HALF_A_RANGE = 8.0
# Numbers beside the one end of a range that a header names.
RANGE_END = 1.0
# One end of an arrow needs the other.
HALF_A_PAIR = 9.0
# Arrows between two columns, and the columns are not read as their ends.
LOOSE_ARROW = 2.0
# Two columns of one side, where each may be the other one.
OTHER_SIDE = 3.0

# --- is it a table of rules? ------------------------------------------------------------------------------------------

# Below the first limit a table holds rules, above the second it does not. Between the two it is left out with a finding.
DOUBTFUL, NO_RULES = 6.0, 7.0
# Numbers, and no header that calls them ports.
UNCALLED = 7.0
# Numbers under `Port`, without a protocol, a side or a direction, and nothing around the table speaks of ports.
UNSPOKEN = 6.0
# The numbers count up from 1: the sockets of a switch.
SERIAL = 8.0
# Records of a name server.
RECORDS = 8.0
# The header has words for cabling, parameters or a password. IP protocols in the same row reduce this cost.
HARDWARE, PARAMETER, CREDENTIAL, TRANSPORTS = 8.0, 8.0, 7.0, 2.0
# Words under `Port`, and the row does not say the rest of a rule.
UNNUMBERED = 7.0

# --- other layouts ----------------------------------------------------------------------------------------------------

# Rules stand in rows, as a rule.
KEY_VALUE = 1.0
# A dialog of settings has a port, too: rules name a protocol or a side.
KEY_VALUE_ALONE = 6.0
# A matrix of hosts costs more for cells that are not ports: this much if none of them is a port.
MATRIX_CELL = 10.0
# The rows and the columns of a matrix name the same hosts, or its corner says which of them is which end. A sign alone (`I/O`) says little.
MATRIX_CORNER, MATRIX_NAMES = 2.0, 6.0
# No cell names a protocol, and nothing around the table speaks of ports.
MATRIX_UNSPOKEN = 4.0
