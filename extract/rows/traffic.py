"""Protocol and ports of a row: cells of several columns to atomic (protocol, port range) pairs, each with its trace."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from extract import vocabulary
from extract.cells.port_items import Item
from extract.cells.ports import PortCell
from extract.cells.protocol import ProtocolCell
from extract.cells.tokens import MAX_PORT, ungrouped
from extract.model import Trace, Value
from extract.regex import late
from extract.rows import port_sides
from extract.rows.icmp import IcmpReader
from extract.rows.protocols import ProtocolReader
from extract.rows.traffic_model import Traffic
from extract.rows.view import RowView

_RUN = late(r"\d+")
_EVERY = "*"
_FIRST_PORTS = (0, 1)
# A row without a cell for ports is read as if that cell were empty.
_NO_PORTS = Value(("",), "")
_PROBLEMS = {
    "port-out-of-range": f"{{!r}} is no port: ports end at {MAX_PORT}",
    "range-reversed": "the range {!r} ends before it begins",
}

Values = Sequence[Value]


class TrafficReader:
    """Reads the protocol, port and type cells of one row."""

    def __init__(self, view: RowView, protocols: ProtocolReader) -> None:
        """Take the row and the reader of its protocols."""
        self._view = view
        self._protocols = protocols
        self._icmp = IcmpReader(view)
        # The trace of a port cell that is left out, and of an exchange of the port and the protocol cell.
        self._swap: tuple[Trace, ...] = ()
        # What two cells say that are not the ends of one range.
        self._unreadable: set[str] = set()
        # What the two cells of a range say that was put together from them.
        self._written: dict[Value, str] = {}

    def read(self) -> list[Traffic]:
        """Return the atomic traffic of the row; empty when it states neither a port nor a protocol without ports."""
        ranges = map(self._range, self._view.values("port_from"), self._view.values("port_to"))
        ports, self._swap, unclear = port_sides.choose(self._view, (*self._view.values("port"), *ranges))
        if unclear:
            self._unreadable.add(unclear)
        port_values, protocol_values = self._unswap(ports, self._view.values("protocol"))
        columns = [self._view.read(value).protocol for value in protocol_values]
        found: list[Traffic] = []
        for value in port_values or (_NO_PORTS,):
            made = self._of_port_cell(value, columns)
            found.extend([one.changed(way=value.way, action=value.action) for one in made] if value.way or value.action else made)
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def _range(self, start: Value, end: Value) -> Value:
        """Return one port cell for the two that hold the ends of a range."""
        first, last = self._view.read(start).ports, self._view.read(end).ports
        if first.none or last.none:
            return end if first.none else start
        text = _spanned(first, last)
        if text == _EVERY:
            return Value((text,), start.header, start.hint or end.hint)
        if not text and first.numeric and any(item.any for item in last.items):
            # ICMP in two columns: the type, and every code of it.
            text = f"{start.text} / all"
        elif not text:
            text = f"{start.text} - {end.text}"
            self._unreadable.add(text)
        joined = Value((text,), f"{start.header} - {end.header}", start.hint or end.hint)
        self._written[joined] = f"{start.text} - {end.text}"
        return joined

    def _unswap(self, port_values: Values, protocol_values: Values) -> tuple[Values, Values]:
        """Exchange port and protocol cell where each plainly holds the other's value (`HTTPS | 443` under `Port | Protocol`)."""
        if len(port_values) != 1 or len(protocol_values) != 1:
            return port_values, protocol_values
        port, protocol = port_values[0], protocol_values[0]
        read = self._view.read(protocol).protocol
        if read.protocols or read.labels:
            return port_values, protocol_values
        as_port, as_protocol = self._view.read(protocol).ports, self._view.read(port).protocol
        swapped = as_port.numeric and not as_port.stated and not as_port.strange
        if not swapped or as_protocol.none or as_protocol.unknown or not (as_protocol.protocols or as_protocol.labels):
            return port_values, protocol_values
        said, became = f"{port.text} | {protocol.text}", f"{protocol.text} | {port.text}"
        why = "the port cell holds a protocol and the protocol cell a port; they were exchanged"
        self._swap = (
            *self._swap,
            Trace("ports", "correction", said, became, "cells-swapped", why),
        )
        return [Value(protocol.lines, port.header)], [Value(port.lines, protocol.header)]

    def _of_port_cell(self, value: Value, columns: Sequence[ProtocolCell]) -> list[Traffic]:
        if self._protocols.left_open():
            return self._without_protocol(value)
        column = columns[0] if len(columns) == 1 else ProtocolCell(tuple(line for one in columns for line in one.lines))
        about_icmp = self._icmp.keywords(value, column)
        if about_icmp:
            found = [one for keyword in about_icmp for one in self._icmp.read(keyword, value, column)]
            return [one.changed(*self._swap, *self._joined_trace(value)) for one in found]
        items = self._items(value)
        paired = self._paired(items, columns)
        return [one for item in items for one in self._of_item(item, value, paired.get(item.line, column))]

    def _items(self, value: Value) -> tuple[Item, ...]:
        """Return the ports that a cell names, one without a number where it names none, or what is left open."""
        cell = self._view.read(value).ports
        if value.text in self._unreadable or self._names_other_end(value):
            return (Item(None, None, value.text, cell.stated, words=True),)
        return cell.items or (Item(None, None, "", cell.protocols, cell.labels, remark=cell.remark),)

    def _without_protocol(self, value: Value) -> list[Traffic]:
        """Return the traffic of a port cell in a row whose protocol is left open."""
        made = [one for item in self._items(value) for one in self._with_ports(Traffic(None, remark=item.remark), item, value)]
        return made or [Traffic(None)]

    def _names_other_end(self, value: Value) -> bool:
        """Return whether a port cell names another end than the column of that side: `443 (from the proxy)` beside a source."""
        _, side, name = self._view.read(value).end_of_ports
        placed = self._view.endpoints("source" if side == "source" else "destination") if name else ()
        return bool(placed) and set(placed) != set(self._view.read_text(name).endpoints)

    def _paired(self, items: Sequence[Item], columns: Sequence[ProtocolCell]) -> dict[int, ProtocolCell]:
        """Return the protocol line that belongs to each line of ports, where both cells are lists of the same length."""
        lines = columns[0].lines if len(columns) == 1 else ()
        if len(lines) < 2:
            return {}
        numbers = dict.fromkeys(item.line for item in items)
        return {number: ProtocolCell((line,)) for number, line in zip(numbers, lines, strict=True)} if len(numbers) == len(lines) else {}

    def _of_item(self, item: Item, value: Value, column: ProtocolCell) -> list[Traffic]:
        protocols, trace = self._protocols.read(item, value, column)
        arrow = item.arrow or self._view.read(value).ports.arrow
        found: list[Traffic] = []
        for keyword in protocols or (None,):
            made = Traffic(keyword, arrow=arrow, trace=(*self._swap, *trace, *_remark_trace(item)), remark=item.remark)
            found.extend(self._of_words(made, item, value) if item.words else self._with_ports(made, item, value))
        without = [word for word in protocols if word in vocabulary.ported() and all(one.protocol != word for one in found)]
        if found and without:
            self._view.find("port-missing", f"this row names no port for {' and '.join(without)}, so it states no rule of that")
        return found

    def _of_words(self, one: Traffic, item: Item, value: Value) -> list[Traffic]:
        """Return the traffic of words beside ports: the ICMP types that they name, else what they leave open."""
        typed = self._icmp.typed(one, item.said)
        if typed:
            return typed
        why = f"{item.said!r} was not understood"
        self._view.find("port-partly-understood", why)
        return [one.changed(*self._joined_trace(value), port_text=item.said, problem=why)]

    def _with_ports(self, one: Traffic, item: Item, value: Value) -> list[Traffic]:
        """Return the traffic of a protocol with the ports of an item; nothing when the two say too little for a rule."""
        made = self._numbered(one, item, value) if item.first is not None else self._unnumbered(one, item, value)
        return [] if made is None else [made]

    def _unnumbered(self, one: Traffic, item: Item, value: Value) -> Traffic | None:
        """Return the traffic of a protocol without a number: every port, no port, or one that words leave open."""
        if item.any and one.protocol is None and value.composite:
            keyword, why = vocabulary.ANY_PROTOCOL, "the column holds protocol and port together"
            return one.changed(Trace("protocol", "label", item.said, keyword, "any protocol", why), protocol=keyword)
        if _has_no_ports(one.protocol) and (item.any or not self._is_worded(one, item)):
            return one
        if item.any or (self._every() and not item.said):
            return self._with_every_port(one, item)
        # Words in a port cell are an open port, unless the row says nothing else that a rule would say.
        if not item.said or not (one.protocol is not None or item.labels or re.search(r"\w", item.said)):
            return None
        text = value.text if len(self._view.read(value).ports.items) == 1 else item.said
        self._view.find("port-not-a-number", f"the page names no port number but {text!r}")
        return one.changed(*self._joined_trace(value), port_text=text)

    def _is_worded(self, one: Traffic, item: Item) -> bool:
        """Return whether words in place of ports leave traffic without ports open: not those that speak of ports, `Port of the service`."""
        if one.protocol == vocabulary.ANY_PROTOCOL:
            return bool(item.said)
        return bool(item.said) and not item.protocols and not vocabulary.header_concepts()["port"].search(vocabulary.fold(item.said))

    def _numbered(self, one: Traffic, item: Item, value: Value) -> Traffic:
        """Return the traffic of a protocol with the number or range of an item."""
        if one.protocol == vocabulary.ANY_PROTOCOL:
            if (item.first, item.last) == (0, 0):
                why = "consoles write 0 where ports do not apply"
                return one.changed(Trace("ports", "reading", item.said, "every port", "port 0 of every protocol", why))
        elif _has_no_ports(one.protocol):
            own = {number for number, entry in vocabulary.protocol_numbers().items() if entry.keyword == one.protocol}
            # Consoles write every port where ports do not apply.
            every = item.last == MAX_PORT and item.first in _FIRST_PORTS
            return one if every or item.first in own else self._without_use(one, item, value)
        if item.problem:
            reason = _PROBLEMS[item.problem].format(item.said)
            self._view.find(item.problem, reason)
            return one.changed(*self._joined_trace(value), port_text=value.text, problem=reason)
        return one.changed(*self._port_trace(item, value), first=item.first, last=item.last)

    def _without_use(self, one: Traffic, item: Item, value: Value) -> Traffic:
        """Return the traffic of a protocol without ports beside a number that is not its own: an ICMP type, or what is left open."""
        typed = self._icmp.typed(one, item.said)
        if len(typed) == 1:
            return typed[0]
        why = f"{one.protocol} has no ports, but the port cell says {item.said!r}"
        self._view.find("port-partly-understood", why)
        return one.changed(Trace("ports", "reading", value.text, item.said, "port without use", why), port_text=item.said, problem=why)

    def _with_every_port(self, one: Traffic, item: Item) -> Traffic | None:
        """Return the traffic of a protocol on every port; without a protocol the port cell itself has to say so."""
        said = item.said or next((cell.text for cell in self._view.values("type", "protocol")), "")
        why = "the page says every port"
        if one.protocol is not None:
            return one.changed(Trace("ports", "label", said, f"0-{MAX_PORT}", "any port", why), first=0, last=MAX_PORT)
        return one.changed(Trace("ports", "label", said, "every port", "any port", why)) if item.any else None

    def _every(self) -> bool:
        """Return whether the type or protocol cell speaks of all of a protocol (`All TCP`) and the port cell adds nothing."""
        return any(self._view.read(value).protocol.every for value in self._view.values("type", "protocol"))

    def _port_trace(self, item: Item, value: Value) -> tuple[Trace, ...]:
        became = str(item.first) if item.first == item.last else f"{item.first}-{item.last}"
        written = self._written.get(value, value.text)
        if item.said == became == written:
            return ()
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

    def _joined_trace(self, value: Value) -> tuple[Trace, ...]:
        """Return a trace for what was put together from the two cells of a range."""
        if value not in self._written:
            return ()
        why = "the two cells are the ends of the range"
        return (Trace("ports", "reading", self._written[value], value.text, "range over two columns", why),)


def _spanned(first: PortCell, last: PortCell) -> str:
    """Return the range between two cells of one port each, `*` for two that say every port, and nothing for any others."""
    if len(first.items) != 1 or len(last.items) != 1:
        return ""
    start, end = first.items[0], last.items[0]
    if start.any and end.any:
        return _EVERY
    single = start.first is not None and start.first == start.last and end.first is not None and end.first == end.last
    return f"{start.first}-{end.first}" if single else ""


def _remark_trace(item: Item) -> tuple[Trace, ...]:
    """Return a trace for what is said of ports and narrows nothing: it is part of the description."""
    why = "the words beside the ports narrow nothing"
    return (Trace("description", "reading", item.remark, item.remark, "remark in a port cell", why),) if item.remark else ()


def _has_no_ports(keyword: str | None) -> bool:
    return keyword is not None and keyword not in vocabulary.ported()


@functools.lru_cache(maxsize=4096)
def _numbers(text: str) -> frozenset[str]:
    """Return the numbers in a text, without leading zeros."""
    return frozenset(run.lstrip("0") or "0" for run in _RUN.findall(text))
