"""Rules as rows of a sheet, for the targets that list them: what stands in the cells, and what the rows say when they are read back."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence

from extract import vocabulary
from extract.cells.limits import shortened
from extract.export.boxes import EVERY_ADDRESS, EVERY_PROTOCOL, EVERY_VALUE, Box, Direction, Entry, Interval, Symbols
from extract.export.flows import ICMP, Flow, number_of
from extract.export.refusals import Refusal, refuse
from extract.export.target import Work
from extract.model import Flat, flat, is_complete
from extract.publish.wording import UNSEEN
from extract.regex import late

Cell = str | int | bool | None

MAX_TEXT = 16_000
"""So many characters of a text are shown: a cell of a sheet holds 32,767 of UTF-16, in which some take two."""
NUMBERS = frozenset({"from_port", "to_port", "icmp_type", "icmp_code", "table", "row", "line"})
"""The columns of numbers. One column for both ports would not do: a sheet takes `1-5` for a date."""
NUMBER = late(r"0|[1-9][0-9]{0,9}")
"""How a number is written."""

# Characters that are invisible or not allowed in XML, and text that a reader or a sheet would decode as such a character (ISO/IEC 29500-1,
# 22.9.2.19 ST_Xstring: `_x0041_`). openpyxl drops each `x005F_` of these.
_HIDDEN = late(rf"[{UNSEEN}\ufffe\uffff]|<(?=U\+[0-9A-F]{{4,6}}>)|_(?=x[0-9A-Fa-f]{{4}}_)|x(?=005F_)")
# A character becomes ten at most.
_CUT = MAX_TEXT // 10
_SHOWN = late(r"<U\+([0-9A-F]{4,6})>")
_HEX = late(r"[0-9a-f]{16}")
_WAYS = {"ingress": Direction.INGRESS, "egress": Direction.EGRESS, None: Direction.UNSTATED}
_KINDS = ("group", "cidr", "host", "role", "any")
_PORTS = ("from_port", "to_port")
_TYPES = ("icmp_type", "icmp_code")
_HIGHEST = dict.fromkeys(_PORTS, 65535) | dict.fromkeys(_TYPES, 255)
_LACKING = ("action", "protocol", "ports")


def shown(text: str) -> str:
    """Return text as a cell shows it, in one line: in place of a character that nobody sees stands its number, `<U+202E>`.

    What is too long is cut, and ends with an ellipsis.
    """
    whole = _in_full(text)
    return whole if len(whole) <= MAX_TEXT else _in_full(shortened(text, _CUT))


def _in_full(text: str) -> str:
    return _HIDDEN.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)


def meant(text: str) -> str:
    """Return the text that a cell shows. ValueError for a cell that `shown` does not give."""
    found = _SHOWN.sub(lambda match: chr(int(match[1], 16)), text)
    if shown(found) != text:
        raise ValueError(f"{text!r} is no text that was written")
    return found


def rows(work: Work) -> list[Flat]:
    """Return the row of each rule, then of each open one, as they are shown."""
    known = {document.id for document in work.documents}
    found = [flat(flow.rule, flow.place) for flow in work.flows]
    for entry in work.unresolved:
        found.append(flat(entry, next((place for place in entry.evidence if place.document in known), None)))
    return [as_shown(row) for row in found]


def as_shown(row: Flat) -> Flat:
    """Return a row with its texts as they are shown."""
    return {name: shown(value) if isinstance(value, str) else value for name, value in row.items()}


def unnameable(flow: Flow) -> Refusal | None:
    """Return why an end of a flow cannot be named in a cell, None when both can."""
    if any(len(_in_full(end.name)) > MAX_TEXT for end in (flow.source, flow.destination)):
        return refuse("name-not-expressible", f"the name of an end has more than {MAX_TEXT} characters")
    return None


def entries(found: Iterable[Mapping[str, Cell]], symbols: Symbols) -> list[Entry]:
    """Return what each row lets through or stops; an open rule lets nothing through and stops nothing. ValueError for no row of `rows`."""
    ids: set[Cell] = set()
    result: list[Entry] = []
    for number, row in enumerate(found, 1):
        try:
            _check(row)
            if row["id"] in ids:
                raise ValueError(f"the id {row['id']!r} stands in two rows")
            ids.add(row["id"])
            result.append(_rule(row, symbols) if row["status"] == "rule" else _open(row))
        except ValueError as error:
            raise ValueError(f"row {number}: {error}") from error
    return result


def _check(row: Mapping[str, Cell]) -> None:
    """Hold a row to what rules and open ones have in common. ValueError says what is wrong."""
    for name, value in row.items():
        _check_value(name, value)
    _one_of(row, "status", "rule", "open")
    _one_of(row, "direction", *_WAYS)
    if any(row[name] is None for name in ("id", "fingerprint", "document")) or not all(row[name] for name in ("table", "row", "line")):
        raise ValueError("it names no row of a document")
    if row["protocol"] is not None:
        _protocol(str(row["protocol"]))
    for side in ("source", "destination"):
        _one_of(row, f"{side}_kind", None, *_KINDS)
        if (row[side] is None) != (row[f"{side}_kind"] is None):
            raise ValueError(f"{side} and its kind belong together")


def _check_value(name: str, value: Cell) -> None:
    """Hold a value to what may stand in its column."""
    wanted = int if name in NUMBERS else bool if name == "complete" else str
    if value is None:
        return
    in_range = type(value) is wanted and (not isinstance(value, int) or 0 <= value <= _HIGHEST.get(name, value))
    if not in_range or (name in ("id", "fingerprint") and not _HEX.fullmatch(str(value))):
        raise ValueError(f"{value!r} is no {name}")
    if isinstance(value, str):
        meant(value)


def _protocol(name: str) -> Interval:
    if name == vocabulary.ANY_PROTOCOL:
        return EVERY_PROTOCOL
    try:
        number = number_of(name)
    except KeyError:
        raise ValueError(f"{name!r} is no protocol") from None
    return number, number


def _one_of(row: Mapping[str, Cell], name: str, *values: Cell) -> None:
    if row[name] not in values:
        raise ValueError(f"{row[name]!r} is no {name}")


def _open(row: Mapping[str, Cell]) -> Entry:
    _one_of(row, "action", None, "allow", "deny")
    _one_of(row, "complete", False)
    missing = str(row["missing"]).split(", ")
    if missing != [name for name in _LACKING if name in missing] or not row["reason"]:
        raise ValueError("it does not say what the open rule lacks")
    lacks = {"action": row["action"] is None, "protocol": row["protocol"] is None}
    if any((name in missing) != lacking for name, lacking in lacks.items()) or ("ports" in missing and row["from_port"] is not None):
        raise ValueError("it states what it says that it lacks")
    return Entry(False, ())


def _rule(row: Mapping[str, Cell], symbols: Symbols) -> Entry:
    _one_of(row, "action", "allow", "deny")
    _one_of(row, "complete", is_complete(row["direction"], row["source"], row["destination"]))
    if row["protocol"] is None or any(row[name] is not None for name in ("missing", "port_text", "reason")):
        raise ValueError("a rule lacks nothing")
    protocol = str(row["protocol"])
    way = int(_WAYS[None if row["direction"] is None else str(row["direction"])])
    interval, value = _protocol(protocol), _value(row)
    return Entry(
        row["action"] == "allow",
        tuple(
            Box((way, way), (family, family), interval, value, source, destination)
            for family in ((ICMP[protocol],) if protocol in ICMP else (4, 6))
            for source in _end(row, "source", family, symbols)
            for destination in _end(row, "destination", family, symbols)
        ),
    )


def _value(row: Mapping[str, Cell]) -> Interval:
    """Return the ports of a row, or type and code of ICMP in one number."""
    ports, types = ([value for name in names if isinstance(value := row[name], int)] for names in (_PORTS, _TYPES))
    if (types or ports) and bool(types) != (row["protocol"] in ICMP):
        raise ValueError("ICMP has a type, and other protocols have ports")
    if ports:
        if len(ports) != len(_PORTS) or ports[0] > ports[1]:
            raise ValueError("its ports are no range")
        return ports[0], ports[1]
    if not types:
        return EVERY_VALUE
    if row["icmp_type"] is None:
        raise ValueError("a code is one of a type")
    first = types[0] * 256
    return (first, first + 255) if len(types) == 1 else (first + types[1], first + types[1])


def _end(row: Mapping[str, Cell], side: str, family: int, symbols: Symbols) -> Sequence[Interval]:
    kind, name = row[f"{side}_kind"], meant(str(row[side] or ""))
    if kind == "any":
        return (EVERY_ADDRESS[family],)
    if kind == "cidr":
        network = ipaddress.ip_network(name)
        return ((int(network.network_address), int(network.broadcast_address)),) if network.version == family else ()
    return (symbols.interval("name:" if kind is None else f"name:{kind} {name}"),)
