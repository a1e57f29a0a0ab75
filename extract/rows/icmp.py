"""Rows about ICMP: what stands for the type and code, whichever cell holds it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from extract import vocabulary
from extract.cells import icmp, ports, protocol
from extract.cells.tokens import clean
from extract.model import Trace, Value
from extract.rows.protocols import word_trace
from extract.rows.traffic_model import Traffic
from extract.rows.view import RowView, context_trace

# Python makes no number of more than some thousand digits; a code has three, and authors may put zeros in front.
_CODE_DIGITS = 9
_ICMP = frozenset({"icmp", "ipv6-icmp"})
_ICMP_OR_ANY = _ICMP | {vocabulary.ANY_PROTOCOL}


class IcmpReader:
    """Reads the ICMP type of one row."""

    def __init__(self, view: RowView) -> None:
        """Take the row."""
        self._view = view

    def keywords(self, cell: ports.PortCell, lines: Sequence[protocol.ProtocolLine]) -> tuple[str, ...]:
        """Return "icmp", "ipv6-icmp" or both when the row is about them alone."""
        stated = dict.fromkeys([word for line in lines for word in line.protocols])
        if not stated.keys() <= _ICMP_OR_ANY:
            return ()
        types = dict.fromkeys(word for value in self._view.values("type") for word in self._view.read(value).protocol.protocols)
        fact = self._view.fact("protocol")
        around = [fact.value] if fact is not None and not stated and not types and not cell.items else []
        stated_all = [word for word in (*stated, *types, *cell.stated, *around) if word != vocabulary.ANY_PROTOCOL]
        if not stated_all and self._view.values("icmp"):
            # The header names the protocol: `ICMP type`.
            around = stated_all = ["ipv6-icmp" if any("6" in value.header for value in self._view.values("icmp")) else "icmp"]
        if not stated_all or not set(stated_all) <= _ICMP:
            return ()
        version = next((line.version for line in lines if line.version), None)
        if version is None:
            version = next(
                (read.version for value in self._view.values("ethertype") if (read := self._view.read(value).protocol).version), None
            )
        if version is not None:
            return (version,)
        # The first that speaks of ICMP counts, with all that it says: `ICMP, ICMPv6`.
        named = ([word for word in words if word in _ICMP] for words in (stated, types, cell.stated, around))
        return tuple(dict.fromkeys(next(words for words in named if words)))

    def read(self, keyword: str, value: Value | None, cell: ports.PortCell, lines: Sequence[protocol.ProtocolLine]) -> list[Traffic]:
        """Return the traffic of an ICMP row: one entry for each type that its cells name."""
        trace = self._keyword_trace(keyword, value, cell, lines)
        candidates = self._candidates(keyword, value, cell)
        for one in candidates:
            read = self._view.read(one).icmp(keyword)
            if read is None:
                if one.text:
                    self._view.find(
                        "port-partly-understood",
                        f"{one.text!r} beside ICMP is no ICMP type; every type would be too much, so the row is under unresolved",
                    )
                    return [Traffic(keyword, port_text=one.text, trace=tuple(trace), problem=f"{one.text!r} is no ICMP type")]
                continue
            code, unread = self._code()
            if unread:
                self._view.find("port-partly-understood", f"the ICMP code {unread!r} was not understood; the row is under unresolved")
                return [Traffic(keyword, port_text=unread, trace=tuple(trace), problem=f"{unread!r} is no ICMP code")]
            return [
                self._icmp_traffic(keyword, replace(entry, code=entry.code if code is None else code), one, tuple(trace)) for entry in read
            ]
        return [Traffic(keyword, trace=tuple(trace))]

    def _candidates(self, keyword: str, value: Value | None, cell: ports.PortCell) -> list[Value]:
        """Return the cells that may name the type, those of the most telling columns alone."""
        candidates: list[Value] = [*self._view.values("icmp")]
        if value is not None and not cell.none and not _names_protocol_alone(cell):
            candidates.append(value)
        return candidates or [
            one
            for one in (*self._view.values("protocol"), *self._view.values("service", "description"))
            if one.text and _names_icmp(self._view.read(one).icmp(keyword))
        ]

    def _keyword_trace(
        self, keyword: str, value: Value | None, cell: ports.PortCell, lines: Sequence[protocol.ProtocolLine]
    ) -> list[Trace]:
        """Return how the row comes to be about ICMP, where no cell has the keyword."""
        trace: list[Trace] = []
        fact = self._view.fact("protocol")
        if fact is not None and fact.value == keyword and not any(line.protocols for line in lines):
            trace.append(context_trace("protocol", fact, keyword))
        stated = [(line.said, line.protocols) for line in lines]
        stated += [(one.text, self._view.read(one).protocol.protocols) for one in self._view.values("type")]
        stated += [(value.text, cell.stated)] if value is not None else []
        named = [(said, words) for said, words in stated if keyword in words]
        versions = [line.said for line in lines if line.version]
        if not versions and not named:
            versions = [one.text for one in self._view.values("ethertype") if self._view.read(one).protocol.version]
        for said in versions:
            why = f"{said} beside an ICMP type means {keyword}"
            trace.append(Trace("protocol", "label", said, keyword, "IP version beside ICMP", why))
        trace.extend(one for said, words in named[:1] for one in word_trace(said, words))
        headers = [one.header for one in self._view.values("icmp")]
        if not trace and not named and headers:
            trace.append(Trace("protocol", "context", headers[0], keyword, "column header", "the header names the protocol"))
        return trace

    def _code(self) -> tuple[int | None, str]:
        """Return the code that stands in a column of its own (None for all or nothing said), and the words that are neither."""
        for value in self._view.values("icmp_code"):
            text = clean(value.text)
            if text.isdigit() and len(text) <= _CODE_DIGITS and int(text) <= icmp.MAX_TYPE:
                return int(text), ""
            if not ports.is_none(text) and text != "-1" and vocabulary.fold(text) not in vocabulary.words("any"):
                return None, value.text
        return None, ""

    @staticmethod
    def _icmp_traffic(keyword: str, entry: icmp.Icmp, value: Value, trace: tuple[Trace, ...]) -> Traffic:
        if entry.type is not None:
            became = f"type {entry.type}" + (f" code {entry.code}" if entry.code is not None else "")
            trace = (*trace, Trace("icmp_type", "label", value.text, became, "ICMP types", f"{value.text} is {keyword} {became}"))
        return Traffic(keyword, icmp_type=entry.type, icmp_code=entry.code, trace=trace)


def _names_protocol_alone(cell: ports.PortCell) -> bool:
    """Return whether a cell for protocol and port says `icmp` and nothing about its type."""
    return bool(cell.protocols) and not cell.items and not cell.unknown and cell.icmp is None


def _names_icmp(read: tuple[icmp.Icmp, ...] | None) -> bool:
    """Return whether a whole cell is the name of an ICMP type (`Ping`, `ICMP Echo Request`)."""
    return read is not None and all(entry.word or entry.type is not None for entry in read)
