"""Rows about ICMP: what stands for the type and code, whichever cell holds it."""

from __future__ import annotations

import re

from extract import vocabulary
from extract.cells import icmp, ports
from extract.cells.protocol import ProtocolCell
from extract.cells.remarks import is_condition
from extract.cells.tokens import clean
from extract.model import Role, Trace, Value
from extract.regex import late
from extract.rows.protocols import word_trace
from extract.rows.traffic_model import Traffic
from extract.rows.view import RowView, context_trace

# Python refuses to parse numbers of several thousand digits. A code has three digits, and authors may write leading zeros.
_CODE_DIGITS = 9
_NUMBERS = late(r"(?<![0-9A-Za-z])[0-9]{1,3}(?![0-9])")
_TYPE = late(r"type", re.IGNORECASE)
_NAME = "icmp"
_ICMP = frozenset({"icmp", "ipv6-icmp"})
_ICMP_OR_ANY = _ICMP | {vocabulary.ANY_PROTOCOL}


class IcmpReader:
    """Reads the ICMP type of one row."""

    def __init__(self, view: RowView) -> None:
        """Take the row."""
        self._view = view

    def keywords(self, value: Value, column: ProtocolCell) -> tuple[str, ...]:
        """Return "icmp", "ipv6-icmp" or both when the row is about them alone.

        `value` is its port cell, `column` what its protocol cells say.
        """
        stated = column.protocols
        if not _ICMP_OR_ANY.issuperset(stated):
            return ()
        cell, fact, types = self._view.read(value).ports, self._view.fact("protocol"), self._view.protocols("type")
        around = (fact.value,) if fact is not None and not (stated or types or cell.items) else ()
        places = (stated, types, cell.stated, around)
        if not all(map(_ICMP_OR_ANY.issuperset, places)):
            return ()
        # The first that speaks of ICMP counts, with all that it says: `ICMP, ICMPv6`.
        named = ([word for word in words if word in _ICMP] for words in places)
        keywords = next(filter(None, named), None) or self._of_header()
        version = next((version for _, version in self._versions(column)), None) if keywords else None
        return (version,) if version else tuple(keywords)

    def _of_header(self) -> list[str]:
        """Return the protocol that the header of a column of types names: `ICMP type`."""
        headers = [value.header for value in self._view.values("icmp")]
        return ["ipv6-icmp" if any("6" in header for header in headers) else "icmp"] if headers else []

    def _versions(self, column: ProtocolCell) -> list[tuple[str, str]]:
        """Return the IP versions that protocol cells name alone, else those of a column of its own: as written, and the ICMP of each."""
        own = [(line.said, line.version) for line in column.lines if line.version]
        return own or [
            (value.text, version) for value in self._view.values("ethertype") if (version := self._view.read(value).protocol.version)
        ]

    def read(self, keyword: str, value: Value, column: ProtocolCell) -> list[Traffic]:
        """Return the traffic of an ICMP row: one entry for each type that its cells name. `value` and `column` as for `keywords`."""
        traffic = Traffic(keyword, trace=self._keyword_trace(keyword, value, column))
        one = self._type_cell(keyword, value)
        if one is None:
            return [traffic]
        entries = self._view.read(one).icmp(keyword)
        if entries is None:
            why = f"{one.text!r} beside ICMP is no ICMP type; every type would be too much"
            self._view.find("port-partly-understood", why)
            return [traffic.changed(port_text=one.text, problem=f"{one.text!r} is no ICMP type")]
        code, unread = self._code()
        if unread:
            self._view.find("port-partly-understood", f"the ICMP code {unread!r} was not understood")
            return [traffic.changed(port_text=unread, problem=f"{unread!r} is no ICMP code")]
        if code is not None and any(entry.type is None for entry in entries):
            why = f"the ICMP code {code} belongs to one type, and the row names no type"
            self._view.find("port-partly-understood", why)
            return [traffic.changed(port_text=str(code), problem=f"the code {code} has no ICMP type")]
        return [_typed(traffic, entry.type, entry.code if code is None else code, one.text) for entry in entries]

    def typed(self, one: Traffic, said: str) -> list[Traffic]:
        """Return ICMP traffic with the types that an entry of a port cell names, one each; empty for other protocols and other words.

        A number counts behind the name of the protocol alone, or by itself: `ICMP (8)`, `8`.
        """
        if one.protocol not in _ICMP or not (said.isdecimal() or vocabulary.fold(said).startswith(_NAME)):
            return []
        read = self._view.read_text(said).icmp(one.protocol)
        return [_typed(one, entry.type, entry.code, said) for entry in read or ()] if _names_icmp(read) else []

    def _type_cell(self, keyword: str, value: Value) -> Value | None:
        """Return the cell that names the type: of a column of types, the port cell, else one that holds the name of a type alone."""
        told = next((one for one in self._view.values("icmp") if not self._view.read(one).none), None)
        if told is not None:
            return told
        cell = self._view.read(value).ports
        every = bool(cell.items) and all(item.any for item in cell.items)
        if not cell.none and not every and not _names_protocol_alone(cell):
            return value
        named = self._named(keyword, "protocol", "type")
        return value if every and named is None else named or self._named(keyword, "service", "description")

    def _named(self, keyword: str, *roles: Role) -> Value | None:
        """Return the first cell of these roles that is the name of a type, and not only its number in a description."""
        described = "description" in roles
        for one in self._view.values(*roles):
            read = self._view.read(one).icmp(keyword) if one.text and not _names_own_number(one.text, keyword) else None
            if read is not None and all(entry.word or (entry.type is not None and not described) for entry in read):
                return one
        return None

    def _keyword_trace(self, keyword: str, value: Value, column: ProtocolCell) -> tuple[Trace, ...]:
        """Return how the row comes to be about ICMP, where no cell has the keyword."""
        trace: list[Trace] = []
        fact = self._view.fact("protocol")
        if fact is not None and fact.value == keyword and not column.protocols:
            trace.append(context_trace("protocol", fact, keyword))
        stated = [(line.said, line.protocols) for line in column.lines]
        stated += [(one.text, self._view.read(one).protocol.protocols) for one in self._view.values("type")]
        stated.append((value.text, self._view.read(value).ports.stated))
        named = next((one for one in stated if keyword in one[1]), None)
        for said, _ in self._versions(column) if named is None or column.version else ():
            why = f"{said} beside an ICMP type means {keyword}"
            trace.append(Trace("protocol", "label", said, keyword, "IP version beside ICMP", why))
        headers = [one.header for one in self._view.values("icmp")]
        if named is not None:
            trace.extend(word_trace(*named))
        elif headers and not trace:
            trace.append(Trace("protocol", "context", headers[0], keyword, "column header", "the header names the protocol"))
        return tuple(trace)

    def _code(self) -> tuple[int | None, str]:
        """Return the code that stands in a column of its own (None for all or nothing said), and the words that are neither."""
        for value in self._view.values("icmp_code"):
            text = clean(value.text)
            if text.isdecimal() and len(text) <= _CODE_DIGITS and int(text) <= icmp.MAX_TYPE:
                return int(text), ""
            if not ports.is_none(text) and text != "-1" and vocabulary.fold(text) not in vocabulary.words("any"):
                return None, value.text
        return None, ""


def _typed(traffic: Traffic, number: int | None, code: int | None, said: str) -> Traffic:
    """Return ICMP traffic of a type and code that a cell says; None stands for all."""
    if number is None:
        return traffic.changed(icmp_code=code)
    became = f"type {number}" + (f" code {code}" if code is not None else "")
    trace = Trace("icmp_type", "label", said, became, "ICMP types", f"{said} is {traffic.protocol} {became}")
    return traffic.changed(trace, icmp_type=number, icmp_code=code)


def _names_protocol_alone(cell: ports.PortCell) -> bool:
    """Return whether a cell for protocol and port says `icmp` and nothing about its type."""
    said = cell.remark and not is_condition(vocabulary.fold(cell.remark))
    return bool(cell.protocols) and not cell.items and not said and cell.icmp is None


def _names_own_number(text: str, keyword: str) -> bool:
    """Return whether the number in a protocol cell is that of the protocol, and no type: `1`, `ICMP (1)`, `58`."""
    numbers = _NUMBERS.findall(text)
    entry = vocabulary.protocol_numbers().get(int(numbers[0])) if len(numbers) == 1 else None
    return entry is not None and entry.keyword == keyword and not _TYPE.search(text)


def _names_icmp(read: tuple[icmp.Icmp, ...] | None) -> bool:
    """Return whether a whole cell is the name of an ICMP type (`Ping`, `ICMP Echo Request`)."""
    return read is not None and all(entry.word or entry.type is not None for entry in read)
