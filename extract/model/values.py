"""Findings, rules, documents: what is published, and the words that it is written in."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "note"]
Concern = Literal["lost", "contradiction", "open", "unread", "doubtful", "other"]
"""What a finding asks, in the order in which people should look: something is not in the data; two statements of the page cannot both hold;
the page leaves something open; a header or an end was not understood; something may be a rule or none; the rest.
"""
Action = Literal["allow", "deny"]
Direction = Literal["ingress", "egress"]
EndSide = Literal["source", "destination"]
EndpointKind = Literal["group", "cidr", "host", "role", "any"]
BlockKind = Literal["title", "heading", "paragraph", "item", "strong", "code", "table"]
Verdict = Literal["rules", "no-rules", "doubtful"]
TableLayout = Literal["rows", "key/value", "matrix"]
ChangeKind = Literal["added", "removed", "changed", "moved"]
Scope = Literal["patch", "item", "cell", "row", "group", "table", "section", "page"]
"""What a statement of a page holds for, from the narrowest to the widest; `group` is the rows below a label inside a table."""
Field = Literal["direction", "protocol", "action", "owner", "component", "source", "destination"]
"""What the surroundings of a row can state. `owner` is the group or host that the rules belong to; `component` is what the heading above
the table names: it owns the rules where their direction is known, and says nothing of it."""
Impact = Literal[
    "opens",
    "widens",
    "replaces",
    "re-routes",
    "closes",
    "narrows",
    "now-stated",
    "no-longer-stated",
    "unresolved",
    "wording",
    "evidence",
]

Role = Literal[
    "port",  # the ports that a rule opens
    "port_from",  # the first port of a range
    "port_to",  # the last port of a range
    "source_port",  # the ports that traffic comes from, which no rule names
    "internal_port",  # the port behind an address translation
    "protocol",
    "type",  # what a console calls a rule, which names a protocol: `Custom TCP Rule`
    "icmp",  # the type of ICMP
    "icmp_code",
    "ethertype",  # the IP version
    "source",
    "destination",
    "near",  # the end that the rules belong to, whichever way traffic goes
    "owner",  # the group that the rule belongs to: the near end, where the row says which way traffic goes
    "far",  # the other end of it
    "address",  # an end of which the header does not say which one
    "end",  # an end by its cells, under a header that nobody knows
    "translated",  # an end or a port in front of an address translation, which no rule names
    "left",  # the end in front of an arrow
    "right",  # the end behind it
    "flow",  # both ends in one cell: `A -> B`
    "direction",
    "action",
    "mark",  # ticks where the protocol or the direction in the header holds
    "description",
    "service",  # the name of a rule or of what listens
    "",  # no word of the header is known
]
"""What a column of a rule table holds."""

FIRST_PORTS: frozenset[Role] = frozenset({"port", "port_from"})
"""Each row has its ports here, or where they begin."""
PORTS: frozenset[Role] = FIRST_PORTS | {"port_to"}
ENDS: frozenset[Role] = frozenset({"source", "destination", "near", "owner", "far", "address", "end"})
"""One end of a flow in each cell, whatever stands beside it."""
SIDES: frozenset[Role] = frozenset({"source", "destination", "left", "right"})
"""One end of a flow, and it is known which one."""
FLOWS: frozenset[Role] = SIDES | {"flow"}
"""What names both ends of a flow, alone or two together."""
ALL_ENDS: frozenset[Role] = ENDS | FLOWS


class Place(msgspec.Struct, frozen=True):
    """A row, table or line of a document; `document` is its path."""

    document: str
    line: int | None
    table: int | None = None
    row: int | None = None
    # As in the evidence of a rule.
    at: str | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Something about the input that a person should know. `code` is an entry of `extract.catalogue`."""

    code: str
    severity: Severity
    message: str
    # The path of the document.
    document: str | None = None
    line: int | None = None
    table: int | None = None
    row: int | None = None
    # The cells of the row as written, white space folded; empty when the finding is about no row.
    cells: dict[str, str] = {}
    # The other places that it is about.
    related: tuple[Place, ...] = ()
    # As in the evidence of a rule.
    at: str | None = None


class Trace(msgspec.Struct, frozen=True):
    """How one value of a rule came about, when it is not simply what its cell says."""

    field: str
    kind: Literal["correction", "label", "context", "alias", "repair", "reading", "patch"]
    # What the page says, as written; empty when the row itself says nothing.
    said: str
    became: str
    # The mechanism or vocabulary entry, stable enough to be searched for.
    by: str
    # In words, for people; where it comes from is in the fields below.
    why: str
    # The id of the document that says so outside of the row; it is None where the row or its header says it, as line and quote are.
    document: str | None = None
    line: int | None = None
    # What stands there, as the page is read: a heading, a caption, a sentence, a group row, a name in full.
    quote: str | None = None
    # As in the evidence of a rule.
    at: str | None = None


class Endpoint(msgspec.Struct, frozen=True):
    """One side of a flow."""

    kind: EndpointKind
    name: str


class Evidence(msgspec.Struct, frozen=True):
    """Where a rule stands in the source: the cells are quoted as written, white space folded."""

    document: str
    table: int
    row: int
    line: int
    cells: dict[str, str]
    # The live page, at the nearest heading above the table where the page gives that heading an id; None when no URL is known.
    url: str | None = None
    # The place in words, where the file has no lines that people count: `sheet Ports, A5`. The line is a number of places then.
    at: str | None = None


def is_complete(direction: object, source: object, destination: object) -> bool:
    """Return whether a rule says enough for a firewall: which way its traffic goes, or both of its ends. None is what is not stated.

    Protocol and ports are not checked, because a rule without them is unresolved. Null ports are complete: the protocol has none, or it
    is `any` and every port is meant. A null ICMP type is every type.
    """
    return direction is not None or (source is not None and destination is not None)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One action x direction x protocol x contiguous port range x source x destination."""

    id: str
    fingerprint: str
    # Follows from other fields, whatever it is given: an unresolved rule never is complete, and has no such field.
    complete: bool = False
    action: Action
    direction: Direction | None
    protocol: str
    from_port: int | None
    to_port: int | None
    icmp_type: int | None
    icmp_code: int | None
    source: Endpoint | None
    destination: Endpoint | None
    description: str
    trace: tuple[Trace, ...]
    evidence: tuple[Evidence, ...]

    def __post_init__(self) -> None:
        """Work out whether the rule is complete; also when it is read from a file, or made of another one."""
        msgspec.structs.force_setattr(self, "complete", is_complete(self.direction, self.source, self.destination))


class Unresolved(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that cannot be applied as it stands, with everything that the page does say."""

    id: str
    fingerprint: str
    action: Action | None
    direction: Direction | None
    protocol: str | None
    from_port: int | None
    to_port: int | None
    icmp_type: int | None
    icmp_code: int | None
    source: Endpoint | None
    destination: Endpoint | None
    description: str
    trace: tuple[Trace, ...]
    evidence: tuple[Evidence, ...]
    # The page's own words where it names no port number.
    port_text: str | None
    missing: tuple[Literal["action", "protocol", "ports"], ...]
    reason: str


Flat = dict[str, str | int | bool | None]
"""A rule as one row of a table: column -> value; None where the page does not state it."""

COLUMNS = (
    "status",
    "action",
    "direction",
    "protocol",
    "from_port",
    "to_port",
    "icmp_type",
    "icmp_code",
    "source_kind",
    "source",
    "destination_kind",
    "destination",
    "description",
    "complete",
    "missing",
    "port_text",
    "reason",
    "document",
    "table",
    "row",
    "line",
    "at",
    "url",
    "id",
    "fingerprint",
)
"""The columns of such a row, in order. `status` is "rule", or "open" for an unresolved rule; what it lacks is in `missing`, by commas.

`at` is the place in words where the file has no lines that people count; then `line` is a running number.
"""


def flat(entry: Rule | Unresolved, place: Evidence | None = None) -> Flat:
    """Return a rule, resolved or not, as one row with `COLUMNS`. Of its places it names one: the one that is given, else the first."""
    where = place if place is not None else entry.evidence[0]
    values: Flat = {name: getattr(entry, name, None) for name in COLUMNS}
    for side in ("source", "destination"):
        end: Endpoint | None = getattr(entry, side)
        values[side], values[f"{side}_kind"] = (end.name, end.kind) if end is not None else (None, None)
    values |= {name: getattr(where, name) for name in ("document", "table", "row", "line", "at", "url")}
    if isinstance(entry, Unresolved):
        return {**values, "status": "open", "complete": False, "missing": ", ".join(entry.missing)}
    return {**values, "status": "rule"}


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One source page. `path` is relative to the folder that was given and uses forward slashes."""

    id: str
    path: str
    sha256: str
    title: str
    vendor: str | None
    product: str | None
    release: str | None
    url: str | None
    # An SPDX identifier or words, as the manifest of sources says.
    licence: str | None = None
    # What it was read as: `html`, `markdown`, `xlsx`. None for what was not read, and in a file of before.
    format: str | None = None

    @property
    def scope(self) -> tuple[str, ...]:
        """What a rule's identity and a name's meaning are bound to: the release of a product, else the folder, which ends in a slash.

        Pages of one folder may be versions of each other, and then their names say so by numbers: `ports-1.2`, `ports-1.3`. A page with a
        number in its name is a scope of its own where nobody says its release.
        """
        if self.product and self.release:
            named = (self.product, self.release)
            return (self.vendor, *named) if self.vendor else named
        folder, _, name = self.id.rpartition("/")
        if any(map(str.isdecimal, name)):
            return (self.id,)
        return (f"{folder or '.'}/",)


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What people know of a document that need not stand in it. Product and release are known together or not at all."""

    vendor: str | None = None
    product: str | None = None
    release: str | None = None
    url: str | None = None
    licence: str | None = None
    title: str | None = None
