"""The value that the readers of a row hand on: protocol and ports of one atomic rule."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from extract.model import Action, Direction, Trace


class Traffic(msgspec.Struct, frozen=True):
    """Protocol and ports of one atomic rule."""

    protocol: str | None
    first: int | None = None
    last: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None
    port_text: str | None = None
    arrow: str | None = None
    trace: tuple[Trace, ...] = ()
    problem: str = ""
    # What is said of the ports and narrows nothing; it is part of the description.
    remark: str = ""
    # The direction that the header of the port column states.
    way: Direction | None = None
    # What the header of the port column does with it.
    action: Action | None = None

    def changed(self, *traces: Trace, **fields: Any) -> Traffic:
        """Return this traffic with other values in some fields, and with the traces of how they came about behind its own."""
        return replace(self, trace=(*self.trace, *traces), **fields)
