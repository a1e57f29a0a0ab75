"""Which column is what: from the words of its header and from what its cells parse as.

A header is a set of concepts ("Destination Port" = destination + port), whatever its language; the cells are a profile of what
they parse as. The header proposes a role, the cells confirm it, or another role is taken and the report says why.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from extract import vocabulary
from extract.model import Cell, Column, Direction
from extract.normalize import direction, endpoint, ports, protocol
from extract.normalize.tokens import clean, tokenize

# Cells looked at per column: the shares are stable long before, and a table of 100,000 rows stays linear.
_SAMPLE = 400
# A cell longer than this is prose and is not parsed as a port cell.
PORT_CELL_CHARS = 160
_CONFIRMED = 0.3
_CERTAIN = 0.8
_CONFIRMED_FLOW = 0.6
_NUMBERED = frozenset({"", "number", "protocol", "service", "type"})
_FREE = frozenset({"", "description", "service", "far", "direction"})
_SIDES = frozenset({"source", "destination", "left", "right"})

_FLOW_CELL = re.compile(
    r"^[^\s<>=-][^<>]*?\s*(?:<?-{1,4}>|<?={1,3}>|(?<=\s)>(?=\s)|[\u2192\u2194\u21d2\u21d4\u27f6\u279c])\s*[^\s<>=-][^<>]*$"
)
# Concepts that say which port (`from port`, `internal port`): the port in their words counts.
_PARTS = frozenset({"start", "end", "internal", "external"})
_TO_CELL = re.compile(r"^\S[^.]*?\s(?:to|nach|vers)\s[^.]*\S$", re.IGNORECASE)
_SHORT_SIDES = frozenset({"to", "from", "de", "da", "von", "nach", "a", "vers", "do"})
_EXACT = frozenset({"dir", "use", "no", "id", "#", "item", "app", "why", "when", "but", "key", "access", "use for"})


class Profile(NamedTuple):
    """What the cells of a column parse as, as shares of its non-empty cells."""

    filled: int
    numeric: float
    # Names a port, with few unknown words.
    transport: float
    # Names IP protocols and nothing else.
    protocol: float
    # Names IP protocols or application labels, whatever else.
    composite: float
    # Names a port and its protocol.
    direction: float
    action: float
    address: float
    arrow: float
    flow: float
    # Names both ends of a flow: `A -> B`, `A to B`.
    arrowed: float
    # Names them with an arrow.
    open: float
    # Leaves a port open, or is "any".
    zone: float


class Header(NamedTuple):
    """A header's text and the concepts that its words name."""

    text: str
    concepts: frozenset[str]
    hint: str | None
    # The one transport that it names.
    way: Direction | None
    # The one direction that it names.


_ZONES = frozenset(
    {
        "internal",
        "external",
        "self",
        "public",
        "private",
        "internet",
        "intranet",
        "lan",
        "wan",
        "dmz",
        "vpn",
        "any",
        "local",
        "remote",
        "all",
        "localhost",
        "loopback",
        "cluster",
    }
)


@functools.lru_cache(maxsize=4096)
def read_header(text: str) -> Header:
    """Return the concepts of a header text."""
    folded = vocabulary.fold(clean(text)).strip(" :*")
    spans: list[tuple[int, int, str]] = []
    for concept, pattern in vocabulary.header_concepts():
        for match in pattern.finditer(folded):
            word = match.group()
            if word in _SHORT_SIDES and not _is_side(folded, word):
                continue
            if word in _EXACT and word != folded and len(folded.split()) > 2:
                continue
            spans.append((*match.span(), concept))
    # A word inside a longer one of another concept does not count: vi `đích` (destination) in `mục đích` (purpose).
    covers = [(a, b) for a, b, concept in spans if concept not in _PARTS]
    found = {concept for start, end, concept in spans if not any(a <= start and end <= b and (a, b) != (start, end) for a, b in covers)}
    transports = dict.fromkeys(word for token in tokenize(clean(text)) if token.kind == "protocol" for word in token.words)
    hint = next(iter(transports)) if len(transports) == 1 and next(iter(transports)) in vocabulary.ported() else None
    stated = direction.of_heading(text)
    return Header(text, frozenset(found), hint, stated if stated in ("ingress", "egress") else None)


def _is_side(folded: str, word: str) -> bool:
    """Return whether a short word (`to`, `from`) is a side and no preposition inside a longer header."""
    words = folded.split()
    return (
        (len(words) <= 2 and words[0] == word)
        or folded in (f"{word} (destination)", f"{word} (source)")
        or re.match(rf"(?:connection|traffic|initiated|access|connect|connects|connecting)\s+{word}\b", folded) is not None
    )


@functools.lru_cache(maxsize=16384)
def _cell_facts(lines: tuple[str, ...]) -> frozenset[str]:
    text = " ".join(lines)
    facts = set()
    if len(text) <= PORT_CELL_CHARS:
        cell = ports.parse(lines)
        words = sum(len(word.split()) for word in cell.unknown)
        if cell.numeric and any(item.first is not None for item in cell.items) and words <= 3:
            facts.add("numeric")
            if cell.stated or any(item.labels for item in cell.items):
                facts.add("composite")
        elif cell.numeric or (
            cell.variable
            and re.search(r"\bdynamic|ephemeral|random|user.defined|varies|configurable|negotiated|<[^>]+>", cell.variable, re.IGNORECASE)
        ):
            facts.add("open")
        if cell.icmp:
            facts.add("open")
    read = protocol.parse(lines)
    if read.protocols or read.labels or read.version:
        facts.add("protocol") if len(read.unknown) <= 3 and not any(line.numbers for line in read.lines) else None
        if read.protocols and not read.unknown and not any(line.numbers or line.said.isdigit() for line in read.lines):
            facts.add("transport")
    if len(text) <= 40:
        if direction.of_cell(text):
            facts.add("direction")
        if direction.arrow_of(text):
            facts.add("arrow")
        if direction.action_of(text) and len(text.split()) <= 3:
            facts.add("action")
    elif direction.arrow_of(text):
        facts.add("arrow")
    if _FLOW_CELL.match(text) or _TO_CELL.match(text):
        facts.add("flow")
        facts.add("arrowed") if _FLOW_CELL.match(text) else None
    found = endpoint.parse(lines)
    if found and all(one.kind in ("cidr", "host") for one in found):
        facts.add("address")
    if found and all(vocabulary.fold(one.name) in _ZONES for one in found):
        facts.add("zone")
    return frozenset(facts)


def profile(cells: Sequence[Cell | None]) -> Profile:
    """Return the profile of a column; a cell that spans rows counts once, "not applicable" not at all."""
    seen: set[int] = set()
    counts: dict[str, int] = {}
    filled = 0
    for cell in cells[:_SAMPLE]:
        if cell is None or id(cell) in seen:
            continue
        seen.add(id(cell))
        if ports.is_none(cell.text) and cell.text not in ("*",):
            continue
        filled += 1
        for fact in _cell_facts(cell.lines):
            counts[fact] = counts.get(fact, 0) + 1
    share = {fact: count / filled for fact, count in counts.items()} if filled else {}
    return Profile(filled, *(share.get(fact, 0.0) for fact in Profile._fields[1:]))


# (concepts that a header must name, concepts that it must not name, role), first match first. Ports are decided before.
_DECISIONS: tuple[tuple[frozenset[str], frozenset[str], str], ...] = tuple(
    (frozenset(needed.split()), frozenset(without.split()), role)
    for needed, without, role in (
        ("icmp", "port", "icmp"),
        ("ethertype", "", "ethertype"),
        ("source destination", "", "flow"),
        ("protocol", "source destination", "protocol"),
        ("direction", "source destination", "direction"),
        ("destination", "", "destination"),
        ("source", "", "source"),
        ("far", "", "far"),
        ("flow", "description service type", "flow"),
        ("type description", "", "description"),
        ("type near", "", "description"),
        ("type address", "", "description"),
        ("type", "", "type"),
        ("action", "", "action"),
        ("description", "", "description"),
        ("near", "service", "near"),
        ("service", "", "service"),
        ("address", "", "address"),
    )
)


def propose(header: Header) -> str:
    """Return the role that the words of a header name, "" when they name none."""
    concepts = header.concepts
    if "port" in concepts and not _describes(header):
        return _port_role(header, "source" in concepts, "destination" in concepts)
    for needed, without, role in _DECISIONS:
        if needed <= concepts and not without & concepts:
            return role
    if header.hint:
        return "port"
    return "number" if "number" in concepts else ""


def _describes(header: Header) -> bool:
    """Return whether the port is what a header's column is about, not what it holds: `Port usage`, `Port description`."""
    folded = vocabulary.fold(header.text).strip(" :*")
    finder = dict(vocabulary.header_concepts())["description"]
    return "description" in header.concepts and any(match.end() == len(folded) and match.start() > 0 for match in finder.finditer(folded))


def _port_role(header: Header, source: bool, destination: bool) -> str:
    concepts = header.concepts
    if "start" in concepts and "end" not in concepts:
        return "port_from"
    if "end" in concepts and "start" not in concepts:
        return "port_to"
    if source and not destination:
        return "source_port"
    if source and destination:
        return "port"
    if "internal" in concepts and "external" not in concepts:
        return "internal_port"
    return "port"


def assign(headers: Sequence[str], body: Sequence[Sequence[Cell | None]]) -> tuple[Column, ...]:
    """Return a role with its reason for every column. `body` holds the data rows, each as wide as `headers`."""
    width = len(headers)
    profiles = [profile([row[index] for row in body]) for index in range(width)]
    read = [read_header(text) for text in headers]
    roles = [propose(header) for header in read]
    whys = [f"header {header.text!r}" if role else "no header word" for header, role in zip(read, roles, strict=True)]
    _find_marks(roles, whys, read, [[row[index] for row in body] for index in range(width)])
    _confirm_sides(roles, whys, profiles)
    _confirm_ports(roles, whys, profiles, read)
    _confirm_protocols(roles, whys, profiles)
    _confirm_others(roles, whys, profiles, read)
    _find_icmp(roles, whys, read, profiles)
    _turn_targets(roles, whys, read)
    _pair_endpoints(roles, whys, read, profiles)
    found = []
    for index, (header, role) in enumerate(zip(read, roles, strict=True)):
        stating = role in ("port", "port_from", "port_to", "mark")
        hint, way = (header.hint, header.way) if stating else (None, None)
        composite = role == "port" and "protocol" not in roles and (profiles[index].composite >= 0.3 or "port" not in header.concepts)
        found.append(Column(index, header.text, role, whys[index], hint, way, composite))
    return tuple(found)


def _find_marks(roles: list[str], whys: list[str], headers: Sequence[Header], cells: Sequence[Sequence[Cell | None]]) -> None:
    """Columns headed `TCP` and `UDP`, or `Inbound` and `Outbound`, whose cells only tick or do not tick."""
    for index, header in enumerate(headers):
        if (header.hint or header.way) and len(header.text.split()) <= 2:
            texts = {vocabulary.fold(cell.text) for cell in cells[index] if cell is not None and cell.text}
            texts = {text for text in texts if not ports.is_none(text) or text in vocabulary.words("words", "tick")}
            if texts and texts <= vocabulary.words("words", "tick") | vocabulary.words("words", "no_tick"):
                roles[index], whys[index] = "mark", whys[index] + "; its cells are ticks"


def _confirm_sides(roles: list[str], whys: list[str], profiles: list[Profile]) -> None:
    """`From | To` over numbers are the ends of a port range; `Source | Destination` over numbers are ports."""
    sides = [
        index
        for index, role in enumerate(roles)
        if role in ("source", "destination") and profiles[index].numeric >= _CERTAIN and profiles[index].address < 0.5
    ]
    if len(sides) != 2 or {roles[index] for index in sides} != {"source", "destination"}:
        return
    worded = any(re.search(r"\b(?:from|von|desde|de|da)\b", whys[index].lower()) for index in sides)
    ranged = worded and all(profiles[index].composite == 0 for index in sides)
    for index in sides:
        source = roles[index] == "source"
        roles[index] = ("port_from" if source else "port_to") if ranged else ("source_port" if source else "port")
        whys[index] += "; its cells are port numbers"


def _confirm_ports(roles: list[str], whys: list[str], profiles: list[Profile], headers: Sequence[Header]) -> None:
    for index, role in enumerate(roles):
        facts = profiles[index]
        if role in ("port", "port_from", "port_to", "internal_port") and facts.filled and facts.numeric + facts.open < _CONFIRMED:
            if facts.transport >= _CERTAIN:
                roles[index], whys[index] = "protocol", whys[index] + ", but its cells are protocols"
            elif facts.protocol < 0.5 or facts.numeric + facts.open == 0:
                roles[index], whys[index] = "not_port", whys[index] + ", but its cells are no ports"
    _prefer_listening(roles, whys, headers)
    starts, ends = roles.count("port_from"), roles.count("port_to")
    if starts != ends:
        for index, role in enumerate(roles):
            if role in ("port_from", "port_to"):
                roles[index] = "port"
    _prefer_external(roles, whys, headers)
    if any(role in ("port", "port_from") for role in roles):
        return
    if roles.count("source_port") == 1 and "destination" not in roles and "port" not in roles:
        return
    candidates = [
        index
        for index, role in enumerate(roles)
        if role not in ("source_port", "internal_port", "not_port", "mark")
        and (
            profiles[index].composite >= 0.5
            or (profiles[index].numeric >= _CERTAIN and role == "description" and "port" in headers[index].concepts)
            or (profiles[index].numeric >= _CERTAIN and role in _NUMBERED and any(p.transport >= _CERTAIN for p in profiles))
        )
    ]
    if len(candidates) == 1 or any(profiles[index].composite >= 0.5 for index in candidates):
        best = max(candidates, key=lambda index: (profiles[index].composite, profiles[index].numeric))
        roles[best], whys[best] = (
            "port",
            whys[best] + "; its cells are ports" + (" with their protocol" if profiles[best].composite >= 0.5 else ""),
        )


def _prefer_listening(roles: list[str], whys: list[str], headers: Sequence[Header]) -> None:
    """`Client port` is the source port beside a `Server port`; beside `Cluster port` or alone it is a port that clients use."""
    if any(role == "port" and header.concepts & {"destination", "near"} for role, header in zip(roles, headers, strict=True)):
        return
    for index, header in enumerate(headers):
        if (
            roles[index] == "source_port"
            and re.search(r"\bclients?\b", vocabulary.fold(header.text))
            and "source" not in vocabulary.fold(header.text)
        ):
            roles[index], whys[index] = "port", whys[index] + "; no other column is the port of a server"


def _prefer_external(roles: list[str], whys: list[str], headers: Sequence[Header]) -> None:
    """Where a table names the port on both sides of an address translation, the outer one is opened."""
    outer = [
        index for index, header in enumerate(headers) if "external" in header.concepts and roles[index] in ("port", "port_from", "port_to")
    ]
    for index, header in enumerate(headers):
        if (
            roles[index] in ("internal_port", "port_from", "port_to", "port")
            and "internal" in header.concepts
            and "external" not in header.concepts
        ):
            if outer:
                roles[index], whys[index] = "source_port", whys[index] + "; the external port beside it is the one that is opened"
            elif roles[index] == "internal_port":
                roles[index] = "port"


def _confirm_protocols(roles: list[str], whys: list[str], profiles: list[Profile]) -> None:
    certain = [
        index
        for index, facts in enumerate(profiles)
        if facts.transport >= _CERTAIN and roles[index] in ("", "number", "protocol", "type", "description", "service", "near", "address")
    ]
    for index, role in enumerate(roles):
        if role != "protocol" or not profiles[index].filled:
            continue
        facts = profiles[index]
        if facts.composite >= 0.5 and "port" not in roles:
            roles[index], whys[index] = "port", whys[index] + "; its cells name protocol and port"
        elif facts.protocol < _CONFIRMED and any(other != index for other in certain):
            roles[index], whys[index] = "description", whys[index] + ", but its cells are no protocols and another column's are"
        elif facts.protocol == 0 and facts.numeric < 0.5 and "port" not in roles:
            roles[index], whys[index] = "description", whys[index] + ", but its cells are no IP protocols"
    if "protocol" not in roles:
        for index in certain:
            if roles[index] in ("", "number", "description", "service"):
                roles[index], whys[index] = "protocol", whys[index] + "; its cells are protocols"
                break


def _confirm_others(roles: list[str], whys: list[str], profiles: list[Profile], headers: Sequence[Header]) -> None:
    for index, role in enumerate(roles):
        facts = profiles[index]
        if role == "direction" and facts.filled and facts.direction + facts.arrow < 0.5 and facts.arrowed < _CONFIRMED_FLOW:
            roles[index], whys[index] = "description", whys[index] + ", but its cells are no directions"
        elif role == "flow" and facts.filled and facts.flow < 0.5:
            sided = {"source", "destination"} <= headers[index].concepts
            roles[index], whys[index] = "far" if sided else "description", whys[index] + ", but its cells do not name two ends"
        elif role == "action" and facts.filled and facts.action < 0.5:
            roles[index], whys[index] = "description", whys[index] + ", but its cells are no actions"
        elif role == "type" and facts.filled and facts.direction >= _CERTAIN and "direction" not in roles:
            roles[index], whys[index] = "direction", whys[index] + "; its cells are directions"
        elif role == "type" and facts.filled and facts.protocol < 0.5:
            roles[index], whys[index] = "description", whys[index] + ", but its cells are no rule types"
        elif role in ("", "service", "number") and facts.filled and facts.direction >= _CERTAIN and "direction" not in roles:
            roles[index], whys[index] = "direction", whys[index] + "; its cells are directions"
        elif (
            role in ("", "description")
            and facts.filled
            and facts.zone >= _CERTAIN
            and not {"source", "far", "flow"} & set(roles)
            and "port" in roles
        ):
            roles[index], whys[index] = "far", whys[index] + "; its cells are network zones"
        elif (
            role in ("", "description", "service", "far", "direction")
            and facts.filled
            and facts.arrowed >= _CONFIRMED_FLOW
            and not _SIDES & set(roles)
        ):
            roles[index], whys[index] = "flow", whys[index] + "; its cells name both ends of a flow"
        elif role == "" and facts.filled and facts.address >= _CERTAIN:
            roles[index], whys[index] = "address", whys[index] + "; its cells are addresses"
        elif role in ("", "number"):
            roles[index] = "description"


def _find_icmp(roles: list[str], whys: list[str], headers: Sequence[Header], profiles: list[Profile]) -> None:
    """`Type | Code` over numbers are those of ICMP; the table must say elsewhere that it is about ICMP."""
    folded = [re.sub(r"^icmp(?:v[46])?\s+", "", vocabulary.fold(header.text)) for header in headers]
    for index, text in enumerate(folded):
        numeric = profiles[index].numeric + profiles[index].open >= 0.5
        if text == "code" and (numeric or "icmp" in headers[index].concepts) and "type" in folded:
            roles[index], whys[index] = "icmp_code", f"header {headers[index].text!r} beside a type"
            roles[folded.index("type")] = "icmp"


def _turn_targets(roles: list[str], whys: list[str], headers: Sequence[Header]) -> None:
    """`Targets` beside a direction or a second destination are what the rule applies to: the near side, whichever way it goes."""
    for index, header in enumerate(headers):
        if roles[index] == "destination" and re.fullmatch(r"targets?(?: tags?)?", vocabulary.fold(header.text)):
            others = [role for other, role in enumerate(roles) if other != index]
            if "direction" in others or "destination" in others or "far" in others:
                roles[index], whys[index] = "near", whys[index] + "; another column tells the way"


def _pair_endpoints(roles: list[str], whys: list[str], headers: Sequence[Header], profiles: list[Profile]) -> None:
    """Two columns whose headers differ in `A`/`B` or `1`/`2` alone, with arrows in the table, are the two ends of a flow."""
    if not any(facts.arrow >= 0.5 for facts in profiles):
        return
    stems: dict[str, list[int]] = {}
    for index, header in enumerate(headers):
        match = re.fullmatch(r"(.+?)[\s_-]*([ab12])", vocabulary.fold(header.text))
        if match:
            stems.setdefault(match[1], []).append(index)
    pair = next((indices for indices in stems.values() if len(indices) == 2), None)
    arrows = [index for index, facts in enumerate(profiles) if facts.arrow >= 0.5]
    if pair is None and roles[arrows[0]] in ("direction", "port") and 0 < arrows[0] < len(roles) - 1:
        left, right = arrows[0] - 1, arrows[0] + 1
        plain = {"description", "service", "near", "far", "address", "source", "destination"}
        if roles[left] in plain and roles[right] in plain and not {"source", "destination"} & {roles[left], roles[right]}:
            pair = [left, right]
    if pair:
        for index, role in zip(pair, ("left", "right"), strict=True):
            roles[index], whys[index] = role, whys[index] + f"; the {role} end of an arrow"
