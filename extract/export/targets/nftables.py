"""nftables: one table for `nft -f`, whose loading is atomic and repeatable (nft(8), nftables 1.0)."""

from __future__ import annotations

import hashlib
import ipaddress
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from extract import vocabulary
from extract.cells.limits import shortened
from extract.export.bindings import Binding
from extract.export.boxes import EVERY_ADDRESS, EVERY_PROTOCOL, EVERY_VALUE, Box, Direction, Entry, Interval, Symbols
from extract.export.flows import ICMP, End, Flow, families, number_of
from extract.export.refusals import Refusal
from extract.export.target import Files, Options, Work, unported
from extract.publish.wording import legible

NAME = "nftables"
SUMMARY = "a table for `nft -f`: chains to jump to, or with --base-chain the filter of a machine"
LIMITS = (
    "ports of every protocol at once: refused",
    "host names: refused, because nft would ask a name server when it loads the file",
    "without --base-chain nothing is filtered until a chain of the same table jumps to `ingress` and `egress`",
    "with --base-chain, a direction without rules is not filtered; replies, loopback and IPv6 neighbour discovery are allowed",
    "with --base-chain, use one such table on a machine: traffic that one table drops cannot be allowed by another one",
    "the name of the table contains the scope: the table of an earlier release has another name, and stays loaded until you delete it",
    "a comment in the table holds 128 bytes; the file holds a longer comment above each rule",
)
NEEDS_BINDINGS = True
ORDERED = True
OPTIONS: tuple[str, ...] = ("--base-chain",)

_FILE = "docrules.nft"
_COMMENT = 128
_PLACE = 60
_LINE = 300
# The name of a table holds 255 bytes; people type it.
_TOKEN = 60
_PLAIN = re.compile(r"[a-z0-9./-]{1,200}")
_STRANGE = re.compile(r"[^a-z0-9./-]+")
_MACHINE = "# This machine is "
_CHAINS: tuple[tuple[str, Direction], ...] = (("ingress", Direction.INGRESS), ("egress", Direction.EGRESS))
_FILTERED = "# {}: what no rule lets through is dropped, but replies, loopback and IPv6 neighbour discovery."
_HOOKS = {"ingress": ("input", "iifname"), "egress": ("output", "oifname")}
_FAMILY = {4: ("ipv4", "ip"), 6: ("ipv6", "ip6")}
_PORTED = ("tcp", "udp", "udplite", "sctp", "dccp")
_TYPED = {"icmp": "icmp", "ipv6-icmp": "icmpv6"}


def end(name: str, binding: Binding | None, *, near: bool) -> End | Refusal | None:
    """Return None: ends are networks, and nothing of nftables."""
    del name, binding, near
    return None


def refuse(flow: Flow) -> Refusal | None:
    """Return why nftables cannot express a flow."""
    return unported(flow.rule, _PORTED, NAME)


def limit(flows: Sequence[Flow]) -> Mapping[str, Refusal]:
    """Return nothing: a table has no limit that rules reach."""
    del flows
    return {}


def implies(flow: Flow, written: Sequence[Flow]) -> bool:
    """Return whether nothing else lets through what a denial stops; here a denial is written."""
    del flow, written
    return False


def blocks(options: Options) -> str:
    """Return what the filter of a machine drops by being there; chains to jump to drop what their rules say."""
    dropped = "all other traffic of a direction that rules are about is dropped, but replies, loopback and neighbour discovery"
    return dropped if options.base_chain else ""


def write(work: Work) -> Files:
    """Return one file. Its rules stand in the order of the flows, those of each direction in a chain of their own."""
    table = f"inet {_table(work.options.subject)}"
    lines = [*_head(work, table), "", f"table {table}", f"delete table {table}", "", f"table {table} {{"]
    for index, (chain, way) in enumerate(_CHAINS):
        flows = [flow for flow in work.flows if flow.direction == chain]
        lines += [*([""] if index else []), f"    chain {way.name.lower()} {{"]
        lines += [f"        {line}" for line in _base(chain) if work.options.base_chain and chain in work.directions]
        for flow in flows:
            lines.append(f"        # {_origin(flow)}")
            lines += [f"        {line}" for line in _rules(flow, work.options.scope)]
        lines.append("    }")
    return {_FILE: "\n".join([*lines, "}", ""]).encode()}


def _table(scope: str) -> str:
    """Return a name for a scope: itself where nft takes its signs (nft(8), identifiers), else what is left of it and a digest.

    No two scopes have the same one: a digest stands behind a sign that the other names do not hold.
    """
    if _PLAIN.fullmatch(scope):
        return f"docrules/{scope}"
    token = _STRANGE.sub("-", scope.lower()).strip("-")[:_TOKEN]
    return f"docrules/{token}_{hashlib.sha256(scope.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _head(work: Work, table: str) -> Iterator[str]:
    yield f"# Firewall rules of {_plain(work.options.subject)}, for `nft -f`. Loading the file again replaces its table, and no other one."
    if work.options.base_chain:
        yield from (
            _FILTERED.format(chain) if chain in work.directions else f"# {chain}: not filtered, for no rule is about it."
            for chain in _HOOKS
        )
    else:
        # No chain can be jumped to from another table.
        yield "# Nothing is filtered until a chain of the same table jumps here. Include this file in yours, and go on there as"
        yield "# below. Load your file, and never this one alone: it replaces the table with all chains in it."
        yield f"#     table {table} {{"
        yield "#         chain input {"
        yield "#             type filter hook input priority filter; policy drop;"
        yield "#             ct state established,related accept"
        yield '#             iifname "lo" accept'
        yield "#             ip6 hoplimit 255 icmpv6 type 133-136 accept"
        yield "#             jump ingress"
        yield "#         }"
        yield "#     }"
    for name in sorted({one.name for flow in work.flows for one in (flow.source, flow.destination) if one.kind == "self"}):
        yield f"{_MACHINE}{json.dumps(name)}"


def _base(chain: str) -> Iterator[str]:
    """Yield what makes a chain the filter of a machine. Without neighbour discovery (RFC 4861, types 133 to 136) there is no IPv6."""
    hook, interface = _HOOKS[chain]
    yield f"type filter hook {hook} priority filter; policy drop;"
    yield "ct state established,related accept"
    yield f'{interface} "lo" accept'
    yield "ip6 hoplimit 255 icmpv6 type 133-136 accept"


def _origin(flow: Flow) -> str:
    place, rule = flow.place, flow.rule
    ends = " -> ".join(one.name or "not stated" for one in (flow.source, flow.destination))
    text = f"{place.document}:{place.table}:{place.row}: {ends}" + (f": {rule.description}" if rule.description else "")
    return shortened(_plain(text), _LINE)


def _plain(text: str) -> str:
    """Return vendor text as one line that neither ends the string or comment that it stands in, nor turns what stands beside it around."""
    return legible(" ".join(text.split())).replace('"', "'").replace("\\", "/")


def _comment(flow: Flow, scope: str) -> str:
    """Return the comment of a rule: its fingerprint and where it comes from, in as many bytes as nftables keeps."""
    place = f"{flow.place.document.removeprefix(f'{scope}/')}:{flow.place.table}:{flow.place.row}"
    if len(place) > _PLACE:
        place = f"…{place[1 - _PLACE :]}"
    text = _plain(f"{flow.rule.fingerprint} {place} {flow.rule.description}")
    return text.encode()[:_COMMENT].decode("utf-8", "ignore").rstrip()


def _rules(flow: Flow, scope: str) -> Iterator[str]:
    for family in families(flow):
        word, prefix = _FAMILY[family]
        ends = [_address(one, family, f"{prefix} {side}") for one, side in ((flow.source, "saddr"), (flow.destination, "daddr"))]
        action = "accept" if flow.rule.action == "allow" else "drop"
        parts = (f"meta nfproto {word}", *ends, _traffic(flow), action, f'comment "{_comment(flow, scope)}"')
        yield " ".join(part for part in parts if part)


def _address(one: End, family: int, word: str) -> str:
    """Return what matches an end in a family: nothing where it is this machine, or every address."""
    found = [str(network) for network in _of_family(one, family)]
    if not found or found in (["0.0.0.0/0"], ["::/0"]):
        return ""
    return f"{word} {found[0]}" if len(found) == 1 else f"{word} {{ {', '.join(found)} }}"


def _of_family(one: End, family: int) -> Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return ipaddress.collapse_addresses(network for network in one.networks if network.version == family)  # type: ignore[type-var]


def _traffic(flow: Flow) -> str:
    rule = flow.rule
    if rule.protocol == vocabulary.ANY_PROTOCOL:
        return ""
    if rule.from_port is not None:
        return f"{rule.protocol} dport {rule.from_port}" + (f"-{rule.to_port}" if rule.to_port != rule.from_port else "")
    if rule.protocol in ICMP and rule.icmp_type is not None:
        word = _TYPED[rule.protocol]
        return f"{word} type {rule.icmp_type}" + (f" {word} code {rule.icmp_code}" if rule.icmp_code is not None else "")
    return f"meta l4proto {number_of(rule.protocol)}"


_NUMBER = r"(?:0|[1-9][0-9]{0,4})"
_TABLE = re.compile(r"table (inet docrules/[a-z0-9./_-]+) \{")
_SET = r"[0-9a-f.:/]+|\{ [0-9a-f.:/, ]+ \}"
_RULE = re.compile(
    rf"meta nfproto (?P<family>ipv[46])"
    rf"(?: (?P<source>ip6? saddr (?:{_SET})))?(?: (?P<destination>ip6? daddr (?:{_SET})))?"
    rf"(?: (?:(?P<ported>{'|'.join(_PORTED)}) dport (?P<ports>{_NUMBER}(?:-{_NUMBER})?)|meta l4proto (?P<number>{_NUMBER})"
    rf"|(?P<typed>icmp|icmpv6) type (?P<type>{_NUMBER})(?: (?P=typed) code (?P<code>{_NUMBER}))?))?"
    r' (?P<action>accept|drop) comment "(?P<comment>[^"\\\x00-\x1f\x7f]+)"'
)


def read(files: Files, symbols: Symbols) -> Sequence[Entry]:
    """Return the rules of both chains, in order. ValueError for what `write` does not write."""
    if list(files) != [_FILE]:
        raise ValueError(f"{_FILE} is the only file")
    lines = files[_FILE].decode().split("\n")
    name = _read_machine(lines)
    near = None if name is None else symbols.interval(f"self:{name}")
    # `#` begins a comment here, for no string goes over the end of a line.
    rest = _read_table([line.strip(" ") for line in lines if line.strip(" ") and not line.lstrip(" ").startswith("#")])
    entries: list[Entry] = []
    for chain, way in _CHAINS:
        if rest[:1] != [f"chain {chain} {{"] or "}" not in rest:
            raise ValueError(f"there is no chain {chain}")
        last = rest.index("}")
        body, rest = rest[1:last], rest[last + 1 :]
        base = list(_base(chain)) if _FILTERED.format(chain) in lines else []
        if body[: len(base)] != base:
            raise ValueError(f"the chain {chain} is no filter, and the head says that it is one")
        entries += [_entry(line, way, near) for line in body[len(base) :]]
    if rest != ["}"]:
        raise ValueError("there is more than two chains")
    return entries


def _read_machine(lines: Iterable[str]) -> str | None:
    names = [json.loads(line.removeprefix(_MACHINE)) for line in lines if line.startswith(_MACHINE)]
    if len(names) > 1 or not all(isinstance(name, str) for name in names):
        raise ValueError("there is one machine, and it has a name")
    return names[0] if names else None


def _read_table(lines: Sequence[str]) -> Sequence[str]:
    """Return what stands behind the head of the one table."""
    head = _TABLE.fullmatch(lines[2]) if len(lines) > 2 else None
    if head is None or lines[:2] != [f"table {head[1]}", f"delete table {head[1]}"]:
        raise ValueError("the table is not made anew")
    return lines[3:]


def _entry(line: str, way: Direction, near: Interval | None) -> Entry:
    found = _RULE.fullmatch(line)
    if found is None or len(found["comment"].encode()) > _COMMENT:
        raise ValueError(f"no such rule: {line}")
    family = 4 if found["family"] == "ipv4" else 6
    if found["typed"] and found["typed"] != ("icmp" if family == 4 else "icmpv6"):
        raise ValueError(f"ICMP of the other family: {line}")
    source, destination = _read_address(found["source"], family), _read_address(found["destination"], family)
    if near is not None:
        if (destination if way is Direction.INGRESS else source) is not None:
            raise ValueError(f"this machine has no address here: {line}")
        source, destination = (source, [near]) if way is Direction.INGRESS else ([near], destination)
    every = [EVERY_ADDRESS[family]]
    protocol, value = _read_traffic(found)
    boxes = (Box((way, way), (family, family), protocol, value, one, other) for one in source or every for other in destination or every)
    return Entry(found["action"] == "accept", tuple(boxes))


def _read_address(text: str | None, family: int) -> list[Interval] | None:
    """Return the intervals of an address match. Elements of a set must not overlap, and host bits would be masked in silence."""
    if text is None:
        return None
    word, _, said = text.split(" ", 2)
    networks = [ipaddress.ip_network(one) for one in said.strip("{ }").split(", ")]
    if word != _FAMILY[family][1] or any(network.version != family for network in networks):
        raise ValueError(f"addresses of the other family: {text}")
    found = [(int(network.network_address), int(network.broadcast_address)) for network in networks]
    if any(first <= last for (_, last), (first, _) in itertools.pairwise(sorted(found))):
        raise ValueError(f"elements overlap: {text}")
    return found


def _read_traffic(found: re.Match[str]) -> tuple[Interval, Interval]:
    if found["ported"]:
        number = number_of(found["ported"])
        first, _, last = found["ports"].partition("-")
        return (number, number), _within(int(first), int(last or first), EVERY_VALUE[1])
    if found["typed"]:
        number = 1 if found["typed"] == "icmp" else 58
        kind, _ = _within(int(found["type"]), int(found["type"]), 255)
        if found["code"] is None:
            return (number, number), (kind * 256, kind * 256 + 255)
        code, _ = _within(int(found["code"]), int(found["code"]), 255)
        return (number, number), (kind * 256 + code, kind * 256 + code)
    if found["number"]:
        return _within(int(found["number"]), int(found["number"]), EVERY_PROTOCOL[1]), EVERY_VALUE
    return EVERY_PROTOCOL, EVERY_VALUE


def _within(first: int, last: int, most: int) -> Interval:
    if not first <= last <= most:
        raise ValueError(f"no such interval: {first} to {last}")
    return first, last
