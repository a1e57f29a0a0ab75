"""Protocol and ports of a row: cells of several columns to atomic (protocol, port range) pairs, each with its trace."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from msgspec.structs import replace

from extract import vocabulary
from extract.cells import ports, protocol
from extract.cells.tokens import MAX_PORT, ungrouped
from extract.model import Trace, Value
from extract.regex import late
from extract.rows.icmp import IcmpReader
from extract.rows.protocols import ProtocolReader
from extract.rows.traffic_model import Traffic
from extract.rows.view import RowView

_RUN = late(r"\d+")

Cells = list[tuple[Value, protocol.ProtocolCell]]


class TrafficReader:
    """Reads the protocol, port and type cells of one row."""

    def __init__(self, view: RowView, protocols: ProtocolReader) -> None:
        """Take the row and the reader of its protocols."""
        self._view = view
        self._protocols = protocols
        self._icmp = IcmpReader(view)
        self._swap: Trace | None = None
        # What the two cells of a range say that was put together from them.
        self._written: dict[Value, str] = {}

    def read(self) -> list[Traffic]:
        """Return the atomic traffic of the row; empty when it states neither a port nor a protocol without ports."""
        port_values = self._port_values()
        protocol_cells = [(value, self._view.read(value).protocol) for value in self._view.values("protocol")]
        port_values, protocol_cells = self._unswap(port_values, protocol_cells)
        found: list[Traffic] = []
        columns: Sequence[Value | None] = port_values or [None]
        for value in columns:
            made = self._of_port_cell(value, protocol_cells)
            stated = value is not None and (value.way or value.action)
            found.extend([replace(one, way=value.way, action=value.action) for one in made] if value is not None and stated else made)
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def _port_values(self) -> list[Value]:
        starts, ends = self._view.values("port_from"), self._view.values("port_to")
        if not starts:
            return list(self._view.values("port"))
        ranges: list[Value] = []
        for start, end in zip(starts, ends, strict=False):
            first, last = self._view.read(start).ports, self._view.read(end).ports
            single = len(first.items) == len(last.items) == 1 and first.items[0].first is not None and last.items[0].last is not None
            if single:
                text = f"{first.items[0].first}-{last.items[0].last}"
                joined = Value((text,), f"{start.header} - {end.header}", start.hint or end.hint)
                self._written[joined] = f"{start.text} - {end.text}"
                ranges.append(joined)
            elif any(item.any for item in first.items):
                ranges.append(Value(("*",), start.header, start.hint or end.hint))
            elif first.numeric and any(item.any for item in last.items):
                # ICMP in two columns: the type, and every code of it.
                joined = Value((f"{start.text} / all",), f"{start.header} - {end.header}", start.hint or end.hint)
                self._written[joined] = f"{start.text} - {end.text}"
                ranges.append(joined)
            else:
                ranges.append(start if first.numeric or last.none else end)
        return [*self._view.values("port"), *ranges]

    def _unswap(self, port_values: list[Value], cells: Cells) -> tuple[list[Value], Cells]:
        """Exchange port and protocol cell where each plainly holds the other's value (`HTTPS | 443` under `Port | Protocol`)."""
        if len(port_values) != 1 or len(cells) != 1:
            return port_values, cells
        (value, read), port_value = cells[0], port_values[0]
        if read.protocols or read.labels:
            return port_values, cells
        as_port, as_protocol = self._view.read(value).ports, self._view.read(port_value).protocol
        swapped = as_port.numeric and not as_port.stated and not as_port.unknown
        if not swapped or as_protocol.none or as_protocol.unknown or not (as_protocol.protocols or as_protocol.labels):
            return port_values, cells
        said = f"{port_value.text} | {value.text}"
        self._swap = Trace(
            "ports",
            "correction",
            said,
            f"{value.text} | {port_value.text}",
            "cells-swapped",
            "the port cell holds a protocol and the protocol cell a port; they were exchanged",
        )
        return [Value(value.lines, port_value.header)], [(Value(port_value.lines, value.header), as_protocol)]

    def _of_port_cell(self, value: Value | None, cells: Cells) -> list[Traffic]:
        cell = self._view.read(value).ports if value is not None else ports.PortCell(none=True)
        lines = [line for _, read in cells for line in read.lines]
        about_icmp = self._icmp.keywords(cell, lines)
        if about_icmp:
            found = [one for keyword in about_icmp for one in self._icmp.read(keyword, value, cell, lines)]
            composed = ((self._swap,) if self._swap is not None else ()) + self._joined_trace(value)
            return [replace(one, trace=(*one.trace, *composed)) for one in found]
        if value is not None and cell.unknown and cell.numeric and not self._view.read(value).end_of_ports[1]:
            self._view.find("port-partly-understood", f"in {value.text!r} these words were not understood: {', '.join(cell.unknown)}")
        paired = self._paired(value, cell, cells)
        items = list(cell.items) or [ports.Item(None, None, "", cell.protocols, cell.labels)]
        found = []
        for item in items:
            if paired is not None:
                found.extend(self._of_item(item, value, cell, [paired[item.line]]))
            else:
                found.extend(self._of_item(item, value, cell, lines))
        return found

    def _paired(self, value: Value | None, cell: ports.PortCell, cells: Cells) -> dict[int, protocol.ProtocolLine] | None:
        """Pair port lines with protocol lines where both cells are lists of the same length."""
        if value is None or len(cells) != 1:
            return None
        lines = list(cells[0][1].lines)
        indices = list(dict.fromkeys(item.line for item in cell.items))
        if len(lines) < 2 or len(indices) != len(lines):
            return None
        return dict(zip(indices, lines, strict=True))

    def _of_item(
        self, item: ports.Item, value: Value | None, cell: ports.PortCell, lines: Sequence[protocol.ProtocolLine]
    ) -> list[Traffic]:
        protocols, trace = self._protocols.read(item, value, lines)
        if self._swap is not None:
            trace = (self._swap, *trace)
        found = []
        for keyword in protocols or (None,):
            one = self._ports(keyword, item, value, cell, trace)
            if one is not None:
                found.append(one)
        without = [word for word in protocols if word in vocabulary.ported() and all(one.protocol != word for one in found)]
        if found and without:
            self._view.find("port-missing", f"this row names no port for {' and '.join(without)}; no rule was made of that")
        return found

    def _ports(
        self, keyword: str | None, item: ports.Item, value: Value | None, cell: ports.PortCell, trace: tuple[Trace, ...]
    ) -> Traffic | None:
        arrow = item.arrow or cell.arrow
        portless = keyword is not None and keyword not in vocabulary.ported()
        if item.first is not None and item.last is not None:
            if portless and keyword != vocabulary.ANY_PROTOCOL:
                numbers = {number for number, entry in vocabulary.protocol_numbers().items() if entry.keyword == keyword}
                if item.first not in numbers:
                    self._view.find("port-partly-understood", f"{keyword} has no ports, but the port cell says {item.said!r}")
                return Traffic(keyword, arrow=arrow, trace=trace)
            if keyword == vocabulary.ANY_PROTOCOL and (item.first, item.last) == (0, 0):
                why = "consoles write 0 where ports do not apply"
                zero = Trace("ports", "reading", item.said, "every port", "port 0 of every protocol", why)
                return Traffic(keyword, arrow=arrow, trace=(*trace, zero))
            if item.problem:
                reason = (
                    f"{item.said!r} is no port: ports end at {MAX_PORT}"
                    if item.problem == "port-out-of-range"
                    else f"the range {item.said!r} ends before it begins"
                )
                self._view.find(item.problem, f"{reason}; the row is under unresolved")
                text = value.text if value else item.said
                return Traffic(keyword, port_text=text, arrow=arrow, trace=(*trace, *self._joined_trace(value)), problem=reason)
            return Traffic(keyword, item.first, item.last, arrow=arrow, trace=(*trace, *self._port_trace(item, value)))
        if item.any and keyword is None and value is not None and value.composite:
            keyword, portless = vocabulary.ANY_PROTOCOL, True
            trace = (*trace, Trace("protocol", "label", item.said, keyword, "any protocol", "the column holds protocol and port together"))
        if item.any or self._every():
            if portless:
                return Traffic(keyword, arrow=arrow, trace=trace)
            said = item.said or next((one.text for one in self._view.values("type", "protocol")), "")
            became = "every port" if keyword is None else f"0-{MAX_PORT}"
            every = Trace("ports", "label", said, became, "any port", "the page says every port")
            if keyword is None:
                return Traffic(keyword, arrow=arrow, trace=(*trace, every)) if item.any else None
            return Traffic(keyword, 0, MAX_PORT, arrow=arrow, trace=(*trace, every))
        if item.said and not portless:
            text = value.text if value is not None and len(cell.items) == 1 else item.said
            if not self._is_rule_without_number(item, keyword):
                return None
            self._view.find("port-not-a-number", f"the page names no port number but {text!r}; the row is under unresolved")
            return Traffic(keyword, port_text=text, arrow=arrow, trace=(*trace, *self._joined_trace(value)))
        return Traffic(keyword, arrow=arrow, trace=trace) if portless else None

    def _is_rule_without_number(self, item: ports.Item, keyword: str | None) -> bool:
        """Words in a port cell are an open port, unless the row says nothing else that a rule would say."""
        return keyword is not None or bool(item.labels) or bool(re.search(r"\w", item.said))

    def _every(self) -> bool:
        """Return whether the type or protocol cell speaks of all of a protocol (`All TCP`) and the port cell adds nothing."""
        return any(self._view.read(value).protocol.every for value in self._view.values("type", "protocol"))

    def _port_trace(self, item: ports.Item, value: Value | None) -> tuple[Trace, ...]:
        became = str(item.first) if item.first == item.last else f"{item.first}-{item.last}"
        if item.said == became and (value is None or became == value.text) and not self._written:
            return ()
        written = self._written.get(value, value.text) if value is not None else item.said
        if vocabulary.fold(item.said) in vocabulary.service_ports() and not re.search(r"\d{2}", item.said):
            return (Trace("ports", "label", item.said, became, "IANA service names", f"{item.said} is registered for port {became}"),)
        if ungrouped(written):
            return (Trace("ports", "reading", written, became, "thousands separator", "the separators belong to the numbers"),)
        if not _numbers(written).issuperset((str(item.first), str(item.last))) and (two := self._joined_trace(value)):
            return two
        if item.last == MAX_PORT and str(MAX_PORT) not in item.said:
            return (Trace("ports", "reading", item.said, became, "open range", f"ports end at {MAX_PORT}"),)
        if item.first == 0 and not re.search(r"\b0\b", item.said):
            return (Trace("ports", "reading", item.said, became, "open range", "ports begin at 0"),)
        if not item.said.isascii() and not all(str(end) in item.said for end in (item.first, item.last)):
            return (Trace("ports", "reading", item.said, became, "digits", "digits of another script"),)
        return ()

    def _joined_trace(self, value: Value | None) -> tuple[Trace, ...]:
        """Return a trace for what was put together from the two cells of a range."""
        if value is None or value not in self._written:
            return ()
        why = "the two cells are the ends of the range"
        return (Trace("ports", "reading", self._written[value], value.text, "range over two columns", why),)


@functools.lru_cache(maxsize=4096)
def _numbers(text: str) -> frozenset[str]:
    """Return the numbers in a text, without leading zeros."""
    return frozenset(run.lstrip("0") or "0" for run in _RUN.findall(text))
