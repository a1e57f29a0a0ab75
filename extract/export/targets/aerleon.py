"""Aerleon: a policy of terms in the order of the rows, and definitions of networks and services, for its generators of many firewalls.

Generators copy names and comments into the languages of firewalls, some without quoting: only letters, digits and a few marks get there.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from extract import vocabulary
from extract.export import flows
from extract.export.bindings import Binding, Network
from extract.export.boxes import EVERY_PROTOCOL, EVERY_VALUE, Box, Direction, Entry, Interval, Symbols
from extract.export.flows import ICMP, End, Flow
from extract.export.refusals import Refusal
from extract.export.refusals import refuse as refusal
from extract.export.target import Files, Options, Work

NAME = "aerleon"
SUMMARY = "a policy for the generators of Aerleon and Capirca, with its networks and services"
LIMITS: Sequence[str] = (
    "Endpoints are networks or everything. With --as, the near endpoint is this machine with nftables, and no other firewall is named.",
    "TCP, UDP and SCTP, ICMP with the types that Aerleon names, and the protocols that it knows: not DCCP, UDP-Lite, EIGRP, IPComp.",
    "The policy names Palo Alto and nftables if they can express the whole filter: TCP, UDP, ICMP without types, every protocol.",
    "Adapt the names of filters and zones (near, far). On a firewall without connection tracking, a filter needs a rule for replies.",
)
NEEDS_BINDINGS = True
ORDERED = True
OPTIONS: tuple[str, ...] = ()
POLICY, NETWORKS, SERVICES = "docrules.pol", "docrules.net", "docrules.svc"

# IANA keyword -> the name in Aerleon, of those that its parser and its generators know (aclgenerator.Term.PROTO_MAP).
_PROTOCOLS = {word: word for word in "tcp udp sctp icmp igmp egp ipv6 rsvp gre esp ah ospf pim vrrp l2tp".split()} | {
    "ipv6-icmp": "icmpv6",
    "ipv4": "ipip",
}
_KEYWORDS = {name: word for word, name in _PROTOCOLS.items()}
_PORTED = ("tcp", "udp", "sctp")
# What every generator that is named in a header can express: the one for nftables overlooks codes of ICMP.
_PLAIN = ("tcp", "udp", "icmp", "ipv6-icmp", vocabulary.ANY_PROTOCOL)
# Names of types, and the codes that may be written with them (policy.Term.ICMP_TYPE and ICMP_CODE).
_TYPES = {
    "icmp": {
        **{0: "echo-reply", 3: "unreachable", 4: "source-quench", 5: "redirect", 6: "alternate-address", 8: "echo-request"},
        **{9: "router-advertisement", 10: "router-solicitation", 11: "time-exceeded", 12: "parameter-problem"},
        **{13: "timestamp-request", 14: "timestamp-reply", 15: "information-request", 16: "information-reply"},
        **{17: "mask-request", 18: "mask-reply", 31: "conversion-error", 32: "mobile-redirect"},
    },
    "ipv6-icmp": {
        **{1: "destination-unreachable", 2: "packet-too-big", 3: "time-exceeded", 4: "parameter-problem"},
        **{128: "echo-request", 129: "echo-reply", 130: "multicast-listener-query", 131: "multicast-listener-report"},
        **{132: "multicast-listener-done", 133: "router-solicit", 134: "router-advertisement", 135: "neighbor-solicit"},
        **{136: "neighbor-advertisement", 137: "redirect-message", 138: "router-renumbering"},
        **{143: "version-2-multicast-listener-report"},
    },
}
_CODES = {
    **{"unreachable": range(16), "redirect": range(4), "time-exceeded": range(2), "destination-unreachable": range(8)},
    **{"parameter-problem": range(4), "router-advertisement": (0, 16), "router-renumbering": (0, 1, 255)},
}
_EVERY = {4: ipaddress.ip_network("0.0.0.0/0"), 6: ipaddress.ip_network("::/0")}
_LAST = "term default-deny {\n  action:: deny\n}\n"
_UNSAFE = re.compile(r"[^A-Za-z0-9.,:/_()-]+", re.ASCII)
_TERM = re.compile(
    r"""term\ R_[0-9a-f]{16}\ \{\n
    \ \ comment::\ "[A-Za-z0-9.,:/_()\ -]*"\n
    (?:\ \ source-address::\ (?P<source>\w+)\n)?
    (?:\ \ destination-address::\ (?P<destination>\w+)\n)?
    (?:\ \ protocol::\ (?P<protocol>\w+)\n)?
    (?:\ \ destination-port::\ (?P<port>\w+)\n)?
    (?:\ \ icmp-type::\ (?P<type>[a-z0-9-]+)\n(?:\ \ icmp-code::\ (?P<code>\d{1,3})\n)?)?
    \ \ action::\ (?P<action>accept|deny)\n
    \}\n""",
    re.VERBOSE | re.ASCII,
)
_MACHINE = re.compile(r"# This machine: (\".*\")\n")
_SERVICE = re.compile(r"((TCP|UDP|SCTP)_[0-9_]+) = (\d{1,5})(?:-(\d{1,5}))?/(tcp|udp|sctp)", re.ASCII)


def end(name: str, binding: Binding | None, *, near: bool) -> End | Refusal | None:
    """Return nothing: an end is the networks that it is bound to."""
    return None


def refuse(flow: Flow) -> Refusal | None:
    """Return why no term can say what a flow is."""
    rule = flow.rule
    if rule.protocol == vocabulary.ANY_PROTOCOL:
        if flows.values(rule) == EVERY_VALUE:
            return None
        return refusal("any-with-ports", "Aerleon limits the ports of TCP, UDP and SCTP, not those of every protocol")
    if rule.protocol not in _PROTOCOLS:
        return refusal("protocol-not-expressible", f"Aerleon knows no protocol {rule.protocol}")
    if rule.icmp_type is not None:
        name = _TYPES[rule.protocol].get(rule.icmp_type, "")
        if not name or (rule.icmp_code is not None and rule.icmp_code not in _CODES.get(name, ())):
            code = "" if rule.icmp_code is None else f" and code {rule.icmp_code}"
            return refusal("icmp-type-unnamed", f"Aerleon has no name for type {rule.icmp_type}{code} of {rule.protocol}")
    if flow.near.kind == "self" and not _is_plain(flow):
        why = "nftables alone knows what this machine is, and that generator of Aerleon cannot express"
        return refusal("protocol-not-expressible", f"{why} {rule.protocol}{'' if rule.icmp_type is None else ' with types'}")
    return None


def _is_plain(flow: Flow) -> bool:
    return flow.rule.protocol in _PLAIN and flow.rule.icmp_type is None


def limit(flows: Sequence[Flow]) -> Mapping[str, Refusal]:
    """Return nothing: a policy takes any number of terms."""
    return {}


class _Header(NamedTuple):
    """What all terms of a filter have in common."""

    direction: Direction
    # Whether the near end is the machine that the filter is for, and terms do not say it.
    itself: bool
    # Whether all generators can express it.
    plain: bool

    @property
    def text(self) -> str:
        way = self.direction.name.lower()
        hook, zones = ("input", "from-zone far to-zone near") if way == "ingress" else ("output", "from-zone near to-zone far")
        targets = [] if self.itself else [f"cisco docrules-{way} mixed", f"juniper docrules-{way} mixed"]
        if self.plain:
            targets += [] if self.itself else [f"paloalto {zones} mixed"]
            targets.append(f"nftables mixed {hook}")
        lines = "".join(f"  target:: {target}\n" for target in targets)
        return f'header {{\n  comment:: "docrules {way}"\n{lines}}}\n'


_HEADERS = [
    _Header(direction, itself, plain)
    for direction in (Direction.INGRESS, Direction.EGRESS)
    for itself in (False, True)
    for plain in (True, False)
    if plain or not itself
]


def implies(flow: Flow, written: Sequence[Flow]) -> bool:
    """Return whether nothing else lets through what a denial stops; here a denial is written."""
    del flow, written
    return False


def blocks(options: Options) -> str:
    """Return what a filter blocks by being there."""
    return "all other traffic that a filter sees, as each ends with a denial; answers too where the firewall keeps no states"


def write(work: Work) -> Files:
    """Return a policy with a filter for each direction, and the definitions of its networks and services."""
    networks: dict[str, tuple[str, Sequence[Network]]] = {}
    services: dict[str, str] = {}
    filters: dict[tuple[str, bool], list[Flow]] = {}
    for flow in work.flows:
        filters.setdefault((str(flow.direction), flow.near.kind == "self"), []).append(flow)
    lines = [f"# Made by docrules of the rules of {_clean(work.options.scope)}\n"]
    lines.append(f"# aclgen --base_directory . --policy_file {POLICY} --definitions_directory . --output_directory .\n")
    if any(itself for _, itself in filters):
        lines.append(f"# This machine: {json.dumps(work.options.machine)}\n")
    for (way, itself), some in sorted(filters.items(), reverse=True):
        lines.append(_Header(Direction[way.upper()], itself, all(map(_is_plain, some))).text)
        lines += [_term(flow, networks, services) for flow in some]
        lines.append(_LAST)
    defined = [f"# {_clean(name)}\n{token} = {_listed(some)}\n" for token, (name, some) in sorted(networks.items())]
    served = [f"{token} = {service}\n" for token, service in sorted(services.items())]
    texts = {POLICY: lines, NETWORKS: defined, SERVICES: served}
    return {name: "".join(text).encode("ascii") for name, text in texts.items()}


def _listed(networks: Iterable[Network]) -> str:
    return "\n  ".join(map(str, networks))


def _clean(text: str) -> str:
    """Return text of a vendor as a few words without any mark that means something to a firewall; accents are left out."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNSAFE.sub(" ", plain).strip()[:100].rstrip()


def _term(flow: Flow, networks: dict[str, tuple[str, Sequence[Network]]], services: dict[str, str]) -> str:
    """Return a term, and add what it refers to."""
    rule = flow.rule
    place = f"{flow.place.document}:{flow.place.table}:{flow.place.row}"
    lines = [f"term R_{rule.fingerprint} {{", f'  comment:: "{_clean(f"{place} {rule.description}")}"']
    for side in ("source", "destination"):
        one: End = getattr(flow, side)
        if one.kind != "self":
            token, some = _network(one, list(flows.families(flow)))
            networks[token] = one.name or "not stated by the page", some
            lines.append(f"  {side}-address:: {token}")
    if rule.protocol != vocabulary.ANY_PROTOCOL:
        lines.append(f"  protocol:: {_PROTOCOLS[rule.protocol]}")
    if rule.protocol in _PORTED:
        # All ports too: without any, the generator for nftables writes what nft does not take of IPv6.
        first, last = flows.values(rule)
        ports = str(first) if first == last else f"{first}-{last}"
        token = f"{rule.protocol.upper()}_{ports.replace('-', '_')}"
        services[token] = f"{ports}/{rule.protocol}"
        lines.append(f"  destination-port:: {token}")
    if rule.icmp_type is not None:
        lines.append(f"  icmp-type:: {_TYPES[rule.protocol][rule.icmp_type]}")
        lines += [] if rule.icmp_code is None else [f"  icmp-code:: {rule.icmp_code}"]
    action = "accept" if rule.action == "allow" else "deny"
    return "\n".join([*lines, f"  action:: {action}", "}\n"])


def _network(one: End, families: Sequence[int]) -> tuple[str, Sequence[Network]]:
    """Return the token of an end, and its networks in the families that the other end and the protocol have too."""
    if one.kind == "anywhere":
        return "_".join(["ANYWHERE", *(f"V{family}" for family in families if len(families) == 1)]), [_EVERY[family] for family in families]
    found: list[Network] = []
    for family in families:
        found += ipaddress.collapse_addresses([network for network in one.networks if network.version == family])  # type: ignore[type-var]
    digest = hashlib.sha256(json.dumps([one.name, *map(str, found)]).encode()).hexdigest()
    return f"N_{digest[:16]}", found


def read(files: Files, symbols: Symbols) -> Sequence[Entry]:
    """Return what the filters let through and stop. Raises ValueError for what is not written here."""
    if set(files) != {POLICY, NETWORKS, SERVICES}:
        raise ValueError(f"the output should be {POLICY}, {NETWORKS} and {SERVICES}, and is {', '.join(files)}")
    networks = _read_networks(files[NETWORKS].decode("ascii"))
    services = _read_services(files[SERVICES].decode("ascii"))
    text = files[POLICY].decode("ascii")
    machine = _MACHINE.search(text)
    itself = symbols.interval(f"self:{json.loads(machine[1])}") if machine else None
    found: list[Entry] = []
    seen: set[Direction] = set()
    position = 0
    while text.startswith("#", position):
        position = text.index("\n", position) + 1
    while position < len(text):
        header = next((one for one in _HEADERS if text.startswith(one.text, position)), None)
        if header is None or header.direction in seen or (header.itself and itself is None):
            raise ValueError(f"no header of a filter at {text[position : position + 60]!r}")
        seen.add(header.direction)
        position += len(header.text)
        while term := _TERM.match(text, position):
            found.append(_read_term(term, header, networks, services, itself))
            position = term.end()
        if not text.startswith(_LAST, position):
            raise ValueError(f"no term at {text[position : position + 60]!r}")
        position += len(_LAST)
    return found


def _read_networks(text: str) -> Mapping[str, Sequence[Network]]:
    found: dict[str, list[Network]] = {}
    last: list[Network] | None = None
    for line in text.splitlines():
        token = re.fullmatch(r"(N_[0-9a-f]{16}|ANYWHERE(?:_V[46])?) = (\S+)", line)
        more = re.fullmatch(r"  (\S+)", line)
        if token and token[1] not in found:
            last = found[token[1]] = [_one_network(token[2])]
        elif more and last is not None:
            last.append(_one_network(more[1]))
        elif not line.startswith("# "):
            raise ValueError(f"{line!r} defines no networks, or again")
    return found


def _one_network(text: str) -> Network:
    if "/" not in text:
        raise ValueError(f"{text!r} is no network")
    return ipaddress.ip_network(text)


def _read_services(text: str) -> Mapping[str, tuple[str, Interval]]:
    found: dict[str, tuple[str, Interval]] = {}
    for line in text.splitlines():
        said = _SERVICE.fullmatch(line)
        if said is None or said[1] in found:
            raise ValueError(f"{line!r} defines no service, or again")
        first, last = int(said[3]), int(said[4] or said[3])
        if not first <= last <= 65535:
            raise ValueError(f"{line!r} has no ports")
        found[said[1]] = said[5], (first, last)
    return found


def _read_term(
    term: re.Match[str],
    header: _Header,
    networks: Mapping[str, Sequence[Network]],
    services: Mapping[str, tuple[str, Interval]],
    itself: Interval | None,
) -> Entry:
    protocol, values = _read_traffic(term, services)
    ends = {}
    for side in ("source", "destination"):
        near = (side == "destination") == (header.direction is Direction.INGRESS)
        token = term[side]
        if (token is None) != (near and header.itself) or (token is not None and token not in networks):
            raise ValueError(f"the {side} {token} of {term[0]!r} is not defined, or should be")
        # The machine itself is of both families; its interval is given whenever a header says so.
        ends[side] = _intervals(networks[token]) if token is not None else [(family, itself or (0, 0)) for family in (4, 6)]
    way = (header.direction, header.direction)
    return Entry(
        term["action"] == "accept",
        tuple(
            Box(way, (family, family), protocol, values, source, destination)
            for family, source in ends["source"]
            for other, destination in ends["destination"]
            if family == other
            if _KEYWORDS.get(term["protocol"] or "", "") not in ICMP or family == ICMP[_KEYWORDS[term["protocol"]]]
        ),
    )


def _intervals(networks: Iterable[Network]) -> Sequence[tuple[int, Interval]]:
    return [(one.version, (int(one.network_address), int(one.broadcast_address))) for one in networks]


def _read_traffic(term: re.Match[str], services: Mapping[str, tuple[str, Interval]]) -> tuple[Interval, Interval]:
    """Return the protocols of a term, and its ports or the type and code of ICMP."""
    said = term["protocol"]
    if said is None:
        if term["port"] or term["type"]:
            raise ValueError(f"{term[0]!r} has no protocol")
        return EVERY_PROTOCOL, EVERY_VALUE
    if said not in _KEYWORDS:
        raise ValueError(f"{said!r} is no protocol")
    number = flows.number_of(_KEYWORDS[said])
    values = EVERY_VALUE
    if term["port"] or said in _PORTED:
        protocol, values = services.get(term["port"], ("", values))
        if protocol != said:
            raise ValueError(f"{term['port']} is no service of {said}")
    if term["type"]:
        types = {name: number for number, name in _TYPES.get(_KEYWORDS[said], {}).items()}
        code = None if term["code"] is None else int(term["code"])
        if term["type"] not in types or (code is not None and code not in _CODES.get(term["type"], ())):
            raise ValueError(f"{term['type']} {code} is nothing that {said} has")
        first = types[term["type"]] * 256
        values = (first, first + 255) if code is None else (first + code, first + code)
    return (number, number), values
