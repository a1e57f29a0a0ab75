"""What the text of one cell says, each reading of it made once.

The decision about a column, the rows and the checks need the same facts of a cell, and most cells of a column repeat others. Equal cells
of a page share one `Reading`, which computes each fact on first use. Readings are dropped with their page, except for some
readings of short cells.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from extract import vocabulary
from extract.cells import actions, direction, endpoint, flows, icmp, left_over, marks, ports, protocol, remarks
from extract.cells.direction import Way
from extract.cells.icmp import Icmp
from extract.cells.limits import MAX_CELL
from extract.cells.ports import PortCell, PortForm
from extract.cells.protocol import ProtocolCell, ProtocolForm
from extract.model import Action, Endpoint

Lines = tuple[str, ...]
Made = TypeVar("Made")

# The readings of a page take some 40 bytes for each character of its cells, and each reading costs this many characters more. If they
# would take more than 15 MB, the cache is emptied: of 800 pages, none takes a tenth of this.
_ROOM = 400_000
_OWN = 40
# Short cells say the same on the next page, too (`TCP`, `443`, `Any`): measured, nine in ten of a site stood on a page before, and three in
# ten where each page is of another vendor. Each takes about 1 kB.
SHORT = 24
"""So many characters does a cell have at most that is kept when its page is done."""
_KEPT = 4096


class _Once(Generic[Made]):
    """An attribute that a function computes on first use, like `functools.cached_property`, but without the lock of Python 3.11."""

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make, self._name, self.__doc__ = make, make.__name__, make.__doc__

    @overload
    def __get__(self, instance: None, owner: object) -> _Once[Made]: ...
    @overload
    def __get__(self, instance: object, owner: object) -> Made: ...
    def __get__(self, instance: object | None, owner: object) -> _Once[Made] | Made:
        if instance is None:
            return self
        made = instance.__dict__[self._name] = self._make(instance)
        return made


class Reading:
    """What one cell says, in whatever role its column has."""

    def __init__(self, lines: Lines) -> None:
        """Take the lines of the cell."""
        self.lines = lines
        # The whole text in one line.
        self.text = lines[0] if len(lines) == 1 else " ".join(lines)

    @_Once
    def none(self) -> bool:
        """Whether the cell says that there is nothing: empty, a dash, `N/A`."""
        return ports.is_none(self.text)

    @_Once
    def ports(self) -> PortCell:
        """What it says as a port cell; an end of the traffic behind the ports is no part of that."""
        said, _, name = self.end_of_ports
        return ports.parse((said,) if name and len(self.lines) == 1 else self.lines)

    @_Once
    def port_forms(self) -> frozenset[PortForm]:
        """What it looks like as a port cell; nothing when it is as long as prose."""
        return ports.forms_of(self.ports, self.text) if len(self.text) <= ports.MAX_CHARS else frozenset()

    @_Once
    def protocol(self) -> ProtocolCell:
        """What it says as a protocol cell."""
        return protocol.parse(self.lines)

    @_Once
    def protocol_forms(self) -> frozenset[ProtocolForm]:
        """What it looks like as a protocol cell."""
        return protocol.forms_of(self.protocol)

    @_Once
    def transport(self) -> bool:
        """Whether it names IP protocols and nothing else."""
        return protocol.is_possible(self.lines) and "transport" in self.protocol_forms

    @_Once
    def remark(self) -> tuple[tuple[str, ...], str]:
        """The protocols that a remark in brackets states, and the remark."""
        return protocol.bracketed(self.lines)

    @_Once
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The ends of a flow that it names."""
        return endpoint.parse(self.lines)

    @_Once
    def direction(self) -> Way | None:
        """What it says as a direction cell."""
        return direction.of_cell(self.text)

    @_Once
    def end_of_way(self) -> str:
        """The name of the other end that it states beside a direction: `Inbound from the load balancer`."""
        return flows.of_way(self.text)

    @_Once
    def end_of_ports(self) -> tuple[str, str, str]:
        """What it says in front of an end that it states behind ports, the side, and the name: `TCP 443 from the load balancer`."""
        return flows.of_ports(self.text)

    @_Once
    def arrow(self) -> str | None:
        """The arrow that it holds."""
        return direction.arrow_of(self.text)

    @_Once
    def action(self) -> Action | None:
        """What it says as an action cell."""
        return actions.of_cell(self.text)

    @_Once
    def way_of_action(self) -> Way | None:
        """The direction that it says beside an action: `ALLOW IN`, `Permit (outbound)`."""
        return actions.way_of(self.text)

    @_Once
    def left_of_action(self) -> tuple[str, ...]:
        """The words that are left when it is read as an action cell."""
        return left_over.words_of(self.text, "action")

    @_Once
    def left_of_direction(self) -> tuple[str, ...]:
        """The words that are left when it is read as a direction cell; the other end of the traffic is none of them."""
        return () if self.end_of_way and not self.excepts else left_over.words_of(self.text, "direction")

    @_Once
    def excepts(self) -> bool:
        """Whether it takes back a part of what it names: `Inbound except VPN`."""
        return remarks.excepts(self.text)

    @_Once
    def narrowed(self) -> bool:
        """Whether it takes back or narrows what it names."""
        return remarks.takes_back(self.text)

    @_Once
    def ticked(self) -> bool | None:
        """Whether it ticks its column; None when it neither ticks nor says that it does not."""
        folded = vocabulary.fold(self.text)
        return True if folded in vocabulary.words("tick") else False if folded in vocabulary.words("no_tick") else None

    def icmp(self, keyword: str) -> tuple[Icmp, ...] | None:
        """Return the types that it names beside that ICMP; None when it names something else."""
        return icmp.parse(icmp.without_keyword(self.lines), keyword)


@functools.lru_cache(maxsize=_KEPT)
def _kept(lines: Lines) -> Reading:
    return Reading(lines)


class Cells(dict[Lines, Reading]):
    """The readings of the cells of one page, by the lines of the cell: `cells[cell.lines].ports`."""

    def __init__(self) -> None:
        """Begin a page."""
        super().__init__()
        self._room = _ROOM

    def __missing__(self, lines: Lines) -> Reading:
        """Return the reading of a cell that was not read before. One that is too long to be read is not kept."""
        items = marks.without(lines)
        if items != lines:
            reading = self[items]
        elif len(lines) == 1 and len(lines[0]) <= SHORT:
            reading = _kept(lines)
        else:
            reading = Reading(lines)
        size = len(reading.text)
        if size <= MAX_CELL:
            self._room -= size + _OWN
            if self._room < 0:
                self.clear()
                self._room = _ROOM
            self[lines] = reading
        return reading
